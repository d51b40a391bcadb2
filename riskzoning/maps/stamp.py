"""One page laid over many: what is the same on every sheet is drawn once as vectors and goes into each PDF as it is.

Only files that matplotlib has written are read: objects one after the other, a table of their places at the end. What
is added stands behind the end of the file, as the format provides for later changes (ISO 32000-1, 7.5.6).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO

from matplotlib.figure import Figure

_REFERENCE = re.compile(rb"\b(\d+) 0 R\b")
_NAME = b"/Surroundings"


@dataclass(frozen=True)
class VectorPage:
    """A drawn page as the objects of a PDF: heads and streams by number, and which of them is its page."""

    objects: dict[int, tuple[bytes, bytes]]
    page: int

    def field(self, number: int, key: bytes) -> int:
        """The number that an entry of an object points to."""
        matched = re.search(key + rb" (\d+) 0 R", self.objects[number][0])
        assert matched is not None
        return int(matched.group(1))

    @property
    def box(self) -> bytes:
        """Its paper, as in the file."""
        matched = re.search(rb"/MediaBox (\[[^\]]*\])", self.objects[self.page][0])
        assert matched is not None
        return matched.group(1)


def pdf_bytes(figure: Figure) -> bytes:
    """A figure as a PDF without a clock: the same drawing gives the same bytes."""
    buffer = BytesIO()
    figure.savefig(buffer, format="pdf", metadata={"CreationDate": None})
    return buffer.getvalue()


def vector_page(pdf: bytes) -> VectorPage:
    """Take apart a PDF of one page that matplotlib has written."""
    starts = sorted(_places(pdf))
    objects = {}
    for begin, end in zip(starts, [*starts[1:], pdf.rindex(b"xref\n0 ")], strict=True):
        number, _, body = pdf[begin:end].partition(b" 0 obj\n")
        head, mark, stream = body.partition(b"stream\n")
        objects[int(number)] = (head, mark + stream)
    page = next(number for number, (head, _) in objects.items() if re.search(rb"/Type /Page\b", head))
    return VectorPage(objects, page)


def _places(pdf: bytes) -> list[int]:
    table = int(pdf[pdf.rindex(b"startxref") :].split()[1])
    rows = pdf[table : pdf.rindex(b"trailer")].splitlines()[2:]
    return [int(row[:10]) for row in rows if row.endswith((b"n", b"n "))]


def stamped(pdf: bytes, over: VectorPage) -> bytes:
    """A PDF of one page with the drawing of another laid over it; both are searchable and nothing is drawn again."""
    under = vector_page(pdf)
    first = max(under.objects)
    added = {
        number + first: (_renumbered(head, first), stream)
        for number, (head, stream) in over.objects.items()
        if number != over.page
    }
    content = over.field(over.page, b"/Contents") + first
    resources = over.field(over.page, b"/Resources") + first
    head, stream = added[content]
    form = b"<< /Type /XObject /Subtype /Form /BBox %s /Resources %d 0 R" % (over.box, resources)
    added[content] = (head.replace(b"<<", form, 1), stream)
    painting = over.page + first
    words = b"q %s Do Q" % _NAME
    added[painting] = (b"<< /Length %d >>\n" % len(words), b"stream\n" + words + b"\nendstream\nendobj\n")
    page_head, _ = under.objects[under.page]
    contents = under.field(under.page, b"/Contents")
    one, both = b"/Contents %d 0 R" % contents, b"/Contents [ %d 0 R %d 0 R ]" % (contents, painting)
    added[under.page] = (page_head.replace(one, both), b"")
    pictures = under.field(under.field(under.page, b"/Resources"), b"/XObject")
    names = under.objects[pictures][0].replace(b"<<", b"<< %s %d 0 R" % (_NAME, content), 1)
    added[pictures] = (names, b"")
    return _appended(pdf, added)


def _renumbered(head: bytes, first: int) -> bytes:
    return _REFERENCE.sub(lambda matched: b"%d 0 R" % (int(matched.group(1)) + first), head)


def _appended(pdf: bytes, objects: dict[int, tuple[bytes, bytes]]) -> bytes:
    """The file with objects behind its end, those that are there already in a new version."""
    parts, rows, at = [pdf], [], len(pdf)
    for number in sorted(objects):
        head, stream = objects[number]
        text = b"%d 0 obj\n" % number + head + stream
        rows.append(b"%d 1\n%010d 00000 n \n" % (number, at))
        parts.append(text)
        at += len(text)
    trailer = pdf[pdf.rindex(b"trailer") : pdf.rindex(b"startxref")]
    before = int(pdf[pdf.rindex(b"startxref") :].split()[1])
    trailer = re.sub(rb"/Size \d+", b"/Size %d /Prev %d" % (max(objects) + 1, before), trailer)
    return b"".join([*parts, b"xref\n", *rows, trailer, b"startxref\n%d\n%%%%EOF\n" % at])
