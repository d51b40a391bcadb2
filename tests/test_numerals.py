"""Numbers as people write them, and that every door reads them alike."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter, ValidationError

from riskzoning.errors import ConfigError, Journal, LayerError, hearing
from riskzoning.hazards.flood import composite_risk, flood_severity
from riskzoning.inputs import Share, Years
from riskzoning.methods.weights import ahp, comparisons_of, topsis
from riskzoning.methods.weights.normalisation import check_weights
from riskzoning.numerals import check_periods, is_date, number, period, periods, ratio, share
from riskzoning.risk import exceedance_curve, expected_annual_loss, loss_segments

NAN = float("nan")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (0.7, 0.7),
        ("0.7", 0.7),
        ("70%", 0.7),
        ("70 ％", 0.7),
        ("70 percent", 0.7),
        ("7/10", 0.7),
        ("７０%", 0.7),
        ("x", NAN),
        (True, NAN),
    ],
)
def test_shares_at_every_door(cell: object, value: float) -> None:
    assert share(cell) == pytest.approx(value, nan_ok=True)
    if np.isnan(value):
        with pytest.raises(ConfigError):
            check_weights([cell, 0.3])
        with pytest.raises(ValidationError):
            TypeAdapter(Share).validate_python(cell)
        return
    assert TypeAdapter(Share).validate_python(cell) == pytest.approx(value)
    assert check_weights([cell, "30%"]) == pytest.approx([0.7, 0.3])
    assert check_weights({"a": cell, "b": 0.3}, ["a", "b"]) == pytest.approx([0.7, 0.3])
    assert topsis([[1, 2], [2, 1]], [cell, 0.3])["closeness"].tolist() == pytest.approx([0.3, 0.7])


@pytest.mark.parametrize(
    "cell",
    [
        100,
        "100",
        "100年",
        "100 年一遇",
        "百年一遇",
        "一百年",
        "T100",
        "T=100",
        "RP_100",
        "100 a",
        "100-year",
        "1/100",
        "1 %",
        "1%",
    ],
)
def test_return_periods_at_every_door(cell: object) -> None:
    assert period(cell) == 100
    assert TypeAdapter(Years).validate_python(cell) == 100
    with hearing(Journal()):
        expected = expected_annual_loss([5.0, 10.0], [20, 100])
        assert expected_annual_loss([5.0, 10.0], ["20年", cell]) == expected
        assert expected_annual_loss(pd.Series([5.0, 10.0], index=[20, cell])) == expected
        assert loss_segments([5.0, 10.0], [20, cell])["from_period"].tolist() == [20, 100]
    assert composite_risk([1.0, 2.0], [20, cell]).risk_degree == composite_risk([1.0, 2.0], [20, 100]).risk_degree
    assert flood_severity([[1.0], [2.0]], [20, cell])[0] == flood_severity([[1.0], [2.0]], [20, 100])[0]
    assert exceedance_curve([10.0, 50.0], [0.1, 0.005], return_periods=[cell])["loss"].notna().all()


@pytest.mark.parametrize("text", ["often", "", "T", "0%", "1/0", "百分之一"])
def test_what_is_no_period_is_none(text: str) -> None:
    assert np.isnan(period(text))
    with pytest.raises(ValidationError):
        TypeAdapter(Years).validate_python(text)


def test_frequencies_given_as_periods_are_refused_at_every_door() -> None:
    frequencies = [0.01, 0.1, 0.2]
    doors = (
        lambda: expected_annual_loss([10, 5, 2.0], frequencies),
        lambda: loss_segments([10, 5, 2.0], frequencies),
        lambda: composite_risk([2.0, 1.0, 0.5], frequencies),
        lambda: flood_severity([[2.0], [1.0], [0.5]], frequencies),
        lambda: exceedance_curve([10, 5, 2.0], [0.01, 0.1, 0.2], return_periods=frequencies),
        lambda: check_periods(frequencies, "a"),
    )
    for door in doors:
        with pytest.raises((ConfigError, LayerError)) as caught:
            door()
        assert caught.value.problems[0].rule == "periods.frequencies"
        assert "100, 10, 5" in caught.value.problems[0].fix
    with pytest.raises(ValidationError, match="return period in years"):
        TypeAdapter(Years).validate_python(0.01)


def test_a_period_below_a_year_beside_longer_ones_is_a_warning() -> None:
    with hearing(Journal()) as journal:
        expected_annual_loss([1.0, 5.0, 10.0], [0.5, 10, 100])
        exceedance_curve([1.0, 2.0], [10, 100])
    assert [p.rule for p in journal.warnings if p.rule.startswith("periods")] == ["periods.below_one"] * 2


@pytest.mark.parametrize(
    "cell",
    [datetime.date(2026, 1, 3), pd.Timestamp("2026-01-03"), "3-Jan", "Jan-03", "1月3日", "2026-01-03 00:00:00", 46025],
)
def test_a_fraction_that_became_a_date_is_said_at_every_door(cell: object) -> None:
    assert is_date(cell)
    assert np.isnan(ratio(cell))
    names = {"a": "a", "b": "b"}
    for door in (
        lambda: ahp([[1, cell], [3, 1]]),
        lambda: ahp(pd.DataFrame([[1, cell], [3, 1]])),
        lambda: comparisons_of(pd.DataFrame([[1, cell], [3, 1]], ["a", "b"], ["a", "b"]), names),
    ):
        with pytest.raises(ConfigError) as caught:
            door()
        assert caught.value.problems[0].rule == "weights.dates"


def test_numbers_and_ratios() -> None:
    assert [number(cell) for cell in ("80%", 5, "5", None)] == pytest.approx([80, 5, 5, NAN], nan_ok=True)
    assert [ratio(cell) for cell in ("1/3", "1:4", "2", "30%", "x")] == pytest.approx(
        [1 / 3, 0.25, 2, NAN, NAN], nan_ok=True
    )
    assert periods(np.array([2, 5])).tolist() == [2, 5]


def test_a_matrix_is_read_by_its_names_whatever_their_order() -> None:
    frame = pd.DataFrame([[1 / 3, 1], [1, 3]], index=["b", "a"], columns=["a", "b"])
    assert ahp(frame).weights.to_dict() == pytest.approx({"a": 0.75, "b": 0.25})
