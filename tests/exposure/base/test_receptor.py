"""The specification of a receptor and what it says of its counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from riskzoning.errors import ConfigError, LayerError, Problem
from riskzoning.exposure.base.receptor import (
    Counted,
    CountSpec,
    Exposed,
    Ground,
    ReceptorSpec,
    StudyUnits,
    beyond,
    feature_count,
    raster_count,
)
from riskzoning.inputs import InputSpec, Section
from riskzoning.layers import Total, layer_on


class Params(Section):
    raster: str
    factor: float = 1.0


def make_spec(problems: list[Problem] | None = None) -> ReceptorSpec[Params]:
    return ReceptorSpec(
        name="harbours",
        counts=(CountSpec("population", "population"), CountSpec("gdp_yuan", "gdp")),
        inputs=(InputSpec("raster", "layer", "population", native=True),),
        params=Params,
        count=lambda inputs, params, ground: Exposed({"population": Counted(inputs["raster"], Total(params.factor))}),  # type: ignore[arg-type]
        check=lambda inputs, params, units: problems or [],
        preferred=("gdp_yuan", "population"),
    )


@pytest.fixture
def ground(make_grid: Any, make_towns: Any) -> Ground:
    grid = make_grid()
    return Ground(grid, StudyUnits(make_towns(grid, 1)))


def test_a_count_knows_its_unit_and_title() -> None:
    count = CountSpec("gdp_yuan", "gdp")
    assert (count.units, count.title("zh"), count.title("en")) == ("yuan", "地区生产总值（元）", "GDP (yuan)")


def test_parameters_come_as_a_mapping_or_checked(ground: Ground) -> None:
    raster = layer_on(ground.grid, 1.0, quantity="population")
    for params in ({"raster": "a", "factor": 3}, Params(raster="a", factor=3)):
        assert make_spec().prepare({"raster": raster}, params, ground).counts["population"].total == Total(3)
    with pytest.raises(ConfigError) as caught:
        make_spec().prepare({"raster": raster}, {"factor": "many"}, ground)
    assert [problem.field for problem in caught.value.problems] == ["raster", "factor"]


def test_errors_of_the_contents_are_refused_and_warnings_are_not(ground: Ground) -> None:
    inputs = {"raster": layer_on(ground.grid, 1.0, quantity="population")}
    thing = make_spec().thing("raster")
    warning = Problem("table.double", thing, severity="warning", codes=["1"])
    make_spec([warning]).prepare(inputs, {"raster": "a"}, ground)
    with pytest.raises(LayerError) as caught:
        make_spec([warning, warning.at(severity="error")]).prepare(inputs, {"raster": "a"}, ground)
    assert len(caught.value.problems) == 1


def test_entries_and_the_count_of_the_index() -> None:
    spec = make_spec()
    assert spec.entries(Params(raster="a")) == {"raster": "a"}
    assert spec.indexed({"population": 1}) == "population"
    assert spec.indexed({"population": 1, "gdp_yuan": 1}) == "gdp_yuan"
    assert spec.weight is None
    assert str(spec.thing("raster")) == "input 'raster' of receptor 'harbours'"


def test_what_lies_beyond_the_grid_is_part_of_the_total(ground: Ground, make_grid: Any) -> None:
    wide = layer_on(make_grid(rows=6, columns=8), np.ones((6, 8)), quantity="population")
    layer, total = raster_count(wide, ground)
    assert (float(layer.sum()), total) == (20.0, Total(48.0, beyond_grid=28.0))
    assert beyond(wide, wide.odc.geobox) == 0
    assert feature_count(layer.assign_attrs(outside=5.0)).total == Total(25.0, beyond_grid=5.0)
