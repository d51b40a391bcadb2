"""The surveys of a study are read once, and told form by form."""

from __future__ import annotations

from pathlib import Path

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
