"""Layers in memory: what their attributes declare, and what nobody declares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from riskzoning.errors import Journal, hearing
from riskzoning.layers import scan, without_fill
from riskzoning.layers.memory import decoder_of, numbers_of, undeclared_problems, valid_limits

Make = Callable[..., Any]
N = np.nan


@pytest.mark.parametrize("lazy", [False, True])
def test_declared_fill_values_are_missing_and_encoding_is_not_asked(make_layer: Make, lazy: bool) -> None:
    layer = make_layer(np.array([[1.0, -9999.0, 1e20]])).assign_attrs(missing_value=[-9999.0, 1e20], nodata="none")
    layer.encoding["_FillValue"] = 1.0
    layer = layer.chunk() if lazy else layer
    out = without_fill(layer)
    assert np.array_equal(out.values, [[1, np.nan, np.nan]], equal_nan=True)
    assert "missing_value" not in out.attrs
    codes = make_layer(np.array([[3, 255]], np.uint8), "landcover").assign_attrs(_FillValue=255, nodata=-9999)
    assert without_fill(codes).values.tolist() == [[3, 0]]
    with hearing(Journal()):
        assert without_fill(layer.assign_attrs(missing_value=None)).chunks == layer.chunks


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize(
    ("quantity", "dtype", "attrs", "values", "wanted", "taken"),
    [
        ("elevation", "f4", {}, [1, -9999, 3], [1, N, 3], {-9999.0}),
        (None, "f4", {}, [1, -9999, 3], [1, N, 3], {-9999.0}),
        (None, "f4", {}, [1, 9999, -50], [1, 9999, -50], set()),
        (None, "i2", {}, [1, -32768, 3], [1, N, 3], {-32768.0}),
        (None, "i4", {"nodata": 3}, [1, 2, 3], [1, 2, N], set()),
        (None, "f8", {}, [1, 1e308, -1e20], [1, N, N], {1e308, -1e20}),
        (None, "f4", {}, [1, np.finfo("f4").min, np.inf], [1, N, N], {float(np.finfo("f4").min)}),
        (None, "i2", {"scale_factor": 0.5, "add_offset": 10, "_FillValue": -1}, [2, -1, 4], [11, N, 12], set()),
        (None, "f8", {"valid_min": 0, "valid_max": 5}, [-1, 2, 6], [N, 2, N], set()),
        (None, "i1", {"_Unsigned": "true", "_FillValue": -1}, [1, 2, 3], [1, 2, 3], set()),
        ("flood_depth", "f4", {}, [-1, 0, 2], [N, 0, 2], set()),
        ("flood_depth", "f4", {"units": "cm"}, [250, 0, 2], [250, 0, 2], set()),
    ],
)
def test_memory_is_read_as_a_file_is(
    make_layer: Make, quantity: Any, dtype: str, attrs: Any, values: Any, wanted: Any, taken: Any, lazy: bool
) -> None:
    layer = make_layer(np.array([values], dtype), quantity or "station_value").assign_attrs(attrs)
    if quantity is None:
        del layer.attrs["quantity"]
    before = layer.values.copy()
    with hearing(Journal()) as journal:
        out = without_fill(layer.chunk() if lazy else layer)
        assert np.array_equal(out.values[0], wanted, equal_nan=True)
    assert np.array_equal(layer.values, before, equal_nan=True)
    assert set(scan(layer).undeclared) == taken
    assert scan(layer).valid == np.isfinite(wanted).sum()
    told = {problem.rule for problem in journal.warnings}
    assert told == (set() if lazy else {p.rule for p in undeclared_problems(taken, "x")})


def test_a_plain_layer_is_handed_back_and_so_is_a_mask(make_layer: Make) -> None:
    layer = make_layer(np.array([[1.0, N]]))
    assert without_fill(layer) is layer
    mask = make_layer(np.array([[True, False]]), "mask")
    assert decoder_of(mask) is None
    assert without_fill(mask) is mask
    assert decoder_of(make_layer(np.array([[1, 2]], "u1"), "station_value")) is None


def test_classes_in_memory_stay_integers(make_layer: Make) -> None:
    codes = make_layer(np.array([[3, 255]], np.uint8), "landcover").assign_attrs(_FillValue=255)
    assert (without_fill(codes).values.tolist(), without_fill(codes.chunk()).dtype) == ([[3, 0]], np.uint8)
    lost = make_layer(np.array([[3, N]]), "landcover").assign_attrs(_FillValue=3)
    assert np.isnan(without_fill(lost).values).all()


def test_numbers_of_in_small() -> None:
    assert (
        numbers_of({"_FillValue": -9999, "missing_value": [-9999.0, 1e20], "units": "m"}, "_FillValue", "missing_value")
    ) == (-9999.0, 1e20)


def test_valid_limits_in_small() -> None:
    assert valid_limits({"valid_min": 20}) == (20.0, np.inf)
    assert valid_limits({"valid_range": [0, 5]}) == (0.0, 5.0)
    assert valid_limits({}) is None
