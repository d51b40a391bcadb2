"""What the chapters ask of a result."""

from __future__ import annotations

import pandas as pd

from riskzoning import standards
from riskzoning.report.facts import Facts
from riskzoning.report.shading import Shaded
from tests.full_result import full_result

FACTS = Facts(full_result(), "zh")


def test_every_word_is_there_in_both_languages_with_the_same_places() -> None:
    import re

    data = standards.table("names/report").data
    for part in ("words", "status", "blocks", "priority", "places", "methods"):
        for key, texts in data[part].items():
            assert set(texts) == {"zh", "en"}, key
            places = {lang: set(re.findall(r"{(\w+)", text)) for lang, text in texts.items()}
            assert places["zh"] == places["en"], key


def test_levels_and_names() -> None:
    assert (FACTS.finest, FACTS.middle) == ("township", "county")
    assert FACTS.named("990101100") == "西县 西北镇"
    assert FACTS.named("990101") == "西县"
    assert FACTS.named("123") == "123"


def test_lists_are_cut() -> None:
    assert FACTS.listed(["a", "b", "c"]) == "a、b、c"
    assert FACTS.listed(["a", "b", "c"], most=2) == "a、b等（另 1 个）"
    assert Facts(FACTS.result, "en").listed(["a", "b", "c"], most=2) == "a, b and 1 more"


def test_tables_without_the_columns_are_empty() -> None:
    assert len(FACTS.table("capacity", "code")) > 0
    assert FACTS.table("capacity", "no_such").empty
    assert FACTS.table("nothing", "a").columns.tolist() == ["a"]


def test_grades_are_named_and_coloured() -> None:
    index = FACTS.whole("flood")
    assert index is not None
    assert [item.name for item in FACTS.classes(index)] == ["高", "中高", "中", "中低", "低"]
    high = FACTS.graded(FACTS.five, 5)
    assert isinstance(high, Shaded)
    assert high.text == "高"
    assert [FACTS.graded(FACTS.five, grade) for grade in (0, None, pd.NA, float("nan"))] == ["—"] * 4


def test_units_of_targets_in_words() -> None:
    assert FACTS.target_units("persons per million") == "人/百万人"
    assert Facts(FACTS.result, "en").target_units("persons per million") == "persons per million"
    assert FACTS.indicator("own") == "own"


def test_words_of_tables_are_read_in_the_language_of_the_report_whatever_that_of_the_run() -> None:
    en, zh = Facts(FACTS.result, "en"), FACTS
    assert en.reads("工程治理、监测预警", "zoning/measures") == "engineering works, monitoring and warning"
    assert zh.reads("engineering works, monitoring and warning", "zoning/measures") == "工程治理、监测预警"
    said = "Standard fortification, with emergency shelters"
    assert en.reads("按标准设防，配套应急避难场所", "zoning/planning") == said
    assert en.reads(said, "zoning/planning") == said
    assert en.reads("本市自定", "zoning/planning") == "本市自定"
    assert zh.reads("Not here, ask first", "zoning/planning") == "Not here, ask first"
    assert en.reads("", "zoning/measures") == ""
