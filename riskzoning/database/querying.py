"""Rows of a table by region, run and equal values, chosen by the server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from riskzoning.database import loading, versions
from riskzoning.database.naming import form_table, run_table
from riskzoning.database.plan import Transaction
from riskzoning.database.schema import CODES, GEOMETRY, ROW, Schema
from riskzoning.errors import Phrase, Problem, TargetError

if TYPE_CHECKING:
    from riskzoning.database.base import Database


_NOWHERE = pd.DataFrame({"code": [], "parent": []})


def selected(
    database: Database, name: str, region: str | None, run: str | None, equal: Mapping[str, str | float]
) -> pd.DataFrame:
    """Rows of a table; without a run those that hold now."""
    if not database.tables():
        raise TargetError(Problem("database.table", _thing(name, database.shown), known=[]))
    with database.reading() as transaction:
        stored = table_name(transaction, name, _thing(name, database.shown))
        columns = transaction.columns(stored)
        _check_columns(equal, columns, _thing(stored, database.shown))
        if not is_ours(transaction, stored):
            units = transaction.content("base_admin") if "base_admin" in transaction.tables() else _NOWHERE
            return of_frame(transaction.content(stored), region, equal, units)
        schema = loading.read_schema(transaction)
        table = schema.stored(stored, columns)
        parts = [table.c[column] == value for column, value in equal.items()]
        parts += [_held(transaction, schema, table, run)] if "run_id" not in equal and run != "all" else []
        if region is not None:
            parts += _inside(table, units_below(transaction, region))
        return plain_frame(transaction.rows(table, sa.and_(sa.true(), *parts)))


def _thing(name: str, shown: str) -> Phrase:
    return Phrase("database_table", name=name, database=shown)


def table_name(transaction: Transaction, name: str, thing: Phrase) -> str:
    """The table that a name means: its own, that of a form, or that of a table of a run."""
    known = transaction.tables()
    for stored in (name, form_table(name), run_table(name)) if name else ():
        if stored in known:
            return stored
    raise TargetError(Problem("database.table", thing, known=sorted(known)))


def _check_columns(equal: Mapping[str, str | float], columns: Mapping[str, str], thing: Phrase) -> None:
    known = sorted(set(columns) - {ROW})
    unknown = [column for column in equal if column not in known]
    if unknown:
        raise TargetError(Problem("database.column", thing, columns=unknown, known=known))


def is_ours(transaction: Transaction, name: str) -> bool:
    """Whether a table is one that loads have made, under the present schema."""
    if "meta_schema" not in transaction.tables():
        return False
    query = sa.text("SELECT 1 FROM meta_table WHERE table_name = :name").bindparams(name=name)
    return name in loading.BASE or transaction.connection.execute(query).first() is not None


def _held(transaction: Transaction, schema: Schema, table: sa.Table, run: str | None) -> sa.ColumnElement[bool]:
    """What holds now, or held after a run."""
    if table.info["per"] in ("database", "load") or table.name == "meta_run":
        return sa.true()
    every = versions.loads(transaction, schema)
    if run is not None:
        return versions.state_of(table, schema, {row.run_id: row for row in every}[run])
    if table.info["per"] == "version":
        return table.c.closed_load.is_(None)
    newest = {row.study: row.run_id for row in every}
    return table.c.run_id.in_(sorted(newest.values()))


def units_below(transaction: Transaction, region: str) -> list[str]:
    """A unit and everything below it, by all runs."""
    rows = transaction.connection.execute(sa.text("SELECT DISTINCT code, parent FROM base_admin")).all()
    return sorted(_below(region, [tuple(row) for row in rows]))


def _below(region: str, rows: Iterable[Sequence[str]]) -> set[str]:
    below, layer = {region}, {region}
    while layer:
        layer = {str(code) for code, parent in rows if parent in layer} - below
        below |= layer
    return below


def _inside(table: sa.Table, codes: list[str]) -> list[sa.ColumnElement[bool]]:
    """Rows whose unit lies in a region; a table without codes has no region."""
    columns = [table.c[name] for name in CODES if name in table.c]
    return [sa.or_(*(column.in_(codes) for column in columns))] if columns else []


def of_frame(frame: pd.DataFrame, region: str | None, equal: Mapping[str, Any], units: pd.DataFrame) -> pd.DataFrame:
    """Rows of a table that is not of the present schema."""
    unknown = [column for column in equal if column not in frame.columns]
    if unknown:
        raise TargetError(Problem("database.column", "database", columns=unknown, known=[*map(str, frame.columns)]))
    for column, value in equal.items():
        frame = frame[frame[column] == value]
    if region is not None and "code" in frame.columns:
        frame = frame[frame["code"].isin(_below(region, units[["code", "parent"]].to_numpy().tolist()))]
    return frame


def plain_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame with its rows counted from 0, and its shapes where it has any."""
    out = frame.reset_index(drop=True)
    return gpd.GeoDataFrame(out, geometry=GEOMETRY, crs=getattr(frame, "crs", None)) if GEOMETRY in out else out
