"""What a load does on a server, in one transaction: tables are made once, then emptied and filled, never dropped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import shapely
import sqlalchemy as sa
from geoalchemy2 import Geometry
from pyproj import CRS
from sqlalchemy.schema import AddConstraint, CreateColumn, CreateIndex, CreateTable

from riskzoning.database.connecting import quoted
from riskzoning.database.copying import copy_frame
from riskzoning.database.frames import typed
from riskzoning.database.schema import GEOMETRY, ROW

if TYPE_CHECKING:
    from riskzoning.database.connecting import Driver

# Kinds of columns by the beginning of the name of their type.
_KINDS = {
    "bigint": "integer",
    "integer": "integer",
    "smallint": "integer",
    "double": "number",
    "real": "number",
    "numeric": "number",
    "date": "date",
    "geometry": "geometry",
}
# What belongs to an extension is nobody's table.
_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
"""
_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""


class ServerTransaction:
    """A load on a server; ``at`` is the table in work, for what is said when it fails."""

    def __init__(self, connection: sa.Connection, schema: str, shown: str) -> None:
        self.connection = connection
        self.shown = shown
        self.changed = False
        self.day: str | None = None
        self.at = ""
        self._schema = schema
        self._new: list[sa.Table] = []
        self._touched: dict[str, None] = {}
        self._stale: set[str] = set()

    @property
    def _driver(self) -> Driver:
        driver: Any = self.connection.connection.driver_connection
        return driver

    def _place(self, table: str) -> str:
        return f"{quoted(self._schema)}.{quoted(table)}"

    def tables(self) -> set[str]:
        """Tables and views of the schema, without those of extensions."""
        return {str(row[0]) for row in self._driver.execute(_TABLES, (self._schema,)).fetchall()}

    def columns(self, table: str) -> dict[str, str]:
        """The columns of a table and their kinds."""
        rows = self._driver.execute(_COLUMNS, (self._schema, table)).fetchall()
        # The name of a type may begin with the schema of its extension.
        return {str(name): _kind(str(kind)) for name, kind in rows}

    def create(self, table: sa.Table) -> None:
        """Make a table, with titles that people read; indexes and foreign keys come when its rows are there."""
        self.at = table.name
        self.connection.execute(CreateTable(table, include_foreign_key_constraints=[]))
        place = self._place(table.name)
        comments = [(f"TABLE {place}", table.info["titles"])]
        comments += [(f"COLUMN {place}.{quoted(column.name)}", column.info) for column in table.c]
        for what, titles in comments:
            if titles.get("zh"):
                self._say(f"COMMENT ON {what} IS {_literal(_title(titles))}")
        self._new.append(table)
        self._touched[table.name] = None

    def widen(self, table: sa.Table, columns: Sequence[sa.Column[Any]]) -> None:
        """Add columns to a table; views on it stay."""
        self.at = table.name
        for column in columns:
            # The compiler doubles % for a driver that fills in values; here none are filled in.
            words = str(CreateColumn(column).compile(dialect=self.connection.dialect)).replace("%%", "%")
            self._say(f"ALTER TABLE {self._place(table.name)} ADD COLUMN {words}")

    def drop(self, table: str) -> None:
        """Remove a table that an earlier program has made; views on it make that fail, and are named."""
        self.at = table
        self._say(f"DROP TABLE {self._place(table)}")

    def make_view(self, name: str, query: str, table: sa.Table) -> None:
        """Make a view, with its title; one that is there gains columns, so that rights and views on it stay."""
        self.at = name
        words = f"VIEW {self._place(name)} AS {query}"
        try:
            with self.connection.begin_nested():
                self._say(f"CREATE OR REPLACE {words}")
        except psycopg.errors.InvalidTableDefinition:
            self._say(f"DROP VIEW {self._place(name)}")
            self._say(f"CREATE {words}")
        self._stale.discard(name)
        if table.info["titles"].get("zh"):
            self._say(f"COMMENT ON VIEW {self._place(name)} IS {_literal(_title(table.info['titles']))}")

    def drop_view(self, name: str) -> None:
        """Remove a view of ours at the end, unless it is made again; views of others on it make that fail."""
        self._stale.add(name)

    def insert(self, table: sa.Table, frame: pd.DataFrame) -> None:
        """Append rows by COPY."""
        self.at = table.name
        self._touched[table.name] = None
        copy_frame(self._driver, table, self._schema, frame)

    def content(self, table: str) -> pd.DataFrame:
        """All of a table of any shape."""
        kinds = self.columns(table)
        cursor = self._driver.execute(f"SELECT * FROM {self._place(table)}".encode())
        frame = pd.DataFrame(cursor.fetchall(), columns=list(kinds))
        for column in [name for name, kind in kinds.items() if kind == "geometry"]:
            shapes = _shapes(frame.pop(column))
            numbers = shapely.get_srid(shapes[shapely.is_geometry(shapes)])
            crs = CRS.from_epsg(int(numbers[0])) if len(numbers) and numbers[0] > 0 else None
            frame = gpd.GeoDataFrame(frame.assign(**{GEOMETRY: gpd.GeoSeries(shapes, crs=crs)}), geometry=GEOMETRY)
        return frame.drop(columns=ROW, errors="ignore")

    def rows(self, table: sa.Table, where: sa.ColumnElement[bool] | None = None) -> pd.DataFrame:
        """Rows in the order in which they came, by their number."""
        query = sa.select(*(_plain(column) for column in table.c)).select_from(table).order_by(table.c[ROW])
        rows = self.connection.execute(query if where is None else query.where(where)).all()
        names = [column.name for column in table.c]
        frame = pd.DataFrame([tuple(row) for row in rows], columns=names).astype({ROW: "int64"})
        crs = None
        if GEOMETRY in names:
            crs = CRS.from_user_input(table.info["crs"])
            shapes = shapely.set_srid(_shapes(frame[GEOMETRY]), 0)
            frame = frame.assign(**{GEOMETRY: gpd.GeoSeries(shapes, crs=crs)})
        out = typed(frame, table, crs)
        out.index = pd.Index(frame[ROW], name=ROW)
        return out

    def finish(self) -> None:
        """Keys of what was written; indexes and keys of new tables, at once far cheaper than row by row; statistics."""
        for name in sorted(self._stale):
            self.at = name
            self._say(f"DROP VIEW {self._place(name)}")
        self._say("SET CONSTRAINTS ALL IMMEDIATE")
        for table in self._new:
            self.at = table.name
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                self.connection.execute(CreateIndex(index))
            for key in sorted(table.foreign_key_constraints, key=lambda key: str(key.name)):
                self.connection.execute(AddConstraint(key))
        for name in self._touched:
            self._say(f"ANALYZE {self._place(name)}")

    def _say(self, statement: str) -> None:
        self._driver.execute(statement.encode())


def _kind(words: str) -> str:
    name = words.rsplit(".", 1)[-1].strip('"')
    return next((kind for start, kind in _KINDS.items() if name.startswith(start)), "text")


def _plain(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """A column as text or numbers, without what a type would make of it: days as text, shapes as EWKB."""
    if isinstance(column.type, sa.Date):
        return sa.cast(column, sa.Text).label(column.name)
    if isinstance(column.type, Geometry):
        return sa.type_coerce(column, sa.Text).label(column.name)
    return column


def _shapes(values: pd.Series) -> Any:
    """Shapes of EWKB; None where there is none."""
    return shapely.from_wkb(np.array([*values.astype(object).where(values.notna(), None), None], dtype=object))[:-1]


def _title(titles: Any) -> str:
    units = f" ({titles['units']})" if titles.get("units") else ""
    return f"{titles['zh']}{units} / {titles['en']}"


def _literal(text: str) -> str:
    """A text as SQL takes it; standard_conforming_strings has been on since PostgreSQL 9.1."""
    return "'" + text.replace("'", "''") + "'"
