from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import BaseModel, ConfigDict

from riskzoning.errors import ConfigError
from riskzoning.hazards.inputs import first_grid, input_of, optional_input, settle_params
from riskzoning.inputs import InputSpec
from riskzoning.layers import grid_of

MakeLayer = Callable[..., xr.DataArray]


class Options(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    radius_m: float = 500.0
    sub: tuple[int, int] = (1, 2)


DEPTH = InputSpec("depth", "stack", "flood_depth", alternatives=("dem",))
DEM = InputSpec("dem", "layer", "elevation", required=False, native=True)


def test_params_are_settled_or_refused_with_every_field() -> None:
    assert settle_params(Options, None, hazard="hail") == Options()
    assert settle_params(Options, Options(radius_m=1), hazard="hail").radius_m == 1
    with pytest.raises(ConfigError) as caught:
        settle_params(Options, {"radius_m": "far", "radius": 5, "sub": (1, "b")}, hazard="hail")
    assert [problem.field for problem in caught.value.problems] == ["radius_m", "sub.1", "radius"]
    assert "one of radius_m, sub" in str(caught.value)
    with pytest.raises(ConfigError, match="parameters of type int"):
        settle_params(Options, 5, hazard="hail")  # type: ignore[arg-type]


def test_the_first_grid_is_that_of_layers_then_of_native_ones(make_layer: MakeLayer) -> None:
    stack = make_layer(np.ones((1, 4, 5)), "flood_depth", return_periods=[5])
    dem = make_layer(np.ones((9, 9)))
    assert first_grid((DEM, DEPTH), {"depth": stack, "dem": dem}) == grid_of(stack)
    grid = first_grid((DEM, DEPTH), {"dem": dem})
    assert grid == grid_of(dem)
    assert isinstance(grid, GeoBox)
    assert first_grid((DEM, DEPTH), {}) is None


def test_an_optional_input_is_one_that_is_not_required() -> None:
    item: Any = optional_input("slope", "layer", "slope", product="cell_slope", note="made from elevation")
    assert (item.required, item.product, item.direction) == (False, "cell_slope", 0)


def test_an_input_is_called_with_its_hazard() -> None:
    assert input_of("flood", "depth").text("zh") == "灾种“洪水灾害（flood）”的输入“depth”"
