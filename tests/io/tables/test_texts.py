"""Text tables: separators, decimal commas, comments."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskzoning import io
from riskzoning.errors import LayerError
from riskzoning.io.tables.texts import text_rows


def text_table(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


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


def test_comments_keep_their_place_as_empty_rows(tmp_path: Path) -> None:
    path = text_table(tmp_path / "a.csv", "# note\nlon;lat\n113,9;35,3\n")
    assert text_rows(path, None) == ([[], ["lon", "lat"], ["113,9", "35,3"]], True)


@pytest.mark.parametrize(("raw", "rule"), [(b"a,b\0c\n", "table.binary"), (b"<html>\n", "table.web_page")])
def test_what_is_no_table_is_told(tmp_path: Path, raw: bytes, rule: str) -> None:
    (tmp_path / "a.csv").write_bytes(raw)
    with pytest.raises(LayerError) as caught:
        text_rows(tmp_path / "a.csv", None)
    assert caught.value.problems[0].rule == rule
