"""Units of all levels: grades by one set of breaks, totals that reconcile, the two forms of the table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import ConfigError, LayerError, Phrase
from riskzoning.methods.classification import natural_breaks
from riskzoning.names import Index, Measure
from riskzoning.zoning.scales import (
    Classing,
    grade_from_shares,
    grade_units,
    three_high_one_low,
    unit_index,
    unit_table,
    wide,
)

TOWNSHIPS = pd.Series(
    [0.10, 0.12, 0.30, 0.33, 0.60, 0.62, 0.90, np.nan],
    index=[f"41070{c}{t:03d}" for c in (2, 3) for t in range(1, 5)],
)
PARENTS = pd.Series({**{code: code[:6] for code in TOWNSHIPS.index}, "410702": "410700", "410703": "410700"})
COUNTIES = pd.Series([0.2, 0.7], index=["410702", "410703"])
CITY = pd.Series([0.45], index=["410700"])
LEVELS = {"city": CITY, "county": COUNTIES, "township": TOWNSHIPS}


def test_breaks_of_the_finest_level_grade_all():
    graded = grade_units(LEVELS, Classing(k=4), parents=PARENTS)
    assert graded.breaks.tolist() == natural_breaks(TOWNSHIPS, 4).tolist() == [0.12, 0.33, 0.62, 0.90]
    assert graded.codes["township"].tolist() == [1, 1, 2, 2, 3, 3, 4, 0]
    assert graded.codes["county"].to_dict() == {"410702": 2, "410703": 4}
    assert graded.codes["township"].dtype == np.uint8
    assert graded.reasons["township"].to_dict() == {"410703004": Phrase("reason_no_value")}


@pytest.mark.parametrize(
    ("areas", "expected"),
    [
        ({"410702": 50, "410703": 50}, 4),
        ({"410702": 80, "410703": 20}, 4),
        ({"410702": 81, "410703": 19}, 2),
        (None, 4),
    ],
)
def test_the_city_takes_its_grade_from_its_children(areas, expected):
    area = None if areas is None else pd.Series(areas, dtype=float)
    graded = grade_units(LEVELS, Classing(k=4), parents=PARENTS, areas=area)
    assert graded.codes["city"]["410700"] == expected
    reason = graded.reasons["city"]["410700"]
    assert reason.key == ("reason_by_number" if areas is None else "reason_by_area")
    assert "20%" in reason.text("zh")
    assert "20%" in reason.text("en")
    frozen = grade_units(LEVELS, Classing(breaks=graded.breaks), parents=PARENTS, areas=area)
    assert frozen.codes["city"]["410700"] == expected


def test_children_of_others_do_not_count():
    parents = pd.Series({"a": "x", "b": "x", "c": "y"})
    values = {"county": pd.Series([0.1, 0.2, 0.9], index=list("abc")), "city": pd.Series([0.5], index=["x"])}
    assert grade_units(values, Classing(k=2), parents=parents).codes["city"]["x"] == 1
    assert grade_units(values, Classing(k=2)).codes["city"]["x"] == 2


def test_children_without_grade_hold_no_area():
    values = {"township": pd.Series([0.1, 0.2, 0.9, np.nan], index=list("abcd")), "city": CITY}
    areas = pd.Series([10.0, 10.0, 6.0, 1000.0], index=list("abcd"))
    assert grade_units(values, Classing(k=2), areas=areas).codes["city"]["410700"] == 2


def test_frozen_breaks_and_closure():
    graded = grade_units({"county": COUNTIES}, Classing(breaks=[0.2, 0.7, 1.0], closed="left"))
    assert graded.codes["county"].tolist() == [2, 3]
    assert graded.scheme == "fixed"
    alone = grade_units({"city": CITY}, Classing(breaks=[0.2, 0.7, 1.0]))
    assert alone.codes["city"].tolist() == [2]


@pytest.mark.parametrize(
    "values", [{"county": COUNTIES, "city": CITY}, {"city": CITY}, {"township": TOWNSHIPS.iloc[6:]}]
)
def test_fewer_than_three_units_have_no_grade_but_a_reason(values):
    graded = grade_units(values)
    assert len(graded.breaks) == 0
    for level, codes in graded.codes.items():
        assert not codes.any()
        assert graded.reasons[level].iloc[0].key == "reason_few_units"


@pytest.mark.filterwarnings("ignore::riskzoning.errors.RiskZoningWarning")  # three values
def test_nothing():
    assert grade_units({}).codes == {}
    values = {"city": pd.Series([np.nan], index=["c"]), "county": pd.Series([0.1, 0.5, 0.9], index=list("xyz"))}
    graded = grade_units(values, Classing(k=2))
    assert graded.codes["city"]["c"] == 0
    assert graded.reasons["city"]["c"].key == "reason_no_value"


def test_other_schemes_and_wrong_ones():
    graded = grade_units(LEVELS, Classing("std_mean", multiples=(-1, -0.5, 0.5, 1), closed="left"), parents=PARENTS)
    assert len(graded.breaks) == 5
    with pytest.raises(ConfigError, match="class scheme"):
        grade_units(LEVELS, Classing("jenks"))
    with pytest.raises(ConfigError, match="class breaks"):
        grade_units(LEVELS, Classing(breaks=[2, 1]))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(0, 100), min_size=5, max_size=5),
    st.integers(0, 4),
    st.floats(0, 50),
)
def test_more_area_in_a_higher_class_never_lowers_the_grade(areas, at, moved):
    row = pd.DataFrame([areas], columns=range(1, 6))
    before = int(grade_from_shares(row).iloc[0])
    higher = row.copy()
    take = min(moved, areas[0])
    higher[1] -= take
    higher[at + 1] += take
    assert int(grade_from_shares(higher).iloc[0]) >= before or sum(areas) == 0


def test_grade_from_shares():
    shares = pd.DataFrame([[80, 0, 20, 0], [81, 0, 19, 0], [0, 0, 0, 0], [70, 15, 10, 5]], columns=[1, 2, 3, 4])
    assert grade_from_shares(shares).tolist() == [3, 1, 0, 2]
    assert grade_from_shares(shares, share=0.05).tolist() == [3, 3, 0, 4]
    with_no_data = pd.DataFrame([[900.0, 80, 20]], columns=[0, 1, 2])
    assert grade_from_shares(with_no_data).tolist() == [2]


def test_unit_index():
    columns = pd.MultiIndex.from_tuples(
        [
            ("population", "sum"),
            ("flood_risk_index", "mean"),
            ("flood_risk_index", "valid_share"),
            ("slope", "mean"),
            ("slope", "valid_share"),
        ]
    )
    statistics = pd.DataFrame([[10.0, 0.4, 0.9, 3.0, 0.7]], columns=columns, index=["410702"])
    quantities = {"population": "population", "flood_risk_index": "risk_index", "slope": "slope"}
    found = unit_index(statistics, quantities)
    assert found.loc["410702"].to_dict() == {"population": 10, "flood_risk_index": 0.4, "slope": 3, "valid_share": 0.7}
    with pytest.raises(LayerError) as caught:
        unit_index(statistics, {"gdp": "gdp", "ndvi": "ndvi"})
    rules = [(problem.rule, dict(problem.values)["statistic"]) for problem in caught.value.problems]
    assert rules == [("scales.statistic", "sum"), ("scales.statistic", "mean")]


COLUMNS = (
    Index("forest_fire", "hazard"),
    Index("flood", "risk", "population"),
    Index("flood", "risk"),
    Index("multi", "risk"),
    Measure("eal", "flood"),
    Measure("population", quantity="population"),
    Measure("valid_share"),
)


def wide_frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": ["卫滨区", "红旗区"],
            "level": "county",
            "parent": "410700",
            "forest_fire_hazard_index": [0.1, np.nan],
            "forest_fire_hazard_grade": [1, 0],
            "flood_population_risk_index": [0.4, 0.6],
            "flood_population_risk_grade": [2, 3],
            "flood_risk_index": [0.3, 0.5],
            "flood_risk_grade": [2, 3],
            "multi_risk_index": [0.2, 0.1],
            "flood_eal": [1e6, 2e6],
            "population": [1000.0, 2000.0],
            "valid_share": [1.0, 0.8],
        },
        index=pd.Index(["410703", "410702"], name="code"),
    )


def test_unit_table():
    table = unit_table(wide_frame(), COLUMNS)
    assert list(table.columns) == ["code", "level", "hazard", "receptor", "indicator", "value", "units", "grade"]
    assert table["code"].tolist() == ["410703"] * 7 + ["410702"] * 7
    row = table[(table["code"] == "410702") & (table["receptor"] == "population")].iloc[0]
    assert (row["hazard"], row["indicator"], row["value"], row["units"], row["grade"]) == (
        "flood",
        "risk_index",
        0.6,
        "1",
        3,
    )
    first = table[table["code"] == "410703"].drop_duplicates(["hazard", "indicator"]).set_index(["hazard", "indicator"])
    assert first.loc[("forest_fire", "hazard_index"), "grade"] == 1
    assert first.loc[("flood", "eal"), "units"] == "yuan/a"
    assert first.loc[("", "population"), "units"] == "person"
    assert first.loc[("multi", "risk_index"), "grade"] is pd.NA


def test_there_and_back():
    frame = wide_frame()
    back = wide(unit_table(frame, COLUMNS))
    expected = frame.drop(columns=["name", "parent"])
    assert list(back.columns) == list(expected.columns)
    for column in expected:
        assert (
            back[column].tolist() == pytest.approx(expected[column].tolist(), nan_ok=True)
            if column != "level"
            else True
        )
    assert back.index.tolist() == frame.index.tolist()


def test_odd_tables():
    assert unit_table(pd.DataFrame({"name": ["a"]}, index=["1"]), COLUMNS).empty
    only_grade = unit_table(pd.DataFrame({"code": ["1"], "hail_hazard_grade": [3]}), [Index("hail", "hazard")])
    assert only_grade.loc[0, ["hazard", "indicator", "grade"]].tolist() == ["hail", "hazard_index", 3]
    assert np.isnan(only_grade.loc[0, "value"])


def test_a_column_is_read_by_its_value_not_by_its_name():
    frame = pd.DataFrame({"urban_roads_risk_index": [0.5], "urban_roads_risk_grade": [3]}, index=["1"])
    row = unit_table(frame, [Index("urban", "risk", "roads")]).iloc[0]
    assert (row["hazard"], row["receptor"], row["grade"]) == ("urban", "roads", 3)


def test_an_example_of_each():
    values = {"county": pd.Series([0.1, 0.2, 0.9], index=["a", "b", "c"])}
    assert grade_units(values, Classing(k=2)).codes["county"].to_dict() == {"a": 1, "b": 1, "c": 2}
    shares = pd.DataFrame([[70.0, 15.0, 15.0]], columns=[1, 2, 3], index=["u"])
    assert grade_from_shares(shares).to_dict() == {"u": 2}
    index, grade = pd.Series([0.9, 0.1], index=["a", "b"]), pd.Series([5, 1], index=["a", "b"])
    assert three_high_one_low(index, index, grade, 6 - grade)["key_unit"].to_dict() == {"a": True, "b": False}


def test_three_high_one_low():
    codes = [f"u{i}" for i in range(10)]
    rank = pd.Series(np.arange(10.0), index=codes)
    risk = pd.Series([1] * 7 + [4, 5, 0], index=codes)
    capacity = pd.Series([5] * 7 + [2, 5, 1], index=codes)
    found = three_high_one_low(rank, rank, risk, capacity)
    assert found["high_loss"].sum() == 2
    assert found["key_unit"].to_dict() == {**dict.fromkeys(codes, False), "u7": True, "u8": True, "u9": True}
    same = three_high_one_low(rank * 0, rank * np.nan, risk * 0, capacity * 0)
    assert not same.to_numpy().any()
