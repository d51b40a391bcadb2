"""The source of a scenario earthquake: magnitude, epicentre and strike that can be, and whether it lies in reach."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
from odc.geo.geobox import GeoBox

from riskzoning import numerals, standards
from riskzoning.admin import crs_contradiction
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.hazards.cells import Array
from riskzoning.places import check_frame

Place = tuple[float, float]
_GEOD = pyproj.Geod(ellps="GRS80")
_GREATEST = 10.0


def source(magnitude: object, epicentre: Iterable[Any], strike_deg: object) -> tuple[float, Place, float]:
    """Magnitude, epicentre (longitude, latitude) and strike as numbers; all that cannot be is refused at once."""
    size, strike = _number(magnitude), _number(strike_deg)
    place = [_number(part) for part in epicentre]
    problems = []
    if not 0 < size <= _GREATEST:
        problems.append(
            Problem("earthquake.size", Phrase("scenario_magnitude"), value=str(magnitude), greatest=_GREATEST)
        )
    if len(place) != 2 or not (abs(place[0]) <= 180 and abs(place[1]) <= 90):
        shown = [f"{part:g}" for part in place]
        turned = len(place) == 2 and abs(place[0]) <= 90 and abs(place[1]) <= 180
        why = Phrase("epicentre_turned" if turned else "epicentre_metres")
        problems.append(Problem("earthquake.epicentre", Phrase("argument", name="epicentre"), place=shown, why=why))
    if not np.isfinite(strike):
        problems.append(Problem("earthquake.strike", Phrase("argument", name="strike_deg"), value=str(strike_deg)))
    if problems:
        raise LayerError(problems=problems)
    return size, (place[0], place[1]), strike


def _number(value: object) -> float:
    """Also of text such as "6.5" and "M6.5"."""
    text = value.strip().lstrip("MmSsLlWw ") if isinstance(value, str) else value
    return float(numerals.number(text))


def sizes(magnitude: Any) -> Any:
    """Magnitudes as numbers, whatever holds them; a text that is none, or a number beyond 0 to 10, is refused."""
    if not isinstance(magnitude, str | list | tuple | int | float | np.ndarray):
        return magnitude
    array = np.asarray(magnitude)
    values = np.array([_number(one) for one in array.ravel().tolist()], dtype=np.float64).reshape(array.shape)
    given = np.array([one != one for one in array.ravel().tolist()], dtype=bool).reshape(array.shape)
    wrong = ~given & ~((values > 0) & (values <= _GREATEST))
    if wrong.any():
        shown = str(array[wrong].ravel()[0])
        raise LayerError(Problem("earthquake.size", Phrase("scenario_magnitude"), value=shown, greatest=_GREATEST))
    return values if values.ndim else float(values)


def check_coordinates(frame: gpd.GeoDataFrame | gpd.GeoSeries, thing: Phrase) -> None:
    """Refuse features that are turned, or whose numbers contradict their CRS (degrees under a CRS in metres)."""
    there = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    check_frame(there, thing)
    contradiction = crs_contradiction(there.geometry.bounds.to_numpy(), there.crs) if len(there) else None
    if contradiction is not None:
        raise LayerError(contradiction[1].at(thing, whom=Phrase("nothing")))


def tell_far(grid: GeoBox, places: Iterable[Place]) -> None:
    """Tell when no place of a source lies within the distances that the relations are made for."""
    limit = float(standards.table("hazards/earthquake_attenuation").data["distance_valid_km"][1])
    nearest = float(np.min(_apart(grid, np.array(list(places), dtype=np.float64)), initial=np.inf))
    if limit < nearest < np.inf:
        thing = Phrase("earthquake_source")
        note(Problem("earthquake.far", thing, severity="warning", distance=nearest, limit=limit))


def _apart(grid: GeoBox, places: Array) -> Array:
    """Distance (km) of each place to the nearest part of the grid; inf where its CRS has no such place."""
    crs, box = pyproj.CRS(str(grid.crs)), grid.boundingbox
    there = pyproj.Transformer.from_crs("EPSG:4490", crs, always_xy=True)
    x, y = there.transform(places[:, 0], places[:, 1])
    back = pyproj.Transformer.from_crs(crs, "EPSG:4490", always_xy=True)
    lon, lat = back.transform(np.clip(x, box.left, box.right), np.clip(y, box.bottom, box.top))
    lon, lat = np.asarray(lon), np.asarray(lat)
    known = np.isfinite(lon) & np.isfinite(lat) & np.isfinite(x) & np.isfinite(y)
    out = np.full(len(places), np.inf)
    _, _, metres = _GEOD.inv(places[known, 0], places[known, 1], lon[known], lat[known])
    out[known] = np.asarray(metres) / 1000
    return out
