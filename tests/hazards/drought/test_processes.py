"""Processes, days and frequency of drought."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import LayerError
from riskzoning.hazards import drought


def series(*parts: tuple[float, int]) -> pd.Series:
    values = np.concatenate([np.full(days, value) for value, days in parts])
    return pd.Series(values, pd.date_range("2001-01-01", periods=values.size))


def found(index: pd.Series, **options: Any) -> list[tuple[str, str, int]]:
    table = drought.drought_processes(index, **options)
    return [(str(row.start.date()), str(row.end.date()), row.days) for row in table.itertuples()]


def test_a_process_starts_after_fifteen_days_with_the_first_of_them() -> None:
    assert found(series((0, 10), (-0.5, 14), (0, 10))) == []
    assert found(series((0, 10), (-0.5, 15), (0, 10))) == [("2001-01-11", "2001-01-25", 15)]
    assert found(series((0, 10), (-0.4999, 15), (0, 10))) == []


def test_a_break_shorter_than_its_end_goes_on() -> None:
    four = series((-1, 15), (0, 4), (-1, 3), (0, 10))
    five = series((-1, 15), (0, 5), (-1, 3), (0, 10))
    assert found(four) == [("2001-01-01", "2001-01-22", 22)]
    assert found(five) == [("2001-01-01", "2001-01-15", 15)]
    assert found(five, end_days=10) == [("2001-01-01", "2001-01-23", 23)]


def test_intensity_counts_the_days_of_drought_only() -> None:
    table = drought.drought_processes(series((-1, 15), (0.3, 4), (-2.0, 3), (0, 10)))
    row = table.iloc[0]
    assert (row.intensity, row.drought_days, row.lowest, row.worst_class) == (21.0, 18, -2.0, 4)


def test_a_missing_day_ends_a_process() -> None:
    gap = series((-1, 16), (0, 1), (-1, 16), (0, 6))
    gap.iloc[16] = np.nan
    assert found(gap) == [("2001-01-01", "2001-01-16", 16), ("2001-01-18", "2001-02-02", 16)]
    absent = series((-1, 40)).drop(pd.Timestamp("2001-01-20"))
    assert [days for _, _, days in found(absent)] == [19, 20]


def test_stations_keep_their_names() -> None:
    layer = xr.DataArray(
        np.stack([series((-1, 20)), series((0, 20))]), dims=("station", "time"),
        coords={"station": ["53986", "53985"], "time": pd.date_range("2001-01-01", periods=20)},
    )  # fmt: skip
    table = drought.drought_processes(layer)
    assert table["station"].tolist() == ["53986"]
    assert drought.drought_days(layer)["station"].tolist() == ["53986", "53985"]


def test_days_of_a_year_need_the_year() -> None:
    days = pd.date_range("2001-01-01", "2003-12-31")
    index = pd.Series(np.where(days.month == 6, -1.0, -0.9999), days)
    index["2002-01-01":"2002-01-31"] = np.nan
    table = drought.drought_days(index).set_index("year")
    assert table.loc[2001, "value"] == 30
    assert np.isnan(table.loc[2002, "value"])
    frozen = np.asarray(index.isna())
    assert drought.drought_days(index, undefined=frozen).set_index("year").loc[2002, "value"] == 30


def test_frequency_by_the_worst_class() -> None:
    processes = drought.drought_processes(series((-0.6, 20), (0, 10), (-1.2, 20), (0, 10), (-1.4, 30)))
    table = drought.drought_frequency(processes, 10)
    assert table["frequency"].tolist() == [0.1, 0.2, 0.0, 0.0]
    assert table.loc[2, "mean_days"] == 25
    with pytest.raises(LayerError):
        drought.drought_frequency(processes, 0)


def test_wrong_lengths_are_refused() -> None:
    with pytest.raises(LayerError) as caught:
        drought.drought_processes(series((-1, 20)), start_days=0)
    assert caught.value.problems[0].rule == "drought.window"
    with pytest.raises(LayerError):
        drought.drought_processes(pd.Series(0.0, pd.date_range("2001-01-01", periods=24, freq="MS")))


values = st.lists(st.sampled_from([-2.5, -1.2, -0.7, -0.5, -0.4, 0.0, 1.0, np.nan]), min_size=30, max_size=200)


@given(values, st.integers(1, 20), st.integers(1, 12))
def test_laws_of_processes(days: list[float], start: int, end: int) -> None:
    """Apart by at least the end, at least as long as the start, of drought at both ends, without a missing day."""
    index = pd.Series(days, pd.date_range("2001-01-01", periods=len(days)))
    table = drought.drought_processes(index, start_days=start, end_days=end)
    for row in table.itertuples():
        part = index[row.start : row.end]
        assert part.notna().all()
        assert (part.iloc[:start] <= -0.5).all()
        assert part.iloc[-1] <= -0.5
        assert row.intensity == pytest.approx(part[part <= -0.5].abs().sum())
        assert row.days == len(part)
    assert (table["start"].iloc[1:].to_numpy() > table["end"].iloc[:-1].to_numpy()).all()
    drier = drought.drought_processes(index - 0.3, start_days=start, end_days=end)
    assert drier["drought_days"].sum() >= table["drought_days"].sum()
    moved = index.set_axis(index.index + pd.Timedelta(37, "D"))
    later = drought.drought_processes(moved, start_days=start, end_days=end)
    assert (later["start"] - pd.Timedelta(37, "D")).tolist() == table["start"].tolist()
