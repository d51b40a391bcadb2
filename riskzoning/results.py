"""The value that a run returns and that maps, database, site, report and planning take."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import standards
from riskzoning.cards import card
from riskzoning.faces import missing
from riskzoning.names import MULTI, Index

__all__ = ["LEVELS", "UNSURE", "VILLAGE", "Breaks", "IndexBreaks", "StudyResult", "level_order"]

# From the coarsest to the finest administrative level in China; a study elsewhere names its own.
LEVELS = ("city", "county", "township", "village")
# Thousands of units: they have numbers and grades, and are left out where every unit is drawn, listed or drawn anew.
VILLAGE = "village"
# Below this probability among the draws a grade is unsure: hatched on maps and on the page.
UNSURE = 0.6


def level_order(units: pd.DataFrame) -> tuple[str, ...]:
    """The levels that units have, coarsest first, whatever they are called: by who stands under whom.

    Parameters
    ----------
    units : DataFrame
        Index ``code``; column ``level`` and, where it is known, ``parent`` (a code). Levels between which no parent
        decides keep the order of China, or that of the rows.

    Examples
    --------
    >>> rows = {"level": ["parish", "parish", "island"], "parent": ["I1", "I1", ""]}
    >>> level_order(pd.DataFrame(rows, index=["P1", "P2", "I1"]))
    ('island', 'parish')
    """
    levels = pd.Series(units["level"].astype(str).to_numpy())
    depth = np.zeros(len(units), dtype=np.int64)
    if "parent" in units.columns and units.index.is_unique:
        above = units.index.get_indexer(pd.Index(units["parent"]))
        at = above
        for _ in range(levels.nunique()):
            depth += at >= 0
            at = np.where(at >= 0, above[at], -1)
    known = {level: place for place, level in enumerate(LEVELS)}
    deepest = pd.Series(depth).groupby(levels, sort=False).max()
    return tuple(sorted(map(str, deepest.index), key=lambda level: (deepest[level], known.get(level, -1))))


@dataclass(frozen=True)
class Breaks:
    """Upper bounds of the classes of an index, lowest first, and the rule that they come from.

    Parameters
    ----------
    rule : str
        ``fixed``, ``frozen`` or ``ladder`` where they are given; ``class_share`` where a unit has the class that enough
        of its ground reaches, ``points`` where its hazards give it; else the scheme that cut the values.
    bounds : tuple of float
    closed : {"right", "left"}
        Which end of an interval belongs to its class.

    Examples
    --------
    >>> Breaks("fixed", (0.5, 1.0)).given, Breaks("quantiles", (0.5, 1.0)).given
    (True, False)
    """

    rule: str
    bounds: tuple[float, ...] = ()
    closed: Literal["right", "left"] = "right"

    @property
    def given(self) -> bool:
        """Whether they are given, for the units as well, and not computed from the cells.

        Examples
        --------
        >>> Breaks("ladder", (0.5, 1.0)).given
        True
        """
        return self.rule in ("fixed", "frozen", "ladder")

    @property
    def by_share(self) -> bool:
        """Whether the class of a unit comes from classes (of its ground, of its hazards) and is no interval of it.

        Examples
        --------
        >>> Breaks("class_share").by_share
        True
        """
        return self.rule in ("class_share", "points")


@dataclass(frozen=True)
class IndexBreaks:
    """How an index was cut into classes on the grid, and for the units.

    Examples
    --------
    >>> IndexBreaks(Breaks("ladder", (0.5, 1.0)), Breaks("class_share")).units.by_share
    True
    """

    grid: Breaks
    units: Breaks


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
    surveys : mapping name -> DataFrame
        Accepted records of the survey forms by form (``exp_building`` ...): columns are the fields of the form in its
        units, with geometry in EPSG:4490 where it has places. What was not accepted is in ``tables["qc_rejected"]``.
    hazards, receptors : tuple of str
        Keys of what was assessed.
    indices : tuple of Index
        Every index that the run has, as a layer, a column or both: what maps, page and report go through.
    breaks : mapping Index -> IndexBreaks
        How they were cut into classes; the table ``breaks`` shows the same.
    context : mapping name -> GeoDataFrame
        Lines and points for maps (``rivers``, ``roads``), where given.
    data_date : str
        Day of the data, ``YYYY-MM-DD``.
    boundary_source : str
        Whose administrative boundaries of which edition the units are; empty where the study does not say it.
    review_number : str, optional
        Number under which the maps may be published (审图号).
    not_applicable : tuple of str
        Hazards that do not exist here.
    record : mapping
        The run record, as in ``run.json``.
    level_names : mapping level -> {"zh": ..., "en": ...}
        The levels of the study, coarsest first, with the names that it gives them; without it those of China.
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
    surveys: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    context: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    hazards: tuple[str, ...] = ()
    receptors: tuple[str, ...] = ()
    indices: tuple[Index, ...] = ()
    breaks: Mapping[Index, IndexBreaks] = field(default_factory=dict)
    data_date: str = ""
    review_number: str | None = None
    not_applicable: tuple[str, ...] = ()
    language: str = "zh"
    record: Mapping[str, Any] = field(default_factory=dict)
    level_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    boundary_source: str = ""

    @property
    def levels(self) -> tuple[str, ...]:
        """Administrative levels present, coarsest first, without villages: there are too many of them to draw and list.

        Examples
        --------
        >>> from riskzoning.grid import analysis_grid
        >>> geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> StudyResult("1", {}, geobox, layers=xr.Dataset(), units={"city": None}, folder=Path(".")).levels
        ('city',)
        """
        return tuple(level for level in self.all_levels if level != VILLAGE or self.level_names)

    @property
    def all_levels(self) -> tuple[str, ...]:
        """Administrative levels present, coarsest first, villages too.

        Examples
        --------
        >>> from riskzoning.samples import toy_result
        >>> toy_result().all_levels
        ('city', 'county', 'township')
        """
        known = (*self.level_names, *LEVELS, *self.units)
        return tuple(dict.fromkeys(level for level in known if level in self.units))

    def level_name(self, level: str, lang: str) -> str:
        """What people read for a level: the name that the study gives it, or that of the census.

        Examples
        --------
        >>> from riskzoning.samples import toy_result
        >>> toy_result().level_name("township", "en")
        'township'
        """
        own = self.level_names.get(level, {})
        return own.get(lang) or standards.names("level", level, lang)

    def unsure_units(self, level: str, hazard: str = MULTI) -> list[str]:
        """Codes of the units whose risk grade comes in fewer than :data:`UNSURE` of the draws (table ``stability``).

        Examples
        --------
        >>> from dataclasses import replace
        >>> from riskzoning.samples import toy_result
        >>> rows = {"code": ["410702", "410703"], "level": "county", "hazard": "multi", "probability": [0.9, 0.4]}
        >>> replace(toy_result(), tables={"stability": pd.DataFrame(rows)}).unsure_units("county")
        ['410703']
        """
        table = self.tables.get("stability")
        if table is None or not len(table):
            return []
        own = table[(table["level"] == level) & (table["hazard"] == hazard) & (table["probability"] < UNSURE)]
        return own["code"].astype(str).tolist()

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
        known = standards.table("weights/hazards").data["hazards"]
        absent = {*parts, *self.not_applicable}
        return parts, tuple(str(hazard) for hazard in known if hazard not in absent) if parts else ()

    def plot(
        self, hazard: str = MULTI, *, level: str | None = None, what: str = "risk", lang: str | None = None
    ) -> Any:
        """A printed map of the grades of the units, as :func:`riskzoning.maps.zoning_map` draws them.

        Parameters
        ----------
        hazard : str
            Key of a hazard, or ``multi``.
        level : str, optional
            Level of the units; default the finest.
        what : {"risk", "hazard"}
        lang : {"zh", "en"}, optional
            Default the language of the study.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ConfigError
            No such index or level in the result.

        Examples
        --------
        >>> from riskzoning.samples import toy_result
        >>> [text.get_text() for text in toy_result().plot("flood", lang="en").texts][0]
        'Toy city: flood risk zoning (township)'
        """
        return _above("pipeline.outputs.maps").result_map(
            self, hazard, level=level, what=what, lang=lang or self.language
        )

    def explore(self, hazard: str = MULTI, *, lang: str | None = None, **options: object) -> Any:
        """A map of the units that shows itself in a notebook, as :func:`riskzoning.webmap.explore` makes it.

        Parameters
        ----------
        hazard : str
            Key of a hazard, or ``multi``.
        lang : {"zh", "en"}, optional
            Default the language of the study.
        **options
            ``level``, ``what``, ``receptor``, ``column``, ``scheme``, ``offline`` ... of that function.

        Returns
        -------
        folium.Map

        Examples
        --------
        >>> from riskzoning.samples import toy_result
        >>> type(toy_result().explore("flood", offline=True)).__name__
        'Map'
        """
        return _above("webmap").explore(self, hazard=hazard, lang=lang or self.language, **options)

    def _repr_html_(self) -> str:
        """What a notebook shows of a result: what it is of, and how much of each; no geometry."""
        name = " ".join(dict.fromkeys(filter(None, (self.name.get(self.language), self.code))))
        units = ", ".join(f"{len(self.units[level])} {self.level_name(level, self.language)}" for level in self.levels)
        hazards = ", ".join(standards.names("hazard", hazard, self.language) for hazard in self.hazards)
        tables = ", ".join(sorted(self.tables))
        rows = (
            ("units", units), ("hazards", hazards), ("layers", len(self.layers.data_vars)),
            ("zones", ", ".join(self.zones)), ("tables", tables), ("folder", self.folder),
        )  # fmt: skip
        return card(f"StudyResult {name}", rows, lang=self.language)


def _above(room: str) -> Any:
    """A room that draws results; it lies above this one, so it is looked up when a result is shown, not imported."""
    return importlib.import_module(f"riskzoning.{room}")


if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
