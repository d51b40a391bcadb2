"""What is assessed from surveys, a theme a file: a new one is its file and its line in the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.pipeline.stages.assessments import access, capacity, dangers, exposure, history, reach, screening
from riskzoning.pipeline.stages.assessments.given import Assessment, Given

__all__ = ["ASSESSMENTS", "Assessment", "Given"]

ASSESSMENTS: tuple[Assessment, ...] = (
    Assessment("history", history.tables),
    Assessment("exposure", exposure.tables),
    Assessment("hidden_dangers", dangers.tables),
    Assessment("screening", screening.tables),
    Assessment("capacity", capacity.tables),
    Assessment("reach", reach.tables),
    Assessment("access", access.tables),
)

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
