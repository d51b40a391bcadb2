"""Screening of buildings for seismic hidden danger, and what units have of each grade."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskzoning import standards
from riskzoning.errors import Phrase, Problem, SurveyError
from riskzoning.inputs import check_columns, numbers_of


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
    year: NDArray[np.float64] = np.asarray(numbers_of(buildings, "built_year"), dtype=np.float64)
    damage = numbers_of(buildings, "damage").to_numpy(dtype=np.float64)
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


def _fortification(
    buildings: pd.DataFrame, year: NDArray[np.float64], shaking: NDArray[np.float64]
) -> tuple[NDArray[np.str_], NDArray[np.bool_]]:
    """How a building is fortified against the shaking of its site, and whether something had to be assumed."""
    design, retrofit, level = (
        numbers_of(buildings, name).to_numpy(dtype=np.float64) for name in ("seis_des", "retrofit", "design_int")
    )
    with np.errstate(invalid="ignore"):
        known = np.isfinite(design) | np.isfinite(retrofit) | np.isfinite(level)
        built_for_it = (design > 0) | (level > 0)
        strengthened = retrofit > 0
        below = built_for_it & ~strengthened & np.isfinite(level) & (level < shaking)
        old = year < standards.table("hidden_dangers/building_rules").data["ages"][0]
    out = np.where(~known, np.where(old, "none", "unknown"), np.where(built_for_it | strengthened, "met", "none"))
    out = np.where(below, "below", out)
    return out, ~known | (built_for_it & ~np.isfinite(level))


def site_intensity(pga: ArrayLike) -> NDArray[np.float64]:
    """Intensity (V..X) that a peak ground acceleration of the basic level stands for (GB 18306-2015, annex G).

    Parameters
    ----------
    pga : array, g
        Of the basic level (475 years) on ground of class II.

    Returns
    -------
    array
        5 to 10; NaN where the motion is unknown.

    Examples
    --------
    >>> site_intensity([0.05, 0.15, 0.20, 0.40]).tolist()
    [6.0, 7.0, 8.0, 9.0]
    """
    table = standards.table("hidden_dangers/intensity").data
    grades, limits = np.array(list(table), dtype=np.float64), np.array(list(table.values()), dtype=np.float64)
    motion = np.asarray(pga, dtype=np.float64)
    # 0.19 g written in gal comes back a few last digits below it.
    at = np.searchsorted(limits, motion + 1e-9, side="right") - 1
    return np.where(np.isfinite(motion), grades[np.clip(at, 0, len(grades) - 1)], np.nan)


def buildings_by_unit(buildings: pd.DataFrame, screened: pd.DataFrame, *, unit: str = "adcode6") -> pd.DataFrame:
    """What units have of each grade of seismic hidden danger, in the sample and in the stock that it stands for.

    Parameters
    ----------
    buildings : DataFrame
        The screened buildings with the code of their unit; of ``area_m2 occupants n_repr`` what is there.
    screened : DataFrame
        From :func:`screen_buildings`, same rows.
    unit : str
        Column of the code.

    Returns
    -------
    DataFrame
        ``code grade`` (3 key, 2 ordinary, 1 slight, 0 none) ``sampled sampled_area_m2 sampled_occupants`` (as
        surveyed) ``buildings area_m2 occupants`` (times the expansion factor) ``share`` (of the unit's buildings)
        ``unknown_share`` (of these whose fortification is unknown). Every unit has all four grades.

    Raises
    ------
    SurveyError
        The code is missing, or the rows are others.

    Examples
    --------
    >>> rows = pd.DataFrame({"adcode6": "u", "struct": ["1", "2"], "built_year": [1970, 2015], "n_repr": [30, 10]})
    >>> table = buildings_by_unit(rows, screen_buildings(rows.assign(seis_des=["0", "1"]), 8))
    >>> table[table["share"] > 0][["grade", "sampled", "buildings", "share"]].values.tolist()
    [[0.0, 1.0, 10.0, 0.25], [3.0, 1.0, 30.0, 0.75]]
    """
    check_columns(buildings, [unit], Phrase("surveyed_buildings"), form=True)
    if not buildings.index.equals(screened.index):
        raise SurveyError(
            Problem("form.columns", Phrase("surveyed_buildings"), missing=["grade"], wanted=(unit, "grade"))
        )
    factor = numbers_of(buildings, "n_repr").fillna(1.0)
    table = pd.DataFrame({"code": buildings[unit].astype("string"), "grade": screened["grade"], "sampled": 1.0})
    for name in ("area_m2", "occupants"):
        values = numbers_of(buildings, name)
        table[f"sampled_{name}"], table[name] = values, values * factor
    table["buildings"], table["unknown"] = factor, factor.where(screened["fortification"] == "unknown", 0.0)
    sums = table.dropna(subset=["code"]).groupby(["code", "grade"]).sum()
    codes = sums.index.get_level_values("code").unique()
    whole = pd.MultiIndex.from_product([codes, range(4)], names=["code", "grade"])
    out = sums.reindex(whole, fill_value=0.0)
    out["share"] = out["buildings"] / out.groupby(level="code")["buildings"].transform("sum")
    out["unknown_share"] = out["unknown"] / out["buildings"].where(out["buildings"] > 0)
    first = ["sampled", "sampled_area_m2", "sampled_occupants", "buildings", "area_m2", "occupants"]
    return out[[*first, "share", "unknown_share"]].reset_index()
