"""The atlas (图集): printed sheets bound into one PDF with bookmarks; what all of them share is kept once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from riskzoning.io import atomic


@dataclass(frozen=True)
class Leaf:
    """A page of the atlas: its title, the chapter that it is in, and its file or its number among those drawn."""

    title: str
    chapter: str
    source: Path | int


def bind(leaves: Sequence[Leaf], drawn: bytes, path: Path, *, title: str, lang: str) -> None:
    """Write the pages in their order, each with a bookmark below that of its chapter.

    ``drawn`` is a PDF with the pages that a leaf names by number. Sheets go in as they were printed.
    """
    # Loaded when an atlas is bound: no other command pays for it.
    import pikepdf

    book = pikepdf.new()
    shared: dict[str, Any] = {}
    with pikepdf.open(BytesIO(drawn)) as own:
        for leaf in leaves:
            if isinstance(leaf.source, int):
                book.pages.append(own.pages[leaf.source])
                continue
            with pikepdf.open(leaf.source) as sheet:
                book.pages.append(sheet.pages[0])
            _kept_once(book.pages[-1], shared)
    _bookmarks(book, leaves)
    book.Root.PageMode = pikepdf.Name.UseOutlines
    book.Root.Lang = pikepdf.String("zh-CN" if lang == "zh" else "en")
    book.docinfo["/Title"] = title
    book.docinfo["/Producer"] = "riskzoning"
    with atomic(path) as partial:
        # Without a clock: the same sheets give the same bytes.
        book.save(partial, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def _kept_once(page: Any, shared: dict[str, Any]) -> None:
    """Lines, names and relief are on every sheet of a city: the first sheet that brings them keeps them for all."""
    pictures = page.Resources.get("/XObject", {})
    for name, item in list(pictures.items()):
        key = hashlib.sha256(item.read_raw_bytes()).hexdigest()
        if key in shared:
            pictures[name] = shared[key]
        else:
            shared[key] = item


def _bookmarks(book: Any, leaves: Sequence[Leaf]) -> None:
    from pikepdf import OutlineItem

    chapters: dict[str, Any] = {}
    with book.open_outline() as outline:
        for number, leaf in enumerate(leaves):
            entry = OutlineItem(leaf.title, number, "Fit")
            if not leaf.chapter:
                outline.root.append(entry)
                continue
            if leaf.chapter not in chapters:
                chapters[leaf.chapter] = OutlineItem(leaf.chapter, number, "Fit")
                outline.root.append(chapters[leaf.chapter])
            chapters[leaf.chapter].children.append(entry)
