"""Units outside the Chinese scheme: levels that the study names, codes of any text, parents by column or by place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.admin.codes import text_of, tidy_text
from riskzoning.admin.findings import Findings, unit
from riskzoning.admin.geometry import areas
from riskzoning.admin.profile import HALF_TURN
from riskzoning.admin.topology import union
from riskzoning.codes import code_texts
from riskzoning.errors import Phrase

Frames = dict[str, gpd.GeoDataFrame]
_EMPTY = ("", "nan", "none", "null", "<na>")
# A unit lies in the one above that holds this share of it; less is ground of nobody.
_LEAST_INSIDE = 0.5


def clean_free(frame: gpd.GeoDataFrame, level: str, findings: Findings) -> gpd.GeoDataFrame:
    """The frame with codes and names as plain text; what is missing or doubled is reported."""
    out = frame.copy()
    out["code"] = [code or "" for code in code_texts(out["code"])]
    out["name"] = [_tidy(value) for value in out["name"]]
    if "parent" in out.columns:
        out["parent"] = [code or "" for code in code_texts(out["parent"])]
    for row, (code, name) in enumerate(zip(out["code"], out["name"], strict=True), start=1):
        if not code:
            findings.add(level, "admin.free_code", "error", row=row, field="code", unit=name or Phrase("unnamed"))
        if not name:
            findings.defect(level, "admin.name", row=row, field="name", unit=unit(code))
    known = out.loc[out["code"] != "", "code"]
    for code in sorted(known[known.duplicated()].unique()):
        rows = np.flatnonzero((out["code"] == code).to_numpy())
        places = [Phrase("name_in_row", name=out["name"].iloc[row] or Phrase("unnamed"), row=row + 1) for row in rows]
        findings.add(level, "admin.duplicate", "error", field="code", code=code, count=len(rows), places=places)
    return out


def _tidy(value: object) -> str:
    text = tidy_text(text_of(value))
    return "" if text.lower() in _EMPTY else text


def check_codes_apart(frames: Mapping[str, gpd.GeoDataFrame], findings: Findings) -> None:
    """A code names one unit of all levels: tables and parents refer to it without its level."""
    first: dict[str, str] = {}
    for level, frame in frames.items():
        double = sorted({str(code) for code in frame["code"] if code and first.get(str(code), level) != level})
        if double:
            findings.add(level, "admin.free_levels", "error", field="code", codes=double, other=first[double[0]])
        for code in frame["code"]:
            first.setdefault(str(code), level)


def free_levels(frame: gpd.GeoDataFrame, column: str | None, findings: Findings) -> dict[str, gpd.GeoDataFrame]:
    """One frame by level: by its level column, else all of it the only level of the study."""
    levels = findings.profile.levels
    if column is None:
        if len(levels) == 1:
            return {levels[0]: frame}
        columns = [str(name) for name in frame.columns if name != frame.geometry.name]
        findings.add(None, "admin.free_level_column", "error", levels=levels, columns=columns)
        return {}
    words = {word.lower(): level for level in levels for word in (level, *findings.profile.words.get(level, ()))}
    texts = [_tidy(value) for value in frame[column]]
    own = pd.Series([words.get(text.lower()) for text in texts], index=frame.index)
    wrong = sorted({text for text, level in zip(texts, own, strict=True) if level is None})
    if wrong:
        findings.add(None, "admin.level_values", "error", wrong=wrong, levels=levels, column=column)
    return {level: frame[own == level] for level in levels if (own == level).any()}


def free_column(columns: Sequence[str], wanted: str) -> str | None:
    """The column for ``code``, ``name`` or ``parent`` in boundary files of the world; None when none looks like it."""
    table = standards.table("admin/columns").data["free"]
    by_name = {column.strip().lower(): column for column in columns}
    plain = next((by_name[name] for name in table[wanted] if name in by_name), None)
    if plain is not None:
        return plain
    # Columns numbered by level (ADM2_PCODE, GID_2): the highest number is the unit itself, the next one its parent.
    pattern = re.compile(str(table["numbered"]["code" if wanted == "parent" else wanted]))
    numbers: dict[int, str] = {}
    for name, column in by_name.items():
        match = pattern.fullmatch(name)
        if match:
            numbers.setdefault(int(match[1]), column)
    ranked = [numbers[number] for number in sorted(numbers, reverse=True)]
    place = 1 if wanted == "parent" else 0
    return ranked[place] if len(ranked) > place else None


def continuous(frames: Frames) -> Frames:
    """Frames whose longitudes run on across 180 degrees where the units lie on both sides of it."""
    bounds = np.vstack([shapely.bounds(frame.geometry.to_numpy()) for frame in frames.values()])
    if np.nanmax(bounds[:, 2]) - np.nanmin(bounds[:, 0]) <= HALF_TURN:
        return frames
    turned = {level: frame.set_geometry(_eastward(frame), crs=frame.crs) for level, frame in frames.items()}
    moved = np.vstack([shapely.bounds(frame.geometry.to_numpy()) for frame in turned.values()])
    return turned if np.nanmax(moved[:, 2]) - np.nanmin(moved[:, 0]) <= HALF_TURN else frames


def _eastward(frame: gpd.GeoDataFrame) -> NDArray[Any]:
    """Western longitudes as those beyond 180; parts of a unit that were cut there become one."""

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([np.where(points[:, 0] < 0, points[:, 0] + 2 * HALF_TURN, points[:, 0]), points[:, 1]])

    shapes = shapely.transform(frame.geometry.to_numpy(), move)
    several = shapely.get_num_geometries(shapes) > 1
    shapes[several] = shapely.union_all(shapes[several][:, None], axis=1)
    return np.asarray(shapes)


def free_parents(frames: Frames, findings: Findings) -> None:
    """Give every unit a parent: its own column (codes or names of the level above), else the unit that it lies in."""
    levels = findings.profile.levels
    for at, level in enumerate(levels):
        higher = [key for key in levels[:at] if key in frames]
        if level not in frames:
            continue
        if not higher:
            # What stands above is outside the study, or is built up from this column.
            if "parent" not in frames[level].columns:
                frames[level] = frames[level].assign(parent="")
            continue
        frame, above = frames[level], frames[higher[-1]]
        stated = frame["parent"].tolist() if "parent" in frame.columns else [""] * len(frame)
        codes = {str(code): str(code) for key in higher for code in frames[key]["code"]}
        names = above["name"][~above["name"].duplicated(keep=False)]
        by_name = dict(zip(names, above["code"].loc[names.index], strict=True))
        by_place = _lies_in(frame, above)
        parents, lost = [], []
        for code, own, place in zip(frame["code"], stated, by_place, strict=True):
            parent = codes.get(own) or by_name.get(own) if own else place
            parents.append(str(parent or own))
            if not parent:
                lost.append(Phrase("unit_of", code=code, parent=own) if own else str(code))
        frames[level] = frame.assign(parent=parents)
        if lost:
            findings.add(level, "admin.free_parent", "error", count=len(lost), units=lost, above=higher[-1])
        elif "parent" not in frame.columns:
            findings.action(level, "admin.done.placed", count=len(frame), above=higher[-1])


def _lies_in(frame: gpd.GeoDataFrame, above: gpd.GeoDataFrame) -> list[str | None]:
    """Code of the unit above that holds most of each unit, None where none holds half of it."""
    shapes, higher = frame.geometry.to_numpy(), above.geometry.to_numpy()
    unit_of, inside = shapely.STRtree(higher).query(shapes, predicate="intersects")
    best: list[tuple[float, str | None]] = [(_LEAST_INSIDE, None)] * len(frame)
    whole = areas(shapes)
    shares = areas(shapely.intersection(shapes[unit_of], higher[inside])) / whole[unit_of] if len(unit_of) else []
    for own, upper, share in zip(unit_of, inside, shares, strict=True):
        best[own] = max(best[own], (float(share), str(above["code"].iloc[upper])), key=lambda item: item[0])
    return [code for _, code in best]


def build_free(frames: Frames, findings: Findings) -> None:
    """Missing levels above the coarsest layer: by the column of parents, and the whole study area at the top."""
    levels = findings.profile.levels
    for level in reversed(levels[:-1]):
        lower = [frames[key] for key in findings.profile.below(level) if key in frames]
        if level in frames or not lower or any(key in frames for key in findings.profile.above(level)):
            continue
        parts = lower[0]
        top = level == levels[0]
        owners = parts["parent"].where(parts["parent"] != "", None)
        if top and owners.isna().any():
            owners = pd.Series(findings.profile.whole[0], index=parts.index)
        if owners.isna().any():
            continue
        # The only unit at the top is the study area, whatever code the units below give it.
        whole = findings.profile.whole
        own = {str(code): whole[1] for code in set(owners)} if top and len(set(owners)) == 1 else {whole[0]: whole[1]}
        rows = [
            {"code": str(code), "name": own.get(str(code)) or str(code), "geometry": union(group.geometry.to_numpy())}
            for code, group in parts.groupby(owners, sort=True)
        ]
        key = next(key for key in findings.profile.below(level) if key in frames)
        frames[key] = parts.assign(parent=owners.astype(str))
        made = gpd.GeoDataFrame(rows, geometry="geometry", crs=parts.crs).assign(parent="")
        frames[level] = made
        findings.action(level, "admin.done.built", codes=list(made["code"]))
