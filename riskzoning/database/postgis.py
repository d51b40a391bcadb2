"""The disaster database on a server."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from riskzoning.database.base import Database
from riskzoning.database.urls import driver_url, filled_url, hidden, secrets, without_password
from riskzoning.errors import DatabaseError, Problem


class PostGIS(Database):
    kind = "postgis"

    def __init__(self, url: str) -> None:
        import sqlalchemy

        self.shown, self._secrets = without_password(url), secrets(filled_url(url))
        url = driver_url(url)
        try:
            self._engine = sqlalchemy.create_engine(url)
            with self._engine.begin() as connection:
                connection.execute(sqlalchemy.text("CREATE EXTENSION IF NOT EXISTS postgis"))
        except Exception as error:  # noqa: BLE001 - the driver has many kinds; all mean that the server is not usable
            raise self._failed("database.connect", error) from None

    def _failed(self, rule: str, error: Exception) -> DatabaseError:
        return DatabaseError(Problem(rule, self.shown, reason=hidden(_reason(error), self._secrets)))

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
