"""Stage ``validation``: what was recorded and what happened, held against the zoning (table ``validation``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.codes import code_texts
from riskzoning.config import EventsConfig, HistoryConfig
from riskzoning.errors import Journal, Phrase, RiskZoningError, hearing, note
from riskzoning.history.yearly import yearly_records
from riskzoning.names import MULTI, Index
from riskzoning.pipeline.stages.assessments import Given
from riskzoning.pipeline.stages.clusters import cluster_tables
from riskzoning.pipeline.stages.proof import classes, events, record, rows
from riskzoning.pipeline.stages.proof.events import Proof, Zoning
from riskzoning.pipeline.stages.proof.record import UnitRecord
from riskzoning.pipeline.stages.proof.rows import Row, Sample
from riskzoning.pipeline.stages.standing import hazard_status
from riskzoning.pipeline.state import Assessed, Graded, Made, Prepared, Run, Surveyed, Zoned
from riskzoning.pipeline.workspace.frames import Frames
from riskzoning.pipeline.workspace.resume import frames_once
from riskzoning.rasters.places import names_rasters

# Inputs of hazards that are events, to which the hazard is fitted.
_FITTED_TO = {"geology": "landslides", "forest_fire": "fire_points"}
# Measures of earlier stages: what the model had seen of the cases, and what the cases are.
_KNOWN: tuple[tuple[str, Sample, str], ...] = (
    ("auc_in_sample", "in-sample", "events"),
    ("auc_holdout", "hold-out", "events"),
    ("auc_newest_years", "hold-out", ""),
    ("auc_danger_score", "independent", ""),
    ("leave_one_out", "hold-out", "stations"),
    ("eal.modelled", "independent", ""),
)
_MONEY = 1e4


def validated(run: Run, made: Made) -> Zoned:
    """The tables ``validation`` (with all that earlier stages said of skill), ``event_classes``, those of clusters."""
    graded = made.of(Graded)
    before = graded.tables["validation"]
    kept = _unit_record(run, made)
    zoning = _zoning(run, made, kept)
    hazards = tuple(item.hazard for item in run.setting.study.hazards)
    single = frames_once(run, "proofs", lambda: (_single(run, zoning, hazards), {}))
    fitted = Proof([rows.Row(*row) for row in single["fitted"].itertuples(index=False)], [single["classes"]])
    proofs = [fitted, *_events(run, zoning)]
    parts = [_told_before(run, before, proofs), rows.table_of(row for proof in proofs for row in proof.rows)]
    parts += [single["record"], _against_record(run, zoning, (MULTI,))]
    whole = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    spatial = {name: table for name, table in cluster_tables(run, made).items() if len(table)}
    standing = hazard_status(run.setting.study)
    tables = {"validation": whole, **spatial, **({"hazard_status": standing} if len(standing) else {})}
    densities = classes.gathered(table for proof in proofs for table in proof.classes)
    classes.tell_classes(densities)
    return Zoned({}, {**tables, "event_classes": densities} if len(densities) else tables)


def _single(run: Run, zoning: Zoning, hazards: tuple[str, ...]) -> Frames:
    """What of the proofs is of single hazards: other weights leave it as it is."""
    fitted = list(_fitted(run, zoning))
    return {
        "fitted": rows.table_of(row for proof in fitted for row in proof.rows),
        "classes": classes.gathered(table for proof in fitted for table in proof.classes),
        "record": _against_record(run, zoning, hazards),
    }


def _against_record(run: Run, zoning: Zoning, hazards: tuple[str, ...]) -> pd.DataFrame:
    """What the record by units says of the indices of hazards."""
    kept = zoning.record
    if kept is None or kept.level not in zoning.units:
        return rows.table_of([])
    year = run.setting.study.validation.leave_out
    return rows.table_of(record.record_rows(kept, zoning.units[kept.level], hazards, year))


def _zoning(run: Run, made: Made, kept: UnitRecord | None) -> Zoning:
    graded, setting = made.of(Graded), run.setting
    below = tuple(level for level in reversed(setting.levels) if level in graded.units)
    # Only events of a level are held against the layer of their period.
    levels = made.of(Assessed).levels
    periods = {(part.hazard, part.period): part.key for part in levels if part.period is not None}
    single = [level for level in below if len(graded.units[level]) == 1]
    return Zoning(
        units={level: graded.units[level] for level in below},
        by_grade=made.of(Assessed).by_grade,
        layers=graded.layers,
        mask=made.of(Prepared).mask,
        names=pd.DataFrame(setting.units[["name", "level"]]),
        levels=tuple(level for level in below if level not in single),
        record=kept,
        intensities=periods,
    )


def _fitted(run: Run, zoning: Zoning) -> Iterator[Proof]:
    """Events that a hazard was fitted to, by its classes: in-sample, and called so."""
    for hazard, name in _fitted_to(run):
        index, points = Index(hazard, "hazard"), run.catalogue.vector(name)
        if index.grade_key in zoning.layers:
            period = events.years_of(points)
            table = events.own_classes(index, name, points, zoning, (period, "in-sample"))
            n = float(table["n"].iloc[0]) if len(table) else 0.0
            row = Row(hazard, "ratio_rises_with_class", classes.rises(table), n, period, name, "in-sample")
            yield Proof([row] if n else [], [table] if n else [])


def _fitted_to(run: Run) -> list[tuple[str, str]]:
    """Hazards and the entries of the events that they were fitted to."""
    given = [(item.hazard, item.inputs.get(_FITTED_TO.get(item.hazard, ""), ())) for item in run.setting.study.hazards]
    return [(hazard, name) for hazard, names in given for name in names]


def _events(run: Run, zoning: Zoning) -> Iterator[Proof]:
    """The events that the study names; one that cannot be compared is told, the others go on."""
    fitted = {name for _, name in _fitted_to(run)}
    for name, given in run.setting.study.validation.events.items():
        try:
            yield _event(run, name, given, zoning, "in-sample" if given.input in fitted else "independent")
        except RiskZoningError as error:
            for problem in error.problems:
                note(problem.at(severity="warning"))


def _event(run: Run, name: str, given: EventsConfig, zoning: Zoning, seen: Sample) -> Proof:
    if given.units:
        return events.unit_events(name, given, run.catalogue.table(given.input), zoning)
    entry = run.catalogue.entry(given.input)
    if names_rasters(run.setting.study.path(entry.path)):
        return events.extent_events(name, given, run.catalogue.layer(given.input, "mask"), zoning)
    places = run.catalogue.vector(given.input)
    if places.geometry.geom_type.str.contains("Polygon").any():
        return events.extent_events(name, given, places, zoning)
    return events.point_events(name, given, places, zoning, seen)


def _unit_record(run: Run, made: Made) -> UnitRecord | None:
    """The record by units; to read it takes all forms, so it is kept."""
    kept = frames_once(run, "record", lambda: (_records(run, made), {}))
    if not kept:
        return None
    records = kept["records"]
    codes = set(records["code"].astype(str))
    held = {level: len(codes & set(run.setting.codes(level).astype(str))) for level in run.setting.all_levels}
    level = max(held, key=lambda name: held[name])
    known = records[records["code"].astype(str).isin(run.setting.codes(level).astype(str))]
    return UnitRecord(known, level) if held[level] and len(known) else None


def _records(run: Run, made: Made) -> Mapping[str, pd.DataFrame]:
    """The record: accepted rows of the survey form, else a plain table that names units and kinds; else nothing."""
    surveys = made.of(Surveyed).surveys if made.has(Surveyed) else {}
    with hearing(Journal()):  # What is wrong with the record was told when it was read first.
        form = Given(run, made, surveys).form("his_annual") if surveys else None
        given = run.setting.study.history
        if form is None and given is not None and given.unit and given.hazard:
            form = _plain_history(run.catalogue.table(given.table), given)
        return {} if form is None else {"records": yearly_records(form)}


def _plain_history(table: pd.DataFrame, given: HistoryConfig) -> pd.DataFrame:
    money = float(standards.convert_units(1.0, given.units, "loss", thing=Phrase("losses_recorded"))) / _MONEY
    years = pd.to_numeric(table[given.year], errors="coerce")
    inside = ((years >= (given.first or -9999)) & (years <= (given.last or 9999))).to_numpy()
    form = record.as_forms(table[inside], given.model_dump(), money)
    return form.assign(adcode6=pd.Series(code_texts(form["adcode6"]), index=form.index, dtype=object))


def _told_before(run: Run, before: pd.DataFrame, proofs: list[Proof]) -> pd.DataFrame:
    """What earlier stages said, with how many cases it rests on, from when, and what the model had seen of them."""
    fitted = dict(_fitted_to(run))
    many = {row.hazard: row for proof in proofs for row in proof.rows if row.measure == "ratio_rises_with_class"}
    stated: dict[str, list[Any]] = {"n": [], "period": [], "calibrated_on": [], "sample": []}
    for hazard, measure in zip(before["hazard"], before["measure"], strict=True):
        n, period, named, sample = np.nan, "", "", ""
        for part, seen, on in _KNOWN:
            if part in measure:
                row = many.get(hazard)
                if on == "events" and row is not None:
                    n, period = row.n, row.period
                named = {"events": fitted.get(hazard, ""), "stations": _stations(run, hazard)}.get(on, "")
                sample = seen
        for column, value in zip(stated.values(), (n, period, named, sample), strict=True):
            column.append(value)
    return before.assign(**stated)[rows.COLUMNS]


def _stations(run: Run, hazard: str) -> str:
    return next(
        (", ".join(item.inputs.get("stations", ())) for item in run.setting.study.hazards if item.hazard == hazard), ""
    )
