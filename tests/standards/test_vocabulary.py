"""The vocabulary of quantities and the table of units."""

from __future__ import annotations

import pytest

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, StandardTableError, UnitsError


@pytest.mark.parametrize(
    ("value", "units", "quantity", "expected"),
    [
        (150.0, "cm", "flood_depth", 1.5),
        (980.665, "gal", "pga", 1.0),
        (9.80665, "m/s2", "pga", 1.0),
        (273.15, "K", "temperature", 0.0),
        (36.0, "km/h", "wind_speed", 10.0),
        (15.0, "亩", "cropland", 1.0),
        (1.0, "万元", "gdp", 10000.0),
        (1.0, "亿元", "gdp", 1e8),
        (25.0, "0.1 mm", "precipitation", 2.5),
    ],
)
def test_declared_units_become_those_of_the_quantity(value: float, units: str, quantity: str, expected: float) -> None:
    assert standards.convert_units(value, units, quantity, thing="x") == pytest.approx(expected, rel=1e-12)


def test_units_that_do_not_fit_are_refused_with_the_known_ones() -> None:
    with pytest.raises(UnitsError) as error:
        standards.convert_units(1.0, "kg", "flood_depth", thing=Phrase("layer", name="x"))
    (problem,) = error.value.problems
    assert (problem.rule, problem.file) == ("standards.units", "layer 'x'")
    values = dict(problem.values)
    assert (values["units"], values["wanted"], values["quantity"]) == ("kg", "m", "flood_depth")
    assert "cm" in values["known"]


def test_a_typo_in_a_quantity_gets_a_suggestion() -> None:
    with pytest.raises(StandardTableError) as error:
        standards.quantity("flod_depth")
    (problem,) = error.value.problems
    assert problem.rule == "standards.quantity"
    assert "did you mean flood_depth" in problem.text("en")
    assert "flood_depth" in problem.text("zh")


def test_every_quantity_parses() -> None:
    for name in standards.table("quantities").data:
        quantity = standards.quantity(name)
        assert quantity.kind in ("count", "intensity", "density", "index", "class", "distance", "direction"), name
        assert quantity.zh, name
        assert quantity.en, name


def test_the_palest_colour_is_left_for_no_hazard_only_where_another_is_at_hand() -> None:
    ramp = standards.table("palettes/grades").data["flood"]
    assert standards.palette_colours("flood", 4) == [ramp[0], ramp[1], ramp[3], ramp[4]]
    assert standards.palette_colours("flood", 4, zero=True) == ramp[1:]
    assert standards.palette_colours("flood", 5, zero=True) == ramp
    assert standards.palette_colours("risk_5", 4, zero=True)[0] == standards.table("palettes/grades").data["risk_5"][0]


@pytest.mark.parametrize(("palette", "k", "rule"), [("rainbow", 3, "maps.palette"), ("flood", 6, "maps.palette_short")])
def test_palettes_that_are_not_there_or_too_short_are_refused(palette: str, k: int, rule: str) -> None:
    with pytest.raises(LayerError) as refused:
        standards.palette_colours(palette, k)
    assert refused.value.problems[0].rule == rule
