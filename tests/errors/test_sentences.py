"""Sentences are filled with values in a language: lists cut short, phrases translated, a missing value shown."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
import yaml

import riskzoning
from riskzoning.errors import LANGUAGES, Decision, Phrase, Problem, escaped_json, in_words, language, speaking, visible
from riskzoning.errors.sentences import filled, parts_of, phrases, rules, shipped_yaml


def test_english_is_spoken_unless_something_else_is_asked_for() -> None:
    assert language() == "en"
    with speaking("zh"):
        assert language() == "zh"
        with speaking("en"):
            assert language() == "en"
        assert language() == "zh"
    assert language() == "en"


def test_a_language_that_does_not_exist_is_english_and_an_error_ends_the_speech() -> None:
    with speaking("fr"):
        assert language() == "en"
    with pytest.raises(KeyError), speaking("zh"):
        raise KeyError
    assert language() == "en"


def test_another_thread_speaks_for_itself() -> None:
    heard: list[str] = []
    with speaking("zh"):
        thread = threading.Thread(target=lambda: heard.append(language()))
        thread.start()
        thread.join()
    assert heard == ["en"]


def test_the_files_of_sentences_are_read() -> None:
    assert phrases()["layer"] == {"zh": "图层“{name}”", "en": "layer '{name}'"}
    assert set(rules()["example.empty"]) == {"found", "required", "fix"}
    assert parts_of("example.empty") == rules()["example.empty"]
    assert parts_of("no.such.rule") is None


@pytest.mark.parametrize(
    ("template", "values", "zh", "en"),
    [
        ("{n}: {codes}", {"n": 2, "codes": ("1", "2")}, "2: 1、2", "2: 1, 2"),
        ("{codes}", {"codes": tuple("abcdefg")}, "a、b、c、d、e 等 7 项", "a, b, c, d, e (and 2 more)"),
        ("{codes:2}", {"codes": ["a", "b", "c"]}, "a、b 等 3 项", "a, b (and 1 more)"),
        ("{codes:3}", {"codes": ["a", "b", "c"]}, "a、b、c", "a, b, c"),
        ("{what}", {"what": Phrase("hazard", name="hail")}, "灾种“hail”", "hazard 'hail'"),
        ("{what}", {"what": (Phrase("column", name="a"), "b")}, "列“a”、b", "column 'a', b"),
        ("{share:.1%} {v:g}", {"share": 0.25, "v": 2.0}, "25.0% 2", "25.0% 2"),
        ("{v:g}", {"v": "text"}, "text", "text"),
        ("{v}", {"v": None}, "", ""),
        ("{missing}", {}, "{missing}", "{missing}"),
    ],
)
def test_values_are_filled_in(template: str, values: dict[str, object], zh: str, en: str) -> None:
    assert (filled(template, values, "zh"), filled(template, values, "en")) == (zh, en)
    assert LANGUAGES == ("zh", "en")


def test_files_of_the_package_are_read_as_plain_yaml_reads_them() -> None:
    folder = Path(riskzoning.__file__).parent / "standards"
    for path in sorted(folder.rglob("*.yml")):
        assert repr(shipped_yaml(path)) == repr(yaml.safe_load(path.read_text(encoding="utf-8"))), path


HOSTILE = "\x1b[2J\x1b[31ma\u202eb\x9bc\x07\x7f\u2066\ud800"


def test_what_a_terminal_would_obey_is_written_out() -> None:
    shown = visible(HOSTILE)
    assert shown == "\\x1b[2J\\x1b[31ma\\u202eb\\x9bc\\x07\\x7f\\u2066\\ud800"
    assert visible("乡镇\t名\n— “”") == "乡镇\t名\n— “”"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_message_carries_what_a_terminal_would_obey(lang: str) -> None:
    odd = [HOSTILE, f"a\nerror: {HOSTILE}"]
    problems = [
        Problem("layer.units", Phrase("layer", name=HOSTILE), units=HOSTILE, quantity=odd, wanted=odd[1]),
        Problem("no.such.rule", HOSTILE, found=odd[1], required=HOSTILE, fix=HOSTILE),
        Problem("example.empty", HOSTILE, sheet=HOSTILE, field=HOSTILE),
    ]
    texts = [problem.text(lang) for problem in problems] + [
        Decision(HOSTILE, "columns", tuple(odd), HOSTILE).text(lang)
    ]
    assert [text for text in texts if visible(text) != text] == []
    # A value cannot pass for a message of its own.
    assert "\n" not in texts[0]


def test_programs_get_the_values_and_terminals_no_codes() -> None:
    text = escaped_json(json.dumps([HOSTILE[:-1]], ensure_ascii=False))
    assert visible(text) == text
    assert json.loads(text) == [HOSTILE[:-1]]


def test_large_numbers_stand_in_words_of_the_language() -> None:
    assert [in_words(value, "zh") for value in (6.48e8, -12_300, 9_999, 0.5)] == ["6.48亿", "-1.23万", "9,999", "0.5"]
    assert [in_words(value, "en") for value in (2.5e9, 1_346_737, 12_300)] == ["2.50 billion", "1.35 million", "12,300"]
    assert filled("{n:words} 元", {"n": 1e8}, "zh") == "1.00亿元"


@pytest.mark.parametrize(
    ("template", "value", "text"),
    [
        ("值为 {v}", "空", "值为空"),
        ("函数 {v}无法计算", "applied", "函数 applied 无法计算"),
        ("列 {v} 为空", "人口", "列人口为空"),
        ("列 {v} 为空", "pop", "列 pop 为空"),
        ("共 {v} 个", 3, "共 3 个"),
        ("文件{v}", "a.tif", "文件 a.tif"),
        # Values are as they are, whatever stands in them.
        ("“{v}”中", "新 乡.shp", "“新 乡.shp”中"),
    ],
)
def test_chinese_sentences_have_spaces_where_a_writer_puts_them(template: str, value: object, text: str) -> None:
    assert filled(template, {"v": value}, "zh") == text
