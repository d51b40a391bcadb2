"""Work shared out among processes of their own, on every system and from any script or notebook.

Each process is a fresh Python that reads jobs from its standard input and answers on its standard output: the script
that called us is not imported again, and a process whose parent is gone reads the end of its input and leaves.
"""

from __future__ import annotations

import contextlib
import contextvars
import gc
import heapq
import importlib
import os
import pickle
import signal
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeAlias, TypeVar

from riskzoning import standards
from riskzoning.errors import Journal, Phrase, Problem, RunError, hearing, note

Job = TypeVar("Job")
Result = TypeVar("Result")
# Whether it went well, and the result with what was read and told, or the error. A queue of this kind has no lock that
# an interrupt could leave closed behind it, as futures and queues with priorities have.
Answer: TypeAlias = "SimpleQueue[tuple[bool, Any]]"
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


_FIRST, _NEXT, _END = range(3)
# Seconds after which a wait looks for an interrupt: one that comes just before the wait does not end it.
_LOOK = 1.0


class _Waiting:
    """What waits: those with the lowest rank first, in their order; None ends a process."""

    def __init__(self) -> None:
        self._orders: list[tuple[int, int, _Order | None]] = []
        self._places: SimpleQueue[None] = SimpleQueue()
        self._numbers = count()

    def put(self, rank: int, order: _Order | None) -> None:
        # Both are one step, which no interrupt divides.
        heapq.heappush(self._orders, (rank, next(self._numbers), order))
        self._places.put(None)

    def get(self) -> _Order | None:
        self._places.get()
        return heapq.heappop(self._orders)[-1]

    def empty(self) -> bool:
        return not self._orders


class Crew:
    """Processes that wait for work, ended when the block is left; fewer than two are this process itself.

    They start at once, and import the module ``first`` while they wait: what the caller does meanwhile costs no time.
    """

    def __init__(self, processes: int, first: str = "") -> None:
        self._processes: list[subprocess.Popen[bytes]] = []
        self._waiting = _Waiting()
        self._settings: list[tuple[Callable[[Any], Any], Any, _Setting]] = []
        self._threads: list[Thread] = []
        # A crew that is never entered, since an interrupt came before, ends with the value or the program.
        self._ended = weakref.finalize(self, _dismiss, self._processes, self._threads, self._waiting)
        try:
            for _ in range(processes if processes > 1 else 0):
                _start(self._processes, first)
            for one in self._processes:
                thread = Thread(target=_feed, args=(one, self._waiting), daemon=True)
                self._threads.append(thread)
                thread.start()
        except BaseException:
            self._ended()
            raise

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended()

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
        orders = [_Order(setting, job, contextvars.copy_context(), SimpleQueue()) for job in jobs]
        for order in orders:
            self._waiting.put(rank, order)
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
    while True:
        with contextlib.suppress(Empty):
            good, value = answer.get(timeout=_LOOK)
            break
    if not good:
        raise value
    result, tables, notes = value
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


def _start(crew: list[subprocess.Popen[bytes]], first: str) -> None:
    """One more process; an interrupt waits until it is in the crew, and passes the process by."""
    if not hasattr(signal, "pthread_sigmask"):
        crew.append(_process(first))
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        crew.append(_process(first))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _dismiss(crew: Sequence[subprocess.Popen[bytes]], threads: Sequence[Thread], waiting: _Waiting) -> None:
    # Processes end first, so that the threads that wait for their answers return.
    for process in crew:
        process.kill()
    for process in crew:
        process.wait()
    for _thread in threads:
        waiting.put(_END, None)
    for thread in threads:
        if thread.ident is not None:
            thread.join()
    _close(crew)


def _close(crew: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in crew:
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                assert pipe is not None
                pipe.close()


def _feed(process: subprocess.Popen[bytes], waiting: _Waiting) -> None:
    """Give a process one job after the other until there are no more; what goes wrong becomes the answer of a job."""
    known: set[int] = set()
    while (order := waiting.get()) is not None:
        number = order.setting.number
        try:
            job = order.context.run(order.job) if process.poll() is None else None
            good, value = _asked(process, number, None if number in known else order.setting.content, job)
            known.add(number)
        except (EOFError, OSError):
            good, value = False, RunError(Problem("maps.worker", Phrase("worker"), code=process.wait()))
        except Exception as error:  # noqa: BLE001 - told where the answer is waited for
            good, value = False, error
        order.answer.put((good, value))


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
