"""What is assessed from surveys, a theme a file: a new one is its file and its line in the list."""

from __future__ import annotations

from riskzoning.pipeline.stages.assessments import access, capacity, dangers, exposure, history, reach, screening
from riskzoning.pipeline.stages.assessments.given import Assessment, Given

ASSESSMENTS: tuple[Assessment, ...] = (
    Assessment("history", history.tables),
    Assessment("exposure", exposure.tables),
    Assessment("hidden_dangers", dangers.tables),
    Assessment("screening", screening.tables),
    Assessment("capacity", capacity.tables),
    Assessment("reach", reach.tables),
    Assessment("access", access.tables),
)

__all__ = ["ASSESSMENTS", "Assessment", "Given"]
