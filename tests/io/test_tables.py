"""Tables as the field sends them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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


def text_table(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def workbook(path: Path, *rows: list[Any], merged: str | None = None) -> Workbook:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if merged:
        book.active.merge_cells(merged)
    book.save(path)
    return book


def test_decimal_commas_belong_to_files_with_another_separator(tmp_path: Path) -> None:
    path = text_table(tmp_path / "a.csv", "code;lon;lat;v\n1;113,9;35,3;1.200,5\n2;114,0;35,2;7\n")
    points = io.read_points(path)
    assert points.geometry.x.tolist() == [113.9, 114.0]
    assert points["v"].tolist() == [1200.5, 7]
    # Without a proof of decimal commas these are thousands.
    path = text_table(tmp_path / "b.csv", "name;v\nA;1,200\nB;3\n")
    assert io.read_table(path)["v"].tolist() == [1200, 3]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("code,v\r1,2\r", "utf-8"),
        ("sep=;\ncode;v\n1;2\n", "utf-8"),
        ("code,v\n1,2\n", "utf-16"),
        ("code,v\n'1,'2\n", "gbk"),
    ],
)
def test_text_of_other_systems(tmp_path: Path, text: str, encoding: str) -> None:
    assert io.read_table(text_table(tmp_path / "a.txt", text, encoding)).to_dict("records") == [{"code": "1", "v": 2}]


def test_codes_lose_no_digit_and_gain_no_decimal(tmp_path: Path) -> None:
    codes = ["４１０７０２", " 410702", "410702.0", "'410702", "4.10702E+05", "410 702"]
    path = text_table(tmp_path / "a.csv", "adcode,pop\n" + "".join(f"{code},１２\n" for code in codes))
    found = io.read_table(path)
    assert set(found["adcode"]) == {"410702"}
    assert found["pop"].tolist() == [12] * len(codes)
    # Here the digits are lost: no code is made up.
    path = text_table(tmp_path / "b.csv", "adcode\n4.107E+08\n")
    assert io.read_table(path)["adcode"].tolist() == ["4.107E+08"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<html><body>404</body></html>", "is a web page"),
        ('code,name\n1,"A\n2,B\n', "cannot be cut into cells"),
        ("code,name\n1,A,B\n2,C\n", r"more cells than the heading \(2\): rows 2"),
        ("code,name\n", "has a heading and no rows"),
    ],
)
def test_broken_text_is_told(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(LayerError, match=reason):
        io.read_table(text_table(tmp_path / "a.csv", text))


def test_headings_that_stand_twice_or_not_at_all_are_told(tmp_path: Path) -> None:
    found = io.read_table(text_table(tmp_path / "a.csv", "code,v,v,\n1,2,3,4\n"))
    assert found.columns.tolist() == ["code", "v", "v_2"]
    assert [text.partition(": ")[2] for text in found.attrs["warnings"]] == [
        "headings stand more than once; the later columns are called v_2",
        "columns without a heading are left out: 4",
    ]


def test_the_first_visible_sheet_with_rows_is_read(tmp_path: Path) -> None:
    book = workbook(tmp_path / "a.xlsx", ["code", "v"], ["1", 1])
    book.active.sheet_state = "hidden"
    for number in (2, 3):
        sheet = book.create_sheet(f"S{number}")
        sheet.append(["code", "v"])
        sheet.append([str(number), number])
    book.active = 1
    book.save(tmp_path / "a.xlsx")
    found = io.read_table(tmp_path / "a.xlsx")
    assert found["v"].tolist() == [2]
    assert found.attrs["warnings"] == ["a.xlsx: sheet 'S2' is read, not S3; name one with sheet:"]
    assert io.read_table(tmp_path / "a.xlsx", sheet="Sheet")["v"].tolist() == [1]


def test_merged_texts_belong_to_all_their_rows_and_merged_numbers_to_one(tmp_path: Path) -> None:
    rows = (["county", "people", "name"], ["红旗区", 90, "甲"], [None, None, "乙"], ["卫滨区", 5, "丙"])
    workbook(tmp_path / "a.xlsx", *rows, merged="A2:A3")
    found = io.read_table(tmp_path / "a.xlsx")
    assert found["county"].tolist() == ["红旗区", "红旗区", "卫滨区"]
    workbook(tmp_path / "b.xlsx", *rows, merged="B2:B3")
    assert io.read_table(tmp_path / "b.xlsx")["people"].sum() == 95


def test_workbooks_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "old.xls").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))
    workbook(tmp_path / "formula.xlsx", ["code", "v"], ["1", "=1+1"])
    workbook(tmp_path / "empty.xlsx")
    for name, reason in (
        ("old.xls", "Excel 97-2003"),
        ("formula.xlsx", r"formulas without a stored value: row 2 \(=1\+1\)"),
        ("empty.xlsx", "has no rows"),
    ):
        with pytest.raises(LayerError, match=reason):
            io.read_table(tmp_path / name)
    # The first bytes count, not the name.
    workbook(tmp_path / "a.xlsx", ["code", "v"], [410702.0, 3])
    (tmp_path / "a.csv").write_bytes((tmp_path / "a.xlsx").read_bytes())
    assert io.read_table(tmp_path / "a.csv").to_dict("records") == [{"code": "410702", "v": 3}]


def test_points_in_degrees_minutes_seconds(tmp_path: Path) -> None:
    path = text_table(tmp_path / "a.csv", "经度(°),纬度(°)\n113°54′00″,北纬35°18′36″\n113.9,35.31\nabc,35\n0,0\n")
    points = io.read_points(path)
    assert points.geometry.x.tolist() == pytest.approx([113.9, 113.9])
    assert points.geometry.y.tolist() == pytest.approx([35.31, 35.31])
    assert points.attrs["dropped"] == [
        "row 4: 'abc' in column '经度(°)' is no coordinate",
        "row 5: coordinates 0, 0 stand for none",
    ]


@pytest.mark.parametrize(
    ("rows", "crs", "reason"),
    [
        ("35.3,113.9\n114,35\n114,35", 4490, r"row 2 \(35\.3, 113\.9, swapped\)"),
        ("40,80\n41,81\n", 4490, "swapped: exchange x: and y:"),
        ("1139,35\n114,35", 4490, r"row 2 \(1139, 35\)"),
        ("500000,3900000", 4490, "EPSG:4547"),
        ("11350,3518", 4490, "11350 = 113° 50′"),
        ("38500000,3900000", 4547, "zone prefix 38: EPSG:4526"),
        ("114,35", 4547, "has degrees"),
        (",\n,", 4490, "has a heading and no rows"),
        ("a,b", 4490, "no row with coordinates"),
        ("114,35", 99999, "is declared with the CRS '99999'"),
    ],
)
def test_coordinates_that_cannot_be_are_told(tmp_path: Path, rows: str, crs: int, reason: str) -> None:
    with pytest.raises(LayerError, match=reason):
        io.read_points(text_table(tmp_path / "a.csv", f"lon,lat\n{rows}\n"), crs=crs)
