"""Risk matrices: every cell, no data, grades beyond the matrix, layers, and the index that stands for a grade."""

from __future__ import annotations

import warnings

import dask.array as da
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning import standards
from riskzoning.errors import ConfigError, LayerError
from riskzoning.risk import consequence_grade, matrix_index, risk_matrix

MATRICES = standards.table("damage/risk_matrix").data


def test_shipped_matrices():
    five, four = np.array(MATRICES["risk_5x5"]), np.array(MATRICES["risk_4x5"])
    for matrix in (five, four):
        assert np.all(np.diff(matrix, axis=0) >= 0)
        assert np.all(np.diff(matrix, axis=1) >= 0)
    assert np.array_equal(five, five.T)
    assert np.array_equal(four, five[[0, 1, 3, 4]])
    assert risk_matrix(4, 2, "risk_5x5") == 3
    assert risk_matrix(3, 2, "risk_4x5") == 3


def test_every_cell_of_the_matrix():
    h, c = np.meshgrid(np.arange(5), np.arange(6), indexing="ij")
    out = risk_matrix(h, c, MATRICES["risk_4x5"])
    assert out[1:, 1:].tolist() == MATRICES["risk_4x5"]
    assert not out[0].any()
    assert not out[:, 0].any()


def test_matrix_on_layers(make_layer):
    h = make_layer(np.array([[1, 4], [0, 3]], dtype="u1"), quantity="hazard_grade")
    c = make_layer(np.array([[5.0, 2], [1, np.nan]]), quantity="risk_grade")
    out = risk_matrix(h, c, "risk_5x5")
    assert out.values.tolist() == [[3, 3], [0, 0]]
    assert out.dtype == np.uint8
    assert out.attrs["class_order"] == "ascending"
    for pair in ((h.chunk(x=1), c), (h, c.chunk(y=1)), (h.chunk(x=1), c.chunk(y=1))):
        lazy = risk_matrix(*pair, "risk_5x5")
        assert isinstance(lazy.data, da.Array)
        np.testing.assert_array_equal(lazy.values, out.values)


def test_grades_beyond_the_matrix_name_both():
    with pytest.raises(LayerError) as caught:
        risk_matrix(np.array([5, 1]), np.array([6, 1]), "risk_4x5")
    first, second = caught.value.problems
    assert (first.file, second.file) == ("hazard grade", "consequence grade")
    assert "4 hazard x 5" in str(first)
    with pytest.raises(LayerError, match="whole numbers"):
        risk_matrix(np.array([1.5]), np.array([1]), "risk_5x5")
    lazy = risk_matrix(da.from_array(np.array([9])), da.from_array(np.array([1])), "risk_5x5")
    with pytest.raises(LayerError, match="hazard grade"):
        lazy.compute()


@pytest.mark.parametrize("matrix", [[[1, 2], [1]], [[0, 1]], [[1.5]], [], "risk_3x3", [["a"]]])
def test_wrong_matrices(matrix):
    with pytest.raises(ConfigError, match="matrix"):
        risk_matrix(1, 1, matrix)


def test_a_matrix_that_falls_is_said():
    with pytest.warns(UserWarning, match="lowers the risk grade"):
        assert risk_matrix(1, 1, [[2, 1], [2, 3]]) == 2


def test_own_matrix_of_the_study():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with standards.session({"damage/risk_matrix": {"data": {"mine": [[1, 2], [2, 2]]}}}):
            assert risk_matrix(2, 2, "mine") == 2


def test_the_index_of_a_grade_gives_the_grade_back():
    from riskzoning.methods.classification import grade_values

    h, c = np.meshgrid([0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5])
    index = matrix_index(h, c, "risk_5x5")
    limits = [*standards.table("grades/risk_index").data["limits"], 1.0]
    np.testing.assert_array_equal(grade_values(index, limits), risk_matrix(h, c, "risk_5x5"))


def test_where_nothing_acts_the_matrix_is_not_asked():
    index = matrix_index(np.array([1, 1, 0]), np.array([5, 5, 5]), "risk_5x5", none=np.array([True, False, True]))
    np.testing.assert_allclose(index, [0.0, 0.5, np.nan])


def test_a_matrix_of_more_classes_than_a_risk_has_gives_no_index():
    with pytest.raises(ConfigError) as caught:
        matrix_index(1, 1, [[1, 6]])
    assert caught.value.problems[0].rule == "risk.matrix_classes"


def test_the_consequence_is_exposure_that_vulnerability_halves_at_most(make_layer):
    exposed = np.array([0.0, 0.2, 0.41, 0.9, 1.0, np.nan])
    assert consequence_grade(exposed).tolist() == [1, 1, 3, 5, 5, 0]
    assert consequence_grade(exposed, np.zeros(6)).tolist() == [1, 1, 2, 3, 3, 0]
    assert consequence_grade(exposed, np.full(6, np.nan)).tolist() == [1, 1, 3, 5, 5, 0]
    layer = make_layer(exposed.reshape(2, 3), quantity="exposure_index")
    lazy = consequence_grade(layer.chunk(y=1))
    assert isinstance(lazy.data, da.Array)
    np.testing.assert_array_equal(lazy.values, consequence_grade(layer).values)


def test_layers_and_columns_of_units_give_the_same(make_layer):
    h, c = np.array([[1, 2, 3], [4, 0, 2]], np.uint8), np.array([[5, 1, 3], [2, 2, 0]], np.uint8)
    flat = matrix_index(pd.Series(h.ravel()), pd.Series(c.ravel()), "risk_4x5", none=pd.Series(h.ravel() == 4))
    layers = [make_layer(grades, quantity="risk_grade").chunk(y=1) for grades in (h, c)]
    made = matrix_index(*layers, "risk_4x5", none=layers[0] == 4)
    assert isinstance(made.data, da.Array)
    assert (made.attrs["quantity"], made.attrs["matrix"]) == ("risk_index", "risk_4x5")
    np.testing.assert_array_equal(made.values.ravel(), flat)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(1, 5), st.integers(0, 3), st.integers(0, 4))
def test_more_hazard_or_more_consequence_never_lowers_the_class(h, c, more_h, more_c):
    before = int(risk_matrix(h, c, "risk_4x5"))
    assert int(risk_matrix(min(h + more_h, 4), min(c + more_c, 5), "risk_4x5")) >= before
