"""What the command line shows: progress on a terminal, lines in a log, problems as a table or JSON, exit codes."""

from __future__ import annotations

import errno
import functools
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import TypedDict

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from riskzoning import standards
from riskzoning.errors import (
    AdminError,
    ConfigError,
    Decisions,
    LayerError,
    Problem,
    RiskZoningError,
    StandardTableError,
    SurveyError,
    counted,
    deciding,
    escaped_json,
    language,
    speaking,
    visible,
)
from riskzoning.files import protecting

OK, WARNINGS, BAD_INPUT, FAILED = 0, 1, 2, 3
_INPUT_ERRORS = (ConfigError, LayerError, AdminError, SurveyError, StandardTableError)


class _Plain(TypedDict):
    """Text as it is: no markup of rich, no colours, no line breaks of its own."""

    markup: bool
    highlight: bool
    soft_wrap: bool


_STAGES = (
    "check", "prepare", "calibrate", "assess", "grade", "stability", "accept", "survey", "adjusted", "objects", "zones",
    "planning", "validation", "publish",
)  # fmt: skip
_PARTS = ("found", "required", "fix")
_PLAIN: _Plain = {"markup": False, "highlight": False, "soft_wrap": True}


def word(key: str, /, **values: object) -> str:
    """A word of the command line in the language that is spoken now."""
    # The words of the program are no numbers of the study: they stay out of its record of tables.
    shown = {name: value if isinstance(value, int | float) else visible(str(value)) for name, value in values.items()}
    text = str(standards.shipped_table("names/cli").data[key][language()])
    return counted(text, shown, language()).format(**shown)


def exit_code(problems: Iterable[Problem]) -> int:
    """0 clean, 1 warnings only, 2 errors, 3 when every error is one of the surroundings, such as a server."""
    every = tuple(problems)
    severities = {problem.severity for problem in every}
    if "error" not in severities:
        return WARNINGS if "warning" in severities else OK
    return FAILED if all(_of_surroundings(item) for item in every if item.severity == "error") else BAD_INPUT


def _of_surroundings(problem: Problem) -> bool:
    if not problem.rule.startswith("database."):
        return False
    from riskzoning.database.faults import SURROUNDINGS

    return problem.rule in SURROUNDINGS


class _Interrupts:
    """Remembers an interrupt: one that a compiler or a driver swallows is told at the next step."""

    heard = False

    def __enter__(self) -> None:
        self.heard = False
        self._mine = threading.current_thread() is threading.main_thread() and (
            signal.getsignal(signal.SIGINT) is signal.default_int_handler
        )
        if self._mine:
            signal.signal(signal.SIGINT, self._hear)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._mine:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        heard, self.heard = self.heard, False
        # What a library made of the interrupt is not what happened.
        if heard and isinstance(error, Exception) and not isinstance(error, typer.Exit):
            raise KeyboardInterrupt from None

    def _hear(self, *_: object) -> None:
        self.heard = True
        raise KeyboardInterrupt

    def tell(self) -> None:
        """Raise what was heard and got lost."""
        if self.heard:
            raise KeyboardInterrupt


_interrupts = _Interrupts()


