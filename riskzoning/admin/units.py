"""Administrative units of a study: all levels in one frame, checked; what was mended is listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskzoning import standards
from riskzoning.admin.codes import clean_level, is_pseudo_county, level_of_code, parent_code
from riskzoning.admin.columns import Columns, Layers, level_frames
from riskzoning.admin.datum import check_datum, convert_datum
from riskzoning.admin.evidence import named_datum, proven_datum
from riskzoning.admin.findings import Findings, area, ordered
from riskzoning.admin.free import build_free, check_codes_apart, clean_free, continuous, free_parents
from riskzoning.admin.geometry import against_published, areas, place_level
from riskzoning.admin.profile import CHINA, Profile
from riskzoning.admin.topology import Borders, Mended, borders, mend, union
from riskzoning.admin.villages import check_villages
from riskzoning.errors import AdminError, Phrase, Problem, grouped
from riskzoning.results import LEVELS, VILLAGE

Frames = dict[str, gpd.GeoDataFrame]


@dataclass(frozen=True)
class AdminUnits:
    """Checked units and what was noticed on the way.

    Parameters
    ----------
    units : GeoDataFrame
        Index ``code``; columns ``name level parent geometry``; EPSG:4490 (free levels: EPSG:4326); coarsest level
        first. Longitudes run on beyond 180 where units lie on both sides of it.
    problems : tuple of Problem
        Warnings and notes; errors are raised.
    actions : tuple of Problem
        What was changed, severity ``info``: repairs (``admin.mended.``, also among the problems), and conversions and
        levels that were built up (``admin.done.``).
    reference_check : str
        ``passed``, ``converted``, ``off`` (no known datum explains the distance) or ``not checked``.

    Examples
    --------
    >>> from riskzoning.samples import city_units
    >>> checked = assemble({"county": city_units(["county"]).reset_index()})
    >>> len(checked.units), checked.reference_check
    (13, 'not checked')
    """

    units: gpd.GeoDataFrame
    problems: tuple[Problem, ...] = ()
    actions: tuple[Problem, ...] = ()
    reference_check: str = "not checked"


def assemble(
    raw: Layers,
    *,
    columns: Columns | None = None,
    datum: str | None = None,
    repair: bool = False,
    reference: gpd.GeoDataFrame | None = None,
    pseudo_counties: Mapping[str, str] | None = None,
    name: str = "admin",
    profile: Profile = CHINA,
) -> AdminUnits:
    """Administrative units of all levels from the layers of a study.

    Parameters
    ----------
    raw : mapping level -> GeoDataFrame, or GeoDataFrame
        Layers ``city``, ``county``, ``township`` (any of them), or one frame with a level column.
    columns : mapping, optional
        Wanted name (``code name parent level``) -> name in the layers.
    datum : {"wgs84", "cgcs2000", "gcj02", "bd09"}, optional
        What the coordinates are in; the last two are converted and noted. Not given: WGS 84, unless the name of the
        file states another one, which is then a defect.
    repair : bool
        Mend what can be mended (invalid rings, swapped axes, gaps, overlaps, blanks, long and old codes, a proven datum
        offset) and list every change; off: each defect is an error.
    reference : GeoDataFrame, optional
        Boundaries or points (column ``code``) that are known to lie right; proves or disproves a datum offset.
    pseudo_counties : mapping, optional
        Code of a statistical zone -> county that holds its ground.
    profile : Profile
        Levels and rules of the codes: those of China, or free ones; then layers are named by those levels.

    Raises
    ------
    AdminError
        With every defect that is not mended.

    Examples
    --------
    >>> from riskzoning.samples import city_units
    >>> units = city_units().reset_index()
    >>> checked = assemble({level: units[units.level == level] for level in ("county", "township")})
    >>> checked.units.level.value_counts().to_dict()["city"], checked.reference_check
    (1, 'not checked')
    """
    said = datum is not None
    datum = "wgs84" if datum is None or datum == "cgcs2000" else datum
    check_datum(datum)
    findings = Findings(name, repair=repair, profile=profile)
    as_given = frames = _placed(raw, columns, findings)
    if datum != "wgs84":
        frames = {level: convert_datum(frame, datum) for level, frame in frames.items()}
        # Declared by the study: nothing that anybody has to look at.
        findings.action(None, "admin.done.datum", datum=datum.upper())
    frames, checked = _against_reference(frames, reference, findings, declared=datum, as_given=as_given)
    if checked == "not checked" and datum == "wgs84" and profile.china:
        frames = _against_names(frames, findings, said=said)
    frames = {level: _topology(frame, level, frames, findings) for level, frame in frames.items()}
    if profile.china:
        pseudo = dict(pseudo_counties or {})
        _fold_zones(frames, pseudo, findings)
        _parents(frames, pseudo, findings, (VILLAGE,))
        _build_up(frames, findings, ("township",))
        _parents(frames, pseudo, findings, ("township", "county"))
        _same_names(frames, findings)
        _build_up(frames, findings, ("county", "city"))
        check_villages(frames, findings)
    else:
        free_parents(frames, findings)
        _same_names(frames, findings)
        build_free(frames, findings)
    _nesting(frames, findings)
    if findings.errors():
        raise AdminError(problems=findings.stopping())
    return AdminUnits(_joined(frames, profile), tuple(findings.problems), tuple(findings.actions), checked)


def _placed(raw: Layers, columns: Columns | None, findings: Findings) -> Frames:
    """The layers with tidy codes and sound polygons in degrees; raises where none is left."""
    clean = clean_level if findings.profile.china else clean_free
    frames: Frames = {}
    for level, frame in level_frames(raw, columns, findings).items():
        placed = place_level(clean(frame, level, findings), level, findings)
        if placed is not None and len(placed):
            frames[level] = placed.to_crs(findings.profile.exchange)
            against_published(frames[level], level, findings)
    if not frames:
        if not findings.errors():
            findings.add(None, "admin.no_unit", "error")
        raise AdminError(problems=grouped(findings.errors()))
    if findings.profile.china:
        return frames
    check_codes_apart(frames, findings)
    return continuous(frames)


def _against_reference(
    frames: Frames, reference: gpd.GeoDataFrame | None, findings: Findings, *, declared: str, as_given: Frames
) -> tuple[Frames, str]:
    if reference is None:
        return frames, "not checked"
    evidence = proven_datum(frames, reference)
    level = "county" if "county" in frames else next(iter(frames))
    if not evidence.compared:
        findings.add(level, "admin.reference_codes", fewest=int(standards.table("admin/evidence").data["points"]))
        return frames, "not checked"
    if not evidence.off:
        return frames, "passed"
    if declared != "wgs84" and not proven_datum(as_given, reference).off:
        findings.defect(level, "admin.datum_declared", declared=declared.upper(), metres=round(evidence.before))
        return frames, "off"
    if evidence.datum is None:
        findings.add(level, "admin.reference", metres=round(evidence.before))
        return frames, "off"
    findings.defect(
        level,
        "admin.datum",
        mended="admin.mended.datum",
        metres=round(evidence.before),
        left=round(evidence.after),
        datum=evidence.datum,
        name=evidence.datum.upper(),
    )
    return {key: convert_datum(frame, evidence.datum) for key, frame in frames.items()}, "converted"


def _against_names(frames: Frames, findings: Findings, *, said: bool) -> Frames:
    """A file whose name states an offset datum: the study must say which datum holds."""
    out = dict(frames)
    for level, frame in frames.items():
        source = findings.sources.get(level, "")
        named = named_datum(source)
        if named is None:
            continue
        if said:
            findings.add(level, "admin.datum_disagrees", datum=named, name=named.upper())
            continue
        findings.defect(level, "admin.datum_named", mended="admin.mended.datum_named", datum=named, name=named.upper())
        out[level] = convert_datum(frame, named)
    return out


def _topology(frame: gpd.GeoDataFrame, level: str, frames: Frames, findings: Findings) -> gpd.GeoDataFrame:
    shapes = frame.geometry.to_numpy()
    above = [frames[key] for key in findings.profile.above(level) if key in frames]
    villages = findings.profile.china and level == VILLAGE
    outline = union(above[-1].geometry.to_numpy()) if above and not villages else None
    state = borders(shapes, outline)
    if villages:
        # Lists of villages have holes: lakes, farms, towns. What lies in none is told township by township.
        state = replace(state, gaps=())
    codes = [str(code) for code in frame["code"]]
    if state.exact and not state.gaps:
        return frame
    mended = mend(shapes, codes, None)
    _report_borders(state, mended, codes, level, findings)
    if (state.overlaps or state.gaps) and not findings.repair:
        return frame
    # Rounding noise is always taken out: levels must add up exactly.
    _note_changes(mended, codes, level, findings)
    return frame.set_geometry(gpd.GeoSeries(mended.geometries, index=frame.index, crs=frame.crs))


def _report_borders(state: Borders, mended: Mended, codes: list[str], level: str, findings: Findings) -> None:
    """Overlaps and gaps as errors: all without repair, with it those that cannot be mended."""
    swallowed = {unit for kind, units, _ in mended.refused if kind == "overlap" for unit in units}
    for piece in state.overlaps:
        pair = [codes[piece.first], codes[piece.second]]
        lost = swallowed & {piece.first, piece.second}
        if findings.repair and not lost:
            continue
        values: dict[str, Any] = {"area": area(piece.area_m2), "area_m2": piece.area_m2, "width": round(piece.width_m)}
        if lost:
            losers = ordered([codes[unit] for unit in lost])
            findings.defect(level, "admin.overlap_whole", codes=ordered(pair), losers=losers, **values)
        else:
            findings.defect(level, "admin.overlap", codes=ordered(pair), **values)
    limit = float(standards.table("admin/checks").data["gap_width_max_m"])
    for gap in state.gaps:
        wide = gap.width_m > limit
        if findings.repair and not wide:
            continue
        findings.defect(
            level,
            "admin.gap_wide" if wide else "admin.gap",
            area=area(gap.area_m2),
            width=round(gap.width_m),
            codes=ordered([codes[i] for i in gap.around]),
            area_m2=gap.area_m2,
        )


def _note_changes(mended: Mended, codes: list[str], level: str, findings: Findings) -> None:
    """Every piece of ground that changed hands as an action; what comes from rounding as one."""
    smallest = float(standards.table("admin/checks").data["noise_area_m2"])
    noise = 0.0
    for kind, unit, losers, square_metres in mended.changes:
        if square_metres <= smallest:
            noise += square_metres
            continue
        findings.action(
            level,
            f"admin.mended.{kind}",
            unit=codes[unit],
            losers=ordered([codes[loser] for loser in losers]),
            area=area(square_metres),
            area_m2=square_metres,
        )
    if noise > 0:
        findings.action(level, "admin.done.noise", area=area(noise), area_m2=noise)


def _fold_zones(frames: Frames, pseudo: Mapping[str, str], findings: Findings) -> None:
    """Polygons of statistical zones in the county layer become part of the county that holds their ground."""
    if "county" not in frames:
        return
    frame = frames["county"]
    zones = [code for code in frame["code"] if is_pseudo_county(str(code))]
    unmapped = [code for code in zones if pseudo.get(code) not in set(frame["code"])]
    if unmapped:
        findings.add("county", "admin.pseudo", codes=unmapped)
    shapes = dict(zip(frame["code"], frame.geometry, strict=True))
    folded = [code for code in zones if code not in unmapped]
    for code in folded:
        host = pseudo[code]
        shapes[host] = union(np.array([shapes[host], shapes[code]], dtype=object))
        findings.action("county", "admin.mended.pseudo", code=code, host=host)
    if folded:
        kept = frame[~frame["code"].isin(folded)]
        frames["county"] = kept.set_geometry(
            gpd.GeoSeries([shapes[code] for code in kept["code"]], index=kept.index, crs=frame.crs)
        )


def _same_names(frames: Frames, findings: Findings) -> None:
    """Two units of one parent with one name are worth a look: the same unit twice, or a wrong name."""
    for level, frame in frames.items():
        if "parent" not in frame.columns:
            continue
        double = frame[frame.duplicated(["parent", "name"], keep=False) & (frame["name"] != "")]
        for (parent, name), group in double.groupby(["parent", "name"], sort=True):
            codes = group["code"].tolist()
            findings.add(level, "admin.same_name", name=name, parent=parent, count=len(codes), codes=codes)


def _parents(frames: Frames, pseudo: Mapping[str, str], findings: Findings, levels: Sequence[str]) -> None:
    """Give every unit a parent: its own column, the mapping of statistical zones, else the prefix of its code."""
    for level in levels:
        if level not in frames:
            continue
        frame = frames[level]
        above = frames.get(LEVELS[LEVELS.index(level) - 1])
        higher = [frames[key] for key in LEVELS[: LEVELS.index(level)] if key in frames]
        # A township may stand directly under a city that has counties too. Villages without townships make them.
        known = {code for part in higher for code in part["code"]} if above is not None else None
        given = frame["parent"].tolist() if "parent" in frame.columns else [None] * len(frame)
        by_name = _counties_by_name(frame) if level == "township" else {}
        parents: list[str] = []
        orphans: list[Phrase] = []
        zones: list[Phrase] = []
        labels = frame["county"].tolist() if "county" in frame.columns else [""] * len(frame)
        for code, own, label in zip(frame["code"], given, labels, strict=True):
            parent = str(own) if own and not pd.isna(own) else parent_code(str(code)) or ""
            parent = pseudo.get(parent, parent)
            if is_pseudo_county(parent):
                parent = by_name.get(str(label), parent)
            parents.append(parent)
            if known is not None and parent not in known:
                (zones if is_pseudo_county(parent) else orphans).append(Phrase("unit_of", code=code, parent=parent))
            elif known is None and level == "township" and is_pseudo_county(parent):
                zones.append(Phrase("unit_of", code=code, parent=parent))
        frames[level] = frame.assign(parent=parents)
        if orphans:
            findings.add(level, "admin.parent", "error", count=len(orphans), units=orphans)
        if zones:
            findings.add(level, "admin.pseudo_parent", "error", count=len(zones), units=zones)


def _counties_by_name(frame: gpd.GeoDataFrame) -> dict[str, str]:
    """County code of each name in the column ``county``, as the regular codes of its townships tell."""
    if "county" not in frame.columns:
        return {}
    own = pd.Series([parent_code(str(code)) or "" for code in frame["code"]], index=frame.index)
    regular = ~own.map(is_pseudo_county)
    usual = own[regular].groupby(frame["county"][regular]).agg(lambda codes: codes.mode().iloc[0])
    return {str(name): str(code) for name, code in usual.items()}


def _build_up(frames: Frames, findings: Findings, levels: Sequence[str]) -> None:
    """Missing coarser levels as unions of the units below."""
    for level in levels:
        below = [frames[key] for key in LEVELS[LEVELS.index(level) + 1 :] if key in frames]
        if level in frames or not below:
            continue
        parts = pd.concat(below, ignore_index=True)
        rows = []
        for parent, group in parts.groupby("parent", sort=True):
            # Townships directly under a city (东莞, 中山) have no county.
            if not parent or level_of_code(str(parent)) != level:
                continue
            names = group[level].dropna() if level in group.columns else pd.Series(dtype=object)
            label = str(names.iloc[0]) if len(names) and str(names.iloc[0]) else str(parent)
            rows.append({"code": parent, "name": label, "geometry": union(group.geometry.to_numpy())})
        if rows:
            made = gpd.GeoDataFrame(rows, geometry="geometry", crs=parts.crs)
            made["parent"] = [parent_code(str(code)) or "" for code in made["code"]]
            frames[level] = made
            findings.action(level, "admin.done.built", codes=list(made["code"]))


def _nesting(frames: Frames, findings: Findings) -> None:
    """Parents are the unions of their children; small differences are taken out, large ones are defects."""
    rules = standards.table("admin/checks").data
    for level in reversed(findings.profile.levels[:-1]):
        lower = {key: frames[key] for key in findings.profile.below(level) if key in frames}
        if level not in frames or not lower:
            continue
        below = next(iter(lower))
        if findings.profile.china and below == VILLAGE:
            # Townships keep their own borders.
            continue
        frame = frames[level].copy()
        shapes = list(frame.geometry)
        parts = pd.concat(lower.values(), ignore_index=True)
        for position, code in enumerate(frame["code"]):
            children = parts[parts["parent"] == code].geometry.to_numpy()
            if not len(children):
                findings.add(level, "admin.childless", code=code, below=below)
                continue
            whole = union(children)
            own, sum_of = float(areas(np.array([shapes[position]]))[0]), float(areas(np.array([whole]))[0])
            differ = float(areas(np.array([shapely.symmetric_difference(shapes[position], whole)]))[0]) / max(
                own, sum_of, 1e-9
            )
            if differ > rules["nesting_share"]:
                small = differ <= rules["rebuild_share_max"]
                findings.defect(
                    level,
                    "admin.union" if small else "admin.union_far",
                    mended="admin.mended.union" if small else None,
                    code=str(code),
                    below=below,
                    share=differ,
                )
            # Also where they differ by rounding alone: neighbours share borders exactly when all are made of their
            # children, and holes of a rounding error cross themselves in a projection.
            if not shapely.equals_exact(shapely.normalize(shapes[position]), shapely.normalize(whole), 0.0):
                shapes[position] = whole
        frames[level] = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))


def _joined(frames: Frames, profile: Profile) -> gpd.GeoDataFrame:
    parts = []
    for level in profile.levels:
        if level in frames:
            frame = frames[level]
            parent = (
                frame["parent"] if "parent" in frame.columns else [parent_code(str(c)) or "" for c in frame["code"]]
            )
            columns = {"code": frame["code"], "name": frame["name"], "level": level, "parent": parent}
            part = gpd.GeoDataFrame(columns, geometry=frame.geometry.to_numpy(), crs=profile.exchange)
            parts.append(part.sort_values("code", kind="stable"))
    units = pd.concat(parts, ignore_index=True).set_index("code")
    return gpd.GeoDataFrame(units, geometry="geometry", crs=profile.exchange)


def check_admin(units: gpd.GeoDataFrame, *, name: str = "units", levels: Sequence[str] = LEVELS) -> gpd.GeoDataFrame:
    """The units themselves, when they keep the contract: index ``code`` (text, each once), columns, CRS, polygons.

    Parameters
    ----------
    units : GeoDataFrame
    name : str
        What messages call them.
    levels : sequence of str
        The levels that they may have; by default those of China.

    Raises
    ------
    AdminError
        With every part of the contract that is broken.

    Examples
    --------
    >>> from riskzoning.samples import toy_city
    >>> len(check_admin(toy_city().units))
    9
    """
    problems: list[Problem] = []
    missing = [column for column in ("name", "level", "parent", "geometry") if column not in units.columns]
    if missing:
        problems.append(Problem("admin.contract.columns", name, columns=missing))
    if not units.index.is_unique:
        twice = units.index[units.index.duplicated()].tolist()
        problems.append(Problem("admin.contract.codes_twice", name, codes=twice))
    if not all(isinstance(code, str) for code in units.index):
        problems.append(Problem("admin.contract.codes_text", name))
    if units.crs is None:
        problems.append(Problem("admin.contract.crs", name))
    if "level" in units.columns and set(units["level"]) - set(levels):
        unknown = sorted(set(units["level"]) - set(levels))
        problems.append(Problem("admin.contract.levels", name, unknown=unknown, levels=tuple(levels)))
    if problems:
        raise AdminError(problems=problems)
    return units


def levels_of(units: gpd.GeoDataFrame, level: str) -> gpd.GeoDataFrame:
    """The units of one level.

    Examples
    --------
    >>> from riskzoning.samples import toy_city
    >>> len(levels_of(toy_city().units, "county"))
    2
    """
    return units[units["level"] == level]
