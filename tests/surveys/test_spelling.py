"""Spellings of headings."""

from __future__ import annotations

from riskzoning import standards
from riskzoning.surveys.spelling import name_and_unit, plain, same_words, spellings


def test_brackets_inside_a_name_are_no_unit() -> None:
    assert name_and_unit("村(社区)代码") == ("村(社区)代码", "")
    assert name_and_unit("倒塌房屋（户）*") == ("倒塌房屋", "户")


def test_two_hands_write_one_name() -> None:
    assert plain(" 建筑面积（㎡） *") == plain("建筑面积(m2)")
    assert plain("Floor_Area") == plain("floor area")


def test_full_names_and_names_without_units() -> None:
    full, bare = spellings("survey_date", ("调查日期", "人口(人)"))
    assert {"surveydate", "surveydat", "调查日期", "人口(人)"} <= full
    assert bare == {"人口"}


def test_every_session_records_the_table_of_words() -> None:
    for _ in range(2):
        with standards.session({}) as used:
            assert same_words("县级代码") == same_words("县(市、区)编号")
        assert "surveys/headings" in used.used
