"""Places for databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import Place


@pytest.fixture(params=["geopackage"])
def place(tmp_path: Path) -> Place:
    """A place for a database, empty."""
    return Place(str(tmp_path / "city.gpkg"))
