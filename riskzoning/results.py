"""The value that a run returns and that maps, database, site, report and planning take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import standards
from riskzoning.names import MULTI, Index

__all__ = ["LEVELS", "StudyResult"]

# From the coarsest to the finest administrative level.
LEVELS = ("city", "county", "township")


@dataclass(frozen=True)
class StudyResult:
    """Everything that a run made, as plain values.

    Parameters
    ----------
    code, name : str, mapping
        Code of the study area (``410700``) and its names ``{"zh": ..., "en": ...}``.
    grid : GeoBox
    layers : Dataset
        Lazy; variables named as the files, e.g. ``flood_hazard_index``, ``flood_population_risk_grade``,
        ``multi_risk_grade``.
    units : mapping level -> GeoDataFrame
        Index ``code``; columns ``name level parent geometry`` and the wide columns of ``unit_*``.
    unit_table : DataFrame
        Tidy: ``code level hazard receptor indicator value units grade``.
    tables : mapping name -> DataFrame
        ``reconciliation weights breaks validation targets`` ...
    zones : mapping name -> GeoDataFrame
        Layers of zones (``zone_region`` ...), as they stand in the database.
    hazards, receptors : tuple of str
        Keys of what was assessed.
    indices : tuple of Index
        Every index that the run has, as a layer, a column or both: what maps, page and report go through.
    context : mapping name -> GeoDataFrame
        Lines and points for maps (``rivers``, ``roads``), where given.
    record : mapping
        The run record, as in ``run.json``.
    folder : Path

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> name = {"zh": "新乡市", "en": "Xinxiang"}
    >>> StudyResult("410700", name, geobox, layers=xr.Dataset(), units={}, folder=Path("out")).code
    '410700'
    """

    code: str
    name: Mapping[str, str]
    grid: GeoBox
    layers: xr.Dataset
    units: Mapping[str, gpd.GeoDataFrame]
    folder: Path
    unit_table: pd.DataFrame = field(default_factory=pd.DataFrame)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    zones: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    context: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    hazards: tuple[str, ...] = ()
    receptors: tuple[str, ...] = ()
    indices: tuple[Index, ...] = ()
    language: str = "zh"
    record: Mapping[str, Any] = field(default_factory=dict)

    @property
    def levels(self) -> tuple[str, ...]:
        """Administrative levels present, coarsest first.

        Examples
        --------
        >>> from riskzoning.grid import analysis_grid
        >>> geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> StudyResult("1", {}, geobox, layers=xr.Dataset(), units={"city": None}, folder=Path(".")).levels
        ('city',)
        """
        return tuple(level for level in LEVELS if level in self.units)

    def indices_by_hazard(self) -> dict[str, tuple[Index, ...]]:
        """The indices of each hazard in the order of the study, those of all hazards together last.

        Examples
        --------
        >>> from riskzoning.samples import toy_result
        >>> {hazard: len(indices) for hazard, indices in toy_result().indices_by_hazard().items()}
        {'flood': 3, 'earthquake': 3, 'multi': 3}
        """
        every = (*self.hazards, MULTI)
        return {hazard: tuple(index for index in self.indices if index.hazard == hazard) for hazard in every}

    @property
    def composite(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The hazards that all of them together are made of, and those of ``weights/hazards`` that are missing in it.

        A hazard that does not exist here is not missing.

        Examples
        --------
        >>> from riskzoning.samples import toy_result
        >>> toy_result().composite[0]
        ('flood', 'earthquake')
        """
        weights = self.tables.get("weights", pd.DataFrame(columns=["hazard"]))
        parts = tuple(str(hazard) for hazard in weights["hazard"])
        study = self.record.get("study", {})
        known = standards.table("weights/hazards").data["hazards"]
        absent = {*parts, *study.get("not_applicable", ())}
        return parts, tuple(str(hazard) for hazard in known if hazard not in absent) if parts else ()
