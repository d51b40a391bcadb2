"""Hidden dangers by unit: the index, counts by class and level, what is overdue."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.errors import Phrase, Problem, note
from riskzoning.inputs import check_columns

_NEEDED = ("level", "people", "status")


def danger_index(
    dangers: pd.DataFrame, areas: Mapping[str, float], *, unit: str = "town9", today: object = None
) -> pd.DataFrame:
    """Hidden-danger index (隐患指数) of units: severity times the logarithm of the people threatened, per km2.

    HD = sum of s ln(1 + people) / area over the dangers that are not closed; s = 1 major, .6 considerable, .3 general,
    taken by name.

    Parameters
    ----------
    dangers : DataFrame
        One row a danger: ``level people status`` and the code of its unit; of ``class deadline value_wan`` what is
        there is counted too (columns of the survey form ``dgr_point``).
    areas : mapping
        Code of a unit -> area, km2; every unit gets a row.
    unit : str
        Column of the unit's code.
    today : date, optional
        Day that decides what is overdue; by default the day of the call.

    Returns
    -------
    DataFrame
        Index: code. ``index`` (0 without dangers), ``rank`` (0..1 by rank, ties averaged), ``grade`` (1..5 by rank, 0
        without dangers), ``dangers``, ``major considerable general`` (open ones), ``people`` threatened,
        ``unresolved`` (share not closed), ``overdue`` (share of the unresolved whose deadline has passed).

    Raises
    ------
    SurveyError
        Columns are missing.

    Examples
    --------
    >>> table = pd.DataFrame({"town9": ["a", "a"], "level": ["重大", "一般"], "people": [99, 0]})
    >>> danger_index(table.assign(status="待整治"), {"a": 10.0, "b": 5.0})["index"].round(6).to_dict()
    {'a': 0.460517, 'b': 0.0}
    """
    check_columns(dangers, (unit, *_NEEDED), Phrase("hidden_dangers"), form=True)
    rules = standards.table("hidden_dangers/levels").data
    table = _counted(dangers, unit, areas, rules)
    left = ~table["status"].isin(rules["closed"])
    value = (table["severity"] * np.log1p(table["people"])).where(left, 0.0)
    out = pd.DataFrame(index=pd.Index([str(code) for code in areas], name="code"))
    area = pd.Series({str(code): float(size) for code, size in areas.items()})
    out["index"] = value.groupby(table["unit"]).sum().reindex(out.index, fill_value=0.0) / area
    out["rank"] = _ranked(out["index"])
    out["grade"] = graded(out["index"])
    out["dangers"] = table.groupby("unit").size().reindex(out.index, fill_value=0)
    for name, severity in (("major", 1.0), ("considerable", 0.6), ("general", 0.3)):
        chosen = left & (table["severity"] == severity)
        out[name] = chosen.groupby(table["unit"]).sum().reindex(out.index, fill_value=0).astype(np.int64)
    out["people"] = table["people"].where(left, 0).groupby(table["unit"]).sum().reindex(out.index, fill_value=0.0)
    out["unresolved"] = left.groupby(table["unit"]).mean().reindex(out.index)
    if "deadline" in dangers.columns:
        day = pd.Timestamp.now().normalize() if today is None else pd.Timestamp(str(today))
        late = pd.to_datetime(table["deadline"], errors="coerce") < day
        share = late[left].groupby(table["unit"][left]).mean()
        out["overdue"] = share.reindex(out.index).astype(np.float64)
    return out


def danger_counts(dangers: pd.DataFrame, *, unit: str = "town9") -> pd.DataFrame:
    """How many dangers of each class and level units have, how many are open, and whom they threaten.

    Parameters
    ----------
    dangers : DataFrame
        One row a danger: ``class level status people`` and the code of its unit; ``value_wan`` where it is there.
    unit : str
        Column of the unit's code.

    Returns
    -------
    DataFrame
        ``code class level dangers open people`` (threatened by the open ones) ``value_yuan``.

    Raises
    ------
    SurveyError
        Columns are missing.

    Examples
    --------
    >>> table = pd.DataFrame({"town9": "a", "class": "GEO", "level": "重大", "people": [9, 5]})
    >>> danger_counts(table.assign(status=["待整治", "已销号"]))[["dangers", "open", "people"]].values.tolist()
    [[2, 1, 9]]
    """
    check_columns(dangers, (unit, "class", *_NEEDED), Phrase("hidden_dangers"), form=True)
    codes = dangers[unit].dropna().astype(str).unique()
    rules = standards.table("hidden_dangers/levels").data
    table = _counted(dangers, unit, dict.fromkeys(codes, 1.0), rules)
    left = ~table["status"].isin(rules["closed"])
    value = pd.to_numeric(table["value_wan"], errors="coerce") if "value_wan" in table else np.nan
    counts = table.assign(
        code=table["unit"], dangers=1, open=left.astype(int), people=table["people"].where(left, 0.0),
        value_yuan=(value * 1e4 * left),
    )  # fmt: skip
    columns = ["dangers", "open", "people", "value_yuan"]
    return counts.groupby(["code", "class", "level"])[columns].sum(min_count=1).reset_index()


def _counted(
    dangers: pd.DataFrame, unit: str, areas: Mapping[str, float], rules: Mapping[str, Mapping[str, float]]
) -> pd.DataFrame:
    """The dangers that can be counted: known level, state and unit; the others are told."""
    table = dangers.copy()
    table["unit"] = table[unit].astype("string")
    level, status = table["level"].astype("string").str.strip(), table["status"].astype("string").str.strip()
    table["status"], table["severity"] = status, level.map(rules["severity"]).astype(np.float64)
    table["people"] = pd.to_numeric(table["people"], errors="coerce").fillna(0).clip(lower=0)
    states = [*rules["open"], *rules["closed"]]
    odd = table["severity"].isna() | ~status.isin(states)
    if odd.any():
        values = sorted({*level[table["severity"].isna()].fillna(""), *status[~status.isin(states)].fillna("")})
        known = [*rules["severity"], *states]
        shown = [value or Phrase("none_given") for value in values]
        note(Problem("hidden_dangers.level", Phrase("hidden_dangers"), severity="warning", values=shown, known=known))
    away = ~table["unit"].isin([str(code) for code in areas])
    if away.any():
        codes = sorted(table.loc[away, "unit"].fillna("").unique())
        count = int(away.sum())
        note(Problem("hidden_dangers.unit", Phrase("hidden_dangers"), severity="warning", count=count, codes=codes))
    return table[~odd & ~away]


def graded(index: pd.Series[float]) -> pd.Series[int]:
    """Grades 1..5 of indices by their rank, 0 where there are no dangers."""
    grades: pd.Series[int] = np.minimum(np.floor(_ranked(index) * 5) + 1, 5).where(index > 0, 0).astype(np.int64)
    return grades


def _ranked(values: pd.Series) -> pd.Series:
    """Ranks as 0..1, ties averaged."""
    if len(values) < 2:
        note(Problem("hidden_dangers.one_unit", Phrase("hidden_dangers"), severity="warning"))
        return pd.Series(0.5, index=values.index)
    return (values.rank(method="average") - 1) / (len(values) - 1)
