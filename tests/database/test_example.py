"""The database to try things on."""

from __future__ import annotations

from riskzoning.database import toy_database


def test_it_is_whole_and_gone_afterwards() -> None:
    with toy_database() as database:
        assert database.verify() == []
        path = database.path  # type: ignore[attr-defined]
        assert path.is_file()
    assert not path.parent.exists()
