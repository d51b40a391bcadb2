"""The comparison in words: what went up and down, and why, in both languages."""

from __future__ import annotations

import pytest

from riskzoning import standards
from riskzoning.comparison import compare, summary
from riskzoning.comparison.differences import CAUSES
from riskzoning.comparison.words import _shortened, finest_level, leading_index, named_causes, net, titled
from riskzoning.names import Index
from tests.comparison.conftest import Runs
from tests.comparison.test_changes import PEOPLE, WEIGHTS

CHANGES = {"people": PEOPLE, "weights": WEIGHTS, "risk": {"form": "product", "combine": "weighted_product"}}


def test_the_counts_are_those_of_the_units(runs: Runs) -> None:
    both = compare(runs("a"), runs("all", **CHANGES))
    table = net(both, Index("multi", "risk"), "county")
    assert list(table.index) == ["320505", "320506", "320507"]
    by = table["grade_after"] - table["grade_before"]
    words = f"{(by > 0).sum()} up, {(by < 0).sum()} down, {(by == 0).sum()} unchanged, of 3."
    assert f"Grade of comprehensive risk, county level: {words}" in summary(both, "en")


def test_every_cause_is_told_once_with_its_things(runs: Runs) -> None:
    lines = summary(compare(runs("a"), runs("all", **CHANGES)), "zh")
    first = lines.index("变化的原因（由保存的分量逐步重算得出）：") + 1
    told = [line.strip().split("：")[0] for line in lines[first : lines.index("变化最大的单元：")]]
    assert told[:2] == ["输入数据", "方法"]
    assert {"权重", "输入数据", "方法"} <= set(told)
    assert any("risk.combine" in line for line in lines)
    assert any(line.strip().startswith("1. ") and "原因：" in line for line in lines)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_changed_is_one_sentence(runs: Runs, lang: str) -> None:
    lines = summary(compare(runs("a"), runs("a")), lang)
    assert len(lines) == 3
    assert "nothing" not in lines[-1]


def test_words_for_all_causes_and_titles() -> None:
    words = standards.shipped_table("names/comparison").data
    assert set(CAUSES) <= set(words)
    assert all(set(text) == {"zh", "en"} for text in words.values())
    assert named_causes("input;weight", "en") == "input data, weights"
    assert titled(Index("flood", "risk"), "zh") == "洪水灾害风险"
    assert titled(Index("flood", "hazard"), "en") == "flood hazard"
    assert _shortened(", ".join("abcdefgh"), "en") == "a, b, c, d, e, f, g, h"
    assert _shortened(", ".join("abcdefghi"), "en") == "a, b, c, d, e, f, g, h, …"


def test_without_a_composite_the_first_hazard_is_told(runs: Runs) -> None:
    flood = [{"hazard": "flood", "inputs": {"depth": ["depth_20", "depth_100"]}}]
    index = leading_index(compare(runs("a"), runs("flood_only", hazards=flood)))
    assert index is not None
    assert (index.hazard, index.what) == ("multi", "risk")


def test_the_finest_level_is_the_last_one_with_grades(runs: Runs) -> None:
    both = compare(runs("a"), runs("a"))
    index = Index("multi", "risk")
    assert finest_level(both, index) == "county"
    units = both.after.units
    units.loc[units["level"] == "county", index.grade_key] = 0
    assert finest_level(both, index) == "city"


@pytest.mark.parametrize(
    ("key", "zh", "en"),
    [
        ("risk.form", "三要素的合成形式（risk.form）", "How the three parts are brought together (risk.form)"),
        ("risk.matrix", "风险矩阵名称（risk.matrix）", "Matrix of `form: matrix` (risk.matrix)"),
        ("population", "population", "population"),  # a name that the study gave
    ],
)
def test_keys_of_the_study_stand_behind_what_they_are_called(key: str, zh: str, en: str) -> None:
    assert _shortened(f"{key}, dem", "zh") == f"{zh}, dem"
    assert _shortened(key, "en") == en
