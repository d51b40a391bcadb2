"""The capacity index against a published county, its grades against worked examples."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.capacity import capacity_index, combined_blocks, grassroots_index, grassroots_weights
from riskzoning.capacity.index import graded
from riskzoning.errors import LayerError, RiskZoningWarning

# Weighted normalised values of the seven townships of Qingshen county (production system, Sichuan).
QINGSHEN = pd.DataFrame(
    [
        (0.00036933, 0.03866577, 0.00095138, 0.00512831, 0.12587605, 0.01395918, 0.00123692, 0.00101204),
        (0.00596862, 0.03866577, 0.05381293, 0.02762595, 0.04431071, 0.05648262, 0.06425255, 0.03925304),
        (0.11949577, 0.03866577, 0.03729360, 0.14181789, 0.05583334, 0.05169684, 0.09114598, 0.01964680),
        (0.00269100, 0.03866577, 0.00693199, 0.02906252, 0.01997782, 0.01036923, 0.01030000, 0.00737397),
        (0.00548545, 0.03866577, 0.03285337, 0.00846319, 0.02591507, 0.08159547, 0.02204578, 0.02254715),
        (0.00279607, 0.03866577, 0.00720265, 0.03451115, 0.03208030, 0.00530783, 0.01070216, 0.01532377),
        (0.02341494, 0.03866577, 0.07539587, 0.06020930, 0.03950708, 0.02211394, 0.01400351, 0.10693742),
    ],
    columns=["team", "risk_assessment", "funds", "goods", "medical", "self_rescue", "public", "transfer"],
    index=["青竹", "汉阳", "瑞峰", "西龙", "高台", "白果", "罗波"],
)


def test_the_published_county() -> None:
    # The columns carry their weights already: dividing by the norm and weighting by it gives them back.
    weights = dict(np.sqrt((QINGSHEN**2).sum()))
    assert sum(weights.values()) == pytest.approx(1, abs=2e-4)
    out = capacity_index(QINGSHEN, {name: value / sum(weights.values()) for name, value in weights.items()})
    rows = ["青竹", "汉阳", "瑞峰", "西龙", "白果"]
    expected = [0.29859051, 0.35661362, 0.63767836, 0.09854672, 0.13110126]
    np.testing.assert_allclose(out.loc[rows, "index"], expected, atol=2e-5)
    # Printed distances, and those that its closeness follows from.
    far = [0.24959091, 0.19743867, 0.12194812, 0.25254899, 0.24344524]
    near = [0.106251, 0.1094355, 0.2146261, 0.0276086, 0.0367315]
    np.testing.assert_allclose(out.loc[rows, ["d_plus", "d_minus"]], np.column_stack([far, near]), atol=3e-5)
    assert out.loc[rows, "grade_name"].tolist() in (
        ["中等", "中等", "强", "较弱", "较弱"],
        ["medium", "medium", "strong", "rather weak", "rather weak"],
    )
    assert out.loc[rows, "grade"].tolist() == [3, 3, 5, 2, 2]


def test_weights_of_the_published_county_are_those_that_ship() -> None:
    norms = np.sqrt((QINGSHEN**2).sum())
    shipped = pd.Series(grassroots_weights("township"))
    np.testing.assert_allclose(norms, shipped[norms.index], atol=2e-4)
    assert sum(grassroots_weights("community").values()) == pytest.approx(1)


def test_columns_without_weights_give_other_distances() -> None:
    first, printed = ["青竹", "汉阳", "瑞峰"], np.array([0.24959091, 0.19743867, 0.12194812])
    # What the page warns of: the same distances of columns that carry no weights.
    negative = np.array([0.2894, 0.2360, 0.1818])
    norms = np.sqrt((QINGSHEN**2).sum())
    total = float(norms.sum())
    own = capacity_index(QINGSHEN, dict(norms / total)).loc[first, "d_plus"].to_numpy()
    # The weights are made to sum 1; in those of the page the distances are the printed ones.
    np.testing.assert_allclose(own * total, printed, atol=1.1e-8)
    assert (np.abs(own - negative) > 0.03).all()
    # Taken off, or replaced by equal ones, the weights leave other distances, and larger ones where they are taken off.
    bare = QINGSHEN / norms
    apart = np.sqrt(((bare.max() - bare) ** 2).sum(axis=1))[first].to_numpy()
    assert (apart > 5 * printed).all()
    even = capacity_index(QINGSHEN, dict.fromkeys(QINGSHEN.columns, 1 / 8)).loc[first, "d_plus"].to_numpy()
    np.testing.assert_allclose(even, apart / 8, atol=1e-12)
    assert (np.abs(even - own) > 1e-3).all()
    # Whatever units the columns come in, the weights decide: those without them are weighed like those with them.
    again = capacity_index(bare, dict(norms / total)).loc[first, "d_plus"].to_numpy()
    np.testing.assert_allclose(again, own, atol=1e-12)


@pytest.mark.parametrize(
    ("index", "grades"),
    [
        ([0.20, 0.35, 0.50, 0.65, 0.90], [2, 2, 3, 3, 4]),
        ([0.10, 0.15, 0.20, 0.25, 0.90], [2, 2, 3, 3, 5]),
    ],
)
def test_grades_of_worked_examples(index: list[float], grades: list[int]) -> None:
    assert graded(np.array(index)).tolist() == grades


@pytest.mark.parametrize(
    ("index", "grades"),
    [
        # mean = .5 s: the first branch, which knows no grade below the middle one.
        ([0.0, 0.0, 0.0, 1.0], [3, 3, 3, 5]),
        # mean = .577 s: the second branch, cut at mean - .5 s = .045; .622 and 1.199 above.
        ([0.0, 0.0, 1.0], [2, 2, 4]),
        # mean = 2.04 s: the third branch, cut also at mean - 1.5 s = .066.
        ([0.0, 0.3, 0.3, 0.3, 0.3, 0.3], [1, 3, 3, 3, 3, 3]),
    ],
)
def test_grades_at_the_borders_of_the_branches(index: list[float], grades: list[int]) -> None:
    assert graded(np.array(index)).tolist() == grades


@pytest.mark.parametrize(
    ("index", "cuts"), [
        ([0.20, 0.35, 0.50, 0.65, 0.90], [0.1140, 0.3847, 0.6553, 0.9260]),
        ([0.10, 0.15, 0.20, 0.25, 0.90], [0.1555, 0.4845, 0.8135]),
    ],
)  # fmt: skip
def test_the_cuts_of_worked_examples_lie_where_the_page_has_them(index: list[float], cuts: list[float]) -> None:
    """Just below a cut a value has the lower grade, just above it the higher one."""
    values = np.array(index)
    mean, s = values.mean(), values.std(ddof=1)
    assert [mean + times * s for times in (-1.5, -0.5, 0.5, 1.5)][-len(cuts) :] == pytest.approx(cuts, abs=6e-5)
    # Two halves of one value leave mean and deviation of many units where they are: probe each cut with a unit more.
    many = np.tile(values, 20_000)
    s = many.std(ddof=1)
    for times in (-1.5, -0.5, 0.5, 1.5)[-len(cuts) :]:
        cut = many.mean() + times * s
        low, high = (int(graded(np.append(many, cut + off))[-1]) for off in (-1e-3, 1e-3))
        assert high == low + 1


def test_no_spread_has_an_index_and_no_grade() -> None:
    with pytest.warns(RiskZoningWarning):
        assert graded(np.array([0.4, 0.4, 0.4])).tolist() == [0, 0, 0]


def test_too_few_units_are_refused() -> None:
    with pytest.raises(LayerError) as error:
        capacity_index(QINGSHEN.iloc[:2], grassroots_weights("township"))
    assert error.value.problems[0].rule == "capacity.units"


def test_weights_of_another_sum_are_divided_and_told() -> None:
    weights = {"a": 0.6, "b": 0.5}
    table = pd.DataFrame({"a": [1.0, 2, 4], "b": [3.0, 1, 5]})
    with pytest.warns(RiskZoningWarning):
        out = capacity_index(table, weights)
    same = capacity_index(table, {name: value / 1.1 for name, value in weights.items()})
    pd.testing.assert_frame_equal(out, same)


@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=9), st.randoms())
def test_more_of_everything_is_never_weaker_and_order_does_not_matter(values: list[float], shuffle: object) -> None:
    table = pd.DataFrame({"a": values, "b": values[::-1]})
    weights = {"a": 0.5, "b": 0.5}
    if table.nunique().max() == 1:
        return
    table.loc[len(table)] = [2.0, 2.0]
    out = capacity_index(table, weights)
    assert out["index"].iloc[-1] == pytest.approx(1)
    assert out["index"].between(0, 1).all()
    turned = capacity_index(table.iloc[::-1], weights)
    np.testing.assert_allclose(turned["index"].iloc[::-1], out["index"], atol=1e-12)


def test_blocks_share_the_weight_of_what_is_missing() -> None:
    blocks = pd.DataFrame({"government": [0.2, 0.8, 0.5], "family": [0.4, 0.6, np.nan]})
    with pytest.warns(RiskZoningWarning):
        out = combined_blocks(blocks)
    assert out["index"].iloc[0] == pytest.approx((0.23 * 0.2 + 0.14 * 0.4) / 0.37)
    assert out["index"].iloc[2] == 0.5
    assert out["blocks"].tolist() == [2, 2, 1]


def test_counties_from_townships_and_communities() -> None:
    town = pd.Series({"1": 0.2, "2": 0.4, "3": 0.9})
    community = pd.Series({"1": 0.1, "2": 0.3, "3": 0.5})
    out = grassroots_index(town, community, {"1": "A", "2": "A", "3": "B"})
    assert out["A"] == pytest.approx(0.53 * 0.3 + 0.47 * 0.2)
    assert out["B"] == pytest.approx(0.53 * 0.9 + 0.47 * 0.5)
