"""The command line: reads arguments, calls the library, prints, exits; nothing else."""

from __future__ import annotations

from riskzoning.cli.app import app, main

__all__ = ["app", "main"]
