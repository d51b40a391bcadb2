"""The commands of ``riskzoning``."""

from __future__ import annotations

import atexit
import gc
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from riskzoning.cli import again
from riskzoning.cli.comparison import compare
from riskzoning.cli.console import BAD_INPUT, Speaker, exit_code, print_json, word
from riskzoning.cli.database import db_app
from riskzoning.cli.doctor import doctor
from riskzoning.cli.options import Commands, CoverageRule, Format, FormatOption, Profile, StudyArgument, command
from riskzoning.cli.products import product_app
from riskzoning.cli.surveys import survey_app
from riskzoning.errors import Journal, hearing, language, visible
from riskzoning.standards import tables_of_numbers

if TYPE_CHECKING:
    from riskzoning.config import StudyConfig
    from riskzoning.hazards.base import HazardSpec
    from riskzoning.results import StudyResult

# It imports all that a run needs.
_LAST = "riskzoning.pipeline.conductor"
# The stages by name: to ask the conductor for them would import all of it for a page of help.
_STAGES = (
    "check", "prepare", "calibrate", "assess", "grade", "stability", "accept", "survey", "adjusted", "objects", "zones",
    "planning", "validation", "publish",
)  # fmt: skip
_ONLY = f"Stop after this stage: {', '.join(_STAGES)} (which writes all outputs)."

app = typer.Typer(
    name="riskzoning",
    cls=Commands,
    help="Natural-disaster risk census, assessment and prevention zoning (自然灾害综合风险普查与区划).",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(survey_app)
app.add_typer(db_app)
app.add_typer(product_app)
command(app)(compare)
command(app)(doctor)
for _made_again in (again.maps, again.site, again.report):
    command(app)(_made_again)


@app.callback()
def _root(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False
) -> None:
    """Natural-disaster risk census, assessment and prevention zoning (自然灾害综合风险普查与区划)."""
    if version:
        from riskzoning import __version__

        typer.echo(f"riskzoning {__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


@command(app)
def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder of the results.")] = Path("riskzoning-demo"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a stopped run ended.")] = False,
) -> None:
    """Run the sample study that ships with the package, end to end."""
    with _loading():
        from riskzoning.config import load_study
        from riskzoning.samples import sample_study

    _run(load_study(sample_study()), out=out, resume=resume)


@command(app)
def run(
    study: StudyArgument,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the results; default: as the study says.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a stopped run ended.")] = False,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Threads.")] = None,
    scheduler: Annotated[str | None, typer.Option("--scheduler", help="dask scheduler, tcp://HOST:PORT.")] = None,
    only: Annotated[str | None, typer.Option("--only", metavar="STAGE", help=_ONLY)] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say what would be done and stop.")] = False,
) -> None:
    """Run a study: layers, hazards, exposure, risk, zoning, maps, site, tables, database, run record."""
    with _loading():
        from riskzoning.config import load_study

    loaded = load_study(study)
    if explain:
        from riskzoning.pipeline import explain_study

        typer.echo(visible(explain_study(loaded, out=out, resume=resume, lang=language())))
        return
    _run(loaded, out=out, resume=resume, workers=workers, scheduler=scheduler, only=only)


@contextmanager
def _loading() -> Iterator[None]:
    """Import the libraries of a run without a search for cycles, and leave them out of every later one.

    What was imported stays to the end. Where the libraries are there already, nothing is left out a second time.
    """
    if _LAST in sys.modules or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def _run(
    study: StudyConfig,
    *,
    out: Path | None,
    resume: bool,
    workers: int | None = None,
    scheduler: str | None = None,
    only: str | None = None,
) -> None:
    with _loading():
        from riskzoning.pipeline import run_study

    began = time.perf_counter()
    with Speaker() as speaker:
        result = run_study(
            study, out=out, progress=speaker, resume=resume, workers=workers, scheduler=scheduler, only=only
        )
    # A run that stops early has no record that could say it.
    _summary(speaker, study, result, time.perf_counter() - began)


def _summary(speaker: Speaker, study: StudyConfig, result: StudyResult, seconds: float) -> None:
    from riskzoning.pipeline import output_places
    from riskzoning.pipeline.surveys import surveys_in_short

    speaker.say("")
    speaker.say(word("done", folder=result.folder, seconds=seconds))
    for key, place in output_places(study, result).items():
        made = "://" in str(place) or Path(place).exists()
        speaker.say(f"  {word('line', key=word(key), text=place if made else word('skipped'))}")
    surveys = surveys_in_short(result)
    if surveys is not None:
        tables = word("comma").join(surveys.tables)
        speaker.say(word("surveys_done", **vars(surveys) | {"tables": tables}))
    made_of, missing = result.composite
    if missing:
        speaker.say(word("partial", hazards=_hazards(made_of), missing=_hazards(missing)))
    used = tables_of_numbers(result.record.get("tables_used", []))
    unverified = [row["name"] for row in used if not row["verified"]]
    if unverified:
        speaker.say(word("unverified", count=len(unverified), names=", ".join(unverified)))
    warnings = [problem for problem in speaker.notes if problem.severity == "warning"]
    if warnings:
        speaker.say(word("attention"))
        for problem in warnings:
            speaker.say(f"  - {problem}")


def _hazards(keys: Sequence[str]) -> str:
    """Names of hazards in the language of the terminal."""
    from riskzoning import standards

    return word("comma").join(standards.names("hazard", key, language()) for key in keys)


