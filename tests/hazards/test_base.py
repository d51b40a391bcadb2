from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dask.array as da
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import BaseModel, ConfigDict

from riskzoning.errors import ConfigError, GridMismatchError, LayerError, MissingCRSError, UnitsError
from riskzoning.hazards.base import (
    HazardSpec,
    InputSpec,
    by_cell,
    check_inputs,
    open_inputs,
    settle_params,
    target_grid,
    valid_values,
)
from riskzoning.layers import grid_of

MakeLayer = Callable[..., xr.DataArray]


class Options(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    radius_m: float = 500.0
    sub: tuple[int, int] = (1, 2)


def make_spec(*inputs: InputSpec) -> HazardSpec:
    return HazardSpec(
        name="hail",
        group="meteorology",
        title={"zh": "冰雹", "en": "Hail"},
        inputs=inputs,
        params=Options,
        assess=lambda inputs: xr.Dataset(),
        calibrate=lambda inputs, params: {},
        prepare=lambda inputs, params, grid: {**inputs, "prepared": params.radius_m},
    )


DEPTH = InputSpec("depth", "stack", "flood_depth", alternatives=("dem",))
DEM = InputSpec("dem", "layer", "elevation", required=False, native=True)
POINTS = InputSpec("points", "points", required=False, columns=("size_mm", "day"))
STATIONS = InputSpec("stations", "stations", required=False, columns=("tmin",))


def problems(spec: HazardSpec, inputs: dict[str, Any], **options: Any) -> tuple[type, list[str], str]:
    with pytest.raises(LayerError) as caught:
        check_inputs(spec, inputs, **options)
    for problem in caught.value.problems:
        assert all((problem.file, problem.found, problem.required, problem.fix))
    return type(caught.value), [problem.rule for problem in caught.value.problems], str(caught.value)


def test_right_inputs_pass_and_unknown_keys_are_left_alone(make_layer: MakeLayer) -> None:
    stack = make_layer(np.ones((2, 4, 5)), "flood_depth", return_periods=[5, 100])
    check_inputs(make_spec(DEPTH, DEM), {"depth": stack, "dem": None, "own": 3})


def test_missing_input_names_its_stand_ins_and_what_was_given(make_layer: MakeLayer) -> None:
    _, rules, text = problems(make_spec(DEPTH, DEM), {"dpeth": 1})
    assert rules == ["input.missing_any"]
    assert "input 'depth' of hazard 'hail' is missing" in text
    assert "one of depth, dem" in text
    assert "given: dpeth" in text
    check_inputs(make_spec(DEPTH, DEM), {"dem": make_layer(np.ones((4, 5)))})


@pytest.mark.parametrize("value", ["depth.tif", np.ones((3, 3)), 5.0])
def test_wrong_form_says_what_came(value: Any) -> None:
    _, rules, text = problems(make_spec(DEPTH), {"depth": value})
    assert rules == ["input.form"]
    assert type(value).__name__ in text


def test_stack_needs_return_periods(make_layer: MakeLayer) -> None:
    _, rules, _ = problems(make_spec(DEPTH), {"depth": make_layer(np.ones((4, 5)), "flood_depth")})
    assert rules == ["input.return_period"]


def test_series_have_time_and_cells_or_stations(make_layer: MakeLayer) -> None:
    spec = make_spec(InputSpec("rain", "series", "precipitation"))
    days = xr.concat([make_layer(np.ones((4, 5)), "precipitation")] * 3, dim="time", combine_attrs="override")
    check_inputs(spec, {"rain": days}, grid=grid_of(days))
    check_inputs(spec, {"rain": xr.DataArray(np.ones((3, 2)), dims=("time", "station"))})
    assert target_grid(spec, {"rain": days}, None) == grid_of(days)
    assert problems(spec, {"rain": days.isel(time=0)})[1] == ["input.series"]
    assert problems(spec, {"rain": days.assign_attrs(units="inch")})[0] is UnitsError


def test_one_kind_of_problem_keeps_its_class(make_layer: MakeLayer) -> None:
    stack = make_layer(np.ones((1, 4, 5)), "flood_depth", return_periods=[5])
    kind, _, text = problems(make_spec(DEPTH), {"depth": stack.assign_attrs(units="cm")})
    assert kind is UnitsError
    assert "input 'depth' of hazard 'hail' has units 'cm'" in text
    frame = gpd.GeoDataFrame({"size_mm": [3], "day": [1]}, geometry=gpd.points_from_xy([1], [2]))
    assert problems(make_spec(POINTS), {"points": frame})[0] is MissingCRSError


def test_several_problems_come_together(make_layer: MakeLayer) -> None:
    frame = gpd.GeoDataFrame({"size_mm": [3]}, geometry=gpd.points_from_xy([1], [2]), crs="EPSG:4490")
    inputs = {"dem": make_layer(np.ones((4, 5))).assign_attrs(units="cm"), "points": frame}
    kind, rules, text = problems(make_spec(InputSpec("depth", "stack"), DEM, POINTS), inputs)
    assert kind is LayerError
    assert rules == ["input.missing", "layer.units", "input.columns"]
    assert "lacks the columns day" in text


def test_columns_of_tables_and_stations() -> None:
    table = InputSpec("table", "table", columns=("code",))
    assert problems(make_spec(table), {"table": pd.DataFrame({"x": [1]})})[1] == ["input.columns"]
    series = xr.Dataset({"tmax": (("station", "time"), np.ones((2, 3)))})
    assert problems(make_spec(STATIONS), {"stations": series})[1] == ["input.columns"]
    check_inputs(make_spec(STATIONS), {"stations": series.rename(tmax="tmin")})


def test_layers_must_lie_on_the_grid_but_native_ones_need_not(make_layer: MakeLayer, make_grid: Any) -> None:
    grid = make_grid()
    stack = make_layer(np.ones((1, 4, 5)), "flood_depth", return_periods=[5], left=400000)
    dem = make_layer(np.ones((9, 9)), left=400000)
    check_inputs(make_spec(DEPTH, DEM), {"dem": dem}, grid=grid)
    kind, rules, text = problems(make_spec(DEPTH, DEM), {"depth": stack, "dem": dem}, grid=grid)
    assert kind is GridMismatchError
    assert rules == ["layer.same_grid"]
    assert "input 'depth'" in text


def test_target_grid_prefers_the_one_asked_for_then_layers_then_native_ones(
    make_layer: MakeLayer, make_grid: Any
) -> None:
    stack = make_layer(np.ones((1, 4, 5)), "flood_depth", return_periods=[5])
    dem = make_layer(np.ones((9, 9)))
    spec = make_spec(DEM, DEPTH)
    asked = make_grid(rows=2, columns=2)
    assert target_grid(spec, {"depth": stack, "dem": dem}, asked) == asked
    assert target_grid(spec, {"depth": stack, "dem": dem}, None) == grid_of(stack)
    assert target_grid(spec, {"dem": dem}, None) == grid_of(dem)
    with pytest.raises(LayerError, match="got no grid"):
        target_grid(spec, {}, None)


def test_open_inputs_settles_params_grid_and_preparation(make_layer: MakeLayer) -> None:
    stack = make_layer(np.ones((1, 4, 5)), "flood_depth", return_periods=[5])
    opened = open_inputs(make_spec(DEPTH, DEM), {"depth": stack}, {"radius_m": 20}, None)
    assert opened.inputs["prepared"] == 20
    assert opened.params == Options(radius_m=20)
    assert opened.grid == grid_of(stack)


def test_params_are_settled_or_refused_with_every_field() -> None:
    assert settle_params(Options, None, thing="hazard 'hail'") == Options()
    assert settle_params(Options, Options(radius_m=1), thing="").radius_m == 1
    with pytest.raises(ConfigError) as caught:
        settle_params(Options, {"radius_m": "far", "radius": 5, "sub": (1, "b")}, thing="hazard 'hail'")
    assert [problem.field for problem in caught.value.problems] == ["radius_m", "sub.1", "radius"]
    assert "one of radius_m, sub" in str(caught.value)
    with pytest.raises(ConfigError, match="parameters of type int"):
        settle_params(Options, 5, thing="hazard 'hail'")  # type: ignore[arg-type]


def test_specification_gives_an_input_by_key() -> None:
    spec = make_spec(DEPTH, DEM)
    assert spec.input("dem") is DEM
    with pytest.raises(LayerError, match="one of depth, dem"):
        spec.input("rivers")


def test_valid_values_has_one_mark_for_missing(make_layer: MakeLayer) -> None:
    depth = make_layer(np.array([[np.nan, -np.inf, np.inf, -9999.0, 0.0]], dtype=np.float32), "flood_depth")
    found = valid_values(depth, quantity="flood_depth")
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [[np.nan, np.nan, np.nan, np.nan, 0.0]])
    height = make_layer(np.array([[-3, 5]]), "elevation")
    np.testing.assert_array_equal(valid_values(height, quantity="elevation"), [[-3.0, 5.0]])


