"""The one schema of the disaster database, as SQLAlchemy metadata made from the survey forms and from data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import sqlalchemy as sa
from geoalchemy2 import Geometry
from pyproj import CRS
from sqlalchemy.types import UserDefinedType

from riskzoning import standards
from riskzoning.database.checks import Check, checks_of, stated_check
from riskzoning.database.naming import form_table
from riskzoning.surveys.forms import Form, form, form_names

# Column of the row itself, which a GIS needs; the key of a table stands beside it as UNIQUE.
ROW = "fid"
GEOMETRY = "geometry"
# Codes of a table by which regions are looked up.
CODES = ("code", "adcode6", "town9")
VERSION = ("run_id", "valid_from", "valid_to", "load", "closed_load")
_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TYPES: Mapping[str, sa.types.TypeEngine[Any]] = {
    "text": sa.Text(),
    "integer": _WHOLE,
    "number": sa.Double(),
    "date": sa.Date(),
}
_KINDS = {"integer": "integer", "year": "integer", "number": "number", "lon": "number", "lat": "number", "date": "date"}


class _PackageGeometry(UserDefinedType[bytes]):
    """A geometry column of a GeoPackage: its type is the kind of geometry."""

    cache_ok = True

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def get_col_spec(self, **_words: object) -> str:
        """The type as DDL writes it."""
        return self.kind


def geometry_type(kind: str, srid: int) -> sa.types.TypeEngine[Any]:
    """The type of a geometry column for both servers."""
    of: sa.types.TypeEngine[Any] = Geometry(kind, srid=srid, spatial_index=False)
    return of.with_variant(_PackageGeometry(kind), "sqlite")


class Schema:
    """All tables that are known before a run, and how to make those that a run brings besides.

    Parameters
    ----------
    crs : CRS, optional
        Of all coordinates of the database; default EPSG:4490.

    Examples
    --------
    >>> schema = Schema()
    >>> schema["risk_unit"].info["unique"]
    ('run_id', 'code', 'level', 'hazard', 'receptor', 'indicator')
    >>> schema.of_form("shelter").name
    'cap_shelter'
    """

    def __init__(self, crs: CRS | None = None) -> None:
        self.crs = crs or CRS.from_epsg(4490)
        self.metadata = sa.MetaData()
        data = standards.shipped_table("database/schema").data
        self._data = data
        for name, entry in data["tables"].items():
            self._stated(name, entry)
        self._forms = {form_table(name): name for name in form_names()}

    @property
    def version(self) -> int:
        """Number of the schema."""
        return int(self._data["version"])

    def __getitem__(self, name: str) -> sa.Table:
        if name not in self.metadata.tables and name in self._forms:
            self._of_form(form(self._forms[name]))
        return self.metadata.tables[name]

    def __contains__(self, name: str) -> bool:
        return name in self.metadata.tables or name in self._forms

    def of_form(self, name: str) -> sa.Table:
        """The table of a survey form."""
        return self[form_table(name)]

    def whole(self) -> Schema:
        """The schema with the tables of all forms, which are else made when they are asked for."""
        for name in self._forms:
            self[name]
        return self

    def for_frame(self, name: str, frame: pd.DataFrame) -> sa.Table:
        """The table of a frame: a known one with the columns that it lacks, or a new one made from the frame."""
        kinds = {str(column): _kind_of(frame[column]) for column in frame.columns if column != GEOMETRY}
        return self._with(name, kinds | ({GEOMETRY: "geometry"} if GEOMETRY in frame.columns else {}))

    def stored(self, name: str, kinds: Mapping[str, str]) -> sa.Table:
        """A table of ours as it is in a database, by the kinds of its columns there."""
        table = self._with(name, {column: kind for column, kind in kinds.items() if column not in (ROW, "run_id")})
        if {column.name for column in table.c} <= set(kinds):
            return table
        kept = [sa.Column(c.name, c.type, primary_key=c.primary_key) for c in table.c if c.name in kinds]
        return sa.Table(name, sa.MetaData(), *kept, info=table.info)

    def _with(self, name: str, kinds: Mapping[str, str]) -> sa.Table:
        if name not in self:
            per = "unit" if name.startswith("unit_") else "run"
            many = "MULTIPOLYGON" if per == "unit" else "GEOMETRY"
            geometry = many if "geometry" in kinds.values() else None
            columns = {column: kind for column, kind in kinds.items() if kind in _TYPES and column != "run_id"}
            columns |= {"code": "text!"} if per == "unit" else {}
            entry = {"names": self._titles(name), "per": per, "columns": columns, "geometry": geometry}
            self._stated(name, entry)
        table = self[name]
        if "geometry" in kinds.values() and GEOMETRY not in table.c:
            table.info["geometry"] = "GEOMETRY"
            table.append_column(self._column(GEOMETRY, geometry_type("GEOMETRY", self.crs.to_epsg() or 0)))
        for column, kind in kinds.items():
            if column not in table.c and kind in _TYPES:
                table.append_column(self._column(column, _TYPES[kind]))
        return table

    def _titles(self, name: str) -> dict[str, str]:
        """What the table of a run is called, by its name in tables/*.csv."""
        return dict(self._written(name).get("about", {}))

    def _written(self, name: str) -> Mapping[str, Any]:
        """What is said of a table and its columns where it is written as a file."""
        files = {stored: csv for csv, stored in self._data["names"].items()}
        entry: Mapping[str, Any] = (
            standards.shipped_table("names/output_tables").data["tables"].get(files.get(name, name), {})
        )
        return entry

    def _stated(self, name: str, entry: Mapping[str, Any]) -> None:
        per = str(entry["per"])
        columns = [self._row()]
        if per in ("run", "unit"):
            columns.append(self._column("run_id", _TYPES["text"], required=True))
        said = self._written(name).get("columns", {})
        columns += [self._typed(column, str(kind), said.get(column)) for column, kind in entry["columns"].items()]
        key = list(entry.get("key", ("run_id", "code") if per == "unit" else ()))
        checks = tuple(stated_check(check) for check in entry.get("checks", ()))
        info = {
            "type": str(entry.get("type") or name.split("_")[0]),
            "per": per,
            "titles": dict(entry["names"]),
            "form": None,
        }
        self._table(name, columns, key, checks, info, entry.get("geometry"))

    def _of_form(self, of: Form) -> None:
        name = form_table(of.name)
        columns = [self._row()]
        for column, entry in self._data["version_columns"].items():
            columns.append(self._typed(column, entry["type"], entry))
        for item in of.fields:
            titles = {"zh": item.zh, "en": item.en, "units": item.unit}
            kind = _KINDS.get(item.kind, "text")
            columns.append(self._column(item.name, _TYPES[kind], titles, item.required or item.name == of.key))
        places = bool(of.of_kind("lon") and of.of_kind("lat"))
        geometry = self._data["geometry"].get(name, "POINT" if places else None)
        info = {"type": name.split("_")[0], "per": "version", "titles": dict(of.titles), "form": of.name, "key": of.key}
        self._table(name, columns, [of.key, "load"], checks_of(of), info, geometry)

    def _table(
        self,
        name: str,
        columns: list[sa.Column[Any]],
        key: list[str],
        checks: tuple[Check, ...],
        info: dict[str, Any],
        geometry: str | None,
    ) -> None:
        if geometry:
            columns.append(self._column(GEOMETRY, geometry_type(geometry, self.crs.to_epsg() or 0)))
        present = {column.name for column in columns}
        kept = [check for check in checks if set(check.columns) <= present]
        rules: list[Any] = [
            sa.CheckConstraint(check.expression, name=f"ck_{name}_{number}") for number, check in enumerate(kept)
        ]
        if key:
            rules.append(sa.UniqueConstraint(*key, name=f"key_{name}"))
        rules += list(_references(name, info["per"], present))
        rules += [sa.Index(f"ix_{name}_{code}", code) for code in CODES if code in present]
        if info["per"] == "version":
            rules.append(sa.Index(f"ix_{name}_closed_load", "closed_load"))
        if geometry:
            rules.append(sa.Index(f"sidx_{name}", GEOMETRY, postgresql_using="gist"))
        info |= {"checks": tuple(kept), "geometry": geometry, "unique": tuple(key), "crs": self.crs}
        sa.Table(name, self.metadata, *columns, *rules, info=info, sqlite_autoincrement=True)

    def _row(self) -> sa.Column[Any]:
        return sa.Column(ROW, _WHOLE, primary_key=True, autoincrement=True)

    def _typed(self, name: str, kind: str, titles: Mapping[str, Any] | None = None) -> sa.Column[Any]:
        return self._column(name, _TYPES[kind.rstrip("!")], titles, kind.endswith("!"))

    def _column(
        self,
        name: str,
        kind: sa.types.TypeEngine[Any],
        titles: Mapping[str, Any] | None = None,
        required: bool = False,
    ) -> sa.Column[Any]:
        info = dict(titles or self._data["columns"].get(name, {}))
        return sa.Column(name, kind, nullable=not required, info=info)


def _kind_of(values: pd.Series) -> str:
    if pd.api.types.is_datetime64_any_dtype(values):
        return "date"
    return "number" if pd.api.types.is_numeric_dtype(values) else "text"


def _references(name: str, per: str, columns: Iterable[str]) -> Iterable[sa.ForeignKeyConstraint]:
    """Rows belong to a run that is there; codes are those of the units of that run."""
    if per in ("database",) or name == "meta_run":
        return
    if name == "meta_load" or "run_id" in columns:
        yield _reference(["run_id"], ["meta_run.run_id"], f"run_{name}")
    if name == "base_admin" or name.startswith(("meta_", "qc_")):
        return
    for code in CODES:
        # A code without a level may be that of a zone.
        if code in columns and (code != "code" or per == "unit" or "level" in columns):
            yield _reference(["run_id", code], ["base_admin.run_id", "base_admin.code"], f"unit_{name}_{code}")


def _reference(columns: list[str], of: list[str], name: str) -> sa.ForeignKeyConstraint:
    """A foreign key that is checked when a load is whole."""
    return sa.ForeignKeyConstraint(columns, of, name=name, deferrable=True, initially="DEFERRED")
