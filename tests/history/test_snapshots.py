"""Figures of reports that can only grow."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import LayerError
from riskzoning.history import shrinking_figures

PAIR = {
    "affected": (13_664_300, 13_912_800), "dead": (73, 99), "crop_affected": (1_021_400, 1_048_500),
    "house_collapsed_rooms": (55_293, 57_600), "loss_total": (8_853_400, 9_098_100),
}  # fmt: skip


def reports(figures: dict[str, tuple[float, ...]]) -> pd.DataFrame:
    rows = [
        {"as_of": f"2021-07-{28 + day} 12:00", "area": "河南省", "indicator": name, "value": value}
        for name, values in figures.items()
        for day, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


def test_the_reports_of_july_2021_grow() -> None:
    assert shrinking_figures(reports(PAIR)).empty
    swapped = shrinking_figures(reports({**PAIR, "dead": (99, 73)}))
    assert swapped[["indicator", "value", "value_before"]].values.tolist() == [["dead", 73, 99]]
    assert swapped["before"].tolist() == ["2021-07-28 12:00"]


def test_people_away_now_may_come_back() -> None:
    assert shrinking_figures(reports({"evacuated_now": (841_400, 100)})).empty
    assert len(shrinking_figures(reports({"evacuated_cumulative": (1_470_800, 100)}))) == 1


def test_each_area_is_its_own_and_rows_need_no_order() -> None:
    one = reports({"dead": (73, 99)})
    other = one.assign(area="新乡市", value=[5, 7])
    assert shrinking_figures(pd.concat([other, one]).iloc[::-1]).empty
    upper = one.assign(relation=["=", "<"], value=[73, 20])
    assert shrinking_figures(upper).empty
    with pytest.raises(LayerError):
        shrinking_figures(one.drop(columns="area"))


@given(st.lists(st.integers(0, 20), min_size=1, max_size=3))
def test_falls_are_those_below_the_highest_before(values: list[int]) -> None:
    falls = shrinking_figures(reports({"dead": tuple(values)}))
    assert len(falls) == sum(value < max(values[:at], default=value) for at, value in enumerate(values))


@pytest.mark.skipif(not os.environ.get("RISKZONING_CITY_DATA"), reason="needs the data of the city")
def test_the_table_of_the_city() -> None:
    table = pd.read_csv(Path(os.environ["RISKZONING_CITY_DATA"]) / "surveys" / "events_2021.csv")
    assert shrinking_figures(table).empty
