"""Daily files SURF_CLI_CHN_MUL_DAY: one text file for each element and month, plain or in archives."""

from __future__ import annotations

import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, first_few
from riskzoning.files import existing
from riskzoning.io.weather.decoding import decode, degrees_of_ddmm, elevation_metres
from riskzoning.io.weather.lines import FIXED, read_lines
from riskzoning.io.weather.stations import gridded, read_stations_csv
from riskzoning.methods.elements import impossible, possible_range, too_many_impossible

_NAME = re.compile(r"SURF_CLI_CHN_MUL_DAY-([A-Z]+)-.*\.txt$", re.IGNORECASE)
_MONTH = re.compile(r"[-_](\d{4}(?:0[1-9]|1[0-2]))\.txt$", re.IGNORECASE)
_SHOWN = 5


def read_cma_daily(
    source: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    stations: str | os.PathLike[str] | None = None,
    elements: Iterable[str] | None = None,
    start: str | None = None,
    end: str | None = None,
) -> xr.Dataset:
    """Daily weather of stations as a Dataset ``station`` x ``time``.

    Parameters
    ----------
    source : folder or files
        ``SURF_CLI_CHN_MUL_DAY-*.TXT`` and ``.zip`` archives of them.
    stations : path, optional
        Station table; its coordinates and names replace those of the files.
    elements : iterable of str, optional
        ``PRE TEM RHU WIN SSD EVP GST PRS``; default all that are there.
    start, end : str, optional
        First and last day.

    Returns
    -------
    Dataset
        precipitation (mm, 20-20 h), tmean tmax tmin (degC), humidity (%), wind_mean wind_max wind_gust (m/s), sunshine
        (h) ...; coords lon lat elevation name; ``attrs["report"]`` lists special codes, rejected values, rows without
        a date, days twice, moved stations and columns that are missing throughout. Missing is NaN, also values that no
        day can show.

    Raises
    ------
    LayerError
        Nothing there, no such files, lines that cannot be read (all of them, with file and row), files whose values
        cannot be those of their element, no day in the period.

    Examples
    --------
    >>> from riskzoning.samples import sample_study
    >>> found = read_cma_daily(sample_study().parent / "meteorology" / "daily", elements=["SSD"])
    >>> list(found.data_vars)
    ['sunshine']
    """
    table = standards.table("formats/cma_daily").data
    files = _files(source)
    chosen = _chosen(source, files, elements, table["elements"])
    report: list[dict[str, Any]] = []
    problems: list[Problem] = []
    raws = {element: _read(files[element], element, table["elements"][element], report, problems) for element in chosen}
    if problems:
        raise LayerError(problems=problems)
    merged: pd.DataFrame | None = None
    variables: list[str] = []
    for element, raw in raws.items():
        facts = table["elements"][element]
        frame = _decoded(raw, element, facts, report, problems)
        variables += list(facts["keep"])
        merged = frame if merged is None else merged.merge(frame, on=["station", "time"], how="outer")
    if problems:
        raise LayerError(problems=problems)
    assert merged is not None
    merged = _within(merged, start, end, source)
    return gridded(merged, variables, _places([raw.places() for raw in raws.values()], stations, report), report)


def _chosen(
    source: Any, files: Mapping[str, Any], elements: Iterable[str] | None, known: Mapping[str, Any]
) -> list[str]:
    """The elements to read: all that are there, or those asked for, which must be there."""
    wanted = {name.upper() for name in elements} if elements else set(known) & set(files)
    missing = sorted(wanted - (set(known) & set(files)))
    if missing or not wanted:
        found = f"holds {first_few(sorted(files))}"
        required = f"files of {', '.join(missing or sorted(known))}"
        raise LayerError(Problem(str(source), found, required, "Check the folder.", rule="weather.elements"))
    return sorted(wanted)


def _within(frame: pd.DataFrame, start: str | None, end: str | None, source: Any) -> pd.DataFrame:
    first, last = frame["time"].min(), frame["time"].max()
    if start is not None:
        frame = frame[frame["time"] >= pd.Timestamp(start)]
    if end is not None:
        frame = frame[frame["time"] <= pd.Timestamp(end)]
    if not len(frame):
        found = f"has days from {first:%Y-%m-%d} to {last:%Y-%m-%d}" if pd.notna(first) else "has no line with a date"
        required = f"days from {start or 'the first'} to {end or 'the last'}"
        raise LayerError(Problem(str(source), found, required, "Check the period.", rule="weather.period"))
    return frame


