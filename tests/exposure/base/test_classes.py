"""Classes of buildings by structure and age, by use and storeys."""

from __future__ import annotations

import pandas as pd

from riskzoning import standards
from riskzoning.exposure.base.classes import building_classes


def test_structure_and_age_use_and_storeys_tell_the_class() -> None:
    columns = {
        "structure": pd.Series([1, 1, "2", 2.0, 5, 77, None]),
        "built_year": pd.Series([2002, None, 2001, 2010, 1970, 2000, 2000]),
        "use": pd.Series(["住宅", "住宅", " 商业", "工业", "住宅", "庙", None]),
        "floors": pd.Series([1, None, 7, 3, 6, 1, 1]),
    }
    classes = building_classes(columns)
    wanted = ["masonry_new", "masonry_old", "concrete_old", "concrete_new", "earth_stone", None, None]
    assert classes["earthquake"].tolist() == wanted
    wanted = [
        "residential_low", "residential_low", "commercial_high", "industrial_high", "residential_middle", None, None,
    ]  # fmt: skip
    assert classes["flood"].tolist() == wanted


def test_a_hazard_whose_columns_are_not_given_has_no_classes() -> None:
    assert set(building_classes({"structure": pd.Series([1])})) == {"earthquake"}
    assert set(building_classes({"use": pd.Series(["住宅"])})) == {"flood"}
    assert building_classes({"floors": pd.Series([1])}) == {}


def test_every_class_has_a_curve() -> None:
    curves = standards.table("loss_curves/receptors").data
    for hazard, rows in standards.table("exposure/building_classes").data.items():
        assert {row["class"] for row in rows} == set(curves[hazard]["classes"])
