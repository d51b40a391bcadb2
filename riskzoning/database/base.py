"""What GeoPackage and PostGIS have in common: writing, reading, queries, verification."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

import pandas as pd

from riskzoning.database.runs import run_tables
from riskzoning.errors import DatabaseError, Phrase, Problem
from riskzoning.results import StudyResult, level_order


class Database:
    """What GeoPackage and PostGIS have in common; made by :func:`open_database`.

    Examples
    --------
    >>> from riskzoning.database import open_database
    >>> with open_database("city.gpkg") as database:
    ...     database.kind
    'geopackage'
    """

    kind = ""
    shown = ""

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection.

        Examples
        --------
        >>> from riskzoning.database import open_database
        >>> database = open_database("no-such.gpkg")
        >>> database.close()
        >>> database.kind
        'geopackage'
        """

    def write(self, result: StudyResult) -> None:
        """Write a run, whole or not at all; a run that is there already is replaced.

        Raises
        ------
        DatabaseError
            The target cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> from riskzoning.database import open_database
        >>> from riskzoning.samples import toy_result
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     database = open_database(Path(folder) / "city.gpkg")
        ...     database.write(toy_result())
        ...     "risk_unit" in database.tables()
        True
        """
        self._refuse_foreign(result.code, result.levels)
        self._write(run_tables(result))

    def _refuse_foreign(self, code: str, levels: Sequence[str]) -> None:
        """Whatever lies in the target and is not an earlier run of this study stays as it is."""
        present = self.tables()
        if "meta_run" in present:
            others = sorted(set(self._read("meta_run")["code"].astype(str)) - {code})
            if others:
                raise DatabaseError(Problem("database.other_study", self.shown, others=others, code=code))
            return
        own = {"base_admin", "risk_unit", *(f"unit_{level}" for level in levels)}
        strange = present if self.kind == "geopackage" else sorted(set(present) & own)
        if strange:
            raise DatabaseError(Problem("database.foreign", self.shown, tables=strange, code=code))

    def tables(self) -> list[str]:
        """Names of the tables and layers that are there.

        Examples
        --------
        >>> from riskzoning.database import open_database
        >>> open_database("no-such.gpkg").tables()
        []
        """
        raise NotImplementedError

    def read(self, table: str) -> pd.DataFrame:
        """A table or layer, with geometry where it has one.

        Raises
        ------
        DatabaseError
            There is no such table.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> from riskzoning.database import open_database
        >>> from riskzoning.samples import toy_result
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     database = open_database(Path(folder) / "city.gpkg")
        ...     database.write(toy_result())
        ...     len(database.read("meta_run"))
        1
        """
        known = self.tables()
        if table not in known:
            raise DatabaseError(Problem("database.table", self._table(table), known=known))
        return self._read(table)

    def query(self, table: str, *, region: str | None = None, **equal: str | float) -> pd.DataFrame:
        """Rows of a table, by region (a code: the unit and everything below it) and by equal values.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> from riskzoning.database import open_database
        >>> from riskzoning.samples import toy_result
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     database = open_database(Path(folder) / "city.gpkg")
        ...     database.write(toy_result())
        ...     len(database.query("base_admin", level="city"))
        1
        """
        frame = self.read(table)
        unknown = [column for column in equal if column not in frame.columns]
        if unknown:
            known = [str(column) for column in frame.columns]
            raise DatabaseError(Problem("database.column", self._table(table), columns=unknown, known=known))
        for column, value in equal.items():
            frame = frame[frame[column] == value]
        if region is not None and "code" in frame.columns:
            frame = frame[frame["code"].isin(self._below(region))]
        return frame

    def _below(self, region: str) -> set[str]:
        admin = self._read("base_admin")
        below, layer = {region}, {region}
        while layer:
            layer = set(admin.loc[admin["parent"].isin(layer), "code"]) - below
            below |= layer
        return below

    def _table(self, name: str) -> Phrase:
        return Phrase("database_table", name=name, database=self.shown)

    def verify(self) -> list[Problem]:
        """Problems of the content: double keys, units without parent, unit tables that disagree with ``risk_unit``.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> from riskzoning.database import open_database
        >>> from riskzoning.samples import toy_result
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     database = open_database(Path(folder) / "city.gpkg")
        ...     database.write(toy_result())
        ...     database.verify()
        []
        """
        problems: list[Problem] = []
        known = self.tables()
        missing = [name for name in ("base_admin", "risk_unit", "meta_run") if name not in known]
        if missing:
            return [Problem("database.tables", self.shown, missing=missing)]
        admin, tidy = self._read("base_admin"), self._read("risk_unit")
        keys = {
            "base_admin": (admin, ["code"]),
            "risk_unit": (tidy, ["code", "level", "hazard", "receptor", "indicator"]),
        }
        for name, (frame, columns) in keys.items():
            double = int(frame.duplicated(columns).sum())
            if double:
                problems.append(Problem("database.key", self._table(name), count=double, key=columns))
        codes = set(admin["code"])
        # The coarsest level has its parent outside the study.
        coarsest = level_order(admin.drop_duplicates("code").set_index("code"))[0]
        inner = admin[admin["level"] != coarsest]
        lost = sorted(inner.loc[~inner["parent"].isin(codes), "code"])
        if lost:
            problems.append(Problem("database.parent", self._table("base_admin"), count=len(lost), codes=lost))
        unknown = sorted(set(tidy["code"]) - codes)
        if unknown:
            problems.append(Problem("database.code", self._table("risk_unit"), count=len(unknown), codes=unknown))
        return problems

    def _write(self, tables: dict[str, pd.DataFrame]) -> None:
        raise NotImplementedError

    def _read(self, table: str) -> pd.DataFrame:
        raise NotImplementedError
