"""The check at the door that hazards and receptors share."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from pydantic_core import core_schema

from riskzoning.errors import GridMismatchError, Journal, LayerError, MissingCRSError, Phrase, SurveyError, hearing
from riskzoning.grid import analysis_grid
from riskzoning.hazards import HAZARDS
from riskzoning.inputs import (
    InputSpec,
    Section,
    Whole,
    check_columns,
    check_inputs,
    has_grid,
    look_over,
    numbers_of,
    params_problem,
    unusual,
    wanted,
)
from riskzoning.layers import LayerFacts, layer_on
from riskzoning.layers.plausible import settled

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


@pytest.mark.parametrize(
    ("hazard", "params", "rule", "said"),
    [
        ("flood", {"breaks": [3, 2, 1]}, "params.flood_breaks", "由小到大"),
        ("flood", {"form": "weighted"}, "params.flood_form", "weights"),
        ("flood", {"form": "weighted", "weights": [0.5, 0.2]}, "params.flood_weights", "0.7"),
        ("flood", {"form": "sum"}, "hazard.params", "以下之一：integral、weighted"),
        ("earthquake", {"reference_period": 0}, "hazard.params", "大于 0"),
    ],
)
def test_wrong_parameters_are_said_in_chinese_too(hazard: str, params: dict[str, Any], rule: str, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        HAZARDS[hazard].params.model_validate(params)
    problem = params_problem("hazard.params", caught.value.errors()[0], Phrase("hazard", name=hazard))
    assert problem.rule == rule
    assert said in problem.text("zh")


def test_true_is_no_number() -> None:
    class Roads(Section):
        lanes: Whole = 2

    with pytest.raises(ValidationError) as caught:
        Roads.model_validate({"lanes": True})
    assert params_problem("hazard.params", caught.value.errors()[0], "roads").rule == "study.truth"


@pytest.mark.parametrize(("form", "rule"), [(False, "input.columns"), (True, "form.columns")])
def test_all_columns_that_a_table_lacks_are_named(form: bool, rule: str) -> None:
    with pytest.raises(SurveyError if form else LayerError) as raised:
        check_columns(pd.DataFrame({"a": [1]}), ("a", "b", "c"), Phrase("layer", name="t"), form=form)
    (problem,) = raised.value.problems
    assert (problem.rule, dict(problem.values)["missing"]) == (rule, ("b", "c"))
    assert all(problem.text(lang) for lang in ("zh", "en"))


def test_a_column_as_numbers() -> None:
    table = pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": ["2", "x"]})
    assert numbers_of(table, "a").tolist()[0] == 1.0
    assert np.isnan(numbers_of(table, "b")[1])
    assert numbers_of(table, "c").isna().all()


LANDS = InputSpec("rocks", "layer", "lithology")
RAIN = InputSpec("rain", "layer", "precipitation", lowest=(0, 100), highest=(30, 1500))


@pytest.mark.parametrize(
    ("spec", "low", "high", "whole", "rules"),
    [
        (RAIN, 0, 30, True, []),
        (RAIN, 0, 29.9, False, ["input.highest"]),
        (RAIN, 101, 1501, False, ["input.lowest", "input.highest"]),
        (LANDS, 1, 4, True, []),
        (LANDS, 1, 4, False, ["input.codes"]),
        (InputSpec("x", "layer"), -9, 9, False, []),
    ],
)
def test_ends_and_codes_that_are_unusual(spec: InputSpec, low: float, high: float, whole: bool, rules: Any) -> None:
    facts = LayerFacts(cells=4, valid=4, minimum=low, maximum=high, total=0.0, whole=whole)
    problems = unusual(facts, spec, "x.tif")
    assert [problem.rule for problem in problems] == rules
    assert all(problem.severity == "warning" and problem.text("zh") for problem in problems)
    assert unusual(replace(facts, valid=0), spec, "x.tif") == []


def test_points_are_no_lines() -> None:
    rivers = InputSpec("rivers", "lines")
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0], [0]), crs=4547)
    with pytest.raises(LayerError) as raised:
        check_inputs([rivers], {"rivers": points}, thing=lambda key: Phrase("input", name=key))
    assert raised.value.problems[0].rule == "vector.type"
    check_inputs(
        [rivers], {"rivers": points.assign(geometry=points.buffer(1))}, thing=lambda key: Phrase("input", name=key)
    )


def test_a_layer_in_memory_is_looked_over_and_a_lazy_one_is_not() -> None:
    geobox = analysis_grid((0, 0, 200, 100), crs="EPSG:4547", resolution=100)
    rain = layer_on(geobox, np.array([[0.1, 0.2]]), quantity="precipitation")
    for layer, count in ((rain, 1), (rain.chunk(x=1), 0), (rain.expand_dims(time=[0]), 0)):
        with hearing(Journal()) as heard:
            look_over(layer, RAIN, Phrase("input", name="rain"))
        assert len(heard.warnings) == count
    with settled(), hearing(Journal()) as heard:
        look_over(rain, RAIN, Phrase("input", name="rain"))
    assert heard.warnings == []


@pytest.mark.parametrize("kind", sorted(get_args(core_schema.ErrorType)))
def test_whatever_pydantic_says_is_said_in_chinese(kind: str) -> None:
    context = {"gt": 1, "ge": 1, "lt": 1, "le": 1, "max_length": 3, "min_length": 2, "expected": "'a' or 'b'"}
    row: Any = {"type": kind, "loc": ("window",), "msg": "Input should be a frob", "input": {"a": 1}, "ctx": context}
    problem = params_problem("hazard.params", row, Phrase("hazard", name="flood"))
    text = problem.text("zh")
    assert "Input" not in text
    assert "frob" not in text
    assert re.search("[\u4e00-\u9fff]", wanted(row).text("zh"))
    assert wanted(row).text("en") != ""


def test_a_value_that_is_missing_is_not_shown_as_all_the_others() -> None:
    row: Any = {"type": "missing", "loc": ("lines",), "msg": "Field required", "input": {"lanes": 2}}
    problem = params_problem("exposure.params", row, Phrase("receptor", name="roads"))
    assert problem.text("zh").startswith(
        "承灾体“公路（roads）”，字段“lines”的值为空；要求：有效的参数值（必须给出的值）"
    )
    assert "is empty; expected a valid value (a value that has to be given)" in problem.text("en")
