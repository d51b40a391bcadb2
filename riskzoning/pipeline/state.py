"""What a run carries from stage to stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import geopandas as gpd
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning.config import HazardConfig, StudyConfig
from riskzoning.coverage import Coverage
from riskzoning.errors import Decisions, Journal
from riskzoning.exposure import BuildingMix
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.base import Prepared as PreparedHazard
from riskzoning.names import Column, Index, Intensity, Measure
from riskzoning.pipeline.catalogue import Catalogue
from riskzoning.pipeline.workspace.progress import Progress, StageClock
from riskzoning.pipeline.workspace.store import CogStore, Store
from riskzoning.results import VILLAGE, IndexBreaks
from riskzoning.standards import Session

if TYPE_CHECKING:
    from distributed import Client


@dataclass(frozen=True)
class Setting:
    """What a run is about, and what follows from it; nothing of it changes while the run works."""

    study: StudyConfig
    grid: GeoBox
    units: gpd.GeoDataFrame
    coverage: Coverage

    def params(self, item: HazardConfig) -> Any:
        """Parameters of a hazard; those that take a seed get that of the study."""
        model = HAZARDS[item.hazard].params
        given = dict(item.params)
        if "seed" in model.model_fields:
            given.setdefault("seed", self.study.seed)
        return model(**given)

    @cached_property
    def all_levels(self) -> tuple[str, ...]:
        """Levels that the boundaries have, finest first; breaks, weights and totals rest on all of them.

        Villages are none of them: that somebody has their borders changes no grade of a township.
        """
        present = set(self._codes) - ({VILLAGE} if self._china else set())
        return tuple(level for level in reversed(self.study.admin.level_keys) if level in present)

    @property
    def listed(self) -> pd.Index:
        """Codes of the units of all levels, without villages."""
        return self.units.index[self.units["level"].isin(self.all_levels)]

    @property
    def villages(self) -> pd.Index:
        """Codes of the villages that the study publishes; none where the boundaries have none."""
        asked = self._china and VILLAGE in self.study.published_levels
        return self.codes(VILLAGE) if asked else self.units.index[:0]

    @property
    def _china(self) -> bool:
        return self.study.admin.profile == "cn"

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels that the study publishes, finest first."""
        return tuple(level for level in self.all_levels if level in self.study.published_levels)

    @property
    def finest(self) -> str:
        """The finest level but villages: its units carry the weights, the breaks and the zones."""
        return self.all_levels[0]

    def codes(self, level: str) -> pd.Index:
        """Codes of the units of a level, in the order of the boundaries."""
        return self._codes.get(level, self.units.index[:0])

    @cached_property
    def _codes(self) -> dict[str, pd.Index]:
        levels = self.units["level"]
        return {str(level): self.units.index[levels == level] for level in levels.unique()}


@dataclass(frozen=True)
class Workspace:
    """Where a run works: its folder, what it goes on from, the layers on the grid and those that it publishes.

    ``key`` is the fingerprint of study, inputs and program, ``stages`` that of all that each kept stage depends on.
    """

    folder: Path
    work: Path
    store: Store
    published: CogStore
    key: str
    stages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Machine:
    """What a run may use: threads, bytes of memory, a dask client or none."""

    workers: int = 2
    memory_limit: int = 1536 * 1024**2
    client: Client | None = None


@dataclass(frozen=True)
class Provenance:
    """Where the numbers come from: a row for each input, the tables read so far, what was decided about the inputs."""

    inputs: tuple[Mapping[str, Any], ...]
    used: Session
    decisions: Decisions = field(default_factory=Decisions)


@dataclass(frozen=True)
class Run:
    """The surroundings of a run, handed to every stage; what a stage must tell goes through ``errors.note``."""

    setting: Setting
    workspace: Workspace
    machine: Machine
    catalogue: Catalogue
    provenance: Provenance
    journal: Journal
    progress: Progress
    clock: StageClock


@dataclass(frozen=True)
class ExposureLayers:
    """Counts on the grid, how their sums stand against the totals of their inputs, and vulnerability.

    ``counts`` maps the exposed count (``population``, ``gdp_yuan`` ...) to its layer, ``receptors`` receptor to its
    count, ``vulnerability`` receptor to its index; ``mix`` says which classes of buildings stand where, if it is known.
    """

    counts: dict[str, xr.DataArray]
    receptors: dict[str, str]
    vulnerability: dict[str, xr.DataArray]
    reconciliation: pd.DataFrame
    mix: BuildingMix | None = None


