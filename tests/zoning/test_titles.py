"""Names of regions and zones as people read them, and what tells equal ones apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from riskzoning.zoning.titles import (
    Named,
    direction,
    hazard_word,
    hazards_text,
    in_reading_order,
    leading,
    marked,
    names_of,
    roman,
    told,
)

TAIHANG = {"zh": "太行山地", "en": "Taihang mountains"}
NORTH_WEST = {"zh": "西北部", "en": "north-western"}


def test_a_region_by_place_landform_hazards_and_grade() -> None:
    item = Named(hazards=("flood", "geology"), grade=4, landform=TAIHANG, direction=NORTH_WEST)
    assert names_of("tier2", [item], "zh") == ["西北部太行山地洪水-地质灾害中高风险区"]
    assert names_of("tier2", [item], "en") == [
        "North-western Taihang mountains: medium-high flood and geological-hazard risk region"
    ]


def test_a_zone_without_landform() -> None:
    item = Named(hazards=("forest_fire",), grade=3, place={"zh": "辉县市", "en": "Huixian"})
    assert names_of("prevention", [item], "zh") == ["辉县市森林火灾重点防治区"]
    assert names_of("prevention", [item], "en") == ["Key prevention zone Huixian (forest-fire)"]


def test_equal_names_are_told_apart_by_the_seat_then_by_number() -> None:
    def item(seat: str) -> Named:
        return Named(("flood",), (), 5, TAIHANG, NORTH_WEST, None, {"zh": seat, "en": seat})

    names = names_of("tier2", [item("百泉镇"), item("薄壁镇"), item("薄壁镇")], "zh")
    assert names == [
        "西北部太行山地洪水灾害高风险区（百泉镇）",
        "西北部太行山地洪水灾害高风险区（薄壁镇）（1）",
        "西北部太行山地洪水灾害高风险区（薄壁镇）（2）",
    ]
    assert len(set(names_of("tier2", [item("a"), item("b"), item("b")], "en"))) == 3


@pytest.mark.parametrize(
    ("hazards", "zh", "en"),
    [
        ((), "", ""),
        (("flood",), "洪水灾害", "flood"),
        (("geology", "forest_fire"), "地质-森林火灾", "geological-hazard and forest-fire"),
        (("earthquake", "meteorology", "flood"), "地震-气象-洪水灾害", "earthquake, meteorological and flood"),
    ],
)
def test_hazards_in_one_word(hazards: tuple[str, ...], zh: str, en: str) -> None:
    assert (hazards_text(hazards, "zh"), hazards_text(hazards, "en")) == (zh, en)


@pytest.mark.parametrize(("name", "said"), [("虫害", "虫害"), ("雪灾", "雪灾"), ("风暴潮", "风暴潮灾害")])
def test_what_says_already_that_it_harms_gets_no_second_word(name: str, said: str) -> None:
    assert hazards_text([name], "zh") == said


def test_a_hazard_of_ones_own_keeps_its_key() -> None:
    assert hazard_word("hail", "en") == "hail"


def test_leading_hazards() -> None:
    assert leading({"a": 0.5, "b": 0.3, "c": 0.2}) == ("a", "b", "c")
    assert leading({"a": 0.6, "b": 0.21, "c": 0.19}) == ("a", "b")
    assert leading({"a": 0.0}) == ()
    assert leading({"d": 1.0, "c": 1.0, "b": 1.0, "a": 1.0}) == ("a", "b", "c")


def test_hazards_that_mark_a_place_come_first() -> None:
    city = {"earthquake": 40.0, "flood": 40.0, "geology": 1.0}
    assert marked({"earthquake": 4.0, "flood": 4.0, "geology": 1.0}, city) == ("geology",)
    assert marked(city, city) == ()
    assert marked({}, city) == ()
    assert told(("earthquake", "flood", "meteorology"), ("geology",)) == ["geology", "earthquake"]


def test_a_name_tells_two_hazards_at_most_and_stays_short() -> None:
    plain = {"zh": "黄河冲积平原", "en": "Yellow River plain"}
    place = {"zh": "辉县市胡桥街道等5个乡镇", "en": "Huqiao and 4 more"}
    item = Named(("flood", "earthquake", "meteorology"), (), 3, plain, place=place)
    (name,) = names_of("prevention", [item], "zh")
    assert name == "辉县市胡桥街道等5个乡镇黄河冲积平原洪水-地震灾害重点防治区"
    assert len(name) <= 32
    assert names_of("prevention", [item], "en") == [
        "Key prevention zone Huqiao and 4 more (Yellow River plain; flood and earthquake)"
    ]


@pytest.mark.parametrize(
    ("spot", "zh"),
    [
        ((0, 0), "中部"),
        ((10, 0), "东部"),
        ((0, 10), "北部"),
        ((-7, 7), "西北部"),
        ((7, -7), "东南部"),
        ((-10, 1), "西部"),
    ],
)
def test_directions(spot: tuple[float, float], zh: str) -> None:
    assert direction(spot, (0, 0), 100.0)["zh"] == zh


def test_reading_order_is_from_north_to_south() -> None:
    assert in_reading_order(np.array([5.0, 1.0, 3.0]), np.array([1.0, 9.0, 9.0])).tolist() == [1, 2, 0]


def test_roman_numbers() -> None:
    assert [roman(number) for number in (1, 4, 9, 14, 40)] == ["I", "IV", "IX", "XIV", "XL"]


def zone(place: str, within: str | None = None, near: str = "", spot: tuple[float, float] | None = None) -> Named:
    """A forest-fire zone in one township of 辉县市."""
    part = None if within is None else {"zh": within, "en": within}
    beside = {"zh": near, "en": near} if near else None
    own = {"zh": f"辉县市{place}", "en": f"辉县市 {place}"}
    seat = {"zh": place, "en": place}
    return Named(("forest_fire",), (), 2, TAIHANG, None, own, seat, within=part, near=beside, spot=spot)


def test_zones_of_one_township_are_told_apart_by_where_in_it_they_lie() -> None:
    items = [zone("南村镇", "东北部"), zone("南村镇", "西部"), zone("沙窑乡", "中部")]
    assert names_of("prevention", items, "zh") == [
        "辉县市南村镇东北部太行山地森林火灾次重点防治区",
        "辉县市南村镇西部太行山地森林火灾次重点防治区",
        "辉县市沙窑乡太行山地森林火灾次重点防治区",  # alone: nothing more than it needs
    ]


def test_then_by_a_village_then_by_the_side_and_at_last_by_a_number() -> None:
    near = [zone("南村镇", "东部", "西沟", (0, 0)), zone("南村镇", "东部", "东沟", (1, 1))]
    assert names_of("prevention", near, "zh") == [
        "辉县市南村镇东部太行山地森林火灾次重点防治区（西沟附近）",
        "辉县市南村镇东部太行山地森林火灾次重点防治区（东沟附近）",
    ]
    side = [zone("南村镇", "东部", "西沟", (0, y)) for y in (900.0, 0.0, 2000.0)]
    assert [name[-7:] for name in names_of("prevention", side, "zh")] == [
        "沟附近，中片）",
        "沟附近，南片）",
        "沟附近，北片）",
    ]
    pair = [zone("南村镇", "东部", spot=(x, 0)) for x in (900.0, 0.0)]
    assert [name[-4:] for name in names_of("prevention", pair, "zh")] == ["（东片）", "（西片）"]
    assert [name[-7:] for name in names_of("prevention", pair, "en")] == [" (east)", " (west)"]
    many = [zone("南村镇", "东部", spot=(x, 0)) for x in (0.0, 1.0, 2.0, 3.0)]
    assert [name[-3:] for name in names_of("prevention", many, "zh")] == ["（1）", "（2）", "（3）", "（4）"]
    same = [zone("南村镇", "东部", spot=(5.0, 5.0))] * 2
    assert len(set(names_of("prevention", same, "zh"))) == 2


def test_a_zone_named_after_a_feature_or_over_several_units_tells_the_part_in_brackets() -> None:
    stand = {"zh": "易燃林分", "en": "flammable stands"}
    wood = [
        replace(zone("沙窑乡", part), place={"zh": "辉县市", "en": "辉县市"}, feature=stand)
        for part in ("北部", "中部")
    ]
    assert names_of("prevention", wood, "zh")[0] == "辉县市易燃林分森林火灾次重点防治区（沙窑乡北部）"
    wide = [replace(item, feature=None, place={"zh": "辉县市沙窑乡等2个乡镇", "en": "x"}) for item in wood]
    assert names_of("prevention", wide, "zh")[1] == "辉县市沙窑乡等2个乡镇太行山地森林火灾次重点防治区（沙窑乡中部）"
