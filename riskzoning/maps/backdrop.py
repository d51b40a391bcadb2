"""What all maps of a city share: extent, lines, rivers, relief and names; prepared once, drawn on every sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict, Unpack

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import NDArray
from rasterio.features import geometry_mask
from rasterio.transform import from_bounds

from riskzoning.errors import MissingCRSError, Phrase, Problem
from riskzoning.layers import grid_of
from riskzoning.maps.cells import Cells
from riskzoning.maps.classes import MOST_PIXELS, picture_of
from riskzoning.maps.frame import POINTS, Frame
from riskzoning.maps.furniture import words
from riskzoning.maps.inset import Inset, with_inset
from riskzoning.maps.labels import Box, Label, draw_labels, middles, place_labels
from riskzoning.maps.ranks import ranks_of, within
from riskzoning.maps.works import DrawnWorks, drawn_works, sign_boxes
from riskzoning.results import level_order

# Widths of lines in mm on paper.
_LINES: dict[str, dict[str, Any]] = {
    "city": {"linewidth": 0.8 * POINTS, "color": "#3A3A3A", "linestyle": (0, (6, 2, 1, 2))},
    "county": {"linewidth": 0.4 * POINTS, "color": "#4A4A4A", "linestyle": "-"},
    "township": {"linewidth": 0.15 * POINTS, "color": "#8A8A8A", "linestyle": "-"},
}
_BAND = {"color": "#F4C9E4", "linewidth": 2.5 * POINTS, "alpha": 0.55}
_RIVER = {"color": "#3D8FD1", "linewidth": 0.9}
_SEAT: dict[str, Any] = {
    "marker": "o",
    "markersize": 4.2,
    "markerfacecolor": "white",
    "markeredgecolor": "#222222",
    "color": "none",
}
# Rivers end this far outside the city, mm on paper: one that is the border is seen, strays are not.
_RIVERS_OUTSIDE = 1.5
# Relief under the colours: how dark the deepest shade and how bright the brightest slope may become.
_DARKEST, _BRIGHTEST = 0.4, 0.3
_SHADES = 8


class Further(TypedDict, total=False):
    """What else the backdrop of a map may have: works by kind, and what the place lies in."""

    works: Mapping[str, gpd.GeoDataFrame]
    province: gpd.GeoDataFrame | None


@dataclass(frozen=True)
class Backdrop:
    """Prepared parts of a sheet.

    Parameters
    ----------
    frame : Frame
    crs : str
        Projection of the sheet.
    lines : mapping level -> list of coordinates
        Coarsest level first.
    rivers : list of coordinates
    seats : array (n, 2)
    known_seats : bool
        The seats are given; otherwise they are the middles of the counties.
    labels : list of Label
    unnamed : int
        Units whose names found no room.
    relief : array (rows, columns, 4) uint8, optional
        Shade to lay over the colours, with its ``extent``.
    works : tuple of DrawnWorks
        Levees, reservoirs ... with their signs; a map draws them unless its legend says no.
    inset : Inset, optional
        The small map of the place in its province.

    Examples
    --------
    >>> frame = Frame.around((0, 0, 1000, 1000), width=100, height=100)
    >>> Backdrop(frame, "EPSG:4547").lines
    {}
    """

    frame: Frame
    crs: str
    lines: dict[str, list[NDArray[np.float64]]] = field(default_factory=dict)
    rivers: list[NDArray[np.float64]] = field(default_factory=list)
    seats: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    known_seats: bool = False
    labels: Sequence[Label] = ()
    relief: NDArray[np.uint8] | None = None
    extent: tuple[float, float, float, float] = (0, 0, 0, 0)
    city: Any = None
    size: str = "A3"
    level_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unnamed: int = 0
    works: tuple[DrawnWorks, ...] = ()
    inset: Inset | None = None

    @property
    def ranks(self) -> dict[str, str]:
        """How each level is drawn.

        Examples
        --------
        >>> frame = Frame.around((0, 0, 10, 10), width=100, height=100)
        >>> Backdrop(frame, "EPSG:32620", lines={"island": [], "parish": []}).ranks
        {'island': 'city', 'parish': 'county'}
        """
        return ranks_of(list(self.lines))

    def draw(self, axes: Axes) -> None:
        """Draw relief, rivers, boundary lines, seats and names over the colours of a map.

        Examples
        --------
        >>> from matplotlib.figure import Figure
        >>> axes = Figure().add_subplot()
        >>> frame = Frame.around((0, 0, 10, 10), width=100, height=100)
        >>> Backdrop(frame, "EPSG:4547", rivers=[np.array([[0.0, 0.0], [5.0, 5.0]])]).draw(axes)
        >>> len(axes.collections)
        1
        """
        if self.relief is not None:
            Cells(axes, self.relief, self.extent, order=3)
        ranks = self.ranks
        for level in (level for level in self.lines if ranks[level] == "city"):
            _add(axes, self.lines[level], 4, **_BAND)
        if self.rivers:
            _add(axes, self.rivers, 5, **_RIVER)
        for level in reversed(self.lines):
            style, order = _LINES[ranks[level]], 8 - list(_LINES).index(ranks[level])
            if ranks[level] == "county":
                _add(axes, self.lines[level], order - 0.5, color="white", linewidth=style["linewidth"] + 1)
            _add(axes, self.lines[level], order, **style)
        if len(self.seats):
            axes.plot(self.seats[:, 0], self.seats[:, 1], linestyle="none", zorder=10, **_SEAT)
        draw_labels(axes, self.labels)
        frame = self.frame
        axes.set(xlim=(frame.left, frame.right), ylim=(frame.bottom, frame.top))

    def keys(self, lang: str) -> list[tuple[str, dict[str, Any]]]:
        """Entries of the key of lines and dots: name and style.

        Examples
        --------
        >>> frame = Frame.around((0, 0, 10, 10), width=100, height=100)
        >>> Backdrop(frame, "EPSG:4547", lines={"city": []}).keys("en")[0][0]
        'City boundary'
        """
        entries = [(self._boundary(level, lang), _LINES[rank]) for level, rank in self.ranks.items()]
        if self.rivers:
            entries.append((words("river", lang), _RIVER))
        if len(self.seats):
            entries.append((self._dots(lang), _SEAT))
        return entries

    def _boundary(self, level: str, lang: str) -> str:
        own = self.level_names.get(level)
        if own is None and level in _LINES:
            return words(f"boundary_{level}", lang)
        return words("boundary_of", lang, level=level if own is None else own[lang])

    def _dots(self, lang: str) -> str:
        named = next((level for level, rank in self.ranks.items() if rank == "county"), None)
        own = None if named is None else self.level_names.get(named)
        if own is None:
            return words("seat" if self.known_seats else "seat_middle", lang)
        return words("seat_any", lang) if self.known_seats else words("middle_of", lang, level=within(own[lang]))


def backdrop_of(
    frame: Frame,
    crs: str,
    *,
    outlines: gpd.GeoDataFrame | None = None,
    rivers: gpd.GeoDataFrame | None = None,
    seats: gpd.GeoDataFrame | None = None,
    hillshade: xr.DataArray | None = None,
    size: str = "A3",
    scale: float = 1.0,
    **further: Unpack[Further],
) -> Backdrop:
    """Prepare lines, names and relief for a window and a projection."""
    levels = {} if outlines is None else _by_level(outlines, crs)
    lines = {level: line_parts(part.geometry.boundary.to_numpy()) for level, part in levels.items()}
    # Of four levels the finest two are drawn alike; names are those of the third.
    units = {rank: levels[level] for level, rank in reversed(ranks_of(list(levels)).items())}
    city = units["city"].geometry.union_all() if "city" in units else None
    towns = units.get("county")
    if seats is not None and len(seats):
        dots = shapely.get_coordinates(_projected(seats, crs, "seats").geometry.representative_point().to_numpy())
    else:
        dots = middles(towns) if towns is not None else np.empty((0, 2))
    relief, extent = (None, (0.0, 0.0, 0.0, 0.0)) if hillshade is None else _relief(hillshade, crs, city)
    place = city if city is not None or outlines is None else _whole(levels)
    frame, inset = (
        (frame, None) if (own := further.get("province")) is None else with_inset(own, place, frame, crs, scale)
    )
    drawn = drawn_works(further.get("works") or {}, frame, crs, None if place is None else _reach(place, frame))
    kept = [*sign_boxes(drawn, frame, scale), *([] if inset is None else [inset.box])]
    labels, unnamed = _labels(units, frame, dots, scale, kept)
    return Backdrop(
        frame, crs, lines, _rivers(rivers, crs, city, frame), dots, seats is not None and len(seats) > 0,
        labels, relief, extent, city, size, unnamed=unnamed, works=drawn,
        inset=inset,
    )  # fmt: skip


def _projected(frame: gpd.GeoDataFrame, crs: str, thing: str) -> gpd.GeoDataFrame:
    if frame.crs is None:
        raise MissingCRSError(Problem("maps.crs", Phrase(f"map_{thing}"), name=thing))
    return frame.to_crs(crs)


def _by_level(outlines: gpd.GeoDataFrame, crs: str) -> dict[str, gpd.GeoDataFrame]:
    frame = _projected(outlines, crs, "outlines")
    frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    if "level" not in frame.columns:
        frame = frame.assign(level="county")
    return {level: frame[frame["level"] == level] for level in level_order(frame)}


def _whole(levels: dict[str, gpd.GeoDataFrame]) -> Any:
    """The ground of all units."""
    return None if not levels else next(iter(levels.values())).geometry.union_all()


def line_parts(lines: Any) -> list[NDArray[np.float64]]:
    """Coordinates of lines, each shared piece once: dashes and halos of two neighbours would cover each other."""
    merged = shapely.line_merge(shapely.union_all(np.asarray(lines, dtype=object)))
    return [shapely.get_coordinates(part) for part in shapely.get_parts(merged) if part.geom_type == "LineString"]


def _rivers(rivers: gpd.GeoDataFrame | None, crs: str, city: Any, frame: Frame) -> list[NDArray[np.float64]]:
    if rivers is None or len(rivers) == 0:
        return []
    shapes = _projected(rivers, crs, "rivers").geometry.to_numpy()
    if city is not None:
        shapes = shapely.intersection(shapes, _reach(city, frame))
    parts = shapely.get_parts(shapes)
    kinds = shapely.get_type_id(parts)
    # An area of water is shown by its banks.
    parts = np.where(kinds == 3, shapely.boundary(parts), parts)
    return [shapely.get_coordinates(part) for part in shapely.get_parts(parts) if part.geom_type == "LineString"]


def _reach(city: Any, frame: Frame) -> Any:
    """The city and a little around it: where rivers and works end."""
    around = city.buffer(_RIVERS_OUTSIDE * frame.metres_a_millimetre, quad_segs=4)
    return around.simplify(frame.metres_a_millimetre / 2)


def _labels(
    units: dict[str, gpd.GeoDataFrame], frame: Frame, dots: NDArray[np.float64], scale: float, signs: Sequence[Box]
) -> tuple[list[Label], int]:
    """Names of counties and townships, and for how many units there was no room."""
    radius = _SEAT["markersize"] / 2 + 0.8
    taken = [(x - radius, y - radius, x + radius, y + radius) for x, y in frame.on_paper(dots)] if len(dots) else []
    taken = [*taken, *signs]
    placed: list[Label] = []
    named = 0
    for level, size, always in (("county", 11.0, True), ("township", 5.6, False)):
        if level in units and "name" in units[level].columns:
            boxes = [*taken, *(label.box for label in placed)]
            placed += place_labels(units[level], frame, size=size * scale, always=always, taken=boxes)
            named += len(units[level])
    return placed, named - len(placed)


def _relief(
    hillshade: xr.DataArray, crs: str, city: Any
) -> tuple[NDArray[np.uint8], tuple[float, float, float, float]]:
    """Shade as black or white of some opacity: level ground stays clear, so that colours there equal the legend."""
    step = max(1, int(np.ceil(max(hillshade.shape) / MOST_PIXELS)))
    thin = hillshade.isel(y=slice(None, None, step), x=slice(None, None, step))
    values = np.asarray(thin.to_numpy(), dtype=np.float32)
    shade, extent = picture_of(values, grid_of(hillshade), step, crs, resampling="bilinear", nodata=float("nan"))
    if city is not None:
        left, right, bottom, top = extent
        affine = from_bounds(left, bottom, right, top, shade.shape[1], shade.shape[0])
        shade = np.where(geometry_mask([city], shade.shape, affine), np.nan, shade)
    known = shade[np.isfinite(shade)]
    level = float(np.median(known)) if known.size else 180.0
    dark = np.clip((level - shade) / max(level, 1.0), 0, 1) * _DARKEST
    bright = np.clip((shade - level) / max(255.0 - level, 1.0), 0, 1) * _BRIGHTEST
    grey = np.where(bright > 0, 255, 0).astype(np.uint8)
    # Steps that no eye tells apart on paper: flat slopes become flat colour, which files pack well.
    alpha = (np.rint(np.nan_to_num(255 * np.maximum(dark, bright)) / _SHADES) * _SHADES).astype(np.uint8)
    return np.dstack([grey, grey, grey, alpha]), extent


def _add(axes: Axes, lines: Sequence[NDArray[np.float64]], order: float, **style: Any) -> None:
    options = {"colors": style["color"], "linewidths": style["linewidth"], "linestyles": style.get("linestyle", "-")}
    drawn = LineCollection(lines, zorder=order, alpha=style.get("alpha"), capstyle="butt", joinstyle="round", **options)
    axes.add_collection(drawn, autolim=False)
