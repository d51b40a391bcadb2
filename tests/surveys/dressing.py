"""The rows of a form in the dress in which files come: other headings and units, odd workbooks, texts, layers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
from pyproj import Transformer

from riskzoning.surveys.forms import Form, form

OTHER_WORDS = {
    "县级代码": "所在县(市、区)代码", "乡镇代码": "乡(镇、街道)代码", "村(社区)代码": "行政村(社区)编码",
    "经度": "东经（°）",
    "纬度": "北纬（°）", "调查日期": "调查时间", "填报日期": "填表日期", "建成年份": "建造年代", "县名": "县（区）名称",
    "建筑面积(m2)": "建筑面积（㎡）", "灾害种类": "灾种", "地区生产总值(万元)": "GDP（万元）",
}  # fmt: skip
# Unit of a form -> another that people write, and what their numbers are in it.
OTHER_UNITS = {
    "人": ("万人", 1e-4),
    "公顷": ("亩", 15.0),
    "万元": ("元", 1e4),
    "km": ("m", 1000.0),
    "km2": ("公顷", 100.0),
}


def headed(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows under the Chinese headings of the form; days as texts."""
    of = form(name)
    days = {f.name: [_day(value) for value in rows[f.name]] for f in of.of_kind("date") if f.name in rows}
    return rows.assign(**days).rename(columns={field.name: field.zh for field in of.fields})


def _day(value: object) -> object:
    return value.strftime("%Y-%m-%d") if isinstance(value, pd.Timestamp) else value


