"""The study whose result is that of the toy city."""

from __future__ import annotations

from typing import Any

from riskzoning.config import OutputsConfig, StudyConfig


def toy_study(**outputs: Any) -> StudyConfig:
    """A study with these outputs; nothing of it is read."""
    about: dict[str, Any] = {"admin": {"path": "admin.gpkg"}, "grid": {"crs": "EPSG:4547"}}
    return StudyConfig(name="X", code="990100", data_date="2026-06-30", outputs=OutputsConfig(**outputs), **about)
