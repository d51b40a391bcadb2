"""Folds of whole blocks: the lattice, how they are dealt, counts from which every fold is trained."""

import dask.array as da
import numpy as np
import pytest

from riskzoning.errors import LayerError
from riskzoning.grid import analysis_grid
from riskzoning.methods.susceptibility import block_folds, block_numbers, class_counts, counts_by_block


def grid_of(left=0):
    return analysis_grid((left, 0, left + 3000, 2000), crs="EPSG:4547", resolution=100)


def test_blocks_belong_to_the_plane_and_not_to_the_grid():
    whole, part = block_numbers(grid_of(), 700), block_numbers(grid_of(1400), 700)
    assert whole.shape == (20, 30)
    _, right = np.unique(whole[:, 14:], return_inverse=True)
    np.testing.assert_array_equal(
        right.reshape(20, 16), np.unique(part[:, :16], return_inverse=True)[1].reshape(20, 16)
    )
    lazy = block_numbers(grid_of(), 700, lazy=True)
    assert isinstance(lazy, da.Array)
    np.testing.assert_array_equal(lazy.compute(), whole)
    with pytest.raises(LayerError):
        block_numbers(analysis_grid((114, 35, 115, 36), crs="EPSG:4490", resolution=0.1), 700)


def test_folds_have_about_as_many_events_and_differ_by_repeat():
    events = np.random.default_rng(0).poisson(0.8, 200)
    dealt = block_folds(events, folds=5, repeats=3, seed=7)
    assert dealt.shape == (3, 200)
    for repeat in dealt:
        sums = np.bincount(repeat, weights=events)
        assert sums.max() - sums.min() <= events.max()
        assert np.ptp(np.bincount(repeat)) < 20
    assert not np.array_equal(dealt[0], dealt[1])
    np.testing.assert_array_equal(dealt, block_folds(events, folds=5, repeats=3, seed=7))
    assert set(block_folds([1, 0, 2], folds=5, repeats=1, seed=0)[0]) == {0, 1}
    with pytest.raises(LayerError) as caught:
        block_folds([0, 9, 0], folds=5, repeats=1, seed=0)
    assert caught.value.problems[0].rule == "validation.blocks"


def test_counts_of_the_blocks_add_up_to_those_of_the_classes():
    rng = np.random.default_rng(1)
    classes = {
        "a": rng.integers(0, 4, (20, 30)).astype("uint8"),
        "b": np.where(rng.random((20, 30)) < 0.1, np.nan, 2.0),
        "c": rng.choice([0.0, 0.5, 1.0, np.nan], (20, 30)),
    }
    events, within = rng.random((20, 30)) < 0.2, rng.random((20, 30)) < 0.7
    blocks = block_numbers(grid_of(), 700)
    tables = counts_by_block(classes, events, blocks, within=within)
    for name, layer in classes.items():
        summed = tables[name].groupby("class", as_index=False)[["event_area", "area"]].sum()
        expected = class_counts(layer, events, within=within)
        np.testing.assert_array_equal(summed.to_numpy(), expected.to_numpy())
    lazy = {name: da.from_array(layer, chunks=7) for name, layer in classes.items()}
    again = counts_by_block(lazy, events, block_numbers(grid_of(), 700, lazy=True), within=within)
    assert all(again[name].equals(tables[name]) for name in tables)
