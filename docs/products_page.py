"""Writes docs/products.md from the rules of census products: ``python docs/products_page.py``."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from pathlib import Path

from riskzoning import standards

PAGE = Path(__file__).with_name("products.md")
_HEAD = """# Products of the census 普查成果文件

Written by `make docs` from `riskzoning/standards/products/census.yml` (source: {source}; status {status}).

```
riskzoning product check BY_P_01_410702_01.tif --grid STANDARD_GRID.tif      # exit code 0, 1 (warnings), 2 (errors)
riskzoning product check products/*.tif products/*.shp --format json
riskzoning product write out/demo -o products --code flood=BY                # the class rasters of a finished run, one a county and hazard
```

All rules are applied to every file and all problems come at once. Without `--grid` the cells of a raster are not compared
with the standard grid, which is said (exit code 1). 所有规则一次查完，全部问题一并列出；没有 `--grid` 时不核对标准格网，并注明。

`product write` takes the grades of a finished run (hazard, risk of people and product, of all) under the names of the census; `--code` says
the code of a hazard beside drought (GH) and all together (DISA), `--level` the units, `--grid` the standard grid. Exit code 2: nothing to
write, or an unknown code; 3: the folder takes no files. 导出已完成运行的分级栅格；`--code` 写明灾种代码。

In Python: `riskzoning.products.validate_product(path, std_grid)` gives the problems; `class_raster` writes a layer of grades
so that it passes, and `write_products(result, folder, codes={{"flood": "BY"}}, std_grid=...)` those of a whole run, one file a
county and hazard; `product_name` and `export_name` make the names.

## Names 文件名

`灾种_成果类型_数据对象细化代码_行政区划码_序号.ext`, e.g. `BY_P_01_410702_01.tif`

| part | | must be |
|---|---|---|
| 1 hazard | 灾种 | {hazards} |
| 2 kind | 成果类型 | not empty, `P` in our own |
| 3 number | 数据对象细化代码 | raster: {raster_hazard:02d} is the hazard, all else a risk; vector: as below |
| 4 code | 行政区划码 | six digits (nine of a township); 410702 stands for 410702000 to 410702999, 410700 not for its counties |
| 5 sequence | 序号 | 01 to 99 |
| ending | 扩展名 | {endings}, any case |

"""
_RULES = """
## Rules 规则

| what | 内容 | rule |
|---|---|---|
| field of a vector | 矢量等级字段 | `{field}`, 1 to {hazard} for a hazard, 1 to {risk} for a risk |
| classes of a raster | 栅格等级 | the same; cells with the no-data value that the file states are left out, a 0 is wrong unless it is that value |
| type | 像元类型 | {dtypes} (uint8 recommended) |
| cells | 像元大小 | 1/{cell} degree (30 arc-seconds) in both directions, either sign, no rotation, to {tolerance:g} |
| CRS | 坐标系 | {crs}; {near} is a warning; coordinates above {degrees} are metres of a projection |
| standard grid | 标准格网 | as many cells with a class as the unit has, the same extent, each centre on a cell of the unit |

## Files that are handed on 成果导出

`{{code}}_{{scale}}_{{theme}}_{{hazard}}_{{receptor}}_{{yyyymm}}_v{{n}}.{{ending}}`, e.g. `410700_TOWN_PREV_MULTI_ALL_202612_v1.gpkg`;
the month is that of the data (`data_date`), so that a resumed run keeps its names.
"""


def page() -> str:
    """The whole page."""
    table = standards.table("products/census")
    data = table.data
    hazards = ", ".join(f"`{code}` {words['zh']} {words['en']}" for code, words in data["hazards"].items())
    endings = " ".join(ending for kinds in data["extensions"].values() for ending in kinds)
    head = _HEAD.format(
        source=table.source, status=table.status, hazards=hazards, endings=endings, raster_hazard=data["raster_hazard"]
    )
    rules = _RULES.format(
        field=data["field"],
        **data["classes"],
        dtypes=", ".join(data["dtypes"]),
        cell=data["cell_per_degree"],
        tolerance=data["tolerance"],
        crs=data["crs"],
        near=", ".join(data["crs_near"]),
        degrees=data["degrees"],
    )
    return head + _numbers(data["vector_hazard"], data["receptors"]) + rules


def _numbers(hazards: dict[str, int], receptors: dict[str, int]) -> str:
    lines = ["| vector 矢量 | hazard 危险性 | " + " | ".join(receptors) + " |", "|---|---|" + "---|" * len(receptors)]
    for code, number in hazards.items():
        risks = " | ".join(str(number + step) for step in receptors.values())
        lines.append(f"| {code} | {number} | {risks} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
