"""A changed study beside an earlier run: only what depends on the change is made, and the bytes are those of a run."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

from riskzoning.config import StudyConfig, load_study
from riskzoning.errors import ConfigError
from riskzoning.maps import printing
from riskzoning.names import MULTI
from riskzoning.pipeline import run_study
from riskzoning.pipeline.check import study as check
from riskzoning.pipeline.stages import assess, grade, ground, objects, planning, prepare, rules, validated, zones
from riskzoning.pipeline.workspace import program as programs
from tests.pipeline.conftest import units, write_planned_city

WEIGHTS = {"fixed": {"earthquake": 0.3, "flood": 0.7}}


def contents(folder: Path) -> dict[str, str]:
    """Checksums of what a run leaves, without what tells its time."""
    out = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith(".") and name not in ("log.jsonl", "run.json", "tables.xlsx"):
            out[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return out


def record(folder: Path) -> dict[str, Any]:
    read = dict(json.loads((folder / "run.json").read_text(encoding="utf-8")))
    return {key: value for key, value in read.items() if key != "timings"}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyConfig, Path]:
    folder = tmp_path_factory.mktemp("what_if")
    study = load_study(write_planned_city(folder / "city"))
    run_study(study, out=folder / "first")
    run_study(study.with_(weights=WEIGHTS), out=folder / "whole")
    return study, folder


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """only("composite"): a stage that is made although it is not named fails."""
    places = {
        "inputs": (check, "_of_inputs"),
        "single": (grade, "_single_layers"),
        "prepare": (prepare, "_compute"),
        "assess": (assess, "_compute"),
        "composite": (assess, "_compute_composite"),
        "scale": (grade, "scale_frames"),
        "losses": (grade, "loss_tables"),
        "record": (validated, "_records"),
        "proofs": (validated, "_single"),
        "places": (objects, "_places"),
        "plans": (planning, "_conflicts"),
        "landforms": (ground, "_of_elevation"),
        "ground": (zones, "_singles"),
    }
    plain = rules._tables

    def together(ruled: Any, indices: Any) -> Any:
        assert all(index.hazard == MULTI for index in indices), "rules of single hazards were made again"
        return plain(ruled, indices)

    def make(*stages: str) -> None:
        monkeypatch.setattr(rules, "_tables", together)
        for stage, (module, name) in places.items():
            if stage not in stages:
                monkeypatch.setattr(module, name, _never(stage))

    return make


def _never(stage: str) -> Callable[..., Any]:
    def made(*_: object) -> Any:
        raise AssertionError(f"{stage} was made again")

    return made


def test_other_weights_make_the_composite_and_the_bytes_of_a_whole_run(
    city: tuple[StudyConfig, Path], only: Callable[..., None]
) -> None:
    study, folder = city
    before = contents(folder / "first")
    only("composite")
    result = run_study(study.with_(weights=WEIGHTS), out=folder / "beside", reuse=folder / "first")
    assert contents(folder / "beside") == contents(folder / "whole")
    assert record(folder / "beside") == record(folder / "whole")
    assert contents(folder / "first") == before, "the earlier run is as it was"
    assert (folder / "beside/.work/prepare.json").samefile(folder / "first/.work/prepare.json"), "not copied"
    assert not (folder / "beside/.work/composite.json").samefile(folder / "first/.work/composite.json")
    assert result.tables["weights"]["weight"].tolist() == [0.3, 0.7]


def test_the_same_folder_goes_on_with_what_holds(city: tuple[StudyConfig, Path], only: Callable[..., None]) -> None:
    study, folder = city
    shutil.copytree(folder / "first", folder / "same")
    (folder / "same" / "mine.txt").write_text("mine", encoding="utf-8")
    only("composite")
    run_study(study.with_(weights=WEIGHTS), out=folder / "same", resume=True)
    made = contents(folder / "same")
    assert made.pop("mine.txt")
    assert made == contents(folder / "whole")
    only()
    # And the same study goes on without anything made again.
    run_study(study.with_(weights=WEIGHTS), out=folder / "same", resume=True)
    assert record(folder / "same") == record(folder / "whole")


@pytest.mark.slow
def test_sheets_that_come_out_the_same_are_not_drawn(
    city: tuple[StudyConfig, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    study, folder = city
    maps = {"maps": {"formats": ["png"], "dpi": 50, "size": "A4"}, "site": False, "database": False, "report": False}
    drawn: list[str] = []
    plain = printing.Printer.print

    def counted(printer: Any, item: Any) -> Any:
        drawn.append(item.stem.name.partition("_")[2])
        return plain(printer, item)

    monkeypatch.setattr(printing.Printer, "print", counted)
    first = run_study(study.with_(outputs=maps, run={"workers": 1}), out=folder / "maps_first")
    every = drawn.copy()
    changed = study.with_(outputs=maps, run={"workers": 1}, weights=WEIGHTS)
    run_study(changed, out=folder / "maps_whole")
    drawn.clear()
    run_study(changed, out=folder / "maps_beside", reuse=first)
    again, together = drawn.copy(), [name for name in every if name.startswith(("multi", "zones"))]
    assert "flood_risk_county" in every
    assert set(again) <= set(together)
    assert contents(folder / "maps_beside") == contents(folder / "maps_whole")
    assert record(folder / "maps_beside") == record(folder / "maps_whole")
    drawn.clear()
    shutil.copytree(folder / "maps_first", folder / "maps_same")
    run_study(changed, out=folder / "maps_same", resume=True)
    assert drawn == again
    assert contents(folder / "maps_same") == contents(folder / "maps_whole")
    assert not (folder / "maps_same" / ".work" / "sheets").exists()


def test_a_file_changed_between_two_runs_is_noticed(city: tuple[StudyConfig, Path], tmp_path: Path) -> None:
    study, folder = city
    shutil.copytree(folder / "city", tmp_path / "city")
    moved = load_study(tmp_path / "city" / study.file)
    run_study(moved, out=tmp_path / "first", only="grade")
    path = tmp_path / "city" / str(moved.inputs["population"].path)
    table = pd.read_csv(path, dtype={"code": str})
    before = path.stat()
    path.write_text(path.read_text(encoding="utf-8").replace(str(table["pop"].iloc[0]), "-5", 1), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(ConfigError):
        run_study(moved.with_(weights=WEIGHTS), out=tmp_path / "second", reuse=tmp_path / "first", only="grade")


def test_a_run_of_another_program_is_refused_with_the_reason(
    city: tuple[StudyConfig, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    study, folder = city
    monkeypatch.setattr(programs, "code", lambda: "another")
    result = run_study(study.with_(weights=WEIGHTS), out=folder / "refused", reuse=folder / "first", only="grade")
    told = next(row for row in result.record["warnings"] if row["rule"] == "reuse.program")
    assert str(folder / "first") in told["file"]
    assert contents(folder / "refused").items() <= contents(folder / "whole").items()


def test_a_folder_without_a_run_is_told(city: tuple[StudyConfig, Path], tmp_path: Path) -> None:
    study, _ = city
    result = run_study(study, out=tmp_path / "out", reuse=tmp_path / "nothing", only="grade")
    assert "reuse.nothing" in [row["rule"] for row in result.record["warnings"]]


def test_regions_and_outputs_leave_every_kept_stage(city: tuple[StudyConfig, Path], only: Callable[..., None]) -> None:
    study, folder = city
    changed = study.with_(zoning={"regions": {"most": 2}}, outputs={"workbook": False})
    only()
    result = run_study(changed, out=folder / "regions", reuse=folder / "first", only="zones")
    assert "zone_region" in result.zones


def test_zones_of_single_hazards_follow_the_names_of_the_landforms(
    city: tuple[StudyConfig, Path], tmp_path: Path
) -> None:
    study, folder = city
    names = {"plain": {"zh": "河原", "en": "river plain"}, "mountain": {"zh": "云台山", "en": "Yuntai mountains"}}
    changed = study.with_(zoning={"landforms": {"names": names}}, weights=WEIGHTS)
    whole = run_study(changed, out=tmp_path / "whole", only="zones")
    beside = run_study(changed, out=tmp_path / "beside", reuse=folder / "first", only="zones")
    made = whole.zones["zone_prevention"]
    assert made[made["hazard"] != MULTI]["name"].str.contains("河原|云台山").any()
    assert_geodataframe_equal(beside.zones["zone_prevention"], made)
    assert_frame_equal(beside.tables["zone_patches"], whole.tables["zone_patches"])


def test_a_changed_input_makes_everything_again(city: tuple[StudyConfig, Path]) -> None:
    study, folder = city
    path = folder / "city" / "other.csv"
    pd.DataFrame({"code": units()["code"], "pop": [1e5, 2e5, 3e5]}).to_csv(path, index=False)
    changed = study.with_(inputs={"population": {"path": "other.csv"}})
    for name, reuse in (("again", folder / "first"), ("fresh", None)):
        run_study(changed, out=folder / name, reuse=reuse, only="grade")
    assert contents(folder / "again") == contents(folder / "fresh")


def test_a_kill_while_a_run_is_taken_over_leaves_nothing_of_it(
    city: tuple[StudyConfig, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    study, folder = city
    changed = study.with_(weights=WEIGHTS)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", killed)
        with pytest.raises(KeyboardInterrupt):
            run_study(changed, out=folder / "killed", reuse=folder / "first")
    run_study(changed, out=folder / "killed", resume=True)
    assert contents(folder / "killed") == contents(folder / "whole")
