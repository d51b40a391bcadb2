"""Which form comes in which file: from the counties, the offices of the city, and those who draw maps."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from make.surveys.writing import (
    titles,
    write_book,
    write_filled_template,
    write_gbk,
    write_package,
    write_shapefile,
)
from riskzoning.surveys import form

Forms = dict[str, pd.DataFrame]
# Form and index of a row -> file, sheet, row as a person sees it.
Where = dict[tuple[str, Hashable], tuple[str, str, int]]

TEMPLATES = {
    "rescue_team": "capacity/救援队伍.xlsx", "shelter": "capacity/应急避难场所.xlsx",
    "material_store": "capacity/物资储备库.xlsx", "reservoir": "water/水库.xlsx", "exp_mine": "exposure/矿山.xlsx",
    "dgr_point": "dangers/重点隐患.xlsx",
}  # fmt: skip
TEXTS = {
    "cap_household": "capacity/家庭抽样.csv", "exp_road": "exposure/公路.csv", "exp_crop": "exposure/农作物.csv",
    "his_annual": "history/年度灾害.csv",
}  # fmt: skip
PACKAGES = {"exp_building": "exposure/房屋建筑.gpkg", "exp_public_service": "exposure/公共服务设施.gpkg"}
SHAPES = {"exp_bridge": ("exposure/bridge.shp", "EPSG:4490"), "exp_hazchem": ("exposure/hazchem.shp", "EPSG:4547")}
# Workbooks of several forms, a sheet each.
BOOKS = {
    "capacity/政府企业社会组织.xlsx": ("cap_government", "cap_enterprise", "cap_social"),
    "capacity/消防与监测站.xlsx": ("fire_station", "monitoring_station"),
    "exposure/人口与生产总值.xlsx": ("exp_population", "exp_gdp"),
    "exposure/市政与生命线.xlsx": ("exp_municipal", "exp_lifeline"),
    "water/堤防水闸蓄滞洪区.xlsx": ("levee", "sluice", "detention_area"),
    "history/灾害事件.xlsx": ("his_event",),
}
COUNTY_SHEETS = {"cap_township": "乡镇(街道)", "cap_community": "社区(行政村)"}


@dataclass(frozen=True)
class _Folder:
    root: Path
    where: Where

    def keep(self, name: str, file: str, sheet: str, rows: dict[Any, int]) -> None:
        self.where.update({(name, label): (file, sheet, row) for label, row in rows.items()})


def write_forms(root: Path, forms: Forms, counties: pd.DataFrame) -> Where:
    """All forms in their files under a folder; where each row stands."""
    folder = _Folder(root, {})
    for name, file in TEMPLATES.items():
        sheet = _sheet(name)
        folder.keep(name, file, sheet, write_filled_template(root / file, name, forms[name]))
    for name, file in TEXTS.items():
        folder.keep(name, file, "", write_gbk(root / file, name, _ordered(name, forms[name])))
    for name, file in PACKAGES.items():
        folder.keep(name, file, "", write_package(root / file, name, _ordered(name, forms[name])))
    for name, (file, crs) in SHAPES.items():
        folder.keep(name, file, "", write_shapefile(root / file, _ordered(name, forms[name]), crs=crs))
    for file, names in BOOKS.items():
        sheets = [_office_sheet(name, forms[name]) for name in names]
        for name, sheet, rows in zip(names, sheets, write_book(root / file, sheets), strict=True):
            folder.keep(name, file, sheet[0], rows)
    _write_counties(folder, forms, counties)
    return folder.where


def _sheet(name: str) -> str:
    return form(name).titles["zh"]


def _ordered(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The columns in the order of the form."""
    return frame[[field.name for field in form(name).fields if field.name in frame]]


def _office_sheet(name: str, frame: pd.DataFrame) -> tuple[str, list[str], list[str], pd.DataFrame]:
    """A sheet as an office makes it, with what it likes to do otherwise."""
    rows = _ordered(name, frame)
    headings = titles(name, list(rows.columns))
    above = [_sheet(name), "填报单位：新乡市（示意）   统计时点：2020-12-31"]
    if name == "exp_gdp":
        money = [column for column in rows if column.startswith("gdp")]
        rows = rows.assign(**{column: (rows[column] / 1e4).round(4) for column in money})
        headings = [text.replace("(万元)", "(亿元)") for text in headings]
    if name == "his_event":
        headings = [text.replace("(", "|").replace(")", "") if "房屋(" in text else text for text in headings]
    if name == "monitoring_station":
        rows = rows.assign(lon=[_dms(value) for value in rows["lon"]], lat=[_dms(value) for value in rows["lat"]])
    return _sheet(name).removesuffix("表"), above, headings, rows


def _dms(value: Any) -> str:
    """Degrees, minutes and seconds to a tenth of a second."""
    tenths = int(np.round(float(value) * 36000))
    degrees, rest = divmod(tenths, 36000)
    minutes, tenths = divmod(rest, 600)
    return f"{degrees}°{minutes:02d}′{tenths / 10:04.1f}″"


def _write_counties(folder: _Folder, forms: Forms, counties: pd.DataFrame) -> None:
    """A workbook of each county: its townships on one sheet, their communities on another."""
    for code, county in counties.iterrows():
        file = f"capacity/{code}_{county['name']}.xlsx"
        sheets = []
        for name, sheet in COUNTY_SHEETS.items():
            frame = forms[name]
            # A wrong township in a form is still handed in by its county.
            rows = _ordered(name, frame[frame["county"] == code])
            above = [f"{sheet}减灾能力调查表", f"填报单位：{county['name']}应急管理局   统计时点：2020-12-31"]
            sheets.append((sheet, above, titles(name, list(rows.columns)), rows))
        for (name, sheet), rows_at in zip(COUNTY_SHEETS.items(), write_book(folder.root / file, sheets), strict=True):
            folder.keep(name, file, sheet, rows_at)
