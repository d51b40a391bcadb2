"""Where the stations of a table stand: in the table itself, by the one parser of places, or in a list of stations."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from riskzoning.errors import Problem, note
from riskzoning.io.tables.points import placed, taken_columns
from riskzoning.io.weather.decoding import elevation_metres
from riskzoning.places import PlaceColumns, place_columns


def table_places(
    frame: pd.DataFrame,
    labels: pd.Series[Any],
    places: Mapping[str, str],
    path: str | os.PathLike[str],
    *,
    tenths: bool,
) -> pd.DataFrame:
    """Places of stations by their rows: index ``station``, columns ``name lon lat elevation``; NaN where unknown.

    ``places`` are the columns of name and elevation; ``tenths`` tables have elevations in tenths of metres and, where
    no degrees can be so large, coordinates in degrees and minutes.
    """
    last = frame.groupby(labels).last()
    height, name = places.get("elevation"), places.get("name")
    out = pd.DataFrame(index=last.index)
    out["name"] = last[name].astype(str) if name else ""
    values = pd.to_numeric(last[height], errors="coerce") if height else np.nan
    out["elevation"] = elevation_metres(values) if tenths and height else values
    spots = _spots(frame, labels, Path(path), tenths=tenths)
    return out.join(spots)[["name", "lon", "lat", "elevation"]]


def _spots(frame: pd.DataFrame, labels: pd.Series[Any], path: Path, *, tenths: bool) -> pd.DataFrame:
    usual = place_columns(frame.columns)
    if usual.x is None and usual.y is None and not usual.several:
        return pd.DataFrame({"lon": np.nan, "lat": np.nan}, index=pd.Index(sorted(labels.unique())))
    taken = taken_columns(frame, path)
    assert taken.x is not None
    assert taken.y is not None
    columns = list(dict.fromkeys((taken.x, taken.y)))
    texts = frame[columns].astype("string").fillna("").apply(lambda column: column.str.strip())
    filled = (texts != "").all(axis=1)
    rows = frame.loc[filled, columns].assign(station=labels[filled])
    # Each place of a station once; the last one counts.
    once = rows[~pd.concat([texts[filled], labels[filled].rename("station")], axis=1).duplicated(keep="last")]
    moved = once["station"][once["station"].duplicated()].unique()
    if len(moved):
        names = [str(name) for name in moved]
        note(Problem("stations.twice", path, severity="warning", count=len(names), names=names))
    once = once[~once["station"].duplicated(keep="last")]
    read = placed(once, _form(once, taken, tenths), path)
    return pd.DataFrame({"lon": read.east, "lat": read.north}, index=pd.Index(once["station"]))


def _form(rows: pd.DataFrame, taken: PlaceColumns, tenths: bool) -> PlaceColumns:
    """Exports in tenths keep degrees and minutes in one number, and no word of it is needed."""
    minutes = tenths and bool((pd.to_numeric(rows[taken.x], errors="coerce").abs() > 360).any())
    return replace(taken, minutes=taken.minutes or minutes)
