"""The command line: reads arguments, calls the library, prints, exits; nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.cli.app import app, main
from riskzoning.faces import missing

__all__ = ["app", "main"]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
