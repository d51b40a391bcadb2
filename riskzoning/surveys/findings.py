"""What a check of a survey has to say, row by row, kept as arrays so that millions of rows cost little."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning.errors import Phrase, Problem, Severity
from riskzoning.surveys.forms import Field, Form
from riskzoning.surveys.patterns import Pattern

COLUMNS = ("file", "sheet", "row", "field", "rule", "severity", "found", "required", "fix", "key", "also_at")
_ORDER = {"error": 0, "warning": 1, "info": 2}
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Finding:
    """One rule that rows break: ``rule`` is ``Q05.swapped``; values are one for all rows or one a row."""

    rule: str
    severity: Severity
    field: str | None
    rows: Rows
    values: Mapping[str, object] = default(default_factory=dict)
    also: Sequence[str] = ()
    keys: Sequence[str] = ()
    # For what stands at no row: a row of the file and sheet where it should stand.
    like: int = -1


@dataclass
class Findings:
    """The findings of a check of one form, in the order of the rules."""

    items: list[Finding] = default(default_factory=list)

    def add(
        self,
        rule: str,
        rows: NDArray[np.bool_] | Sequence[int] | Rows,
        *,
        field: str | None = None,
        severity: Severity = "error",
        also: Sequence[str] = (),
        keys: Sequence[str] = (),
        **values: object,
    ) -> None:
        """Rows (a mask, or positions) that break a rule; values that are arrays have one entry a row named."""
        given = np.asarray(rows)
        at = np.flatnonzero(given) if given.dtype == bool else given.astype(np.int64)
        if at.size:
            self.items.append(Finding(rule, severity, field, at, values, also, keys))

    def about_all(
        self,
        rule: str,
        *,
        severity: Severity = "error",
        field: str | None = None,
        key: str = "",
        like: int = -1,
        **values: object,
    ) -> None:
        """Something about the whole form, at no row: a record that is missing, a rule that could not be applied."""
        self.items.append(Finding(rule, severity, field, np.array([-1]), values, (), (key,), like))

    def count(self, severity: Severity) -> int:
        """How many rows of a severity."""
        return sum(item.rows.size for item in self.items if item.severity == severity)


@dataclass(frozen=True)
class Places:
    """Where the rows of a form stand: files and sheets by code, and the row as a person sees it."""

    files: tuple[str, ...]
    sheets: tuple[str, ...]
    file: NDArray[np.int32]
    sheet: NDArray[np.int32]
    row: NDArray[np.int64]

    def text(self, at: int) -> str:
        """``file;sheet;row`` of a row."""
        return f"{self.files[self.file[at]]};{self.sheets[self.sheet[at]]};{self.row[at]}"


def problems(findings: Findings, form: Form, places: Places, lang: str) -> Iterator[Problem]:
    """Every finding as a problem with its place; for long lists take :func:`table`."""
    for item, at, values in _spread(findings):
        yield _problem(item, form, places, at, values, lang)


def table(findings: Findings, form: Form, places: Places, keys: pd.Series[str], lang: str) -> pd.DataFrame:
    """The findings as the problem table, one row each, sorted by file, sheet, row; sentences in a language."""
    ids = keys.to_numpy(dtype=object) if len(keys) else np.array([], dtype=object)
    records = []
    for item, at, values in _spread(findings):
        problem = _problem(item, form, places, at, values, lang)
        parts = problem.as_row(lang)
        own = item.keys[values["_index"]] if len(item.keys) > values["_index"] else None
        key = own or (ids[at] if at >= 0 else "")
        also = item.also[values["_index"]] if len(item.also) > values["_index"] else ""
        rule = str(parts["rule"]).split(".", 1)[0]
        sentences = (parts["found"], parts["required"], parts["fix"])
        stands = at if at >= 0 else item.like
        file, sheet = (
            (places.files[places.file[stands]], places.sheets[places.sheet[stands]]) if stands >= 0 else ("", "")
        )
        place = (file, sheet, problem.row)
        records.append((*place, problem.field, rule, problem.severity, *sentences, key, also))
    frame = pd.DataFrame(records, columns=list(COLUMNS))
    frame["row"] = frame["row"].astype("Int64")
    rank = frame["severity"].map(_ORDER)
    order = frame.assign(_rank=rank).sort_values(["file", "sheet", "row", "_rank", "rule"], kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def _spread(findings: Findings) -> Iterator[tuple[Finding, int, dict[str, Any]]]:
    for item in findings.items:
        per_row = {name: value for name, value in item.values.items() if _is_per_row(value, item.rows.size)}
        shared = {name: value for name, value in item.values.items() if name not in per_row}
        for index, at in enumerate(item.rows.tolist()):
            yield item, at, {**shared, **{n: v[index] for n, v in per_row.items()}, "_index": index}  # type: ignore[index]


def _is_per_row(value: object, size: int) -> bool:
    return isinstance(value, np.ndarray | pd.Series) and len(value) == size


def _problem(item: Finding, form: Form, places: Places, at: int, values: Mapping[str, Any], lang: str) -> Problem:
    given: dict[str, Any] = {name: _in_words(value, lang) for name, value in values.items() if name != "_index"}
    title = form.by_name[item.field].title(lang) if item.field in form.by_name else item.field
    about: Phrase | str = Phrase("survey_form", name=form.titles.get(lang, form.name))
    place: dict[str, Any] = {"severity": item.severity, "field": title}
    if at >= 0:
        about = places.files[places.file[at]]
        place |= {"sheet": places.sheets[places.sheet[at]] or None, "row": int(places.row[at])}
    return Problem(item.rule, about, **place, **given)


def _in_words(value: object, lang: str) -> object:
    """Fields as their titles, patterns as they are described."""
    if isinstance(value, Field):
        return value.title(lang)
    if isinstance(value, Pattern):
        return value.written(lang)
    if isinstance(value, tuple) and value and all(isinstance(item, Field) for item in value):
        return " + ".join(item.title(lang) for item in value)
    return value
