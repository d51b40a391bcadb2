"""The run record (run.json): what went in, what was done to it, which numbers were used, how long it took."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from riskzoning import __version__, io
from riskzoning.config import StudyConfig
from riskzoning.errors import Problem, RiskZoningError
from riskzoning.standards import StandardTable

__all__ = ["input_records", "run_record", "versions"]

_PACKAGES = (
    "numpy", "scipy", "pandas", "xarray", "dask", "numba", "shapely", "geopandas", "pyogrio", "pyproj", "rasterio",
    "odc-geo", "matplotlib", "folium", "pydantic", "xclim", "pyflwdir", "scikit-learn",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Versions of the program, of Python and of the packages that the numbers depend on.

    Examples
    --------
    >>> versions()["riskzoning"] == __version__
    True
    """
    found = {"riskzoning": __version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def input_records(study: StudyConfig) -> list[dict[str, Any]]:
    """Each input file with size and checksum, sorted by name.

    Examples
    --------
    >>> from riskzoning.config import load_study
    >>> from riskzoning.samples import sample_study
    >>> rows = input_records(load_study(sample_study()))
    >>> len(rows[0]["sha256"])
    64
    """
    places: list[tuple[str, Path]] = []
    if study.admin.path is not None:
        places.append(("admin", study.admin.path))
    places += [(f"admin.{level}", path) for level, path in study.admin.paths.items()]
    if study.admin.reference is not None:
        places.append(("admin.reference", study.admin.reference.path))
    for name, entry in study.inputs.items():
        places.append((name, entry.path))
        if entry.stations is not None:
            places.append((f"{name}.stations", entry.stations))
    rows = []
    for name, path in sorted(places):
        declared = study.inputs.get(name)
        row: dict[str, Any] = {"name": name, "path": path.as_posix(), "sha256": io.checksum(study.path(path))}
        if declared is not None:
            row["declared"] = declared.model_dump(mode="json", exclude_defaults=True, exclude={"path"})
        row.update(_raster_facts(study.path(path)))
        rows.append(row)
    return rows


def _raster_facts(path: Path) -> dict[str, Any]:
    if path.suffix.lower() not in (".tif", ".tiff"):
        return {}
    try:
        return {"raster": io.probe(path).as_record()}
    except RiskZoningError:
        return {}


def run_record(
    study: StudyConfig,
    *,
    inputs: list[dict[str, Any]],
    used: Mapping[str, StandardTable],
    steps: list[dict[str, Any]],
    warnings: list[Problem],
    dropped: list[dict[str, Any]],
    calibration: Mapping[str, Any],
    timings: Mapping[str, float],
    schemes: Mapping[str, str],
) -> dict[str, Any]:
    """The run record as a mapping for JSON.

    Examples
    --------
    >>> from riskzoning.config import load_study
    >>> from riskzoning.samples import sample_study
    >>> study = load_study(sample_study())
    >>> found = run_record(study, inputs=[], used={}, steps=[], warnings=[], dropped=[], calibration={}, timings={},
    ...                    schemes={})
    >>> sorted(found)[:4]
    ['calibration', 'dropped', 'inputs', 'schemes']
    """
    return {
        "study": study.model_dump(mode="json"),
        "inputs": inputs,
        "tables_used": [used[name].provenance() for name in sorted(used)],
        "steps": steps,
        "warnings": [problem.as_row() for problem in warnings],
        "dropped": dropped,
        "calibration": dict(calibration),
        "schemes": dict(schemes),
        "versions": versions(),
        "seeds": {"study": study.seed},
        "timings": dict(timings),
    }
