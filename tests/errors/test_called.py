"""Codes in sentences: shown by the names that people have for them, in every message of real hazards."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

import pytest

from riskzoning.errors import Journal, Phrase, Problem, hearing
from riskzoning.errors.called import called, groups, names_of
from riskzoning.errors.sentences import filled, phrases, rules
from riskzoning.grid import analysis_grid
from riskzoning.hazards import HAZARDS

from ..hazards.conftest import EXAMPLES

# A value of these names is a code of the group, wherever a sentence shows it.
CODES = {
    "element": "element", "elements": "element", "hazard": "hazard", "hazards": "hazard", "receptor": "receptor",
    "receptors": "receptor", "factor": "factor", "factors": "factor",
}  # fmt: skip
# Where the value is something else: a number, a phrase with names in it, a key that is typed as it is.
OTHERS = {
    "exposure.gdp_per_person", "exposure.area_per_person", "hazard.ends_in_receptor", "weights.not_square",
    "Q08.at_most_times", "modelled_deaths", "modelled_deaths_only", "modelled_loss", "modelled_loss_only",
    "susceptibility.inflated", "gridded.several", "gridded.no_units",
}  # fmt: skip
# Groups whose codes are no words of other things.
SPOKEN = ("hazard", "receptor", "kind", "element", "indicator", "group", "form")


@pytest.mark.parametrize(
    ("group", "code", "zh", "en"),
    [
        ("kind", "rainstorm", "暴雨（rainstorm）", "rainstorm"),
        ("kind", "cold_wave", "寒潮（cold_wave）", "cold_wave"),
        ("element", "precipitation", "日降水量（precipitation）", "daily precipitation (precipitation)"),
        ("hazard", "geology", "地质灾害（geology）", "geology"),
        ("indicator", "firebreaks", "防火隔离带（firebreaks）", "firebreaks"),
        ("recorded", "COLD", "低温冷冻（COLD）", "cold and frost (COLD)"),
        ("form", "cap_township", "乡镇（街道）减灾能力调查表（cap_township）", "Capacity of townships (cap_township)"),
        ("hazard", "my_own", "my_own", "my_own"),
        ("no_such_group", "a", "a", "a"),
    ],
)
def test_a_code_is_shown_by_its_name(group: str, code: str, zh: str, en: str) -> None:
    assert (called(group, code, "zh"), called(group, code, "en")) == (zh, en)


def test_lists_phrases_and_nothing_are_shown_in_a_sentence() -> None:
    values = {"kinds": ["hail", Phrase("title", zh="其他", en="others"), "fog", "gale"], "none": None}
    assert filled("{kinds:called kind 3}{none:called kind}", values, "zh") == "冰雹（hail）、其他、大雾（fog） 等 4 项"
    assert filled("{kinds:called kind}", values, "en") == "hail, others, fog, gale"


def test_every_group_has_names_in_both_languages() -> None:
    lacking = [
        (group, code) for group in groups() for code, entry in names_of(group).items() if not {"zh", "en"} <= set(entry)
    ]
    assert lacking == []


def sentences() -> Iterator[tuple[str, str]]:
    for key, texts in phrases().items():
        yield from ((key, text) for text in texts.values())
    for rule, parts in rules().items():
        yield from ((rule, text) for texts in parts.values() for text in texts.values())


def test_every_sentence_that_shows_a_code_shows_its_name() -> None:
    bare = [
        f"{key}: {name}"
        for key, text in sentences()
        if key not in OTHERS
        for _, name, spec, _ in string.Formatter().parse(text)
        if name in CODES and not (spec or "").startswith(f"called {CODES[name]}")
    ]
    assert bare == [], "write {name:called GROUP} (names/called.yml), or say in OTHERS why not"


def test_every_group_that_a_sentence_asks_for_is_known() -> None:
    asked = {group for _, text in sentences() for group in re.findall(r":called (\w+)", text)}
    assert asked <= set(groups())


def bare_codes(text: str) -> list[str]:
    """Codes in a Chinese message that stand without their name: no （code）, and not as something to be typed."""
    codes = {code for group in SPOKEN for code in names_of(group) if re.fullmatch(r"[a-z0-9_]+", code)}
    typed = re.sub(r"`[^`]*`|“[a-z_]+”|（[a-z0-9_]+）|\w+: ?\w*|\{[^}]*\}", "", text)
    return [word for word in re.findall(r"[a-z][a-z0-9_]+", typed) if word in codes]


def test_bare_codes_are_seen() -> None:
    assert bare_codes("未计入 hail、暴雨（rainstorm），请改 `kinds`") == ["hail"]


@pytest.mark.parametrize("name", ["meteorology", "drought", "forest_fire", "geology"])
def test_no_message_of_a_hazard_shows_a_code_without_its_name(name: str) -> None:
    grid = analysis_grid((500_000, 3_896_000, 524_000, 3_916_000), crs="EPSG:4547", resolution=1000)
    spec = HAZARDS[name]
    with hearing(Journal()) as journal:
        spec.calibrate(spec.prepare(EXAMPLES[name](grid, 0), spec.params(), grid), spec.params())
    told: list[Problem] = [*journal.warnings]
    assert {problem.rule: bare_codes(problem.text("zh")) for problem in told if bare_codes(problem.text("zh"))} == {}
    assert name == "geology" or told
