"""The inside of a GeoPackage: its own tables, what a GIS lists, spatial indexes; plain SQLite, no extension needed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import shapely
from pyproj import CRS

from riskzoning.database import blobs
from riskzoning.database.blobs import Shapes

_APPLICATION, _VERSION = 0x47504B47, 10300
# A CRS without a number of EPSG gets one that is nobody's.
_OWN_SRS = 990000
_TABLES = (
    """CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY,
    organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL,
    description TEXT)""",
    """CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL,
    identifier TEXT UNIQUE, description TEXT DEFAULT '',
    last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
    min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
    CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id))""",
    """CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
    geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
    CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
    CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
    CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id))""",
    """CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
    definition TEXT NOT NULL, scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))""",
)
_UNDEFINED = (
    ("Undefined Cartesian SRS", -1, "NONE", -1, "undefined", None),
    ("Undefined geographic SRS", 0, "NONE", 0, "undefined", None),
)
_BLOCK = 50_000
_RTREE = "http://www.geopackage.org/spec120/#extension_rtree"


def connected(path: Path) -> sqlite3.Connection:
    """A connection to a private copy, fast since nobody else reads it, with the functions of spatial indexes."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=MEMORY")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-65536")
    connection.create_function("ST_IsEmpty", 1, blobs.is_empty, deterministic=True)
    for at, name in enumerate(("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY")):
        connection.create_function(name, 1, lambda blob, at=at: blobs.extent(blob)[at], deterministic=True)
    return connection


def ensure_package(connection: sqlite3.Connection) -> None:
    """The tables of every GeoPackage, where they are not there yet."""
    if not has(connection, "gpkg_contents"):
        connection.execute(f"PRAGMA application_id={_APPLICATION}")
        connection.execute(f"PRAGMA user_version={_VERSION}")
    for statement in _TABLES:
        if not has(connection, statement.split()[2]):
            connection.execute(statement)
    for row in _UNDEFINED:
        connection.execute("INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", row)
    srs_id(connection, CRS.from_epsg(4326))


def has(connection: sqlite3.Connection, name: str) -> bool:
    """Whether a table or view is there."""
    query = "SELECT 1 FROM sqlite_master WHERE name = ? AND type IN ('table', 'view')"
    return connection.execute(query, (name,)).fetchone() is not None


def srs_id(connection: sqlite3.Connection, crs: CRS) -> int:
    """The number of a CRS in the file, entered where it is not there."""
    definition = crs.to_wkt("WKT1_GDAL")
    epsg = crs.to_epsg()
    if epsg is None:
        query = "SELECT srs_id FROM gpkg_spatial_ref_sys WHERE definition = ?"
        known = connection.execute(query, (definition,)).fetchone()
        if known:
            return int(known[0])
        last = connection.execute("SELECT max(srs_id) FROM gpkg_spatial_ref_sys").fetchone()[0]
        number, organization = max(int(last) + 1, _OWN_SRS), "NONE"
    else:
        number, organization = epsg, "EPSG"
    row = (crs.name, number, organization, number, definition, None)
    connection.execute("INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", row)
    return number


def crs_of(definition: str) -> CRS:
    """The CRS of its definition in a file, by its number where it has one."""
    crs = CRS.from_wkt(definition)
    epsg = crs.to_epsg()
    return crs if epsg is None else CRS.from_epsg(epsg)


def listed(
    connection: sqlite3.Connection, name: str, title: str, day: str, geometry: tuple[str, str, int] | None
) -> None:
    """Enter a table or view where a GIS looks for it; ``geometry``: column, kind and number of the CRS."""
    kind, srs = ("attributes", None) if geometry is None else ("features", geometry[2])
    row = (name, kind, name, title, day, srs)
    columns = "(table_name, data_type, identifier, description, last_change, srs_id)"
    connection.execute(f"INSERT OR REPLACE INTO gpkg_contents {columns} VALUES (?, ?, ?, ?, ?, ?)", row)
    if geometry is not None:
        column, shape, number = geometry
        connection.execute(
            "INSERT OR REPLACE INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, 0, 0)", (name, column, shape, number)
        )


def unlisted(connection: sqlite3.Connection, name: str) -> None:
    """Take a table or view out of what a GIS lists; its styles stay for one of the same name."""
    for table in ("gpkg_geometry_columns", "gpkg_extensions", "gpkg_ogr_contents", "gpkg_contents"):
        if has(connection, table):
            connection.execute(f"DELETE FROM {table} WHERE lower(table_name) = lower(?)", (name,))


