"""What a run carries from stage to stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning.config import HazardConfig, StudyConfig
from riskzoning.coverage import Coverage
from riskzoning.errors import Problem
from riskzoning.hazards import HAZARDS
from riskzoning.pipeline.catalogue import Catalogue
from riskzoning.pipeline.workspace.progress import Progress, StageClock
from riskzoning.pipeline.workspace.store import Store
from riskzoning.results import LEVELS

__all__ = ["Assessed", "Calibrated", "ExposureLayers", "Graded", "Prepared", "Run"]


@dataclass
class Run:
    """The surroundings of a run: study, grid, units, folder, listeners. Stages read it and add to its record.

    Examples
    --------
    >>> from riskzoning.samples import toy_city
    >>> city = toy_city()
    >>> run = Run(None, None, city.grid, city.units, None, None, Path("out"), None, StageClock())
    >>> run.finest, run.workers, run.warnings
    ('township', 2, [])
    """

    study: StudyConfig
    catalogue: Catalogue
    grid: GeoBox
    units: gpd.GeoDataFrame
    coverage: Coverage
    store: Store
    folder: Path
    progress: Progress
    clock: StageClock
    workers: int = 2
    client: Any = None
    memory_limit: int = 1536 * 1024**2
    run_id: str = ""
    steps: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    @property
    def work(self) -> Path:
        """Folder of what a stopped run goes on from.

        Examples
        --------
        >>> from riskzoning.samples import toy_city
        >>> city = toy_city()
        >>> run = Run(None, None, city.grid, city.units, None, None, Path("out"), None, StageClock())
        >>> run.work.as_posix()
        'out/.work'
        """
        return self.folder / ".work"

    def params(self, item: HazardConfig) -> Any:
        """Parameters of a hazard; those that take a seed get that of the study.

        Examples
        --------
        >>> from riskzoning.config import load_study
        >>> from riskzoning.samples import sample_study
        >>> from riskzoning.samples import toy_city
        >>> city = toy_city()
        >>> study = load_study(sample_study())
        >>> run = Run(study, None, city.grid, city.units, None, None, Path("out"), None, StageClock())
        >>> [run.params(item).seed == study.seed for item in study.hazards if item.hazard == "geology"]
        [True]
        """
        model = HAZARDS[item.hazard].params
        given = dict(item.params)
        if "seed" in model.model_fields:
            given.setdefault("seed", self.study.seed)
        return model(**given)

    @property
    def all_levels(self) -> tuple[str, ...]:
        """Levels that the boundaries have, finest first; breaks, weights and totals rest on all of them.

        Examples
        --------
        >>> from riskzoning.samples import toy_city
        >>> city = toy_city()
        >>> run = Run(None, None, city.grid, city.units, None, None, Path("out"), None, StageClock())
        >>> run.all_levels
        ('township', 'county', 'city')
        """
        present = set(self.units["level"])
        return tuple(level for level in reversed(LEVELS) if level in present)

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels that the study publishes, finest first.

        Examples
        --------
        >>> from riskzoning.config import load_study
        >>> from riskzoning.samples import sample_study
        >>> from riskzoning.samples import toy_city
        >>> city = toy_city()
        >>> study = load_study(sample_study())
        >>> run = Run(study, None, city.grid, city.units, None, None, Path("out"), None, StageClock())
        >>> run.levels
        ('township', 'county', 'city')
        """
        return tuple(level for level in self.all_levels if level in self.study.zoning.levels)

    @property
    def finest(self) -> str:
        """The finest level: its units carry the sums from which the others are added up.

        Examples
        --------
        >>> from riskzoning.samples import toy_city
        >>> city = toy_city()
        >>> run = Run(None, None, city.grid, city.units, None, None, Path("out"), None, StageClock())
        >>> run.finest
        'township'
        """
        return self.all_levels[0]


@dataclass(frozen=True)
class ExposureLayers:
    """Counts on the grid, what they should add up to, and vulnerability.

    ``counts`` maps the exposed count (``population``, ``gdp_yuan`` ...) to its layer, ``totals`` to the total of the
    input and the part outside the grid, ``receptors`` receptor to its count, ``vulnerability`` receptor to its index.

    Examples
    --------
    >>> ExposureLayers({}, {}, {}, {}).counts
    {}
    """

    counts: dict[str, xr.DataArray]
    totals: dict[str, tuple[float, float]]
    receptors: dict[str, str]
    vulnerability: dict[str, xr.DataArray]


@dataclass(frozen=True)
class Prepared:
    """After ``prepare``: inputs of every hazard on the grid, exposure, the mask of the study area.

    Examples
    --------
    >>> from riskzoning.samples import toy_city
    >>> city = toy_city()
    >>> people = ExposureLayers({"population": city.layers["population"]}, {}, {}, {})
    >>> prepared = Prepared({"flood": {"depth": city.layers["flood_depth"]}}, people, city.layers["elevation"] > 0)
    >>> list(prepared.hazard_inputs["flood"]), float(prepared.exposure.counts["population"].sum())
    (['depth'], 20000.0)
    """

    hazard_inputs: dict[str, dict[str, Any]]
    exposure: ExposureLayers
    mask: xr.DataArray
    hillshade: xr.DataArray | None = None


@dataclass(frozen=True)
class Calibrated:
    """After ``calibrate``: scalars of each hazard, frozen for the rest of the run, and its lazy result.

    Examples
    --------
    >>> Calibrated({}, {}).scalars
    {}
    """

    scalars: dict[str, dict[str, Any]]
    hazards: dict[str, xr.Dataset]


@dataclass(frozen=True)
class Assessed:
    """After ``assess``: index layers on disk, sums of the units, breaks over all cells, weights.

    Examples
    --------
    >>> weights = pd.DataFrame({"hazard": ["flood"], "weight": [1.0]})
    >>> none = pd.DataFrame()
    >>> assessed = Assessed({}, none, none, {}, pd.Series(dtype=float), {"flood_hazard_index": [0.5, 1.0]}, weights, {})
    >>> assessed.breaks["flood_hazard_index"], assessed.weights["weight"].sum().item()
    ([0.5, 1.0], 1.0)
    """

    layers: dict[str, xr.DataArray]
    means: pd.DataFrame
    sums: pd.DataFrame
    grid_totals: dict[str, float]
    valid_share: pd.Series
    breaks: dict[str, list[float]]
    weights: pd.DataFrame
    ranges: dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Graded:
    """After ``grade``: grade layers, unit tables at every level, breaks and reconciliation.

    Examples
    --------
    >>> from riskzoning.samples import toy_city
    >>> city = toy_city()
    >>> graded = Graded({}, {"county": city.units[city.units["level"] == "county"]}, pd.DataFrame(), {})
    >>> sorted(graded.units["county"]["level"].unique())
    ['county']
    """

    layers: dict[str, xr.DataArray]
    units: dict[str, gpd.GeoDataFrame]
    unit_table: pd.DataFrame
    tables: dict[str, pd.DataFrame]
