"""Daily files SURF_CLI_CHN_MUL_DAY: one text file for each element and month, plain or in archives."""

from __future__ import annotations

import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.files import bounded, existing
from riskzoning.io.unpacking import check_unpacked
from riskzoning.io.weather.days import with_days
from riskzoning.io.weather.decoding import Array, Thing, decode, elevation_metres, note_codes
from riskzoning.io.weather.lines import FIXED, read_files
from riskzoning.io.weather.merging import one_row_a_day
from riskzoning.io.weather.moves import note_moves
from riskzoning.io.weather.stations import gridded, read_stations_csv
from riskzoning.limits import TABLE_BYTES
from riskzoning.methods.elements import impossible, possible_range, too_many_impossible
from riskzoning.places import degrees_of_minutes

_NAME = re.compile(r"SURF_CLI_CHN_MUL_DAY-([A-Z]+)-.*\.txt$", re.IGNORECASE)
_MONTH = re.compile(r"[-_](\d{4}(?:0[1-9]|1[0-2]))\.txt$", re.IGNORECASE)
_SHOWN = 5
Source: TypeAlias = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
# What the table of formats says of an element: columns, which of them are kept, factor, special codes.
Facts: TypeAlias = Mapping[str, Any]


def read_cma_daily(
    source: Source,
    *,
    stations: str | os.PathLike[str] | None = None,
    elements: Iterable[str] | None = None,
    start: str | None = None,
    end: str | None = None,
) -> xr.Dataset:
    """Read the daily files of the meteorological administration (SURF_CLI_CHN_MUL_DAY) as one Dataset.

    Special codes are decoded. What is rejected or left out is noted: values flagged as wrong or that no day can have,
    lines without a date, days that occur twice (the last line counts), stations that moved or have no place.

    Parameters
    ----------
    source : path or sequence of path
        A folder, or the files: ``SURF_CLI_CHN_MUL_DAY-*.TXT`` and ``.zip`` archives of them.
    stations : path, optional
        Table of the stations (:func:`read_stations_csv`); its places and names replace those of the files.
    elements : iterable of str, optional
        Some of ``PRE TEM RHU WIN SSD EVP GST PRS``; by default all that are there.
    start, end : str, optional
        First and last day.

    Returns
    -------
    Dataset
        ``station`` x ``time`` without gaps in time: precipitation (mm, 20-20 h), tmean tmax tmin (degC), humidity (%),
        wind_mean wind_max wind_gust (m/s), sunshine (h) ...; coords lon lat (degrees) elevation (m) name. Missing
        values are NaN.

    Raises
    ------
    LayerError
        No such files, an element or period that is not there, lines that cannot be read (each with file and row),
        files whose values are mostly impossible for their element.

    Examples
    --------
    >>> from riskzoning.samples import sample_study
    >>> days = read_cma_daily(sample_study().parent / "meteorology" / "daily", elements=["SSD"])
    >>> list(days.data_vars)
    ['sunshine']
    """
    table = standards.table("formats/cma_daily").data
    files = _files(source)
    thing = _thing(source)
    chosen = _chosen(thing, files, elements, table["elements"])
    problems: list[Problem] = []
    raws = {element: _read(files[element], element, table["elements"][element], thing, problems) for element in chosen}
    if problems:
        raise LayerError(problems=problems)
    merged: pd.DataFrame | None = None
    variables: list[str] = []
    for element, raw in raws.items():
        facts = table["elements"][element]
        frame = _decoded(raw, element, facts, thing, problems)
        variables += list(facts["keep"])
        merged = frame if merged is None else merged.merge(frame, on=["station", "time"], how="outer")
    if problems:
        raise LayerError(problems=problems)
    assert merged is not None
    merged = _within(merged, start, end, thing)
    made = gridded(merged, variables, _places([raw.places() for raw in raws.values()], stations, thing), thing)
    return with_days(made, dict.fromkeys(variables, "day_20"), thing)


def _thing(source: Source) -> Thing:
    if isinstance(source, str | os.PathLike):
        return str(source)
    return Phrase("weather_files", count=len(list(source)))


def _chosen(
    thing: Thing, files: Mapping[str, object], elements: Iterable[str] | None, known: Mapping[str, object]
) -> list[str]:
    """The elements to read: all that are there, or those asked for, which must be there."""
    wanted = {name.upper() for name in elements} if elements else set(known) & set(files)
    missing = sorted(wanted - (set(known) & set(files)))
    if missing or not wanted:
        raise LayerError(Problem("weather.elements", thing, present=sorted(files), missing=missing or sorted(known)))
    return sorted(wanted)


