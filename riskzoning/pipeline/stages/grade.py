"""Stage ``grade``: breaks from the histograms or frozen ones, grade layers, unit tables that reconcile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.coverage.class_sums import ClassSums, sums_frame, sums_of
from riskzoning.errors import Journal, Phrase, Problem, hearing, note, speaking
from riskzoning.hazards import HAZARDS
from riskzoning.layers import describe
from riskzoning.methods.classification import grade_values
from riskzoning.names import LEADING, MULTI, Column, Index
from riskzoning.pipeline.stages.calibrate import validation_table
from riskzoning.pipeline.stages.chains import chains_table
from riskzoning.pipeline.stages.classes import given_breaks, risk_limits
from riskzoning.pipeline.stages.combined import POINTS, points_grades, worst_of_cells
from riskzoning.pipeline.stages.composed import AREA
from riskzoning.pipeline.stages.loss_curves import loss_tables
from riskzoning.pipeline.stages.nested import level_tables
from riskzoning.pipeline.stages.recorded import against_history, recorded, targets_table
from riskzoning.pipeline.stages.rules import (
    ByIndex,
    RuledUnits,
    RuleSink,
    risk_by_grade,
    rule_tables,
    tell_absent,
    weighing_counts,
)
from riskzoning.pipeline.stages.scale_check import Checked, scale_frames, scale_table
from riskzoning.pipeline.stages.sector_losses import sector_table
from riskzoning.pipeline.stages.sense import Sense, sense_checks
from riskzoning.pipeline.stages.spoken import index_phrase
from riskzoning.pipeline.stages.streaming import band_rows, stream
from riskzoning.pipeline.stages.ungraded import no_grade_table
from riskzoning.pipeline.state import Assessed, Calibrated, Graded, Made, Prepared, Run
from riskzoning.pipeline.workspace.frames import Frames
from riskzoning.pipeline.workspace.resume import frames_once
from riskzoning.pipeline.workspace.store import CogSink
from riskzoning.results import VILLAGE, Breaks, IndexBreaks
from riskzoning.zoning.scales import Classing, UnitGrades, grade_from_shares, grade_units, unit_table

_BY_SHARES = "class_share"
# Layers by name, and the colours of each.
Coloured = tuple[dict[str, xr.DataArray], dict[str, list[str]]]


def grade(run: Run, prepared: Prepared, assessed: Assessed) -> Graded:
    """Grade every index on the grid and for the units of every level."""
    published = run.workspace.published
    breaks = {index: _breaks(run, index, assessed) for index in assessed.indices}
    cut_up = {index: rule for index, rule in breaks.items() if rule.bounds}
    counts = weighing_counts(cut_up, prepared.exposure.receptors)
    above = _unit_grades(run, assessed, breaks)
    ranked = {index: above[index] for index, rule in cut_up.items() if not rule.given}
    sums = _graded_cells(run, assessed, Cut(cut_up, counts, ranked))
    unit_grades = _of_villages(run, assessed, above, sums)
    ruled = RuledUnits(run, assessed, cut_up, {index: unit_grades[index] for index in cut_up}, sums)
    tell_absent(ruled)
    absent = _absent(run)
    of_absent = [index for hazard in absent for index in hazard]
    columns: tuple[Column, ...] = (*assessed.indices, *assessed.measures, *of_absent)
    units = _unit_frames(run, assessed, unit_grades, absent)
    wide = pd.concat([units[level].drop(columns="geometry") for level in reversed(run.setting.levels)])
    cut = {index: IndexBreaks(rule, _of_units(rule, unit_grades[index])) for index, rule in breaks.items()}
    return Graded(
        layers={key: published.get(key) for key in published.names()},
        indices=assessed.indices,
        breaks=cut,
        columns=columns,
        units=units,
        unit_table=unit_table(wide, columns),
        tables={
            "breaks": _breaks_table(cut, run.setting.finest, run.setting.study.language),
            "weights": assessed.weights,
            "exposure_by_grade": _by_grade_table(run, assessed),
            "reconciliation": prepared.exposure.reconciliation,
            **risk_by_grade(ruled, assessed.units, counts),
            **rule_tables(ruled),
            **_scale_table(ruled, prepared.exposure.receptors),
            **level_tables(run.setting, assessed.units[list(prepared.exposure.counts)]),
            **no_grade_table(run, assessed, units, unit_grades, absent),
        },
    )


def _breaks(run: Run, index: Index, assessed: Assessed) -> Breaks:
    study = run.setting.study
    return given_breaks(study, index) or Breaks(study.zoning.scheme, tuple(assessed.breaks[index]))


@dataclass(frozen=True)
class Cut:
    """How the cells of every index are cut, which count weighs it, and how units rank where they do."""

    breaks: ByIndex
    counts: Mapping[Index, str | None]
    ranked: Mapping[Index, UnitGrades]

    def of(self, *, single: bool) -> Cut:
        """The part of the single hazards, or of all hazards together."""
        breaks = {index: rule for index, rule in self.breaks.items() if (index.hazard != MULTI) == single}
        return Cut(breaks, self.counts, {index: made for index, made in self.ranked.items() if index in breaks})


def _graded_cells(run: Run, assessed: Assessed, cut: Cut) -> dict[str, ClassSums]:
    """Write the grades of the cells; gives what the units have of them.

    Those of the single hazards are kept: other weights leave them as they are.
    """
    single, together = cut.of(single=True), cut.of(single=False)

    def of_single() -> tuple[Frames, dict[str, Any]]:
        rules = RuleSink(run, single.breaks, single.counts, single.ranked)
        layers = _single_layers(run, assessed, single.breaks)
        _grade_layers(run, assessed, layers, [rules])
        return {"sums": sums_frame(rules.sums(), assessed.units.index)}, {"layers": list(layers[0])}

    sums = sums_of(frames_once(run, "single", of_single)["sums"])
    if together.breaks:
        rules = RuleSink(run, together.breaks, together.counts, together.ranked)
        _grade_layers(run, assessed, _cut_layers(assessed, together.breaks), [rules])
        sums |= rules.sums()
    return sums


def _single_layers(run: Run, assessed: Assessed, breaks: ByIndex) -> Coloured:
    """The grades of the single hazards, and the highest of them in each cell."""
    layers, colours = _cut_layers(assessed, breaks)
    hazards = [index for index in breaks if index.what == "hazard"]
    # Parts that are scaled within the study have no limits that mean the same everywhere.
    relative = run.setting.study.risk.form == "half_scaled"
    worst = {} if relative else worst_of_cells(assessed.layers, hazards)
    colours |= {key: Index(MULTI, "risk").colours(len(risk_limits()[0])) for key in worst}
    return layers | worst, colours


def _cut_layers(assessed: Assessed, breaks: ByIndex) -> Coloured:
    """The grades of indices, lazily, by the names of their layers, with their colours."""
    layers: dict[str, xr.DataArray] = {}
    colours: dict[str, list[str]] = {}
    for index, rule in breaks.items():
        key = index.grade_key
        if key in assessed.layers:
            continue
        layer = assessed.layers[index.key]
        codes = grade_values(layer, rule.bounds, closed=rule.closed)
        about = {"scheme": index.scheme, "class_order": "ascending", "closed": rule.closed}
        layers[key] = describe(codes.astype(np.uint8), quantity=index.grade_quantity, like=layer, **about)
        colours[key] = index.colours(len(rule.bounds))
    return layers, colours


def _grade_layers(run: Run, assessed: Assessed, made: Coloured, sinks: Sequence[RuleSink]) -> None:
    """Write the grades of cells; the sinks take them and what they ask for on the way."""
    layers, colours = made
    machine = run.machine
    files = CogSink(run.workspace.published, layers, colours=colours, tags={"CLASS_ORDER": "ascending"})
    read = {name for sink in sinks for name in sink.names} - set(layers)
    every = layers | {name: _layer(run, assessed, name) for name in sorted(read)}
    rows = band_rows(run.setting.grid.shape[1], 2 * max(len(every), 1), machine.memory_limit)

    def told(share: float) -> None:
        run.progress.step("grade", share, "layers")

    stream(every, [files, *sinks], rows=rows, workers=machine.workers, client=machine.client, progress=told)
    files.close()


def _layer(run: Run, assessed: Assessed, name: str) -> xr.DataArray:
    """A layer of the stage before, or one that this stage has written."""
    return assessed.layers[name] if name in assessed.layers else run.workspace.published.get(name)


def _scale_table(ruled: RuledUnits, receptors: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    """The check of the scale where the study asks for it; what lies on large cells is kept."""
    checked = Checked(ruled.run, ruled.assessed, ruled.grades, receptors)
    if not ruled.run.setting.study.uncertainty.scale_check or not checked.hazards:
        return {}
    return scale_table(checked, frames_once(ruled.run, "scale", lambda: (scale_frames(checked), {})))


def _unit_grades(run: Run, assessed: Assessed, breaks: ByIndex) -> dict[Index, UnitGrades]:
    """Grades of every index at all levels; a note that holds for several indices is told once, with their names."""
    setting = run.setting
    classing = Classing(scheme=setting.study.zoning.scheme)
    levels = setting.all_levels
    of_levels = {level: assessed.units.loc[setting.codes(level)] for level in levels}
    areas = setting.units.to_crs(str(setting.grid.crs)).geometry.area
    graded: dict[Index, UnitGrades] = {}
    said: dict[Problem, list[Phrase]] = {}
    for index, rule in breaks.items():
        values = {level: units[index.key] for level, units in of_levels.items()}
        bounds = rule.bounds if rule.given else ()
        own = replace(classing, k=index.classes, breaks=bounds, closed=rule.closed)
        with hearing(Journal()) as heard:
            made = grade_units(values, own, parents=setting.units["parent"], areas=areas, levels=levels)
        graded[index] = _of_classes(run, assessed, index, made)
        for problem in heard.warnings:
            said.setdefault(problem, []).append(index_phrase(index))
    for problem, names in said.items():
        note(problem.at(Phrase("grades_by", names=names)))
    return graded


def _of_classes(run: Run, assessed: Assessed, index: Index, made: UnitGrades) -> UnitGrades:
    """Grades that come from other grades where the rules say so: of enough of the ground, of all hazards by points."""
    if _acts_in_places(index):
        return _by_class_shares(run, assessed, index, made)
    if index.hazard != MULTI or index.what != "risk" or run.setting.study.risk.combine != "graded":
        return made
    grades = _by_points(assessed, index)
    return replace(made, codes={level: grades.loc[run.setting.codes(level)] for level in made.codes}, scheme=POINTS)


def _by_points(assessed: Assessed, index: Index) -> pd.Series[int]:
    weights = dict(zip(assessed.weights["hazard"], assessed.weights["weight"], strict=True))
    return points_grades(assessed.units, list(weights), weights, index)


def _of_villages(
    run: Run, assessed: Assessed, graded: dict[Index, UnitGrades], sums: Mapping[str, ClassSums]
) -> dict[Index, UnitGrades]:
    """The same with grades of the villages, cut where the units above are cut."""
    villages = run.setting.villages
    if not len(villages):
        return graded
    at = assessed.units.index.get_indexer(villages)
    out = {}
    for index, made in graded.items():
        if made.scheme == _BY_SHARES:
            ground = sums[index.key].ground[at, 1:]
            own = grade_from_shares(pd.DataFrame(ground, villages, range(1, ground.shape[1] + 1)))
        elif made.scheme == POINTS:
            own = _by_points(assessed, index).loc[villages]
        else:
            own = grade_values(assessed.units.loc[villages, index.key], made.breaks, closed=made.closed)
        out[index] = replace(made, codes={**made.codes, VILLAGE: own})
    return out


def _acts_in_places(index: Index) -> bool:
    return index.what == "hazard" and index.hazard != MULTI and HAZARDS[index.hazard].acts == "places"


def _by_class_shares(run: Run, assessed: Assessed, index: Index, made: UnitGrades) -> UnitGrades:
    """Grades of a hazard that acts in places: the highest class that, with those above, holds a fifth of a unit."""
    table = assessed.by_grade
    own = table[(table["hazard"] == index.hazard) & (table["quantity"] == AREA) & (table["grade"] > 0)]
    shares = own.pivot_table(index="code", columns="grade", values="value", aggfunc="sum").clip(lower=0.0)
    grades = grade_from_shares(shares).reindex(assessed.units.index).fillna(0).astype("uint8")
    codes = {level: grades.loc[run.setting.codes(level)] for level in made.codes}
    return replace(made, codes=codes, scheme=_BY_SHARES)


def _by_grade_table(run: Run, assessed: Assessed) -> pd.DataFrame:
    """What lies in each class of each hazard, for the units of the published levels, coarsest first."""
    level = run.setting.units["level"]
    parts = [
        assessed.by_grade[assessed.by_grade["code"].map(level) == name].assign(level=name).sort_values(
            ["code"], kind="stable"
        )
        for name in reversed(run.setting.levels)
    ]  # fmt: skip
    table = pd.concat(parts, ignore_index=True) if parts else assessed.by_grade.assign(level="")
    return table[["code", "level", "hazard", "quantity", "grade", "value", "share"]]


def _absent(run: Run) -> list[tuple[Index, Index]]:
    """Indices of the hazards that do not exist here: they have no value and no grade, not the lowest one."""
    hazards = [Index(name, "hazard") for name in run.setting.study.not_applicable]
    return [(index, index.risk()) for index in hazards]


def _unit_frames(
    run: Run, assessed: Assessed, unit_grades: Mapping[Index, UnitGrades], absent: list[tuple[Index, Index]]
) -> dict[str, gpd.GeoDataFrame]:
    setting, frames = run.setting, {}
    for level in (*reversed(setting.levels), *((VILLAGE,) if len(setting.villages) else ())):
        codes = setting.codes(level)
        frame = setting.units.loc[codes, ["name", "level", "parent", "geometry"]].copy()
        columns: dict[str, pd.Series | float] = {}
        own = assessed.units.loc[codes]
        for index, grades in unit_grades.items():
            columns[index.key] = own[index.key]
            columns[index.grade_key] = grades.codes[level].reindex(codes).fillna(0).astype("int64")
        for measure in assessed.measures:
            columns[measure.key] = own[measure.key]
        if LEADING in own:
            columns[LEADING] = own[LEADING]
        for hazard in absent:
            columns |= {index.key: np.nan for index in hazard}
            columns |= {index.grade_key: 0 for index in hazard}
        frame = frame.join(pd.DataFrame(columns, index=codes))
        frames[level] = gpd.GeoDataFrame(frame.sort_index(), geometry="geometry", crs=setting.units.crs)
    return frames


def _of_units(on_grid: Breaks, grades: UnitGrades) -> Breaks:
    rule = grades.scheme if grades.scheme in (_BY_SHARES, POINTS) else on_grid.rule
    return Breaks(rule, tuple(map(float, grades.breaks)), on_grid.closed)


def _breaks_table(breaks: Mapping[Index, IndexBreaks], finest: str, lang: str) -> pd.DataFrame:
    """Bounds for cells and for units; those that come from units say which: never from all levels thrown together."""
    rows = [
        {
            "index": index.key,
            "applied_to": where,
            "scheme": index.scheme,
            "rule": cut.rule,
            "closed": cut.closed,
            "grade": grade_number,
            "upper_bound": upper,
            "title": standards.names("grading", cut.rule, lang),
            "level": finest if where == "units" and not (cut.given or cut.by_share) else "",
        }
        for index, both in breaks.items()
        for where, cut in (("grid", both.grid), ("units", both.units))
        for grade_number, upper in enumerate(cut.bounds, start=1)
    ]
    return pd.DataFrame(rows)


def graded(run: Run, made: Made) -> Graded:
    """Grades with the tables that look back on the whole run: skill and sense, the plan's targets, losses."""
    result = grade(run, made.of(Prepared), made.of(Assessed))
    history, segments = recorded(run), made.of(Assessed).segments
    checks = [
        validation_table(made.of(Calibrated).scalars),
        _sense(run, made.of(Assessed), result),
        against_history(history, result.units, segments),
    ]
    # Sentences in tables are in the language of the study, whoever runs it.
    with speaking(run.setting.study.language):
        targets = targets_table(result.units, history, segments)
    tables = {
        "validation": pd.concat([part for part in checks if len(part)] or checks[:1], ignore_index=True),
        "targets": targets,
        "loss_segments": segments,
    }
    chains = chains_table(run.setting.study, made.of(Assessed).units.columns)
    if len(chains):
        tables["hazard_chains"] = chains
    # Other weights leave the losses as they are.
    tables |= frames_once(run, "losses", lambda: (loss_tables(run, made.of(Assessed)), {}))
    by_sector = sector_table(run, made.of(Assessed))
    if by_sector is not None:
        tables["sector_losses"] = by_sector
    return replace(result, tables={**result.tables, **tables})


def _sense(run: Run, assessed: Assessed, graded: Graded) -> pd.DataFrame:
    """The sense checks over the finest units that the run publishes."""
    setting = run.setting
    finest = next(level for level in setting.levels if level in graded.units)
    sense = Sense(graded.units[finest], setting.coverage.areas / 1e6, assessed.ranges, setting.study.exposure.receptors)
    return sense_checks(sense, tuple(item.hazard for item in setting.study.hazards))
