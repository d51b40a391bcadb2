"""Names that point at something: a wrong one gets its line and the name that was meant."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from riskzoning.config import StudyConfig, load_study, parse_study, reference_problems
from riskzoning.config.reading import StudyText
from riskzoning.hazards import HAZARDS
from riskzoning.samples import sample_study

Changed = Callable[..., Path]
HAZARD = "  - hazard: flood\n    inputs: {depth: [depth_5, depth_100]}\n    params: {form: integral}\n"


@pytest.mark.parametrize(
    ("old", "new", "field", "part"),
    [
        ("hazard: flood", "hazard: Flood", "hazards.0.hazard", "did you mean flood"),
        ("hazard: flood", "hazard: 洪水", "hazards.0.hazard", "did you mean flood"),
        ("exposure:", HAZARD + "exposure:", "hazards.1.hazard", "each hazard once"),
        ("[depth_5, depth_100]", "[depth_5, depth_5]", "hazards.0.inputs.depth", "each entry once"),
        (", return_period: 100", "", "inputs.depth_100.return_period", "return period in years"),
        ("return_period: 100", "return_period: 5", "inputs.depth_100.return_period", "of its own"),
        ("{form: integral}", "{form: sum}", "hazards.0.params.form", "one of integral, weighted"),
        ("{form: integral}", "{breaks: [3, 2, 1]}", "hazards.0.params.breaks", "ascending"),
        ("exposure:", "not_applicable: [flood]\nexposure:", "not_applicable.0", "not assessed"),
        ("exposure:", "not_applicable: [drougt]\nexposure:", "not_applicable.0", "did you mean drought"),
        ("{raster: dem}", "{table: dem, spread_by: buildngs}", "exposure.population.spread_by", "entry under"),
        ("{raster: dem}", "{table: dem, spread_by: buildings}", "exposure.population.spread_by", "or another weight"),
        ("population: {raster", "economy: {table", "exposure.economy", "population"),
        ("exposure:", "risk: {receptor_weights: {populaton: 1}}\nexposure:", "risk.receptor_weights.populaton", "did"),
        ("exposure:", "risk: {receptor_weights: {population: 0.4}}\nexposure:", "risk.receptor_weights", "up to 1"),
        ("exposure:", "risk: {capacity: {hazards: [flod]}}\nexposure:", "risk.capacity.hazards", "did you mean flood"),
        ("exposure:", "weights: {fixed: {flood: 0.5}}\nexposure:", "weights.fixed", "add up to 1"),
        ("exposure:", "weights: {fixed: {flood: 0.5, geology: 0.5}}\nexposure:", "weights.fixed.geology", "not_appl"),
        (
            "exposure:",
            "zoning: {frozen: {flood_risk_index: [0.1, 1]}}\nexposure:",
            "zoning.frozen.flood_risk_index",
            "5 upper bounds",
        ),
        (
            "exposure:",
            "zoning: {frozen: {flood_hazard_index: [0.1, 0.3, 0.2, 1]}}\nexposure:",
            "zoning.frozen.flood_hazard_index",
            "bounds that rise",
        ),
        (
            "exposure:",
            "zoning: {frozen: {floo_risk_index: [0.1, 1]}}\nexposure:",
            "zoning.frozen.floo_risk_index",
            "did you mean flood_risk_index",
        ),
        ("exposure:", "standards: {weights/hazard: {a: 1}}\nexposure:", "standards.weights/hazard", "weights/hazards"),
        ("exposure:", "standards: {weights/hazards: no.yml}\nexposure:", "standards.weights/hazards", "existing file"),
        ("exposure:", "standards: {weights/hazards: [1]}\nexposure:", "standards.weights/hazards", "as a mapping"),
        ("units: m}", "units: person}", "inputs.dem.units", "such as cm"),
        ("path: dem.tif", "path: ~/no-such-dem.tif", "inputs.dem.path", "existing file"),
        ("path: dem.tif", "path: $NO_SUCH_PLACE/dem.tif", "inputs.dem.path", "NO_SUCH_PLACE is not set"),
        ("path: dem.tif", f"path: {'x' * 5000}", "inputs.dem.path", "path of a file"),
    ],
)
def test_a_wrong_name_is_one_message(changed: Changed, old: str, new: str, field: str, part: str) -> None:
    errors = [problem for problem in parse_study(changed((old, new))).problems if problem.severity == "error"]
    assert [problem.field for problem in errors] == [field]
    assert part in errors[0].text()
    assert errors[0].row


FAST = "  fast_5: {path: d5.tif, quantity: flood_velocity, units: m/s, return_period: 5}\n" + (
    "  fast_100: {path: d100.tif, quantity: flood_velocity, units: m/s, return_period: 100}\n"
)


def test_layers_that_go_with_a_stack_have_its_return_periods(changed: Changed) -> None:
    path = changed(("hazards:", f"{FAST}hazards:"), ("depth_100]}", "depth_100], velocity: [fast_5, fast_100]}"))
    assert [problem for problem in parse_study(path).problems if problem.severity == "error"] == []
    errors = parse_study(changed(("m/s, return_period: 100", "m/s, return_period: 50"))).problems
    told = [(p.rule, p.field, dict(p.values)) for p in errors if p.severity == "error"]
    values = {"key": "depth", "periods": ("5", "50"), "wanted": ("5", "100")}
    assert told == [("study.periods_of", "hazards.0.inputs.velocity", values)]
    path = changed((", return_period: 50", ""))
    rules = [p.rule for p in parse_study(path).problems if p.severity == "error"]
    assert rules == ["study.return_period_missing"]
    # A single layer is that of all return periods, whatever it says of its own.
    path = changed(("velocity: [fast_5, fast_100]", "velocity: fast_5"))
    assert not [p for p in parse_study(path).problems if p.severity == "error"]


def test_the_ground_of_a_model_is_an_entry(changed: Changed) -> None:
    path = changed(("depth_5: {path: d5.tif,", "depth_5: {path: d5.tif, terrain: dme,"))
    told = [(p.rule, p.field) for p in parse_study(path).problems if p.severity == "error"]
    assert told == [("study.entry", "inputs.depth_5.terrain")]


def test_a_registered_hazard_may_be_absent_too(changed: Changed, monkeypatch: pytest.MonkeyPatch) -> None:
    path = changed(("exposure:", "not_applicable: [hail]\nexposure:"))
    rules = [problem.rule for problem in parse_study(path).problems if problem.severity == "error"]
    assert rules == ["study.not_applicable_unknown"]
    hail = dataclasses.replace(HAZARDS["flood"], name="hail")
    monkeypatch.setitem(HAZARDS._specs, "hail", hail)  # type: ignore[attr-defined]
    assert load_study(path).not_applicable == ("hail",)


def test_data_are_not_from_after_the_data_date(changed: Changed) -> None:
    assert load_study(changed(("units: m}", "units: m, year: 2026}"))).inputs["dem"].year == 2026
    problems = [p for p in parse_study(changed(("year: 2026", "year: 2027"))).problems if p.severity == "error"]
    assert [(p.rule, p.field, dict(p.values)) for p in problems] == [
        ("study.year", "inputs.dem.year", {"year": 2027, "data_date": "2026-06-30"})
    ]


def test_absent_hazards_may_have_fixed_weights(changed: Changed) -> None:
    path = changed(("exposure:", "not_applicable: [drought]\nweights: {fixed: {flood: 0.5, drought: 0.5}}\nexposure:"))
    assert load_study(path).weights.method == "fixed"


def test_the_same_file_under_two_names_is_a_warning(changed: Changed) -> None:
    path = changed(
        ("  depth_5:", "  again: {path: dem.tif, quantity: elevation}\n  depth_5:"), ("raster: dem", "raster: again")
    )
    problems = [p for p in parse_study(path).problems if p.severity == "warning"]
    assert [(p.rule, p.field, p.row) for p in problems] == [("study.same_file", "inputs.again", 8)]


def test_paths_are_filled_in_from_home_and_environment(
    changed: Changed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CITY_DATA", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    study = load_study(changed(("path: dem.tif", "path: $CITY_DATA/dem.tif"), ("path: d5.tif", "path: ~/d5.tif")))
    assert study.path(study.inputs["dem"].path) == tmp_path / "dem.tif"
    assert study.path(study.inputs["depth_5"].path) == tmp_path / "d5.tif"


def test_a_study_made_in_python_is_checked_by_the_same_rules() -> None:
    study = load_study(sample_study())
    raw = study.model_copy(update={"not_applicable": ("flod",)}).model_dump(mode="json")
    found = reference_problems(StudyText(sample_study(), raw))
    assert [(problem.field, problem.severity) for problem in found if problem.severity == "error"] == [
        ("not_applicable.0", "error")
    ]
    assert isinstance(study, StudyConfig)


def test_a_form_that_is_nearly_named_as_one_of_the_package_is_told_as_a_warning() -> None:
    own = {"key": "id", "fields": []}
    raw = {"standards": {"survey_forms/shelters": own, "survey_forms/shelter": own, "survey_forms/school": own}}
    told = [problem for problem in reference_problems(StudyText(Path("study.yaml"), raw)) if "table" in problem.rule]
    assert [(problem.rule, problem.severity, problem.field) for problem in told] == [
        ("study.table_near", "warning", "standards.survey_forms/shelters")
    ]
    assert dict(told[0].values)["meant"] == "survey_forms/shelter"
