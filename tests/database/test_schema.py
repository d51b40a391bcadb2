"""One schema, two tongues."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
import yaml
from pyproj import CRS
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable

from riskzoning import standards
from riskzoning.database.naming import form_table
from riskzoning.database.schema import Schema, geometry_type
from riskzoning.surveys.forms import form, form_names


@pytest.fixture(scope="module")
def schema() -> Schema:
    return Schema().whole()


@pytest.mark.parametrize("name", form_names())
def test_every_field_of_a_form_is_a_column(schema: Schema, name: str) -> None:
    table, of = schema[form_table(name)], form(name)
    assert {item.name for item in of.fields} < set(table.c.keys())
    assert not table.c[of.key].nullable
    assert table.info["unique"] == (of.key, "load")
    required = {item.name for item in of.fields if item.required}
    assert all(not table.c[column].nullable for column in required)
    assert ("geometry" in table.c) == (bool(of.of_kind("lon")) or name in ("exp_road", "levee", "detention_area"))


def test_both_servers_get_every_table_with_its_keys(schema: Schema) -> None:
    for table in schema.metadata.tables.values():
        package = str(CreateTable(table).compile(dialect=sqlite.dialect()))
        server = str(CreateTable(table).compile(dialect=postgresql.dialect()))
        assert "fid INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT" in package
        assert "fid BIGSERIAL NOT NULL" in server
        for rule in ("CHECK", "UNIQUE", "REFERENCES"):
            assert package.count(rule) == server.count(rule), table.name
        assert ("geometry MULTIPOLYGON" in package or "geometry POINT" in package or "GEOMETRY" in package) == (
            "geometry geometry(" in server
        )
    text = str(CreateTable(schema["risk_unit"]).compile(dialect=sqlite.dialect()))
    assert "FOREIGN KEY(run_id, code) REFERENCES base_admin (run_id, code)" in text
    assert "FOREIGN KEY(run_id) REFERENCES meta_run (run_id)" in text
    assert "UNIQUE (run_id, code, level, hazard, receptor, indicator)" in text
    assert "CHECK (grade >= 0 AND grade <= 9)" in text


def test_codes_and_shapes_have_indexes(schema: Schema) -> None:
    names = {str(index.name) for index in schema["exp_building"].indexes}
    assert {"ix_exp_building_adcode6", "ix_exp_building_town9", "sidx_exp_building"} <= names


def test_what_a_run_brings_besides_becomes_a_table_or_a_column() -> None:
    schema = Schema()
    frame = pd.DataFrame(
        {"code": ["1"], "level": ["x"], "minutes": [3.5], "day": pd.to_datetime(["2026-01-01"]), "word": ["x"]}
    )
    table = schema.for_frame("cap_access", frame)
    kinds = {column.name: type(column.type).__name__ for column in table.c}
    assert kinds == {
        "fid": "BigInteger", "run_id": "Text", "code": "Text", "level": "Text", "minutes": "Double", "day": "Date",
        "word": "Text",
    }  # fmt: skip
    assert {constraint.name for constraint in table.foreign_key_constraints} == {
        "run_cap_access", "unit_cap_access_code",
    }  # fmt: skip
    assert "extra" in schema.for_frame("risk_weights", pd.DataFrame({"extra": [1.0]})).c


def test_a_table_is_read_as_it_was_stored() -> None:
    stored = Schema().stored("risk_weights", {"fid": "integer", "run_id": "text", "hazard": "text", "old": "number"})
    assert set(stored.c.keys()) == {"fid", "run_id", "hazard", "old"}


def test_the_coordinates_are_those_of_the_database() -> None:
    schema = Schema(CRS.from_epsg(4547))
    assert schema["base_admin"].c.geometry.type.srid == 4547
    kind = geometry_type("POINT", 4490)
    column: sa.Column[object] = sa.Column("g", kind)
    assert "geometry(POINT,4490)" in str(column.type.compile(dialect=postgresql.dialect()))
    assert column.type.compile(dialect=sqlite.dialect()) == "POINT"


def test_a_form_that_a_study_replaces_changes_its_table(tmp_path: Path) -> None:
    assert "own_field" not in Schema().of_form("levee").c
    own = tmp_path / "levee.yml"
    data = yaml.safe_load(Path(standards.__file__).with_name("survey_forms").joinpath("levee.yml").read_text("utf-8"))
    data["data"]["fields"].append({"name": "own_field", "zh": "自定义", "type": "integer", "required": True})
    own.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with standards.session({"survey_forms/levee": own}):
        assert not Schema().of_form("levee").c["own_field"].nullable