def in_other_words(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    table = headed(name, rows)
    return table.rename(
        columns={title: OTHER_WORDS.get(title, title.replace("(", "（").replace(")", "）")) for title in table}
    )


def in_other_units(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    of, table = form(name), headed(name, rows)
    for field in of.of_kind("integer", "number"):
        base, _, unit = field.zh.rpartition("(")
        given = OTHER_UNITS.get(unit.rstrip(")"))
        if base and given and field.name in rows:
            table[field.zh] = pd.to_numeric(table[field.zh]) * given[1]
            table = table.rename(columns={field.zh: f"{base}({given[0]})"})
    return table


def _sheet(table: pd.DataFrame) -> tuple[openpyxl.Workbook, openpyxl.worksheet.worksheet.Worksheet]:
    book = openpyxl.Workbook()
    return book, book.active


def _plain(value: object) -> object:
    if value is None or value is pd.NA or value != value:
        return None
    return value.item() if isinstance(value, np.generic) else value


def _rows(table: pd.DataFrame) -> list[list[object]]:
    return [[_plain(value) for value in row] for row in table.itertuples(index=False)]


def workbook(name: str, rows: pd.DataFrame, path: Path) -> dict[int, int]:
    """Title, unit and date above; units and numbers of columns below the headings; headings again; totals; remarks.

    Position of a row -> its row in the sheet.
    """
    table = headed(name, rows)
    book, sheet = _sheet(table)
    sheet.append([f"{form(name).titles['zh']}"])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=5)
    sheet.append(["填报单位：某局", None, "单位：人、万元"])
    sheet.append(list(table.columns))
    sheet.append([*("甲", "乙"), *range(1, len(table.columns) - 1)])
    places = {}
    for at, cells in enumerate(_rows(table)):
        if at == 20:
            sheet.append(list(table.columns))
        sheet.append(cells)
        places[at] = sheet.max_row
        if at == 30:
            sheet.append(["小计", None, *[1] * (len(cells) - 2)])
    sheet.append(["合  计", None, *[3] * (len(table.columns) - 2)])
    sheet.append([])
    sheet.append(["填表人：张三", None, "审核人：李四", "填报日期：2021年9月1日"])
    sheet.append(["注：本表由县级部门填写。"])
    sheet.row_dimensions[8].hidden = True
    copy = book.create_sheet("旧表")
    copy.append(list(table.columns))
    for cells in _rows(table)[:5]:
        copy.append(cells)
    copy.sheet_state = "hidden"
    notes = book.create_sheet("填表说明")
    notes.append(["1. 本表一式两份", "2. 按实填写"])
    book.save(path)
    return places


def merged(name: str, rows: pd.DataFrame, path: Path) -> dict[int, int]:
    """County codes and names merged downwards where they repeat."""
    table = headed(name, rows)
    book, sheet = _sheet(table)
    sheet.append(list(table.columns))
    for cells in _rows(table):
        sheet.append(cells)
    column = list(table.columns).index("县级代码") + 1
    codes = table["县级代码"].tolist()
    at = 0
    while at < len(codes):
        last = at
        while last + 1 < len(codes) and codes[last + 1] == codes[at]:
            last += 1
        if last > at:
            sheet.merge_cells(start_row=at + 2, end_row=last + 2, start_column=column, end_column=column)
        at = last + 1
    book.save(path)
    return {at: at + 2 for at in range(len(table))}


def texts(
    name: str, rows: pd.DataFrame, path: Path, *, encoding: str = "gb18030", wide: bool = False
) -> dict[int, int]:
    """A CSV with thousands separators and quotes, codes with a quote in front; days as 2021年7月5日."""
    of = form(name)
    table = headed(name, rows).astype(object)
    for field in of.of_kind("integer", "number"):
        if field.name in rows and not field.name.startswith(("tech", "design", "floors")):
            table[field.zh] = [None if value is None or value != value else f"{value:,}" for value in table[field.zh]]
            if wide:
                table[field.zh] = table[field.zh].map(_wide)
    for field in of.of_kind("date"):
        if field.name in rows:
            table[field.zh] = pd.to_datetime(rows[field.name]).map(lambda day: f"{day.year}年{day.month}月{day.day}日")
    for field in of.of_kind("code6", "code9", "code12"):
        if field.name in rows:
            table[field.zh] = "'" + table[field.zh].astype(str)
    table.to_csv(path, index=False, encoding=encoding)
    return {at: at + 2 for at in range(len(table))}


def _wide(text: str | None) -> str | None:
    return text and text.translate(
        {ord(a): ord(b) for a, b in zip("0123456789,.", "０１２３４５６７８９，．", strict=True)}
    )


def numbers(name: str, rows: pd.DataFrame, path: Path) -> dict[int, int]:
    """A workbook in which codes are numbers and days are serials, or d/m/yyyy where there is a second one."""
    of, table = form(name), headed(name, rows).astype(object)
    for field in of.of_kind("code6", "code9", "code12"):
        if field.name in rows:
            table[field.zh] = table[field.zh].astype("int64").astype(object)
    for number, field in enumerate(of.of_kind("date")):
        if field.name in rows:
            days = pd.to_datetime(rows[field.name])
            serial = (days - pd.Timestamp("1899-12-30")).dt.days
            table[field.zh] = days.dt.strftime("%d/%m/%Y") if number else serial.astype(object)
    book, sheet = _sheet(table)
    sheet.append(list(table.columns))
    for cells in _rows(table):
        sheet.append(cells)
    book.save(path)
    return {at: at + 2 for at in range(len(table))}


def degrees_in_parts(name: str, rows: pd.DataFrame, path: Path) -> dict[int, int]:
    """Coordinates as 116°12′30.5″E."""
    table = headed(name, rows).astype(object)
    for title, side in (("经度", "E"), ("纬度", "N")):
        if title in table:
            table[title] = [_sexagesimal(float(value)) + side for value in table[title]]
    table.to_csv(path, index=False, encoding="utf-16")
    return {at: at + 2 for at in range(len(table))}


def _sexagesimal(value: float) -> str:
    degrees, rest = divmod(value * 3600, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{int(degrees)}°{int(minutes):02d}′{seconds:07.4f}″"


def projected(name: str, rows: pd.DataFrame, path: Path) -> dict[int, int]:
    """Easting with zone prefix and northing of CGCS2000, zones of three degrees; X is north as surveyors have it."""
    x, y = Transformer.from_crs(4490, 4527, always_xy=True).transform(rows["lon"].to_numpy(), rows["lat"].to_numpy())
    table = headed(name, rows.assign(lon=y, lat=x)).rename(columns={"经度": "X坐标(m)", "纬度": "Y坐标(m)"})
    table.to_csv(path, index=False, encoding="utf-8-sig")
    return {at: at + 2 for at in range(len(table))}


def swapped(name: str, rows: pd.DataFrame, path: Path) -> dict[int, int]:
    """Longitudes under the heading of latitudes."""
    headed(name, rows.assign(lon=rows["lat"], lat=rows["lon"])).to_csv(path, index=False, encoding="utf-8-sig")
    return {at: at + 2 for at in range(len(rows))}


def shapefile(name: str, rows: pd.DataFrame, path: Path) -> dict[int, int]:
    """A shapefile in GBK whose names of ten bytes are cut and whose ``.cpg`` is gone."""
    table = headed(name, rows)
    points = gpd.points_from_xy(rows["lon"], rows["lat"])
    frame = gpd.GeoDataFrame(table.drop(columns=["经度", "纬度"]), geometry=points, crs="EPSG:4490")
    cut: dict[str, str] = {}
    for title in frame.columns[:-1]:
        short = title.encode("gb18030")[:10].decode("gb18030", "ignore")
        cut[title] = short if short not in cut.values() else short[:4] + str(len(cut))
    frame.rename(columns=cut).to_file(path, encoding="gb18030")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    return {at: at + 1 for at in range(len(table))}


def layers(name: str, rows: pd.DataFrame, path: Path) -> dict[int, int]:
    """A GeoPackage with the form beside layers of something else."""
    points = gpd.points_from_xy(rows["lon"], rows["lat"])
    frame = gpd.GeoDataFrame(headed(name, rows).drop(columns=["经度", "纬度"]), geometry=points, crs="EPSG:4490")
    other = gpd.GeoDataFrame({"kind": ["a", "b"]}, geometry=points[:2], crs="EPSG:4490")
    other.to_file(path, layer="备查", driver="GPKG")
    frame.to_file(path, layer=form(name).titles["zh"], driver="GPKG")
    return {at: at + 1 for at in range(len(rows))}


def _csv_of(dress: Callable[[str, pd.DataFrame], pd.DataFrame]) -> Callable[[str, pd.DataFrame, Path], dict[int, int]]:
    def write(name: str, rows: pd.DataFrame, path: Path) -> dict[int, int]:
        dress(name, rows).to_csv(path, index=False, encoding="gb18030")
        return {at: at + 2 for at in range(len(rows))}

    return write


# Name of a dress -> ending of its file, what writes it, whether it needs coordinates.
DRESSES: dict[str, tuple[str, Callable[[str, pd.DataFrame, Path], dict[int, int]], bool]] = {
    "words": (".csv", _csv_of(in_other_words), False),
    "units": (".csv", _csv_of(in_other_units), False),
    "workbook": (".xlsx", workbook, False),
    "merged": (".xlsx", merged, False),
    "texts": (".csv", texts, False),
    "wide": (".csv", lambda name, rows, path: texts(name, rows, path, encoding="utf-8-sig", wide=True), False),
    "numbers": (".xlsx", numbers, False),
    "parts": (".csv", degrees_in_parts, True),
    "projected": (".csv", projected, True),
    "swapped": (".csv", swapped, True),
    "shapefile": (".shp", shapefile, True),
    "layers": (".gpkg", layers, True),
}


def fields_of(of: Form, rows: pd.DataFrame) -> list[str]:
    """Fields of the form that the rows have."""
    return [field.name for field in of.fields if field.name in rows]
