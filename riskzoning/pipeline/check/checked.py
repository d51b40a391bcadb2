"""What the check of a study has opened and found, and how errors become problems on its list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
from odc.geo.geobox import GeoBox

from riskzoning.admin import AdminUnits
from riskzoning.errors import Journal, Phrase, Problem, RiskZoningError, note
from riskzoning.pipeline.catalogue import Catalogue, problems_of


@dataclass
class Checked:
    """What the check of a study opened and found."""

    catalogue: Catalogue
    units: AdminUnits | None = None
    grid: GeoBox | None = None
    problems: list[Problem] = field(default_factory=list)
    journal: Journal = field(default_factory=Journal)
    # What the inputs showed, as a later check of the same inputs tells it again; None where it could not.
    answer: Mapping[str, Any] | None = None

    @property
    def placed(self) -> tuple[gpd.GeoDataFrame, GeoBox]:
        """The units and the grid of a study whose boundaries are in order."""
        assert self.units is not None
        assert self.grid is not None
        return self.units.units, self.grid

    def ring(self) -> None:
        """Ring the bell of the run for everything that the check has heard and found."""
        done = () if self.units is None else self.units.actions
        # What the folder of the run had to tell was heard after the problems were listed.
        for problem in [*done, *self.journal.steps, *self.journal.dropped, *self.warnings, *self.journal.warnings]:
            note(problem)

    @property
    def errors(self) -> list[Problem]:
        """The problems that stop a run."""
        return [problem for problem in self.problems if problem.severity == "error"]

    @property
    def warnings(self) -> list[Problem]:
        """The problems that a run lives with."""
        return [problem for problem in self.problems if problem.severity != "error"]

    @contextmanager
    def gathering(self, thing: Phrase) -> Iterator[None]:
        """Put the problems of an error on the list instead of raising it."""
        try:
            yield
        except RiskZoningError as error:
            self.problems += problems_of(error, thing)
