"""Rules of single cells: ranges and whole numbers, days of survey, personal data in what is published."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from riskzoning.surveys.context import Context
from riskzoning.surveys.findings import Findings
from riskzoning.surveys.forms import Field
from riskzoning.surveys.records import Records


def check_numbers(records: Records, context: Context, findings: Findings) -> None:
    """Q02: whole numbers, not negative, inside the range of the field; years between the first and this one."""
    for field in records.form.of_kind("integer", "number", "year"):
        if not records.has(field.name):
            continue
        values = records.numbers(field.name)
        with np.errstate(invalid="ignore"):
            low, high = _range(field, context)
            negative = (values < 0) & (low == 0)
            outside = ((values < low) | (values > high)) & ~negative
            split = (values != np.floor(values)) & np.isfinite(values) & (field.kind in ("integer", "year"))
        findings.add("Q02.negative", negative, field=field.name, value=values[negative])
        findings.add("Q02.whole", split, field=field.name, value=values[split])
        findings.add(
            "Q02.range", outside & ~split, field=field.name, value=values[outside & ~split], low=low, high=high
        )


def _range(field: Field, context: Context) -> tuple[float, float]:
    low = -np.inf if field.minimum is None else field.minimum
    high = np.inf if field.maximum is None else field.maximum
    if field.kind == "year":
        low = 1900 if field.minimum is None else low
        high = min(high, context.today.year)
    return low, high


def check_days(records: Records, context: Context, findings: Findings) -> None:
    """Q02: the day of a survey lies between the beginning of surveys and today; no other day lies ahead either."""
    earliest = {True: pd.Timestamp(context.limits["survey_from"]), False: pd.Timestamp(context.limits["record_from"])}
    for field in records.form.of_kind("date"):
        if not records.has(field.name):
            continue
        days, first = records.frame[field.name], earliest[field.survey]
        last = context.today + pd.DateOffset(years=context.limits["ahead_years"]) if field.future else context.today
        wrong = ((days < first) | (days > last)).to_numpy(dtype=bool)
        shown = days[wrong].dt.strftime("%Y-%m-%d").to_numpy(dtype=object)
        begin, end = first.strftime("%Y-%m-%d"), last.strftime("%Y-%m-%d")
        findings.add("Q02.day", wrong, field=field.name, value=shown, first=begin, last=end)


def check_privacy(records: Records, context: Context, findings: Findings) -> None:
    """Q15: no names of persons, identity or telephone numbers in texts."""
    patterns = {kind: re.compile(text) for kind, text in context.limits["private"].items()}
    whole = re.compile("|".join(f"(?:{pattern.pattern})" for pattern in patterns.values()))
    for field in records.form.of_kind("text", "name"):
        if not records.has(field.name):
            continue
        texts = records.texts(field.name)
        uniques, inverse = np.unique(texts.astype(str), return_inverse=True)
        hits = np.array([bool(whole.search(text)) for text in uniques])[inverse]
        findings.add(
            "Q15.private", hits, field=field.name, value=np.array([_hidden(text, whole) for text in texts[hits]])
        )


def _hidden(text: str, whole: re.Pattern[str]) -> str:
    """A text with what is private struck out, so that the report of the fault does not spread it."""
    return whole.sub(lambda match: match.group()[:1] + "*" * (len(match.group()) - 1), str(text))