def _files(source: Any) -> dict[str, list[tuple[Path, str | None]]]:
    """Text files by element: (path, member of the archive or None)."""
    if isinstance(source, str | os.PathLike):
        folder = existing(source, what=Phrase("weather_folder"), folder=True)
        paths = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else [folder]
    else:
        paths = [existing(path, what=Phrase("weather_file")) for path in source]
    found: dict[str, list[tuple[Path, str | None]]] = {}
    for path in paths:
        if path.suffix.lower() == ".zip":
            try:
                with zipfile.ZipFile(path) as archive:
                    names = sorted(archive.namelist())
            except zipfile.BadZipFile:
                fix = "Copy or download it again."
                raise LayerError(
                    Problem(str(path), "is no zip archive", "an archive", fix, rule="file.format")
                ) from None
            for name in names:
                match = _NAME.search(Path(name).name)
                if match:
                    found.setdefault(match.group(1).upper(), []).append((path, name))
        else:
            match = _NAME.search(path.name)
            if match:
                found.setdefault(match.group(1).upper(), []).append((path, None))
    if not found:
        text = f"holds {len(paths)} files, none of them SURF_CLI_CHN_MUL_DAY-*.TXT"
        required = "daily files of the meteorological administration"
        raise LayerError(Problem(str(source), text, required, "Check the folder.", rule="weather.files"))
    return found


def _texts(files: list[tuple[Path, str | None]]) -> Iterator[tuple[str, bytes]]:
    opened: dict[Path, zipfile.ZipFile] = {}
    try:
        for path, member in files:
            if member is None:
                yield path.name, path.read_bytes()
            else:
                archive = opened.get(path) or opened.setdefault(path, zipfile.ZipFile(path))
                yield f"{path.name}: {member}", _member(archive, path, member)
    finally:
        for archive in opened.values():
            archive.close()


def _member(archive: zipfile.ZipFile, path: Path, member: str) -> bytes:
    try:
        return archive.read(member)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        # Damaged, cut short, locked with a password, or packed in a way that Python does not know.
        found = f"has a member '{member}' that cannot be unpacked ({error})"
        fix = "Copy or download the archive again, or unpack it yourself."
        raise LayerError(Problem(str(path), found, "text files in a sound archive", fix, rule="file.format")) from None


@dataclass(frozen=True, eq=False)
class _Raw:
    """All lines of one element: stations, stored numbers, and the file of each line."""

    station: np.ndarray[Any, Any]
    numbers: np.ndarray[Any, Any]
    file: np.ndarray[Any, Any]
    files: list[str]

    def places(self) -> pd.DataFrame:
        """Places of the stations in the order of time."""
        order = np.lexsort((self.numbers[:, 6], self.numbers[:, 5], self.numbers[:, 4]))
        frame = pd.DataFrame(self.numbers[order, 1:4], columns=["lat", "lon", "elevation"])
        return frame.assign(station=self.station[order]).drop_duplicates()


def _read(
    files: list[tuple[Path, str | None]],
    element: str,
    facts: Mapping[str, Any],
    report: list[dict[str, Any]],
    problems: list[Problem],
) -> _Raw:
    """The lines of all files of an element; what cannot be read goes to the problems, empty files to the report."""
    width = FIXED + 2 * len(facts["columns"])
    parts, names, empty = [], [], []
    before = len(problems)
    for name, raw in _texts(files):
        found, wrong = read_lines(name, raw, width)
        problems += [p.at(required=f"{p.required} for element {element}") for p in wrong]
        if found is not None:
            parts.append(found)
            names.append(name)
        elif not wrong:
            empty.append(name)
    if empty:
        report.append({"what": "empty files", "element": element, "count": len(empty), "files": empty[:_SHOWN]})
    if not parts:
        if len(problems) == before:
            found_text = "has only empty files"
            problems.append(Problem(element, found_text, "daily values", "Copy again.", rule="weather.empty"))
        return _Raw(np.zeros(0, dtype=object), np.zeros((0, width), dtype=np.int64), np.zeros(0, dtype=np.intp), [])
    return _Raw(
        np.concatenate([part.station for part in parts]),
        np.concatenate([part.numbers for part in parts]),
        np.repeat(np.arange(len(parts)), [len(part.station) for part in parts]),
        names,
    )


