"""The comparison of two runs in words: how many units went up or down, why, and which changed most."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.codes import unit_names
from riskzoning.comparison.changes import Comparison
from riskzoning.comparison.differences import CAUSES
from riskzoning.comparison.units import matched
from riskzoning.errors import counted
from riskzoning.names import MULTI, Index, column_of, indices_of

_TOP = 10
_NAMES = 8
# Where the explanation of a key goes on behind what it is called.
_FIRST_WORDS = re.compile(r"[;；,，：（(。]|: (?!\w+`)| - ")


def say(key: str, lang: str, /, **values: object) -> str:
    """A sentence of the comparison."""
    text = str(standards.shipped_table("names/comparison").data[key][lang])
    return counted(text, values, lang).format(**values)


def leading_index(comparison: Comparison) -> Index | None:
    """The index that is told: the composite risk, or the first that both runs have with grades."""
    runs = comparison.before, comparison.after
    hazards = [Index(name, "hazard") for name in runs[1].hazards if name in runs[0].hazards]
    every = sorted(indices_of(hazards), key=lambda index: (index.hazard != MULTI, index.what != "risk"))
    both = [index for index in every if all(index.grade_key in run.units.columns for run in runs)]
    return both[0] if both else None


def finest_level(comparison: Comparison, index: Index) -> str:
    """The finest level whose units have grades of the index in the later run."""
    units = comparison.after.units
    graded = set(units.loc[units[index.grade_key].fillna(0) > 0, "level"])
    return next((level for level in reversed(comparison.after.levels) if level in graded), comparison.after.levels[-1])


def titled(index: Index, lang: str) -> str:
    """What people call what the index tells, with its hazard."""
    if index.hazard == MULTI:
        return say(f"comprehensive_{index.what}", lang)
    hazard = index.hazard_title(lang)
    return say(f"of_{index.what}", lang, hazard=hazard.lower() if lang == "en" else hazard)


def net(comparison: Comparison, index: Index, level: str) -> pd.DataFrame:
    """Each unit of a level that both runs have: ``name before after grade_before grade_after``, whether changed or not.

    The index is the code after; grades are 0 where there is none.
    """
    sides = matched(comparison.before, comparison.after)
    old = comparison.before.units.loc[sides.before].set_axis(sides.after)
    new = comparison.after.units.loc[sides.after]
    own = new["level"] == level
    columns: dict[str, pd.Series[Any]] = {"name": unit_names(new)}
    for name, frame in (("before", old), ("after", new)):
        columns[name] = frame[index.key].astype(float)
        columns[f"grade_{name}"] = frame[index.grade_key].fillna(0).astype("int64")
    return pd.DataFrame(columns)[own.to_numpy()]


def summary(comparison: Comparison, lang: str) -> list[str]:
    """The comparison in words: units up and down at each level, causes, the ten that changed most.

    Parameters
    ----------
    comparison : Comparison
        From :func:`compare`.
    lang : {"zh", "en"}

    Returns
    -------
    list of str
        Lines.

    Examples
    --------
    >>> from riskzoning.comparison import compare
    >>> from riskzoning.samples import toy_result
    >>> summary(compare(toy_result(), toy_result()), "en")[-1]
    'No value and no grade of any unit has changed.'
    """
    before, after = comparison.before, comparison.after
    dates = {f"date_{side}": run.study.get("data_date", "-") for side, run in (("before", before), ("after", after))}
    lines = [
        say("head", lang, city=after.title(lang)),
        say("runs", lang, before=before.label, after=after.label, **dates),
    ]
    if not len(comparison.changes):
        return [*lines, say("nothing", lang)]
    index = leading_index(comparison)
    lines += _units(comparison, lang)
    if index is not None:
        for level in after.levels:
            lines += _level(comparison, index, level, lang)
        finest = finest_level(comparison, index)
        lines += [*_causes(comparison, index, finest, lang), *_top(comparison, index, finest, lang)]
    return [*lines, *_others(comparison, index, lang)]


def _units(comparison: Comparison, lang: str) -> Iterator[str]:
    rows = comparison.changes[comparison.changes["indicator"] == "unit"]
    if len(rows):
        told = [
            str(row.detail or f"{row.name_} {row.code}") for row in rows.rename(columns={"name": "name_"}).itertuples()
        ]
        shown = told if len(told) <= _NAMES else [*told[:_NAMES], "…"]
        yield say("units", lang, count=len(rows), names=say("stop", lang).join(shown))


def _level(comparison: Comparison, index: Index, level: str, lang: str) -> Iterator[str]:
    table = net(comparison, index, level)
    if not len(table):
        return
    both = (table["grade_before"] > 0) & (table["grade_after"] > 0)
    if not both.any():
        return
    by = (table["grade_after"] - table["grade_before"])[both]
    words = {"level": comparison.after.level_name(level, lang), "title": titled(index, lang)}
    counts = {"up": int((by > 0).sum()), "down": int((by < 0).sum()), "same": int((by == 0).sum())}
    yield say("level", lang, **words, count=int(both.sum()), **counts)
    moves = (table["after"] - table["before"]).dropna()
    moves = moves[moves.abs() > 1e-12]
    if len(moves):
        most = {"up": max(float(moves.max()), 0.0), "down": max(float(-moves.min()), 0.0)}
        yield say("values", lang, **words, count=len(moves), **most)


def _own(comparison: Comparison, index: Index, level: str) -> pd.DataFrame:
    table = comparison.changes
    chosen = (table["hazard"] == index.hazard) & (table["receptor"] == "") & (table["indicator"] == index.indicator)
    return table[chosen & (table["level"] == level)]


def _causes(comparison: Comparison, index: Index, level: str, lang: str) -> Iterator[str]:
    table = _own(comparison, index, level)
    if not len(table):
        return
    yield say("causes", lang)
    order = {cause: place for place, cause in enumerate(CAUSES)}
    groups = sorted(
        table.groupby(["cause", "detail"], sort=False), key=lambda item: order[str(item[0][0]).split(";")[0]]
    )
    for (cause, detail), rows in groups:
        regraded = (rows["grade_before"] != rows["grade_after"]).fillna(False)
        grades = int(rows.loc[regraded.to_numpy(dtype=bool), "code"].nunique())
        mean = float(np.nan_to_num(rows["change"].to_numpy(dtype=float)).sum() / max(rows["code"].nunique(), 1))
        key = "cause" if rows["change"].abs().gt(0).any() else "cause_grades"
        yield "  " + say(
            key, lang, cause=named_causes(str(cause), lang), units=rows["code"].nunique(), mean=mean, grades=grades,
            detail=_shortened(str(detail), lang),
        ).rstrip()  # fmt: skip


def _shortened(detail: str, lang: str) -> str:
    """The first names of a long list, keys of the study with what they are called; the table has all of them."""
    names = [_with_title(name, lang) for name in detail.split(", ")]
    return ", ".join(names if len(names) <= _NAMES else [*names[:_NAMES], "…"])


def _with_title(name: str, lang: str) -> str:
    """A key of the study behind the first words of what it is called; names that have no title as they are."""
    words = standards.shipped_table("names/study_keys").data.get(name)
    if not isinstance(words, dict) or lang not in words:
        return name
    return say("titled", lang, title=_FIRST_WORDS.split(str(words[lang]))[0].strip(), key=name)


def named_causes(cause: str, lang: str) -> str:
    """Causes in words."""
    return say("comma", lang).join(say(one, lang) for one in cause.split(";"))


def _top(comparison: Comparison, index: Index, level: str, lang: str) -> Iterator[str]:
    table = net(comparison, index, level)
    own = _own(comparison, index, level)
    table = table[table.index.isin(own["code"])].assign(
        by=lambda rows: (rows["grade_after"] - rows["grade_before"]).abs(),
        moved=lambda rows: (rows["after"] - rows["before"]).abs(),
    )
    if not len(table):
        return
    yield say("top", lang)
    best = table.sort_values(["by", "moved"], ascending=False, kind="stable").head(_TOP)
    for number, (code, row) in enumerate(best.iterrows(), start=1):
        causes = dict.fromkeys(part for text in own.loc[own["code"] == code, "cause"] for part in text.split(";"))
        key = "grade" if row["grade_before"] == row["grade_after"] else "grades"
        grades = say(key, lang, before=row["grade_before"], after=row["grade_after"])
        yield "  " + say(
            "unit", lang, number=number, name=row["name"], code=code, grades=grades, before=row["before"],
            after=row["after"], causes=named_causes(";".join(causes), lang),
        )  # fmt: skip


def _others(comparison: Comparison, index: Index | None, lang: str) -> Iterator[str]:
    """Indices of single hazards that changed, by how many units of the finest level."""
    level = comparison.after.levels[-1] if index is None else finest_level(comparison, index)
    table = comparison.changes[comparison.changes["level"] == level]
    told = []
    for (hazard, receptor, indicator), rows in table.groupby(["hazard", "receptor", "indicator"], sort=False):
        other = column_of(str(hazard), str(receptor), str(indicator))
        if receptor == "" and isinstance(other, Index) and other != index:
            told.append(f"{titled(other, lang)} ({rows['code'].nunique()})")
    if told:
        yield say("others", lang, names=say("comma", lang).join(told))
