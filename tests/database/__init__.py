"""A database with the run of the toy study, and what it must hold."""

from __future__ import annotations

import geopandas as gpd
import pytest

from riskzoning.database import Database, run_tables
from riskzoning.samples import toy_result


def written(database: Database) -> Database:
    database.write(toy_result())
    return database


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
