"""The surveys of a study are read once, and told in one sentence."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from riskzoning.config import load_study
from riskzoning.pipeline.catalogue import Catalogue
from riskzoning.pipeline.check.surveyed import checked_surveys, survey_jobs
from tests.pipeline.conftest import write_small_city
from tests.pipeline.stages.test_surveyed import study_with, write_forms


def test_read_once(tmp_path: Path) -> None:
    write_small_city(tmp_path)
    write_forms(tmp_path / "forms")
    study = load_study(study_with(tmp_path))
    catalogue = Catalogue(study)
    first = checked_surveys(study, catalogue, None)
    assert checked_surveys(study, catalogue, None) is first
    (job,) = survey_jobs(study, catalogue, None)
    assert job[1]() == []
    assert not list(survey_jobs(load_study(write_small_city(tmp_path / "b")), catalogue, None))


def test_what_is_wrong_is_one_problem(tmp_path: Path) -> None:
    write_small_city(tmp_path)
    write_forms(tmp_path / "forms")
    rows = pd.read_csv(tmp_path / "forms" / "shelters.csv", dtype=str)
    rows.loc[[1, 4], "建成年份"] = "1832"
    rows.to_csv(tmp_path / "forms" / "shelters.csv", index=False)
    study = load_study(study_with(tmp_path))
    (job,) = survey_jobs(study, Catalogue(study), None)
    (problem,) = job[1]()
    assert (problem.rule, problem.severity) == ("survey.quality", "info")
    values = dict(problem.values)
    assert (values["errors"], values["forms"], list(values["wrong"])) == (2, 3, ["shelter"])
    assert 80 < values["score"] < 100


def test_a_form_without_a_column_that_it_needs_is_a_warning(tmp_path: Path) -> None:
    write_small_city(tmp_path)
    write_forms(tmp_path / "forms")
    rows = pd.read_csv(tmp_path / "forms" / "shelters.csv", dtype=str)
    rows.drop(columns="建成年份").to_csv(tmp_path / "forms" / "shelters.csv", index=False)
    study = load_study(study_with(tmp_path))
    (job,) = survey_jobs(study, Catalogue(study), None)
    assert [problem.severity for problem in job[1]()] == ["warning"]
