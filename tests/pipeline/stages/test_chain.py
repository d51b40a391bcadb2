"""The chain has the stages of a run in their order; each hands on one value."""

from __future__ import annotations

from riskzoning.pipeline import STAGES
from riskzoning.pipeline.stages import CHAIN


def test_the_stages_that_only_takes_are_those_of_the_chain_between_check_and_publish() -> None:
    assert [stage.name for stage in CHAIN] == ["prepare", "calibrate", "assess", "grade"]
    assert ("check", *(stage.name for stage in CHAIN), "publish") == STAGES
