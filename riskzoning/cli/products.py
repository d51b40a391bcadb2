"""The commands ``riskzoning product ...``: census products of a run, and the check of files that are handed in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from riskzoning.cli.console import BAD_INPUT, OK, WARNINGS, Speaker, print_json, word
from riskzoning.cli.options import Format, FormatOption, command
from riskzoning.errors import ConfigError, Journal, Problem, hearing, language

if TYPE_CHECKING:
    import xarray as xr

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


@command(product_app)
def write(
    run_dir: Annotated[Path, typer.Argument(metavar="RUN_DIR", help="Folder of a finished run.", show_default=False)],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the product files.", show_default=False)],
    code: Annotated[
        list[str] | None, typer.Option("--code", metavar="HAZARD=CODE", help="Code of a hazard, such as flood=BY.")
    ] = None,
    grid: GridOption = None,
    level: Annotated[str, typer.Option("--level", help="Level of the units.")] = "county",
    style: FormatOption = Format.table,
) -> None:
    """Write the class rasters of a run under the names of the census, one a unit and hazard."""
    from riskzoning.comparison.runs import compared
    from riskzoning.products.export import class_rasters

    codes = _codes(code or [])
    speaker = Speaker()
    with hearing(Journal()) as journal:
        run = compared(run_dir)
        units = run.units[run.units["level"] == level].index
        layers = _grades(run_dir, str(run.study.get("code", "")), run.hazards)
        files = []
        if run.shapes is not None:
            shapes = run.shapes[run.shapes.index.isin(units)]
            files = class_rasters(layers, shapes, run.hazards, out, codes=codes, std_grid=grid)
    for problem in journal.warnings:
        speaker.say(problem.text())
    if not files:
        raise ConfigError(Problem("product.nothing", str(run_dir), hazards=list(run.hazards), level=level))
    if style is Format.json:
        print_json([{"file": str(file)} for file in files])
    else:
        typer.echo(word("product_files", count=len(files), folder=out))


def _codes(pairs: list[str]) -> dict[str, str]:
    """Codes of the census by hazard."""
    from riskzoning.products.naming import rules

    known = list(rules()["hazards"])
    split = {pair: pair.partition("=") for pair in pairs}
    wrong = [pair for pair, (hazard, _, code) in split.items() if not hazard or code not in known]
    if wrong:
        raise ConfigError(problems=[Problem("product.code_pair", "--code", text=pair, known=known) for pair in wrong])
    return {hazard: code for hazard, _, code in split.values()}


def _grades(run_dir: Path, study: str, hazards: tuple[str, ...]) -> dict[str, xr.DataArray]:
    """The layers of grades that a run has left, of what the census asks."""
    from riskzoning import io
    from riskzoning.products.export import layers_of

    keys = [(what, key) for hazard in (*hazards, "multi") for what, key in layers_of(hazard).items()]
    files = {(what, key): run_dir / "layers" / f"{study}_{key}.tif" for what, key in keys}
    return {
        key: io.read_layer(file, quantity="hazard_grade" if what == "hazard" else "risk_grade")
        for (what, key), file in files.items()
        if file.is_file()
    }
