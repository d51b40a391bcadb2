"""Thirds by rank, ties together, gaps apart; nine colours that the colour-blind can tell apart; the sheet says it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import box

from riskzoning import standards
from riskzoning.errors import LayerError, MissingCRSError
from riskzoning.maps import bivariate_classes, bivariate_map
from riskzoning.samples import toy_result

_spec = importlib.util.spec_from_file_location("classes_seen", Path(__file__).with_name("test_classes.py"))
assert _spec is not None
assert _spec.loader is not None
seen = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(seen)


def squares(**columns: list[float]) -> gpd.GeoDataFrame:
    count = len(next(iter(columns.values())))
    return gpd.GeoDataFrame(columns, geometry=[box(at, 0, at + 1, 1) for at in range(count)], crs="EPSG:4490")


def test_thirds_hold_as_many_units_each_and_gaps_stay_gaps() -> None:
    random = np.random.default_rng(1)
    units = squares(a=[*random.normal(size=30), np.nan], b=[*random.normal(size=30), np.inf])
    classes = bivariate_classes(units, ("a", "b"))
    assert np.bincount(classes["first"]).tolist() == [1, 10, 10, 10]
    assert classes.iloc[-1].tolist() == [0, 0]
    assert (np.diff(classes["first"].to_numpy()[:-1][np.argsort(units["a"].to_numpy()[:-1])]) >= 0).all()


def test_equal_values_are_in_one_third() -> None:
    classes = bivariate_classes(squares(a=[0, 0, 0, 0, 1, 2.0], b=[1, 2, 3, 4, 5, 6.0]), ("a", "b"))
    assert len(set(classes["first"][:4])) == 1


def test_what_cannot_be_cut_is_told() -> None:
    with pytest.raises(LayerError) as told:
        bivariate_classes(squares(a=[1, 1, 1.0], b=[1, 2, 3.0]), ("a", "b"))
    assert told.value.problems[0].rule == "maps.thirds"
    with pytest.raises(LayerError) as told:
        bivariate_classes(squares(a=[1, 2, 3.0]), ("a", "none"))
    assert told.value.problems[0].rule == "maps.column"
    with pytest.raises(MissingCRSError):
        bivariate_classes(squares(a=[1, 2, 3.0], b=[1, 2, 3.0]).set_crs(None, allow_override=True), ("a", "b"))


def test_neighbouring_colours_can_be_told_apart_by_the_colour_blind() -> None:
    table = standards.table("palettes/bivariate")
    flat = [colour for row in table.data["colours"] for colour in row]
    gap = standards.table("palettes/grades").data["no_data"]
    for kind in seen.BLINDNESS:
        lab = seen.lab([*flat, gap], kind)
        square, away = lab[:9].reshape(3, 3, 3), np.linalg.norm(lab[:9] - lab[9], axis=1)
        steps = [np.linalg.norm(np.diff(square, axis=axis), axis=2).min() for axis in (0, 1)]
        assert min(*steps, away.min()) >= table.info["least_distance"], kind


def test_the_sheet_names_both_measures_and_the_worst_units() -> None:
    units = toy_result().units["township"]
    figure = bivariate_map(units, ("multi_risk_index", "flood_eal"), names=("风险", "损失"), title="双变量")
    texts = [text.get_text() for text in figure.texts]
    worst = bivariate_classes(units, ("multi_risk_index", "flood_eal")).eq(3).all(axis=1)
    assert any(f"最高三分之一：{int(worst.sum())} 个" in text for text in texts)
    assert "示意图（内部使用）" in texts
