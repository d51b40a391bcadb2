"""The structured log of a run: one JSON object a line, written as things happen."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from riskzoning.errors import Problem, RiskZoningError
from riskzoning.io.writing.atomic import not_writable
from riskzoning.pipeline.workspace.progress import Progress

__all__ = ["RunLog"]


class RunLog:
    """A listener that writes ``log.jsonl`` and passes everything on to the listener of the run.

    Every line has ``time`` (UTC), ``event`` and what belongs to it: ``run_started run_finished run_failed
    stage_started stage_finished step said warning``.

    Parameters
    ----------
    path : Path
    listener : Progress
    append : bool
        A resumed run goes on in the log of the run that it resumes.

    Examples
    --------
    >>> import tempfile
    >>> from riskzoning.pipeline.workspace.progress import Silent
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log = RunLog(Path(folder) / "log.jsonl", Silent())
    ...     log.event("run_started", run_id="a1")
    ...     json.loads(log.path.read_text(encoding="utf-8"))["run_id"]
    'a1'
    """

    def __init__(self, path: Path, listener: Progress, *, append: bool = False) -> None:
        self.path, self._listener = path, listener
        self._last: tuple[str, int, str] = ("", -1, "")
        if not append:
            self._write("", "w")

    def _write(self, text: str, mode: str = "a") -> None:
        try:
            with open(self.path, mode, encoding="utf-8") as stream:
                stream.write(text)
        except OSError as error:
            raise not_writable(self.path, error) from None

    def event(self, name: str, **fields: Any) -> None:
        """Write one line.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning.pipeline.workspace.progress import Silent
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     log = RunLog(Path(folder) / "log.jsonl", Silent())
        ...     log.event("warning", found="is constant")
        ...     log.path.read_text(encoding="utf-8").count("\\n")
        1
        """
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
        self._write(json.dumps({"time": now, "event": name, **fields}, ensure_ascii=False, default=str) + "\n")

    def note(self, problem: Problem, lang: str) -> None:
        """Write a line for a warning, in a language; steps and what was dropped stand in the run record."""
        if problem.severity != "info":
            self.event("warning", **problem.as_row(lang))

    def step(self, stage: str, share: float, text: str = "") -> None:
        """Pass a step on; a new work or another quarter of a stage gets a line.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning.pipeline.workspace.progress import Silent
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     log = RunLog(Path(folder) / "log.jsonl", Silent())
        ...     log.step("grade", 0.1, "layers")
        ...     log.step("grade", 0.2, "layers")
        ...     log.path.read_text(encoding="utf-8").count("step")
        1
        """
        now = (stage, int(share * 4), text)
        if now != self._last:
            self._last = now
            self.event("step", stage=stage, share=round(share, 4), text=text)
        self._listener.step(stage, share, text)

    def say(self, text: str) -> None:
        """Pass a line for people on, and keep it.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning.pipeline.workspace.progress import Silent
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     log = RunLog(Path(folder) / "log.jsonl", Silent())
        ...     log.say("reading")
        ...     "reading" in log.path.read_text(encoding="utf-8")
        True
        """
        self.event("said", text=text)
        self._listener.say(text)

    @contextmanager
    def run(self, **fields: Any) -> Iterator[None]:
        """The lines around a run: its start, and how it ended.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning.pipeline.workspace.progress import Silent
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     log = RunLog(Path(folder) / "log.jsonl", Silent())
        ...     with log.run(run_id="a1"):
        ...         pass
        ...     [json.loads(line)["event"] for line in log.path.read_text(encoding="utf-8").splitlines()]
        ['run_started', 'run_finished']
        """
        self.event("run_started", pid=os.getpid(), **fields)
        try:
            yield
        except BaseException as error:
            problems = [problem.as_row() for problem in error.problems] if isinstance(error, RiskZoningError) else []
            reason = str(error) or type(error).__name__
            # A disk that stopped the run stops its log too; the error itself goes on.
            with suppress(RiskZoningError):
                self.event("run_failed", error=type(error).__name__, reason=reason, problems=problems)
            raise
        self.event("run_finished")
