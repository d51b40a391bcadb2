"""Stability of classes: 1 where nothing varies, the same for any block, and what counting by hand gives."""

from __future__ import annotations

from typing import Any

import dask.array as da
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import ConfigError
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.methods.classification import grade_values
from riskzoning.methods.uncertainty import (
    Draws,
    class_stability,
    classes,
    draw,
    grade_probabilities,
    stability,
    stability_table,
)
from riskzoning.risk import combine_hazards

BREAKS = [0.2, 0.4, 0.6, 0.8, 1.0]
WEIGHTS = {"flood": 0.5, "geology": 0.3, "drought": 0.2}


def units(count: int = 200, seed: int = 0) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(seed).random((count, 3)), columns=list(WEIGHTS))


def by_hand(frame: pd.DataFrame, draws: Draws, *, left: bool, product: bool) -> np.ndarray[Any, Any]:
    """Counts of every class, one unit and one draw after the other."""
    counts = np.zeros((len(frame), draws.classes), int)
    for row, values in enumerate(frame.to_numpy()):
        known = np.isfinite(values)
        for d in range(draws.n):
            w = draws.weights[known, d]
            if not w.sum() > 0:
                continue
            factor = 1.0 if draws.factors is None else draws.factors[known, d]
            if product:
                x = np.minimum(np.maximum(values[known], 0.01) * factor, 1.0)
                total = np.exp((w * np.log(x)).sum() / w.sum())
            else:
                total = (w * np.minimum(values[known] * factor, 1.0)).sum() / w.sum()
            counts[row, int(np.searchsorted(draws.bounds[:, d], total, side="right" if left else "left"))] += 1
    return counts


@pytest.mark.parametrize("left", [False, True])
@pytest.mark.parametrize("product", [False, True])
@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_counts_are_those_of_counting_by_hand(left: bool, product: bool, noise: float) -> None:
    frame = units(30)
    frame.iloc[3, 1] = np.nan
    frame.iloc[4] = np.nan
    draws = draw(WEIGHTS, BREAKS, n=60, break_share=0.1, input_share=noise, seed=2)
    method: Any = "weighted_product" if product else "weighted_sum"
    shares = grade_probabilities(frame, draws, closed="left" if left else "right", method=method)
    expected = by_hand(frame, draws, left=left, product=product) / draws.n
    np.testing.assert_allclose(shares.drop(index=4), np.delete(expected, 4, axis=0), atol=1e-12)
    assert shares.loc[4].isna().all()
    np.testing.assert_allclose(shares.drop(index=4).sum(axis=1), 1.0)


@given(values=st.lists(st.floats(0, 1), min_size=3, max_size=3), seed=st.integers(0, 50))
@settings(max_examples=60, deadline=None)
def test_without_variation_the_grade_is_that_of_the_study_and_certain(values: list[float], seed: int) -> None:
    frame = pd.DataFrame([values], columns=list(WEIGHTS))
    made = stability(frame, draw(WEIGHTS, BREAKS, n=20, concentration=np.inf, seed=seed))
    whole = combine_hazards({name: frame[name] for name in WEIGHTS}, WEIGHTS)
    assert made["modal_grade"].tolist() == np.asarray(grade_values(whole, BREAKS)).tolist()
    assert made["probability"].tolist() == [1.0]
    assert made["entropy"].tolist() == [0.0]


def test_a_value_on_a_break_stays_in_its_class_whatever_the_order_of_the_sum() -> None:
    values, weights = units(400, seed=5), np.array(list(WEIGHTS.values()))
    # Breaks of natural classes are values of units.
    index = values.to_numpy() @ weights
    bounds = np.unique(index)[[50, 120, 200, 399]]
    made = stability(values, draw(WEIGHTS, bounds, n=4, concentration=np.inf))
    np.testing.assert_array_equal(made["modal_grade"], grade_values(index, bounds))


def test_one_index_has_no_weights_that_vary() -> None:
    made = stability(units()[["flood"]], draw({"flood": 1.0}, BREAKS, n=50))
    assert (made["probability"] == 1).all()
    wide = stability(units()[["flood"]], draw({"flood": 1.0}, BREAKS, n=50, break_share=0.1))
    assert (wide["probability"] < 1).any()


def test_less_concentrated_weights_are_less_stable() -> None:
    means = [
        stability(units(), draw(WEIGHTS, BREAKS, concentration=alpha))["probability"].mean() for alpha in (5, 50, 5e4)
    ]
    assert means[0] < means[1] < means[2]
    assert means[2] > 0.97


def test_entropy_is_one_for_classes_as_frequent_as_each_other_and_ties_are_the_more_severe() -> None:
    counts = np.array([[5, 5, 5, 5], [0, 10, 10, 0], [20, 0, 0, 0], [0, 0, 0, 0]], np.int32)
    modal, share, entropy = classes._summarised(counts)
    assert modal.tolist() == [4, 3, 1, 0]
    np.testing.assert_allclose(share, [0.25, 0.5, 1.0, np.nan])
    np.testing.assert_allclose(entropy, [1.0, 0.5, 0.0, np.nan])


