"""Whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from riskzoning import io
from riskzoning.errors import RunError
from riskzoning.io.writing.atomic import not_writable


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old", encoding="utf-8")

    def half() -> None:
        with io.atomic(target) as partial:
            partial.write_text("half", encoding="utf-8")
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        half()
    assert target.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_folders_are_filled_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "site"
    for number in (1, 2):
        with io.atomic_folder(target) as partial:
            (partial / f"{number}.txt").write_text("x", encoding="utf-8")
    # What lies there already stays: it may be the user's.
    assert sorted(path.name for path in target.iterdir()) == ["1.txt", "2.txt"]
    with pytest.raises(ValueError, match="stop"), io.atomic_folder(target) as partial:
        raise ValueError("stop")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site"]


def test_places_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(RunError, match="cannot be written"), io.atomic(tmp_path / "file" / "a.txt") as partial:
        partial.write_text("x", encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be replaced on Windows")
def test_who_has_the_old_file_open_goes_on_reading_the_old_one_whole(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old", encoding="utf-8")
    with target.open(encoding="utf-8") as reader:
        with io.atomic(target) as partial:
            partial.write_text("newest", encoding="utf-8")
        assert reader.read() == "old"
    assert target.read_text(encoding="utf-8") == "newest"


@pytest.mark.parametrize(("number", "rule"), [(28, "output.disk_full"), (13, "output.write")])
def test_a_full_disk_is_told_from_a_missing_permission(number: int, rule: str) -> None:
    (problem,) = not_writable(Path("out/a.tif"), OSError(number, os.strerror(number))).problems
    assert (problem.rule, problem.file) == (rule, str(Path("out/a.tif")))
    assert os.strerror(number) in problem.found
    assert "--resume" in problem.fix
