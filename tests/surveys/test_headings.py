"""Headings in the spellings of the field, and the units they declare."""

from __future__ import annotations

import pytest

from riskzoning.surveys.forms import form
from riskzoning.surveys.headings import best_form, matched


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("常住人口(人)", "pop"), ("常住人口（人）", "pop"), (" 常住人口 * ", "pop"), ("常住人口", "pop"), ("POP",
        "pop"),
        ("Residents", "pop"), ("乡镇(街道)代码", "town9"), ("志愿者(人)*", "volunteer"), ("volunteer", "volunteer"),
    ],
)  # fmt: skip
def test_spellings_of_a_heading(heading: str, name: str) -> None:
    columns = matched([heading], form("cap_township"), "f").columns
    assert [column.field.name for column in columns] == [name]


@pytest.mark.parametrize(
    ("heading", "factor"), [("常住人口(万人)", 1e4), ("常住人口(人)", 1.0), ("常住人口(含流动人口)", 1.0)]
)
def test_units_of_headings_are_converted(heading: str, factor: float) -> None:
    assert matched([heading], form("cap_township"), "f").columns[0].factor == factor


def test_money_in_yuan_is_converted_and_a_wrong_unit_is_told() -> None:
    both = matched(["上年度资金投入(元)", "常住人口(户)"], form("cap_township"), "f")
    assert both.columns[0].factor == pytest.approx(1e-4)
    assert [problem.rule for problem in both.problems] == ["Q02.heading_unit"]


def test_two_columns_of_one_field_are_told_and_the_first_is_taken() -> None:
    both = matched(["常住人口", "备用", "常住人口(人)"], form("cap_township"), "f")
    assert [column.position for column in both.columns] == [0]
    assert [problem.rule for problem in both.problems] == ["survey.column_twice"]
    assert both.extra == ("备用",)


def test_the_form_is_recognised_by_its_headings() -> None:
    of = form("rescue_team")
    headings = [field.zh for field in of.fields]
    assert best_form(headings) == ("rescue_team", 1.0)
    assert best_form(headings[:-3])[0] == "rescue_team"
    assert best_form(["甲", "乙", "丙"])[0] is None


def test_every_form_recognises_itself_in_both_languages() -> None:
    from riskzoning.surveys.forms import form_names

    for name in form_names():
        for lang in ("zh", "en"):
            assert best_form([field.title(lang) for field in form(name).fields])[0] == name
