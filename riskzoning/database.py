"""The disaster database: one schema in a GeoPackage or in PostGIS, tables by type, every row with its region."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import geopandas as gpd
import pandas as pd
import pyogrio

from riskzoning import io
from riskzoning.errors import ConfigError, DatabaseError, Phrase, Problem, without_secrets
from riskzoning.faces import missing
from riskzoning.layers import crs_name
from riskzoning.results import StudyResult, level_order

__all__ = ["Database", "open_database", "run_tables", "without_password"]

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_SECRET_VALUE = re.compile(r"(?i)[?&][\w.-]*(?:password|passwd|pwd|secret|token)[\w.-]*=([^&#]*)")
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
    if is_server(text):
        return _PostGIS(text)
    if not text.lower().endswith(".gpkg"):
        raise DatabaseError(Problem("database.target", without_password(text)))
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
        tables[_table_name(name)] = frame.assign(run_id=run_id)
    tables |= {name: frame.reset_index(drop=frame.index.name is None) for name, frame in result.zones.items()}
    used = pd.DataFrame(result.record.get("tables_used", []))
    if len(used):
        tables["meta_tables_used"] = used.astype({"verified": "int64"}).fillna("")
    tables["meta_run"] = pd.DataFrame([_run_row(result, run_id)])
    return tables


def _table_name(name: str) -> str:
    """The name in the database of a table of a run: those of numbers of the units keep theirs."""
    if name == "exposure_by_grade":
        return name
    return f"risk_{name}" if name in ("breaks", "weights") else f"meta_{name}"


def _base_admin(result: StudyResult) -> gpd.GeoDataFrame:
    parts = [result.units[level][["name", "level", "parent", "geometry"]] for level in result.levels]
    frame = gpd.GeoDataFrame(pd.concat(parts), geometry="geometry", crs=parts[0].crs)
    area = frame.to_crs(str(result.grid.crs)).geometry.area / 1e6
    # Levels that a study names itself have no code of GB/T 2260.
    county = ["" if result.level_names else str(code)[:6] for code in frame.index]
    frame = frame.assign(area_km2=area, stat_only=0, gb_code=county)
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
        self._refuse_foreign(result.code, result.levels)
        self._write(run_tables(result))

    def _refuse_foreign(self, code: str, levels: Sequence[str]) -> None:
        """Whatever lies in the target and is not an earlier run of this study stays as it is."""
        present = self.tables()
        if "meta_run" in present:
            others = sorted(set(self._read("meta_run")["code"].astype(str)) - {code})
            if others:
                raise DatabaseError(Problem("database.other_study", self.shown, others=others, code=code))
            return
        own = {"base_admin", "risk_unit", *(f"unit_{level}" for level in levels)}
        strange = present if self.kind == "geopackage" else sorted(set(present) & own)
        if strange:
            raise DatabaseError(Problem("database.foreign", self.shown, tables=strange, code=code))

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
            raise DatabaseError(Problem("database.table", self._table(table), known=known))
        return self._read(table)

    def query(self, table: str, *, region: str | None = None, **equal: str | float) -> pd.DataFrame:
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
            known = [str(column) for column in frame.columns]
            raise DatabaseError(Problem("database.column", self._table(table), columns=unknown, known=known))
        for column, value in equal.items():
            frame = frame[frame[column] == value]
        if region is not None and "code" in frame.columns:
            frame = frame[frame["code"].isin(self._below(region))]
        return frame

    def _below(self, region: str) -> set[str]:
        admin = self._read("base_admin")
        below, layer = {region}, {region}
        while layer:
            layer = set(admin.loc[admin["parent"].isin(layer), "code"]) - below
            below |= layer
        return below

    def _table(self, name: str) -> Phrase:
        return Phrase("database_table", name=name, database=self.shown)

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
            return [Problem("database.tables", self.shown, missing=missing)]
        admin, tidy = self._read("base_admin"), self._read("risk_unit")
        keys = {
            "base_admin": (admin, ["code"]),
            "risk_unit": (tidy, ["code", "level", "hazard", "receptor", "indicator"]),
        }
        for name, (frame, columns) in keys.items():
            double = int(frame.duplicated(columns).sum())
            if double:
                problems.append(Problem("database.key", self._table(name), count=double, key=columns))
        codes = set(admin["code"])
        # The coarsest level has its parent outside the study.
        coarsest = level_order(admin.drop_duplicates("code").set_index("code"))[0]
        inner = admin[admin["level"] != coarsest]
        lost = sorted(inner.loc[~inner["parent"].isin(codes), "code"])
        if lost:
            problems.append(Problem("database.parent", self._table("base_admin"), count=len(lost), codes=lost))
        unknown = sorted(set(tidy["code"]) - codes)
        if unknown:
            problems.append(Problem("database.code", self._table("risk_unit"), count=len(unknown), codes=unknown))
        return problems

    def _write(self, tables: dict[str, pd.DataFrame]) -> None:
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
            raise DatabaseError(Problem("database.open", self.shown, reason=str(error))) from None

    def _write(self, tables: dict[str, pd.DataFrame]) -> None:
        # The file carries the date of the data, no clock.
        io.write_vector(self.path, tables, date=str(tables["meta_run"]["created"].iloc[0]) or None)

    def _read(self, table: str) -> pd.DataFrame:
        frame = gpd.read_file(self.path, layer=table)
        return frame if isinstance(frame, gpd.GeoDataFrame) else pd.DataFrame(frame)


class _PostGIS(Database):
    kind = "postgis"

    def __init__(self, url: str) -> None:
        import sqlalchemy

        self.shown, self._secrets = without_password(url), _secrets(filled_url(url))
        url = _URL.sub("postgresql+psycopg://", filled_url(url))
        try:
            self._engine = sqlalchemy.create_engine(url)
            with self._engine.begin() as connection:
                connection.execute(sqlalchemy.text("CREATE EXTENSION IF NOT EXISTS postgis"))
        except Exception as error:  # noqa: BLE001 - the driver has many kinds; all mean that the server is not usable
            raise self._failed("database.connect", error) from None

    def _failed(self, rule: str, error: Exception) -> DatabaseError:
        return DatabaseError(Problem(rule, self.shown, reason=_hidden(_reason(error), self._secrets)))

    def close(self) -> None:
        self._engine.dispose()

    def tables(self) -> list[str]:
        import sqlalchemy

        try:
            own = set(sqlalchemy.inspect(self._engine).get_table_names())
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise self._failed("database.connect", error) from None
        return sorted(own - {"spatial_ref_sys"})

    def _write(self, tables: dict[str, pd.DataFrame]) -> None:
        exchange = getattr(tables["base_admin"], "crs", None) or "EPSG:4490"
        try:
            # One transaction: readers see the old run until the new one is whole.
            with self._engine.begin() as connection:
                for name, frame in tables.items():
                    if isinstance(frame, gpd.GeoDataFrame):
                        frame = frame.to_crs(exchange)
                        frame.to_postgis(name, connection, if_exists="replace", index=False)
                    else:
                        frame.to_sql(name, connection, if_exists="replace", index=False)
        except Exception as error:  # noqa: BLE001 - as above
            raise self._failed("database.write", error) from None

    def _read(self, table: str) -> pd.DataFrame:
        import sqlalchemy

        try:
            columns = {column["name"] for column in sqlalchemy.inspect(self._engine).get_columns(table)}
            with self._engine.connect() as connection:
                if "geometry" in columns:
                    return gpd.read_postgis(f'SELECT * FROM "{table}"', connection, geom_col="geometry")
                return pd.read_sql_table(table, connection)
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise self._failed("database.connect", error) from None


def _reason(error: Exception) -> str:
    """The first line of what the driver says."""
    return str(getattr(error, "orig", error)).strip().splitlines()[0]


def is_server(target: str) -> bool:
    """Whether a target is a server: a URL, also one whose parts, or all of it, stand in variables of the environment.

    Examples
    --------
    >>> is_server("postgresql://me:${PW}@host/city"), is_server("${CITY_DB}"), is_server("city.gpkg")
    (True, True, False)
    """
    return bool(_URL.match(target) or _VARIABLE.fullmatch(target))


def filled_url(url: str) -> str:
    """A URL with the variables of the environment filled in: ``${NAME}`` keeps a password out of files.

    Raises
    ------
    ConfigError
        A variable is not set.

    Examples
    --------
    >>> filled_url("postgresql://me@host/city")
    'postgresql://me@host/city'
    """
    unset = sorted({name for name in _VARIABLE.findall(url) if name not in os.environ})
    if unset:
        raise ConfigError(Problem("database.variable", without_password(url), names=unset))
    # Signs that a URL takes for its own are written as codes, where a variable is only the password.
    whole = bool(_VARIABLE.fullmatch(url))
    return _VARIABLE.sub(lambda match: os.environ[match[1]] if whole else quote(os.environ[match[1]], safe=""), url)


def _secrets(url: str) -> set[str]:
    """What of a URL must not be shown, as it is written and as it is meant."""
    hidden = re.findall(r"://[^:/?#@]*:(.*)@", url) + [match[1] for match in _SECRET_VALUE.finditer(url)]
    return {text for part in hidden for text in (part, unquote(part)) if text}


def _hidden(text: str, secrets: set[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def without_password(url: str) -> str:
    """A database URL as it may be shown: the password as stars, also in its query; a path as it is.

    Examples
    --------
    >>> without_password("postgresql://me:secret@host/city")
    'postgresql://me:***@host/city'
    >>> without_password("postgresql://host/city?user=me&password=secret")
    'postgresql://host/city?user=me&password=***'
    """
    if "://" not in url:
        return url
    return without_secrets(re.sub(r"(://[^:/?#@]*):(?!\$\{\w+\}@).*@", r"\1:***@", url))


if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
