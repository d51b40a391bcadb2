"""The database on a server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from riskzoning.database import open_database
from riskzoning.errors import DatabaseError
from riskzoning.samples import toy_result

from . import check_content, written


@pytest.mark.postgis
def test_postgis_has_the_same(postgis: str) -> None:
    with open_database(postgis) as database:
        written(database)
        database.write(toy_result())
        check_content(database)


@pytest.mark.postgis
def test_postgis_refuses_another_study_and_strange_names(postgis: str) -> None:
    with open_database(postgis) as database:
        written(database)
        with pytest.raises(DatabaseError, match="already holds the study of"):
            database.write(replace(toy_result(), code="320500"))
        with pytest.raises(DatabaseError, match="does not exist"):
            database.query('base_admin"; DROP TABLE meta_run; --')
        assert database.verify() == []
