"""Labels decide which values belong together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning.errors import LayerError
from riskzoning.hazards.earthquake import site_amplification
from riskzoning.methods.labels import paired
from riskzoning.methods.validation import grade_agreement, roc_auc
from riskzoning.methods.weights import coupling_coordination, normalise
from riskzoning.risk import exceedance_curve
from riskzoning.vulnerability import mean_damage

A, B = pd.Series([1.0, 2.0, 3.0], ["a", "b", "c"]), pd.Series([30.0, 10.0, 20.0], ["c", "a", "b"])


def test_series_tables_and_arrays_come_in_the_order_of_the_first() -> None:
    both = paired({"a": A, "b": B, "c": B.to_frame(), "d": np.array([1, 2, 3]), "e": 5}, "x")
    assert both["b"].tolist() == [10, 20, 30]
    assert both["c"].index.tolist() == ["a", "b", "c"]
    assert both["e"] == 5
    one = xr.DataArray([1, 2], dims="station", coords={"station": ["a", "b"]})
    assert paired({"one": one, "two": one[::-1]}, "x")["two"].values.tolist() == [1, 2]


def test_a_plain_index_is_no_label_and_other_labels_are_refused() -> None:
    plain = pd.Series([7.0, 8.0, 9.0])
    assert paired({"a": A, "b": plain}, "x")["b"].tolist() == [7, 8, 9]
    for other in (B.rename({"a": "z"}), B.iloc[:2], pd.Series([1.0, 2, 3], ["a", "a", "b"])):
        with pytest.raises(LayerError) as caught:
            paired({"a": A, "b": other}, "x")
        assert caught.value.problems[0].rule == "labels.differ"
    one = xr.DataArray([1, 2], dims="time", coords={"time": pd.date_range("2021-01-01", periods=2)})
    with pytest.raises(LayerError, match="lacks"):
        paired({"one": one, "two": one.assign_coords(time=one.time + np.timedelta64(1, "D"))}, "x")


def test_functions_of_two_columns_pair_by_label() -> None:
    ground = pd.Series(["IV", "II"], ["B", "A"])
    pga = site_amplification(pd.Series([0.1, 0.2], ["A", "B"]), ground)
    assert pga.to_dict() == {"A": site_amplification(0.1, "II"), "B": site_amplification(0.2, "IV")}
    curve = exceedance_curve(A, pd.Series([0.01, 0.04, 0.1], ["c", "b", "a"]))
    assert curve.attrs["expected_annual_loss"] == pytest.approx(1 * 0.1 + 2 * 0.04 + 3 * 0.01)
    table = coupling_coordination(A / 10, B / 100)
    assert table["coupling"].to_numpy() == pytest.approx([1, 1, 1])
    with pytest.raises(LayerError):
        exceedance_curve(A, pd.Series([0.1, 0.2, 0.3], ["x", "y", "z"]))


def test_tables_of_units_and_of_grades_pair_by_label() -> None:
    scores, labels = pd.Series([0.9, 0.1, 0.8], ["a", "b", "c"]), pd.Series([0, 1, 1], ["b", "c", "a"])
    assert roc_auc(scores, labels) == 1
    grades = pd.Series([1, 2, 3], ["a", "b", "c"])
    assert grade_agreement(grades, grades[::-1]) == 1
    damage = pd.DataFrame([[0.2, 0.8]], columns=["slight", "heavy"])
    ratios = pd.Series([0.9, 0.1], ["heavy", "slight"])
    assert mean_damage(damage, ratios).tolist() == pytest.approx([0.2 * 0.1 + 0.8 * 0.9])
    matrix = pd.DataFrame({"x": [0.0, 5.0], "y": [0.0, 50.0]}, index=["u", "v"])
    reference = pd.DataFrame({"y": [0.0, 100.0], "x": [0.0, 10.0]})
    assert normalise(matrix, reference=reference).loc["v"].to_dict() == {"x": 0.5, "y": 0.5}