@pytest.mark.parametrize("block", [1, 7, 10_000])
def test_blocks_and_threads_change_nothing(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    draws = draw(WEIGHTS, BREAKS, n=100, break_share=0.1, input_share=0.1)
    whole = stability(units(500), draws, workers=1)
    monkeypatch.setattr(classes, "_BLOCK", block)
    pd.testing.assert_frame_equal(stability(units(500), draws, workers=3), whole, check_exact=True)


def test_layers_lazy_or_not_give_the_same_with_their_place() -> None:
    grid = analysis_grid((0, 0, 2000, 1500), crs="EPSG:4547", resolution=100)
    rng = np.random.default_rng(1)
    arrays = {name: rng.random(grid.shape) for name in WEIGHTS}
    arrays["flood"][0, 0] = np.nan
    draws = draw(WEIGHTS, BREAKS, n=80)
    layers = {name: layer_on(grid, values, quantity="hazard_index") for name, values in arrays.items()}
    chunked = {name: da.from_array(values, chunks=(4, 20)) for name, values in arrays.items()}
    lazy = {name: layer_on(grid, values, quantity="hazard_index") for name, values in chunked.items()}
    made, later = stability(layers, draws), stability(lazy, draws)
    assert later["probability"].chunks is not None
    xr.testing.assert_identical(later.compute(), made)
    assert made["modal_grade"].attrs["quantity"] == "risk_grade"
    assert made["modal_grade"].odc.geobox == grid
    assert made["modal_grade"].dtype == np.uint8
    table = stability(pd.DataFrame({name: values.ravel() for name, values in arrays.items()}), draws)
    np.testing.assert_array_equal(made["modal_grade"].values.ravel(), table["modal_grade"])
    plain = stability(arrays, draws)
    np.testing.assert_array_equal(plain["entropy"], made["entropy"])


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        stability(units()[["flood"]], draw(WEIGHTS, BREAKS, n=5))
    assert caught.value.problems[0].rule == "uncertainty.indices"
    assert list(dict(caught.value.problems[0].values)["missing"]) == ["geology", "drought"]
    with pytest.raises(ConfigError) as caught:
        stability(units(), draw(WEIGHTS, BREAKS, n=5), method="topsis")  # type: ignore[arg-type]
    assert caught.value.problems[0].rule == "risk.combination"


def test_the_table_has_a_row_for_each_unit_and_hazard() -> None:
    draws = draw({"flood": 1.0}, BREAKS, n=5)
    frame = units(4)[["flood"]].set_axis(["a", "b", "c", "d"])
    table = stability_table({"multi": stability(frame, draws), "flood": stability(frame, draws)})
    assert list(table) == ["code", "hazard", "modal_grade", "probability", "entropy"]
    assert table[["code", "hazard"]].to_numpy().tolist()[3:5] == [["d", "multi"], ["a", "flood"]]
    assert stability_table({}).empty
    third = frame.assign(modal_grade=1, probability=np.float32(0.699), entropy=np.float32("nan"))
    assert stability_table({"multi": third})["probability"].tolist() == [0.699] * 4


def test_one_call_draws_weights_and_counts_grades() -> None:
    frame = units(20).rename_axis("code")
    made = class_stability(frame, WEIGHTS, BREAKS, draws=200, concentration=20, seed=3)
    stepwise = stability(frame, draw(WEIGHTS, BREAKS, n=200, concentration=20, seed=3))
    pd.testing.assert_frame_equal(made.to_dataframe(), stepwise, check_dtype=False)
    sure = class_stability(frame, WEIGHTS, BREAKS, draws=50, concentration=float("inf"), seed=3)
    assert (sure["probability"] == 1).all()
    assert (sure["entropy"] == 0).all()
    grid = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    layers = {name: layer_on(grid, np.full((2, 3), 0.5), quantity="risk_index") for name in WEIGHTS}
    assert class_stability(layers, WEIGHTS, BREAKS, seed=1)["modal_grade"].dims == ("y", "x")


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1000),
    chunk=st.integers(1, 40),
    workers=st.integers(1, 3),
    noise=st.sampled_from([0.0, 0.2]),
    concentration=st.sampled_from([1.0, 50.0, 1e9]),
)
def test_shares_sum_to_one_and_neither_chunks_nor_threads_count(
    seed: int, chunk: int, workers: int, noise: float, concentration: float
) -> None:
    frame = units(40, seed)
    draws = draw(WEIGHTS, BREAKS, n=30, concentration=concentration, break_share=noise, input_share=noise, seed=seed)
    again = draw(WEIGHTS, BREAKS, n=30, concentration=concentration, break_share=noise, input_share=noise, seed=seed)
    shares = grade_probabilities(frame, draws)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-12)
    assert ((shares >= 0) & (shares <= 1)).all(axis=None)
    whole = stability(frame, draws, workers=1)
    parts = pd.concat([stability(frame[at : at + chunk], again, workers=workers) for at in range(0, 40, chunk)])
    pd.testing.assert_frame_equal(parts, whole, check_exact=True)
    if concentration == 1e9 and not noise:
        index = combine_hazards({name: frame[name] for name in WEIGHTS}, WEIGHTS)
        clear = np.abs(np.asarray(index)[:, None] - BREAKS).min(axis=1) > 1e-3
        assert whole["modal_grade"][clear].tolist() == np.asarray(grade_values(index, BREAKS))[clear].tolist()
        assert (whole["probability"][clear] == 1).all()
