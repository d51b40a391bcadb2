"""Small units, and the columns of forms filled with rows that break no rule."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from riskzoning.surveys.checking import check_records
from riskzoning.surveys.context import Context
from riskzoning.surveys.forms import form
from riskzoning.surveys.reading import frame_table
from riskzoning.surveys.records import Records, gathered

TODAY = pd.Timestamp("2022-01-01")


def make_units() -> gpd.GeoDataFrame:
    """A city of two counties with two townships each; the second county lies east of 114 degrees."""
    rows = [("410700", "City", "city", "", box(113.8, 35.0, 114.2, 35.2))]
    for index, county in enumerate(("410702", "410703")):
        west = 113.8 + 0.2 * index
        rows.append((county, f"County {index}", "county", "410700", box(west, 35.0, west + 0.2, 35.2)))
        for number in (1, 2):
            south = 35.0 + 0.1 * (number - 1)
            shape = box(west, south, west + 0.2, south + 0.1)
            rows.append((f"{county}00{number}", f"Town {index}{number}", "township", county, shape))
    columns = ["code", "name", "level", "parent", "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs="EPSG:4490").set_index("code")


@pytest.fixture
def units() -> gpd.GeoDataFrame:
    return make_units()


def records_of(name: str, rows: pd.DataFrame) -> Records:
    return gathered([frame_table(rows, form(name))])


def rules_of(name: str, rows: pd.DataFrame, context: Context | None = None) -> list[tuple[int, str | None, str]]:
    """Row, field and rule with its kind, of everything that is wrong; what was not checked aside."""
    checked = check_records(records_of(name, rows), context or Context(today=TODAY))
    out = []
    for item in checked.findings.items:
        if item.severity != "info":
            out += [(int(at), item.field, item.rule) for at in item.rows]
    return sorted(out, key=str)


def shelters(count: int = 12) -> pd.DataFrame:
    """Shelters without a fault."""
    return pd.DataFrame(
        {
            "场所编码": [f"BN{at:03d}" for at in range(count)],
            "场所名称": [f"第{at}小学操场" for at in range(count)],
            "类型": "短期避难场所",
            "空间类型": "室外",
            "县级代码": "410702",
            "乡镇代码": "410702001",
            "有效避难面积(m2)": 2000.0,
            "可容纳人数(人)": 900,
            "人均面积标准(m2/人)": 2.0,
            "经度": [113.85 + 0.005 * at for at in range(count)],
            "纬度": 35.05,
            "建成年份": 2015,
            "是否有应急供水": "是",
        }
    )


def townships(count: int = 12) -> pd.DataFrame:
    """Township forms without a fault, whose figures a head differ a little."""
    index = range(count)
    return pd.DataFrame(
        {
            "乡镇代码": [f"41070200{at + 1}" if at < 2 else f"4107021{at:02d}" for at in index],
            "乡镇(街道)名称": [f"镇{at}" for at in index],
            "县级代码": "410702",
            "经度": 113.9,
            "纬度": 35.05,
            "常住人口(人)": [20000 + 100 * at for at in index],
            "灾害管理工作人员(人)": [10 + at for at in index],
            "是否开展风险评估": "是",
            "上年度资金投入(万元)": [20.0 + at for at in index],
            "物资装备折合金额(万元)": [30.0 + at for at in index],
            "住院床位(张)": [100 + at for at in index],
            "消防员(人)": 8,
            "志愿者(人)": [90 + at for at in index],
            "民兵预备役(人)": [60 + at for at in index],
            "上年培训演练人次": [900 + at for at in index],
            "避难场所容量(人)": [9000 + at for at in index],
            "有无应急管理办公室": "有",
            "填报日期": "2021-08-23",
        }
    )


_HARM = (
    "受灾人口(人)", "死亡人口(人)", "失踪人口(人)", "紧急转移安置人口(人)", "农作物受灾面积(公顷)",
    "农作物成灾面积(公顷)",
    "农作物绝收面积(公顷)", "倒塌房屋(户)", "倒塌房屋(间)", "严重损坏房屋(户)", "严重损坏房屋(间)", "一般损坏房屋(户)",
    "一般损坏房屋(间)", "农业损失(万元)", "工矿业损失(万元)", "基础设施损失(万元)", "公益设施损失(万元)",
    "家庭财产损失(万元)",
    "其他损失(万元)", "直接经济损失(万元)",
)  # fmt: skip


def annual(years: range = range(2010, 2016)) -> pd.DataFrame:
    """An annual series of floods of one county, every year one event with the same harm."""
    harm = dict(
        zip(_HARM, (400, 0, 0, 20, 100.0, 60.0, 20.0, 5, 15, 6, 20, 7, 25, 30, 10, 5, 2, 2, 1, 50), strict=True)
    )
    rows = [
        {
            "记录编码": f"410702-{year}-FLOOD",
            "县级代码": "410702",
            "县名": "某区",
            "年份": year,
            "灾害种类": "洪涝",
            **harm,
        }
        | {"灾害次数": 1, "年末人口(人)": 360000 + year, "地区生产总值(万元)": 11000.0 + year}
        for year in years
    ]
    return pd.DataFrame(rows)


def events(years: range = range(2010, 2016)) -> pd.DataFrame:
    """The events of :func:`annual`."""
    rows = annual(years).drop(columns=["记录编码", "灾害次数", "年末人口(人)", "地区生产总值(万元)"])
    days = [f"{year}-07-20" for year in rows["年份"]]
    names = [f"410702{year}0720FLOOD01" for year in rows["年份"]]
    return rows.assign(**{"灾害事件编码": names, "开始日期": days, "结束日期": days, "价格年份": rows["年份"]})
