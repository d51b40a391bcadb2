"""The run record (run.json): what went in, what was done to it, which numbers were used, how long it took."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from riskzoning import __version__, database, io
from riskzoning.config import StudyConfig
from riskzoning.errors import Journal, Problem, RiskZoningError
from riskzoning.files import referred
from riskzoning.pipeline.state import Provenance
from riskzoning.rasters.places import names_rasters

# Files that may state the CRS of their layer.
_VECTORS = (".gpkg", ".geojson", ".json", ".shp", ".fgb", ".gml", ".kml", ".gdb", ".parquet", ".geoparquet", ".zip")
_PACKAGES = (
    "numpy", "scipy", "pandas", "xarray", "dask", "numba", "shapely", "geopandas", "pyogrio", "pyproj", "rasterio",
    "odc-geo", "matplotlib", "folium", "pydantic", "xclim", "pyflwdir", "scikit-learn",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Versions of the program, of Python and of the packages that the numbers depend on."""
    return dict(_versions())


@cache
def _versions() -> dict[str, str]:
    packages = {"riskzoning": __version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            packages[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return packages


def input_places(study: StudyConfig) -> list[tuple[str, Path]]:
    """Every file and folder that a study reads, by name of the input, sorted."""
    places: list[tuple[str, Path]] = []
    if study.admin.path is not None:
        places.append(("admin", study.admin.path))
    places += [(f"admin.{level}", path) for level, path in study.admin.paths.items()]
    for name, beside in (("reference", study.admin.reference), ("codes", study.admin.codes)):
        places += [] if beside is None else [(f"admin.{name}", beside.path)]
    for name, entry in study.inputs.items():
        places.append((name, entry.path))
        if entry.stations is not None:
            places.append((f"{name}.stations", entry.stations))
    places += [(f"surveys.{number}", path) for number, path in enumerate(study.surveys.files, start=1)]
    for key, path in (("directory", study.surveys.directory), ("yearbook", study.surveys.yearbook)):
        places += [(f"surveys.{key}", path)] if path is not None else []
    if isinstance(study.weights.matrix, Path):
        places.append(("weights.matrix", study.weights.matrix))
    places += [(f"standards.{name}", Path(value)) for name, value in study.standards.items() if isinstance(value, str)]
    return sorted(places)


def input_records(study: StudyConfig) -> list[dict[str, Any]]:
    """Each input with checksum, size, CRS and, for files with a datum of their own, what was done about it."""
    rows = []
    for name, path in input_places(study):
        place = study.path(path)
        declared = study.inputs.get(name)
        digest = io.checksum(place)
        row: dict[str, Any] = {"name": name, "path": path.as_posix(), "sha256": digest}
        row["size_bytes"] = _size(place)
        row.update(_facts(place, digest, study, name))
        row["datum"] = declared.datum if declared is not None else study.admin.datum if name[:5] == "admin" else None
        if declared is not None:
            row["declared"] = declared.model_dump(mode="json", exclude_defaults=True, exclude={"path"})
        rows.append(row)
    return rows


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(item.stat().st_size for item in referred(path) if item.is_file())


def _facts(path: Path, digest: str, study: StudyConfig, name: str) -> dict[str, Any]:
    """CRS and shape as the file states them; declared ones stand in where it states none."""
    entry = study.inputs.get(name)
    stated = entry.crs if entry is not None else study.admin.crs if name[:5] == "admin" else None
    if names_rasters(path):
        raster = _raster_facts(path, digest)
        return {"crs": stated or raster.get("raster", {}).get("crs"), **raster}
    if path.suffix.lower() in _VECTORS:
        layer = entry.layer if entry is not None else next(iter(study.admin.layers.values()), None)
        return {"crs": stated or _vector_crs(path, layer, digest)}
    return {"crs": stated}


# What a file says of itself is the same as long as its content is: a study is run again and again in a notebook.
@lru_cache(maxsize=512)
def _vector_crs(path: Path, layer: str | None, _digest: str) -> str | None:
    return io.vector_crs(path, layer)


@lru_cache(maxsize=512)
def _raster_facts(path: Path, _digest: str) -> dict[str, Any]:
    try:
        facts = io.probe(path).as_record()
        return {"raster": {key: value for key, value in facts.items() if key not in ("path", "size_bytes")}}
    except RiskZoningError:
        return {}


def shown_study(study: StudyConfig) -> dict[str, Any]:
    """The study as resolved, without the password of its database."""
    shown = study.model_dump(mode="json")
    target = shown["outputs"]["database"]
    if isinstance(target, str):
        shown["outputs"]["database"] = database.without_password(target)
    return shown


def _note_row(problem: Problem, lang: str) -> dict[str, Any]:
    """What was done to an input: the input, the sentence, the values of the case and the rule."""
    row = problem.as_row(lang)
    values: dict[str, Any] = dict(row["values"])  # type: ignore[call-overload]
    thing = values.pop("input", row["file"])
    detail = values.pop("detail", None)
    return {"input": thing, "action": row["found"], "rule": row["rule"], "detail": detail, **values}


def run_record(
    study: StudyConfig,
    *,
    provenance: Provenance,
    journal: Journal,
    calibration: Mapping[str, Any],
    timings: Mapping[str, float],
    schemes: Mapping[str, str],
) -> dict[str, Any]:
    """The run record as a mapping for JSON; its sentences are in the language of the study."""
    lang, used = study.language, provenance.used.used
    return {
        "study": shown_study(study),
        "inputs": [dict(row) for row in provenance.inputs],
        "tables_used": [used[name].provenance() for name in sorted(used)],
        "steps": [_note_row(problem, lang) for problem in journal.steps],
        "warnings": [problem.as_row(lang) for problem in journal.warnings],
        "decisions": provenance.decisions.as_record(lang, study.base),
        "dropped": [_note_row(problem, lang) for problem in journal.dropped],
        "calibration": dict(calibration),
        "schemes": dict(schemes),
        "versions": versions(),
        "seeds": {"study": study.seed},
        "timings": dict(timings),
    }
