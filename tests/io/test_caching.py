"""The cache between runs: right, missing, damaged, shared or not writable."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from riskzoning.io import caching
from riskzoning.io.caching import cache_folder, remembered


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RISKZONING_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("RISKZONING_CACHE", raising=False)
    monkeypatch.setattr(caching.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "riskzoning"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/paths/do/not/count")
    assert cache_folder() == Path.home() / ".cache" / "riskzoning"
    monkeypatch.setenv("RISKZONING_CACHE", "off")
    assert cache_folder() is None
    assert remembered("facts", "a", lambda: {"n": 1}) == {"n": 1}


def test_another_key_is_another_record(folder: Path) -> None:
    assert [remembered("facts", key, lambda key=key: {"key": key})["key"] for key in "aba"] == ["a", "b", "a"]
    assert len(list((folder / "facts").glob("*.json"))) == 2


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"key": "a", "value": {"n": 2}, "sum": "x"}', b"\xff\xfe\x00"])
def test_damaged_records_are_made_again(folder: Path, damage: bytes) -> None:
    assert remembered("facts", "a", lambda: {"n": 1}) == {"n": 1}
    (record,) = (folder / "facts").iterdir()
    record.write_bytes(damage)
    assert remembered("facts", "a", lambda: {"n": 3}) == {"n": 3}
    assert remembered("facts", "a", lambda: {"n": 4}) == {"n": 3}


def test_a_place_that_cannot_be_written_costs_time_only(folder: Path) -> None:
    folder.write_text("a file where the folder should be", encoding="utf-8")
    assert [remembered("facts", "a", lambda n=n: {"n": n})["n"] for n in (1, 2)] == [1, 2]


def test_many_writers_leave_one_whole_record(folder: Path) -> None:
    found: list[Any] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        found.append(remembered("facts", "a", lambda: {"n": list(range(500))}))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(item == {"n": list(range(500))} for item in found)
    assert [path.suffix for path in (folder / "facts").iterdir()] == [".json"]


def test_old_records_make_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "_MOST_RECORDS", 4)
    for number in range(20):
        remembered("facts", str(number), lambda: {})
    assert len(list((folder / "facts").iterdir())) <= 4
