"""Options that several commands have, and what makes a function a command."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from inspect import Parameter, get_annotations, signature
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from riskzoning.cli.console import default_lang, guarded


class Lang(StrEnum):
    """Language of what people read."""

    zh = "zh"
    en = "en"


class Format(StrEnum):
    """For people or for programs."""

    table = "table"
    json = "json"


class Profile(StrEnum):
    """Whose levels and codes a study has."""

    cn = "cn"
    free = "free"


class CoverageRule(StrEnum):
    """Which cells belong to a unit."""

    fraction = "fraction"
    centre = "centre"
    touched = "touched"


class Commands(TyperGroup):
    """Commands that take ``--lang`` and ``--debug`` also when these stand before the name of the command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The options in front are those of the command."""
        rest, moved = list(args), list[str]()
        while rest and rest[0].partition("=")[0] in ("--lang", "--debug"):
            size = 2 if rest[0] == "--lang" else 1
            moved, rest = moved + rest[:size], rest[size:]
        return super().parse_args(ctx, [*rest, *moved] if rest else args)


def _default_lang() -> Lang:
    return Lang(default_lang())


LangOption = Annotated[Lang, typer.Option("--lang", help="Language of messages.", default_factory=_default_lang)]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show what was decided about each input, and tracebacks.")]
FormatOption = Annotated[Format, typer.Option("--format", help="For people (table) or for programs (json).")]
StudyArgument = Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="The study file.", show_default=False)]


def command(app: typer.Typer) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Makes a command whose help is its docstring, with the options ``--lang`` and ``--debug`` that every one has."""

    def made(function: Callable[..., None]) -> Callable[..., None]:
        guard = _with_shared_options(function)
        return app.command(help=" ".join((function.__doc__ or "").split()))(guard)

    return made


def _with_shared_options(function: Callable[..., None]) -> Callable[..., None]:
    guard = guarded(function)
    shared = {"lang": (LangOption, Parameter.empty), "debug": (DebugOption, False)}
    added = [Parameter(n, Parameter.KEYWORD_ONLY, default=d, annotation=a) for n, (a, d) in shared.items()]
    own = signature(function, eval_str=True)
    guard.__signature__ = own.replace(parameters=[*own.parameters.values(), *added])  # type: ignore[attr-defined]
    guard.__annotations__ = {**get_annotations(function, eval_str=True), **{p.name: p.annotation for p in added}}
    return guard
