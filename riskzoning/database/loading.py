"""A load, for every server alike: rows that keep the rules, what has changed, versions; whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import sqlalchemy as sa
from pyproj import CRS

from riskzoning.database import migrations, versions
from riskzoning.database.codes import codes_of, lost_codes, study_prefix, unit_columns, with_statistical_units
from riskzoning.database.frames import Columns, Mask, same, set_aside, typed, unfit
from riskzoning.database.plan import Load, Loaded, Server, Transaction, first_row
from riskzoning.database.records import Records
from riskzoning.database.schema import Schema
from riskzoning.errors import Problem, TargetError

BASE = ("meta_schema", "meta_table", "meta_run", "meta_load", "base_admin", "meta_unit_past")


def load(server: Server, what: Load) -> Loaded:
    """Bring a run into a database: whole or not at all, and nothing when it is there already."""
    with server.begin() as transaction:
        return _Loading.prepared(transaction, what).done()


def read_schema(transaction: Transaction) -> Schema:
    """The schema of a database as it is there."""
    stored = transaction.connection.execute(sa.text("SELECT crs FROM meta_schema")).scalar_one()
    return Schema(CRS.from_user_input(stored))


def opened_schema(transaction: Transaction, crs: CRS | None = None) -> Schema:
    """The schema of a database, made in an empty one, brought to the present version in an older one."""
    tables = transaction.tables()
    if "meta_schema" not in tables:
        earlier = migrations.unnumbered(transaction) if "meta_run" in tables else None
        crs = crs or CRS.from_epsg(4490)
        schema = Schema(crs)
        for name in BASE:
            transaction.create(schema[name])
        for name in BASE:
            enter(transaction, schema, schema[name])
        facts = pd.DataFrame([{"version": schema.version, "crs": crs.to_string()}])
        transaction.insert(schema["meta_schema"], typed(facts, schema["meta_schema"]))
        transaction.changed = True
        for load_before in earlier or ():
            _Loading(transaction, schema, crs, load_before).done()
        return schema
    version, stored = transaction.connection.execute(sa.text("SELECT version, crs FROM meta_schema")).one()
    schema = Schema(CRS.from_user_input(stored))
    migrations.run(transaction, schema, int(version))
    return schema


@dataclass
class _Loading:
    """A load while it runs."""

    transaction: Transaction
    schema: Schema
    crs: CRS
    what: Load
    rejected: list[pd.DataFrame] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)

    @classmethod
    def prepared(cls, transaction: Transaction, what: Load) -> _Loading:
        transaction.day = what.day
        schema = opened_schema(transaction, what.crs)
        return cls(transaction, schema, schema.crs, what)

    def done(self) -> Loaded:
        new, records = self._fit()
        strange = sorted((set(new) | set(records)) & self.transaction.tables() - self._ours() - set(BASE))
        if strange:
            raise TargetError(Problem("database.foreign", self.transaction.shown, tables=strange))
        changes = versions.changes_of(self.transaction, self.schema, self.what, records)
        last = versions.last_load(self.transaction, self.schema, self.what.study)
        again = last is not None and last.run_id == self.what.run_id
        stale = [name for name, frame in new.items() if not self._is_there(name, frame)]
        gone = self._gone(new)
        if again and not changes and not stale and not gone and self._run_is_there():
            return Loaded(None, rejected=sum(map(len, self.rejected)))
        self.transaction.changed = True
        if last is not None and again:
            versions.undo(self.transaction, self.schema, last, keep_run=True)
            changes = versions.changes_of(self.transaction, self.schema, self.what, records)
        number = versions.next_number(self.transaction, self.schema)
        self._write_run(number)
        self._write_tables(new, stale, gone)
        for change in changes:
            self._ready(change.table, change.opened)
            change.write(self.transaction, number, self.what)
            self.rows[change.table.name] = len(change.opened)
        return Loaded(number, self.rows, sum(map(len, self.rejected)))

    def _fit(self) -> tuple[dict[str, pd.DataFrame], dict[str, Records]]:
        """Typed frames, and records of forms, of rows that keep the rules; the others are for ``qc_rejected``."""
        raw = dict(self.what.tables)
        earlier = raw.pop("qc_rejected", None)
        frames: dict[str, pd.DataFrame] = {}
        for name, frame in raw.items():
            if name != "base_admin":
                frame = frame.assign(run_id=self.what.run_id)
            table = self.schema.for_frame(name, frame)
            good = typed(frame, table, self.crs)
            frames[name] = self._kept(name, good, unfit(good, table))
        records: dict[str, Records] = {}
        for name, frame in self.what.surveys.items():
            rows = Records(frame, self.schema.for_frame(name, frame), self.crs)
            records[name] = self._accepted(rows, rows.unfit())
        every: dict[str, Columns] = {**frames, **records}
        prefix = study_prefix(self.what.study) if self.what.coded else None
        columns = {name: unit_columns(self.schema[name]) for name in every}
        used = set().union(*(codes_of(rows, columns[name]) for name, rows in every.items()))
        frames["base_admin"] = with_statistical_units(frames["base_admin"], used, prefix, self.what.study)
        known = set(frames["base_admin"]["code"])
        frames = {name: self._kept(name, one, lost_codes(one, columns[name], known)) for name, one in frames.items()}
        records = {name: self._accepted(rows, lost_codes(rows, columns[name], known)) for name, rows in records.items()}
        frames["base_admin"] = frames["base_admin"].assign(run_id=self.what.run_id)
        refused = [part for part in (earlier, *self.rejected) if part is not None and len(part)]
        if refused:
            gone = pd.concat([part.astype(object) for part in refused], ignore_index=True)
            frames["qc_rejected"] = typed(gone.assign(run_id=self.what.run_id), self.schema["qc_rejected"])
        return frames, records

    def _kept(self, name: str, frame: pd.DataFrame, broken: dict[str, Mask]) -> pd.DataFrame:
        parted = set_aside(frame, self.schema[name], broken)
        if len(parted.rejected):
            self.rejected.append(parted.rejected)
        return parted.rows

    def _accepted(self, rows: Records, broken: dict[str, Mask]) -> Records:
        kept, rejected = rows.parted(broken)
        if len(rejected):
            self.rejected.append(rejected)
        return kept

    def _run_is_there(self) -> bool:
        table = self.schema["meta_run"]
        stored = self.transaction.rows(table, table.c.run_id == self.what.run_id)
        return len(stored) == 1 and bool(same(self._run_row(), stored).all())

    def _run_row(self) -> pd.DataFrame:
        return typed(pd.DataFrame([self.what.run]), self.schema["meta_run"])

    def _of_run(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """The rows of a table that the load replaces: of this run, for tables of units those of the study."""
        if table.info["per"] == "unit":
            runs = sa.select(self.schema["meta_run"].c.run_id).where(self.schema["meta_run"].c.code == self.what.study)
            return table.c.run_id.in_(runs)
        return table.c.run_id == self.what.run_id

    def _is_there(self, name: str, frame: pd.DataFrame) -> bool:
        if name not in self.transaction.tables():
            return not len(frame)
        if not set(frame.columns) <= set(self.transaction.columns(name)):
            return False
        table = self._stored(name)
        stored = self.transaction.rows(table, self._of_run(table))
        return len(stored) == len(frame) and bool(same(frame, stored).all())

    def _gone(self, new: Mapping[str, pd.DataFrame]) -> list[str]:
        """Tables of ours with rows of this run that it does not bring any more."""
        out = []
        for name in sorted(self._ours() - set(new) - set(BASE)):
            table = self._stored(name)
            of_runs = table.info["per"] in ("run", "unit") and name != "meta_unit_past"
            if of_runs and self._count(table, self._of_run(table)):
                out.append(name)
        return out

    def _stored(self, name: str) -> sa.Table:
        return self.schema.stored(name, self.transaction.columns(name))

    def _ours(self) -> set[str]:
        listed = self.schema["meta_table"]
        query = sa.select(listed.c.table_name).where(listed.c.type != "view")
        return {str(name) for name in self.transaction.connection.execute(query).scalars()}

    def _count(self, table: sa.Table, where: sa.ColumnElement[bool]) -> int:
        query = sa.select(sa.func.count()).select_from(table).where(where)
        return int(self.transaction.connection.execute(query).scalar_one())

    def _write_run(self, number: int) -> None:
        execute, run = self.transaction.connection.execute, self.schema["meta_run"]
        row = {name: _plain(value) for name, value in first_row(self._run_row()).items()}
        present = self._count(run, run.c.run_id == self.what.run_id)
        if present:
            execute(sa.update(run).where(run.c.run_id == self.what.run_id).values(**row))
        else:
            execute(sa.insert(run).values(**row))
        facts = {"load": number, "run_id": self.what.run_id, "study": self.what.study, "created": self.what.day}
        execute(sa.insert(self.schema["meta_load"]).values(**facts))

    def _write_tables(self, new: Mapping[str, pd.DataFrame], stale: Sequence[str], gone: Sequence[str]) -> None:
        execute = self.transaction.connection.execute
        self._put_by(new)
        for name in gone:
            table = self._stored(name)
            execute(sa.delete(table).where(self._of_run(table)))
        for name in _in_order(stale):
            table, frame = self.schema[name], new[name]
            if name in self.transaction.tables():
                execute(sa.delete(table).where(self._of_run(table)))
            self._ready(table, frame)
            if len(frame):
                self.transaction.insert(table, frame)
            self.rows[name] = len(frame)

    def _put_by(self, new: Mapping[str, pd.DataFrame]) -> None:
        """Keep the units of the run before as they were, so that a load can be undone."""
        for name in sorted(self._ours() & {name for name in new if name.startswith("unit_")}):
            table = self._stored(name)
            rows = self.transaction.rows(table, self._of_run(table))
            rows = rows[rows["run_id"] != self.what.run_id]
            if len(rows):
                past = versions.past_rows(name, rows)
                kept = self.schema["meta_unit_past"]
                self._ready(kept, past)
                # A run that comes a second time may have been put by before.
                again = kept.c.run_id.in_(past["run_id"].unique().tolist()) & (kept.c.level == past["level"].iloc[0])
                self.transaction.connection.execute(sa.delete(kept).where(again))
                self.transaction.insert(kept, typed(past, kept))

    def _ready(self, table: sa.Table, frame: Columns) -> None:
        """Make the table, or the columns that it lacks."""
        if table.name not in self.transaction.tables():
            self.transaction.create(table)
            enter(self.transaction, self.schema, table)
            return
        present = self.transaction.columns(table.name)
        lacking = [column for column in table.c if column.name not in present and column.name in frame.columns]
        if lacking:
            self.transaction.widen(table, lacking)


def enter(transaction: Transaction, schema: Schema, table: sa.Table) -> None:
    """Note a table as one of ours."""
    row = {"table_name": table.name, "type": table.info["type"], "title": table.info["titles"].get("zh", "")}
    transaction.connection.execute(sa.insert(schema["meta_table"]).values(**row, region=None))


def _in_order(names: Sequence[str]) -> Iterator[str]:
    """Units first: the codes of the others are theirs."""
    yield from sorted(names, key=lambda name: (name != "base_admin", name))


def _plain(value: object) -> object:
    return None if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)) else value
