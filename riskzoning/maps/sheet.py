"""The sheet: map frame, graticule, administrative lines, legend panel and footers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import matplotlib.patheffects as effects
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap, to_rgba
from matplotlib.figure import Figure
from pyproj import CRS, Transformer
from rasterio.features import sieve

from riskzoning import standards
from riskzoning.errors import LayerError, Problem
from riskzoning.layers import grid_of
from riskzoning.maps.fonts import with_cjk_font
from riskzoning.maps.furniture import ClassRow, bars, legend, line_key, north_arrow, scale_bar, top_table, words
from riskzoning.maps.labels import label_units

__all__ = ["MapNotes", "zoning_map"]

# Inches, landscape.
_SIZES = {"A4": (11.69, 8.27), "A3": (16.54, 11.69), "A1": (33.11, 23.39)}
# Widths of lines in points: 0.8, 0.4 and 0.15 mm.
_LINES: dict[str, dict[str, Any]] = {
    "city": {"linewidth": 2.27, "color": "#3A3A3A", "linestyle": (0, (6, 2, 1, 2))},
    "county": {"linewidth": 1.13, "color": "#4A4A4A", "linestyle": "-"},
    "township": {"linewidth": 0.43, "color": "#8A8A8A", "linestyle": "-"},
}
_RIVER = {"color": "#3D8FD1", "linewidth": 0.9}
_SMALLEST_PATCH_MM2 = 4.0
_MOST_PIXELS = 2400


@dataclass(frozen=True)
class MapNotes:
    """What stands in the footers of a map.

    Examples
    --------
    >>> MapNotes(data_date="2026-06-30").review_number is None
    True
    """

    review_number: str | None = None
    data_date: str = ""
    method: str = ""
    status: Mapping[str, int] | None = None
    run: str = ""


def zoning_map(
    units_or_layer: gpd.GeoDataFrame | xr.DataArray,
    *,
    column: str | None = None,
    title: str,
    lang: str = "zh",
    scheme: str = "risk_5",
    palette: str | None = None,
    breaks: Sequence[float] | None = None,
    closed: str = "right",
    value_column: str | None = None,
    people: str | pd.Series | None = None,
    outlines: gpd.GeoDataFrame | None = None,
    rivers: gpd.GeoDataFrame | None = None,
    hillshade: xr.DataArray | None = None,
    notes: MapNotes | None = None,
    size: str = "A3",
    crs: str = "EPSG:4547",
) -> Figure:
    """A zoning map (区划图) of grades, ready to print.

    Parameters
    ----------
    units_or_layer : GeoDataFrame or DataArray
        Units with a column of grades, or a grade layer; 0 or NaN is no data.
    column : str
        The column of grades (units only).
    title : str
    lang : {"zh", "en"}
        Falls back to ``en`` where no font with Chinese glyphs is found.
    scheme : str
        Scheme of ``grades/schemes``: number and names of the classes.
    palette : str, optional
        Palette of ``palettes/grades``; default ``risk_5``.
    breaks : sequence of float, optional
        Upper bounds of the classes for the legend; ``closed`` says which end belongs to a class.
    value_column : str, optional
        Column of the index, for the table of the highest units.
    people : str or Series, optional
        Column of residents, or residents by grade, for the bars.
    outlines : GeoDataFrame, optional
        Units of all levels (column ``level``): boundary lines and names.
    rivers : GeoDataFrame, optional
    hillshade : DataArray, optional
        0..255, drawn under the colours.
    notes : MapNotes, optional
        Footers. Without a review number the map says that it is a sketch; no number is ever invented.
    size : {"A4", "A3", "A1"}
    crs : str
        Projection of the sheet.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    LayerError
        The column does not exist or holds grades that the scheme does not have.

    Examples
    --------
    >>> from shapely import box
    >>> units = gpd.GeoDataFrame(
    ...     {"name": ["A", "B"], "level": "county", "grade": [1, 5]},
    ...     geometry=[box(500000, 3900000, 520000, 3920000), box(520000, 3900000, 540000, 3920000)],
    ...     crs="EPSG:4547",
    ... )
    >>> figure = zoning_map(units, column="grade", title="Risk", lang="en", outlines=units)
    >>> type(figure).__name__
    'Figure'
    """
    notes = notes or MapNotes()
    with with_cjk_font() as chinese:
        lang = lang if chinese or lang == "en" else "en"
        grades = _grades(units_or_layer, column, scheme, crs)
        rows = _class_rows(grades, scheme, palette or "risk_5", breaks, people, lang)
        figure = Figure(figsize=_SIZES[size], facecolor="white")
        FigureCanvasAgg(figure)
        scale = _SIZES[size][0] / _SIZES["A3"][0]
        axes = figure.add_axes((0.045, 0.075, 0.70, 0.845))
        extent = _frame(axes, grades, outlines, crs, figure)
        if hillshade is not None:
            _draw_hillshade(axes, hillshade)
        colours = {row.grade: row.colour for row in rows}
        _draw_grades(axes, grades, colours, over_relief=hillshade is not None)
        keys = _draw_lines(axes, outlines, rivers, crs, lang)
        _graticule(axes, extent, crs)
        scale_bar(axes, lang=lang)
        north_arrow(axes, lang=lang)
        _draw_labels(axes, outlines, crs, scale)
        _panel(figure, grades, rows, keys, value_column, colours, closed if breaks is not None else "", lang)
        figure.suptitle(title, x=0.395, y=0.972, fontsize=20 * scale, va="center")
        _footers(figure, notes, crs, lang)
        # Text is measured with the font that is active now; drawing fixes it in the figure.
        figure.canvas.draw()
    return figure


def _grades(source: gpd.GeoDataFrame | xr.DataArray, column: str | None, scheme: str, crs: str) -> Any:
    most = int(standards.table("grades/schemes").data[scheme]["k"])
    if isinstance(source, xr.DataArray):
        found = int(source.max())
        thing = f"layer '{source.name}'"
    else:
        if column is None or column not in source.columns:
            raise LayerError(
                Problem(
                    f"column '{column}'",
                    "is not in the units",
                    f"one of {', '.join(str(name) for name in source.columns if name != 'geometry')}",
                    "Name the column of grades.",
                    rule="maps.column",
                )
            )
        source = source.to_crs(crs).assign(_grade=source[column].fillna(0).astype(int))
        found = int(source["_grade"].max()) if len(source) else 0
        thing = f"column '{column}'"
    if found > most:
        raise LayerError(
            Problem(thing, f"holds grade {found}", f"grades 0 to {most} of scheme '{scheme}'", "Name the right scheme.")
        )
    return source


def _class_rows(
    grades: Any, scheme: str, palette: str, breaks: Sequence[float] | None, people: str | pd.Series | None, lang: str
) -> list[ClassRow]:
    facts = standards.table("grades/schemes").data[scheme]
    k = int(facts["k"])
    area, persons = _shares(grades, people, k)
    colours = palette_colours(palette, k)
    none = str(standards.table("palettes/grades").data["no_data"])
    rows = [
        ClassRow(
            g, colours[g - 1], facts["names"][g][lang], _interval(breaks, g), area.get(g, 0.0), persons.get(g, np.nan)
        )
        for g in range(k, 0, -1)
    ]
    return [*rows, ClassRow(0, none, words("no_data", lang), "", area.get(0, 0.0), persons.get(0, np.nan))]


def palette_colours(palette: str, k: int) -> list[str]:
    """Colours of k classes, lowest first; a five-colour ramp gives four by leaving out the second.

    Examples
    --------
    >>> len(palette_colours("flood", 4)), palette_colours("risk_5", 5)[-1]
    (4, '#D7191C')
    """
    colours = list(standards.table("palettes/grades").data[palette])
    if k < len(colours):
        keep = np.unique(np.rint(np.linspace(0, len(colours) - 1, k)).astype(int))
        colours = [colours[i] for i in keep]
    return [str(colour) for colour in colours]


def _interval(breaks: Sequence[float] | None, grade: int) -> str:
    if breaks is None or grade > len(breaks):
        return ""
    upper = breaks[grade - 1]
    if grade == 1:
        return f"≤ {upper:.3g}"
    lower = breaks[grade - 2]
    return f"{lower:.3g} – {upper:.3g}" if np.isfinite(upper) else f"> {lower:.3g}"


def _shares(grades: Any, people: str | pd.Series | None, k: int) -> tuple[dict[int, float], dict[int, float]]:
    by_grade = people if isinstance(people, pd.Series) else pd.Series(dtype=float)
    if isinstance(grades, xr.DataArray):
        # Cells outside the study area are 0 too; a layer cannot tell them from missing ones inside.
        counts = np.bincount(np.asarray(grades.to_numpy()).ravel().astype(np.int64), minlength=k + 1)[: k + 1]
        graded = counts[1:].sum()
        area = {g: float(counts[g] / graded) if graded else 0.0 for g in range(1, k + 1)} | {0: float("nan")}
    else:
        parts = grades.geometry.area.groupby(grades["_grade"]).sum()
        area = {g: float(parts.get(g, 0.0) / parts.sum()) for g in range(k + 1)}
        if isinstance(people, str):
            by_grade = grades.groupby("_grade")[people].sum()
    total = float(by_grade.sum()) if len(by_grade) else 0.0
    persons = {g: float(by_grade.get(g, 0.0)) / total for g in range(k + 1)} if total > 0 else {}
    return area, persons


def _frame(axes: Axes, grades: Any, outlines: Any, crs: str, figure: Figure) -> tuple[float, float, float, float]:
    if outlines is not None and len(outlines):
        left, bottom, right, top = outlines.to_crs(crs).total_bounds
    elif isinstance(grades, xr.DataArray):
        box = grid_of(grades).extent.to_crs(crs).boundingbox
        left, bottom, right, top = box.left, box.bottom, box.right, box.top
    else:
        left, bottom, right, top = grades.total_bounds
    place = axes.get_position()
    ratio = (place.width * figure.get_figwidth()) / (place.height * figure.get_figheight())
    width, height = (right - left) * 1.06, (top - bottom) * 1.08
    width, height = max(width, height * ratio), max(height, width / ratio)
    x, y = (left + right) / 2, (bottom + top) / 2
    axes.set(xlim=(x - width / 2, x + width / 2), ylim=(y - height / 2, y + height / 2), aspect="equal")
    axes.set_facecolor("white")
    for side in axes.spines.values():
        side.set_linewidth(1.2)
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _picture(layer: xr.DataArray) -> tuple[np.ndarray[Any, Any], tuple[float, float, float, float]]:
    step = max(1, int(np.ceil(max(layer.shape) / _MOST_PIXELS)))
    box = grid_of(layer).boundingbox
    return np.asarray(layer.isel(y=slice(None, None, step), x=slice(None, None, step)).to_numpy()), (
        box.left, box.right, box.bottom, box.top,
    )  # fmt: skip


def _draw_hillshade(axes: Axes, hillshade: xr.DataArray) -> None:
    values, extent = _picture(hillshade)
    axes.imshow(values, extent=extent, cmap="gray", vmin=-60, vmax=300, zorder=1, interpolation="bilinear")


def _draw_grades(axes: Axes, grades: Any, colours: Mapping[int, str], *, over_relief: bool) -> None:
    alpha = 0.78 if over_relief else 1.0
    limits = axes.get_xlim(), axes.get_ylim()
    if isinstance(grades, xr.DataArray):
        values, extent = _picture(grades)
        values = _without_small_patches(values.astype(np.uint8), axes, extent)
        most = max(colours)
        colour_map = ListedColormap([to_rgba(colours[g], 1.0 if g else 0.0) for g in range(most + 1)])
        axes.imshow(values, extent=extent, cmap=colour_map, vmin=-0.5, vmax=most + 0.5, zorder=2, alpha=alpha,
                    interpolation="nearest")  # fmt: skip
    else:
        grades.plot(ax=axes, color=[colours[g] for g in grades["_grade"]], zorder=2, alpha=alpha, aspect=None)
    axes.set(xlim=limits[0], ylim=limits[1])


def _without_small_patches(
    values: np.ndarray[Any, Any], axes: Axes, extent: tuple[float, float, float, float]
) -> np.ndarray[Any, Any]:
    """Merge patches too small to be read at the printed size; the data keep them."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    millimetres = axes.get_position().width * figure.get_figwidth() * 25.4
    left, right = axes.get_xlim()
    cell = (extent[1] - extent[0]) / values.shape[1] * millimetres / (right - left)
    least = int(_SMALLEST_PATCH_MM2 / cell**2)
    for _ in range(20):
        if least < 2:
            break
        merged = sieve(values, least, mask=values > 0, connectivity=4)
        if np.array_equal(merged, values):
            break
        values = merged
    return values


