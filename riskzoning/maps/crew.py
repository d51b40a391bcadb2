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


def shared_out(
    start: Callable[[], Callable[[Job], Result]], jobs: Sequence[Callable[[], Job]], *, processes: int
) -> Iterator[Result]:
    """Results of the jobs in their order; ``start`` is called once in each process and gives the function for a job."""
    if processes < 2:
        work = start()
        yield from (work(job()) for job in jobs)
        return
    with contextlib.ExitStack() as leaving:
        crew = [_process() for _ in range(processes)]
        # On the way out, an interrupt too: processes end, the threads that wait for them return, pipes are closed.
        leaving.callback(_close, crew)
        threads = leaving.enter_context(ThreadPoolExecutor(processes))
        leaving.callback(_end, crew)
        waiting: Waiting = SimpleQueue()
        answers: list[Future[Any]] = [Future() for _ in jobs]
        for pair in zip(jobs, answers, strict=True):
            waiting.put(pair)
        setting = (start, standards.replaced())
        for process in crew:
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


def _feed(process: subprocess.Popen[bytes], setting: object, waiting: Waiting) -> None:
    """Give a process one job after the other until none is left; what goes wrong becomes the answer of a job."""
    assert process.stdin is not None
    assert process.stdout is not None
    opening: tuple[object, ...] = (setting,)
    while True:
        try:
            job, future = waiting.get_nowait()
        except Empty:
            return
        try:
            for message in (*opening, job() if process.poll() is None else None):
                pickle.dump(message, process.stdin, protocol=pickle.HIGHEST_PROTOCOL)
            process.stdin.flush()
            opening = ()
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
        start, overrides = pickle.load(jobs)
        work: Callable[[Any], Any] | None = None
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
