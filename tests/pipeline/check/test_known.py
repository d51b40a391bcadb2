"""What the check knows already: taken only when everything it comes from is the same, and never missed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskzoning.config import load_study
from riskzoning.errors import Decisions, Problem, deciding
from riskzoning.pipeline import check_study
from riskzoning.pipeline.check import known
from riskzoning.pipeline.check import study as checking

from ..conftest import SIDE, write_raster

City = Callable[..., Path]


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[int]:
    """How often files were looked at, with a cache of one's own."""
    monkeypatch.setenv("RISKZONING_CACHE", str(tmp_path / "cache"))
    times: list[int] = []
    whole = checking.examine

    def counted(*args: Any, **words: Any) -> Any:
        times.append(1)
        return whole(*args, **words)

    monkeypatch.setattr(checking, "examine", counted)
    return times


def rules(path: Path) -> list[str]:
    return [problem.rule for problem in check_study(path)]


def test_a_known_study_is_answered_at_once_with_the_same_problems(small_city: City, looked: list[int]) -> None:
    path = small_city()
    (path.parent / "depth_20.tif").write_bytes(b"")
    first = check_study(path)
    assert first
    assert check_study(path) == first
    assert len(looked) == 1


def test_a_file_of_the_same_time_and_size_with_other_values_is_looked_at(small_city: City, looked: list[int]) -> None:
    path = small_city()
    raster = path.parent / "depth_20.tif"
    write_raster(raster, np.full((SIDE, SIDE), 1, np.float32))
    before, clean = raster.stat(), rules(path)
    write_raster(raster, np.full((SIDE, SIDE), -5, np.float32))
    assert raster.stat().st_size == before.st_size
    os.utime(raster, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert raster.stat().st_mtime_ns == before.st_mtime_ns
    assert rules(path) != clean
    assert len(looked) == 2


def test_a_file_beside_an_input_and_one_that_comes_later_are_part_of_it(small_city: City, looked: list[int]) -> None:
    path = small_city()
    check_study(path)
    (path.parent / "depth_20.tif.aux.xml").write_text("<PAMDataset></PAMDataset>", encoding="utf-8")
    check_study(path)
    assert len(looked) == 2
    (path.parent / "depth_20.tif").unlink()
    assert rules(path)
    write_raster(path.parent / "depth_20.tif", np.full((SIDE, SIDE), 1, np.float32))
    seen = len(looked)
    check_study(path)
    assert len(looked) == seen + 1


def test_study_program_language_and_surroundings_are_part_of_it(
    small_city: City, looked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small_city()
    check_study(path)
    path.write_text(path.read_text(encoding="utf-8") + "\n# a word\n", encoding="utf-8")
    check_study(path)
    monkeypatch.setattr(known, "code", lambda: "another")
    check_study(path)
    monkeypatch.setenv("GDAL_DISABLE_READDIR_ON_OPEN", "TRUE")
    check_study(path)
    assert len(looked) == 4


@pytest.mark.parametrize("content", ["", "{", '{"key": 1}', "null"])
def test_a_damaged_cache_harms_nothing(small_city: City, looked: list[int], tmp_path: Path, content: str) -> None:
    path = small_city()
    first = check_study(path)
    for record in (tmp_path / "cache").rglob("*.json"):
        record.write_text(content, encoding="utf-8")
    assert check_study(path) == first
    assert len(looked) == 2


def test_a_cache_that_cannot_be_written_harms_nothing(
    small_city: City, looked: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("RISKZONING_CACHE", str(tmp_path / "file"))
    path = small_city()
    assert check_study(path) == check_study(path)
    assert len(looked) == 2


def test_who_wants_to_hear_the_decisions_hears_them(small_city: City, looked: list[int]) -> None:
    path = small_city()
    check_study(path)
    with deciding(Decisions()) as made:
        check_study(path)
    assert made.made
    assert len(looked) == 2


def test_an_answer_is_not_kept_when_files_change_while_they_are_looked_at(small_city: City, looked: list[int]) -> None:
    study = load_study(small_city())

    def look() -> list[Problem]:
        write_raster(study.base / "depth_20.tif", np.full((SIDE, SIDE), 7, np.float32))
        return [Problem("example.empty", "a")]

    before = known.identity(study)
    assert known.known_or(study, look) == [Problem("example.empty", "a")]
    assert known.identity(study) != before
    write_raster(study.base / "depth_20.tif", np.full((SIDE, SIDE), 8, np.float32))
    assert known.known_or(study, list) == []


def test_values_that_are_not_those_of_json_are_not_kept(small_city: City, looked: list[int], tmp_path: Path) -> None:
    study = load_study(small_city())
    odd = [Problem("example.empty", "a", size=np.float32(0.1))]
    assert known.known_or(study, lambda: odd) == odd
    records = [json.loads(record.read_text(encoding="utf-8")) for record in (tmp_path / "cache" / "checks").glob("*")]
    assert all(known._read(json.dumps(record["value"])) == odd for record in records)


def test_much_data_is_not_read_only_to_know_it(small_city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    study = load_study(small_city())
    assert known.identity(study) is not None
    monkeypatch.setattr(known, "_MOST_BYTES", 10)
    assert known.identity(study) is None
