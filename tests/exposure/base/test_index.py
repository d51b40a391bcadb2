from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import Journal, LayerError, StandardTableError, hearing
from riskzoning.exposure import density, exposure_index, exposure_reference
from riskzoning.exposure.base.index import scaled_exposure
from riskzoning.layers import layer_on

GRID = grids.analysis_grid((0, 0, 500, 400), crs="EPSG:4547", resolution=100)
COUNTS = hnp.arrays(float, (4, 5), elements=st.one_of(st.just(np.nan), st.just(0.0), st.floats(0, 1e9)))


def people(values: Any, quantity: str = "population") -> Any:
    return layer_on(GRID, np.broadcast_to(np.asarray(values, dtype=float), (4, 5)), quantity=quantity, name=quantity)


def test_log_minmax_by_hand() -> None:
    values = np.tile([0.0, 9.0, 99.0, 999.0, np.nan], (4, 1))
    found = exposure_index(people(values))
    np.testing.assert_allclose(found[0], [0, 1 / 3, 2 / 3, 1, np.nan], rtol=1e-12)
    assert found.attrs["quantity"] == "exposure_index"
    assert found.attrs["receptor"] == "population"


def test_percentile_is_the_rank_among_exposed_cells() -> None:
    values = np.array([0.0] * 10 + [1.0, 2.0, 5.0, 5.0, 50.0, 60.0, 70.0, 80.0, 90.0, 1e6]).reshape(4, 5)
    found = exposure_index(people(values), method="percentile").values.ravel()
    assert found[:10].tolist() == [0.0] * 10
    np.testing.assert_allclose(found[10:], [0.1, 0.2, 0.4, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0], atol=2e-3)


@pytest.mark.filterwarnings("ignore::riskzoning.errors.RiskZoningWarning")  # constant layers among them
@given(COUNTS)
def test_index_keeps_order_range_and_gaps(values: Any) -> None:
    if not np.isfinite(values).any():
        return
    layer = people(values)
    for method in ("log_minmax", "percentile"):
        reference = exposure_reference(layer, method=method)  # type: ignore[arg-type]
        assert json.loads(json.dumps(reference)) == reference
        found = exposure_index(layer, reference=reference).values
        np.testing.assert_array_equal(np.isnan(found), np.isnan(values))
        known = found[np.isfinite(found)][np.argsort(values[np.isfinite(found)])]
        assert np.all(np.diff(known) >= -1e-12)
        assert np.all((known >= 0) & (known <= 1))


def test_a_frozen_reference_keeps_years_comparable() -> None:
    first = people(np.tile([0.0, 9.0, 99.0, 99.0, 99.0], (4, 1)))
    frozen = exposure_reference(first)
    assert frozen == {"method": "log_minmax", "quantity": "population", "low": 0.0, "high": 99.0}
    later = people(np.tile([0.0, 9.0, 999.0, 0.0, 0.0], (4, 1)))
    np.testing.assert_allclose(exposure_index(later, reference=frozen)[0], [0, 0.5, 1, 0, 0])
    np.testing.assert_allclose(exposure_index(later, reference=(0.0, 99.0))[0], [0, 0.5, 1, 0, 0])


def test_dask_stays_lazy_and_equal() -> None:
    layer = people(np.random.default_rng(0).lognormal(3, 2, (4, 5)))
    for method in ("log_minmax", "percentile"):
        found = exposure_index(layer.chunk({"y": 2}), method=method)  # type: ignore[arg-type]
        assert found.chunks is not None
        np.testing.assert_array_equal(found, exposure_index(layer, method=method))  # type: ignore[arg-type]


def test_a_constant_layer_gives_0_and_warns() -> None:
    with pytest.warns(UserWarning, match="layer 'population' is the same everywhere"):
        found = exposure_index(people(7.0))
    assert found.values.max() == 0.0
    assert exposure_reference(people(0.0), method="percentile") == {
        "method": "percentile",
        "quantity": "population",
        "counts": [0.0],
        "shares": [0.0],
    }


def test_rounding_is_no_range() -> None:
    values = np.full((4, 5), 100.0)
    values[0, 0] += 1e-9
    with hearing(Journal()) as heard:
        index = exposure_index(people(values), method="log_minmax", reference=(100.0, 100.0 + 1e-9))
    np.testing.assert_array_equal(index, 0.0)
    assert [problem.rule for problem in heard.warnings] == ["exposure.constant"]


