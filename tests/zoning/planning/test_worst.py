"""The worst hazard of a cell: grade of the highest index and which hazard it is, in bands as at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.zoning.planning import worst as module
from riskzoning.zoning.planning.worst import worst_of

LIMITS = (0.2, 0.4, 0.6, 0.8, 1.0)


def layers(*values: Any) -> dict[str, Any]:
    arrays = [np.asarray(one, np.float32) for one in values]
    rows, columns = arrays[0].shape
    grid = analysis_grid((0, 0, columns * 100, rows * 100), crs="EPSG:4547", resolution=100)
    return {f"h{at}": layer_on(grid, one, quantity="risk_index") for at, one in enumerate(arrays)}


def test_the_highest_index_is_graded_and_named() -> None:
    worst = worst_of(layers([[0.1, 0.9, np.nan, 0.5]], [[0.5, 0.1, np.nan, 0.5]]), LIMITS)
    assert worst.grade.values.tolist() == [[3, 5, 0, 3]]
    # Of equal ones the first hazard; none where nothing is known.
    assert worst.hazard.values.tolist() == [[2, 1, 0, 1]]
    assert worst.hazards == ("h0", "h1")


def test_a_limit_belongs_to_the_lower_class() -> None:
    index = layers([[0.2, 0.6, 0.0]])
    assert worst_of(index, (0.25, 0.5)).grade.values.tolist() == [[1, 2, 1]]
    assert worst_of(layers([[0.5]]), (0.5, 1.0), closed="left").grade.values.tolist() == [[2]]


@given(st.integers(0, 1000))
def test_bands_do_not_matter_and_no_hazard_is_above_the_worst(seed: int) -> None:
    random = np.random.default_rng(seed)
    values = random.random((3, 7, 5))
    values[random.random(values.shape) < 0.2] = np.nan
    given_layers = layers(*values)
    whole = worst_of(given_layers, LIMITS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_CELLS", 10)
        bands = worst_of(given_layers, LIMITS)
    assert np.array_equal(whole.grade.values, bands.grade.values)
    assert np.array_equal(whole.hazard.values, bands.hazard.values)
    for one in given_layers:
        assert (worst_of({one: given_layers[one]}, LIMITS).grade.values <= whole.grade.values).all()
