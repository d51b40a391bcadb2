"""The commands about databases, as an analyst types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from riskzoning.cli.app import app
from riskzoning.database import open_database
from riskzoning.samples import toy_result
from tests.database import run_of, shelters


def invoke(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["db", *map(str, arguments), "--lang", "en"])
    # Words for people are on stderr, what a program reads is on stdout alone.
    return result.exit_code, result.stdout if "json" in arguments else result.output


def filled(path: Path, *results: Any) -> Path:
    with open_database(path) as database:
        for result in results or (toy_result(),):
            database.write(result)
    return path


@pytest.mark.parametrize(
    ("target", "code", "words"),
    [
        ("city.txt", 2, "neither the path of a GeoPackage nor"),
        ("postgresql://host:port/city", 2, "is no URL of a database server"),
        ("postgresql://host/city?pasword=S3CRET", 2, "pasword"),
        ("postgresql://me:S3CRET@127.0.0.1:1/city", 3, "cannot be reached"),
        ("${NO_SUCH_VARIABLE}", 2, "NO_SUCH_VARIABLE"),
    ],
)
def test_a_wrong_target_leaves_with_2_one_that_does_not_answer_with_3(target: str, code: int, words: str) -> None:
    for name in ("check", "verify", "roles"):
        left, text = invoke(name, target, "--debug")
        assert (left, words in text) == (code, True), text
        assert "S3CRET" not in text.replace("/city?pasword", "")


def test_a_password_on_the_command_line_is_told() -> None:
    assert "everybody on the machine" in invoke("check", "postgresql://me:S3CRET@127.0.0.1:1/city")[1]


def test_a_file_is_verified_loaded_compared_and_rolled_back(tmp_path: Path) -> None:
    first, second = run_of("y1", shelter=shelters("a", "b")), run_of("y2", "2027-06-30", shelter=shelters("a", "c"))
    source = filled(tmp_path / "run" / "database.gpkg", first)
    target = tmp_path / "city.gpkg"
    code, text = invoke("load", target, source.parent)
    assert (code, "cap_shelter: 2 rows" in text, "loaded as number 1" in text) == (0, True, True)
    assert "nothing was changed" in invoke("load", target, source)[1]
    filled(target, second)
    code, text = invoke("compare", target, "shelter", "y1", "y2", "--format", "json")
    (row,) = json.loads(text)
    assert (row["part"], row["field"], row["before"], row["after"]) == ("changed", "name", "b", "c")
    assert "1 value changed" in invoke("compare", target, "shelter", "y1", "y2")[1]
    assert invoke("rollback", target, "y1")[0] == 2
    assert invoke("rollback", target, "y2")[0] == 0
    with open_database(target) as database:
        assert database.query("shelter")["name"].tolist() == ["a", "b"]
    assert invoke("verify", target)[0] == 0
    assert invoke("verify", target, "--format", "json") == (0, "[]\n")
    assert invoke("verify", tmp_path / "no.gpkg", "--format", "json")[0] == 2


def test_a_file_has_no_roles(tmp_path: Path) -> None:
    assert invoke("roles", filled(tmp_path / "city.gpkg"))[0] == 2


@pytest.mark.postgis
def test_a_server_is_asked_loaded_and_gets_its_roles(postgis: str, postgres: Any, tmp_path: Path) -> None:
    assert invoke("check", postgis) == (0, invoke("check", postgis)[1])
    source = filled(tmp_path / "run" / "database.gpkg")
    code, text = invoke("load", postgis, source.parent)
    assert (code, "loaded as number 1" in text) == (0, True)
    assert invoke("verify", postgis)[0] == 0
    code, script = invoke("roles", postgis, "--reader", 'plan"ner')
    assert (code, 'CREATE ROLE "plan""ner" NOLOGIN;' in script) == (0, True)
    for _ in range(2):
        assert invoke("roles", postgis, "--reader", 'plan"ner', "--editor", "ed", "--apply")[0] == 0
    name = postgis.rsplit("/", 1)[1]
    rights = (
        "SELECT has_table_privilege('plan\"ner', 'risk_unit', 'SELECT'), has_table_privilege('ed', 'risk_unit', %s)"
    )
    assert postgres.run(rights.replace("%s", "'INSERT'"), database=name) == [(True, True)]
    postgres.run('DROP OWNED BY "plan""ner", ed', 'DROP ROLE "plan""ner", ed', database=name)
    assert invoke("roles", postgis, "--reader", "pg_me")[0] == 2


@pytest.mark.postgis
def test_what_others_have_put_there_leaves_with_2_and_a_right_that_lacks_with_3(postgis: str, postgres: Any) -> None:
    name = postgis.rsplit("/", 1)[1]
    postgres.run("CREATE TABLE risk_unit (x int)", database=name)
    assert invoke("check", postgis)[0] == 2
    postgres.run("DO $$ BEGIN CREATE ROLE guest LOGIN; EXCEPTION WHEN duplicate_object THEN END $$")
    code, text = invoke("check", postgis.replace("tester@", "guest@"))
    assert (code, "GRANT USAGE, CREATE ON SCHEMA" in text) == (3, True)


def test_views_of_a_region_and_files_of_tables_are_made(tmp_path: Path) -> None:
    target = filled(tmp_path / "city.gpkg", run_of("y1", shelter=shelters("a", "b")))
    code, text = invoke("views", target, "--region", "990101")
    assert (code, "v_cap_shelter_990101" in text) == (0, True)
    assert "v_cap_shelter_990101" in open_database(target).tables()
    code, text = invoke("views", target, "--region", "410782")
    assert (code, "is no unit of the database" in text) == (2, True)
    code, text = invoke("export", target, tmp_path / "a.csv", "--table", "shelter", "--region", "990101")
    assert (code, "shelter: 2 rows" in text) == (0, True)
    assert len((tmp_path / "a.csv").read_text("utf-8-sig").splitlines()) == 3
    code, text = invoke("export", target, tmp_path / "a.txt", "--table", "shelter")
    assert (code, "ending that is not known" in text) == (2, True)
    assert invoke("export", target, tmp_path / "a.csv", "--table", "nothing")[0] == 2