@command(app)
def check(study: StudyArgument, style: FormatOption = Format.table) -> None:
    """Validate a study and every input; print all problems, one row each."""
    from rich.console import Console

    from riskzoning.pipeline import check_study

    with Speaker() as speaker:
        problems = check_study(study, progress=speaker)
    if style is Format.json:
        print_json([problem.as_row() for problem in problems])
    else:
        console = Console()
        speaker.problems(problems, console)
        errors = sum(problem.severity == "error" for problem in problems)
        warnings = sum(problem.severity == "warning" for problem in problems)
        text = word("counts", errors=errors, warnings=warnings) if problems else word("clean")
        console.print(text, highlight=False)
    raise typer.Exit(exit_code(problems))


@command(app)
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.", show_default=False)],
    code: Annotated[
        str | None, typer.Option("--code", help="Code of the city, six digits; with --profile free any short text.")
    ] = None,
    profile: Annotated[
        Profile, typer.Option("--profile", help="cn: levels and codes of China; free: levels of your own.")
    ] = Profile.cn,
) -> None:
    """Write a commented study.yaml and empty input forms (.xlsx) into a new folder, in the language of --lang."""
    from riskzoning.pipeline import init_study

    with Speaker() as speaker:
        for path in init_study(folder, code=code, lang=language(), profile=profile.value):
            speaker.say(word("line", key=word("written"), text=path))


@command(app)
def zonal(  # noqa: PLR0913 - each is an option of the command
    raster: Annotated[Path, typer.Argument(metavar="RASTER", show_default=False)],
    units: Annotated[Path, typer.Argument(metavar="UNITS", show_default=False)],
    statistic: Annotated[
        list[str] | None,
        typer.Option("-s", "--statistic", help="count sum mean min max std var median majority pNN ..."),
    ] = None,
    identifier: Annotated[
        str | None, typer.Option("--id", metavar="COLUMN", help="Column that names a unit, or fid.")
    ] = None,
    layer: Annotated[
        str | None, typer.Option("--layer", help="Layer of the units, or file in a folder or zip.")
    ] = None,
    coverage: Annotated[CoverageRule, typer.Option("--coverage", help="Which cells count.")] = CoverageRule.fraction,
    repair: Annotated[bool, typer.Option("--repair", help="Mend invalid polygons and say which.")] = False,
    crs: Annotated[
        str | None,
        typer.Option("--crs", metavar="EPSG:...", help="CRS of the file, raster or units, that states none."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="FILE.csv, .parquet or .gpkg; default: CSV on stdout.")
    ] = None,
) -> None:
    """Zonal statistics of any raster over any polygons, with exact coverage fractions."""
    from riskzoning.pipeline import check_zonal_output, write_zonal, zonal_table

    if out is not None:
        check_zonal_output(out)
    speaker = Speaker()
    with hearing(Journal()) as journal:
        table = zonal_table(
            raster,
            units,
            tuple(statistic or ("mean",)),
            identifier=identifier,
            layer=layer,
            coverage=coverage.value,
            repair=repair,
            crs=crs,
        )
    for problem in (*journal.steps, *journal.dropped, *journal.warnings):
        speaker.say(problem.text())
    if out is None:
        from riskzoning.io import csv_text

        typer.echo(csv_text(table.drop(columns=table.geometry.name).reset_index()), nl=False)
    else:
        write_zonal(table, out)
        speaker.say(word("line", key=word("written"), text=out))


@command(app)
def hazards(style: FormatOption = Format.table) -> None:
    """List the hazards with inputs, outputs, method and status of the numbers used."""
    from rich.console import Console
    from rich.table import Table

    from riskzoning.hazards import HAZARDS

    rows = [_hazard_row(name, spec) for name, spec in HAZARDS.items()]
    if style is Format.json:
        print_json(rows)
        return
    console = Console()
    if console.is_terminal and console.width >= 100:
        table = Table(show_lines=True)
        for key in ("hazard", "inputs", "outputs", "method", "status"):
            table.add_column(word(key), overflow="fold")
        for row in rows:
            head = f"{row['hazard']}\n{row['title']}"
            table.add_row(head, row["inputs"], row["outputs"], row["method"], row["status"])
        console.print(table)
        return
    for row in rows:
        console.print(f"{row['hazard']}: {row['title']}", markup=False, highlight=False, soft_wrap=True)
        for key in ("inputs", "outputs", "method", "status"):
            text = f"  {word('line', key=word(key), text=row[key])}"
            console.print(text, markup=False, highlight=False, soft_wrap=True)


def _hazard_row(name: str, spec: HazardSpec) -> dict[str, str]:
    from riskzoning import standards

    lang = language()
    inputs = [f"{item.key}{'*' if item.required else ''}" for item in spec.inputs]
    tables = []
    for table in spec.tables:
        facts = standards.provenance(table)
        verified = "" if facts["verified"] else word("not_verified")
        tables.append(f"{table}: {standards.names('status', facts['status'], lang)}{verified}")
    return {
        "hazard": name,
        "title": spec.title[lang],
        "inputs": ", ".join(inputs),
        "outputs": ", ".join(spec.outputs),
        "method": spec.method.get(lang, ""),
        "status": "; ".join(tables) or standards.names("status", spec.status, lang),
    }


def main() -> None:
    """Entry point of the command ``riskzoning``.

    Examples
    --------
    >>> from unittest import mock
    >>> with mock.patch.object(sys, "argv", ["riskzoning", "--version"]):
    ...     try:
    ...         main()
    ...     except SystemExit as leave:
    ...         print("exit code", leave.code)
    riskzoning 0...
    exit code 0
    """
    for stream in (sys.stdout, sys.stderr):
        # A pipe on Windows, or a machine without UTF-8, may have no Chinese letters: they are escaped, nothing fails.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # The end of the process looks for cycles among millions of objects that go with it anyway: half a second.
    atexit.register(gc.freeze)
    app()


# A wrong option is wrong input too: typer leaves with the same code.
assert BAD_INPUT == 2
