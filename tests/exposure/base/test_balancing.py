from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from riskzoning.exposure.base.balancing import balance


def chain(units: int, cells: int, seed: int) -> tuple[sparse.csr_array, np.random.Generator]:
    """Cells shared by neighbouring units."""
    rng = np.random.default_rng(seed)
    first, share = rng.integers(0, units - 1, cells), rng.uniform(0.05, 0.95, cells)
    row = np.arange(cells)
    values = (np.r_[share, 1 - share], (np.r_[row, row], np.r_[first, first + 1]))
    return sparse.csr_array(values, shape=(cells, units)), rng


@settings(max_examples=50)
@given(st.integers(2, 12), st.integers(1, 30), st.integers(0, 10_000))
def test_totals_are_met_with_contents_above_0(units: int, cells: int, seed: int) -> None:
    fractions, rng = chain(units, cells, seed)
    weight, inside = rng.lognormal(0, 2, cells), rng.lognormal(4, 1, units)
    totals = inside * rng.lognormal(0, 0.5, units) + fractions.T @ weight
    found = balance(totals, inside, fractions, weight)
    np.testing.assert_allclose(found.factor * inside + fractions.T @ found.shared, totals, rtol=1e-9)
    assert found.gap.max() < 1e-9
    assert np.all(found.shared > 0)
    assert np.all(found.factor > 0)


def test_units_without_shared_cells_take_their_weights_exactly() -> None:
    none = sparse.csr_array((0, 2))
    found = balance(np.array([1000.0, 7.0]), np.array([10.0, 3.0]), none, np.empty(0))
    assert found.factor.tolist() == [100.0, 7.0 / 3.0]
    assert found.gap.tolist() == [0.0, 0.0]


def test_equal_densities_give_the_shared_cell_that_density() -> None:
    fractions = sparse.csr_array(np.array([[0.25, 0.75]]))
    found = balance(np.array([5.0 * 4.25, 5.0 * 2.75]), np.array([4.0, 2.0]), fractions, np.array([1.0]))
    assert found.shared.tolist() == pytest.approx([5.0])
    assert found.factor.tolist() == pytest.approx([5.0, 5.0])


def test_among_all_solutions_it_is_the_one_nearest_to_the_weights() -> None:
    fractions = sparse.csr_array(np.array([[0.5, 0.5], [0.2, 0.8]]))
    weight, inside, totals = np.array([2.0, 1.0]), np.array([5.0, 5.0]), np.array([30.0, 10.0])
    found = balance(totals, inside, fractions, weight)

    def entropy(shared: np.ndarray) -> float:  # type: ignore[type-arg]
        own = totals - fractions.T @ shared
        return float(sum((x * np.log(x / w) - x + w).sum() for x, w in ((shared, weight), (own, inside))))

    best = entropy(found.shared)
    for step in ((0.01, 0.0), (-0.01, 0.0), (0.0, 0.01), (0.0, -0.01), (0.01, -0.01)):
        assert entropy(found.shared + step) > best


def test_what_cannot_be_met_is_said_and_the_whole_total_is_kept() -> None:
    # the first unit owns a tenth of one cell and nothing else; its neighbour is nearly empty
    fractions = sparse.csr_array(np.array([[0.1, 0.9, 0.0], [0.0, 0.5, 0.5]]))
    totals, inside = np.array([1000.0, 10.0, 500.0]), np.array([0.0, 5.0, 8.0])
    found = balance(totals, inside, fractions, np.array([1.0, 1.0]))
    assert found.gap[0] > 0.1
    assert found.gap[2] < 1e-9
    whole = (found.factor * inside).sum() + found.shared.sum()
    assert whole == pytest.approx(1510.0, rel=1e-6)
    assert np.all(np.isfinite(found.factor))


def test_one_shared_cell_is_divided_by_both_totals() -> None:
    shares = sparse.csr_array(np.array([[0.5, 0.5]]))
    balanced = balance(np.array([30.0, 60.0]), np.array([2.0, 2.0]), shares, np.array([2.0]))
    np.testing.assert_allclose(balanced.factor * 2 + 0.5 * balanced.shared, [30, 60], rtol=1e-12)
