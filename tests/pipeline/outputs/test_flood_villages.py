"""Villages with their flash-flood danger zone as a layer for a GIS."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning.config import OutputsConfig
from riskzoning.pipeline.outputs.flood_villages import FLOOD_VILLAGES, write_flood_villages
from riskzoning.pipeline.outputs.output import Writing
from riskzoning.samples import toy_result

from . import toy_study

TABLE = pd.DataFrame(
    {
        "code": ["1", "2"], "name": ["甲村", ""], "lon": [113.5, np.nan], "lat": [35.2, np.nan],
        "people": [10.0, np.nan], "first_period": [2.0, np.nan], "zone": [3, 0], "zone_zh": ["极高危险区", ""],
        "status": ["assessed", "not_assessed"],
    }
)  # fmt: skip


def test_villages_with_a_place_are_points_with_their_zone(tmp_path: Path) -> None:
    result = dataclasses.replace(toy_result(), folder=tmp_path, tables={"flood_villages": TABLE})
    write_flood_villages(Writing(toy_study(), result))
    target = tmp_path / "layers" / "flood_villages.gpkg"
    first = target.read_bytes()
    read = gpd.read_file(target)
    assert (len(read), read["zone"].tolist(), read["zone_zh"].tolist()) == (1, [3], ["极高危险区"])
    assert (read.geometry.x[0], read.crs.to_epsg()) == (113.5, 4490)
    write_flood_villages(Writing(toy_study(), result))
    assert target.read_bytes() == first
    assert FLOOD_VILLAGES.asked(OutputsConfig())
    assert list(FLOOD_VILLAGES.left(tmp_path, "990100")) == [target]


def test_without_villages_nothing_is_written(tmp_path: Path) -> None:
    for tables in ({}, {"flood_villages": TABLE.assign(lon=np.nan)}):
        result = dataclasses.replace(toy_result(), folder=tmp_path, tables=tables)
        write_flood_villages(Writing(toy_study(), result))
    assert not list(tmp_path.rglob("*.gpkg"))
