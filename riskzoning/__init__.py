"""Natural-disaster risk census, assessment and prevention zoning of a city (自然灾害综合风险普查与区划)."""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

# Public name -> module that holds it; loaded on first use, so that `import riskzoning` stays fast.
_PUBLIC = {
    "load_study": "config",
    "StudyConfig": "config",
    "check_study": "pipeline",
    "run_study": "pipeline",
    "StudyResult": "results",
    "analysis_grid": "grid",
    "align": "grid",
    "cell_area": "grid",
    "check_layer": "layers",
    "check_same_grid": "layers",
    "describe": "layers",
    "Coverage": "zoning",
    "zonal_statistics": "zoning",
    "classify": "zoning",
    "natural_breaks": "zoning",
    "HAZARDS": "hazards",
    "LossCurve": "vulnerability",
    "expected_annual_loss": "risk",
    "risk_index": "risk",
    "combine_hazards": "risk",
    "zoning_map": "maps",
    "site": "webmap",
    "open_database": "database",
}
_MODULES = [
    "config",
    "errors",
    "exposure",
    "grid",
    "hazards",
    "io",
    "layers",
    "maps",
    "methods",
    "pipeline",
    "risk",
    "samples",
    "standards",
    "vulnerability",
    "webmap",
    "zoning",
    "admin",
]

__all__ = ["__version__", *_PUBLIC, *_MODULES]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(importlib.import_module(f"riskzoning.{_PUBLIC[name]}"), name)
    if name in _MODULES:
        return importlib.import_module(f"riskzoning.{name}")
    raise AttributeError(f"module 'riskzoning' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
