"""The command ``riskzoning doctor``: what a run finds on this machine, and what it would miss."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskzoning.cli.console import OK, WARNINGS, Speaker, exit_code, print_json, word
from riskzoning.cli.options import Format, FormatOption


def doctor(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where results are to go.")] = Path(),
    database: Annotated[
        str | None, typer.Option("--database", help="GeoPackage path or postgresql:// URL that a study will use.")
    ] = None,
    style: FormatOption = Format.table,
) -> None:
    """Look at this machine: versions, fonts, database, memory, disk, threads; say what a run would miss."""
    from rich.console import Console

    from riskzoning.pipeline import surroundings

    seen = surroundings(folder, database=database)
    if style is Format.json:
        facts = [{"topic": topic, "found": value} for topic, value in seen.facts.items()]
        print_json([*facts, *(problem.as_row() for problem in seen.problems)])
    else:
        console = Console()
        for topic, value in seen.facts.items():
            text = word("doctor_none") if value in (None, "") else str(value)
            console.print(
                word("line", key=word(f"doctor_{topic}"), text=text), markup=False, highlight=False, soft_wrap=True
            )
        Speaker().problems(seen.problems, console)
        if not seen.problems:
            console.print(word("doctor_ready"), markup=False, highlight=False, soft_wrap=True)
    # A database that was named is asked for; all else is advice.
    asked = exit_code([problem for problem in seen.problems if problem.rule.startswith("database.")])
    raise typer.Exit(asked or (WARNINGS if seen.problems else OK))
