"""The toy city with all that surveys give: objects, capacity, dangers, quality, what lies in each grade."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskzoning.results import StudyResult
from riskzoning.samples import toy_result

HOSTILE = "<img src=x onerror=alert(1)>"
_KINDS = ("学校", "医疗卫生机构", "尾矿库", "村庄")


def full_result(*, language: str = "zh", objects: int = 40) -> StudyResult:
    """A result with the tables and the layer of a study that has surveys; numbers are made up and add up."""
    result = toy_result(language=language)
    layer = objects_of(result, objects)
    tables = {
        **result.tables,
        "exposure_by_grade": _by_grade(result),
        "objects": pd.DataFrame(layer.drop(columns="geometry")),
        "objects_by_grade": _counted(layer),
        "objects_extent": _extent(),
        "capacity": _capacity(result),
        "hidden_dangers": _dangers(result),
        "survey_quality": _quality(),
        "targets": _targets(),
    }
    return dataclasses.replace(result, tables=tables, zones={"objects": layer})


def objects_of(result: StudyResult, count: int) -> gpd.GeoDataFrame:
    """Points in all townships, a road and a park; the first has a hostile name and the highest grade."""
    towns = result.units["township"].to_crs("EPSG:4490")
    at = np.arange(count)
    middles = towns.geometry.representative_point().to_numpy()[at % len(towns)]
    points = shapely.points(shapely.get_x(middles) + at * 2e-4 % 0.004, shapely.get_y(middles) + at * 3e-4 % 0.004)
    road = shapely.LineString(shapely.get_coordinates(middles[:4]))
    shapes = [*points, road, shapely.box(*shapely.buffer(middles[0], 0.004).bounds)]
    grades = np.append(5 - at * 5 // count, [4, 3])
    codes = [*np.array(towns.index)[at % len(towns)], towns.index[0], towns.index[0]]
    frame = pd.DataFrame(
        {
            "object_id": [f"o{number:02d}" for number in range(count + 2)],
            "kind": [*(_KINDS[number % 4] for number in at), "公路", "旅游景区"],
            "name": [HOSTILE, *(f"第{number}处" for number in at[1:]), "S101", "森林公园"],
            "adcode6": [str(code)[:6] for code in codes],
            "town9": codes,
            "people": np.append(1000.0 - at, [0, 20]),
            "value_yuan": 0.0,
            "flood_grade": np.minimum(grades, 4),
            "flood_max_grade": np.minimum(grades, 4),
            "earthquake_grade": 2,
            "earthquake_max_grade": 2,
            "multi_grade": grades,
            "multi_max_grade": grades,
            "max_grade": grades,
            "main_hazard": "flood",
            "length_km": np.append(0.0 * at, [5.2, 0]),
            "area_km2": np.append(0.0 * at, [0, 0.8]),
            "natural_hazard_exposed": grades >= 4,
        }
    )
    out = gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:4490")
    return out.sort_values(["max_grade", "people"], ascending=[False, False], kind="stable").reset_index(drop=True)


def _counted(layer: gpd.GeoDataFrame) -> pd.DataFrame:
    keys = [layer["adcode6"].rename("code"), layer["kind"], layer["max_grade"].rename("grade")]
    return layer.groupby(keys).agg(objects=("object_id", "size"), people=("people", "sum")).reset_index()


def _extent() -> pd.DataFrame:
    rows = [("公路", hazard, "length_km", grade, 2.6, 0.5) for hazard in ("flood", "earthquake") for grade in (1, 4)]
    rows += [("旅游景区", "flood", "area_km2", 3, 0.8, 1.0)]
    return pd.DataFrame(rows, columns=["kind", "hazard", "quantity", "grade", "value", "share"])


def _by_grade(result: StudyResult) -> pd.DataFrame:
    rows = []
    for level in result.levels:
        frame = result.units[level]
        for hazard, classes in (("flood", 4), ("earthquake", 4)):
            for quantity, whole in (("area_km2", 0.0), ("population", None)):
                for number, (code, people) in enumerate(frame["population"].items()):
                    total = 10.0 if whole is not None else float(people)
                    shares = np.roll([0.4, 0.3, 0.2, 0.1], number)
                    values = [0.0, *(total * shares)]
                    rows += [
                        (code, level, hazard, quantity, grade, values[grade], values[grade] / total)
                        for grade in range(classes + 1)
                    ]
    return pd.DataFrame(rows, columns=["code", "level", "hazard", "quantity", "grade", "value", "share"])


def _capacity(result: StudyResult) -> pd.DataFrame:
    rows = []
    for level, block in (("township", "township"), ("township", "community"), ("county", "both")):
        for number, code in enumerate(result.units[level].index):
            grade = 1 + number % 5
            rows.append((code, level, block, 0.2 * grade - 0.05, grade, "x", 0.5, 0.5))
    columns = ["code", "level", "block", "index", "grade", "grade_name", "d_plus", "d_minus"]
    return pd.DataFrame(rows, columns=columns)


def _dangers(result: StudyResult) -> pd.DataFrame:
    rows = [
        (code, level, 0.5, 0.5, 3, 12, 2, 4, 6, 340.0, 0.75, 0.5)
        for level in ("township", "county")
        for code in result.units[level].index
    ]
    columns = ["code", "level", "index", "rank", "grade", "dangers", "major", "considerable", "general", "people",
               "unresolved", "overdue"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _quality() -> pd.DataFrame:
    rows = [
        (form, code, 200, errors, 3, score)
        for form, errors, score in (("shelter", 8, 92.5), ("dgr_point", 0, 100.0), ("cap_township", 1, 98.2))
        for code in ("", "990101", "990102")
    ]
    return pd.DataFrame(rows, columns=["form", "code", "rows", "errors", "warnings", "score"])


def _targets() -> pd.DataFrame:
    rows = [
        ("direct_loss_percent_of_gdp", 1.3, "%", 0.82, True, "record", 0.9),
        ("deaths_per_million", 1.3, "1/1e6", 1.6, False, "record", 1.1),
        ("affected_per_100000", 15000.0, "1/1e5", 9000.0, True, "record", np.nan),
    ]
    return pd.DataFrame(rows, columns=["indicator", "target", "units", "value", "met", "basis", "modelled"])
