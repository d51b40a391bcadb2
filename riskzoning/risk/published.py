"""Risk indices that others publish, computed for one's own units: for comparison, not for the census."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import dask.array as da
import numpy as np

from riskzoning import standards
from riskzoning.errors import ConfigError, Phrase, Problem
from riskzoning.risk.index import unknown_option
from riskzoning.risk.operands import Array, Operands, Values, check_range, finite

_TABLE = "grades/published_indices"
# Levels of ThinkHazard as grades.
_LEVELS = {"high": 4, "medium": 3, "low": 2}
_VERY_LOW = 1


def nri_score(values: Values, *, scaling: Literal["cube_root", "percentile"] = "cube_root") -> Any:
    """Score of the US National Risk Index, 0..100, of expected annual losses or risks of all units together.

    Parameters
    ----------
    values : Series or array
        Loss or risk of each unit, 0 and more; NaN stays NaN.
    scaling : str
        ``cube_root``: the root between the least and the largest unit (earlier editions); ``percentile``: the share of
        the other units that have less (later ones), half of the equal ones counted.

    Raises
    ------
    LayerError
        A value is negative.

    Examples
    --------
    >>> nri_score(np.array([1.0, 8, 27, 64, 125])).round(6).tolist()
    [0.0, 25.0, 50.0, 75.0, 100.0]
    """
    operands = Operands.of({"values": values})
    array = finite(operands.arrays["values"].astype(np.float64))
    check_range({"values": array}, 0.0, np.inf, rule="risk.range")
    if scaling == "cube_root":
        root = np.cbrt(array)
        least, most = (np.nanmin(root), np.nanmax(root)) if root.size else (0.0, 0.0)
        score = np.where(np.isfinite(root), 0.0, np.nan) if most == least else 100 * (root - least) / (most - least)
    elif scaling == "percentile":
        score = _percentile(array)
    else:
        raise unknown_option("scaling", scaling, ["cube_root", "percentile"])
    return operands.contain(score, quantity="risk_index")


def _percentile(values: Array) -> Array:
    known = np.sort(values[np.isfinite(values)])
    below = np.searchsorted(known, values, side="left")
    equal = np.searchsorted(known, values, side="right") - below
    score = 100 * (below + (equal - 1) / 2) / max(known.size - 1, 1)
    return np.where(np.isfinite(values), score, np.nan)


def nri_risk_factor(rank: Values) -> Any:
    """Community risk factor of the US National Risk Index: how social vulnerability over resilience scales a loss.

    Parameters
    ----------
    rank : Series, layer or array
        Rank of vulnerability / resilience among the units, 0 (best) .. 1 (worst).

    Returns
    -------
    As the rank
        Value of the triangular distribution at that rank: .5 .. 2, most often 1.

    Examples
    --------
    >>> nri_risk_factor(np.array([0.0, 0.25, 1 / 3, 0.5, 1.0])).round(6).tolist()
    [0.5, 0.933013, 1.0, 1.133975, 2.0]
    """
    operands = Operands.of({"rank": rank})
    share = finite(operands.arrays["rank"].astype(np.float64))
    check_range({"rank": share}, 0.0, 1.0, rule="risk.range")
    factor = standards.table(_TABLE).data["factor"]
    least, mode, most = (float(factor[name]) for name in ("least", "mode", "most"))
    width, knee = most - least, (mode - least) / (most - least)
    rising = least + np.sqrt(np.clip(share, 0, 1) * width * (mode - least))
    falling = most - np.sqrt((1 - np.clip(share, 0, 1)) * width * (most - mode))
    return operands.contain(np.where(share < knee, rising, falling), quantity="risk_factor")


def inform_indicator(
    values: Values, least: float, most: float, *, protective: bool = False, logarithm: bool = False
) -> Any:
    """Indicator of the INFORM index: 0 (good) .. 10 (bad) between two fixed ends, rounded to one decimal.

    Parameters
    ----------
    values : Series, layer or array
        NaN stays NaN.
    least, most : float
        Values that get 0 and 10, after the logarithm where there is one; beyond them 0 and 10.
    protective : bool
        More of it is better (beds, literacy): 10 minus the score.
    logarithm : bool
        ln(.001 + x) first, for skewed counts; the ends are taken as x too.

    Examples
    --------
    >>> inform_indicator(np.array([0.0, 3.0, 12.0]), 0, 10).tolist()
    [0.0, 3.0, 10.0]
    >>> inform_indicator(np.array([3.0]), 0, 10, protective=True).tolist()
    [7.0]
    """
    operands = Operands.of({"values": values})
    array = finite(operands.arrays["values"].astype(np.float64))
    if logarithm:
        array, least, most = np.log(0.001 + array), np.log(0.001 + least), np.log(0.001 + most)
    if not least < most:
        raise ConfigError(Problem("risk.inform_ends", Phrase("formula"), least=float(least), most=float(most)))
    score = _tenths(np.clip(10 * (array - least) / (most - least), 0, 10))
    return operands.contain(_tenths(10 - score) if protective else score, quantity="score")


def inform_risk(hazard: Values, vulnerability: Values, coping: Values) -> Any:
    """INFORM risk: cube root of hazard and exposure, vulnerability, and lack of coping capacity, to one decimal.

    All 0..10. Parts of a dimension are combined by ``combine_hazards(method="inform")``, on 0..1.

    Examples
    --------
    >>> inform_risk(6.0, 5.0, 4.0).item()
    4.9
    """
    operands = Operands.of({"hazard": hazard, "vulnerability": vulnerability, "coping": coping})
    check_range(operands.arrays, 0.0, 10.0, rule="risk.range")
    product: Any = 1.0
    for array in operands.arrays.values():
        product = product * finite(array.astype(np.float64))
    return operands.contain(_tenths(np.cbrt(product)), quantity="score")


def _tenths(values: Any) -> Any:
    # Half up: what a spreadsheet prints; the binary form of x.x5 lies below or above by chance.
    return np.floor(values * 10 + 0.5 + 1e-9) / 10


def world_risk_index(exposure: Values, vulnerability: Values, *, form: Literal["root", "product"] = "root") -> Any:
    """WorldRiskIndex of exposure and vulnerability, all 0..100.

    Parameters
    ----------
    exposure, vulnerability : Series, layer or array
        0..100.
    form : str
        ``root``: sqrt(E V) (since 2022); ``product``: E V / 100 (until 2021).

    Examples
    --------
    >>> round(world_risk_index(39.99, 55.05).item(), 2), round(world_risk_index(86.83, 57.28, form="product").item(), 2)
    (46.92, 49.74)
    """
    operands = Operands.of({"exposure": exposure, "vulnerability": vulnerability})
    check_range(operands.arrays, 0.0, 100.0, rule="risk.range")
    if form not in ("root", "product"):
        raise unknown_option("form", form, ["root", "product"])
    product: Any = 1.0
    for array in operands.arrays.values():
        product = product * finite(array.astype(np.float64))
    return operands.contain(np.sqrt(product) if form == "root" else product / 100, quantity="score")


def thinkhazard_level(hazard: str, by_period: Mapping[float, Values]) -> Any:
    """Level of ThinkHazard by intensities of return periods: 4 high, 3 medium, 2 low, 1 very low, 0 no data.

    Parameters
    ----------
    hazard : str
        A row of the table ``grades/published_indices``: ``earthquake`` (g), ``river_flood`` (m), ``heat`` (degC) ...
    by_period : mapping return period (years) -> layer, Series or array
        A period that no level asks for is not looked at. There a unit has the level of its worst cell: take the maximum
        of the cells that it touches, and know that one of them decides.

    Returns
    -------
    layer, Series or array of uint8

    Raises
    ------
    ConfigError
        Unknown hazard, or none of its return periods is there.

    Examples
    --------
    >>> thinkhazard_level("earthquake", {475: np.array([0.05, 0.1, 0.3]), 2475: np.array([0.1, 0.2, 0.5])}).tolist()
    [2, 3, 3]
    """
    rules = standards.table(_TABLE).data["think_hazard"]
    if hazard not in rules:
        raise unknown_option("hazard", hazard, list(rules))
    rule = rules[hazard]
    asked = {
        level: [period for period in by_period if rule[level]["periods"][0] <= period <= rule[level]["periods"][1]]
        for level in _LEVELS
    }
    if not any(asked.values()):
        wanted = [rule[level]["periods"] for level in _LEVELS]
        raise ConfigError(
            Problem("risk.periods_asked", Phrase("hazard", name=hazard), periods=sorted(by_period), wanted=wanted)
        )
    operands = Operands.of({f"{period:g}": by_period[period] for own in asked.values() for period in own})
    sign = -1 if rule.get("falls") else 1
    known: Any = False
    for array in operands.arrays.values():
        known = known | np.isfinite(array)
    level_of: Any = known * np.uint8(_VERY_LOW)
    for level in reversed(_LEVELS):
        for period in asked[level]:
            reached = sign * operands.arrays[f"{period:g}"] >= sign * float(rule[level]["limit"])
            level_of = np.where(reached, np.uint8(_LEVELS[level]), level_of)
    out = level_of.astype(np.uint8) if isinstance(level_of, da.Array) else np.asarray(level_of, dtype=np.uint8)
    return operands.contain(out, quantity="hazard_grade", class_order="ascending")
