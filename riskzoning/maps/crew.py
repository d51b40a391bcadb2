"""Work shared out among processes of their own, on every system and from any script or notebook.

Each process is a fresh Python that reads jobs from its standard input and answers on its standard output: the script
that called us is not imported again, and a process whose parent is gone reads the end of its input and leaves.
"""

from __future__ import annotations

import contextlib
import contextvars
import gc
import importlib
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import count
from queue import PriorityQueue
from threading import Thread
from typing import Any, TypeAlias, TypeVar

from riskzoning import standards
from riskzoning.errors import Journal, Phrase, Problem, RunError, hearing, note

Job = TypeVar("Job")
Result = TypeVar("Result")
Answer: TypeAlias = "Future[tuple[Any, list[str], list[Problem]]]"
# No search for cycles while modules are imported: it is a fifth of the time, and finds none.
_START = "import gc; gc.disable(); from riskzoning.maps.crew import answer; answer()"


@dataclass(frozen=True)
class _Setting:
    """A work and the tables that stand for it, by the number under which each process keeps it."""

    number: int
    content: bytes


@dataclass(frozen=True)
class _Order:
    """One job as it waits: the setting of its work, who makes it, in which context, and where its answer goes."""

    setting: _Setting
    job: Callable[[], Any]
    context: contextvars.Context
    answer: Answer


# What waits: those with the lowest rank first, in their order; None ends a process.
_Waiting: TypeAlias = "PriorityQueue[tuple[int, int, _Order | None]]"
_FIRST, _NEXT, _END = range(3)


class Crew:
    """Processes that wait for work, ended when the block is left; fewer than two are this process itself.

    They start at once, and import the module ``first`` while they wait: what the caller does meanwhile costs no time.
    """

    def __init__(self, processes: int, first: str = "") -> None:
        self._processes = [_process(first) for _ in range(processes if processes > 1 else 0)]
        self._waiting: _Waiting = PriorityQueue()
        self._numbers = count()
        self._settings: list[tuple[Callable[[Any], Any], Any, _Setting]] = []
        self._threads = [Thread(target=_feed, args=(one, self._waiting), daemon=True) for one in self._processes]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        # Processes end first, so that the threads that wait for their answers return.
        _end(self._processes)
        for _thread in self._threads:
            self._waiting.put((_END, next(self._numbers), None))
        for thread in self._threads:
            thread.join()
        _close(self._processes)

    @property
    def processes(self) -> int:
        """How many processes there are beside this one."""
        return len(self._processes)

    def shared_out(
        self, work: Callable[[Job], Result], jobs: Sequence[Callable[[], Job]], *, first: bool = False
    ) -> Iterator[Result]:
        """Results of the jobs in their order; the work begins with the call, each job is made as it is wanted.

        ``work`` goes once to each process, which keeps it. ``first``: before all that wait.
        """
        if not self._processes:
            return (work(job()) for job in jobs)
        setting, rank = self._setting(work), _FIRST if first else _NEXT
        orders = [_Order(setting, job, contextvars.copy_context(), Future()) for job in jobs]
        for order in orders:
            self._waiting.put((rank, next(self._numbers), order))
        return (_told(order.answer) for order in orders)

    def _setting(self, work: Callable[[Any], Any]) -> _Setting:
        """What goes to the processes of a work: the same when it was given before."""
        replaced = standards.replaced()
        for known, tables, setting in self._settings:
            if known == work and tables == replaced:
                return setting
        content = pickle.dumps((work, replaced), protocol=pickle.HIGHEST_PROTOCOL)
        setting = _Setting(len(self._settings), content)
        self._settings.append((work, replaced, setting))
        return setting


def _told(answer: Answer) -> Any:
    """The result of a job, with the tables that it has read and what it had to tell."""
    result, tables, notes = answer.result()
    for name in tables:
        standards.table(name)
    for problem in notes:
        note(problem)
    return result


def _process(first: str) -> subprocess.Popen[bytes]:
    """A fresh Python that finds the same packages as this one."""
    paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
    environment = {**os.environ, "PYTHONPATH": paths}
    return subprocess.Popen(
        [sys.executable, "-c", _START, first], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )


def _end(crew: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in crew:
        process.kill()
    for process in crew:
        process.wait()


def _close(crew: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in crew:
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                assert pipe is not None
                pipe.close()


def _feed(process: subprocess.Popen[bytes], waiting: _Waiting) -> None:
    """Give a process one job after the other until there are no more; what goes wrong becomes the answer of a job."""
    known: set[int] = set()
    while (order := waiting.get()[-1]) is not None:
        number = order.setting.number
        try:
            job = order.context.run(order.job) if process.poll() is None else None
            good, value = _asked(process, number, None if number in known else order.setting.content, job)
            known.add(number)
        except (EOFError, OSError):
            good, value = False, RunError(Problem("maps.worker", Phrase("worker"), code=process.wait()))
        except Exception as error:  # noqa: BLE001 - told where the answer is waited for
            good, value = False, error
        if good:
            order.answer.set_result(value)
        else:
            order.answer.set_exception(value)


def _asked(process: subprocess.Popen[bytes], number: int, setting: bytes | None, job: object) -> tuple[bool, Any]:
    """What a process answers to a job; a setting that it does not know goes before it."""
    assert process.stdin is not None
    assert process.stdout is not None
    message = pickle.dumps((number, setting, job), protocol=pickle.HIGHEST_PROTOCOL)
    process.stdin.write(message)
    process.stdin.flush()
    good, value = pickle.load(process.stdout)
    return good, value


def answer() -> None:
    """The life of a process: read the setting, then jobs, until the input ends."""
    # An interrupt at the terminal reaches all processes; the parent ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # Whatever a library prints goes to the errors, not between the answers.
    os.dup2(2, 1)
    with contextlib.suppress(EOFError, BrokenPipeError):
        # What is imported stays; a sheet is many objects that live shortly: looking for cycles less often is a tenth.
        for name in filter(None, sys.argv[1:]):
            importlib.import_module(name)
        gc.freeze()
        gc.enable()
        gc.set_threshold(100_000, 20, 20)
        known: dict[int, tuple[Callable[[Any], Any], dict[str, Any]]] = {}
        while True:
            number, setting, job = pickle.load(jobs)
            if setting is not None:
                known[number] = pickle.loads(setting)
            work, overrides = known[number]
            try:
                with standards.session(overrides) as opened, hearing(Journal()) as journal:
                    result = work(job)
                notes = [*journal.warnings, *journal.steps, *journal.dropped]
                reply = pickle.dumps((True, (result, sorted(opened.used), notes)))
            except Exception as error:  # noqa: BLE001 - every error goes to the parent
                reply = _error(error)
            answers.write(reply)
            answers.flush()


def _error(error: Exception) -> bytes:
    try:
        reply = pickle.dumps((False, error))
        pickle.loads(reply)
    except Exception:  # noqa: BLE001 - errors of foreign libraries may not survive the way
        reply = pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))
    return reply
