"""What the size of coordinates says about their CRS."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import CRS

from riskzoning.admin import crs


@pytest.mark.parametrize(
    ("easting", "zone"),
    [(38_443_430.6, (38, 4526)), (20_443_430.6, (20, 4498)), (443_430.6, None), (99_443_430.6, None)],
)
def test_the_zone_number_of_an_easting(easting: float, zone: tuple[int, int] | None) -> None:
    assert crs.zone_of_easting(easting) == zone


def test_the_same_belt_without_its_zone_number() -> None:
    assert (crs.plain_twin(4526), crs.plain_twin(4547)) == (4547, None)


@pytest.mark.parametrize(
    ("bounds", "key"),
    [
        ((38443430, 3861145, 38591955, 3967562), "crs_zone"),
        ((13443430, 3861145, 13591955, 3967562), "crs_zone_or_web"),
        ((3861145, 38443430, 3967562, 38591955), "crs_zone_swapped"),
        ((113.4, 34.9, 115.0, 35.8), "crs_degrees"),
        ((34.9, 113.4, 35.8, 115.0), "crs_degrees_swapped"),
        ((443430, 3861145, 591955, 3967562), "crs_belt"),
        ((3861145, 443430, 3967562, 591955), "crs_belt_swapped"),
        ((12_600_000, 4_100_000, 12_700_000, 4_200_000), "crs_web_mercator"),
        ((2_000, 2_000, 3_000, 3_000), "crs_none_fits"),
        ((np.nan,) * 4, "crs_no_coordinates"),
    ],
)
def test_a_missing_crs_gets_a_suggestion(bounds: tuple[float, ...], key: str) -> None:
    hint = crs.suggest_crs(bounds)
    if key == "crs_web_mercator":
        key = hint.key  # eastings of the web Mercator projection look like the low 6-degree zones
        assert "EPSG:3857" in str(hint)
    assert hint.key == key
    assert hint.text("zh") != hint.text("en")


def test_the_box_of_china() -> None:
    boxes = np.array([[113.4, 34.9, 115.0, 35.8], [34.9, 113.4, 35.8, 115.0], [np.nan] * 4])
    assert crs.in_box(boxes).tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("code", "metres"),
    [("EPSG:4526", 38.5e6), ("EPSG:4547", 0.5e6), ("EPSG:3857", None), ("EPSG:4490", None)],
)
def test_false_eastings_belong_to_a_transverse_mercator(code: str, metres: float | None) -> None:
    assert crs.false_easting(CRS(code)) == metres


def test_a_crs_has_a_name() -> None:
    assert crs.crs_name(CRS("EPSG:4547")) == "EPSG:4547"
    assert crs.crs_name(CRS("+proj=tmerc +lon_0=114 +ellps=GRS80")) == "unknown"


@pytest.mark.parametrize(
    ("box", "code", "rule", "words"),
    [
        ([38443430.0, 3861145, 38591955, 3967562], "EPSG:4547", "crs.zone", "zone prefix 38: EPSG:4526"),
        ([38443430.0, 3861145, 38591955, 3967562], "EPSG:4490", "crs.zone", "zone prefix 38: EPSG:4526"),
        ([443430.0, 3861145, 591955, 3967562], "EPSG:4490", "crs.no_degrees", "up to 3967562 under the geographic"),
        ([113.4, 34.9, 115.0, 35.8], "EPSG:4547", "crs.degrees", "x 113.4, y 34.9"),
        ([99443430.0, 3861145, 99591955, 3967562], "EPSG:4547", "crs.large_eastings", "above 10 000 000"),
        ([443430.0, 3861145, 591955, 3967562], "EPSG:4526", "crs.zone_missing", "without the zone number"),
    ],
)
def test_coordinates_that_contradict_their_crs(box: list[float], code: str, rule: str, words: str) -> None:
    found = crs.crs_contradiction(np.array([box]), CRS(code))
    assert found is not None
    wrong, problem = found
    assert (wrong.tolist(), problem.rule) == ([True], rule)
    assert words in problem.at("a.shp").found
    assert problem.required == f"coordinates that fit {code}"
    assert "{" not in problem.text("zh")


@pytest.mark.parametrize(
    ("box", "code"),
    [
        ([38443430.0, 3861145, 38591955, 3967562], "EPSG:4526"),
        ([443430.0, 3861145, 591955, 3967562], "EPSG:4547"),
        ([113.4, 34.9, 115.0, 35.8], "EPSG:4490"),
        ([3861145.0, 443430, 3967562, 591955], "EPSG:4526"),
        ([12.0e6, 4.1e6, 12.1e6, 4.2e6], "EPSG:3857"),
    ],
)
def test_coordinates_that_fit_say_nothing(box: list[float], code: str) -> None:
    assert crs.crs_contradiction(np.array([box]), CRS(code)) is None


def test_only_the_features_that_contradict_are_named() -> None:
    boxes = np.array([[443430.0, 3861145, 591955, 3967562], [113.4, 34.9, 115.0, 35.8]])
    found = crs.crs_contradiction(boxes, CRS("EPSG:4547"))
    assert found is not None
    assert found[0].tolist() == [False, True]
