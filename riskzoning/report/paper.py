"""A Word document that grows from top to bottom: headings, text, tables, pictures; the same content, the same bytes."""

from __future__ import annotations

import datetime
import io as streams
import re
import zipfile
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor

from riskzoning.io import atomic
from riskzoning.report.shading import Shaded, is_dark

# Fonts by language: those that a bureau's computers have; Word falls back to what is there.
_BODY = {"zh": ("Times New Roman", "宋体"), "en": ("Calibri", "宋体")}
_HEAD = {"zh": ("Arial", "黑体"), "en": ("Calibri", "黑体")}
_INK, _SHADE, _LINE = "1F3864", "DCE6F1", "9AA5B1"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# A4, with what its margins leave (cm).
_PAPER, _MARGIN = (21.0, 29.7), 2.3
WIDTH = _PAPER[0] - 2 * _MARGIN
PAGE = "{page}"
_TOGETHER = 16
_TIGHT = '<w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="auto"/>'


class Paper:
    """The document; ``lang`` decides its fonts, ``PAGE`` in the footer stands for the number of the page."""

    def __init__(self, lang: str, *, header: str, footer: str) -> None:
        self.lang = lang
        self.document: Any = Document()
        self._numbers = [0, 0]
        self._captions = {"table": 0, "figure": 0}
        self.headings: list[tuple[int, str, str]] = []
        self._body = self.document.element.body
        self._styles()
        self._page(header, footer)

    def _styles(self) -> None:
        styles = self.document.styles
        sizes = {"Normal": 10.5, "Title": 26, "Heading 1": 16, "Heading 2": 13, "Caption": 9.5, "List Bullet": 10.5}
        for name, size in sizes.items():
            style = styles[name]
            latin, east = (_BODY if name in ("Normal", "List Bullet") else _HEAD)[self.lang]
            style.font.name, style.font.size = latin, Pt(size)
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for kind in [key for key in fonts.attrib if key.endswith("Theme")]:
                del fonts.attrib[kind]
            fonts.set(qn("w:ascii"), latin), fonts.set(qn("w:hAnsi"), latin), fonts.set(qn("w:eastAsia"), east)
            style.font.color.rgb = RGBColor.from_string("222222" if name in ("Normal", "List Bullet") else _INK)
            style.font.italic = False
        normal = styles["Normal"].paragraph_format
        normal.space_after, normal.line_spacing = Pt(6), 1.25
        for name, before in (("Heading 1", 18), ("Heading 2", 12)):
            styles[name].paragraph_format.space_before = Pt(before)
            styles[name].paragraph_format.space_after = Pt(6)
            styles[name].paragraph_format.keep_with_next = True
        styles["Caption"].paragraph_format.keep_with_next = True
        styles["Caption"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER

    def _page(self, header: str, footer: str) -> None:
        section = self.document.sections[0]
        section.orientation = WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Cm(_PAPER[0]), Cm(_PAPER[1])
        section.left_margin = section.right_margin = Cm(_MARGIN)
        section.top_margin, section.bottom_margin = Cm(2.4), Cm(2.2)
        # The cover has neither.
        section.different_first_page_header_footer = True
        self._small(section.header.paragraphs[0], header)
        line = section.footer.paragraphs[0]
        before, _, after = footer.partition(PAGE)
        self._small(line, before)
        line._p.append(_field("PAGE", "1"))
        self._small(line, after)

    def _small(self, paragraph: Any, text: str) -> None:
        run = paragraph.add_run(_clean(text))
        run.font.size, run.font.color.rgb = Pt(8.5), RGBColor.from_string("666666")
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER

    # ---- content ----
    def heading(self, text: str, level: int = 1, *, numbered: bool = True, new_page: bool | None = None) -> None:
        """A heading with its number; chapters begin on a page of their own."""
        if numbered:
            self._numbers[level - 1] += 1
            if level == 1:
                self._numbers[1] = 0
            text = f"{'.'.join(str(number) for number in self._numbers[:level])} {text}"
        mark = f"h{len(self.headings) + 1}"
        paragraph = self.document.add_heading(_clean(text), level)
        paragraph.paragraph_format.page_break_before = level == 1 if new_page is None else new_page
        start, end = _bookmark(len(self.headings) + 1, mark)
        paragraph._p.insert(1, start)
        paragraph._p.append(end)
        self.headings.append((level, text, mark))

    def text(self, text: str, *, style: str | None = None, bold: bool = False, faint: bool = False) -> Any:
        """A paragraph."""
        paragraph = self.document.add_paragraph(style=style)
        run = paragraph.add_run(_clean(text))
        run.bold = bold or None
        if faint:
            run.font.size, run.font.color.rgb = Pt(9), RGBColor.from_string("555555")
        return paragraph

    def bullets(self, lines: Sequence[str], *, small: bool = False) -> None:
        """A list."""
        for line in lines:
            self.text(line, style="List Bullet", faint=small).paragraph_format.space_after = Pt(2)

    def table(
        self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str | Shaded]],
        *, widths: Sequence[float] | None = None, left: int = 1,
    ) -> None:  # fmt: skip
        """A table with its caption above; its heading is on every page; ``left`` columns of text."""
        self._captions["table"] += 1
        self._caption("table", title)
        shares = [1.0] * len(columns) if widths is None else list(widths)
        wide = [share / sum(shares) * WIDTH for share in shares]
        # A short table stays on one page.
        whole = len(rows) <= _TOGETHER
        head = _row(columns, wide, heading=True, left=left, kept=True)
        body = "".join(
            _row(row, wide, heading=False, left=left, kept=whole and at < len(rows))
            for at, row in enumerate(rows, start=1)
        )
        grid = "".join(f'<w:gridCol w:w="{round(width * 567)}"/>' for width in wide)
        borders = "".join(
            f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="{_LINE}"/>'
            for side in ("top", "left", "bottom", "right", "insideH", "insideV")
        )
        table = (
            f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{round(WIDTH * 567)}" w:type="dxa"/><w:jc w:val="center"/>'
            f'<w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/>'
            '<w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid>{head}{body}</w:tbl>"
        )
        self._body.insert(len(self._body) - 1, parse_xml(table))
        # Word joins tables that follow each other directly; a low line, so that none falls on an empty page.
        between = self.document.add_paragraph().paragraph_format
        between.space_after, between.line_spacing = Pt(0), Pt(8)

    def picture(self, image: bytes, title: str, *, width: float = WIDTH) -> None:
        """A picture with its caption below."""
        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        shape = paragraph.add_run().add_picture(streams.BytesIO(image), width=Cm(width))
        shape._inline.docPr.set("descr", _clean(title))
        self._captions["figure"] += 1
        self._caption("figure", title)

    def _caption(self, kind: str, title: str) -> None:
        word = {"zh": {"table": "表", "figure": "图"}, "en": {"table": "Table ", "figure": "Figure "}}[self.lang][kind]
        paragraph = self.document.add_paragraph(f"{word}{self._captions[kind]}  {_clean(title)}", style="Caption")
        paragraph.paragraph_format.keep_with_next = kind == "table"

    def centred(self, text: str, *, size: float, before: float = 0, bold: bool = False, colour: str = "222222") -> None:
        """A line in the middle, as on a cover."""
        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.space_before = Pt(before)
        run = paragraph.add_run(_clean(text))
        run.bold, run.font.size, run.font.color.rgb = bold, Pt(size), RGBColor.from_string(colour)
        latin, east = _HEAD[self.lang]
        run.font.name = latin
        run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), east)

    def contents(self, title: str, before: str) -> None:
        """The list of headings with their pages, put before the heading with that bookmark."""
        place = next(
            item
            for item in self._body
            if item.find(f".//{qn('w:bookmarkStart')}[@{qn('w:name')}='{before}']") is not None
        )
        at = self._body.index(place)
        head = self.document.add_paragraph(_clean(title), style="Heading 1")
        head.paragraph_format.page_break_before = True
        lines = [head._p, *(parse_xml(_contents_line(*entry)) for entry in self.headings)]
        for offset, line in enumerate(lines):
            self._body.insert(at + offset, line)

    # ---- file ----
    def save(self, path: Path, *, title: str, date: str) -> None:
        """Write the document without a clock."""
        when = datetime.datetime.fromisoformat(date) if date else datetime.datetime(2000, 1, 1)
        core = self.document.core_properties
        core.title, core.author, core.last_modified_by, core.comments = title, "riskzoning", "riskzoning", ""
        core.created = core.modified = when
        core.revision = 1
        buffer = streams.BytesIO()
        self.document.save(buffer)
        stamp = (max(when.year, 1980), when.month, when.day, 0, 0, 0)
        with zipfile.ZipFile(buffer) as source, atomic(path) as partial, zipfile.ZipFile(partial, "w") as target:
            for name in source.namelist():
                packed = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
                target.writestr(zipfile.ZipInfo(name, stamp), source.read(name), packed)


