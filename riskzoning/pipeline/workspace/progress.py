"""What a long run says while it works; a terminal, a log and a program each listen in their own way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from riskzoning import standards
from riskzoning.errors import Problem

_KINDS = ("hazard", "receptor", "work")


@dataclass(frozen=True)
class Work:
    """What a stage works on, as a value: a key of ``names/common`` (hazard, receptor, work) and a detail as it is."""

    key: str
    detail: str = ""

    def text(self, lang: str) -> str:
        """The words of a language; a key without a name stays as it is."""
        # The words of the program are no numbers of the study: they stay out of its record of tables.
        names = standards.shipped_table("names/common").data
        known = [names[kind][self.key] for kind in _KINDS if self.key in names[kind]]
        word = str(known[0][lang]) if known else self.key
        colon = "：" if lang == "zh" else ": "
        return f"{word}{colon}{self.detail}" if self.detail else word


class Progress(Protocol):
    """A listener of a run."""

    def step(self, stage: str, share: float, text: str = "") -> None:
        """The stage is done to ``share`` (0..1); ``text`` says what it works on."""
        ...

    def say(self, text: str) -> None:
        """One line for people."""
        ...

    def note(self, problem: Problem) -> None:
        """A warning, as it is given; it renders itself in the language that is spoken."""
        ...


class Silent:
    """A listener that says nothing."""

    def step(self, stage: str, share: float, text: str = "") -> None:
        """Nothing."""

    def say(self, text: str) -> None:
        """Nothing."""

    def note(self, problem: Problem) -> None:
        """Nothing."""


class StageClock:
    """Seconds of each stage; ``told``, when set, hears of the start and the end of each."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.told: Callable[..., None] | None = None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what happens inside."""
        start = time.perf_counter()
        if self.told is not None:
            self.told("stage_started", stage=name)
        try:
            yield
        finally:
            spent = time.perf_counter() - start
            self.seconds[name] = round(self.seconds.get(name, 0.0) + spent, 3)
        if self.told is not None:
            self.told("stage_finished", stage=name, seconds=round(spent, 3))
