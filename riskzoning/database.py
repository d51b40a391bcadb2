"""The disaster database: one schema in a GeoPackage or in PostGIS, tables by type, every row with its region."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from types import TracebackType
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from riskzoning import io
from riskzoning.errors import DatabaseError, Problem, first_few
from riskzoning.layers import crs_name
from riskzoning.results import LEVELS, StudyResult

__all__ = ["Database", "open_database", "run_tables", "without_password"]

_URL = re.compile(r"^postgres(ql)?(\+\w+)?://")


def open_database(target: str | Path) -> Database:
    """A disaster database by path (GeoPackage) or URL (``postgresql://user@host/name``, with PostGIS).

    Raises
    ------
    DatabaseError
        The path does not end in ``.gpkg``, the server does not answer, or PostGIS is not there.

    Examples
    --------
    >>> open_database("city.gpkg").kind
    'geopackage'
    """
    text = str(target)
    if _URL.match(text):
        return _PostGIS(text)
    if not text.lower().endswith(".gpkg"):
        raise DatabaseError(
            Problem(
                without_password(text),
                "is neither a GeoPackage path nor a postgresql:// URL",
                "FILE.gpkg or postgresql://user@host/name",
                "Correct the key `outputs.database` or the argument.",
                rule="database.target",
            )
        )
    return _GeoPackage(Path(text))


def run_tables(result: StudyResult) -> dict[str, pd.DataFrame]:
    """The tables and layers of a run by their names in the database, rows sorted by code.

    ``base_admin`` and ``unit_*`` carry geometry; ``risk_unit`` is tidy; ``meta_*`` tell where the numbers come from.

    Examples
    --------
    >>> from riskzoning.samples import toy_result
    >>> sorted(run_tables(toy_result()))[:2]
    ['base_admin', 'meta_reconciliation']
    """
    run_id = str(result.record.get("run_id", ""))
    tables: dict[str, pd.DataFrame] = {"base_admin": _base_admin(result)}
    for level in result.levels:
        tables[f"unit_{level}"] = result.units[level].sort_index().reset_index()
    risk_unit = result.unit_table.copy()
    tables["risk_unit"] = risk_unit.assign(run_id=run_id)
    for name, frame in result.tables.items():
        tables[f"risk_{name}" if name in ("breaks", "weights") else f"meta_{name}"] = frame.assign(run_id=run_id)
    tables |= {name: frame.reset_index(drop=frame.index.name is None) for name, frame in result.zones.items()}
    used = pd.DataFrame(result.record.get("tables_used", []))
    if len(used):
        tables["meta_tables_used"] = used.astype({"verified": "int64"}).fillna("")
    tables["meta_run"] = pd.DataFrame([_run_row(result, run_id)])
    return tables


def _base_admin(result: StudyResult) -> gpd.GeoDataFrame:
    parts = [result.units[level][["name", "level", "parent", "geometry"]] for level in result.levels]
    frame = gpd.GeoDataFrame(pd.concat(parts), geometry="geometry", crs=parts[0].crs)
    area = frame.to_crs(str(result.grid.crs)).geometry.area / 1e6
    frame = frame.assign(area_km2=area, stat_only=0, gb_code=[str(code)[:6] for code in frame.index])
    return gpd.GeoDataFrame(frame.sort_index().reset_index(), geometry="geometry", crs=parts[0].crs)


def _run_row(result: StudyResult, run_id: str) -> dict[str, Any]:
    # Threads, memory and places of the outputs are no part of what the numbers are.
    study = {key: value for key, value in result.record.get("study", {}).items() if key not in ("run", "outputs")}
    text = json.dumps(study, sort_keys=True, ensure_ascii=False, default=str)
    return {
        "run_id": run_id,
        "code": result.code,
        "cfg_sha": hashlib.sha256(text.encode()).hexdigest(),
        "code_version": str(result.record.get("versions", {}).get("riskzoning", "")),
        "created": str(study.get("data_date", "")),
        "crs": crs_name(result.grid.crs),
        "record": json.dumps(
            {"study": study, **{key: result.record.get(key) for key in ("inputs", "warnings", "steps", "dropped")}},
            sort_keys=True,
            ensure_ascii=False,
            default=str,
        ),
    }


class Database:
    """What GeoPackage and PostGIS have in common; made by :func:`open_database`.

    Examples
    --------
    >>> with open_database("city.gpkg") as database:
    ...     database.kind
    'geopackage'
    """

    kind = ""
    shown = ""

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection.

        Examples
        --------
        >>> database = open_database("no-such.gpkg")
        >>> database.close()
        >>> database.kind
        'geopackage'
        """

    def write(self, result: StudyResult) -> None:
        """Write a run, whole or not at all; a run that is there already is replaced.

        Raises
        ------
        DatabaseError
            The target cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning.samples import toy_result
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     database = open_database(Path(folder) / "city.gpkg")
        ...     database.write(toy_result())
        ...     "risk_unit" in database.tables()
        True
        """
        self._refuse_foreign(result.code)
        self._write(run_tables(result), result)

    def _refuse_foreign(self, code: str) -> None:
        """Whatever lies in the target and is not an earlier run of this study stays as it is."""
        present = self.tables()
        found = ""
        if "meta_run" in present:
            others = sorted(set(self._read("meta_run")["code"].astype(str)) - {code})
            found = f"holds the study of {', '.join(others)}" if others else ""
        elif self.kind == "geopackage" and present:
            found = f"holds {first_few(present)}, which no run has written"
        else:
            doubled = sorted(set(present) & {"base_admin", "risk_unit", *(f"unit_{level}" for level in LEVELS)})
            found = f"holds {first_few(doubled)}, which no run has written" if doubled else ""
        if found:
            raise DatabaseError(
                Problem(
                    self.shown, found, f"a new database, or that of the study {code}",
                    "Choose another database under `outputs: database:`.", rule="database.foreign",
                )
            )  # fmt: skip

    def tables(self) -> list[str]:
        """Names of the tables and layers that are there.

        Examples
        --------
        >>> open_database("no-such.gpkg").tables()
        []
        """
        raise NotImplementedError

    def read(self, table: str) -> pd.DataFrame:
        """A table or layer, with geometry where it has one.

        Raises
        ------
        DatabaseError
            There is no such table.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning.samples import toy_result
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     database = open_database(Path(folder) / "city.gpkg")
        ...     database.write(toy_result())
        ...     len(database.read("meta_run"))
        1
        """
        known = self.tables()
        if table not in known:
            raise DatabaseError(
                Problem(
                    f"table '{table}'", "is not in the database", f"one of {', '.join(known) or 'none'}", "Correct it."
                )
            )
        return self._read(table)

    def query(self, table: str, *, region: str | None = None, **equal: Any) -> pd.DataFrame:
        """Rows of a table, by region (a code: the unit and everything below it) and by equal values.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning.samples import toy_result
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     database = open_database(Path(folder) / "city.gpkg")
        ...     database.write(toy_result())
        ...     len(database.query("base_admin", level="city"))
        1
        """
        frame = self.read(table)
        unknown = [column for column in equal if column not in frame.columns]
        if unknown:
            raise DatabaseError(
                Problem(
                    f"table '{table}'", f"has no column {first_few(map(repr, unknown))}",
                    f"one of {first_few(frame.columns, shown=20)}", "Correct the name.", rule="database.column",
                )
            )  # fmt: skip
        for column, value in equal.items():
            frame = frame[frame[column] == value]
        if region is not None and "code" in frame.columns:
            frame = frame[frame["code"].isin(self._below(region))]
        return frame

    def _below(self, region: str) -> set[str]:
        admin = self._read("base_admin")
        found, layer = {region}, {region}
        while layer:
            layer = set(admin.loc[admin["parent"].isin(layer), "code"]) - found
            found |= layer
        return found

    def verify(self) -> list[Problem]:
        """Problems of the content: double keys, units without parent, unit tables that disagree with ``risk_unit``.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning.samples import toy_result
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     database = open_database(Path(folder) / "city.gpkg")
        ...     database.write(toy_result())
        ...     database.verify()
        []
        """
        problems: list[Problem] = []
        known = self.tables()
        missing = [name for name in ("base_admin", "risk_unit", "meta_run") if name not in known]
        if missing:
            found = f"lacks {', '.join(missing)}"
            return [Problem("database", found, "the tables of a run", "Write the run again.", rule="database.tables")]
        admin, tidy = self._read("base_admin"), self._read("risk_unit")
        keys = {
            "base_admin": (admin, ["code"]),
            "risk_unit": (tidy, ["code", "level", "hazard", "receptor", "indicator"]),
        }
        for name, (frame, columns) in keys.items():
            double = int(frame.duplicated(columns).sum())
            if double:
                found = f"has {double} rows with a key that is there already"
                problems.append(
                    Problem(f"table '{name}'", found, "unique keys", "Write the run again.", rule="database.key")
                )
        codes = set(admin["code"])
        # The coarsest level has its parent outside the study.
        coarsest = next(level for level in LEVELS if level in set(admin["level"]))
        inner = admin[admin["level"] != coarsest]
        lost = sorted(inner.loc[~inner["parent"].isin(codes), "code"])
        if lost:
            found = f"has units whose parent is missing: {', '.join(lost[:5])}"
            problems.append(
                Problem("table 'base_admin'", found, "a parent for each", "Mend it.", rule="database.parent")
            )
        unknown = sorted(set(tidy["code"]) - codes)
        if unknown:
            found = f"has codes that base_admin lacks: {', '.join(unknown[:5])}"
            problems.append(Problem("table 'risk_unit'", found, "known codes", "Write again.", rule="database.code"))
        return problems

    def _write(self, tables: dict[str, pd.DataFrame], result: StudyResult) -> None:
        raise NotImplementedError

    def _read(self, table: str) -> pd.DataFrame:
        raise NotImplementedError


class _GeoPackage(Database):
    kind = "geopackage"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.shown = str(path)

    def tables(self) -> list[str]:
        if not self.path.is_file():
            return []
        try:
            return sorted(str(name) for name, _ in pyogrio.list_layers(self.path))
        except pyogrio.errors.DataSourceError as error:
            raise DatabaseError(
                Problem(str(self.path), f"cannot be opened ({error})", "a GeoPackage", "Write the run again.")
            ) from None

    def _write(self, tables: dict[str, pd.DataFrame], result: StudyResult) -> None:
        date = str(result.record.get("study", {}).get("data_date", "")) or None
        io.write_vector(self.path, tables, date=date)

    def _read(self, table: str) -> pd.DataFrame:
        frame = gpd.read_file(self.path, layer=table)
        return frame if isinstance(frame, gpd.GeoDataFrame) else pd.DataFrame(frame)


class _PostGIS(Database):
    kind = "postgis"

    def __init__(self, url: str) -> None:
        import sqlalchemy

        self.shown = without_password(url)
        url = _URL.sub("postgresql+psycopg://", url)
        try:
            self._engine = sqlalchemy.create_engine(url)
            with self._engine.begin() as connection:
                connection.execute(sqlalchemy.text("CREATE EXTENSION IF NOT EXISTS postgis"))
        except Exception as error:  # noqa: BLE001 - the driver has many kinds; all mean that the server is not usable
            reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
            raise DatabaseError(
                Problem(
                    self.shown,
                    f"cannot be opened ({reason})",
                    "a PostgreSQL server with PostGIS that answers",
                    "Check host, name, user and password, and that PostGIS is installed.",
                    rule="database.connect",
                )
            ) from None

    def close(self) -> None:
        self._engine.dispose()

    def tables(self) -> list[str]:
        import sqlalchemy

        own = set(sqlalchemy.inspect(self._engine).get_table_names())
        return sorted(own - {"spatial_ref_sys"})

    def _write(self, tables: dict[str, pd.DataFrame], result: StudyResult) -> None:
        try:
            # One transaction: readers see the old run until the new one is whole.
            with self._engine.begin() as connection:
                for name, frame in tables.items():
                    if isinstance(frame, gpd.GeoDataFrame):
                        frame = frame.to_crs("EPSG:4490")
                        frame.to_postgis(name, connection, if_exists="replace", index=False)
                    else:
                        frame.to_sql(name, connection, if_exists="replace", index=False)
        except Exception as error:  # noqa: BLE001 - as above
            reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
            raise DatabaseError(
                Problem(
                    self.shown, f"could not be written ({reason})", "write permission", "Check the rights of the user."
                )
            ) from None

    def _read(self, table: str) -> pd.DataFrame:
        import sqlalchemy

        columns = {column["name"] for column in sqlalchemy.inspect(self._engine).get_columns(table)}
        with self._engine.connect() as connection:
            if "geometry" in columns:
                return gpd.read_postgis(f'SELECT * FROM "{table}"', connection, geom_col="geometry")
            return pd.read_sql_table(table, connection)


def without_password(url: str) -> str:
    """A database URL as it may be shown: the password as stars; a path as it is.

    Examples
    --------
    >>> without_password("postgresql://me:secret@host/city")
    'postgresql://me:***@host/city'
    """
    return re.sub(r"(://[^:/@]+):[^@]*@", r"\1:***@", url)