def _draw_lines(axes: Axes, outlines: Any, rivers: Any, crs: str, lang: str) -> list[tuple[str, dict[str, Any]]]:
    keys: list[tuple[str, dict[str, Any]]] = []
    limits = axes.get_xlim(), axes.get_ylim()
    if outlines is not None and "level" in outlines.columns:
        frame = outlines.to_crs(crs)
        for level in ("township", "county", "city"):
            part = frame[frame["level"] == level]
            if len(part) == 0:
                continue
            style = dict(_LINES[level])
            if level == "city":
                part.boundary.plot(ax=axes, color="#F4C9E4", linewidth=7, alpha=0.55, zorder=5, aspect=None)
            halo = (
                [effects.withStroke(linewidth=style["linewidth"] + 1, foreground="white")]
                if level == "county"
                else None
            )
            part.boundary.plot(ax=axes, zorder=7 if level == "city" else 6, aspect=None, path_effects=halo, **style)
            keys.insert(0, (words(f"boundary_{level}", lang), style))
    if rivers is not None and len(rivers):
        rivers.to_crs(crs).plot(ax=axes, zorder=4, aspect=None, **_RIVER)
        keys.append((words("river", lang), dict(_RIVER)))
    axes.set(xlim=limits[0], ylim=limits[1])
    return keys


