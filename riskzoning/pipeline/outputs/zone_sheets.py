"""Sheets of the zones: risk regions, comprehensive prevention zones, conflicts with the control lines."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd

from riskzoning.maps import Legend, MapNotes, Panel, PrintedMap
from riskzoning.maps.furniture import words
from riskzoning.names import MULTI
from riskzoning.results import StudyResult
from riskzoning.zoning.planning.plans import classes

_PREVENTION = ("prevention_1", "prevention_2", "prevention_3")
_CONFLICTS = ("conflict_1", "conflict_2", "conflict_3")


def zone_sheets(result: StudyResult, notes: MapNotes) -> list[PrintedMap]:
    """A sheet for each of the zones that the run has; none without zones."""
    regions = result.zones.get("zone_region")
    sheets = []
    if regions is not None:
        finest = regions[regions["tier"] == regions["tier"].max()]
        lines = [words("relative", result.language), words("zones_of_units", result.language)]
        legend = Legend(notes=lines, edges=True, complete=False, groups=_groups(regions, result.code))
        sheets.append(_sheet(result, notes, "regions", finest, "grade", legend))
    prevention = result.zones.get("zone_prevention")
    if prevention is not None and (prevention["hazard"] == MULTI).any():
        own = prevention[prevention["hazard"] == MULTI]
        sheets.append(_sheet(result, notes, "prevention", own, "grade", _classes(result, _PREVENTION, edges=True)))
    conflicts = result.zones.get("planning_conflict")
    drawn = None if conflicts is None else _of_lines(conflicts)
    if drawn is not None and len(drawn):
        legend = _classes(result, _CONFLICTS, notes=[words("share_of_conflicts", result.language)])
        sheets.append(_sheet(result, notes, "conflicts", drawn, "conflict", legend, people=False))
    return sheets


def _sheet(
    result: StudyResult, notes: MapNotes, what: str, frame: gpd.GeoDataFrame, column: str, legend: Legend,
    *, people: bool = True,
) -> PrintedMap:  # fmt: skip
    lang = result.language
    return PrintedMap(
        stem=result.folder / "maps" / f"{result.code}_zones_{what}",
        source=frame.astype({column: "int64"}),
        column=column,
        title=words(f"title_zones_{what}", lang, city=result.name.get(lang) or result.code),
        legend=legend,
        panel=Panel(people="population" if people else None),
        notes=notes,
    )


def _groups(regions: gpd.GeoDataFrame, code: str) -> gpd.GeoDataFrame | None:
    """The regions of the second tier by the end of their code (II-8), which the report gives the names of."""
    middle = regions[regions["tier"] == regions["tier"].max() - 1]
    return (
        None if middle.empty else middle.assign(name=middle["code"].str.removeprefix(f"{code}-"))[["name", "geometry"]]
    )


def _classes(result: StudyResult, keys: Sequence[str], *, notes: Sequence[str] = (), edges: bool = False) -> Legend:
    return Legend(classes=[words(key, result.language) for key in keys], notes=notes, edges=edges, complete=False)


def _of_lines(conflicts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Conflicts with the control lines, the worst on top; with all plans where there are no lines."""
    lines = [key for key, facts in classes().items() if facts.get("line")]
    own = conflicts[conflicts["class"].isin(lines)]
    return (own if len(own) else conflicts).sort_values("conflict", kind="stable")
