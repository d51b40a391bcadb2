"""Facts of files."""

from __future__ import annotations

import pytest
from affine import Affine

from riskzoning.errors import MissingCRSError
from riskzoning.rasters import RasterFacts, overlap

FACTS = RasterFacts("a.tif", "GTiff", "EPSG:4490", Affine(0.5, 0, 113, 0, -0.5, 36), (2, 4), "uint8")


def test_bounds_grid_and_record_agree() -> None:
    assert FACTS.bounds == tuple(FACTS.grid.boundingbox.bbox) == (113, 35, 115, 36)
    assert FACTS.as_record()["bounds"] == [113, 35, 115, 36]
    bare = RasterFacts("a.tif", "GTiff", None, FACTS.transform, (2, 4), "uint8")
    with pytest.raises(MissingCRSError) as caught:
        _ = bare.grid
    assert caught.value.problems[0].rule == "raster.crs"


def test_the_share_of_a_place_that_a_raster_covers() -> None:
    assert overlap(FACTS, (114, 35, 116, 36)) == 0.5
    assert overlap(FACTS, (120, 35, 121, 36)) == 0
    assert overlap(FACTS, (12635000, 4163881, 12690000, 4200000), crs="EPSG:3857") == pytest.approx(1, abs=1e-4)
