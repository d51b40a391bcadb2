"""A small database to try things on."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from riskzoning.database.base import Database
from riskzoning.database.opening import open_database


@contextmanager
def toy_database() -> Iterator[Database]:
    """A GeoPackage with the run ``toy`` of a made-up city; it is gone when the block ends.

    Examples
    --------
    >>> with toy_database() as database:
    ...     database.query("base_admin", level="county")["code"].tolist()
    ['990101', '990102']
    """
    from riskzoning.samples import toy_result

    with tempfile.TemporaryDirectory() as folder, open_database(Path(folder) / "city.gpkg") as database:
        database.write(toy_result())
        yield database
