"""GHCN-Daily: files of stations at fixed width (``.dly``), long tables by station or year, and wide tables."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.files import existing
from riskzoning.io.weather.days import with_days
from riskzoning.io.weather.decoding import Array
from riskzoning.io.weather.fixed_width import characters, contents, integers, line_problems
from riskzoning.io.weather.merging import one_row_a_day
from riskzoning.io.weather.readings import readings
from riskzoning.io.weather.stations import gridded, read_stations_csv

_WIDTH, _DAYS = 269, 31
_NAMES = re.compile(r"\.(dly|csv)(\.gz)?$", re.IGNORECASE)
_LONG = ["ID", "DATE", "ELEMENT", "VALUE", "M", "Q", "S", "TIME"]
_LIST = "ghcnd-stations.txt"
_CHINA = re.compile(r"^CHM000(\d{5})$")
Source = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


def read_ghcn_daily(source: Source, *, stations: str | os.PathLike[str] | None = None) -> xr.Dataset:
    """Read GHCN-Daily: ``.dly`` files, tables by station or by year, wide tables; also packed with gzip.

    Values are whole tenths; those that failed a check of quality (Q flag) and -9999 are missing, a trace is 0. Stations
    of China are called by their five digits (``CHM00053986`` is ``53986``). A day ends when the station says so, which
    is not always 20:00.

    Parameters
    ----------
    source : path or sequence of path
        A folder, or the files.
    stations : path, optional
        ``ghcnd-stations.txt`` or a table of stations (:func:`read_stations_csv`); by default the list in the folder, or
        the places in wide tables.

    Returns
    -------
    Dataset
        ``station`` x ``time`` as :func:`read_station_table`: precipitation (mm), tmax tmin tmean (degC), snow_depth
        (cm), wind_mean wind_gust (m/s), sunshine (h), humidity (%), as far as they are there.

    Raises
    ------
    LayerError
        No such files, no known element, lines that are no numbers, decimals where whole tenths stand.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "CHM00053986.csv"
    ...     _ = path.write_text("CHM00053986,20210720,PRCP,2547,,,S,\\nCHM00053986,20210721,PRCP,-9999,,,S,\\n")
    ...     days = read_ghcn_daily(path)
    >>> days.precipitation.values.round(1).tolist(), days.station.values.tolist()
    ([[254.7, nan]], ['53986'])
    """
    paths, thing = _files(source)
    problems: list[Problem] = []
    places: list[pd.DataFrame] = []
    rows = pd.concat([_rows(path, problems, places) for path in paths], ignore_index=True)
    if problems:
        raise LayerError(problems=problems)
    known = standards.table("formats/weather_products").data["ghcn"]
    rows = rows[rows["element"].isin(list(known))]
    if rows.empty:
        raise LayerError(Problem("weather.no_element", thing, known=list(known)))
    failed = rows["failed"] & (rows["value"] != _missing())
    if failed.any():
        note(Problem("weather.failed_checks", thing, severity="info", count=int(failed.sum()), total=len(rows)))
    rows.loc[rows["failed"], "value"] = _missing()
    frame, elements = _wide(rows, known, thing, problems)
    if problems:
        raise LayerError(problems=problems)
    days = gridded(frame, elements, _places(source, stations, places), thing)
    return with_days(days, dict.fromkeys(map(str, days.data_vars), "day_reported"), thing)


def _missing() -> int:
    return int(standards.table("formats/weather_products").data["ghcn_missing"])


def _files(source: Source) -> tuple[list[Path], Phrase | str]:
    if isinstance(source, str | os.PathLike):
        place = existing(source, what=Phrase("weather_folder"), folder=True)
        paths = [place] if place.is_file() else sorted(p for p in place.rglob("*") if _NAMES.search(p.name))
        if not paths:
            raise LayerError(Problem("weather.ghcn_files", str(source)))
        return paths, str(source)
    paths = [existing(path, what=Phrase("weather_file")) for path in source]
    return paths, Phrase("weather_files", count=len(paths))


def _rows(path: Path, problems: list[Problem], places: list[pd.DataFrame]) -> pd.DataFrame:
    """Station, day, element, stored number and whether it failed a check, a row for each."""
    raw = contents(path)
    if path.name.lower().removesuffix(".gz").endswith(".csv"):
        return _of_table(path, raw, problems, places)
    return _of_lines(path, raw, problems)


def _of_lines(path: Path, raw: bytes, problems: list[Problem]) -> pd.DataFrame:
    marks = characters(raw, _WIDTH)
    year, bad_year = integers(marks[:, 11:15], missing=0)
    month, bad_month = integers(marks[:, 15:17], missing=0)
    blocks = marks[:, 21:].reshape(-1, _DAYS, 8)
    values, bad = integers(blocks[..., :5], missing=_missing())
    problems += line_problems(path, bad_year | bad_month | bad.any(axis=1), "GHCN-Daily")
    labels = np.ascontiguousarray(marks[:, :11]).view("S11")[:, 0].astype(str)
    elements = np.ascontiguousarray(marks[:, 17:21]).view("S4")[:, 0].astype(str)
    # A month has the days that it has: the 31st of April is filled with -9999.
    first = pd.to_datetime(pd.DataFrame({"year": year, "month": month, "day": 1}), errors="coerce")
    inside = np.arange(_DAYS) < first.dt.days_in_month.fillna(0).to_numpy()[:, None]
    at, day = np.nonzero(inside)
    return pd.DataFrame(
        {
            "station": labels[at], "time": first.to_numpy()[at] + day.astype("timedelta64[D]"),
            "element": elements[at], "value": values[at, day], "failed": blocks[at, day, 6] != b" ",
        }
    )  # fmt: skip


def _of_table(path: Path, raw: bytes, problems: list[Problem], places: list[pd.DataFrame]) -> pd.DataFrame:
    table = pd.read_csv(io.BytesIO(raw), header=None, dtype=str, keep_default_na=False, skipinitialspace=True)
    head = [str(name).strip().upper() for name in table.iloc[0]]
    if "PRCP_ATTRIBUTES" in head or ("STATION" in head and "ELEMENT" not in head):
        return _of_wide(path, table.iloc[1:].set_axis(head, axis=1), problems, places)
    if head[:2] == ["ID", "DATE"] or "ELEMENT" in head:
        table = table.iloc[1:]
    if table.shape[1] < 4:
        problems.append(Problem("weather.ghcn_table", path, columns=table.shape[1]))
        return pd.DataFrame(columns=["station", "time", "element", "value", "failed"])
    table = table.iloc[:, :8].set_axis(_LONG[: min(table.shape[1], 8)], axis=1)
    failed = table["Q"].str.strip() != "" if "Q" in table else pd.Series(data=False, index=table.index)
    return _long(path, table["ID"], table["DATE"], table["ELEMENT"], table["VALUE"], failed, problems)


def _of_wide(path: Path, table: pd.DataFrame, problems: list[Problem], places: list[pd.DataFrame]) -> pd.DataFrame:
    known = standards.table("formats/weather_products").data["ghcn"]
    spots = {"lon": "LONGITUDE", "lat": "LATITUDE", "elevation": "ELEVATION"}
    if set(spots.values()) <= set(table.columns):
        last = table.groupby(_labels(table["STATION"])).last()
        spot = pd.DataFrame({key: pd.to_numeric(last[name], errors="coerce") for key, name in spots.items()})
        places.append(spot.assign(name=last.get("NAME", "")))
    parts = []
    for element in [name for name in known if name in table.columns]:
        flags = table.get(f"{element}_ATTRIBUTES", pd.Series("", index=table.index)).str.split(",")
        failed = flags.map(lambda parts: len(parts) > 1 and parts[1].strip() != "")
        names = pd.Series(element, index=table.index)
        parts.append(_long(path, table["STATION"], table["DATE"], names, table[element], failed, problems))
    empty = pd.DataFrame(columns=["station", "time", "element", "value", "failed"])
    return pd.concat(parts, ignore_index=True) if parts else empty


def _long(
    path: Path,
    labels: pd.Series[str],
    days: pd.Series[str],
    elements: pd.Series[str],
    values: pd.Series[str],
    failed: pd.Series[bool],
    problems: list[Problem],
) -> pd.DataFrame:
    text = values.str.strip()
    numbers = pd.to_numeric(text.where(text != "", str(_missing())), errors="coerce")
    problems += line_problems(path, numbers.isna().to_numpy(), "GHCN-Daily")
    broken = numbers.notna() & (numbers != numbers.round())
    if broken.any():
        row, example = int(broken.to_numpy().argmax()) + 1, float(numbers[broken].iloc[0])
        problems.append(Problem("weather.ghcn_decimals", path, row=row, count=int(broken.sum()), example=example))
    return pd.DataFrame(
        {
            "station": labels.str.strip(), "time": pd.to_datetime(days.str.strip(), errors="coerce"),
            "element": elements.str.strip(), "value": numbers.fillna(_missing()), "failed": failed.to_numpy(),
        }
    )  # fmt: skip


def _wide(
    rows: pd.DataFrame, known: Any, thing: Phrase | str, problems: list[Problem]
) -> tuple[pd.DataFrame, list[str]]:
    """A row for each station and day, a column for each element, in its unit."""
    rows = rows.assign(station=_labels(rows["station"]).to_numpy())
    merged: pd.DataFrame | None = None
    elements = []
    for name, part in rows.groupby("element", sort=False):
        element = str(known[name]["variable"])
        column = part["value"].astype(np.float64).rename(str(name))
        values = readings(
            column, element, units=str(known[name]["units"]), tenths=False, thing=thing, problems=problems
        )
        frame = pd.DataFrame({"station": part["station"].to_numpy(), "time": part["time"].to_numpy(), element: values})
        frame = one_row_a_day(frame, [element], thing, problems)
        merged = frame if merged is None else merged.merge(frame, on=["station", "time"], how="outer")
        elements.append(element)
    assert merged is not None
    return merged, elements


def _labels(ids: pd.Series[str]) -> pd.Series[str]:
    """Stations of China under their five digits."""
    return ids.astype(str).str.strip().str.replace(_CHINA, r"\1", regex=True)


def _places(source: Source, stations: str | os.PathLike[str] | None, own: list[pd.DataFrame]) -> pd.DataFrame:
    folder = Path(source) if isinstance(source, str | os.PathLike) else Path()
    beside = (folder if folder.is_dir() else folder.parent) / _LIST
    given = stations if stations is not None else beside if beside.is_file() and not own else None
    if given is None:
        columns = ["lon", "lat", "elevation", "name"]
        table = pd.concat(own) if own else pd.DataFrame(columns=columns)
        return table[~table.index.duplicated(keep="last")]
    if not str(given).lower().endswith(".txt"):
        listed = read_stations_csv(given)
        where = {"lon": listed.geometry.x, "lat": listed.geometry.y}
        return pd.DataFrame({"name": listed["name"], **where, "elevation": listed["elevation"]})
    return _listed(Path(given))


def _listed(path: Path) -> pd.DataFrame:
    """The list of all stations, at fixed width: id, latitude, longitude, elevation (-999.9: unknown), name."""
    marks = characters(contents(path), 85)

    def text(first: int, last: int) -> Array:
        return np.char.strip(np.ascontiguousarray(marks[:, first:last]).view(f"S{last - first}")[:, 0].astype(str))

    numbers = [pd.to_numeric(pd.Series(text(*span)), errors="coerce") for span in ((12, 20), (21, 30), (31, 37))]
    height = numbers[2].where(numbers[2] > -999)
    out = pd.DataFrame({"lat": numbers[0], "lon": numbers[1], "elevation": height, "name": text(41, 71)})
    out.index = pd.Index(_labels(pd.Series(text(0, 11).tolist(), dtype=object)).tolist())
    return out[~out.index.duplicated(keep="last")]
