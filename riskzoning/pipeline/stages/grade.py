"""Stage ``grade``: breaks from the histograms or frozen ones, grade layers, unit tables that reconcile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import Journal, Problem, first_few, hearing, note
from riskzoning.layers import describe
from riskzoning.methods.classification import grade_values
from riskzoning.pipeline.stages.schemes import grade_colours, grade_scheme
from riskzoning.pipeline.stages.streaming import band_rows, stream
from riskzoning.pipeline.state import Assessed, Graded, Prepared, Run
from riskzoning.pipeline.workspace.journal import rung
from riskzoning.pipeline.workspace.store import CogSink, CogStore
from riskzoning.results import LEVELS
from riskzoning.zoning import scales

__all__ = ["Scheme", "grade"]

Scheme = dict[str, Any]


def grade(run: Run, prepared: Prepared, assessed: Assessed) -> Graded:
    """Grade every index on the grid and for the units of every level.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from riskzoning.config import load_study
    >>> from riskzoning.pipeline import run_study
    >>> from riskzoning.samples import write_large
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     study = load_study(write_large(Path(folder) / "in", cells=1e4, townships=20))
    ...     result = run_study(study, out=Path(folder) / "out", only="grade")
    ...     grades = result.units["township"]["multi_risk_grade"]
    >>> len(grades), sorted(grades.unique().tolist())
    (20, [1, 2, 3, 4, 5])
    """
    published = run.workspace.published
    names = [name for name in assessed.layers if name.endswith(("_hazard_index", "_risk_index"))]
    breaks = {name: _grid_breaks(run, name, assessed) for name in names}
    _grade_layers(run, assessed, breaks, published)
    said: dict[Problem, list[str]] = {}
    unit_grades = {name: _unit_grades(run, name, assessed, breaks[name], said) for name in names}
    for problem, which in said.items():
        note(problem.at(f"grades of the units by {first_few(which)}"))
    units = _unit_frames(run, assessed, unit_grades)
    tables = {
        "breaks": _breaks_table(breaks, unit_grades),
        "weights": assessed.weights,
        "reconciliation": _reconciliation(run, prepared, assessed),
    }
    wide = pd.concat([frame.drop(columns="geometry") for frame in units.values()])
    return Graded(
        layers={key: published.get(key) for key in published.names()},
        units=units,
        unit_table=scales.unit_table(wide),
        tables=tables,
    )


def _grid_breaks(run: Run, name: str, assessed: Assessed) -> Scheme:
    scheme, k = grade_scheme(name)
    frozen = run.setting.study.zoning.frozen.get(name)
    if frozen is not None:
        return {"scheme": scheme, "rule": "frozen", "breaks": list(frozen), "closed": "right"}
    if f"{name.removesuffix('_index')}_grade" in assessed.layers:
        # The hazard fixes its classes itself: quarters of its index, lower bound included.
        fixed = [*np.linspace(0, 1, k + 1)[1:-1].tolist(), 1.0]
        return {"scheme": scheme, "rule": "fixed", "breaks": fixed, "closed": "left"}
    rule = run.setting.study.zoning.scheme
    return {"scheme": scheme, "rule": rule, "breaks": assessed.breaks[name], "closed": "right"}


def _grade_layers(run: Run, assessed: Assessed, breaks: Mapping[str, Scheme], published: CogStore) -> None:
    layers: dict[str, xr.DataArray] = {}
    colours: dict[str, list[str]] = {}
    for name, scheme in breaks.items():
        key = f"{name.removesuffix('_index')}_grade"
        if key in assessed.layers or not scheme["breaks"]:
            continue
        index = assessed.layers[name]
        quantity = "hazard_grade" if name.endswith("_hazard_index") else "risk_grade"
        codes = grade_values(index, scheme["breaks"], closed=scheme["closed"])
        about = {"scheme": scheme["scheme"], "class_order": "ascending", "closed": scheme["closed"]}
        layers[key] = describe(codes.astype(np.uint8), quantity=quantity, like=index, **about)
        colours[key] = grade_colours(name, len(scheme["breaks"]))
    files = CogSink(published, layers, colours=colours, tags={"CLASS_ORDER": "ascending"})
    rows = band_rows(run.setting.grid.shape[1], 2 * max(len(layers), 1), run.machine.memory_limit)

    def told(share: float) -> None:
        run.progress.step("grade", share, "layers")

    stream(layers, [files], rows=rows, workers=run.machine.workers, client=run.machine.client, progress=told)
    files.close()


def _unit_grades(run: Run, name: str, assessed: Assessed, grid_scheme: Scheme, said: dict[Problem, list[str]]) -> Any:
    """Grades of one index at all levels; what is unusual about it goes into ``said``, with the names it holds for."""
    _, k = grade_scheme(name)
    levels = [level for level in LEVELS if level in run.setting.all_levels]
    values = {level: assessed.means.loc[_codes(run, level), name] for level in levels}
    fixed = grid_scheme["breaks"] if grid_scheme["rule"] in ("fixed", "frozen") else None
    areas = run.setting.units.to_crs(str(run.setting.grid.crs)).geometry.area
    with hearing(Journal()) as heard, rung("grades of the units"):
        found = scales.grade_units(
            values,
            scheme="fixed" if fixed else run.setting.study.zoning.scheme,
            k=k,
            breaks=fixed,
            closed=grid_scheme["closed"],
            parents=run.setting.units["parent"],
            areas=areas,
        )
    for problem in heard.warnings:
        said.setdefault(problem, []).append(name)
    return found


def _codes(run: Run, level: str) -> pd.Index:
    return run.setting.units.index[run.setting.units["level"] == level]


def _unit_frames(run: Run, assessed: Assessed, unit_grades: Mapping[str, Any]) -> dict[str, gpd.GeoDataFrame]:
    sums = [c for c in assessed.sums.columns if standards.quantity(_quantity(assessed, c)).kind == "count"]
    frames = {}
    for level in [level for level in LEVELS if level in run.setting.levels]:
        codes = _codes(run, level)
        frame = run.setting.units.loc[codes, ["name", "level", "parent", "geometry"]].copy()
        columns: dict[str, Any] = {}
        for name, grades in unit_grades.items():
            columns[name] = assessed.means.loc[codes, name]
            columns[f"{name.removesuffix('_index')}_grade"] = (
                grades.codes[level].reindex(codes).fillna(0).astype("int64")
            )
        for column in sums:
            columns[column] = assessed.sums.loc[codes, column]
        for hazard in run.setting.study.not_applicable:
            # A hazard that does not exist here has no grade; it is not the lowest one.
            columns |= {f"{hazard}_{what}_index": np.nan for what in ("hazard", "risk")}
            columns |= {f"{hazard}_{what}_grade": 0 for what in ("hazard", "risk")}
        columns["valid_share"] = assessed.valid_share.loc[codes]
        frame = frame.join(pd.DataFrame(columns, index=codes))
        frames[level] = gpd.GeoDataFrame(frame.sort_index(), geometry="geometry", crs=run.setting.units.crs)
    return frames


def _quantity(assessed: Assessed, name: str) -> str:
    return str(assessed.layers[name].attrs["quantity"])


def _breaks_table(breaks: Mapping[str, Scheme], unit_grades: Mapping[str, Any]) -> pd.DataFrame:
    rows = []
    for name, scheme in breaks.items():
        found = {"grid": scheme["breaks"], "units": [float(v) for v in unit_grades[name].breaks]}
        for where, bounds in found.items():
            for grade_number, upper in enumerate(bounds, start=1):
                rows.append(
                    {
                        "index": name,
                        "applied_to": where,
                        "scheme": scheme["scheme"],
                        "rule": scheme["rule"],
                        "closed": scheme["closed"],
                        "grade": grade_number,
                        "upper_bound": upper,
                    }
                )
    return pd.DataFrame(rows)


def _reconciliation(run: Run, prepared: Prepared, assessed: Assessed) -> pd.DataFrame:
    by_level: dict[str, dict[str, float]] = {}
    totals: dict[str, tuple[float, float, float]] = {}
    for quantity, (total, outside) in prepared.exposure.totals.items():
        sums = {level: float(assessed.sums.loc[_codes(run, level), quantity].sum()) for level in run.setting.all_levels}
        by_level[quantity] = {level: sums[level] for level in LEVELS if level in run.setting.levels}
        # What no unit takes: cells beyond the border inside the grid, and what lies outside the grid altogether.
        inside = assessed.grid_totals[quantity] - sums[run.setting.finest]
        # What is left of two equal sums is rounding, not people.
        inside = 0.0 if abs(inside) <= 1e-12 * abs(total) else inside
        totals[quantity] = (total, inside + outside, outside)
    return scales.reconciliation(
        by_level,
        unallocated={quantity: value[1] for quantity, value in totals.items()},
        total_input={quantity: value[0] for quantity, value in totals.items()},
        beyond_grid={quantity: value[2] for quantity, value in totals.items()},
    )
