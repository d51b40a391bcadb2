"""A run from one database into another: what ``db load`` reads in the folder of a run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import sqlalchemy as sa
from pyproj import CRS

from riskzoning.database import loading, migrations, versions
from riskzoning.database.frames import ROWS_AT_ONCE
from riskzoning.database.plan import Load, Transaction, first_row
from riskzoning.database.schema import GEOMETRY, ROW, VERSION
from riskzoning.errors import Phrase, Problem, TargetError


def newest_load(source: str | Path) -> Load:
    """The newest run in the GeoPackage of a folder of results, or in a GeoPackage."""
    from riskzoning.database.geopackage import GeoPackage

    path = Path(source)
    if path.is_dir():
        inside = sorted(item for item in path.glob("*.gpkg") if not item.name.startswith("."))
        packages = [item for item in inside if "meta_run" in GeoPackage(item).tables()]
        if not packages:
            raise TargetError(_nothing(path, inside))
        path = packages[0]
    if not path.is_file():
        raise TargetError(Problem("database.no_folder", str(path)))
    with GeoPackage(path).reading() as transaction:
        if "meta_run" not in transaction.tables():
            raise TargetError(
                Problem("database.no_run", Phrase("folder_of_run", path=str(path.parent)), names=[path.name])
            )
        if "meta_schema" not in transaction.tables():
            return migrations.earlier_load(transaction)
        return _load_of(transaction)


def _nothing(folder: Path, inside: list[Path]) -> Problem:
    """The folder holds no GeoPackage, or none in which a run has written."""
    thing = Phrase("folder_of_run", path=str(folder))
    return (
        Problem("database.no_run", thing, names=[path.name for path in inside])
        if inside
        else Problem("database.none_there", thing)
    )


def _load_of(transaction: Transaction) -> Load:
    schema = loading.read_schema(transaction)
    last = versions.loads(transaction, schema)[-1]
    tables, surveys = {}, {}
    for name, table in versions.ours(transaction, schema).items():
        if table.info["per"] == "version":
            surveys[name] = _records(transaction, table, versions.state_of(table, schema, last))
        elif table.info["per"] in ("run", "unit") and name not in ("meta_run", "meta_unit_past"):
            rows = transaction.rows(table, table.c.run_id == last.run_id)
            tables[name] = rows.reset_index(drop=True)
    run = schema["meta_run"]
    row = first_row(transaction.rows(run, run.c.run_id == last.run_id))
    return Load(row, tables, surveys, CRS.from_user_input(schema.crs), coded=True)


def _records(transaction: Transaction, table: sa.Table, held: sa.ColumnElement[bool]) -> pd.DataFrame:
    """Records of a form, read some at a time and kept small: a form of a city has a million rows."""
    number = table.c[ROW]
    first, last = transaction.connection.execute(sa.select(sa.func.min(number), sa.func.max(number)).where(held)).one()
    if first is None:
        return _small(transaction.rows(table, held))
    starts = range(int(first), int(last) + 1, ROWS_AT_ONCE)
    parts = (
        _small(transaction.rows(table, held & number.between(start, start + ROWS_AT_ONCE - 1))) for start in starts
    )
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def _small(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows without what versions add, their texts as one array and not an object each."""
    plain = rows.drop(columns=list(VERSION)).reset_index(drop=True)
    words = [name for name in plain.columns if name != GEOMETRY and plain[name].dtype == object]
    return plain.astype(dict.fromkeys(words, "str"))
