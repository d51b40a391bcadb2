"""The structured log of a run: one JSON object a line, written as things happen."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from riskzoning.errors import Problem, RiskZoningError, escaped_json, language, speaking
from riskzoning.io.writing.atomic import not_writable
from riskzoning.io.writing.sheets import plain
from riskzoning.pipeline.workspace.progress import Progress, Work


def _never_through_links(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)


class RunLog:
    """A listener that writes ``log.jsonl`` and passes everything on to the listener of the run.

    Every line has ``time`` (UTC), ``event`` and what belongs to it: ``run_started run_finished run_failed
    stage_started stage_finished step said warning``. The log is in the language of the study (``lang``), the listener
    hears the language that is spoken now.
    """

    def __init__(self, path: Path, listener: Progress, *, append: bool = False, lang: str = "en") -> None:
        self.path, self._listener, self._lang = path, listener, lang
        self._last: tuple[str, int, str] = ("", -1, "")
        if not append:
            self._write("", "w")

    def _write(self, text: str, mode: str = "a") -> None:
        try:
            with open(self.path, mode, encoding="utf-8", opener=_never_through_links) as stream:
                stream.write(text)
        except OSError as error:
            raise not_writable(self.path, error) from None

    def event(self, name: str, **fields: Any) -> None:
        """Write one line."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
        line = json.dumps(plain({"time": now, "event": name, **fields}), ensure_ascii=False, allow_nan=False)
        self._write(escaped_json(line) + "\n")

    def note(self, problem: Problem) -> None:
        """Write a line for a warning; steps and what was dropped stand in the run record."""
        if problem.severity != "info":
            self.event("warning", **problem.as_row(self._lang))
            # A listener made for earlier versions has no ear for warnings.
            tell = getattr(self._listener, "note", None)
            if callable(tell):
                tell(problem)

    def step(self, stage: str, share: float, text: str = "") -> None:
        """Pass a step on; a new work or another quarter of a stage gets a line."""
        now = (stage, int(share * 4), text)
        if now != self._last:
            self._last = now
            self.event("step", stage=stage, share=round(share, 4), text=Work(text).text(self._lang))
        self._listener.step(stage, share, Work(text).text(language()))

    def say(self, text: str) -> None:
        """Pass a line for people on, and keep it."""
        self.event("said", text=text)
        self._listener.say(text)

    @contextmanager
    def run(self, **fields: Any) -> Iterator[None]:
        """The lines around a run: its start, and how it ended."""
        self.event("run_started", pid=os.getpid(), **fields)
        try:
            yield
        except BaseException as error:
            problems = error.problems if isinstance(error, RiskZoningError) else ()
            with speaking(self._lang):
                reason, rows = str(error) or type(error).__name__, [problem.as_row() for problem in problems]
            # A disk that stopped the run stops its log too; the error itself goes on.
            with suppress(RiskZoningError):
                self.event("run_failed", error=type(error).__name__, reason=reason, problems=rows)
            raise
        self.event("run_finished")
