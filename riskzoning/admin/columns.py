"""From the frames that a study gives to one frame for each level with the columns that the checks know."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import geopandas as gpd
import pandas as pd

from riskzoning import standards
from riskzoning.admin.codes import full_length, is_code, level_of_code, tidy_code, tidy_text
from riskzoning.admin.findings import Findings
from riskzoning.admin.free import free_column, free_levels
from riskzoning.errors import AdminError, Phrase, decided, grouped
from riskzoning.results import LEVELS, VILLAGE

Layers: TypeAlias = Mapping[str, gpd.GeoDataFrame] | gpd.GeoDataFrame
# Wanted name -> name in the frame, or one such mapping for each level.
Columns: TypeAlias = Mapping[str, str | Mapping[str, str] | None]
_OPTIONAL = {
    "county": ("parent", "city"),
    "township": ("parent", "county", "city"),
    "village": ("parent", "township", "county", "city"),
}


def level_frames(raw: Layers, columns: Columns | None, findings: Findings) -> dict[str, gpd.GeoDataFrame]:
    """One frame for each level, coarsest first, with columns ``code name`` and, where known, ``parent county city``."""
    if isinstance(raw, pd.DataFrame):
        raw = _split(_flat(raw), _of_level(columns, None), findings)
    frames: dict[str, gpd.GeoDataFrame] = {}
    levels = findings.profile.levels
    unknown = sorted(str(level) for level in raw if level not in levels)
    if unknown:
        findings.add(None, "admin.level", "error", unknown=unknown, levels=levels)
    for level in levels:
        frame = raw.get(level)
        if frame is None:
            continue
        source = getattr(frame, "attrs", {}).get("source")
        if source:
            findings.sources[level] = str(source)
        standard = _standard(_flat(frame), level, _of_level(columns, level), findings)
        if standard is not None and _is_filled(standard, level, findings):
            frames[level] = standard
    if not frames and not findings.errors():
        findings.add(None, "admin.empty", "error")
    stated = next((names["area"] for level in frames if "area" in (names := _of_level(columns, level))), None)
    if stated is not None and not any("area" in frame.columns for frame in frames.values()):
        present = sorted({str(name) for frame in raw.values() for name in _columns(frame)})
        findings.add(None, "admin.no_area_column", "error", field="area", name=stated, columns=present)
    # Without codes and geometries nothing else can be checked.
    if findings.errors():
        raise AdminError(problems=grouped(findings.problems))
    return frames


def _of_level(columns: Columns | None, level: str | None) -> dict[str, str]:
    names = dict(columns or {})
    if any(isinstance(value, Mapping) for value in names.values()):
        own = names.get(level) if level else None
        names = dict(own) if isinstance(own, Mapping) else {}
    return {str(wanted): str(name) for wanted, name in names.items() if name is not None}


def _flat(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    out = frame.copy(deep=False)
    return out.reset_index() if out.index.name in ("code", "adcode") and out.index.name not in out.columns else out


def _is_filled(frame: gpd.GeoDataFrame, level: str, findings: Findings) -> bool:
    if len(frame):
        return True
    findings.add(level, "admin.no_rows", "error")
    return False


def _split(frame: gpd.GeoDataFrame, columns: Mapping[str, str], findings: Findings) -> dict[str, gpd.GeoDataFrame]:
    """A single frame by level: its level column, else the form of the codes."""
    if not findings.profile.china:
        named = columns.get("level") or _first(frame, "level")
        return free_levels(frame, named if named in frame.columns else None, findings)
    lookup = {
        str(value).lower(): level
        for level, values in standards.table("admin/columns").data["level_values"].items()
        for value in values
    }
    level_column = columns.get("level") or _first(frame, "level")
    if level_column in frame.columns:
        texts = [tidy_text(str(value)) for value in frame[level_column]]
        levels = [lookup.get(text.lower()) for text in texts]
        wrong = sorted({text for text, level in zip(texts, levels) if level is None})
        rule, column = "admin.level_values", level_column
    else:
        code_column = columns.get("code") or _first(frame, "code")
        if code_column not in frame.columns:
            # The missing column is reported with the level that the study most likely means.
            return {"county": frame}
        codes = [tidy_code(value) for value in frame[code_column]]
        levels = [_level_by_form(code) for code in codes]
        wrong = [code for code, level in zip(codes, levels) if level is None]
        rule, column = "admin.level_codes", code_column
    if wrong:
        findings.add(None, rule, "error", wrong=wrong, levels=LEVELS, column=column)
    series = pd.Series(levels, index=frame.index)
    return {level: frame[series == level] for level in LEVELS if (series == level).any()}


def _level_by_form(code: str) -> str | None:
    for longer in LEVELS:
        if full_length(code, longer):
            return longer
    level = level_of_code(code)
    return level if level in LEVELS else None


def _standard(
    frame: gpd.GeoDataFrame, level: str, columns: Mapping[str, str], findings: Findings
) -> gpd.GeoDataFrame | None:
    if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
        findings.add(level, "admin.type", "error", kind=type(frame).__name__)
        return None
    # Areas are taken only where they are named: those of polygons are in such columns more often than published ones.
    picked = {"area": columns["area"]} if columns.get("area") in frame.columns else {}
    for wanted in ("code", "name", *(_OPTIONAL.get(level, ("parent",)) if findings.profile.china else ("parent",))):
        if wanted in columns:
            if columns[wanted] in frame.columns:
                picked[wanted] = columns[wanted]
            elif wanted in frame.columns:
                # read_vector has renamed it already.
                picked[wanted] = wanted
            else:
                _report_missing(frame, wanted, columns[wanted], level, findings)
            continue
        name = _guess(frame, wanted, level) if findings.profile.china else free_column(_columns(frame), wanted)
        if name is not None:
            picked[wanted] = name
        elif wanted in ("code", "name"):
            _report_missing(frame, wanted, None, level, findings)
    taken = [(wanted, name) for wanted, name in picked.items() if wanted != name and wanted not in columns]
    if taken:
        shown = [Phrase("taken_from", wanted=wanted, name=name) for wanted, name in taken]
        findings.action(level, "admin.done.columns", columns=shown)
    if not {"code", "name"} <= set(picked):
        return None
    decided(Phrase("level_frame", name=level), "columns", picked, "study" if columns else "name")
    data = {wanted: frame[name].to_numpy() for wanted, name in picked.items()}
    return gpd.GeoDataFrame(data, geometry=frame.geometry.to_numpy(), crs=frame.crs)


def _report_missing(frame: gpd.GeoDataFrame, wanted: str, name: str | None, level: str, findings: Findings) -> None:
    if level == VILLAGE and wanted == "parent":
        # The column is named for all layers; codes of villages tell their townships without it.
        return
    present = _columns(frame)
    near = difflib.get_close_matches(name or wanted, present, n=3, cutoff=0.4)
    if name:
        likely = _guess(frame, wanted, level) if findings.profile.china else free_column(present, wanted)
        near = [column for column in present if column == likely] + [column for column in near if column != likely]
        shown = likely or Phrase("some_column")
        values: dict[str, Any] = {"name": name, "wanted": wanted, "columns": near or present, "likely": shown}
        findings.add(level, "admin.columns", "error", field=wanted, **values)
    else:
        findings.add(level, "admin.columns_unknown", "error", field=wanted, wanted=wanted, columns=near or present)


def _columns(frame: gpd.GeoDataFrame) -> list[str]:
    return [str(column) for column in frame.columns if column != frame.active_geometry_name]


def _aliases(wanted: str, level: str) -> Sequence[str]:
    table = standards.table("admin/columns").data
    if wanted == "name" and level == VILLAGE:
        # A list of villages names their townships too, often under words that name a unit elsewhere.
        return [*table[level], *table[wanted]]
    extra = table[level] if wanted == "name" and level in ("county", "city") else []
    return [*table[wanted], *extra]


def _first(frame: gpd.GeoDataFrame, wanted: str) -> str | None:
    by_name = {str(column).strip().lower(): str(column) for column in frame.columns}
    for alias in standards.table("admin/columns").data[wanted]:
        if alias.lower() in by_name:
            return by_name[alias.lower()]
    return None


def _guess(frame: gpd.GeoDataFrame, wanted: str, level: str) -> str | None:
    """The column for a wanted name: the first usual one; for codes, the first whose values have the level's form."""
    by_name = {str(column).strip().lower(): str(column) for column in frame.columns}
    there = [by_name[alias.lower()] for alias in _aliases(wanted, level) if alias.lower() in by_name]
    if wanted == "code":
        for name in there:
            codes = [tidy_code(value) for value in frame[name]]
            fitting = sum(is_code(code, level) or full_length(code, level) is not None for code in codes)
            if codes and fitting >= len(codes) / 2:
                return name
    return there[0] if there else None
