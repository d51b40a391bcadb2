"""Flash floods (山洪): the flood that first reaches a village, its danger zone, maps held against records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike

from riskzoning import grid as grids
from riskzoning import numerals, standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.hazards.cells import Array
from riskzoning.layers import check_layer
from riskzoning.layers.plausible import takes

_HIGHEST = 2  # the two classes that recorded points must mostly lie in


class Agreement(NamedTuple):
    """How well a map of danger holds against recorded places (:func:`high_zone_share`).

    Parameters
    ----------
    share : float
        Share of the points in the two highest classes.
    accepted : bool

    Examples
    --------
    >>> Agreement(0.7, True).accepted
    True
    """

    share: float
    accepted: bool


@takes()
def first_period(values: ArrayLike, return_periods: Sequence[float], *, critical: ArrayLike = 0.0) -> Array:
    """The return period of the flood that first reaches a place (成灾重现期).

    Parameters
    ----------
    values : array_like
        Depth or level of the water, m, return periods along the first axis. NaN at one return period counts as dry
        there; where all are NaN the answer is NaN.
    return_periods : sequence of float
        Years, in the order of ``values``.
    critical : array_like
        What is stood without harm, m, as the values: 0 for depths, or the level at which the village floods (成灾水位).

    Returns
    -------
    array
        Years; infinite where no flood reaches it.

    Raises
    ------
    LayerError
        The periods do not fit the values.

    Examples
    --------
    >>> first_period([[0, 0, 0], [0.2, 0, 0], [1.0, 0.1, 0]], [5, 20, 100]).tolist()
    [20.0, 100.0, inf]
    >>> first_period([61.2, 62.4, 63.0], [5, 20, 100], critical=62.0).tolist()
    20.0
    """
    water = np.asarray(values, dtype=np.float64)
    years = np.asarray(numerals.periods(list(return_periods)), dtype=np.float64)
    if water.ndim == 0 or len(years) != len(water) or not np.all(years > 0) or len(set(years.tolist())) < len(years):
        shown = [f"{year:g}" for year in np.atleast_1d(years)]
        count = len(water) if water.ndim else 0
        raise LayerError(
            Problem("flood.periods_count", Phrase("argument", name="return_periods"), periods=shown, count=count)
        )
    reached = np.nan_to_num(water, nan=-np.inf) > np.asarray(critical, dtype=np.float64)
    by_year = years.reshape(-1, *[1] * (water.ndim - 1))
    first = np.min(np.where(reached, by_year, np.inf), axis=0)
    return np.asarray(np.where(np.isnan(water).all(axis=0), np.nan, first))


@takes()
def danger_zone(first: ArrayLike, *, on_record: ArrayLike = False) -> Array:
    """Danger zone of a village by the return period that first floods it: 3 under 5 years, 2 under 20, 1 to 100.

    Parameters
    ----------
    first : array_like
        Years (:func:`first_period`); infinite: no flood reaches it.
    on_record : array_like of bool
        The largest flood on record has reached the village: zone 1 at least.

    Returns
    -------
    array of uint8
        3 极高危险区, 2 高危险区, 1 危险区, 0 none of them or not known.

    Examples
    --------
    >>> danger_zone([4.9, 5, 19.9, 20, 100, 101, float("inf")]).tolist()
    [3, 2, 2, 1, 1, 0, 0]
    >>> danger_zone(200, on_record=True).tolist()
    1
    """
    years = np.asarray(first, dtype=np.float64)
    zones = standards.table("hazards/flood_flash").data["zones"]
    last = float(zones[1]["to"])
    zone = np.where((years <= last) | np.asarray(on_record, dtype=bool), 1, 0)
    for number in (2, 3):
        zone = np.where(years < float(zones[number]["below"]), number, zone)
    return zone.astype(np.uint8)


@takes("depths", depths="flood_depth")
def village_zones(
    villages: gpd.GeoDataFrame, depths: xr.DataArray, *, record: str | None = None, within: float = 0.0
) -> gpd.GeoDataFrame:
    """Danger zones of villages by the depths of flash floods (山洪危险区划分).

    Parameters
    ----------
    villages : GeoDataFrame
        Points, in any CRS.
    depths : DataArray
        ``flood_depth`` by return period, m.
    record : str, optional
        Column that says whether the largest flood on record reached the village (true or false, 1 or 0).
    within : float
        m of water that a village stands without harm.

    Returns
    -------
    GeoDataFrame
        The villages with ``first_period`` (years; NaN beyond the depths), ``zone`` (3 most dangerous ... 0 none),
        ``zone_zh``, ``zone_en`` and ``colour``. Without a flood more frequent than 5 years nothing can be in the
        most dangerous zone, which is told.

    Raises
    ------
    LayerError
        The depths have no return periods, or the column is not there.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 300, 100), crs="EPSG:4547", resolution=100)
    >>> values = np.array([[[1.0, 0.0, 0.0]], [[2.0, 0.5, 0.0]]])
    >>> depths = layer_on(geobox, values, quantity="flood_depth", return_periods=[2, 50])
    >>> places = gpd.GeoDataFrame(geometry=gpd.points_from_xy([50, 150, 250], [50, 50, 50]), crs="EPSG:4547")
    >>> village_zones(places, depths)[["first_period", "zone", "zone_en"]].values.tolist()
    [[2.0, 3, 'very high danger'], [50.0, 1, 'danger'], [inf, 0, '']]
    """
    check_layer(depths, name=str(depths.name or "depths"), quantity="flood_depth")
    if "return_period" not in depths.dims:
        raise LayerError(Problem("flood.dims", Phrase("argument", name="depths"), dims=list(map(str, depths.dims))))
    if record is not None and record not in villages.columns:
        columns = list(map(str, villages.columns))
        raise LayerError(
            Problem("input.columns", Phrase("argument", name="villages"), missing=[record], present=columns)
        )
    years = [float(year) for year in depths["return_period"].values]
    table = standards.table("hazards/flood_flash").data["zones"]
    if min(years) >= float(table[3]["below"]):
        below = float(table[3]["below"])
        thing = Phrase("argument", name="depths")
        note(Problem("flood.no_frequent", thing, severity="warning", first=min(years), below=below))
    sampled = np.stack(
        [
            grids.sample(depths.isel(return_period=at, drop=True), villages, resampling="nearest")
            for at in range(len(years))
        ]
    )
    first = first_period(sampled, years, critical=within)
    known = pd.Series(False, index=villages.index) if record is None else villages[record].fillna(0).astype(bool)
    zone = danger_zone(first, on_record=known.to_numpy())
    said = {number: table[number] for number in (1, 2, 3)}
    return villages.assign(
        first_period=first,
        zone=zone,
        **{key: [said[one][name] if one else "" for one in zone.tolist()] for key, name in _COLUMNS.items()},
    )


_COLUMNS = {"zone_zh": "zh", "zone_en": "en", "colour": "colour"}


@takes()
def high_zone_share(counts: Sequence[float], *, least: float | None = None) -> Agreement:
    """Whether recorded flash floods lie where the map says (精度检验): share of points in the two highest classes.

    Parameters
    ----------
    counts : sequence of float
        Points by class, the highest class (极高) first.
    least : float, optional
        Share from which a map is accepted; default 0.6.

    Raises
    ------
    LayerError
        There are no points, fewer than three classes, or a negative count.

    Examples
    --------
    >>> high_zone_share([104, 160, 78, 43])
    Agreement(share=0.6857142857142857, accepted=True)
    >>> high_zone_share([8, 62, 65, 45]).accepted
    False
    """
    numbers = np.asarray(counts, dtype=np.float64)
    if numbers.ndim != 1 or numbers.size <= _HIGHEST or not np.all(numbers >= 0) or not numbers.sum() > 0:
        raise LayerError(
            Problem("flood.class_counts", Phrase("argument", name="counts"), counts=numbers.ravel().tolist())
        )
    wanted = float(standards.table("hazards/flood_flash").data["least_share"] if least is None else least)
    share = float(numbers[:_HIGHEST].sum() / numbers.sum())
    return Agreement(share, share >= wanted)
