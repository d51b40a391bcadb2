from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from pydantic import BaseModel, ConfigDict

from riskzoning import standards
from riskzoning.errors import GridMismatchError, LayerError, MissingCRSError, StandardTableError, UnitsError
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.base import (
    HazardSpec,
    InputSpec,
    Prepared,
    Stages,
    as_dataset,
    check_inputs,
    on_ladder,
    rehearse,
)
from riskzoning.layers import grid_of, layer_on
from riskzoning.methods.ladders import Ladder

MakeLayer = Callable[..., xr.DataArray]


class Options(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    radius_m: float = 500.0
    sub: tuple[int, int] = (1, 2)


HAIL = Ladder("hail", none=0, limits=(1, 2, 3), full=5, units="1/a", closed="left", scheme="flood_4")


def make_spec(*inputs: InputSpec) -> HazardSpec:
    return HazardSpec(
        name="hail",
        params=Options,
        stages=Stages(
            calibrate=lambda prepared, params: {"most": prepared.facts["most"]},
            assess=lambda prepared, params, grid, scale: as_dataset(
                {"days": layer_on(grid, 2.0, quantity="event_count")},
                most=f"{scale['most']:g}",
                rows=str(grid.shape[0]),
            ),
            prepare=lambda inputs, params, grid: Prepared(facts={"most": params.radius_m}),
        ),
        title={"zh": "冰雹", "en": "Hail"},
        method={"zh": "", "en": ""},
        inputs=inputs,
        outputs={},
        ladder=HAIL,
        measure="days",
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


def test_the_door_settles_params_and_grid_and_hands_on_what_is_prepared(make_layer: MakeLayer, make_grid: Any) -> None:
    stack = make_layer(np.ones((1, 4, 5)), "flood_depth", return_periods=[5])
    spec = make_spec(DEPTH, DEM)
    prepared = spec.prepare({"depth": stack, "dem": make_layer(np.ones((9, 9)))}, {"radius_m": 20})
    assert list(prepared.layers) == ["depth"]
    assert prepared.facts == {"most": 20}
    assert spec.calibrate(prepared) == {"most": 20}
    assert spec.assess(prepared, calibration={"most": 3}).attrs == {"most": "3", "rows": "4", "hazard": "hail"}
    assert spec.assess({"depth": stack}, {"radius_m": 7}).attrs["most"] == "7"
    asked = make_grid(rows=2, columns=2)
    with pytest.raises(GridMismatchError, match="input 'depth' of hazard 'hail'"):
        spec.assess({"depth": stack}, grid=asked)
    with pytest.raises(GridMismatchError, match="depth"):
        spec.assess(prepared, grid=asked)
    with pytest.raises(LayerError) as caught:
        spec.assess(Prepared(facts={"most": 1}))
    assert caught.value.problems[0].rule == "hazard.grid"


def test_a_layer_made_off_the_grid_is_refused(make_layer: MakeLayer) -> None:
    spec = make_spec(DEPTH)
    stack = make_layer(np.ones((1, 4, 5)), "flood_depth", return_periods=[5])
    wrong = Prepared({"made": make_layer(np.ones((4, 5)), left=400000)})
    stages = spec.stages._replace(prepare=lambda inputs, params, grid: wrong)
    with pytest.raises(GridMismatchError, match="made"):
        dataclasses.replace(spec, stages=stages).prepare({"depth": stack})


def test_a_rehearsal_is_that_of_the_hazard_or_its_preparation(make_layer: MakeLayer, make_grid: Any) -> None:
    tried: list[str] = []
    spec = make_spec(DEPTH)
    stages = spec.stages._replace(prepare=lambda inputs, params, grid: tried.append("prepare"))
    rehearse(dataclasses.replace(spec, stages=stages), {}, Options(), make_grid())
    stages = stages._replace(rehearse=lambda inputs, params, grid: tried.append("rehearse"))
    rehearse(dataclasses.replace(spec, stages=stages), {}, Options(), make_grid())
    assert tried == ["prepare", "rehearse"]


def test_a_hazard_of_ones_own_brings_its_ladder_or_the_study_does() -> None:
    own = make_spec(DEPTH)
    assert (own.scale, own.grades, own.grade_scheme, own.index.scheme) == (HAIL, 4, "flood_4", "flood_4")
    with standards.session({"ladders/hail": {"none": 0, "limits": [1, 2, 3, 4], "full": 9}}):
        for spec in (own, dataclasses.replace(own, ladder="")):
            assert (spec.grades, spec.grade_scheme) == (5, "risk_5")
            assert spec.scale.full == 9
    assert (own.acts, HAZARDS["flood"].acts) == ("ground", "places")


def test_index_and_grade_are_those_of_the_measure_or_the_hazard_gives_the_index(make_layer: MakeLayer) -> None:
    days = make_layer(np.array([[0.0, 1.0, 2.5, 9.0, np.nan]]), "event_count")
    on = on_ladder(as_dataset({"days": days}, method="counted"), HAIL, "days")
    assert list(on) == ["days", "hazard_index", "hazard_grade"]
    assert on.attrs == {"method": "counted"}
    np.testing.assert_array_equal(on["hazard_index"], [[0, 0.25, 0.625, 1, np.nan]])
    np.testing.assert_array_equal(on["hazard_grade"], [[1, 2, 3, 4, 0]])
    assert (on["hazard_grade"].attrs["scheme"], on["hazard_index"].attrs["ladder"]) == ("flood_4", "hail")
    given = on_ladder(as_dataset({"hazard_index": on["hazard_index"], "days": days}), HAIL)
    assert list(given) == ["days", "hazard_index", "hazard_grade"]
    np.testing.assert_array_equal(given["hazard_grade"], on["hazard_grade"])


def test_a_hazard_without_a_ladder_says_how_to_give_one() -> None:
    spec = dataclasses.replace(make_spec(DEPTH), ladder="")
    assert spec.index.key == "hail_hazard_index"
    with pytest.raises(StandardTableError) as caught:
        _ = spec.scale
    (problem,) = caught.value.problems
    assert problem.rule == "hazard.ladder"
    assert "{ladders/hail: {none: 0" in problem.fix
    three = dataclasses.replace(spec, ladder=Ladder("hail", none=0, limits=(1, 2), full=3, units="1/a"))
    with pytest.raises(StandardTableError) as caught:
        _ = three.grade_scheme
    assert caught.value.problems[0].rule == "ladder.scheme"
    assert three.grades == 3


def test_specification_gives_an_input_by_key() -> None:
    spec = make_spec(DEPTH, DEM)
    assert spec.input("dem") is DEM
    with pytest.raises(LayerError, match="one of depth, dem"):
        spec.input("rivers")
