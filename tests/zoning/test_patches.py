"""Small patches of class layers: the worked example, what never changes, and properties over random layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from rasterio.features import sieve
from scipy import ndimage

from riskzoning.errors import LayerError
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.zoning.patches import legible_km2, majority, merge_small_patches, merged_patches, scale_of_cells

GRADES = hnp.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.integers(0, 4))


def patches(values: Any, *, corners: bool = False) -> list[tuple[int, np.ndarray[Any, Any]]]:
    structure = np.ones((3, 3)) if corners else None
    out = []
    for grade in np.unique(values[values > 0]):
        labels, count = ndimage.label(values == grade, structure)
        out += [(int(grade), labels == at + 1) for at in range(count)]
    return out


def around(mask: np.ndarray[Any, Any], *, corners: bool = False) -> np.ndarray[Any, Any]:
    return ndimage.binary_dilation(mask, np.ones((3, 3)) if corners else None) & ~mask


def test_the_worked_example() -> None:
    before = np.array([[1, 1, 1, 2, 2], [1, 3, 1, 2, 2], [1, 1, 1, 2, 4], [5, 5, 2, 2, 2], [5, 5, 2, 2, 2]])
    after = before.copy()
    after[1, 1], after[2, 4] = 1, 2
    assert np.array_equal(merge_small_patches(before, 2), after)
    # What a sieve does in one pass, where one pass is enough.
    assert np.array_equal(sieve(before.astype(np.uint8), 2, connectivity=4), after)


def test_a_patch_that_only_a_second_pass_reaches() -> None:
    # Three small ones in a row: joined they would still be small, so that they go on to the large one.
    row = np.array([[1, 2, 3, 4, 4, 4, 4, 4]])
    assert merge_small_patches(row, 4).tolist() == [[4] * 8]


def test_no_data_is_never_filled_and_takes_nothing_in() -> None:
    values = np.array([[0, 0, 0, 0], [0, 3, 0, 1], [0, 0, 0, 1]])
    assert np.array_equal(merge_small_patches(values, 9), values)
    gaps = np.array([[np.nan, 2.0, 2.0], [1.0, 2.0, 2.0]])
    out = merge_small_patches(gaps, 2)
    assert np.isnan(out[0, 0])
    assert out[1, 0] == 2


def test_the_largest_neighbour_takes_it_and_of_equal_ones_the_nearest_class() -> None:
    assert merge_small_patches(np.array([[5, 5, 1, 4, 4, 4]]), 2).tolist() == [[5, 5, 4, 4, 4, 4]]
    assert merge_small_patches(np.array([[1, 1, 4, 5, 5]]), 2).tolist() == [[1, 1, 5, 5, 5]]
    # Equally large and equally far: the more severe one.
    assert merge_small_patches(np.array([[2, 2, 3, 4, 4]]), 2).tolist() == [[2, 2, 4, 4, 4]]


def test_corners_join_only_with_eight_neighbours() -> None:
    values = np.array([[2, 1, 1], [1, 2, 1], [1, 1, 1]])
    assert np.array_equal(merge_small_patches(values, 2, connectivity=8), values)
    assert (merge_small_patches(values, 2) == 1).all()


@settings(max_examples=60, deadline=None)
@given(GRADES, st.integers(1, 9), st.sampled_from([4, 8]))
def test_what_holds_for_every_layer(values: Any, least: int, connectivity: Any) -> None:
    out, done = merged_patches(values, least, connectivity=connectivity)
    corners = connectivity == 8
    assert np.array_equal(out == 0, values == 0)
    assert np.array_equal(merge_small_patches(out, least, connectivity=connectivity), out)
    for grade, mask in patches(out, corners=corners):
        beside = around(mask, corners=corners)
        assert mask.sum() >= least or not (out[beside] > 0).any(), (grade, mask)
        assert (values[mask] == grade).any()
    assert done.before == len(patches(values, corners=corners))
    assert done.after == len(patches(out, corners=corners))
    assert done.joined == done.before - done.after
    assert done.cells == (out != values).sum()
    if least == 1:
        assert np.array_equal(out, values)


def test_a_layer_keeps_its_kind_and_place() -> None:
    grid = analysis_grid((0, 0, 500, 300), crs="EPSG:4547", resolution=100)
    layer = layer_on(
        grid, np.array([[1, 1, 1, 2, 2], [1, 3, 1, 2, 4], [1, 1, 1, 2, 2]], np.uint8), quantity="risk_grade"
    )
    out = merge_small_patches(layer.chunk({"y": 1}), 2)
    assert out.dtype == np.uint8
    assert out.attrs["quantity"] == "risk_grade"
    assert out.odc.geobox == grid
    assert out.values[1].tolist() == [1, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("values", "least", "more", "rule"),
    [
        (np.ones((2, 2, 2)), 2, {}, "patches.dims"),
        (np.array([[0.5]]), 2, {}, "patches.classes"),
        (np.array([[-1]]), 2, {}, "patches.classes"),
        (np.array([["a"]]), 2, {}, "patches.classes"),
        (np.ones((2, 2)), 0, {}, "patches.min_cells"),
        (np.ones((2, 2)), 1.5, {}, "patches.min_cells"),
        (np.ones((2, 2)), 2, {"connectivity": 6}, "patches.connectivity"),
    ],
)
def test_what_cannot_be_merged(values: Any, least: Any, more: Any, rule: str) -> None:
    with pytest.raises(LayerError) as caught:
        merge_small_patches(values, least, **more)
    assert [problem.rule for problem in caught.value.problems] == [rule]


def test_legible_sizes_follow_the_scale() -> None:
    sizes = {50_000: 0.01, 100_000: 0.04, 250_000: 0.25, 400_000: 0.64}
    assert {scale: pytest.approx(legible_km2(scale)) for scale in sizes} == sizes
    assert scale_of_cells(200) == 400_000


def test_the_commonest_class_around_a_cell() -> None:
    grid = analysis_grid((0, 0, 400, 300), crs="EPSG:4547", resolution=100)
    layer = layer_on(grid, np.array([[1, 1, 1, 0], [1, 3, 1, 2], [1, 1, 2, 2]], np.uint8), quantity="risk_grade")
    assert majority(layer).values.tolist() == [[1, 1, 1, 0], [1, 1, 1, 2], [1, 1, 2, 2]]
