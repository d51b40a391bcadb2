"""The objects of a study: places of its survey forms, and the features of layers that it names as objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from riskzoning import standards
from riskzoning.codes import code_texts
from riskzoning.config import ObjectsConfig, StudyConfig
from riskzoning.errors import Phrase, Problem, note
from riskzoning.maps.ranks import ranks_of
from riskzoning.pipeline.catalogue import Catalogue
from riskzoning.results import level_order
from riskzoning.surveys import form

Forms = Mapping[str, pd.DataFrame]
CRS = "EPSG:4490"
_COLUMNS = ("object_id", "kind", "name", "adcode6", "town9", "people")
# Columns of the codes of units, by how a level is ranked.
_CODES = {"county": "adcode6", "township": "town9"}


def study_objects(
    study: StudyConfig, catalogue: Catalogue, units: gpd.GeoDataFrame, forms: Forms
) -> gpd.GeoDataFrame | None:
    """Every object of a study with its kind, name, people and units; None without any. ``forms``: accepted records."""
    parts = {**dict(_surveyed(forms, study.language)), **dict(_layers(study, catalogue))}
    parts = {source: part for source, part in parts.items() if len(part)}
    if not parts:
        return None
    together = pd.concat([part.assign(_source=source) for source, part in parts.items()], ignore_index=True)
    frame = gpd.GeoDataFrame(together, geometry="geometry", crs=CRS)
    # The same number in two forms means two objects.
    twice = frame["object_id"].duplicated(keep=False)
    frame["object_id"] = frame["object_id"].where(~twice, frame["_source"] + ":" + frame["object_id"])
    return _in_units(frame.drop(columns="_source"), units)


def _surveyed(forms: Forms, lang: str) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    for name, about in standards.table("exposure/objects").data["forms"].items():
        frame = forms.get(name)
        if isinstance(frame, gpd.GeoDataFrame):
            yield name, _places(name, frame, about, lang)


def _places(name: str, frame: gpd.GeoDataFrame, about: Mapping[str, Any], lang: str) -> gpd.GeoDataFrame:
    """The records of a form as objects; those without usable coordinates are left out and told."""
    usable = frame.geometry.notna()
    if not usable.all():
        thing = Phrase("survey_form", name=name)
        note(Problem("dropped.survey_places", thing, severity="warning", count=int((~usable).sum())))
    frame, of = frame[usable], form(name)
    called = about.get("called", {}).get(lang) or of.titles[lang].removesuffix("调查表")
    kind = pd.Series(called, index=frame.index, dtype="string")
    if "kind" in about:
        kind = frame[about["kind"]].astype("string").replace(about.get("kinds", {})).fillna(called)
    people = frame[about["people"]] if "people" in about else 0.0
    columns: dict[str, Any] = {"object_id": frame[of.key].astype("string"), "kind": kind, "people": people}
    columns |= {column: frame[column] for column in ("name", "adcode6", "town9") if column in frame}
    return _framed(pd.DataFrame(columns, index=frame.index), frame.geometry.to_crs(CRS))


def _layers(study: StudyConfig, catalogue: Catalogue) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    for at, given in enumerate(study.exposure.objects):
        frame = catalogue.vector(given.layer)
        bare = frame.geometry.isna() | frame.geometry.is_empty
        if bare.any():
            thing = Phrase("input", name=given.layer)
            note(Problem("dropped.objects_unplaced", thing, severity="warning", count=int(bare.sum())))
        yield f"{given.layer}-{at + 1}", _features(frame[~bare], given)


def _features(frame: gpd.GeoDataFrame, given: ObjectsConfig) -> gpd.GeoDataFrame:
    """The features of a layer as objects."""
    called = given.kind or given.layer
    own = {} if given.kind_column is None else {"kind": frame[given.kind_column].astype("string").fillna(called)}
    name = given.name or next((column for column in ("name", "名称") if column in frame), None)
    width = len(str(len(frame)))
    numbers = [f"{given.layer}-{number:0{width}d}" for number in range(1, len(frame) + 1)]
    columns = {
        "object_id": numbers if given.id is None else code_texts(frame[given.id]),
        "kind": called,
        "name": "" if name is None else frame[name].astype("string").fillna(""),
        "people": 0.0 if given.people is None else frame[given.people],
        "adcode6": "",
        "town9": "",
        **own,
    }
    return _framed(pd.DataFrame(columns, index=frame.index), frame.geometry.to_crs(CRS))


def _framed(columns: pd.DataFrame, shapes: gpd.GeoSeries) -> gpd.GeoDataFrame:
    out = columns.reindex(columns=list(_COLUMNS))
    out["people"] = pd.to_numeric(out["people"], errors="coerce").astype("float64").fillna(0.0)
    for column in ("object_id", "kind", "name", "adcode6", "town9"):
        out[column] = out[column].astype("string").fillna("").astype(object)
    return gpd.GeoDataFrame(out, geometry=shapes, crs=CRS)


def _in_units(frame: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Codes of the county and township that an object lies in, where it does not state them."""
    ranks = ranks_of(level_order(units))
    middles = gpd.GeoDataFrame(geometry=frame.geometry.representative_point(), crs=frame.crs).to_crs(units.crs)
    for level, rank in ranks.items():
        column = _CODES.get(rank)
        unknown = pd.Series(False, index=frame.index) if column is None else frame[column] == ""
        if column is None or not unknown.any():
            continue
        own = units[units["level"] == level][["geometry"]]
        joined = gpd.sjoin(middles[unknown], own, predicate="intersects")
        first = joined[~joined.index.duplicated()]
        frame.loc[first.index, column] = first.iloc[:, -1].astype(str)
    return frame
