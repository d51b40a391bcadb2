"""Crop water deficit: worked examples, seasons, coefficients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning import standards
from riskzoning.errors import LayerError
from riskzoning.hazards import drought
from riskzoning.methods.ladders import load_ladder


def year(values: float = 0.0, first: str = "2000-08-01", last: str = "2001-07-31") -> pd.Series:
    days = pd.date_range(first, last)
    return pd.Series(values, days)


def test_only_what_lies_above_forty_adds_to_a_season() -> None:
    cwdi = year(10.0)
    cwdi["2001-04-01":"2001-04-05"] = [30, 40, 50, 60, 45]
    assert drought.season_deficit(cwdi)["value"].tolist() == [35.0]


def test_a_season_crosses_new_year_and_needs_its_days() -> None:
    cwdi = year(10.0, "2000-08-01", "2002-07-31")
    cwdi["2000-12-20":"2001-01-10"] = 50.0
    table = drought.season_deficit(cwdi).set_index("year")["value"]
    assert table.to_dict() == {2001: 220.0, 2002: 0.0}
    cwdi["2002-03-01":"2002-03-31"] = np.nan
    missing = drought.season_deficit(cwdi).set_index("year")["value"]
    assert 2002 not in missing.index


def test_ladder_of_wheat() -> None:
    ladder = load_ladder("drought/wheat")
    assert ladder.grade(np.array([0.0, 399.9, 400.0, 1000.0, 2000.0])).tolist() == [1, 1, 2, 3, 4]
    assert ladder.index(np.array([0.0, 400.0, 4000.0])).tolist() == [0.0, 0.25, 1.0]


def test_deficit_of_a_period() -> None:
    made = drought.water_deficit(np.array([0.0, 15.0, 30.0, 31.0, 5.0]), np.array([30.0, 30.0, 30.0, 30.0, 0.0]))
    np.testing.assert_array_equal(made, [100.0, 50.0, 0.0, 0.0, np.nan])


def test_latest_period_weighs_most() -> None:
    assert drought.weighted_deficit([0, 0, 0, 0, 100.0]) == 30.0
    assert drought.weighted_deficit([100.0, 0, 0, 0, 0]) == 10.0
    with pytest.raises(LayerError):
        drought.weighted_deficit([1.0] * 4)


def test_crops_need_what_their_table_says() -> None:
    days = pd.DatetimeIndex(["2001-04-10", "2001-01-10", "2001-07-10"])
    assert drought.crop_coefficient("wheat", days)[:2].tolist() == [1.40, 0.31]
    assert drought.crop_coefficient("wheat_henan", days)[:2].tolist() == [1.22, 0.64]
    assert np.isnan(drought.crop_coefficient("wheat", days)[2])
    assert drought.crop_coefficient("maize", days)[2] == 0.85
    with pytest.raises(LayerError) as caught:
        drought.crop_coefficient("rice", days)
    assert caught.value.problems[0].rule == "drought.method"


def test_daily_deficit_of_steady_weather() -> None:
    potential = year(2.0)
    made = drought.crop_water_deficit(year(1.4), potential)
    april = made["2001-04-10":"2001-04-10"].iloc[0]
    # The last ten days need 28 mm and get 14; earlier ones need less.
    assert april == pytest.approx(0.3 * 50 + 0.25 * (1 - 14 / 18.2) * 100 + 0.2 * (1 - 14 / 18.2) * 100
                                  + 0.15 * (1 - 14 / 18.2) * 100, abs=3)  # fmt: skip
    assert made["2001-07-01":].isna().all()
    assert made["2000-10-01":"2001-06-30"].notna().all()
    own = drought.crop_water_deficit(year(1.0), potential, coefficients=dict.fromkeys(range(1, 13), 1.0))
    assert own["2001-04-10"] == pytest.approx(50.0)


def test_weights_of_stages_sum_to_one() -> None:
    table = standards.table("hazards/drought_crops").data
    assert sum(stage["weight"] for stage in table["stages"]["wheat"]) == pytest.approx(1.0)
    assert sum(table["decades"]) == pytest.approx(1.0)
    assert drought.stage_deficit([10.0, 0, 0, 0, 0, 0, 0]) == pytest.approx(0.9)
    assert np.isnan(drought.stage_deficit([np.nan, 0, 0, 0, 0, 0, 0]))


def test_classes_of_a_day() -> None:
    np.testing.assert_array_equal(
        drought.deficit_class(np.array([34.9, 35.0, 45.0, 55.0, np.nan])), [0, 1, 2, 3, np.nan]
    )


@given(st.floats(0, 200), st.floats(0.1, 200), st.floats(0, 50))
def test_more_rain_never_means_more_deficit(rain: float, need: float, more: float) -> None:
    before: Any = drought.water_deficit(rain, need)
    assert 0 <= drought.water_deficit(rain + more, need) <= before <= 100


def test_days_of_a_season_count_with_the_weight_of_their_stage() -> None:
    days = pd.date_range("2000-10-01", "2001-06-30")
    april = pd.Series(10.0, days)
    # The worked season: 30, 40, 50, 60, 45 % make 0 + 0 + 10 + 20 + 5 % d; April weighs 0.20.
    april.loc["2001-04-10":"2001-04-14"] = [30.0, 40.0, 50.0, 60.0, 45.0]  # type: ignore[misc]
    assert drought.season_deficit(april)["value"].tolist() == [35.0]
    assert drought.season_deficit(april, stages=True)["value"].tolist() == [pytest.approx(7.0)]
    late = pd.Series(np.where(days >= "2001-06-11", 90.0, 10.0), days)
    assert drought.season_deficit(late, stages=True)["value"].tolist() == [0.0]
    winter = pd.Series(np.where((days >= "2000-12-21") & (days <= "2001-02-20"), 50.0, 10.0), days)
    assert drought.season_deficit(winter, stages=True)["value"].tolist() == [pytest.approx(62 * 10 * 0.11)]


@given(st.floats(41, 100))
def test_an_even_deficit_is_the_weighted_sum_of_the_lengths_of_the_stages(level: float) -> None:
    days = pd.date_range("2000-10-01", "2001-06-30")
    value = float(drought.season_deficit(pd.Series(level, days), stages=True)["value"].iloc[0])
    lengths = [10, 71, 62, 39, 30, 20, 21]
    weights = [0.09, 0.13, 0.11, 0.12, 0.20, 0.22, 0.13]
    assert value == pytest.approx((level - 40) * np.dot(lengths, weights), rel=1e-9)
    assert value < float(drought.season_deficit(pd.Series(level, days))["value"].iloc[0])


def test_stages_of_another_crop_are_refused() -> None:
    days = pd.date_range("2000-06-01", "2000-10-30")
    with pytest.raises(LayerError) as caught:
        drought.season_deficit(pd.Series(50.0, days), crop="maize", stages=True)
    assert caught.value.problems[0].rule == "drought.stages"