def _draw_labels(axes: Axes, outlines: Any, crs: str, scale: float) -> None:
    if outlines is None or "level" not in outlines.columns:
        return
    frame = outlines.to_crs(crs)
    taken = label_units(axes, frame[frame["level"] == "county"], size=11 * scale, always=True)
    label_units(axes, frame[frame["level"] == "township"], size=5.6 * scale, taken=taken)


def _graticule(axes: Axes, extent: tuple[float, float, float, float], crs: str) -> None:
    """Ticks every 15 minutes at the neat line, labels outside."""
    left, bottom, right, top = extent
    to_degrees = Transformer.from_crs(CRS(crs), 4490, always_xy=True)
    back = Transformer.from_crs(4490, CRS(crs), always_xy=True)
    west, south, east, north = to_degrees.transform_bounds(left, bottom, right, top)
    step = 0.25
    while (east - west) / step > 12:
        step *= 2
    meridians = np.arange(np.ceil(west / step) * step, east, step)
    parallels = np.arange(np.ceil(south / step) * step, north, step)
    lat_mid, lon_mid = (south + north) / 2, (west + east) / 2
    x_at = [(back.transform(value, lat_mid)[0], value) for value in meridians]
    y_at = [(back.transform(lon_mid, value)[1], value) for value in parallels]
    x_in = [(x, value) for x, value in x_at if left < x < right]
    y_in = [(y, value) for y, value in y_at if bottom < y < top]
    axes.set_xticks([x for x, _ in x_in], [_degrees(value, "E") for _, value in x_in], fontsize=8)
    axes.set_yticks(
        [y for y, _ in y_in], [_degrees(value, "N") for _, value in y_in], fontsize=8, rotation=90, va="center"
    )
    axes.set(xlabel="", ylabel="")
    axes.tick_params(top=True, right=True, direction="in", length=5)


