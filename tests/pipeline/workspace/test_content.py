"""Equal values have one content, and whatever is drawn or computed from another value has another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from shapely import Point

from riskzoning.pipeline.workspace.content import UnknownContentError, content_key


@dataclass(frozen=True)
class Pair:
    name: str
    value: object


def features(x: float, name: str = "a", crs: str = "EPSG:4547") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": [name]}, geometry=[Point(x, 0)], crs=crs)


def layer(value: float, units: str = "m") -> xr.DataArray:
    return xr.DataArray(np.full((3, 2), value, np.float32), dims=("y", "x"), attrs={"units": units})


SAME: list[tuple[Any, Any]] = [
    (Pair("a", (1, None)), Pair("a", (1, None))),
    (features(0.5), features(0.5)),
    (layer(np.nan), layer(np.nan)),
    (layer(1.0).chunk({"y": 1}), layer(1.0)),
    ({"a": np.arange(3)}, {"a": np.arange(3)}),
]
OTHER: list[tuple[Any, Any]] = [
    (Pair("a", 1), Pair("a", 1.0)),
    (Pair("a", "1"), Pair("a", 1)),
    (features(0.5), features(np.nextafter(0.5, 1))),
    (features(0.5), features(0.5, name="b")),
    (features(0.5), features(0.5, crs="EPSG:4548")),
    (layer(1.0), layer(2.0)),
    (layer(1.0), layer(1.0, units="cm")),
    (["ab", "c"], ["a", "bc"]),
    ([["a"], "b"], ["a", ["b"]]),
    (pd.Series([1, 2]), pd.Series([1, 2], index=[1, 0])),
    (np.zeros((2, 3)), np.zeros((3, 2))),
]


@pytest.mark.parametrize(("one", "two"), SAME)
def test_equal_values_have_one_content(one: Any, two: Any) -> None:
    assert content_key(one) == content_key(two)


@pytest.mark.parametrize(("one", "two"), OTHER)
def test_other_values_have_another(one: Any, two: Any) -> None:
    assert content_key(one) != content_key(two)


def test_a_value_of_an_unknown_kind_has_none() -> None:
    with pytest.raises(UnknownContentError):
        content_key(Pair("a", object()))
