"""Tables as the field sends them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook

from riskzoning import io
from riskzoning.errors import LayerError


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_encodings_and_separators_are_found(tmp_path: Path, encoding: str, mark: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"# note\n代码{mark}人口\n041070{mark}1200\n", encoding=encoding)
    assert io.read_table(path).to_dict("records") == [{"代码": "041070", "人口": 1200}]


def test_titles_above_the_heading_and_row_numbers(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["某表"])
    sheet.append(["单位：人"])
    sheet.append(["code", "name", "pop"])
    sheet.append([410702001, "A", "1,234,567"])
    sheet.append([None, None, None])
    sheet.append([410702002, "B", 5])
    book.save(tmp_path / "a.xlsx")
    found = io.read_table(tmp_path / "a.xlsx")
    assert found["code"].tolist() == ["410702001", "410702002"]
    assert found["pop"].tolist() == [1234567, 5]
    assert found.index.tolist() == [4, 6]


def test_columns_are_renamed_or_missed_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("code,popu\n1,2\n", encoding="utf-8")
    assert io.read_table(tmp_path / "a.csv", columns={"pop": "popu"}).columns.tolist() == ["code", "pop"]
    with pytest.raises(LayerError, match="has no column 'pop'; one of code, popu; near ones: popu"):
        io.read_table(tmp_path / "a.csv", columns={"x": "pop"})


def test_wrong_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("code,name\n", encoding="utf-8")
    with pytest.raises(LayerError, match="is text, not a workbook"):
        io.read_table(tmp_path / "a.xlsx")
    (tmp_path / "b.csv").write_bytes(b"")
    with pytest.raises(LayerError, match="is empty"):
        io.read_table(tmp_path / "b.csv")
    (tmp_path / "c.csv").write_bytes(b"\x00\xff\x81")
    with pytest.raises(LayerError):
        io.read_table(tmp_path / "c.csv")


def test_points_find_their_columns_and_list_what_they_drop(tmp_path: Path) -> None:
    pd.DataFrame({"名称": ["A", "B"], "经度": [113.9, None], "纬度": [35.3, 35.1]}).to_csv(
        tmp_path / "a.csv", index=False
    )
    points = io.read_points(tmp_path / "a.csv")
    assert (points.geometry.x[2], points.attrs["dropped"]) == (113.9, ["row 3: no coordinates"])
    pd.DataFrame({"lon": [35.3], "lat": [113.9]}).to_csv(tmp_path / "b.csv", index=False)
    with pytest.raises(LayerError, match="swapped"):
        io.read_points(tmp_path / "b.csv")
