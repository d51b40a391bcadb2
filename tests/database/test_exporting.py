"""Tables and layers into files."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from riskzoning.errors import DatabaseError

from . import NAMES, Place, run_of, shelters


def test_each_format_has_the_rows_of_the_region(tmp_path: Path, place: Place) -> None:
    with place.opened() as database:
        database.write(run_of("r1", shelter=shelters(*NAMES)))
        database.write(run_of("r2", shelter=shelters(NAMES[0])))
        assert database.export(tmp_path / "a.csv", "shelter", region="990101") == {"shelter": 1}
        assert database.export(tmp_path / "all.csv", "shelter", run="r1") == {"shelter": len(NAMES)}
        database.export(tmp_path / "a.xlsx", ["risk_unit", "breaks"])
        database.export(tmp_path / "a.geojson", "cap_shelter")
        done = database.export(tmp_path / "a.gpkg")
    table = pd.read_csv(tmp_path / "a.csv", dtype={"adcode6": str})
    assert table["name"].tolist() == [NAMES[0]]
    assert table["adcode6"].tolist() == ["990101"]
    assert "geometry" not in table
    assert pd.ExcelFile(tmp_path / "a.xlsx").sheet_names == ["risk_unit", "breaks"]
    points = gpd.read_file(tmp_path / "a.geojson")
    assert (round(points.geometry.iloc[0].x, 6), round(points.geometry.iloc[0].y, 6)) == (114.0, 35.25)
    assert done["cap_shelter"] == 1
    assert len(gpd.read_file(tmp_path / "a.gpkg", layer="unit_county")) == done["unit_county"]


@pytest.mark.parametrize(
    ("name", "tables", "rule"),
    [
        ("a.txt", "shelter", "database.export_format"),
        ("a.csv", ["shelter", "risk_unit"], "database.export_one"),
        ("a.geojson", "risk_unit", "database.export_shapes"),
        ("a.csv", "nothing", "database.table"),
    ],
)
def test_what_cannot_be_written_is_told_and_nothing_is_made(
    tmp_path: Path, name: str, tables: str | list[str], rule: str
) -> None:
    with Place(str(tmp_path / "city.gpkg")).opened() as database:
        database.write(run_of("r1", shelter=shelters("a")))
        with pytest.raises(DatabaseError) as caught:
            database.export(tmp_path / name, tables)
    assert caught.value.problems[0].rule == rule
    assert [path.name for path in tmp_path.iterdir()] == ["city.gpkg"]
