"""Where rasters lie."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
import pytest
from affine import Affine

from riskzoning.errors import LayerError, MissingCRSError
from riskzoning.rasters.placing import Orientation, agreed_crs, arrange, crs_definition, in_degrees

PLAIN = Affine(1, 0, 100, 0, -1, 40)


def test_a_crs_goes_by_its_code_and_one_without_a_datum_by_none() -> None:
    assert (crs_definition("EPSG:4490"), crs_definition("+proj=longlat +ellps=WGS84"), crs_definition(None)) == (
        "EPSG:4490",
        None,
        None,
    )
    assert crs_definition("EPSG:4326+5773") == "EPSG:4326"


@pytest.mark.parametrize("code", [4547, 4490, 4526, 4326, 32650, 3857])
def test_a_crs_in_the_spelling_of_other_programs_has_its_code(code: int) -> None:
    spelt = pyproj.CRS(code).to_wkt("WKT1_ESRI")
    assert crs_definition(spelt) == f"EPSG:{code}"
    moved = spelt.replace('"False_Easting",500000.0', '"False_Easting",500001.0')
    assert moved == spelt or crs_definition(moved) != f"EPSG:{code}"


def test_file_and_study_agree_on_one_crs() -> None:
    assert agreed_crs(None, 4490, thing="a.tif") == agreed_crs("EPSG:4490", None, thing="a.tif") == "EPSG:4490"
    wrong: list[tuple[Any, Any, str, str]] = [
        ("EPSG:4490", 4547, "", "raster.crs_conflict"),
        (None, "nonsense", "", "raster.crs_declared"),
        (None, None, "", "raster.crs"),
        (None, None, "Unknown", "raster.crs_unnamed"),
    ]
    for own, declared, raw, rule in wrong:
        with pytest.raises((LayerError, MissingCRSError)) as caught:
            agreed_crs(own, declared, thing="a.tif", raw=raw)
        assert caught.value.problems[0].rule == rule


@pytest.mark.parametrize(
    ("affine", "shape", "placed", "turn"),
    [
        (PLAIN, (2, 3), PLAIN, Orientation()),
        (Affine(1, 0, 100, 0, 1, 38), (2, 3), PLAIN, Orientation(flip_rows=True)),
        (Affine(-1, 0, 103, 0, -1, 40), (2, 3), PLAIN, Orientation(flip_columns=True)),
        (Affine(1, 3e-10, 100, -3e-10, -1, 40), (2, 3), PLAIN, Orientation()),
        (Affine(1, 0, 460, 0, -1, 40), (2, 3), PLAIN, Orientation()),
        (Affine(1, 0, 0, 0, -1, 40), (2, 360), Affine(1, 0, -180, 0, -1, 40), Orientation(roll=180)),
    ],
)
def test_cells_are_brought_north_up(affine: Affine, shape: Any, placed: Affine, turn: Orientation) -> None:
    own, turns = arrange(affine, shape, geographic=True, thing="a.tif")
    assert np.allclose(own[:6], placed[:6])
    assert turns == turn


@pytest.mark.parametrize(
    ("affine", "rule"),
    [
        (Affine.rotation(30), "layer.rotated"),
        (Affine(np.nan, 0, 1, 0, -1, 1), "raster.geotransform"),
        (Affine(0, 0, 1, 0, -1, 1), "raster.geotransform"),
    ],
)
def test_grids_that_cannot_be_are_refused(affine: Affine, rule: str) -> None:
    with pytest.raises(LayerError) as caught:
        arrange(affine, (2, 2), geographic=True, thing="a.tif")
    assert caught.value.problems[0].rule == rule


def test_degrees_are_known_by_the_crs_or_by_their_size() -> None:
    assert not in_degrees("EPSG:4547", PLAIN, (9, 9))
    assert in_degrees(None, Affine(0.1, 0, 246, 0, -0.1, 36), (9, 9))
    assert not in_degrees(None, Affine(100, 0, 443400, 0, -100, 3967600), (9, 9))
