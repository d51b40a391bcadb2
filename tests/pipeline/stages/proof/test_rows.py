"""A row of the table of skill, and the table that they make."""

from __future__ import annotations

import numpy as np

from riskzoning.pipeline.stages.proof.rows import COLUMNS, Row, table_of


def test_rows_make_a_table_with_all_columns_also_without_any() -> None:
    table = table_of([Row("flood", "auc", 1, 12, "2016", "", "independent"), Row("flood", "sense", 0.0)])
    assert list(table) == COLUMNS
    assert table["n"].tolist()[0] == 12
    assert np.isnan(table["n"].iloc[1])
    assert table["sample"].tolist() == ["independent", ""]
    assert list(table_of([])) == COLUMNS
