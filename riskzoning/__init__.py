"""Natural-disaster risk census, assessment and prevention zoning of a city (自然灾害综合风险普查与区划)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import lazy

if TYPE_CHECKING:
    from riskzoning import (
        admin,
        capacity,
        comparison,
        config,
        database,
        errors,
        exposure,
        grid,
        hazards,
        hidden_dangers,
        history,
        io,
        layers,
        maps,
        methods,
        pipeline,
        risk,
        samples,
        standards,
        surveys,
        vulnerability,
        webmap,
        zoning,
    )
    from riskzoning.comparison import compare_runs
    from riskzoning.config import StudyConfig, load_study
    from riskzoning.database import open_database
    from riskzoning.grid import align, analysis_grid, cell_area
    from riskzoning.hazards import HAZARDS
    from riskzoning.layers import check_layer, check_same_grid, describe
    from riskzoning.maps import zoning_map
    from riskzoning.pipeline import check_study, run_study
    from riskzoning.results import StudyResult
    from riskzoning.risk import combine_hazards, expected_annual_loss, risk_index
    from riskzoning.vulnerability import LossCurve
    from riskzoning.webmap import explore, site
    from riskzoning.zoning import Coverage, classify, natural_breaks, zonal_statistics

__version__ = "0.1.0"

# Loaded on first use, so that `import riskzoning` stays fast.
_PLACES = {
    ".config": ("load_study", "StudyConfig"),
    ".comparison": ("compare_runs",),
    ".pipeline": ("check_study", "run_study"),
    ".results": ("StudyResult",),
    ".grid": ("analysis_grid", "align", "cell_area"),
    ".layers": ("check_layer", "check_same_grid", "describe"),
    ".zoning": ("Coverage", "zonal_statistics", "classify", "natural_breaks"),
    ".hazards": ("HAZARDS",),
    ".vulnerability": ("LossCurve",),
    ".risk": ("expected_annual_loss", "risk_index", "combine_hazards"),
    ".maps": ("zoning_map",),
    ".webmap": ("explore", "site"),
    ".database": ("open_database",),
}
_MODULES = (
    "admin",
    "capacity",
    "comparison",
    "config",
    "database",
    "errors",
    "exposure",
    "grid",
    "hazards",
    "hidden_dangers",
    "history",
    "io",
    "layers",
    "maps",
    "methods",
    "pipeline",
    "risk",
    "samples",
    "standards",
    "surveys",
    "vulnerability",
    "webmap",
    "zoning",
)

__all__ = [
    "HAZARDS",
    "Coverage",
    "LossCurve",
    "StudyConfig",
    "StudyResult",
    "__version__",
    "admin",
    "align",
    "analysis_grid",
    "capacity",
    "cell_area",
    "check_layer",
    "check_same_grid",
    "check_study",
    "classify",
    "combine_hazards",
    "compare_runs",
    "comparison",
    "config",
    "database",
    "describe",
    "errors",
    "expected_annual_loss",
    "explore",
    "exposure",
    "grid",
    "hazards",
    "hidden_dangers",
    "history",
    "io",
    "layers",
    "load_study",
    "maps",
    "methods",
    "natural_breaks",
    "open_database",
    "pipeline",
    "risk",
    "risk_index",
    "run_study",
    "samples",
    "site",
    "standards",
    "surveys",
    "vulnerability",
    "webmap",
    "zonal_statistics",
    "zoning",
    "zoning_map",
]

__getattr__, __dir__ = lazy(__name__, _PLACES, _MODULES)
