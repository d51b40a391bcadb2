"""Station values on the grid, for the hazards that start from stations: heights, choice of method, surface, error."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox
from pyproj import Geod

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.hazards.cells import Array, by_cell, valid_values
from riskzoning.hazards.inputs import input_of
from riskzoning.hazards.readings import check_days, decoded_values, range_problem
from riskzoning.layers import describe
from riskzoning.methods.elements import element_units, impossible, too_many_impossible, unusual
from riskzoning.methods.interpolation import StationEffect, best_method, interpolate, station_effect
from riskzoning.methods.interpolation.surfaces import CrossValidation
from riskzoning.methods.susceptibility import reduce_blocks
from riskzoning.places import check_degrees

Method = Literal["regression_residual", "idw", "kriging", "mean"]
Interpolation = Literal["best", "regression_residual", "idw", "kriging"]
Covariates = Mapping[str, xr.DataArray] | None
# Station -> its altitude and the height of the elevation layer, m.
Altitudes = Mapping[str, list[float]]

# Constant and three slopes, and two stations more to tell whether they mean anything.
_FEWEST_WITH_HEIGHT = 6


# Days without a value after which the years around them are incomplete, whatever else lacks.
# Stations of one study lie within a few hundred km; from so many on one can be apart from the others (m).
_FEWEST_TOGETHER, _APART = 3, 500_000.0
_LONG_GAP = 60


def valid_elements(stations: xr.Dataset, elements: Iterable[str], *, hazard: str) -> xr.Dataset:
    """The stations with NaN where no day can show such a value, counted in ``attrs["rejected"]``; checks the units."""
    problems: list[Problem] = []
    thing = input_of(hazard, "stations")
    _check_labels(stations, thing)
    units, masked, rejected = element_units(), {}, {}
    used = list(dict.fromkeys(elements))
    for name in used:
        if name not in stations or name not in units:
            continue
        said = str(stations[name].attrs.get("units", "")).strip()
        if said and standards.unit_factor(said, units[name]) is None:
            problems.append(Problem("stations.units", thing, element=name, units=said, wanted=units[name]))
            continue
        readings, codes = decoded_values(stations[name], name, thing=thing)
        if codes or (said and standards.unit_factor(said, units[name]) != (1.0, 0.0)):
            masked[name] = readings
        values = readings.to_numpy()
        beyond, known = impossible(values, name), int(np.isfinite(values).sum())
        if too_many_impossible(beyond.sum(), known):
            problems.append(range_problem(values[beyond], known, name, thing))
            continue
        if beyond.any() or codes:
            rejected[name] = int(beyond.sum()) + codes
            masked[name] = readings.where(~beyond)
        problems += _other_unit(np.where(beyond, np.nan, values), name, stated=bool(said), thing=thing)
    valid = stations.assign(masked)
    problems += _exchanged(valid, set(used), thing)
    if problems:
        raise LayerError(problems=problems)
    return valid.assign_attrs(rejected=rejected)


def _exchanged(stations: xr.Dataset, used: set[str], thing: Phrase) -> list[Problem]:
    """Pairs of elements of which the one that bounds the other lies below it on many days: they are exchanged."""
    problems = []
    for low, high, by in standards.table("formats/weather_elements").data["order"]:
        if not ({low, high} <= set(stations.data_vars) and used & {low, high}):
            continue
        first, second = (stations[name].transpose("station", "time").to_numpy() for name in (low, high))
        wrong, total = first > second + float(by), int((np.isfinite(first) & np.isfinite(second)).sum())
        if too_many_impossible(wrong.sum(), total):
            at, day = (int(part[0]) for part in np.nonzero(wrong))
            problems.append(Problem(
                "weather.exchanged", thing, low=low, high=high, count=int(wrong.sum()), total=total,
                station=str(stations["station"].to_numpy()[at]), day=f"{stations.indexes['time'][day]:%Y-%m-%d}",
                first=float(first[at, day]), second=float(second[at, day]),
            ))  # fmt: skip
    return problems


def tell_gaps(stations: xr.Dataset, elements: Iterable[str], *, hazard: str) -> None:
    """Tell of a long time without a value, at all stations or at single ones, and of stations without any value.

    The years of a gap are incomplete and do not count; a station without values is left out of what needs them.
    """
    thing = input_of(hazard, "stations")
    elements = list(elements)
    _tell_stations(stations, elements, thing)
    longest: tuple[int, str, str, str] = (0, "", "", "")
    for name in elements:
        if name not in stations or "time" not in stations[name].dims:
            continue
        known = np.isfinite(stations[name].to_numpy()).any(axis=stations[name].get_axis_num("station"))
        days = pd.DatetimeIndex(stations.indexes["time"][known])
        if len(days) < 2:
            continue
        steps = np.diff(days.to_numpy()).astype("timedelta64[D]").astype(int) - 1
        at = int(steps.argmax())
        longest = max(longest, (int(steps[at]), name, f"{days[at]:%Y-%m-%d}", f"{days[at + 1]:%Y-%m-%d}"))
    if longest[0] >= _LONG_GAP:
        count, name, last, next_day = longest
        note(Problem("stations.gap", thing, severity="warning", days=count, element=name, last=last, next=next_day))


def _tell_stations(stations: xr.Dataset, elements: Iterable[str], thing: Phrase) -> None:
    """Tell of stations that have no value of an element, or none for a long time, while others have some."""
    empty, gaps = list[Phrase](), list[Phrase]()
    for name in elements:
        if name not in stations or "time" not in stations[name].dims:
            continue
        known = np.isfinite(stations[name].transpose("station", "time").to_numpy())
        labels, days = stations["station"].to_numpy(), pd.DatetimeIndex(stations.indexes["time"])
        some, anywhere = known.any(axis=1), known.any(axis=0)
        if not some.any():
            continue
        if not some.all():
            without = [str(label) for label in labels[~some]]
            empty.append(Phrase("element_stations", element=name, count=len(without), names=without))
        # Days that no station has are told of all stations together.
        days, known = days[anywhere], known[:, anywhere]
        for row in np.flatnonzero(some):
            at = np.flatnonzero(known[row])
            steps = np.diff(at) - 1
            if steps.size and int(steps.max()) >= _LONG_GAP:
                before, after = (days[at[int(steps.argmax()) + side]] for side in (0, 1))
                gaps.append(Phrase(
                    "element_gap", station=str(labels[row]), element=name, days=int(steps.max()),
                    last=f"{before:%Y-%m-%d}", next=f"{after:%Y-%m-%d}",
                ))  # fmt: skip
    if empty:
        note(Problem("stations.no_values", thing, severity="warning", lacking=empty))
    if gaps:
        note(Problem("stations.own_gaps", thing, severity="warning", count=len(gaps), gaps=gaps))


def _other_unit(values: Array, element: str, *, stated: bool, thing: Phrase) -> list[Problem]:
    """A series in another unit than that of its element: an error where no unit is stated, else it is noted."""
    odd = unusual(values, element)
    if odd is None:
        return []
    problem = Problem(
        "weather.stated_unit" if stated else "weather.other_unit", thing, severity="warning" if stated else "error",
        variable=element, units=element_units()[element], value=odd.value, low=odd.low, high=odd.high,
        statistic=Phrase(f"usual_{odd.statistic}"),
    )  # fmt: skip
    if stated:
        note(problem)
    return [] if stated else [problem]


def _check_labels(stations: xr.Dataset, thing: Phrase) -> None:
    """Stations occur once, and a value is that of a day."""
    names = stations.indexes.get("station")
    if names is not None and not names.is_unique:
        twice = [str(name) for name in names[names.duplicated()].unique()]
        raise LayerError(Problem("stations.names_twice", thing, names=twice))
    check_days(stations.indexes.get("time"), thing)


def station_places(stations: xr.Dataset, *, hazard: str) -> pd.DataFrame:
    """Where the stations are: index ``station``, columns ``lon lat`` (degrees) and, where known, ``elevation`` (m)."""
    missing = [name for name in ("lon", "lat") if name not in stations.variables]
    if missing:
        raise LayerError(Problem("stations.place", input_of(hazard, "stations"), missing=missing))
    places = {
        name: stations[name].to_numpy().astype(np.float64)
        for name in ("lon", "lat", "elevation")
        if name in stations.variables
    }
    names = pd.Index(stations["station"].to_numpy(), name="station")
    places["lon"], places["lat"] = check_degrees(
        places["lon"], places["lat"], thing=input_of(hazard, "stations"), labels=list(names), kind="station"
    )
    _tell_apart(places["lon"], places["lat"], names, input_of(hazard, "stations"))
    return pd.DataFrame(places, index=names)


def _tell_apart(lon: Array, lat: Array, names: pd.Index[str], thing: Phrase) -> None:
    """Tell of single stations far from all the others: without its sign a coordinate is still a place on earth."""
    known = np.isfinite(lon) & np.isfinite(lat)
    if known.sum() < _FEWEST_TOGETHER:
        return
    middle = np.median(lon[known]), np.median(lat[known])
    _, _, metres = Geod(ellps="GRS80").inv(
        np.full(known.sum(), middle[0]), np.full(known.sum(), middle[1]), lon[known], lat[known]
    )
    apart = (metres > _APART) & (metres > 10 * np.median(metres))
    if apart.any():
        told = [
            Phrase("station_apart", station=str(name), km=round(float(distance) / 1000))
            for name, distance in zip(names[known][apart], metres[apart], strict=True)
        ]
        note(Problem("stations.apart", thing, severity="warning", stations=told, count=len(told)))


def station_points(places: pd.DataFrame, values: pd.DataFrame, *, hazard: str) -> gpd.GeoDataFrame:
    """Values of stations (index ``station``) as points; stations without a place are left out."""
    frame = places.join(values)
    placed = np.isfinite(frame["lon"]) & np.isfinite(frame["lat"])
    if len(frame) and not placed.any():
        raise LayerError(Problem("stations.no_place", input_of(hazard, "stations"), count=len(frame)))
    frame = frame[placed]
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs="EPSG:4490")


def with_heights(
    points: gpd.GeoDataFrame, elevation: xr.DataArray | None
) -> tuple[gpd.GeoDataFrame, dict[str, list[float]]]:
    """The stations with the height that a regression takes, and those whose altitude differs from it by over 100 m.

    The height is that of the elevation layer at the station, as for the cells of the grid; the altitude of the station
    (column ``elevation``, m) stands in where the layer has none.
    """
    if elevation is None:
        return points, {}
    stated = points["elevation"] if "elevation" in points else pd.Series(np.nan, index=points.index)
    height = pd.Series(grids.sample(elevation, points, resampling="bilinear"), index=points.index)
    most = float(standards.table("methods/interpolation").data["altitude_difference_m"])
    off = (stated - height).abs() > most
    report = {str(name): [float(stated[name]), round(float(height[name]), 1)] for name in points.index[off]}
    return points.assign(elevation=height.where(np.isfinite(height), stated)), report


def places_with_heights(
    stations: xr.Dataset, elevation: xr.DataArray | None, *, hazard: str
) -> tuple[pd.DataFrame, dict[str, list[float]]]:
    """Place and height of every station, also of those that have none; and those whose altitude differs."""
    places = station_places(stations, hazard=hazard)
    points, altitudes = with_heights(station_points(places, pd.DataFrame(), hazard=hazard), elevation)
    if "elevation" in points:
        placed = np.isfinite(places["lon"].to_numpy()) & np.isfinite(places["lat"].to_numpy())
        heights = np.full(len(places), np.nan)
        heights[placed] = points["elevation"].to_numpy()
        places = places.assign(elevation=heights)
    return places, altitudes


def with_value(places: pd.DataFrame, values: pd.DataFrame, *, hazard: str) -> gpd.GeoDataFrame:
    """Stations that have a value and a place, as points."""
    points = station_points(places, values, hazard=hazard)
    return points[points["value"].notna()]


def station_rows(values: pd.DataFrame) -> dict[str, dict[str, float | None]]:
    """The station table as JSON has it: no NaN, texts as keys."""
    return {
        str(station): {str(name): None if pd.isna(value) else float(value) for name, value in row.items()}
        for station, row in values.iterrows()
    }


def on_crops(index: xr.DataArray, crops: xr.DataArray) -> xr.DataArray:
    """An index of what harms crops: 0 where none stand; where nobody knows it stays."""
    out: xr.DataArray = by_cell(_where_crops, index, crops, quantity="hazard_index")
    return out


def _where_crops(index: Array, crops: Array) -> Array:
    return np.where(np.asarray(crops) <= 0, index * 0.0, index)


@dataclass(frozen=True)
class Surface:
    """How the values of stations come to the grid, why so, and how well each way foretells left-out stations."""

    method: Method
    covariates: Covariates
    reason: str
    errors: Mapping[str, Mapping[str, float | None]]


def surface_method(points: gpd.GeoDataFrame, elevation: xr.DataArray | None, method: Interpolation) -> Surface:
    """How stations are brought to the grid: the method asked for, or their mean where it does not beat it.

    Regression needs stations enough for its slopes; with fewer, inverse distances. Heights of the grid beyond those of
    the stations are taken as the nearest height of a station: the slope with height is not carried further. ``best``
    takes whichever of regression and inverse distances foretells left-out stations better.
    """
    candidates, note = _candidates(points, elevation, method)
    compared = best_method(points, "value", candidates=candidates)
    errors = {name: _numbers(error) for name, error in compared.errors.items()}
    rmse = ", ".join(f"{name} {error['rmse']:.3g}" for name, error in errors.items())
    reason = "; ".join(text for text in (f"leave-one-out RMSE: {rmse}" if rmse else "", note) if text)
    return Surface(compared.method, candidates.get(compared.method), reason, errors)


def frozen_surface(points: gpd.GeoDataFrame, elevation: xr.DataArray | None, method: Method) -> Surface:
    """The method of a calibration, for other stations or years."""
    if method == "mean":
        return Surface("mean", None, "", {})
    candidates, note = _candidates(points, elevation, method)
    chosen = next(iter(candidates))
    return Surface(chosen, candidates[chosen], note, {})


def _candidates(
    points: gpd.GeoDataFrame, elevation: xr.DataArray | None, method: Interpolation
) -> tuple[dict[Method, Covariates], str]:
    regression = method in ("best", "regression_residual")
    if method == "idw" or (regression and len(points) < _FEWEST_WITH_HEIGHT):
        return {"idw": None}, f"{len(points)} stations: too few for a regression" if regression else ""
    covariates, note = _heights(points, elevation)
    if method == "best":
        return {"regression_residual": covariates, "idw": None}, note
    return {method: covariates}, note


def _numbers(error: CrossValidation) -> dict[str, float | None]:
    numbers = {"bias": error.bias, "rmse": error.rmse, "r2": error.r2}
    return {name: float(value) if np.isfinite(value) else None for name, value in numbers.items()}


def drawn(effect: StationEffect, surface: Surface) -> bool:
    """Whether the stations make a surface: they differ more than chance, and a method beats their mean."""
    return effect.differ and surface.method != "mean"


def skill(effect: StationEffect, surface: Surface) -> dict[str, float | None]:
    """Numbers for the table of skill: leave-one-out errors of the best method and of the mean, chance, drawn or not."""
    others = {name: error for name, error in surface.errors.items() if name != "mean"}
    name = min(others, key=lambda name: others[name]["rmse"] or 0.0, default="mean")
    best, mean = surface.errors.get(name, {}), surface.errors.get("mean", {})
    numbers = {f"leave_one_out_{measure}": value for measure, value in best.items()}
    numbers |= {f"leave_one_out_{measure}_of_mean": mean.get(measure) for measure in ("rmse", "r2") if mean}
    numbers |= {"chance_by_years": effect.p_annual, "chance_by_counts": effect.p_counts}
    return {**numbers, "surface_drawn": float(drawn(effect, surface))}


def why_constant(name: str | Phrase, effect: StationEffect) -> Phrase:
    """Why the stations of one thing make no surface, for the note of a run."""
    chances = [p for p in (effect.p_annual, effect.p_counts) if p is not None]
    if effect.differ:
        return Phrase("constant_no_skill", name=name, mean=effect.mean)
    if not chances:
        return Phrase("constant_untested", name=name, mean=effect.mean)
    return Phrase("constant_by_chance", name=name, mean=effect.mean, chance=max(chances))


def _heights(points: gpd.GeoDataFrame, elevation: xr.DataArray | None) -> tuple[Covariates, str]:
    """Elevation as covariate, within the heights of the stations."""
    if elevation is None or not _has_heights(points):
        return None, "no elevation: regression on place only"
    low, high = float(points["elevation"].min()), float(points["elevation"].max())
    dem = valid_values(elevation, quantity="elevation").clip(low, high)
    note = f"heights below {low:.0f} m and above {high:.0f} m count as these"
    return {"elevation": describe(dem, quantity="elevation", like=elevation)}, note


def _has_heights(points: gpd.GeoDataFrame) -> bool:
    return "elevation" in points and bool(points["elevation"].notna().any())


def beyond_stations(points: gpd.GeoDataFrame, elevation: xr.DataArray | None) -> dict[str, float] | None:
    """Heights of the stations (``low high``, m) and the share of the ground over ``far`` m beyond; None if small."""
    if elevation is None or not _has_heights(points):
        return None
    low, high = float(points["elevation"].min()), float(points["elevation"].max())
    table = standards.table("methods/interpolation").data
    far = float(table["altitude_difference_m"])
    dem = valid_values(elevation, quantity="elevation")
    counts = np.sum(reduce_blocks(partial(_count_beyond, low=low - far, high=high + far), dem), axis=0)
    share = float(counts[0] / max(counts[1], 1))
    return (
        None if share < float(table["extrapolated_share"]) else {"low": low, "high": high, "share": share, "far": far}
    )


def station_notes(
    places: pd.DataFrame,
    *,
    hazard: str,
    rejected: Mapping[str, int],
    altitudes: Altitudes,
    beyond: Mapping[str, float] | None,
    short: Iterable[str] = (),
) -> list[Problem]:
    """What a run must say about its stations: no place, one place, impossible values, short series, heights."""
    thing, notes = input_of(hazard, "stations"), list[Problem]()
    note = partial(Problem, severity="warning")
    placed = np.isfinite(places["lon"].to_numpy()) & np.isfinite(places["lat"].to_numpy())
    nowhere, out = [str(name) for name in places.index[~placed]], [str(name) for name in short]
    if nowhere:
        notes.append(note("stations.nowhere", thing, count=len(nowhere), names=nowhere))
    twice = places.loc[placed, ["lon", "lat"]].duplicated(keep=False).to_numpy()
    if twice.any():
        names = [str(name) for name in places.index[placed][twice]]
        notes.append(note("stations.one_place", thing, names=names))
    if rejected:
        counts = [Phrase("count_of", count=count, name=name) for name, count in rejected.items()]
        notes.append(note("stations.values", thing, counts=counts))
    if out:
        notes.append(note("stations.years", thing, count=len(out), names=out))
    if altitudes:
        pairs = [Phrase("two_heights", name=name, own=own, layer=layer) for name, (own, layer) in altitudes.items()]
        notes.append(note("stations.altitude", thing, stations=pairs))
    if beyond is not None:
        low, high, share, far = (beyond[name] for name in ("low", "high", "share", "far"))
        notes.append(note("stations.heights", thing, low=low, high=high, share=share, far=far))
    return notes


def _count_beyond(block: Array, *, low: float, high: float) -> tuple[int, int]:
    good = block[np.isfinite(block)]
    return int(((good < low) | (good > high)).sum()), int(good.size)


def station_surface(
    points: gpd.GeoDataFrame, grid: GeoBox, *, method: Method, covariates: Covariates, quantity: str, lazy: bool
) -> xr.DataArray:
    """Column ``value`` of stations on the grid, within their range; without a height, inverse distances alone."""
    with warnings.catch_warnings():
        # Heights are cut to those of the stations already; what is left is the rounding of the resampling.
        warnings.filterwarnings("ignore", message=".*beyond that of all stations")
        surface = interpolate(
            points, "value", grid, method=method, covariates=covariates,
            clip="stations", quantity=quantity, lazy=lazy or None,
        )  # fmt: skip
    if covariates:
        plain = interpolate(points, "value", grid, method="idw", clip="stations", quantity=quantity, lazy=lazy or None)
        surface = describe(surface.fillna(plain), quantity=quantity, like=surface)
    return surface


def station_differences(
    annual: pd.DataFrame, stations: Iterable[object], *, counts: str | None = None
) -> StationEffect:
    """Whether stations differ more than chance, from a table ``station year value`` and maybe a column of counts."""
    rows = annual[annual["station"].isin(list(stations))]
    years = [
        None if column is None else rows.pivot_table(index="year", columns="station", values=column, dropna=False)
        for column in ("value", counts)
    ]
    assert years[0] is not None
    return station_effect(years[0], counts=years[1])


def shrunk(points: gpd.GeoDataFrame, effect: StationEffect) -> gpd.GeoDataFrame:
    """Column ``value`` drawn to the mean of the stations as far as the years ask; the mean where they do not differ."""
    mean = points["value"].mean()
    shares = effect.shares.reindex(points.index).fillna(0.0) if effect.differ else 0.0
    return points.assign(value=mean + shares * (points["value"] - mean))
