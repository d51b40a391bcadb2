"""The sample of the ground: all events, others by a number of their own, the same however the grid is cut."""

import numpy as np
import pytest
from odc.geo.geobox import GeoBox

from riskzoning.layers import grid_of, layer_on
from riskzoning.methods.susceptibility import Ground, block_numbers
from riskzoning.methods.susceptibility.sampling import chances, columns_of, far_from_events, gathered


def drawn(city, count, *, chunks=None, seed=0):
    parts = {**city["factors"], "events": city["events"], "within": city["within"]}
    if chunks:
        parts = {name: layer.chunk(y=chunks[0], x=chunks[1]) for name, layer in parts.items()}
    events, within = parts.pop("events"), parts.pop("within")
    blocks = block_numbers(grid_of(events), 1000, lazy=chunks is not None)
    return gathered(parts, Ground(events, within, blocks), count=count, seed=seed)


def test_every_event_of_the_ground_is_there_and_others_stand_for_many(city):
    sample = drawn(city, 500)
    inside = city["within"].values > 0
    assert sample.events == sample.event.sum() == (city["events"].values * inside).sum()
    assert sample.cells == inside.sum()
    assert abs((~sample.event).sum() - 500) < 80
    assert sample.weights().sum() == pytest.approx(sample.cells, rel=0.15)
    whole = drawn(city, 1e6)
    assert len(whole.event) == sample.cells
    assert (whole.weights() == 1).all()


def test_the_sample_is_the_same_in_blocks_and_another_with_another_seed(city):
    plain, blocks = drawn(city, 300), drawn(city, 300, chunks=(7, 31))
    for name in ("codes", "event", "block", "x", "y", "chance"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(blocks, name))
    assert not np.array_equal(drawn(city, 300, seed=1).x, plain.x)


def test_a_cell_keeps_its_number_in_another_window():
    x, y = np.meshgrid(np.arange(50) * 100.0, np.arange(-30, 30) * 100.0)
    every = chances(x, y, 5)
    np.testing.assert_array_equal(chances(x[10:20], y[10:20], 5), every[10:20])
    assert 0 <= every.min() < every.max() < 1
    assert abs(every.mean() - 0.5) < 0.02
    assert abs(np.corrcoef(every[:, :-1].ravel(), every[:, 1:].ravel())[0, 1]) < 0.05


def test_far_means_farther_than_the_buffer_from_every_event(city):
    sample = drawn(city, 1e6)
    far = far_from_events(sample, 250)
    places = np.column_stack([sample.x, sample.y])
    gaps = np.hypot(*(places[far][:, None] - places[sample.event][None]).transpose(2, 0, 1)).min(axis=1)
    assert gaps.min() > 250
    assert far.sum() < far_from_events(sample, 0).sum() == (~sample.event).sum()


def test_columns_stand_in_the_order_asked_for(city):
    sample = drawn(city, 1e6)
    np.testing.assert_array_equal(columns_of(["rock", "slope"], sample), sample.codes[:, [1, 0]])


def test_a_cell_without_a_class_has_the_code_0():
    grid = GeoBox((1, 3), layer_on_grid(), "EPSG:4547")
    values = layer_on(grid, np.array([[1.0, np.nan, 2.0]]), quantity="slope")
    ones = layer_on(grid, np.ones((1, 3), dtype="u1"), quantity="mask")
    sample = gathered({"slope": values}, Ground(ones * 0, ones, np.zeros((1, 3), dtype=int)), count=10, seed=0)
    assert sample.codes[:, 0].tolist() == [1, 0, 2]


def layer_on_grid():
    from affine import Affine

    return Affine(100, 0, 500000, 0, -100, 3900000)
