"""Stage ``grade``: breaks from the histograms or frozen ones, grade layers, unit tables that reconcile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from riskzoning.errors import Journal, Phrase, Problem, hearing, note
from riskzoning.hazards import HAZARDS
from riskzoning.layers import describe
from riskzoning.methods.classification import grade_values
from riskzoning.methods.ladders import index_breaks
from riskzoning.names import Column, Index, Measure
from riskzoning.pipeline.stages.streaming import band_rows, stream
from riskzoning.pipeline.state import Assessed, Graded, Prepared, Run
from riskzoning.pipeline.workspace.store import CogSink
from riskzoning.results import LEVELS
from riskzoning.zoning.scales import Classing, UnitGrades, grade_units, reconciliation, unit_table


@dataclass(frozen=True)
class Breaks:
    """Upper bounds of the classes of an index on the grid, and the rule that they come from."""

    rule: str
    bounds: tuple[float, ...]
    closed: Literal["right", "left"] = "right"

    @property
    def given(self) -> bool:
        """Whether they are given, for the units as well, and not computed from the cells."""
        return self.rule in ("fixed", "frozen")


ByIndex = Mapping[Index, Breaks]


def grade(run: Run, prepared: Prepared, assessed: Assessed) -> Graded:
    """Grade every index on the grid and for the units of every level."""
    published = run.workspace.published
    breaks = {index: _breaks(run, index, assessed) for index in assessed.indices}
    _grade_layers(run, assessed, breaks)
    unit_grades = _unit_grades(run, assessed, breaks)
    absent = _absent(run)
    of_absent = [index for hazard in absent for index in hazard]
    columns: tuple[Column, ...] = (*assessed.indices, *assessed.measures, *of_absent, Measure("valid_share"))
    units = _unit_frames(run, assessed, unit_grades, absent)
    wide = pd.concat([frame.drop(columns="geometry") for frame in units.values()])
    return Graded(
        layers={key: published.get(key) for key in published.names()},
        indices=assessed.indices,
        columns=columns,
        units=units,
        unit_table=unit_table(wide, columns),
        tables={
            "breaks": _breaks_table(breaks, unit_grades),
            "weights": assessed.weights,
            "reconciliation": _reconciliation(run, prepared, assessed),
        },
    )


def _breaks(run: Run, index: Index, assessed: Assessed) -> Breaks:
    zoning = run.setting.study.zoning
    if index.key in zoning.frozen:
        return Breaks("frozen", tuple(zoning.frozen[index.key]))
    if index.grade_key in assessed.layers:
        # The classes of a hazard are those of its ladder.
        ladder = HAZARDS[index.hazard].scale
        return Breaks("fixed", index_breaks(ladder.k), closed=ladder.closed)
    return Breaks(zoning.scheme, tuple(assessed.breaks[index]))


def _grade_layers(run: Run, assessed: Assessed, breaks: ByIndex) -> None:
    layers: dict[str, xr.DataArray] = {}
    colours: dict[str, list[str]] = {}
    for index, rule in breaks.items():
        key = index.grade_key
        if key in assessed.layers or not rule.bounds:
            continue
        layer = assessed.layers[index.key]
        codes = grade_values(layer, rule.bounds, closed=rule.closed)
        about = {"scheme": index.scheme, "class_order": "ascending", "closed": rule.closed}
        layers[key] = describe(codes.astype(np.uint8), quantity=index.grade_quantity, like=layer, **about)
        colours[key] = index.colours(len(rule.bounds))
    machine = run.machine
    files = CogSink(run.workspace.published, layers, colours=colours, tags={"CLASS_ORDER": "ascending"})
    rows = band_rows(run.setting.grid.shape[1], 2 * max(len(layers), 1), machine.memory_limit)

    def told(share: float) -> None:
        run.progress.step("grade", share, "layers")

    stream(layers, [files], rows=rows, workers=machine.workers, client=machine.client, progress=told)
    files.close()


def _unit_grades(run: Run, assessed: Assessed, breaks: ByIndex) -> dict[Index, UnitGrades]:
    """Grades of every index at all levels; a note that holds for several indices is told once, with their names."""
    setting = run.setting
    classing = Classing(scheme=setting.study.zoning.scheme)
    levels = [level for level in LEVELS if level in setting.all_levels]
    areas = setting.units.to_crs(str(setting.grid.crs)).geometry.area
    graded: dict[Index, UnitGrades] = {}
    said: dict[Problem, list[str]] = {}
    for index, rule in breaks.items():
        values = {level: assessed.means.loc[setting.codes(level), index.key] for level in levels}
        bounds = rule.bounds if rule.given else ()
        own = replace(classing, k=index.classes, breaks=bounds, closed=rule.closed)
        with hearing(Journal()) as heard:
            graded[index] = grade_units(values, own, parents=setting.units["parent"], areas=areas)
        for problem in heard.warnings:
            said.setdefault(problem, []).append(index.key)
    for problem, names in said.items():
        note(problem.at(Phrase("grades_by", names=names)))
    return graded


def _absent(run: Run) -> list[tuple[Index, Index]]:
    """Indices of the hazards that do not exist here: they have no value and no grade, not the lowest one."""
    hazards = [Index(name, "hazard") for name in run.setting.study.not_applicable]
    return [(index, index.risk()) for index in hazards]


def _unit_frames(
    run: Run, assessed: Assessed, unit_grades: Mapping[Index, UnitGrades], absent: list[tuple[Index, Index]]
) -> dict[str, gpd.GeoDataFrame]:
    setting, frames = run.setting, {}
    for level in [level for level in LEVELS if level in setting.levels]:
        codes = setting.codes(level)
        frame = setting.units.loc[codes, ["name", "level", "parent", "geometry"]].copy()
        columns: dict[str, pd.Series | float] = {}
        for index, grades in unit_grades.items():
            columns[index.key] = assessed.means.loc[codes, index.key]
            columns[index.grade_key] = grades.codes[level].reindex(codes).fillna(0).astype("int64")
        for measure in assessed.measures:
            columns[measure.key] = assessed.sums.loc[codes, measure.key]
        for hazard in absent:
            columns |= {index.key: np.nan for index in hazard}
            columns |= {index.grade_key: 0 for index in hazard}
        columns[Measure("valid_share").key] = assessed.valid_share.loc[codes]
        frame = frame.join(pd.DataFrame(columns, index=codes))
        frames[level] = gpd.GeoDataFrame(frame.sort_index(), geometry="geometry", crs=setting.units.crs)
    return frames


def _breaks_table(breaks: ByIndex, unit_grades: Mapping[Index, UnitGrades]) -> pd.DataFrame:
    rows = []
    for index, rule in breaks.items():
        applied = {"grid": rule.bounds, "units": [float(value) for value in unit_grades[index].breaks]}
        for where, bounds in applied.items():
            for grade_number, upper in enumerate(bounds, start=1):
                rows.append(
                    {
                        "index": index.key,
                        "applied_to": where,
                        "scheme": index.scheme,
                        "rule": rule.rule,
                        "closed": rule.closed,
                        "grade": grade_number,
                        "upper_bound": upper,
                    }
                )
    return pd.DataFrame(rows)


def _reconciliation(run: Run, prepared: Prepared, assessed: Assessed) -> pd.DataFrame:
    setting = run.setting
    by_level: dict[str, dict[str, float]] = {}
    totals: dict[str, tuple[float, float, float]] = {}
    for quantity, (total, outside) in prepared.exposure.totals.items():
        column = assessed.sums[quantity]
        sums = {level: float(column.loc[setting.codes(level)].sum()) for level in setting.all_levels}
        by_level[quantity] = {level: sums[level] for level in LEVELS if level in setting.levels}
        # What no unit takes: cells beyond the border inside the grid, and what lies outside the grid altogether.
        inside = assessed.grid_totals[quantity] - sums[setting.finest]
        # What is left of two equal sums is rounding, not people.
        inside = 0.0 if abs(inside) <= 1e-12 * abs(total) else inside
        totals[quantity] = (total, inside + outside, outside)
    return reconciliation(
        by_level,
        unallocated={quantity: value[1] for quantity, value in totals.items()},
        total_input={quantity: value[0] for quantity, value in totals.items()},
        beyond_grid={quantity: value[2] for quantity, value in totals.items()},
    )
