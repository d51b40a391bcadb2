"""What the command line shows: exit codes, progress, problems, and interrupts that are not lost."""

from __future__ import annotations

import contextlib
import io
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from rich.console import Console

from riskzoning.cli.console import Speaker, exit_code, guarded, print_json, word
from riskzoning.errors import LayerError, Problem, about_input, decided, language, speaking
from riskzoning.samples import sample_study

EMPTY = Problem("example.empty", "dem.tif")


def shown(lang: str, problems: list[Problem], width: int = 80, *, terminal: bool = False) -> str:
    stream = io.StringIO()
    with speaking(lang):
        Speaker().problems(problems, Console(file=stream, width=width, force_terminal=terminal))
    return stream.getvalue()


def test_problems_are_four_lines_each_in_the_language_spoken() -> None:
    assert shown("en", [EMPTY]).splitlines() == [
        "error: dem.tif", "  found: is empty", "  required: one value or more", "  what to do: Export it again.",
    ]  # fmt: skip
    assert shown("zh", [EMPTY]).splitlines()[:2] == ["错误：dem.tif", "  发现：为空"]


def test_problems_are_a_table_on_a_wide_terminal() -> None:
    text = shown("zh", [EMPTY], width=120, terminal=True)
    assert "请重新导出。" in text
    assert "级别" in text


def test_exit_codes() -> None:
    warning = Problem("example.empty", "a", severity="warning")
    assert [exit_code(problems) for problems in ([], [warning], [warning, EMPTY])] == [0, 1, 2]


def test_steps_of_a_log_are_a_line_for_each_quarter() -> None:
    stream = io.StringIO()
    with speaking("zh"), Speaker(Console(file=stream)) as speaker:
        for share in (0.0, 0.1, 0.5, 0.6, 1.0):
            speaker.step("grade", share, "洪水")
    lines = stream.getvalue().splitlines()
    assert [line.split("]")[1].split() for line in lines] == [
        ["分级", share, "洪水"] for share in ("0%", "50%", "100%")
    ]


def test_json_is_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    print_json([])
    assert capsys.readouterr().out == "[]\n"


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (LayerError(EMPTY), 2, "为空"),
        (PermissionError(13, "denied", "x.tif"), 3, "x.tif"),
        (MemoryError("Unable to allocate 9 TiB"), 3, "内存不足"),
        (OSError(40, "Too many levels of symbolic links", "people.csv"), 2, "people.csv"),
        (ValueError("odd"), 3, "程序内部错误：ValueError: odd"),
        (KeyboardInterrupt(), 130, "运行中断"),
    ],
)
def test_errors_become_messages_and_codes(
    error: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    @guarded
    def command() -> None:
        assert language() == "zh"
        raise error

    with pytest.raises(typer.Exit) as leaving:
        command(lang="zh")
    assert leaving.value.exit_code == code
    text = capsys.readouterr().err
    assert said in text
    assert "Traceback" not in text
    assert language() == "en"


def test_a_traceback_comes_when_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    @guarded
    def command() -> None:
        raise ValueError("odd")

    with pytest.raises(typer.Exit):
        command(debug=True)
    assert "Traceback" in capsys.readouterr().err


def test_words_take_values() -> None:
    assert word("counts", errors=2, warnings=0) == "2 errors, 0 warnings"


@pytest.mark.parametrize("then", ["goes on", "says something else"])
def test_an_interrupt_that_a_library_swallows_is_heard_all_the_same(then: str) -> None:
    reached = []

    @guarded
    def command() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            reached.append("swallowed")
        if then == "says something else":
            raise ValueError("compiler failed")
        with Speaker(Console(stderr=True, file=io.StringIO())) as speaker:
            speaker.step("assess", 0.5)
        reached.append("went on")

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(typer.Exit) as leaving:
            command()
    finally:
        signal.signal(signal.SIGINT, before)
    assert leaving.value.exit_code == 130
    assert reached == ["swallowed"]


@pytest.mark.parametrize("failing", [False, True])
def test_debug_says_what_was_decided_about_each_input(failing: bool, capsys: pytest.CaptureFixture[str]) -> None:
    @guarded
    def command() -> None:
        with about_input("depth"):
            decided("d.tif", "nodata", -9999.0, why="file")
            decided("d.tif", "units", "m", why="study")
        decided("units.gpkg", "layer", "county", why="option")
        if failing:
            raise LayerError(EMPTY)

    with contextlib.suppress(typer.Exit):
        command(lang="en", debug=True)
    said = [line.rstrip() for line in capsys.readouterr().err.splitlines()]
    assert said[0] == "riskzoning command: starting ..."
    assert said[1:7] == [
        "What was decided about the inputs", "  depth (d.tif)", "    missing value: -9999 (as the file states)",
        "    units: m (as study.yaml states)", "  units.gpkg", "    layer: county (as asked on the command line)",
    ]  # fmt: skip


def test_without_debug_nobody_hears_of_decisions(capsys: pytest.CaptureFixture[str]) -> None:
    guarded(lambda: decided("d.tif", "nodata", -9999.0))(lang="en")
    assert len(capsys.readouterr().err.splitlines()) == 1


# A process that ends with its first words, and says what it had loaded until then. No clock: machines differ.
_UNTIL_FIRST_WORDS = """
import os, runpy, sys

class FirstWords:
    encoding, errors = "utf-8", "strict"
    isatty = fileno = flush = lambda self: False

    def write(self, text):
        os.write(1, (text.strip() + chr(10) + " ".join(sorted(sys.modules))).encode())
        os._exit(0)

sys.stderr = FirstWords()
sys.argv = ["riskzoning", *sys.argv[1:]]
runpy.run_module("riskzoning", run_name="__main__", alter_sys=True)
"""
_HEAVY = {"numpy", "pandas", "geopandas", "shapely", "rasterio", "pyproj", "xarray", "dask", "matplotlib", "scipy"}


@pytest.mark.parametrize("words", [["check", str(sample_study())], ["demo"], ["zonal", "a.tif", "b.gpkg"], ["hazards"]])
def test_a_command_says_something_before_it_loads_what_is_heavy(words: list[str], tmp_path: Path) -> None:
    given = [*words, "--out", str(tmp_path)] if words == ["demo"] else words
    done = subprocess.run(
        [sys.executable, "-c", _UNTIL_FIRST_WORDS, *given, "--lang", "en"], capture_output=True, text=True, check=True
    )
    line, loaded = done.stdout.split("\n")
    assert line == f"riskzoning {words[0]}: starting ..."
    assert "typer" in loaded.split()
    assert not _HEAVY.intersection(loaded.split())
