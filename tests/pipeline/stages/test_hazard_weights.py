"""Weights of a study: the table of the package, own ones, and what the check says about wrong ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from riskzoning import standards
from riskzoning.config import StudyConfig, load_study
from riskzoning.errors import ConfigError
from riskzoning.methods import weights as weighting
from riskzoning.pipeline import check_study
from riskzoning.pipeline.stages.hazard_weights import hazard_weights, weight_problems
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
    table, problems, left_out = hazard_weights(study, FIVE, indices())
    expected = weighting.hazard_weights(FIVE, indices()).table()
    assert table["hazard"].tolist() == FIVE
    np.testing.assert_allclose(table[["ahp", "entropy", "weight"]], expected[["subjective", "objective", "weight"]])
    np.testing.assert_allclose(table["weight"], 0.5 * table["ahp"] + 0.5 * table["entropy"])
    assert table["cr"].max() < 0.1
    assert problems == []
    assert left_out == ["drought"]
    alone, _, _ = hazard_weights(changed(study, "weights", a=0.25), FIVE, indices())
    np.testing.assert_allclose(alone["weight"], 0.25 * table["ahp"] + 0.75 * table["entropy"])


def test_few_units_leave_the_comparisons_alone_and_say_so(study: StudyConfig) -> None:
    table, problems, _ = hazard_weights(study, FIVE, indices().iloc[:2])
    np.testing.assert_allclose(table["weight"], table["ahp"])
    assert table["entropy"].isna().all()
    assert [problem.severity for problem in problems] == ["warning"]
    assert "2 units" in problems[0].found


def test_equal_and_fixed_weights(study: StudyConfig) -> None:
    assert hazard_weights(changed(study, "weights", method="equal"), FIVE)[0]["weight"].tolist() == [0.2] * 5
    fixed = dict(zip(FIVE, (0.1, 0.2, 0.4, 0.2, 0.1)))
    own = changed(study, "weights", method="fixed", fixed=fixed)
    assert hazard_weights(own, FIVE)[0]["weight"].tolist() == [0.1, 0.2, 0.4, 0.2, 0.1]
    for wrong in ({"flood": 1.0}, {**fixed, "flood": 0.5}, {**fixed, "flood": float("nan")}):
        broken = changed(study, "weights", method="fixed", fixed=wrong)
        with pytest.raises(ConfigError, match="together 1"):
            hazard_weights(broken, FIVE)
        assert [problem.rule for problem in weight_problems(broken)] == ["weights.fixed"]


def test_inconsistent_comparisons_are_a_problem_unless_forced(study: StudyConfig) -> None:
    with standards.session({"weights/hazards": INCONSISTENT}):
        problems = weight_problems(study)
        assert [problem.rule for problem in problems] == ["weights.inconsistent"]
        assert problems[0].severity == "error"
        assert "CR " in problems[0].found
        forced = weight_problems(changed(study, "weights", force_inconsistent=True))
    assert [problem.severity for problem in forced] == ["warning"]
    assert "forced" in forced[0].found


def test_a_matrix_that_is_no_square_is_a_problem(study: StudyConfig) -> None:
    table = {**INCONSISTENT, "data": {**INCONSISTENT["data"], "matrix": [[1, 2], ["1/2", 1]]}}  # type: ignore[dict-item]
    with standards.session({"weights/hazards": table}):
        assert "one row and one column for each hazard" in weight_problems(study)[0].required


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
