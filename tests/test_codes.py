"""Codes and ids are text: one rule, and every door that takes codes goes by it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskzoning import admin, grid, io
from riskzoning.codes import code_text, code_texts, is_code_column, is_padded, unit_names
from riskzoning.exposure.base.unit_tables import folded_totals


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (410702, "410702"),
        (410702.0, "410702"),
        (np.float32(410702), "410702"),
        (4.10702001001e11, "410702001001"),
        (" ４１０７０２ ", "410702"),
        ("410702.0", "410702"),
        ("410702.", "410702."),
        ("'0410", "0410"),
        ("\ufeff410 702", "410702"),
        ("4.10702E+05", "410702"),
        ("4.107E+08", "4.107E+08"),
        ("00123", "00123"),
        ("P.1", "P.1"),
        ("St Mary", "St Mary"),
        ("", None),
        ("nan", None),
        (None, None),
        (float("nan"), None),
        (pd.NA, None),
        (pd.NaT, None),
    ],
)
def test_a_code_is_text(value: object, text: str | None) -> None:
    assert code_text(value) == text


def test_numbers_of_sections_keep_their_decimals() -> None:
    assert code_texts(["1.0", "1.1", "2"]) == ["1.0", "1.1", "2"]
    assert code_texts([1.0, None, 2.0]) == ["1", None, "2"]


def test_columns_of_codes_are_known_by_name() -> None:
    codes = ("adcode6", "行政区划代码", "Station_Id_C", "STATION", "区站号", "站号", "stationid", "unit_id", "id")
    assert [name for name in codes if not is_code_column(name)] == ["stationid"]
    assert not any(map(is_code_column, ("population", "width", "idle", "经度")))


def test_digits_of_one_width_that_begin_with_zero_are_codes() -> None:
    assert is_padded(["00123", "53986"])
    assert not any(map(is_padded, (["0450"], ["53986"], ["00123", "5"], ["00123", "x"], ["0.123"], [])))


def test_units_are_called_by_their_name_or_their_code() -> None:
    index = ["1", "2", "3", "4"]
    units = pd.DataFrame({"name": [" 红旗区\n", None, float("nan"), "A\x1b[31mB"]}, index=index)
    assert unit_names(units).tolist() == ["红旗区", "2", "3", "A [31mB"]
    assert unit_names(units.drop(columns="name")).tolist() == index


# -- every door that takes codes ---------------------------------------------------------------------------------------
# As people keep them, and what they mean; the last two begin with a zero, which a number cannot keep.
FORMS: dict[str, list[object]] = {
    "text": ["410702", "410703"],
    "decimals": ["410702.0", "410703.0"],
    "some decimals": ["410702.0", "410703"],
    "full width": ["４１０７０２", "410703"],
    "apostrophe": ["'410702", "410703"],
    "blanks": ["410702 ", " 410703"],
    "numbers": [410702, 410703],
    "floats": [410702.0, 410703.0],
    "scientific": ["4.10702E+05", "410703"],
}
WANTED = ["410702", "410703"]
PEOPLE = [3.0, 2.0]


def _frame(codes: list[object]) -> gpd.GeoDataFrame:
    boxes = [shapely.box(113, 35.98, 113.02, 36), shapely.box(113.02, 35.98, 113.04, 36)]
    return gpd.GeoDataFrame({"code": codes, "name": ["甲", "乙"], "people": PEOPLE}, geometry=boxes, crs="EPSG:4490")


def _csv(codes: list[object], folder: Path) -> list[str]:
    pd.DataFrame({"区划代码": codes, "people": PEOPLE}).to_csv(folder / "a.csv", index=False)
    return list(io.read_table(folder / "a.csv")["区划代码"])


def _workbook(codes: list[object], folder: Path) -> list[str]:
    pd.DataFrame({"县": codes, "people": PEOPLE}).to_excel(folder / "a.xlsx", index=False)
    return list(io.read_table(folder / "a.xlsx", columns={"code": "县"})["code"])


def _points(codes: list[object], folder: Path) -> list[str]:
    pd.DataFrame({"code": codes, "lon": 114, "lat": 35}).to_csv(folder / "a.csv", index=False)
    return list(io.read_points(folder / "a.csv")["code"])


def _stations(codes: list[object], folder: Path) -> list[str]:
    table = {"区站号": codes, "lon": [114, 114.1], "lat": 35, "date": "2021-07-20", "precipitation": 1}
    pd.DataFrame(table).to_csv(folder / "a.csv", index=False)
    return list(map(str, io.read_station_table(folder / "a.csv")["station"].to_numpy()))


def _station_list(codes: list[object], folder: Path) -> list[str]:
    pd.DataFrame({"站号": codes, "经度": [114, 114.1], "纬度": 35}).to_csv(folder / "a.csv", index=False)
    return list(io.read_stations_csv(folder / "a.csv").index)


def _boundaries(codes: list[object], folder: Path) -> list[str]:
    _frame(codes).to_file(folder / "a.gpkg")
    units = admin.assemble({"county": io.read_vector(folder / "a.gpkg")}, repair=True).units
    return list(units.index[units["level"] == "county"])


def _totals(codes: list[object], folder: Path) -> list[str]:
    totals, _ = folded_totals(pd.DataFrame({"unit": codes, "people": PEOPLE}), "unit", "people", set(WANTED), {})
    return [str(code) for code, value in totals.items() if value in PEOPLE]


def _classes(codes: list[object], folder: Path) -> list[str]:
    on = grid.analysis_grid((113, 35.98, 113.04, 36), crs="EPSG:4490", resolution=0.01)
    layer = grid.rasterise(_frame(codes), on, column="code", quantity="lithology", classes={"410702": 7, "410703": 8})
    return [WANTED[int(value) - 7] for value in np.unique(layer.values)]


DOORS: dict[str, Callable[[list[object], Path], list[str]]] = {
    "table": _csv,
    "workbook": _workbook,
    "points": _points,
    "stations": _stations,
    "list of stations": _station_list,
    "boundaries": _boundaries,
    "totals": _totals,
    "classes": _classes,
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("form", FORMS)
def test_codes_are_the_same_through_every_door(form: str, door: str, tmp_path: Path) -> None:
    assert DOORS[door](FORMS[form], tmp_path) == WANTED


@pytest.mark.parametrize("door", ["table", "workbook", "points", "stations", "list of stations"])
def test_zeros_at_the_beginning_stay(door: str, tmp_path: Path) -> None:
    codes: list[object] = ["00123", "53986"]
    assert DOORS[door](codes, tmp_path) == codes
