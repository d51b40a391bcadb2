"""Names of products: what they say, and that our own are read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskzoning.errors import ConfigError
from riskzoning.products import export_name, product_name
from riskzoning.products.naming import parsed_name, rules


@pytest.mark.parametrize("vector", [True, False])
@pytest.mark.parametrize("hazard", rules()["hazards"])
def test_own_names_are_read_back(hazard: str, vector: bool) -> None:
    for what in ("hazard", "gdp", "population"):
        name, problems = parsed_name(Path(product_name(hazard, "410702", what=what, vector=vector)))
        assert problems == []
        assert (name.hazard, name.code, name.vector) == (hazard, "410702", vector)
        assert name.is_hazard == (what == "hazard")
        assert name.classes == (4 if what == "hazard" else 5)


def test_the_vector_list_does_not_apply_to_rasters() -> None:
    assert parsed_name(Path("BY_P_10_130131_01.shp"))[0].classes == 4
    assert parsed_name(Path("BY_P_10_130131_01.tif"))[0].classes == 5
    assert parsed_name(Path("BY_P_01_130131_01.tif"))[0].classes == 4
    assert parsed_name(Path("BY_P_01_130131_01.shp"))[0].classes == 5


def test_the_range_of_a_code() -> None:
    assert parsed_name(Path("BY_P_01_410700_01.tif"))[0].code_range == (410700000, 410700999)
    assert parsed_name(Path("BY_P_01_410702001_01.tif"))[0].code_range == (410702001, 410702001)
    assert parsed_name(Path("BY_P_01_4107020011_01.tif"))[0].code_range is None


def test_what_has_no_name() -> None:
    for given, rule in (
        ({"hazard": "flood", "code": "410702"}, "product.hazard"),
        ({"hazard": "BY", "code": "41070"}, "product.code"),
        ({"hazard": "BY", "code": "410702", "sequence": 100}, "product.sequence"),
        ({"hazard": "BY", "code": "410702", "what": "crops"}, "product.what"),
    ):
        with pytest.raises(ConfigError) as error:
            product_name(**given)  # type: ignore[arg-type]
        assert error.value.problems[0].rule == rule


def test_names_of_files_that_are_handed_on() -> None:
    assert export_name("410700", "G30S", "HAZ", hazard="forest_fire", data_date="2026-06-30", version=2) == (
        "410700_G30S_HAZ_FORESTFIRE_ALL_202606_v2.tif"
    )
    with pytest.raises(ConfigError) as error:
        export_name("410700", "G1K", "XYZ", data_date="2026-06-30")
    assert [problem.rule for problem in error.value.problems] == ["product.word", "product.word"]
