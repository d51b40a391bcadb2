"""Tables with coordinates as the field sends them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from riskzoning import io
from riskzoning.errors import Journal, LayerError, hearing


def text_table(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_points_find_their_columns_and_list_what_they_drop(tmp_path: Path) -> None:
    pd.DataFrame({"名称": ["A", "B"], "经度": [113.9, None], "纬度": [35.3, 35.1]}).to_csv(
        tmp_path / "a.csv", index=False
    )
    with hearing(Journal()) as journal:
        points = io.read_points(tmp_path / "a.csv")
    assert points.geometry.x[2] == 113.9
    (problem,) = journal.dropped
    assert (problem.rule, dict(problem.values)["count"]) == ("dropped.points", 1)
    assert "row 3: no coordinates" in problem.found
    pd.DataFrame({"lon": [35.3], "lat": [113.9]}).to_csv(tmp_path / "b.csv", index=False)
    with pytest.raises(LayerError, match="swapped"):
        io.read_points(tmp_path / "b.csv")


def test_points_in_degrees_minutes_seconds(tmp_path: Path) -> None:
    path = text_table(tmp_path / "a.csv", "经度(°),纬度(°)\n113°54′00″,北纬35°18′36″\n113.9,35.31\nabc,35\n0,0\n")
    with hearing(Journal()) as journal:
        points = io.read_points(path)
    assert points.geometry.x.tolist() == pytest.approx([113.9, 113.9])
    assert points.geometry.y.tolist() == pytest.approx([35.31, 35.31])
    assert [str(row) for row in dict(journal.dropped[0].values)["rows"]] == [
        "row 4: 'abc' in column '经度(°)' is not a coordinate",
        "row 5: coordinates 0, 0 stand for none",
    ]
    assert "第 5 行坐标为 0, 0" in journal.dropped[0].text("zh")


@pytest.mark.parametrize(
    ("rows", "crs", "reason"),
    [
        ("35.3,113.9\n114,35\n114,35", 4490, r"row 2 \(35\.3, 113\.9, swapped\)"),
        ("40,80\n41,81\n", 4490, r"swapped: exchange the columns in the file, or `x:` and `y:`"),
        ("1139,35\n114,35", 4490, r"row 2 \(1139, 35\)"),
        ("500000,3900000", 4490, "EPSG:4547"),
        ("11350,3518\n11375,3520\n11350,3518", 4490, r"row 3, such as 11375, 3520"),
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


def test_degrees_and_minutes_in_one_number_are_read_with_a_word(tmp_path: Path) -> None:
    path = text_table(tmp_path / "a.csv", "lon,lat\n11350,3518\n")
    with hearing(Journal()) as journal:
        points = io.read_points(path)
    assert (points.geometry.x[2], points.geometry.y[2]) == pytest.approx((113 + 50 / 60, 35.3))
    assert [problem.rule for problem in journal.warnings] == ["points.minutes"]
    assert "11350, 3518 was read as 113.833333, 35.300000 degrees" in journal.warnings[0].found


@pytest.mark.parametrize(
    "rows",
    ['"113,817","35,450"', "113.817,35.450", "113.817,35.45\n114,35", '"113,817",35.45'],
)
def test_commas_and_points_of_degrees_are_decimals(tmp_path: Path, rows: str) -> None:
    points = io.read_points(text_table(tmp_path / "a.csv", f"lon,lat\n{rows}\n"))
    assert (points.geometry.x[2], points.geometry.y[2]) == pytest.approx((113.817, 35.45))
    points = io.read_points(text_table(tmp_path / "a.csv", "lon;lat\n113,817;35,450\n"))
    assert (points.geometry.x[2], points.geometry.y[2]) == pytest.approx((113.817, 35.45))


def test_a_heading_that_names_an_offset_datum_is_told(tmp_path: Path) -> None:
    with hearing(Journal()) as journal:
        io.read_points(text_table(tmp_path / "a.csv", "lng_gcj02,lat_gcj02\n114,35\n"))
    assert [(problem.rule, dict(problem.values)["key"]) for problem in journal.warnings] == [
        ("points.datum_named", "gcj02")
    ]


def test_columns_of_coordinates_that_are_not_there_are_told(tmp_path: Path) -> None:
    path = text_table(tmp_path / "a.csv", "code,north\n1,2\n")
    for options, rule in (({}, "points.no_column"), ({"x": "east"}, "points.column")):
        with pytest.raises(LayerError) as caught:
            io.read_points(path, **options)
        assert caught.value.problems[0].rule == rule
        assert "code, north" in caught.value.problems[0].required


def test_detections_of_a_satellite_and_an_inventory_have_their_places(tmp_path: Path) -> None:
    fires = "LATITUDE,LONGITUDE,ACQ_DATE,CONFIDENCE\n35.3,113.9,2020-02-01,90\n"
    slides = "编号,灾害点名称,经度,纬度\n00012,甲,113°54′,35°18′\n"
    for name, text in (("fires.csv", fires), ("slides.csv", slides)):
        points = io.read_points(text_table(tmp_path / name, text))
        assert (points.geometry.x[2], points.geometry.y[2]) == pytest.approx((113.9, 35.3))
    assert points["编号"].tolist() == ["00012"]
