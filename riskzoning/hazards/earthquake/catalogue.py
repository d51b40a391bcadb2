"""The catalogue of historical earthquakes (历史地震目录) as points that a map can show."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning import numerals, standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.layers.plausible import takes
from riskzoning.methods.dates import parse_dates
from riskzoning.places import degrees_of

_TABLE = "hazards/earthquake_catalogue"
_SAME_M, _DEGREE_M = 1.0, 111_000.0
# Year first, as catalogues write it; time stamps of the libraries begin in 1678, catalogues in 780 BC.
_YEAR_FIRST = (
    r"^\s*(?:公元)?(?P<before>前|-)?(?P<year>\d{1,4}(?=\s*年)|\d{3,4}(?=\s*(?:[-/.]|$)))\s*(?:年|[-/.]|$)\s*"
    r"(?:(?P<month>\d{1,2})\s*(?:月|[-/.]|$)\s*)?(?P<day>\d{1,2})?(?!\d)"
)


@takes()
def catalogue_points(catalogue: pd.DataFrame, *, least_magnitude: float | None = None) -> gpd.GeoDataFrame:
    """Earthquakes with place, year and magnitude under fixed names, the strongest first; what cannot be one is listed.

    Parameters
    ----------
    catalogue : DataFrame or GeoDataFrame
        A row an earthquake: longitude and latitude (or points), magnitude, and what else is known of the date (or year,
        month, day; a negative year or 公元前 is before Christ), depth (km), intensity (epicentre), place, accuracy.
        Columns by their usual names in Chinese or English.
    least_magnitude : float, optional
        Weaker ones are left out.

    Returns
    -------
    GeoDataFrame
        ``magnitude year month day depth_km intensity place accuracy_km`` (NaN where not known), EPSG:4490. ``class``:
        1 below 4.75, 2 below 6, 3 below 7, 4 below 8, 5 from 8 on.

    Raises
    ------
    LayerError
        There is no column of places or magnitudes, or no row is an earthquake.

    Notes
    -----
    Rows without place or magnitude, with a magnitude outside 0..10, of a year to come and doubled ones are left out and
    listed. Places of old earthquakes are off by 5 to 50 km: an accuracy in degrees is turned into km.

    Examples
    --------
    >>> rows = pd.DataFrame({"经度": [113.9, 114.1], "纬度": [35.3, 35.5], "震级": [5.5, "M7.5"], "年": [1814, 1830]})
    >>> catalogue_points(rows)[["year", "magnitude", "class"]].values.tolist()
    [[1830.0, 7.5, 4.0], [1814.0, 5.5, 2.0]]
    """
    rules, thing = standards.table(_TABLE).data, Phrase("catalogue")
    frame = pd.DataFrame({name: _column(catalogue, names) for name, names in rules["columns"].items()})
    frame = _dated(frame, thing)
    if isinstance(catalogue, gpd.GeoDataFrame) and catalogue.crs is not None:
        points = catalogue.geometry.to_crs("EPSG:4490")
        frame["longitude"], frame["latitude"] = points.x.to_numpy(), points.y.to_numpy()
    empty = [name for name in ("longitude", "latitude", "magnitude") if frame[name].isna().all()]
    if empty:
        columns = list(map(str, catalogue.columns))
        raise LayerError(Problem("earthquake.columns", thing, missing=empty, columns=columns))
    frame["accuracy_km"] = frame["accuracy_km"].fillna(frame.pop("accuracy_deg") * _DEGREE_M / 1000)
    frame = _kept(frame, thing, least_magnitude)
    frame["class"] = 1 + np.searchsorted(rules["classes"], frame["magnitude"], side="right")
    frame = frame.sort_values(["magnitude", "year"], ascending=[False, True], kind="stable").reset_index(drop=True)
    points = gpd.points_from_xy(frame.pop("longitude"), frame.pop("latitude"))
    return gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:4490")


def _column(catalogue: pd.DataFrame, names: list[str]) -> pd.Series[float] | pd.Series[str]:
    """The first column of one of the names; numbers, also where a letter stands before them (M7.5, Ms 7)."""
    lowered = {str(column).strip().lower(): column for column in catalogue.columns}
    column = next((lowered[name.lower()] for name in names if name.lower() in lowered), None)
    if column is None:
        return pd.Series(np.nan, index=range(len(catalogue)))
    values = catalogue[column].reset_index(drop=True)
    if names[0] in ("place", "date"):
        return values.astype(object)
    if names[0] in ("longitude", "latitude"):
        return values.map(_degrees).astype(np.float64)
    plain = values.map(lambda cell: cell.strip().lstrip("MmSsLlWwBb ") if isinstance(cell, str) else cell)
    return plain.map(lambda cell: numerals.number(cell)).astype(np.float64)


def _degrees(cell: object) -> float:
    """Degrees, also of degrees and minutes with their marks."""
    read = degrees_of(cell)
    return np.nan if read is None else float(read)


def _dated(frame: pd.DataFrame, thing: Phrase) -> pd.DataFrame:
    """Year, month and day from the date where they have no columns of their own; dates that are none are told."""
    dates = frame.pop("date")
    if frame["year"].notna().any() or dates.isna().all():
        return frame
    parts = dates.astype(str).str.extract(_YEAR_FIRST)
    sign = np.where(parts["before"].notna(), -1.0, 1.0)
    read = parts[["year", "month", "day"]].astype(np.float64)
    read["year"] *= sign
    left = read["year"].isna() & dates.notna()
    if left.any():
        others = parse_dates(dates[left], thing=thing)
        for name in ("year", "month", "day"):
            read.loc[left, name] = getattr(others.dt, name)
    return frame.assign(year=read["year"], month=read["month"], day=read["day"])


def _kept(frame: pd.DataFrame, thing: Phrase, least: float | None) -> pd.DataFrame:
    """The rows that are earthquakes, once each; the others are listed with why."""
    where, size = frame[["longitude", "latitude"]], frame["magnitude"]
    nowhere = where.isna().any(axis=1) | ~frame["longitude"].between(-180, 180) | ~frame["latitude"].between(-90, 90)
    none = size.isna() | ~size.between(0, 10)
    future = ~nowhere & ~none & (frame["year"] > dt.date.today().year)
    keys = frame[["longitude", "latitude", "year", "month", "day"]].round(3)
    again = ~nowhere & ~none & ~future & keys.duplicated() & frame["year"].notna()
    out = pd.Series(False, index=frame.index)
    for rule, wrong in (("place", nowhere), ("magnitude", none & ~nowhere), ("future", future), ("twice", again)):
        if wrong.any():
            rows = [int(row) + 1 for row in frame.index[wrong]]
            why = Phrase(f"catalogue_{rule}")
            note(Problem("dropped.earthquakes", thing, severity="warning", count=len(rows), rows=rows, why=why))
        out |= wrong
    if least is not None:
        out |= size < least
    kept = frame[~out]
    if kept.empty:
        raise LayerError(Problem("earthquake.no_event", thing, count=len(frame)))
    return kept.copy()
