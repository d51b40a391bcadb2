"""What a long run says while it works; a terminal, a log and a program each listen in their own way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

__all__ = ["Progress", "Silent", "StageClock"]


class Progress(Protocol):
    """A listener of a run.

    Examples
    --------
    >>> listener: Progress = Silent()
    >>> listener.step("assess", 0.5, "flood")
    """

    def step(self, stage: str, share: float, text: str = "") -> None:
        """The stage is done to ``share`` (0..1); ``text`` says what it works on.

        Examples
        --------
        >>> Silent().step("grade", 1.0)
        """
        ...

    def say(self, text: str) -> None:
        """One line for people.

        Examples
        --------
        >>> Silent().say("reading")
        """
        ...


class Silent:
    """A listener that says nothing.

    Examples
    --------
    >>> Silent().say("x")
    """

    def step(self, stage: str, share: float, text: str = "") -> None:
        """Nothing.

        Examples
        --------
        >>> Silent().step("grade", 1.0)
        """

    def say(self, text: str) -> None:
        """Nothing.

        Examples
        --------
        >>> Silent().say("x")
        """


class StageClock:
    """Seconds of each stage; ``told``, when set, hears of the start and the end of each.

    Examples
    --------
    >>> clock = StageClock()
    >>> with clock.stage("grade"):
    ...     pass
    >>> list(clock.seconds)
    ['grade']
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.told: Callable[..., None] | None = None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what happens inside.

        Examples
        --------
        >>> with StageClock().stage("x"):
        ...     pass
        """
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
