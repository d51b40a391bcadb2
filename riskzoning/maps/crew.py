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
from typing import Any, TypeAlias, TypeVar

from riskzoning import standards
from riskzoning.errors import Journal, Phrase, Problem, RunError, hearing, note

Job = TypeVar("Job")
Result = TypeVar("Result")
Waiting: TypeAlias = "SimpleQueue[tuple[Callable[[], Any], Future[Any]]]"
_START = "from riskzoning.maps.crew import answer; answer()"


class Crew:
    """Processes that wait for work, ended when the block is left; fewer than two are this process itself.

    They start at once: what the caller prepares meanwhile costs no time.
    """

    def __init__(self, processes: int) -> None:
        self._processes = [_process() for _ in range(processes)] if processes > 1 else []

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        _end(self._processes)
        _close(self._processes)

    def shared_out(self, work: Callable[[Job], Result], jobs: Sequence[Callable[[], Job]]) -> Iterator[Result]:
        """Results of the jobs in their order; ``work`` goes once to each process, jobs are made as they are wanted."""
        if not self._processes:
            yield from (work(job()) for job in jobs)
            return
        waiting: Waiting = SimpleQueue()
        answers: list[Future[Any]] = [Future() for _ in jobs]
        for pair in zip(jobs, answers, strict=True):
            waiting.put(pair)
        setting = pickle.dumps((work, standards.replaced()), protocol=pickle.HIGHEST_PROTOCOL)
        with contextlib.ExitStack() as leaving:
            threads = leaving.enter_context(ThreadPoolExecutor(len(self._processes)))
            # On the way out, an interrupt too: processes end first, so that the threads that wait for them return.
            leaving.callback(_end, self._processes)
            for process in self._processes:
                threads.submit(contextvars.copy_context().run, _feed, process, setting, waiting)
            for future in answers:
                result, tables, notes = future.result()
                for name in tables:
                    standards.table(name)
                for problem in notes:
                    note(problem)
                yield result


def _process() -> subprocess.Popen[bytes]:
    """A fresh Python that finds the same packages as this one."""
    paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
    environment = {**os.environ, "PYTHONPATH": paths}
    return subprocess.Popen(
        [sys.executable, "-c", _START], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
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


def _feed(process: subprocess.Popen[bytes], setting: bytes, waiting: Waiting) -> None:
    """Give a process one job after the other until none is left; what goes wrong becomes the answer of a job."""
    assert process.stdin is not None
    assert process.stdout is not None
    opening = setting
    while True:
        try:
            job, future = waiting.get_nowait()
        except Empty:
            return
        try:
            message = pickle.dumps(job() if process.poll() is None else None, protocol=pickle.HIGHEST_PROTOCOL)
            process.stdin.write(opening + message)
            process.stdin.flush()
            opening = b""
            good, value = pickle.load(process.stdout)
        except (EOFError, OSError):
            good, value = False, RunError(Problem("maps.worker", Phrase("worker"), code=process.wait()))
        except Exception as error:  # noqa: BLE001 - told where the answer is waited for
            good, value = False, error
        if good:
            future.set_result(value)
        else:
            future.set_exception(value)


def answer() -> None:
    """The life of a process: read the setting, then jobs, until the input ends."""
    # An interrupt at the terminal reaches all processes; the parent ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # Whatever a library prints goes to the errors, not between the answers.
    os.dup2(2, 1)
    with contextlib.suppress(EOFError, BrokenPipeError):
        work, overrides = pickle.load(jobs)
        while True:
            job = pickle.load(jobs)
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
