"""The capacity index of units: distances to the best and the worst, five grades from mean and deviation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.errors import ConfigError, LayerError, Phrase, Problem, language, note
from riskzoning.methods.weights import topsis

# Rounding of a deviation that is none.
_EQUAL = 1e-12


def capacity_index(
    indicators: pd.DataFrame,
    weights: Mapping[str, float],
    *,
    directions: Mapping[str, int] | Sequence[int] | None = None,
) -> pd.DataFrame:
    """Capacity index (减灾能力指数) of units: closeness to the best of them, and its grade among them.

    Indicators are divided by their norm over the units, weighted, and compared with the best and the worst value of
    each: index = D- / (D+ + D-). Grades come from the mean and the sample deviation of the index, so they rank within
    these units; another unit changes all of them.

    Parameters
    ----------
    indicators : DataFrame, units x indicators
        Larger is stronger, unless ``directions`` says otherwise. A unit with NaN gets no index.
    weights : mapping
        Indicator -> weight; with another sum than 1 they are divided by it, with a warning.
    directions : mapping or sequence of +1, -1, optional
        -1 for indicators of which less is stronger.

    Returns
    -------
    DataFrame
        Index of the units; ``d_plus``, ``d_minus``, ``index`` (0..1), ``grade`` (5 strong .. 1 weak, 0 none) and
        ``grade_name``. Units that are all alike have an index and no grade.

    Raises
    ------
    LayerError
        Fewer than three units: mean and deviation say nothing.

    References
    ----------
    Family of GB/T 43981-2024 基层减灾能力评估技术规范 (numeric tables not known); Hwang and Yoon (1981).

    Examples
    --------
    >>> units = pd.DataFrame({"beds": [1.0, 2, 4], "staff": [3.0, 1, 5]}, index=["a", "b", "c"])
    >>> capacity_index(units, {"beds": 0.5, "staff": 0.5})[["index", "grade"]].round(3).to_dict("list")
    {'index': [0.315, 0.213, 1.0], 'grade': [3, 2, 4]}
    """
    least = standards.table("capacity/grades").data["least_units"]
    if len(indicators) < least:
        raise LayerError(Problem("capacity.units", Phrase("capacity_index"), count=len(indicators), least=least))
    distances = topsis(indicators, dict(weights), directions=directions, renormalise=True)
    out = distances.rename(columns={"closeness": "index"})
    out["grade"] = graded(out["index"].to_numpy(dtype=np.float64))
    out["grade_name"] = grade_names(out["grade"])
    return out


def grade_names(grades: pd.Series) -> pd.Series:
    """Names of grades in the language spoken now."""
    names = standards.table("capacity/grades").data["names"]
    spoken = language()
    return grades.map({int(grade): entry[spoken] for grade, entry in names.items()}).fillna("")


def graded(index: NDArray[np.float64]) -> NDArray[np.int64]:
    """Grades 5 (strong) to 1 (weak) from mean and sample deviation; 0 where there is no index, or no spread at all."""
    rules = standards.table("capacity/grades").data
    known = index[np.isfinite(index)]
    out = np.zeros(len(index), dtype=np.int64)
    if len(known) < rules["least_units"]:
        return out
    mean, deviation = float(known.mean()), float(known.std(ddof=1))
    if deviation <= _EQUAL * max(abs(mean), 1.0):
        note(Problem("capacity.no_spread", Phrase("capacity_index"), severity="warning", value=mean))
        return out
    lowest = next((branch["lowest"] for branch in rules["branches"] if mean <= branch["mean_within"] * deviation), 1)
    cuts = [mean + multiple * deviation for multiple in rules["multiples"]]
    with np.errstate(invalid="ignore"):
        grade = 1 + np.sum([index >= cut for cut in cuts], axis=0)
    return np.where(np.isfinite(index), np.maximum(grade, lowest), 0).astype(np.int64)


def grassroots_weights(level: str) -> dict[str, float]:
    """Weights of the indicators of townships or communities, products of both steps; sum 1.

    Parameters
    ----------
    level : {"township", "community"}

    Examples
    --------
    >>> round(grassroots_weights("township")["team"], 4)
    0.1221
    """
    groups = standards.table("capacity/grassroots").data[level]
    return {name: group["weight"] * w for group in groups.values() for name, w in group["indicators"].items()}


def grassroots_index(
    township: pd.Series[float], community: pd.Series[float], county_of: Mapping[str, str]
) -> pd.Series[float]:
    """Index of counties from the indices of their townships and communities (means), .53 and .47 by default.

    Parameters
    ----------
    township, community : Series
        Index of each township; index of each township's communities. Index: code of the township.
    county_of : mapping
        Code of a township -> code of its county.

    Returns
    -------
    Series
        By county; where one block is missing the other stands alone, and that is noted.

    Examples
    --------
    >>> parts = pd.Series({"410702001": 0.2, "410702002": 0.4})
    >>> grassroots_index(parts, parts + 0.2, {"410702001": "410702", "410702002": "410702"}).round(3).to_dict()
    {'410702': 0.394}
    """
    shares = standards.table("capacity/grassroots").data["county"]
    blocks = {"township": township, "community": community}
    means = {name: series.groupby(series.index.map(county_of)).mean() for name, series in blocks.items()}
    return combined_blocks(pd.DataFrame(means), weights=shares)["index"]


def combined_blocks(blocks: pd.DataFrame, weights: Mapping[str, float] | str | None = None) -> pd.DataFrame:
    """Comprehensive capacity from its blocks: government, enterprise, social, township, community, family.

    Parameters
    ----------
    blocks : DataFrame
        Index 0..1 of each block (columns) by unit; NaN where a block was not surveyed.
    weights : mapping or str, optional
        Block -> weight, or the name of a set of ``standards/capacity/blocks`` (``sichuan chengdu bazhong aba``); by
        default the set that this table names.

    Returns
    -------
    DataFrame
        ``index`` (weights of what is there, made to sum 1), ``grade``, ``grade_name``, ``blocks`` (their number).

    Raises
    ------
    ConfigError
        The set of weights is unknown, or no block has a weight.

    Notes
    -----
    Township and community weigh .16 to .15 here; in the grass-roots index (:func:`grassroots_index`) .53 to .47: these
    are two products, and their weights are not exchanged.

    Examples
    --------
    >>> table = pd.DataFrame({"government": [0.2, 0.8, 0.5], "family": [0.4, 0.6, None]}, index=["a", "b", "c"])
    >>> combined_blocks(table, {"government": 0.6, "family": 0.4})["index"].round(4).to_dict()
    {'a': 0.28, 'b': 0.72, 'c': 0.5}
    """
    given = _weight_set(weights) if weights is None or isinstance(weights, str) else dict(weights)
    names = [name for name in blocks.columns if name in given]
    if not names:
        columns = [str(name) for name in blocks.columns]
        raise ConfigError(Problem("capacity.no_block", Phrase("capacity_index"), columns=columns, known=sorted(given)))
    missing = sorted(set(given) - set(names))
    if missing:
        note(Problem("capacity.blocks", Phrase("capacity_index"), severity="warning", blocks=missing))
    share = pd.Series(given, dtype=np.float64)[names]
    values = blocks[names].astype(np.float64)
    have = values.notna()
    index = (values.fillna(0) * share).sum(axis=1) / (have * share).sum(axis=1).replace(0, np.nan)
    out = pd.DataFrame({"index": index, "blocks": have.sum(axis=1)})
    out["grade"] = graded(out["index"].to_numpy(dtype=np.float64))
    out["grade_name"] = grade_names(out["grade"])
    return out


def _weight_set(name: str | None) -> dict[str, float]:
    """Weights of the blocks by the name of their set."""
    table = standards.table("capacity/blocks").data
    chosen = str(table["default"] if name is None else name)
    if chosen not in table["sets"]:
        known = sorted(table["sets"])
        raise ConfigError(Problem("capacity.weight_set", Phrase("capacity_index"), name=chosen, known=known))
    return dict(table["sets"][chosen])
