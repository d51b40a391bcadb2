"""Two counties of Xinxiang as boxes, and what ``assemble`` says of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import pytest
import shapely
from shapely import box

from riskzoning import admin
from riskzoning.errors import AdminError

Counties = Callable[..., gpd.GeoDataFrame]


@pytest.fixture
def counties() -> Counties:
    """counties(code=[...], name=[...], geometry=[...]): what is not said stays as it should be."""

    def make(**changes: Any) -> gpd.GeoDataFrame:
        columns = {"code": ["410702", "410703"], "name": ["红旗区", "卫滨区"], **changes}
        shapes = columns.pop("geometry", [box(113.8, 35.2, 113.9, 35.3), box(113.9, 35.2, 114.0, 35.3)])
        return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4490")

    return make


@pytest.fixture
def halves() -> list[shapely.Geometry]:
    """Two halves of a disc: borders with many vertices, as a proof of the datum needs them."""
    disc = shapely.Point(113.9, 35.25).buffer(0.1, quad_segs=32)
    return [disc.intersection(box(113, 35, 113.9, 36)), disc.intersection(box(113.9, 35, 115, 36))]


@pytest.fixture
def rules() -> Callable[..., set[str]]:
    """Rules of the problems for which units are refused; every one of them says three things in both languages."""

    def refused(frame: Any, **options: Any) -> set[str]:
        with pytest.raises(AdminError) as caught:
            admin.assemble(frame if isinstance(frame, dict) else {"county": frame}, **options)
        assert all(p.found and p.required and p.fix for p in caught.value.problems)
        assert not any(re.search(r"\{\w+\}", p.text(lang)) for p in caught.value.problems for lang in ("zh", "en"))
        return {problem.rule for problem in caught.value.problems}

    return refused


@pytest.fixture
def mended() -> Callable[..., admin.AdminUnits]:
    """Counties after a repair that changed something."""

    def repaired(frame: gpd.GeoDataFrame, **options: Any) -> admin.AdminUnits:
        units = admin.assemble({"county": frame}, repair=True, **options)
        assert units.actions
        return units

    return repaired
