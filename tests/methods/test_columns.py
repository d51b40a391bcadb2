"""Columns by name in any case and script."""

from __future__ import annotations

import pandas as pd
import pytest

from riskzoning.errors import LayerError
from riskzoning.methods.columns import named_columns

KNOWN = {"acq_date": ["date", "日期"], "confidence": ["置信度"]}


@pytest.mark.parametrize("column", ["acq_date", "ACQ_DATE", "Acq Date", "acq-date", "Date", "日期"])
def test_one_column_under_many_names(column: str) -> None:
    assert list(named_columns(pd.DataFrame({column: [1], "x": [2]}), KNOWN, "a")) == ["acq_date", "x"]


def test_the_exact_name_counts_first_and_two_others_are_refused() -> None:
    exact = named_columns(pd.DataFrame({"acq_date": [1], "DATE": [2]}), KNOWN, "a")
    assert list(exact) == ["acq_date", "DATE"]
    with pytest.raises(LayerError) as caught:
        named_columns(pd.DataFrame({"Date": [1], "日期": [2]}), KNOWN, "a")
    assert caught.value.problems[0].rule == "columns.several"
