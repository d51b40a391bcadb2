"""The command ``riskzoning compare``: what changed between two runs, in words, as a table and as a map."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from riskzoning.cli.console import Speaker, print_json, word
from riskzoning.cli.options import Format, FormatOption
from riskzoning.errors import Journal, hearing, language, visible


def compare(
    run_a: Annotated[Path, typer.Argument(metavar="RUN_A", help="Folder of the run before.", show_default=False)],
    run_b: Annotated[Path, typer.Argument(metavar="RUN_B", help="Folder of the run after.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Folder for changes.csv, the summary and the map of change.")
    ] = None,
    style: FormatOption = Format.table,
) -> None:
    """Say what changed between two runs and why, unit by unit."""
    from riskzoning.comparison import compare as compared
    from riskzoning.comparison import summary, write_comparison

    both = compared(run_a, run_b)
    if style is Format.json:
        print_json(json.loads(both.changes.to_json(orient="records", double_precision=15, force_ascii=False)))
    else:
        for line in summary(both, language()):
            typer.echo(visible(line))
    if out is None:
        return
    speaker = Speaker()
    with hearing(Journal()) as journal:
        written = write_comparison(both, out, lang=language())
    for problem in journal.warnings:
        speaker.say(problem.text())
    for path in written:
        speaker.say(word("line", key=word("written"), text=path))
