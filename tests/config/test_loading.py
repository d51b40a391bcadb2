"""A wrong study gets every mistake named, once, with its line and what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskzoning.config import load_study, parse_study
from riskzoning.errors import ConfigError

GOOD = """\
name: {zh: 市, en: City}
code: "410700"
data_date: 2026-06-30
admin: {path: admin.gpkg, layers: {county: county}}
grid: {crs: "EPSG:4547", resolution: 100}
inputs:
  dem: {path: dem.tif, quantity: elevation, units: m}
  depth_5: {path: d5.tif, quantity: flood_depth, units: m, return_period: 5}
  depth_100: {path: d100.tif, quantity: flood_depth, units: m, return_period: 100}
hazards:
  - hazard: flood
    inputs: {depth: [depth_5, depth_100]}
    params: {form: integral}
exposure:
  population: {raster: dem}
"""
FILES = ("admin.gpkg", "dem.tif", "d5.tif", "d100.tif")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).write_bytes(b"x")
    path = tmp_path / "study.yaml"
    path.write_text(GOOD, encoding="utf-8")
    return path


def changed(study: Path, *pairs: tuple[str, str]) -> Path:
    text = study.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    study.write_text(text, encoding="utf-8")
    return study


def test_a_right_study_loads(study: Path) -> None:
    loaded = load_study(study)
    assert loaded.hazards[0].inputs == {"depth": ("depth_5", "depth_100")}
    assert loaded.path("dem.tif") == study.parent / "dem.tif"


def test_five_mistakes_are_five_messages(study: Path) -> None:
    changed(
        study,
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
    study: Path, old: str, new: str, field: str, row: int, meant: str
) -> None:
    problems = parse_study(changed(study, (old, new))).problems
    found = next(problem for problem in problems if problem.field == field)
    assert found.row == row
    assert meant in found.required + found.fix


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "study.form"),
        ("- a\n- b\n", "study.form"),
        ("name: [1, 2\n", "study.yaml"),
        ("name: x\nname: y\n", "study.duplicate_key"),
        ("name: !!python/object/apply:os.system [ls]\n", "study.yaml"),
    ],
)
def test_files_that_are_no_study_are_one_message(tmp_path: Path, text: str, rule: str) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(text, encoding="utf-8")
    assert [problem.rule for problem in parse_study(path).problems] == [rule]


def test_missing_folder_binary_and_latin_files(tmp_path: Path) -> None:
    assert parse_study(tmp_path / "no.yaml").problems[0].rule == "study.missing"
    assert parse_study(tmp_path).problems[0].rule == "study.folder"
    path = tmp_path / "gbk.yaml"
    path.write_bytes("name: 新乡".encode("gbk"))
    assert parse_study(path).problems[0].rule == "study.encoding"


def test_missing_required_keys_are_all_named(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text("language: zh\n", encoding="utf-8")
    assert {problem.field for problem in parse_study(path).problems} == {"name", "code", "data_date", "admin"}


def test_a_mistake_does_not_hide_the_rest_of_the_study(study: Path) -> None:
    parsed = parse_study(changed(study, ("resolution: 100", "resolution: many")))
    assert parsed.study is not None
    assert set(parsed.study.inputs) == {"dem", "depth_5", "depth_100"}


def test_code_may_be_a_number_and_keeps_its_digits(study: Path) -> None:
    assert load_study(changed(study, ('code: "410700"', "code: 410700"))).code == "410700"


def test_own_paths_of_the_loader_are_no_keys_of_the_file(study: Path) -> None:
    problems = parse_study(changed(study, ("grid:", "base: /etc\ngrid:"))).problems
    assert [problem.field for problem in problems] == ["base"]
