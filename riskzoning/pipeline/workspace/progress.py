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
    >>> class Loud:
    ...     def step(self, stage, share, text=""):
    ...         print(f"{stage} {share:.0%} {text}")
    ...
    ...     def say(self, text):
    ...         print(text)
    >>> listener: Progress = Loud()
    >>> listener.step("assess", 0.5, "flood")
    assess 50% flood
    """

    def step(self, stage: str, share: float, text: str = "") -> None:
        """The stage is done to ``share`` (0..1); ``text`` says what it works on.

        Examples
        --------
        >>> class Loud(Silent):
        ...     def step(self, stage, share, text=""):
        ...         print(f"{stage} {share:.0%} {text}")
        >>> Loud().step("grade", 1.0, "layers")
        grade 100% layers
        """
        ...

    def say(self, text: str) -> None:
        """One line for people.

        Examples
        --------
        >>> class Loud(Silent):
        ...     def say(self, text):
        ...         print(text)
        >>> Loud().say("reading")
        reading
        """
        ...


class Silent:
    """A listener that says nothing.

    Examples
    --------
    >>> print(Silent().say("x"), Silent().step("grade", 1.0))
    None None
    """

    def step(self, stage: str, share: float, text: str = "") -> None:
        """Nothing.

        Examples
        --------
        >>> print(Silent().step("grade", 1.0))
        None
        """

    def say(self, text: str) -> None:
        """Nothing.

        Examples
        --------
        >>> print(Silent().say("x"))
        None
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
        >>> clock = StageClock()
        >>> for _ in range(2):
        ...     with clock.stage("grade"):
        ...         time.sleep(0.01)
        >>> clock.seconds["grade"] >= 0.02
        True
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
