"""Whether the basemap of the planners' page can be meant: keys that are not set, tiles that lie beside the units.

Nobody is asked: it is the browser of a reader that asks for tiles.
"""

from __future__ import annotations

from collections.abc import Iterator

from riskzoning import standards
from riskzoning.config import StudyConfig
from riskzoning.errors import Problem


def basemap_problems(study: StudyConfig) -> Iterator[Problem]:
    """What the texts of the basemaps of a study tell."""
    chosen = study.outputs.site
    shifted = standards.table("webmap/shifted_tiles").data["hosts"]
    for at, basemap in enumerate(chosen.basemap if chosen else ()):
        field = f"outputs.site.basemap.{at}.url"
        if basemap.unset():
            yield Problem("study.basemap_variable", study.file, field=field, names=list(basemap.unset()))
        names = {host.partition("://")[2].partition(":")[0].lower() for host in basemap.hosts()}
        for end, datum in shifted.items():
            if any(name == end or name.endswith(f".{end}") for name in names):
                yield Problem("study.basemap_datum", study.file, field=field, host=end, datum=datum, severity="warning")