def _degrees(value: float, side: str) -> str:
    whole = int(np.floor(value + 1e-9))
    minutes = round((value - whole) * 60)
    return f"{whole}°{minutes:02d}′{side}"


def _panel(
    figure: Figure,
    grades: Any,
    rows: list[ClassRow],
    keys: Any,
    value_column: str | None,
    colours: Any,
    closed: str,
    lang: str,
) -> None:
    left, width = 0.765, 0.22
    note = words(f"closed_{closed}", lang) if closed else ""
    legend(figure.add_axes((left, 0.60, width, 0.32)), rows, lang=lang, note=note)
    line_key(figure.add_axes((left, 0.53, width, 0.055)), keys)
    bars(figure.add_axes((left + 0.015, 0.325, width - 0.02, 0.15)), rows, lang=lang)
    if value_column is not None and not isinstance(grades, xr.DataArray):
        best = grades.dropna(subset=[value_column]).sort_values(value_column, ascending=False, kind="stable").head(5)
        table = [
            (str(row["name"]), float(row[value_column]), colours[int(row["_grade"])]) for _, row in best.iterrows()
        ]  # fmt: skip
        top_table(figure.add_axes((left, 0.085, width, 0.185)), table, lang=lang)


def _footers(figure: Figure, notes: MapNotes, crs: str, lang: str) -> None:
    number = notes.review_number
    text = words("review", lang, number=number) if number else words("unreviewed", lang)
    colour = "#222222" if number else "#B00020"
    figure.text(0.045, 0.025, text, fontsize=11, va="center", color=colour)

    name = CRS(crs).name
    parts = [words("data_date", lang, date=notes.data_date)] if notes.data_date else []
    parts.append(words("projection", lang, crs=f"{name} ({crs})"))
    if notes.method:
        parts.append(words("method", lang, method=notes.method))
    if notes.run:
        parts.append(words("run", lang, run=notes.run))
    figure.text(0.985, 0.034, "    ".join(parts), fontsize=7.5, ha="right", va="center", color="#444444")
    if notes.status:
        figure.text(
            0.985, 0.016, words("status", lang, **notes.status), fontsize=7.5, ha="right", va="center", color="#444444"
        )
