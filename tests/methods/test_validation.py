"""AUC, rate curves, spatial hold-out, check of classes: published numbers and laws."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import GridMismatchError, LayerError
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.methods.validation import (
    ScoreCounts,
    class_check,
    extent_agreement,
    grade_agreement,
    holdout_split,
    rank_agreement,
    roc_auc,
    success_rate,
)

SCORES = [0.9, 0.8, 0.7, 0.6, 0.55, 0.4, 0.3, 0.2]
LABELS = [1, 1, 0, 1, 0, 1, 0, 0]


def test_auc_of_the_worked_examples():
    assert roc_auc(SCORES, LABELS) == pytest.approx(0.8125)
    assert roc_auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]) == pytest.approx(0.75)
    assert roc_auc([*SCORES, np.nan, 0.5], [*LABELS, 1, np.nan]) == pytest.approx(0.8125)


def test_auc_needs_events_and_others(make_layer):
    for labels in ([0, 0], [1, 1]):
        with pytest.raises(LayerError, match="among 2 valid cells"):
            roc_auc([0.1, 0.2], labels)
    with pytest.raises(LayerError, match="2 scores and 3 labels"):
        roc_auc([0.1, 0.2], [0, 1, 1])
    with pytest.raises(GridMismatchError):
        roc_auc(make_layer(np.ones((2, 2)), "slope"), make_layer(np.ones((2, 2)), "mask", left=600000))


@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_binned_auc_equals_that_of_scikit_learn_and_merging_changes_nothing(seed, distinct):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, distinct * 4, 200) / (distinct * 4)
    labels = np.concatenate([[0, 1], rng.integers(0, 2, 198)])
    one, two, whole = (ScoreCounts(0.0, 1.0, bins=1024) for _ in range(3))
    one.update(scores[:90], labels[:90])
    two.update(scores[90:], labels[90:])
    whole.update(scores, labels)
    assert one.merge(two).auc() == whole.auc() == pytest.approx(roc_auc(scores, labels), abs=1e-12)


def test_binned_auc_of_continuous_scores_is_close():
    rng = np.random.default_rng(1)
    scores = rng.normal(size=20000)
    labels = rng.random(20000) < 1 / (1 + np.exp(-scores))
    counts = ScoreCounts(scores.min(), scores.max())
    counts.update(scores, labels)
    assert counts.auc() == pytest.approx(roc_auc(scores, labels), abs=1e-5)
    assert counts.curve().attrs["area"] == pytest.approx(success_rate(scores, labels).attrs["area"], abs=1e-4)


def test_scores_beyond_the_range_and_missing_ones():
    counts = ScoreCounts(0.0, 1.0)
    counts.update(np.array([-5.0, 5.0, np.nan, 0.5]), np.array([0.0, 1.0, 1.0, np.nan]))
    assert counts.cells.sum() == 2
    assert counts.auc() == 1.0
    assert np.isnan(ScoreCounts(0, 0).auc())
    with pytest.raises(LayerError, match="another range"):
        counts.merge(ScoreCounts(0.0, 2.0))
    with pytest.raises(LayerError, match="no event"):
        ScoreCounts(0, 1).curve()


def test_success_rate_ends_at_one_and_never_falls():
    curve = success_rate(SCORES, LABELS)
    assert curve.iloc[0].tolist() == [np.inf, 0, 0]
    assert curve.iloc[-1].tolist() == [0.2, 1, 1]
    assert (curve.diff().iloc[1:][["area_share", "event_share"]] >= 0).all().all()
    assert curve["event_share"].tolist() == [0, 0.25, 0.5, 0.5, 0.75, 0.75, 1, 1, 1]


@pytest.fixture
def city():
    return analysis_grid((500_000, 3_900_000, 550_000, 3_940_000), crs="EPSG:4547", resolution=500)


def events(grid, n=120, seed=0):
    rng = np.random.default_rng(seed)
    left, bottom, right, top = grid.boundingbox
    return gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(rng.uniform(left, right, n), rng.uniform(bottom, top, n)), crs=grid.crs
    )


def test_holdout_keeps_whole_blocks_apart(city):
    points = events(city)
    split = holdout_split(points, city, block_m=5000, share=0.3, seed=7)
    assert split.points.mean() == pytest.approx(0.3, abs=0.05)
    assert split.blocks == 80
    blocks = pd.Series(list(zip(points.geometry.x // 5000, points.geometry.y // 5000)))
    assert split.points.tolist() == blocks.map(pd.Series(split.points).groupby(blocks).first()).tolist()
    x = ((points.geometry.x - 500_000) // 500).astype(int)
    y = ((3_940_000 - points.geometry.y) // 500).astype(int)
    np.testing.assert_array_equal(split.mask.values[y, x] == 1, split.points)
    assert split.mask.values.mean() == pytest.approx(0.3, abs=0.12)


def test_holdout_depends_on_the_seed_only(city):
    points = events(city)
    first = holdout_split(points, city, block_m=5000, seed=7)
    turned = holdout_split(points.iloc[::-1].to_crs("EPSG:4490"), city, block_m=5000, seed=7)
    np.testing.assert_array_equal(turned.points[::-1], first.points)
    np.testing.assert_array_equal(turned.mask, first.mask)
    assert not np.array_equal(first.mask, holdout_split(points, city, block_m=5000, seed=8).mask)


def test_events_outside_the_grid_are_not_held_out(city):
    points = events(city)
    far = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0.0], [0.0]), crs=city.crs)
    split = holdout_split(pd.concat([points, far], ignore_index=True), city, block_m=5000, seed=7)
    assert not split.points[-1]
    np.testing.assert_array_equal(split.points[:-1], holdout_split(points, city, block_m=5000, seed=7).points)


def test_holdout_refuses_what_it_cannot_do(city):
    with pytest.raises(LayerError, match="1 block"):
        holdout_split(events(city), city, block_m=1e9, seed=1)
    with pytest.raises(LayerError, match="share"):
        holdout_split(events(city), city, block_m=5000, share=1.0, seed=1)
    with pytest.raises(LayerError, match="projected"):
        holdout_split(
            events(city), analysis_grid((113, 35, 114, 36), crs="EPSG:4490", resolution=0.1), block_m=5000, seed=1
        )


def test_frequency_ratio_rises_with_the_class():
    found = class_check(pd.DataFrame({"class": [3, 1, 2, 4], "event_area": [6, 1, 2, 0], "area": [10, 60, 30, 0]}))
    assert found.index.tolist() == [1, 2, 3]
    np.testing.assert_allclose(found["frequency_ratio"], [1 / 9 / 0.6, 2 / 9 / 0.3, 6 / 9 / 0.1])
    assert found.attrs["rises"]
    assert not class_check(pd.DataFrame({"class": [1, 2], "event_area": [5, 1], "area": [10, 10]})).attrs["rises"]
    with pytest.raises(LayerError, match="no columns area"):
        class_check(pd.DataFrame({"class": [1], "event_area": [1]}))


def test_ranks_and_grades():
    found = rank_agreement(range(1, 7), [2, 1, 4, 3, 6, 5])
    assert found["rho"] == pytest.approx(0.828571, abs=1e-6)
    assert found["tau"] == pytest.approx(0.6)
    a = pd.Series([1.0, 2, 3, np.nan], index=list("abcd"))
    assert rank_agreement(a, pd.Series([9.0, 8, 7, 6], index=list("cbad")))["rho"] == pytest.approx(1.0)
    assert np.isnan(rank_agreement([1, 2, 3], [5, 5, 5])["rho"])
    with pytest.raises(LayerError, match="three units"):
        rank_agreement([1, 2], [1, 2])
    assert grade_agreement([1, 1, 2, 3, 4, 5], [1, 2, 2, 3, 5, 5]) == pytest.approx(0.928571, abs=1e-6)
    assert grade_agreement([1, 1, 0], [1, 1, 3]) == 1.0
    with pytest.raises(LayerError, match="both grades"):
        grade_agreement([0], [1])


def test_an_extent_is_compared_where_both_are_known_and_in_blocks() -> None:
    grid = analysis_grid((0, 0, 600, 100), crs="EPSG:4547", resolution=100)
    model = layer_on(grid, np.array([[1.0, 1.0, 0.0, 0.0, np.nan, 1.0]]), quantity="share")
    seen = layer_on(grid, np.array([[1.0, 0.0, 1.0, 0.0, 1.0, np.nan]]), quantity="share")
    told = extent_agreement(model, seen)
    assert (told["hits"], told["misses"], told["false_alarms"]) == (1.0, 1.0, 1.0)
    assert told["critical_success_index"] == pytest.approx(1 / 3)
    lazy = extent_agreement(model.chunk({"x": 2}), seen.chunk({"x": 3}))
    assert lazy == told
    dry = layer_on(grid, np.zeros((1, 6)), quantity="share")
    assert np.isnan(extent_agreement(dry, dry)["hit_rate"])
    other = analysis_grid((0, 0, 300, 100), crs="EPSG:4547", resolution=100)
    with pytest.raises(LayerError):
        extent_agreement(model, layer_on(other, np.zeros((1, 3)), quantity="share"))
