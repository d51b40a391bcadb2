"""What whole series of stations show: another unit, columns that are exchanged, an instrument that stands still."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.io.weather.decoding import Array, Thing
from riskzoning.methods.elements import element_units, unusual

_SHOWN = 5


def checked_series(
    data: Mapping[str, Array], stations: list[str], time: pd.DatetimeIndex, thing: Thing, unstated: Collection[str]
) -> dict[str, Array]:
    """Elements ``station`` x ``time`` without readings that cannot be; all that is wrong is said at once.

    ``unstated`` are elements whose unit nobody has stated: another unit is an error of theirs, else a warning.
    """
    problems = [problem for name, values in data.items() if (problem := _unit(values, name, thing, unstated))]
    out = dict(data)
    for low, high, by in standards.table("formats/weather_elements").data["order"]:
        if low in out and high in out:
            _ordered(out, (low, high), float(by), stations, time, thing, problems)
    for name, values in out.items():
        out[name] = _moving(values, name, stations, thing)
    if problems:
        raise LayerError(problems=problems)
    return out


def _unit(values: Array, element: str, thing: Thing, unstated: Collection[str]) -> Problem | None:
    """Another unit; None where it is stated, which is noted."""
    odd = unusual(values, element)
    if odd is None:
        return None
    units = element_units()[element]
    facts: dict[str, Any] = {
        "variable": element, "units": units, "value": odd.value, "low": odd.low, "high": odd.high,
        "statistic": Phrase(f"usual_{odd.statistic}"),
    }  # fmt: skip
    if element in unstated:
        return Problem("weather.other_unit", thing, **facts)
    note(Problem("weather.stated_unit", thing, severity="warning", **facts))
    return None


def _ordered(
    data: dict[str, Array],
    names: tuple[str, str],
    by: float,
    stations: list[str],
    time: pd.DatetimeIndex,
    thing: Thing,
    problems: list[Problem],
) -> None:
    """Days on which an element lies above the one that bounds it: both are missing there; with many it is an error."""
    low, high = (data[name] for name in names)
    wrong = low > high + by
    if not wrong.any():
        return
    at, day = (int(part[0]) for part in np.nonzero(wrong))
    total, most = int((np.isfinite(low) & np.isfinite(high)).sum()), _facts()["most_impossible"]
    many = int(wrong.sum()) > float(most) * total
    problem = Problem(
        "weather.exchanged" if many else "weather.crossed", thing, severity="error" if many else "warning",
        low=names[0], high=names[1], count=int(wrong.sum()), total=total, station=stations[at],
        day=f"{time[day]:%Y-%m-%d}", first=float(low[at, day]), second=float(high[at, day]),
    )  # fmt: skip
    if many:
        problems.append(problem)
        return
    note(problem)
    for name, values in zip(names, (low, high)):
        data[name] = np.where(wrong, np.nan, values)


def _moving(values: Array, element: str, stations: list[str], thing: Thing) -> Array:
    """The series without stations whose values are all the same, which are noted."""
    facts = _facts()
    known = np.isfinite(values)
    count = known.sum(axis=1)
    low, high = (op(np.where(known, values, fill), axis=1) for op, fill in ((np.min, np.inf), (np.max, -np.inf)))
    still = (low == high) & (count >= int(facts["same_least"]))
    if element in facts["may_stay_zero"]:
        still &= low != 0
    if element == "precipitation":
        still &= (low != 0) | (count >= int(facts["dry_least"]))
    if not still.any():
        return values
    shown = [
        Phrase("same_values", station=stations[at], value=float(low[at]), count=int(count[at]))
        for at in np.flatnonzero(still)[:_SHOWN]
    ]
    note(Problem(
        "weather.still", thing, severity="warning", variable=element, count=int(still.sum()), stations=shown,
    ))  # fmt: skip
    return np.where(still[:, None], np.nan, values)


def _facts() -> Mapping[str, Any]:
    facts: Mapping[str, Any] = standards.table("formats/weather_elements").data
    return facts
