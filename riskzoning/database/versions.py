"""Versions: what a load changes in the survey records, how it is undone, and how two runs compare."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import sqlalchemy as sa

from riskzoning.database.frames import ROWS_AT_ONCE, same, typed
from riskzoning.database.plan import Load, Transaction
from riskzoning.database.records import Records
from riskzoning.database.schema import GEOMETRY, ROW, VERSION, Schema
from riskzoning.errors import Phrase, Problem, TargetError

# Rows that one statement closes: a server answers each statement, and SQLite takes some thousand values at once.
_BLOCK = 1000


class LoadRow(NamedTuple):
    """A row of ``meta_load``."""

    number: int
    run_id: str
    study: str


class Comparison(NamedTuple):
    """What differs between two runs: whole rows that came and went, and the fields of those that changed.

    ``changed`` has the key, ``field``, ``before`` and ``after``.

    Examples
    --------
    >>> Comparison(*[pd.DataFrame()] * 3).added.empty
    True
    """

    added: pd.DataFrame
    changed: pd.DataFrame
    removed: pd.DataFrame


@dataclass(frozen=True)
class Change:
    """What a load changes in the records of one form: rows that it opens, and the row numbers that it closes."""

    table: sa.Table
    opened: Records
    closed: list[int]

    def write(self, transaction: Transaction, number: int, what: Load) -> None:
        """Close the old versions and open the new ones."""
        for start in range(0, len(self.closed), _BLOCK):
            part = self.closed[start : start + _BLOCK]
            ended = sa.update(self.table).where(self.table.c.fid.in_(part))
            transaction.connection.execute(ended.values(closed_load=number, valid_to=_day(what.day)))
        for rows in self.opened.blocks():
            transaction.insert(self.table, rows.assign(run_id=what.run_id, load=number, valid_from=what.day))


def _day(text: str | None) -> object:
    return None if text is None else pd.Timestamp(text).date()


def loads(transaction: Transaction, schema: Schema, study: str | None = None) -> list[LoadRow]:
    """The loads in their order, of one study or of all."""
    table = schema["meta_load"]
    query = sa.select(table.c.load, table.c.run_id, table.c.study).order_by(table.c.load)
    rows = transaction.connection.execute(query).all()
    return [LoadRow(int(row[0]), row[1], row[2]) for row in rows if study in (None, row[2])]


def last_load(transaction: Transaction, schema: Schema, study: str) -> LoadRow | None:
    """The newest load of a study."""
    mine = loads(transaction, schema, study)
    return mine[-1] if mine else None


def next_number(transaction: Transaction, schema: Schema) -> int:
    """The number of the load that comes now."""
    return max((row.number for row in loads(transaction, schema)), default=0) + 1


def _runs_of(schema: Schema, study: str) -> sa.Select[tuple[str]]:
    run = schema["meta_run"]
    return sa.select(run.c.run_id).where(run.c.code == study)


def changes_of(transaction: Transaction, schema: Schema, what: Load, records: Mapping[str, Records]) -> list[Change]:
    """What a load changes in the records of each form that it brings: forms that it does not bring stay."""
    present = transaction.tables()
    changes = []
    for name in sorted(what.surveys):
        table, rows = schema[name], records[name]
        if name not in present:
            changes += [Change(table, rows, [])] if len(rows) else []
            continue
        holds = table.c.closed_load.is_(None) & table.c.run_id.in_(_runs_of(schema, what.study))
        change = _change(transaction, table, rows, holds)
        if len(change.opened) or change.closed:
            changes.append(change)
    return changes


def _change(transaction: Transaction, table: sa.Table, rows: Records, holds: sa.ColumnElement[bool]) -> Change:
    """Rows that differ from those that hold now, which are read and compared some at a time."""
    key, number = table.c[str(table.info["key"])], table.c[ROW]
    query = sa.select(number, key).where(holds).order_by(number)
    parts = [tuple(zip(*part, strict=True)) for part in transaction.connection.execute(query).partitions(ROWS_AT_ONCE)]
    numbers = np.array([row for part in parts for row in part[0]], dtype=np.int64)
    at = pd.Index([value for part in parts for value in part[1]], dtype=object).get_indexer(
        pd.Index(rows[key.name], dtype=object)
    )
    kept = np.zeros(len(rows), dtype=bool)
    for start in range(0, len(numbers), ROWS_AT_ONCE):
        block = numbers[start : start + ROWS_AT_ONCE]
        here = np.flatnonzero((at >= start) & (at < start + len(block)))
        if len(here):
            stored = transaction.rows(table, holds & number.between(int(block[0]), int(block[-1])))
            stored = stored.drop(columns=list(VERSION), errors="ignore").iloc[at[here] - start]
            kept[here] = same(rows.typed(here), stored.reset_index(drop=True))
    stays = np.zeros(len(numbers), dtype=bool)
    stays[at[kept]] = True
    return Change(table, rows.only(~kept), numbers[~stays].tolist())


def undo(transaction: Transaction, schema: Schema, load: LoadRow, *, keep_run: bool = False) -> None:
    """Take a load back: its versions go, those that it closed hold again; its run goes where no other load has it."""
    execute = transaction.connection.execute
    transaction.changed = True
    for name, kind in ours(transaction, schema).items():
        if kind.info["per"] == "version":
            execute(sa.delete(kind).where(kind.c.load == load.number))
            reopened = sa.update(kind).where(kind.c.closed_load == load.number)
            execute(reopened.values(closed_load=None, valid_to=None))
        elif kind.info["per"] == "unit" and not keep_run:
            execute(sa.delete(kind).where(kind.c.run_id == load.run_id))
            _restored(transaction, schema, name, load)
    execute(sa.delete(schema["meta_load"]).where(schema["meta_load"].c.load == load.number))
    if keep_run or any(row.run_id == load.run_id for row in loads(transaction, schema)):
        return
    of_run = [table for table in ours(transaction, schema).values() if table.info["per"] == "run"]
    for table in sorted(of_run, key=lambda table: table.name == "base_admin"):
        execute(sa.delete(table).where(table.c.run_id == load.run_id))
    execute(sa.delete(schema["meta_run"]).where(schema["meta_run"].c.run_id == load.run_id))


def ours(transaction: Transaction, schema: Schema) -> dict[str, sa.Table]:
    """Our tables that are there, by name, as they are."""
    listed = schema["meta_table"]
    names = transaction.connection.execute(sa.select(listed.c.table_name).where(listed.c.type != "view")).scalars()
    return {str(name): schema.stored(str(name), transaction.columns(str(name))) for name in names}


def past_rows(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of a table of units as rows of ``meta_unit_past``: their outlines are those of the units of the run."""
    plain = pd.DataFrame(rows.drop(columns=GEOMETRY, errors="ignore")).astype(object)
    records = plain.where(plain.notna(), None).to_dict("records")
    return pd.DataFrame(
        {
            "run_id": rows["run_id"].to_numpy(),
            "level": name.removeprefix("unit_"),
            "code": rows["code"].to_numpy(),
            "record": [json.dumps(record, ensure_ascii=False, default=_number) for record in records],
        }
    )


