"""Tables of standards: provenance, replacement, units."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskzoning import standards
from riskzoning.errors import StandardTableError, UnitsError


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
    with pytest.raises(UnitsError, match="layer 'x' has units 'kg'; quantity 'flood_depth' needs 'm'"):
        standards.convert_units(1.0, "kg", "flood_depth", thing="layer 'x'")


def test_a_typo_in_a_quantity_gets_a_suggestion() -> None:
    with pytest.raises(StandardTableError, match="flood_depth"):
        standards.quantity("flod_depth")


def test_session_replaces_a_table_and_notes_what_was_used(tmp_path: Path) -> None:
    own = tmp_path / "palette.yml"
    own.write_text(
        "title: own\nsource: city\nstatus: official\nverified: true\ndata: {no_data: '#000000'}\n", encoding="utf-8"
    )
    with standards.session({"palettes/grades": own}) as opened:
        assert standards.table("palettes/grades").data["no_data"] == "#000000"
        standards.table("units")
        used = opened.used
    assert used["palettes/grades"].provenance()["replaced_by"] == str(own)
    assert "units" in used
    assert standards.table("palettes/grades").data["no_data"] == "#CCCCCC"


def test_session_refuses_unknown_tables_and_broken_files(tmp_path: Path) -> None:
    with pytest.raises(StandardTableError, match="'no/such' does not exist"), standards.session({"no/such": tmp_path}):
        pass
    broken = tmp_path / "broken.yml"
    broken.write_text("title: x\n", encoding="utf-8")
    with standards.session({"palettes/grades": broken}), pytest.raises(StandardTableError, match="has no key 'data'"):
        standards.table("palettes/grades")


def test_every_quantity_parses() -> None:
    for name in standards.table("quantities").data:
        found = standards.quantity(name)
        assert found.kind in ("count", "intensity", "density", "index", "class", "distance", "direction"), name
        assert found.zh, name
        assert found.en, name


def test_a_replacement_that_says_nothing_of_its_source_counts_as_unverified_and_of_the_project() -> None:
    with standards.session({"weights/hazards": {"flood": 1.0}}):
        found = standards.provenance("weights/hazards")
    assert (found["verified"], found["status"]) == (False, "project_default")
    assert found["replaced_by"] == "study.yaml (inline)"
