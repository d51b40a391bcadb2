"""Views of one region: what holds now of each table, in the units below a code; made on request, known as ours."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from riskzoning.database import loading, versions
from riskzoning.database.plan import Transaction
from riskzoning.database.querying import units_below
from riskzoning.database.schema import CODES, Schema
from riskzoning.errors import Phrase, Problem, TargetError

_BELOW = """WITH RECURSIVE below(code) AS (SELECT CAST({region} AS TEXT) UNION
SELECT base_admin.code FROM base_admin JOIN below ON base_admin.parent = below.code) SELECT code FROM below"""
_NEWEST = """SELECT one.run_id FROM meta_load AS one WHERE NOT EXISTS
(SELECT 1 FROM meta_load AS two WHERE two.study = one.study AND two.load > one.load)"""


def make_views(transaction: Transaction, region: str) -> list[str]:
    """A view ``v_TABLE_REGION`` of every table with codes; those of ours that are stale go, those of others stay."""
    known = transaction.tables()
    thing = Phrase("database_region", region=region, database=transaction.shown)
    if "base_admin" not in known or not _is_unit(transaction, region):
        raise TargetError(Problem("database.region", thing))
    schema = loading.opened_schema(transaction)
    tables = [
        table
        for name, table in sorted(versions.ours(transaction, schema).items())
        if any(code in table.c for code in CODES) and not name.startswith("meta_")
    ]
    wanted = {f"v_{table.name}_{region}": table for table in tables}
    mine = _views(transaction, schema, region)
    strange = sorted((set(wanted) & known) - set(mine))
    if strange:
        raise TargetError(Problem("database.views", transaction.shown, names=strange))
    listed, execute = schema["meta_table"], transaction.connection.execute
    kept = {name for name in mine if name in wanted and set(transaction.columns(name)) == set(wanted[name].c.keys())}
    for name in sorted(set(mine) - kept):
        transaction.drop_view(name)
        execute(sa.delete(listed).where(listed.c.table_name == name))
    for name in sorted(set(wanted) - kept):
        table = wanted[name]
        transaction.make_view(name, _definition(table, region), table)
        title = f"{table.info['titles'].get('zh', '')}（{region}）"
        execute(sa.insert(listed).values(table_name=name, type="view", title=title, region=region))
    transaction.changed |= set(wanted) != kept or set(mine) != kept
    return sorted(wanted)


def _is_unit(transaction: Transaction, region: str) -> bool:
    query = sa.text("SELECT 1 FROM base_admin WHERE code = :code").bindparams(code=region)
    return transaction.connection.execute(query).first() is not None or len(units_below(transaction, region)) > 1


def _views(transaction: Transaction, schema: Schema, region: str) -> Sequence[str]:
    listed = schema["meta_table"]
    query = sa.select(listed.c.table_name).where((listed.c.type == "view") & (listed.c.region == region))
    present = transaction.tables()
    return [str(name) for name in transaction.connection.execute(query).scalars() if name in present]


def _definition(table: sa.Table, region: str) -> str:
    """The query of a view, in words of SQL that both servers know."""
    text = "'" + region.replace("'", "''") + "'"
    columns = ", ".join(_quoted(column.name) for column in table.c)
    inside = " OR ".join(f"{_quoted(code)} IN ({_BELOW.format(region=text)})" for code in CODES if code in table.c)
    held = "closed_load IS NULL" if table.info["per"] == "version" else f"run_id IN ({_NEWEST})"
    return f"SELECT {columns} FROM {_quoted(table.name)} WHERE ({inside}) AND {held}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
