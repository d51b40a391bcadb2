"""The modules of the package are found by name and loaded on first use."""

from __future__ import annotations

import subprocess
import sys

import pytest

import riskzoning.methods


def test_modules_are_listed_and_found():
    assert "classification" in dir(riskzoning.methods)
    assert riskzoning.methods.weights.ahp([[1]]).consistent
    with pytest.raises(AttributeError, match="nothing"):
        riskzoning.methods.nothing  # noqa: B018


def test_importing_the_package_loads_no_module_of_it():
    code = "import sys, riskzoning.methods; print([m for m in sys.modules if m.startswith('riskzoning.methods.')])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
