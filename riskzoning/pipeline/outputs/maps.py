"""Output ``maps``: printed maps of every hazard and level, from the values of a result."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import io, standards
from riskzoning.config import MapsConfig, OutputsConfig
from riskzoning.hazards import HAZARDS
from riskzoning.maps import MapNotes, map_backdrop, zoning_map
from riskzoning.maps.furniture import words
from riskzoning.pipeline.outputs.output import Output, Told
from riskzoning.pipeline.stages.schemes import MULTI, grade_scheme, palette_of
from riskzoning.results import StudyResult


def write_maps(result: StudyResult, config: MapsConfig, *, told: Callable[[float, str], None]) -> list[Path]:
    """One risk map for each hazard and level, the hazard maps of the grid, and the comprehensive ones."""
    jobs = _map_jobs(result)
    # Window, lines, names and relief are the same on every sheet of a city.
    shared = map_backdrop(
        outlines=pd.concat([result.units[level][["name", "level", "geometry"]] for level in result.levels]),
        rivers=result.context.get("rivers"),
        seats=result.context.get("seats"),
        hillshade=result.layers.get("hillshade"),
        size=config.size,
        crs=str(result.record["study"]["grid"]["crs"]),
    )
    folder = result.folder / "maps"
    folder.mkdir(exist_ok=True)
    written = []
    for index, (name, options) in enumerate(jobs):
        told(index / max(len(jobs), 1), name)
        source, method = options.pop("source"), options.pop("method")
        if "people" in options and callable(options["people"]):
            options["people"] = options["people"]()
        notes = _notes(result, config, method)
        figure = zoning_map(
            source, shared=shared, notes=notes, lang=result.language, size=config.size, **options
        )  # fmt: skip
        for suffix in config.formats:
            path = folder / f"{result.code}_{name}.{suffix}"
            with io.atomic(path) as partial:
                figure.savefig(partial, format=suffix, dpi=config.dpi, metadata=_metadata(suffix))
            written.append(path)
        figure.clear()
    told(1.0, "maps")
    return written


def _metadata(suffix: str) -> dict[str, Any]:
    # No clock in the files: the same study gives the same bytes.
    found: dict[str, dict[str, Any]] = {
        "pdf": {"CreationDate": None},
        "svg": {"Date": None},
        "png": {"Software": "riskzoning"},
    }
    return found[suffix]


def _map_jobs(result: StudyResult) -> list[tuple[str, dict[str, Any]]]:
    city = result.name.get(result.language) or result.code
    jobs: list[tuple[str, dict[str, Any]]] = []
    for hazard in [*result.hazards, MULTI]:
        title = standards.names("hazard", hazard, result.language)
        for level in reversed(result.levels):
            # Without anything exposed there is no risk: the hazard itself is what is zoned.
            what = next((w for w in ("risk", "hazard") if f"{hazard}_{w}_grade" in result.units[level].columns), None)
            if what is not None:
                jobs.append((f"{hazard}_{what}_{level}", _unit_job(result, hazard, what, level, city, title)))
        if f"{hazard}_hazard_grade" in result.layers:
            jobs.append((f"{hazard}_hazard_grid", _grid_job(result, hazard, "hazard", city, title)))
        if f"{hazard}_risk_grade" in result.layers:
            jobs.append((f"{hazard}_risk_grid", _grid_job(result, hazard, "risk", city, title)))
    return jobs


def _unit_job(result: StudyResult, hazard: str, what: str, level: str, city: str, title: str) -> dict[str, Any]:
    key = "title_hazard" if what == "hazard" else "title_multi" if hazard == MULTI else "title_risk"
    name = f"{hazard}_{what}_index"
    scheme, _ = grade_scheme(name)
    frame = result.units[level]
    return {
        "source": frame,
        "column": f"{hazard}_{what}_grade",
        "title": _title(result, key, city, title, level),
        "scheme": scheme,
        "palette": palette_of(name),
        "people": "population" if "population" in frame.columns else None,
        "highest": _highest(result, level, f"{hazard}_{what}"),
        "method": _method(result, hazard, what),
        **_bounds(result, name, "units"),
    }


def _grid_job(result: StudyResult, hazard: str, what: str, city: str, title: str) -> dict[str, Any]:
    name = f"{hazard}_{what}_index"
    scheme, _ = grade_scheme(name)
    key = "title_hazard" if what == "hazard" else "title_multi" if hazard == MULTI else "title_risk"
    grades = result.layers[f"{hazard}_{what}_grade"].rename(f"{hazard}_{what}_grade")
    return {
        "source": grades,
        "people": lambda: _people_by_grade(result, grades),
        "highest": _highest(result, result.levels[-1], f"{hazard}_{what}"),
        "title": _title(result, key, city, title, "grid"),
        "scheme": scheme,
        "palette": palette_of(name),
        "method": _method(result, hazard, what),
        **_bounds(result, name, "grid"),
    }


def _highest(result: StudyResult, level: str, stem: str) -> list[tuple[str, float, int]]:
    """Units of the greatest index; townships with their county, since the same name occurs in many."""
    frame = result.units[level]
    if f"{stem}_index" not in frame.columns or f"{stem}_grade" not in frame.columns:
        return []
    best = frame[frame[f"{stem}_index"].notna()].sort_values(f"{stem}_index", ascending=False, kind="stable").head(5)
    names = [str(name) for name in best["name"]]
    if level == "township" and "county" in result.units:
        parents = result.units["county"]["name"].reindex(best["parent"]).fillna("")
        names = [f"{parent} {name}".strip() for parent, name in zip(parents, names, strict=True)]
    values, grades = best[f"{stem}_index"], best[f"{stem}_grade"].fillna(0)
    return [(name, float(v), int(g)) for name, v, g in zip(names, values, grades, strict=True)]


def _people_by_grade(result: StudyResult, grades: xr.DataArray) -> pd.Series | None:
    """Residents on the cells of each grade, read band by band."""
    if "population" not in result.layers:
        return None
    people, total = result.layers["population"], np.zeros(_MOST_GRADES)
    for first in range(0, grades.shape[0], _ROWS):
        rows = slice(first, first + _ROWS)
        codes = np.asarray(grades.isel(y=rows).to_numpy()).ravel().astype(np.uint8)
        total += np.bincount(
            codes, np.nan_to_num(people.isel(y=rows).to_numpy().ravel()), minlength=_MOST_GRADES
        )[:_MOST_GRADES]  # fmt: skip
    return pd.Series(total)


def _title(result: StudyResult, key: str, city: str, hazard: str, level: str) -> str:
    lang = result.language
    return words(key, lang, city=city, hazard=hazard, level=standards.names("level", level, lang))


def _bounds(result: StudyResult, name: str, where: str) -> dict[str, Any]:
    table = result.tables["breaks"]
    rows = table[(table["index"] == name) & (table["applied_to"] == where)]
    if rows.empty:
        return {"breaks": None}
    return {"breaks": [float(value) for value in rows["upper_bound"]], "closed": str(rows["closed"].iloc[0])}


def _method(result: StudyResult, hazard: str, what: str = "risk") -> str:
    if what == "hazard" and hazard in HAZARDS:
        # The footer has one line; the run record has all sentences.
        return re.split(r"[。;；]|\. ", str(HAZARDS[hazard].method[result.language]))[0].rstrip(".")
    risk = result.record["study"]["risk"]
    kind, key = ("combine", risk["combine"]) if hazard == MULTI else ("form", risk["form"])
    return standards.names(kind, str(key), result.language)


def _notes(result: StudyResult, config: MapsConfig, method: str) -> MapNotes:
    used = result.record["tables_used"]
    status: dict[str, int] = {key: sum(row["status"] == key for row in used) for key in _STATUS}
    status["unverified"] = sum(not row["verified"] for row in used)
    return MapNotes(
        review_number=config.review_number,
        data_date=str(result.record["study"]["data_date"]),
        method=method,
        status=status,
        run=str(result.record.get("run_id", ""))[:8],
    )


_STATUS = ("official", "literature", "project_default")
_MOST_GRADES = 16
_ROWS = 512


def _write(result: StudyResult, outputs: OutputsConfig, told: Told) -> None:
    if outputs.maps:
        write_maps(result, outputs.maps, told=told)


MAPS = Output(
    "maps",
    files=("maps/{code}_*.*",),
    wanted=lambda outputs: bool(outputs.maps),
    write=_write,
    place=lambda result: result.folder / "maps",
    weight=9.0,
)
