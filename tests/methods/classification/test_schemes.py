"""Class bounds by scheme: peers, ties, constant values, large data."""

from __future__ import annotations

import mapclassify
import numpy as np
import pytest

from riskzoning import standards
from riskzoning.errors import ConfigError
from riskzoning.methods.classification import classify
from riskzoning.methods.classification import schemes as module
from riskzoning.methods.classification.passes import Passes
from riskzoning.methods.classification.schemes import mean_and_deviation, quantile_values

VALUES = np.random.default_rng(4).gamma(2, 10, 400)


@pytest.mark.parametrize(
    ("scheme", "peer"),
    [
        ("quantiles", lambda v: mapclassify.Quantiles(v, 5)),
        ("equal_interval", lambda v: mapclassify.EqualInterval(v, 5)),
        ("std_mean", lambda v: mapclassify.StdMean(v)),
        ("maximum_breaks", lambda v: mapclassify.MaximumBreaks(v, 5)),
        ("head_tail_breaks", lambda v: mapclassify.HeadTailBreaks(v)),
        ("percentiles", lambda v: mapclassify.Percentiles(v, pct=[60, 80, 90, 95, 100])),
    ],
)
def test_equals_mapclassify(scheme, peer):
    expected = peer(VALUES)
    grades = classify(VALUES, scheme)
    assert grades.breaks == pytest.approx(expected.bins)
    assert (grades.codes - 1).tolist() == expected.yb.tolist()


def test_box_plot_ends_at_the_maximum():
    grades = classify(VALUES, "box_plot")
    assert grades.breaks[-1] == VALUES.max()
    assert grades.counts.sum() == VALUES.size


@pytest.mark.parametrize(
    "scheme", ["natural_breaks", "quantiles", "equal_interval", "std_mean", "percentiles", "box_plot"]
)
def test_constant_values_are_one_class(scheme):
    with pytest.warns(UserWarning, match="1 instead of"):
        grades = classify([0.38, 0.38, np.nan], scheme)
    assert grades.codes.tolist() == [1, 1, 0]
    assert grades.breaks.tolist() == [0.38]


@pytest.mark.parametrize("scheme", ["natural_breaks", "quantiles", "std_mean"])
def test_no_value_is_no_class(scheme):
    with pytest.warns(UserWarning, match="no finite number"):
        grades = classify([np.nan, np.nan], scheme)
    assert grades.codes.tolist() == [0, 0]
    assert grades.k == 0
    assert grades.legend().empty


def test_ties_make_fewer_quantile_classes():
    with pytest.warns(UserWarning, match="2 instead of 4"):
        grades = classify([0, 0, 0, 0, 0, 0, 0, 7], "quantiles", k=4)
    assert grades.breaks.tolist() == [0, 7]


def test_std_mean_keeps_its_classes_where_nothing_lies_above():
    values = [0, 10, 10, 10]
    grades = classify(values, "std_mean", multiples=(-1, -0.5, 0.5, 1))
    assert grades.k == 5
    assert grades.codes.max() == 3
    assert grades.breaks[-1] == max(grades.breaks[-2], 10)


def test_zeros_left_out_of_the_breaks_are_graded():
    values = [0, 0, 0, 0, 1, 2, 3]
    grades = classify(values, "std_mean", multiples=(-1, 1), exclude_zero=True, closed="left")
    assert grades.breaks == pytest.approx([1, 3, 3])
    assert grades.codes.tolist() == [1, 1, 1, 1, 2, 2, 3]
    assert classify(values, "std_mean", multiples=(-1, 1)).breaks[0] < 0
    assert classify(values, "quantiles", k=3, exclude_zero=True).breaks == pytest.approx(
        np.quantile([1, 2, 3], [1 / 3, 2 / 3, 1])
    )


def test_ddof():
    assert classify([1, 3], "std_mean", multiples=(1,), ddof=0).breaks[0] == pytest.approx(3)
    assert classify([1, 3], "std_mean", multiples=(1,), ddof=1).breaks[0] == pytest.approx(2 + np.sqrt(2))


