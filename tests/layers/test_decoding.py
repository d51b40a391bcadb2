"""Stored numbers to values: what is missing, scale and units, classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from affine import Affine

from riskzoning import standards
from riskzoning.errors import LayerError
from riskzoning.layers.decoding import Seen, make_decoder
from riskzoning.rasters.facts import RasterFacts

N = np.nan


def facts(dtype: str, **options: Any) -> RasterFacts:
    return RasterFacts("a.tif", "GTiff", "EPSG:4490", Affine(1, 0, 113, 0, -1, 36), (1, 3), dtype, **options)


@pytest.mark.parametrize(
    ("quantity", "dtype", "options", "raw", "values", "taken"),
    [
        ("elevation", "int16", {}, [5, -32768, 7], [5, N, 7], {-32768.0}),
        (None, "float32", {}, [5, -9999, np.inf], [5, N, N], {-9999.0}),
        (None, "float32", {}, [5, np.finfo("f4").min, 1], [5, N, 1], {float(np.finfo("f4").min)}),
        (None, "float32", {}, [5, 9999, -50], [5, 9999, -50], set()),
        ("elevation", "float32", {"nodata": (5.0,)}, [5, 6, 7], [N, 6, 7], set()),
        ("elevation", "int16", {"scale": 0.5, "offset": 1.0}, [2, 4, 6], [2, 3, 4], set()),
        ("elevation", "int16", {"valid_range": (0.0, 5.0)}, [2, 4, 6], [2, 4, N], set()),
        ("flood_depth", "float32", {}, [-1, 0, 2], [N, 0, 2], set()),
    ],
)
def test_what_is_missing(quantity: Any, dtype: str, options: Any, raw: Any, values: Any, taken: Any) -> None:
    wanted = None if quantity is None else standards.quantity(quantity)
    seen = Seen()
    decoded = make_decoder(wanted, facts(dtype, **options))(np.array([raw], dtype), None, seen)
    assert np.array_equal(decoded[0], values, equal_nan=True)
    assert seen.taken == taken


def test_a_mask_counts_and_the_block_of_somebody_else_is_not_changed() -> None:
    raw = np.array([[1, -9999, 3]], "f4")
    raw.flags.writeable = False
    decoded = make_decoder(None, facts("float32"))(raw, np.array([[255, 255, 0]]))
    assert np.array_equal(decoded, [[1, N, N]], equal_nan=True)
    assert raw[0, 1] == -9999


def test_classes_stay_integers_doubtful_codes_are_seen_and_wrong_ones_refused() -> None:
    landcover = standards.quantity("landcover")
    seen = Seen()
    codes = make_decoder(landcover, facts("uint8", nodata=(3.0,)))(np.array([[10, 255, 3]], "u1"), None, seen)
    assert (codes.tolist(), codes.dtype, seen.kept) == ([[10, 255, 0]], np.uint8, {255.0})
    for dtype, raw, rule in (("float32", 1.5, "class.fractions"), ("int16", 999, "class.range")):
        with pytest.raises(LayerError) as caught:
            make_decoder(landcover, facts(dtype))(np.array([[raw, 1, 1]], dtype), None)
        assert caught.value.problems[0].rule == rule
