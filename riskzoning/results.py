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