def _clean(text: str) -> str:
    """Text without signs that a document cannot hold."""
    return _CONTROL.sub("", text)


def _row(cells: Sequence[str | Shaded], wide: Sequence[float], *, heading: bool, left: int, kept: bool) -> str:
    keep = "<w:keepNext/>" if kept else ""
    parts = []
    for at, (value, width) in enumerate(zip(cells, wide, strict=True)):
        text, colour = (value.text, value.colour) if isinstance(value, Shaded) else (str(value), "")
        fill = _SHADE if heading else colour.lstrip("#")
        shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
        side = "center" if heading or isinstance(value, Shaded) else "left" if at < left else "right"
        ink = "FFFFFF" if is_dark(fill) else "222222"
        bold = "<w:b/>" if heading else ""
        lines = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(part)}</w:t>' for part in _clean(text).split("\n"))
        parts.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{round(width * 567)}" w:type="dxa"/>{shade}<w:vAlign w:val="center"/></w:tcPr>'
            f'<w:p><w:pPr>{keep}{_TIGHT}<w:jc w:val="{side}"/>'
            f'</w:pPr><w:r><w:rPr>{bold}<w:color w:val="{ink}"/><w:sz w:val="17"/></w:rPr>{lines}</w:r></w:p></w:tc>'
        )
    repeated = "<w:tblHeader/>" if heading else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{''.join(parts)}</w:tr>"


