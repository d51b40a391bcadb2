"""The seismic hazard from inputs to index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from shapely.geometry import box

from riskzoning import standards
from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.hazards import HAZARDS, earthquake
from riskzoning.hazards.earthquake import (
    assess,
    calibrate,
    prepare,
)
from riskzoning.layers import grid_of, layer_on

MakeLayer = Callable[..., xr.DataArray]
CLASSES = ("I0", "I1", "II", "III", "IV")
G = 9.80665


def test_index_is_the_site_pga_of_the_basic_level_on_its_ladder(make_layer: MakeLayer) -> None:
    pga = np.array([0.03, 0.04, 0.09, 0.15, 0.2, 0.38, 0.9])
    stack = make_layer(np.stack([pga / 3, pga, pga * 1.9])[:, None, :], "pga", return_periods=[50, 475, 2475])
    result = assess({"pga": stack})
    np.testing.assert_allclose(result["hazard_index"], [[0, 0, 0.25, 0.4, 0.5131579, 0.75, 1]], atol=1e-7)
    np.testing.assert_array_equal(result["hazard_grade"], [[1, 1, 2, 2, 3, 4, 4]])
    np.testing.assert_array_equal(result["basic_pga"], pga[None])
    assert result["basic_pga"].attrs["units"] == "g"
    assert result.attrs["ground"] == "class II everywhere"


def test_intensity_stays_an_output(make_layer: MakeLayer) -> None:
    # PGA (g) of the intensities 4.5, 5, 7.5, 10, 11
    pga = 10 ** ((np.array([4.5, 5, 7.5, 10, 11]) - 6.59) / 3.17) / G
    intensity = assess({"pga": make_layer(pga[None, None, :], "pga", return_periods=[475])})["intensity"]
    np.testing.assert_allclose(intensity.sel(return_period=475), [[4.5, 5, 7.5, 10, 11]], atol=1e-9)
    assert intensity.attrs["quantity"] == "seismic_intensity"


def test_calibration_says_which_level_makes_the_index(make_layer: MakeLayer) -> None:
    pga = make_layer(np.array([0.1, 0.2]).reshape(2, 1, 1), "pga", return_periods=[475, 2475])
    frozen = calibrate({"pga": pga}, {"reference_period": 2475})
    assert frozen == {"reference_period": 2475}
    assert assess({"pga": pga}, calibration=frozen)["basic_pga"].item() == 0.2
    assert assess({"pga": pga})["basic_pga"].item() == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("periods", "said"), [([475], ""), ([474.6], ""), ([50, 2475], ""), ([2475, 10000], "2475 to 10000"), ([50], "50")]
)
def test_a_level_that_stands_in_for_the_basic_one_is_said(make_layer: MakeLayer, periods: Any, said: str) -> None:
    pga = make_layer(np.full((len(periods), 1, 1), 0.2), "pga", return_periods=periods)
    with hearing(Journal()) as heard:
        calibrate({"pga": pga})
    assert [problem.rule for problem in heard.warnings] == ["earthquake.levels"] * bool(said)
    assert all(said in problem.found for problem in heard.warnings)


def test_levels_from_basic_replace_the_given_ones(make_layer: MakeLayer) -> None:
    pga = make_layer(np.full((1, 1, 1), 0.2), "pga", return_periods=[475])
    found = assess({"pga": pga}, {"levels": "from_basic"})
    assert found["site_pga"].values.ravel() == pytest.approx([0.2 / 3, 0.2, 0.38, 0.58])


def test_site_class_polygons_become_codes_on_the_grid(make_layer: MakeLayer) -> None:
    pga = make_layer(np.full((1, 4, 4), 0.1), "pga", return_periods=[475])
    grid = grid_of(pga)
    west = box(500_000, 3_900_000, 500_200, 3_900_400)
    polygons = gpd.GeoDataFrame({"site_class": ["Ⅳ类"]}, geometry=[west], crs=4547).to_crs(4490)
    before = polygons.copy()
    ready = prepare({"pga": pga, "site_class": polygons}, earthquake.Params(), grid)
    np.testing.assert_array_equal(ready.layers["site_class"], [[5, 5, 0, 0]] * 4)
    assert polygons.equals(before)
    found = assess({"pga": pga, "site_class": polygons})
    np.testing.assert_allclose(found["site_pga"][0], [[0.12, 0.12, 0.1, 0.1]] * 4)
    codes = ready.layers["site_class"]
    assert prepare({"pga": pga, "site_class": codes}, earthquake.Params(), grid).layers["site_class"] is codes


def test_a_studys_own_table_reaches_lazy_blocks(make_layer: MakeLayer) -> None:
    pga = make_layer(np.full((1, 2, 2), 0.1), "pga", return_periods=[475]).chunk({"x": 1})
    ground = make_layer(np.full((2, 2), 5, dtype=np.uint8), "site_class")
    own = standards.table("hazards/earthquake_site").data | {"factors": {name: [2.0] * 6 for name in CLASSES}}
    with standards.session({"hazards/earthquake_site": {"data": own}}) as opened:
        found = assess({"pga": pga, "site_class": ground})["site_pga"]
    np.testing.assert_allclose(found.compute(), 0.2)
    assert "hazards/earthquake_site" in opened.used
    assert set(opened.used) <= {
        *HAZARDS["earthquake"].tables,
        "quantities",
        "units",
        "grades/schemes",
        "formats/nodata",
    }


def test_layers_on_one_grid_within_rounding_stay_whole(hazard_grid: Any) -> None:
    pga = layer_on(hazard_grid, 0.2, quantity="pga", return_periods=[475])
    ground = layer_on(hazard_grid, np.uint8(4), quantity="site_class")
    shifted = ground.assign_coords(x=ground.x + 1e-7)
    assert assess({"pga": pga, "site_class": shifted})["hazard_index"].shape == tuple(hazard_grid.shape)


def zones_of_pga(**columns: Any) -> gpd.GeoDataFrame:
    west, east = box(500_000, 3_900_000, 500_200, 3_900_400), box(500_200, 3_900_000, 500_400, 3_900_400)
    return gpd.GeoDataFrame(columns, geometry=[west, east], crs=4547)


@pytest.mark.parametrize(
    "zones", [{"pga": [0.15, 0.20]}, {"code": ["410727", "410724"]}, {"name": ["封丘县", "获嘉县"]}]
)
def test_counties_stand_in_for_the_raster(make_layer: MakeLayer, zones: dict[str, Any]) -> None:
    grid = grid_of(make_layer(np.zeros((1, 4, 4)), "pga", return_periods=[475]))
    found = assess({"pga_zones": zones_of_pga(**zones)}, grid=grid)
    np.testing.assert_allclose(found["hazard_index"][0], [0.4, 0.4, 0.5131579, 0.5131579], atol=1e-6)
    np.testing.assert_array_equal(found["hazard_grade"][0], [2, 2, 3, 3])
    np.testing.assert_allclose(found["site_pga"][:, 0, 3], [0.2 / 3, 0.2, 0.38, 0.58])
    design = assess({"pga_zones": zones_of_pga(**zones)}, {"levels": "gb50011"}, grid=grid)
    np.testing.assert_allclose(design["site_pga"][:, 0, 3], [0.07, 0.2, 0.4, 0.58])


def test_a_raster_comes_before_the_counties_and_outside_them_is_no_data(make_layer: MakeLayer) -> None:
    pga = make_layer(np.full((1, 4, 4), 0.3), "pga", return_periods=[475])
    both = assess({"pga": pga, "pga_zones": zones_of_pga(pga=[0.1, 0.1])})
    np.testing.assert_allclose(both["basic_pga"], 0.3)
    west = zones_of_pga(pga=[0.1, 0.1]).iloc[:1]
    found = assess({"pga_zones": west}, grid=grid_of(pga))
    assert np.isnan(found["hazard_index"].values[0]).tolist() == [False, False, True, True]


def test_a_rarer_earthquake_that_is_milder_is_refused(make_layer: MakeLayer) -> None:
    pga = make_layer(np.array([0.3, 0.1]).reshape(2, 1, 1), "pga", return_periods=[475, 2475])
    with pytest.raises(LayerError) as caught:
        assess({"pga": pga})
    assert caught.value.problems[0].rule == "layer.monotone"
    assert dict(caught.value.problems[0].values)["fall"] == pytest.approx(0.2)


def test_where_zones_overlap_the_higher_value_counts(make_layer: MakeLayer) -> None:
    grid = grid_of(make_layer(np.zeros((1, 4, 4)), "pga", return_periods=[475]))
    whole = box(500_000, 3_900_000, 500_400, 3_900_400)
    for order in ([0.3, 0.1], [0.1, 0.3]):
        zones = gpd.GeoDataFrame({"pga": order}, geometry=[whole, whole], crs=4547)
        with hearing(Journal()) as heard:
            found = assess({"pga_zones": zones}, grid=grid)
        np.testing.assert_allclose(found["basic_pga"], 0.3)
        assert [problem.rule for problem in heard.warnings] == ["earthquake.zones_overlap"]


def test_zones_with_exchanged_degrees_are_refused(make_layer: MakeLayer) -> None:
    grid = grid_of(make_layer(np.zeros((1, 4, 4)), "pga", return_periods=[475]))
    zones = gpd.GeoDataFrame({"pga": [0.2]}, geometry=[box(35, 113.9, 35.5, 114.1)], crs=4490)
    with pytest.raises(LayerError) as refused:
        assess({"pga_zones": zones}, grid=grid)
    assert refused.value.problems[0].rule == "points.swapped"


SLOPED = np.linspace(0.08, 0.3, 16).reshape(1, 4, 4)


@pytest.mark.parametrize(
    ("values", "periods", "rules"),
    [
        (SLOPED * 9.8, [475], ["input.lowest", "input.highest"]),
        (SLOPED[[0, 0]], [475, 2475], ["layer.identical"]),
        (SLOPED * np.nan, [475], ["layer.empty"]),
        (np.concatenate([SLOPED * np.nan, SLOPED]), [50, 475], ["layer.empty_levels"]),
        (SLOPED * 0, [475], ["input.highest"]),
        (SLOPED, [475], []),
    ],
    ids=["m/s2", "one file twice", "no value", "a level without values", "zeros", "right"],
)
def test_motion_that_cannot_be_right_is_told_in_memory(
    make_layer: MakeLayer, values: Any, periods: list[float], rules: list[str]
) -> None:
    with hearing(Journal()) as heard:
        assess({"pga": make_layer(values, "pga", return_periods=periods)})
    assert [problem.rule for problem in heard.warnings] == rules
