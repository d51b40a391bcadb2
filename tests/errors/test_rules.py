"""Every sentence of the package: in both languages, with the values that its places in the code give it, and in use."""

from __future__ import annotations

import ast
import re
import string
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import riskzoning
from riskzoning.errors import LANGUAGES

PACKAGE = Path(riskzoning.__file__).parent
SENTENCES = PACKAGE / "standards" / "names" / "problems"
PARTS = ("found", "required", "fix")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# What a sentence may name without a value: the place of the problem.
PLACE = {"file", "sheet", "row", "field"}


def data_of(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)["data"]
    return content


FILES = sorted(path for path in SENTENCES.glob("*.yml") if path.name != "phrases.yml")


# What is read and walked here is so when the first test asks: whoever only collects the tests does not wait for it.
@cache
def phrases() -> dict[str, dict[str, str]]:
    return data_of(SENTENCES / "phrases.yml")


@cache
def rules() -> dict[str, dict[str, dict[str, str]]]:
    every = {rule: parts for path in FILES for rule, parts in data_of(path).items()}
    return {rule: parts for rule, parts in every.items() if not rule.startswith("example.")}


def placeholders(sentence: str) -> set[str]:
    """Names of the values that a sentence shows."""
    fields = {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}
    return {re.split(r"[.\[]", name)[0] for name in fields}


@dataclass(frozen=True)
class Call:
    """One ``Problem(...)`` or ``Phrase(...)`` in the package."""

    place: str
    keys: tuple[str, ...]
    values: frozenset[str]
    open_ended: bool


