"""One run in a folder: told with real processes, killed and racing ones too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from riskzoning import io
from riskzoning.errors import LockedError, RunError

_HOLD = """
import sys, time
from riskzoning import io
with io.lock(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""
# Every taker adds one to a number in a file, slowly, so that two holders at once would lose a step.
_COUNT = """
import pathlib, sys, time
from riskzoning import io
from riskzoning.errors import LockedError
folder, number, done = sys.argv[1], pathlib.Path(sys.argv[1]) / "number", 0
while done < 40:
    try:
        with io.lock(folder):
            before = int(number.read_text())
            time.sleep(0.001)
            number.write_text(str(before + 1))
            done += 1
    except LockedError:
        time.sleep(0.0005)
"""


def _holding(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", _HOLD, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_who_holds_the_folder_is_named_and_a_killed_run_does_not_block(tmp_path: Path) -> None:
    process = _holding(tmp_path)
    try:
        with pytest.raises(LockedError) as caught, io.lock(tmp_path):
            pass
        (problem,) = caught.value.problems
        assert problem.rule == "output.locked"
        assert f"process {process.pid} on " in problem.found
        assert f"进程 {process.pid}" in problem.text("zh")
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert (tmp_path / ".lock").exists()
    with io.lock(tmp_path), pytest.raises(LockedError) as caught, io.lock(tmp_path):
        pass
    assert f"process {os.getpid()} on " in caught.value.problems[0].found
    assert list(tmp_path.iterdir()) == []


def test_takers_that_race_after_a_kill_never_hold_the_folder_together(tmp_path: Path) -> None:
    process = _holding(tmp_path)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (tmp_path / "number").write_text("0", encoding="utf-8")
    takers = [subprocess.Popen([sys.executable, "-c", _COUNT, str(tmp_path)]) for _ in range(3)]
    assert [taker.wait(timeout=60) for taker in takers] == [0, 0, 0]
    assert (tmp_path / "number").read_text(encoding="utf-8") == "120"


@pytest.mark.parametrize("left", ["", "no JSON", "[]", '{"pid": 1, "host": "gone", "since": "x"}'])
def test_files_left_in_the_folder_are_no_lock(tmp_path: Path, left: str) -> None:
    (tmp_path / ".lock").write_text(left, encoding="utf-8")
    (tmp_path / ".lock-holder.json").write_text(left, encoding="utf-8")
    with io.lock(tmp_path) as path:
        assert path.name == ".lock"


def test_a_holder_that_does_not_say_who_it_is_is_respected(tmp_path: Path) -> None:
    with io.lock(tmp_path):
        (tmp_path / ".lock-holder.json").unlink()
        with pytest.raises(LockedError, match="in use by another process"), io.lock(tmp_path):
            pass


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(RunError) as caught, io.lock(tmp_path / "file" / "out"):
        pass
    assert caught.value.problems[0].rule == "output.write"
