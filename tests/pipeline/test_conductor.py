"""Runs that are killed, repeated, run twice, on other workers, on a full disk: never half a result, always the same."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rasterio

from riskzoning import io
from riskzoning.config import load_study
from riskzoning.errors import DatabaseError, Journal, LockedError, MissingDependencyError, RunError, hearing
from riskzoning.pipeline import STAGES, run_study
from riskzoning.pipeline import conductor as room
from riskzoning.pipeline.conductor import CHAIN, output_places, publish
from riskzoning.pipeline.outputs import Output
from riskzoning.pipeline.outputs.output import Writing
from riskzoning.pipeline.workspace.progress import Silent
from riskzoning.results import StudyResult
from riskzoning.samples import toy_result

from .conftest import ALL_BUT_DRAWN, write_small_city
from .outputs import toy_study

City = Callable[..., Path]
EXACT = (".tif", ".csv", ".gpkg", ".parquet")
MAIN = "from riskzoning.cli import main; main()"


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.suffix in EXACT and ".work" not in path.parts
    }


def command(*words: str | Path, **options: Any) -> subprocess.Popen[str]:
    text = [sys.executable, "-c", MAIN, *map(str, words)]
    return subprocess.Popen(text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_city(tmp_path_factory.mktemp("city"), outputs=ALL_BUT_DRAWN)


@pytest.fixture(scope="module")
def straight(city: Path, tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    return run_study(load_study(city), out=tmp_path_factory.mktemp("run") / "out", workers=1)


def test_another_city_has_what_a_run_leaves(straight: StudyResult) -> None:
    names = {path.name for path in straight.folder.iterdir()} - {".work"}
    assert names == {"database.gpkg", "layers", "log.jsonl", "run.json", "tables", "tables.xlsx"}
    frame = pd.read_csv(straight.folder / "tables" / "units_county.csv", dtype={"code": str})
    assert list(frame["code"]) == ["320505", "320506", "320507"]
    assert frame["population"].to_numpy() == pytest.approx([4e5, 6e5, 3.5e5], rel=1e-9)
    assert {"flood_population_risk_grade", "earthquake_risk_index", "multi_risk_grade", "valid_share"} <= set(frame)
    city_row = pd.read_csv(straight.folder / "tables" / "units_city.csv", dtype={"code": str}).iloc[0]
    assert (city_row["code"], city_row["name"]) == ("320500", "Suzhou")
    with rasterio.open(straight.folder / "layers" / "320500_multi_risk_index.tif") as file:
        assert file.crs.to_epsg() == 4549


def test_record_has_the_promised_keys_and_facts_of_every_input(straight: StudyResult) -> None:
    record = json.loads((straight.folder / "run.json").read_text(encoding="utf-8"))
    wanted = {"study", "inputs", "tables_used", "steps", "warnings", "dropped", "versions", "seeds", "timings"}
    assert wanted <= set(record)
    assert record["study"]["grid"]["crs"] == "EPSG:4549"
    rows = {row["name"]: row for row in record["inputs"]}
    assert rows["admin"]["crs"] == "EPSG:4490"
    assert rows["depth_20"]["crs"] == "EPSG:4549"
    for row in rows.values():
        assert {"sha256", "size_bytes", "crs", "datum", "path"} <= set(row)
        assert row["size_bytes"] > 0
    assert set(record["timings"]) == set(STAGES)


def test_log_tells_every_stage_and_the_end(straight: StudyResult) -> None:
    rows = [json.loads(line) for line in (straight.folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert rows[0]["event"] == "run_started"
    assert rows[-1]["event"] == "run_finished"
    assert [row["stage"] for row in rows if row["event"] == "stage_finished"][-len(STAGES) + 1 :] == list(STAGES[1:])


# The stages between are kept in the same way.
_SLOWLY = [
    pytest.param(stage, marks=pytest.mark.slow)
    for stage in ("prepare", "calibrate", "assess", "grade", "accept", "survey")
]


@pytest.mark.parametrize("stage", ["publish", *_SLOWLY])
def test_killed_runs_leave_no_half_file_and_go_on_to_the_same_bytes(
    city: Path, straight: StudyResult, tmp_path: Path, stage: str
) -> None:
    out = tmp_path / "out"
    process = command("run", city, "--out", out)
    log = out / "log.jsonl"
    limit = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < limit:
        if log.is_file() and f'"stage_started", "stage": "{stage}"' in log.read_text(encoding="utf-8"):
            break
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    for path in out.rglob("*.tif"):
        if ".work" not in path.parts and not path.name.startswith("."):
            assert io.is_cog(path)
    whole = hashes(straight.folder)
    assert {
        name: sha for name, sha in hashes(out).items() if not Path(name).name.startswith(".")
    }.items() <= whole.items()
    done = command("run", city, "--out", out, "--resume")
    _, said = done.communicate(timeout=180)
    assert done.returncode == 0, said
    assert hashes(out) == whole
    assert not [path for path in out.rglob(".*") if path.name != ".work" and ".work" not in path.parts]


def test_interrupted_runs_say_so_and_leave_with_130(city: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    # What a script starts in the background ignores interrupts and hands that on; this run shall hear them.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = command("run", city, "--out", out, "--lang", "en", start_new_session=True)
    signal.signal(signal.SIGINT, before)
    limit = time.monotonic() + 120
    while not (out / "log.jsonl").is_file() and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert "--resume" in said
    assert not (out / ".lock").exists()


@pytest.mark.parametrize("workers", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_more_threads_and_less_memory_give_the_same_bytes(
    city: Path, straight: StudyResult, tmp_path: Path, workers: int
) -> None:
    study = load_study(city)
    small = study.model_copy(update={"run": study.run.model_copy(update={"memory_limit": "64 MB"})})
    run_study(small, out=tmp_path / "out", workers=workers)
    assert hashes(tmp_path / "out") == hashes(straight.folder)


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None, protocol="tcp", host="127.0.0.1"
    ) as cluster:
        yield str(cluster.scheduler_address)


def test_a_cluster_gives_the_same_bytes(city: Path, straight: StudyResult, tmp_path: Path, scheduler: str) -> None:
    run_study(load_study(city), out=tmp_path / "out", scheduler=scheduler)
    assert hashes(tmp_path / "out") == hashes(straight.folder)


def test_a_scheduler_that_does_not_answer_is_named_and_nothing_is_written(
    city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import distributed

    client = distributed.Client
    monkeypatch.setattr(distributed, "Client", lambda address, timeout: client(address, timeout="1s"))
    with pytest.raises(RunError, match=r"scheduler 'tcp://127.0.0.1:9' does not answer"):
        run_study(load_study(city), out=tmp_path / "out", scheduler="tcp://127.0.0.1:9")
    assert not (tmp_path / "out").exists()


def stopped(city: Path, out: Path, stage: str, *, resume: bool = False) -> None:
    found = run_study(load_study(city), out=out, only=stage, resume=resume)
    assert out.exists() == (stage != "check")
    assert (found.levels == ("city", "county")) == (stage not in ("prepare", "calibrate", "assess"))
    assert (out / "tables").exists() == (stage == "publish")


@pytest.mark.slow
def test_a_run_that_stops_after_every_stage_and_goes_on_ends_the_same(
    city: Path, straight: StudyResult, tmp_path: Path
) -> None:
    for stage in STAGES:
        stopped(city, tmp_path / "out", stage, resume=True)
    assert hashes(tmp_path / "out") == hashes(straight.folder)
    assert told(tmp_path / "out") == told(straight.folder)


# What each stage keeps is read again in the test above; here a whole rest follows on it.
_AT_ONCE = ("grade", "publish")


@pytest.mark.parametrize(
    "stage", [pytest.param(stage, marks=[] if stage in _AT_ONCE else [pytest.mark.slow]) for stage in STAGES]
)
def test_each_stage_can_be_the_last_and_a_resumed_run_ends_the_same(
    city: Path, straight: StudyResult, tmp_path: Path, stage: str
) -> None:
    out = tmp_path / "out"
    stopped(city, out, stage)
    run_study(load_study(city), out=out, resume=True)
    assert hashes(out) == hashes(straight.folder)
    assert told(out) == told(straight.folder)


def told(folder: Path) -> dict[str, Any]:
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return {key: record[key] for key in ("steps", "warnings", "dropped", "tables_used", "calibration")}


def test_a_run_into_old_results_leaves_none_of_them(small_city: City, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_study(load_study(small_city()), out=out)
    (out / "notes.txt").write_text("mine", encoding="utf-8")

    def without_earthquake(content: dict[str, Any], folder: Path) -> None:
        content["hazards"] = content["hazards"][1:]
        content["outputs"]["database"] = False

    run_study(load_study(small_city(without_earthquake)), out=out)
    assert not list(out.rglob("*earthquake*.tif"))
    assert not (out / "database.gpkg").exists()
    assert (out / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_resume_after_a_change_of_the_study_begins_anew(small_city: City, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_study(load_study(small_city()), out=out, only="calibrate")

    def change(content: dict[str, Any], folder: Path) -> None:
        frame = pd.read_csv(folder / "pop.csv", dtype={"code": str})
        frame.assign(pop=frame["pop"] * 2).to_csv(folder / "pop.csv", index=False)

    found = run_study(load_study(small_city(change)), out=out, resume=True)
    assert found.units["county"]["population"].sum() == pytest.approx(2.7e6)


def test_inputs_in_the_folder_of_the_results_survive(small_city: City) -> None:
    path = small_city()
    before = hashes(path.parent)
    for _ in range(2):
        run_study(load_study(path), out=path.parent)
        after = hashes(path.parent)
        assert {name: after.get(name) for name in before} == before


def test_a_hazard_that_does_not_exist_here_has_no_grade_and_its_weight_is_shared(
    small_city: City, tmp_path: Path
) -> None:
    def change(content: dict[str, Any], folder: Path) -> None:
        content["not_applicable"] = ["drought"]
        content["weights"] = {"fixed": {"flood": 0.5, "earthquake": 0.3, "drought": 0.2}}

    found = run_study(load_study(small_city(change)), out=tmp_path / "out")
    weights = found.tables["weights"].set_index("hazard")["weight"]
    assert weights.to_dict() == pytest.approx({"earthquake": 0.375, "flood": 0.625})
    assert set(found.units["county"]["drought_risk_grade"]) == {0}
    assert found.units["county"]["drought_risk_index"].isna().all()
    assert ("step.not_applicable", "drought") in {(row["rule"], row.get("hazard")) for row in found.record["steps"]}


def test_levels_left_out_do_not_change_the_others(small_city: City, straight: StudyResult, tmp_path: Path) -> None:
    def change(content: dict[str, Any], folder: Path) -> None:
        content["zoning"] = {"levels": ["city"]}

    found = run_study(load_study(small_city(change)), out=tmp_path / "out")
    assert found.levels == ("city",)
    pd.testing.assert_frame_equal(
        pd.DataFrame(found.units["city"].drop(columns="geometry")),
        pd.DataFrame(straight.units["city"].drop(columns="geometry")),
    )
    assert set(found.tables["reconciliation"]["level"]) == {"city"}


def test_frozen_breaks_are_applied_to_cells_and_units(small_city: City, tmp_path: Path) -> None:
    bounds = [0.5, 0.76, 0.8, 0.9, 1.0]

    def change(content: dict[str, Any], folder: Path) -> None:
        content["zoning"] = {"frozen": {"flood_risk_index": bounds}}

    found = run_study(load_study(small_city(change)), out=tmp_path / "out")
    frame = found.units["county"]
    expected = np.searchsorted(bounds[:-1], frame["flood_risk_index"], side="left") + 1
    assert list(frame["flood_risk_grade"]) == list(expected)


def test_without_exposure_there_are_hazards_and_no_risk(small_city: City, tmp_path: Path) -> None:
    def change(content: dict[str, Any], folder: Path) -> None:
        content["exposure"] = {}

    found = run_study(load_study(small_city(change)), out=tmp_path / "out")
    columns = set(found.units["county"].columns)
    assert "flood_hazard_grade" in columns
    assert not [column for column in columns if "risk" in column]


def test_a_file_where_the_folder_should_be_and_a_folder_without_rights(city: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for out in (tmp_path / "file", tmp_path / "file" / "out"):
        with pytest.raises(RunError, match="cannot be written"):
            run_study(load_study(city), out=out)
    if os.getuid() != 0:
        (tmp_path / "locked").mkdir(mode=0o500)
        with pytest.raises(RunError, match="cannot be written"):
            run_study(load_study(city), out=tmp_path / "locked" / "out")


@pytest.mark.parametrize("kilobytes", [1, *(pytest.param(few, marks=pytest.mark.slow) for few in (8, 60))])
def test_files_that_cannot_grow_end_with_3_and_a_message(city: Path, tmp_path: Path, kilobytes: int) -> None:
    limited = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({kilobytes * 1024}, {kilobytes * 1024}));" + MAIN
    )
    words = [sys.executable, "-c", limited, "run", str(city), "--out", str(tmp_path / "out"), "--lang", "en"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=180)
    assert done.returncode == 3, done.stderr
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    for path in (tmp_path / "out").rglob("*.tif"):
        assert path.name.startswith(".") or ".work" in path.parts or io.is_cog(path)


def test_a_second_run_in_the_folder_is_refused_and_the_lock_of_the_dead_is_taken(city: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with io.lock(out), pytest.raises(LockedError):
        run_study(load_study(city), out=out)
    held = "import os, sys; from riskzoning import io\nwith io.lock(sys.argv[1]): os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", held, str(out)], check=False).returncode == -signal.SIGKILL
    assert (out / ".lock").exists()
    assert run_study(load_study(city), out=out, only="grade").levels == ("city", "county")


def test_a_database_that_does_not_answer_is_known_before_the_work_and_no_password_is_shown(
    city: Path, tmp_path: Path
) -> None:
    study = load_study(city)
    target = "postgresql://me:geheim@127.0.0.1:1/none"
    there = study.model_copy(update={"outputs": study.outputs.model_copy(update={"database": target})})
    with pytest.raises(DatabaseError, match="cannot be reached") as caught:
        run_study(there, out=tmp_path / "out")
    assert "geheim" not in str(caught.value)
    assert not (tmp_path / "out").exists()
    found = run_study(there, out=tmp_path / "out", only="grade")
    assert "geheim" not in (tmp_path / "out" / "run.json").read_text(encoding="utf-8")
    assert found.record["study"]["outputs"]["database"] == "postgresql://me:***@127.0.0.1:1/none"


def test_the_stages_that_only_takes_are_those_of_the_chain_between_check_and_publish() -> None:
    names = "prepare calibrate assess grade stability accept survey adjusted objects zones planning validation"
    assert [stage.name for stage in CHAIN] == names.split()
    assert ("check", *(stage.name for stage in CHAIN), "publish") == STAGES


class Ear(Silent):
    def __init__(self) -> None:
        self.heard: list[tuple[float, str]] = []

    def step(self, stage: str, share: float, text: str = "") -> None:
        self.heard.append((round(share, 3), text))


def test_only_what_is_wanted_is_written_and_the_record_comes_last(tmp_path: Path) -> None:
    result = dataclasses.replace(toy_result(), folder=tmp_path)
    study = toy_study(maps=False, database=False, site=False, workbook=False, report=False)
    publish(study, result, progress=Silent())
    assert {path.name for path in tmp_path.iterdir()} - {".work"} == {"tables"}
    publish(study, result, progress=Silent(), when="end")
    assert {path.name for path in tmp_path.iterdir()} - {".work"} == {"tables", "run.json"}
    assert output_places(study, result)["record"] == tmp_path / "run.json"


def test_an_output_without_its_package_is_skipped_and_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    written = []

    def fail(*_: object) -> None:
        raise MissingDependencyError("folium is not installed")

    first = Output("first", files=(), rank=0, write=fail)
    second = Output("second", files=(), rank=1, write=lambda writing: writing.told(0.5, "half"), weight=3.0)
    third = Output(
        "third", files=(), rank=2, write=lambda *_: written.append("third"), wanted=lambda outputs: outputs.site
    )
    monkeypatch.setattr(room, "OUTPUTS", (first, second, third))
    ear = Ear()
    with hearing(Journal()) as journal:
        publish(toy_study(site=False), toy_result(), progress=ear)
    assert [problem.rule for problem in journal.warnings] == ["output.skipped"]
    assert written == []
    assert ear.heard == [(0.0, "first"), (0.25, "second"), (0.625, "half"), (1.0, "")]


class Aside:
    def __init__(self, order: list[str]) -> None:
        self.order = order

    def warm(self, writing: Writing) -> None:
        self.order.append("warmed")

    def begin(self, writing: Writing) -> None:
        self.order.append("begun")

    def go_on(self, writing: Writing) -> None:
        self.order.append("gone on")

    def write(self, writing: Writing) -> None:
        self.order.append("waited for")


def test_what_goes_on_beside_is_waited_for_in_its_place_and_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order: list[str] = []

    @contextmanager
    def drawing(_: object) -> Iterator[str]:
        order.append("started")
        yield "crew"
        order.append("ended")

    def ahead(crew: Any) -> Aside:
        order.append(crew)
        return Aside(order)

    first = Output("first", files=(), rank=0, write=lambda _: order.append("first"))
    slow = Output("slow", files=(), rank=1, write=lambda _: pytest.fail("not by itself"), ahead=ahead)
    last = Output("last", files=(), rank=2, write=lambda _: order.append("last"))
    monkeypatch.setattr(room, "OUTPUTS", (first, slow, last))
    monkeypatch.setattr(room, "drawing", drawing)
    study = toy_study()
    with room._beside(study, None) as beside:
        order.append("stages")
        for one in beside.values():
            one.warm(Writing(study, toy_result()))
            one.begin(Writing(study, toy_result()))
        publish(study, toy_result(), progress=Silent(), beside=beside)
    assert order == ["started", "crew", "stages", "warmed", "begun", "first", "waited for", "last", "ended"]
    with room._beside(study, "grade") as beside:
        assert not beside


def test_a_scheduler_without_workers_is_told_and_nobody_waits(
    city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskzoning.pipeline.conductor.SCHEDULER_SECONDS", 0.5)
    from distributed import LocalCluster

    alone = LocalCluster(n_workers=0, dashboard_address=None, processes=False)
    with alone as cluster, pytest.raises(RunError) as caught:
        run_study(load_study(city), out=tmp_path / "out", scheduler=str(cluster.scheduler_address))
    assert caught.value.problems[0].rule == "run.no_workers"
    assert not (tmp_path / "out").exists()
