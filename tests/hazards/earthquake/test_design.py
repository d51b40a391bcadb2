"""Site class, characteristic period and liquefaction of the design standard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import LayerError
from riskzoning.hazards.earthquake import characteristic_period, critical_blows, liquefaction, site_class_of

SAND = pd.DataFrame({"depth": [5.0], "thickness": [2.0], "blows": [8.0]})


@pytest.mark.parametrize(
    ("vse", "overburden", "wanted"),
    [
        (900, 0, "I0"), (600, 0, "I1"), (500, 4.9, "I1"), (300, 5, "II"), (250, 2.9, "I1"), (250, 3, "II"),
        (200, 50, "II"), (200, 50.1, "III"), (150, 2.9, "I1"), (150, 3, "II"), (150, 15, "II"), (150, 15.1, "III"),
        (100, 80, "III"), (100, 80.1, "IV"), (400, 0, "I1"),
    ],
)  # fmt: skip
def test_site_classes_at_both_sides_of_each_limit(vse: float, overburden: float, wanted: str) -> None:
    assert site_class_of(vse, overburden) == wanted


@given(st.floats(11, 499), st.floats(0, 200), st.floats(0, 200))
def test_more_soil_is_never_a_better_class(vse: float, one: float, other: float) -> None:
    order = ["I0", "I1", "II", "III", "IV"]
    thin, thick = (order.index(site_class_of(vse, depth)) for depth in sorted((one, other)))
    assert thin <= thick


@pytest.mark.parametrize(
    ("vse", "overburden"), [(0, 5), (-1, 5), (0.25, 5), (np.nan, 5), (200, -1), (200, np.inf), (600, 3)]
)
def test_a_borehole_that_is_none(vse: float, overburden: float) -> None:
    with pytest.raises(LayerError):
        site_class_of(vse, overburden)


def test_periods_of_the_table() -> None:
    printed = {
        1: [0.20, 0.25, 0.35, 0.45, 0.65], 2: [0.25, 0.30, 0.40, 0.55, 0.75], 3: [0.30, 0.35, 0.45, 0.65, 0.90],
    }  # fmt: skip
    classes = np.array(["I0", "I1", "II", "III", "IV"])
    for group, row in printed.items():
        np.testing.assert_allclose(characteristic_period(classes, group=group), row)  # type: ignore[arg-type]
        np.testing.assert_allclose(
            characteristic_period(classes, group=group, level="rare"), np.array(row) + 0.05  # type: ignore[arg-type]
        )  # fmt: skip
    assert characteristic_period(0, group=1) == 0.35
    assert characteristic_period("iv", group=3, level="frequent") == 0.90
    for wrong in ({"group": 4}, {"group": 1, "level": "x"}):
        with pytest.raises(LayerError):
            characteristic_period("II", **wrong)  # type: ignore[arg-type]


def test_worked_example_of_liquefaction() -> None:
    assert critical_blows(5, pga_g=0.2, group=2, water_m=2) == pytest.approx(14.8665, abs=5e-5)
    assert critical_blows(5, pga_g=0.2, group=2, water_m=2, clay=5) == pytest.approx(11.5155, abs=5e-5)
    told = liquefaction(SAND, pga_g=0.2, group=2, water_m=2)
    assert (told["index"], told["grade"], told["layers"]) == (pytest.approx(9.2375, abs=5e-5), 2, 1)


def test_weight_falls_below_five_metres_and_layers_add_up() -> None:
    twice = pd.concat([SAND, SAND.assign(depth=12.5)])
    deep = liquefaction(twice.iloc[[1]], pga_g=0.2, group=2, water_m=2)["index"]
    ncr = critical_blows(12.5, pga_g=0.2, group=2, water_m=2)
    assert deep == pytest.approx((1 - 8 / ncr) * 2 * 5)
    assert liquefaction(twice, pga_g=0.2, group=2, water_m=2)["index"] == pytest.approx(9.2375 + deep, abs=1e-4)


def test_layers_that_do_not_liquefy() -> None:
    for change in ({"blows": 15.0}, {"old": True}, {"clay": 13.0}):
        assert liquefaction(SAND.assign(**change), pga_g=0.2, group=2, water_m=2)["grade"] == 0  # type: ignore[arg-type]
    # At IX old layers and silt of 13 % do.
    for change in ({"old": True}, {"clay": 13.0}):
        assert liquefaction(SAND.assign(**change), pga_g=0.4, group=2, water_m=2)["layers"] == 1  # type: ignore[arg-type]
    assert liquefaction(SAND, pga_g=0.1, group=2, water_m=2, intensity=6)["grade"] == 0
    assert liquefaction(SAND.assign(clay=np.nan, old=None), pga_g=0.2, group=2, water_m=2)["grade"] == 2


@pytest.mark.parametrize(("index", "grade"), [(5.9, 1), (6.1, 2), (17.9, 2), (18.1, 3)])
def test_grades_of_the_index(index: float, grade: int) -> None:
    ncr = critical_blows(5, pga_g=0.2, group=2, water_m=2)
    layer = SAND.assign(blows=0.0, thickness=index / 10)
    assert liquefaction(layer, pga_g=0.2, group=2, water_m=2)["grade"] == grade
    assert ncr > 0


@pytest.mark.parametrize(
    ("frame", "facts"),
    [
        (SAND, {"pga_g": 0.25}), (SAND, {"group": 4}), (SAND.assign(depth=21.0), {}), (SAND, {"water_m": -1}),
        (SAND.drop(columns="blows"), {}), (SAND.assign(blows=np.nan), {}), (SAND.assign(thickness=-1.0), {}),
    ],
)  # fmt: skip
def test_what_cannot_be_judged(frame: pd.DataFrame, facts: dict[str, Any]) -> None:
    with pytest.raises(LayerError):
        liquefaction(frame, **{"pga_g": 0.2, "group": 2, "water_m": 2} | facts)
