"""A run as it is compared: its units with their values, weights, breaks and record; from memory or from its folder."""

from __future__ import annotations

import io as memory
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from riskzoning import io, standards
from riskzoning.config.weighing import receptor_weights
from riskzoning.errors import ConfigError, Journal, Problem, RiskZoningError, hearing
from riskzoning.exposure import RECEPTORS
from riskzoning.files import bounded
from riskzoning.limits import RECORD_BYTES, TABLE_BYTES
from riskzoning.results import Breaks, StudyResult, level_order

_TEXTS = {"code": str, "name": str, "parent": str, "multi_leading": str}
_HEAD = ("name", "level", "parent")


@dataclass(frozen=True)
class ComparedRun:
    """What is compared of a run.

    ``units`` (index ``code``) has the units of all levels, coarsest first, with ``name level parent`` and their
    columns; ``breaks`` the breaks of the units by key of the index; ``shapes`` the geometry by code, where it is known.
    """

    label: str
    units: pd.DataFrame
    weights: pd.Series[float]
    breaks: Mapping[str, Breaks]
    record: Mapping[str, Any]
    hazards: tuple[str, ...] = ()
    receptors: tuple[str, ...] = ()
    shapes: gpd.GeoSeries | None = None
    level_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def study(self) -> Mapping[str, Any]:
        """The study as it was resolved."""
        study: Mapping[str, Any] = self.record.get("study", {})
        return study

    def section(self, name: str) -> Mapping[str, Any]:
        """A section of the study; empty where the record has none."""
        section = self.study.get(name)
        return section if isinstance(section, Mapping) else {}

    @cached_property
    def tables(self) -> dict[str, Any]:
        """The tables of standards that its study replaces and that the record holds whole."""
        return {name: value for name, value in self.section("standards").items() if isinstance(value, Mapping)}

    def receptor_weights(self, hazard: str) -> dict[str, float] | None:
        """The weights of the receptors in the risk of a hazard, where they are not the usual ones."""
        stated = self.section("risk").get("receptor_weights") or {}
        hazards = self.study.get("hazards") or ()
        return receptor_weights(hazard, hazards=hazards, stated=stated, receptors=self.receptors)

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels of the units, coarsest first."""
        return level_order(self.units)

    def title(self, lang: str) -> str:
        """What the study area is called."""
        given = self.names or self.section("name")
        return str(given.get(lang) or given.get("zh") or given.get("en") or self.study.get("code") or self.label)

    def level_name(self, level: str, lang: str) -> str:
        """What people read for a level."""
        return self.level_names.get(level, {}).get(lang) or standards.names("level", level, lang)


def compared(run: StudyResult | str | Path) -> ComparedRun:
    """A run to compare: a result, or the folder of one."""
    return _of_result(run) if isinstance(run, StudyResult) else _of_folder(Path(run))


def _of_result(result: StudyResult) -> ComparedRun:
    if not result.units:
        raise ConfigError(Problem("compare.no_grades", str(result.folder)))
    frames = [result.units[level] for level in result.levels]
    units = pd.concat([pd.DataFrame(frame.drop(columns="geometry")) for frame in frames])
    shapes = pd.concat([frame.geometry for frame in frames])
    breaks = {index.key: cut.units for index, cut in result.breaks.items()}
    weights = result.tables.get("weights", pd.DataFrame())
    return ComparedRun(
        str(result.folder), units, _weights(weights), breaks, result.record, result.hazards, result.receptors,
        gpd.GeoSeries(shapes), result.level_names, result.name,
    )  # fmt: skip


def _of_folder(folder: Path) -> ComparedRun:
    record = _record(folder)
    files = sorted((folder / "tables").glob("units_*.csv")) if (folder / "tables").is_dir() else []
    if not files:
        # A study asks for tables unless it says no: then it is the run that went not far enough.
        asked = record.get("study", {}).get("outputs", {}).get("tables", False)
        raise ConfigError(Problem("compare.unpublished" if asked else "compare.no_tables", str(folder)))
    units = pd.concat([_table(path) for path in files])
    if units["code"].duplicated().any() or not set(_HEAD) <= set(units.columns):
        raise ConfigError(Problem("compare.no_tables", str(folder)))
    units = units.set_index("code")
    order = {level: place for place, level in enumerate(level_order(units))}
    units = units.sort_values("level", key=lambda levels: levels.map(order), kind="stable")
    weights, cut = folder / "tables/weights.csv", folder / "tables/breaks.csv"
    levels = record.get("study", {}).get("admin", {}).get("levels", [])
    names = {level["key"]: {"zh": level["zh"], "en": level["en"]} for level in levels if "key" in level}
    study = record.get("study", {})
    return ComparedRun(
        str(folder), units, _weights(_table(weights) if weights.exists() else pd.DataFrame()),
        _breaks(_table(cut)) if cut.exists() else {}, record,
        tuple(str(item["hazard"]) for item in study.get("hazards", ())),
        tuple(name for name in RECEPTORS if study.get("exposure", {}).get(name)),
        _shapes(folder, record, list(order)), names,
    )  # fmt: skip


def _record(folder: Path) -> Mapping[str, Any]:
    if not folder.is_dir():
        raise ConfigError(Problem("compare.no_folder", str(folder)))
    if not (folder / "run.json").is_file():
        raise ConfigError(Problem("compare.no_record", str(folder)))
    try:
        record = json.loads(bounded(folder / "run.json", RECORD_BYTES))
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise ConfigError(Problem("compare.record", str(folder / "run.json")))
    return record


def _table(path: Path) -> pd.DataFrame:
    """A table as a run has written it; its numbers are read to the last digit."""
    try:
        content = memory.BytesIO(bounded(path, TABLE_BYTES))
        table: pd.DataFrame = pd.read_csv(content, encoding="utf-8-sig", dtype=_TEXTS, float_precision="round_trip")
    except (ValueError, pd.errors.ParserError) as error:
        raise ConfigError(Problem("compare.table", str(path), reason=str(error))) from None
    return table


def _weights(table: pd.DataFrame) -> pd.Series[float]:
    if not {"hazard", "weight"} <= set(table.columns):
        return pd.Series(dtype=float)
    return pd.Series(table["weight"].to_numpy(dtype=float), index=table["hazard"].astype(str))


def _breaks(table: pd.DataFrame) -> dict[str, Breaks]:
    if not {"index", "applied_to", "rule", "closed", "upper_bound"} <= set(table.columns):
        return {}
    own = table[table["applied_to"] == "units"]
    return {
        str(key): Breaks(str(rows["rule"].iloc[0]), tuple(map(float, rows["upper_bound"])), rows["closed"].iloc[0])
        for key, rows in own.groupby("index", sort=False)
    }


def _shapes(folder: Path, record: Mapping[str, Any], levels: list[str]) -> gpd.GeoSeries | None:
    """The geometry of the units from the database of the run, when that is a file in its folder."""
    target = record.get("study", {}).get("outputs", {}).get("database") or "database.gpkg"
    path = folder / str(target)
    if "://" in str(target) or not path.is_file():
        return None
    parts = []
    for level in levels:
        try:
            with hearing(Journal()):
                frame = io.read_vector(path, layer=f"unit_{level}", name=f"unit_{level}")
        except RiskZoningError:
            return None
        parts.append(frame.set_index(frame["code"].astype(str)).geometry)
    return gpd.GeoSeries(pd.concat(parts)) if parts else None
