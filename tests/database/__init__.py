"""A database with the run of the toy study, and what it must hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from riskzoning.database import Database, open_database, run_tables
from riskzoning.results import StudyResult
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


NAMES = ['O\'Brien "小学"', "a;DROP TABLE x;--", "两行\n名称\t", "😀", "<script>alert(1)</script>", "%s {x} \\ '' \"\""]


def shelters(*names: str, **changed: Any) -> gpd.GeoDataFrame:
    """Accepted records of shelters in the townships of the toy city, one a name."""
    count = len(names)
    frame = pd.DataFrame(
        {
            "shelter_id": [f"BN{at:03d}" for at in range(count)],
            "name": list(names),
            "type": "短期避难场所",
            "space": "室外",
            "adcode6": "990101",
            "town9": "990101100",
            "area_m2": 1000.5,
            "capacity": np.arange(count) + 400.0,
            "m2_person": 2.0,
            "lon": 114.0 + np.arange(count) / 100,
            "lat": 35.25,
            "built_year": 2001.0,
            "water": "是",
        }
    ).assign(**changed)
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs="EPSG:4490")


def run_of(run_id: str, day: str = "2026-06-30", **surveys: pd.DataFrame) -> StudyResult:
    """The toy study as another run, with survey records."""
    result = toy_result()
    study = {**result.record.get("study", {}), "data_date": day}
    return replace(result, record={**result.record, "run_id": run_id, "study": study}, surveys=surveys)


class Place(NamedTuple):
    """Where a database of a test lies: a file, or an empty schema of a server."""

    target: str

    def opened(self) -> Database:
        return open_database(self.target)

    def content(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table, without the number of the row."""
        with self.opened() as database:
            frames = {name: pd.DataFrame(database.read(name)).astype(str) for name in database.tables()}
        return {name: sorted(map(tuple, frame.to_numpy().tolist())) for name, frame in frames.items() if len(frame)}
