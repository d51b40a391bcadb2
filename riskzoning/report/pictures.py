"""The printed maps of a run, small enough for a report."""

from __future__ import annotations

import io as streams
from pathlib import Path

from PIL import Image

from riskzoning.names import Index

# Pixels across: 250 an inch on the width of the text.
_WIDE = 1650


class Pictures:
    """Maps of a folder by their index; ``folder`` None or without maps gives none."""

    def __init__(self, folder: Path | None, code: str, levels: tuple[str, ...]) -> None:
        self._folder, self._code = folder, code
        # The finest units are what a report shows; the grid where there are none.
        self._places = (*reversed(levels), "grid")

    def of(self, index: Index) -> bytes | None:
        """The map of an index as a small PNG."""
        if self._folder is None:
            return None
        for place in self._places:
            path = self._folder / f"{self._code}_{index.stem}_{place}.png"
            if path.is_file():
                return small(path)
        return None


def small(path: Path) -> bytes:
    """A picture of at most the pixels that a page shows."""
    with Image.open(path) as picture:
        step = max(1, picture.width // _WIDE)
        thin = picture.reduce(step) if step > 1 else picture.copy()
    buffer = streams.BytesIO()
    # A map has few colours: with a palette it is a third of the size.
    thin.convert("RGB").quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        buffer, "PNG", compress_level=6
    )
    return buffer.getvalue()
