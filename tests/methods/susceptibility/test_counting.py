"""Counting by class: against numpy, with masks, no data, float and negative codes, numpy and dask alike."""

import dask.array as da
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import LayerError
from riskzoning.methods.susceptibility import class_counts, fold_blocks, reduce_blocks
from riskzoning.methods.susceptibility.counting import check_shapes


def brute(classes, events, within=None):
    inside = np.isfinite(events) if within is None else np.isfinite(events) & (within > 0)
    rows = []
    for label in np.unique(classes[np.isfinite(classes)]):
        here = (classes == label) & inside
        if here.any() and not (np.issubdtype(classes.dtype, np.integer) and label == 0):
            rows.append((label, float(np.sum(here & (events > 0))), float(here.sum())))
    return pd.DataFrame(rows, columns=["class", "event_area", "area"])


@given(st.integers(0, 2**32 - 1), st.sampled_from(["uint8", "int32", "float64"]), st.booleans())
def test_counts_equal_a_plain_count(seed, dtype, masked):
    rng = np.random.default_rng(seed)
    classes = rng.integers(-2 if dtype != "uint8" else 0, 6, (7, 9)).astype(dtype)
    events = rng.choice([0.0, 0.0, 1.0, 2.0, np.nan], (7, 9))
    if dtype == "float64":
        classes[rng.random((7, 9)) < 0.2] = np.nan
    within = rng.integers(0, 2, (7, 9)) if masked else None
    found = class_counts(classes, events, within=within)
    pd.testing.assert_frame_equal(found, brute(classes, events, within), check_dtype=False)
    lazy = class_counts(
        da.from_array(classes, chunks=(3, 4)), events, within=None if within is None else da.from_array(within)
    )
    pd.testing.assert_frame_equal(lazy, found)
    assert lazy.attrs == found.attrs


def test_events_on_cells_without_class_are_counted_apart():
    found = class_counts(np.array([[0, 1, 1]], dtype="uint8"), np.array([[1, 1, 0]]))
    assert found["event_area"].sum() == 1
    assert found.attrs["events_outside"] == 1


def test_several_layers_in_one_pass():
    codes = np.array([[1, 2], [2, 0]], dtype="uint8")
    read = []

    def load(block):
        read.append(block.shape)
        return block

    shared = da.from_array(codes, chunks=2).map_blocks(load, dtype=codes.dtype, meta=np.empty((0, 0), codes.dtype))
    read.clear()
    found = class_counts({"a": shared, "b": shared + 1}, np.array([[0, 1], [0, 0]]))
    assert found["a"]["class"].tolist() == [1, 2]
    assert found["b"]["class"].tolist() == [1, 2, 3]
    assert read == [(2, 2)]


def test_bands_in_memory_equal_one_piece(monkeypatch):
    import riskzoning.methods.susceptibility.counting as counting

    codes = np.arange(60).reshape(20, 3) % 4
    whole = class_counts(codes, codes == 2)
    monkeypatch.setattr(counting, "_BAND_CELLS", 7)
    pd.testing.assert_frame_equal(class_counts(codes, codes == 2), whole)
    assert len(reduce_blocks(np.sum, codes)) == 10


def test_shapes_must_agree():
    with pytest.raises(LayerError, match="shapes"):
        class_counts(np.ones((2, 2), dtype="uint8"), np.ones((2, 3)))


def test_folding_equals_the_list_of_blocks_merged():
    values = np.arange(300.0).reshape(20, 15)
    for layer in (values, da.from_array(values, chunks=(3, 4))):
        assert fold_blocks(np.sum, lambda a, b: a + b, layer) == sum(reduce_blocks(np.sum, layer)) == values.sum()
    assert fold_blocks(lambda a, b: (a * b).sum(), lambda a, b: a + b, da.from_array(values, chunks=7), values) == (
        pytest.approx((values**2).sum())
    )


def test_arrays_of_different_shapes_are_refused():
    check_shapes({"classes": np.zeros((2, 3)), "events": np.zeros((2, 3))})
    with pytest.raises(LayerError) as caught:
        check_shapes({"classes": np.zeros((2, 3)), "events": np.zeros((2, 4))})
    (problem,) = caught.value.problems
    assert problem.found == "have the shapes classes (2, 3), events (2, 4)"
    assert problem.rule == "susceptibility.shapes"
