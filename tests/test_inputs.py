"""The check at the door that hazards and receptors share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import GridMismatchError, LayerError, MissingCRSError, Phrase
from riskzoning.inputs import InputSpec, check_inputs, has_grid

MakeLayer = Callable[..., Any]
RASTER = InputSpec("raster", "layer", "population", alternatives=("table",))
TABLE = InputSpec("table", "table", required=False, columns=("code", "pop"))


def words(key: str) -> Phrase:
    return Phrase("input_of_receptor", receptor="population", name=key)


def refused(specs: list[InputSpec], inputs: dict[str, Any], **options: Any) -> LayerError:
    with pytest.raises(LayerError) as caught:
        check_inputs(specs, inputs, thing=words, **options)
    return caught.value


def test_one_of_several_is_enough_and_none_is_named(make_layer: MakeLayer) -> None:
    check_inputs([RASTER, TABLE], {"table": pd.DataFrame({"code": ["1"], "pop": [2]})}, thing=words)
    check_inputs([RASTER, TABLE], {"raster": make_layer(np.ones((4, 5)), "population")}, thing=words)
    (problem,) = refused([RASTER, TABLE], {"rastr": None}).problems
    assert problem.rule == "input.missing_any"
    assert dict(problem.values)["keys"] == ("raster", "table")
    assert problem.about == words("raster")
    assert refused([InputSpec("lines", "lines")], {"points": 1}).problems[0].rule == "input.missing"


def test_every_problem_is_told_at_once_in_both_languages() -> None:
    frame = gpd.GeoDataFrame({"users": [1]}, geometry=gpd.points_from_xy([1], [2]))
    error = refused(
        [RASTER, TABLE, InputSpec("points", "points")],
        {"table": pd.DataFrame({"code": ["1"]}), "raster": 5, "points": frame},
    )
    assert [problem.rule for problem in error.problems] == ["input.form", "input.columns", "input.crs"]
    assert "缺少列 pop" in error.problems[1].text("zh")
    assert type(refused([InputSpec("points", "points")], {"points": frame})) is MissingCRSError


def test_a_stack_needs_periods_and_layers_need_the_grid(make_layer: MakeLayer, make_grid: Any) -> None:
    depth = make_layer(np.ones((4, 5)), "flood_depth")
    assert refused([InputSpec("depth", "stack")], {"depth": depth}).problems[0].rule == "input.return_period"
    far = make_layer(np.ones((4, 5)), "population", left=400000)
    assert type(refused([RASTER], {"raster": far}, grid=make_grid())) is GridMismatchError
    check_inputs([InputSpec("raster", "layer", native=True)], {"raster": far}, thing=words, grid=make_grid())
    assert has_grid(far)
    assert not has_grid(pd.DataFrame())
