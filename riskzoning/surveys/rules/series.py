"""Rules of annual series: every year has a row, one population a county and year, no loss without an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from riskzoning.surveys.context import Context
from riskzoning.surveys.findings import Findings
from riskzoning.surveys.records import Records

Rule = Mapping[str, Any]
# So many years between the first two rows of a place (or the last two), and the outer one is mistyped.
_FAR = 8


def check_series(records: Records, context: Context, findings: Findings) -> None:
    """Q13: all rules of annual series."""
    for rule in records.form.rules_of("Q13"):
        if rule["kind"] == "series" and records.has(rule["by"], rule["year"]):
            _gaps(records, rule, context, findings)
            for name in rule["same"]:
                if records.has(name):
                    _levels(records, rule, name, findings)
        elif rule["kind"] == "no_event" and records.has(rule["events"]):
            _without_event(records, rule, findings)


def _keyed(records: Records, rule: Rule) -> pd.DataFrame:
    frame = pd.DataFrame({"place": records.texts(rule["by"]), "year": records.numbers(rule["year"])})
    frame["hazard"] = records.texts("hazard")
    good = (frame["place"] != "") & np.isfinite(frame["year"]) & (frame["year"] == np.floor(frame["year"]))
    return frame[good].astype({"year": int})


def _gaps(records: Records, rule: Rule, context: Context, findings: Findings) -> None:
    """Years without any row, and years without the row of a hazard that the place has in nearly all others."""
    frame = _keyed(records, rule)
    if frame.empty:
        return
    every = _period(frame)
    rows, years, keys = [], [], []
    for place, group in frame.groupby("place"):
        have = set(group["year"])
        for year in (year for year in every if year not in have):
            rows.append(_neighbour(group, year))
            years.append(year)
            keys.append(f"{place}-{year}")
    also = ["|".join(records.places.text(at) for at in _around(frame, key)) for key in keys]
    findings.add("Q13.gap", rows, field=rule["year"], keys=keys, also=also, year=np.array(years), key=np.array(keys))
    _hazards_missing(frame, context, findings, len(every))


def _period(frame: pd.DataFrame) -> range:
    """The years of the record: those that half of the places have, so that one year mistyped does not stretch it."""
    places = frame.groupby("year")["place"].nunique()
    usual = places.index[places >= (frame["place"].nunique() + 1) // 2]
    years = [int(str(year)) for year in (usual if len(usual) else places.index)]
    # A place alone: a year far from all others is a slip, not the begin of its record.
    while len(years) > 2 and years[1] - years[0] > _FAR:
        years = years[1:]
    while len(years) > 2 and years[-1] - years[-2] > _FAR:
        years = years[:-1]
    return range(years[0], years[-1] + 1)


def _hazards_missing(frame: pd.DataFrame, context: Context, findings: Findings, years: int) -> None:
    rows, missing = [], []
    counts = frame.groupby(["place", "hazard"])["year"].nunique()
    usual = counts[(counts >= context.limits["usual_hazard"] * years) & (counts < years)]
    for place, hazard in usual.index.to_frame().itertuples(index=False):
        group = frame[frame["place"] == place]
        lacking = sorted(set(group["year"]) - set(group.loc[group["hazard"] == hazard, "year"]))
        for year in lacking:
            rows.append(_row(group.index[group["year"] == year][0]))
            missing.append(hazard)
    findings.add("Q13.hazard", rows, field="hazard", missing=np.array(missing, dtype=object))


def _neighbour(group: pd.DataFrame, year: int) -> int:
    """The row beside a gap: the last before it, else the first after it."""
    before = group.index[group["year"] < year]
    if len(before):
        last = group.loc[before, "year"].max()
        return int(group.index[group["year"] == last][-1])
    return _row(group["year"].idxmin())


def _around(frame: pd.DataFrame, key: str) -> list[int]:
    place, year = key.rsplit("-", 1)
    return [int(at) for at in frame.index[(frame["place"] == place) & (frame["year"].sub(int(year)).abs() == 1)]]


def _row(label: object) -> int:
    return int(str(label))


def _levels(records: Records, rule: Rule, name: str, findings: Findings) -> None:
    """A figure of the place that is repeated on every row of a year: the same on all, and no jump between years."""
    frame = _keyed(records, rule)
    frame["value"] = records.numbers(name)[frame.index.to_numpy()]
    frame = frame[np.isfinite(frame["value"])]
    if frame.empty:
        return
    centre = frame.groupby("place")["value"].transform("median")
    # Of several that are equally frequent in a year the one that is nearest to the other years.
    ordered = frame.assign(off=(frame["value"] - centre).abs()).sort_values("off", kind="stable")
    times = ordered.groupby(["place", "year", "value"], sort=False).size().rename("times").reset_index()
    best = times.loc[times.groupby(["place", "year"], sort=True)["times"].idxmax()]
    usual = best.set_index(["place", "year"])["value"]
    stated = pd.MultiIndex.from_frame(frame[["place", "year"]]).map(usual)
    odd = frame["value"].to_numpy() != np.asarray(stated, dtype=np.float64)
    rows = frame.index[odd].to_numpy()
    also = ["|".join(records.places.text(int(at)) for at in _same_year(frame, int(row)) if at != row) for row in rows]
    findings.add(
        "Q13.same",
        rows,
        field=name,
        also=also,
        value=frame["value"].to_numpy()[odd],
        other=np.asarray(stated, dtype=np.float64)[odd],
    )
    _jumps(records, frame[~odd], usual, rule, name, findings)


def _same_year(frame: pd.DataFrame, row: int) -> list[int]:
    place, year = frame.loc[row, "place"], frame.loc[row, "year"]
    return [int(at) for at in frame.index[(frame["place"] == place) & (frame["year"] == year)]]


def _jumps(records: Records, frame: pd.DataFrame, usual: pd.Series, rule: Rule, name: str, findings: Findings) -> None:
    """More than ten times up or down from one year to the next; of a single odd year the year itself."""
    limit = float(rule["jump"])
    rows, value, other, also = [], [], [], []
    for place, series in usual.groupby(level=0):
        levels = series.droplevel(0).sort_index()
        years, numbers = levels.index.to_numpy(), levels.to_numpy(dtype=np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            step = numbers[1:] / numbers[:-1]
        jump = np.isfinite(step) & ((step > limit) | (step < 1 / limit))
        at = 0
        while at < len(jump):
            if not jump[at]:
                at += 1
                continue
            back = at + 1 < len(jump) and jump[at + 1]
            group = frame[(frame["place"] == place) & (frame["year"] == years[at + 1])]
            beside = frame[
                (frame["place"] == place) & frame["year"].isin([years[at], years[min(at + 2, len(years) - 1)]])
            ]
            rows.append(int(group.index[0]))
            value.append(numbers[at + 1])
            other.append(numbers[at])
            also.append("|".join(records.places.text(int(i)) for i in (*group.index[1:], *beside.index)))
            at += 2 if back else 1
    findings.add(
        "Q13.jump",
        rows,
        field=name,
        severity="warning",
        also=also,
        value=np.array(value),
        other=np.array(other),
        limit=limit,
    )


def _without_event(records: Records, rule: Rule, findings: Findings) -> None:
    """A year without an event has no losses."""
    none = records.numbers(rule["events"]) == 0
    left = none.copy()
    for name in rule["values"]:
        values = records.numbers(name)
        with np.errstate(invalid="ignore"):
            wrong = left & (values > 0)
        findings.add("Q13.no_event", wrong, field=name, value=values[wrong])
        left &= ~wrong
