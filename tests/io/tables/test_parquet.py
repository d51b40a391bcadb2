"""Tables in Parquet."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from riskzoning.errors import LayerError
from riskzoning.io.tables import read_table


def test_codes_stay_text_and_numbers_numbers(tmp_path: Path) -> None:
    frame = pd.DataFrame({"code": [410702.0, 410703.0], "people": ["1,200", "30"], "kind": pd.Categorical(["a", "b"])})
    frame.to_parquet(tmp_path / "a.parquet", index=False)
    table = read_table(tmp_path / "a.parquet", columns={"who": "kind"})
    assert table["code"].tolist() == ["410702", "410703"]
    assert table["people"].tolist() == [1200, 30]
    assert table["who"].tolist() == ["a", "b"]
    assert table.index.tolist() == [1, 2]


def test_an_index_is_a_column_and_an_empty_or_broken_file_is_told(tmp_path: Path) -> None:
    pd.DataFrame({"people": [1]}, index=pd.Index(["410702"], name="code")).to_parquet(tmp_path / "a.parquet")
    assert read_table(tmp_path / "a.parquet")["code"].tolist() == ["410702"]
    pd.DataFrame({"people": [1]}).iloc[:0].to_parquet(tmp_path / "b.parquet")
    (tmp_path / "c.parquet").write_bytes(b"PAR1" + b"x" * 100)
    for name, rule in (("b", "table.heading_only"), ("c", "table.broken_parquet")):
        with pytest.raises(LayerError) as caught:
            read_table(tmp_path / f"{name}.parquet")
        assert caught.value.problems[0].rule == rule