def _field(code: str, shown: str) -> Any:
    return parse_xml(
        f'<w:fldSimple {nsdecls("w")} w:instr="{code}"><w:r><w:rPr><w:sz w:val="17"/><w:color w:val="666666"/></w:rPr>'
        f"<w:t>{shown}</w:t></w:r></w:fldSimple>"
    )


def _bookmark(number: int, name: str) -> tuple[Any, Any]:
    start = parse_xml(f'<w:bookmarkStart {nsdecls("w")} w:id="{number}" w:name="{name}"/>')
    return start, parse_xml(f'<w:bookmarkEnd {nsdecls("w")} w:id="{number}"/>')


def _contents_line(level: int, text: str, mark: str) -> str:
    indent, bold = (0, "<w:b/>") if level == 1 else (420, "")
    stop = f'<w:tab w:val="right" w:leader="dot" w:pos="{round(WIDTH * 567)}"/>'
    title = f'<w:r><w:rPr>{bold}</w:rPr><w:t xml:space="preserve">{escape(_clean(text))}</w:t></w:r>'
    page = (
        '<w:r><w:fldChar w:fldCharType="begin" w:dirty="true"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> PAGEREF {mark} \\h </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t> </w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    return (
        f'<w:p {nsdecls("w")}><w:pPr><w:tabs>{stop}</w:tabs><w:spacing w:after="40"/><w:ind w:left="{indent}"/></w:pPr>'
        f'<w:hyperlink w:anchor="{mark}">{title}<w:r><w:tab/></w:r></w:hyperlink>{page}</w:p>'
    )
