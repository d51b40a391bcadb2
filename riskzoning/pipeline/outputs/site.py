"""Output ``site``: the planners' page, a folder that opens without a network."""

from __future__ import annotations

from riskzoning.pipeline.outputs.output import Output, Writing
from riskzoning.webmap import site


def write_site(writing: Writing) -> None:
    """Write ``site/``."""
    chosen = writing.study.outputs.site
    site(writing.result, writing.folder / "site", basemap=chosen.basemap if chosen else ())


SITE = Output(
    "site",
    files=("site",),
    rank=50,
    wanted=lambda outputs: outputs.site is not False,
    write=write_site,
    place=lambda writing: writing.folder / "site" / "index.html",
)
