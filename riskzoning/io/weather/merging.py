"""Rows of stations to one a day: a value beats a blank, two values are a problem, hours are added up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, decided, note
from riskzoning.io.weather.decoding import Thing
from riskzoning.methods.elements import daily_rules

_SHOWN = 5
_KEY = ["station", "time"]


def one_row_a_day(
    rows: pd.DataFrame, elements: Sequence[str], thing: Thing, problems: list[Problem], *, ends_at_20: bool = False
) -> pd.DataFrame:
    """Rows ``station time`` and elements, dated and named, as one row for each station and day.

    What is left out or added up is noted; readings that contradict each other go to the problems. ``ends_at_20``: the
    times of readings within a day are shifted so that a day of theirs ends at 20:00. ``attrs["added_up"]`` says whether
    days were made of hours.
    """
    rows = _named_and_dated(rows, thing)
    steps = _steps_a_day(rows)
    if steps == 1:
        days = _merged(rows.assign(time=rows["time"].dt.normalize()), elements, thing, problems)
    else:
        merged = _merged(rows, elements, thing, problems)
        days = _added_up(merged, elements, steps, thing, ends_at_20=ends_at_20)
    days.attrs["added_up"] = steps > 1
    return days


def _named_and_dated(rows: pd.DataFrame, thing: Thing) -> pd.DataFrame:
    undated, nameless = rows["time"].isna(), rows["station"] == ""
    if (undated | nameless).all():
        raise LayerError(Problem("stations.no_rows", thing))
    for rule, bad in (("dropped.weather_undated", undated), ("dropped.weather_stationless", nameless)):
        if bad.any():
            note(Problem(rule, thing, severity="warning", count=bad.sum(), rows=rows.index[bad][:_SHOWN].tolist()))
    return _near_in_time(rows[~undated & ~nameless], thing)


def _near_in_time(rows: pd.DataFrame, thing: Thing) -> pd.DataFrame:
    """The rows without the few whose year must be wrong: decades before or after all others."""
    facts = standards.table("formats/weather_elements").data
    days = np.sort(rows["time"].unique())
    years = int(facts["apart_years"])
    cuts = np.flatnonzero(np.diff(days) > np.timedelta64(round(years * 365.25), "D"))
    if not cuts.size:
        return rows
    group = np.searchsorted(days[cuts + 1], rows["time"].to_numpy(), side="right")
    counts = np.bincount(group)
    apart = (counts <= max(float(facts["apart_share"]) * len(rows), 2))[group] & (group != counts.argmax())
    if not apart.any():
        return rows
    kept = rows[~apart]
    examples = [f"{day:%Y-%m-%d}" for day in rows.loc[apart, "time"].unique()[:_SHOWN]]
    note(Problem(
        "dropped.weather_apart", thing, severity="warning", count=int(apart.sum()), years=years, examples=examples,
        rows=rows.index[apart][:_SHOWN].tolist(), first=f"{kept['time'].min():%Y-%m-%d}",
        last=f"{kept['time'].max():%Y-%m-%d}",
    ))  # fmt: skip
    return kept


def _steps_a_day(rows: pd.DataFrame) -> int:
    """How many different clock times most days of a station have."""
    if (rows["time"] == rows["time"].dt.normalize()).all():
        return 1
    stamps = rows[_KEY].drop_duplicates()
    counts = stamps.groupby(["station", stamps["time"].dt.normalize()]).size()
    return int(counts.mode().max())


def _merged(rows: pd.DataFrame, elements: Sequence[str], thing: Thing, problems: list[Problem]) -> pd.DataFrame:
    """One row for a station and time stamp: the value of an element where any row has one."""
    double = rows.duplicated(_KEY, keep=False)
    if not double.any():
        return rows
    again = rows[double]
    grouped = again.groupby(_KEY, sort=False)
    examples: list[Phrase] = []
    count = 0
    for element in elements:
        values = grouped[element]
        differ = values.max() - values.min() > 1e-9 * values.max().abs()
        count += int(differ.sum())
        for key in differ.index[differ][: _SHOWN - len(examples)]:
            there = again[(again["station"] == key[0]) & (again["time"] == key[1])]
            two, where = there[element].dropna().unique()[:2], there.index[:2].tolist()
            when = f"{key[1]:%Y-%m-%d}" if key[1] == key[1].normalize() else f"{key[1]:%Y-%m-%d %H:%M}"
            examples.append(Phrase(
                "two_readings", station=key[0], day=when, variable=element,
                first=float(two[0]), second=float(two[1]), rows=where,
            ))  # fmt: skip
    if examples:
        problems.append(Problem("weather.two_readings", thing, count=count, examples=examples))
    extra = int(rows.duplicated(_KEY).sum())
    shown = rows.index[rows.duplicated(_KEY)][:_SHOWN].tolist()
    note(Problem("dropped.weather_rows_twice", thing, severity="warning", count=extra, rows=shown))
    # first() takes the first value that is there.
    one = grouped[list(elements)].first().reset_index()
    return pd.concat([rows[~double], one], ignore_index=True)


def _added_up(
    rows: pd.DataFrame, elements: Sequence[str], steps: int, thing: Thing, *, ends_at_20: bool
) -> pd.DataFrame:
    """Readings within a day as one value of the day, by the rule of each element."""
    rules, least = daily_rules(), float(standards.table("formats/station_tables").data["least_share_of_day"])
    days = rows.assign(time=rows["time"].dt.normalize())
    grouped = days.groupby(_KEY, sort=False)
    columns: dict[str, Any] = {}
    lost = 0
    for element in elements:
        known = grouped[element].count()
        value = grouped[element].agg(rules.get(element, "mean"))
        enough = known >= least * steps
        lost += int(((known > 0) & ~enough).sum())
        columns[element] = value.where(enough, np.nan)
    said = [Phrase(f"daily_{rules.get(element, 'mean')}", variable=element) for element in elements]
    decided(thing, "rows", said, why="values")
    facts: dict[str, Any] = {"count": steps, "rules": said, "days": lost, "least": least}
    if ends_at_20:
        note(Problem("weather.hours_made_days", thing, severity="info", **facts))
    else:
        note(Problem("weather.finer_steps", thing, severity="warning", **facts))
    return pd.DataFrame(columns).reset_index()


def note_gaps(rows: pd.DataFrame, thing: Thing) -> None:
    """Note that many days between the first and the last of the stations have no row."""
    data = standards.table("formats/station_tables").data
    spans = rows.groupby("station")["time"].agg(["min", "max", "size"])
    total = int(((spans["max"] - spans["min"]).dt.days + 1).sum())
    count = total - int(spans["size"].sum())
    if count > data["most_gaps"] * total and count >= data["least_gap_days"]:
        note(Problem("weather.gaps", thing, severity="warning", share=count / total, count=count, total=total))
