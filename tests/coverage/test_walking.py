"""Rings walked through the grid: areas and records."""

from __future__ import annotations

import numpy as np
import pytest

from riskzoning.coverage.walking import cells_by_row, count_records, ring_area, runs_by_row


def test_the_area_of_a_ring_has_the_sign_of_its_direction() -> None:
    x, y = np.array([0.0, 2, 2, 0, 0]), np.array([0.0, 0, 3, 3, 0])
    assert ring_area(x, y, 0, 5) == pytest.approx(-ring_area(x[::-1].copy(), y[::-1].copy(), 0, 5))
    assert abs(ring_area(x, y, 0, 5)) == 6
    assert count_records(x, y, 0, 5, 4, 4) > 0


def test_cells_and_runs_are_put_in_order_of_rows() -> None:
    cells = np.array([[2, 5, 0], [0, 1, 0], [2, 4, 1]], np.int32)
    ordered, shares, start = cells_by_row(cells, np.array([0.1, 0.2, 0.3]), 3)
    assert (ordered.tolist(), shares.tolist(), start.tolist()) == (
        [[1, 0], [5, 0], [4, 1]],
        [0.2, 0.1, 0.3],
        [0, 1, 1, 3],
    )
    runs, start = runs_by_row(np.array([[1, 0, 4, 0], [0, 2, 3, 1]], np.int32), 2)
    assert (runs.tolist(), start.tolist()) == ([[2, 3, 1], [0, 4, 0]], [0, 1, 2])
