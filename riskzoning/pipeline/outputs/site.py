"""Output ``site``: the planners' page, a folder that opens without a network."""

from __future__ import annotations

from pathlib import Path

from riskzoning.pipeline.outputs.output import Output, Writing
from riskzoning.webmap import site


def write_site(writing: Writing) -> None:
    """Write ``site/``."""
    site(writing.result, writing.folder / "site")


def is_own_site(path: Path) -> bool:
    """Whether a folder is the page of a run."""
    return (path / "index.html").is_file()


SITE = Output(
    "site",
    files=("site",),
    rank=50,
    own=is_own_site,
    wanted=lambda outputs: outputs.site,
    write=write_site,
    place=lambda writing: writing.folder / "site" / "index.html",
)
