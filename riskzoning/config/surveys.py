"""The section ``surveys:`` of study.yaml: filled survey forms, and what their check needs."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from riskzoning.config.values import File
from riskzoning.inputs import Section, one_or_many


class SurveysConfig(Section):
    """Filled survey forms of the city (调查表): files and folders of them; which form a table is, its headings say.

    ``directory`` lists what must be there (villages with their codes), ``yearbook`` totals by county. A row with an
    error is not used: it stands in the table ``qc_rejected``, and the run says how many of how many. ``force`` uses
    such rows all the same (cells that cannot be read are empty then) and says so; it does not help a form that lacks
    a required column, nor a second record under the same key. Surveyed places (schools, plants, shelters, dangers
    ...) are told by the grade that they lie in.

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
