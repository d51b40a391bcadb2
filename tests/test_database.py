"""One schema in GeoPackage and PostGIS."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from sqlalchemy.engine import make_url

from riskzoning.database import Database, filled_url, open_database, run_tables, without_password
from riskzoning.errors import ConfigError, DatabaseError, Problem, escaped_json, visible
from riskzoning.samples import toy_result


def _binaries() -> str | None:
    binaries = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    control = glob.glob("/usr/share/postgresql/*/extension/postgis.control")
    return os.path.dirname(binaries[-1]) if binaries and control else None


@pytest.fixture(scope="module")
def postgis() -> Iterator[str]:
    """URL of a PostGIS server started for these tests, on the loopback address."""
    folder = _binaries()
    if folder is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL with PostGIS is missing")
        pytest.skip("PostgreSQL with PostGIS is not installed")
    root = os.getuid() == 0
    owner = "postgres" if root else pwd.getpwuid(os.getuid()).pw_name
    place = tempfile.mkdtemp(prefix="riskzoning-pg-", dir="/tmp")
    if root:
        shutil.chown(place, "postgres")
    prefix = ["setpriv", f"--reuid={owner}", f"--regid={owner}", "--init-groups"] if root else []
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def call(*words: str) -> None:
        subprocess.run([*prefix, *words], check=True, capture_output=True, cwd=place, timeout=120)

    call(f"{folder}/initdb", "-D", f"{place}/data", "-A", "trust", "-U", "tester", "-E", "UTF8", "--locale=C.UTF-8")
    options = f"-p {port} -k {place} -c listen_addresses=127.0.0.1 -c fsync=off"
    call(f"{folder}/pg_ctl", "-D", f"{place}/data", "-o", options, "-l", f"{place}/log", "-w", "start")
    try:
        yield f"postgresql://tester@127.0.0.1:{port}/postgres"
    finally:
        call(f"{folder}/pg_ctl", "-D", f"{place}/data", "-m", "immediate", "stop")
        shutil.rmtree(place, ignore_errors=True)


def written(database: Database) -> Database:
    database.write(toy_result())
    return database


def test_numbers_of_the_units_keep_the_name_of_their_table() -> None:
    result = toy_result()
    row = {"code": "990100", "level": "city", "hazard": "flood", "quantity": "area_km2", "grade": 1}
    by_grade = pd.DataFrame([{**row, "value": 2.0, "share": 1.0}])
    tables = run_tables(replace(result, tables={**result.tables, "exposure_by_grade": by_grade}))
    assert tables["exposure_by_grade"]["run_id"].tolist() == ["toy"]
    assert {"risk_breaks", "risk_weights", "meta_reconciliation"} <= set(tables)


def check_content(database: Database) -> None:
    tables = run_tables(toy_result())
    assert set(tables) <= set(database.tables())
    for name, frame in tables.items():
        assert len(database.read(name)) == len(frame), name
    units = database.read("unit_township")
    assert isinstance(units, gpd.GeoDataFrame)
    expected = toy_result().units["township"].sort_index()
    sorted_units = units.set_index("code").sort_index()
    assert sorted_units["multi_risk_index"].to_numpy() == pytest.approx(expected["multi_risk_index"].to_numpy())
    assert database.verify() == []
    assert len(database.query("base_admin", region="990101")) == 4


def test_geopackage_has_the_run(tmp_path: Path) -> None:
    check_content(written(open_database(tmp_path / "city.gpkg")))


@pytest.mark.postgis
def test_postgis_has_the_same(postgis: str) -> None:
    with open_database(postgis) as database:
        written(database)
        database.write(toy_result())
        check_content(database)


def test_geopackage_has_the_same_bytes_twice(tmp_path: Path) -> None:
    for name in ("a.gpkg", "b.gpkg"):
        written(open_database(tmp_path / name))
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()


def test_verify_finds_double_and_unknown_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = written(open_database(tmp_path / "city.gpkg"))
    tidy = database.read("risk_unit")
    spoiled = pd.concat([tidy, tidy.iloc[[0]], tidy.iloc[[1]].assign(code="1")])
    original = database._read
    monkeypatch.setattr(database, "_read", lambda name: spoiled if name == "risk_unit" else original(name))
    assert {problem.rule for problem in database.verify()} == {"database.key", "database.code"}


def test_wrong_targets_are_told_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="neither the path of a GeoPackage nor"):
        open_database("city.txt")
    with pytest.raises(DatabaseError) as caught:
        open_database("postgresql://me:secret@127.0.0.1:1/none")
    assert "secret" not in str(caught.value)
    with pytest.raises(DatabaseError, match=r"table 'x' of .* does not exist"):
        open_database(tmp_path / "no.gpkg").read("x")


def test_what_no_run_has_written_is_not_touched(tmp_path: Path) -> None:
    foreign = tmp_path / "admin.gpkg"
    toy_result().units["county"].reset_index().to_file(foreign, layer="county", driver="GPKG")
    before = foreign.read_bytes()
    with pytest.raises(DatabaseError, match="holds tables that no run has written: county"):
        written(open_database(foreign))
    assert foreign.read_bytes() == before
    other = replace(toy_result(), code="320500")
    database = written(open_database(tmp_path / "city.gpkg"))
    with pytest.raises(DatabaseError, match="already holds the study of"):
        database.write(other)
    written(database)
    assert len(database.read("meta_run")) == 1


def test_broken_files_and_strange_names_are_messages(tmp_path: Path) -> None:
    (tmp_path / "broken.gpkg").write_bytes(b"no database at all")
    with pytest.raises(DatabaseError, match="cannot be opened"):
        written(open_database(tmp_path / "broken.gpkg"))
    database = written(open_database(tmp_path / "city.gpkg"))
    for name in ('base_admin"; DROP TABLE meta_run; --', "base_admin' OR '1'='1", "", "sqlite_master"):
        with pytest.raises(DatabaseError, match="does not exist"):
            database.query(name)
    with pytest.raises(DatabaseError, match="has no column levl"):
        database.query("base_admin", levl="city")
    assert database.query("base_admin", region="' OR '1'='1").empty
    assert database.verify() == []


@pytest.mark.postgis
def test_postgis_refuses_another_study_and_strange_names(postgis: str) -> None:
    with open_database(postgis) as database:
        written(database)
        with pytest.raises(DatabaseError, match="already holds the study of"):
            database.write(replace(toy_result(), code="320500"))
        with pytest.raises(DatabaseError, match="does not exist"):
            database.query('base_admin"; DROP TABLE meta_run; --')
        assert database.verify() == []


SECRET = "S3C/RET@pw:x"
URLS = [
    "postgresql://me:S3CRETpw@host/city",
    "postgresql://me:S3CRETpw@x@host/city",
    "postgresql://me:a/S3CRETpw@host/city",
    "postgresql://:S3CRETpw@host/city",
    "postgresql+psycopg://host/city?user=me&password=S3CRETpw",
    "postgresql://host/city?sslpassword=S3CRETpw&PASSWORD=S3CRETpw#x",
    "postgresql://me:S3CRETpw?x=1@host/city?password=S3CRETpw",
]


@pytest.mark.parametrize("url", URLS)
def test_no_password_of_a_url_is_shown(url: str) -> None:
    problem = Problem("database.target", url, reason=url)
    for text in (without_password(url), visible(url), problem.text("zh"), problem.text("en"), escaped_json(f'"{url}"')):
        assert "S3CRET" not in text
        assert "host/city" in text


@pytest.mark.parametrize(
    "url", [f"postgresql://me:S3CRETpw@127.0.0.1:1/{n}?password=S3CRETpw&connect_timeout=1" for n in "ab"]
)
def test_what_the_driver_says_has_no_password(url: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        open_database(url)
    assert "S3CRET" not in str(caught.value)
    assert "S3CRET" not in "".join(traceback.format_exception(caught.value))


def test_variables_of_the_environment_keep_a_password_out_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITY_PW", SECRET)
    monkeypatch.setenv("CITY_DB", "postgresql://me@127.0.0.1:1/none")
    url = "postgresql://me:${CITY_PW}@127.0.0.1:1/none"
    assert make_url(filled_url(url)).password == SECRET
    assert without_password(url) == url
    assert filled_url("${CITY_DB}") == "postgresql://me@127.0.0.1:1/none"
    for target in (url, "${CITY_DB}"):
        with pytest.raises(DatabaseError) as caught:
            open_database(target)
        assert SECRET not in str(caught.value)
        assert caught.value.problems[0].file == target
    with pytest.raises(ConfigError) as unset:
        open_database("postgresql://me:${NO_SUCH_VARIABLE}@host/city")
    assert dict(unset.value.problems[0].values)["names"] == ("NO_SUCH_VARIABLE",)
