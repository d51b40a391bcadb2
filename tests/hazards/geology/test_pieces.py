"""What only some studies ask for: terrain factors, slope units, catchments, shaking as trigger, embankments, sums."""

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.geology.pieces import by_unit, unit_means
from riskzoning.layers import layer_on

SPEC = HAZARDS["geology"]


@pytest.fixture
def inputs(example_inputs, hazard_grid):
    made = example_inputs("geology", hazard_grid, seed=5)
    return {key: value for key, value in made.items() if key not in ("rainfall", "subsidence_rate")}


def assessed(inputs, grid, **choices):
    params = SPEC.params(folds=3, repeats=1, **choices)
    with hearing(Journal()):
        prepared = SPEC.prepare(inputs, params, grid)
        scale = SPEC.calibrate(prepared, params)
        return SPEC.assess(prepared, params, grid=grid, calibration=scale), scale, prepared


def test_terrain_factors_are_made_when_named(inputs, hazard_grid):
    names = ("slope", "wetness_index", "plan_curvature", "profile_curvature")
    _, scale, prepared = assessed(inputs, hazard_grid, factors=names)
    assert set(scale["factors"]) | {lost for lost, _, _ in scale["dropped"]} == set(names)
    assert np.isfinite(prepared.layers["plan_curvature"].values[2:-2, 2:-2]).all()
    _, scale, prepared = assessed(inputs, hazard_grid)
    assert "wetness_index" not in prepared.layers
    lacking = {key: value for key, value in inputs.items() if key != "elevation"}
    slope = layer_on(hazard_grid, np.full(tuple(hazard_grid.shape), 12.0), quantity="slope")
    with pytest.raises(LayerError) as caught:
        assessed({**lacking, "slope": slope}, hazard_grid, factors=("slope", "wetness_index"))
    assert caught.value.problems[0].rule == "geology.needs_elevation"


def test_a_slope_unit_has_one_density(inputs, hazard_grid):
    result, scale, prepared = assessed(inputs, hazard_grid, unit="slope_unit", slope_unit_km2=20)
    units, density = prepared.layers["slope_unit"].values, result["relative_density"].values
    inside = (prepared.layers["domain"].values > 0) & np.isfinite(density)
    for unit in np.unique(units[inside]):
        assert np.ptp(density[inside & (units == unit)]) == 0
    assert len(scale["unit_density"]) == units.max() + 1
    cells, _, _ = assessed(inputs, hazard_grid)
    assert density[inside].mean() == pytest.approx(float(cells["relative_density"].values[inside].mean()))


def test_means_of_units_are_over_their_susceptible_ground(make_layer):
    density = make_layer(np.array([[1.0, 3.0, 0.0, np.nan, 5.0]]), "relative_density")
    layers = {
        "domain": make_layer(np.array([[1, 1, 0, 1, 1]], dtype="u1"), "mask"),
        "slope_unit": make_layer(np.array([[1, 1, 1, 2, 0]], dtype="i4"), "lithology"),
    }
    assert unit_means(density, layers)[1:] == [2.0, 0.0]
    np.testing.assert_array_equal(by_unit(density, layers, [0, 2.0, 0.0]), [[2, 2, 0, np.nan, 5]])


def test_catchments_are_a_table(inputs, hazard_grid):
    _, _, prepared = assessed(inputs, hazard_grid, catchments_km2=30)
    table = prepared.tables["catchments"]
    assert (np.diff(table["melton"]) <= 0).all()
    assert {"kind", "x", "y"} <= set(table)
    assert "geometry" not in table
    assert not assessed(inputs, hazard_grid)[2].tables


def test_shaking_is_a_trigger_and_then_no_factor(inputs, hazard_grid):
    shaking = layer_on(hazard_grid, np.tile(np.linspace(0.02, 0.4, 24), (20, 1)), quantity="pga")
    plain, _, _ = assessed(inputs, hazard_grid)
    result, scale, _ = assessed({**inputs, "pga": shaking}, hazard_grid, trigger="pga")
    assert "pga" not in scale["factors"]
    share = 0.5 + 0.5 * np.clip((shaking.values - 0.05) / 0.25, 0, 1)
    np.testing.assert_allclose(result["relative_density"], plain["relative_density"] * share)
    rain = layer_on(hazard_grid, np.full((1, 20, 24), 175.0), quantity="precipitation", return_periods=[100])
    given = {**inputs, "pga": shaking, "rainfall": rain}
    both, _, _ = assessed(given, hazard_grid, trigger="both")
    np.testing.assert_allclose(both["relative_density"], plain["relative_density"] * np.maximum(share, 0.75))
    alone, _, _ = assessed(given, hazard_grid, trigger="pga")
    np.testing.assert_array_equal(alone["relative_density"], result["relative_density"])
    with pytest.raises(LayerError) as caught:
        assessed(inputs, hazard_grid, trigger="both")
    assert caught.value.problems[0].rule == "geology.trigger_input"


def test_cumulative_subsidence_counts_where_it_is_worse(inputs, hazard_grid):
    plain, _, _ = assessed(inputs, hazard_grid)
    total = np.full((20, 24), 0.0)
    total[:, :4] = -1600
    total[0, 0] = np.nan
    sunk = layer_on(hazard_grid, total, quantity="subsidence_total")
    result, _, _ = assessed({**inputs, "subsidence_total": sunk}, hazard_grid)
    before, after = plain["hazard_index"].values, result["hazard_index"].values
    np.testing.assert_array_equal(after[:, 4:], before[:, 4:])
    assert after[0, 0] == before[0, 0] or np.isnan(before[0, 0])
    np.testing.assert_array_equal(after[1:, :4], np.maximum(before[1:, :4], 0.75))


def test_steep_ground_beside_embankments_was_made(make_grid):
    from riskzoning.hazards.geology.domain import susceptible_ground

    grid = make_grid(rows=20, columns=30)
    slope = np.ones((20, 30))
    slope[:, 10:12] = 9.0
    slope[5, 24] = 9.0
    steep = layer_on(grid, slope, quantity="slope")
    x = grid.affine.c + 1100
    levee = gpd.GeoDataFrame(geometry=[LineString([(x, 3_900_000), (x, 3_902_000)])], crs=grid.crs)
    ground = susceptible_ground(steep, None, grid, levee.to_crs("EPSG:4490")).values
    assert ground[:, :20].sum() == 0
    assert ground[5, 24] == 1
    assert susceptible_ground(steep, None, grid).values[:, 8:14].all()
    rugged = layer_on(grid, np.where(slope > 5, 40.0, 5.0), quantity="relief")
    assert susceptible_ground(steep, rugged, grid, levee).values[:, 8:14].all()
