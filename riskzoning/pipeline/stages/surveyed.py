"""What the surveys give: capacity and hidden dangers of units, the grade of every surveyed place."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from riskzoning import capacity, hidden_dangers
from riskzoning.errors import Phrase, Problem, note
from riskzoning.exposure import exposed_objects, objects_by_grade
from riskzoning.names import Index
from riskzoning.pipeline.state import Graded, Made, Run, Surveyed, Zoned
from riskzoning.surveys import form

Forms = Mapping[str, pd.DataFrame]
# Forms of places, the field that says what they are (else the form says it), and the one that counts their people.
_PLACES = {
    "exp_public_service": ("type", "users"), "exp_hazchem": ("type", "staff"), "exp_mine": ("kind", "staff_ug"),
    "exp_bridge": ("kind", ""), "exp_lifeline": ("type", "serves"), "shelter": ("type", "capacity"),
    "material_store": ("", "serves"), "fire_station": ("type", "people"), "monitoring_station": ("type", ""),
    "reservoir": ("", "people"), "sluice": ("", ""), "dgr_point": ("kind", "people"),
}  # fmt: skip


def surveyed(run: Run, made: Made) -> Zoned:
    """Tables of the accepted records; none without a section ``surveys:``."""
    forms = made.of(Surveyed).surveys
    tables = _capacity(run, forms) | _dangers(run, forms) | _objects(run, made.of(Graded), forms)
    return Zoned({}, {name: table for name, table in tables.items() if len(table)})


def _capacity(run: Run, forms: Forms) -> dict[str, pd.DataFrame]:
    """Capacity of townships, of their communities, and of counties from both; teams that are too small."""
    out: dict[str, pd.DataFrame] = {}
    blocks: dict[str, pd.Series] = {}
    parts = []
    makers = {"township": ("cap_township", capacity.township_indicators)}
    makers["community"] = ("cap_community", capacity.community_indicators)
    for level, (name, indicators) in makers.items():
        if name not in forms:
            continue
        table = capacity.capacity_index(indicators(_plain(forms[name])), capacity.grassroots_weights(level))
        blocks[level] = table["index"]
        parts.append(table.rename_axis("code").reset_index().assign(level="township", block=level))
    if len(blocks) == 2:
        county = capacity.grassroots_index(blocks["township"], blocks["community"], _county_of(run))
        graded = capacity.combined_blocks(county.rename("grassroots").to_frame(), {"grassroots": 1.0})
        parts.append(
            graded.drop(columns="blocks").rename_axis("code").reset_index().assign(level="county", block="both")
        )
    if parts:
        columns = ["code", "level", "block", "index", "grade", "grade_name", "d_plus", "d_minus"]
        out["capacity"] = pd.concat(parts, ignore_index=True).reindex(columns=columns)
    if "rescue_team" in forms:
        short = capacity.short_teams(_plain(forms["rescue_team"]))
        out["teams_too_small"] = short[["team_id", "name", "level", "people", "required", "missing"]]
    return out


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The records without their geometry."""
    return pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))


def _county_of(run: Run) -> dict[str, str]:
    units = run.setting.units
    towns = units[units["level"] == "township"]
    return dict(zip(towns.index, towns["parent"], strict=True))


def _dangers(run: Run, forms: Forms) -> dict[str, pd.DataFrame]:
    """Hidden dangers of townships and counties."""
    if "dgr_point" not in forms:
        return {}
    points = _plain(forms["dgr_point"])
    setting = run.setting
    areas = pd.Series(setting.coverage.areas / 1e6, index=setting.units.index)
    parts = []
    for level, unit in (("township", "town9"), ("county", "adcode6")):
        codes = setting.codes(level)
        if len(codes):
            table = hidden_dangers.danger_index(
                points,
                {str(code): float(areas[code]) for code in codes},
                unit=unit,
                today=setting.study.data_date,
            )
            parts.append(table.reset_index().assign(level=level))
    return {"hidden_dangers": pd.concat(parts, ignore_index=True)} if parts else {}


def _objects(run: Run, graded: Graded, forms: Forms) -> dict[str, pd.DataFrame]:
    """Every surveyed place with the hazard grade of its cell, and how many lie in each grade."""
    lang = run.setting.study.language
    parts = [_places(name, forms[name], lang) for name in _PLACES if name in forms]
    parts = [part for part in parts if len(part)]
    wanted = {item.hazard: Index(item.hazard, "hazard").grade_key for item in run.setting.study.hazards}
    grades = {hazard: graded.layers[key] for hazard, key in wanted.items() if key in graded.layers}
    if not parts or not grades:
        return {}
    places = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs="EPSG:4490")
    exposed = exposed_objects(places, grades)
    by_grade = objects_by_grade(exposed)
    return {"objects": pd.DataFrame(exposed.drop(columns="geometry")), "objects_by_grade": by_grade}


def _places(name: str, frame: pd.DataFrame, lang: str) -> gpd.GeoDataFrame:
    """The records of a form as points, those without usable coordinates left out and told."""
    kind, people = _PLACES[name]
    if not isinstance(frame, gpd.GeoDataFrame):
        return gpd.GeoDataFrame(geometry=[], crs="EPSG:4490")
    usable = frame.geometry.notna()
    if not usable.all():
        left_out = int((~usable).sum())
        thing = Phrase("survey_form", name=name)
        note(Problem("dropped.survey_places", thing, severity="warning", count=left_out))
    frame = frame[usable]
    of = form(name)
    columns = {
        "object_id": frame[of.key].astype("string"),
        "kind": frame[kind].astype("string") if kind else of.titles[lang].removesuffix("调查表"),
        "name": frame.get("name", ""),
        "adcode6": frame["adcode6"],
        "town9": frame.get("town9", ""),
        "people": frame.get(people, 0.0),
    }
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=frame.geometry, crs="EPSG:4490")
