"""Names of layers and columns as values, and that nothing else in the package spells or reads one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import riskzoning
from riskzoning import names, standards
from riskzoning.errors import LayerError
from riskzoning.exposure import RECEPTORS
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.registry import Registry
from riskzoning.names import MULTI, Index, Intensity, Measure, check_hazard_key, column_of, indices_of

PACKAGE = Path(riskzoning.__file__).parent


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (Index("flood", "hazard"), "flood_hazard_index"),
        (Index("flood", "risk", "population"), "flood_population_risk_index"),
        (Index("forest_fire", "risk"), "forest_fire_risk_index"),
        (Index(MULTI, "risk"), "multi_risk_index"),
        (Intensity("flood", "flood_depth", 100), "flood_depth_T100"),
        (Intensity("flood", "flood_depth", 2.5), "flood_depth_T2.5"),
        (Intensity("earthquake", "site_pga", 475), "earthquake_site_pga_T475"),
        (Intensity("geology", "susceptibility"), "geology_susceptibility"),
        (Measure("eal", "flood"), "flood_eal"),
        (Measure("eal", "flood", "crops"), "flood_crops_eal"),
        (Measure("eal_se", "flood"), "flood_eal_se"),
        (Measure("deaths", "earthquake"), "earthquake_deaths"),
        (Measure("eal", MULTI), "multi_eal"),
        (Measure("vulnerability_index", receptor="buildings"), "buildings_vulnerability_index"),
        (Measure("building_area_m2", quantity="building_area"), "building_area_m2"),
        (Measure("valid_share"), "valid_share"),
        (Measure("rainstorm_index", "meteorology"), "meteorology_rainstorm_index"),
        (Measure("valid_share", "flood"), "flood_valid_share"),
        (Measure("none_share", "flood"), "flood_none_share"),
        (Measure("exposure_index", receptor="roads"), "roads_exposure_index"),
        (Measure("exposed_hazard_index", "flood", "roads"), "flood_roads_exposed_hazard_index"),
        (Measure("exposed_hazard_grade", "flood"), "flood_exposed_hazard_grade"),
        (Measure("max_grade", MULTI), "multi_max_grade"),
        (Measure("high_count", MULTI), "multi_high_count"),
    ],
)
def test_keys_are_those_of_the_interface(value: Any, key: str) -> None:
    assert value.key == key


def test_a_value_knows_its_grades_classes_and_words() -> None:
    index = Index("flood", "risk", "population")
    assert (index.grade_key, index.grade_quantity, index.stem) == (
        "flood_population_risk_grade",
        "risk_grade",
        "flood_population_risk",
    )
    assert (index.scheme, index.classes, index.palette) == ("risk_5", 5, "risk_5")
    assert (index.title("zh"), index.title("en")) == ("人口风险指数", "population risk index")
    assert (index.hazard_title("zh"), index.hazard_title("en")) == ("洪水灾害", "Flood")
    assert Measure("eal", "flood").units == "yuan/a"
    assert Measure("deaths", "earthquake").units == "person/a"
    assert Measure("population", quantity="population").units == "person"


@pytest.mark.parametrize("hazard", list(HAZARDS))
def test_every_hazard_gives_its_index(hazard: str) -> None:
    spec = HAZARDS[hazard]
    assert (spec.index.key, spec.index.classes) == (f"{hazard}_hazard_index", spec.grades)
    assert {lang: spec.index.hazard_title(lang) for lang in ("zh", "en")} == dict(spec.title)
    assert len(spec.index.colours(4)) == 4


def test_the_scheme_is_no_part_of_what_an_index_is() -> None:
    assert Index("flood", "hazard", scheme="flood_4") == Index("flood", "hazard")
    assert len({Index("flood", "hazard", scheme="flood_4"), Index("flood", "hazard")}) == 1
    assert Index("flood", "hazard", scheme="flood_4").risk("roads").scheme == "risk_5"


def test_a_hazard_urban_with_roads_is_not_read_as_anything_else() -> None:
    urban = Index("urban", "risk", "roads")
    assert urban.key == "urban_roads_risk_index"
    assert column_of("urban", "roads", "risk_index") == urban
    known = {index.key: index for index in indices_of([Index("urban", "hazard")], ["roads", "population"])}
    assert known["urban_roads_risk_index"] == urban
    with pytest.raises(LayerError) as caught:
        check_hazard_key("urban_roads")
    assert caught.value.problems[0].rule == "hazard.ends_in_receptor"


def test_all_indices_of_a_study_have_names_of_their_own() -> None:
    receptors = list(standards.table("names/common").data["receptor"])
    every = indices_of([spec.index for spec in HAZARDS.values()], receptors)
    assert len({index.key for index in every}) == len(every) == (len(HAZARDS) + 1) * (len(receptors) + 2)


RESERVED = ["multi", "exposure", "grid", "city", "county", "township", "population", "economy", "buildings", "roads"]


@pytest.mark.parametrize("key", RESERVED)
def test_reserved_words_are_no_hazards(key: str) -> None:
    spec: Any = SimpleNamespace(name=key)
    with pytest.raises(LayerError) as caught:
        Registry({}).add(spec)
    problem = caught.value.problems[0]
    assert problem.rule == "hazard.reserved"
    assert key in problem.text("zh")
    assert key in problem.text("en")


@pytest.mark.parametrize("receptor", list(RECEPTORS))
def test_every_receptor_of_the_registry_is_a_reserved_word(receptor: str) -> None:
    with pytest.raises(LayerError) as caught:
        check_hazard_key(receptor)
    assert caught.value.problems[0].rule == "hazard.reserved"


@pytest.mark.parametrize(
    "key", ["", "Hail", "hail storm", "2hail", "hail_", "_hail", "hail-storm", "冰雹", "flood_T100"]
)
def test_keys_are_plain_words(key: str) -> None:
    with pytest.raises(LayerError) as caught:
        check_hazard_key(key)
    assert caught.value.problems[0].rule == "names.word"


@pytest.mark.parametrize("key", ["hail", "urban", "road_collapse", "h2s_leak", "population_flood"])
def test_other_keys_pass(key: str) -> None:
    check_hazard_key(key)
    assert Index(key, "hazard").hazard == key


def test_all_hazards_together_are_no_hazard_of_their_own() -> None:
    check_hazard_key(MULTI, multi=True)
    with pytest.raises(LayerError):
        check_hazard_key(MULTI)


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda: Index("flood", "danger"), "names.what"),
        (lambda: Index("flood", "hazard", "population"), "names.no_receptor"),
        (lambda: Index("population", "risk"), "hazard.reserved"),
        (lambda: Index("flood", "risk", "Roads"), "names.word"),
        (lambda: Intensity("flood", "risk_index"), "names.output"),
        (lambda: Intensity("flood", "roads_risk_grade"), "names.output"),
        (lambda: Intensity("flood", "eal"), "names.output"),
        (lambda: Intensity("flood", "flood_depth", 0), "names.period"),
        (lambda: Intensity("flood", "flood_depth", float("nan")), "names.period"),
        (lambda: Intensity(MULTI, "flood_depth"), "hazard.reserved"),
        (lambda: Measure("eal"), "names.measure"),
        (lambda: Measure("valid_share", receptor="roads"), "names.measure"),
        (lambda: Measure("exposed_hazard_index", "flood"), "names.measure"),
        (lambda: Measure("population", "flood", quantity="population"), "names.measure"),
        (lambda: Measure("GDP"), "names.word"),
    ],
)
def test_fields_are_checked_when_made(make: Any, rule: str) -> None:
    with pytest.raises(LayerError) as caught:
        make()
    problem = caught.value.problems[0]
    assert problem.rule == rule
    assert all("{" not in problem.text(lang) for lang in ("zh", "en"))


def test_outputs_that_only_look_like_an_index_are_allowed() -> None:
    assert Intensity("forest_fire", "fire_weather_index").key == "forest_fire_fire_weather_index"
    assert Intensity("flood", "unreal").key == "flood_unreal"


def test_a_hazard_of_ones_own_is_called_what_its_specification_says() -> None:
    own = Index("hail", "hazard", titles={"zh": "冰雹", "en": "Hail"})
    assert (own.hazard_title("zh"), own.risk().hazard_title("en")) == ("冰雹", "Hail")
    assert Index("hail", "hazard").hazard_title("en") == "hail"
    with standards.session({"names/common": {"data": {"hazard": {"hail": {"zh": "雹灾", "en": "Hailstorm"}}}}}):
        assert own.hazard_title("zh") == "雹灾"


def test_a_new_column_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    line = ((frozenset({"hazard", "receptor"}),), "share")
    monkeypatch.setattr(names, "_MEASURES", {**names._MEASURES, "dry_share": line})
    assert Measure("dry_share", "flood", "roads").key == "flood_roads_dry_share"
    assert column_of("flood", "roads", "dry_share").units == "1"


# Nothing else spells a name ------------------------------------------------------------------------------------------

_ENDING = r"(hazard|risk|exposed_hazard)_(index|grade)|(vulnerability|exposure)_index|eal|max_grade|none_share"
# What follows a value in an f-string: `{hazard}_hazard_index`, `{stem}_grade`, `{name}_T`.
_FOLLOWS = re.compile(rf"^_(({_ENDING}|index|grade|hazard|risk)(_|$)|T$)")
# A whole key: `flood_risk_index`, `multi_eal`.
_WHOLE = re.compile(rf"^({'|'.join([*HAZARDS, MULTI])})_(\w+_)?({_ENDING})$")
# What may be cut off or looked for: `_index`, `_risk_grade`, `_T`.
_CUT = re.compile(rf"^_({_ENDING}|index|grade|T)$")
_CUTTING = {"endswith", "startswith", "removesuffix", "removeprefix", "split", "rsplit", "partition", "rpartition"}


def _texts(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _spelled(source: str) -> list[str]:
    """The places of a module where a name of a layer or column is put together or taken apart."""
    places = []
    tree = ast.parse(source)
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            pairs = zip(node.values, node.values[1:], strict=False)
            after = [b.value for a, b in pairs if isinstance(a, ast.FormattedValue) and isinstance(b, ast.Constant)]
            places += [f"{node.lineno}: {ast.unparse(node)}" for text in after if _FOLLOWS.match(str(text))]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CUTTING:
            if any(_CUT.match(text) for argument in node.args for text in _texts(argument)):
                places.append(f"{node.lineno}: {ast.unparse(node)}")
        elif isinstance(node, ast.Constant) and id(node) not in docs and _WHOLE.match(str(node.value)):
            places.append(f"{node.lineno}: {node.value}")
    return places


@pytest.mark.parametrize(
    ("source", "spells"),
    [
        ('f"{hazard}_hazard_index"', True),
        ('f"{hazard}_{what}_index"', True),
        ('f"{stem}_grade"', True),
        ('f"{hazard}_eal"', True),
        ('f"{prefix}_T{period:g}"', True),
        ('f"multi_{what}_index"', True),
        ('name.removesuffix("_index")', True),
        ('name.endswith(("_hazard_index", "_risk_index"))', True),
        ('name.rsplit("_T", 1)', True),
        ('frame["multi_risk_index"]', True),
        ('frame["flood_roads_risk_grade"]', True),
        ('found["hazard_index"]', False),
        ('describe(layer, quantity="risk_index")', False),
        ('f"pga_T{period:05d}.tif"', False),
        ('f"{name}_indexed"', False),
        ('text.endswith("grade is missing")', False),
        ('index.key, f"{index.stem}_{level}"', False),
    ],
)
def test_a_spelling_is_told_from_other_words(source: str, spells: bool) -> None:
    assert bool(_spelled(f"x = {source}")) is spells


def test_nothing_else_spells_or_reads_a_name() -> None:
    places = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        where = path.relative_to(PACKAGE).as_posix()
        if where != "names.py":
            places[where] = _spelled(path.read_text(encoding="utf-8"))
    wrong = {where: spelled for where, spelled in places.items() if spelled}
    assert not wrong, f"names of layers and columns are spelled only by riskzoning.names: {wrong}"


def test_the_page_is_told_the_names_of_its_columns() -> None:
    # A script that puts a name together: `key + "_grade"`, `${hazard}_risk_index`.
    joined = re.compile(rf"""[+]\s*["'`]_({_ENDING}|index|grade)\b|\}}_({_ENDING}|index|grade)\b""")
    assert joined.search('values[key + "_grade"]')
    assert joined.search("`${hazard}_risk_index`")
    for path in sorted((PACKAGE / "webmap").rglob("*.js")):
        assert not joined.search(path.read_text(encoding="utf-8")), path.name
