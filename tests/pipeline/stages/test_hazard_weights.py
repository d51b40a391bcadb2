"""Weights of a study: the table of the package, own ones, and what the check says about wrong ones."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from riskzoning import hazards as hazards_room
from riskzoning import standards
from riskzoning.config import StudyConfig, load_study
from riskzoning.errors import ConfigError, Journal, hearing
from riskzoning.hazards import HAZARDS
from riskzoning.methods import weights as weighting
from riskzoning.pipeline import check_study
from riskzoning.pipeline.stages.hazard_weights import study_weights, weight_problems, with_effective
from riskzoning.samples import sample_study

FIVE = ["earthquake", "geology", "flood", "meteorology", "forest_fire"]
INCONSISTENT = {
    "title": "own comparisons",
    "source": "test",
    "status": "project_default",
    "verified": False,
    "data": {
        "hazards": FIVE,
        "matrix": [
            [1, 9, "1/9", 1, 1],
            ["1/9", 1, 9, 1, 1],
            [9, "1/9", 1, 1, 1],
            [1, 1, 1, 1, 1],
            [1, 1, 1, 1, 1],
        ],
        "a": 0.5,
        "random_index": "saaty-1980",
    },
}


@pytest.fixture(scope="module")
def study() -> StudyConfig:
    return load_study(sample_study())


def changed(study: StudyConfig, section: str, **values: Any) -> StudyConfig:
    return study.model_copy(update={section: getattr(study, section).model_copy(update=values)})


def indices() -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(1).random((8, 5)), columns=FIVE)


def test_weights_are_those_of_the_method(study: StudyConfig) -> None:
    with hearing(Journal()) as journal:
        table = study_weights(study, FIVE, indices())
    expected = weighting.hazard_weights(FIVE, indices()).table()
    assert table["hazard"].tolist() == FIVE
    np.testing.assert_allclose(table[["ahp", "entropy", "weight"]], expected[["subjective", "objective", "weight"]])
    np.testing.assert_allclose(table["weight"], table["ahp"])
    assert table["cr"].max() < 0.1
    assert [problem.rule for problem in journal.warnings] == ["weights.of_province"]
    assert [(step.rule, dict(step.values)["detail"]) for step in journal.steps] == [
        ("step.hazards_left_out", ("drought",))
    ]
    with hearing(Journal()):
        alone = study_weights(changed(study, "weights", a=0.25), FIVE, indices())
    np.testing.assert_allclose(alone["weight"], 0.25 * table["ahp"] + 0.75 * table["entropy"])


def test_a_province_that_has_not_made_the_comparisons_is_told_once(study: StudyConfig) -> None:
    with hearing(Journal()) as journal:
        study_weights(study, FIVE, indices())
        study_weights(study, FIVE, indices())
    (problem,) = journal.warnings
    assert dict(problem.values)["province"] == "41"
    assert "DB41/T 2753-2024" in str(dict(problem.values)["standard"])
    elsewhere = study.model_copy(update={"code": "610100"})
    with hearing(Journal()) as journal:
        study_weights(elsewhere, FIVE, indices())
    assert journal.warnings == []
    assert "weights.of_no_province" in [step.rule for step in journal.steps]
    own = pd.DataFrame(np.ones((5, 5)), index=FIVE, columns=FIVE).to_dict(orient="index")
    with hearing(Journal()) as journal:
        study_weights(changed(study, "weights", matrix=own), FIVE, indices())
        study_weights(changed(study, "weights", method="equal"), FIVE, indices())
    assert not [problem for problem in journal.warnings if problem.rule.startswith("weights.of")]
    table = standards.shipped_table("weights/hazards")
    own_table = {"weights/hazards": {"title": "own", "data": dict(table.data)}}
    with standards.session(own_table), hearing(Journal()) as journal:
        study_weights(study, FIVE, indices())
    assert journal.warnings == []


def test_what_a_weight_really_does_stands_beside_it() -> None:
    weights = pd.DataFrame({"hazard": ["flood", "heat"], "weight": [0.5, 0.5]})
    table = pd.DataFrame({"flood": [0.0, 0.5, 1.0], "heat": [0.2, 0.2, 0.2]})
    with hearing(Journal()) as journal:
        made = with_effective(weights, table, "weighted_sum")
    np.testing.assert_allclose(made["effective"], [1.0, 0.0], atol=1e-12)
    assert [problem.rule for problem in journal.warnings] == ["weights.effective"]
    assert with_effective(weights, table, "maximum")["effective"].isna().all()


def test_few_units_leave_the_comparisons_alone_and_say_so(study: StudyConfig) -> None:
    with hearing(Journal()) as journal:
        table = study_weights(changed(study, "weights", a=0.5), FIVE, indices().iloc[:2])
    np.testing.assert_allclose(table["weight"], table["ahp"])
    assert table["entropy"].isna().all()
    (problem,) = [problem for problem in journal.warnings if problem.rule != "weights.of_province"]
    assert (problem.rule, dict(problem.values)["units"]) == ("weights.few_units", 2)


def test_equal_and_fixed_weights(study: StudyConfig) -> None:
    assert study_weights(changed(study, "weights", method="equal"), FIVE)["weight"].tolist() == [0.2] * 5
    fixed = dict(zip(FIVE, (0.1, 0.2, 0.4, 0.2, 0.1)))
    own = changed(study, "weights", method="fixed", fixed=fixed)
    assert study_weights(own, FIVE)["weight"].tolist() == [0.1, 0.2, 0.4, 0.2, 0.1]


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"geology": None}, "weights.fixed_missing"),
        ({"flood": 0.5}, "weights.fixed_sum"),
        ({"flood": float("nan")}, "weights.fixed_sum"),
        ({"flood": -0.4, "geology": 1.0}, "weights.fixed_negative"),
    ],
)
def test_wrong_fixed_weights_are_named(study: StudyConfig, wrong: dict[str, float | None], rule: str) -> None:
    fixed = {**dict(zip(FIVE, (0.1, 0.2, 0.4, 0.2, 0.1))), **wrong}
    given = {name: value for name, value in fixed.items() if value is not None}
    broken = changed(study, "weights", method="fixed", fixed=given)
    with pytest.raises(ConfigError):
        study_weights(broken, FIVE)
    assert [(problem.rule, problem.field) for problem in weight_problems(broken)] == [(rule, "weights.fixed")]


def test_a_registered_hazard_that_the_matrix_does_not_know_enters_as_equal(
    study: StudyConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    hail = dataclasses.replace(HAZARDS["flood"], name="hail")
    monkeypatch.setitem(hazards_room._registry._specs, "hail", hail)
    own = study.model_copy(update={"hazards": (*study.hazards, study.hazards[0].model_copy(update={"hazard": "hail"}))})
    problems = weight_problems(own)
    assert [(problem.rule, problem.severity) for problem in problems] == [("weights.unknown_hazard", "warning")]
    with hearing(Journal()):
        table = study_weights(own, [*FIVE, "hail"])
    assert table["weight"].sum() == pytest.approx(1)
    stated = dataclasses.replace(hail, importance=3.0)
    monkeypatch.setitem(hazards_room._registry._specs, "hail", stated)
    assert weight_problems(own) == []
    heavier = study_weights(own, [*FIVE, "hail"])
    assert heavier["weight"].iloc[-1] > table["weight"].iloc[-1]


def test_inconsistent_comparisons_are_a_problem_unless_forced(study: StudyConfig) -> None:
    with standards.session({"weights/hazards": INCONSISTENT}):
        problems = weight_problems(study)
        assert [problem.rule for problem in problems] == ["weights.inconsistent"]
        assert problems[0].severity == "error"
        assert dict(problems[0].values)["cr"] > 0.1
        forced = weight_problems(changed(study, "weights", force_inconsistent=True))
    assert [(problem.rule, problem.severity) for problem in forced] == [("weights.forced", "warning")]


def test_a_matrix_that_is_no_square_is_a_problem(study: StudyConfig) -> None:
    table = {**INCONSISTENT, "data": {**INCONSISTENT["data"], "matrix": [[1, 2], ["1/2", 1]]}}  # type: ignore[dict-item]
    with standards.session({"weights/hazards": table}):
        assert [problem.rule for problem in weight_problems(study)] == ["weights.not_square"]


def test_weights_of_receptors_are_looked_at(study: StudyConfig) -> None:
    wrong = weight_problems(changed(study, "risk", receptor_weights={"population": 0.5, "economy": 0.3}))
    assert "sum to 0.8" in wrong[0].found
    nobody = weight_problems(changed(study, "risk", receptor_weights={"schools": 1.0}))
    assert "weight for one of" in nobody[0].required


def test_the_check_of_a_study_reports_them(tmp_path: Path) -> None:
    text = yaml.safe_load(Path(sample_study()).read_text(encoding="utf-8"))
    text["standards"] = {"weights/hazards": INCONSISTENT}
    text["risk"] = {"receptor_weights": {"population": 0.5}}
    for name in ("inputs", "exposure", "hazards"):
        text.pop(name)
    text["inputs"] = {"pga": {"path": "nothing.tif", "quantity": "pga", "units": "g", "return_period": 475}}
    text["hazards"] = [{"hazard": name, "inputs": {}} for name in FIVE]
    text["exposure"] = {"population": {"raster": "pga"}}
    path = tmp_path / "study.yaml"
    path.write_text(yaml.safe_dump(text, allow_unicode=True), encoding="utf-8")
    rules = [problem.rule for problem in check_study(path)]
    assert "weights.inconsistent" in rules
    assert "weights.weights" in rules


ROWS = {"洪水灾害": {"earthquake": 3, "geology": "5"}, "earthquake": {"geology": "2"}}


def test_own_comparisons_come_from_the_study_or_from_a_file(study: StudyConfig, tmp_path: Path) -> None:
    three = ["flood", "earthquake", "geology"]
    whole = pd.DataFrame([[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]], three, three)
    expected = weighting.hazard_weights(three, matrix=whole).weights.tolist()
    with hearing(Journal()) as journal:
        assert study_weights(changed(study, "weights", matrix=ROWS), three)["weight"].tolist() == expected
    assert [step.rule for step in journal.steps] == []
    file = tmp_path / "comparisons.csv"
    file.write_text("hazard,flood,earthquake,geology,drought\nflood,1,3,5,2\nearthquake,,1,2,2\ngeology,1/5,,1,2\n")
    with hearing(Journal()) as journal:
        assert study_weights(changed(study, "weights", matrix=file), three)["weight"].tolist() == expected
    assert [dict(step.values)["detail"] for step in journal.steps] == [("drought",)]


def test_wrong_comparisons_are_said_of_the_key_or_the_file(study: StudyConfig, tmp_path: Path) -> None:
    wrong = changed(study, "weights", matrix={"flood": {"geology": "much"}})
    (said,) = [problem for problem in weight_problems(wrong) if problem.severity == "error"]
    assert (said.rule, said.about, said.field) == ("weights.matrix_values", study.file, "weights.matrix")
    contradicting = {"flood": {"geology": 9, "meteorology": "1/9"}, "geology": {"meteorology": 9}}
    said = next(p for p in weight_problems(changed(study, "weights", matrix=contradicting)) if p.severity == "error")
    assert (said.rule, said.field) == ("weights.inconsistent", "weights.matrix")
    file = tmp_path / "comparisons.csv"
    file.write_text("hazard,flood\nflod,1\n")
    (said,) = weight_problems(changed(study, "weights", matrix=file))
    assert (said.rule, said.about) == ("weights.matrix_names", file.as_posix())
    file.write_text(",flood,geology\nflood,1,3\ngeology,1/3,1\n")
    (said,) = weight_problems(changed(study, "weights", matrix=file))
    assert (said.rule, said.about) == ("weights.matrix_corner", file.as_posix())
    (said,) = weight_problems(changed(study, "weights", matrix=tmp_path / "none.csv"))
    assert said.about == (tmp_path / "none.csv").as_posix()


def test_the_check_of_a_study_looks_for_its_matrix(tmp_path: Path) -> None:
    text = yaml.safe_load(Path(sample_study()).read_text(encoding="utf-8"))
    path = tmp_path / "study.yaml"
    for matrix, method, rule in (
        ("comparisons.csv", "ahp_entropy", "study.file"),
        ([[1, 2], [0.5, 1]], "ahp_entropy", "study.weights_matrix"),
        ({"flood": {"geology": 3}}, "equal", "study.weights_matrix_unused"),
    ):
        text["weights"] = {"matrix": matrix, "method": method}
        path.write_text(yaml.safe_dump(text, allow_unicode=True), encoding="utf-8")
        assert rule in [problem.rule for problem in check_study(path)]
