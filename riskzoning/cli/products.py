"""The commands ``riskzoning product ...``: the check of files that are handed in as products of the census."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskzoning.cli.console import BAD_INPUT, OK, WARNINGS, print_json, word
from riskzoning.cli.options import Format, FormatOption, command
from riskzoning.errors import Problem, language

product_app = typer.Typer(
    name="product", help="Census product files: names, classes, 30 arc-second grid (普查成果).", no_args_is_help=True
)

FilesArgument = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="GeoTIFF or shapefile.", show_default=False)
]
GridOption = Annotated[Path | None, typer.Option("--grid", help="Standard grid: raster of township codes.")]


@product_app.callback()
def _root() -> None:
    """Census product files: names, classes, 30 arc-second grid (普查成果)."""


@command(product_app)
def check(files: FilesArgument, grid: GridOption = None, style: FormatOption = Format.table) -> None:
    """Check product files of the census; exit code 1 with warnings, 2 with errors."""
    from riskzoning.products import validate_product

    lang = language()
    told: dict[Path, list[Problem]] = {file: validate_product(file, grid) for file in files}
    rows = [{**problem.as_row(lang), "file": str(file)} for file, items in told.items() for problem in items]
    if style is Format.json:
        print_json(rows)
    else:
        for file, items in told.items():
            typer.echo(word("product_good" if not items else "product_told", file=file, count=len(items)))
            for problem in items:
                typer.echo(f"  [{word(problem.severity)}] {problem.text()}")
    kinds = {problem.severity for items in told.values() for problem in items}
    raise typer.Exit(BAD_INPUT if "error" in kinds else WARNINGS if kinds else OK)
