"""What is said at the door of ``riskzoning zonal``: files by their names, advice for options of the command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from riskzoning.errors import Journal, Phrase, Problem, RiskZoningError, hearing, note

# Where the advice of a rule speaks of study.yaml, which this command has not.
_FIXES = {
    "vector.layer": "zonal_fix_layer",
    "vector.layers": "zonal_fix_layer",
    "vector.several_files": "zonal_fix_layer",
    "vector.one_layer": "zonal_fix_no_layer",
    "vector.no_geometry": "zonal_fix_layer",
    "vector.crs_missing": "zonal_fix_crs",
    "raster.crs": "zonal_fix_crs",
    "raster.crs_unnamed": "zonal_fix_raster_crs",
    "crs.unknown": "zonal_fix_crs_option",
    "crs.kind": "zonal_fix_crs_file",
    "crs.projection": "zonal_fix_crs_file",
    "raster.decided": "zonal_fix_nodata",
    "layer.nodata": "zonal_fix_nodata",
    "layer.beyond": "zonal_fix_nodata",
    "store.variables": "zonal_fix_variable",
    "store.groups": "zonal_fix_variable",
    "store.no_variable": "zonal_fix_variable",
    "file.missing_folder": "zonal_fix_path",
}


@contextmanager
def zonal_door(units: Path) -> Iterator[None]:
    """Problems and notes of the block as this command says them: of the file of the units, with its own options."""
    heard = Journal()
    try:
        with hearing(heard):
            yield
    except RiskZoningError as error:
        if not error.problems:
            raise
        raise type(error)(problems=[at_zonal(problem, units) for problem in error.problems]) from None
    finally:
        for problem in (*heard.steps, *heard.dropped, *heard.warnings):
            note(at_zonal(problem, units))


def at_zonal(problem: Problem, units: Path) -> Problem:
    """A problem as this command says it."""
    about = str(units) if problem.about == Phrase("units") else None
    said = problem.at(about, units=str(units)) if problem.rule == "zonal.apart" else problem.at(about)
    key = _FIXES.get(problem.rule)
    if key is None and any("study.yaml" in said.as_row(lang)["fix"] for lang in ("zh", "en")):  # type: ignore[operator]
        key = "zonal_fix_file"
    return said if key is None else said.at(fix=Phrase(key))
