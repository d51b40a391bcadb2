"""Numbers as people read them."""

from __future__ import annotations

import pandas as pd
import pytest

from riskzoning.report.numbers import cell, percent, scaled, worded


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (1234567, "1,234,567"), (0.0, "0"), (12.345, "12.3"), (1.5, "1.50"), (1234.5, "1,234"), (-3, "−3"),
        (0.0004, "0.0004"), (None, "—"), (float("nan"), "—"), ("a", "a"), (float("inf"), "—"), (True, "1"),
    ],
)  # fmt: skip
def test_cells(value: object, text: str) -> None:
    assert cell(value) == text


def test_shares() -> None:
    shares = (0, 0.0001, 0.5, float("nan"), None, pd.NA)
    assert [percent(share) for share in shares] == ["0.0%", "<0.1%", "50.0%", "—", "—", "—"]


def test_in_sentences() -> None:
    assert worded(123_456_789, "zh") == "1.23亿"
    assert worded(1_234_567, "zh") == "123.5万"
    assert worded(1_234_567, "en") == "1.23 million"
    assert worded(999, "zh") == worded(999, "en") == "999"
    assert worded(float("nan"), "en") == "—"


def test_large_quantities_have_large_units() -> None:
    assert scaled("gdp_yuan", "zh") == (1e8, "地区生产总值（亿元）")
    assert scaled("gdp_yuan", "en") == (1e6, "GDP (million yuan)")
    assert scaled("road_km", "en") == (1.0, "Roads (km)")
