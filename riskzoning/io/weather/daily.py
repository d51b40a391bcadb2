"""Daily files SURF_CLI_CHN_MUL_DAY: one text file for each element and month, plain or in archives."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Problem, first_few
from riskzoning.io.sources import existing
from riskzoning.io.weather.decoding import decode, degrees_of_ddmm, elevation_metres
from riskzoning.io.weather.stations import gridded, read_stations_csv

__all__ = ["read_cma_daily"]

_NAME = re.compile(r"SURF_CLI_CHN_MUL_DAY-([A-Z]+)-[\w.]+?-?(\d{6})?.*\.txt$", re.IGNORECASE)
_FIXED = 7


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
        (h) ...; coords lon lat elevation name; ``attrs["report"]`` lists special codes, rejected values, moved
        stations and columns that are missing throughout. Missing is NaN.

    Raises
    ------
    LayerError
        Nothing there, no such files, unreadable lines.

    Examples
    --------
    >>> from riskzoning.samples import sample_study
    >>> found = read_cma_daily(sample_study().parent / "meteorology" / "daily", elements=["SSD"])
    >>> list(found.data_vars)
    ['sunshine']
    """
    table = standards.table("formats/cma_daily").data
    wanted = {name.upper() for name in elements} if elements else set(table["elements"])
    files = _files(source)
    report: list[dict[str, Any]] = []
    merged: pd.DataFrame | None = None
    variables: list[str] = []
    places: list[pd.DataFrame] = []
    for element in sorted(wanted & set(files)):
        facts = table["elements"][element]
        raw = _numbers(files[element], element, len(facts["columns"]))
        places.append(_positions(raw))
        frame = _decoded(raw, element, facts, report)
        variables += list(facts["keep"])
        merged = frame if merged is None else merged.merge(frame, on=["station", "time"], how="outer")
    if merged is None:
        found = f"holds {first_few(sorted(files)) or 'no element'}"
        required = f"files of {', '.join(sorted(wanted))}"
        raise LayerError(Problem(str(source), found, required, "Check the folder.", rule="weather.elements"))
    if start is not None:
        merged = merged[merged["time"] >= pd.Timestamp(start)]
    if end is not None:
        merged = merged[merged["time"] <= pd.Timestamp(end)]
    return gridded(merged, variables, _places(places, stations, report), report)


def _files(source: Any) -> dict[str, list[tuple[Path, str | None]]]:
    """Text files by element: (path, member of the archive or None)."""
    if isinstance(source, str | os.PathLike):
        folder = existing(source, what="a folder of daily weather files", folder=True)
        paths = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else [folder]
    else:
        paths = [existing(path, what="a daily weather file") for path in source]
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
                yield f"{path.name}: {member}", archive.read(member)
    finally:
        for archive in opened.values():
            archive.close()


def _numbers(files: list[tuple[Path, str | None]], element: str, values: int) -> np.ndarray[Any, Any]:
    parts = []
    width = _FIXED + 2 * values
    for name, raw in _texts(files):
        try:
            frame = pd.read_csv(io.BytesIO(raw), sep=r"\s+", header=None, dtype=np.int64, engine="c")
        except pd.errors.EmptyDataError:
            continue
        except (ValueError, pd.errors.ParserError) as error:
            reason = str(error).splitlines()[0]
            required = f"lines of {width} integers"
            raise LayerError(
                Problem(
                    name, f"has a line that cannot be read ({reason})", required, "Mend the line.", rule="weather.line"
                )
            ) from None
        if frame.shape[1] != width:
            found = f"has {frame.shape[1]} columns"
            required = f"{width} columns for element {element}"
            raise LayerError(Problem(name, found, required, "Check element and file.", rule="weather.columns"))
        parts.append(frame.to_numpy())
    if not parts:
        raise LayerError(Problem(element, "has only empty files", "daily values", "Copy again.", rule="weather.empty"))
    return np.concatenate(parts)


def _positions(raw: np.ndarray[Any, Any]) -> pd.DataFrame:
    order = np.lexsort((raw[:, 6], raw[:, 5], raw[:, 4], raw[:, 0]))
    frame = pd.DataFrame(raw[order][:, :4], columns=["station", "lat", "lon", "elevation"])
    return frame.drop_duplicates()


def _decoded(raw: np.ndarray[Any, Any], element: str, facts: Any, report: list[dict[str, Any]]) -> pd.DataFrame:
    dates = pd.to_datetime(
        pd.DataFrame(raw[:, 4:7], columns=["year", "month", "day"]), errors="coerce"
    )  # fmt: skip
    out = pd.DataFrame({"station": raw[:, 0].astype(str), "time": dates})
    count = len(facts["columns"])
    for position, name in enumerate(facts["columns"]):
        if name not in facts["keep"]:
            continue
        values, counts = decode(
            raw[:, _FIXED + position],
            rain=bool(facts.get("rain")),
            over=float(facts.get("over", 0)),
            factor=float(facts["factor"]),
        )
        flags = raw[:, _FIXED + count + position]
        wrong = (flags == 2) & np.isfinite(values)
        values[(flags == 2) | (flags == 8)] = np.nan
        suspect = int((flags == 1).sum())
        noted = {key: value for key, value in counts.items() if value}
        if noted or wrong.any() or suspect:
            row = {"what": "codes", "element": element, "variable": name, **noted}
            report.append({**row, "wrong_rejected": int(wrong.sum()), "suspect_kept": suspect})
        out[name] = values
    bad = out["time"].isna()
    if bad.any():
        report.append({"what": "rows without date", "element": element, "count": int(bad.sum())})
    out = out[~bad]
    double = int(out.duplicated(["station", "time"]).sum())
    if double:
        report.append({"what": "days twice, the last kept", "element": element, "count": double})
        out = out.drop_duplicates(["station", "time"], keep="last")
    return out


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
    out = pd.DataFrame(
        {
            "name": "",
            "lon": degrees_of_ddmm(last["lon"]),
            "lat": degrees_of_ddmm(last["lat"]),
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