def index_shapes(connection: sqlite3.Connection, table: str, column: str, row: str) -> None:
    """The spatial index of a column, with the triggers that the standard has for it."""
    tree = quoted(f"rtree_{table}_{column}")
    connection.execute(f"CREATE VIRTUAL TABLE {tree} USING rtree(id, minx, maxx, miny, maxy)")
    for name, body in _triggers(table, column, row).items():
        connection.execute(f"CREATE TRIGGER {quoted(f'rtree_{table}_{column}_{name}')} {body}")
    connection.execute(
        "INSERT OR REPLACE INTO gpkg_extensions VALUES (?, ?, 'gpkg_rtree_index', ?, 'write-only')",
        (table, column, _RTREE),
    )


@contextmanager
def entered_at_once(
    connection: sqlite3.Connection, table: str, column: str, row: str, shapes: Shapes
) -> Iterator[None]:
    """While rows with these shapes are appended, their extents wait: entered at once, they cost a fraction."""
    name = quoted(f"rtree_{table}_{column}_insert")
    last = connection.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()[0] or 0
    connection.execute(f"DROP TRIGGER {name}")
    yield
    sides = shapely.bounds(shapes)
    here = np.isfinite(sides).all(axis=1)
    rows, sides = np.arange(last + 1, last + 1 + len(shapes))[here], sides[here][:, (0, 2, 1, 3)]
    statement = f"INSERT INTO {quoted(f'rtree_{table}_{column}')} VALUES (?, ?, ?, ?, ?)"
    for start in range(0, len(rows), _BLOCK):
        part = slice(start, start + _BLOCK)
        connection.executemany(statement, zip(rows[part].tolist(), *sides[part].T.tolist(), strict=True))
    connection.execute(f"CREATE TRIGGER {name} {_triggers(table, column, row)['insert']}")


def _triggers(table: str, column: str, row: str) -> dict[str, str]:
    tree, t, c, i = (quoted(word) for word in (f"rtree_{table}_{column}", table, column, row))
    sides = ", ".join(f"ST_{side}(NEW.{c})" for side in ("MinX", "MaxX", "MinY", "MaxY"))
    entry = f"INSERT OR REPLACE INTO {tree} VALUES (NEW.{i}, {sides})"
    filled = f"NEW.{c} NOTNULL AND NOT ST_IsEmpty(NEW.{c})"
    void = f"NEW.{c} ISNULL OR ST_IsEmpty(NEW.{c})"
    removal = f"DELETE FROM {tree} WHERE id = OLD.{i}"
    return {
        "insert": f"AFTER INSERT ON {t} WHEN ({filled}) BEGIN {entry}; END",
        "update1": f"AFTER UPDATE OF {c} ON {t} WHEN OLD.{i} = NEW.{i} AND ({filled}) BEGIN {entry}; END",
        "update2": f"AFTER UPDATE OF {c} ON {t} WHEN OLD.{i} = NEW.{i} AND ({void}) BEGIN {removal}; END",
        "update3": f"AFTER UPDATE ON {t} WHEN OLD.{i} != NEW.{i} AND ({filled}) BEGIN {removal}; {entry}; END",
        "update4": f"AFTER UPDATE ON {t} WHEN OLD.{i} != NEW.{i} AND ({void}) "
        f"BEGIN DELETE FROM {tree} WHERE id IN (OLD.{i}, NEW.{i}); END",
        "delete": f"AFTER DELETE ON {t} WHEN OLD.{c} NOT NULL BEGIN {removal}; END",
    }


def drop_table(connection: sqlite3.Connection, table: str) -> None:
    """Remove a table with its spatial index and what is listed of it; views on it stay."""
    trees = connection.execute(
        "SELECT 'rtree_' || table_name || '_' || column_name FROM gpkg_geometry_columns WHERE table_name = ?", (table,)
    ).fetchall()
    connection.execute(f"DROP TABLE IF EXISTS {quoted(table)}")
    for (tree,) in trees:
        connection.execute(f"DROP TABLE IF EXISTS {quoted(tree)}")
    unlisted(connection, table)


def measured(connection: sqlite3.Connection, table: str, column: str, day: str) -> None:
    """The extent of a layer, as its spatial index has it, and the day of its change."""
    tree = quoted(f"rtree_{table}_{column}")
    west, south, east, north = connection.execute(
        f"SELECT min(minx), min(miny), max(maxx), max(maxy) FROM {tree}"
    ).fetchone()
    connection.execute(
        "UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ?, last_change = ? WHERE table_name = ?",
        (west, south, east, north, day, table),
    )


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever signs it has."""
    return '"' + name.replace('"', '""') + '"'