def _number(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else str(value)


def _restored(transaction: Transaction, schema: Schema, name: str, load: LoadRow) -> None:
    """Put the units of the load before back into their table."""
    before = [row for row in loads(transaction, schema, load.study) if row.number < load.number]
    past = schema["meta_unit_past"]
    if not before or past.name not in transaction.tables():
        return
    run = before[-1].run_id
    of_run = (past.c.run_id == run) & (past.c.level == name.removeprefix("unit_"))
    rows = transaction.rows(past, of_run)
    if rows.empty:
        return
    base = schema["base_admin"]
    units = transaction.rows(base, base.c.run_id == run)
    frame = pd.DataFrame([json.loads(text) for text in rows["record"]])
    shapes = pd.Series(units[GEOMETRY].to_numpy(), index=units["code"]).reindex(frame["code"])
    frame = gpd.GeoDataFrame(
        frame.assign(geometry=shapes.to_numpy()), geometry=GEOMETRY, crs=getattr(units, "crs", None)
    )
    table = schema.stored(name, transaction.columns(name))
    transaction.insert(table, typed(frame, table))
    transaction.connection.execute(sa.delete(past).where(of_run))


def take_back(transaction: Transaction, schema: Schema, run_id: str, shown: str) -> None:
    """Undo the newest load of the study of a run; a run that is not the newest, or not there, is told."""
    every = loads(transaction, schema)
    mine = [row for row in every if row.run_id == run_id]
    if not mine:
        known = list(dict.fromkeys(row.run_id for row in every))
        raise TargetError(Problem("database.run", Phrase("database_run", run=run_id, database=shown), known=known))
    later = [row.run_id for row in every if row.study == mine[-1].study and row.number > mine[-1].number]
    if later:
        thing = Phrase("database_run", run=run_id, database=shown)
        raise TargetError(Problem("database.rollback", thing, later=list(reversed(later))))
    undo(transaction, schema, mine[-1])


def state_of(table: sa.Table, schema: Schema, load: LoadRow) -> sa.ColumnElement[bool]:
    """Which rows of a table held after a load, in the study of the load."""
    if table.info["per"] != "version":
        return table.c.run_id == load.run_id
    open_then = table.c.closed_load.is_(None) | (table.c.closed_load > load.number)
    return (table.c.load <= load.number) & open_then & table.c.run_id.in_(_runs_of(schema, load.study))


def compared(table: sa.Table, before: pd.DataFrame, after: pd.DataFrame) -> Comparison:
    """The difference of two states of a table by its key."""
    key = [name for name in table.info["unique"] if name not in VERSION]
    first, second = (
        frame.drop(columns=list(VERSION), errors="ignore").reset_index(drop=True) for frame in (before, after)
    )
    one, two = (pd.MultiIndex.from_frame(pd.DataFrame(frame[key])) for frame in (first, second))
    at = one.get_indexer(two)
    both = at >= 0
    old, new = first.iloc[at[both]].reset_index(drop=True), second[both].reset_index(drop=True)
    rows = []
    for name in new.columns:
        if name in key:
            continue
        differs = ~same(new[[name]], old[[name]])
        if differs.any():
            part = pd.DataFrame(new.loc[differs, key]).astype(object)
            part = part.assign(
                field=str(name), before=_shown(old.loc[differs, name]), after=_shown(new.loc[differs, name])
            )
            rows.append(part)
    empty = pd.DataFrame(columns=[*key, "field", "before", "after"])
    changed = pd.concat(rows).sort_index(kind="stable").reset_index(drop=True) if rows else empty
    removed = first[~np.isin(np.arange(len(first)), at)]
    return Comparison(second[~both].reset_index(drop=True), changed, removed.reset_index(drop=True))


def _shown(values: pd.Series) -> pd.Series:
    plain = values.astype(object)
    return plain.where(values.notna().to_numpy(), None)
