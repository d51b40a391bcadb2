"""Arguments of public functions through the checks of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dask.array as da
import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import Journal, LayerError, UnitsError, hearing
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.flood import composite_risk, equivalent_depth, flood_severity
from riskzoning.hazards.forest_fire import htz_sum
from riskzoning.hazards.meteorology import cold_wave_level, dry_hot_wind, rain_grade, snow_grade, snow_water
from riskzoning.layers.plausible import plausible, settled, takes
from riskzoning.methods.terrain import slope

Make = Callable[..., Any]
N = np.nan


@pytest.mark.parametrize(
    "call",
    [
        lambda: composite_risk([0, 30, 80, 120, 200.0], [5, 10, 20, 50, 100]),
        lambda: composite_risk(np.full((2, 3, 3), 55.0), [5, 10]),
        lambda: flood_severity([[45.0], [200.0]], [20, 100]),
        lambda: rain_grade(np.array([32766.0, 60.0])),
        lambda: rain_grade(3000),
        lambda: snow_grade([1, 2500]),
        lambda: snow_water([3.0], [273.15]),
        lambda: dry_hot_wind(np.array([309.0]), np.array([28.0]), np.array([3.0])),
        lambda: dry_hot_wind([36.0], [2800.0], [3.0]),
        lambda: dry_hot_wind([36.0], [28.0], [300.0]),
        lambda: cold_wave_level(np.array([280.0, 270.0])),
        lambda: cold_wave_level(pd.Series([280.0, 270.0], pd.date_range("2020-01-01", periods=2))),
        lambda: htz_sum(285.0, 60.0, 2, 9.0),
    ],
)
def test_values_that_cannot_be_in_the_unit_are_refused(call: Callable[[], Any]) -> None:
    with pytest.raises(LayerError) as caught:
        call()
    assert caught.value.problems[0].rule == "argument.range"
    assert "study.yaml" not in str(caught.value)


def test_layers_with_another_unit_are_refused_by_their_label(make_layer: Make) -> None:
    deep = make_layer(np.ones((2, 2)), "flood_depth")
    for call in (
        lambda: composite_risk(
            make_layer(np.ones((1, 2, 2)), "flood_depth", return_periods=[5]).assign_attrs(units="cm")
        ),
        lambda: equivalent_depth(
            deep, velocity=make_layer(np.ones((2, 2)), "flood_velocity").assign_attrs(units="km/h")
        ),
        lambda: equivalent_depth(deep, duration=make_layer(np.ones((2, 2)), "flood_duration").assign_attrs(units="d")),
        lambda: rain_grade(make_layer(np.ones((2, 2)), "temperature")),
        lambda: rain_grade(make_layer(np.ones((2, 2)), "temperature").chunk()),
        lambda: slope(make_layer(np.ones((3, 3)), "elevation").assign_attrs(units="ft")),
    ):
        with pytest.raises(UnitsError) as caught:
            call()
        assert caught.value.problems[0].rule == "argument.units"


def test_fill_values_are_missing_with_a_word_in_every_container(make_layer: Make) -> None:
    days = pd.Series([5.0, 9999.0])
    given: list[Any] = [
        np.array([5.0, 9999.0]),
        [5.0, 9999.0],
        days,
        make_layer(np.array([[5.0, 9999.0]]), "precipitation"),
    ]
    for values in given:
        with hearing(Journal()) as journal:
            grades = np.ravel(np.asarray(rain_grade(values)))
        assert np.array_equal(grades, [1, N], equal_nan=True)
        assert [problem.rule for problem in journal.warnings] == ["layer.nodata"]
    assert days.tolist() == [5.0, 9999.0]
    with hearing(Journal()) as journal:
        assert np.isnan(rain_grade(np.array([-9999.0, -1.0]))).all()
    assert journal.warnings == []


def test_what_needs_no_change_is_handed_back(make_layer: Make) -> None:
    for values in (3.5, np.array([1.0, N]), [1, 2], make_layer(np.ones((2, 2)), "flood_depth"), None):
        assert plausible(values, "flood_depth", name="depth") is values
    lazy = make_layer(np.array([[1.0, 99.0]]), "flood_depth").chunk()
    assert plausible(lazy, "flood_depth", name="depth").chunks is not None
    with hearing(Journal()) as journal:
        plausible([9500.0], "elevation", name="dem")
    assert [(problem.rule, problem.severity) for problem in journal.warnings] == [("argument.range", "warning")]


def test_a_hazard_checks_what_stands_in_memory_once_at_its_door(make_layer: Make) -> None:
    depth = make_layer(np.full((2, 3, 3), 250.0), "flood_depth", return_periods=[5, 100])
    with pytest.raises(LayerError) as caught:
        HAZARDS["flood"].assess({"depth": depth})
    assert caught.value.problems[0].rule == "argument.range"
    # What is computed on the way may exceed what is measured: 29 m deep, fast and long, count as more than 30 m.
    depth = make_layer(np.stack([np.full((3, 3), 28.5), np.full((3, 3), 29.0)]), "flood_depth", return_periods=[5, 100])
    fast = make_layer(np.full((3, 3), 4.0), "flood_velocity")
    made = HAZARDS["flood"].assess({"depth": depth, "velocity": fast})
    assert float(made["intensity"].max()) > 30
    with settled():
        assert float(composite_risk([40.0], [5]).risk_degree) == pytest.approx(8)


def test_lazy_values_are_looked_at_when_they_are_computed(make_layer: Make) -> None:
    depth = make_layer(np.full((2, 3, 3), 250.0), "flood_depth", return_periods=[5, 100])
    for given in (depth.chunk(y=1), da.from_array(depth.values, chunks=1)):
        lazy = composite_risk(given, [5, 100]).risk_degree
        with pytest.raises(LayerError) as caught:
            lazy.compute()
        assert caught.value.problems[0].rule == "argument.range"
        with settled():
            assert float(composite_risk(given, [5, 100]).risk_degree.max()) > 30
    deep = composite_risk(depth.chunk(y=1) / 100, [5, 100]).risk_degree
    assert np.allclose(deep, composite_risk(depth.values / 100, [5, 100]).risk_degree)


def test_arguments_are_checked_by_name_however_they_are_given() -> None:
    @takes("rain", rain="precipitation", heat="temperature")
    def both(rain: Any, heat: Any = 20.0) -> tuple[Any, Any]:
        """Both."""
        return rain, heat

    assert both(-1.0) == (-1.0, 20.0)
    assert both.__doc__ == "Both."
    for call in (lambda: both(1.0, 300.0), lambda: both(1.0, heat=300.0), lambda: both(rain=5000.0)):
        with pytest.raises(LayerError):
            call()
