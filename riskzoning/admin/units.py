"""Administrative units of a study: all levels in one frame, checked; what was mended is listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskzoning import standards
from riskzoning.admin.codes import clean_level, is_pseudo_county, level_of_code, parent_code
from riskzoning.admin.columns import level_frames
from riskzoning.admin.datum import check_datum, convert_datum
from riskzoning.admin.evidence import named_datum, proven_datum
from riskzoning.admin.findings import Findings, area_text, listed
from riskzoning.admin.geometry import areas, place_level
from riskzoning.admin.topology import Borders, Mended, borders, mend, union
from riskzoning.errors import AdminError, Problem, first_few
from riskzoning.results import LEVELS

Frames = dict[str, gpd.GeoDataFrame]


@dataclass(frozen=True)
class AdminUnits:
    """Checked units and what was noticed on the way.

    Parameters
    ----------
    units : GeoDataFrame
        Index ``code``; columns ``name level parent geometry``; EPSG:4490; coarsest level first.
    problems : tuple of Problem
        Warnings and notes; errors are raised.
    actions : tuple of dict
        What was changed: repairs, conversions, levels that were built up.
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
    actions: tuple[dict[str, Any], ...] = ()
    reference_check: str = "not checked"


def assemble(
    raw: Any,
    *,
    columns: Mapping[str, Any] | None = None,
    datum: str | None = None,
    repair: bool = False,
    reference: gpd.GeoDataFrame | None = None,
    pseudo_counties: Mapping[str, str] | None = None,
    name: str = "admin",
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

    Raises
    ------
    AdminError
        With every defect that is not mended.

    Examples
    --------
    >>> from riskzoning.samples import city_units
    >>> units = city_units().reset_index()
    >>> found = assemble({level: units[units.level == level] for level in ("county", "township")})
    >>> found.units.level.value_counts().to_dict()["city"], found.reference_check
    (1, 'not checked')
    """
    said = datum is not None
    datum = "wgs84" if datum is None or datum == "cgcs2000" else datum
    check_datum(datum)
    found = Findings(name, repair=repair)
    frames: Frames = {}
    for level, frame in level_frames(raw, columns, found).items():
        placed = place_level(clean_level(frame, level, found), level, found)
        if placed is not None and len(placed):
            frames[level] = placed.to_crs("EPSG:4490")
    if not frames:
        if not found.errors():
            found.add(None, "admin.empty", "holds no unit", "units of one level or more", "Check the file.", "error")
        raise AdminError(problems=found.errors())
    as_given = frames
    if datum != "wgs84":
        frames = {level: convert_datum(frame, datum) for level, frame in frames.items()}
        # Declared by the study: nothing that anybody has to look at.
        found.action(None, f"coordinates converted from {datum} to WGS84", rule="admin.change")
    frames, checked = _against_reference(frames, reference, found, declared=datum, as_given=as_given)
    if checked == "not checked" and datum == "wgs84":
        frames = _against_names(frames, found, said=said)
    frames = {level: _topology(frame, level, frames, found) for level, frame in frames.items()}
    _fold_zones(frames, dict(pseudo_counties or {}), found)
    _parents(frames, dict(pseudo_counties or {}), found)
    _same_names(frames, found)
    _build_up(frames, found)
    _nesting(frames, found)
    if found.errors():
        raise AdminError(problems=found.stopping())
    return AdminUnits(_joined(frames), tuple(found.problems), tuple(found.actions), checked)


def _against_reference(
    frames: Frames, reference: gpd.GeoDataFrame | None, found: Findings, *, declared: str, as_given: Frames
) -> tuple[Frames, str]:
    if reference is None:
        return frames, "not checked"
    evidence = proven_datum(frames, reference)
    level = "county" if "county" in frames else next(iter(frames))
    if not evidence.compared:
        text = "cannot be compared with the reference: no boundaries, and fewer than 5 points with a known code"
        fix = "Name the column of the codes with `column:` under `reference:`."
        found.add(level, "admin.reference", text, "boundaries, or points with the code of their unit", fix)
        return frames, "not checked"
    if not evidence.off:
        return frames, "passed"
    if declared != "wgs84" and not proven_datum(as_given, reference).off:
        text = f"fits the reference as it is; converted from {declared.upper()} it lies {evidence.before:.0f} m off"
        found.defect(level, "admin.datum", text, "the true datum", fix='Remove "datum:" from study.yaml.')
        return frames, "off"
    if evidence.datum is None:
        text = f"lies {evidence.before:.0f} m off the reference, and neither GCJ-02 nor BD-09 explains it"
        fix = "Compare both in a GIS: another year, another datum, or points with wrong coordinates."
        found.add(level, "admin.reference", text, "boundaries that agree with the reference", fix)
        return frames, "off"
    found.defect(
        level,
        "admin.datum",
        f"lies {evidence.before:.0f} m off the reference; the inverse {evidence.datum.upper()} shift leaves "
        f"{evidence.after:.0f} m",
        "coordinates in WGS84 or CGCS2000",
        fix=f'Declare "datum: {evidence.datum}" in study.yaml, or set repair: true.',
        repaired=f"coordinates converted from {evidence.datum} to WGS84",
    )
    return {key: convert_datum(frame, evidence.datum) for key, frame in frames.items()}, "converted"


def _against_names(frames: Frames, found: Findings, *, said: bool) -> Frames:
    """A file whose name states an offset datum: the study must say which datum holds."""
    out = dict(frames)
    for level, frame in frames.items():
        source = found.sources.get(level, "")
        named = named_datum(source)
        if named is None:
            continue
        text = f"states the datum {named.upper()} in its name"
        if said:
            fix = "Declare a reference under `admin:` to prove it, or rename the file."
            found.add(level, "admin.datum", f"{text}; the study says WGS84", "one datum", fix)
            continue
        found.defect(
            level,
            "admin.datum",
            text,
            "coordinates in WGS84 or CGCS2000",
            fix=f'Declare "datum: {named}" (or wgs84, when that is true) in study.yaml, or set repair: true.',
            repaired=f"coordinates converted from {named} to WGS84",
        )
        out[level] = convert_datum(frame, named)
    return out


def _topology(frame: gpd.GeoDataFrame, level: str, frames: Frames, found: Findings) -> gpd.GeoDataFrame:
    shapes = frame.geometry.to_numpy()
    above = [frames[key] for key in LEVELS[: LEVELS.index(level)] if key in frames]
    outline = union(above[-1].geometry.to_numpy()) if above else None
    state = borders(shapes, outline)
    codes = [str(code) for code in frame["code"]]
    if state.exact and not state.gaps:
        return frame
    mended = mend(shapes, codes, None)
    _report_borders(state, mended, codes, level, found)
    if (state.overlaps or state.gaps) and not found.repair:
        return frame
    # Rounding noise is always taken out: levels must add up exactly.
    _note_changes(mended, codes, level, found)
    return frame.set_geometry(gpd.GeoSeries(mended.geometries, index=frame.index, crs=frame.crs))


def _report_borders(state: Borders, mended: Mended, codes: list[str], level: str, found: Findings) -> None:
    """Overlaps and gaps as errors: all without repair, with it those that cannot be mended."""
    swallowed = {unit for kind, units, _ in mended.refused if kind == "overlap" for unit in units}
    for piece in state.overlaps:
        pair = [codes[piece.first], codes[piece.second]]
        lost = swallowed & {piece.first, piece.second}
        if found.repair and not lost:
            continue
        text = f"overlap by {area_text(piece.area_m2)} ({piece.width_m:.0f} m wide): {listed(pair)}"
        fix = "Correct the file" + ("." if lost else ", or set repair: true in study.yaml.")
        if lost:
            text += f"; {listed([codes[unit] for unit in lost])} would lose most of its area"
        found.defect(level, "admin.overlap", text, "units that share borders only", codes=pair, fix=fix)
    limit = float(standards.table("admin/checks").data["gap_width_max_m"])
    for gap in state.gaps:
        wide = gap.width_m > limit
        if found.repair and not wide:
            continue
        around = [codes[i] for i in gap.around]
        text = f"leave a gap of {area_text(gap.area_m2)} ({gap.width_m:.0f} m wide) between {listed(around)}"
        fix = "Correct the file: a unit may be missing there."
        if not wide:
            fix = "Correct the file, or set repair: true in study.yaml."
        found.defect(level, "admin.gap", text, "units without gaps between them", codes=around, fix=fix)


def _note_changes(mended: Mended, codes: list[str], level: str, found: Findings) -> None:
    """Every piece of ground that changed hands as an action; what comes from rounding as one."""
    words = {
        "overlap": "overlap given to one side: {0} keeps it, not {1}",
        "gap": "gap given to the neighbour with the longest border: {0}",
        "fragment": "fragment cut off by the repair passed on: from {1} to {0}",
    }
    smallest = float(standards.table("admin/checks").data["noise_area_m2"])
    noise = 0.0
    for kind, unit, losers, area in mended.changes:
        if area <= smallest:
            noise += area
            continue
        what = words[kind].format(codes[unit], listed([codes[loser] for loser in losers]))
        involved = [codes[unit], *(codes[loser] for loser in losers)]
        found.action(level, what, codes=involved, area_m2=area, rule=f"admin.{kind}")
    if noise > 0:
        found.action(level, "rounding of borders taken out", area_m2=noise, rule="admin.noise")


def _fold_zones(frames: Frames, pseudo: Mapping[str, str], found: Findings) -> None:
    """Polygons of statistical zones in the county layer become part of the county that holds their ground."""
    if "county" not in frames:
        return
    frame = frames["county"]
    zones = [code for code in frame["code"] if is_pseudo_county(str(code))]
    unmapped = [code for code in zones if pseudo.get(code) not in set(frame["code"])]
    if unmapped:
        text = f"has statistical zones as counties: {first_few(unmapped)}"
        fix = "Map them with `pseudo_counties:` under `admin:`, or leave them as counties of their own."
        found.add("county", "admin.pseudo", text, "counties of GB/T 2260", fix)
    shapes = dict(zip(frame["code"], frame.geometry, strict=True))
    folded = [code for code in zones if code not in unmapped]
    for code in folded:
        host = pseudo[code]
        shapes[host] = union(np.array([shapes[host], shapes[code]], dtype=object))
        found.action("county", f"statistical zone {code} folded into {host}", codes=[code, host], rule="admin.pseudo")
    if folded:
        kept = frame[~frame["code"].isin(folded)]
        frames["county"] = kept.set_geometry(
            gpd.GeoSeries([shapes[code] for code in kept["code"]], index=kept.index, crs=frame.crs)
        )


def _same_names(frames: Frames, found: Findings) -> None:
    """Two units of one parent with one name are worth a look: the same unit twice, or a wrong name."""
    for level, frame in frames.items():
        if "parent" not in frame.columns:
            continue
        double = frame[frame.duplicated(["parent", "name"], keep=False) & (frame["name"] != "")]
        for (parent, name), group in double.groupby(["parent", "name"], sort=True):
            text = f"has the name {name} {len(group)} times in {parent}: {first_few(group['code'])}"
            found.add(level, "admin.same_name", text, "a name of its own for each unit", "Check the names.")


def _parents(frames: Frames, pseudo: Mapping[str, str], found: Findings) -> None:
    """Give every unit a parent: its own column, the mapping of statistical zones, else the prefix of its code."""
    for level in ("township", "county"):
        if level not in frames:
            continue
        frame = frames[level]
        above = frames.get(LEVELS[LEVELS.index(level) - 1])
        higher = [frames[key] for key in LEVELS[: LEVELS.index(level)] if key in frames]
        # A township may stand directly under a city that has counties too.
        known = {code for part in higher for code in part["code"]} if above is not None else None
        given = frame["parent"].tolist() if "parent" in frame.columns else [None] * len(frame)
        by_name = _counties_by_name(frame) if level == "township" else {}
        parents: list[str] = []
        orphans: list[str] = []
        zones: list[str] = []
        labels = frame["county"].tolist() if "county" in frame.columns else [""] * len(frame)
        for code, own, label in zip(frame["code"], given, labels, strict=True):
            parent = str(own) if own and not pd.isna(own) else parent_code(str(code)) or ""
            parent = pseudo.get(parent, parent)
            if is_pseudo_county(parent):
                parent = by_name.get(str(label), parent)
            parents.append(parent)
            if known is not None and parent not in known:
                (zones if is_pseudo_county(parent) else orphans).append(f"{code} (parent {parent})")
            elif known is None and level == "township" and is_pseudo_county(parent):
                zones.append(f"{code} (parent {parent})")
        frames[level] = frame.assign(parent=parents)
        if orphans:
            text = f"has {len(orphans)} units whose parent is missing: {first_few(orphans)}"
            fix = "Add the missing unit to the layer above, or correct codes and the column `parent`."
            found.add(level, "admin.parent", text, "a parent in the layer above", fix, "error")
        if zones:
            text = f"has {len(zones)} units of statistical zones: {first_few(zones)}"
            fix = "Map them with `pseudo_counties:` under `admin:`, or give a column `parent`."
            found.add(level, "admin.pseudo", text, "counties of GB/T 2260 as parents", fix, "error")


def _counties_by_name(frame: gpd.GeoDataFrame) -> dict[str, str]:
    """County code of each name in the column ``county``, as the regular codes of its townships tell."""
    if "county" not in frame.columns:
        return {}
    own = pd.Series([parent_code(str(code)) or "" for code in frame["code"]], index=frame.index)
    regular = ~own.map(is_pseudo_county)
    found = own[regular].groupby(frame["county"][regular]).agg(lambda codes: codes.mode().iloc[0])
    return {str(name): str(code) for name, code in found.items()}


def _build_up(frames: Frames, found: Findings) -> None:
    """Missing coarser levels as unions of the units below."""
    for level in ("county", "city"):
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
            found.action(level, "built up from the units below", codes=list(made["code"]), rule="admin.built")


def _nesting(frames: Frames, found: Findings) -> None:
    """Parents are the unions of their children; small differences are taken out, large ones are defects."""
    rules = standards.table("admin/checks").data
    for level, next_level in (("county", "township"), ("city", "county")):
        lower = {key: frames[key] for key in LEVELS[LEVELS.index(level) + 1 :] if key in frames}
        if level not in frames or not lower:
            continue
        below = next_level if next_level in lower else next(iter(lower))
        frame = frames[level].copy()
        shapes = list(frame.geometry)
        parts = pd.concat(lower.values(), ignore_index=True)
        for position, code in enumerate(frame["code"]):
            children = parts[parts["parent"] == code].geometry.to_numpy()
            if not len(children):
                found.add(
                    level,
                    "admin.childless",
                    f"unit {code} has no unit below it",
                    f"{below} units",
                    "Add them.",
                    "warning",
                )
                continue
            whole = union(children)
            own, sum_of = float(areas(np.array([shapes[position]]))[0]), float(areas(np.array([whole]))[0])
            differ = float(areas(np.array([shapely.symmetric_difference(shapes[position], whole)]))[0]) / max(
                own, sum_of, 1e-9
            )
            if differ <= rules["nesting_exact"]:
                continue
            if differ > rules["nesting_share"]:
                text = f"unit {code} and the union of its {below} units differ by {differ:.2%} of the area"
                repaired = "made anew from the units below" if differ <= rules["rebuild_share_max"] else None
                found.defect(level, "admin.union", text, "levels that nest", codes=[str(code)], repaired=repaired)
            shapes[position] = whole
        frames[level] = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))


def _joined(frames: Frames) -> gpd.GeoDataFrame:
    parts = []
    for level in LEVELS:
        if level in frames:
            frame = frames[level]
            parent = (
                frame["parent"] if "parent" in frame.columns else [parent_code(str(c)) or "" for c in frame["code"]]
            )
            columns = {"code": frame["code"], "name": frame["name"], "level": level, "parent": parent}
            part = gpd.GeoDataFrame(columns, geometry=frame.geometry.to_numpy(), crs="EPSG:4490")
            parts.append(part.sort_values("code", kind="stable"))
    units = pd.concat(parts, ignore_index=True).set_index("code")
    return gpd.GeoDataFrame(units, geometry="geometry", crs="EPSG:4490")


def check_admin(units: gpd.GeoDataFrame, *, name: str = "units") -> gpd.GeoDataFrame:
    """The units themselves, when they keep the contract: index ``code`` (text, each once), columns, CRS, polygons.

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
    fix = "Make the frame with riskzoning.admin.assemble."

    def add(found: str, required: str) -> None:
        problems.append(Problem(name, found, required, fix, rule="admin.contract"))

    missing = [column for column in ("name", "level", "parent", "geometry") if column not in units.columns]
    if missing:
        add(f"lack the columns {', '.join(missing)}", "columns name, level, parent, geometry")
    if not units.index.is_unique:
        add(f"repeat the codes {first_few(units.index[units.index.duplicated()])}", "each code once")
    if not all(isinstance(code, str) for code in units.index):
        add("have codes that are not text", "codes as text in the index")
    if units.crs is None:
        add("have no coordinate reference system", "a CRS")
    if "level" in units.columns and set(units["level"]) - set(LEVELS):
        add(f"have the levels {first_few(sorted(set(units['level']) - set(LEVELS)))}", f"levels {', '.join(LEVELS)}")
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