def test_persons_and_money_never_share_a_reference() -> None:
    frozen = exposure_reference(people(np.arange(20.0).reshape(4, 5)))
    with pytest.raises(LayerError, match="has the quantity 'population'; expected the quantity 'gdp'"):
        exposure_index(people(1.0, "gdp"), reference=frozen)
    with pytest.raises(LayerError, match="the method 'percentile'"):
        exposure_index(people(1.0), method="percentile", reference=frozen)


def test_what_is_no_count_or_has_no_value_is_refused() -> None:
    with pytest.raises(LayerError, match="a count"):
        exposure_index(layer_on(GRID, 1.0, quantity="elevation"))
    with pytest.raises(LayerError, match="has no valid cell"):
        exposure_reference(people(np.nan))
    with pytest.raises(LayerError, match="log_minmax or percentile"):
        exposure_index(people(1.0), method="rank")  # type: ignore[arg-type]


def test_density_is_per_km2_also_on_a_geographic_grid() -> None:
    assert density(people(3.0)).values[0, 0] == pytest.approx(300.0)
    degrees = grids.analysis_grid((114, 35, 114.2, 35.1), crs="EPSG:4490", resolution=0.1)
    found = density(layer_on(degrees, 1000.0, quantity="gdp"))
    # 0.1 x 0.1 degree at 35 N: about 9.12 x 11.1 km
    assert found.values[0, 0] == pytest.approx(1000 / 101.2, rel=0.002)
    assert found.attrs["units"] == "yuan/km2"


def test_density_keeps_gaps_and_refuses_what_has_none() -> None:
    assert np.isnan(density(people(np.nan))).all()
    with pytest.raises(LayerError, match="area_density"):
        density(people(1.0, "area"))
    with pytest.raises((LayerError, StandardTableError)):
        density(layer_on(GRID, 1.0, quantity="slope"))


RECEPTORS = sorted(standards.table("exposure/scales").data)


@pytest.mark.parametrize("receptor", RECEPTORS)
def test_nothing_is_zero_and_full_is_one(receptor: str) -> None:
    entry = standards.table("exposure/scales").data[receptor]
    values = np.array([-1.0, 0.0, float(entry["full"]), 1e15, np.nan, np.inf])
    np.testing.assert_array_equal(scaled_exposure(values, receptor), [0, 0, 1, 1, np.nan, np.nan])


def test_worked_by_hand() -> None:
    # ln(1 + 100 / 10) / ln(1 + 20000 / 10) = 2.397895 / 7.601402
    assert scaled_exposure(np.array([100.0]), "population")[0] == pytest.approx(0.3154543)


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=9))
def test_more_is_never_less_and_no_other_value_counts(values: list[float]) -> None:
    index = scaled_exposure(np.array(values), "population")
    assert np.all(np.diff(scaled_exposure(np.sort(values), "population")) >= 0)
    assert scaled_exposure(np.array(values[:1]), "population")[0] == index[0]


def test_layers_stay_lazy_and_tables_keep_their_index(make_layer: Any) -> None:
    layer = make_layer(np.array([[0.0, 100.0], [20000.0, np.nan]]), "population_density").chunk(1)
    index = scaled_exposure(layer, "population")
    assert index.chunks is not None
    assert index.attrs["quantity"] == "exposure_index"
    np.testing.assert_allclose(index.values, [[0, 0.3154543], [1, np.nan]], rtol=1e-6)
    series = scaled_exposure(pd.Series([0.0, 20000.0], index=["a", "b"]), "population")
    assert series.to_dict() == {"a": 0.0, "b": 1.0}


def test_a_receptor_without_scale_or_with_a_falling_one_is_refused() -> None:
    with pytest.raises(StandardTableError) as caught:
        scaled_exposure(np.zeros(1), "ships")
    assert caught.value.problems[0].rule == "exposure.scale"
    table = {"exposure/scales": {"data": {"crops": {"low": 5, "full": 5}}}}
    with standards.session(table), pytest.raises(StandardTableError) as wrong:
        scaled_exposure(np.zeros(1), "crops")
    assert wrong.value.problems[0].rule == "exposure.scale_order"
