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
        coverage,
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
        names,
        pipeline,
        products,
        report,
        results,
        risk,
        samples,
        standards,
        surveys,
        vulnerability,
        webmap,
        zoning,
    )
    from riskzoning.capacity import capacity_index
    from riskzoning.comparison import change_map, compare_runs
    from riskzoning.config import StudyConfig, load_study
    from riskzoning.database import open_database
    from riskzoning.exposure import RECEPTORS, exposed_objects
    from riskzoning.grid import align, analysis_grid, cell_area
    from riskzoning.hazards import HAZARDS
    from riskzoning.io import read_layer, read_points, read_table, read_vector, write_cog, write_vector
    from riskzoning.layers import check_layer, check_same_grid, describe
    from riskzoning.maps import bivariate_map, radar_card, ranking_bars, zoning_map
    from riskzoning.pipeline import (
        check_study,
        init_study,
        make_maps,
        make_report,
        make_site,
        rerun,
        run_study,
        zonal_table,
    )
    from riskzoning.results import StudyResult
    from riskzoning.risk import combine_hazards, exceedance_curve, expected_annual_loss, risk_index, risk_matrix
    from riskzoning.samples import sample_study
    from riskzoning.vulnerability import LossCurve, load_curve
    from riskzoning.webmap import explore, site
    from riskzoning.zoning import Coverage, Grades, classify, natural_breaks, regionalise, zonal_statistics

__version__ = "0.1.0"

# Loaded on first use, so that `import riskzoning` stays fast.
_PLACES = {
    ".config": ("StudyConfig", "load_study"),
    ".comparison": ("change_map", "compare_runs"),
    ".pipeline": (
        "check_study",
        "init_study",
        "make_maps",
        "make_report",
        "make_site",
        "rerun",
        "run_study",
        "zonal_table",
    ),
    ".results": ("StudyResult",),
    ".io": ("read_layer", "read_points", "read_table", "read_vector", "write_cog", "write_vector"),
    ".grid": ("align", "analysis_grid", "cell_area"),
    ".layers": ("check_layer", "check_same_grid", "describe"),
    ".zoning": ("Coverage", "Grades", "classify", "natural_breaks", "regionalise", "zonal_statistics"),
    ".hazards": ("HAZARDS",),
    ".exposure": ("RECEPTORS", "exposed_objects"),
    ".vulnerability": ("LossCurve", "load_curve"),
    ".risk": ("combine_hazards", "exceedance_curve", "expected_annual_loss", "risk_index", "risk_matrix"),
    ".capacity": ("capacity_index",),
    ".maps": ("bivariate_map", "radar_card", "ranking_bars", "zoning_map"),
    ".webmap": ("explore", "site"),
    ".database": ("open_database",),
    ".samples": ("sample_study",),
}
_MODULES = (
    "admin",
    "capacity",
    "comparison",
    "config",
    "coverage",
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
    "names",
    "pipeline",
    "products",
    "report",
    "results",
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
    "RECEPTORS",
    "Coverage",
    "Grades",
    "LossCurve",
    "StudyConfig",
    "StudyResult",
    "__version__",
    "admin",
    "align",
    "analysis_grid",
    "bivariate_map",
    "capacity",
    "capacity_index",
    "cell_area",
    "change_map",
    "check_layer",
    "check_same_grid",
    "check_study",
    "classify",
    "combine_hazards",
    "compare_runs",
    "comparison",
    "config",
    "coverage",
    "database",
    "describe",
    "errors",
    "exceedance_curve",
    "expected_annual_loss",
    "explore",
    "exposed_objects",
    "exposure",
    "grid",
    "hazards",
    "hidden_dangers",
    "history",
    "init_study",
    "io",
    "layers",
    "load_curve",
    "load_study",
    "make_maps",
    "make_report",
    "make_site",
    "maps",
    "methods",
    "names",
    "natural_breaks",
    "open_database",
    "pipeline",
    "products",
    "radar_card",
    "ranking_bars",
    "read_layer",
    "read_points",
    "read_table",
    "read_vector",
    "regionalise",
    "report",
    "rerun",
    "results",
    "risk",
    "risk_index",
    "risk_matrix",
    "run_study",
    "sample_study",
    "samples",
    "site",
    "standards",
    "surveys",
    "vulnerability",
    "webmap",
    "write_cog",
    "write_vector",
    "zonal_statistics",
    "zonal_table",
    "zoning",
    "zoning_map",
]

__getattr__, __dir__ = lazy(__name__, _PLACES, _MODULES)
