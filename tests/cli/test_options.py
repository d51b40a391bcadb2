"""What every command has."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from riskzoning.cli.options import Commands, command
from riskzoning.errors import language


def test_a_command_has_language_and_debug() -> None:
    app = typer.Typer()

    @command(app)
    def greet(name: str) -> None:
        """Greet
        somebody."""
        typer.echo(name)

    help_text = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "100", "NO_COLOR": "1"}).output
    assert "--lang" in help_text
    assert "--debug" in help_text
    assert "Greet somebody." in help_text
    assert CliRunner().invoke(app, ["A", "--lang", "en"]).stdout == "A\n"


@pytest.mark.parametrize("given", [["--lang", "zh", "greet", "A"], ["--debug", "--lang=zh", "greet", "A"]])
def test_language_and_debug_may_stand_before_the_command(given: list[str]) -> None:
    app = typer.Typer(cls=Commands)

    @app.callback()
    def root() -> None:
        """Some commands."""

    @command(app)
    def greet(name: str) -> None:
        """Greet somebody."""
        typer.echo(f"{name} {language()}")

    assert CliRunner().invoke(app, given).stdout == "A zh\n"
    alone = CliRunner().invoke(app, ["--lang", "zh"])
    assert alone.exit_code == 2
    assert "--lang" in alone.output
