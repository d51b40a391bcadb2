"""A changed study beside its first run: all is computed, nothing is printed, and the first run stays as it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import riskzoning as rz
from riskzoning.errors import ConfigError
from riskzoning.pipeline import rerun
from tests.sample_run import SampleRun

WEIGHTS = {"fixed": {"earthquake": 0.2, "geology": 0.1, "flood": 0.4, "meteorology": 0.2, "forest_fire": 0.1}}


def _times(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_other_weights_are_computed_beside_the_first_run(sample_run: SampleRun, tmp_path: Path) -> None:
    before, first = _times(sample_run.folder), sample_run.opened()
    second = rerun(sample_run.study, first, out=tmp_path / "second", weights=WEIGHTS)
    assert _times(sample_run.folder) == before
    assert second.folder == tmp_path / "second"
    assert not [
        path for name in ("maps", "site", "database.gpkg", "report.docx") if (path := second.folder / name).exists()
    ]
    towns = second.units["township"]
    expected = sum(weight * towns[f"{hazard}_risk_index"] for hazard, weight in WEIGHTS["fixed"].items())
    np.testing.assert_allclose(towns["multi_risk_index"], expected, atol=1e-6)
    # Everything that is computed is there, not the grades alone.
    assert set(second.tables) == set(first.tables)
    assert set(second.zones) == set(first.zones)
    assert set(second.layers.data_vars) == set(first.layers.data_vars)
    assert len(rz.compare_runs(first, second))


def test_the_same_question_has_the_same_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[tuple[Path, object]] = []
    monkeypatch.setattr(
        "riskzoning.pipeline.beside.run_study", lambda _, out, **options: asked.append((out, options["only"]))
    )
    study = rz.load_study(rz.sample_study())
    for weights, only in (
        (WEIGHTS, None),
        (dict(WEIGHTS), None),
        ({"fixed": {**WEIGHTS["fixed"], "flood": 0.5, "geology": 0.0}}, "grade"),
    ):
        rerun(study, tmp_path / "first", weights=weights, only=only)
    (one, _), (same, _), (other, last) = asked
    assert one == same != other
    assert one.parent == other.parent == tmp_path
    assert one.name.startswith("first-")
    assert last == "grade"


def test_all_wrong_changes_are_told_at_once_and_nothing_is_written(sample_run: SampleRun, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        rerun(sample_run.study, sample_run.folder, out=tmp_path / "out", wieghts={}, risk={"combine": "mix"})
    assert [problem.field for problem in caught.value.problems] == ["risk.combine", "wieghts"]
    assert not (tmp_path / "out").exists()


def test_the_first_run_is_not_written_over(sample_run: SampleRun) -> None:
    before = _times(sample_run.folder)
    with pytest.raises(ConfigError) as caught:
        rerun(
            sample_run.study, sample_run.folder, out=sample_run.folder / ".." / sample_run.folder.name, weights=WEIGHTS
        )
    assert [problem.rule for problem in caught.value.problems] == ["reuse.same"]
    assert _times(sample_run.folder) == before
