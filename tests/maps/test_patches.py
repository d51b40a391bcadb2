"""Small patches on printed maps: none is lost in a milder class, no class vanishes, and the map stays true."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.maps.patches import Changes, legible_classes


def ground(size: int = 100, grade: int = 1) -> np.ndarray:
    return np.full((size, size), grade, dtype=np.uint8)


def test_a_small_severe_patch_is_enlarged_to_what_can_be_read() -> None:
    codes = ground()
    codes[50, 50] = 5
    out, changes = legible_classes(codes, 16)
    assert 16 <= (out == 5).sum() <= 40
    assert out[50, 50] == 5
    assert (changes.enlarged, changes.joined) == (1, 0)
    assert changes.enlarged_share == pytest.approx(((out == 5).sum() - 1) / codes.size)


def test_a_small_mild_patch_joins_the_least_severe_of_its_more_severe_neighbours() -> None:
    codes = ground(grade=3)
    codes[:, 50:] = 5
    codes[80:, :20] = 2
    codes[20:22, 49:51] = 2
    out, changes = legible_classes(codes, 16)
    assert (out[20:22, 49:51] == 3).all()
    assert (changes.enlarged, changes.joined, changes.joined_share) == (0, 1, 4 / codes.size)


def test_neighbours_grow_together_and_not_each_for_itself() -> None:
    codes = ground(400)
    codes[40:55:3, 40:55:3] = 4
    out, _ = legible_classes(codes, 64)
    # 25 hamlets two cells apart: one place of 64 cells, not 25 of them.
    assert (out == 4).sum() == 64


def test_crowds_of_small_patches_do_not_repaint_the_map() -> None:
    codes = ground(200)
    codes[::5, ::5] = 5
    out, _ = legible_classes(codes, 64)
    assert (out[::5, ::5] == 5).all()
    assert (out == 5).sum() - (codes == 5).sum() <= 0.02 * codes.size


def test_a_valley_of_one_cell_that_runs_askew_is_one_patch() -> None:
    codes = ground()
    codes[np.arange(100), np.arange(100)] = 4
    out, changes = legible_classes(codes, 64)
    assert np.array_equal(out, codes)
    assert not changes.any


def test_a_class_that_only_small_patches_have_stays() -> None:
    codes = ground()
    codes[30:60, 30:60] = 3
    codes[29:31, 29:32] = 2
    out, _ = legible_classes(codes, 30)
    assert (out == 2).sum() >= 5


def test_no_data_stays_no_data_and_nothing_grows_over_it() -> None:
    codes = np.zeros((40, 40), dtype=np.uint8)
    codes[10:13, 10:13] = 4
    out, _ = legible_classes(codes, 64)
    assert np.array_equal(out, codes)
    assert legible_classes(np.zeros_like(codes), 64)[1] == Changes()


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), least=st.integers(2, 60), share=st.floats(0.001, 0.5))
def test_no_class_vanishes_and_no_cell_becomes_milder_but_to_save_a_class(seed: int, least: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    codes = np.where(rng.random((60, 60)) < share, rng.integers(0, 6, (60, 60)), 2).astype(np.uint8)
    out, changes = legible_classes(codes, least)
    assert set(np.unique(out)) == set(np.unique(codes))
    assert ((out == 0) == (codes == 0)).all()
    assert (out >= codes).all()
    assert changes.joined_share + changes.enlarged_share <= 2 * 0.02 * 5
