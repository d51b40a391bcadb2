"""Tables of a server are made where they lack, and emptied and filled: what stands on them stays as it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import sqlalchemy
from geoalchemy2 import Geometry
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable

from riskzoning.database.connecting import quoted
from riskzoning.database.copying import copy_frame

if TYPE_CHECKING:
    from riskzoning.database.connecting import Driver

RUN = "run_id"
_KINDS = {
    "Point": ("Point", "MultiPoint"),
    "MultiLineString": ("LineString", "MultiLineString", "LinearRing"),
    "MultiPolygon": ("Polygon", "MultiPolygon"),
}


def fitting_table(name: str, frame: pd.DataFrame, schema: str, srid: int) -> sqlalchemy.Table:
    """A table for what a run gives and no schema names: its columns are those of the frame."""
    columns = [sqlalchemy.Column(str(label), _type(frame[label], srid)) for label in frame.columns]
    made = sqlalchemy.Table(name, sqlalchemy.MetaData(schema=schema), *columns)
    for column in made.columns:
        if isinstance(column.type, Geometry):
            sqlalchemy.Index(f"{name}_{column.name}_idx", column, postgresql_using="gist")
        elif column.name in ("code", RUN):
            sqlalchemy.Index(f"{name}_{column.name}_idx", column)
    return made


def _type(series: pd.Series, srid: int) -> sqlalchemy.types.TypeEngine[Any]:
    if isinstance(series, gpd.GeoSeries):
        kinds = set(series.geom_type.dropna())
        kind = next((kind for kind, parts in _KINDS.items() if kinds and kinds <= set(parts)), "Geometry")
        kind = "MultiPoint" if kind == "Point" and "MultiPoint" in kinds else kind
        return Geometry(kind, srid=srid, spatial_index=False)
    if pd.api.types.is_bool_dtype(series.dtype):
        return sqlalchemy.Boolean()
    if pd.api.types.is_integer_dtype(series.dtype):
        return sqlalchemy.BigInteger()
    if pd.api.types.is_float_dtype(series.dtype):
        return sqlalchemy.Double()
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return sqlalchemy.DateTime()
    return sqlalchemy.Text()


def ensure_tables(connection: sqlalchemy.Connection, tables: Sequence[sqlalchemy.Table]) -> list[sqlalchemy.Table]:
    """Makes the tables that lack, without their indexes, and the columns that lack in the others; the new tables."""
    new = []
    for table in tables:
        present = _columns(connection, table)
        if not present:
            connection.execute(CreateTable(table))
            new.append(table)
            continue
        for column in table.columns:
            if column.name not in present:
                # The compiler doubles % for a driver that fills in values; here none are filled in.
                words = str(CreateColumn(column).compile(dialect=connection.dialect)).replace("%%", "%")
                _driver(connection).execute(f"ALTER TABLE {_place(table)} ADD COLUMN {words}".encode())
    return new


def _columns(connection: sqlalchemy.Connection, table: sqlalchemy.Table) -> set[str]:
    inspector = sqlalchemy.inspect(connection)
    if not inspector.has_table(table.name, table.schema):
        return set()
    return {column["name"] for column in inspector.get_columns(table.name, schema=table.schema)}


def append(connection: sqlalchemy.Connection, table: sqlalchemy.Table, frame: pd.DataFrame) -> int:
    """Rows of a frame into a table, in the transaction of the connection; the number of rows."""
    return copy_frame(_driver(connection), table, frame)


def finish_tables(
    connection: sqlalchemy.Connection, tables: Sequence[sqlalchemy.Table], new: Sequence[sqlalchemy.Table]
) -> None:
    """Indexes of new tables: of rows that are there they cost a fraction of keeping them up row by row; statistics."""
    for table in new:
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            connection.execute(CreateIndex(index))
    for table in tables:
        _driver(connection).execute(f"ANALYZE {_place(table)}".encode())


def delete_runs(connection: sqlalchemy.Connection, table: sqlalchemy.Table, runs: Collection[str]) -> None:
    """The rows of some runs leave a table; its views, rights and comments, and the rows of other runs, stay."""
    connection.execute(table.delete().where(table.c[RUN].in_(list(runs))))


def _place(table: sqlalchemy.Table) -> str:
    return ".".join(quoted(name) for name in (table.schema, table.name) if name)


def _driver(connection: sqlalchemy.Connection) -> Driver:
    driver: Any = connection.connection.driver_connection
    return driver
