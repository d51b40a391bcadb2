"""Older databases brought to the present schema: numbered steps, the same for every server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import sqlalchemy as sa
from pyproj import CRS

from riskzoning.database.plan import Load, Transaction, first_row
from riskzoning.database.schema import Schema
from riskzoning.errors import Problem, TargetError


class Step(NamedTuple):
    """A step to version ``number`` of the schema."""

    number: int
    what: str
    run: Callable[[Transaction, Schema], None]


# Step n brings a database of version n - 1 to version n. Version 0 has no number: see :func:`unnumbered`.
STEPS: tuple[Step, ...] = ()


def run(transaction: Transaction, schema: Schema, version: int, steps: tuple[Step, ...] = STEPS) -> None:
    """Bring a database from its version to the present one; one that is newer than the program is refused."""
    newest = max((step.number for step in steps), default=1)
    if version > max(newest, schema.version):
        raise TargetError(Problem("database.newer", "meta_schema", version=version, known=schema.version))
    for step in steps:
        if step.number > version:
            step.run(transaction, schema)
            stored = schema["meta_schema"]
            transaction.connection.execute(sa.update(stored).values(version=step.number))
            transaction.changed = True


def unnumbered(transaction: Transaction) -> list[Load]:
    """The content of a database from before the schema had a number, as loads; its tables are taken away."""
    what = earlier_load(transaction)
    for name in (*what.tables, "meta_run"):
        transaction.drop(name)
    return [what]


def earlier_load(transaction: Transaction) -> Load:
    """The one run of such a database: ``meta_run`` has a row, and every other table of ours belongs to it."""
    names = sorted(name for name in transaction.tables() if _is_earlier(name, transaction.columns(name)))
    tables = {name: transaction.content(name) for name in names}
    run = first_row(tables.pop("meta_run"))
    crs = CRS.from_user_input(getattr(tables["base_admin"], "crs", None) or 4490)
    return Load(run, tables, {}, crs)


def _is_earlier(name: str, columns: Mapping[str, str]) -> bool:
    """Whether a table is one that a run wrote then: of a known name, or with the column of the run."""
    if name in ("base_admin", "meta_run", "meta_tables_used", "zone_region", "zone_prevention"):
        return True
    if name.startswith("unit_"):
        return {"code", "level", "parent"} <= set(columns)
    return name.startswith(("risk_", "meta_", "exposure_by_grade")) and "run_id" in columns
