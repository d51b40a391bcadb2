"""Yearly extremes to a distribution, and everything that is asked of a series first."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.layers.plausible import takes
from riskzoning.methods.extremes.distributions import NAMES, Floats, Name, Parameters
from riskzoning.methods.extremes.fitted import Fitted, estimated
from riskzoning.methods.extremes.series import Given, Series, series_of
from riskzoning.methods.trend import trend

Which: TypeAlias = NDArray[np.bool_]
Method: TypeAlias = Literal["lmoments", "lmoments_exact", "ml", "curve", "moments"]
_METHODS = ("lmoments", "lmoments_exact", "ml", "curve", "moments")
# What of the values is rounding, beside their size: a series without more than that is constant.
_NOISE = 1e-9


@takes()
def fit(
    values: Given,
    distribution: Name = "pearson3",
    *,
    method: Method = "lmoments",
    mode: Literal["max", "min"] = "max",
    zeros: Literal["fit", "mixed"] = "fit",
    dim: str | int | None = None,
    min_years: int | None = None,
    cs_cv: float | None = None,
) -> Fitted:
    """Fit a distribution to yearly extremes (极值分布拟合): one series, or many at once.

    Parameters
    ----------
    values : list, array, Series, DataFrame or DataArray
        One value a year; their order does not matter, NaN and infinities are left out and counted. Arrays of more
        dimensions have the years last (``dim`` names another axis), a DataFrame has a row a year and a column a series,
        a DataArray a dimension ``year`` or ``time`` (or ``dim``). A lazy layer is computed.
    distribution : {"pearson3", "gev", "gumbel"}
        Pearson III (皮尔逊III型) is the line of Chinese hydrology.
    method : {"lmoments", "lmoments_exact", "ml", "curve", "moments"}
        L-moments (``_exact``: the GEV solved instead of Hosking's approximation); greatest likelihood; curve fitting
        (适线法), least squares against the plotting positions; moments (not for the GEV).
    mode : {"max", "min"}
        ``min``: lowest values of a year.
    zeros : {"fit", "mixed"}
        ``mixed``: years of 0 have no event; they are a share of their own, and the distribution describes the rest.
    dim : str or int
        Dimension or axis of the years.
    min_years : int
        Fewest values of a series. Default 5; from fewer than 15 (30 are recommended) it is warned.
    cs_cv : float
        Pearson III by curve fitting with Cs = cs_cv x Cv (2..4 are usual, 3.5 for rain).

    Returns
    -------
    Fitted
        Of many series, those that cannot be fitted are NaN, and a warning names them.

    Raises
    ------
    LayerError
        Nothing can be fitted: no values, too few, all the same, a fill value among them, an option that is not known.

    References
    ----------
    Hosking and Wallis (1997), Regional frequency analysis; GB and SL tables name the distribution, not the code.

    Examples
    --------
    >>> floods = [279, 302, 450, 272, 401, 222, 311, 327, 294, 299, 348, 286, 492, 296, 227, 437, 340, 376, 444, 177]
    >>> fit(floods, "gev", method="ml").return_level([10, 100]).round(1)
    array([433.9, 521.7])
    >>> round(fit(floods).return_level(100), 1)
    563.4
    """
    _check_choices(distribution, method, mode, zeros, cs_cv)
    series = series_of(values, dim)
    sign = -1.0 if mode == "min" else 1.0
    share, rows = _zeros_apart(sign * series.values, zeros)
    usable = _usable(series, rows, distribution, min_years)
    shape, loc, scale = (np.full(len(rows), np.nan) for _ in range(3))
    own = estimated(distribution, rows[usable], method, cs_cv)
    shape[usable], loc[usable], scale[usable] = own.shape, own.loc, own.scale
    own = _refuse_failed(series, Parameters(shape, loc, scale), usable, method)
    _tell(series, rows, usable, zeros)
    return Fitted(distribution, method, mode, own, np.where(np.isnan(own.scale), np.nan, share), series, cs_cv)


def _check_choices(distribution: str, method: str, mode: str, zeros: str, cs_cv: float | None) -> None:
    known = {
        "distribution": (distribution, list(NAMES)), "method": (method, list(_METHODS)), "mode": (mode, ["max", "min"]),
        "zeros": (zeros, ["fit", "mixed"]),
    }  # fmt: skip
    problems = [
        Problem("extremes.choice", Phrase("argument", name=name), value=str(value), known=options)
        for name, (value, options) in known.items()
        if value not in options
    ]
    if distribution == "gev" and method == "moments":
        problems.append(Problem("extremes.gev_moments", Phrase("argument", name="method")))
    if zeros == "mixed" and mode == "min":
        problems.append(Problem("extremes.mixed_minima", Phrase("argument", name="zeros")))
    if cs_cv is not None:
        if method != "curve" or distribution != "pearson3":
            problems.append(Problem("extremes.ratio", Phrase("argument", name="cs_cv")))
        elif not 0 < cs_cv < np.inf:
            thing = Phrase("argument", name="cs_cv")
            problems.append(Problem("extremes.number", thing, value=cs_cv, low=0.0, high=np.inf))
    if problems:
        raise LayerError(problems=problems)


def _zeros_apart(rows: Floats, zeros: str) -> tuple[Floats, Floats]:
    """Share of years without an event, and the rest; negative values have no place beside them."""
    none = np.zeros(len(rows))
    if zeros == "fit":
        return none, rows
    if np.any(rows < 0):
        least = float(np.nanmin(rows))
        raise LayerError(Problem("extremes.negative", Phrase("extreme_series"), value=least))
    known = np.isfinite(rows).sum(axis=1)
    share = np.where(known > 0, (rows == 0).sum(axis=1) / np.maximum(known, 1), 0.0)
    return share, np.where(rows == 0, np.nan, rows)


def _usable(series: Series, rows: Floats, distribution: str, min_years: int | None) -> Which:
    """Which series can be fitted; the others are named, and if there is none, that is refused."""
    wanted = len(NAMES[distribution])
    fewest = int(standards.table("methods/extremes").data["fewest"]) if min_years is None else int(min_years)
    least = max(fewest, wanted + 1)
    known = np.isfinite(rows)
    count, different = known.sum(axis=1), _different(rows)
    low, high = np.where(known, rows, np.inf).min(axis=1), np.where(known, rows, -np.inf).max(axis=1)
    with np.errstate(invalid="ignore"):
        flat = high - low <= _NOISE * np.maximum(np.abs(low), np.abs(high))
    # The first reason that holds is the one of a series.
    reasons = {
        "none": count == 0, "short": count < least, "constant": flat, "few_values": different <= wanted,
    }  # fmt: skip
    usable, why = np.ones(len(rows), dtype=bool), {}
    for reason, wrong in reasons.items():
        why[reason] = usable & wrong
        usable = usable & ~wrong
    if not usable.any():
        first = {reason: int(np.argmax(wrong)) for reason, wrong in why.items() if wrong.any()}
        raise LayerError(problems=[
            Problem(
                f"extremes.{reason}", Phrase("extreme_series"), count=int(count[i]), least=least, value=float(high[i]),
                different=int(different[i]), wanted=wanted,
            )
            for reason, i in first.items()
        ])  # fmt: skip
    for reason, wrong in why.items():
        if wrong.any():
            _left_out(series, wrong, Phrase(f"extremes_because_{reason}", least=least))
    return usable


def _different(rows: Floats) -> NDArray[np.int64]:
    ordered = np.sort(rows, axis=1)
    return (np.isfinite(ordered[:, :1]).sum(axis=1) + (np.diff(ordered, axis=1) > 0).sum(axis=1)).astype(np.int64)


def _left_out(series: Series, wrong: Which, why: Phrase) -> None:
    names = [series.names[i] for i in np.flatnonzero(wrong)[:50]]
    note(Problem(
        "dropped.extreme_series", Phrase("every_extreme_series"), severity="warning", count=int(wrong.sum()),
        total=len(wrong), names=names, why=why,
    ))  # fmt: skip


def _refuse_failed(series: Series, own: Parameters, usable: Which, method: str) -> Parameters:
    """What an estimation could not find is NaN and told; if it found nothing, that is refused."""
    whole = np.isfinite(own.shape) & np.isfinite(own.loc) & (own.scale > 0)
    failed = usable & ~whole
    if failed.any() and not whole.any():
        raise LayerError(Problem("extremes.no_fit", Phrase("extreme_series"), method=method))
    if failed.any():
        _left_out(series, failed, Phrase("extremes_because_no_fit", method=method))
    return Parameters(*(np.where(whole, part, np.nan) for part in (own.shape, own.loc, own.scale)))


def _tell(series: Series, rows: Floats, usable: Which, zeros: str) -> None:
    """What weakens the fit: a short series, gaps, years without an event, a trend."""
    rules, thing = standards.table("methods/extremes").data, Phrase("extreme_series")
    count = np.isfinite(rows).sum(axis=1)[usable]
    least, short, wished = int(count.min()), int(rules["short"]), int(rules["recommended"])
    gaps = int(np.isnan(series.values[usable]).sum())
    if least < short:
        note(Problem("extremes.few_years", thing, severity="warning", count=least, short=short, wished=wished))
    elif least < wished:
        note(Problem("extremes.below_wished", thing, severity="info", count=least, wished=wished))
    if gaps:
        note(Problem("extremes.gaps", thing, severity="info", count=gaps))
    dry = float((rows[usable] == 0).sum(axis=1).max() / max(least, 1)) if zeros == "fit" else 0.0
    if dry >= float(rules["zeros_share"]):
        note(Problem("extremes.zeros", thing, severity="warning", share=dry))
    if len(rows) <= int(rules["trend_series"]):
        _tell_trends(series, usable)


def _tell_trends(series: Series, usable: Which) -> None:
    years = np.arange(series.values.shape[1])
    told = {int(i): trend(years, series.values[i]) for i in np.flatnonzero(usable)}
    moving = [i for i, what in told.items() if what.direction in ("rising", "falling")]
    thing = Phrase("extreme_series")
    if moving and series.single:
        note(Problem("extremes.trend", thing, severity="warning", trend=told[0].phrase()))
    elif moving:
        names = [series.names[i] for i in moving]
        thing = Phrase("every_extreme_series")
        note(Problem("extremes.trends", thing, severity="warning", count=len(moving), names=names))
