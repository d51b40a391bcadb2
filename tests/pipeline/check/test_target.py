"""The database of a study is looked at before the work: its URL by its text, its server by asking."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from riskzoning.errors import DatabaseError, TargetError
from riskzoning.pipeline.check.target import database_problems, target_problems
from riskzoning.pipeline.outputs.database import answering


def study(target: str | bool, folder: Path = Path("no-such-folder")) -> Any:
    return SimpleNamespace(outputs=SimpleNamespace(database=target, folder=folder), file="study.yaml", path=Path)


@pytest.mark.parametrize(
    ("target", "rule"),
    [
        ("postgresql://host:port/city", "database.url"),
        ("postgresql://me:${NO_SUCH_VARIABLE}@host/city", "database.variable"),
        ("postgresql://me:geheim@host/city", "study.database_password"),
        ("postgresql://host/city?password=geheim", "study.database_password"),
    ],
)
def test_what_the_text_of_a_url_tells(target: str, rule: str) -> None:
    (problem,) = target_problems(study(target))
    assert (problem.rule, problem.field) == (rule, "outputs.database")
    assert problem.severity == ("warning" if "password" in rule else "error")
    assert "geheim" not in problem.text()


@pytest.mark.parametrize("target", ["postgresql://me@host/city", "postgresql:///?service=city", False])
def test_a_good_target_is_not_told(target: str | bool) -> None:
    assert list(target_problems(study(target))) == []


def test_a_password_from_the_environment_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITY_PW", "geheim")
    assert list(target_problems(study("postgresql://me:${CITY_PW}@host/city"))) == []


def test_a_server_and_a_file_are_asked(tmp_path: Path) -> None:
    (problem,) = database_problems(study("postgresql://me@127.0.0.1:1/none"))
    assert problem.rule == "database.connect"
    assert database_problems(study("database.gpkg", tmp_path)) == []
    (tmp_path / "database.gpkg").write_text("foreign")
    (problem,) = database_problems(study("database.gpkg", tmp_path))
    assert (problem.rule, problem.field) == ("database.no_package", "outputs.database")
    (problem,) = database_problems(study("database.gpkg/city.gpkg", tmp_path))
    assert problem.rule == "database.folder"
    # That the folder of the run is a file is said of the folder.
    assert database_problems(study("below/database.gpkg", tmp_path / "database.gpkg")) == []


@pytest.mark.postgis
def test_what_a_server_says_of_rights_and_foreign_tables(postgis: str, postgres: Any) -> None:
    assert database_problems(study(postgis)) == []
    name = postgis.rsplit("/", 1)[1]
    postgres.run("CREATE TABLE base_admin (own int)", database=name)
    assert [problem.rule for problem in database_problems(study(postgis))] == ["database.foreign_table"]
    with pytest.raises(TargetError):
        answering(study(postgis))
    postgres.run("DO $$ BEGIN CREATE ROLE guest LOGIN; EXCEPTION WHEN duplicate_object THEN END $$")
    with pytest.raises(DatabaseError, match="GRANT USAGE, CREATE") as caught:
        answering(study(postgis.replace("tester@", "guest@")))
    assert not isinstance(caught.value, TargetError)
    with pytest.raises(TargetError) as missing:
        answering(study(postgis.replace(name, "no_such")))
    assert (missing.value.problems[0].file, missing.value.problems[0].field) == ("study.yaml", "outputs.database")
