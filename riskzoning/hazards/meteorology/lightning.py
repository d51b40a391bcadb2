"""Lightning (雷电): strokes that count, their density and intensity, and how a site is rated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike
from odc.geo.geobox import GeoBox

from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.hazards.cells import Array
from riskzoning.hazards.inputs import input_of
from riskzoning.hazards.meteorology.scales import scale_rule
from riskzoning.layers.plausible import takes
from riskzoning.methods.density import kernel_density

_CURRENT = ("current_ka", "Lit_Current", "current", "电流强度", "雷电流", "峰值电流")


class FuzzyLevel(NamedTuple):
    """Memberships of the classes, which sum to 1, and the class of the largest.

    Examples
    --------
    >>> lightning_level({"strokes": 40.0}, {"strokes": [20, 40, 60]})
    FuzzyLevel(memberships=array([0., 1., 0.]), level=2)
    """

    memberships: Array
    level: int


@takes()
def kept_strokes(strokes: gpd.GeoDataFrame, *, current: str | None = None) -> gpd.GeoDataFrame:
    """Cloud-to-ground strokes with currents between 2 and 200 kA, of either sign; the others are noted.

    Parameters
    ----------
    strokes : GeoDataFrame
    current : str, optional
        Column of the current, kA; by default one of the usual names. Without any all strokes are kept.

    Examples
    --------
    >>> points = gpd.GeoSeries.from_xy([114.0, 114.1, 114.2], [35.0, 35.0, 35.0], crs="EPSG:4490")
    >>> len(kept_strokes(gpd.GeoDataFrame({"current_ka": [-46.1, 60.0, -9.5]}, geometry=points)))
    3
    """
    column = current or next((name for name in _CURRENT if name in strokes.columns), None)
    if column is None:
        return strokes
    if column not in strokes.columns:
        thing = input_of("meteorology", "lightning")
        raise LayerError(Problem("input.columns", thing, missing=[column], present=list(map(str, strokes.columns))))
    low, high = scale_rule("lightning")["current"]
    strength = pd.to_numeric(strokes[column], errors="coerce").abs()
    kept = (strength > low) & (strength < high)
    if not kept.all():
        thing = input_of("meteorology", "lightning")
        count = int((~kept).sum())
        note(Problem("dropped.strokes", thing, severity="info", count=count, total=len(strokes), low=low, high=high))
    return strokes[kept]


@takes()
def lightning_density(
    strokes: gpd.GeoDataFrame, grid: GeoBox, *, years: float, radius_m: float | None = None
) -> xr.DataArray:
    """Density of cloud-to-ground strokes, 1/(km2 a).

    Parameters
    ----------
    strokes : GeoDataFrame
        Points of strokes, see :func:`kept_strokes`.
    grid : GeoBox
        Projected.
    years : float
        Length of the record, years.
    radius_m : float, optional
        Radius of the kernel; default 3000 m.

    Raises
    ------
    LayerError
        The length of the record is not above 0.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> grid = analysis_grid((500000, 3900000, 510000, 3910000), crs="EPSG:4547", resolution=1000)
    >>> strokes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([505500] * 40, [3905500] * 40), crs="EPSG:4547")
    >>> round(float(lightning_density(strokes, grid, years=2).sum()), 1)
    20.0
    """
    if not years > 0:
        raise LayerError(Problem("meteorology.lightning_years", input_of("meteorology", "lightning"), years=years))
    radius = float(scale_rule("lightning")["radius_m"]) if radius_m is None else radius_m
    density = kernel_density(strokes, grid, radius_m=radius)
    return (density / years).assign_attrs(density.attrs)


_YEAR = 366


@takes()
def thunder_day_density(thunder_days: ArrayLike) -> Any:
    """Density of strokes from days of thunder in a year, 1/(km2 a): a tenth of them, where nothing else is known.

    Parameters
    ----------
    thunder_days : number or array
        Days of thunder in a mean year, 0 to 366; NaN stays NaN.

    Raises
    ------
    LayerError
        A number of days that no year has, such as the sum of several years.

    Examples
    --------
    >>> thunder_day_density(25.0)
    2.5
    """
    days = np.asarray(thunder_days, dtype=np.float64)
    beyond = np.unique(days[(days < 0) | (days > _YEAR)])
    if beyond.size:
        thing = Phrase("argument", name="thunder_days")
        raise LayerError(Problem("meteorology.thunder_days", thing, days=beyond.tolist(), most=_YEAR))
    out = float(scale_rule("lightning")["of_thunder_days"]) * days
    return out if out.ndim else float(out)


@takes()
def lightning_intensity(current: ArrayLike, cell: ArrayLike, *, cells: int) -> Array:
    """Intensity Ln of strokes in cells, 0..1: five bins of current, the stronger the more they count.

    The bins are cut at the 60, 80, 90 and 95 % quantiles of all currents; the counts of a bin are scaled to 0.5 to 1
    between the least and the most of the cells; Ln = sum of i/15 of bin i.

    Parameters
    ----------
    current : array
        kA, of either sign.
    cell : array of int
        Number of the cell of each stroke, 0 to ``cells`` - 1.
    cells : int

    Raises
    ------
    LayerError
        There are no strokes.

    Examples
    --------
    >>> lightning_intensity([10.0, 20.0, 30.0, 40.0, 100.0], [0, 0, 0, 1, 1], cells=2).round(3).tolist()
    [0.533, 0.733]
    """
    strength, place = np.abs(np.asarray(current, dtype=np.float64)), np.asarray(cell, dtype=np.int64)
    if not strength.size:
        raise LayerError(Problem("meteorology.no_strokes", input_of("meteorology", "lightning")))
    cuts = np.quantile(strength, scale_rule("lightning")["quantiles"])
    bins = np.searchsorted(cuts, strength, side="right")
    out = np.zeros(cells)
    for number in range(5):
        counts = np.bincount(place[bins == number], minlength=cells).astype(np.float64)
        wide = counts.max() - counts.min()
        share = (counts - counts.min()) / wide if wide > 0 else np.zeros(cells)
        out += (number + 1) / 15.0 * (0.5 + 0.5 * share)
    return out


@takes()
def memberships(value: float, peaks: Sequence[float]) -> Array:
    """Triangular memberships of a value in classes with these peaks, rising or falling; beyond the ends 1.

    Examples
    --------
    >>> memberships(64.0, [34.5, 69.0, 103.5, 138.0]).round(3).tolist()
    [0.145, 0.855, 0.0, 0.0]
    """
    tops = np.asarray(peaks, dtype=np.float64)
    rising = tops[-1] > tops[0]
    ordered = tops if rising else tops[::-1]
    unit = np.eye(tops.size)
    out = np.array([np.interp(value, ordered, row) for row in unit])
    return out if rising else out[::-1]


@takes()
def lightning_level(values: Mapping[str, float], limits: Mapping[str, Sequence[float]]) -> FuzzyLevel:
    """Level of a thunderstorm by fuzzy assessment: memberships of each factor, weighted by value / mean of its limits.

    Parameters
    ----------
    values : mapping factor -> number
        E.g. strokes in an hour and their current, kA.
    limits : mapping factor -> peaks of the classes

    Raises
    ------
    LayerError
        Factors without limits, other numbers of classes, or values that are all 0.

    Examples
    --------
    >>> limits = {"strokes": [24.5, 49, 73.5, 98], "current": [34.5, 69, 103.5, 138]}
    >>> made = lightning_level({"strokes": 95.0, "current": 64.0}, limits)
    >>> made.memberships.round(3).tolist(), made.level
    ([0.047, 0.277, 0.083, 0.594], 4)
    """
    sizes = {len(limits[name]) for name in values if name in limits}
    raw = np.array([values[name] / np.mean(limits[name]) for name in values if name in limits])
    if len(raw) < len(values) or len(sizes) != 1 or not raw.sum() > 0:
        thing = Phrase("argument", name="limits")
        raise LayerError(Problem("meteorology.fuzzy", thing, factors=list(values), limits=list(limits)))
    weights = raw / raw.sum()
    mixed = weights @ np.array([memberships(values[name], limits[name]) for name in values])
    return FuzzyLevel(mixed, int(mixed.argmax()) + 1)


class LightningRisk(NamedTuple):
    """Parts of the risk of lightning and the risk itself, all 0..1, in the container of the indicators.

    Examples
    --------
    >>> LightningRisk(0.5, 0.4, 0.6, 0.25).risk
    0.25
    """

    hazard: Any
    exposure: Any
    fragility: Any
    risk: Any


@takes()
def lightning_risk(
    indicators: Mapping[str, Any],
    *,
    weights: Mapping[str, float] | None = None,
    parts: Mapping[str, float] | None = None,
) -> LightningRisk:
    """Risk of lightning (雷电灾害风险指数 LDRI): strokes on sensitive ground, what is exposed, how fragile it is.

    RH = (strokes)(ground) of density and intensity, and of soil, elevation and terrain; RE of population and GDP; RF of
    casualties, losses and the lack of protection; each a weighted sum. LDRI = RH w_h (RE w_e + RF w_f).

    Parameters
    ----------
    indicators : mapping
        ``density intensity soil elevation terrain population gdp casualties losses protection``: numbers, arrays or
        layers, each scaled to 0..1 (or 0.5..1), larger is worse, but for ``protection``. NaN stays NaN.
    weights : mapping, optional
        Weight of indicators, scaled to sum 1 within strokes, ground, exposure and fragility; equal by default, as the
        source leaves them to experts.
    parts : mapping, optional
        Weights ``hazard exposure fragility``; 1, 0.5, 0.5 by default.

    Returns
    -------
    LightningRisk

    Raises
    ------
    LayerError
        An indicator lacks or is none of these, or one lies beyond 0..1.

    References
    ----------
    QX/T 405-2017 as a public code has it; read as factors, not as exponents.

    Examples
    --------
    >>> even = dict.fromkeys(["density", "intensity", "soil", "elevation", "terrain"], 0.8)
    >>> even |= dict.fromkeys(["population", "gdp", "casualties", "losses"], 0.5) | {"protection": 0.5}
    >>> made = lightning_risk(even)
    >>> round(float(made.hazard), 6), round(float(made.risk), 6)
    (0.64, 0.32)
    """
    rule = scale_rule("lightning_risk")
    shares = {**scale_rule("lightning_risk_parts"), **(parts or {})}
    _check_indicators(indicators, list(rule), [*(weights or {})], list(rule))
    _check_indicators(shares, ["hazard", "exposure", "fragility"], [], ["hazard", "exposure", "fragility"])
    sums: dict[str, Any] = {}
    for part in ("strokes", "ground", "exposure", "fragility"):
        names = [name for name, facts in rule.items() if facts["of"] == part]
        given = np.array([float((weights or {}).get(name, rule[name]["weight"])) for name in names])
        if not (given >= 0).all() or not given.sum() > 0:
            raise LayerError(Problem("meteorology.lightning_weights", Phrase("argument", name="weights"), names=names))
        turned = [1.0 - indicators[n] if rule[n].get("turned") else indicators[n] * 1.0 for n in names]
        sums[part] = sum(weight * value for weight, value in zip(given / given.sum(), turned))
    hazard = sums["strokes"] * sums["ground"]
    hit = shares["exposure"] * sums["exposure"] + shares["fragility"] * sums["fragility"]
    return LightningRisk(hazard, sums["exposure"], sums["fragility"], hazard * shares["hazard"] * hit)


def _check_indicators(given: Mapping[str, Any], wanted: list[str], others: list[str], known: list[str]) -> None:
    """All of the names that are wanted are there and no other, each value within 0..1; all problems at once."""
    thing = Phrase("argument", name="indicators")
    missing = [name for name in wanted if name not in given]
    unknown = [name for name in [*given, *others] if name not in known]
    problems = []
    if missing:
        problems.append(Problem("meteorology.lightning_lacks", thing, names=missing))
    if unknown:
        problems.append(Problem("meteorology.lightning_names", thing, names=unknown, known=known))
    for name in given:
        numbers = np.asarray(given[name], dtype=np.float64)
        beyond = (numbers < 0) | (numbers > 1)
        if beyond.any():
            example = float(numbers[beyond].flat[0])
            problems.append(Problem("meteorology.lightning_scaled", thing, name=name, example=example))
    if problems:
        raise LayerError(problems=problems)


@takes()
def lightning_site(
    density: float, current: float, soil: float, *, weights: Sequence[float] = (1 / 3, 1 / 3, 1 / 3)
) -> tuple[float, int]:
    """Points of a site (1..9) and their class 1 low to 5 high, by density, current and resistivity of the soil.

    Parameters
    ----------
    density : float
        Strokes, 1/(km2 a).
    current : float
        Typical current, kA.
    soil : float
        Resistivity, ohm m; less is worse.
    weights : three numbers
        Shares of the three; equal by default, as the source leaves them to the case.

    Examples
    --------
    >>> points, grade = lightning_site(2.5, 30.0, 650.0)
    >>> round(points, 6), grade
    (5.0, 3)
    """
    rule = scale_rule("lightning_site")
    shares = np.asarray(weights, dtype=np.float64) / np.sum(weights)
    values = {"density": density, "current": current, "soil": soil}
    rows = [memberships(value, rule[key]) for key, value in values.items()]
    points = float(shares @ np.array(rows) @ np.asarray(rule["points"], dtype=np.float64))
    return points, int(np.searchsorted(np.asarray(rule["limits"]) - 1e-9, points, side="right")) + 1
