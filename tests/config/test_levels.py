"""Levels that a study names itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from riskzoning.config import AdminConfig, LevelConfig, StudyConfig, parse_study
from riskzoning.config.levels import slug

FREE: dict[str, Any] = {"profile": "free", "path": "a.gpkg"}


@pytest.mark.parametrize(
    ("levels", "keys"),
    [
        (["Island", "Parish"], ("island", "parish")),
        ([{"zh": "岛", "en": "Island"}, {"en": "Local council"}], ("island", "local_council")),
        ({"island": {"zh": "岛", "en": "Island"}, "Parish": "Parish of old"}, ("island", "parish")),
        ([{"key": "lga", "zh": "区"}, "镇"], ("lga", "level_2")),
        ("Village", ("village",)),
        ({"key": "ward", "en": "Ward"}, ("ward",)),
    ],
)
def test_levels_are_named_in_whatever_form(levels: object, keys: tuple[str, ...]) -> None:
    assert AdminConfig(**FREE, levels=levels).level_keys == keys


def test_a_name_in_one_language_stands_for_both() -> None:
    config = AdminConfig(**FREE, levels=[{"zh": "岛", "en": "Island"}, {"en": "Parish"}])
    assert config.level_names["parish"] == {"zh": "Parish", "en": "Parish"}
    assert (config.level_key("岛"), config.level_key("PARISH"), config.level_key("county")) == (
        "island",
        "parish",
        None,
    )
    assert slug("Saint-Élie 2") == "saint_lie_2"


def test_layers_and_paths_name_levels_by_key_or_name() -> None:
    given = AdminConfig(**FREE, levels=["Island", "Parish"], layers={"Parish": "p", "island": "i"}, level="PARISH")
    assert (dict(given.layers), given.level) == ({"parish": "p", "island": "i"}, "parish")
    with pytest.raises(ValidationError, match="'island' or 'parish'"):
        AdminConfig(**FREE, levels=["Island", "Parish"], layers={"county": "p"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"profile": "cn", "levels": ["Island"]},
        {"profile": "free"},
        {"profile": "free", "levels": ["a", "b", "c", "d", "e"]},
        {"profile": "free", "levels": ["Ward", "ward"]},
        {"profile": "free", "levels": ["Grid"]},
        {"profile": "free", "levels": [{"key": "1st", "en": "First"}]},
        {"profile": "free", "levels": ["Ward"], "pseudo_counties": {"410771": "410702"}},
    ],
)
def test_levels_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AdminConfig(path="a.gpkg", **wrong)


def test_a_level_needs_a_key() -> None:
    with pytest.raises(ValidationError):
        LevelConfig(zh="岛")


@pytest.mark.parametrize(
    ("code", "fits"), [("SVG", True), ("fj-12.3", True), ("岛1", True), ("a/b", False), ("", False)]
)
def test_codes_of_free_studies_are_names_of_files(code: str, fits: bool) -> None:
    given: Any = {"name": "X", "data_date": "2026-06-30", "admin": {**FREE, "levels": ["Ward"]}}
    if fits:
        assert StudyConfig(**given, code=code).code == code
    else:
        with pytest.raises(ValidationError):
            StudyConfig(**given, code=code)


def test_published_levels_are_those_of_the_study(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    text = (
        "name: X\ncode: X1\ndata_date: 2026-06-30\nzoning: {levels: [Parish, parrish]}\n"
        "admin: {profile: free, levels: [Island, Parish], path: study.yaml}\n"
    )
    path.write_text(text, encoding="utf-8")
    parsed = parse_study(path)
    assert parsed.study is not None
    assert parsed.study.published_levels == ("parish", "parrish")
    (problem,) = [problem for problem in parsed.problems if problem.severity == "error"]
    assert (problem.field, problem.row) == ("zoning.levels.1", 4)
    assert "did you mean parish" in problem.fix


def test_survey_forms_are_those_of_china(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    head = "name: X\ncode: X1\ndata_date: 2026-06-30\nsurveys: {files: study.yaml}\n"
    path.write_text(f"{head}admin: {{profile: free, levels: [Ward], path: study.yaml}}\n", encoding="utf-8")
    assert "study.surveys_of_china" in {problem.rule for problem in parse_study(path).problems}
