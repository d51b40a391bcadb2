"""How the command line speaks: progress on a terminal, lines in a log, problems as a table or JSON, exit codes."""

from __future__ import annotations

import functools
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from riskzoning import standards
from riskzoning.errors import (
    AdminError,
    ConfigError,
    LayerError,
    Problem,
    RiskZoningError,
    StandardTableError,
    SurveyError,
)

OK, WARNINGS, BAD_INPUT, FAILED = 0, 1, 2, 3
_INPUT_ERRORS = (ConfigError, LayerError, AdminError, SurveyError, StandardTableError)
_STAGES = ("check", "prepare", "calibrate", "assess", "grade", "publish")
F = TypeVar("F", bound=Callable[..., Any])


def word(key: str, lang: str, **values: object) -> str:
    """A word of the command line in ``zh`` or ``en``."""
    # The words of the program are no numbers of the study: they stay out of its record of tables.
    return str(standards.shipped_table("names/cli").data[key][lang]).format(**values)


def exit_code(problems: Iterable[Problem]) -> int:
    """0 clean, 1 warnings only, 2 errors."""
    severities = {problem.severity for problem in problems}
    return BAD_INPUT if "error" in severities else WARNINGS if "warning" in severities else OK


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

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
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
    """Listener of a run that shows a progress bar on a terminal and one line a stage elsewhere."""

    def __init__(self, lang: str, console: Console | None = None) -> None:
        self.lang = lang
        self.console = console or Console(stderr=True)
        self._bar: Progress | None = None
        self._tasks: dict[str, Any] = {}
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
        title = word(f"stage_{stage}", self.lang) if stage in _STAGES else stage
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

    def say(self, text: str) -> None:
        """Print a line for people."""
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def problems(self, problems: Sequence[Problem], console: Console | None = None) -> None:
        """Print problems: a table on a wide terminal, four lines each elsewhere."""
        out = console or self.console
        if out.is_terminal and out.width >= 100:
            out.print(self._table(problems))
            return
        for problem in problems:
            out.print(
                f"{word(problem.severity, self.lang)}: {problem.thing}", markup=False, highlight=False, soft_wrap=True
            )
            for key in ("found", "required", "fix"):
                text = f"  {word(key, self.lang)}: {getattr(problem, key)}"
                out.print(text, markup=False, highlight=False, soft_wrap=True)

    def _table(self, problems: Sequence[Problem]) -> Table:
        table = Table(show_lines=True)
        for key in ("severity", "where", "found", "required", "fix"):
            table.add_column(word(key, self.lang), overflow="fold")
        colours = {"error": "red", "warning": "yellow", "info": "cyan"}
        for problem in problems:
            severity = Text(word(problem.severity, self.lang), style=colours[problem.severity])
            table.add_row(
                severity, *(Text(text) for text in (problem.thing, problem.found, problem.required, problem.fix))
            )
        return table


def print_json(value: Any) -> None:
    """Write JSON for programs on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def guarded(function: F) -> F:
    """Turn errors into messages and exit codes: 2 for input, 3 for the surroundings; a traceback with ``--debug``."""

    @functools.wraps(function)
    def run(*args: Any, **options: Any) -> Any:
        debug, lang = bool(options.get("debug")), str(options.get("lang") or "en")
        speaker = Speaker(lang if lang in ("zh", "en") else "en")
        try:
            with _interrupts:
                return function(*args, **options)
        except (typer.Exit, typer.Abort):
            raise
        except KeyboardInterrupt:
            speaker.say(word("unfinished", speaker.lang))
            raise typer.Exit(130) from None
        except RiskZoningError as error:
            if debug:
                traceback.print_exc()
            _tell(speaker, error)
            raise typer.Exit(BAD_INPUT if isinstance(error, _INPUT_ERRORS) else FAILED) from None
        except BrokenPipeError:
            # The reader of a pipe has left; what remains to be written has nowhere to go.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(OK) from None
        except OSError as error:
            if debug:
                traceback.print_exc()
            place = f" ({error.filename})" if error.filename else ""
            speaker.say(f"{word('error', speaker.lang)}: {error.strerror or error}{place}")
            raise typer.Exit(FAILED) from None
        except Exception as error:  # noqa: BLE001 - the last door: a user never sees a traceback unasked
            if debug:
                traceback.print_exc()
            speaker.say(word("unexpected", speaker.lang, error=f"{type(error).__name__}: {error}"))
            raise typer.Exit(FAILED) from None

    return run  # type: ignore[return-value]


def _tell(speaker: Speaker, error: RiskZoningError) -> None:
    if error.problems:
        speaker.problems(error.problems)
    else:
        speaker.say(f"{word('error', speaker.lang)}: {error}")