def _within(frame: pd.DataFrame, start: str | None, end: str | None, thing: Thing) -> pd.DataFrame:
    first, last = frame["time"].min(), frame["time"].max()
    if pd.isna(first):
        raise LayerError(Problem("weather.no_date", thing))
    if start is not None:
        frame = frame[frame["time"] >= _day_of(start, thing)]
    if end is not None:
        frame = frame[frame["time"] <= _day_of(end, thing)]
    if not len(frame):
        begin, stop = start or Phrase("from_the_first"), end or Phrase("to_the_last")
        there, until = f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"
        raise LayerError(Problem("weather.period", thing, first=there, last=until, start=begin, end=stop))
    return frame


def _day_of(text: str, thing: Thing) -> pd.Timestamp:
    try:
        return pd.Timestamp(text)
    except ValueError:
        raise LayerError(Problem("weather.period_day", thing, text=text)) from None


def _files(source: Source) -> dict[str, list[tuple[Path, str | None]]]:
    """Text files by element: (path, member of the archive or None)."""
    if isinstance(source, str | os.PathLike):
        folder = existing(source, what=Phrase("weather_folder"), folder=True)
        paths = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else [folder]
    else:
        paths = [existing(path, what=Phrase("weather_file")) for path in source]
    files: dict[str, list[tuple[Path, str | None]]] = {}
    for path in paths:
        for member in _members(path) if path.suffix.lower() == ".zip" else [None]:
            match = _NAME.search(path.name if member is None else Path(member).name)
            if match:
                files.setdefault(match.group(1).upper(), []).append((path, member))
    if not files:
        raise LayerError(Problem("weather.files", _thing(source), count=len(paths)))
    return files


