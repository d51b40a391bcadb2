"""A rule says the same in SQL and over arrays."""

from __future__ import annotations

import sqlite3

import numpy as np
import pandas as pd
import pytest
from sqlalchemy.dialects import postgresql

from riskzoning.database.checks import as_long_as, checks_of, one_of, stated_check, within
from riskzoning.database.frames import typed
from riskzoning.database.schema import Schema
from riskzoning.surveys.forms import Form, form, form_names

_TEXTS = {"code6": ["410702", "41070", ""], "code9": ["410702001", "4107020011"], "code12": ["410702001001", "4"]}


def _rows(of: Form, count: int = 400) -> pd.DataFrame:
    """Rows with values inside, at and outside of every limit, and missing ones."""
    draw = np.random.default_rng(7)
    columns = {}
    for item in of.fields:
        if item.kind in ("integer", "number", "year", "lon", "lat"):
            values = draw.choice([np.nan, -1.0, 0.0, 1.0, 2.0, 3.0, 89.0, 181.0, 1948.0, 2001.0], count)
            columns[item.name] = values
        elif item.kind == "date":
            columns[item.name] = pd.to_datetime(draw.choice(["2021-07-20", "2021-07-21", "2019-12-31"], count))
        elif item.kind == "choice":
            columns[item.name] = draw.choice([*item.choices, "another"], count)
        else:
            columns[item.name] = draw.choice(_TEXTS.get(item.kind, ["a", "b"]), count)
    return pd.DataFrame(columns)


@pytest.mark.parametrize("name", form_names())
def test_sql_and_arrays_judge_every_rule_of_a_form_alike(name: str) -> None:
    of, schema = form(name), Schema()
    table = schema.of_form(of.name)
    frame = typed(_rows(of), table)
    connection = sqlite3.connect(":memory:")
    plain = frame.astype(object).where(frame.notna(), None)
    names = ", ".join(f'"{column}"' for column in plain.columns)
    connection.execute(f"CREATE TABLE t ({names})")
    places = ", ".join("?" * plain.shape[1])
    connection.executemany(f"INSERT INTO t VALUES ({places})", plain.to_numpy().tolist())
    checks = checks_of(of)
    assert checks
    for check in checks:
        condition = check.text.split(": ", 1)[1]
        # A CHECK refuses what is false; what is not known passes.
        stored = [row == 0 for (row,) in connection.execute(f"SELECT ({condition}) FROM t ORDER BY rowid")]
        assert check.broken(frame).tolist() == stored, check.text


def test_rules_of_the_record_of_disasters_are_there() -> None:
    texts = [check.text for check in checks_of(form("his_event"))]
    for wanted in ("crop_dam <= crop_aff", "crop_lost <= crop_dam", "coll_room >= coll_hh", "affected >= coalesce"):
        assert any(wanted in text for text in texts), wanted
    assert any("length(adcode6) = 6" in text for text in texts)


def test_a_missing_value_breaks_nothing() -> None:
    frame = pd.DataFrame({"x": [None, 1.0, 9.0], "y": [None, "a", "b"]})
    assert within("x", 0, 5).broken(frame).tolist() == [False, False, True]
    assert one_of("y", ["a"]).broken(frame).tolist() == [False, False, True]
    assert as_long_as("y", 1).broken(frame).tolist() == [False, False, False]
    assert as_long_as("y", 2).broken(frame).tolist() == [False, True, True]


def test_checks_of_the_schema_are_read_and_names_that_sql_has_for_itself_are_quoted() -> None:
    check = stated_check({"kind": "range", "field": "end", "min": 0, "max": 9})
    assert str(check.expression.compile(dialect=postgresql.dialect())).startswith('"end" >= ')
    assert stated_check({"kind": "choice", "field": "closed", "choices": ["left"]}).rule == "Q02"
