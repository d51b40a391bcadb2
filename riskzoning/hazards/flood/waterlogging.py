"""Urban waterlogging (内涝): depth classes, the rain that runs off, design storms."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array, Cells, by_cell
from riskzoning.layers.numbers import limits_like
from riskzoning.layers.plausible import takes

# L/(s ha) to mm a minute.
_MM_A_MINUTE = 0.006
_DAY_H, _LONG_H = 24.0, 6.0


def rules(key: str) -> Any:
    """An entry of the table of waterlogging."""
    return standards.table("hazards/flood_waterlogging").data[key]


@takes("depth", depth="flood_depth", velocity="flood_velocity", duration="flood_duration")
def waterlogging_class(depth: Cells, *, velocity: Cells | None = None, duration: Cells | None = None) -> Any:
    """Class of water that stands in streets (内涝等级): 1 to 0.15 m, 2 to 0.3 m, 3 to 0.5 m, 4 deeper.

    Up to 0.15 m one lane stays passable and ground floors stay dry. A limit belongs to the lower class.

    Parameters
    ----------
    depth : number, array or layer
        m; NaN is no data. Dry ground is class 1.
    velocity, duration : number, array or layer, optional
        m/s and hours: over 2 m/s or 30 minutes make wet ground one class worse; NaN counts for nothing.

    Returns
    -------
    number, array or layer
        uint8, 1 lowest ... 4; 0 no data.

    Examples
    --------
    >>> waterlogging_class(np.array([0.0, 0.15, 0.151, 0.5, 0.6, np.nan])).tolist()
    [1, 1, 2, 3, 4, 0]
    >>> waterlogging_class(0.2, duration=1.0)
    3
    """
    work = partial(_classed, limits=np.asarray(rules("limits"), dtype=np.float64), table=dict(rules("raise")))
    others = [np.nan if value is None else value for value in (velocity, duration)]
    return by_cell(work, depth, *others, quantity="hazard_grade", dtype=np.uint8)


def _classed(depth: Array, velocity: Array, duration: Array, *, limits: Array, table: dict[str, float]) -> Array:
    known = np.isfinite(depth) & (depth >= 0)
    grade = np.searchsorted(limits_like(limits, depth), depth, side="left") + 1
    worse = (depth > 0) & ((velocity > table["velocity"]) | (duration * 60.0 > table["minutes"]))
    return np.where(known, np.minimum(grade + worse, len(limits) + 1), 0).astype(np.uint8)


@takes("rain", rain="precipitation")
def excess_rain(rain: Cells, *, coefficient: Cells = 1.0, drained: Cells = 0.0, losses: Cells = 0.0) -> Any:
    """Rain that neither the ground nor drains take (净雨): max(0, coefficient x rain - drained - losses), mm.

    Parameters
    ----------
    rain : number, array or layer
        mm of the storm.
    coefficient : number, array or layer
        Share that runs off, 0..1 (:func:`runoff_coefficient`).
    drained : number, array or layer
        mm that drains take during the storm: their capacity, or the runoff of the rain of their design period.
    losses : number, array or layer
        mm held back before anything runs off: ponds, sponge works.

    Raises
    ------
    LayerError
        A share beyond 0..1, or water below 0.

    Examples
    --------
    >>> excess_rain(np.array([50.0, 120.0, 200.0]), coefficient=0.7, drained=0.7 * 75).round(2)
    array([ 0. , 31.5, 87.5])
    """
    for name, value, high in (
        ("coefficient", coefficient, 1.0),
        ("drained", drained, np.inf),
        ("losses", losses, np.inf),
    ):
        _check_between(name, value, high)
    return by_cell(_excess, rain, coefficient, drained, losses, quantity="precipitation")


def _check_between(name: str, value: Cells, high: float) -> None:
    """Numbers and arrays in memory from 0 to a bound; lazy ones are taken as they are."""
    if hasattr(value, "dask"):
        return
    values = np.asarray(value, dtype=np.float64)
    low, top = (float(end(values, initial=0.0, where=np.isfinite(values))) for end in (np.min, np.max))
    if low < 0 or top > high:
        raise LayerError(Problem("flood.beyond", Phrase("argument", name=name), low=low, high=top, most=high))


def _excess(rain: Array, coefficient: Array, drained: Array, losses: Array) -> Array:
    return np.maximum(rain * coefficient - drained - losses, 0.0)


@takes()
def runoff_coefficient(cover: Cells | None = None, *, sealed: Cells | None = None) -> Any:
    """Share of the rain that runs off (径流系数), by land cover or by how much of the ground is sealed.

    Parameters
    ----------
    cover : array or layer, optional
        Codes of GlobeLand30 (80 built-up, 10 crops, 20 forest ...); another code, and 0, count as open ground, 0.3.
        Without anything it is 0.6, that of built-up ground of medium density.
    sealed : array or layer, optional
        Sealed share, 0..1: 0.2 runs off open ground, 0.9 off sealed ground. It comes before ``cover``.

    Returns
    -------
    array or layer
        0..1.

    Examples
    --------
    >>> runoff_coefficient(np.array([80, 10, 20, 0])).tolist()
    [0.7, 0.3, 0.15, 0.3]
    >>> float(runoff_coefficient(sealed=0.5))
    0.55
    """
    if sealed is not None:
        _check_between("sealed", sealed, 1.0)
        low, high = map(float, rules("sealed"))
        other = float(rules("unknown"))
        return by_cell(partial(_of_sealed, low=low, high=high, other=other), sealed, quantity="share")
    if cover is None:
        return float(rules("unknown"))
    table = {code: float(share) for code, share in rules("runoff").items() if code != "other"}
    work = partial(_of_cover, shares=table, other=float(rules("runoff")["other"]))
    return by_cell(work, cover, quantity="share")


def _of_sealed(sealed: Array, *, low: float, high: float, other: float) -> Array:
    return np.where(np.isnan(sealed), other, low + (high - low) * np.nan_to_num(sealed))


def _of_cover(cover: Array, *, shares: dict[Any, float], other: float) -> Array:
    out = np.full(np.shape(cover), other)
    for code, share in shares.items():
        out[np.asarray(cover) == int(code)] = share
    return out


@takes()
def storm_intensity(minutes: ArrayLike, period: ArrayLike, *, a1: float, c: float, b: float, n: float) -> Any:
    """Intensity of the design storm of a city (暴雨强度公式): q = 167 A1 (1 + C lg P) / (t + b)^n, L/(s ha).

    Parameters
    ----------
    minutes : array_like
        Duration t, min.
    period : array_like
        Return period P, years.
    a1, c, b, n : float
        Coefficients that the city has published; none are shipped.

    Returns
    -------
    number or array
        L/(s ha); times 0.006 t it is the depth of the storm in mm.

    Raises
    ------
    LayerError
        A duration or period that is not above 0.

    Examples
    --------
    >>> float(storm_intensity(60, 2, a1=10, c=1, b=10, n=0.7).round(2))
    111.03
    """
    t, years = _positive("minutes", minutes), _positive("period", period)
    return 167.0 * a1 * (1.0 + c * np.log10(years)) / (t + b) ** n


@takes()
def storm_depth(hours: ArrayLike, *, day_mm: ArrayLike, n1: float, n2: float) -> Any:
    """Rain of a shorter duration from that of 24 hours (短历时设计雨量), by two exponents that meet at 6 hours.

    H24 24^(n2 - 1) t^(1 - n2) from 6 to 24 h, H24 24^(n2 - 1) 6^(n1 - n2) t^(1 - n1) from 1 to 6 h.

    Parameters
    ----------
    hours : array_like
        Duration, 1 to 24 h.
    day_mm : array_like
        Rain of 24 hours, mm.
    n1, n2 : float
        Exponents below and above 6 hours, of the rain atlas of the province.

    Raises
    ------
    LayerError
        A duration beyond 1 to 24 h.

    Examples
    --------
    >>> storm_depth([1, 6, 24], day_mm=100.0, n1=0.5, n2=0.7).round(2).tolist()
    [26.93, 65.98, 100.0]
    """
    t = np.asarray(hours, dtype=np.float64)
    if not np.all((t >= 1) & (t <= _DAY_H)):
        raise LayerError(
            Problem("flood.hours", Phrase("argument", name="hours"), low=float(t.min()), high=float(t.max()))
        )
    whole = np.asarray(day_mm, dtype=np.float64) * _DAY_H ** (n2 - 1.0)
    long, short = whole * t ** (1.0 - n2), whole * _LONG_H ** (n1 - n2) * t ** (1.0 - n1)
    return np.where(t >= _LONG_H, long, short)


def _positive(name: str, values: ArrayLike) -> Array:
    array = np.asarray(values, dtype=np.float64)
    if not np.all(array > 0):
        raise LayerError(Problem("flood.positive", Phrase("argument", name=name), low=float(np.min(array))))
    return array
