"""No password of a URL is shown; variables of the environment keep it out of files."""

from __future__ import annotations

import traceback

import pytest
from sqlalchemy.engine import make_url

from riskzoning.database import filled_url, open_database, without_password
from riskzoning.errors import ConfigError, DatabaseError, Problem, escaped_json, visible

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
