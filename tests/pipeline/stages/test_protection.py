"""Protection standards: for a study, by area, by the ground behind a levee."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from riskzoning.config import ProtectionConfig
from riskzoning.errors import ConfigError
from riskzoning.pipeline.stages.protection import protected, protection_of

X, Y = 500_000, 3_900_000


@pytest.fixture
def areas() -> gpd.GeoDataFrame:
    boxes = [
        shapely.box(X, Y, X + 300, Y + 100),
        shapely.box(X + 100, Y, X + 200, Y + 100),
        shapely.box(X, Y, X + 1, Y + 1),
    ]
    return gpd.GeoDataFrame({"years": [20, "100", None]}, geometry=boxes, crs="EPSG:4547")


def test_the_higher_standard_holds_where_areas_overlap(areas: gpd.GeoDataFrame, make_grid: Any) -> None:
    layer = protected(areas.to_crs(4490), "years", make_grid(rows=1, columns=4), within=None, name="areas")
    np.testing.assert_array_equal(layer, [[20, 100, 20, np.nan]])


def test_a_levee_protects_the_ground_within_some_metres(make_grid: Any) -> None:
    levee = gpd.GeoDataFrame({"years": [50]}, geometry=[shapely.LineString([(X, Y), (X, Y + 300)])], crs="EPSG:4547")
    grid = make_grid(rows=3, columns=4)
    layer = protected(levee, "years", grid, within=160, name="levees")
    assert layer.notnull().values[1].tolist() == [True, True, False, False]
    for wrong, rule in (({"within": None}, "loss.protection_lines"), ({"within": 9.0}, "study.class_column")):
        column = "years" if rule.startswith("loss") else "height"
        with pytest.raises(ConfigError) as caught:
            protected(levee, column, grid, name="levees", **wrong)
        assert caught.value.problems[0].rule == rule


def run(areas: gpd.GeoDataFrame, grid: Any, **given: ProtectionConfig) -> Any:
    study = SimpleNamespace(risk=SimpleNamespace(protection=given))
    catalogue = SimpleNamespace(vector=lambda name: areas)
    return SimpleNamespace(setting=SimpleNamespace(study=study, grid=grid), catalogue=catalogue)


def test_what_a_study_states_goes_before_the_usual(areas: gpd.GeoDataFrame, make_grid: Any) -> None:
    grid = make_grid(rows=1, columns=4)
    usual = protection_of(run(areas, grid), "flood")
    assert usual is not None
    assert (usual.years, usual.text, usual.share) == (2.0, "2 a (default)", 1.0)
    assert protection_of(run(areas, grid), "earthquake") is None
    stated = protection_of(run(areas, grid, flood=ProtectionConfig(years=20)), "flood")
    assert stated is not None
    assert stated.text == "20 a"
    by_area = protection_of(run(areas, grid, flood=ProtectionConfig(areas="polders", column="years")), "flood")
    assert by_area is not None
    assert by_area.typical == 20
    assert (by_area.share, by_area.text) == (0.75, "by area: polders, column years")
