"""Records of several tables: one frame, the place of each row, what reading says."""

from __future__ import annotations

import numpy as np

from riskzoning.surveys.forms import form
from riskzoning.surveys.reading import frame_table
from riskzoning.surveys.records import gathered
from tests.surveys.conftest import records_of, shelters


def test_tables_are_put_together_and_keep_their_places() -> None:
    first, second = shelters(2), shelters(3)
    second.attrs["source"] = "b.xlsx"
    first.attrs["source"] = "a.xlsx"
    records = gathered([frame_table(item, form("shelter")) for item in (first, second)])
    assert len(records.frame) == 5
    assert records.places.text(0) == "a.xlsx;;2"
    assert records.places.text(4) == "b.xlsx;;4"
    assert records.positions[("b.xlsx", "")]["name"] == 1


def test_empty_and_unreadable_cells_and_missing_columns_are_findings() -> None:
    rows = shelters(4).astype(object).drop(columns="是否有应急供水")
    rows.loc[1, "可容纳人数(人)"] = None
    rows.loc[2, "可容纳人数(人)"] = "约200"
    rows.loc[3, "类型"] = "帐篷"
    records = records_of("shelter", rows)
    told = {(item.rule, item.field): item.rows.tolist() for item in records.findings.items}
    assert told == {
        ("Q01.column", "water"): [-1],
        ("Q01.empty", "capacity"): [1],
        ("Q02.number", "capacity"): [2],
        ("Q02.choice", "type"): [3],
    }
    assert records.unread == {"capacity": {2: "约200"}, "type": {3: "帐篷"}}


def test_questions_are_asked_once_a_text() -> None:
    asked: list[str] = []
    records = records_of("shelter", shelters(5))
    answers = records.each("adcode6", lambda text: not asked.append(text))  # type: ignore[func-returns-value]
    assert answers.all()
    assert asked == ["410702"]
    assert np.isnan(records.numbers("nothing")).all()
    assert records.texts("nothing").tolist() == [""] * 5