@dataclass(frozen=True)
class Prepared:
    """After ``prepare``: the parts of every hazard, exposure, the mask of the study area."""

    hazards: dict[str, PreparedHazard]
    exposure: ExposureLayers
    mask: xr.DataArray
    hillshade: xr.DataArray | None = None

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables that hazards publish, by name."""
        return {
            f"{name}_{key}": made.tables[key]
            for name, made in self.hazards.items()
            for key in HAZARDS[name].published
            if key in made.tables
        }


@dataclass(frozen=True)
class Calibrated:
    """After ``calibrate``: scalars of each hazard, frozen for the rest of the run, and its lazy result."""

    scalars: dict[str, dict[str, Any]]
    hazards: Mapping[str, xr.Dataset]


@dataclass(frozen=True)
class Assessed:
    """After ``assess``: layers on disk, their indices, what the units have of them, breaks of the cells, weights.

    ``units`` (index code) has a column for each index and measure; ``by_grade`` tells what of the ground and of each
    exposed count lies in each class of each hazard; ``levels`` are the layers
    of how strong hazards are by return period.
    """

    layers: dict[str, xr.DataArray]
    indices: tuple[Index, ...]
    measures: tuple[Measure, ...]
    units: pd.DataFrame
    by_grade: pd.DataFrame
    breaks: dict[Index, list[float]]
    weights: pd.DataFrame
    segments: pd.DataFrame
    ranges: dict[str, tuple[float, float]]
    curves: pd.DataFrame = field(default_factory=pd.DataFrame)
    sectors: pd.DataFrame = field(default_factory=pd.DataFrame)
    levels: tuple[Intensity, ...] = ()


@dataclass(frozen=True)
class Graded:
    """After ``grade``: grade layers, unit tables at every level with their columns, breaks and reconciliation."""

    layers: dict[str, xr.DataArray]
    indices: tuple[Index, ...]
    breaks: dict[Index, IndexBreaks]
    columns: tuple[Column, ...]
    units: dict[str, gpd.GeoDataFrame]
    unit_table: pd.DataFrame
    tables: dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Zoned:
    """After a stage of zoning: layers of zones by name (``zone_region`` ...) and tables by name.

    Both land in the result, in the database and, as tables, in ``tables/*.csv`` and the workbook.
    """

    zones: dict[str, gpd.GeoDataFrame]
    tables: dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Surveyed:
    """After the check of the filled forms: accepted records by form, and the tables of quality.

    Columns are named as the fields of the form, in its units; forms with places are layers of EPSG:4490.
    """

    surveys: dict[str, pd.DataFrame]
    tables: dict[str, pd.DataFrame]


T = TypeVar("T")


@dataclass(frozen=True)
class Made:
    """What the stages of a run have made so far: one value of a kind, handed on from stage to stage."""

    values: tuple[object, ...] = ()

    def of(self, kind: type[T]) -> T:
        """The value of a kind; a stage asks for what an earlier one has made."""
        for value in self.values:
            if isinstance(value, kind):
                return value
        raise LookupError(f"no stage has made {kind.__name__} yet")

    def has(self, kind: type[object]) -> bool:
        """Whether a stage has made such a value."""
        return any(isinstance(value, kind) for value in self.values)

    def also(self, value: object) -> Made:
        """The same and one value more."""
        return Made((*self.values, value))

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables of all stages, by name."""
        return self._gathered("tables")

    def zones(self) -> dict[str, gpd.GeoDataFrame]:
        """The layers of zones of all stages, by name."""
        return self._gathered("zones")

    def surveys(self) -> dict[str, pd.DataFrame]:
        """The accepted records of the surveys, by form."""
        return self._gathered("surveys")

    def _gathered(self, part: str) -> dict[str, Any]:
        gathered: dict[str, Any] = {}
        for value in self.values:
            gathered |= getattr(value, part, {})
        return gathered


@dataclass(frozen=True)
class Stage:
    """A stage of a run: its name, which ``--only`` takes, and its work, which gives one value."""

    name: str
    work: Callable[[Run, Made], object]
