"""Pages of the atlas for each county: rows from the highest index, only where there is a level between."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import geopandas as gpd
import numpy as np
import pytest
from matplotlib.text import Text
from shapely import LineString

from riskzoning.maps.atlas_pages import _Sheet
from riskzoning.maps.county_pages import MOST_ROWS, CountyPage, draw_county
from riskzoning.maps.fonts import with_cjk_font
from riskzoning.pipeline.outputs.county_pages import county_pages
from riskzoning.report.facts import Facts
from riskzoning.results import StudyResult
from riskzoning.samples import toy_result
from tests.full_result import full_result


def pages(result: StudyResult, lang: str = "zh") -> list[CountyPage]:
    return list(county_pages(Facts(result, lang), "A4"))


def test_each_county_has_a_page_with_its_townships() -> None:
    result = full_result()
    made = pages(result)
    counties, townships = result.units["county"], result.units["township"]
    assert [page.title.partition("综合")[0] for page in made] == list(counties["name"])
    for code, page in zip(counties.index, made, strict=True):
        own = townships[townships["parent"].astype(str) == str(code)]
        assert sorted(row[0].text for row in page.rows) == sorted(own["name"])
        assert len(page.colours) == len(page.units) == len(own)
        values = own.set_index("name")["multi_risk_index"][[row[0].text for row in page.rows]].dropna()
        assert values.is_monotonic_decreasing


def test_cells_say_what_the_units_have() -> None:
    result = toy_result()
    page = pages(result)[0]
    assert page.heads[-3:] == ["综合", "洪水", "地震"]
    assert {cell.colour for row in page.rows for cell in row[page.numbers + 1 :]} > set()
    gone = result.units["township"].assign(multi_risk_grade=np.nan)
    bare = pages(replace(result, units={**result.units, "township": gone}))[0]
    assert {row[page.numbers + 1].text for row in bare.rows} == {""}
    assert set(bare.colours) == {"#CCCCCC"}


def test_no_page_without_a_level_between_the_whole_and_its_parts() -> None:
    result = toy_result()
    two = {level: result.units[level] for level in ("city", "county")}
    assert pages(replace(result, units=two)) == []
    assert pages(replace(result, units={"county": result.units["county"]})) == []


def test_works_of_the_study_are_drawn_within_the_county() -> None:
    result = toy_result()
    bounds = result.units["city"].to_crs("EPSG:4490").total_bounds
    levee = gpd.GeoDataFrame(geometry=[LineString([bounds[:2], bounds[2:]])], crs="EPSG:4490")
    made = pages(replace(result, context={"levees": levee}))
    assert [one.kind for one in made[0].backdrop.works] == ["levees"]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", ["A4", "A1"])
def test_nothing_on_a_page_overlaps_or_is_cut_off(lang: str, size: str) -> None:
    with with_cjk_font():
        sheet = _Sheet(size, lang)
        draw_county(sheet, next(county_pages(Facts(full_result(language=lang), lang), size)))
        sheet.figure.set_dpi(150)
        sheet.figure.draw_without_rendering()
        boxes = []
        for text in sheet.figure.findobj(Text):
            if text.get_text().strip() and text.get_visible():
                boxes.append((text.get_text(), text.get_window_extent()))
    for said, box in boxes:
        assert box.x0 >= 0, said
        assert box.x1 <= sheet.figure.bbox.width, said
        assert "…" not in said
    for (one, a), (other, b) in combinations(boxes, 2):
        high, wide = min(a.y1, b.y1) - max(a.y0, b.y0), min(a.x1, b.x1) - max(a.x0, b.x0)
        assert wide <= 1 or high < 0.35 * min(a.height, b.height), (one, other)


def test_a_county_of_many_townships_lists_the_highest() -> None:
    result = toy_result()
    townships = result.units["township"]
    many = gpd.GeoDataFrame(
        {column: [townships[column].iloc[0]] * 40 for column in townships.columns if column != "geometry"},
        index=[f"990101{at:03d}" for at in range(40)], geometry=[townships.geometry.iloc[0]] * 40, crs=townships.crs,
    )  # fmt: skip
    page = pages(replace(result, units={**result.units, "township": many}))[0]
    assert len(page.rows) == MOST_ROWS
    assert page.note.endswith("仅列前 30 个（共 40 个）。")
    assert len(page.units) == 40
