"""What a receptor declares: its counts, inputs and parameters, how it is checked and counted.

A receptor is one file and one line: its file ends in ``SPEC``, ``exposure/__init__.py`` names it once; the keys of
study.yaml, checks, preparation, assessment, columns and titles follow from the specification.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

import geopandas as gpd
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import ValidationError

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import ConfigError, LayerError, Phrase, Problem
from riskzoning.exposure.base.sample import BuildingMix
from riskzoning.inputs import Inputs, InputSpec, Section, check_inputs, params_problem
from riskzoning.layers import LayerFacts, Total, scan

Params = TypeVar("Params", bound=Section)
Scan = Callable[[xr.DataArray], LayerFacts]


@dataclass(frozen=True)
class CountSpec:
    """One count of a receptor: the name of its layer and column, and the quantity of the vocabulary that it is.

    Examples
    --------
    >>> count = CountSpec("gdp_yuan", "gdp")
    >>> count.units, count.title("zh")
    ('yuan', '地区生产总值（元）')
    """

    name: str
    quantity: str

    @property
    def units(self) -> str:
        """Unit of the count."""
        return standards.quantity(self.quantity).units

    def title(self, lang: str) -> str:
        """Name of the column for people, in ``zh`` or ``en``."""
        return standards.names("exposed", self.name, lang)


@dataclass(frozen=True)
class StudyUnits:
    """Administrative units (index ``code``), and the county that holds the ground of each statistical zone.

    Examples
    --------
    >>> units = StudyUnits(gpd.GeoDataFrame({"level": ["county"]}, index=["410702"]), {"410771": "410702"})
    >>> units.zones["410771"] in units.frame.index
    True
    """

    frame: gpd.GeoDataFrame
    zones: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ground:
    """Where receptors are counted: the analysis grid and the units; ``scan`` gives the facts of a raster.

    Examples
    --------
    >>> geobox = grids.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> Ground(geobox, StudyUnits(gpd.GeoDataFrame())).grid.shape
    Shape2d(x=3, y=2)
    """

    grid: GeoBox
    units: StudyUnits
    scan: Scan = scan


class Counted(NamedTuple):
    """A count on the grid, with the total of its input and what of it lies beyond the grid.

    The sum of the layer is ``total.on_grid``, to 1e-9 of the input.

    Examples
    --------
    >>> geobox = grids.analysis_grid((0, 0, 200, 100), crs="EPSG:4547", resolution=100)
    >>> from riskzoning.layers import layer_on
    >>> counted = Counted(layer_on(geobox, [[3.0, 4.0]], quantity="population"), Total(9.0, beyond_grid=2.0))
    >>> float(counted.layer.sum()) == counted.total.on_grid
    True
    """

    layer: xr.DataArray
    total: Total


@dataclass(frozen=True)
class Exposed:
    """What a receptor counts, by name of the count; its vulnerability 0..1 and its mix of classes where they are told.

    Examples
    --------
    >>> Exposed({}).vulnerability is None
    True
    """

    counts: Mapping[str, Counted]
    vulnerability: xr.DataArray | None = None
    mix: BuildingMix | None = None


def _nothing_more(_inputs: Inputs, _params: object, _units: StudyUnits | None) -> list[Problem]:
    return []


def _always(_params: object) -> bool:
    return True


def _no_totals(_inputs: Inputs, _params: object, _scan: Scan) -> dict[str, float]:
    return {}


@dataclass(frozen=True)
class ReceptorSpec(Generic[Params]):
    """A receptor as data and functions.

    Parameters
    ----------
    name : str
        Key of the receptor; its titles stand in ``names/common``.
    counts : tuple of CountSpec
    inputs : tuple of InputSpec
        Their keys are fields of ``params``, which name the entries of the catalogue.
    params : type
        A :class:`riskzoning.inputs.Section`: what stands under ``exposure: <name>:`` in study.yaml.
    count : callable
        ``count(inputs, params, ground)`` gives the counts as :class:`Exposed`; lazy for lazy inputs.
    check : callable
        ``check(inputs, params, units)`` gives the problems of the contents of the inputs; errors are refused.
    totals : callable
        ``totals(inputs, params, scan)`` gives what the inputs add up to, by count, where that is known beforehand; the
        table ``exposure/ratios`` looks for wrong units among them.
    spread_by : tuple of str
        Receptors whose first count this one may be spread by, the usual one first.
    weighs : callable
        ``weighs(params)``: whether it is spread by anything at all with these parameters.
    preferred : tuple of str
        Counts that the exposure index takes, the best first, in the unit of the receptor's scale
        (``exposure/scales``); default the order of ``counts``.
    loss_count : str, optional
        The count in yuan that loss curves act on.

    Examples
    --------
    >>> from riskzoning.exposure import RECEPTORS
    >>> RECEPTORS["economy"].title["zh"], [count.name for count in RECEPTORS["economy"].counts]
    ('经济', ['gdp_yuan'])
    """

    name: str
    counts: tuple[CountSpec, ...]
    inputs: tuple[InputSpec, ...]
    params: type[Params]
    count: Callable[[Inputs, Params, Ground], Exposed]
    check: Callable[[Inputs, Params, StudyUnits | None], list[Problem]] = _nothing_more
    totals: Callable[[Inputs, Params, Scan], dict[str, float]] = _no_totals
    spread_by: tuple[str, ...] = ()
    weighs: Callable[[Params], bool] = _always
    preferred: tuple[str, ...] = ()
    loss_count: str | None = None

    @property
    def title(self) -> dict[str, str]:
        """Name of the receptor in both languages."""
        return {lang: standards.names("receptor", self.name, lang) for lang in ("zh", "en")}

    @property
    def weight(self) -> float | None:
        """Weight in the risk index of a hazard, unless the study states its own; None: only with a stated one."""
        stated = standards.table("weights/receptors").data.get(self.name)
        return None if stated is None else float(stated)

    def thing(self, key: str) -> Phrase:
        """An input in words."""
        return Phrase("input_of_receptor", receptor=self.name, name=key)

    def entries(self, params: Params) -> dict[str, str]:
        """Entries of the catalogue that the parameters name, by key of the input."""
        named = {item.key: getattr(params, item.key, None) for item in self.inputs}
        return {key: str(name) for key, name in named.items() if name is not None}

    def indexed(self, counts: Mapping[str, object]) -> str:
        """Which of the counts at hand the exposure index takes."""
        order = self.preferred or tuple(count.name for count in self.counts)
        return next(name for name in order if name in counts)

    def prepare(self, inputs: Inputs, params: Params | Mapping[str, Any], ground: Ground) -> Exposed:
        """The counts on the grid, from inputs that are checked first.

        Parameters
        ----------
        inputs : mapping
            Key -> layer, features or table; ``spread_by``, where there is one, on the grid.
        params : mapping or params model
        ground : Ground

        Raises
        ------
        LayerError, ConfigError
            With every problem of the inputs, which are named, or of the parameters.

        Examples
        --------
        >>> from shapely.geometry import LineString
        >>> from riskzoning.exposure import RECEPTORS
        >>> geobox = grids.analysis_grid((0, 0, 2000, 1000), crs="EPSG:4547", resolution=1000)
        >>> lines = gpd.GeoDataFrame(geometry=[LineString([(500, 500), (2300, 500)])], crs="EPSG:4547")
        >>> ground = Ground(geobox, StudyUnits(gpd.GeoDataFrame()))
        >>> exposed = RECEPTORS["roads"].prepare({"lines": lines}, {"lines": "road"}, ground)
        >>> layer, total = exposed.counts["road_km"]
        >>> layer.values.round(6).tolist(), round(total.input, 6), round(total.beyond_grid, 6)
        ([[0.5, 1.0]], 1.8, 0.3)
        """
        settled = params if isinstance(params, self.params) else self._settled(params)
        check_inputs(self.inputs, inputs, thing=self.thing)
        problems = [problem for problem in self.check(inputs, settled, ground.units) if problem.severity == "error"]
        if problems:
            raise LayerError(problems=problems)
        return self.count(inputs, settled, ground)

    def _settled(self, params: Section | Mapping[str, Any]) -> Params:
        try:
            return self.params.model_validate(dict(params))
        except ValidationError as error:
            thing = Phrase("receptor", name=self.name)
            raise ConfigError(
                problems=[params_problem("exposure.params", row, thing) for row in error.errors()]
            ) from None


def raster_count(raster: xr.DataArray, ground: Ground) -> Counted:
    """A count raster brought onto the grid, with its total and what of it lies beyond."""
    total = Total(ground.scan(raster).total, beyond(raster, ground.grid))
    return Counted(grids.align(raster, ground.grid), total)


def beyond(raster: xr.DataArray, grid: GeoBox) -> float:
    """Content of the cells and parts of cells of a count raster that lie outside the grid."""
    return float(np.sum(grids.outside(raster, grid)))


def feature_count(layer: xr.DataArray) -> Counted:
    """A count of points or lines, with its total and what of it lies beyond the grid."""
    outside = float(layer.attrs.get("outside", 0.0))
    return Counted(layer, Total(scan(layer).total + outside, outside))
