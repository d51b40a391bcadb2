"""Output ``kept``: what maps, page and report are made again from, out of the sight of users."""

from __future__ import annotations

from dataclasses import dataclass

from riskzoning.maps.crew import Crew
from riskzoning.pipeline.outputs.output import Output, Writing
from riskzoning.pipeline.workspace.kept import keep
from riskzoning.results import StudyResult


@dataclass
class Keeping:
    """Remembers what was there when the maps began."""

    begun: StudyResult | None = None

    def warm(self, _writing: Writing) -> None:
        """Nothing is drawn before the grades."""

    def begin(self, writing: Writing) -> None:
        """The grades, and what came before them."""
        self.begun = writing.result

    def go_on(self, writing: Writing) -> None:
        """Nothing: all of it is kept when it is written."""

    def write(self, writing: Writing) -> None:
        """Keep the result."""
        keep(writing.study, writing.result, self.begun)


def keeping(_crew: Crew) -> Keeping:
    """From the first grades to the last table."""
    return Keeping()


def write_kept(writing: Writing) -> None:
    """Keep a result whose maps were drawn when all of it was there."""
    keep(writing.study, writing.result)


# While other processes draw, this one has time.
KEPT = Output("kept", files=(), rank=58, write=write_kept, ahead=keeping, warms=False, weight=0.5)
