"""Station tables: where stations stand, and daily values in one table."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.io.tables import read_points, read_table
from riskzoning.io.tables.reading import renamed
from riskzoning.io.weather.decoding import Array, Thing, decode, degrees_of_ddmm, elevation_metres, note_codes
from riskzoning.methods.dates import parse_dates
from riskzoning.methods.elements import element_units, impossible, possible_range, too_many_impossible

_ID = ("site", "station", "Station_Id_C", "id", "区站号", "站号", "code")
_NAME = ("name", "Station_Name", "站名", "名称")
_ELEVATION = ("alt", "elevation", "Alti", "altitude", "海拔", "高程")
# Plain tables mark missing values by 999999 and the like, or by -9999; no element reaches either.
_MISSING = 99999.0
_UNDECLARED = -9999.0
_SHOWN = 5


def _first(frame: pd.DataFrame, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in frame.columns), None)


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
    identity = _first(points, _ID)
    if identity is None:
        raise LayerError(Problem("stations.id", path, columns=_ID))
    name, height = _first(points, _NAME), _first(points, _ELEVATION)
    elevation = pd.to_numeric(points[height], errors="coerce") if height else pd.Series(np.nan, index=points.index)
    out = gpd.GeoDataFrame(
        {
            "name": points[name].astype(str).to_numpy() if name else "",
            "elevation": np.where(elevation >= 90000, elevation - 100000, elevation),
        },
        index=pd.Index([str(value).strip() for value in points[identity]], name="station"),
        geometry=points.geometry.to_numpy(),
        crs=points.crs,
    )
    return out[~out.index.duplicated(keep="last")]


def gridded(frame: pd.DataFrame, variables: list[str], places: pd.DataFrame, thing: Thing) -> xr.Dataset:
    """Rows ``station time variables`` as a Dataset ``station`` x ``time`` without gaps in time."""
    units = element_units()
    stations = sorted(frame["station"].unique())
    time = pd.date_range(frame["time"].min(), frame["time"].max(), freq="D")
    row = pd.Index(stations).get_indexer(frame["station"])
    column = time.get_indexer(pd.DatetimeIndex(frame["time"]))
    data = {}
    for name in variables:
        values = np.full((len(stations), len(time)), np.nan)
        values[row, column] = frame[name].to_numpy(dtype=float)
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
    day = "days end at 20:00 Beijing time"
    return xr.Dataset(data, coords=coords, attrs={"day": day, "crs": "EPSG:4490"})


def read_station_table(
    path: str | os.PathLike[str],
    *,
    stations: str | os.PathLike[str] | None = None,
    columns: Mapping[str, str] | None = None,
) -> xr.Dataset:
    """Read daily values of stations from one table, with one row for each station and day.

    Two forms are known: exports of the daily data set (coordinates in degrees and minutes, values in tenths) and tables
    of CIMISS or CMADaaS in plain units (999999 for missing). What is rejected or left out is noted: text instead of
    numbers, values that no day can have, rows without date or station, days that occur twice (the last row counts).

    Parameters
    ----------
    path : path
        As of :func:`read_table`.
    stations : path, optional
        Table of the stations (:func:`read_stations_csv`); its places replace those of the table.
    columns : mapping, optional
        Wanted name of a column -> its name in the file.

    Returns
    -------
    Dataset
        ``station`` x ``time`` without gaps in time: precipitation (mm, 20-20 h), tmean tmax tmin (degC), humidity (%),
        wind (m/s), sunshine (h) ...; coords lon lat (degrees) elevation (m) name. Missing values are NaN.

    Raises
    ------
    LayerError
        No station numbers, dates or known variables; an element whose values are mostly impossible in its unit.

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
    frame = renamed(read_table(path), columns, thing=str(path))
    table = standards.table("formats/cma_daily").data
    identity = _first(frame, _ID)
    time = _time(frame)
    known = {old: new for old, new in table["table_columns"].items() if old in frame.columns}
    known.update({name: name for name in element_units() if name in frame.columns})
    if identity is None or time is None or not known:
        missing = (
            "missing_station_ids" if identity is None else "missing_dates" if time is None else "missing_variables"
        )
        raise LayerError(Problem("stations.table", path, missing=Phrase(missing)))
    tenths = any(name in frame.columns for name in ("prcp20_20", "Tavg"))
    problems: list[Problem] = []
    out = pd.DataFrame({"station": _labels(frame[identity]), "time": time})
    for old, new in known.items():
        out[new] = _element(frame[old], new, tenths, str(path), problems)
    if problems:
        raise LayerError(problems=problems)
    out = _one_row_a_day(out, str(path))
    return gridded(out, list(known.values()), _places(frame, identity, stations, tenths), str(path))


