"""The distributions against scipy, and in tails where scipy has no digits left."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import genextreme, gumbel_r, pearson3

from riskzoning.methods.extremes.distributions import (
    Parameters,
    exceedance,
    level,
    log_density,
    standard_level,
)

REFERENCE = Path(__file__).parents[2] / "reference"
SKEWS = np.array([-2.5, -0.6, -2e-3, -1e-4, 0.0, 1e-5, 5e-4, 2e-3, 0.3, 1.5, 4.0])


def rows() -> list[dict[str, str]]:
    with (REFERENCE / "pearson3_factors.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(line for line in lines if not line.startswith("#")))


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['ratio']}-{row['chance_percent']}")
def test_factors_of_the_printed_tables(row: dict[str, str]) -> None:
    chance, skew = np.array(float(row["chance_percent"]) / 100), np.array(0.25 * float(row["ratio"]))
    factor = float(1 + 0.25 * standard_level("pearson3", chance, skew))
    assert factor == pytest.approx(float(row["exact"]), abs=6e-4)
    assert factor == pytest.approx(float(row["printed"]), abs=0.011)


def test_factors_of_one_skew_and_the_gamma_form() -> None:
    chance = np.array([0.001, 0.01, 0.02, 0.05, 0.10, 0.50])
    phi = standard_level("pearson3", chance, np.array(1.5))
    np.testing.assert_allclose(phi, [5.2335, 3.3304, 2.7432, 1.9508, 1.3333, -0.2400], atol=6e-5)
    np.testing.assert_allclose(100 * (1 + 0.5 * phi[1:5]), [266.52, 237.16, 197.54, 166.67], atol=6e-3)
    from scipy.stats import gamma

    alpha, beta, start = 4 / 1.5**2, 2 / (100 * 0.5 * 1.5), 100 * (1 - 2 * 0.5 / 1.5)
    assert (alpha, beta, start) == pytest.approx((1.777778, 0.0266667, 33.3333), rel=2e-6)
    assert start + gamma.isf(0.01, alpha) / beta == pytest.approx(266.518, abs=6e-4)
    # The task of an examination, whose printed factor is 1.34
    exact = 1 + 0.25 * float(standard_level("pearson3", np.array(0.10), np.array(0.75)))
    assert exact == pytest.approx(1.33370, abs=6e-6)
    assert 616.4 * exact == pytest.approx(822.09, abs=0.006)
    assert 616.4 * exact == pytest.approx(826.0, rel=0.006)


@pytest.mark.parametrize("name", ["pearson3", "gev", "gumbel"])
def test_as_scipy_has_it(name: str) -> None:
    shape = {"pearson3": SKEWS, "gev": np.array([-0.4, -1e-3, 0.0, 0.2, 0.6]), "gumbel": np.zeros(1)}[name]
    chance = np.array([0.999, 0.8, 0.5, 0.1, 0.01, 1e-4])[:, None]
    own = Parameters(shape, np.full(shape.shape, 10.0), np.full(shape.shape, 3.0))
    theirs = {
        "pearson3": lambda: pearson3(SKEWS, 10, 3),
        "gev": lambda: genextreme(shape, 10, 3),
        "gumbel": lambda: gumbel_r(10, 3),
    }[name]()
    levels = level(name, chance, own)
    # scipy takes skews below 1.6e-5 as none.
    np.testing.assert_allclose(levels, theirs.isf(chance), rtol=1e-4 if name == "pearson3" else 1e-10)
    np.testing.assert_allclose(exceedance(name, levels, own), np.broadcast_to(chance, levels.shape), rtol=1e-7)
    np.testing.assert_allclose(log_density(name, levels, own), theirs.logpdf(levels), rtol=1e-3)


@pytest.mark.parametrize("skew", SKEWS)
def test_the_far_tail_comes_back(skew: float) -> None:
    own = Parameters(np.array(skew), np.array(0.0), np.array(1.0))
    chance = 10.0 ** -np.arange(1, 13)
    levels = level("pearson3", chance, own)
    # A mirrored gamma ends: its last levels are one number.
    digits = slice(None) if skew > -1 else slice(4)
    assert np.all(np.diff(levels[digits]) > 0)
    np.testing.assert_allclose(exceedance("pearson3", levels, own)[digits], chance[digits], rtol=1e-6)


@pytest.mark.parametrize("skew", [-1.0, -5e-4, 5e-4, 0.8])
def test_the_density_is_that_of_the_chances(skew: float) -> None:
    own = Parameters(np.array(skew), np.array(0.0), np.array(1.0))
    mass = quad(lambda z: float(np.exp(log_density("pearson3", np.array(z), own))), -1, 1.5)[0]
    chances = exceedance("pearson3", np.array([-1, 1.5]), own)
    assert mass == pytest.approx(float(chances[0] - chances[1]), abs=2e-6)


def test_beyond_the_ends() -> None:
    own = Parameters(np.array([1.0, -1.0]), np.zeros(2), np.ones(2))
    assert exceedance("pearson3", np.array([-5.0, -5.0]), own)[0] == 1
    assert exceedance("pearson3", np.array([5.0, 5.0]), own)[1] == 0
    assert log_density("pearson3", np.array([-5.0, 5.0]), own).tolist() == [-np.inf, -np.inf]
    assert np.isnan(exceedance("pearson3", np.array([np.nan, 1.0]), own)[0])


def test_parameters_of_some_series() -> None:
    some = Parameters(np.arange(3.0), np.arange(3.0), np.arange(3.0)).at([0, 2])
    assert some.loc.tolist() == [0, 2]
