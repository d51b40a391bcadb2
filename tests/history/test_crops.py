"""Loss of crops from nested areas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import LayerError
from riskzoning.history import crop_loss

AREA = st.floats(0, 1e5)


def test_each_class_loses_its_share() -> None:
    """40 ha that lost a fifth, 40 ha a little over half, 20 ha nearly all: 48 ha of full harvest at 14 400 yuan."""
    assert crop_loss(100, 60, 20, yield_kg_ha=6000, price=2.4) == pytest.approx(48 * 14_400)
    assert (
        crop_loss(100, 60, 20, yield_kg_ha=6000, price=2.4, ratios={"affected": 0, "damaged": 0, "lost": 1}) == 288_000
    )


@given(AREA, AREA, AREA, st.floats(0.1, 10))
def test_more_damage_costs_more_and_hectares_are_additive(a: float, b: float, c: float, factor: float) -> None:
    lost, damaged, affected = sorted((a, b, c))
    loss = crop_loss(affected, damaged, lost, yield_kg_ha=5000, price=2)
    assert 0 <= loss <= 0.9 * affected * 10_000 * (1 + 1e-12)
    assert crop_loss(affected, affected, lost, yield_kg_ha=5000, price=2) >= loss - 1e-6
    scaled = crop_loss(affected * factor, damaged * factor, lost * factor, yield_kg_ha=5000, price=2)
    assert scaled == pytest.approx(factor * loss)


def test_classes_contain_each_other() -> None:
    """The rainstorm of July 2021 in Henan, thousand ha: half of the area damaged, 17.6 % lost."""
    areas = np.array([1021.4, 518.3, 179.8])
    assert np.isfinite(crop_loss(*areas, yield_kg_ha=6000, price=2.4))
    assert areas[1:] / areas[0] == pytest.approx([0.50744, 0.17603], abs=1e-5)
    with pytest.raises(LayerError) as caught:
        crop_loss([100, 100], [60, 120], [20, 20], yield_kg_ha=6000, price=2.4)
    assert dict(caught.value.problems[0].values)["rows"] == (1,)
    with pytest.raises(LayerError):
        crop_loss(100, 60, -1, yield_kg_ha=6000, price=2.4)
    assert np.isnan(crop_loss(np.nan, 1, 0, yield_kg_ha=6000, price=2.4))