def _one_row_a_day(rows: pd.DataFrame, path: str) -> pd.DataFrame:
    """Rows with a station and a date, the last one of each day; what is left out is noted."""
    undated, nameless = rows["time"].isna(), rows["station"] == ""
    for rule, bad in (("dropped.weather_undated", undated), ("dropped.weather_stationless", nameless)):
        if bad.any():
            note(Problem(rule, path, severity="info", count=bad.sum(), rows=rows.index[bad][:_SHOWN].tolist()))
    rows = rows[~undated & ~nameless]
    double = rows.duplicated(["station", "time"], keep="last")
    if double.any():
        twice = rows.index[double].tolist()
        note(Problem("dropped.weather_rows_twice", path, severity="info", count=len(twice), rows=twice[:_SHOWN]))
    if not len(rows):
        raise LayerError(Problem("stations.no_rows", path))
    return rows[~double]


def _labels(column: pd.Series[Any]) -> pd.Series[Any]:
    """Station ids as text; a blank makes numbers of the other rows, 53986.0, which they are not."""
    text = column.where(column.notna(), "").astype(str).str.strip()
    return text.str.replace(r"\.0$", "", regex=True) if pd.api.types.is_float_dtype(column) else text


def _element(column: pd.Series[Any], name: str, tenths: bool, path: str, problems: list[Problem]) -> Array:
    """Values of an element; what was rejected is noted, a column in another unit goes to the problems."""
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    said = column.notna() & (column.astype(str).str.strip() != "")
    texts = int((said.to_numpy() & np.isnan(values)).sum())
    if tenths:
        percent = name.startswith("humidity")
        values, counts = decode(values, rain=name == "precipitation", factor=1.0 if percent else 0.1)
    else:
        values = np.where((np.abs(values) >= _MISSING) | (values == _UNDECLARED), np.nan, values)
        counts = {"missing": int(np.isnan(values).sum())}
    beyond = impossible(values, name)
    if too_many_impossible(beyond.sum(), np.isfinite(values).sum()):
        low, high = possible_range(name)
        first = int(np.flatnonzero(beyond)[0])
        count, total = beyond.sum(), np.isfinite(values).sum()
        facts: dict[str, Any] = {"count": count, "total": total, "example": values[first], "variable": name}
        limits: dict[str, Any] = {"low": low, "high": high, "units": element_units().get(name, "")}
        row, field = int(column.index[first]), str(column.name)
        problems.append(Problem("weather.range_column", path, row=row, field=field, **facts, **limits))
    values = np.where(beyond, np.nan, values)
    counts = {**counts, "texts": texts, "impossible_rejected": int(beyond.sum())}
    note_codes(path, name, counts)
    return values


def _time(frame: pd.DataFrame) -> pd.Series[pd.Timestamp] | None:
    for name in ("date", "time", "日期", "Datetime"):
        if name in frame.columns:
            return parse_dates(frame[name]).dt.normalize()
    for names in (("Year", "Mon", "Day"), ("year", "month", "day"), ("年", "月", "日")):
        if set(names) <= set(frame.columns):
            parts = frame[list(names)].set_axis(["year", "month", "day"], axis=1)
            return pd.to_datetime(parts, errors="coerce")
    return None


def _places(frame: pd.DataFrame, identity: str, stations: str | os.PathLike[str] | None, tenths: bool) -> pd.DataFrame:
    if stations is not None:
        known = read_stations_csv(stations)
        return pd.DataFrame(
            {"name": known["name"], "lon": known.geometry.x, "lat": known.geometry.y, "elevation": known["elevation"]}
        )
    last = frame.groupby(_labels(frame[identity])).last()
    x, y, height, name = (_first(frame, names) for names in (("long", "lon", "Lon"), ("lat", "Lat"), _ELEVATION, _NAME))
    out = pd.DataFrame(index=last.index)
    out["name"] = last[name].astype(str) if name else ""
    for target, source in (("lon", x), ("lat", y)):
        values = pd.to_numeric(last[source], errors="coerce") if source else np.nan
        out[target] = degrees_of_ddmm(values) if tenths and source else values
    values = pd.to_numeric(last[height], errors="coerce") if height else np.nan
    out["elevation"] = elevation_metres(values) if tenths and height else values
    return out
