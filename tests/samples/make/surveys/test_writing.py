import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
from make.surveys.writing import (
    write_book,
    write_filled_template,
    write_gbk,
    write_package,
    write_shapefile,
)

from riskzoning.surveys.reading import survey_tables
from riskzoning.surveys.records import gathered

TEAM = {
    "team_id": "DW1", "name": "西街队", "type": "社会救援队", "level": "县级", "adcode6": "410702",
    "town9": "410702001", "people": 60,
    "equip_wan": 12.5, "vehicles": 3, "lon": 113.9, "lat": 35.3, "founded": "2015-05-01",
}  # fmt: skip


def teams(**columns):
    return pd.DataFrame([TEAM, {**TEAM, "team_id": "DW2"}]).assign(**columns)


def read(path):
    return gathered(list(survey_tables(path)))


def test_a_filled_template_keeps_its_drop_downs_and_is_read(tmp_path):
    rows = write_filled_template(tmp_path / "a.xlsx", "rescue_team", teams(people=[60, 32.5]))
    assert rows == {0: 3, 1: 4}
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert sheet.data_validations.dataValidation
    assert sheet["A2"].value == "队伍编码*"
    records = read(tmp_path / "a.xlsx")
    assert records.places.row.tolist() == [3, 4]
    assert records.frame["people"].tolist() == [60, 32.5]
    assert records.frame["founded"].dt.year.tolist() == [2015, 2015]


def test_a_text_that_is_no_day_stays_as_it_is(tmp_path):
    write_filled_template(tmp_path / "a.xlsx", "rescue_team", teams(founded=["2015-13-01", np.nan]))
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert [sheet["L3"].value, sheet["L4"].value] == ["2015-13-01", None]


def test_groups_of_headings_are_merged_over_their_parts(tmp_path):
    frame = pd.DataFrame({"a": ["x"], "b": [1], "c": [2]})
    (rows,) = write_book(tmp_path / "b.xlsx", [("表", ["题目", "单位"], ["名称", "倒塌房屋|户", "倒塌房屋|间"], frame)])
    sheet = openpyxl.load_workbook(tmp_path / "b.xlsx").worksheets[0]
    assert rows == {0: 5}
    assert [cell.value for cell in sheet[3]] == ["名称", "倒塌房屋", None]
    assert [cell.value for cell in sheet[4]][1:] == ["户", "间"]
    assert {str(area) for area in sheet.merged_cells.ranges} == {"A1:C1", "A2:C2", "A3:A4", "B3:C3"}
    assert [cell.value for cell in sheet[5]] == ["x", 1, 2]


def test_texts_of_a_workbook_stand_in_one_list(tmp_path):
    frame = pd.DataFrame({"a": ["<&> x", "<&> x", None]})
    write_book(tmp_path / "b.xlsx", [("表", [], ["名称"], frame)])
    import zipfile

    with zipfile.ZipFile(tmp_path / "b.xlsx") as archive:
        assert archive.read("xl/sharedStrings.xml").count(b"&lt;&amp;&gt; x") == 1
        assert {entry.date_time for entry in archive.infolist()} == {(2021, 10, 31, 8, 0, 0)}
    sheet = openpyxl.load_workbook(tmp_path / "b.xlsx").worksheets[0]
    assert [cell.value for cell in sheet["A"]] == ["名称", "<&> x", "<&> x"]


def test_the_same_rows_give_the_same_bytes(tmp_path):
    for name in "ab":
        write_filled_template(tmp_path / name / "t.xlsx", "rescue_team", teams())
        write_package(tmp_path / name / "t.gpkg", "rescue_team", teams())
        write_shapefile(tmp_path / name / "t.shp", teams())
        write_gbk(tmp_path / name / "t.csv", "rescue_team", teams())
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_a_text_file_is_in_gbk_and_a_shapefile_has_short_names(tmp_path):
    write_gbk(tmp_path / "t.csv", "rescue_team", teams())
    assert "西街队".encode("gbk") in (tmp_path / "t.csv").read_bytes()
    frame = teams().rename(columns={"founded": "survey_date"})
    write_shapefile(tmp_path / "t.shp", frame, crs="EPSG:4547")
    points = gpd.read_file(tmp_path / "t.shp")
    assert "survey_dat" in points.columns
    assert points.crs.to_epsg() == 4547
    back = points.to_crs("EPSG:4490").geometry
    assert np.allclose([back.x, back.y], [[113.9] * 2, [35.3] * 2], atol=1e-7)


def test_a_package_has_headings_in_chinese(tmp_path):
    rows = write_package(tmp_path / "t.gpkg", "rescue_team", teams())
    assert rows == {0: 1, 1: 2}
    assert "队伍编码" in gpd.read_file(tmp_path / "t.gpkg").columns
    assert read(tmp_path / "t.gpkg").frame["lon"].tolist() == [113.9, 113.9]
