"""Work that is the same whoever does it first, shared among threads."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from riskzoning.errors import Journal, hearing, note

Made = TypeVar("Made")


def together(jobs: Sequence[Callable[[], Made]], workers: int) -> list[Made]:
    """What jobs give that know nothing of each other, in their order; what they tell is told in their order too."""
    if workers < 2 or len(jobs) < 2:
        return [job() for job in jobs]
    with ThreadPoolExecutor(min(workers, len(jobs))) as pool:
        # Each knows what the caller knows: its tables of standards, its language.
        begun = [pool.submit(contextvars.copy_context().run, _overheard, job) for job in jobs]
        made = []
        for one in begun:
            value, heard = one.result()
            for problem in (*heard.steps, *heard.warnings, *heard.dropped):
                note(problem)
            made.append(value)
    return made


def _overheard(job: Callable[[], Made]) -> tuple[Made, Journal]:
    with hearing(Journal()) as heard:
        return job(), heard
