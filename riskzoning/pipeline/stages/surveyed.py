"""What the surveys give: their quality, capacity and hidden dangers of units, the grade of every surveyed place."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from riskzoning import capacity, hidden_dangers
from riskzoning.errors import Phrase, Problem, note
from riskzoning.exposure import exposed_objects, objects_by_grade
from riskzoning.names import Index
from riskzoning.pipeline.check.surveyed import checked_surveys
from riskzoning.pipeline.state import Graded, Made, Run, Zoned
from riskzoning.pipeline.surveys import SurveyCheck
from riskzoning.surveys.checking import Checked

# Forms of places, the field that says what they are (else the form says it), and the one that counts their people.
_PLACES = {
    "exp_public_service": ("type", "users"), "exp_hazchem": ("type", "staff"), "exp_mine": ("kind", "staff_ug"),
    "exp_bridge": ("kind", ""), "exp_lifeline": ("type", "serves"), "shelter": ("type", "capacity"),
    "material_store": ("", "serves"), "fire_station": ("type", "people"), "monitoring_station": ("type", ""),
    "reservoir": ("", "people"), "sluice": ("", ""), "dgr_point": ("kind", "people"),
}  # fmt: skip


def surveyed(run: Run, made: Made) -> Zoned:
    """Tables of the surveys; none without a section ``surveys:``."""
    study = run.setting.study
    if not study.surveys:
        return Zoned({}, {})
    check = checked_surveys(study, run.catalogue, run.setting.units)
    tables = {"survey_quality": check.scores, "survey_problems": check.problems}
    tables |= _capacity(run, check) | _dangers(run, check) | _objects(run, made.of(Graded), check)
    return Zoned({}, {name: table for name, table in tables.items() if len(table)})


def _usable(run: Run, check: SurveyCheck, name: str) -> Checked | None:
    """The form when it is there and may be used: without errors, or forced."""
    item = next((item for item in check.checked if item.records.form.name == name), None)
    if item is None:
        return None
    errors = item.findings.count("error")
    if not errors:
        return item
    thing = Phrase("survey_form", name=name)
    if run.setting.study.surveys.force:
        note(Problem("survey.forced", thing, severity="warning", count=errors))
        return item
    note(Problem("survey.blocked", thing, severity="warning", count=errors))
    return None


def _frame(item: Checked) -> pd.DataFrame:
    """The records as their forms name the fields, each key once."""
    frame = item.records.frame
    key = item.records.form.key
    return frame[~frame[key].duplicated() & frame[key].notna()].reset_index(drop=True)


def _capacity(run: Run, check: SurveyCheck) -> dict[str, pd.DataFrame]:
    """Capacity of townships, of their communities, and of counties from both; teams that are too small."""
    out: dict[str, pd.DataFrame] = {}
    blocks: dict[str, pd.Series] = {}
    parts = []
    makers = {"township": ("cap_township", capacity.township_indicators)}
    makers["community"] = ("cap_community", capacity.community_indicators)
    for level, (name, indicators) in makers.items():
        item = _usable(run, check, name)
        if item is None:
            continue
        table = capacity.capacity_index(indicators(_frame(item)), capacity.grassroots_weights(level))
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
    teams = _usable(run, check, "rescue_team")
    if teams is not None:
        short = capacity.short_teams(_frame(teams))
        out["teams_too_small"] = short[["team_id", "name", "level", "people", "required", "missing"]]
    return out


def _county_of(run: Run) -> dict[str, str]:
    units = run.setting.units
    towns = units[units["level"] == "township"]
    return dict(zip(towns.index, towns["parent"], strict=True))


def _dangers(run: Run, check: SurveyCheck) -> dict[str, pd.DataFrame]:
    """Hidden dangers of townships and counties."""
    item = _usable(run, check, "dgr_point")
    if item is None:
        return {}
    setting = run.setting
    areas = pd.Series(setting.coverage.areas / 1e6, index=setting.units.index)
    parts = []
    for level, unit in (("township", "town9"), ("county", "adcode6")):
        codes = setting.codes(level)
        if len(codes):
            table = hidden_dangers.danger_index(
                _frame(item),
                {str(code): float(areas[code]) for code in codes},
                unit=unit,
                today=setting.study.data_date,
            )
            parts.append(table.reset_index().assign(level=level))
    return {"hidden_dangers": pd.concat(parts, ignore_index=True)} if parts else {}


def _objects(run: Run, graded: Graded, check: SurveyCheck) -> dict[str, pd.DataFrame]:
    """Every surveyed place with the hazard grade of its cell, and how many lie in each grade."""
    lang = run.setting.study.language
    parts = [
        _places(item, *_PLACES[item.records.form.name], lang)
        for item in check.checked
        if item.records.form.name in _PLACES
    ]
    parts = [part for part in parts if len(part)]
    wanted = {item.hazard: Index(item.hazard, "hazard").grade_key for item in run.setting.study.hazards}
    grades = {hazard: graded.layers[key] for hazard, key in wanted.items() if key in graded.layers}
    if not parts or not grades:
        return {}
    places = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs="EPSG:4490")
    exposed = exposed_objects(places, grades)
    by_grade = objects_by_grade(exposed)
    return {"objects": pd.DataFrame(exposed.drop(columns="geometry")), "objects_by_grade": by_grade}


def _places(item: Checked, kind: str, people: str, lang: str) -> gpd.GeoDataFrame:
    """The records of a form as points, those without usable coordinates left out and told."""
    records = item.records
    frame = _frame(item)
    misplaced = {int(at) for f in item.findings.items if f.field == "lon" and f.severity == "error" for at in f.rows}
    keys = set(records.keys.iloc[sorted(at for at in misplaced if at >= 0)])
    usable = frame["lon"].notna() & frame["lat"].notna() & ~frame[records.form.key].isin(keys)
    if not usable.all():
        left_out = int((~usable).sum())
        note(
            Problem(
                "dropped.survey_places",
                Phrase("survey_form", name=records.form.name),
                severity="warning",
                count=left_out,
            )
        )
    frame = frame[usable]
    columns = {
        "object_id": frame[records.form.key].astype("string"),
        "kind": frame[kind].astype("string") if kind else records.form.titles[lang].removesuffix("调查表"),
        "name": frame.get("name", ""),
        "adcode6": frame["adcode6"],
        "town9": frame.get("town9", ""),
        "people": frame.get(people, 0.0),
    }
    points = gpd.points_from_xy(frame["lon"], frame["lat"])
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=points, crs="EPSG:4490")
