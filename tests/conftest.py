"""Fixtures that are factories: a test says what matters to it and nothing else."""

from __future__ import annotations

import contextlib
import gc
import glob
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import settings
from odc.geo.geobox import GeoBox

from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.standards import own
from tests.sample_run import SampleRun, finished_run

REPOSITORY = Path(__file__).resolve().parents[1]
# A busy machine is slow; that says nothing about a property. Examples are drawn anew each time: few of them each time
# find what many find once; `make quality` has many.
settings.register_profile("few", deadline=None, max_examples=40)
settings.register_profile("many", deadline=None, max_examples=200)
settings.load_profile("few")
# Tests read files themselves, whatever an earlier run remembers of them.
os.environ.setdefault("RISKZONING_CACHE", "off")

# Marker of a test -> what it needs and not every machine has.
_NEEDS = {"postgis": "PostgreSQL with PostGIS", "chromium": "Chromium with chromedriver", "city": "the city data set"}


# A file is run by one process: the longest begin, so that none of them is left alone at the end.
_LONG = (
    "tests/test_pipeline.py",
    "tests/pipeline/test_conductor.py",
    "tests/test_notebooks.py",
    "tests/cli/test_app.py",
)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Libraries and tests stay to the end: the search for cycles in memory need not go through them each time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of the longest files first; the others keep their order."""
    place = {name: number for number, name in enumerate(_LONG)}
    items.sort(key=lambda item: place.get(item.nodeid.split("::")[0], len(place)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud, by name and number, which tests did not run for want of something."""
    skipped = terminalreporter.stats.get("skipped", [])
    for mark, need in _NEEDS.items():
        names = sorted(report.nodeid for report in skipped if mark in report.keywords)
        if names:
            terminalreporter.write_line(f"NOT RUN without {need}: {len(names)} test(s)", yellow=True, bold=True)
            for name in names:
                terminalreporter.write_line(f"  {name}")


@pytest.fixture(autouse=True)
def no_hazards_of_other_tests() -> Iterator[None]:
    """Hazards that a test's study defines itself are gone after it."""
    before = dict(own._read)
    yield
    own._read.clear()
    own._read.update(before)


@pytest.fixture(scope="session")
def city_data() -> Path:
    """A complete city data set beside the repository (or at RISKZONING_CITY_DATA); skips where it is absent."""
    folder = Path(os.environ.get("RISKZONING_CITY_DATA", REPOSITORY.parent / "shared" / "data" / "xinxiang"))
    if not (folder / "admin.gpkg").is_file():
        pytest.skip(f"the city data set is not at {folder}; set RISKZONING_CITY_DATA")
    return folder


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> SampleRun:
    """A finished run of the sample study that tests look at and go on from; never write into its folder."""
    # Each process has a folder of its own in that of all.
    own = tmp_path_factory.getbasetemp()
    return finished_run(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


@pytest.fixture
def make_grid() -> Callable[..., GeoBox]:
    """make_grid(rows, columns, resolution=100, crs="EPSG:4547", left=500000, bottom=3900000)"""

    def make(
        rows: int = 4,
        columns: int = 5,
        resolution: float = 100,
        crs: str = "EPSG:4547",
        left: float = 500000,
        bottom: float = 3900000,
    ) -> GeoBox:
        bounds = (left, bottom, left + columns * resolution, bottom + rows * resolution)
        return analysis_grid(bounds, crs=crs, resolution=resolution)

    return make


@pytest.fixture
def make_layer(make_grid: Callable[..., GeoBox]) -> Callable[..., xr.DataArray]:
    """make_layer(values, quantity, return_periods=None, **grid options): a layer around plain values"""

    def make(values: Any, quantity: str = "elevation", return_periods: Any = None, **options: Any) -> xr.DataArray:
        values = np.asarray(values)
        grid = make_grid(rows=values.shape[-2], columns=values.shape[-1], **options)
        return layer_on(grid, values, quantity=quantity, return_periods=return_periods, name=quantity)

    return make


@dataclass
class PostgresServer:
    """A server of the tests' own: a new cluster in a temporary folder, on a free port of the loopback address."""

    programs: str
    place: Path
    port: int
    owner: str | None
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def call(self, program: str, *words: str) -> None:
        """A program of PostgreSQL, as the user whom the cluster belongs to: it refuses root."""
        prefix = (
            [] if self.owner is None else ["setpriv", f"--reuid={self.owner}", f"--regid={self.owner}", "--init-groups"]
        )
        command = [*prefix, f"{self.programs}/{program}", *words]
        subprocess.run(command, check=True, capture_output=True, cwd=self.place, timeout=120)

    def start(self) -> None:
        options = f"-p {self.port} -k {self.place} -c listen_addresses=127.0.0.1 -c fsync=off"
        self.call("pg_ctl", "-D", f"{self.place}/data", "-o", options, "-l", f"{self.place}/log", "-w", "start")

    def stop(self) -> None:
        self.call("pg_ctl", "-D", f"{self.place}/data", "-m", "immediate", "-w", "stop")

    def url(self, database: str = "postgres", user: str = "tester") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def run(self, *statements: str, database: str = "postgres", user: str = "tester") -> list[tuple[Any, ...]]:
        """Rows of the last statement, each in a transaction of its own."""
        import psycopg

        with psycopg.connect(self.url(database, user), autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def database(self, template: str = "with_postgis") -> str:
        """Name of a new database, empty but for PostGIS (``template0``: without)."""
        name = f"city_{next(self.numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name


def _postgres_programs() -> str | None:
    initdb = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    control = glob.glob("/usr/share/postgresql/*/extension/postgis.control")
    return os.path.dirname(initdb[-1]) if initdb and control else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostGIS server started for these tests; skips, or with CI=true fails, where PostgreSQL is not installed.

    ``tester`` is its administrator; ``asked``, made by who needs it, is the one user who is asked for a password.
    """
    programs = _postgres_programs()
    if programs is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL with PostGIS is missing")
        pytest.skip("PostgreSQL with PostGIS is not installed")
    owner = "postgres" if os.getuid() == 0 else None
    place = Path(tempfile.mkdtemp(prefix="riskzoning-pg-", dir="/tmp"))
    if owner:
        shutil.chown(place, owner)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = PostgresServer(programs, place, port, owner)
    options = ("-A", "trust", "-U", "tester", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    server.call("initdb", "-D", f"{place}/data", *options)
    rights = place / "data" / "pg_hba.conf"
    rights.write_text("host all asked 127.0.0.1/32 scram-sha-256\n" + rights.read_text())
    server.start()
    try:
        server.run("CREATE DATABASE with_postgis")
        server.run("CREATE EXTENSION postgis", database="with_postgis")
        yield server
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            server.stop()
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def postgis(postgres: PostgresServer) -> Iterator[str]:
    """URL of a new database with PostGIS on the tests' server."""
    name = postgres.database()
    yield postgres.url(name)
    with contextlib.suppress(Exception):
        postgres.run(f"DROP DATABASE {name} WITH (FORCE)")
