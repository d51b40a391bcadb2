"""ISD-Lite: hours in UTC at fixed width, a file a station and year, as days that end at 20:00 in Beijing."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.files import existing
from riskzoning.io.weather.days import with_days
from riskzoning.io.weather.decoding import Array
from riskzoning.io.weather.fixed_width import characters, contents, integers, line_problems
from riskzoning.io.weather.merging import one_row_a_day
from riskzoning.io.weather.readings import readings
from riskzoning.io.weather.stations import gridded, read_stations_csv

_NAME = re.compile(r"^(?P<usaf>[0-9A-Z]{6})-(?P<wban>\d{5})-\d{4}(\.gz)?$", re.IGNORECASE)
Source = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
# Element of a day -> the reading that it comes from.
_OF = {
    "tmean": "temperature", "tmax": "temperature", "tmin": "temperature", "humidity": "relative",
    "humidity_min": "relative", "wind_mean": "wind", "wind_max": "wind",
}  # fmt: skip
_AFTERNOON = {"humidity_14h": "relative", "wind_14h": "wind"}


def read_isd_lite(source: Source, *, stations: str | os.PathLike[str] | None = None) -> xr.Dataset:
    """Read ISD-Lite, readings of every hour or every three hours in UTC, as days that end at 20:00 Beijing time.

    Files are called ``552990-99999-2000`` (also ``.gz``); the Chinese station is the first five digits. Numbers are
    tenths, -9999 is missing, rain of -1 a trace. Rain of a day is the sum of its four amounts of six hours, or of its
    hours. Highest and lowest temperature are those of the readings, so that a day can have been hotter; humidity comes
    from the dew point; values of 14 h are the readings of that hour.

    Parameters
    ----------
    source : path or sequence of path
        A folder, or the files.
    stations : path, optional
        Table of the stations, by five digits or by the six of the file name.

    Returns
    -------
    Dataset
        ``station`` x ``time`` as :func:`read_station_table`: tmean tmax tmin (degC), humidity humidity_min humidity_14h
        (%), wind_mean wind_max wind_14h (m/s), precipitation (mm).

    Raises
    ------
    LayerError
        No file with such a name, or lines that are no numbers.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> hours = [(20, h) for h in range(13, 24)] + [(21, h) for h in range(13)]
    >>> line = "2021 07 {:02d} {:02d}   253   201 10052   180    30 -9999    {:2d} -9999"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "539860-99999-2021"
    ...     _ = path.write_text("\\n".join(line.format(day, hour, 5) for day, hour in hours))
    ...     days = read_isd_lite(path)
    >>> days.station.values.tolist(), str(days.time.values[0])[:10], days.precipitation.values.round(1).tolist()
    (['53986'], '2021-07-21', [[12.0]])
    """
    paths, thing = _files(source)
    problems: list[Problem] = []
    hours = pd.concat([_hours(path, problems) for path in paths], ignore_index=True)
    if problems:
        raise LayerError(problems=problems)
    facts = standards.table("formats/weather_products").data["isd"]
    # A reading at 20:00 closes its day.
    to_day_end = pd.Timedelta(hours=int(facts["hours_to_beijing"]) + 24 - int(facts["day_ends"]), minutes=-1)
    hours["stamp"] = hours["time"] + to_day_end
    for name, units in (("temperature", "0.1 degC"), ("dewpoint", "0.1 degC"), ("wind", "0.1 m/s")):
        element = "wind_mean" if name == "wind" else "tmean"
        hours[name] = readings(hours[name], element, units=units, tenths=False, thing=thing, problems=problems)
    if problems:
        raise LayerError(problems=problems)
    hours["relative"] = _relative_humidity(hours["temperature"].to_numpy(), hours["dewpoint"].to_numpy())
    columns = {element: hours[reading] for element, reading in _OF.items()}
    rows = pd.DataFrame({"station": hours["station"], "time": hours["stamp"], **columns})
    days = one_row_a_day(rows, list(_OF), thing, problems, ends_at_20=True)
    days = days.merge(_afternoon(hours), on=["station", "time"], how="left")
    days = days.merge(_rain(hours), on=["station", "time"], how="left")
    if problems:
        raise LayerError(problems=problems)
    elements = [*_OF, *_AFTERNOON, "precipitation"]
    made = gridded(days, elements, _places(stations, sorted(set(hours["station"]))), thing)
    return with_days(made, dict.fromkeys(elements, "day_20"), thing)


def _files(source: Source) -> tuple[list[Path], Phrase | str]:
    single = isinstance(source, str | os.PathLike)
    if isinstance(source, str | os.PathLike):
        place = existing(source, what=Phrase("weather_folder"), folder=True)
        given = [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())
    else:
        given = [existing(path, what=Phrase("weather_file")) for path in source]
    thing = str(source) if single else Phrase("weather_files", count=len(given))
    paths = [path for path in given if _NAME.match(path.name)]
    if not paths:
        raise LayerError(Problem("weather.isd_files", thing, count=len(given)))
    return paths, thing


def _hours(path: Path, problems: list[Problem]) -> pd.DataFrame:
    facts = standards.table("formats/weather_products").data["isd"]
    missing = int(facts["missing"])
    marks = characters(contents(path), int(facts["width"]))
    columns, wrong = {}, np.zeros(len(marks), dtype=bool)
    for name, (first, last) in facts["columns"].items():
        columns[name], bad = integers(marks[:, first:last], missing=missing)
        wrong |= bad
    problems += line_problems(path, wrong, "ISD-Lite")
    out = pd.DataFrame(columns)
    out["time"] = pd.to_datetime(out[["year", "month", "day", "hour"]], errors="coerce")
    match = _NAME.match(path.name)
    assert match is not None
    usaf = match["usaf"]
    out["station"] = usaf[:5] if usaf.endswith("0") and usaf.isdigit() else usaf
    for name in ("rain_1h", "rain_6h"):
        amount = out[name].astype(np.float64).replace(float(facts["trace"]), 0.0)
        out[name] = amount.where(amount != missing) * 0.1
    readings_of = ["temperature", "dewpoint", "wind"]
    out[readings_of] = out[readings_of].astype(np.float64)
    return out


def _relative_humidity(temperature: Array, dewpoint: Array) -> Array:
    """From the temperature and the dew point, degC (Magnus, coefficients of Alduchov and Eskridge 1996); %."""

    def pressure(celsius: Array) -> Array:
        return np.asarray(np.exp(17.625 * celsius / (243.04 + celsius)))

    return np.clip(100.0 * pressure(dewpoint) / pressure(temperature), 0.0, 100.0)


def _afternoon(hours: pd.DataFrame) -> pd.DataFrame:
    """Readings of 14 h in Beijing."""
    at = int(standards.table("formats/weather_products").data["isd"]["afternoon_utc"])
    rows = hours[hours["time"].dt.hour == at].drop_duplicates(["station", "time"])
    columns = {element: rows[reading] for element, reading in _AFTERNOON.items()}
    return pd.DataFrame({"station": rows["station"], "time": rows["stamp"].dt.normalize(), **columns})


def _rain(hours: pd.DataFrame) -> pd.DataFrame:
    """Rain of days: four amounts of six hours, which end at 2, 8, 14 and 20 h; else the hours, most of them there."""
    least = 24 * float(standards.table("formats/station_tables").data["least_share_of_day"])
    rows = hours.drop_duplicates(["station", "time"])
    six = rows["rain_6h"].where(rows["time"].dt.hour % 6 == 0)
    keys = [rows["station"], rows["stamp"].dt.normalize().rename("time")]
    sums = six.groupby(keys).agg(["sum", "count"])
    single = rows["rain_1h"].groupby(keys).agg(["sum", "count"])
    total = sums["sum"].where(sums["count"] == 4, single["sum"].where(single["count"] >= least))
    return total.rename("precipitation").reset_index()


def _places(stations: str | os.PathLike[str] | None, labels: list[str]) -> pd.DataFrame:
    if stations is None:
        return pd.DataFrame(columns=["name", "lon", "lat", "elevation"])
    known = read_stations_csv(stations)
    table = pd.DataFrame(
        {"name": known["name"], "lon": known.geometry.x, "lat": known.geometry.y, "elevation": known["elevation"]}
    )
    six = table.rename(index={f"{label}0": label for label in labels if label not in table.index})
    return six[~six.index.duplicated(keep="last")]
