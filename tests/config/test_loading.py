"""A wrong study gets every mistake named, once, with its line and what was meant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from riskzoning.config import load_study, parse_study
from riskzoning.errors import ConfigError

Changed = Callable[..., Path]


def test_a_right_study_loads(study: Path) -> None:
    loaded = load_study(study)
    assert loaded.hazards[0].inputs == {"depth": ("depth_5", "depth_100")}
    assert loaded.path("dem.tif") == study.parent / "dem.tif"


def test_five_mistakes_are_five_messages(study: Path, changed: Changed) -> None:
    changed(
        ("resolution: 100", "resolution: -5"),
        ("units: m, return_period: 5}", "unit: m, return_period: 5}"),
        ("hazard: flood", "hazard: flod"),
        ("path: d100.tif", "path: d1000.tif"),
        ("raster: dem", "raster: demm"),
    )
    with pytest.raises(ConfigError) as caught:
        load_study(study)
    fields = sorted(str(problem.field) for problem in caught.value.problems)
    assert fields == [
        "exposure.population.raster",
        "grid.resolution",
        "hazards.0.hazard",
        "inputs.depth_100.path",
        "inputs.depth_5.unit",
    ]
    assert all(problem.row for problem in caught.value.problems)
    assert all(problem.found and problem.required and problem.fix for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("old", "new", "field", "row", "meant"),
    [
        ("resolution", "resolutoin", "grid.resolutoin", 5, "resolution"),
        ("grid:", "gird:", "gird", 5, "grid"),
        ("hazard: flood", "hazard: floods", "hazards.0.hazard", 11, "flood"),
        ("{depth: [", "{depht: [", "hazards.0.inputs.depht", 12, "depth"),
        ("[depth_5,", "[depth_05,", "hazards.0.inputs.depth", 12, "depth_5"),
        ("{form: ", "{fom: ", "hazards.0.params.fom", 13, "form"),
        ("quantity: elevation", "quantity: elevaton", "inputs.dem.quantity", 7, "elevation"),
        ("path: dem.tif", "path: demm.tif", "inputs.dem.path", 7, "dem.tif"),
    ],
)
def test_a_typo_gets_the_line_and_the_name_that_was_meant(
    changed: Changed, old: str, new: str, field: str, row: int, meant: str
) -> None:
    problems = parse_study(changed((old, new))).problems
    found = next(problem for problem in problems if problem.field == field)
    assert found.row == row
    assert meant in found.required + found.fix


def test_missing_required_keys_are_all_named(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text("language: zh\n", encoding="utf-8")
    assert {problem.field for problem in parse_study(path).problems} == {"name", "code", "data_date", "admin"}


def test_a_mistake_does_not_hide_the_rest_of_the_study(changed: Changed) -> None:
    parsed = parse_study(changed(("resolution: 100", "resolution: many")))
    assert parsed.study is not None
    assert set(parsed.study.inputs) == {"dem", "depth_5", "depth_100"}


def test_code_may_be_a_number_and_keeps_its_digits(changed: Changed) -> None:
    assert load_study(changed(('code: "410700"', "code: 410700"))).code == "410700"


def test_own_paths_of_the_loader_are_no_keys_of_the_file(changed: Changed) -> None:
    problems = parse_study(changed(("grid:", "base: /etc\ngrid:"))).problems
    assert [problem.field for problem in problems] == ["base"]


@pytest.mark.parametrize(
    ("old", "new", "field", "required"),
    [
        ("2026-06-30", "2026-06", "data_date", "a date such as 2026-06-30"),
        ("2026-06-30", "2026-13-45", "data_date", "a date such as 2026-06-30"),
        ("2026-06-30", "20260630", "data_date", "a date such as 2026-06-30"),
        ('"410700"', "0410700", "code", "six digits"),
        ("name: {zh: 市, en: City}", "name: {}", "name", "a name such as"),
        ("resolution: 100", "resolution: 100m", "grid.resolution", "a number"),
        ("resolution: 100", "resolution: .inf", "grid.resolution", "a finite number"),
        ("resolution: 100", "resolution: true", "grid.resolution", "a number, not true or false"),
        ("EPSG:4547", "EPSG:4490", "grid.crs", "in metres"),
        ("EPSG:4547", "EPSG:45470000", "grid.crs", "such as EPSG:4547"),
        ("resolution: 100", "bounds: [4, 3, 2, 1]", "grid.bounds", "left < right"),
        ("resolution: 100", "bounds: [1, 2, 3]", "grid.bounds", "4 values"),
        ("admin: {path: admin.gpkg, layers: {county: county}}", "admin: admin.gpkg", "admin", "keys such as path"),
        ("layers: {county", "layers: {conty", "admin.layers.conty", "one of city, county, township"),
        ("dem: {path: dem.tif, quantity: elevation, units: m}", "dem: dem.tif", "inputs.dem", "keys such as path"),
        ("path: dem.tif", "path: 3", "inputs.dem.path", "the path of a file"),
        ("path: dem.tif", 'path: ""', "inputs.dem.path", "the path of a file"),
        ("return_period: 5}", "return_period: -5}", "inputs.depth_5.return_period", "a number above 0"),
        ("{form: integral}", "[form]", "hazards.0.params", "a mapping"),
        ("grid:", "language: fr\ngrid:", "language", "one of zh, en"),
        ("grid:", "seed: 1.5\ngrid:", "seed", "a whole number"),
        ("grid:", "run: {memory_limit: 2 potatoes}\ngrid:", "run.memory_limit", "2 GB"),
        ("grid:", "run: {scheduler: here}\ngrid:", "run.scheduler", "tcp://"),
        ("grid:", "outputs: {database: city.txt}\ngrid:", "outputs.database", "FILE.gpkg"),
        ("grid:", "outputs: {maps: {formats: [jpg]}}\ngrid:", "outputs.maps.formats.0", "one of png, pdf, svg"),
        ("grid:", "outputs: {maps: {dpi: 5}}\ngrid:", "outputs.maps.dpi", "50"),
        ("grid:", "zoning: {levels: [county, county]}\ngrid:", "zoning.levels", "each level once"),
        ("grid:", "zoning: {levels: []}\ngrid:", "zoning.levels", "one item"),
        ("grid:", "weights: {method: fixed}\ngrid:", "weights", "weights by hazard"),
        ("grid:", "surveys: [a]\ngrid:", "surveys", "a mapping"),
    ],
)
def test_a_wrong_value_is_one_message_that_says_what_is_wanted(
    changed: Changed, old: str, new: str, field: str, required: str
) -> None:
    errors = [problem for problem in parse_study(changed((old, new))).problems if problem.severity == "error"]
    assert [problem.field for problem in errors] == [field]
    assert required in errors[0].required
    assert errors[0].row


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2026-06-30", '"2026-06-30"'),
        ("grid:", "outputs:\nweights:\ngrid:"),
        ("grid:", "outputs: {maps: true, database: true, site: no}\ngrid:"),
        ("grid:", "outputs: {maps: {formats: pdf}}\ngrid:"),
        ("grid:", "zoning: {levels: county}\nnot_applicable: drought\ngrid:"),
        ('"EPSG:4547"', "4547"),
        ("units: m}", "units: m, nodata: .nan}"),
        ("grid:", "run: {memory_limit: 2000000000}\ngrid:"),
        ("grid:", "weights: {fixed: {flood: 1}}\ngrid:"),
    ],
)
def test_what_people_write_in_other_words_is_understood(changed: Changed, old: str, new: str) -> None:
    assert not [problem for problem in parse_study(changed((old, new))).problems if problem.severity == "error"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_mistake_is_said_in_both_languages(changed: Changed, lang: str) -> None:
    path = changed(
        ("resolution: 100", "resolution: many"), ("units: m}", "units: potatoes}"), ("{form: ", "{fom: "),
        ("return_period: 100", "return_period: -1"), ("code: ", "kode: "), ("layers: {county", "layers: {conty"),
    )  # fmt: skip
    for problem in parse_study(path).problems:
        text = problem.text(lang).replace(str(path), "")
        assert "{" not in text
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text) == (lang == "zh"), text


def test_files_are_named_even_when_the_head_of_the_study_is_wrong(changed: Changed) -> None:
    parsed = parse_study(changed(('code: "410700"', "kode: 1"), ("data_date: 2026-06-30", "data_date: soon")))
    assert parsed.study is not None
    assert {problem.field for problem in parsed.problems} == {"kode", "code", "data_date"}


def test_what_is_only_unusual_travels_with_the_study(changed: Changed) -> None:
    study = load_study(changed(("raster: dem", "raster: depth_5")))
    assert [(problem.rule, problem.field) for problem in study.notes] == [("study.unused_input", "inputs.dem")]


def test_a_study_that_was_read_is_given_back(study: Path) -> None:
    loaded = load_study(study)
    assert load_study(loaded) is loaded


@pytest.mark.parametrize("given", [None, {"name": "X"}, 5])
def test_what_is_no_path_is_told_as_such(given: object) -> None:
    with pytest.raises(ConfigError) as caught:
        load_study(given)  # type: ignore[arg-type]
    (problem,) = caught.value.problems
    assert (problem.rule, problem.about) == ("study.no_path", repr(given))
