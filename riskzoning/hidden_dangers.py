"""Key hidden dangers (重点隐患): index and counts by unit, and the screening of buildings for earthquakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.errors import Phrase, Problem, SurveyError, note
from riskzoning.faces import missing

__all__ = ["danger_index", "screen_buildings"]

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
    missing = [column for column in (unit, *_NEEDED) if column not in dangers.columns]
    if missing:
        raise SurveyError(
            Problem("hidden_dangers.columns", Phrase("hidden_dangers"), columns=missing, wanted=(unit, *_NEEDED))
        )
    rules = standards.table("hidden_dangers/levels").data
    table = _counted(dangers, unit, areas, rules)
    left = ~table["status"].isin(rules["closed"])
    value = (table["severity"] * np.log1p(table["people"])).where(left, 0.0)
    out = pd.DataFrame(index=pd.Index([str(code) for code in areas], name="code"))
    area = pd.Series({str(code): float(size) for code, size in areas.items()})
    out["index"] = value.groupby(table["unit"]).sum().reindex(out.index, fill_value=0.0) / area
    out["rank"] = _ranked(out["index"])
    out["grade"] = np.where(out["index"] > 0, np.minimum(np.floor(out["rank"] * 5) + 1, 5), 0).astype(np.int64)
    out["dangers"] = table.groupby("unit").size().reindex(out.index, fill_value=0)
    for name, severity in (("major", 1.0), ("considerable", 0.6), ("general", 0.3)):
        chosen = left & (table["severity"] == severity)
        out[name] = chosen.groupby(table["unit"]).sum().reindex(out.index, fill_value=0).astype(np.int64)
    out["people"] = table["people"].where(left, 0).groupby(table["unit"]).sum().reindex(out.index, fill_value=0.0)
    out["unresolved"] = left.groupby(table["unit"]).mean().reindex(out.index)
    if "deadline" in dangers.columns:
        day = pd.Timestamp.now().normalize() if today is None else pd.Timestamp(str(today))
        late = pd.to_datetime(table["deadline"], errors="coerce") < day
        out["overdue"] = (
            late.where(left).astype("boolean").groupby(table["unit"]).mean().astype("Float64").reindex(out.index)
        )
    return out


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


def _ranked(values: pd.Series) -> pd.Series:
    """Ranks as 0..1, ties averaged."""
    if len(values) < 2:
        note(Problem("hidden_dangers.one_unit", Phrase("hidden_dangers"), severity="warning"))
        return pd.Series(0.5, index=values.index)
    return (values.rank(method="average") - 1) / (len(values) - 1)


def screen_buildings(buildings: pd.DataFrame, intensity: float | Sequence[float] | NDArray[np.float64]) -> pd.DataFrame:
    """Seismic hidden danger of buildings (房屋地震隐患): 3 key, 2 ordinary, 1 slight, 0 none.

    From fortification (``seis_des retrofit design_int``), age (``built_year``) and visible damage (``damage``), as in
    the survey form ``exp_building``; what is unknown is taken at its worse, and flagged.

    Parameters
    ----------
    buildings : DataFrame
        Columns of the form; what is not there is unknown.
    intensity : float or array
        Intensity of the site at the basic level (probability 10 % in 50 years), 5 to 10.

    Returns
    -------
    DataFrame
        ``fortification`` (none, unknown, below, met), ``grade`` (0..3), ``assumed`` (something was unknown).

    Examples
    --------
    >>> table = pd.DataFrame({"struct": ["1", "2"], "built_year": [1975, 2010], "seis_des": ["0", "1"]})
    >>> screen_buildings(table.assign(damage=["0", "1"], design_int=[None, 7]), 8)["grade"].tolist()
    [3, 2]
    """
    rules = standards.table("hidden_dangers/building_rules").data
    shaking = np.floor(np.broadcast_to(np.asarray(intensity, dtype=np.float64), (len(buildings),)))
    year = _numbers(buildings, "built_year")
    damage = _numbers(buildings, "damage")
    fortification, flagged = _fortification(buildings, year, shaking)
    assumed = flagged | np.isnan(damage) | np.isnan(year)
    stand_in = np.where(fortification == "none", rules["ages"][0] - 1, rules["ages"][0])
    age = np.searchsorted(rules["ages"], np.where(np.isnan(year), stand_in, year), side="right")
    struct = (
        buildings["struct"].astype("string").fillna("")
        if "struct" in buildings
        else pd.Series("", index=buildings.index)
    )
    weak = struct.isin(rules["weak_structures"]).to_numpy(dtype=bool)
    cracked = (np.nan_to_num(damage) > 0).astype(int)
    grade = np.zeros(len(buildings), dtype=np.int64)
    for name in ("none", "unknown", "below", "met"):
        for is_weak in (True, False):
            table = np.asarray(rules.get(f"{name}_weak", rules[name]) if is_weak else rules[name])
            mask = (fortification == name) & (weak == is_weak)
            grade[mask] = table[age[mask], cracked[mask]]
    lower = np.select([shaking >= 8, shaking == 7], [rules["lower"][8], rules["lower"][7]], rules["lower"][6])
    out = {"fortification": fortification, "grade": np.maximum(grade - lower, 0), "assumed": assumed}
    return pd.DataFrame(out, index=buildings.index)


def _numbers(buildings: pd.DataFrame, name: str) -> NDArray[np.float64]:
    if name not in buildings:
        return np.full(len(buildings), np.nan)
    return pd.to_numeric(buildings[name].astype(object), errors="coerce").to_numpy(dtype=np.float64)


def _fortification(
    buildings: pd.DataFrame, year: NDArray[np.float64], shaking: NDArray[np.float64]
) -> tuple[NDArray[np.str_], NDArray[np.bool_]]:
    """How a building is fortified against the shaking of its site, and whether something had to be assumed."""
    design, retrofit, level = (_numbers(buildings, name) for name in ("seis_des", "retrofit", "design_int"))
    with np.errstate(invalid="ignore"):
        known = np.isfinite(design) | np.isfinite(retrofit) | np.isfinite(level)
        built_for_it = (design > 0) | (level > 0)
        strengthened = retrofit > 0
        below = built_for_it & ~strengthened & np.isfinite(level) & (level < shaking)
        old = year < standards.table("hidden_dangers/building_rules").data["ages"][0]
    out = np.where(~known, np.where(old, "none", "unknown"), np.where(built_for_it | strengthened, "met", "none"))
    out = np.where(below, "below", out)
    return out, ~known | (built_for_it & ~np.isfinite(level))


if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
