"""Factors as classes: limits, sectors, natural breaks of the ground that counts."""

import numpy as np
import pytest

from riskzoning.methods.susceptibility.factors import class_layer, data_breaks, factor_classes, factor_codes

TABLE = {
    "slope": {"kind": "breaks", "breaks": [8, 15, 25, 35, 45]},
    "elevation": {"kind": "data", "classes": 5, "low": -500, "high": 9000},
}


def test_classes_of_slope_aspect_and_distance(make_layer):
    slope = {"kind": "breaks", "breaks": [8, 15, 25, 35, 45]}
    values = make_layer(np.array([[0, 7.99, 8, 15, 25, 35, 45, 90, np.nan]]), "slope")
    assert class_layer(values, slope).values.tolist() == [[1, 1, 2, 3, 4, 5, 6, 6, 0]]
    aspect = make_layer(np.array([[0, 22.4, 22.5, 90, 180, 337.4, 337.5, 359.9, -1, np.nan]]), "aspect")
    assert class_layer(aspect, {"kind": "sectors"}).values.tolist() == [[1, 1, 2, 3, 5, 8, 1, 1, 9, 0]]
    distance = make_layer(np.array([[0, 99, 100, 1e7]]), "distance")
    assert class_layer(distance, {"kind": "distance", "breaks": [100, 200, 300, 500]}).values.tolist() == [[1, 1, 2, 5]]
    own = class_layer(make_layer(np.array([[1.0, 3.0]]), "relief"), {"kind": "data"}, [2.0])
    assert own.values.tolist() == [[1, 2]]
    assert factor_codes({"kind": "class"}) == []
    assert factor_codes({"kind": "sectors"}) == list(range(1, 10))
    assert factor_codes({"kind": "data"}, [1, 2]) == [1, 2, 3]


def test_natural_breaks_of_the_data(make_layer):
    values = np.concatenate([np.full(50, 100.0), np.full(30, 500.0), np.full(20, 900.0)]).reshape(10, 10)
    values[0, 0] = np.nan
    layer, everywhere = make_layer(values, "elevation"), make_layer(np.ones((10, 10), dtype="uint8"), "mask")
    with pytest.warns(UserWarning, match="3 instead of 5"):
        breaks = data_breaks({"elevation": layer}, TABLE, everywhere)
    codes = factor_classes({"elevation": layer}, TABLE, breaks)["elevation"].values
    assert codes[0, 0] == 0
    assert len({int(code) for code in codes[np.isfinite(values)]}) == 3
    with pytest.warns(UserWarning, match="3 instead of 5"):
        assert data_breaks({"elevation": layer.chunk(x=3)}, TABLE, everywhere) == breaks
    assert data_breaks({"slope": layer}, TABLE, everywhere) == {}
    high = make_layer((np.nan_to_num(values) > 100).astype("uint8"), "mask")
    with pytest.warns(UserWarning, match="2 instead of 5"):
        assert len(data_breaks({"elevation": layer}, TABLE, high)["elevation"]) == 1