@pytest.mark.filterwarnings("ignore::riskzoning.errors.RiskZoningWarning")  # the top bound is the maximum
@pytest.mark.parametrize("table", ["met_hazard", "met_risk"])
def test_census_rule_both_edges(table):
    """A value equal to mean + s is 高: the tables are left-closed."""
    rule = standards.table("grades/mean_std")
    entry = rule.data[table]
    assert rule.info["closed"] == "left"
    values = np.array([0.0, 1.0, 3.0, 0.0])  # mean 2, s 1 without the zeros
    grades = classify(
        values,
        "std_mean",
        multiples=entry["multiples"],
        ddof=entry["ddof"],
        exclude_zero=entry["exclude_zero"],
        closed=rule.info["closed"],
    )
    top = standards.table("grades/schemes").data[entry["scheme"]]["k"]
    assert grades.k == top
    assert grades.codes[2] == top
    assert grades.codes[1] == (2 if top == 5 else 1)
    just_below = np.nextafter(3.0, 0)
    assert classify([just_below], "fixed", breaks=grades.breaks, closed="left").codes[0] == top - 1


@pytest.mark.parametrize(
    ("table", "breaks", "codes"),
    [
        ("met_hazard_census", [0.141801, 0.4, 0.658199], [1, 1, 1, 2, 2, 3, 3, 4]),
        ("met_hazard", [0.270901, 0.529099, 0.658199], [1, 1, 1, 1, 2, 2, 2, 4]),
    ],
)
def test_four_classes_of_weather_by_mean_and_deviation(table, breaks, codes):
    rule = standards.table("grades/mean_std")
    entry = {name: value for name, value in rule.data[table].items() if name != "scheme"}
    grades = classify([0, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.9], "std_mean", closed=rule.info["closed"], **entry)
    assert grades.breaks[:3] == pytest.approx(breaks, abs=5e-7)
    assert grades.codes.tolist() == codes


@pytest.mark.parametrize(
    ("exclude_zero", "ddof", "breaks"),
    [
        (True, 0, [0.141801, 0.4, 0.658199]),
        (True, 1, [0.117157, 0.4, 0.682843]),
        (False, 0, [0.017157, 0.3, 0.582843]),
    ],
)
def test_mean_and_deviation_with_other_choices(exclude_zero, ddof, breaks):
    values = [0, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.9]
    options = {"exclude_zero": exclude_zero, "ddof": ddof, "closed": "left"}
    grades = classify(values, "std_mean", multiples=(-1, 0, 1), **options)
    assert grades.breaks[:3] == pytest.approx(breaks, abs=5e-7)


def test_percentiles_of_the_cells_that_are_not_zero():
    """P30, P70, P90 of a census toolkit."""
    values = [0, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.9]
    grades = classify(values, "percentiles", percentiles=(30, 70, 90), exclude_zero=True, closed="left")
    assert grades.breaks[:3] == pytest.approx([0.25, 0.45, 0.70])
    assert grades.codes.tolist() == [1, 1, 1, 1, 2, 2, 3, 4]


def test_statistics_keep_their_digits_far_from_zero():
    values = 1e9 + np.arange(5.0)
    assert mean_and_deviation(Passes(values), 0) == pytest.approx((1e9 + 2, np.sqrt(2)), rel=1e-14)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_quantiles_of_many_values_are_those_of_numpy(monkeypatch, dtype):
    monkeypatch.setattr(module, "SORTED_LIMIT", 10)
    rng = np.random.default_rng(8)
    shares = np.array([0.0, 0.2, 0.413, 0.8, 1.0])
    for values in (rng.random(5000), rng.pareto(0.5, 5000), np.where(rng.random(5000) < 0.5, 0, rng.normal(size=5000))):
        values = values.astype(dtype)
        found = quantile_values(Passes(values), shares, float(values.min()), float(values.max()))
        assert found == pytest.approx(np.quantile(values.astype(float), shares), rel=1e-14, abs=1e-300)


def test_percentiles_default_is_a_table():
    shares = standards.table("grades/percentiles").data["event_intensity"]["percentiles"]
    assert classify(VALUES, "percentiles").breaks[:-1] == pytest.approx(np.percentile(VALUES, shares))
    with pytest.raises(ConfigError, match="percentiles"):
        classify(VALUES, "percentiles", percentiles=(50, 20))


def test_a_value_on_a_bound_belongs_to_one_side() -> None:
    module.check_closed("left")
    with pytest.raises(ConfigError) as caught:
        module.check_closed("both")
    (problem,) = caught.value.problems
    assert (problem.rule, problem.found) == ("classify.closed", "is 'both'")


def test_a_scheme_gives_bounds_fit_and_smallest_value() -> None:
    bounds, fit, low = module.scheme_breaks(Passes([0.0, 1.0, 4.0]), "equal_interval", None, module.Options(2))
    assert (bounds.tolist(), low, np.isnan(fit)) == ([2.0, 4.0], 0.0, True)
