"""Borders of the units of one level: overlaps, gaps, and a repair after which borders are exactly shared."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import box

from riskzoning.admin.geometry import areas
from riskzoning.admin.topology import borders, mend, union, widths

LEFT, RIGHT = box(114, 35, 114.1, 35.1), box(114.1, 35, 114.2, 35.1)
OVER = box(114.09, 35, 114.2, 35.1)


def test_the_union_of_units_with_and_without_shared_borders() -> None:
    assert union(np.array([box(0, 0, 1, 1), box(1, 0, 2, 1)])).area == 2.0
    assert union(np.array([box(0, 0, 1, 1), box(0.5, 0, 2, 1)])).area == 2.0
    assert union(np.array([LEFT])) is LEFT


def test_the_mean_width_of_a_strip() -> None:
    assert widths(np.array([box(114, 35, 114.001, 36)]))[0] == pytest.approx(90.6, abs=0.05)
    assert widths(np.empty(0)).size == 0


def test_clean_borders_are_exact() -> None:
    state = borders(np.array([LEFT, RIGHT]))
    assert (state.exact, state.overlaps, state.gaps, state.noise_m2) == (True, (), (), 0.0)


def test_an_overlap_is_measured() -> None:
    state = borders(np.array([LEFT, OVER]))
    (piece,) = state.overlaps
    assert ((piece.first, piece.second), round(piece.width_m), state.exact) == ((0, 1), 842, False)
    assert piece.area_m2 == pytest.approx(areas([LEFT.intersection(OVER)])[0])


def test_rounding_is_noise_and_no_overlap() -> None:
    state = borders(np.array([LEFT, box(114.1 - 1e-9, 35, 114.2, 35.1)]))
    assert (state.exact, state.overlaps) == (False, ())
    assert 0 < state.noise_m2 < 2


def test_a_hole_is_a_gap_unless_the_level_above_has_it_too() -> None:
    hole = box(114.04, 35.04, 114.06, 35.06)
    units = np.array([LEFT.difference(hole), RIGHT])
    (gap,) = borders(units).gaps
    assert (gap.around, gap.polygon.equals(hole)) == ((0,), True)
    assert borders(units, union(units)).gaps == ()


def test_an_overlap_goes_to_one_side() -> None:
    mended = mend(np.array([LEFT, OVER]), ["410702", "410703"])
    assert mended.geometries[1].bounds[0] == 114.1
    assert shapely.coverage_is_valid(mended.geometries)
    (change,) = mended.changes
    assert change[:3] == ("overlap", 0, (1,))
    assert mended.geometries[0].equals(LEFT)


def test_the_order_of_the_rows_does_not_matter() -> None:
    one = mend(np.array([LEFT, OVER]), ["410702", "410703"]).geometries
    two = mend(np.array([OVER, LEFT]), ["410703", "410702"]).geometries
    assert shapely.equals_exact(one, two[::-1], normalize=True).all()


def test_a_narrow_gap_is_filled_and_a_wide_one_is_not() -> None:
    hole = box(114.0999, 35.04, 114.1, 35.06)
    mended = mend(np.array([LEFT.difference(hole), RIGHT]), ["1", "2"])
    assert [(kind, unit) for kind, unit, *_ in mended.changes] == [("gap", 0)]
    assert mended.geometries[0].area == pytest.approx(LEFT.area)
    wide = mend(np.array([LEFT.difference(box(114.02, 35.02, 114.08, 35.08)), RIGHT]), ["1", "2"])
    assert [(kind, units) for kind, units, _ in wide.refused] == [("gap", (0,))]


def test_a_unit_that_lies_in_another_keeps_its_ground() -> None:
    inner = box(114.02, 35.02, 114.04, 35.04)
    mended = mend(np.array([LEFT, inner]), ["1", "2"])
    assert mended.geometries[1] is inner
    assert mended.geometries[0].area == pytest.approx(LEFT.area - inner.area)


def test_a_unit_that_loses_most_of_its_ground_is_refused() -> None:
    mended = mend(np.array([LEFT, LEFT]), ["1", "2"])
    assert [(kind, units) for kind, units, _ in mended.refused] == [("overlap", (1,))]
