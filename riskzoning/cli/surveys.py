"""The commands ``riskzoning survey ...``: empty forms, the quality check of filled ones, safe repairs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer

from riskzoning.cli.console import BAD_INPUT, OK, WARNINGS, Speaker, print_json, word
from riskzoning.cli.options import Format, FormatOption, command
from riskzoning.errors import ConfigError, Journal, Problem, hearing, language

survey_app = typer.Typer(
    name="survey", help="Survey forms: templates, quality check, repairs (调查表).", no_args_is_help=True
)

FormOption = Annotated[str | None, typer.Option("--form", help="Form of the tables; default: by their headings.")]
UnitsOption = Annotated[Path | None, typer.Option("--units", help="Administrative units, for codes and places.")]
DirectoryOption = Annotated[Path | None, typer.Option("--directory", help="Table or layer of what must be there.")]
FormsOption = Annotated[
    list[Path] | None,
    typer.Option("--forms", help="Forms of one's own, NAME.yml each, or folders of them; they replace or add."),
]
YearbookOption = Annotated[Path | None, typer.Option("--yearbook", help="Table of totals by county.")]
PathsArgument = Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files or folders.", show_default=False)]
_SHOWN = 40


def _own_forms(paths: Sequence[Path] | None) -> AbstractContextManager[object]:
    """The forms of files of one's own in the place of those of the package, or beside them."""
    from riskzoning import standards
    from riskzoning.files import existing

    files: list[Path] = []
    for path in paths or ():
        files += sorted(path.glob("*.yml")) if existing(path, folder=True).is_dir() else [path]
    return standards.session({f"survey_forms/{file.stem}": file for file in files})


@command(survey_app)
def forms(own: FormsOption = None, style: FormatOption = Format.table) -> None:
    """List the survey forms."""
    from riskzoning.surveys import form, form_names

    with _own_forms(own):
        rows = [
            {"form": name, "title": form(name).titles[language()], "fields": len(form(name).fields)}
            for name in form_names()
        ]
    if style is Format.json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['form']:20} {row['title']}")


@command(survey_app)
def template(
    name: Annotated[str, typer.Argument(metavar="FORM", help="Name of the form, or all.", show_default=False)],
    out: Annotated[Path, typer.Option("-o", "--out", help="FILE.xlsx, or a folder for all forms.")] = Path("."),
    own: FormsOption = None,
) -> None:
    """Write the empty Excel form of a survey, with drop-downs, units and notes."""
    with _own_forms(own):
        _write_templates(name, out)


def _write_templates(name: str, out: Path) -> None:
    from riskzoning.surveys import form_names, write_template

    names = form_names() if name == "all" else (name,)
    speaker = Speaker()
    single = out.suffix.lower() == ".xlsx" and len(names) == 1
    files = {each: out if single else out / f"{each}.xlsx" for each in names}
    # A filled form is never replaced by an empty one.
    there = [Problem("output.present", file) for file in files.values() if os.path.lexists(file)]
    if there:
        raise ConfigError(problems=there)
    for each, file in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        write_template(each, file, lang=language())
        speaker.say(word("line", key=word("written"), text=file))


@command(survey_app)
def check(
    paths: PathsArgument,
    form: FormOption = None,
    units: UnitsOption = None,
    directory: DirectoryOption = None,
    yearbook: YearbookOption = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Folder of the report.")] = None,
    own: FormsOption = None,
    style: FormatOption = Format.table,
) -> None:
    """Check filled survey forms by the rules of quality; exit code 1 with warnings, 2 with errors."""
    from riskzoning.pipeline.surveys import Surroundings, check_surveys, write_survey_report
    from riskzoning.surveys.report import as_json

    speaker = Speaker()
    with _own_forms(own), hearing(Journal()) as journal:
        checked = check_surveys(paths, Surroundings(units, directory, yearbook, form), lang=language())
    for problem in (*journal.dropped, *journal.warnings):
        speaker.say(problem.text())
    rows = as_json(checked.problems)
    if style is Format.json:
        print_json(rows)
    else:
        _show(rows, [{str(k): v for k, v in row.items()} for row in checked.scores.to_dict("records")])
    if out is not None:
        for path in write_survey_report(checked, out, lang=language()):
            speaker.say(word("line", key=word("written"), text=path))
    kinds = {row["severity"] for row in rows}
    raise typer.Exit(BAD_INPUT if "error" in kinds else WARNINGS if kinds or journal.dropped else OK)


def _show(rows: Sequence[Mapping[str, object]], scores: Sequence[Mapping[str, object]]) -> None:
    """The problems for people: the scores, then one line each; a long list is cut and says so."""
    for score in scores:
        if not score["code"]:
            typer.echo(
                word("survey_score", **{key: score[key] for key in ("form", "rows", "errors", "warnings", "score")})
            )
    for row in rows[:_SHOWN]:
        place = " / ".join(str(row[key]) for key in ("file", "sheet", "row", "field") if row[key] is not None)
        shown = {
            "severity": word(str(row["severity"])),
            # What holds of a form as a whole has no place in it.
            "place": place or word("survey_all"),
            **{key: row[key] for key in ("rule", "found", "fix")},
        }
        typer.echo(word("survey_line", **shown))
    if len(rows) > _SHOWN:
        typer.echo(word("survey_more", count=len(rows) - _SHOWN))


@command(survey_app)
def repair(
    paths: PathsArgument,
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder of the repaired copies.")],
    form: FormOption = None,
    units: UnitsOption = None,
    own: FormsOption = None,
) -> None:
    """Write copies of workbooks with what can be repaired safely, and a log of every change."""
    from riskzoning.pipeline.surveys import Surroundings, check_surveys, write_repairs

    speaker = Speaker()
    with _own_forms(own), hearing(Journal()):
        checked = check_surveys(paths, Surroundings(units=units, form=form), lang=language())
    for path in write_repairs(checked, out):
        speaker.say(word("line", key=word("written"), text=path))
