"""The surveys of a study: read and checked once, told form by form."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd

from riskzoning.config import StudyConfig
from riskzoning.errors import Phrase, Problem
from riskzoning.pipeline.catalogue import Catalogue
from riskzoning.pipeline.check.inputs import Job
from riskzoning.pipeline.surveys import Surroundings, SurveyCheck, check_surveys
from riskzoning.pipeline.workspace.progress import Work


def survey_jobs(study: StudyConfig, catalogue: Catalogue, units: gpd.GeoDataFrame | None) -> Iterator[tuple[Work, Job]]:
    """The check of the filled forms, when the study has any."""
    if study.surveys:
        yield Work("surveys"), lambda: list(_told(checked_surveys(study, catalogue, units)))


def checked_surveys(study: StudyConfig, catalogue: Catalogue, units: gpd.GeoDataFrame | None) -> SurveyCheck:
    """The filled forms of a study and what their check has shown; read once for the check and the run."""
    given = study.surveys
    around = Surroundings(
        units=units,
        directory=None if given.directory is None else study.path(given.directory),
        yearbook=None if given.yearbook is None else study.path(given.yearbook),
    )
    files = [study.path(path) for path in given.files]
    return catalogue.once("surveys", lambda: check_surveys(files, around, lang=study.language))


def _told(check: SurveyCheck) -> Iterator[Problem]:
    """One row a form: how many of its rows are wrong; every single one is told by ``riskzoning survey check``."""
    whole = {str(row["form"]): row for row in check.scores.to_dict("records") if row["code"] == ""}
    for item in check.checked:
        form = item.records.form
        row = whole[form.name]
        if row["errors"] or row["warnings"]:
            yield Problem(
                "survey.quality",
                Phrase("survey_form", name=form.name),
                severity="warning",
                rows=int(row["rows"]),
                errors=int(row["errors"]),
                warnings=int(row["warnings"]),
                score=float(row["score"]),
            )
