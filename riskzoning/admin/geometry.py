"""The geometry of each unit on its own: there, polygonal, valid, in the right place, in degrees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from riskzoning import standards
from riskzoning.admin.crs import crs_contradiction, crs_name, in_box, suggest_crs
from riskzoning.admin.findings import Findings, area, ordered, unit
from riskzoning.errors import Phrase


def areas(geometries: Sequence[shapely.Geometry] | NDArray[Any]) -> NDArray[np.float64]:
    """Areas in m2 of geometries in degrees, through an equal-area projection of the place."""
    shapes = np.asarray(geometries, dtype=object)
    if not len(shapes):
        return np.empty(0)
    return np.asarray(shapely.area(shapely.transform(shapes, to_metres(shapely.total_bounds(shapes)))))


def against_published(frame: gpd.GeoDataFrame, level: str, findings: Findings) -> None:
    """Tell where areas that a file states are not those of its polygons, which everything is computed from."""
    if "area" not in frame.columns:
        return
    stated = pd.to_numeric(frame["area"], errors="coerce").to_numpy(dtype=np.float64)
    drawn = areas(frame.geometry.to_numpy()) / 1e6
    off = stated / drawn - 1
    limit = float(standards.table("admin/checks").data["area_share"])
    far = [at for at in np.argsort(-np.abs(off)) if np.isfinite(off[at]) and abs(off[at]) > limit]
    if far:
        codes, names = (frame[column].astype(str).to_numpy() for column in ("code", "name"))
        units = [
            Phrase("area_against", unit=unit(codes[at], names[at]), stated=f"{stated[at]:.6g}",
                   drawn=f"{drawn[at]:.6g}", off=f"{off[at]:+.0%}")
            for at in far
        ]  # fmt: skip
        findings.add(level, "admin.published_area", limit=limit, count=len(far), units=units)


def to_metres(bounds: Sequence[float] | NDArray[np.float64]) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """From degrees to an equal-area projection in metres: that of the standards table in China, or of the place."""
    west, south, east, north = (float(value) for value in bounds)
    target = standards.table("admin/checks").data["albers"]
    if np.isfinite([west, south, east, north]).all() and not in_box(np.array([[west, south, east, north]])).all():
        # Around whole degrees, so that parts of one place share a projection.
        longitude, latitude = round((west + east) / 2), round((south + north) / 2)
        target = f"+proj=laea +lat_0={latitude} +lon_0={longitude} +ellps=GRS80 +units=m +no_defs"
    transformer = _from_degrees(target)
    return lambda points: np.column_stack(transformer.transform(points[:, 0], points[:, 1]))


@lru_cache(maxsize=64)
def _from_degrees(target: str) -> Transformer:
    return Transformer.from_crs("EPSG:4490", target, always_xy=True)


def place_level(frame: gpd.GeoDataFrame, level: str, findings: Findings) -> gpd.GeoDataFrame | None:
    """The frame in degrees with valid polygons; None when its place cannot be known."""
    out = _polygons_only(frame, level, findings)
    if out.crs is None:
        west, east = f"{out.total_bounds[0]:.6g}", f"{out.total_bounds[2]:.6g}"
        findings.add(level, "admin.crs", "error", field="crs", west=west, east=east, hint=suggest_crs(out.total_bounds))
        return None
    if out.empty:
        return None
    located = _located(out, level, findings)
    if located is None:
        return None
    valid = _valid(located, level, findings)
    return _without_slivers(valid, level, findings)


def _polygons_only(frame: gpd.GeoDataFrame, level: str, findings: Findings) -> gpd.GeoDataFrame:
    geometries = shapely.force_2d(frame.geometry.to_numpy())
    keep = np.ones(len(frame), dtype=bool)
    for index, geometry in enumerate(geometries):
        code, name = frame["code"].iloc[index], frame["name"].iloc[index]
        if geometry is None or geometry.is_empty:
            keep[index] = False
            findings.defect(level, "admin.no_geometry", row=index + 1, field="geometry", unit=unit(code, name))
        elif geometry.geom_type in ("Polygon", "MultiPolygon"):
            continue
        else:
            parts = polygon_parts(geometry)
            if parts is not None:
                geometries[index] = parts
                findings.defect(level, "admin.mixed", mended="admin.mended.mixed", unit=unit(code, name), codes=[code])
                continue
            keep[index] = False
            findings.defect(
                level,
                "admin.geometry",
                row=index + 1,
                field="geometry",
                unit=unit(code, name),
                kind=geometry.geom_type,
            )
    return frame.set_geometry(geometries, crs=frame.crs)[keep]


def polygon_parts(geometry: shapely.Geometry) -> shapely.Geometry | None:
    """The polygons inside a geometry as one (multi)polygon; None when it has none."""
    parts = shapely.get_parts(geometry)
    while any(part.geom_type.startswith(("Multi", "GeometryCollection")) for part in parts):
        parts = shapely.get_parts(parts)
    kept = [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]
    if not kept:
        return None
    return kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept)


def _located(frame: gpd.GeoDataFrame, level: str, findings: Findings) -> gpd.GeoDataFrame | None:
    crs = CRS(frame.crs)
    bounds = shapely.bounds(frame.geometry.to_numpy())
    if not _plausible(frame, crs, bounds, level, findings):
        return None
    exchange = findings.profile.exchange
    degrees = frame.to_crs(exchange)
    inside = findings.profile.holds(degrees.bounds.to_numpy())
    if not inside.all():
        flipped = frame.set_geometry(_flipped(frame.geometry.to_numpy()), crs=frame.crs).to_crs(exchange)
        swapped = ~inside & findings.profile.holds(flipped.bounds.to_numpy())
        if swapped.any():
            codes = frame.loc[swapped, "code"].tolist()
            findings.defect(
                level,
                "admin.axes",
                mended="admin.mended.axes",
                field="geometry",
                whom=Phrase("all_units") if swapped.all() else Phrase("some_units", codes=ordered(codes)),
                low=f"{bounds[swapped, 0].min():.6g}",
                high=f"{bounds[swapped, 2].max():.6g}",
                what=Phrase("latitudes" if crs.is_geographic else "northings"),
                codes=codes,
            )
            geometries = degrees.geometry.to_numpy().copy()
            geometries[swapped] = flipped.geometry.to_numpy()[swapped]
            degrees = degrees.set_geometry(geometries, crs=exchange)
        lost = ~inside & ~swapped
        if lost.any():
            _report_outside(frame[lost], bounds[lost], crs, level, findings)
            return None
    _note_reprojection(crs, level, findings)
    return degrees


def _flipped(geometries: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(shapely.transform(geometries, lambda points: points[:, ::-1]))


def _plausible(frame: gpd.GeoDataFrame, crs: CRS, bounds: NDArray[np.float64], level: str, findings: Findings) -> bool:
    """Whether the size of the numbers fits the CRS: degrees are small, a zone number belongs to a zoned CRS."""
    contradiction = crs_contradiction(bounds, crs)
    if contradiction is None:
        return True
    wrong, problem = contradiction
    codes = frame.loc[wrong, "code"].tolist()
    whom = Phrase("nothing") if wrong.all() else Phrase("of_units", codes=ordered(codes))
    findings.problems.append(problem.at(findings.thing(level), field="crs", whom=whom))
    return False


def _box(bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)])


def _report_outside(
    frame: gpd.GeoDataFrame, bounds: NDArray[np.float64], crs: CRS, level: str, findings: Findings
) -> None:
    rules = standards.table("admin/checks").data
    (west, east), (south, north) = rules["china_lon"], rules["china_lat"]
    findings.defect(
        level,
        "admin.extent" if findings.profile.china else "admin.extent_world",
        field="geometry",
        count=len(frame),
        crs=crs_name(crs),
        units=[unit(code, name) for code, name in zip(frame["code"], frame["name"])],
        bounds=[f"{value:.6g}" for value in _box(bounds)],
        west=west,
        east=east,
        south=south,
        north=north,
    )


def _note_reprojection(crs: CRS, level: str, findings: Findings) -> None:
    exchange = findings.profile.exchange
    if crs.equals(CRS(exchange), ignore_axis_order=True):
        return
    name = crs_name(crs)
    findings.action(level, "admin.done.reprojected", crs=name, target=exchange)
    if not findings.profile.china:
        return
    datum = crs.datum.name if crs.datum is not None else ""
    same = ("World Geodetic System 1984", "China 2000", "China_2000", "WGS 84", "GRS 1980", "CGCS2000")
    if not any(text in datum for text in same):
        findings.add(level, "admin.other_datum", datum=datum or Phrase("unknown"), crs=name)


def _valid(frame: gpd.GeoDataFrame, level: str, findings: Findings) -> gpd.GeoDataFrame:
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
        findings.defect(
            level,
            "admin.invalid" if polygons is not None else "admin.invalid_lost",
            mended="admin.mended.invalid" if polygons is not None else None,
            field="geometry",
            unit=unit(code, name),
            reason=reason,
            change=area(abs(float(new - old))),
            area_m2=float(new - old),
            codes=[code],
        )
    return frame.set_geometry(out, crs=frame.crs)[keep]


def _without_slivers(frame: gpd.GeoDataFrame, level: str, findings: Findings) -> gpd.GeoDataFrame:
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
        findings.defect(
            level,
            "admin.sliver" if rest.size else "admin.sliver_unit",
            mended="admin.mended.sliver" if rest.size else None,
            field="geometry",
            unit=unit(code, name),
            count=int((of_unit & small).sum()),
            limit=area(limit),
            lost=area(lost),
            area_m2=lost,
            codes=[code],
        )
    return frame.set_geometry(geometries, crs=frame.crs)
