"""Published indices: the numbers that their authors print, and the laws that they keep."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import ConfigError, LayerError
from riskzoning.risk import (
    inform_indicator,
    inform_risk,
    nri_risk_factor,
    nri_score,
    thinkhazard_level,
    world_risk_index,
)


def test_score_by_the_cube_root() -> None:
    loss = pd.Series([1.0, 8, 27, 64, 125, np.nan], index=list("abcdef"))
    score = nri_score(loss)
    assert score["a":"e"].tolist() == pytest.approx([0, 25, 50, 75, 100])
    assert np.isnan(score["f"])
    assert nri_score(np.array([5.0, 5.0])).tolist() == [0.0, 0.0]


def test_score_by_percentile() -> None:
    score = nri_score(np.array([3.0, 1.0, 2.0, 2.0, np.nan]), scaling="percentile")
    assert score[:4] == pytest.approx([100, 0, 50, 50])
    with pytest.raises(ConfigError, match="cube_root"):
        nri_score(np.array([1.0]), scaling="rank")  # type: ignore[arg-type]
    with pytest.raises(LayerError):
        nri_score(np.array([-1.0, 2.0]))


def test_risk_factor_is_the_triangular_distribution() -> None:
    rank = np.array([0, 0.1, 0.25, 1 / 3, 0.5, 0.75, 1.0])
    expected = [0.5, 0.773861, 0.933013, 1.0, 1.133975, 1.387628, 2.0]
    assert nri_risk_factor(rank) == pytest.approx(expected, abs=5e-7)
    with pytest.raises(LayerError):
        nri_risk_factor(np.array([25.0]))


@given(st.lists(st.floats(0, 1), min_size=2, max_size=6))
def test_risk_factor_rises_with_the_rank(ranks: list[float]) -> None:
    factor = nri_risk_factor(np.sort(ranks))
    assert (np.diff(factor) >= -1e-12).all()
    assert ((factor >= 0.5) & (factor <= 2.0)).all()


@pytest.mark.parametrize(("parts", "expected"), [((6, 5, 4), 4.9), ((3.2, 4.5, 5.1), 4.2), ((7, 3, 6), 5.0)])
def test_inform_risk(parts: tuple[float, float, float], expected: float) -> None:
    assert inform_risk(*parts).item() == expected


def test_inform_indicators_end_at_0_and_10() -> None:
    values = np.array([-5.0, 0.0, 2.26, 10.0, 50.0, np.nan])
    assert inform_indicator(values, 0, 10)[:5].tolist() == [0.0, 0.0, 2.3, 10.0, 10.0]
    assert inform_indicator(values, 0, 10, protective=True)[:5].tolist() == [10.0, 10.0, 7.7, 0.0, 0.0]
    assert np.isnan(inform_indicator(values, 0, 10)[5])
    middle = np.sqrt(0.001 * 100.001) - 0.001
    assert inform_indicator(np.array([middle]), 0, 100, logarithm=True)[0] == 5.0
    with pytest.raises(ConfigError, match="protective"):
        inform_indicator(values, 10, 0)


@pytest.mark.parametrize(
    ("exposure", "vulnerability", "form", "expected"),
    [
        (86.83, 57.28, "product", 49.74),
        (57.71, 55.94, "product", 32.28),
        (45.40, 60.62, "product", 27.52),
        (39.99, 55.05, "root", 46.92),
        (64.59, 7.03, "root", 21.31),
    ],
)
def test_world_risk_index(exposure: float, vulnerability: float, form: str, expected: float) -> None:
    found = world_risk_index(exposure, vulnerability, form=form).item()  # type: ignore[arg-type]
    assert found == pytest.approx(expected, abs=0.006)


def test_world_risk_index_of_another_form_or_scale() -> None:
    with pytest.raises(ConfigError, match="root"):
        world_risk_index(1, 2, form="sum")  # type: ignore[arg-type]
    with pytest.raises(LayerError):
        world_risk_index(150, 20)


def test_a_place_has_the_highest_level_that_it_reaches() -> None:
    ground = {
        250: np.array([0.05, 0.25, 0.05, np.nan, 0.19999]),
        475: np.array([0.05, 0.30, 0.10, np.nan, 0.05]),
        2475: np.array([0.05, 0.50, 0.30, np.nan, 0.10]),
    }
    assert thinkhazard_level("earthquake", ground).tolist() == [1, 4, 3, 0, 2]
    lazy = thinkhazard_level("earthquake", {period: da.from_array(one, chunks=2) for period, one in ground.items()})
    assert isinstance(lazy, da.Array)
    assert lazy.compute().tolist() == [1, 4, 3, 0, 2]


def test_water_is_short_where_it_falls_below_the_limit() -> None:
    water = {5: np.array([400.0, 600.0, 3000.0]), 50: np.array([300.0, 900.0, 2500.0])}
    assert thinkhazard_level("drought", water).tolist() == [4, 3, 1]


def test_periods_that_no_level_asks_for() -> None:
    with pytest.raises(ConfigError, match=r"475.*500"):
        thinkhazard_level("earthquake", {50: np.array([0.1])})
    with pytest.raises(ConfigError, match="earthquake"):
        thinkhazard_level("quake", {475: np.array([0.1])})
