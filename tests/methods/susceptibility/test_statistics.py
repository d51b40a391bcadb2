"""Frequency ratio, information value, certainty factor, weights of evidence: published and hand-made examples, laws."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import GridMismatchError, Journal, LayerError, RiskZoningWarning, hearing
from riskzoning.methods.susceptibility import (
    certainty_factor,
    frequency_ratio,
    information_value,
    weights_of_evidence,
)

# Thin classes are what most of these examples are about; what is told of them has a test of its own.
pytestmark = pytest.mark.filterwarnings("ignore:class table has :riskzoning.errors.RiskZoningWarning")
FOLDER = Path(__file__).parents[2] / "reference"
SLOPES = pd.read_csv(FOLDER / "susceptibility_slope_classes.csv", comment="#")
PUBLISHED = SLOPES.iloc[:5].assign(**{"class": [1, 2, 3, 4, 5]})
GEO1 = pd.DataFrame(
    {
        "class": PUBLISHED["class"],
        "event_area": PUBLISHED["event_m2"],
        "area": PUBLISHED["event_m2"] + PUBLISHED["rest_m2"],
    }
)
FOURS = pd.read_csv(FOLDER / "susceptibility_two_classes.csv", comment="#")
COLUMNS = {
    frequency_ratio: ["frequency_ratio"],
    information_value: ["information_value"],
    certainty_factor: ["certainty_factor"],
    weights_of_evidence: ["w_plus", "w_minus", "contrast"],
}


def two_classes(a, b, c, d):
    return pd.DataFrame({"class": ["in", "out"], "event_area": [a, b], "area": [a + c, b + d]})


def test_slope_table_of_the_grass_tutorial_without_floor():
    for function, columns in COLUMNS.items():
        table = function(GEO1, floor=None)
        for column in columns:
            np.testing.assert_allclose(table[column], PUBLISHED[column], atol=1e-6, err_msg=column)
        np.testing.assert_allclose(table["density"], PUBLISHED["density"], rtol=1e-6)
    assert table["studentised_contrast"].isna().all()
    ratio = frequency_ratio(GEO1, floor=None)
    assert np.average(ratio["frequency_ratio"], weights=ratio["area"]) == pytest.approx(1)
    assert ratio.attrs["events"] == 102812.5
    assert ratio.attrs["events"] / ratio.attrs["area"] == pytest.approx(9.334909e-4, rel=1e-7)
    assert math.isclose(ratio.attrs["area"], 110137656.25)


def test_laplace_changes_the_empty_class_and_no_other():
    options = {"floor": "laplace", "cell_area": 156.25}
    for function, columns in COLUMNS.items():
        for column in columns:
            assert function(GEO1, **options).loc[1, column] == pytest.approx(SLOPES[column][5], abs=1e-6), column
    for function, column in (
        (frequency_ratio, "frequency_ratio"),
        (information_value, "information_value"),
        (certainty_factor, "certainty_factor"),
        (weights_of_evidence, "contrast"),
    ):
        with_floor, without = function(GEO1, **options), function(GEO1, floor=None)
        pd.testing.assert_series_equal(with_floor.loc[2:, column], without.loc[2:, column])
        assert with_floor["floored"].tolist() == [True, False, False, False, False]
        assert not without["floored"].any()
    assert information_value(GEO1, **options).attrs["empty_classes"] == ["1"]


def test_shrink_draws_every_class_to_the_mean():
    value = information_value(GEO1, floor="shrink", cell_area=156.25)["information_value"]
    assert value[1] == pytest.approx(-4.8911, abs=5e-5)
    np.testing.assert_allclose(value.loc[2:3], [-0.919452, 0.345508], atol=5e-3)
    few = pd.DataFrame({"class": [1, 2, 3], "event_area": [0, 100, 18], "area": [2, 20_000, 120_000]})
    assert information_value(few, floor="shrink").loc[1, "information_value"] == pytest.approx(-0.0034, abs=5e-5)
    assert frequency_ratio(few, floor="shrink").loc[1, "frequency_ratio"] < 1
    assert certainty_factor(few, floor="shrink").loc[1, "certainty_factor"] < 0
    assert weights_of_evidence(few, floor="shrink").loc[1, "w_plus"] < 0


@pytest.mark.parametrize("floor", ["shrink", "laplace", "min", -2.0])
def test_a_class_of_two_cells_without_events_is_never_the_highest(floor):
    table = pd.DataFrame({"class": [1, 2, 3], "event_area": [0, 100, 18], "area": [2, 20_000, 120_000]})
    for function, column in (
        (information_value, "information_value"),
        (frequency_ratio, "frequency_ratio"),
        (certainty_factor, "certainty_factor"),
        (weights_of_evidence, "w_plus"),
    ):
        values = function(table, floor=floor)[column]
        assert values[1] < values[2], column
        if floor != "shrink":  # which says that two cells tell nothing: the average
            assert values[1] <= values[3] + 1e-12, column


@pytest.mark.parametrize(("floor", "expected"), [("min", -0.919452), (-2, -2.0), (-1.5, -1.5)])
def test_floor_min_and_number_leave_ratio_and_certainty(floor, expected):
    assert information_value(GEO1, floor=floor).loc[1, "information_value"] == pytest.approx(expected, abs=1e-6)
    lowest = -0.920014 if floor == "min" else expected
    woe = weights_of_evidence(GEO1, floor=floor)
    assert woe.loc[1, "w_plus"] == pytest.approx(lowest, abs=1e-6)
    assert woe.loc[1, "contrast"] == pytest.approx(lowest - 0.105886, abs=1e-5)
    assert frequency_ratio(GEO1, floor=floor).loc[1, "frequency_ratio"] == 0
    assert certainty_factor(GEO1, floor=floor).loc[1, "certainty_factor"] == -1


@pytest.mark.parametrize("row", FOURS.to_dict("records"), ids=["a 40", "a 30"])
def test_four_numbers_of_a_class(row):
    table = two_classes(row["a"], row["b"], row["c"], row["d"])
    checked = {**COLUMNS, weights_of_evidence: ["w_plus", "w_minus", "contrast", "s_contrast", "studentised_contrast"]}
    for function, columns in checked.items():
        values = function(table).loc["in"]
        for column in columns:
            if np.isfinite(row[column]):
                assert values[column] == pytest.approx(row[column], abs=1e-6), column


ONE_SIDED = {
    "all in one": ([2, 0, 0], [3, 3, 1]),
    "all in one of two": ([2, 0], [3, 3]),
    "a class of events only": ([2, 1, 0], [2, 4, 3]),
    "events only and all of them": ([2, 0], [2, 4]),
    "one class": ([2], [7]),
    "nothing but events outside": ([1, 3], [5, 3]),
    "areas that leave rounding": ([0.1, 0.2, 0.3, 0.0], [0.1, 0.7, 0.9, 0.3]),
}


@pytest.mark.parametrize("floor", ["shrink", "laplace", "min", -2.0])
@pytest.mark.parametrize(("events", "area"), ONE_SIDED.values(), ids=ONE_SIDED)
def test_no_statistic_is_infinite_where_events_are_on_one_side(events, area, floor):
    table = pd.DataFrame({"class": range(1, len(area) + 1), "event_area": events, "area": area})
    ratio = frequency_ratio(table, floor=floor)["frequency_ratio"]
    value = information_value(table, floor=floor)["information_value"]
    factor = certainty_factor(table, floor=floor)["certainty_factor"]
    woe = weights_of_evidence(table, floor=floor)
    for column in (ratio, value, factor, woe["w_plus"], woe["w_minus"], woe["contrast"]):
        assert np.isfinite(column).all(), (column.name, column.tolist())
    empty = np.array(events) == 0
    assert (value[empty] <= 0).all()
    assert (woe["w_plus"][empty] <= 0).all()
    assert (woe["contrast"][empty] <= 1e-12).all()
    dense = np.array(events) / np.array(area)
    most = int(np.argmax(dense)) + 1
    assert woe.loc[most, "contrast"] >= woe["contrast"].max() - 1e-9
    if len(area) > 1:
        assert woe.loc[most, "contrast"] > 0
        assert woe.loc[most, "w_minus"] <= 0
        assert woe["floored"].any()


def test_all_events_in_one_class_by_hand():
    table = pd.DataFrame({"class": [1, 2, 3], "event_area": [2, 0, 0], "area": [3, 4, 1]})
    row = weights_of_evidence(table, floor="laplace").loc[1]
    assert row["w_plus"] == pytest.approx(math.log((2 / 2.5) / (1 / 6)))
    assert row["w_minus"] == pytest.approx(math.log((0.5 / 2.5) / (5 / 6)))
    assert bool(row["floored"])
    assert row["s_contrast"] == pytest.approx(math.sqrt(1 / 2 + 1 / 1 + 1 / 0.5 + 1 / 5))
    drawn = weights_of_evidence(table, floor="shrink").loc[1]
    # Half an event more in the class and outside it, each on the ground that this needs on average.
    assert drawn["w_plus"] == pytest.approx(math.log((2.5 / 3) / (2.5 / 9)))
    assert drawn["w_minus"] == pytest.approx(math.log((0.5 / 3) / (6.5 / 9)))
    bare = weights_of_evidence(table, floor=None).loc[1]
    assert np.isneginf(bare["w_minus"])
    assert not bare["floored"]
    number = weights_of_evidence(table, floor=-3).loc[1]
    assert number["w_minus"] == -3


@pytest.mark.parametrize("statistic", [information_value, frequency_ratio, certainty_factor, weights_of_evidence])
def test_ground_of_events_only_is_refused_as_table_and_as_layers(statistic):
    table = pd.DataFrame({"class": [1, 2], "event_area": [2, 3], "area": [2, 3]})
    with pytest.raises(LayerError) as error:
        statistic(table)
    assert error.value.problems[0].rule == "susceptibility.events"
    with pytest.raises(LayerError) as error:
        statistic(np.array([[1, 2]]), np.array([[1, 1]]))
    assert error.value.problems[0].rule == "susceptibility.events"


def test_base_two():
    table = two_classes(40, 60, 960, 8940)
    assert information_value(table, base=2).loc["in", "information_value"] == pytest.approx(2.0)


def test_layers_and_their_counts_agree(make_layer):
    classes = make_layer(np.array([[1, 1, 1, 2], [2, 2, 0, 2]], dtype="uint8"), "lithology")
    events = make_layer(np.array([[1, 0, 0, 0], [0, 1, 1, 0]], dtype="uint8"), "mask")
    table = pd.DataFrame({"class": [1, 2], "event_area": [1, 1], "area": [3, 4]})
    for function in (information_value, frequency_ratio, certainty_factor, weights_of_evidence):
        from_layers = function(classes, events)
        pd.testing.assert_frame_equal(from_layers, function(table), check_dtype=False)
        assert from_layers.attrs["events_outside"] == 1
    lazy = information_value(classes.chunk(y=1, x=2), events.chunk(y=2, x=1))
    pd.testing.assert_frame_equal(lazy, information_value(classes, events))


tables = st.lists(st.tuples(st.integers(1, 50), st.integers(0, 5000)), min_size=2, max_size=8).map(
    lambda rows: pd.DataFrame(
        {"class": range(1, len(rows) + 1), "event_area": [a for a, _ in rows], "area": [a + b + 1 for a, b in rows]}
    )
)


@given(tables)
def test_area_weighted_mean_of_the_ratio_is_one(table):
    ratio = frequency_ratio(table, floor=None)
    assert np.average(ratio["frequency_ratio"], weights=ratio["area"]) == pytest.approx(1.0)


@given(tables)
def test_signs_and_order_agree(table):
    ratio = frequency_ratio(table, floor=None)["frequency_ratio"].to_numpy()
    value = information_value(table, floor=None)["information_value"].to_numpy()
    factor = certainty_factor(table, floor=None)["certainty_factor"].to_numpy()
    plus = weights_of_evidence(table, floor=None)["w_plus"].to_numpy()
    clear = np.abs(ratio - 1) > 1e-9
    assert np.all((plus > 0)[clear] == (ratio > 1)[clear])
    assert np.all(np.diff(value[np.argsort(ratio, kind="stable")]) >= -1e-12)
    assert np.all((factor >= -1) & (factor <= 1))


@given(tables, st.integers(2, 7))
def test_scaling_areas_and_permuting_classes_change_nothing(table, factor):
    scaled = table.assign(event_area=table["event_area"] * factor, area=table["area"] * factor)
    for function, column in (
        (frequency_ratio, "frequency_ratio"),
        (information_value, "information_value"),
        (certainty_factor, "certainty_factor"),
    ):
        np.testing.assert_allclose(function(scaled)[column], function(table)[column], rtol=1e-9)
        turned = function(table.iloc[::-1])
        assert turned.index.tolist() == table["class"].tolist()[::-1]
        np.testing.assert_allclose(turned[column].iloc[::-1], function(table)[column], rtol=1e-12)


@given(tables, st.integers(1, 9), st.integers(0, 6))
def test_merging_classes_of_equal_density_keeps_every_value(table, times, at):
    split = table.iloc[[at % len(table)]]
    twin = split.assign(**{"class": 99, "event_area": split["event_area"] * times, "area": split["area"] * times})
    apart = pd.concat([table, twin], ignore_index=True)
    merged = table.copy()
    merged.loc[split.index, ["event_area", "area"]] *= 1 + times
    for function, columns in COLUMNS.items():
        # W+ and W- hold a class against all others, so those of the halves differ from those of the whole.
        if function is not weights_of_evidence:
            whole = function(merged, floor=None)[columns[0]]
            halves = function(apart, floor=None)[columns[0]]
            np.testing.assert_allclose(halves.loc[whole.index], whole, rtol=1e-9, atol=1e-9)
            assert halves[99] == pytest.approx(halves[int(split["class"].iloc[0])])


@given(tables, st.integers(1, 100_000), st.sampled_from(["shrink", "laplace", "min", -3.0]))
def test_a_class_without_events_is_never_above_one_with(table, cells, floor):
    """Whatever its size; under a fixed number only classes above that number can be said to be above it."""
    grown = pd.concat([table, pd.DataFrame({"class": [99], "event_area": [0], "area": [cells]})], ignore_index=True)
    for function, column in (
        (information_value, "information_value"),
        (frequency_ratio, "frequency_ratio"),
        (certainty_factor, "certainty_factor"),
        (weights_of_evidence, "w_plus"),
    ):
        values = function(grown, floor=floor)[column]
        neutral = 1.0 if column == "frequency_ratio" else 0.0
        assert values[99] <= neutral + 1e-12
        if floor in ("laplace", "min"):
            assert values[99] <= values.drop(99).min() + 1e-12, (column, floor)


def test_merging_two_classes_of_equal_density_keeps_their_value():
    apart = pd.DataFrame({"class": [1, 2, 3], "event_area": [10, 20, 5], "area": [100, 200, 900]})
    merged = pd.DataFrame({"class": [1, 3], "event_area": [30, 5], "area": [300, 900]})
    assert information_value(apart)["information_value"][1] == information_value(merged)["information_value"][1]


def test_a_class_without_area_has_no_row():
    table = pd.DataFrame({"class": [1, 2, 3], "event_area": [1, 2, 0], "area": [10, 10, 0]})
    assert information_value(table).index.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"event_area": [5, 200]}, "event area"),
        ({"event_area": [0, 0]}, "no event"),
        ({"event_area": [-1, 2]}, "below 0"),
        ({"area": [np.nan, 20]}, "has no numbers in"),
        ({"class": [1, 1]}, "twice"),
    ],
)
def test_a_wrong_table_is_refused_in_four_parts(change, word):
    table = pd.DataFrame({"class": [1, 2], "event_area": [1, 2], "area": [10, 20]}).assign(**change)
    with pytest.raises(LayerError, match=word) as caught:
        information_value(table)
    problem = caught.value.problems[0]
    assert problem.found
    assert problem.required
    assert problem.fix


def test_several_faults_of_a_table_are_reported_at_once():
    table = pd.DataFrame({"class": [1, 1, 2], "event_area": [30, -1, 2], "area": [10, 20, 20]})
    with pytest.raises(LayerError) as caught:
        frequency_ratio(table)
    assert len(caught.value.problems) == 3


def test_wrong_calls(make_layer):
    table = pd.DataFrame({"class": [1], "event_area": [1], "area": [10]})
    with pytest.raises(LayerError, match="floor"):
        information_value(table, floor="half")
    with pytest.raises(LayerError, match="cell_area"):
        information_value(table, cell_area=0)
    with pytest.raises(LayerError, match="has no columns area"):
        information_value(table.drop(columns="area"))
    with pytest.raises(LayerError, match="no events"):
        information_value(make_layer(np.ones((2, 2), dtype="uint8"), "lithology"))
    with pytest.raises(GridMismatchError):
        information_value(make_layer(np.ones((2, 2), dtype="uint8"), "lithology"), make_layer(np.ones((2, 3)), "mask"))


def test_nan_where_there_is_no_event_is_noticed(make_layer):
    classes = make_layer(np.array([[1, 2], [2, 2]], dtype="uint8"), "lithology")
    with pytest.raises(LayerError, match="no cell without an event"):
        information_value(classes, make_layer(np.array([[1.0, np.nan], [np.nan, 1.0]]), "mask"))


def told(function, table, **options):
    with hearing(Journal()) as journal:
        function(table, **options)
    return {problem.rule.removeprefix("susceptibility."): dict(problem.values) for problem in journal.warnings}


@pytest.mark.parametrize("function", list(COLUMNS))
def test_what_no_event_stands_behind_is_told(function):
    full = pd.DataFrame({"class": ["a", "b"], "event_area": [3, 2], "area": [90, 110]})
    assert told(function, full) == {}
    empty = full.assign(event_area=[5, 0])
    assert told(function, empty)["empty_class"] == {"classes": ("b",), "floor": "laplace"}
    assert told(function, empty, floor="shrink")["empty_class"]["floor"] == "shrink"
    assert told(function, empty, floor=None) == {}
    few = pd.DataFrame({"class": [1, 2, 3], "event_area": [1, 1, 0], "area": [90, 110, 50]})
    assert told(function, few)["few_events"] == {"events": 2, "classes": 3}
    constant = pd.DataFrame({"class": ["loess"], "event_area": [4], "area": [200]})
    assert told(function, constant) == {"single_class": {"label": "loess"}}
    with pytest.warns(RiskZoningWarning, match="fewer events"):
        function(few)


def test_events_of_areas_are_counted_by_their_cell():
    table = pd.DataFrame({"class": [1, 2, 3], "event_area": [900.0, 0.0, 900.0], "area": [9e5, 9e5, 9e5]})
    assert told(information_value, table, cell_area=900.0)["few_events"]["events"] == 2
    assert "few_events" not in told(information_value, table)


@settings(max_examples=30, deadline=None)
@given(tables, st.sampled_from([1, 156.25]))
def test_shrinking_draws_every_class_towards_the_mean_and_never_past_it(table, cell):
    scaled = table.assign(event_area=table["event_area"] * cell, area=table["area"] * cell)
    plain, drawn = (
        frequency_ratio(scaled, floor=floor, cell_area=cell)["frequency_ratio"].to_numpy() for floor in (None, "shrink")
    )
    assert np.all((drawn - 1) * (plain - 1) >= -1e-9)
    assert np.all(np.abs(drawn - 1) <= np.abs(plain - 1) + 1e-9)
    # By its own formula: half an event more on the ground that this needs on average.
    mean = table["event_area"].sum() / table["area"].sum()
    by_hand = (table["event_area"] + 0.5) / (table["area"] + 0.5 / mean) / mean
    np.testing.assert_allclose(drawn, by_hand, rtol=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_events_on_ground_without_class_are_counted_and_change_nothing(seed):
    rng = np.random.default_rng(seed)
    classes, events = rng.integers(0, 4, (6, 7)).astype("uint8"), rng.random((6, 7)) < 0.3
    classes[0, :3], events[0, :3] = (0, 1, 2), (True, True, False)
    for function in COLUMNS:
        found = function(classes, events)
        assert found.attrs["events_outside"] == int((events & (classes == 0)).sum()) >= 1
        inside = function(classes, events & (classes > 0))
        assert inside.attrs["events_outside"] == 0
        pd.testing.assert_frame_equal(found, inside)
        assert found["area"].sum() == (classes > 0).sum()
        assert found.attrs["events"] == (events & (classes > 0)).sum()
