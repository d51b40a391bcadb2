"""The equations of a day are taken only from an xclim that has exactly these; others go the public way."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from xclim.indices import fire

from riskzoning.hazards.forest_fire.equations import day_equations


def known() -> dict[str, Any]:
    """What the oldest and the newest xclim have in common, as far as the adapter looks."""
    return {
        "_fine_fuel_moisture_code": lambda t, p, w, h, ffmc0: 1,
        "_duff_moisture_code": lambda t, p, h, mth, lat, dmc0: 2,
        "_drought_code": lambda t, p, mth, lat, dc0: 3,
    }


def with_module(monkeypatch: pytest.MonkeyPatch, content: dict[str, Any]) -> str:
    module = ModuleType("an_xclim")
    module.__dict__.update(content)
    monkeypatch.setitem(sys.modules, "an_xclim", module)
    return "an_xclim"


def test_the_installed_xclim_has_them_and_the_public_parts() -> None:
    equations = day_equations()
    assert equations is not None
    ffmc = equations.ffmc(np.array([17.0]), np.array([0.0]), np.array([25.0]), np.array([42.0]), np.array([85.0]))
    assert ffmc[0] == pytest.approx(87.692980092774448)
    for name in ("fire_weather_ufunc", "initial_spread_index", "build_up_index", "daily_severity_rating"):
        assert callable(getattr(fire, name))


def test_what_was_compiled_is_kept_for_the_next_run() -> None:
    equations = day_equations()
    assert equations is not None
    assert all(type(one._dispatcher.cache).__name__ == "FunctionCache" for one in equations)  # type: ignore[attr-defined]


def test_equations_with_the_known_names_and_arguments_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    equations = day_equations(with_module(monkeypatch, known()))
    assert equations is not None
    assert equations.dc(0, 0, 0, 0, 0) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"_drought_code": None},
        {"_drought_code": lambda t, p, mth, dc0: 3},
        {"_fine_fuel_moisture_code": lambda t, p, h, w, ffmc0: 1},
        {"_duff_moisture_code": SimpleNamespace()},
    ],
)
def test_other_equations_are_not(monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]) -> None:
    assert day_equations(with_module(monkeypatch, known() | changes)) is None


def test_a_version_without_the_module_has_none() -> None:
    assert day_equations("xclim.indices.fire._no_such_module") is None
