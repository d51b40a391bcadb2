"""Work shared out among processes of their own, on every system and from any script or notebook.

Each process is a fresh Python that reads jobs from its standard input and answers on its standard output: the script
that called us is not imported again, and a process whose parent is gone reads the end of its input and leaves.
"""

from __future__ import annotations

import contextlib
import contextvars
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from riskzoning import standards
from riskzoning.errors import Journal, Phrase, Problem, RunError, hearing, note

Job = TypeVar("Job")
Result = TypeVar("Result")
_START = "from riskzoning.maps.crew import answer; answer()"


def shared_out(
    start: Callable[[], Callable[[Job], Result]], jobs: Sequence[Callable[[], Job]], *, processes: int
) -> Iterator[Result]:
    """Results of the jobs in their order; ``start`` is called once in each process and gives the function for a job."""
    if processes < 2:
        work = start()
        for job in jobs:
            yield work(job())
        return
    waiting: SimpleQueue[tuple[Callable[[], Job], Future[Any]]] = SimpleQueue()
    answers: list[Future[Any]] = [Future() for _ in jobs]
    for pair in zip(jobs, answers, strict=True):
        waiting.put(pair)
    crew = [_process() for _ in range(processes)]
    try:
        with ThreadPoolExecutor(processes) as threads:
            try:
                overrides = standards.replaced()
                for process in crew:
                    threads.submit(contextvars.copy_context().run, _feed, process, (start, overrides), waiting)
                for answer_ in answers:
                    result, tables, notes = answer_.result()
                    for name in tables:
                        standards.table(name)
                    for problem in notes:
                        note(problem)
                    yield result
            finally:
                # Whatever happened, an interrupt too: nobody goes on drawing.
                with contextlib.suppress(Empty):
                    while True:
                        waiting.get_nowait()
                for process in crew:
                    process.kill()
    finally:
        for process in crew:
            _close(process)


def _process() -> subprocess.Popen[bytes]:
    """A fresh Python that finds the same packages as this one."""
    paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
    environment = {**os.environ, "PYTHONPATH": paths}
    return subprocess.Popen(
        [sys.executable, "-c", _START], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    )


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    process.wait()


def _feed(
    process: subprocess.Popen[bytes], setting: object, waiting: SimpleQueue[tuple[Callable[[], Any], Future[Any]]]
) -> None:
    """Give a process one job after the other until none is left; what goes wrong becomes the answer of a job."""
    said = setting
    while True:
        try:
            job, answer_ = waiting.get_nowait()
        except Empty:
            return
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            if said is not None:
                pickle.dump(said, process.stdin, protocol=pickle.HIGHEST_PROTOCOL)
                said = None
            pickle.dump(job(), process.stdin, protocol=pickle.HIGHEST_PROTOCOL)
            process.stdin.flush()
            good, value = pickle.load(process.stdout)
        except (EOFError, OSError):
            good, value = False, RunError(Problem("maps.worker", Phrase("worker"), code=process.poll()))
        except Exception as error:  # noqa: BLE001 - told where the answer is waited for
            good, value = False, error
        if good:
            answer_.set_result(value)
        else:
            answer_.set_exception(value)


def answer() -> None:
    """The life of a process: read the setting, then jobs, until the input ends."""
    # An interrupt at the terminal reaches all processes; the parent ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # Whatever a library prints goes to the errors, not between the answers.
    os.dup2(2, 1)
    with contextlib.suppress(EOFError, BrokenPipeError):
        start, overrides = pickle.load(jobs)
        work = None
        while True:
            job = pickle.load(jobs)
            try:
                with standards.session(overrides) as opened, hearing(Journal()) as journal:
                    work = work or start()
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
