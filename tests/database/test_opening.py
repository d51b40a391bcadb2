"""What a database is opened by."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskzoning.database import open_database
from riskzoning.errors import DatabaseError


def test_wrong_targets_are_told_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="neither the path of a GeoPackage nor"):
        open_database("city.txt")
    with pytest.raises(DatabaseError) as caught:
        open_database("postgresql://me:secret@127.0.0.1:1/none")
    assert "secret" not in str(caught.value)
    with pytest.raises(DatabaseError, match=r"table 'x' of .* does not exist"):
        open_database(tmp_path / "no.gpkg").read("x")
