"""The front of the page: objects in danger by kind, and what is missing said in both languages."""

from __future__ import annotations

import dataclasses

from riskzoning.samples import toy_result
from riskzoning.webmap.front import front_data
from tests.full_result import full_result


def test_objects_of_the_upper_two_grades_are_counted_by_kind() -> None:
    result = full_result()
    layer = result.zones["objects"]
    counted = front_data(result)["objects"]
    assert sum(one["high"] for one in counted) == int((layer["max_grade"] >= 4).sum())
    assert [one["high"] for one in counted] == sorted((one["high"] for one in counted), reverse=True)
    assert {one["zh"]: one["all"] for one in counted}["学校"] == 10
    assert front_data(toy_result())["objects"] == []


def test_what_is_missing_is_said_and_nothing_where_nothing_is() -> None:
    result = full_result()
    # Names and colours are no numbers that somebody could verify.
    used = [{"name": name, "verified": False} for name in ("weights/hazards", "names/site", "palettes/grades")]
    record = {**result.record, "warnings": [{}, {}], "dropped": [{}], "tables_used": used}
    said = front_data(dataclasses.replace(result, record=record))["missing"]
    assert said["zh"][0].startswith("综合风险未包含：地质灾害、")
    assert said["zh"][1:] == [
        "本次运行有 2 条警告、1 条数据未计入，详见 report.docx 末章",
        "所用数表中有 1 个尚未与来源核对",
    ]
    assert said["en"][2] == "1 of the tables of numbers used is not verified against its source"
    whole = dataclasses.replace(result, record={}, not_applicable=("geology", "drought", "meteorology", "forest_fire"))
    # What does not exist here is not missing from the composite, but it is said.
    said = front_data(whole)["missing"]
    assert said["zh"] == ["本区不存在、不评估：地质灾害、干旱灾害、气象灾害、森林火灾"]
    assert said["en"][0].startswith("Do not exist here, not assessed: Geological hazards")
    every = dataclasses.replace(whole, not_applicable=(), tables={})
    assert front_data(every)["missing"] == {"zh": [], "en": []}
