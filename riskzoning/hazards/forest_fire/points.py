"""From satellite fire points to forest fires: what is left out and why, and which detections are one fire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from riskzoning import numerals, standards
from riskzoning.errors import LayerError, MissingCRSError, Phrase, Problem, decided, note
from riskzoning.hazards.cells import Array
from riskzoning.hazards.inputs import Facts
from riskzoning.layers import grid_of
from riskzoning.layers.plausible import takes
from riskzoning.methods.columns import named_columns
from riskzoning.methods.dates import clock_minutes, parse_dates
from riskzoning.methods.density import kernel_density
from riskzoning.places import place_columns, read_places

_WINDOW_POINTS = 2000
_SHOWN = 5
_YEAR_DAYS = 365
_ROUNDING_M = 1e-3
# FIRMS gives degrees of it.
_WGS84 = "EPSG:4326"


@takes()
def ignition_density(points: gpd.GeoDataFrame, grid: GeoBox, *, radius_m: float) -> xr.DataArray:
    """Density of ignitions: quartic kernel (四次核密度) of fire points, events per km2.

    A point adds ``3/(pi r^2) (1 - (d/r)^2)^2`` within the radius r, which is one event in all.

    Parameters
    ----------
    points : GeoDataFrame
        Fires, in any CRS.
    grid : GeoBox
        Projected.
    radius_m : float
        Radius of the kernel, m.

    Returns
    -------
    layer
        Quantity ``event_density``, 1/km2; 0 beyond the radius of every point.

    Raises
    ------
    LayerError
        The grid is geographic or the radius is not above 0.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> geobox = analysis_grid((0, 0, 300, 300), crs="EPSG:4547", resolution=100)
    >>> fire = gpd.GeoDataFrame(geometry=gpd.points_from_xy([150], [150]), crs="EPSG:4547")
    >>> round(float(ignition_density(fire, geobox, radius_m=1000)[1, 1]), 5)
    0.95493
    """
    return kernel_density(points, grid, radius_m=radius_m)


@dataclass(frozen=True, eq=False)
class FireEvents:
    """Forest fires among satellite points.

    Parameters
    ----------
    events : GeoDataFrame
        One row a fire, in the CRS of the grid: ``date`` (of its first detection, local), ``detections``, the centre.
    report : dict
        How many points there were, how many of them are detections of forest fires, how many fires these are, and how
        many points were left out for each reason.
    years : float, optional
        Years that the points cover, from the first to the last of all that are not a static source, forest fires or
        not; None without dates.

    Examples
    --------
    >>> FireEvents(gpd.GeoDataFrame(), {"points": 3, "kept": 2}).report["kept"]
    2
    """

    events: gpd.GeoDataFrame
    report: dict[str, int] = field(default_factory=dict)
    years: float | None = None


@takes()
def fire_events(points: gpd.GeoDataFrame | pd.DataFrame, landcover: xr.DataArray | None, grid: GeoBox) -> FireEvents:
    """Forest and grassland fires among satellite fire points; every point that is left out is counted with its reason.

    Left out, in this order: low confidence, other than vegetation fires, outside the grid, static heat sources (a
    circle as large as a cell of the table in which something burns on many days of one year), crop residue (on cropland
    in the months of harvest), far from forest, shrub and grass. What is left is joined to fires: detections near in
    place and time are one. A column that is missing, or a value that cannot be read, leaves its rule out, with a
    warning; limits stand in ``hazards/forest_fire_points``.

    Parameters
    ----------
    points : GeoDataFrame or DataFrame
        FIRMS columns ``confidence type acq_date acq_time`` where there are, in any case; confidence in percent or as
        words, dates in any clear form, times HHMM in UTC. A plain table has ``latitude longitude`` in WGS 84.
    landcover : layer, optional
        Class codes on the grid; 0 is no data. Without it neither cropland nor distance can be judged.
    grid : GeoBox
        Projected.

    Returns
    -------
    FireEvents

    Raises
    ------
    MissingCRSError
        The points have no CRS.
    LayerError
        The grid is geographic, or a plain table has no coordinates.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> geobox = analysis_grid((0, 0, 9000, 9000), crs="EPSG:4547", resolution=100)
    >>> fires = gpd.GeoDataFrame({"confidence": [90, 80, 10], "type": 0, "acq_date": "2020-02-01"},
    ...     geometry=gpd.points_from_xy([1000, 1500, 5000], [1000, 1000, 5000]), crs="EPSG:4547")
    >>> found = fire_events(fires, None, geobox)
    >>> found.report["low_confidence"], len(found.events)
    (1, 1)
    """
    rules = standards.table("hazards/forest_fire_points").data
    points = _placed(points)
    _check_points(points, grid)
    points = named_columns(points, rules["columns"], Phrase("fire_points"))
    _tell_missing(points)
    place = points.to_crs(grid.crs)
    x, y = place.geometry.x.to_numpy(), place.geometry.y.to_numpy()
    dates = local_dates(points, utc_offset_h=rules["utc_offset_h"])
    kept = np.ones(len(points), dtype=bool)
    report = {"points": len(points)}

    def leave_out(reason: str, wrong: Array) -> None:
        report[reason] = int(np.count_nonzero(kept & wrong))
        kept[wrong] = False

    leave_out("low_confidence", ~_confident(points, rules))
    leave_out("other_type", _other_type(points, rules["vegetation_type"]))
    # A plant on the border of the grid is judged by all of its detections.
    static = _static(x, y, dates, kept & _inside(x, y, grid, margin=2 * rules["static_cell_m"]), rules)
    leave_out("outside", ~_inside(x, y, grid))
    leave_out("static_source", static)
    if landcover is not None:
        code, near = _surroundings(x, y, kept, landcover, rules)
        harvest = dates.dt.month.isin(rules["harvest_months"]).to_numpy() | dates.isna().to_numpy()
        leave_out("crop_residue", np.isin(code, rules["cropland_codes"]) & (harvest | ~near))
        leave_out("far_from_forest", ~near)
    report["kept"] = int(kept.sum())
    events = _joined(x[kept], y[kept], dates[kept], rules, grid)
    report["fires"] = len(events)
    return FireEvents(events, report, _years(dates[~static]))


def _rules() -> Facts:
    rules: Facts = standards.table("hazards/forest_fire_points").data
    return rules


def _inside(x: Array, y: Array, grid: GeoBox, margin: float = 0.0) -> Array:
    left, bottom, right, top = grid.boundingbox
    across = (x >= left - margin) & (x <= right + margin)
    return np.asarray(across & (y >= bottom - margin) & (y <= top + margin))


def _years(dates: pd.Series) -> float | None:
    """From the first to the last year of the dates; None without any."""
    years = dates.dropna().dt.year
    return float(years.max() - years.min() + 1) if len(years) else None


def _placed(points: gpd.GeoDataFrame | pd.DataFrame) -> gpd.GeoDataFrame:
    """A plain table as points at its degrees; a row without a place lies outside of every grid."""
    if isinstance(points, gpd.GeoDataFrame):
        return points
    columns = place_columns(points.columns)
    if columns.x is None or columns.y is None:
        given = [str(name) for name in points.columns]
        raise LayerError(Problem("forest_fire.points_places", Phrase("fire_points"), columns=given))
    places = read_places(points, columns, thing=Phrase("fire_points"))
    return gpd.GeoDataFrame(points, geometry=gpd.points_from_xy(places.east, places.north), crs=_WGS84)


def _check_points(points: gpd.GeoDataFrame, grid: GeoBox) -> None:
    if points.crs is None:
        raise MissingCRSError(Problem("forest_fire.points_crs", Phrase("fire_points")))
    if grid.crs is None or grid.crs.geographic:
        raise LayerError(Problem("forest_fire.points_grid", Phrase("fire_points"), crs=str(grid.crs)))


@takes()
def local_dates(points: pd.DataFrame, *, utc_offset_h: float = 8) -> pd.Series:
    """Local dates of detections from ``acq_date`` and ``acq_time`` (HHMM in UTC); NaT where there is none.

    Parameters
    ----------
    points : DataFrame
        ``acq_date`` as dates, ISO text or d/m/yyyy; ``acq_time`` as HHMM, 16:30 or times, midnight where it is missing.
    utc_offset_h : float
        Hours that local time is ahead of UTC.

    Examples
    --------
    >>> table = pd.DataFrame({"acq_date": ["2003-02-07", "2003-02-07"], "acq_time": [1806, 259]})
    >>> local_dates(table).dt.strftime("%m-%d").tolist()
    ['02-08', '02-07']
    """
    points = named_columns(points, _rules()["columns"], Phrase("fire_points"))
    if "acq_date" not in points.columns:
        return pd.Series(pd.NaT, index=points.index, dtype="datetime64[ns]")
    dates = parse_dates(points["acq_date"])
    if "acq_time" in points.columns:
        minutes = clock_minutes(points["acq_time"])
        said = points["acq_time"].notna() & (points["acq_time"].astype(str).str.strip() != "")
        _tell_unread(points["acq_time"], (minutes.isna() & said).to_numpy(), "rule_time")
        minutes = minutes.fillna(0)
        dates = dates.dt.normalize() + pd.to_timedelta(minutes, unit="min") + pd.Timedelta(hours=utc_offset_h)
    return dates.dt.normalize().astype("datetime64[ns]")


def _tell_missing(points: pd.DataFrame) -> None:
    """Note the columns that are not there: their rules are not applied."""
    rules = {"confidence": "rule_confidence", "type": "rule_type", "acq_date": "rule_date"}
    lacking = [column for column in rules if column not in points.columns]
    if lacking and len(points):
        left_out = [Phrase(rules[column]) for column in lacking]
        facts: dict[str, Any] = {"columns": lacking, "rules": left_out, "count": len(points)}
        note(Problem("forest_fire.points_column", Phrase("fire_points"), severity="warning", **facts))


def _tell_unread(cells: pd.Series, unread: Array, rule: str) -> None:
    if unread.any():
        texts = [str(text) for text in cells[unread].unique()[:_SHOWN]]
        facts: dict[str, Any] = {"column": str(cells.name), "count": int(unread.sum()), "texts": texts}
        thing = Phrase("fire_points")
        note(Problem("forest_fire.points_unread", thing, severity="warning", purpose=Phrase(rule), **facts))


def _confident(points: pd.DataFrame, rules: Facts) -> Any:
    """Which detections are certain enough; one whose confidence is missing or cannot be read is not left out."""
    if "confidence" not in points.columns:
        return np.ones(len(points), dtype=bool)
    cells = points["confidence"]
    number = np.array([numerals.number(cell) for cell in cells], dtype=np.float64)
    if np.isfinite(number).any() and 0 < np.nanmax(number) <= 1:
        # A share of 1 instead of percent.
        number = number * 100
        decided(Phrase("fire_points"), "units", Phrase("confidence_share"), why="values")
    word = cells.astype(str).str.strip().str.lower()
    certain, uncertain = word.isin(rules["text_confidence"]), word.isin(rules["text_uncertain"])
    empty = cells.isna() | (word == "")
    _tell_unread(cells, np.asarray(np.isnan(number) & ~certain & ~uncertain & ~empty), "rule_confidence")
    known = np.isfinite(number)
    return np.where(known, number >= rules["min_confidence"], ~uncertain)


def _other_type(points: pd.DataFrame, vegetation: int) -> Any:
    if "type" not in points.columns:
        return np.zeros(len(points), dtype=bool)
    number = pd.to_numeric(points["type"], errors="coerce")
    said = points["type"].notna() & (points["type"].astype(str).str.strip() != "")
    _tell_unread(points["type"], (number.isna() & said).to_numpy(), "rule_type")
    return (number.notna() & (number != vegetation)).to_numpy()


def _static(x: Array, y: Array, dates: pd.Series, kept: Array, rules: Facts) -> Array:
    """Detections in a circle, as large as a cell of the table, in which something burns on many days of one year.

    Circles lie around the detections and years begin with them: no lattice and no New Year parts a plant.
    """
    static = np.zeros(x.size, dtype=bool)
    chosen = np.flatnonzero(kept)
    day = dates.to_numpy().astype("datetime64[D]").astype(np.float64)[chosen]
    day[dates.isna().to_numpy()[chosen]] = np.nan
    least = int(rules["static_per_year"])
    # Coordinates come from another CRS, with its rounding.
    radius = float(rules["static_cell_m"]) / np.sqrt(np.pi) + _ROUNDING_M
    tree = cKDTree(np.column_stack([x[chosen], y[chosen]]))
    for near in tree.query_ball_point(tree.data, radius) if len(chosen) else ():
        burnt = day[near]
        # A fire of several days is no static source: days count, not detections.
        days = np.unique(burnt[np.isfinite(burnt)])
        if days.size < least:
            continue
        first, last = days[: days.size - least + 1], days[least - 1 :]
        many = last - first < _YEAR_DAYS
        during = ((burnt[:, None] >= first[many]) & (burnt[:, None] < first[many] + _YEAR_DAYS)).any(axis=1)
        # What burns there without a date is the plant as well.
        static[chosen[near]] |= during | (np.isnan(burnt) & many.any())
    return static


def _surroundings(x: Array, y: Array, kept: Array, landcover: xr.DataArray, rules: Facts) -> tuple[Any, Any]:
    """Land cover at each point, and whether forest, shrub or grass is within the buffer; only windows are read."""
    grid = grid_of(landcover, name="landcover")
    cell = max(abs(grid.affine.a), abs(grid.affine.e))
    reach = int(np.ceil(rules["buffer_m"] / cell))
    dy, dx = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    step = np.hypot(dy * abs(grid.affine.e), dx * abs(grid.affine.a)).ravel()
    close = step <= rules["buffer_m"]
    dy, dx, step = dy.ravel()[close], dx.ravel()[close], step[close]
    column, row = ~grid.affine * (x, y)
    height, width = grid.shape
    row, column = np.minimum(np.floor(row), height - 1), np.minimum(np.floor(column), width - 1)
    code, near = np.zeros(x.size, dtype=np.int64), np.zeros(x.size, dtype=bool)
    chosen = np.flatnonzero(kept)
    for first in range(0, chosen.size, _WINDOW_POINTS):
        part = chosen[first : first + _WINDOW_POINTS]
        rows, columns = row[part, None].astype(int) + dy, column[part, None].astype(int) + dx
        there = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        values = _cells(landcover, rows.clip(0, height - 1), columns.clip(0, width - 1))
        near[part] = (np.isin(values, rules["wild_codes"]) & there).any(axis=1)
        code[part] = values[:, np.flatnonzero(step == 0)[0]]
    return code, near


def _cells(layer: xr.DataArray, rows: Array, columns: Array) -> Any:
    """Values of single cells, also of a lazy layer."""
    data = layer.data
    if layer.chunks is None:
        return np.asarray(data)[rows, columns]
    return np.asarray(data.vindex[rows.ravel(), columns.ravel()]).reshape(rows.shape)


def _joined(x: Array, y: Array, dates: pd.Series, rules: Facts, grid: GeoBox) -> gpd.GeoDataFrame:
    """One row for detections that are near each other in place and time; without a date each is its own fire."""
    size = x.size
    label = np.arange(size)
    if size > 1:
        pairs = cKDTree(np.column_stack([x, y])).query_pairs(rules["cluster_m"], output_type="ndarray")
        day = dates.to_numpy().astype("datetime64[D]").astype(np.float64)
        day[dates.isna().to_numpy()] = np.nan
        pairs = pairs[np.abs(day[pairs[:, 0]] - day[pairs[:, 1]]) <= rules["cluster_days"]]
        links = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
        label = connected_components(links, directed=False)[1]
    frame = pd.DataFrame({"x": x, "y": y, "date": dates.to_numpy(), "label": label})
    grouped = frame.groupby("label")
    fires = grouped.agg(x=("x", "mean"), y=("y", "mean"), date=("date", "min"), detections=("x", "size"))
    fires = fires.sort_values(["date", "x", "y"]).reset_index(drop=True)
    geometry = gpd.points_from_xy(fires["x"], fires["y"])
    return gpd.GeoDataFrame(fires[["date", "detections"]], geometry=geometry, crs=grid.crs)
