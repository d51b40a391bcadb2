"""Rules across tables: parts and wholes of two forms, annual rows and their events, totals of the yearbook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning.surveys.context import Context
from riskzoning.surveys.findings import Findings
from riskzoning.surveys.records import Records

Rule = Mapping[str, Any]
_ROUND = 0.011


def check_children(records: Records, context: Context, findings: Findings) -> set[str]:
    """Q10: a township is the sum of its communities; ids of rules that lack their other form are returned."""
    lacking = set()
    for rule in records.form.rules_of("Q10"):
        if rule["kind"] == "children":
            other = context.related.get(rule["form"])
            if other is None or not other.has(rule["by"], rule["child"]):
                lacking.add(str(rule["form"]))
                continue
            _children(records, other, rule, findings)
        elif rule["kind"] == "tenfold" and context.related.get(rule["form"]) is not None:
            _tenfold(records, context.related[rule["form"]], rule, findings)
        elif rule["kind"] == "county" and not _county_totals(records, rule, context, findings):
            lacking.add("yearbook")
    return lacking


def _children(records: Records, other: Records, rule: Rule, findings: Findings) -> None:
    parts = pd.DataFrame({"code": other.texts(rule["by"]), "value": other.numbers(rule["child"])})
    sums = parts.groupby("code")["value"].sum(min_count=1)
    complete = parts.groupby("code")["value"].apply(lambda values: values.notna().all())
    codes = pd.Series(records.texts(rule["by"]))
    whole = records.numbers(rule["field"])
    total = codes.map(sums).to_numpy(dtype=np.float64)
    known = codes.map(complete).fillna(False).to_numpy(dtype=bool)
    with np.errstate(invalid="ignore"):
        wrong = known & (np.abs(whole - total) > float(rule["tolerance"]) * whole)
    rows = {code: list(group.index) for code, group in parts[parts["code"].isin(codes[wrong])].groupby("code")}
    also = ["|".join(other.places.text(at) for at in rows[code]) for code in codes[wrong]]
    values: dict[str, Any] = {"value": whole[wrong], "other": total[wrong], "difference": (whole - total)[wrong]}
    findings.add("Q10.children", wrong, field=rule["field"], also=also, tolerance=rule["tolerance"], **values)


def _tenfold(records: Records, other: Records, rule: Rule, findings: Findings) -> None:
    """Where the parts exceed the whole, the one part that mends the sum when a figure too many is taken off."""
    if not records.has(rule["by"], rule["field"]) or not other.has(rule["by"], rule["parent"]):
        return
    values = pd.Series(records.numbers(rule["field"]))
    codes = pd.Series(records.texts(rule["by"]))
    whole = pd.Series(other.numbers(rule["parent"]), index=other.texts(rule["by"]))
    stated = codes.map(whole[~whole.index.duplicated()]).to_numpy(dtype=np.float64)
    excess = codes.map(values.groupby(codes).sum()).to_numpy(dtype=np.float64) - stated
    tolerance = float(rule["tolerance"]) * stated
    with np.errstate(invalid="ignore"):
        wrong = (excess > tolerance) & (np.abs(excess - 0.9 * values.to_numpy()) <= np.maximum(tolerance, 1))
    fits = values[wrong].to_numpy() / 10
    findings.add("Q10.tenfold", wrong, field=rule["field"], value=values[wrong].to_numpy(), other=fits)


def _county_totals(records: Records, rule: Rule, context: Context, findings: Findings) -> bool:
    """Q10: the townships of a county add up to the county."""
    stated = _yearbook(context, rule["field"])
    if stated is None:
        return False
    sums = pd.Series(records.numbers(rule["field"])).groupby(context.county(records)).sum(min_count=1)
    _compare_totals(records, sums, stated, rule, findings, "Q10.county", "error")
    return True


def _yearbook(context: Context, column: str) -> pd.Series | None:
    """Totals by county from the yearbook."""
    book = context.yearbook
    if book is None or column not in book.columns:
        return None
    code = next((name for name in ("adcode6", "code") if name in book.columns), None)
    return None if code is None else pd.Series(book[column].to_numpy(dtype=np.float64), index=book[code].astype(str))


def _compare_totals(
    records: Records, sums: pd.Series, stated: pd.Series, rule: Rule, findings: Findings, name: str, severity: str
) -> None:
    tolerance, field = float(rule["tolerance"]), str(rule.get("field", rule.get("of")))
    county = records.texts("adcode6")
    for code, total in sums.items():
        wanted = stated.get(code, np.nan)
        if np.isfinite(total) and np.isfinite(wanted) and abs(total - wanted) > tolerance * abs(wanted):
            at = np.flatnonzero(county == code)
            like = int(at[0]) if at.size else -1
            kind: Any = severity
            findings.about_all(
                name,
                severity=kind,
                field=field,
                key=str(code),
                like=like,
                code=code,
                value=float(total),
                other=float(wanted),
                tolerance=tolerance,
            )


def check_yearbook(records: Records, context: Context, findings: Findings) -> set[str]:
    """Q11: sums by county against the yearbook; columns of the yearbook that are not there are returned."""
    lacking = set()
    for rule in records.form.rules_of("Q11"):
        stated = _yearbook(context, rule["yearbook"])
        if stated is None:
            lacking.add(str(rule["yearbook"]))
            continue
        values = pd.Series(records.numbers(rule["of"]))
        if rule["kind"] == "total_of_type":
            values = values.where(records.texts(rule["type"]) == rule["value"])
        sums = values.groupby(records.texts("adcode6")).sum(min_count=1)
        if rule["kind"] == "city":
            sums, stated = pd.Series({"": values.sum()}), pd.Series({"": stated.sum()})
        _compare_totals(records, sums, stated, rule, findings, "Q11.total", "warning")
    return lacking


def check_events(records: Records, context: Context, findings: Findings) -> set[str]:
    """Q17: an annual row is the sum of its events: persons and houses exactly, areas and money within 1 %."""
    lacking = set()
    for rule in records.form.rules_of("Q17"):
        other = context.related.get(rule["form"])
        if other is None or not other.has(*rule["by"]) or not records.has(*rule["by"]):
            lacking.add(str(rule["form"]))
            continue
        keys, theirs = _keys(records, rule["by"]), _keys(other, rule["by"])
        at = {key: list(group.index) for key, group in theirs.groupby(theirs)}
        also = ["|".join(other.places.text(row) for row in at.get(key, [])) for key in keys]
        if records.has(rule["number"]):
            counts = keys.map({key: len(rows) for key, rows in at.items()}).fillna(0).to_numpy(dtype=np.float64)
            _told(
                records, "Q17.number", rule["number"], records.numbers(rule["number"]) != counts, counts, also, findings
            )
        for name in (*rule["exact"], *rule["near"]):
            if records.has(name) and other.has(name):
                _sums(records, other, rule, name, (keys, theirs), also, context, findings)
        _without_annual(other, keys, theirs, records, findings)
    return lacking


def _keys(records: Records, names: list[str]) -> pd.Series[str]:
    parts = [pd.Series(records.texts(name)) for name in names if name != "year"]
    out = pd.Series(records.numbers("year")).map(lambda value: f"{value:.0f}")
    for part in parts:
        out = out + "|" + part
    return out


def _sums(
    records: Records,
    other: Records,
    rule: Rule,
    name: str,
    keys: tuple[pd.Series[str], pd.Series[str]],
    also: list[str],
    context: Context,
    findings: Findings,
) -> None:
    mine, theirs = keys
    values = records.numbers(name)
    sums = (
        mine.map(pd.Series(other.numbers(name)).groupby(theirs).sum(min_count=1)).fillna(0).to_numpy(dtype=np.float64)
    )
    tolerance = 0.0 if name in rule["exact"] else float(rule["tolerance"])
    with np.errstate(invalid="ignore", divide="ignore"):
        wrong = np.isfinite(values) & (
            np.abs(values - sums) > np.maximum(tolerance * np.abs(sums), _ROUND if tolerance else 0)
        )
        ratio = values / sums
        units = context.limits["units"]["area" if name.startswith("crop") else "money"]
        scaled = (
            wrong
            & np.any([np.abs(ratio / step - 1) < 0.02 for f in units for step in (f, 1 / f)], axis=0)
            & (tolerance > 0)
        )
    _told(records, "Q17.sum", name, wrong, sums, also, findings)
    at = np.flatnonzero(scaled)
    listed = [also[row] for row in at]
    findings.add(
        "Q14.events",
        at,
        field=name,
        severity="warning",
        also=listed,
        value=values[at],
        other=np.round(sums[at], 4),
        ratio=ratio[at],
    )


def _told(
    records: Records,
    rule: str,
    name: str,
    wrong: NDArray[np.bool_],
    sums: NDArray[Any],
    also: list[str],
    findings: Findings,
) -> None:
    known = wrong & np.isfinite(records.numbers(name))
    rows = np.flatnonzero(known)
    listed = [also[row] for row in rows]
    findings.add(rule, rows, field=name, also=listed, value=records.numbers(name)[rows], other=np.round(sums[rows], 4))


def _without_annual(
    other: Records, mine: pd.Series[str], theirs: pd.Series[str], records: Records, findings: Findings
) -> None:
    """Events whose county, year and hazard have no annual row: told once a key, about the annual form."""
    absent = sorted(set(theirs) - set(mine))
    for key in absent:
        rows = theirs.index[theirs == key]
        year, *parts = key.split("|")
        findings.about_all(
            "Q17.no_annual",
            key="-".join([parts[0], year, *parts[1:]]),
            like=0 if len(records.frame) else -1,
            events=tuple(other.places.text(int(row)) for row in rows),
        )
