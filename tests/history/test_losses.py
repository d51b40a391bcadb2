"""Recorded losses by year and hazard of the study."""

from __future__ import annotations

import pandas as pd
import pytest

from riskzoning.errors import Journal, LayerError, UnitsError, hearing
from riskzoning.history import annual_losses


def test_losses_are_added_up_by_year_and_hazard() -> None:
    rows = pd.DataFrame(
        {
            "年份": [2000, 2000, 2001, 2001, 2002],
            "灾种": ["洪涝", "GEO_SLIDE", "雪灾", "风雹", "蝗灾"],
            "万元": [1.0, 2, 3, 4, 5],
        }
    )
    names = {"hazard": "灾种", "year": "年份", "loss": "万元", "units": "万元"}
    with hearing(Journal()) as heard:
        table = annual_losses(rows, **names)
    assert table.index.tolist() == [2000, 2001, 2002]
    assert table["meteorology"].tolist() == [0, 7e4, 0]
    assert table[["flood", "geology"]].sum().tolist() == [1e4, 2e4]
    assert [problem.rule for problem in heard.steps + heard.dropped] == ["dropped.history"]
    assert annual_losses(rows, **names, first=2001, last=2001).to_dict() == {"meteorology": {2001: 7e4}}


def test_records_that_cannot_be_read_are_refused() -> None:
    rows = pd.DataFrame({"year": [2000], "hazard": ["洪涝"], "loss": [-1.0]})
    with pytest.raises(LayerError) as caught:
        annual_losses(rows)
    assert caught.value.problems[0].rule == "history.amounts"
    with pytest.raises(LayerError):
        annual_losses(rows.drop(columns="loss"))
    with pytest.raises(UnitsError):
        annual_losses(rows.assign(loss=1), units="kg")
