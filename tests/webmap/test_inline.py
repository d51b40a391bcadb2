"""Maps in a notebook: what they show and refuse; in a real browser nothing leaves and names are text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from riskzoning.config import BasemapConfig
from riskzoning.errors import ConfigError, LayerError, MissingCRSError
from riskzoning.samples import toy_result
from riskzoning.webmap import explore
from riskzoning.zoning import classify


def rendered(page: Any) -> str:
    return str(page.get_root().render())


def test_a_result_shows_the_grades_of_a_hazard_at_a_level() -> None:
    result = toy_result()
    assert "自然灾害综合 · 风险等级" in rendered(explore(result))
    county = rendered(explore(result, hazard="flood", what="hazard", level="county", lang="en"))
    assert county.count('"Feature"') == 2
    assert "hazard grade" in county
    assert rendered(result.explore("flood")).count("Feature") == rendered(explore(result, hazard="flood")).count(
        "Feature"
    )


def test_without_a_network_the_page_names_no_other_place() -> None:
    page = rendered(explore(toy_result(), offline=True))
    assert 'src="http' not in page
    assert 'href="http' not in page
    assert 'src="https' in rendered(explore(toy_result()))


def test_a_basemap_is_asked_for_only_where_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "L.tileLayer" not in rendered(explore(toy_result()))
    monkeypatch.setenv("TILES_KEY", "a&b")
    tiles = BasemapConfig(url="https://e.org/{z}/{x}/{y}?tk=${TILES_KEY}", attribution="<b>x</b>")
    page = rendered(explore(toy_result(), tiles=tiles, offline=True))
    assert "https://e.org/{z}/{x}/{y}?tk=a%26b" in page
    assert "<b>x</b>" not in page
    for wrong in ("https://e.org/{z}/{x}/{y}", "no such map"):
        with pytest.raises(ConfigError) as caught:
            explore(toy_result(), tiles=wrong)
        assert caught.value.problems[0].rule == "webmap.tiles"


def test_own_polygons_by_classes_categories_grades_and_outlines() -> None:
    units = toy_result().units["township"].assign(pop=[1.5, 2, 33, 400, 5000, np.nan], kind=[*"aabbc", None])
    classes = rendered(explore(units, column="pop", scheme="quantiles", k=3, lang="en"))
    assert ">pop<" in classes
    assert "no data" in classes
    assert rendered(explore(units, column="kind")).count("#4E79A7") >= 2
    assert "中高" in rendered(explore(units.assign(g=[1, 2, 3, 4, 5, 0]), column="g"))
    assert "position:absolute;z-index:1000;right:10px" not in rendered(explore(units))


def test_a_layer_is_a_picture_of_its_classes() -> None:
    page = rendered(explore(toy_result().layers["flood_risk_index"], k=4, offline=True))
    assert "data:image/png;base64," in page


def test_what_cannot_be_shown_is_told() -> None:
    result = toy_result()
    units = result.units["township"].assign(many=[str(n) for n in range(6)])
    wrong: list[tuple[type[Exception], str, Any]] = [
        (ConfigError, "webmap.index", lambda: explore(result, hazard="hail")),
        (ConfigError, "maps.option", lambda: explore(result, level="village")),
        (ConfigError, "maps.option", lambda: explore(result, lang="fr")),
        (LayerError, "maps.column", lambda: explore(units, column="nothing")),
        (LayerError, "webmap.not_numbers", lambda: explore(units, column="many", scheme="quantiles")),
        (ConfigError, "webmap.argument", lambda: explore(result, hazards="flood")),  # type: ignore[call-arg]
        (ConfigError, "maps.option", lambda: result.plot("flood", lang="de")),
        (LayerError, "webmap.kind", lambda: explore([1, 2])),  # type: ignore[arg-type]
        (MissingCRSError, "maps.crs", lambda: explore(units.set_crs(None, allow_override=True))),
        (LayerError, "maps.units", lambda: explore(units.iloc[:0])),
    ]
    for kind, rule, call in wrong:
        with pytest.raises(kind) as caught:
            call()
        assert caught.value.problems[0].rule == rule  # type: ignore[attr-defined]


def test_grades_in_a_column_are_refused_with_the_way_to_do_it() -> None:
    units = toy_result().units["township"]
    grades = classify(np.arange(6.0), "equal_interval", k=3)
    with pytest.raises(LayerError) as caught:
        explore(units.assign(g=[grades] * 6), column="g")
    assert 'frame["g"] = grades.codes' in caught.value.problems[0].fix


@pytest.mark.chromium
def test_names_are_text_and_nothing_leaves(browser: Any, tmp_path: Path) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    result = toy_result()
    units = result.units["township"]
    units["name"] = "<script>window.broken = 1</script>{{ 7 * 7 }}{% raw %}"
    explore(units, column="name", offline=True).save(str(tmp_path / "map.html"))
    browser.switch_to.new_window("tab")
    browser.get_log("browser"), browser.get_log("performance")
    browser.get(f"file://{tmp_path / 'map.html'}")
    shape = browser.find_element("css selector", "path.leaflet-interactive")
    ActionChains(browser).move_to_element(shape).perform()
    tip = browser.find_element("css selector", ".leaflet-tooltip").text
    assert "<script>window.broken = 1</script>{{ 7 * 7 }}{% raw %}" in tip
    assert browser.execute_script("return window.broken") is None
    sent = [row["message"] for row in browser.get_log("performance") if "Network.requestWillBeSent" in row["message"]]
    assert not any('"url":"http' in text for text in sent)
    assert [row for row in browser.get_log("browser") if row["level"] == "SEVERE"] == []
    browser.close()
    browser.switch_to.window(browser.window_handles[0])


def test_neighbours_keep_the_corner_in_which_they_meet(three_corners: gpd.GeoDataFrame) -> None:
    page = explore(three_corners, column="grade", scheme="quantiles")
    drawn = next(child for child in page._children.values() if hasattr(child, "data"))
    shapes = np.array([shape(one["geometry"]) for one in drawn.data["features"]])
    assert len(shapes) == 3
    assert shapely.coverage_is_valid(shapes)


def test_outlines_of_many_points_are_thinned_for_the_screen(three_corners: gpd.GeoDataFrame) -> None:
    dense = three_corners.set_geometry(shapely.segmentize(three_corners.geometry.to_numpy(), 1e-4))
    page = explore(dense, column="grade", scheme="quantiles")
    drawn = next(child for child in page._children.values() if hasattr(child, "data"))
    shapes = np.array([shape(one["geometry"]) for one in drawn.data["features"]])
    assert shapely.get_num_coordinates(dense.geometry).min() > 2_000
    assert shapely.get_num_coordinates(shapes).max() <= 8
