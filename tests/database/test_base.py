"""What every database answers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from riskzoning.database import open_database

from . import written


def test_verify_finds_double_and_unknown_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = written(open_database(tmp_path / "city.gpkg"))
    tidy = database.read("risk_unit")
    spoiled = pd.concat([tidy, tidy.iloc[[0]], tidy.iloc[[1]].assign(code="1")])
    original = database._read
    monkeypatch.setattr(database, "_read", lambda name: spoiled if name == "risk_unit" else original(name))
    assert {problem.rule for problem in database.verify()} == {"database.key", "database.code"}
