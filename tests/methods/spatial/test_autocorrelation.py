"""Moran's I and Getis-Ord G of worked examples; islands, gaps and constants."""

from __future__ import annotations

import numpy as np
import pytest

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.methods.spatial import local_g, morans_i, within_distance

# The worked examples are small.
pytestmark = pytest.mark.filterwarnings("ignore:the spatial statistics use")

LATTICE = within_distance([[x, y] for y in range(3) for x in range(3)], 1.0)
POINTS = within_distance([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)], 15.0)
VALUES = [2, 3, 3.2, 5, 8, 7]


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ("row", (0.555556, -0.125, 0.0572145, 2.845185, 0.0646566, 2.676437)),
        ("binary", (0.5, -0.125, 0.0531250, 2.711631, 0.0596875, 2.558223)),
    ],
)
def test_moran_of_a_lattice(weights: str, expected: tuple[float, ...]) -> None:
    told = morans_i(range(1, 10), LATTICE, weights=weights)  # type: ignore[arg-type]
    values = (told.value, told.expected, told.variance_normal, told.z_normal, told.variance_random, told.z_random)
    assert values == pytest.approx(expected, abs=1e-6)
    assert told.units == 9
    assert 0 < told.p_value < 0.02


def test_moran_is_invariant_to_scale_and_order() -> None:
    base = morans_i(range(1, 10), LATTICE)
    assert morans_i(np.arange(1, 10) * -3.0 + 7, LATTICE).value == pytest.approx(base.value)


def test_g_without_and_with_the_unit_itself() -> None:
    without = local_g(VALUES, POINTS, self_included=False)["z"]
    assert without.tolist() == pytest.approx([-1.013673, -0.043616, 1.315587, -0.314127, 1.153740, 1.778339], abs=1e-6)
    star = local_g(VALUES, POINTS, self_included=True)["z"]
    assert not np.allclose(star, without)
    # The definition, written out for the fifth point: neighbours 40,10 and 15,20 (no) ... by its row of weights.
    x, w = np.array(VALUES), POINTS.weights.toarray()[4]
    w[4] = 1
    n, s = len(x), np.sqrt((x**2).mean() - x.mean() ** 2)
    assert star[4] == pytest.approx(
        (w @ x - x.mean() * w.sum()) / (s * np.sqrt((n * w.sum() - w.sum() ** 2) / (n - 1)))
    )


def test_islands_and_gaps_tell_nothing_and_are_not_zero() -> None:
    far = within_distance([[0, 0], [1, 0], [2, 0], [3, 0], [99, 0]], 1.0)
    told = local_g([1, 2, 3, 4, 5], far, self_included=True)
    assert np.isnan(told["z"].iloc[4])
    assert morans_i([1, 2, 3, 4, 5], far).units == 4
    longer = within_distance([[x, 0] for x in range(6)], 1.0)
    gap = local_g([1, 2, 3, 9, np.nan, 5], longer, self_included=True)
    # The last has lost its only neighbour.
    assert np.isnan(gap["z"].iloc[4:]).all()
    assert np.isfinite(gap["z"].iloc[:4]).all()
    assert morans_i([1, 2, 3, 4, 5], far).value == pytest.approx(morans_i([1, 2, 3, 4, 500], far).value)


def test_too_few_or_the_same_everywhere_is_refused() -> None:
    with pytest.raises(LayerError) as error:
        morans_i([1, 2], within_distance([[0, 0], [1, 0]], 1.0))
    assert error.value.problems[0].rule == "spatial.few"
    with pytest.raises(LayerError) as error:
        morans_i([1] * 9, LATTICE)
    assert error.value.problems[0].rule == "spatial.constant"
    with pytest.raises(LayerError):
        morans_i([1, 2, 3], LATTICE)


def test_the_library_gives_the_same() -> None:
    esda, weights = pytest.importorskip("esda"), pytest.importorskip("libpysal").weights
    rng = np.random.default_rng(0)
    points = rng.random((60, 2))
    near, values = within_distance(points, 0.25), rng.random(60)
    library = weights.WSP(near.weights.tocsr()).to_W(silence_warnings=True)
    told = esda.Moran(values, library, permutations=0)
    assert morans_i(values, near).value == pytest.approx(told.I)


def test_few_units_are_told_by_the_function_itself() -> None:
    few, many = (within_distance([[x, 0] for x in range(count)], 1.0) for count in (12, 30))
    with hearing(Journal()) as journal:
        told = morans_i(range(12), few)
    assert told.weak
    assert [(problem.rule, dict(problem.values)) for problem in journal.warnings] == [
        ("spatial.weak", {"units": 12, "least": 30})
    ]
    with hearing(Journal()) as journal:
        assert not morans_i(range(30), many).weak
    assert not journal.warnings
