"""Places for databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import Place


@pytest.fixture(params=["geopackage", pytest.param("postgis", marks=pytest.mark.postgis)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place for a database, empty: a file, and a schema of a server."""
    if request.param == "geopackage":
        return Place(str(tmp_path / "city.gpkg"))
    return Place(f"{request.getfixturevalue('postgis')}?schema=risk")
