"""No password of a URL is shown; variables of the environment keep it out of files."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from riskzoning.database import filled_url, open_database, without_password
from riskzoning.database.urls import server
from riskzoning.errors import ConfigError, DatabaseError, Problem, TargetError, escaped_json, visible

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


@pytest.mark.parametrize("url", URLS)
def test_whatever_fails_with_a_url_its_password_is_not_shown(url: str) -> None:
    shown = ""
    try:
        shown = repr(server(url))
    except TargetError as error:
        shown = "".join(traceback.format_exception(error))
    assert shown
    assert "S3CRET" not in shown


@pytest.mark.parametrize("password", ["a@b", "a/b", "a:b", "a#b", "100%", "[x]", "a%40b"])
def test_passwords_that_are_pasted_into_a_url_are_taken_as_they_are(password: str) -> None:
    settings = server(f"postgresql://me:{password}@host:5433/city?sslmode=disable").settings
    expected = "a@b" if password == "a%40b" else password
    assert (settings["password"], settings["host"], settings["port"]) == (expected, "host", "5433")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://host:port/city", "port"),
        ("postgresql://host:99999/city", "99999"),
        ("postgresql://host:²/city", "port"),
        ("postgresql://host/city?pasword=S3CRETpw", "pasword"),
        ("postgresql://[::1/city", "::1"),
    ],
)
def test_a_mistake_in_a_url_is_wrong_input_and_named(url: str, words: str) -> None:
    with pytest.raises(TargetError) as caught:
        open_database(url)
    assert isinstance(caught.value, ConfigError)
    assert isinstance(caught.value, DatabaseError)
    assert caught.value.problems[0].rule == "database.url"
    assert words in caught.value.problems[0].found
    assert "S3CRET" not in str(caught.value)


def test_a_variable_that_holds_no_url_is_told_without_what_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITY_DB", "S3CRETpw")
    with pytest.raises(TargetError, match="CITY_DB") as caught:
        open_database("${CITY_DB}")
    assert "S3CRET" not in str(caught.value)


def test_the_schema_is_taken_out_of_the_url_for_the_driver() -> None:
    made = server("postgresql://host/city?sslmode=disable&schema=%E9%A3%8E%E9%99%A9&options=-csearch_path%3Da,b")
    assert made.schema == "风险"
    assert dict(made.settings) == {
        "host": "host", "dbname": "city", "sslmode": "disable", "options": "-csearch_path=a,b",
    }  # fmt: skip
    assert server("postgresql:///?service=city&host=/run/postgresql").settings["service"] == "city"
    assert server("postgresql://a:1,b:2/city").settings["port"] == "1,2"


@pytest.mark.postgis
def test_passwords_come_from_the_environment_a_file_or_a_service(
    postgres: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.run(f"""DO $$ BEGIN CREATE ROLE asked LOGIN; EXCEPTION WHEN duplicate_object THEN END $$;
                     ALTER ROLE asked PASSWORD '{SECRET}'""")
    url = postgres.url(user="asked")
    host = f"127.0.0.1:{postgres.port}"
    with pytest.raises(DatabaseError):
        open_database(url)
    monkeypatch.setenv("PGPASSWORD", SECRET)
    open_database(url).close()
    monkeypatch.delenv("PGPASSWORD")
    passwords = tmp_path / "pgpass"
    passwords.write_text(f"{host}:*:asked:{SECRET.replace(':', chr(92) + ':')}\n")
    passwords.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    open_database(url).close()
    services = tmp_path / "services"
    services.write_text(f"[city]\nhost=127.0.0.1\nport={postgres.port}\nuser=asked\ndbname=postgres\n")
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    open_database("postgresql:///?service=city").close()
    monkeypatch.delenv("PGPASSFILE")
    monkeypatch.setenv("CITY_PW", SECRET)
    open_database(url.replace("asked@", "asked:${CITY_PW}@")).close()
    open_database(url.replace("asked@", f"asked:{SECRET}@")).close()
