"""The surveys of a study: read and checked once, told form by form."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd

from riskzoning.config import StudyConfig
from riskzoning.errors import Phrase, Problem
from riskzoning.pipeline.catalogue import Catalogue
from riskzoning.pipeline.check.inputs import Job
from riskzoning.pipeline.surveys import Surroundings, SurveyCheck, check_surveys, quality_score
from riskzoning.pipeline.workspace.progress import Work
from riskzoning.surveys.accepting import blocking


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
        force=given.force,
    )
    files = [study.path(path) for path in given.files]
    return catalogue.once("surveys", lambda: check_surveys(files, around, lang=study.language))


def _told(check: SurveyCheck) -> Iterator[Problem]:
    """How many rows of all forms are wrong; every single one is told by ``riskzoning survey check``."""
    whole = check.scores[check.scores["code"] == ""]
    wrong = whole[(whole["errors"] > 0) | (whole["warnings"] > 0)]
    if len(wrong):
        yield Problem(
            "survey.quality",
            Phrase("survey_forms"),
            # Rows with errors are left out and told by the run; a form that cannot be used at all is worth a warning.
            severity="warning" if any(map(blocking, check.checked)) else "info",
            forms=len(whole),
            rows=int(whole["rows"].sum()),
            errors=int(whole["errors"].sum()),
            warnings=int(whole["warnings"].sum()),
            score=quality_score(check.scores),
            wrong=wrong.sort_values("score", kind="stable")["form"].tolist(),
        )
