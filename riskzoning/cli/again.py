"""The commands ``riskzoning maps``, ``site`` and ``report``: these again, from the folder of a finished run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from riskzoning.cli.console import Speaker, word
from riskzoning.errors import Journal, hearing, language


class Paper(StrEnum):
    """Size of the paper, landscape."""

    A4 = "A4"
    A3 = "A3"
    A1 = "A1"


class Picture(StrEnum):
    """Kind of file of a printed map."""

    png = "png"
    pdf = "pdf"
    svg = "svg"


RunArgument = Annotated[Path, typer.Argument(metavar="RUN_DIR", help="Folder of a finished run.", show_default=False)]
OutOption = Annotated[
    Path | None, typer.Option("-o", "--out", help="Another folder for what is made; default: that of the run.")
]


def maps(  # noqa: PLR0913 - each is an option of the command
    context: typer.Context,
    own_run: RunArgument,
    out: OutOption = None,
    paper: Annotated[
        Paper | None, typer.Option("--paper", case_sensitive=False, help="Size of the paper; default: as the run.")
    ] = None,
    hazards: Annotated[
        list[str] | None, typer.Option("--hazards", metavar="HAZARD", help="Only this hazard, or multi; repeatable.")
    ] = None,
    levels: Annotated[
        list[str] | None,
        typer.Option("--levels", metavar="LEVEL", help="Only this level, grid or zones; repeatable."),
    ] = None,
    formats: Annotated[
        list[Picture] | None, typer.Option("--formats", case_sensitive=False, help="Kind of file; repeatable.")
    ] = None,
    dpi: Annotated[int | None, typer.Option("--dpi", min=50, max=1200, help="Pixels per inch of PNG files.")] = None,
    review: Annotated[
        str | None,
        typer.Option("--review-number", metavar="NUMBER", help="Number of the official review (审图号)."),
    ] = None,
) -> None:
    """Print the maps and the atlas of a finished run again; --lang, --paper ... change them, nothing is computed."""
    from riskzoning.pipeline import make_maps

    with _speaking() as speaker:
        files = make_maps(
            own_run,
            out=out,
            lang=_asked(context),
            hazards=hazards or (),
            levels=levels or (),
            told=partial(speaker.step, "publish"),
            size=paper.value if paper else None,
            formats=tuple(one.value for one in formats or ()),
            dpi=dpi,
            review_number=review,
        )
    speaker.say(word("maps_again", count=len(files), folder=(out or own_run) / "maps"))


def site(context: typer.Context, own_run: RunArgument, out: OutOption = None) -> None:
    """Make the planners' page of a finished run again; with --lang it begins in that language."""
    from riskzoning.pipeline import make_site

    with _speaking() as speaker:
        page = make_site(own_run, out=out, lang=_asked(context))
    speaker.say(word("line", key=word("site"), text=page))


def report(context: typer.Context, own_run: RunArgument, out: OutOption = None) -> None:
    """Write the report of a finished run again; with --lang in that language."""
    from riskzoning.pipeline import make_report

    with _speaking() as speaker:
        document = make_report(own_run, out=out, lang=_asked(context))
    speaker.say(word("line", key=word("report"), text=document))


def _asked(context: typer.Context) -> str | None:
    """The language that was asked for; without ``--lang`` what is made stays in that of the study."""
    source = context.get_parameter_source("lang")
    return language() if source is not None and source.name == "COMMANDLINE" else None


@contextmanager
def _speaking() -> Iterator[Speaker]:
    """Says how far it is, and at the end what is to be known."""
    with Speaker() as speaker, hearing(Journal()) as journal:
        yield speaker
    for problem in journal.warnings:
        speaker.say(problem.text())
