"""Buildings into a PostGIS server: keys, checks, foreign keys, versions and indexes included, beside geopandas alone.

``RISKZONING_BENCH_DATABASE`` is the URL of a database that may be filled; without it nothing is timed.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from benchmarks.contest import Call, Case, Contestant, DifferenceError, Result, Workload

COUNTS = {"s": 100_000, "m": 300_000, "l": 1_000_000}
_URL = "RISKZONING_BENCH_DATABASE"
_SCHEMA = "riskzoning_benchmark"


def _case(count: int, growth: str = "") -> Case:
    return Case(f"{count:,} buildings", count, {"count": count}, growth)


def buildings(count: int, towns: Any, crs: Any) -> Any:
    """Accepted records of the form ``exp_building``, in townships with these codes."""
    import geopandas as gpd
    import pandas as pd

    rng = np.random.default_rng(11)
    town = rng.choice(np.asarray(towns, dtype=object), count)
    frame = pd.DataFrame(
        {
            "obj_id": [f"{code}{at:09d}" for at, code in enumerate(town)],
            "adcode6": [code[:6] for code in town],
            "town9": town,
            "vill12": [f"{code}001" for code in town],
            "lon": rng.uniform(113.5, 114.5, count),
            "lat": rng.uniform(35, 36, count),
            "class": rng.choice(["城镇住宅", "城镇非住宅"], count),
            "struct": rng.choice(["1", "11", "12", "2"], count),
            "area_m2": rng.uniform(50, 5000, count).round(1),
            "floors_up": rng.integers(1, 30, count).astype(float),
            "height_m": rng.uniform(3, 90, count).round(1),
            "built_year": rng.integers(1960, 2024, count).astype(float),
            "value_yuan": rng.uniform(1e5, 1e7, count).round(0),
            "survey_date": pd.Timestamp("2024-01-02"),
            "source": "调查",
        }
    )
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs=crs)


def _made(case: Case) -> Any:
    import dataclasses

    from riskzoning.samples import toy_result

    result = toy_result()
    units = result.units["township"]
    return dataclasses.replace(
        result, surveys={"exp_building": buildings(case.params["count"], units.index, units.crs)}
    )


def _engine() -> Any:
    import sqlalchemy

    url = os.environ[_URL].split("?")[0]
    return sqlalchemy.create_engine("postgresql+psycopg" + url[url.index("://") :])


def _emptied() -> None:
    with _engine().begin() as connection:
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS postgis")
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE")
        connection.exec_driver_sql(f"CREATE SCHEMA {_SCHEMA}")


def _totals() -> Result:
    query = f"SELECT count(*), sum(area_m2), count(geometry) FROM {_SCHEMA}.exp_building"
    with _engine().connect() as connection:
        return {"totals": np.array([float(value) for value in connection.exec_driver_sql(query).one()])}


def _start_ours(case: Case) -> Call:
    from riskzoning.database import open_database

    result = _made(case)

    def call() -> Result:
        _emptied()
        with open_database(f"{os.environ[_URL].split('?')[0]}?schema={_SCHEMA}") as database:
            database.write(result)
        return _totals()

    return call


def _start_geopandas(case: Case) -> Call:
    frame = _made(case).surveys["exp_building"]

    def call() -> Result:
        _emptied()
        frame.to_postgis("exp_building", _engine(), schema=_SCHEMA)
        return _totals()

    return call


def agree(ours: Result, theirs: Result, peer: str) -> None:
    """As many buildings, of the same area, each with its place."""
    if not np.allclose(ours["totals"], theirs["totals"], rtol=1e-9):
        raise DifferenceError(f"other totals than with {peer}: {ours['totals']} and {theirs['totals']}")


WORKLOADS = [
    Workload(
        "database-load",
        lambda size: [_case(COUNTS[size]), _case(COUNTS[size] // 4, "rows")],
        {
            "ours": Contestant(_start_ours, ("psycopg", "sqlalchemy", "geopandas", "riskzoning.database")),
            "geopandas.to_postgis": Contestant(_start_geopandas, ("psycopg", "sqlalchemy", "geopandas")),
        },
        agree,
    ),
]
if _URL not in os.environ:
    WORKLOADS = []
