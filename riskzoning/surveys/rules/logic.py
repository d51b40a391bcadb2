"""Rules inside one row: what cannot be more than something else, sums and parts, rooms and households, storeys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning.surveys.context import Context
from riskzoning.surveys.findings import Findings
from riskzoning.surveys.records import Records

Rule = Mapping[str, Any]
# Rounding of figures that are written with one or two decimals.
_ROUND = 0.011


def check_logic(records: Records, context: Context, findings: Findings) -> None:
    """Q01, Q08, Q09, Q10 and Q14 rules that need the row alone."""
    for rule in records.form.rules:
        kind = _KINDS.get(rule["kind"])
        if kind is not None:
            with np.errstate(invalid="ignore", divide="ignore"):
                kind(records, rule, context, findings)


def _at_most(records: Records, rule: Rule, _context: Context, findings: Findings) -> None:
    """``of`` is at most ``factor`` times ``than``; person-times of several events, that many times."""
    value, other = records.numbers(rule["of"]), records.numbers(rule["than"][0])
    factor = float(rule.get("factor", 1))
    if "times" in rule:
        other = other * np.fmax(records.numbers(rule["times"]), 1)
    wrong = value > factor * other * (1 + 1e-9)
    than = records.form.by_name[rule["than"][0]]
    name = "Q08.at_most" if factor == 1 else "Q08.at_most_times"
    findings.add(name, wrong, field=rule["of"], value=value[wrong], other=other[wrong], than=than, factor=factor)


def _at_least(records: Records, rule: Rule, _context: Context, findings: Findings) -> None:
    value, other = records.numbers(rule["of"]), records.numbers(rule["than"][0])
    wrong = value < other
    than = records.form.by_name[rule["than"][0]]
    findings.add("Q08.at_least", wrong, field=rule["of"], value=value[wrong], other=other[wrong], than=than)


def _at_least_sum(records: Records, rule: Rule, _context: Context, findings: Findings) -> None:
    """``of`` is at least the sum of its parts; told at the largest part."""
    whole = records.numbers(rule["of"])
    parts = np.nan_to_num(np.column_stack([records.numbers(name) for name in rule["parts"]]))
    wrong = parts.sum(axis=1) > whole
    largest = parts.argmax(axis=1)
    of = records.form.by_name[rule["of"]]
    for index, name in enumerate(rule["parts"]):
        mask = wrong & (largest == index)
        findings.add("Q08.more_than", mask, field=name, value=parts[mask, index], other=whole[mask], than=of)


def _rooms(records: Records, rule: Rule, context: Context, findings: Findings) -> None:
    """A household lives in one room at least; three households a room are the two columns exchanged."""
    households, rooms = records.numbers(rule["households"]), records.numbers(rule["rooms"])
    wrong = rooms < households
    low, high = context.limits["rooms_per_household"]
    ratio = households / rooms
    swapped = wrong & (ratio >= low) & (ratio <= high)
    findings.add("Q08.rooms", wrong, field=rule["rooms"], value=rooms[wrong], other=households[wrong])
    findings.add(
        "Q14.rooms", swapped, field=rule["rooms"], severity="warning", value=rooms[swapped], other=households[swapped]
    )


def _sum(records: Records, rule: Rule, context: Context, findings: Findings) -> None:
    """A total is the sum of its parts within a tolerance; a factor of a unit between them is named."""
    if not records.has(rule["of"], *rule["parts"]):
        return
    total = records.numbers(rule["of"])
    parts = np.column_stack([records.numbers(name) for name in rule["parts"]])
    complete = np.isfinite(parts).all(axis=1)
    amount = np.where(complete, parts.sum(axis=1), np.nan)
    wrong = np.abs(total - amount) > np.maximum(
        float(rule["tolerance"]) * np.maximum(np.abs(total), np.abs(amount)), _ROUND * len(rule["parts"])
    )
    findings.add(
        "Q08.sum",
        wrong,
        field=rule["of"],
        value=total[wrong],
        other=np.round(amount[wrong], 4),
        tolerance=rule["tolerance"],
    )
    scaled = wrong & _is_unit(total / amount, context.limits["units"]["money"])
    findings.add(
        "Q14.sum",
        scaled,
        field=rule["of"],
        severity="warning",
        value=total[scaled],
        other=np.round(amount[scaled], 4),
        ratio=(total / amount)[scaled],
    )


def _is_unit(ratio: NDArray[np.float64], factors: list[float]) -> NDArray[np.bool_]:
    """Whether a ratio is one of the factors between units, or its inverse, within 2 %."""
    return np.any([np.abs(ratio / step - 1) < 0.02 for f in factors for step in (f, 1 / f)], axis=0)


def _parts(records: Records, rule: Rule, _context: Context, findings: Findings) -> None:
    """Q10: persons add up exactly."""
    if not records.has(rule["of"], *rule["parts"]):
        return
    whole = records.numbers(rule["of"])
    amount = np.column_stack([records.numbers(name) for name in rule["parts"]]).sum(axis=1)
    wrong = np.isfinite(amount) & np.isfinite(whole) & (amount != whole)
    parts = tuple(records.form.by_name[name] for name in rule["parts"])
    findings.add(
        "Q10.parts",
        wrong,
        field=rule["of"],
        value=whole[wrong],
        other=amount[wrong],
        difference=(whole - amount)[wrong],
        parts=parts,
    )


def _at_most_quotient(records: Records, rule: Rule, _context: Context, findings: Findings) -> None:
    """Q08: the capacity of a shelter is at most its area by the area a person needs."""
    value, room = records.numbers(rule["of"]), records.numbers(rule["area"]) / records.numbers(rule["per"])
    wrong = value > room + 1
    findings.add("Q08.capacity", wrong, field=rule["of"], value=value[wrong], other=np.floor(room[wrong]))


def _not_before(records: Records, rule: Rule, _context: Context, findings: Findings) -> None:
    if not records.has(rule["of"], rule["than"]):
        return
    late, early = pd.Series(records.frame[rule["of"]]), pd.Series(records.frame[rule["than"]])
    wrong = (late < early).to_numpy(dtype=bool)
    than = records.form.by_name[rule["than"]]
    shown = {"value": _day(late, wrong), "other": _day(early, wrong)}
    findings.add("Q08.before", wrong, field=rule["of"], than=than, value=shown["value"], other=shown["other"])


def _year_of(records: Records, rule: Rule, _context: Context, findings: Findings) -> None:
    if not records.has(rule["of"], rule["date"]):
        return
    year, days = records.numbers(rule["of"]), pd.Series(records.frame[rule["date"]])
    wrong = np.isfinite(year) & days.notna().to_numpy() & (days.dt.year.to_numpy() != year)
    findings.add("Q08.year", wrong, field=rule["of"], value=year[wrong], other=_day(days, wrong))


def _year_not_after(records: Records, rule: Rule, _context: Context, findings: Findings) -> None:
    """Q08: nothing is built after the day on which it was surveyed."""
    if not records.has(rule["of"], rule["date"]):
        return
    year, days = records.numbers(rule["of"]), pd.Series(records.frame[rule["date"]])
    wrong = days.notna().to_numpy() & (year > days.dt.year.to_numpy(dtype=np.float64))
    than = records.form.by_name[rule["date"]]
    findings.add("Q08.year_after", wrong, field=rule["of"], value=year[wrong], other=_day(days, wrong), than=than)


def _day(days: pd.Series, mask: NDArray[np.bool_]) -> NDArray[np.object_]:
    return pd.Series(days[mask]).dt.strftime("%Y-%m-%d").to_numpy(dtype=object)


def _range(records: Records, rule: Rule, _context: Context, findings: Findings) -> None:
    """Q09: a value outside what buildings have."""
    value = records.numbers(rule["field"])
    low, high = float(rule.get("min", -np.inf)), float(rule.get("max", np.inf))
    wrong = (value < low) | (value > high)
    findings.add("Q09.range", wrong, field=rule["field"], severity="warning", value=value[wrong], low=low, high=high)


def _ratio(records: Records, rule: Rule, _context: Context, findings: Findings) -> None:
    """Q09: floor area or height a storey."""
    value, storeys = records.numbers(rule["of"]), records.numbers(rule["by"])
    ratio = value / storeys
    low, high = float(rule.get("min", -np.inf)), float(rule.get("max", np.inf))
    wrong = np.isfinite(ratio) & (storeys > 0) & ((ratio < low) | (ratio > high))
    findings.add(
        "Q09.per_storey",
        wrong,
        field=rule["of"],
        severity="warning",
        value=value[wrong],
        other=storeys[wrong],
        ratio=np.round(ratio[wrong], 2),
        low=low,
        high=high,
    )


def _masonry(records: Records, rule: Rule, _context: Context, findings: Findings) -> None:
    storeys = records.numbers(rule["floors"])
    masonry = np.isin(records.texts(rule["structure"]).astype(str), [str(code) for code in rule["codes"]])
    wrong = masonry & (storeys > rule["max"]) & (storeys <= 100)
    findings.add("Q09.masonry", wrong, field=rule["floors"], severity="warning", value=storeys[wrong], most=rule["max"])


def _needed_with(records: Records, rule: Rule, _context: Context, findings: Findings) -> None:
    """A field that is needed where one of the parts is more than 0; a column that lacks is told once."""
    parts = [name for name in rule["parts"] if records.has(name)]
    amounts = np.column_stack([np.nan_to_num(records.numbers(name)) for name in parts or rule["parts"]])
    given = (amounts > 0).any(axis=1)
    if not given.any():
        return
    if not records.has(rule["of"]):
        like = int(given.argmax())
        findings.about_all("Q01.needed_column", severity="warning", field=rule["of"], like=like)
        return
    wrong = given & ~np.isfinite(records.numbers(rule["of"]))
    largest = amounts.argmax(axis=1)
    for index, name in enumerate(parts):
        mask = wrong & (largest == index)
        title = records.form.by_name[name]
        values = {"amount": amounts[mask, index], "part": title}
        findings.add("Q01.needed_with", mask, field=rule["of"], severity="warning", **values)


_KINDS: dict[str, Callable[[Records, Rule, Context, Findings], None]] = {
    "at_most": _at_most,
    "at_least": _at_least,
    "at_least_sum": _at_least_sum,
    "rooms": _rooms,
    "sum": _sum,
    "parts": _parts,
    "at_most_quotient": _at_most_quotient,
    "not_before": _not_before,
    "year_of": _year_of,
    "year_not_after": _year_not_after,
    "range": _range,
    "ratio": _ratio,
    "masonry": _masonry,
    "needed_with": _needed_with,
}
