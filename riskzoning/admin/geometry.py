"""The geometry of each unit on its own: there, polygonal, valid, in the right place, in EPSG:4490."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from riskzoning import standards
from riskzoning.admin.crs import crs_contradiction, crs_name, in_box, suggest_crs
from riskzoning.admin.findings import Findings, area_text, listed, unit
from riskzoning.errors import first_few

_EXCHANGE = "EPSG:4490"


def areas(geometries: Any) -> NDArray[np.float64]:
    """Areas in m2 of geometries in degrees (CGCS2000), through the equal-area projection of the standards table."""
    projected = shapely.transform(np.asarray(geometries, dtype=object), to_albers)
    return np.asarray(shapely.area(projected))


def to_albers(points: NDArray[np.float64]) -> NDArray[np.float64]:
    transformer = Transformer.from_crs(_EXCHANGE, standards.table("admin/checks").data["albers"], always_xy=True)
    return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))


def place_level(frame: gpd.GeoDataFrame, level: str, found: Findings) -> gpd.GeoDataFrame | None:
    """The frame in EPSG:4490 with valid polygons; None when its place cannot be known."""
    out = _polygons_only(frame, level, found)
    if out.crs is None:
        found.add(
            level,
            "admin.crs",
            f"has no coordinate reference system; x {out.total_bounds[0]:.6g} to {out.total_bounds[2]:.6g}",
            f"every layer needs one; {suggest_crs(out.total_bounds)}",
            'Declare it in study.yaml with "crs: EPSG:...".',
            "error",
            field="crs",
        )
        return None
    if out.empty:
        return None
    located = _located(out, level, found)
    if located is None:
        return None
    valid = _valid(located, level, found)
    return _without_slivers(valid, level, found)


def _polygons_only(frame: gpd.GeoDataFrame, level: str, found: Findings) -> gpd.GeoDataFrame:
    geometries = shapely.force_2d(frame.geometry.to_numpy())
    keep = np.ones(len(frame), dtype=bool)
    for index, geometry in enumerate(geometries):
        code, name = frame["code"].iloc[index], frame["name"].iloc[index]
        if geometry is None or geometry.is_empty:
            keep[index] = False
            text = f"unit {unit(code, name)} has no geometry"
        elif geometry.geom_type in ("Polygon", "MultiPolygon"):
            continue
        else:
            parts = polygon_parts(geometry)
            if parts is not None:
                geometries[index] = parts
                found.defect(
                    level,
                    "admin.geometry",
                    f"unit {unit(code, name)} mixes polygons with lines or points",
                    "polygons",
                    codes=[code],
                    repaired="lines and points removed",
                )
                continue
            keep[index] = False
            text = f"unit {unit(code, name)} is a {geometry.geom_type}"
        found.defect(level, "admin.geometry", text, "a polygon", row=index + 1, field="geometry")
    return frame.set_geometry(geometries, crs=frame.crs)[keep]


def polygon_parts(geometry: Any) -> Any:
    """The polygons inside a geometry as one (multi)polygon; None when it has none."""
    parts = shapely.get_parts(geometry)
    while any(part.geom_type.startswith(("Multi", "GeometryCollection")) for part in parts):
        parts = shapely.get_parts(parts)
    kept = [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]
    if not kept:
        return None
    return kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept)


def _located(frame: gpd.GeoDataFrame, level: str, found: Findings) -> gpd.GeoDataFrame | None:
    crs = CRS(frame.crs)
    bounds = shapely.bounds(frame.geometry.to_numpy())
    if not _plausible(frame, crs, bounds, level, found):
        return None
    degrees = frame.to_crs(_EXCHANGE)
    inside = in_box(degrees.bounds.to_numpy())
    if not inside.all():
        flipped = frame.set_geometry(_flipped(frame.geometry.to_numpy()), crs=frame.crs).to_crs(_EXCHANGE)
        swapped = ~inside & in_box(flipped.bounds.to_numpy())
        if swapped.any():
            codes = frame.loc[swapped, "code"].tolist()
            whom = "all units" if swapped.all() else f"units {listed(codes)}"
            found.defect(
                level,
                "admin.axes",
                f"has swapped axes in {whom}: x {bounds[swapped, 0].min():.6g} to {bounds[swapped, 2].max():.6g} are "
                f"{'latitudes' if crs.is_geographic else 'northings'}",
                "x is longitude or easting, y is latitude or northing",
                codes=codes,
                repaired="axes swapped",
                field="geometry",
            )
            geometries = degrees.geometry.to_numpy().copy()
            geometries[swapped] = flipped.geometry.to_numpy()[swapped]
            degrees = degrees.set_geometry(geometries, crs=_EXCHANGE)
        lost = ~inside & ~swapped
        if lost.any():
            _report_outside(frame[lost], bounds[lost], crs, level, found)
            return None
    _note_reprojection(crs, level, found)
    return degrees


def _flipped(geometries: Any) -> Any:
    return shapely.transform(geometries, lambda points: points[:, ::-1])


def _plausible(frame: gpd.GeoDataFrame, crs: CRS, bounds: NDArray[np.float64], level: str, found: Findings) -> bool:
    """Whether the size of the numbers fits the CRS: degrees are small, a zone number belongs to a zoned CRS."""
    contradiction = crs_contradiction(bounds, crs)
    if contradiction is None:
        return True
    wrong, text, fix = contradiction
    codes = frame.loc[wrong, "code"].tolist()
    whom = "" if wrong.all() else f" (units {listed(codes)})"
    required = f"coordinates that fit {crs_name(crs)}"
    found.defect(level, "admin.crs", text + whom, required, fix=fix, field="crs")
    return False


def _box(bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)])


def _report_outside(
    frame: gpd.GeoDataFrame, bounds: NDArray[np.float64], crs: CRS, level: str, found: Findings
) -> None:
    rules = standards.table("admin/checks").data
    box = ", ".join(f"{value:.6g}" for value in _box(bounds))
    names = [unit(code, name) for code, name in zip(frame["code"], frame["name"])]
    found.defect(
        level,
        "admin.extent",
        f"has {len(frame)} unit(s) outside China under {crs_name(crs)}: {first_few(names)}; bounds {box}",
        f"longitude {rules['china_lon'][0]:g} to {rules['china_lon'][1]:g}, "
        f"latitude {rules['china_lat'][0]:g} to {rules['china_lat'][1]:g}",
        fix="Declare the true CRS, or correct the coordinates.",
        field="geometry",
    )


def _note_reprojection(crs: CRS, level: str, found: Findings) -> None:
    if crs.equals(CRS(_EXCHANGE), ignore_axis_order=True):
        return
    name = crs_name(crs)
    found.action(level, "reprojected", detail=f"{name} to {_EXCHANGE}")
    datum = crs.datum.name if crs.datum is not None else ""
    same = ("World Geodetic System 1984", "China 2000", "China_2000", "WGS 84", "GRS 1980", "CGCS2000")
    if not any(text in datum for text in same):
        found.add(
            level,
            "admin.crs",
            f"has the datum {datum or 'unknown'} ({name}); no exact transformation to CGCS2000 is known here",
            "CGCS2000 or WGS 84; offsets of 100 m and more are possible",
            "Transform the layer with the parameters of the surveying office.",
        )


def _valid(frame: gpd.GeoDataFrame, level: str, found: Findings) -> gpd.GeoDataFrame:
    geometries = frame.geometry.to_numpy()
    broken = np.flatnonzero(~shapely.is_valid(geometries))
    if not broken.size:
        return frame
    reasons = shapely.is_valid_reason(geometries[broken])
    mended = shapely.make_valid(geometries[broken], method="structure", keep_collapsed=False)
    before, after = areas(geometries[broken]), areas(mended)
    out, keep = geometries.copy(), np.ones(len(frame), dtype=bool)
    for index, reason, geometry, old, new in zip(broken, reasons, mended, before, after):
        code, name = frame["code"].iloc[index], frame["name"].iloc[index]
        polygons = polygon_parts(geometry)
        keep[index] = polygons is not None
        out[index] = polygons
        found.defect(
            level,
            "admin.geometry",
            f"unit {unit(code, name)} has an invalid polygon: {reason}",
            "valid polygons",
            codes=[code],
            area_m2=float(new - old),
            repaired="geometry made valid" if polygons is not None else None,
            field="geometry",
        )
    return frame.set_geometry(out, crs=frame.crs)[keep]


def _without_slivers(frame: gpd.GeoDataFrame, level: str, found: Findings) -> gpd.GeoDataFrame:
    """Parts of a unit below the size of a sliver: reported and taken out; a unit that is one itself is an error."""
    limit = standards.table("admin/checks").data["sliver_m2"]
    parts, owner = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
    sizes = areas(parts)
    small = sizes < limit
    if not small.any():
        return frame
    geometries = frame.geometry.to_numpy().copy()
    for index in np.unique(owner[small]):
        code, name = frame["code"].iloc[index], frame["name"].iloc[index]
        of_unit = owner == index
        rest = parts[of_unit & ~small]
        lost = float(sizes[of_unit & small].sum())
        if rest.size:
            geometries[index] = rest[0] if rest.size == 1 else shapely.multipolygons(rest)
        found.defect(
            level,
            "admin.sliver",
            f"unit {unit(code, name)} has {int((of_unit & small).sum())} part(s) below {limit:g} m2 "
            f"({area_text(lost)})",
            f"parts of at least {limit:g} m2",
            codes=[code],
            area_m2=lost,
            repaired="sliver removed" if rest.size else None,
            field="geometry",
        )
    return frame.set_geometry(geometries, crs=frame.crs)
