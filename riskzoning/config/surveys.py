"""The section ``surveys:`` of study.yaml: filled survey forms, and what their check needs."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from riskzoning.config.values import File
from riskzoning.inputs import Section, one_or_many


class SurveysConfig(Section):
    """Filled survey forms of the city (调查表): files and folders of them; which form a table is, its headings say.

    ``directory`` lists what must be there (villages with their codes), ``yearbook`` totals by county. Indices of
    capacity and hidden dangers are computed from forms without errors; ``force`` computes them all the same, and says
    so. Surveyed places (schools, plants, shelters, dangers ...) are told by the grade that they lie in.

    Examples
    --------
    >>> SurveysConfig(files="surveys").files[0].name
    'surveys'
    """

    files: Annotated[tuple[File, ...], BeforeValidator(one_or_many)] = ()
    directory: File | None = None
    yearbook: File | None = None
    force: bool = False

    def __bool__(self) -> bool:
        return bool(self.files)
