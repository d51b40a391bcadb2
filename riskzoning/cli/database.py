"""The commands ``riskzoning db ...``: asking, loading, verifying and comparing disaster databases, and their roles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from riskzoning.cli.console import Speaker, exit_code, print_json, word
from riskzoning.cli.options import Format, FormatOption, command
from riskzoning.errors import Journal, Problem, TargetError, hearing

if TYPE_CHECKING:
    import pandas as pd

    from riskzoning.database import Database

db_app = typer.Typer(name="db", help="Disaster databases: GeoPackage or PostGIS (灾害数据库).", no_args_is_help=True)

DatabaseArgument = Annotated[
    str,
    typer.Argument(
        metavar="DATABASE", help="FILE.gpkg or postgresql://user@host/name[?schema=...]", show_default=False
    ),
]
_SHOWN = 20


@contextmanager
def _opened(target: str) -> Iterator[Database]:
    """A database; a password among the arguments, which everybody on the machine can read, is told."""
    from riskzoning.database import is_server, open_database
    from riskzoning.database.urls import server

    speaker = Speaker()
    if is_server(target) and server(target).password_written:
        speaker.say(Problem("database.password_shown", server(target).shown, severity="warning").text())
    with hearing(Journal()) as journal, open_database(target) as database:
        yield database
    for problem in (*journal.steps, *journal.dropped, *journal.warnings):
        speaker.say(problem.text())


@command(db_app)
def check(database: DatabaseArgument) -> None:
    """Ask whether a load would be taken: rights, what else lies there, locks; nothing is changed."""
    with _opened(database) as opened:
        opened.check()
        Speaker().say(word("line", key=opened.shown, text=word("db_ready")))


@command(db_app)
def load(
    database: DatabaseArgument,
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run, or its GeoPackage.")],
) -> None:
    """Load the run of a folder into a database, whole or not at all; what is there already is not written again."""
    with _opened(database) as opened:
        loaded = opened.load(folder)
        speaker = Speaker()
        for name, count in sorted(loaded.rows.items()):
            speaker.say(word("db_rows", table=name, count=count))
        speaker.say(word("db_same") if loaded.number is None else word("db_loaded", number=loaded.number))
        if loaded.rejected:
            speaker.say(word("db_rejected", count=loaded.rejected))


@command(db_app)
def verify(database: DatabaseArgument, style: FormatOption = Format.table) -> None:
    """Look for double keys, lost units and numbers that do not follow from their parts; exit code 2 with errors."""
    with _opened(database) as opened:
        problems = opened.verify()
    if style is Format.json:
        print_json([problem.as_row() for problem in problems])
    elif problems:
        Speaker().problems(problems)
    else:
        Speaker().say(word("clean"))
    raise typer.Exit(exit_code(problems))


@command(db_app)
def rollback(
    database: DatabaseArgument, run: Annotated[str, typer.Argument(metavar="RUN_ID", show_default=False)]
) -> None:
    """Undo the newest load of a study: its rows go, and what it replaced holds again."""
    with _opened(database) as opened:
        opened.rollback(run)
        Speaker().say(word("db_undone", run=run))


@command(db_app)
def compare(
    database: DatabaseArgument,
    table: Annotated[str, typer.Argument(metavar="FORM", help="A survey form or a table with a key.")],
    before: Annotated[str, typer.Argument(metavar="RUN_A", show_default=False)],
    after: Annotated[str, typer.Argument(metavar="RUN_B", show_default=False)],
    style: FormatOption = Format.table,
) -> None:
    """Say what differs in a form or table between two runs: rows that came, went, changed."""
    with _opened(database) as opened:
        parts = opened.compare(table, before, after)
    if style is Format.json:
        rows = [{"part": part, **row} for part in parts._fields for row in _records(getattr(parts, part))]
        print_json(rows)
        return
    counts = {part: len(getattr(parts, part)) for part in parts._fields}
    Speaker().say(word("db_compared", **counts))
    for row in _records(parts.changed)[:_SHOWN]:
        key = ", ".join(str(value) for name, value in row.items() if name not in ("field", "before", "after"))
        typer.echo(word("db_change", key=key, **{name: str(row[name]) for name in ("field", "before", "after")}))


@command(db_app)
def views(
    database: DatabaseArgument,
    region: Annotated[str, typer.Option("--region", metavar="CODE", help="Code of a unit, e.g. of a county.")],
) -> None:
    """Make views v_TABLE_CODE of what holds now in a unit and below it, for a GIS; stale ones of ours go."""
    with _opened(database) as opened:
        names = opened.views(region)
        for name in names:
            typer.echo(name)
        Speaker().say(word("db_views", count=len(names)))


@command(db_app)
def export(
    database: DatabaseArgument,
    path: Annotated[Path, typer.Argument(metavar="FILE", help=".csv, .xlsx, .gpkg or .geojson")],
    table: Annotated[
        list[str] | None,
        typer.Option("--table", metavar="NAME", help="A table, layer or form; several times for more."),
    ] = None,
    region: Annotated[str | None, typer.Option("--region", metavar="CODE", help="Only of a unit and below it.")] = None,
    run: Annotated[str | None, typer.Option("--run", metavar="RUN_ID", help="What held after that run.")] = None,
) -> None:
    """Write tables or layers as they hold now into a file; without --table all of them."""
    with _opened(database) as opened:
        speaker = Speaker()
        for name, count in opened.export(path, table or (), region=region, run=run).items():
            speaker.say(word("db_rows", table=name, count=count))


def _records(frame: pd.DataFrame) -> list[dict[str, object]]:
    plain = frame.drop(columns="geometry", errors="ignore").astype(object)
    plain = plain.where(plain.notna(), None)
    return [{str(name): _json(value) for name, value in row.items()} for row in plain.to_dict("records")]


def _json(value: object) -> object:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


@command(db_app)
def roles(
    database: DatabaseArgument,
    reader: Annotated[str, typer.Option("--reader", help="Role that reads.")] = "riskzoning_reader",
    editor: Annotated[str | None, typer.Option("--editor", help="Role that also writes rows.")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Run the script instead of printing it.")] = False,
) -> None:
    """Print the SQL script of a role for planners, who read, and one for editors; it may be run again."""
    from riskzoning.database.postgis import PostGIS
    from riskzoning.database.roles import Roles

    with _opened(database) as opened:
        if not isinstance(opened, PostGIS):
            raise TargetError(Problem("database.file_roles", opened.shown))
        wanted = Roles(reader, editor)
        if apply:
            opened.make_roles(wanted)
            Speaker().say(word("db_roles", names=", ".join(name for name in (reader, editor) if name)))
        else:
            typer.echo(opened.role_script(wanted), nl=False)
