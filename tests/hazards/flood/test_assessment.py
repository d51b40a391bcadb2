"""The flood hazard from inputs to index and grade."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import xarray as xr
from pydantic import ValidationError
from shapely.geometry import LineString

from riskzoning import standards
from riskzoning.errors import ConfigError, Journal, LayerError, hearing
from riskzoning.hazards import HAZARDS, flood
from riskzoning.hazards.base import Prepared
from riskzoning.hazards.flood import (
    Params,
    assess,
    calibrate,
    composite_risk,
    equivalent_depth,
    flood_severity,
    prepare,
)
from riskzoning.layers import grid_of

MakeLayer = Callable[..., xr.DataArray]


def dem_of(make_layer: MakeLayer, values: Any, **options: Any) -> xr.DataArray:
    return make_layer(np.asarray(values, dtype=float), "elevation", **options)


def valley(rows: int = 9, columns: int = 11) -> np.ndarray[Any, Any]:
    """A river in the middle column that falls southwards; elevation is the number of steps to it plus its own fall."""
    y, x = np.mgrid[0:rows, 0:columns]
    return 2.0 * np.abs(x - columns // 2) + 0.01 * (rows - y)


def test_severity_is_the_measure_and_the_degree_stays_a_product_of_its_own(
    hazard_grid: Any, example_inputs: Any
) -> None:
    inputs = example_inputs("flood", hazard_grid)
    del inputs["waterlogging_depth"]
    result = assess(inputs)
    np.testing.assert_array_equal(result["severity"], flood_severity(inputs["depth"], velocity=inputs["velocity"]))
    np.testing.assert_array_equal(result["hazard_index"], result["severity"])
    assert set(np.unique(result["hazard_grade"])) == {0, 1, 2, 3, 4}
    assert result["hazard_grade"].attrs["scheme"] == "flood_4"
    deeper = equivalent_depth(inputs["depth"], velocity=inputs["velocity"], duration=inputs["duration"])
    degree = composite_risk(deeper)
    np.testing.assert_array_equal(result["risk_degree"], degree["risk_degree"])
    np.testing.assert_array_equal(result["risk_degree_grade"], degree["grade"])
    assert result["intensity"].dims == ("return_period", "y", "x")


def test_velocity_by_return_period(make_layer: MakeLayer) -> None:
    depth = make_layer(np.array([1.0, 1.0]).reshape(2, 1, 1), "flood_depth", return_periods=[10, 100])
    fast = make_layer(np.array([0.0, 2.0]).reshape(2, 1, 1), "flood_velocity", return_periods=[10, 100])
    # 1 m at 10 years: 4/9; 2 m2/s at 100 years: 2/3 x .75
    assert assess({"depth": depth, "velocity": fast})["severity"].item() == pytest.approx(0.5)
    assert assess({"depth": depth})["severity"].item() == pytest.approx(4 / 9)
    other = fast.assign_coords(return_period=[10.0, 50.0])
    with pytest.raises(LayerError) as caught:
        assess({"depth": depth, "velocity": other})
    assert caught.value.problems[0].rule == "flood.other_periods"


def test_assess_repairs_falling_depths_unless_told_not_to(make_layer: MakeLayer) -> None:
    stack = make_layer(np.array([1.0, 3.0, 2.0]).reshape(3, 1, 1), "flood_depth", return_periods=[5, 10, 20])
    assert assess({"depth": stack})["intensity"].values.ravel().tolist() == [1.0, 2.5, 2.5]
    assert assess({"depth": stack}, {"rising": False})["intensity"].values.ravel().tolist() == [1.0, 3.0, 2.0]


def test_what_a_study_is_told_of_its_files_is_told_of_layers_in_memory(make_layer: MakeLayer) -> None:
    base = np.array([[0.5, 1.0, 2.5]])

    def told(*planes: Any) -> list[str]:
        stack = make_layer(np.stack(planes).astype(float), "flood_depth", return_periods=[5, 10, 20])
        with hearing(Journal()) as heard:
            assess({"depth": stack})
        return [problem.rule for problem in heard.warnings]

    assert told(base, base + 0.5, base + 1) == []
    assert told(base, base, base + 1) == ["layer.identical"]
    assert told(base, base + 1, base + np.array([1, 1, 0.2])) == ["layer.falls_repaired"]
    assert told(base - 1, base, base + 1) == ["layer.dry"]  # negative is no data
    assert told(base * np.nan, base * np.nan, base * np.nan) == ["layer.empty"]
    with pytest.raises(LayerError) as caught:
        told(base + 1, base + 0.5, base)
    assert caught.value.problems[0].rule == "layer.monotone"


def test_assess_takes_form_weights_and_breaks(make_layer: MakeLayer) -> None:
    stack = make_layer(np.array([1.0, 2.0]).reshape(2, 1, 1), "flood_depth", return_periods=[5, 100])
    found = assess({"depth": stack}, {"form": "weighted", "weights": {5: 0.75, 100: 0.25}, "breaks": (1.0, 1.25, 2.0)})
    assert found["risk_degree"].item() == pytest.approx(1.25)
    assert found["risk_degree_grade"].item() == 3
    # Breaks that were made for one form say nothing of another: what was used is told.
    assert "weighted form" in found.attrs["method"]
    assert "integral form" in assess({"depth": stack}).attrs["method"]
    with pytest.raises(ConfigError, match="ascending"):
        assess({"depth": stack}, {"breaks": (1.0, 0.5, 2.0)})
    frozen = calibrate(Prepared(), {"breaks": (0.01, 0.02, 0.03)})
    assert assess({"depth": stack}, calibration=frozen)["risk_degree_grade"].item() == 4


@pytest.mark.parametrize(
    "params",
    [
        {"form": "weighted"},
        {"weights": {5: 0.5, 10: 0.5}},
        {"form": "weighted", "weights": {5: 0.5, 10: 0.6}},
        {"form": "weighted", "weights": [1.5, -0.5]},
    ],
)
def test_form_and_weights_belong_together(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="weights"):
        Params(**params)


def test_terrain_in_place_of_depths_is_said(make_layer: MakeLayer) -> None:
    height = make_layer(np.array([[0.0, 5.0]]), "height_above_drainage")
    with hearing(Journal()) as heard:
        calibrate({"height_above_drainage": height})
    assert [problem.rule for problem in heard.warnings] == ["flood.terrain"]
    depth = make_layer(np.ones((1, 1, 2)), "flood_depth", return_periods=[10])
    with hearing(Journal()) as heard:
        calibrate({"height_above_drainage": height, "depth": depth})
    assert heard.warnings == []


def test_without_depths_the_terrain_decides(make_layer: MakeLayer) -> None:
    dem = dem_of(make_layer, valley(30, 31))
    found = assess({"elevation": dem}, {"min_upstream_area_km2": 0.3})
    assert found["intensity"].attrs["quantity"] == "height_above_drainage"
    assert "risk_degree" not in found
    assert found["hazard_index"][20, 15].item() == 1.0
    assert found["hazard_grade"][20, 15].item() == 4
    assert found["hazard_grade"][20, 1].item() == 1
    assert found["hazard_grade"].attrs["scheme"] == "flood_4"


def test_prepare_keeps_what_is_there_and_computes_only_when_needed(make_layer: MakeLayer) -> None:
    dem = dem_of(make_layer, valley())
    depth = make_layer(np.ones((1, 9, 11)), "flood_depth", return_periods=[5])
    params, grid = flood.Params(), grid_of(dem)
    assert "height_above_drainage" not in prepare({"depth": depth, "elevation": dem}, params, grid).layers
    height = prepare({"elevation": dem}, params, grid).layers["height_above_drainage"]
    again = prepare({"elevation": dem, "height_above_drainage": height}, params, grid).layers
    assert again["height_above_drainage"] is height


def test_a_wider_dem_and_rivers_are_brought_onto_the_grid(make_layer: MakeLayer, make_grid: Any) -> None:
    dem = dem_of(make_layer, valley(30, 31), left=499_000, bottom=3_899_000)
    grid = make_grid(rows=10, columns=10)
    river = gpd.GeoDataFrame(geometry=[LineString([(500_550, 3_899_000), (500_550, 3_902_000)])], crs="EPSG:4547")
    inputs = {"elevation": dem, "rivers": river.to_crs(4490)}
    found = assess(inputs, {"min_upstream_area_km2": 1000}, grid=grid)
    assert grid_of(found["hazard_index"]) == grid
    assert found["hazard_index"].values[:, 5].min() == 1.0
    assert found["hazard_index"].values[:, 9].max() < 1.0


def test_a_studys_own_table_reaches_lazy_blocks(make_layer: MakeLayer) -> None:
    stack = make_layer(np.ones((1, 2, 2)), "flood_depth", return_periods=[5]).chunk({"x": 1})
    fast = make_layer(np.ones((2, 2)), "flood_velocity").chunk({"x": 1})
    own = {
        "hazards/flood_equivalent_depth": {"data": {"velocity": [[0, 3.0], [9, 3.0]], "duration": [[0, 1.0], [1, 1.0]]}}
    }
    with standards.session(own) as opened:
        found = assess({"depth": stack, "velocity": fast})
    np.testing.assert_allclose(found["risk_degree"].compute(), 0.6)
    assert set(opened.used) - {"quantities", "units", "grades/schemes", "formats/nodata"} <= set(
        HAZARDS["flood"].tables
    )


@pytest.mark.city
def test_class_shares_of_the_city(city_data: Path) -> None:
    periods = [5, 10, 20, 50, 100, 200]
    depths = []
    for years in periods:
        with rasterio.open(city_data / "flood" / f"depth_T{years:03d}.tif") as file:
            band = file.read(1)
            depths.append(np.where(band == file.nodata, np.nan, band))
    found = composite_risk(np.stack(depths), periods)
    counts = np.bincount(found.grade.values.ravel(), minlength=5)
    shares = 100 * counts[1:] / counts[1:].sum()
    assert shares == pytest.approx([95.31, 3.80, 0.83, 0.06], abs=0.006)
    wet = found.grade.values[found.risk_degree.values > 0]
    assert wet.size / counts[1:].sum() == pytest.approx(0.254, abs=0.0006)
    wet_shares = 100 * np.bincount(wet, minlength=5)[1:] / wet.size
    assert wet_shares == pytest.approx([81.54, 14.95, 3.26, 0.24], abs=0.006)