def _members(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            check_unpacked(path, archive)
            return sorted(archive.namelist())
    except zipfile.BadZipFile:
        raise LayerError(Problem("weather.archive", path)) from None


def _texts(files: list[tuple[Path, str | None]]) -> Iterator[tuple[str, bytes]]:
    opened: dict[Path, zipfile.ZipFile] = {}
    try:
        for path, member in files:
            if member is None:
                yield path.name, bounded(path, TABLE_BYTES, what=Phrase("weather_file"))
            else:
                archive = opened.get(path) or opened.setdefault(path, zipfile.ZipFile(path))
                yield f"{path.name}: {member}", _member(archive, path, member)
    finally:
        for archive in opened.values():
            archive.close()


def _member(archive: zipfile.ZipFile, path: Path, member: str) -> bytes:
    size = archive.getinfo(member).file_size
    if size > TABLE_BYTES:
        raise LayerError(Problem("archive.large", path, size=size / 1e9, most=TABLE_BYTES / 1e9))
    try:
        return archive.read(member)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        # Damaged, cut short, locked with a password, or packed in a way that Python does not know.
        raise LayerError(Problem("weather.archive_member", path, member=member, reason=error)) from None


@dataclass(frozen=True, eq=False)
class _Raw:
    """All lines of one element: stations, stored numbers, and the file of each line."""

    station: Array
    numbers: Array
    file: Array
    files: list[str]

    def places(self) -> pd.DataFrame:
        """Places of the stations in the order of time."""
        order = np.lexsort((self.numbers[:, 6], self.numbers[:, 5], self.numbers[:, 4]))
        frame = pd.DataFrame(self.numbers[order, 1:4], columns=["lat", "lon", "elevation"])
        frame = frame.assign(station=self.station[order]).drop_duplicates()
        days = self.numbers[order][frame.index, 4:7]
        return frame.assign(since=days[:, 0] * 10_000 + days[:, 1] * 100 + days[:, 2])


def _read(
    files: list[tuple[Path, str | None]],
    element: str,
    facts: Facts,
    thing: Thing,
    problems: list[Problem],
) -> _Raw:
    """The lines of all files of an element; what cannot be read goes to the problems, empty files are noted."""
    width = FIXED + 2 * len(facts["columns"])
    parts, names, empty = [], [], []
    before = len(problems)
    for name, lines, wrong in read_files(_texts(files), width, element):
        problems += wrong
        if lines is not None:
            parts.append(lines)
            names.append(name)
        elif not wrong:
            empty.append(name)
    if empty:
        note(
            Problem(
                "weather.empty_files", thing, severity="info", element=element, count=len(empty), files=empty[:_SHOWN]
            )
        )
    if not parts:
        if len(problems) == before:
            problems.append(Problem("weather.empty", Phrase("weather_element", element=element)))
        return _Raw(np.zeros(0, dtype=object), np.zeros((0, width), dtype=np.int64), np.zeros(0, dtype=np.intp), [])
    return _Raw(
        np.concatenate([part.station for part in parts]),
        np.concatenate([part.numbers for part in parts]),
        np.repeat(np.arange(len(parts)), [len(part.station) for part in parts]),
        names,
    )


def _decoded(raw: _Raw, element: str, facts: Facts, thing: Thing, problems: list[Problem]) -> pd.DataFrame:
    days = pd.DataFrame(raw.numbers[:, 4:7], columns=["year", "month", "day"])
    out = pd.DataFrame({"station": raw.station, "time": pd.to_datetime(days, errors="coerce")})
    count = len(facts["columns"])
    for position, name in enumerate(facts["columns"]):
        if name not in facts["keep"]:
            continue
        values, counts = decode(
            raw.numbers[:, FIXED + position],
            rain=bool(facts.get("rain")),
            over=float(facts.get("over", 0)),
            factor=float(facts["factor"]),
        )
        flags = raw.numbers[:, FIXED + count + position]
        wrong = (flags == 2) & np.isfinite(values)
        values[(flags == 2) | (flags == 8)] = np.nan
        beyond = impossible(values, name)
        problems += _refused(raw, values, beyond, element, name)
        values[beyond] = np.nan
        counts = {
            **counts,
            "wrong_rejected": int(wrong.sum()),
            "suspect_kept": int((flags == 1).sum()),
            "impossible_rejected": int(beyond.sum()),
        }
        note_codes(thing, name, counts, element=element)
        out[name] = values
    rows = _dated(out, raw, days, element, thing)
    about = Phrase("weather_element", element=element)
    return one_row_a_day(rows, list(facts["keep"]), about, problems)


def _refused(raw: _Raw, values: Array, beyond: Array, element: str, name: str) -> list[Problem]:
    """Files with so many impossible values that they must hold something else."""
    if not beyond.any():
        return []
    bad = np.bincount(raw.file[beyond], minlength=len(raw.files))
    known = np.bincount(raw.file[np.isfinite(values)], minlength=len(raw.files))
    low, high = possible_range(name)
    out = []
    for number in np.flatnonzero(too_many_impossible(bad, known)):
        line = int(np.flatnonzero(beyond & (raw.file == number))[0])
        day = "-".join(str(part) for part in raw.numbers[line, 4:7])
        example: dict[str, Any] = {"example": values[line], "station": raw.station[line], "day": day}
        counts: dict[str, Any] = {"count": bad[number], "total": known[number], "variable": name, "element": element}
        out.append(Problem("weather.range", raw.files[number], field=name, low=low, high=high, **counts, **example))
    return out


def _dated(rows: pd.DataFrame, raw: _Raw, days: pd.DataFrame, element: str, thing: Thing) -> pd.DataFrame:
    """Rows with a date; rows without one, and days of another month than the name of their file says, are noted."""
    bad = rows["time"].isna().to_numpy()
    if bad.any():
        shown = [
            f"{raw.files[raw.file[i]]}: {raw.station[i]} {days.iloc[i].year}-{days.iloc[i].month}-{days.iloc[i].day}"
            for i in np.flatnonzero(bad)[:_SHOWN]
        ]
        count = int(bad.sum())
        note(Problem("dropped.weather_undated", thing, severity="warning", element=element, count=count, rows=shown))
    named = [_MONTH.search(name) for name in raw.files]
    month = np.array([int(match.group(1)) if match else 0 for match in named], dtype=np.int64)[raw.file]
    other = ~bad & (month > 0) & (raw.numbers[:, 4] * 100 + raw.numbers[:, 5] != month)
    if other.any():
        files = sorted({raw.files[number] for number in np.unique(raw.file[other])})
        note(
            Problem(
                "weather.other_month", thing, severity="info", element=element, count=other.sum(), files=files[:_SHOWN]
            )
        )
    return rows[~bad]


def _places(parts: list[pd.DataFrame], stations: str | os.PathLike[str] | None, thing: Thing) -> pd.DataFrame:
    place = ["station", "lat", "lon", "elevation"]
    raw = pd.concat(parts).sort_values("since", kind="stable").drop_duplicates(place)
    note_moves(raw, thing)
    estimated = raw.loc[raw["elevation"] >= 90000, "station"].unique()
    if len(estimated):
        note(Problem("weather.elevation_estimated", thing, severity="info", stations=list(estimated)))
    last = raw.groupby("station").last()
    lon, lat = degrees_of_minutes(last["lon"]), degrees_of_minutes(last["lat"])
    nowhere = ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90))
    if nowhere.any():
        shown = [f"{name}: {row.lat} {row.lon}" for name, row in last[nowhere].iterrows()]
        note(Problem("weather.coordinates", thing, severity="info", stations=shown))
    out = pd.DataFrame(
        {
            "name": "",
            "lon": np.where(nowhere, np.nan, lon),
            "lat": np.where(nowhere, np.nan, lat),
            "elevation": elevation_metres(last["elevation"]),
        },
        index=last.index.astype(str),
    )
    if stations is not None:
        known = read_stations_csv(stations)
        known = known[known.index.isin(out.index)]
        out.loc[known.index, "name"] = known["name"]
        out.loc[known.index, "lon"] = known.geometry.x
        out.loc[known.index, "lat"] = known.geometry.y
        heights = known["elevation"].dropna()
        out.loc[heights.index, "elevation"] = heights
    return out
