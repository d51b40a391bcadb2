"""A hazard that does not exist here is one thing, one without data another."""

from __future__ import annotations

from riskzoning.config import StudyConfig
from riskzoning.pipeline.stages.standing import hazard_status


def study(**changes: object) -> StudyConfig:
    given = {"name": "X", "code": "410700", "data_date": "2026-06-30", "admin": {"path": "a"}}
    return StudyConfig.model_validate({**given, "hazards": [{"hazard": "flood"}], **changes})


def test_each_hazard_has_one_status() -> None:
    table = hazard_status(study(not_applicable=["forest_fire"])).set_index("hazard")
    assert table.loc["flood", "status"] == "assessed"
    assert table.loc["forest_fire", "status"] == "not_applicable"
    assert table.loc["drought", "status"] == "no_data"
    assert table.index.is_unique
    assert "multi" not in table.index
    assert table.loc["forest_fire", "name_zh"] == "森林火灾"


def test_a_study_that_names_none_has_no_such_table() -> None:
    assert hazard_status(study()).empty
