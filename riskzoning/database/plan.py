"""What passes between a load and a server: what a run brings, and what a server must do for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

import pandas as pd
import sqlalchemy as sa
from pyproj import CRS

from riskzoning.database.naming import form_table
from riskzoning.database.runs import run_tables
from riskzoning.results import StudyResult


class Transaction(Protocol):
    """What a server does inside one load; all of it is kept when the block of :meth:`Server.begin` ends well and
    ``changed`` is set, and nothing otherwise."""

    # How people know the server; whether anything was written; the day of the data, where a server notes one (no
    # clock); the connection of the transaction, for statements that both servers understand.
    shown: str
    changed: bool
    day: str | None
    connection: sa.Connection

    def tables(self) -> set[str]:
        """Names of the tables that are there, also those of others."""

    def columns(self, table: str) -> dict[str, str]:
        """The columns of a table and of which kind they are: text, integer, number, date or geometry."""

    def create(self, table: sa.Table) -> None:
        """Make a table with its key, checks, indexes, and what a GIS needs to see it."""

    def widen(self, table: sa.Table, columns: Sequence[sa.Column[Any]]) -> None:
        """Add columns to a table."""

    def drop(self, table: str) -> None:
        """Remove a table; views of others on it stay, or are made again."""

    def make_view(self, name: str, query: str, table: sa.Table) -> None:
        """Make a view on a table of ours, and what a GIS needs to see it."""

    def drop_view(self, name: str) -> None:
        """Remove a view of ours."""

    def insert(self, table: sa.Table, frame: pd.DataFrame) -> None:
        """Append the rows of a typed frame (days as text, shapes in the coordinates of the database)."""

    def content(self, table: str) -> pd.DataFrame:
        """All of a table of any shape, its shapes in the column ``geometry``, without the number of the row."""

    def rows(self, table: sa.Table, where: sa.ColumnElement[bool] | None = None) -> pd.DataFrame:
        """Rows of a table in the order in which they came, typed, with shapes; the index is the number of the row."""


class Server(Protocol):
    """A place that can hold the database."""

    def begin(self) -> AbstractContextManager[Transaction]:
        """A transaction: whole or not at all."""


@dataclass(frozen=True)
class Load:
    """What one run brings: its row of ``meta_run``, its tables and survey records by their names in the database."""

    run: Mapping[str, object]
    tables: Mapping[str, pd.DataFrame]
    surveys: Mapping[str, pd.DataFrame]
    crs: CRS
    # Codes of China say where a unit lies, also one without ground of its own.
    coded: bool = True

    @property
    def run_id(self) -> str:
        """The run."""
        return str(self.run["run_id"])

    @property
    def study(self) -> str:
        """Code of the study area."""
        return str(self.run["code"])

    @property
    def day(self) -> str | None:
        """Day of the data; no clock is asked."""
        return str(self.run.get("created") or "")[:10] or None


@dataclass(frozen=True)
class Loaded:
    """What a load did: its number (None where nothing changed), rows by table, rows that were set aside.

    Examples
    --------
    >>> Loaded(None).rows
    {}
    """

    number: int | None
    rows: Mapping[str, int] = field(default_factory=dict)
    rejected: int = 0


def first_row(frame: pd.DataFrame) -> dict[str, object]:
    """The values of the first row by column."""
    return {str(name): value for name, value in frame.iloc[0].items()}


def load_of(result: StudyResult) -> Load:
    """The load of the result of a run."""
    tables = run_tables(result)
    forms = {form_table(name) for name in result.surveys}
    run = first_row(tables.pop("meta_run"))
    crs = CRS.from_user_input(tables["base_admin"].crs)
    return Load(
        run,
        {name: frame for name, frame in tables.items() if name not in forms},
        {name: frame for name, frame in tables.items() if name in forms},
        crs,
        coded=not result.level_names,
    )
