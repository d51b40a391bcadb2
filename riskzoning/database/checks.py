"""Rules of a row, each in two tongues: SQL for the CHECK of a table, arrays for the rows before they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from numpy.typing import NDArray

from riskzoning.surveys.forms import Field, Form

Mask = NDArray[np.bool_]
Test = Callable[[pd.DataFrame], Mask]
# Sums of numbers with decimals are equal to this much of them.
_ROUND = 1e-9
_LENGTHS = {"code6": 6, "code9": 9, "code12": 12}
_PLACES = {"lon": 180.0, "lat": 90.0}


@dataclass(frozen=True)
class Check:
    """What must hold for a row: ``rule`` is the word of the quality rule, ``expression`` its SQL, ``broken`` tells the
    rows of a typed frame that break it. A missing value breaks nothing, as in SQL."""

    rule: str
    columns: tuple[str, ...]
    expression: sa.ColumnElement[bool]
    broken: Test

    @property
    def text(self) -> str:
        """The rule as it is told: its word and the condition."""
        condition = str(self.expression.compile(compile_kwargs={"literal_binds": True})).replace("\n", " ")
        return f"{self.rule}: {condition}"


def _numbers(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    return frame[name].to_numpy(dtype=np.float64, na_value=np.nan)


def _plain(value: float | None) -> float | None:
    """A whole number without decimals, as people write it."""
    return int(value) if value is not None and float(value).is_integer() else value


def within(name: str, least: float | None, most: float | None, rule: str = "Q02") -> Check:
    """A number inside a range."""
    low, high = _plain(least), _plain(most)
    column: sa.ColumnClause[Any] = sa.column(name)
    parts = [column >= low] if low is not None else []
    parts += [column <= high] if high is not None else []

    def broken(frame: pd.DataFrame) -> Mask:
        values = _numbers(frame, name)
        under = values < low if low is not None else np.zeros(len(values), dtype=bool)
        over = values > high if high is not None else np.zeros(len(values), dtype=bool)
        return np.asarray(under | over)

    return Check(rule, (name,), sa.and_(*parts), broken)


def one_of(name: str, choices: Sequence[str], rule: str = "Q02") -> Check:
    """A text out of a list."""
    known = list(choices)

    def broken(frame: pd.DataFrame) -> Mask:
        return (frame[name].notna() & ~frame[name].isin(known)).to_numpy(dtype=bool)

    return Check(rule, (name,), sa.column(name).in_(known), broken)


def as_long_as(name: str, length: int, rule: str = "Q02") -> Check:
    """A code of so many signs."""

    def broken(frame: pd.DataFrame) -> Mask:
        values = frame[name]
        return (values.notna() & (values.str.len() != length)).to_numpy(dtype=bool)

    return Check(rule, (name,), sa.func.length(sa.column(name)) == length, broken)


def _at_most(rule: Mapping[str, Any]) -> Check:
    """``of`` is at most ``factor`` times ``than``, for several events that many times."""
    of, than, times = str(rule["of"]), str(rule["than"][0]), rule.get("times")
    factor = float(rule.get("factor", 1))
    limit: sa.ColumnElement[Any] = sa.column(than) * sa.literal(factor * (1 + _ROUND))
    limit = sa.column(than) if factor == 1 and not times else limit
    if times:
        many: sa.ColumnClause[Any] = sa.column(str(times))
        limit = limit * sa.case((many > 1, many), else_=1)

    def broken(frame: pd.DataFrame) -> Mask:
        most = _numbers(frame, than) * factor * (1 + _ROUND if factor != 1 or times else 1)
        if times:
            most = most * np.fmax(_numbers(frame, str(times)), 1)
        return np.asarray(_numbers(frame, of) > most)

    named = (of, than, str(times)) if times else (of, than)
    return Check(str(rule["id"]), named, sa.column(of) <= limit, broken)


def _at_least(rule: Mapping[str, Any]) -> Check:
    of, than = str(rule["of"]), str(rule["than"][0])

    def broken(frame: pd.DataFrame) -> Mask:
        return np.asarray(_numbers(frame, of) < _numbers(frame, than))

    return Check(str(rule["id"]), (of, than), sa.column(of) >= sa.column(than), broken)


def _at_least_sum(rule: Mapping[str, Any]) -> Check:
    """``of`` is at least the sum of its parts; a part that is missing counts as none."""
    of, parts = str(rule["of"]), [str(part) for part in rule["parts"]]
    total: sa.ColumnElement[Any] = sa.func.coalesce(sa.column(parts[0]), 0)
    for part in parts[1:]:
        total = total + sa.func.coalesce(sa.column(part), 0)

    def broken(frame: pd.DataFrame) -> Mask:
        amount = sum(
            (np.nan_to_num(_numbers(frame, part)) for part in parts[1:]), np.nan_to_num(_numbers(frame, parts[0]))
        )
        return np.asarray(_numbers(frame, of) < amount)

    return Check(str(rule["id"]), (of, *parts), sa.column(of) >= total, broken)


def _parts(rule: Mapping[str, Any]) -> Check:
    """Persons add up exactly, where all parts are known."""
    of, parts = str(rule["of"]), [str(part) for part in rule["parts"]]
    total: sa.ColumnElement[Any] = sa.column(parts[0])
    for part in parts[1:]:
        total = total + sa.column(part)

    def broken(frame: pd.DataFrame) -> Mask:
        whole = _numbers(frame, of)
        amount = np.column_stack([_numbers(frame, part) for part in parts]).sum(axis=1)
        return np.asarray(np.isfinite(whole) & np.isfinite(amount) & (whole != amount))

    return Check(str(rule["id"]), (of, *parts), sa.column(of) == total, broken)


def _rooms(rule: Mapping[str, Any]) -> Check:
    """A household lives in one room at least."""
    return _at_least({"id": rule["id"], "of": rule["rooms"], "than": [rule["households"]]})


def _not_before(rule: Mapping[str, Any]) -> Check:
    of, than = str(rule["of"]), str(rule["than"])

    def broken(frame: pd.DataFrame) -> Mask:
        late, early = (pd.to_datetime(frame[name]) for name in (of, than))
        return (late < early).to_numpy(dtype=bool)

    return Check(str(rule["id"]), (of, than), sa.column(of) >= sa.column(than), broken)


# Rules of a form that a single row can break for certain; those that only ask for an explanation are not among them.
_KINDS: Mapping[str, Callable[[Mapping[str, Any]], Check]] = {
    "at_most": _at_most,
    "at_least": _at_least,
    "at_least_sum": _at_least_sum,
    "parts": _parts,
    "rooms": _rooms,
    "not_before": _not_before,
}


def checks_of(of: Form) -> tuple[Check, ...]:
    """Every CHECK of the table of a form: of its fields, then of its rules."""
    fields = [check for item in of.fields for check in _field_checks(item)]
    return (*fields, *(_KINDS[rule["kind"]](rule) for rule in of.rules if rule["kind"] in _KINDS))


def _field_checks(item: Field) -> list[Check]:
    if item.kind in _LENGTHS:
        return [as_long_as(item.name, _LENGTHS[item.kind])]
    if item.kind in _PLACES:
        most = _PLACES[item.kind]
        return [within(item.name, -most, most)]
    if item.kind == "choice":
        return [one_of(item.name, item.choices)]
    if item.minimum is None and item.maximum is None:
        return []
    return [within(item.name, item.minimum, item.maximum)]


def stated_check(entry: Mapping[str, Any]) -> Check:
    """A check as the schema states it."""
    if entry["kind"] == "choice":
        return one_of(str(entry["field"]), [str(choice) for choice in entry["choices"]])
    return within(str(entry["field"]), entry.get("min"), entry.get("max"))
