"""A hazard of the study's own as a checked value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from riskzoning.config import parse_study
from riskzoning.config.custom import CustomConfig, LadderConfig, Title

LADDER = {"none": 0, "limits": [0.5, 1, 2], "full": 3}


def test_a_quantity_of_the_vocabulary_brings_its_unit() -> None:
    own = CustomConfig(name="Surge", units="cm", quantity="flood_depth", ladder=LADDER).definition("surge")
    assert own["units"] == "m"
    assert own["own_quantity"] is False
    other = CustomConfig(name="Surge", units="cm", quantity="surge_height", ladder=LADDER).definition("surge")
    assert (other["units"], other["own_quantity"]) == ("cm", True)


def test_one_language_stands_in_for_the_other() -> None:
    assert Title(zh="风暴潮").both() == {"zh": "风暴潮", "en": "风暴潮"}
    with pytest.raises(ValidationError):
        Title()


@pytest.mark.parametrize("steps", [
    {"none": 0, "limits": [1, 1], "full": 2}, {"none": 0, "limits": [], "full": 2},
    {"none": 3, "limits": [2], "full": 1}, {"none": 0, "limits": [1, 2, 3, 4, 5], "full": 6},
])  # fmt: skip
def test_ladders_that_do_not_rise_are_refused(steps: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LadderConfig(**steps)


def test_a_ladder_may_fall() -> None:
    assert LadderConfig(none=3, limits=[2], full=1, direction=-1).direction == -1


@pytest.mark.parametrize(
    "change", [{"colour": "blue"}, {"palette": ["#000000"] * 3}, {"importance": 0}, {"color": "#000000"}]
)
def test_looks_and_weight_are_checked(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CustomConfig(name="X", ladder=LADDER, **change)


OWN = {"name": {"zh": "风暴潮", "en": "Storm surge"}, "units": "m", "ladder": {**LADDER}}
FLOOD = {"hazard": "flood", "inputs": {"depth": ["depth"]}}


def told(folder: Path, *hazards: dict[str, Any], not_applicable: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    """Rule, field and severity of what a study of these hazards is told, from its file."""
    layer = {"path": "study.yaml", "units": "m"}
    study = {
        "name": "X", "code": "410700", "data_date": "2026-06-30", "admin": {"path": "study.yaml"},
        "inputs": {"surge": layer, "depth": {**layer, "quantity": "flood_depth", "return_period": 20}},
        "hazards": list(hazards), "not_applicable": list(not_applicable),
    }  # fmt: skip
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(study, allow_unicode=True), encoding="utf-8")
    parsed = parse_study(path)
    if parsed.study is not None:
        # What is left of the study can be looked at, whatever was wrong with its hazards.
        assert [index.hazard for index in parsed.study.indices][-1] == "multi"
    for problem in parsed.problems:
        assert all(problem.text(lang) for lang in ("zh", "en"))
    return [(problem.rule, str(problem.field), problem.severity) for problem in parsed.problems
            if problem.rule != "study.unused_input"]  # fmt: skip


def own(key: str, **change: Any) -> dict[str, Any]:
    custom = {name: value for name, value in {**OWN, **change}.items() if value is not None or name == "colour"}
    return {"hazard": key, "inputs": {"measure": "surge"}, "custom": custom}


@pytest.mark.parametrize(("hazard", "rule", "field"), [
    (own("风暴潮"), "names.word", "hazards.0.hazard"),
    (own("Storm Surge"), "names.word", "hazards.0.hazard"),
    (own("flood"), "study.custom_known", "hazards.0.hazard"),
    (own("surge", ladder=None), "study.missing_key", "hazards.0.custom.ladder"),
    (own("surge", name=None), "study.missing_key", "hazards.0.custom.name"),
    (own("surge", ladder={**LADDER, "limits": [2, 1, 0.5]}), "study.ladder_steps", "hazards.0.custom.ladder"),
    (own("surge", ladder={"none": 0, "full": 1}), "study.missing_key", "hazards.0.custom.ladder.limits"),
    (own("surge", colour="blue"), "study.value", "hazards.0.custom.colour"),
])  # fmt: skip
def test_what_is_wrong_with_a_hazard_of_ones_own_is_told_once_and_hides_nothing(
    tmp_path: Path, hazard: dict[str, Any], rule: str, field: str
) -> None:
    wrong = {"hazard": "drought", "inputs": {"stations": "nowhere"}}
    rows = told(tmp_path, hazard, wrong)
    assert [row for row in rows if row[1].startswith("hazards.0")] == [(rule, field, "error")]
    assert any(row[1].startswith("hazards.1") for row in rows)


def test_hazards_that_people_could_take_for_each_other_are_told(tmp_path: Path) -> None:
    name, warning = "study.custom_name_taken", "warning"
    assert told(tmp_path, own("surge_a"), own("surge_b")) == [(name, "hazards.1.custom.name", warning)]
    flood = own("surge_a", name={"zh": "我的", "en": "Flood"})
    assert told(tmp_path, flood, FLOOD) == [(name, "hazards.0.custom.name", warning)]
    assert told(tmp_path, flood, not_applicable=("flood",)) == [(name, "hazards.0.custom.name", warning)]
    assert told(tmp_path, flood) == []
    blue = {"colour": "#2E7EBC"}
    rows = told(tmp_path, own("surge_a", **blue), own("surge_b", name="Other", colour="#2e7ebc"))
    assert rows == [("study.custom_colour_taken", "hazards.1.custom.colour", "info")]


def test_a_colour_is_asked_for_in_words(tmp_path: Path) -> None:
    told(tmp_path, own("surge", colour="blue"))
    problem = next(each for each in parse_study(tmp_path / "study.yaml").problems if each.rule == "study.value")
    assert "#2E7EBC" in problem.required
    assert "pattern" not in problem.required


def test_a_colour_without_quotes_is_a_comment_of_yaml_and_is_told(tmp_path: Path) -> None:
    assert yaml.safe_load("colour: #2E7EBC") == {"colour": None}
    rows = told(tmp_path, own("surge", colour=None))
    assert rows == [("study.custom_no_colour", "hazards.0.custom.colour", "warning")]
