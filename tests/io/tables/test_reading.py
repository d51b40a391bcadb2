"""Tables as the field sends them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook

from riskzoning import io
from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.io.tables.reading import renamed


def text_table(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


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
    with pytest.raises(LayerError) as caught:
        io.read_table(tmp_path / "a.csv", columns={"x": "pop"})
    (problem,) = caught.value.problems
    assert (problem.rule, problem.required) == ("table.column", "one of code, popu (did you mean popu?)")


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
        ('code,name\n1,"A\n2,B\n', "cannot be split into cells"),
        ("code,name\n1,A,B\n2,C\n", r"more cells than the heading \(2\): 2, 1 in all"),
        ("code,name\n", "has a heading and no rows"),
    ],
)
def test_broken_text_is_told(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(LayerError, match=reason):
        io.read_table(text_table(tmp_path / "a.csv", text))


def test_headings_that_stand_twice_or_not_at_all_are_told(tmp_path: Path) -> None:
    with hearing(Journal()) as journal:
        found = io.read_table(text_table(tmp_path / "a.csv", "code,v,v,\n1,2,3,4\n"))
    assert found.columns.tolist() == ["code", "v", "v_2"]
    assert [(problem.rule, dict(problem.values)["columns"]) for problem in journal.warnings] == [
        ("table.headings_twice", ("v_2",)),
        ("table.headings_missing", (4,)),
    ]


def test_a_heading_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = text_table(tmp_path / "a.csv", "code,v\n1,2\n")
    with pytest.raises(LayerError) as caught:
        io.read_table(path, header=5)
    assert (caught.value.problems[0].rule, dict(caught.value.problems[0].values)) == (
        "table.header",
        {"rows": 2, "header": 5},
    )
    assert io.read_table(path, header=1, text=("v",))["v"].tolist() == ["2"]


def test_renamed_keeps_frames_without_wishes() -> None:
    assert renamed(pd.DataFrame({"人口": [1]}), {"pop": "人口"}, thing="a.csv").columns.tolist() == ["pop"]
    assert renamed(pd.DataFrame({"人口": [1]}), None, thing="a.csv").columns.tolist() == ["人口"]


def test_a_name_that_is_taken_stands_aside_for_the_column_that_was_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("code,people,人口\n410702,1,2\n", encoding="utf-8")
    with hearing(Journal()) as journal:
        table = io.read_table(path, columns={"people": "人口"})
        swapped = io.read_table(path, columns={"people": "人口", "人口": "people"})
    assert table.to_dict("records") == [{"code": "410702", "people_2": 1, "people": 2}]
    assert swapped.to_dict("records") == [{"code": "410702", "人口": 1, "people": 2}]
    assert [problem.rule for problem in journal.warnings] == ["table.name_taken"]
