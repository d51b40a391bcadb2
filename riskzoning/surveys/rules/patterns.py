"""Rules of texts that are made of other fields: their pattern, and parts that say the same as the row."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.admin.codes import is_pseudo_county
from riskzoning.surveys.findings import Findings
from riskzoning.surveys.forms import Field
from riskzoning.surveys.patterns import Pattern
from riskzoning.surveys.records import Records

Texts = NDArray[np.object_]


def check_patterns(records: Records, findings: Findings) -> None:
    """Q02: texts have the pattern of their field; Q02 and Q03: what they repeat of the row is as in the row."""
    for field in records.form.fields:
        if field.pattern is None or not records.has(field.name):
            continue
        texts = records.texts(field.name)
        matches = [field.pattern.expression.fullmatch(text) for text in texts]
        formed = np.array([match is not None for match in matches], dtype=bool)
        parts: dict[str, Texts] = {}
        for name in field.pattern.parts:
            given = np.array([(match[name] or "") if match else "" for match in matches], dtype=object)
            parts[name] = _read(given, records.form.by_name[name], field.pattern)
            # A day that is none, a hazard that is none: the text has the pattern by its letters only.
            formed &= (given == "") | (parts[name] != "")
        wrong = ~formed & (texts != "")
        findings.add("Q02.pattern", wrong, field=field.name, value=texts[wrong], wanted=field.pattern)
        for name, part in parts.items():
            _same(records, field, records.form.by_name[name], np.where(formed, part, ""), findings)


def _same(records: Records, field: Field, other: Field, part: Texts, findings: Findings) -> None:
    """A part of a text says what another field of the row says; a zone of statistics is folded into its county."""
    if not records.has(other.name):
        return
    own = _own(records, other)
    differs = (part != "") & (own != "") & (part != own)
    if other.kind == "code6":
        differs &= ~np.array([len(code) == 6 and is_pseudo_county(code) for code in part], dtype=bool)
    rule = "Q03.part" if other.kind.startswith("code") else "Q02.part"
    values = {"value": records.texts(field.name)[differs], "given": part[differs], "own": own[differs]}
    findings.add(rule, differs, field=field.name, part=other, **values)


def _own(records: Records, field: Field) -> Texts:
    if field.kind == "date":
        return _as_days(records.frame[field.name])
    if field.kind in ("year", "integer"):
        return _as_whole(pd.Series(records.numbers(field.name)))
    return records.texts(field.name)


def _read(given: Texts, field: Field, pattern: Pattern) -> Texts:
    """Parts as values of their field: days, choices, whole numbers, or as they are; empty where they are none."""
    if field.kind == "date":
        return _as_days(pd.to_datetime(pd.Series(given), format="%Y%m%d", errors="coerce"))
    if field.kind in ("year", "integer"):
        return _as_whole(pd.to_numeric(pd.Series(given), errors="coerce"))
    if field.kind != "choice":
        return given
    codes, uniques = pd.factorize(given)
    return np.array([_choice(text, field, pattern) for text in uniques], dtype=object)[codes]


def _choice(text: str, field: Field, pattern: Pattern) -> str:
    """The choice that a text means: the choice itself, its label, or another word for one of these."""
    for candidate in (text, _usual(text, pattern)):
        if candidate in field.choices:
            return candidate
        if candidate in field.labels:
            return field.labels[candidate]
    return ""


def _usual(text: str, pattern: Pattern) -> str:
    if not pattern.words:
        return text
    data = standards.table(pattern.words).data
    meanings = ((name, entry) for name, entry in data.items() if isinstance(entry, Mapping))
    return next((str(name) for name, entry in meanings if text in entry.get("words", ())), text)


def _as_days(days: pd.Series) -> Texts:
    return days.dt.strftime("%Y-%m-%d").fillna("").to_numpy(dtype=object)


def _as_whole(numbers: pd.Series) -> Texts:
    return numbers.round().astype("Int64").astype("string").fillna("").to_numpy(dtype=object)
