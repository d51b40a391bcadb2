"""What every command has."""

from __future__ import annotations

import typer
from typer.testing import CliRunner

from riskzoning.cli.options import command


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
