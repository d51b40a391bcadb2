from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest

from riskzoning import hazards
from riskzoning.errors import LayerError
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.registry import Registry


def test_keys_come_in_a_fixed_order_and_are_found() -> None:
    assert next(iter(HAZARDS)) == "earthquake"
    assert len(HAZARDS) == len(list(HAZARDS))
    assert "flood" in HAZARDS
    assert "hail" not in HAZARDS
    assert HAZARDS["flood"] is HAZARDS["flood"]
    assert "flood" in repr(HAZARDS)


def test_unknown_key_lists_the_known_ones_and_get_gives_none() -> None:
    with pytest.raises(KeyError, match="expected one of earthquake"):
        HAZARDS["hail"]
    assert HAZARDS.get("hail") is None


def test_listing_the_keys_imports_no_hazard() -> None:
    code = (
        "import sys; from riskzoning.hazards import HAZARDS; list(HAZARDS);"
        "print([name for name in sys.modules if name.startswith('riskzoning.hazards.')])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "['riskzoning.hazards.registry']"


def test_modules_are_attributes() -> None:
    assert hazards.flood.composite_risk is not None
    with pytest.raises(AttributeError, match="hail"):
        _ = hazards.hail


def test_a_hazard_of_ones_own_joins_once() -> None:
    registry = Registry({"flood": "flood"})
    own = dataclasses.replace(HAZARDS["flood"], name="dam_break")
    registry.add(own)
    assert list(registry) == ["flood", "dam_break"]
    assert registry["dam_break"] is own
    assert len(registry) == 2
    with pytest.raises(LayerError, match="is registered already"):
        registry.add(own)


def test_a_hazard_without_file_is_not_offered() -> None:
    assert list(Registry({"flood": "flood", "avalanche": "no_such_module"})) == ["flood"]
