"""Coordinates of a table as numbers: what their form is, and which of them cannot be where they say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, Severity, decided, note
from riskzoning.places.cells import Cell, read_cell
from riskzoning.places.columns import PlaceColumns
from riskzoning.places.minutes import in_minutes

Array = np.ndarray[Any, np.dtype[Any]]
_SHOWN = 5
_PAIR = r"\s*[,;，；|]\s*|\s+"


@dataclass(frozen=True, eq=False)
class Places:
    """Coordinates by row, NaN where a row has none, and why rows have none.

    Examples
    --------
    >>> Places(np.array([114.0]), np.array([35.0])).reasons
    ()
    """

    east: Array
    north: Array
    reasons: tuple[Phrase, ...] = field(default=())


@dataclass(frozen=True)
class _Table:
    """What a message says of the coordinates: the file, its columns, and what its rows are called."""

    thing: Phrase | str
    x: str
    y: str
    labels: Sequence[object]
    kind: str

    def at(self, position: int | np.integer[Any]) -> Phrase:
        return Phrase(f"at_{self.kind}", value=self.labels[int(position)])

    def problem(self, rule: str, position: int, *, field: str | None = None, **values: Any) -> Problem:
        label = self.labels[position]
        row = int(str(label)) if self.kind == "row" and str(label).isdigit() else None
        return Problem(rule, self.thing, row=row, field=field, **values)


def read_places(
    frame: pd.DataFrame,
    columns: PlaceColumns,
    *,
    thing: Phrase | str,
    geographic: bool = True,
    kind: str = "row",
) -> Places:
    """The coordinates of a table as numbers, in whatever notation they stand.

    Parameters
    ----------
    frame : DataFrame
        The index names the rows, for messages.
    columns : PlaceColumns
        With ``x`` and ``y``.
    thing : Phrase or str
        The file, for messages.
    geographic : bool
        Degrees; else eastings and northings, of which only the notation is read.
    kind : {"row", "station"}
        What the index holds.

    Returns
    -------
    Places
        Longitudes within -180..180.

    Raises
    ------
    LayerError
        As of :func:`check_degrees`; cells of one column name the other axis.

    Examples
    --------
    >>> table = pd.DataFrame({"经度": ["113°54′E", ""], "纬度": ["35.3", "35"]}, index=[2, 3])
    >>> places = read_places(table, PlaceColumns("经度", "纬度"), thing="a.csv")
    >>> float(places.east[0]), [str(reason) for reason in places.reasons]
    (113.9, ['row 3: no coordinates'])
    """
    assert columns.x is not None
    assert columns.y is not None
    table = _Table(thing, columns.x, columns.y, list(frame.index), kind)
    if columns.pair:
        eastern, northern = _pairs(frame[columns.x], turned=columns.turned, geographic=geographic)
    else:
        eastern, northern = (_cells(frame[name], geographic=geographic) for name in (columns.x, columns.y))
    if geographic:
        _check_letters(eastern, northern, table)
    east, north, reasons = _numbers(frame, eastern, northern, table, geographic=geographic)
    if geographic:
        east, north = check_degrees(
            east, north, thing=thing, labels=table.labels, columns=(table.x, table.y), kind=kind,
            minutes=columns.minutes and all(map(_is_plain, (frame[table.x], frame[table.y]))),
        )  # fmt: skip
    return Places(east, north, tuple(reasons))


def _cells(column: pd.Series[Any], *, geographic: bool) -> list[Cell]:
    if pd.api.types.is_numeric_dtype(column):
        return [Cell(value) for value in column.to_numpy(dtype=float, na_value=np.nan)]
    return [read_cell(value, geographic=geographic) for value in column]


def _is_plain(column: pd.Series[Any]) -> bool:
    """Whether every cell is a mere number, without marks of degrees."""
    filled = column[column.notna() & (column.astype(str).str.strip() != "")]
    return bool(pd.to_numeric(filled, errors="coerce").notna().all())


def _pairs(column: pd.Series[Any], *, turned: bool, geographic: bool) -> tuple[list[Cell], list[Cell]]:
    """Both coordinates out of one cell; brackets around them and the word POINT of a WKT do not count."""
    text = column.astype("string").fillna("").str.replace(r"(?i)point", "", regex=True).str.strip(" ()[]（）")
    parts = [re.split(_PAIR, value) for value in text]
    good = [len(part) == 2 for part in parts]
    cells = [
        [read_cell(part[place] if fits else "" if not whole else "?", geographic=geographic) for place in (0, 1)]
        for part, fits, whole in zip(parts, good, text, strict=True)
    ]
    first, second = [pair[0] for pair in cells], [pair[1] for pair in cells]
    return (second, first) if turned else (first, second)


def _check_letters(eastern: list[Cell], northern: list[Cell], table: _Table) -> None:
    """E and W belong to longitudes, N and S to latitudes."""
    for cells, other, name in ((eastern, "y", table.x), (northern, "x", table.y)):
        wrong = [position for position, cell in enumerate(cells) if cell.value is not None and cell.axis == other]
        if wrong:
            value = cells[wrong[0]].value
            facts: dict[str, Any] = {"value": value, "count": len(wrong), "total": len(cells)}
            kind = Phrase("axis_latitude" if other == "y" else "axis_longitude")
            wanted = Phrase("axis_longitude" if other == "y" else "axis_latitude")
            raise LayerError(
                table.problem("points.swapped", wrong[0], field=name, at=table.at(wrong[0]), kind=kind, wanted=wanted,
                              **facts)
            )  # fmt: skip


def _numbers(
    frame: pd.DataFrame, eastern: list[Cell], northern: list[Cell], table: _Table, *, geographic: bool
) -> tuple[Array, Array, list[Phrase]]:
    """Coordinates by row (NaN: none), and why rows have none."""
    missing = standards.table("formats/place_columns").data["missing"]
    east, north = (
        np.array([np.nan if cell.value is None else cell.value for cell in cells], dtype=float)
        for cells in (eastern, northern)
    )
    marked = np.isin(east, missing), np.isin(north, missing)
    for values, mark in zip((east, north), marked, strict=True):
        values[mark if geographic else marked[0] & marked[1]] = np.nan
    reasons = []
    for position in range(len(frame)):
        unread = next((name for name, cells in ((table.x, eastern), (table.y, northern))
                       if cells[position].value is None), None)  # fmt: skip
        at = table.at(position)
        if unread is not None:
            text = frame[unread].iloc[position]
            reasons.append(Phrase("place_unreadable", at=at, column=unread, text=text))
        elif not (np.isfinite(east[position]) and np.isfinite(north[position])):
            reasons.append(Phrase("place_missing", at=at))
        elif geographic and east[position] == 0 and north[position] == 0:
            reasons.append(Phrase("place_zero", at=at))
            east[position] = np.nan
    return east, north, reasons


def is_turned(east: Array, north: Array) -> Array:
    """Which places can only be meant the other way round: beyond the poles, or in China only when turned.

    Examples
    --------
    >>> is_turned(np.array([35.3, 113.9]), np.array([113.9, 35.3])).tolist()
    [True, False]
    """
    with np.errstate(invalid="ignore"):
        beyond = (np.abs(north) > 90) & (np.abs(north) <= 180) & (np.abs(east) <= 90)
    return np.asarray(beyond | (~_in_china(east, north) & _in_china(north, east)))


def _in_china(east: Array, north: Array) -> Array:
    rules = standards.table("admin/checks").data
    (west, right), (south, top) = rules["china_lon"], rules["china_lat"]
    with np.errstate(invalid="ignore"):
        return np.asarray((east >= west) & (east <= right) & (north >= south) & (north <= top))


def check_degrees(
    east: Array,
    north: Array,
    *,
    thing: Phrase | str,
    labels: Sequence[object],
    columns: tuple[str, str] = ("lon", "lat"),
    kind: str = "row",
    minutes: bool = False,
) -> tuple[Array, Array]:
    """Longitudes and latitudes as they are meant; refused where they cannot be any.

    Degrees and minutes in one number (11354 = 113° 54′) are read where both columns hold nothing else, with a warning;
    longitudes of 0..360 become those of -180..180.

    Parameters
    ----------
    east, north : array
        Degrees; NaN where there are none.
    thing : Phrase or str
        The file or input, for messages.
    labels : sequence
        Names of the rows.
    columns : (str, str)
    kind : {"row", "station"}
        What the labels are.
    minutes : bool
        The headings say that degrees and minutes stand in one number.

    Raises
    ------
    LayerError
        Latitude and longitude are swapped, some or all numbers are no degrees; with column and rows.

    Examples
    --------
    >>> try:
    ...     check_degrees(np.array([35.3]), np.array([113.9]), thing="a.csv", labels=[2])
    ... except LayerError as error:
    ...     print(error.problems[0].thing, error.problems[0].found)
    a.csv, row 2, field 'lon' holds the latitude 35.3 (row 2; 1 of 1)
    """
    table = _Table(thing, *columns, labels, kind)
    east, north = _without_minutes(east, north, table, minutes)
    _refuse(east, north, table)
    with np.errstate(invalid="ignore"):
        round_ = np.isfinite(east) & np.isfinite(north) & (east > 180)
    if round_.any():
        decided(thing, "places", Phrase("longitudes_0_360"), why="values")
        east = np.where(round_, east - 360, east)
    return east, north


def _refuse(east: Array, north: Array, table: _Table) -> None:
    """Raise where most places can only be meant the other way round, or some are no degrees."""
    there = np.isfinite(east) & np.isfinite(north)
    turned = is_turned(east, north) & there
    if turned.sum() > there.sum() / 2:
        first = int(np.flatnonzero(turned)[0])
        facts: dict[str, Any] = {"value": float(east[first]), "count": int(turned.sum()), "total": int(there.sum())}
        words = {"at": table.at(first), "kind": Phrase("axis_latitude"), "wanted": Phrase("axis_longitude")}
        raise LayerError(table.problem("points.swapped", first, field=table.x, **facts, **words))
    with np.errstate(invalid="ignore"):
        impossible = there & ((np.abs(north) > 90) | (np.abs(east) > 360))
    if impossible.any():
        raise LayerError(_no_degrees(east, north, impossible, there, turned, table))


def check_frame(frame: gpd.GeoDataFrame, thing: Phrase | str) -> None:
    """Refuse features in degrees of which most lie where they are meant only when turned, or beyond the poles.

    Parameters
    ----------
    frame : GeoDataFrame
        Without missing geometries; one with another CRS than degrees is passed over.
    thing : Phrase or str
        What the features are, for messages.

    Raises
    ------
    LayerError
        With the first feature by its index.

    Examples
    --------
    >>> swapped = gpd.GeoDataFrame(geometry=gpd.points_from_xy([35.3], [113.9]), crs="EPSG:4490")
    >>> try:
    ...     check_frame(swapped, "stations")
    ... except LayerError as error:
    ...     print(error.problems[0].rule)
    points.swapped
    """
    if frame.crs is None or not frame.crs.is_geographic or not len(frame):
        return
    west, south, east, north = shapely.bounds(frame.geometry.to_numpy()).T
    table = _Table(thing, "x", "y", list(frame.index), "feature")
    _refuse(np.where(np.isfinite(west), (west + east) / 2, np.nan), (south + north) / 2, table)


def _no_degrees(east: Array, north: Array, impossible: Array, there: Array, turned: Array, table: _Table) -> Problem:
    first = int(np.flatnonzero(impossible)[0])
    if impossible.sum() == there.sum():
        numbers: dict[str, Any] = {"x": float(east[first]), "y": float(north[first])}
        box = [f"{value:.10g}" for value in (np.nanmin(east), np.nanmin(north), np.nanmax(east), np.nanmax(north))]
        return table.problem("points.no_degrees", first, columns=[table.x, table.y], box=box, **numbers)
    shown = [
        Phrase("place_swapped" if turned[i] else "place_numbers", at=table.at(i), x=float(east[i]), y=float(north[i]))
        for i in np.flatnonzero(impossible)[:_SHOWN]
    ]
    return table.problem(
        "points.range", first, count=int(impossible.sum()), rows=shown, columns=[table.x, table.y]
    )  # fmt: skip


def _without_minutes(east: Array, north: Array, table: _Table, stated: bool) -> tuple[Array, Array]:
    """Degrees and minutes in one number as degrees, when both columns can only be meant so."""
    read = in_minutes(east, north, stated=stated)
    if read is None:
        return east, north
    there = np.isfinite(east) & np.isfinite(north)
    first = int(np.flatnonzero(there)[0])
    example: dict[str, Any] = {
        "x": f"{east[first]:.10g}", "y": f"{north[first]:.10g}", "lon": f"{read[0][first]:.6f}",
        "lat": f"{read[1][first]:.6f}",
    }  # fmt: skip
    wrong = there & ~(np.isfinite(read[0]) & np.isfinite(read[1]))
    if wrong.any():
        places = [table.at(i) for i in np.flatnonzero(wrong)]
        at = int(np.flatnonzero(wrong)[0])
        first = int(np.flatnonzero(there & ~wrong)[0])
        odd: dict[str, Any] = {"x": f"{east[at]:.10g}", "y": f"{north[at]:.10g}", "count": len(places), "rows": places}
        example = {"good_x": f"{east[first]:.10g}", "good_y": f"{north[first]:.10g}"}
        raise LayerError(table.problem("points.minutes_mixed", at, columns=[table.x, table.y], **odd, **example))
    decided(table.thing, "places", Phrase("degrees_and_minutes"), why="values")
    # Where the headings say so, nothing was decided that anybody has to look at.
    severity: Severity = "info" if stated else "warning"
    note(Problem("points.minutes", table.thing, severity=severity, columns=[table.x, table.y], **example))
    return read
