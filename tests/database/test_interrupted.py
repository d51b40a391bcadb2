"""Whatever ends a load in the middle (a kill, a lost connection, a full disk, a second load), the database is as before
or as after, never between, and the next load goes through."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from riskzoning.database import Database

from . import Place, run_of, written

# A run with other numbers under the number of the first, or (with a third word) under one of its own.
LOADER = """
import dataclasses, sys, time
import numpy as np
from riskzoning.database import geopackage, open_database
from riskzoning.errors import RiskZoningError
from riskzoning.samples import toy_result
from tests.database import run_of, shelters

target, run_id, count, slow = sys.argv[1:5]
result = run_of(run_id, shelter=shelters(*map(str, range(int(count)))))
result.unit_table["value"] += 1
result.tables["weights"]["weight"] /= 2
if slow == "slow":
    insert = geopackage._Package.insert
    def held(self, table, frame):
        insert(self, table, frame)
        if table.name == "risk_unit":
            print("here", flush=True)
            time.sleep(300)
    geopackage._Package.insert = held
try:
    with open_database(target) as database:
        database.write(result)
except RiskZoningError as error:
    print(error.problems[0].rule, error, flush=True)
    sys.exit(3)
"""


def loader(
    target: str, run_id: str = "toy", count: int = 3, slow: bool = False, **options: Any
) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", LOADER, target, run_id, str(count), "slow" if slow else ""]
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root, env=environment, **options)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    said, _ = process.communicate(timeout=300)
    return process.returncode, said


def name_of(url: str) -> str:
    return url.split("?")[0].rsplit("/", 1)[1]


@contextlib.contextmanager
def held_in_the_middle(url: str, postgres: Any) -> Iterator[tuple[subprocess.Popen[str], int, psycopg.Connection[Any]]]:
    """A load that has written some tables and waits for a row that somebody has changed; the process at the server."""
    with contextlib.closing(psycopg.connect(url)) as planner:
        planner.execute("UPDATE risk_unit SET value = 0")
        process = loader(f"{url}?options=-clock_timeout%3D200s")
        waiting = "SELECT pid FROM pg_stat_activity WHERE application_name = 'riskzoning' AND wait_event_type = 'Lock'"
        end = time.monotonic() + 200
        while not (rows := postgres.run(waiting)):
            assert process.poll() is None, ended(process)
            assert time.monotonic() < end
            time.sleep(0.05)
        yield process, rows[0][0], planner


def gone(postgres: Any) -> None:
    """Wait until no load is left at the server."""
    end = time.monotonic() + 100
    while postgres.run("SELECT 1 FROM pg_stat_activity WHERE application_name = 'riskzoning'"):
        assert time.monotonic() < end
        time.sleep(0.1)


def goes_through(url: str, before: dict[str, Any]) -> None:
    """The next load of the same run is taken, and changes what the first would have changed."""
    result = run_of("toy")
    result.unit_table["value"] += 1
    result.tables["weights"]["weight"] /= 2
    with Place(url).opened() as database:
        database.write(result)
        assert whole(database)
    after = Place(url).content()
    assert after["risk_unit"] != before["risk_unit"]
    assert after["risk_weights"] != before["risk_weights"]
    assert after["base_admin"] == before["base_admin"]


def whole(database: Database) -> bool:
    """No key twice, nothing lost; only the numbers that the loader has changed do not follow from their parts."""
    return {problem.rule for problem in database.verify()} <= {"database.recomputed"}


@pytest.mark.slow
@pytest.mark.postgis
def test_a_loader_that_is_killed_leaves_the_server_as_it_was(postgis: str, postgres: Any) -> None:
    written(Place(postgis).opened())
    before = Place(postgis).content()
    with held_in_the_middle(postgis, postgres) as (process, _, planner):
        os.kill(process.pid, signal.SIGKILL)
        assert ended(process)[0] == -signal.SIGKILL
        planner.rollback()
    gone(postgres)
    assert Place(postgis).content() == before
    goes_through(postgis, before)


@pytest.mark.postgis
def test_a_connection_that_is_cut_leaves_the_server_as_it_was_and_is_told(postgis: str, postgres: Any) -> None:
    written(Place(postgis).opened())
    before = Place(postgis).content()
    with held_in_the_middle(postgis, postgres) as (process, pid, planner):
        postgres.run(f"SELECT pg_terminate_backend({pid})")
        code, said = ended(process)
        planner.rollback()
    assert (code, said.split()[0]) == (3, "database.gone")
    assert Place(postgis).content() == before


@pytest.mark.slow
@pytest.mark.postgis
def test_a_server_that_crashes_in_the_middle_has_the_old_content_when_it_is_back(postgis: str, postgres: Any) -> None:
    written(Place(postgis).opened())
    before = Place(postgis).content()
    with held_in_the_middle(postgis, postgres) as (process, _, planner):
        postgres.stop()
        code, said = ended(process)
        postgres.start()
        planner.close()
    assert (code, said.split()[0]) == (3, "database.gone")
    assert Place(postgis).content() == before
    goes_through(postgis, before)


def test_two_loads_at_once_are_both_there(place: Place) -> None:
    written(place.opened())
    both = [loader(place.target, run_id, 50) for run_id in ("first", "second")]
    assert [ended(process) for process in both] == [(0, ""), (0, "")]
    with place.opened() as database:
        assert set(database.query("meta_run")["run_id"]) == {"toy", "first", "second"}
        assert whole(database)
        assert len(database.query("shelter")) == 50


@pytest.mark.slow
@pytest.mark.postgis
def test_a_disk_of_the_server_that_is_full_is_told_and_nothing_stays(postgres: Any, tmp_path: Path) -> None:
    disk = postgres.place / "small"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m,mode=777", "tmpfs", disk], check=False).returncode:
        pytest.skip("a small disk can only be mounted by root")
    shutil.chown(disk, postgres.owner)
    try:
        postgres.run(f"CREATE TABLESPACE small LOCATION '{disk}'")
        name = postgres.database()
        postgres.run(f"ALTER DATABASE {name} SET TABLESPACE small")
        url = postgres.url(name)
        written(Place(url).opened())
        before = Place(url).content()
        code, said = ended(loader(url, count=200_000))
        assert (code, said.split()[0]) == (3, "database.disk_full")
        assert Place(url).content() == before
        postgres.run(f"DROP DATABASE {name} WITH (FORCE)", "DROP TABLESPACE small")
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_loader_that_is_killed_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    written(Place(str(path)).opened())
    bytes_before, before = path.read_bytes(), Place(str(path)).content()
    process = loader(str(path), slow=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    os.kill(process.pid, signal.SIGKILL)
    assert ended(process)[0] == -signal.SIGKILL
    assert path.read_bytes() == bytes_before
    goes_through(str(path), before)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["city.gpkg"]


def test_a_disk_that_is_full_leaves_the_file_as_it_was_and_is_told(tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    written(Place(str(path)).opened())
    before = path.read_bytes()

    def little() -> None:
        most = len(before) + 1_000_000
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    code, said = ended(loader(str(path), count=50_000, preexec_fn=little))
    assert (code, said.split()[0]) == (3, "database.disk_full")
    assert path.read_bytes() == before
    assert sorted(item.name for item in tmp_path.iterdir()) == ["city.gpkg"]
