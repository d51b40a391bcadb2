"""Work in processes: the same answers in the same order, errors as they were, nobody left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from riskzoning import standards
from riskzoning.errors import Journal, LayerError, Problem, RunError, hearing, note
from riskzoning.maps import crew as crew_module
from riskzoning.maps.crew import Crew


def shared_out(work: Callable[[int], Any], jobs: list[Callable[[], int]], *, processes: int) -> Iterator[Any]:
    with Crew(processes) as crew:
        yield from crew.shared_out(work, jobs)


def doubled(number: int) -> int:
    return 2 * number


def whose(number: int) -> int:
    return os.getpid() + 0 * number


@dataclass(frozen=True)
class Failing:
    """Fails at one job; picklable with what it needs."""

    at: int

    def work(self, number: int) -> int:
        if number == self.at:
            raise LayerError(Problem("example.empty", f"map {number}"))
        return number


def telling(number: int) -> str:
    note(Problem("example.empty", f"map {number}", severity="warning"))
    return str(standards.table("names/maps").data["legend"])


def leaving(number: int) -> int:
    os._exit(3 + 0 * number)


def touch(path: Path) -> str:
    path.touch()
    return path.name


def wait_for(what: Callable[[], bool], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.05)
    return what()


def jobs(count: int) -> list[Callable[[], int]]:
    return [(lambda number=number: number) for number in range(count)]


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_answers_come_in_the_order_of_the_jobs(processes: int) -> None:
    assert list(shared_out(doubled, jobs(7), processes=processes)) == [0, 2, 4, 6, 8, 10, 12]


def test_one_process_is_this_one_and_more_are_others() -> None:
    assert set(shared_out(whose, jobs(2), processes=1)) == {os.getpid()}
    assert os.getpid() not in set(shared_out(whose, jobs(6), processes=2))


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_is_the_same_from_any_process(processes: int) -> None:
    with pytest.raises(LayerError) as error:
        list(shared_out(Failing(3).work, jobs(6), processes=processes))
    assert error.value.problems == (Problem("example.empty", "map 3"),)


def test_notes_and_tables_reach_the_run_and_replaced_tables_reach_the_processes() -> None:
    mine = {"names/maps": {"legend": "mine"}}
    with standards.session(mine) as opened, hearing(Journal()) as journal:
        assert set(shared_out(telling, jobs(4), processes=2)) == {"mine"}
    assert [problem.file for problem in journal.warnings] == [f"map {number}" for number in range(4)]
    assert "names/maps" in opened.used


def test_work_begins_with_the_call_and_several_works_follow_each_other(tmp_path: Path) -> None:
    with Crew(2, first="tests.maps.test_crew") as crew:
        numbers = crew.shared_out(doubled, jobs(3))
        touched = crew.shared_out(touch, [(lambda n=n: tmp_path / str(n)) for n in range(2)])
        assert wait_for(lambda: len(list(tmp_path.iterdir())) == 2)
        assert list(touched) == ["0", "1"]
        assert list(numbers) == [0, 2, 4]


def waiting_for(path: Path) -> float:
    assert wait_for(path.exists)
    return time.monotonic()


def test_what_is_wanted_first_goes_before_what_waits(tmp_path: Path) -> None:
    with Crew(2, first="tests.maps.test_crew") as crew:
        gate = tmp_path / "gate"
        held = crew.shared_out(waiting_for, [lambda: gate, lambda: gate])
        assert wait_for(lambda: crew._waiting.empty())
        last = crew.shared_out(at, jobs(4))
        soon = crew.shared_out(at, jobs(1), first=True)
        gate.touch()
        assert len(list(held)) == 2
        # Two processes: one of the others may have begun together with it.
        assert next(soon) < sorted(last)[1]


def at(number: int) -> float:
    time.sleep(0.2)
    return time.monotonic() + 0.0 * number


class Counting:
    """Counts how often it is given to a process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        (self.folder / f"{os.getpid()}_{time.monotonic_ns()}").touch()

    def work(self, number: int) -> int:
        return number


def test_a_work_goes_once_to_each_process_whatever_comes_between(tmp_path: Path) -> None:
    with Crew(2, first="tests.maps.test_crew") as crew:
        counting = Counting(tmp_path)
        for _ in range(3):
            assert list(crew.shared_out(counting.work, jobs(4))) == [0, 1, 2, 3]
            assert list(crew.shared_out(doubled, jobs(4))) == [0, 2, 4, 6]
    assert 1 <= len(list(tmp_path.iterdir())) <= 2


def test_a_crew_that_was_given_nothing_ends() -> None:
    began = time.monotonic()
    with Crew(2, first="riskzoning.names"):
        pass
    assert time.monotonic() - began < 30


def test_a_process_that_dies_is_told() -> None:
    with pytest.raises(RunError) as error:
        list(shared_out(leaving, jobs(4), processes=2))
    assert error.value.problems[0].rule == "maps.worker"


def test_processes_end_when_the_reader_of_answers_stops() -> None:
    answers = shared_out(whose, jobs(6), processes=2)
    worker = next(answers)
    answers.close()
    if sys.platform != "win32":
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)


@pytest.mark.parametrize("after", [False, True])
def test_an_interrupt_while_they_start_ends_those_that_run(monkeypatch: pytest.MonkeyPatch, after: bool) -> None:
    made: list[subprocess.Popen[bytes]] = []
    start = crew_module._start

    def interrupted(crew: list[subprocess.Popen[bytes]], first: str) -> None:
        if len(crew) == 1 and not after:
            raise KeyboardInterrupt
        start(crew, first)
        made.append(crew[-1])
        if len(crew) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(crew_module, "_start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Crew(3)
    assert len(made) == 1 + after
    assert all(process.returncode is not None for process in made)


def test_an_interrupt_while_threads_start_ends_the_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(Thread):
        def start(self) -> None:
            raise KeyboardInterrupt

    made: list[subprocess.Popen[bytes]] = []
    start = crew_module._process
    monkeypatch.setattr(crew_module, "_process", lambda first: made.append(start(first)) or made[-1])
    monkeypatch.setattr(crew_module, "Thread", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        Crew(2)
    assert [process.returncode is None for process in made] == [False, False]


def test_a_crew_that_is_never_entered_ends_with_its_value() -> None:
    crew = Crew(2)
    processes = list(crew._processes)
    del crew
    assert all(process.returncode is not None for process in processes)


def busy(path: Path) -> str:
    path.touch()
    time.sleep(60)
    return path.name


@pytest.mark.skipif(sys.platform == "win32", reason="an interrupt of a terminal is a signal")
@pytest.mark.parametrize("working", [0, 2])
def test_an_interrupt_ends_all_processes(tmp_path: Path, working: int) -> None:
    """While they work, and before any has begun."""
    import signal

    script = (
        "from tests.maps.test_crew import *\n"
        f"folder = Path({str(tmp_path)!r})\n"
        "print('begun', flush=True)\n"
        "list(shared_out(busy, [(lambda n=n: folder / str(n)) for n in range(4)], processes=2))\n"
    )
    # Who starts the tests in the background of a shell has interrupts ignored, and what they start inherits that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    # A script without a guard around its lines: the processes do not run it again.
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as parent:
        signal.signal(signal.SIGINT, before)
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"begun\n"
        assert wait_for(lambda: len(list(tmp_path.iterdir())) >= working)
        os.killpg(parent.pid, signal.SIGINT)
        # The errors end when the last process has ended that could write to them; none waits for its job.
        _, errors = parent.communicate(timeout=50)
    assert b"KeyboardInterrupt" in errors
    assert wait_for(lambda: ended(parent.pid))


def ended(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False
