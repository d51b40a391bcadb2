"""Jobs in threads: what they give and tell comes in their order, an error is that of the job."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from riskzoning import standards
from riskzoning.errors import Journal, Problem, hearing, note
from riskzoning.pipeline.stages.together import together


def job(number: int) -> Callable[[], tuple[int, str]]:
    def work() -> tuple[int, str]:
        # The first is the last to be ready.
        time.sleep(0.05 / (number + 1))
        for severity in ("info", "warning"):
            note(Problem("example.empty", f"map {number}", severity=severity))
        return number, str(standards.table("names/maps").data["legend"])

    return work


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_values_and_notes_come_in_the_order_of_the_jobs(workers: int) -> None:
    with standards.session({"names/maps": {"legend": "mine"}}), hearing(Journal()) as heard:
        assert together([job(number) for number in range(5)], workers) == [(number, "mine") for number in range(5)]
    for told in (heard.steps, heard.warnings):
        assert [problem.file for problem in told] == [f"map {number}" for number in range(5)]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_is_that_of_the_first_job_that_fails(workers: int) -> None:
    def fail() -> tuple[int, str]:
        raise KeyError("second")

    with pytest.raises(KeyError, match="second"), hearing(Journal()):
        together([job(0), fail, job(2)], workers)
