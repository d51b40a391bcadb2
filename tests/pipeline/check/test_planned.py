"""The check of plans: which jobs there are, and what they say of columns, rules and places."""

from __future__ import annotations

from pathlib import Path

import yaml

from riskzoning.config import load_study
from riskzoning.pipeline.catalogue import Catalogue
from riskzoning.pipeline.check.planned import planning_jobs
from tests.pipeline.stages.test_planning import write_plans


def test_one_job_for_each_plan_and_for_landforms(tmp_path: Path) -> None:
    path = write_plans(tmp_path)
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["zoning"] = {"landforms": {"input": "plots", "column": "use"}}
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    study = load_study(path)
    jobs = list(planning_jobs(study, Catalogue(study), None))
    assert sorted(work.detail for work, _ in jobs) == ["fields", "plots", "plots", "town"]
    assert [job() for _, job in jobs] == [[], [], [], []]


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    path = write_plans(tmp_path)
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["zoning"] = {"landforms": {"input": "town", "column": "use"}}
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    study = load_study(path)
    _, job = next(iter(planning_jobs(study, Catalogue(study), None)))
    assert [problem.rule for problem in job()] == ["catalogue.column"]
