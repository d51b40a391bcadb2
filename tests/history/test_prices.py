"""Losses at the prices of one year."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.history import constant_prices


def test_published_deflated_losses_of_the_country() -> None:
    """Losses of 1990, 2000 and 2005 (10^8 yuan) at the prices of 2000, as published in 2017."""
    nominal = pd.Series({1990: 616.0, 2000: 2045.3, 2005: 2042.1})
    real = constant_prices(nominal, base=2000)
    assert real[1990] == pytest.approx(1235.0, abs=0.1)
    assert real[2005] == pytest.approx(1909.8, abs=0.1)
    assert real[2000] == nominal[2000]


@given(st.dictionaries(st.integers(1990, 2020), st.floats(0.1, 1e6), min_size=1), st.floats(0.01, 100))
def test_the_scale_of_the_levels_does_not_matter_and_bases_chain(amounts: dict[int, float], factor: float) -> None:
    levels = pd.Series({year: 1.02 ** (year - 1990) for year in range(1990, 2021)})
    series = pd.Series(amounts)
    once = constant_prices(series, base=2020, cpi=levels)
    assert np.allclose(once, constant_prices(series, base=2020, cpi=levels * factor))
    by_way_of = constant_prices(series, base=2000, cpi=levels) * 1.02**20
    assert np.allclose(once, by_way_of)


def test_years_without_a_level_have_no_amount() -> None:
    with hearing(Journal()) as heard:
        real = constant_prices(pd.Series({1949: 1.0, 2000: 2.0}), base=2000)
    assert np.isnan(real[1949])
    assert dict(heard.warnings[0].values)["years"] == (1949,)
    for levels, base, rule in (({2000: 1.0}, 1999, "history.price_base"), ({2000: 0.0}, 2000, "history.price_level")):
        with pytest.raises(LayerError) as caught:
            constant_prices(pd.Series({2000: 1.0}), base=base, cpi=levels)
        assert caught.value.problems[0].rule == rule
