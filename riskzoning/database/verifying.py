"""What is wrong inside a database: keys, rules, references, codes, and values that their parts contradict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import sqlalchemy as sa

from riskzoning.database import loading, migrations, versions
from riskzoning.database.plan import Transaction, first_row
from riskzoning.database.recomputing import NEEDED_FORMS, needed, recomputed
from riskzoning.database.schema import CODES, ROW, Schema
from riskzoning.database.stored_run import StoredRun, study_of, with_ground
from riskzoning.errors import Phrase, Problem
from riskzoning.results import level_order

_TIDY = ["code", "level", "hazard", "receptor", "indicator"]
_NEEDED = ("base_admin", "risk_unit", "meta_run")


def verified(transaction: Transaction, shown: str) -> list[Problem]:
    """All problems of the content, the gravest first: what is not there, then keys, rules, references, values."""
    missing = [name for name in _NEEDED if name not in transaction.tables()]
    if missing:
        return [Problem("database.tables", shown, missing=missing)]
    return list(_Content(transaction, shown).problems())


class _Content:
    """A database that is looked through."""

    def __init__(self, transaction: Transaction, shown: str) -> None:
        self.transaction = transaction
        self.shown = shown
        self.numbered = "meta_schema" in transaction.tables()

    def thing(self, name: str) -> Phrase:
        """A table as people know it."""
        return Phrase("database_table", name=name, database=self.shown)

    def problems(self) -> Iterator[Problem]:
        """Everything that is wrong."""
        if not self.numbered:
            yield from self._earlier()
            return
        schema = loading.read_schema(self.transaction)
        tables = versions.ours(self.transaction, schema)
        for name in sorted(set(tables) - self.transaction.tables()):
            yield Problem("database.tables", self.shown, missing=[name])
        present = {name: table for name, table in tables.items() if name in self.transaction.tables()}
        for name in sorted(present):
            yield from self._rows(schema, schema[name] if name in schema else present[name], present[name])
        for row in _newest(self.transaction, schema):
            yield from self._run(schema, present, row)

    def _earlier(self) -> Iterator[Problem]:
        """A database from before the schema had a number."""
        what = migrations.earlier_load(self.transaction)
        tables = dict(what.tables)
        for name, key in (("base_admin", ["code"]), ("risk_unit", _TIDY)):
            double = int(tables[name].duplicated(key).sum())
            if double:
                yield Problem("database.key", self.thing(name), count=double, key=key)
        known = set(tables["base_admin"]["code"])
        unknown = sorted(set(tables["risk_unit"]["code"]) - known)
        if unknown:
            yield Problem("database.code", self.thing("risk_unit"), count=len(unknown), codes=unknown)
        yield from self._units(tables["base_admin"])
        if not unknown:
            yield from recomputed(StoredRun(tables, self.thing, study_of(what.run)))

    def _rows(self, schema: Schema, known: sa.Table, table: sa.Table) -> Iterator[Problem]:
        """Keys, required columns, rules and references of one table."""
        name = table.name
        key = [column for column in table.info["unique"] if column in table.c]
        if key:
            columns = [table.c[column] for column in key]
            named = sa.and_(*(column.is_not(None) for column in columns))
            twice = sa.select(*columns).where(named).group_by(*columns).having(sa.func.count() > 1).subquery()
            double = self._value(sa.select(sa.func.count()).select_from(twice))
            if double:
                yield Problem("database.key", self.thing(name), count=double, key=key)
        for column in table.c:
            if column.name in known.c and not known.c[column.name].nullable and column.name != ROW:
                yield from self._broken(table, f"Q01: {column.name} IS NOT NULL", column.is_(None))
        for check in table.info["checks"]:
            if set(check.columns) <= set(table.c.keys()):
                yield from self._broken(table, check.text, sa.not_(check.expression))
        if table.info["per"] == "version":
            yield from self._open_twice(schema, table)
            yield from self._prefixes(table)
        yield from self._references(schema, known, table)

    def _broken(self, table: sa.Table, rule: str, wrong: sa.ColumnElement[bool]) -> Iterator[Problem]:
        count = self._value(sa.select(sa.func.count()).select_from(table).where(wrong))
        if count:
            shown = next((c for c in (str(table.info.get("key")), *CODES, "run_id") if c in table.c), ROW)
            first = self._value(sa.select(table.c[shown]).where(wrong).order_by(table.c[ROW]).limit(1))
            yield Problem("database.check", self.thing(table.name), count=count, check=rule, first=str(first))

    def _open_twice(self, schema: Schema, table: sa.Table) -> Iterator[Problem]:
        """A record has one version that holds, in a study."""
        key, run = table.c[table.info["key"]], schema["meta_run"]
        of_study = sa.select(key).join(run, run.c.run_id == table.c.run_id).where(table.c.closed_load.is_(None))
        twice = of_study.group_by(key, run.c.code).having(sa.func.count() > 1).subquery()
        count = self._value(sa.select(sa.func.count()).select_from(twice))
        if count:
            yield Problem("database.key", self.thing(table.name), count=count, key=[table.info["key"], "closed_load"])

    def _prefixes(self, table: sa.Table) -> Iterator[Problem]:
        """The code of a township begins with that of its county, that of a village with that of its township; units of
        statistics lie in another county than their code says."""
        pairs = [("town9", "adcode6", 6), ("vill12", "town9", 9)]
        for child, parent, length in pairs:
            if child in table.c and parent in table.c:
                real = sa.text("SELECT code FROM base_admin WHERE stat_only = 0").columns(sa.column("code", sa.Text))
                start = sa.func.substr(table.c[child], 1, length)
                wrong = (start != table.c[parent]) & start.in_(real)
                yield from self._broken(table, f"Q03: substr({child}, 1, {length}) = {parent}", wrong)

    def _references(self, schema: Schema, known: sa.Table, table: sa.Table) -> Iterator[Problem]:
        for constraint in sorted(known.foreign_key_constraints, key=lambda item: str(item.name)):
            elements = list(constraint.elements)
            target = schema[elements[0].column.table.name]
            own = [table.c[element.parent.name] for element in elements if element.parent.name in table.c]
            if len(own) < len(elements):
                continue
            met = sa.and_(*(column == target.c[e.column.name] for column, e in zip(own, elements, strict=True)))
            lost = sa.and_(*(column.is_not(None) for column in own), ~sa.exists().where(met))
            rows = self.transaction.connection.execute(sa.select(own[-1]).where(lost).distinct().limit(1000)).scalars()
            codes = sorted(map(str, rows))
            if codes:
                rule = "database.code" if target.name == "base_admin" else "database.reference"
                yield Problem(rule, self.thing(table.name), count=len(codes), codes=codes)

    def _run(self, schema: Schema, tables: dict[str, sa.Table], row: versions.LoadRow) -> Iterator[Problem]:
        """The values of the newest run of a study."""
        names = needed()
        frames = {
            name: self.transaction.rows(table, table.c.run_id == row.run_id)
            for name, table in tables.items()
            if name in names or table.info["per"] == "unit"
        }
        frames |= {
            name: self.transaction.rows(tables[name], versions.state_of(tables[name], schema, row))
            for name in NEEDED_FORMS
            if name in tables
        }
        yield from self._units(frames["base_admin"])
        run = self.transaction.rows(tables["meta_run"], tables["meta_run"].c.run_id == row.run_id)
        yield from recomputed(StoredRun(frames, self.thing, study_of(first_row(run))))

    def _units(self, admin: pd.DataFrame) -> Iterator[Problem]:
        """Every unit has the unit above it, whose code its own begins with."""
        codes = set(admin["code"])
        ground = with_ground(admin)
        # The coarsest level has its parent outside the study.
        coarsest = level_order(ground.drop_duplicates("code").set_index("code"))[0]
        inner = admin[admin["level"] != coarsest]
        lost = sorted(inner.loc[~inner["parent"].isin(codes), "code"])
        if lost:
            yield Problem("database.parent", self.thing("base_admin"), count=len(lost), codes=lost)
        counties = set(ground.loc[ground["code"].str.fullmatch(r"\d{6}"), "code"])
        towns = ground[ground["code"].str.fullmatch(r"\d{9}") & (ground["level"] != coarsest)]
        start = towns["code"].str[:6]
        wrong = sorted(towns.loc[start.isin(counties) & (start != towns["parent"]), "code"])
        if wrong:
            yield Problem("database.prefix", self.thing("base_admin"), count=len(wrong), codes=wrong)

    def _value(self, query: sa.Select[Any]) -> Any:
        return self.transaction.connection.execute(query).scalar_one()


def _newest(transaction: Transaction, schema: Schema) -> list[versions.LoadRow]:
    return list({row.study: row for row in versions.loads(transaction, schema)}.values())
