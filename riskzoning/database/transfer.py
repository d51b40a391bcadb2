"""A run from one database into another: what ``db load`` reads in the folder of a run."""

from __future__ import annotations

from pathlib import Path

from pyproj import CRS

from riskzoning.database import loading, migrations, versions
from riskzoning.database.plan import Load, Transaction, first_row
from riskzoning.database.schema import VERSION
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
            rows = transaction.rows(table, versions.state_of(table, schema, last))
            surveys[name] = rows.drop(columns=list(VERSION)).reset_index(drop=True)
        elif table.info["per"] in ("run", "unit") and name not in ("meta_run", "meta_unit_past"):
            rows = transaction.rows(table, table.c.run_id == last.run_id)
            tables[name] = rows.reset_index(drop=True)
    run = schema["meta_run"]
    row = first_row(transaction.rows(run, run.c.run_id == last.run_id))
    return Load(row, tables, surveys, CRS.from_user_input(schema.crs), coded=True)
