"""Pictures that lie on the page: the relief, and the index of each hazard on the grid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from odc.geo.geobox import GeoBox
from PIL import Image

from riskzoning import standards
from riskzoning.errors import LANGUAGES
from riskzoning.layers import grid_of, layer_on
from riskzoning.methods.ranges import spans
from riskzoning.names import MULTI, Index
from riskzoning.results import StudyResult

# Pixels of the longer side: relief, and a raster of an index.
_RELIEF, _INDEX = 1600, 900
_WEB = "EPSG:3857"
# The same around 180 degrees, for grids that lie across that line.
_RADIUS, _HALF_TURN = 6378137.0, 180.0
_ACROSS = f"+proj=merc +lon_0={_HALF_TURN} +a={_RADIUS} +b={_RADIUS} +units=m +nadgrids=@null +no_defs"
_STEPS = 64


def write_overlays(result: StudyResult, folder: Path) -> list[dict[str, Any]]:
    """One small picture for the index of each hazard and of all together; gives what the page needs of it."""
    entries = []
    for hazard, indices in result.indices_by_hazard().items():
        # A hazard is shown by its own index, all of them together by their risk.
        first = "risk" if hazard == MULTI else "hazard"
        shown = sorted((index for index in indices if _is_drawn(index)), key=lambda index: index.what != first)
        index = next((index for index in shown if index.key in result.layers), None)
        entry = None if index is None else _write_index(result.layers[index.key], index, folder)
        if entry is not None:
            entries.append(entry)
    return entries


def _is_drawn(index: Index) -> bool:
    return index.receptor is None and (index.hazard, index.what) != (MULTI, "hazard")


def _write_index(layer: xr.DataArray, index: Index, folder: Path) -> dict[str, Any] | None:
    values, bounds = warped(layer, _INDEX, "average")
    known = np.isfinite(values)
    if not known.any():
        return None
    # The index of a hazard means the same everywhere; that of all hazards together is relative within the study area.
    low, high = (float(values[known].min()), float(values[known].max())) if index.hazard == MULTI else (0.0, 1.0)
    share = (np.where(known, values, low) - low) / (high - low if spans(low, high) else 1.0)
    colours = list(standards.table("palettes/grades").data[index.palette])
    # Colour 0 is clear; the others are steps of the ramp, so that the picture stays small.
    codes = np.where(known, 1 + np.rint(share * (_STEPS - 1)), 0).astype(np.uint8)
    ramp = LinearSegmentedColormap.from_list("ramp", [to_rgb(colour) for colour in colours])(np.linspace(0, 1, _STEPS))
    picture = Image.fromarray(codes)
    picture.putpalette([0, 0, 0, *(int(round(255 * part)) for row in ramp[:, :3] for part in row)])
    file = f"raster_{index.hazard}.png"
    picture.save(folder / file, transparency=0, optimize=True)
    title = {lang: f"{index.hazard_title(lang)} · {index.title(lang)}" for lang in LANGUAGES}
    return {
        "key": index.key, "hazard": index.hazard, "file": f"assets/{file}", "bounds": bounds,
        "low": float(f"{low:.3g}"), "high": float(f"{high:.3g}"), "colours": colours, "title": title,
    }  # fmt: skip


def write_relief(result: StudyResult, path: Path) -> list[list[float]] | None:
    """The hillshade as a picture in the projection of the page; gives its bounds or None without one."""
    if "hillshade" not in result.layers:
        return None
    values, bounds = warped(result.layers["hillshade"], _RELIEF, "bilinear")
    alpha = np.where(np.isfinite(values), 255, 0).astype(np.uint8)
    # Light grey relief: the colours of the grades lie on it.
    grey = (150 + np.nan_to_num(np.clip(values, 0, 255), nan=255.0) * (105 / 255)).astype(np.uint8)
    Image.fromarray(np.dstack([grey, alpha])).save(path, optimize=True)
    return bounds


def warped(layer: xr.DataArray, most: int, resampling: str) -> tuple[np.ndarray[Any, Any], list[list[float]]]:
    """Thinned values in the projection of the page, and its corners in degrees."""
    grid = grid_of(layer)
    step = max(1, int(np.ceil(max(layer.shape) / (most * 2))))
    thin = np.asarray(layer.isel(y=slice(None, None, step), x=slice(None, None, step)).to_numpy(), dtype=np.float32)
    box = GeoBox(thin.shape, grid.affine * grid.affine.scale(step), grid.crs)
    source = layer_on(box, np.where(np.isfinite(thin), thin, np.nan), quantity="risk_index")
    middle = float(box.extent.centroid.to_crs("EPSG:4326").coords[0][0])
    wraps = abs(middle) + _reach(box, middle) > _HALF_TURN
    target = box.to_crs(_ACROSS if wraps else _WEB)
    largest = max(target.shape)
    target = target if largest <= most else target.zoom_out(largest / most)
    warped = source.odc.reproject(target, resampling=resampling, dst_nodata=float("nan"))
    corner = target.extent.to_crs("EPSG:4326").boundingbox
    left, right = corner.left, corner.right
    if wraps:
        # As the units, which run on beyond 180 degrees.
        own = target.boundingbox
        left, right = (_HALF_TURN + float(np.rad2deg(x / _RADIUS)) for x in (own.left, own.right))
    return warped.to_numpy(), [
        [round(corner.bottom, 6), round(left, 6)],
        [round(corner.top, 6), round(right, 6)],
    ]


def _reach(box: GeoBox, middle: float) -> float:
    """Degrees from the middle of a grid to its farthest corner, the short way round."""
    corners = box.extent.to_crs("EPSG:4326").exterior.coords
    return float(max(abs((x - middle + _HALF_TURN) % (2 * _HALF_TURN) - _HALF_TURN) for x, _ in corners))
