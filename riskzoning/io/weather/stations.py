"""Station tables: where stations stand, and daily values in one table."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.codes import code_texts
from riskzoning.errors import LayerError, Phrase, Problem, decided, note
from riskzoning.io.tables import read_points, read_table
from riskzoning.io.weather.days import Day, day_of_heading, with_days
from riskzoning.io.weather.decoding import Thing
from riskzoning.io.weather.headings import Columns, columns_of, is_element_unit, plain_name
from riskzoning.io.weather.merging import note_gaps, one_row_a_day
from riskzoning.io.weather.places import table_places
from riskzoning.io.weather.plausibility import checked_series
from riskzoning.io.weather.readings import readings
from riskzoning.methods.dates import read_dates
from riskzoning.methods.elements import element_units
from riskzoning.places import place_columns

_ID = ("site", "station", "Station_Id_C", "id", "区站号", "站号", "code")
_TABLE = "formats/station_tables"
# A zone behind a clock.
_ZONE = r"\d:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(Z|z|UTC|GMT|[+-]\d{2}:?\d{2})\s*$"


def read_stations_csv(path: str | os.PathLike[str]) -> gpd.GeoDataFrame:
    """Read weather stations from a table of places.

    An elevation above 90 000 is an estimate, marked by adding 100 000; it is read without the mark.

    Parameters
    ----------
    path : path
        As of :func:`read_points`.

    Returns
    -------
    GeoDataFrame
        Index ``station`` (text); columns ``name``, ``elevation`` (m; NaN where unknown), ``geometry`` (points).

    Raises
    ------
    LayerError
        No column of station numbers or of coordinates.

    Examples
    --------
    >>> from riskzoning.samples import sample_study
    >>> stations = read_stations_csv(sample_study().parent / "meteorology" / "stations.csv")
    >>> bool(stations.elevation.notna().all())
    True
    """
    points = read_points(path)
    places = columns_of(points.columns.drop("geometry"), str(path)).places
    identity, name, height = (places.get(key) for key in ("station", "name", "elevation"))
    if identity is None:
        raise LayerError(Problem("stations.id", path, columns=_ID))
    elevation = pd.to_numeric(points[height], errors="coerce") if height else pd.Series(np.nan, index=points.index)
    out = gpd.GeoDataFrame(
        {
            "name": points[name].astype(str).to_numpy() if name else "",
            "elevation": np.where(elevation >= 90000, elevation - 100000, elevation),
        },
        index=pd.Index(_labels(points[identity]), name="station"),
        geometry=points.geometry.to_numpy(),
        crs=points.crs,
    )
    _tell_doubles(out, str(path))
    return out[~out.index.duplicated(keep="last")]


def _tell_doubles(places: gpd.GeoDataFrame, path: str) -> None:
    """Note stations that stand at two places."""
    spots = pd.DataFrame({"x": places.geometry.x.round(6), "y": places.geometry.y.round(6)}, index=places.index)
    moved = spots.groupby(level=0).nunique().gt(1).any(axis=1)
    if moved.any():
        names = [str(name) for name in moved.index[moved]]
        note(Problem("stations.twice", path, severity="warning", count=len(names), names=names))


def gridded(
    frame: pd.DataFrame, variables: list[str], places: pd.DataFrame, thing: Thing, *, unstated: Collection[str] = ()
) -> xr.Dataset:
    """Rows ``station time variables`` as a Dataset ``station`` x ``time`` without gaps in time.

    ``unstated``: elements whose unit is taken for granted.
    """
    units = element_units()
    stations = sorted(frame["station"].unique())
    _check_span(frame["time"], len(stations), thing)
    time = pd.date_range(frame["time"].min(), frame["time"].max(), freq="D")
    row = pd.Index(stations).get_indexer(frame["station"])
    column = time.get_indexer(pd.DatetimeIndex(frame["time"]))
    series = {}
    for name in variables:
        series[name] = np.full((len(stations), len(time)), np.nan)
        series[name][row, column] = frame[name].to_numpy(dtype=float)
    data = {}
    for name, values in checked_series(series, stations, time, thing, unstated).items():
        if not np.isfinite(values).any():
            note(Problem("weather.all_missing", thing, severity="info", variable=name))
        data[name] = (("station", "time"), values, {"units": units.get(name, "")})
    known = places.reindex(stations)
    placed = known["lon"].notna() & known["lat"].notna()
    nowhere = [str(name) for name in known.index[~placed]]
    if nowhere:
        note(Problem("weather.no_place", thing, severity="info", stations=nowhere))
    coords: dict[str, Any] = {"station": stations, "time": time}
    coords["name"] = ("station", known["name"].fillna("").astype(str).to_numpy(dtype=object))
    for name in ("lon", "lat", "elevation"):
        coords[name] = ("station", known[name].to_numpy(dtype=float))
    return xr.Dataset(data, coords=coords, attrs={"crs": "EPSG:4490"})


def read_station_table(
    path: str | os.PathLike[str],
    *,
    stations: str | os.PathLike[str] | None = None,
    columns: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
) -> xr.Dataset:
    """Read daily values of stations from one table, with one row for each station and day.

    Columns are known by their usual names in any case and script, with their units: ``降水量(0.1mm)``, ``P_mm``,
    ``wind speed (km/h)``. Two forms are told apart: exports of the daily data set (coordinates in degrees and minutes,
    values in tenths) and tables in plain units (999999 for missing). Rows of hours become days by the rule of each
    element (sum of rain, maximum of gusts, mean of temperature), which is a warning. Of two rows of a day the value
    counts before the blank; two values are refused. What is rejected or left out is noted: text instead of numbers,
    values that no day can have, rows without date or station.

    Parameters
    ----------
    path : path
        As of :func:`read_table`.
    stations : path, optional
        Table of the stations (:func:`read_stations_csv`); its places replace those of the table.
    columns : mapping, optional
        Wanted name of a column -> its name in the file.
    units : mapping, optional
        Element or column -> its unit, where the heading does not say it or says it wrong.

    Returns
    -------
    Dataset
        ``station`` x ``time`` without gaps in time: precipitation (mm), tmean tmax tmin (degC), humidity (%), wind
        (m/s), sunshine (h) ...; coords lon lat (degrees) elevation (m) name. Missing values are NaN. ``attrs["day"]``
        says when the days of each element end.

    Raises
    ------
    LayerError
        No station numbers, dates or known variables; two columns of one element; two values of one day; an element
        whose values are mostly impossible in its unit.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> rows = ["Station_Id_C,Lat,Lon,Year,Mon,Day,TEM_Max,PRE_Time_2020"]
    >>> rows += ["53986,35.3,113.9,2021,7,20,30.5,999999", "53986,35.3,113.9,2021,7,21,,254.7"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "days.csv"
    ...     _ = path.write_text("\\n".join(rows))
    ...     table = read_station_table(path)
    >>> table.precipitation.values.tolist(), table.tmax.values.tolist()
    ([[nan, 254.7]], [[30.5, nan]])
    """
    frame = read_table(path, columns=columns)
    problems: list[Problem] = []
    frame, stated = _without_units_row(frame)
    taken = columns_of(frame.columns, str(path), {**stated, **(units or {})})
    problems += taken.problems
    identity, (time, zoned) = taken.places.get("station"), _time(frame, taken.places, str(path))
    if identity is None or time is None or not (taken.elements or problems):
        missing = (
            "missing_station_ids" if identity is None else "missing_dates" if time is None else "missing_variables"
        )
        raise LayerError(Problem("stations.table", path, missing=Phrase(missing)))
    tenths = _tenths(frame, taken)
    _tell_columns(taken, tenths, str(path))
    out = pd.DataFrame({"station": _labels(frame[identity]), "time": time})
    for element, column in taken.elements.items():
        unit = taken.units[element]
        out[element] = readings(
            frame[column], element, units=unit, tenths=tenths and not unit, thing=str(path), problems=problems
        )
    elements = list(taken.elements)
    out = one_row_a_day(out, elements, str(path), problems, ends_at_20=zoned)
    if problems:
        raise LayerError(problems=problems)
    note_gaps(out, str(path))
    unstated = [] if tenths else [name for name in elements if not taken.units[name]]
    places = _places(frame, taken.places, stations, tenths, str(path))
    made = gridded(out, elements, places, str(path), unstated=unstated)
    return with_days(made, _days(taken, tenths, added_up=out.attrs["added_up"], zoned=zoned), str(path), why="name")


def _days(taken: Columns, tenths: bool, *, added_up: bool, zoned: bool) -> dict[str, Day]:
    """When the days of each element end, as far as the table says it."""
    if added_up:
        return dict.fromkeys(taken.elements, "day_20" if zoned else "day_stamps")
    said = {element: day_of_heading(column) for element, column in taken.elements.items()}
    # The daily data set ends all its days at 20:00.
    usual: Day = "day_20" if tenths else "day_unsaid"
    return {element: usual if day == "day_unsaid" else day for element, day in said.items()}


def _check_span(time: pd.Series[pd.Timestamp], stations: int, thing: Thing) -> None:
    """A single wrong year must not make a series of centuries."""
    first, last = time.min(), time.max()
    most = float(standards.table(_TABLE).data["most_cells"])
    if stations * ((last - first).days + 1) > most:
        there, until = f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"
        raise LayerError(Problem("weather.span", thing, first=there, last=until, stations=stations))


def _without_units_row(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """The table without a row of units below its heading, and the units by column."""
    first = {str(name): str(value).strip() for name, value in frame.iloc[0].items() if value is not None}
    stated = {name: text for name, text in first.items() if standards.is_unit(text) or is_element_unit(text)}
    filled = [text for text in first.values() if text not in ("", "nan", "-", "None")]
    numbers = [text for text in filled if text.replace(".", "").replace("-", "").isdigit()]
    return (frame.iloc[1:], stated) if stated and not numbers and len(frame) > 1 else (frame, {})


def _tenths(frame: pd.DataFrame, taken: Columns) -> bool:
    """Whether the table is an export of the daily data set, in tenths: by its names, and by whole numbers only."""
    data = standards.table(_TABLE).data
    names = {plain_name(column) for column in taken.elements.values()}
    longitude = place_columns(frame.columns).x
    minutes = longitude is not None and bool((pd.to_numeric(frame[longitude], errors="coerce") > 360).any())
    if not (names & set(data["tenths_names"]) or (minutes and names & set(data["tenths_with_minutes"]))):
        return False
    numbers = frame[[name for element, name in taken.elements.items() if not taken.units[element]]]
    whole = numbers.apply(pd.to_numeric, errors="coerce")
    return bool((whole.isna() | (whole == whole.round())).all(axis=None))


def _tell_columns(taken: Columns, tenths: bool, path: str) -> None:
    decided(path, "columns", {**taken.places, **taken.elements}, why="name")
    for element, unit in taken.units.items():
        if unit:
            decided(path, "units", f"{taken.elements[element]}: {unit}", why="file")
    if tenths:
        decided(path, "units", Phrase("units_in_tenths"), why="values")


def _labels(column: pd.Series[Any]) -> pd.Series[Any]:
    """Station ids as text, by the rule of all codes."""
    return pd.Series([text or "" for text in code_texts(column)], index=column.index, dtype=object)


def _time(frame: pd.DataFrame, places: Mapping[str, str], path: str) -> tuple[pd.Series[pd.Timestamp] | None, bool]:
    """Time stamps of the rows, from a column of dates or from year, month and day, with the hour where there is one.

    And whether their zone is stated: then they are shifted so that a reading at 20:00 in Beijing closes its day.
    """
    if "date" in places:
        read = read_dates(frame[places["date"]])
        read.tell(path)
        time = read.values
        shift = _to_day_end(frame[places["date"]])
        if shift is not None:
            decided(path, "dates", Phrase("dates_zoned"), why="file")
            return time + shift, True
    elif {"year", "month", "day"} <= set(places):
        parts = {key: pd.to_numeric(frame[places[key]], errors="coerce") for key in ("year", "month", "day")}
        time = pd.to_datetime(pd.DataFrame(parts), errors="coerce")
    else:
        return None, False
    if "hour" not in places or not (time.isna() | (time == time.dt.normalize())).all():
        return time, False
    hour = pd.to_numeric(frame[places["hour"]].astype(str).str.extract(r"^\s*(\d{1,2})")[0], errors="coerce")
    # Hours 1 to 24 are those that end then.
    hour = hour - 1 if (hour == 24).any() else hour
    return time + pd.to_timedelta(hour.fillna(0), unit="h"), False


def _to_day_end(column: pd.Series[Any]) -> pd.Series[pd.Timedelta] | None:
    """What brings stamps whose clock has a zone to days that end at 20:00 in Beijing; None where some have none."""
    zones = column.astype(str).str.extract(_ZONE)[0]
    if column.empty or not (zones.notna() | column.isna()).all() or zones.isna().all():
        return None
    parts = zones.str.extract(r"([+-])(\d{2}):?(\d{2})")
    hours = (pd.to_numeric(parts[1]) + pd.to_numeric(parts[2]) / 60.0) * parts[0].map({"+": 1.0, "-": -1.0})
    facts = standards.table("formats/weather_products").data["isd"]
    to_end = float(facts["hours_to_beijing"]) + 24.0 - float(facts["day_ends"])
    shift = pd.to_timedelta(to_end - hours.fillna(0.0), unit="h") - pd.Timedelta(minutes=1)
    return pd.Series(shift, index=column.index)


def _places(
    frame: pd.DataFrame, places: Mapping[str, str], stations: str | os.PathLike[str] | None, tenths: bool, path: str
) -> pd.DataFrame:
    """Places of a list of stations; without one those of the table."""
    if stations is None:
        return table_places(frame, _labels(frame[places["station"]]), places, path, tenths=tenths)
    known = read_stations_csv(stations)
    return pd.DataFrame(
        {"name": known["name"], "lon": known.geometry.x, "lat": known.geometry.y, "elevation": known["elevation"]}
    )
