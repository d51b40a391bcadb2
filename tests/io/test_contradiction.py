"""Coordinates against their CRS."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pyproj import CRS

from riskzoning.errors import LayerError
from riskzoning.io.contradiction import check_crs, known_crs


def test_a_crs_that_nobody_knows_is_refused() -> None:
    assert known_crs(Path("a.csv"), "EPSG:4490").to_epsg() == 4490
    with pytest.raises(LayerError) as caught:
        known_crs(Path("a.csv"), "EPSG:99999")
    assert (caught.value.problems[0].rule, caught.value.problems[0].file) == ("crs.unknown", "a.csv")


def test_rows_that_contradict_are_named() -> None:
    bounds = np.array([[500000.0, 3900000, 500001, 3900001], [114.0, 35, 114, 35]])
    with pytest.raises(LayerError, match=r"degrees .* in rows 9"):
        check_crs(bounds, CRS("EPSG:4547"), np.array([8, 9]), "a.shp")
    check_crs(bounds[:1], CRS("EPSG:4547"), np.array([8]), "a.shp")