def _decoded(
    raw: _Raw, element: str, facts: Mapping[str, Any], report: list[dict[str, Any]], problems: list[Problem]
) -> pd.DataFrame:
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
        problems += _refused(raw, out, values, beyond, element, name)
        values[beyond] = np.nan
        counts = {
            **counts,
            "wrong_rejected": int(wrong.sum()),
            "suspect_kept": int((flags == 1).sum()),
            "impossible_rejected": int(beyond.sum()),
        }
        if any(counts.values()):
            noted = {key: value for key, value in counts.items() if value}
            report.append({"what": "codes", "element": element, "variable": name, **noted})
        out[name] = values
    return _days_once(_dated(out, raw, days, element, report), element, report)


def _refused(raw: _Raw, rows: pd.DataFrame, values: Any, beyond: Any, element: str, name: str) -> list[Problem]:
    """Files with so many impossible values that they must hold something else."""
    if not beyond.any():
        return []
    bad = np.bincount(raw.file[beyond], minlength=len(raw.files))
    known = np.bincount(raw.file[np.isfinite(values)], minlength=len(raw.files))
    low, high = possible_range(name)
    out = []
    for number in np.flatnonzero(too_many_impossible(bad, known)):
        line = int(np.flatnonzero(beyond & (raw.file == number))[0])
        first = f"{values[line]:g} ({raw.station[line]}, {'-'.join(str(part) for part in raw.numbers[line, 4:7])})"
        out.append(
            Problem(
                raw.files[number],
                f"has {bad[number]} of {known[number]} values of {name} that cannot be, e.g. {first}",
                f"values of element {element}, {name} within {low:g} to {high:g}",
                "Check whether the file holds another element, or set the values to 32766.",
                rule="weather.range",
                field=name,
            )
        )
    return out


def _dated(
    rows: pd.DataFrame, raw: _Raw, days: pd.DataFrame, element: str, report: list[dict[str, Any]]
) -> pd.DataFrame:
    """Rows with a date; rows without one, and days of another month than the name of their file says, are reported."""
    bad = rows["time"].isna().to_numpy()
    if bad.any():
        shown = [
            f"{raw.files[raw.file[i]]}: {raw.station[i]} {days.iloc[i].year}-{days.iloc[i].month}-{days.iloc[i].day}"
            for i in np.flatnonzero(bad)[:_SHOWN]
        ]
        report.append({"what": "rows without date", "element": element, "count": int(bad.sum()), "rows": shown})
    named = [_MONTH.search(name) for name in raw.files]
    month = np.array([int(match.group(1)) if match else 0 for match in named], dtype=np.int64)[raw.file]
    other = ~bad & (month > 0) & (raw.numbers[:, 4] * 100 + raw.numbers[:, 5] != month)
    if other.any():
        files = sorted({raw.files[number] for number in np.unique(raw.file[other])})
        what = "days of another month than the name of the file"
        report.append({"what": what, "element": element, "count": int(other.sum()), "files": files[:_SHOWN]})
    return rows[~bad]


def _days_once(rows: pd.DataFrame, element: str, report: list[dict[str, Any]]) -> pd.DataFrame:
    """One row for a station and day: the last one."""
    double = rows.duplicated(["station", "time"], keep=False)
    if not double.any():
        return rows
    again = int(rows.duplicated(["station", "time"]).sum())
    differ = rows[double].groupby(["station", "time"], sort=False).nunique(dropna=False).gt(1).any(axis=1)
    entry = {"what": "days twice, the last kept", "element": element, "count": again, "differ": int(differ.sum())}
    report.append(entry)
    return rows.drop_duplicates(["station", "time"], keep="last")


def _places(parts: list[pd.DataFrame], stations: Any, report: list[dict[str, Any]]) -> pd.DataFrame:
    raw = pd.concat(parts).drop_duplicates()
    for station, group in raw.groupby("station"):
        spots = group[["lat", "lon"]].drop_duplicates()
        if len(spots) > 1:
            shown = [f"{int(lat)} {int(lon)}" for lat, lon in spots.to_numpy()]
            report.append({"what": "station moved; the latest place is used", "station": str(station), "places": shown})
    estimated = raw.loc[raw["elevation"] >= 90000, "station"].unique()
    if len(estimated):
        report.append({"what": "estimated elevation decoded", "stations": [str(code) for code in estimated]})
    last = raw.groupby("station").last()
    lon, lat = degrees_of_ddmm(last["lon"]), degrees_of_ddmm(last["lat"])
    nowhere = ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90))
    if nowhere.any():
        shown = [f"{name}: {row.lat} {row.lon}" for name, row in last[nowhere].iterrows()]
        report.append({"what": "no place: coordinates are no degrees and minutes", "stations": shown})
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