def double(a: np.ndarray[Any, Any], b: Any = 1.0) -> np.ndarray[Any, Any]:
    return 2.0 * a * b


def test_by_cell_gives_back_what_it_got(make_layer: MakeLayer) -> None:
    assert by_cell(double, 3) == 6.0
    assert isinstance(by_cell(double, 3), float)
    np.testing.assert_array_equal(by_cell(double, [1, 2], 3), [6, 12])
    blocks = by_cell(double, da.ones(4, chunks=2), 3.0)
    assert isinstance(blocks, da.Array)
    np.testing.assert_array_equal(blocks, [6, 6, 6, 6])
    layer = make_layer(np.ones((4, 5)), "flood_depth")
    found = by_cell(double, layer.chunk({"y": 2}), layer, quantity="composite_risk_degree")
    assert found.chunks is not None
    assert found.attrs["quantity"] == "composite_risk_degree"
    assert grid_of(found) == grid_of(layer)


def test_by_cell_refuses_layers_of_two_grids(make_layer: MakeLayer) -> None:
    with pytest.raises(GridMismatchError):
        by_cell(double, make_layer(np.ones((4, 5))), make_layer(np.ones((4, 5)), left=400000))


def test_by_cell_keeps_the_return_periods_in_front(make_layer: MakeLayer) -> None:
    stack = make_layer(np.ones((2, 4, 5)), "flood_depth", return_periods=[5, 100])
    found = by_cell(double, stack, make_layer(np.full((4, 5), 2.0), "mask"), quantity="flood_depth")
    assert found.dims == ("return_period", "y", "x")
    assert float(found.max()) == 4.0


def test_grid_type_is_the_value_type_of_the_field(make_grid: Callable[..., GeoBox]) -> None:
    assert isinstance(target_grid(make_spec(), {}, make_grid()), GeoBox)
