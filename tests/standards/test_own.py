"""What hazards of a study's own add to the tables, in a session and without one."""

from __future__ import annotations

import pytest

from riskzoning import standards
from riskzoning.standards.own import additions, own_hazards, palette_of

SURGE = {
    "name": {"zh": "风暴潮", "en": "Storm surge"}, "quantity": "surge_height_of_test", "own_quantity": True,
    "units": "m", "colour": "#2E7EBC", "range": [0, 9],
}  # fmt: skip


def test_a_session_knows_its_own_hazards_and_others_do_not() -> None:
    with standards.session({standards.OWN_TABLE: {"data": {"surge_of_test": SURGE}}}):
        assert standards.quantity("surge_height_of_test").hard == (0.0, 9.0)
        assert len(standards.palette_colours("surge_of_test", 4, zero=True)) == 4
        assert standards.names("hazard", "surge_of_test", "zh") == "风暴潮"
    with standards.session(), pytest.raises(standards.tables.StandardTableError):
        standards.quantity("surge_height_of_test")


def test_shipped_entries_win() -> None:
    with standards.session({standards.OWN_TABLE: {"data": {"flood": SURGE}}}):
        assert standards.names("hazard", "flood", "en") != "Storm surge"
        assert (
            standards.table("palettes/grades").data["flood"] == standards.shipped_table("palettes/grades").data["flood"]
        )


def test_one_colour_makes_a_ramp_from_pale_to_dark() -> None:
    ramp = palette_of(SURGE)
    assert ramp[3] == "#2E7EBC"
    brightness = [sum(int(colour[at : at + 2], 16) for at in (1, 3, 5)) for colour in ramp]
    assert brightness == sorted(brightness, reverse=True)
    assert palette_of({"palette": ["#000000"] * 5}) == ["#000000"] * 5


def test_a_quantity_of_the_vocabulary_is_not_added() -> None:
    assert additions("quantities", {"x": {**SURGE, "own_quantity": False}}) == {}
    assert own_hazards({}) == {}
