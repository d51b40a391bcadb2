"""Stations that moved inside their record: from which day, how far, how much higher, and that the last place counts."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from pyproj import Geod

from riskzoning import standards
from riskzoning.errors import Phrase, Problem, note
from riskzoning.io.weather.decoding import Thing, elevation_metres
from riskzoning.places import degrees_of_minutes

_ELLIPSOID = Geod(ellps="GRS80")
_M_A_KM = 1000.0
# Heights come in tenths of metres; their differences are not exact.
_TENTH = 0.05


class Move(NamedTuple):
    """A move of a station: the first day at the new place, how far (km) and how much higher (m) that is."""

    station: str
    day: str
    km: float
    metres: float


def station_moves(places: pd.DataFrame) -> list[Move]:
    """Moves of stations by their places, ``station lat lon elevation since`` as the files store them.

    ``since`` is the first day of a place as a number, 20010101. Elevations that are not known say nothing.
    """
    moves = []
    for station, group in places.sort_values("since", kind="stable").groupby("station", sort=True):
        lon, lat = degrees_of_minutes(group["lon"]), degrees_of_minutes(group["lat"])
        height = elevation_metres(group["elevation"])
        for at in range(1, len(group)):
            km = _ELLIPSOID.inv(lon[at - 1], lat[at - 1], lon[at], lat[at])[2] / _M_A_KM if _on_earth(lat, at) else 0.0
            rise = float(height[at] - height[at - 1])
            day = f"{int(group['since'].iloc[at]):08d}"
            day = f"{day[:4]}-{day[4:6]}-{day[6:]}"
            moves.append(Move(str(station), day, float(km), 0.0 if np.isnan(rise) else rise))
    return moves


def _on_earth(lat: Any, at: int) -> bool:
    return bool((np.abs(lat[[at - 1, at]]) <= 90).all())


def note_moves(places: pd.DataFrame, thing: Thing) -> None:
    """Tell of each station that moved: a word for a short way, a warning where the climate may be another."""
    rules = standards.table("formats/cma_daily").data["moves"]
    by_station: dict[str, list[Move]] = {}
    for move in station_moves(places):
        if move.km > 0 or abs(move.metres) >= rules["told_m"] - _TENTH:
            by_station.setdefault(move.station, []).append(move)
    for station, moves in by_station.items():
        far = any(move.km >= rules["warned_km"] or abs(move.metres) >= rules["warned_m"] - _TENTH for move in moves)
        shown = [Phrase("station_move", day=move.day, km=move.km, metres=move.metres) for move in moves]
        problem = Problem("weather.station_moved", thing, severity="info", station=station, places=shown)
        note(problem.at(severity="warning") if far else problem)
