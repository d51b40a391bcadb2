"""What a run would miss on a machine is told, one problem each."""

from __future__ import annotations

import os
import shutil
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from riskzoning.maps import fonts
from riskzoning.pipeline import surroundings
from riskzoning.pipeline import surroundings as look

Usage = namedtuple("Usage", "total used free")


def rules(seen: Any) -> list[str]:
    return [problem.rule for problem in seen.problems]


def test_a_machine_as_it_is(tmp_path: Path) -> None:
    seen = surroundings(tmp_path / "not" / "yet")
    assert seen.facts["folder"] == str(tmp_path)
    assert seen.facts["threads"] == len(os.sched_getaffinity(0))
    assert float(seen.facts["disk_free"] or 0) == pytest.approx(shutil.disk_usage(tmp_path).free / 1e9, abs=1.0)
    assert "riskzoning" in str(seen.facts["versions"])
    assert str(seen.facts["projections"]).startswith("PROJ ")
    assert not (tmp_path / "not").exists()


def test_no_font_little_memory_little_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fonts, "cjk_font", lambda: None)
    monkeypatch.setattr(os, "sysconf", lambda name: 4096 if name == "SC_PAGE_SIZE" else 250_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**10, 10**10, 10**9))
    seen = look(tmp_path)
    assert rules(seen) == ["surroundings.font", "surroundings.memory", "surroundings.disk", "surroundings.disk"]
    assert dict(seen.problems[1].values)["there"] == pytest.approx(1.024)


def test_projections_that_are_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import pyproj

    class Off:
        def transform(self, x: float, y: float) -> tuple[float, float]:
            return x, y

    monkeypatch.setattr(pyproj.Transformer, "from_crs", lambda *_, **__: Off())
    assert "surroundings.projections" in rules(surroundings(tmp_path))


def test_a_database_that_is_none(tmp_path: Path) -> None:
    assert rules(surroundings(tmp_path, database=str(tmp_path / "city.gpkg"))) == rules(surroundings(tmp_path))
    assert "database.target" in rules(surroundings(tmp_path, database=str(tmp_path / "city.xyz")))
    away = surroundings(tmp_path, database="postgresql://me:secret@127.0.0.1:1/none")
    assert any(rule.startswith("database.") for rule in rules(away))
    assert "secret" not in str(away.facts["database"])