@cache
def trees() -> dict[str, ast.Module]:
    paths = sorted(PACKAGE.rglob("*.py"))
    return {str(path.relative_to(PACKAGE)): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


@cache
def nodes() -> tuple[tuple[str, ast.Constant | ast.JoinedStr | ast.Call], ...]:
    """The texts and calls of the package with the file that each stands in."""
    kinds = (ast.Constant, ast.JoinedStr, ast.Call)
    return tuple((path, node) for path, tree in trees().items() for node in ast.walk(tree) if isinstance(node, kinds))


@cache
def constants() -> frozenset[str]:
    """Every text that stands in the code: a rule may be chosen from a table or by a condition."""
    texts = (node.value for _, node in nodes() if isinstance(node, ast.Constant))
    return frozenset(text for text in texts if isinstance(text, str))


@cache
def composed() -> frozenset[str]:
    """Names that are put together, such as ``f"admin.mended.{kind}"``, as patterns."""
    patterns = (pattern_of(node) for _, node in nodes() if isinstance(node, ast.JoinedStr))
    return frozenset(text for text in patterns if text and re.match(r"[a-z]+(_|\\\.)", text))


def keys_of(node: ast.expr) -> tuple[str, ...]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return (node.value,)
    if isinstance(node, ast.IfExp):
        return keys_of(node.body) + keys_of(node.orelse)
    return ()


def pattern_of(node: ast.expr) -> str | None:
    """``f"place_{key}"`` stands for every key that has this form."""
    if not isinstance(node, ast.JoinedStr):
        return None
    return "".join(re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in node.values)


def is_old_form(node: ast.Call) -> bool:
    """``Problem(thing, found, required, fix, rule=...)``, with its sentences at the place of the fault."""
    return len(node.args) > 2 or any(word.arg in ("rule", "required") for word in node.keywords)


@cache
def old_forms() -> int:
    made = (node for _, node in nodes() if isinstance(node, ast.Call))
    return sum(getattr(node.func, "id", "") == "Problem" and is_old_form(node) for node in made)


@cache
def calls(name: str) -> tuple[Call, ...]:
    return tuple(
        Call(
            place=f"{path}:{node.lineno}",
            keys=keys_of(node.args[0]),
            values=frozenset(word.arg for word in node.keywords if word.arg),
            open_ended=any(word.arg is None for word in node.keywords),
        )
        for path, node in nodes()
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == name
        and node.args
        and not (name == "Problem" and is_old_form(node))
    )


def is_used(key: str) -> bool:
    return key in constants() or any(re.fullmatch(pattern, key) for pattern in composed())


def values_of(texts: Iterable[str]) -> set[str]:
    return set().union(*map(placeholders, texts))


def sentences(rule: str) -> Iterator[tuple[str, str, str]]:
    for part, texts in rules()[rule].items():
        for lang, text in texts.items():
            yield part, lang, text


def test_there_is_something_to_look_at() -> None:
    assert min(len(rules()), len(calls("Problem")), len(calls("Phrase"))) > 500
    assert min(len(phrases()), len(noted_in_admin()), len(composed())) > 10


def test_no_rule_stands_twice() -> None:
    names = [
        key.value
        for path in (*FILES, SENTENCES / "phrases.yml")
        for top, value in yaml.compose(path.read_text(encoding="utf-8"), Loader=LOADER).value
        if top.value == "data"
        for key, _ in value.value
    ]
    assert [name for name, times in Counter(names).items() if times > 1] == []


def test_rules_have_three_parts_in_both_languages_with_the_same_values() -> None:
    assert [rule for rule, parts in rules().items() if tuple(parts) != PARTS] == []
    every = [(f"{rule}: {part}", texts) for rule, parts in rules().items() for part, texts in parts.items()]
    assert [place for place, texts in every if set(texts) != set(LANGUAGES)] == []
    assert [place for place, texts in every if placeholders(texts["zh"]) != placeholders(texts["en"])] == []


def faults_of(part: str, lang: str, text: str) -> Iterator[str]:
    stop = {"zh": "。", "en": "."}[lang]
    if text.strip() != text:
        yield "blanks around it"
    # A value that is a whole sentence may stand at the end.
    if part == "fix" and not text.endswith((stop, "}")):
        yield f"no whole sentence: {text}"
    if part != "fix" and text.endswith(stop):
        yield f"more than a part of a sentence: {text}"
    if lang == "zh":
        if not CHINESE.search(text) and re.sub(r"\{[^}]*\}", "", text).strip():
            yield f"no Chinese in {text!r}"
    elif CHINESE.search(re.sub(r"'[^']*'|\([^)]*\)", "", text)):
        yield f"Chinese in {text!r}"


def test_sentences_are_whole_and_in_their_language() -> None:
    every = [(rule, *sentence) for rule in rules() for sentence in sentences(rule)]
    wrong = [
        f"{rule} {part} {lang}: {fault}" for rule, part, lang, text in every for fault in faults_of(part, lang, text)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("part", "lang", "text", "faults"),
    [
        ("found", "en", "has units '{units}'", 0),
        ("found", "en", "has units '{units}'.", 1),
        ("fix", "en", "Give the units.", 0),
        ("fix", "en", "{reason}", 0),
        ("fix", "en", "Give the units", 1),
        ("fix", "zh", "请给出单位。", 0),
        ("fix", "zh", "Give the units。", 1),
        ("found", "zh", "{reason}", 0),
        ("found", "en", "has 单位", 1),
        ("found", "en", "has '单位'", 0),
        ("found", "en", " has none", 1),
    ],
)
def test_faults_of_sentences_are_seen(part: str, lang: str, text: str, faults: int) -> None:
    assert len(list(faults_of(part, lang, text))) == faults


def test_rules_are_used() -> None:
    assert [rule for rule in rules() if not is_used(rule)] == []
    assert not is_used("no.such_rule")


def lacks_of(call: Call) -> Iterator[str]:
    for rule in call.keys:
        if rule not in rules():
            if not call.open_ended and not set(PARTS) <= call.values:
                yield f"{call.place}: {rule} has no sentences"
        elif not call.open_ended:
            lacking = values_of(text for _, _, text in sentences(rule)) - call.values - PLACE
            if lacking:
                yield f"{call.place}: {rule} lacks {sorted(lacking)}"


def test_problems_name_a_rule_and_give_its_values() -> None:
    assert [lack for call in calls("Problem") for lack in lacks_of(call)] == []


def test_what_a_call_lacks_is_seen() -> None:
    rule = next(rule for rule in rules() if values_of(text for _, _, text in sentences(rule)) - PLACE)
    assert len(list(lacks_of(Call("here:1", (rule, "no.such_rule"), frozenset(), open_ended=False)))) == 2
    assert list(lacks_of(Call("here:1", (rule, "no.such_rule"), frozenset(), open_ended=True))) == []


@cache
def noted_in_admin() -> tuple[tuple[str, str, frozenset[str]], ...]:
    """What the checks of units give to ``Findings``, which makes problems of it: place, rule, values."""
    noted = []
    for path, node in nodes():
        if not (path.startswith("admin") and isinstance(node, ast.Call) and len(node.args) >= 2):
            continue
        if getattr(node.func, "attr", "") in ("add", "defect", "action"):
            given = frozenset(word.arg for word in node.keywords if word.arg)
            mended = [key for word in node.keywords if word.arg == "mended" for key in keys_of(word.value)]
            open_ended = any(word.arg is None for word in node.keywords)
            noted += [
                (f"{path}:{node.lineno}", rule, given) for rule in (*keys_of(node.args[1]), *mended) if not open_ended
            ]
    return tuple(noted)


def test_findings_about_units_give_the_values_of_their_rule() -> None:
    lacking = [
        (place, rule, values_of(text for _, _, text in sentences(rule)) - given - PLACE)
        for place, rule, given in noted_in_admin()
    ]
    assert [row for row in lacking if row[-1]] == []


def test_phrases_exist_and_get_their_values() -> None:
    given = [(call, key) for call in calls("Phrase") for key in call.keys]
    assert [f"{call.place}: {key}" for call, key in given if key not in phrases()] == []
    lacking = [
        (call.place, key, values_of(phrases()[key].values()) - call.values)
        for call, key in given
        if not call.open_ended
    ]
    assert [row for row in lacking if row[-1]] == []


def faults_of_phrase(texts: dict[str, str]) -> Iterator[str]:
    if set(texts) != set(LANGUAGES):
        yield "not in both languages"
    elif texts != {"zh": "{zh}", "en": "{en}"}:  # a text that comes in both languages
        if placeholders(texts["zh"]) != placeholders(texts["en"]):
            yield "other values in each language"
        letters = re.sub(r"\{[^}]*\}", "", texts["zh"])
        if not CHINESE.search(letters) and re.search(r"[a-z]{3}", letters):
            yield f"no Chinese in {texts['zh']!r}"


def test_phrases_are_used_and_have_both_languages() -> None:
    assert [(key, fault) for key, texts in phrases().items() for fault in faults_of_phrase(texts)] == []
    whole = {key for key, texts in phrases().items() if texts != {"zh": "{zh}", "en": "{en}"}}
    assert old_forms() == 0
    assert [key for key in whole if not is_used(key)] == []


def test_faults_of_phrases_are_seen() -> None:
    wrong = [{"zh": "甲"}, {"zh": "层{name}", "en": "layer"}, {"zh": "layer", "en": "layer"}]
    assert [len(list(faults_of_phrase(texts))) for texts in wrong] == [1, 1, 1]
    assert list(faults_of_phrase({"zh": "图层 {name}", "en": "layer {name}"})) == []
