"""TOPSIS and coupling: worked examples, constant columns, equal units."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from riskzoning.errors import ConfigError, Journal, LayerError, hearing
from riskzoning.methods.weights import coordination_class, coupling_coordination, entropy, normalise, topsis

MATRIX = [[3, 200], [4, 150], [5, 300]]
D10 = [
    [80, 16, 2, 5],
    [110, 32, 2, 9],
    [130, 64, 4, 9],
    [185, 64, 4, 1],
    [135, 64, 4, 4],
    [140, 32, 8, 4],
    [185, 64, 8, 6],
    [110, 16, 4, 3],
    [120, 16, 4, 2],
    [340, 128, 6, 5],
]


def test_top_1():
    found = topsis(MATRIX, (0.6, 0.4))
    assert found["d_plus"].tolist() == pytest.approx([0.198222, 0.175518, 0], abs=1e-6)
    assert found["d_minus"].tolist() == pytest.approx([0.051215, 0.084853, 0.228925], abs=1e-6)
    assert found["closeness"].tolist() == pytest.approx([0.205322, 0.325892, 1], abs=1e-6)


def test_top_2_second_column_cost():
    found = topsis(MATRIX, (0.6, 0.4), directions=(1, -1))
    assert found["d_plus"].tolist() == pytest.approx([0.177265, 0.084853, 0.153644], abs=1e-6)
    assert found["d_minus"].tolist() == pytest.approx([0.102430, 0.175518, 0.169706], abs=1e-6)
    assert found["closeness"].tolist() == pytest.approx([0.366219, 0.674108, 0.524836], abs=1e-6)


def test_top_3_minmax():
    found = topsis(D10, entropy(D10).weights, directions=(-1, 1, 1, 1), normalisation="minmax")
    expected = [0.317618, 0.447983, 0.576372, 0.351255, 0.441053, 0.392302, 0.549686, 0.269197, 0.243756, 0.664449]
    assert found["closeness"].tolist() == pytest.approx(expected, abs=1e-6)


def test_labels_and_weights_by_name():
    frame = pd.DataFrame(MATRIX, index=list("xyz"), columns=["a", "b"])
    found = topsis(frame, {"b": 0.4, "a": 0.6}, directions={"b": 1, "a": 1})
    assert found.index.tolist() == list("xyz")
    assert found["closeness"].tolist() == pytest.approx([0.205322, 0.325892, 1], abs=1e-6)


def test_weights_of_a_table_serve_its_plain_values():
    frame = pd.DataFrame(MATRIX, columns=["a", "b"])
    weights = pd.Series({"a": 0.6, "b": 0.4})
    assert topsis(frame.to_numpy(), weights)["closeness"].tolist() == topsis(frame, weights)["closeness"].tolist()


@pytest.mark.parametrize("normalisation", ["vector", "minmax"])
def test_constant_column_changes_nothing(normalisation):
    one = topsis([[3, 7], [4, 7], [5, 7]], (0.6, 0.4), normalisation=normalisation)
    assert one["closeness"].tolist() == pytest.approx([0, 0.5, 1])


@pytest.mark.parametrize("normalisation", ["vector", "minmax"])
def test_equal_units_have_no_closeness(normalisation):
    with pytest.warns(UserWarning, match="units that are all equal"):
        found = topsis([[1, 2], [1, 2]], (0.5, 0.5), normalisation=normalisation)
    assert found["closeness"].isna().all()
    assert found["d_plus"].tolist() == [0, 0]


def test_missing_value_is_missing_for_its_unit_only():
    found = topsis([*MATRIX, [np.nan, 100]], (0.6, 0.4))
    assert found["closeness"].isna().tolist() == [False, False, False, True]


def test_zero_column():
    assert topsis([[0, 1], [0, 2]], (0.5, 0.5))["closeness"].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("weights", "text"),
    [((0.6, 0.6), "sum to 1.2"), ((1,), "2 weights"), ((-0.5, 1.5), "negative"), ({"c": 1.0}, "none for a, b")],
)
def test_wrong_weights(weights, text):
    with pytest.raises(ConfigError, match=text):
        topsis(pd.DataFrame(MATRIX, columns=["a", "b"]), weights)


def test_weights_with_another_sum_on_demand():
    with pytest.warns(UserWarning, match="sum to 1.2"):
        found = topsis(MATRIX, (0.72, 0.48), renormalise=True)
    assert found["closeness"].tolist() == pytest.approx([0.205322, 0.325892, 1], abs=1e-6)


def test_wrong_normalisation():
    with pytest.raises(ConfigError, match="vector, minmax"):
        topsis(MATRIX, (0.6, 0.4), normalisation="half")


def test_coupling():
    found = coupling_coordination(pd.Series([0.6, 0.3], index=["a", "b"]), [0.4, 0.3])
    assert found.loc["a"].tolist() == pytest.approx([0.979796, 0.5, 0.699927], abs=1e-6)
    assert found.loc["b", "coupling"] == pytest.approx(1)
    with pytest.raises(LayerError, match="two or more"):
        coupling_coordination([0.5])
    with pytest.raises(LayerError, match=r"0\.\.1"):
        coupling_coordination([0.5], [2])


@pytest.mark.parametrize("normalisation", ["vector", "minmax"])
def test_rounding_does_not_rank_equal_units(normalisation):
    noise = 5.0 + 1e-12 * np.arange(3)
    with hearing(Journal()) as heard:
        table = topsis(np.column_stack([noise, noise]), [0.5, 0.5], normalisation=normalisation)
    assert table["closeness"].isna().all()
    assert "weights.topsis_equal" in [problem.rule for problem in heard.warnings]


def test_classes_of_coordination() -> None:
    classes = coordination_class(pd.Series([0.0, 0.1, 0.699927, 0.9, 1.0, np.nan], index=list("abcdef")))
    assert classes["grade"].tolist() == [1, 2, 7, 10, 10, 0]
    assert classes.loc["a", "name_zh"] == "极度失调"
    assert classes.loc["e", "name_en"] == "high-quality coordination"
    assert classes.loc["f", "name_zh"] == ""


def test_coupling_of_two_numbers_is_that_of_one_unit() -> None:
    alone = coupling_coordination(0.6, 0.4)
    pd.testing.assert_frame_equal(alone, coupling_coordination([0.6], [0.4]))
    assert alone.iloc[0].tolist() == pytest.approx([0.979796, 0.5, 0.699927], abs=1e-6)


def test_top_1_weighted_and_normalised():
    v = normalise(MATRIX, method="vector") * (0.6, 0.4)
    expected = [[0.254558, 0.204859], [0.339411, 0.153644], [0.424264, 0.307289]]
    np.testing.assert_allclose(v, expected, atol=5.1e-7)
    found = topsis(MATRIX, (0.6, 0.4))
    np.testing.assert_allclose(found["d_plus"], np.hypot(*(v.max(axis=0) - v).T), atol=1e-12)
    np.testing.assert_allclose(found["d_minus"], np.hypot(*(v - v.min(axis=0)).T), atol=1e-12)


tables = arrays(float, st.tuples(st.integers(3, 7), st.just(3)), elements=st.integers(1, 60).map(float))


@settings(max_examples=30, deadline=None)
@given(
    tables,
    st.sampled_from([(0.5, 0.3, 0.2), (0.2, 0.2, 0.6)]),
    st.sampled_from([(1, 1, 1), (1, -1, 1)]),
    st.sampled_from(["vector", "minmax"]),
    st.randoms(use_true_random=False),
)
def test_laws_of_closeness(matrix, weights, directions, normalisation, random):
    matrix[0] += 60.0
    options = {"directions": directions, "normalisation": normalisation}
    found = topsis(matrix, weights, **options)
    assert found["closeness"].between(0, 1).all()
    assert (found[["d_plus", "d_minus"]] >= 0).all(axis=None)
    whole = found["d_plus"] + found["d_minus"]
    np.testing.assert_allclose(found["closeness"], found["d_minus"] / whole, atol=1e-12)
    order = random.sample(range(len(matrix)), len(matrix))
    turned = topsis(matrix[order] * [0.001, 7.0, 1e4], weights, **options)
    np.testing.assert_allclose(turned, found.iloc[order], atol=1e-9)
    # An indicator that is the same everywhere adds nothing to either distance.
    same = np.column_stack([matrix, np.full(len(matrix), 5.0)])
    beside = topsis(same, [*(0.75 * np.array(weights)), 0.25], **{**options, "directions": [*directions, 1]})
    np.testing.assert_allclose(beside["closeness"], found["closeness"], atol=1e-9)
    np.testing.assert_allclose(beside["d_plus"], 0.75 * found["d_plus"], atol=1e-9)
    # The unit that is best in everything is the ideal itself.
    best = np.where(np.array(directions) > 0, matrix.max(axis=0), matrix.min(axis=0))
    assert topsis(np.vstack([matrix, best]), weights, **options)["closeness"].iloc[-1] == pytest.approx(1)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_laws_of_coupling(values, random):
    found = coupling_coordination(*values).iloc[0]
    assert 0 <= found["coupling"] <= 1 + 1e-12
    assert found["coordination"] <= 1 + 1e-12
    assert found["coordination"] ** 2 == pytest.approx(found["coupling"] * found["level"])
    assert min(values) - 1e-12 <= found["level"] <= max(values) + 1e-12
    turned = coupling_coordination(*random.sample(values, len(values))).iloc[0]
    np.testing.assert_allclose(turned, found, atol=1e-12)
    even = coupling_coordination(*[values[0]] * len(values)).iloc[0]
    assert even["coupling"] == pytest.approx(1)
    assert even["coordination"] == pytest.approx(np.sqrt(values[0]))
