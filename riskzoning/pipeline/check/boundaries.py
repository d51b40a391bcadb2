"""The administrative units of a study: read as its section ``admin:`` says, named, compared with code and levels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd

from riskzoning import admin, io, standards
from riskzoning.admin import AdminUnits
from riskzoning.config import AdminConfig, CodesConfig, ReferenceConfig, StudyConfig
from riskzoning.errors import Problem, RiskZoningError, about_input
from riskzoning.pipeline.workspace.heard import comes_back, heard, told_again
from riskzoning.pipeline.workspace.record import input_places
from riskzoning.pipeline.workspace.store import fingerprint
from riskzoning.results import VILLAGE

_TABLES = (".csv", ".xlsx", ".tsv", ".txt")


# The units of the study that was run last: in a notebook one is run again and again with the same boundaries.
_HELD: dict[str, tuple[AdminUnits, dict[str, Any]]] = {}


def known_units(study: StudyConfig, tell: Callable[[Problem], None]) -> AdminUnits:
    """:func:`study_units`, with what was told of them, from memory where the same files were read the same way last."""
    try:
        files = [(name, io.checksum(study.path(path))) for name, path in input_places(study) if name[:5] == "admin"]
    except RiskZoningError:
        return study_units(study)  # which says what is wrong with the file
    section = study.admin.model_dump(mode="json")
    key = fingerprint(str(study.base), section, study.code, study.title(), files, sorted(standards.replaced()))
    if key in _HELD:
        assembled, content = _HELD[key]
        told_again(content)
        return replace(assembled, units=assembled.units.copy())
    made: list[AdminUnits] = []
    heard_of: list[Problem] = []

    def make() -> dict[str, Any]:
        made.append(study_units(study))
        return {}

    def on(problem: Problem) -> None:
        heard_of.append(problem)
        tell(problem)

    content = heard(make, on)
    _HELD.clear()
    if comes_back(heard_of) and not standards.replaced():
        _HELD[key] = (replace(made[0], units=made[0].units.copy()), content)
    return made[0]


def study_units(study: StudyConfig) -> AdminUnits:
    """The units of all levels; a city that was built up from its counties takes the name of the study."""
    config = study.admin
    words = {level.key: level.words for level in config.levels}
    free = admin.Profile(config.level_keys, china=False, words=words, whole=(study.code, study.title()))
    with about_input("admin.reference"):
        reference = None if config.reference is None else _reference(study, config.reference)
    name = config.path.as_posix() if config.path is not None else "admin"
    with about_input("admin"):
        assembled = admin.assemble(
            _layers(study, config),
            columns={str(key): value for key, value in config.columns.items()} or None,
            datum=config.datum if "datum" in config.model_fields_set else None,
            repair=config.repair,
            reference=reference,
            pseudo_counties=dict(config.pseudo_counties) or None,
            name=name if config.reference is None else f"{name} (reference {config.reference.path})",
            profile=free if config.profile == "free" else admin.Profile(),
        )
    units = assembled.units
    names = units["name"].where(units["name"] != units.index, None)
    bare = names.isna() & (units.index == study.code)
    return replace(assembled, units=units.assign(name=units["name"].mask(bare, study.title())))


def _reference(study: StudyConfig, where: ReferenceConfig) -> gpd.GeoDataFrame:
    path = study.path(where.path)
    if path.suffix.lower() in _TABLES:
        frame = io.read_points(path, x=where.x, y=where.y, crs=where.crs or "EPSG:4490", encoding=where.encoding)
    else:
        frame = io.read_vector(path, layer=where.layer, crs=where.crs, encoding=where.encoding)
    if where.column in frame.columns and where.column != "code":
        frame = frame.rename(columns={where.column: "code"})
    return frame


def _layers(study: StudyConfig, config: AdminConfig) -> gpd.GeoDataFrame | Mapping[str, gpd.GeoDataFrame]:
    codes = config.codes

    def read(path: Path, layer: str | None = None) -> gpd.GeoDataFrame:
        key = None if codes is None else codes.key
        whole = study.path(path)
        frame = io.read_vector(whole, layer=layer, crs=config.crs, encoding=config.encoding, identifier=key)
        return frame if codes is None else _coded(study, codes, frame)

    if config.paths:
        return {level: read(path, config.layers.get(level)) for level, path in config.paths.items()}
    assert config.path is not None
    if config.layers:
        return {level: read(config.path, layer) for level, layer in config.layers.items()}
    frame = read(config.path)
    return {config.level: frame} if config.level else frame


def _coded(study: StudyConfig, codes: CodesConfig, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The polygons with what the table of codes says of them."""
    wanted = codes.column or codes.key
    table = io.read_table(study.path(codes.path), sheet=codes.sheet, encoding=codes.encoding, text=(wanted,))
    return admin.join_codes(frame, table, key=codes.key, column=wanted, name=codes.path.as_posix())


def unit_problems(study: StudyConfig, units: gpd.GeoDataFrame) -> Iterator[Problem]:
    """Whether the units belong to the code of the study, and have the levels that it names."""
    own = [str(code) for code in units.index]
    china = study.admin.profile == "cn"
    if china and not any(code == study.code or code.startswith(study.code[:4]) for code in own):
        yield Problem("study.code", study.file, field="code", severity="warning", code=study.code, codes=own[:3])
    present = [level for level in study.admin.level_keys if level in set(units["level"])]
    named = study.zoning.levels is not None or not china
    lost = [level for level in study.published_levels if level not in present]
    # Villages stand below the others, never alone.
    shown = set(study.published_levels) - ({VILLAGE} if china else set())
    if (named and lost) or not set(present) & shown:
        yield Problem("study.levels", study.file, field="zoning.levels", lost=lost, present=present)
