"""Borders of the units of one level: overlaps, gaps, and a repair after which shared borders are exactly shared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.admin.geometry import areas

Geometries = NDArray[Any]
# Kind, unit that got the ground, units that lost it, m2.
Change = tuple[str, int, tuple[int, ...], float]
# Kind, units, m2.
Refusal = tuple[str, tuple[int, ...], float]
_METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True)
class Overlap:
    """Ground that two units claim; positions of the units, m2, mean width in m."""

    first: int
    second: int
    area_m2: float
    width_m: float


@dataclass(frozen=True)
class Gap:
    """Ground inside the layer that no unit claims; positions of the units around it."""

    polygon: shapely.Geometry
    area_m2: float
    width_m: float
    around: tuple[int, ...]


@dataclass(frozen=True)
class Borders:
    """What :func:`borders` found; ``noise_m2`` is the sum of overlaps and gaps that come from rounding."""

    overlaps: tuple[Overlap, ...]
    gaps: tuple[Gap, ...]
    exact: bool
    noise_m2: float = 0.0


@dataclass(frozen=True)
class Mended:
    """Units after the repair and, for each face of ground that changed hands, who got and who lost it."""

    geometries: Geometries
    changes: tuple[Change, ...]
    refused: tuple[Refusal, ...]


def union(geometries: Geometries) -> shapely.Geometry:
    """The ground of all units; fast where their borders are exactly shared."""
    geometries = np.asarray(geometries, dtype=object)
    if len(geometries) == 1:
        return geometries[0]
    if shapely.coverage_is_valid(geometries):
        return shapely.coverage_union_all(geometries)
    return shapely.union_all(geometries)


def borders(geometries: Geometries, outline: shapely.Geometry | None = None) -> Borders:
    """Overlaps and gaps of the units of a level."""
    geometries = np.asarray(geometries, dtype=object)
    exact = bool(shapely.coverage_is_valid(geometries))
    rules = standards.table("admin/checks").data
    pieces: list[Overlap] = [] if exact else _overlaps(geometries)
    holes = _holes(union(geometries), outline)
    gaps = _gaps(holes, geometries)

    def real(piece: Overlap | Gap) -> bool:
        return bool(piece.area_m2 > rules["noise_area_m2"] and piece.width_m > rules["noise_width_m"])

    every: list[Overlap | Gap] = [*pieces, *gaps]
    noise = sum(piece.area_m2 for piece in every if not real(piece))
    return Borders(tuple(filter(real, pieces)), tuple(filter(real, gaps)), exact, float(noise))


def _overlaps(geometries: Geometries) -> list[Overlap]:
    edges = shapely.coverage_invalid_edges(geometries)
    suspects = np.flatnonzero(~shapely.is_empty(edges) & ~shapely.is_missing(edges))
    left, right = shapely.STRtree(geometries).query(geometries[suspects], predicate="intersects")
    left = suspects[left]
    pairs = np.unique(np.sort(np.column_stack([left, right])[left != right], axis=1), axis=0)
    if not len(pairs):
        return []
    shared = shapely.intersection(geometries[pairs[:, 0]], geometries[pairs[:, 1]])
    real = shapely.area(shared) > 0
    pairs, shared = pairs[real], shared[real]
    sizes, width = areas(shared), widths(shared)
    return [
        Overlap(int(first), int(second), float(size), float(wide))
        for (first, second), size, wide in zip(pairs, sizes, width)
    ]


def widths(geometries: Geometries) -> NDArray[np.float64]:
    """Mean width in metres of strips in degrees: twice the area by the perimeter."""
    if len(geometries) == 0:
        return np.empty(0)
    metric = _metric(geometries)
    length = shapely.length(metric)
    return np.asarray(np.divide(2 * shapely.area(metric), length, out=np.zeros_like(length), where=length > 0))


def _metric(geometries: Geometries) -> Geometries:
    """Geometries in local metres: good for lengths and widths of small things, wherever they lie."""
    geometries = np.asarray(geometries, dtype=object)
    box = shapely.total_bounds(geometries)
    scale = np.cos(np.deg2rad((box[1] + box[3]) / 2)) if np.isfinite(box).all() else 1.0
    factor = np.array([_METRES_PER_DEGREE * scale, _METRES_PER_DEGREE])
    return np.asarray(shapely.transform(geometries, lambda points: points * factor))


def _holes(ground: shapely.Geometry, outline: shapely.Geometry | None) -> Geometries:
    rings = [ring for part in shapely.get_parts(ground) for ring in part.interiors]
    if not rings:
        return np.empty(0, dtype=object)
    holes = shapely.polygons(rings)
    if outline is not None:
        holes = shapely.get_parts(shapely.intersection(holes, outline))
        holes = holes[shapely.area(holes) > 0]
    return np.asarray(holes)


def _gaps(holes: Geometries, geometries: Geometries) -> list[Gap]:
    if not len(holes):
        return []
    tree = shapely.STRtree(geometries)
    hole_of, around = tree.query(holes, predicate="intersects")
    sizes, width = areas(holes), widths(holes)
    return [
        Gap(hole, float(size), float(wide), tuple(sorted(int(unit) for unit in around[hole_of == index])))
        for index, (hole, size, wide) in enumerate(zip(holes, sizes, width))
    ]


def mend(geometries: Geometries, codes: Sequence[str], outline: shapely.Geometry | None = None) -> Mended:
    """Units whose borders are exactly shared: overlaps go to one side, gaps to a neighbour; no unit is lost."""
    # All borders are cut at each other into faces. A face that several units claim stays with the unit that lies in the
    # other (it was not cut out of it), else with the one that overlaps least in sum (a polygon drawn too large overlaps
    # all its neighbours), else with the smaller code, so that the order of the rows does not matter. A gap goes to the
    # neighbour with the longest shared border; gaps wider than gap_width_max_m stay: a unit may be missing there.
    # Strips along the outline are filled too; holes that it has stay open.
    geometries = np.asarray(geometries, dtype=object)
    lines = shapely.boundary(geometries)
    if outline is not None:
        lines = np.append(lines, shapely.boundary(outline))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(lines))))
    sizes = areas(faces)
    inside = shapely.point_on_surface(faces)
    face_of, unit_of = shapely.STRtree(geometries).query(inside, predicate="intersects")
    claims = _claims(face_of, unit_of, len(faces))
    owner, changes, refused = _owners(claims, sizes, areas(geometries), codes)
    free = np.flatnonzero(owner < 0)
    if outline is not None and free.size:
        shapely.prepare(outline)
        free = free[shapely.intersects(outline, inside[free])]
    mended = np.array([_dissolve(faces[owner == unit]) for unit in range(len(geometries))], dtype=object)
    gaps = shapely.get_parts(shapely.coverage_union_all(faces[free])) if free.size else np.empty(0, dtype=object)
    if outline is None:
        gaps = _enclosed(gaps, mended)
    changes += _fill(mended, gaps, codes, refused)
    changes += _pass_on_fragments(mended, geometries, codes)
    return Mended(_as_before(mended, geometries), tuple(changes), tuple(refused))


def _claims(face_of: NDArray[np.int64], unit_of: NDArray[np.int64], count: int) -> list[tuple[int, ...]]:
    claims: list[list[int]] = [[] for _ in range(count)]
    for face, unit in zip(face_of.tolist(), unit_of.tolist()):
        claims[face].append(unit)
    return [tuple(sorted(units)) for units in claims]


def _owners(
    claims: list[tuple[int, ...]], sizes: NDArray[np.float64], unit_sizes: NDArray[np.float64], codes: Sequence[str]
) -> tuple[NDArray[np.int64], list[Change], list[Refusal]]:
    rules = standards.table("admin/checks").data
    overlap_sum = np.zeros(len(unit_sizes))
    pair_sum: dict[tuple[int, int], float] = {}
    for face, units in enumerate(claims):
        if len(units) > 1:
            overlap_sum[list(units)] += sizes[face]
            for first in units:
                for second in units:
                    pair_sum[first, second] = pair_sum.get((first, second), 0.0) + float(sizes[face])

    def contained(unit: int, others: tuple[int, ...]) -> bool:
        return any(
            pair_sum[unit, other] >= rules["contained_share"] * unit_sizes[unit]
            and unit_sizes[other] > unit_sizes[unit]
            for other in others
            if other != unit
        )

    owner = np.full(len(claims), -1, dtype=np.int64)
    lost = np.zeros(len(unit_sizes))
    taken: dict[tuple[int, tuple[int, ...]], float] = {}
    for face, units in enumerate(claims):
        if not units:
            continue
        ranked = sorted(units, key=lambda unit: (not contained(unit, units), overlap_sum[unit], codes[unit]))
        owner[face] = ranked[0]
        if len(units) > 1:
            losers = tuple(ranked[1:])
            lost[list(losers)] += sizes[face]
            taken[ranked[0], losers] = taken.get((ranked[0], losers), 0.0) + float(sizes[face])
    refused: list[Refusal] = [
        ("overlap", (int(unit),), float(lost[unit]))
        for unit in np.flatnonzero(lost > rules["overlap_share_max"] * unit_sizes)
    ]
    changes: list[Change] = [("overlap", unit, losers, area) for (unit, losers), area in sorted(taken.items())]
    return owner, changes, refused


def _dissolve(faces: Geometries) -> shapely.Geometry:
    return shapely.coverage_union_all(faces) if len(faces) else shapely.Polygon()


def _enclosed(gaps: Geometries, mended: Geometries) -> Geometries:
    """Gaps that are holes of the layer; a free face between far parts of one multipolygon is one too."""
    return gaps if len(gaps) and len(mended) else gaps[:0]


def _fill(mended: Geometries, gaps: Geometries, codes: Sequence[str], refused: list[Refusal]) -> list[Change]:
    """Each gap to the neighbour with the longest border; changes ``mended`` in place."""
    rules = standards.table("admin/checks").data
    if not len(gaps):
        return []
    given: dict[int, list[int]] = {}
    sizes, width = areas(gaps), widths(gaps)
    tree = shapely.STRtree(mended)
    for index, gap in enumerate(gaps):
        near = [int(unit) for unit in tree.query(gap, predicate="intersects")]
        unit = _longest_border(gap, near, mended, codes)
        if width[index] > rules["gap_width_max_m"] or unit is None:
            refused.append(("gap", tuple(near), float(sizes[index])))
            continue
        given.setdefault(unit, []).append(index)
    changes: list[Change] = []
    for unit, indexes in sorted(given.items()):
        mended[unit] = shapely.coverage_union_all([mended[unit], *gaps[indexes]])
        changes += [("gap", unit, (), float(sizes[index])) for index in indexes]
    return changes


def _longest_border(
    piece: shapely.Geometry, near: Sequence[int], mended: Geometries, codes: Sequence[str]
) -> int | None:
    if not near:
        return None
    edge = shapely.boundary(piece)
    shared = shapely.intersection(edge, shapely.boundary(mended[list(near)]))
    lengths = shapely.length(_metric(shared))
    # Lengths are compared in whole centimetres, so that ties are ties.
    best = min(zip(near, lengths), key=lambda pair: (-round(float(pair[1]), 2), codes[pair[0]]))
    return best[0] if best[1] > 0 else None


def _pass_on_fragments(mended: Geometries, before: Geometries, codes: Sequence[str]) -> list[Change]:
    """Small pieces that the repair cut off from a unit go to the neighbour with the longest border."""
    rules = standards.table("admin/checks").data
    more = np.flatnonzero(shapely.get_num_geometries(mended) > shapely.get_num_geometries(before))
    changes: list[Change] = []
    for unit in more:
        parts = shapely.get_parts(mended[unit])
        sizes = areas(parts)
        small = sizes < rules["fragment_share"] * sizes.sum()
        stay = list(parts[~small])
        for part, size in sorted(zip(parts[small], sizes[small]), key=lambda pair: -pair[1]):
            near = [
                int(other) for other in shapely.STRtree(mended).query(part, predicate="intersects") if other != unit
            ]
            heir = _longest_border(part, near, mended, codes)
            if heir is None:
                stay.append(part)
                continue
            mended[heir] = shapely.coverage_union_all([mended[heir], part])
            changes.append(("fragment", heir, (int(unit),), float(size)))
        mended[unit] = _dissolve(np.array(stay, dtype=object))
    return changes


def _as_before(mended: Geometries, before: Geometries) -> Geometries:
    """Units that did not change keep their own object: same start of rings, same order of parts."""
    same = shapely.equals_exact(mended, before, tolerance=0.0, normalize=True)
    return np.asarray(np.where(same, before, mended))
