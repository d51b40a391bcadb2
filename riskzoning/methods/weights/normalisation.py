"""Indicators on one scale: min-max, 0.5-1, vector, true zero, floor, logarithm; and the checks of every table."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskzoning import numerals
from riskzoning.errors import ConfigError, LayerError, Phrase, Problem, note
from riskzoning.layers.numbers import unmasked
from riskzoning.layers.plausible import takes
from riskzoning.methods.labels import paired
from riskzoning.methods.ranges import spans

Floats: TypeAlias = NDArray[np.float64]
Directions: TypeAlias = Sequence[int | str] | Mapping[Any, int | str] | None
Matrix: TypeAlias = ArrayLike | pd.DataFrame
Weights: TypeAlias = ArrayLike | Mapping[Any, float]
Scaling: TypeAlias = Literal["minmax", "half", "vector", "true_zero", "floor", "log"]
_SCALINGS = ("minmax", "half", "vector", "true_zero", "floor", "log")
# What the least value above 0 becomes, unless it is stated.
_LEAST = {"true_zero": 0.05, "floor": 0.1}
# How people write a direction beside +1 and -1.
_SIGNS = {
    "+": 1, "+1": 1, "1": 1, "benefit": 1, "正向": 1, "效益型": 1,
    "-": -1, "-1": -1, "cost": -1, "负向": -1, "成本型": -1,
}  # fmt: skip
_SUM_TOLERANCE = 1.5e-6  # weights printed with six digits may miss 1 by that much


@takes()
def normalise(
    matrix: Matrix,
    *,
    directions: Directions = None,
    method: Scaling = "minmax",
    degenerate: float = 0.0,
    reference: Matrix | None = None,
    least: float | None = None,
) -> Any:
    """Indicators without units (归一化), larger = more of what the direction asks for.

    Parameters
    ----------
    matrix : DataFrame or array, units x indicators
        NaN is left out of minimum, maximum and norm, and stays NaN.
    directions : sequence or mapping of +1, -1
        +1 benefit (default), -1 cost; "+", "-", "benefit", "cost" as well.
    method : {"minmax", "half", "vector", "true_zero", "floor", "log"}
        ``minmax``: (x - min) / (max - min), or (max - x) / (max - min) for a cost; ``half``: 0.5 + 0.5 x that;
        ``vector``: x / sqrt(sum x^2), directions have no effect; ``true_zero``: 0 stays 0, what is there goes from
        ``least`` (.05) to 1, so that the least that is there is more than nothing and only what is absent takes a
        product to 0; ``floor``: from ``least`` (.1) to 1, absent counts as the least, for comparison only; ``log``:
        x / a below a, 1 + ln(x / a) from a on, a = mean + half a deviation (ddof 0) of the values above 0, which
        compresses a skewed exposure and needs a min-max after it. The last three take values of 0 and more, and no
        costs.
    degenerate : float
        Min-max value of a constant indicator, with a warning.
    reference : DataFrame or array
        Rows whose minimum and maximum (or norm) are used instead of the matrix's own, e.g. all years, all stations of
        the country, or two rows of fixed bounds: only then results of two places or years compare.
    least : float, optional
        Value of the least that is there, 0..1, of ``true_zero`` and ``floor``.

    Raises
    ------
    LayerError
        The matrix is no table of numbers, or has negative ones where 0 means absent.
    ConfigError
        Directions or method do not fit.

    Examples
    --------
    >>> normalise([[1, 5], [3, 7], [2, 9]], directions=[1, -1])
    array([[0. , 1. ],
           [1. , 0.5],
           [0.5, 0. ]])
    >>> normalise([[0], [2], [4], [10]], method="true_zero").ravel()
    array([0.    , 0.05  , 0.2875, 1.    ])
    """
    values, index, columns = indicator_matrix(matrix, least=1)
    if isinstance(matrix, pd.DataFrame) and isinstance(reference, pd.DataFrame):
        parts = paired({"matrix": matrix.T, "reference": reference.T}, Phrase("indicator_matrix"))
        reference = parts["reference"].T
    base = values if reference is None else indicator_matrix(reference, least=1)[0]
    signs = check_directions(directions, columns)
    if method in ("true_zero", "floor", "log"):
        out = _above_zero(values, signs, method, base, degenerate=degenerate, least=least)
    else:
        out = scaled(values, signs, method, degenerate=degenerate, base=base, warn=True)
    return pd.DataFrame(out, index=index, columns=columns) if isinstance(matrix, pd.DataFrame) else out


def scaled(
    values: Floats,
    signs: Floats,
    method: str,
    *,
    degenerate: float = 0.0,
    base: Floats | None = None,
    warn: bool = False,
) -> Floats:
    """The formulas of :func:`normalise` on plain arrays."""
    base = values if base is None else base
    if method == "vector":
        norm = np.sqrt(np.nansum(base**2, axis=0))
        return np.asarray(values / np.where(norm > 0, norm, 1.0))
    if method not in ("minmax", "half"):
        raise ConfigError(Problem("weights.normalise", Phrase("normalisation"), name=method, known=_SCALINGS))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an indicator without any value stays NaN
        low, high = np.nanmin(base, axis=0), np.nanmax(base, axis=0)
    constant = ~spans(low, high)
    if warn:
        _tell_constant(constant, degenerate)
    share = np.where(signs > 0, values - low, high - values) / np.where(constant, 1.0, high - low)
    share = np.where(constant & ~np.isnan(values), degenerate, share)
    return np.asarray(share if method == "minmax" else 0.5 + 0.5 * share)


def _tell_constant(constant: NDArray[np.bool_], value: float) -> None:
    if constant.any():
        thing, count = Phrase("indicator_matrix"), int(constant.sum())
        note(Problem("weights.constant_indicators", thing, severity="warning", count=count, value=value))


def _above_zero(
    values: Floats, signs: Floats, method: str, base: Floats, *, degenerate: float, least: float | None
) -> Floats:
    """The forms in which 0 means that there is nothing."""
    thing = Phrase("indicator_matrix")
    lowest = np.nanmin([np.nanmin(values), np.nanmin(base)])
    if lowest < 0:
        raise LayerError(Problem("weights.zero_negative", thing, method=method, least=float(lowest)))
    if np.any(signs < 0):
        raise ConfigError(Problem("weights.zero_cost", Phrase("directions"), method=method))
    present = np.where(base > 0, base, np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an indicator that is nowhere stays 0
        low, high = np.nanmin(present, axis=0), np.nanmax(present, axis=0)
        start = np.nanmean(present, axis=0) + 0.5 * np.nanstd(present, axis=0)
    if method == "log":
        ratio = values / np.where(start > 0, start, 1.0)
        return np.asarray(np.where(ratio < 1, ratio, 1 + np.log(np.maximum(ratio, 1.0))))
    bottom = _LEAST[method] if least is None else float(least)
    if not 0 <= bottom <= 1:
        raise ConfigError(Problem("weights.least", Phrase("parameter", name="least"), value=bottom))
    constant = ~spans(low, high) & np.isfinite(low)
    _tell_constant(constant, bottom + (1 - bottom) * degenerate)
    share = np.where(constant, degenerate, (values - low) / np.where(constant, 1.0, high - low))
    out = np.where(values > 0, bottom + (1 - bottom) * share, 0.0 if method == "true_zero" else bottom)
    return np.asarray(np.where(np.isnan(values), np.nan, out))


def indicator_matrix(matrix: Matrix, *, least: int = 2) -> tuple[Floats, Any, Any]:
    """Values (units x indicators, NaN for missing), row labels and column labels of a table of indicators."""
    values: Floats
    thing = Phrase("indicator_matrix")
    try:
        if isinstance(matrix, pd.DataFrame):
            values = matrix.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            values = np.array(unmasked(matrix), dtype=np.float64)
    except (TypeError, ValueError):
        raise LayerError(Problem("weights.matrix_text", thing, least=least)) from None
    if values.ndim != 2 or values.shape[0] < least or values.shape[1] < 1:
        raise LayerError(Problem("weights.matrix", thing, shape=str(values.shape), least=least))
    values = np.where(np.isfinite(values), values, np.nan)
    columns = matrix.columns if isinstance(matrix, pd.DataFrame) else pd.RangeIndex(values.shape[1])
    empty = [str(name) for name, column in zip(columns, values.T) if np.isnan(column).all()]
    if empty:
        raise LayerError(Problem("weights.empty", thing, names=empty))
    return values, matrix.index if isinstance(matrix, pd.DataFrame) else None, columns


def check_directions(directions: Directions, columns: Iterable[object]) -> Floats:
    """One of +1, -1 for each column, also as ``+``, ``-``, ``benefit``, ``cost``; all +1 without directions."""
    names = list(columns)
    if directions is None:
        return np.ones(len(names))
    if isinstance(directions, (Mapping, pd.Series)):
        given = [directions.get(name) for name in names]
        extra = [name for name in directions.keys() if name not in names]  # noqa: SIM118 (a Series iterates its values)
    else:
        given, extra = list(directions), []
    given = [_SIGNS.get(sign.strip().lower(), sign) if isinstance(sign, str) else sign for sign in given]
    if len(given) != len(names) or extra or any(sign not in (1, -1) for sign in given):
        shown: list[object] = list(directions)
        if isinstance(directions, (Mapping, pd.Series)):
            shown = [f"{name}: {sign}" for name, sign in directions.items()]
        raise ConfigError(
            Problem("weights.directions", Phrase("directions"), directions=shown, count=len(names), names=names)
        )
    return np.array(given, dtype=np.float64)


def check_weights(
    weights: Weights,
    columns: Iterable[object] | None = None,
    *,
    renormalise: bool = False,
    tolerance: float = _SUM_TOLERANCE,
    thing: Phrase | str | None = None,
) -> Floats:
    """Weights in the order of the columns: not negative, as many as the columns, sum 1."""
    thing = thing or Phrase("weights")
    problems: list[Problem] = []
    if isinstance(weights, pd.Series) and isinstance(columns, pd.RangeIndex) and not weights.index.equals(columns):
        weights = weights.to_numpy()  # a plain array has no names to match
    if isinstance(weights, (Mapping, pd.Series)) and columns is not None:
        weights, problems = _in_order(weights, list(columns), thing)
    elif isinstance(weights, Mapping):
        weights = list(weights.values())
    vector = _as_numbers(weights, thing, problems)
    total = float(vector.sum())
    if not problems and columns is not None and vector.shape != (len(list(columns)),):
        problems.append(Problem("weights.count", thing, shape=str(vector.shape), count=len(list(columns))))
    if not problems and (vector.ndim != 1 or not np.all(np.isfinite(vector)) or np.any(vector < 0)):
        problems.append(Problem("weights.negative", thing, weights=vector.ravel().tolist()))
    if not problems and (total <= 0 or (abs(total - 1) > tolerance and not renormalise)):
        problems.append(Problem("weights.weights", thing, total=total))
    if problems:
        raise ConfigError(problems=problems)
    if abs(total - 1) > _SUM_TOLERANCE:
        note(Problem("weights.divided", thing, severity="warning", total=total))
        vector = vector / total
    return vector


def _as_numbers(weights: ArrayLike, thing: Phrase | str, problems: list[Problem]) -> Floats:
    """Weights as numbers: also percentages and fractions as text; what is neither goes to the problems."""
    cells = np.atleast_1d(np.asarray(weights))
    if cells.dtype.kind in "fiu":
        return cells.astype(np.float64)
    # Of objects, so that a text among numbers leaves them numbers.
    cells = np.atleast_1d(np.asarray(weights, dtype=object))
    vector = np.array([numerals.share(cell) for cell in cells.ravel()], dtype=np.float64)
    unread = [str(cell) for cell, value in zip(cells.ravel(), vector) if np.isnan(value) and not _is_missing(cell)]
    if unread:
        dates = any(numerals.is_date(cell) for cell in cells.ravel())
        problems.append(Problem("weights.dates" if dates else "weights.text", thing, cells=unread))
    return vector.reshape(cells.shape)


def _is_missing(cell: object) -> bool:
    return isinstance(cell, float) and np.isnan(cell)


def _in_order(
    weights: Mapping[Any, float] | pd.Series, names: list[Any], thing: Phrase | str
) -> tuple[list[float], list[Problem]]:
    """Weights by name in the order of the names, and what is missing or too much."""
    problems = []
    missing = [name for name in names if name not in weights]
    extra = [name for name in weights.keys() if name not in names]  # noqa: SIM118 (a Series iterates its values)
    if missing:
        problems.append(Problem("weights.missing", thing, missing=missing, names=names))
    if extra:
        problems.append(Problem("weights.extra", thing, extra=extra, names=names))
    return [weights[name] for name in names if name in weights], problems


def labelled(values: Floats, matrix: Matrix) -> Any:
    """Values per column as a Series where the matrix is a DataFrame, else as they are."""
    return pd.Series(values, index=matrix.columns) if isinstance(matrix, pd.DataFrame) else values
