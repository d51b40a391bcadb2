"""Detention areas in use, and ground that works keep dry."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from shapely.geometry import box

from riskzoning.errors import ConfigError, Journal, LayerError, hearing
from riskzoning.grid import analysis_grid
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.flood import detention_depths, flood_severity
from riskzoning.layers import layer_on

X, Y = 500_000, 3_900_000
GRID = analysis_grid((X, Y, X + 3000, Y + 1000), crs="EPSG:4547", resolution=1000)
PERIODS = [20, 100]


def stack(values: Any) -> xr.DataArray:
    return layer_on(
        GRID, np.array(values, dtype=float).reshape(2, 1, 3), quantity="flood_depth", return_periods=PERIODS
    )


def area(left: int, width: int, **columns: Any) -> gpd.GeoDataFrame:
    shape = box(X + 1000 * left, Y, X + 1000 * (left + width), Y + 1000)
    return gpd.GeoDataFrame({name: [value] for name, value in columns.items()}, geometry=[shape], crs="EPSG:4547")


def test_the_volume_is_held_from_the_period_of_use_on() -> None:
    depths = stack([[0, 0, 0.5], [0.3, 2.0, 1.0]])
    made = detention_depths(depths, area(0, 2, m3=2.4e6, use="50年一遇"), volume="m3", period="use")
    np.testing.assert_allclose(made[0], [[0, 0, 0.5]])
    np.testing.assert_allclose(made[1], [[1.2, 2.0, 1.0]], rtol=2e-3)
    dry = detention_depths(stack(np.zeros(6)), area(0, 2, m3=2.4e6, use=10), volume="m3", period="use")
    # Mass: mean depth x area is the volume.
    np.testing.assert_allclose(dry.sum(("y", "x")) * 1e6, 2.4e6, rtol=2e-3)
    lazy = detention_depths(
        depths.chunk({"x": 1}), area(0, 2, m3=2.4e6, use=50).to_crs(4490), volume="m3", period="use"
    )
    np.testing.assert_allclose(lazy.compute(), made)


def test_the_nine_areas_of_the_wei_river_are_a_metre_and_a_quarter_deep_on_the_mean() -> None:
    # 1.103e9 m3 on 859.86 km2.
    assert pytest.approx(1.2828, abs=1e-4) == 1.103e9 / 859.86e6
    one = area(0, 1, m3=1.103e9 / 859.86, use=20)
    made = detention_depths(stack(np.zeros(6)), one, volume="m3", period="use")
    assert float(made[0, 0, 0]) == pytest.approx(1.2828, rel=2e-3)


def test_volumes_in_another_unit_are_told_by_the_depth_that_they_make() -> None:
    dry = stack([0, 0, 0, 0, 0, 0.1])
    with hearing(Journal()) as heard:  # 120 of 10,000 m3 on 1 km2
        made = detention_depths(dry, area(0, 1, wm3=120, use=50), volume="wm3", period="use")
    (problem,) = heard.warnings
    assert (problem.rule, dict(problem.values)["count"]) == ("flood.detention_film", 1)
    assert float(made.max()) == pytest.approx(0.1)
    with pytest.raises(LayerError) as caught:
        detention_depths(dry, area(0, 1, litres=1.2e9, use=50), volume="litres", period="use")
    assert caught.value.problems[0].rule == "flood.detention_deep"
    with pytest.raises(LayerError) as caught:
        detention_depths(dry, area(0, 1, m3=-1.2e6, use=50), volume="m3", period="use")
    assert caught.value.problems[0].rule == "flood.detention_negative"


def test_areas_that_say_nothing_change_nothing() -> None:
    depths = stack([[0, 0, 0.5], [0.3, 2.0, 1.0]])
    with hearing(Journal()) as heard:
        made = detention_depths(depths, area(0, 2, m3=None, use=50), volume="m3", period="use")
    np.testing.assert_array_equal(made, depths)
    assert [problem.rule for problem in heard.warnings] == ["flood.detention_unknown"]
    with pytest.raises(LayerError) as caught:
        detention_depths(depths, area(0, 2, m3=1), volume="m3", period="use")
    assert caught.value.problems[0].rule == "input.columns"


def test_behind_works_a_flood_is_residual_hazard_up_to_what_they_hold() -> None:
    depths = stack([[2.0, 2.0, 2.0], [4.0, 4.0, 4.0]])
    held = layer_on(GRID, np.array([[20.0, 100.0, np.nan]]), quantity="protection_period")
    got = flood_severity(depths, protection=held)
    # 4 m at 100 a: .75; held: min(.25, .5 x 1) = .25; unprotected: the worse of 2/3 at 20 a and .75.
    np.testing.assert_allclose(got, [[0.75, 0.25, 0.75]])
    shallow = flood_severity(stack([0.3, 0.3, 0.3, 0.3, 0.3, 0.31]), protection=held.copy(data=np.full((1, 3), 500.0)))
    np.testing.assert_allclose(shallow[0, :2], 0.1)  # s = .2, half of it
    assert (flood_severity(depths, protection=held) <= flood_severity(depths)).all()


def test_a_study_asks_for_both_and_else_nothing_changes() -> None:
    depths = stack([[2.0, 2.0, 2.0], [4.0, 4.0, 4.0]])
    works = area(0, 2, rp=100, state="达标")
    inputs: dict[str, Any] = {"depth": depths, "protected_areas": works}
    spec = HAZARDS["flood"]
    plain = spec.assess(inputs)["severity"]
    np.testing.assert_array_equal(plain, spec.assess({"depth": depths})["severity"])
    made = spec.assess(inputs, {"protected_period": "rp"})["severity"]
    np.testing.assert_allclose(made, [[0.25, 0.25, 0.75]])
    bad = {**inputs, "protected_areas": works.assign(state="四类")}
    weak = spec.assess(bad, {"protected_period": "rp", "protected_condition": "state"})["severity"]
    # Works for 100 years in class four keep 30: 2 m at 20 years is held, 4 m at 100 is not.
    np.testing.assert_allclose(weak, [[0.75, 0.75, 0.75]])
    used = {"depth": stack([0, 0, 0, 0, 0, 0.1]), "detention_areas": area(0, 1, m3=2e6, use=50)}
    wet = spec.assess(used, {"detention_volume": "m3", "detention_period": "use"})["intensity"]
    np.testing.assert_allclose(wet.sel(return_period=100), [[2.0, 0.0, 0.1]], rtol=2e-3)
    for params in ({"detention_volume": "m3"}, {"protected_condition": "state"}):
        with pytest.raises(ConfigError):
            spec.assess(used, params)


@pytest.mark.parametrize(
    ("volume", "rule"), [(-1.2e6, "flood.detention_negative"), (1.2e9, "flood.detention_deep"), (1.2e6, None)]
)
def test_the_check_of_a_study_refuses_what_a_run_would(volume: float, rule: str | None) -> None:
    rehearse = HAZARDS["flood"].stages.rehearse
    params = HAZARDS["flood"].params(detention_volume="m3", detention_period="use")
    given = {"depth": stack([0, 0, 0, 0, 0, 0.1]), "detention_areas": area(0, 1, m3=volume, use=50)}
    assert rehearse is not None
    if rule is None:
        rehearse(given, params, GRID)
        return
    with pytest.raises(LayerError) as caught:
        rehearse(given, params, GRID)
    assert caught.value.problems[0].rule == rule