class Speaker:
    """Listener of a run that shows a progress bar on a terminal and one line a stage elsewhere, and keeps warnings."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)
        self.notes: list[Problem] = []
        self._bar: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._said: dict[str, int] = {}
        self._start = time.perf_counter()

    def __enter__(self) -> Speaker:
        if self.console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
            self._bar = Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=self.console)
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def step(self, stage: str, share: float, text: str = "") -> None:
        """Show how far a stage is."""
        _interrupts.tell()
        text = visible(text)
        title = word(f"stage_{stage}") if stage in _STAGES else stage
        if self._bar is not None:
            if stage not in self._tasks:
                self._tasks[stage] = self._bar.add_task(title, total=1.0)
            self._bar.update(self._tasks[stage], completed=share, description=f"{title} {text}".strip())
            return
        # In a log, a line for each quarter of a stage is enough.
        quarter = int(share * 4)
        if self._said.get(stage, -1) < quarter:
            self._said[stage] = quarter
            seconds = time.perf_counter() - self._start
            self.console.print(
                f"[{seconds:7.1f} s] {title} {share:4.0%} {text}".rstrip(), markup=False, highlight=False
            )

    def note(self, problem: Problem) -> None:
        """Keep a warning for the summary."""
        self.notes.append(problem)

    def say(self, text: str) -> None:
        """Print a line for people."""
        self.console.print(visible(text), **_PLAIN)

    def decisions(self, made: Decisions) -> None:
        """Print what was decided about each input, for who asks why a number is so."""
        if made.made:
            self.say(word("decisions"))
        for name in made.inputs:
            file = ""
            for decision in made.of(name):
                if str(decision.thing) != file:
                    file = str(decision.thing)
                    self.say(f"  {name}" if file == name else f"  {name} ({file})")
                self.say(f"    {decision.text()}")

    def problems(self, problems: Sequence[Problem], console: Console | None = None) -> None:
        """Print problems: a table on a wide terminal, four lines each elsewhere."""
        out = console or self.console
        if out.is_terminal and out.width >= 100:
            out.print(self._table(problems))
            return
        for problem in problems:
            out.print(word("line", key=word(problem.severity), text=problem.place()), **_PLAIN)
            for key in _PARTS:
                out.print(f"  {word('line', key=word(key), text=getattr(problem, key))}", **_PLAIN)

    def _table(self, problems: Sequence[Problem]) -> Table:
        table = Table(show_lines=True)
        for key in ("severity", "where", *_PARTS):
            table.add_column(word(key), overflow="fold")
        colours = {"error": "red", "warning": "yellow", "info": "cyan"}
        for problem in problems:
            severity = Text(word(problem.severity), style=colours[problem.severity])
            texts = (problem.place(), *(getattr(problem, key) for key in _PARTS))
            table.add_row(severity, *(Text(text) for text in texts))
        return table


def print_json(value: Sequence[Mapping[str, object]]) -> None:
    """Write JSON for programs on standard output."""
    sys.stdout.write(escaped_json(json.dumps(value, ensure_ascii=False, indent=2)) + "\n")


def default_lang() -> str:
    """Chinese where the surroundings are Chinese, else English."""
    return "zh" if os.environ.get("LANG", "").lower().startswith("zh") else "en"


def guarded(function: Callable[..., None]) -> Callable[..., None]:
    """Speak the language of ``lang``; errors become messages and exit codes.

    With ``debug`` people see what was decided about each input, and the traceback of an error.

    Both options are taken here and not passed on: the function speaks the language that is spoken.
    """

    @functools.wraps(function)
    def run(*args: object, debug: bool = False, lang: str | None = None, **options: object) -> None:
        with speaking(lang or default_lang()):
            try:
                with _interrupts, _debugging() if debug else nullcontext(), _reading(options):
                    # A sign of life before the libraries of the work are loaded: seconds, on a cold disk many.
                    Speaker().say(word("starting", command=function.__name__))
                    function(*args, **options)
            except (typer.Exit, typer.Abort):
                raise
            except BaseException as error:  # noqa: BLE001 - the last door: nobody sees a traceback unasked
                if debug and isinstance(error, Exception):
                    sys.stderr.write(visible(traceback.format_exc()))
                raise typer.Exit(_told(error, Speaker())) from None

    return run


# A path that cannot be one: wrong input, not the fault of the surroundings.
_NO_PLACE = (errno.ELOOP, errno.ENAMETOOLONG, errno.EISDIR, errno.ENOTDIR)
# Where a command writes, the folder of a run that gets its own outputs again among them; every other path among its
# options is read.
_WRITTEN = ("out", "folder", "own_run")


@contextmanager
def _reading(options: Mapping[str, object]) -> Iterator[None]:
    """Nothing that a command reads is replaced by what it writes, whatever its options say."""
    paths: dict[bool, list[Path]] = {True: [], False: []}
    for name, value in options.items():
        every = value if isinstance(value, list) else [value]
        paths[name in _WRITTEN] += [path for path in every if isinstance(path, Path)]
    with protecting(paths[False], paths[True]):
        yield


@contextmanager
def _debugging() -> Iterator[None]:
    """Hear what is decided about the inputs, and say it at the end, whatever the end is."""
    made = Decisions()
    try:
        with deciding(made):
            yield
    finally:
        Speaker().decisions(made)


def _told(error: BaseException, speaker: Speaker) -> int:
    """Say what happened; the exit code: 2 for input, 3 for the surroundings, 130 for an interrupt."""
    if isinstance(error, KeyboardInterrupt):
        speaker.say(word("unfinished"))
        return 130
    if isinstance(error, RiskZoningError):
        if error.problems:
            speaker.problems(error.problems)
        else:
            speaker.say(word("line", key=word("error"), text=error))
        return BAD_INPUT if isinstance(error, _INPUT_ERRORS) else FAILED
    if isinstance(error, BrokenPipeError):
        # The reader of a pipe has left; what remains to be written has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        speaker.problems([Problem("cli.surroundings", str(error.filename or word("machine")), reason=reason)])
        return BAD_INPUT if error.errno in _NO_PLACE else FAILED
    if isinstance(error, MemoryError):
        speaker.problems([Problem("cli.memory", word("machine"), reason=str(error) or type(error).__name__)])
        return FAILED
    if isinstance(error, Exception):
        speaker.say(word("unexpected", error=f"{type(error).__name__}: {error}"))
        return FAILED
    raise error
