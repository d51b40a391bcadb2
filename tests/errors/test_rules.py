"""Every sentence of the package: in both languages, with the values that its places in the code give it, and in use."""

from __future__ import annotations

import ast
import re
import string
from collections import Counter
from collections.abc import Iterator
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
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# What a sentence may name without a value: the place of the problem.
PLACE = {"file", "sheet", "row", "field"}


def data_of(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["data"]
    return content


PHRASES: dict[str, dict[str, str]] = data_of(SENTENCES / "phrases.yml")
FILES = sorted(path for path in SENTENCES.glob("*.yml") if path.name != "phrases.yml")
RULES: dict[str, dict[str, dict[str, str]]] = {
    rule: parts for path in FILES for rule, parts in data_of(path).items() if not rule.startswith("example.")
}


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
def constants() -> frozenset[str]:
    """Every text that stands in the code: a rule may be chosen from a table or by a condition."""
    nodes = (node for tree in trees().values() for node in ast.walk(tree))
    return frozenset(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


@cache
def composed() -> frozenset[str]:
    """Names that are put together, such as ``f"admin.mended.{kind}"``, as patterns."""
    nodes = (node for tree in trees().values() for node in ast.walk(tree))
    patterns = (pattern_of(node) for node in nodes if isinstance(node, ast.JoinedStr))
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
    nodes = (node for tree in trees().values() for node in ast.walk(tree) if isinstance(node, ast.Call))
    return sum(getattr(node.func, "id", "") == "Problem" and is_old_form(node) for node in nodes)


@cache
def calls(name: str) -> tuple[Call, ...]:
    return tuple(
        Call(
            place=f"{path}:{node.lineno}",
            keys=keys_of(node.args[0]),
            values=frozenset(word.arg for word in node.keywords if word.arg),
            open_ended=any(word.arg is None for word in node.keywords),
        )
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == name
        and node.args
        and not (name == "Problem" and is_old_form(node))
    )


def sentences(rule: str) -> Iterator[tuple[str, str, str]]:
    for part, texts in RULES[rule].items():
        for lang, text in texts.items():
            yield part, lang, text


def test_no_rule_stands_twice() -> None:
    names = [
        key.value
        for path in (*FILES, SENTENCES / "phrases.yml")
        for top, value in yaml.compose(path.read_text(encoding="utf-8")).value
        if top.value == "data"
        for key, _ in value.value
    ]
    assert [name for name, times in Counter(names).items() if times > 1] == []


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_three_parts_in_both_languages_with_the_same_values(rule: str) -> None:
    assert tuple(RULES[rule]) == PARTS
    for part, texts in RULES[rule].items():
        assert set(texts) == set(LANGUAGES), part
        assert placeholders(texts["zh"]) == placeholders(texts["en"]), part


@pytest.mark.parametrize("rule", RULES)
def test_sentences_are_whole_and_in_their_language(rule: str) -> None:
    for part, lang, text in sentences(rule):
        stop = {"zh": "。", "en": "."}[lang]
        assert text.strip() == text, f"{part} {lang}: blanks around it"
        # A value that is a whole sentence may stand at the end.
        assert text.endswith((stop, "}")) if part == "fix" else not text.endswith(stop), f"{part} {lang}: {text}"
        if lang == "zh":
            assert CHINESE.search(text) or not re.sub(r"\{[^}]*\}", "", text).strip(), f"{part}: no Chinese in {text!r}"
        else:
            assert not CHINESE.search(re.sub(r"'[^']*'|\([^)]*\)", "", text)), f"{part}: Chinese in {text!r}"


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_used(rule: str) -> None:
    assert rule in constants() or any(re.fullmatch(pattern, rule) for pattern in composed())


@pytest.mark.parametrize("call", calls("Problem"), ids=lambda call: call.place)
def test_a_problem_names_a_rule_and_gives_its_values(call: Call) -> None:
    for rule in call.keys:
        if rule not in RULES:
            assert call.open_ended or set(PARTS) <= call.values, f"{rule} has no sentences"
        elif not call.open_ended:
            wanted = set().union(*(placeholders(text) for _, _, text in sentences(rule)))
            assert wanted <= call.values | PLACE, f"{rule} lacks {sorted(wanted - call.values - PLACE)}"


@cache
def noted_in_admin() -> tuple[tuple[str, str, frozenset[str]], ...]:
    """What the checks of units give to ``Findings``, which makes problems of it: place, rule, values."""
    noted = []
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if not (path.startswith("admin") and isinstance(node, ast.Call) and len(node.args) >= 2):
                continue
            if getattr(node.func, "attr", "") in ("add", "defect", "action"):
                given = frozenset(word.arg for word in node.keywords if word.arg)
                mended = [key for word in node.keywords if word.arg == "mended" for key in keys_of(word.value)]
                open_ended = any(word.arg is None for word in node.keywords)
                noted += [
                    (f"{path}:{node.lineno}", rule, given)
                    for rule in (*keys_of(node.args[1]), *mended)
                    if not open_ended
                ]
    return tuple(noted)


@pytest.mark.parametrize(("place", "rule", "given"), noted_in_admin())
def test_a_finding_about_units_gives_the_values_of_its_rule(place: str, rule: str, given: frozenset[str]) -> None:
    wanted = set().union(*(placeholders(text) for _, _, text in sentences(rule)))
    assert wanted <= given | PLACE, f"{place}: {rule} lacks {sorted(wanted - given - PLACE)}"


@pytest.mark.parametrize("call", calls("Phrase"), ids=lambda call: call.place)
def test_a_phrase_exists_and_gets_its_values(call: Call) -> None:
    for key in call.keys:
        assert key in PHRASES, key
        if not call.open_ended:
            wanted = placeholders(PHRASES[key]["zh"]) | placeholders(PHRASES[key]["en"])
            assert wanted <= call.values, f"{key} lacks {sorted(wanted - call.values)}"


@pytest.mark.parametrize("key", PHRASES)
def test_a_phrase_is_used_and_has_both_languages(key: str) -> None:
    texts = PHRASES[key]
    assert set(texts) == set(LANGUAGES)
    if texts == {"zh": "{zh}", "en": "{en}"}:
        return  # a text that comes in both languages
    assert placeholders(texts["zh"]) == placeholders(texts["en"])
    letters = re.sub(r"\{[^}]*\}", "", texts["zh"])
    assert CHINESE.search(letters) or not re.search(r"[a-z]{3}", letters), f"no Chinese in {texts['zh']!r}"
    if old_forms():
        pytest.skip("sentences still move from the code to the tables")
    assert key in constants() or any(re.fullmatch(pattern, key) for pattern in composed()), "not used"
