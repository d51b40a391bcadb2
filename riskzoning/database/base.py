"""What GeoPackage and PostGIS have in common: writing, reading, queries, verification."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import pandas as pd

from riskzoning.database.naming import form_table, run_table
from riskzoning.database.plan import Load, Loaded, Transaction, load_of
from riskzoning.errors import Phrase, Problem, TargetError
from riskzoning.results import StudyResult

if TYPE_CHECKING:
    from riskzoning.database.versions import Comparison


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
        >>> from dataclasses import replace
        >>> from riskzoning.database import toy_database
        >>> from riskzoning.samples import toy_result
        >>> first = toy_result()
        >>> with toy_database() as database:
        ...     database.write(replace(first, record={**first.record, "run_id": "second"}))
        ...     database.read("meta_run")["run_id"].tolist()
        ['toy', 'second']
        """
        self._bring(load_of(result))

    def check(self) -> None:
        """Whether a load would be taken: rights, what lies there, what is locked; nothing is changed.

        Raises
        ------
        TargetError
            Something else lies there.
        DatabaseError
            Everything else that would make a load fail.

        Examples
        --------
        >>> from riskzoning.database import open_database
        >>> open_database("no-such.gpkg").check()
        """

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
        >>> from riskzoning.database import toy_database
        >>> with toy_database() as database:
        ...     len(database.read("meta_run"))
        1
        """
        known = self.tables()
        for name in (table, form_table(table), run_table(table)) if table else ():
            if name in known:
                return self._read(name)
        raise TargetError(Problem("database.table", self._table(table), known=known))

    def query(
        self, table: str, *, region: str | None = None, run: str | None = None, **equal: str | float
    ) -> pd.DataFrame:
        """Rows of a table, by region (a code: the unit and everything below it) and by equal values.

        Parameters
        ----------
        table : str
            A table, also by its name in ``tables/*.csv`` or by that of its survey form.
        region : str, optional
            Code of a unit.
        run : str, optional
            What held after that run, or ``all`` for every row that is kept. Without it: what holds now, that is the
            newest run of each study and the present version of each survey record.
        **equal
            Columns and their values.

        Raises
        ------
        DatabaseError
            There is no such table, column or run.

        Examples
        --------
        >>> from riskzoning.database import toy_database
        >>> with toy_database() as database:
        ...     len(database.query("base_admin", level="city"))
        1
        """
        from riskzoning.database import querying

        if run not in (None, "all"):
            self._known_run(str(run))
        return querying.selected(self, table, region, run, equal)

    def load(self, source: str | Path) -> Loaded:
        """Load the run in a folder of results, as ``riskzoning db load`` does: from the GeoPackage that it has left.

        Raises
        ------
        DatabaseError
            The folder has no database, or this one cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> from riskzoning.database import open_database
        >>> from riskzoning.samples import toy_result
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     open_database(Path(folder) / "database.gpkg").write(toy_result())
        ...     open_database(Path(folder) / "all.gpkg").load(folder).rows["unit_county"]
        2
        """
        from riskzoning.database.transfer import newest_load

        what = newest_load(source)
        return self._bring(what)

    def rollback(self, run_id: str) -> None:
        """Undo the newest load of a study: its rows go, and what it replaced holds again.

        Raises
        ------
        DatabaseError
            The run is not there, or a newer run of its study is.

        Examples
        --------
        >>> from riskzoning.database import toy_database
        >>> with toy_database() as database:
        ...     database.rollback("toy")
        ...     len(database.read("meta_run"))
        0
        """
        from riskzoning.database import loading, versions

        self._known_run(run_id)
        with self.begin() as transaction:
            schema = loading.opened_schema(transaction)
            versions.take_back(transaction, schema, run_id, self.shown)

    def compare(self, form: str, run_a: str, run_b: str) -> Comparison:
        """What differs in a survey form, or in a table of results with a key, between two runs.

        Parameters
        ----------
        form : str
            A form (``shelter``) or a table of the database (``risk_unit``).
        run_a, run_b : str
            The earlier run and the later one.

        Returns
        -------
        Comparison
            ``added``, ``changed`` (key, field, before, after) and ``removed``.

        Raises
        ------
        DatabaseError
            A run or the table is not there, or the table has no key.

        Examples
        --------
        >>> from dataclasses import replace
        >>> from riskzoning.database import toy_database
        >>> from riskzoning.samples import toy_result
        >>> first = toy_result()
        >>> table = first.unit_table.assign(value=first.unit_table["value"].where(first.unit_table.index > 0, 0.5))
        >>> second = replace(first, unit_table=table, record={**first.record, "run_id": "second"})
        >>> with toy_database() as database:
        ...     database.write(second)
        ...     database.compare("risk_unit", "toy", "second").changed[["code", "field", "after"]].values.tolist()
        [['990100', 'value', 0.5]]
        """
        from riskzoning.database import loading, querying, versions

        for run_id in (run_a, run_b):
            self._known_run(run_id)
        with self.reading() as transaction:
            schema = loading.read_schema(transaction)
            name = querying.table_name(transaction, form, self._table(form))
            table = schema.stored(name, transaction.columns(name))
            if not table.info["unique"]:
                raise TargetError(Problem("database.no_key", self._table(name)))
            every = {row.run_id: row for row in versions.loads(transaction, schema)}
            before, after = (
                transaction.rows(table, versions.state_of(table, schema, every[run])) for run in (run_a, run_b)
            )
            return versions.compared(table, before, after)

    def views(self, region: str) -> list[str]:
        """Make a view ``v_TABLE_REGION`` of every table with codes: what holds now in a unit and below it.

        Views of ours that are stale go; those of others, and their names, stay.

        Parameters
        ----------
        region : str
            Code of a unit of the database, of a county as a rule.

        Returns
        -------
        list of str
            Names of the views.

        Raises
        ------
        DatabaseError
            There is no such unit, or a table of somebody else has the name of a view.

        Examples
        --------
        >>> from riskzoning.database import toy_database
        >>> with toy_database() as database:
        ...     database.views("990101")[:2]
        ['v_base_admin_990101', 'v_risk_unit_990101']
        """
        from riskzoning.database.views import make_views

        if not self.tables():
            raise TargetError(Problem("database.region", Phrase("database_region", region=region, database=self.shown)))
        with self.begin() as transaction:
            return make_views(transaction, region)

    def export(
        self, path: str | Path, tables: str | Sequence[str] = (), *, region: str | None = None, run: str | None = None
    ) -> dict[str, int]:
        """Write tables or layers as they hold now into a file: ``.csv .xlsx .gpkg .geojson``.

        Parameters
        ----------
        path : path
            Its ending says the format. CSV and GeoJSON take one table; GeoJSON is in degrees of WGS 84.
        tables : str or sequence of str
            As in :meth:`query`; without any: all.
        region, run : str, optional
            As in :meth:`query`.

        Returns
        -------
        dict
            Rows by table.

        Raises
        ------
        DatabaseError
            Unknown ending, table, run; several tables for one file; no shapes for GeoJSON.

        Examples
        --------
        >>> from riskzoning.database import toy_database
        >>> with toy_database() as database:
        ...     database.export(database.path.with_name("risk.csv"), "risk_unit", region="990101")
        {'risk_unit': 12}
        """
        from riskzoning.database.exporting import exported

        return exported(self, Path(path), [tables] if isinstance(tables, str) else list(tables), region, run)

    def _known_run(self, run_id: str) -> None:
        known = [] if "meta_run" not in self.tables() else [str(run) for run in self._read("meta_run")["run_id"]]
        if run_id not in known:
            thing = Phrase("database_run", run=run_id, database=self.shown)
            raise TargetError(Problem("database.run", thing, known=known))

    def _table(self, name: str) -> Phrase:
        return Phrase("database_table", name=name, database=self.shown)

    def verify(self) -> list[Problem]:
        """What is wrong inside: keys, rules of rows, references, codes, and values that their stored parts contradict.

        Grades are computed again from the breaks, all hazards together from the hazards and their weights, units from
        those below them, layers of units from the tidy table, totals and shares from their parts.

        Examples
        --------
        >>> from riskzoning.database import toy_database
        >>> with toy_database() as database:
        ...     database.verify()
        []
        """
        if not self.tables():
            return [Problem("database.tables", self.shown, missing=["base_admin", "risk_unit", "meta_run"])]
        from riskzoning.database.verifying import verified

        with self.reading() as transaction:
            return verified(transaction, self.shown)

    def begin(self) -> AbstractContextManager[Transaction]:
        """A transaction that writes, whole or not at all."""
        raise NotImplementedError

    def reading(self) -> AbstractContextManager[Transaction]:
        """A transaction that only reads."""
        raise NotImplementedError

    def _bring(self, what: Load) -> Loaded:
        from riskzoning.database import loading

        return loading.load(self, what)

    def _read(self, table: str) -> pd.DataFrame:
        raise NotImplementedError
