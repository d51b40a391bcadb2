"""What a hazard declares: inputs, outputs, scalars to calibrate, how it is assessed.

A hazard is one file and one line: its file ends in ``SPECS``, ``hazards/__init__.py`` names it once, and config checks,
the command line's list, the documentation table, map titles and the contract test follow from the specification.

The usual ``assess`` of a hazard opens with :func:`open_inputs`, which checks the inputs, settles the parameters and the
grid and prepares what is not prepared yet; the formula follows, and ``describe`` closes every layer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeVar

import dask.array as da
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import BaseModel, ValidationError

from riskzoning import inputs as inputs_room
from riskzoning import standards
from riskzoning.errors import ConfigError, LayerError, Phrase, Problem
from riskzoning.inputs import InputSpec, has_grid
from riskzoning.layers import check_same_grid, describe, grid_of
from riskzoning.names import Index

__all__ = [
    "HazardSpec",
    "InputSpec",
    "by_cell",
    "check_inputs",
    "open_inputs",
    "settle_params",
    "target_grid",
    "valid_values",
    "warning_row",
]

Inputs = Mapping[str, Any]
Calibration = Mapping[str, Any]
Params = TypeVar("Params", bound=BaseModel)


@dataclass(frozen=True)
class HazardSpec:
    """A hazard as data and three functions.

    Parameters
    ----------
    name, group : str
        Key of the hazard and of the group of the census that it belongs to.
    title : mapping
        ``{"zh": ..., "en": ...}``.
    inputs : tuple of InputSpec
    params : type
        A frozen pydantic model with ``extra="forbid"``; every field has a default.
    prepare : callable
        ``prepare(inputs, params, grid)`` turns raw inputs into layers on the grid where that needs more than a cell
        (terrain, distances, interpolated surfaces, rasterised polygons) and returns the inputs with them added. What is
        already there stays, so that a run can keep prepared layers.
    calibrate : callable
        ``calibrate(inputs, params)`` gives the scalars of the whole area, ready for JSON. ``validation`` in it goes to
        the table of skill; ``warnings``, rows of problems (:func:`warning_row`), are shown at the end of a run.
    assess : callable
        ``assess(inputs, params=None, *, grid=None, calibration=None)`` gives a Dataset with ``intensity``,
        ``hazard_index`` (0..1, float64) and, where a standard or the study fixes the classes, ``hazard_grade``. Lazy
        when an input is lazy.
    outputs : mapping
        Variable of the Dataset -> quantity.
    scope : str
        How far a cell looks: ``cell``, ``halo:n`` or ``global``.
    monotone : bool
        Whether the directions of the inputs are kept.
    nan_halo : int
        Cells around a missing value that may be missing as well.
    grades, grade_scheme : int, str
        Number of classes and their scheme in ``grades/schemes``.
    importance : float, optional
        How many times as important as every other hazard it is, for the weights, where the comparisons of
        ``weights/hazards`` do not know it; without it it counts as equal to each, with a warning.
    tables : tuple of str
        Tables of standards that the hazard reads.
    references : tuple of str
    status : {"official", "literature", "project_default"}
        The weakest status of what the index rests on.
    method : mapping
        One or two sentences, ``{"zh": ..., "en": ...}``.

    Examples
    --------
    >>> from riskzoning.hazards import HAZARDS
    >>> HAZARDS["earthquake"].title["zh"]
    '地震灾害'
    """

    name: str
    group: str
    title: Mapping[str, str]
    inputs: tuple[InputSpec, ...]
    params: type[Any]
    assess: Callable[..., xr.Dataset]
    calibrate: Callable[..., dict[str, Any]]
    prepare: Callable[..., dict[str, Any]]
    outputs: Mapping[str, str] = field(default_factory=lambda: {"intensity": "", "hazard_index": "hazard_index"})
    scope: str = "cell"
    monotone: bool = True
    nan_halo: int = 0
    grades: int = 4
    grade_scheme: str = "hazard_4"
    importance: float | None = None
    tables: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    status: Literal["official", "literature", "project_default"] = "project_default"
    method: Mapping[str, str] = field(default_factory=dict)

    @property
    def index(self) -> Index:
        """The name of its hazard index, with its title and classes.

        Examples
        --------
        >>> from riskzoning.hazards import HAZARDS
        >>> HAZARDS["flood"].index.key, HAZARDS["flood"].index.scheme
        ('flood_hazard_index', 'flood_4')
        """
        return Index(self.name, "hazard", scheme=self.grade_scheme, titles=self.title)

    def input(self, key: str) -> InputSpec:
        """The specification of one input.

        Raises
        ------
        LayerError
            The hazard has no such input; the message lists its keys.

        Examples
        --------
        >>> from riskzoning.hazards import HAZARDS
        >>> HAZARDS["flood"].input("depth").quantity
        'flood_depth'
        """
        for spec in self.inputs:
            if spec.key == key:
                return spec
        raise LayerError(
            Problem(
                f"hazard '{self.name}'",
                f"has no input '{key}'",
                f"one of {', '.join(spec.key for spec in self.inputs)}",
                "Correct the key.",
                rule="hazard.input",
            )
        )


def warning_row(thing: str, found: str, required: str, fix: str, *, rule: str) -> dict[str, Any]:
    """A warning of a calibration, ready for JSON: what a run goes on with and its reader must know.

    Parameters
    ----------
    thing, found, required, fix : str
        As in a :class:`riskzoning.errors.Problem`.
    rule : str

    Examples
    --------
    >>> warning_row("input 'stations'", "lie on one line", "a plane", "Add stations.", rule="stations.line")["severity"]
    'warning'
    """
    return Problem(thing, found, required, fix, rule=rule, severity="warning").as_row()


class Opened(NamedTuple):
    """What :func:`open_inputs` hands to the formula of a hazard."""

    inputs: dict[str, Any]
    params: Any
    grid: GeoBox


def open_inputs(spec: HazardSpec, inputs: Inputs, params: Any, grid: GeoBox | None) -> Opened:
    """The first line of ``assess``: checked and prepared inputs, settled parameters, the grid.

    Parameters
    ----------
    params : None, mapping or params model
        See :func:`settle_params`.
    grid : GeoBox, optional
        See :func:`target_grid`.

    Raises
    ------
    LayerError, ConfigError
        With every problem of the inputs or of the parameters.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.hazards import HAZARDS
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> depth = layer_on(geobox, 1.0, quantity="flood_depth", return_periods=[10, 100])
    >>> open_inputs(HAZARDS["flood"], {"depth": depth}, None, None).params.form
    'integral'
    """
    settled = settle_params(spec.params, params, thing=f"hazard '{spec.name}'")
    check_inputs(spec, inputs)
    found = target_grid(spec, inputs, grid)
    check_inputs(spec, inputs, grid=found)
    return Opened(spec.prepare(inputs, settled, found), settled, found)


def settle_params(model: type[Params], params: Params | Mapping[str, Any] | None, *, thing: str) -> Params:
    """The parameters as a checked value: the defaults for None, a mapping validated, a model as it is.

    Raises
    ------
    ConfigError
        Names every field that is unknown or wrong.

    Examples
    --------
    >>> from riskzoning.hazards import HAZARDS
    >>> try:
    ...     settle_params(HAZARDS["flood"].params, {"form": "sum"}, thing="hazard 'flood'")
    ... except ConfigError as error:
    ...     print(error.problems[0].thing)
    hazard 'flood', field 'form'
    """
    if isinstance(params, model):
        return params
    if params is not None and not isinstance(params, Mapping):
        raise ConfigError(
            Problem(
                thing,
                f"got parameters of type {type(params).__name__}",
                f"a mapping or {model.__module__}.{model.__name__}",
                "Pass the parameters of this hazard.",
                rule="hazard.params",
            )
        )
    try:
        return model.model_validate(dict(params or {}))
    except ValidationError as error:
        raise ConfigError(problems=[_field_problem(row, model, thing) for row in error.errors()]) from None


def _field_problem(row: Any, model: type[BaseModel], thing: str) -> Problem:
    place = ".".join(str(part) for part in row["loc"])
    unknown = row["type"] == "extra_forbidden"
    return Problem(
        thing,
        "is not a parameter" if unknown else f"is {row['input']!r}",
        f"one of {', '.join(model.model_fields)}" if unknown else str(row["msg"]),
        "Correct `params:` of the hazard in study.yaml.",
        rule="hazard.params",
        field=place or None,
    )


def check_inputs(spec: HazardSpec, inputs: Inputs, *, grid: GeoBox | None = None) -> None:
    """Check the inputs of a hazard at the door: all there, right form, CRS, units, grid; all problems at once.

    Only metadata are looked at. Keys that the hazard does not know are left alone.

    Parameters
    ----------
    inputs : mapping
        Key -> layer, frame, Dataset or None (not given).
    grid : GeoBox, optional
        The grid that every layer (but native ones) must lie on.

    Raises
    ------
    LayerError
        (or the subclass that all problems share) naming every input that is missing or wrong.

    Examples
    --------
    >>> from riskzoning.hazards import HAZARDS
    >>> try:
    ...     check_inputs(HAZARDS["flood"], {})
    ... except LayerError as error:
    ...     print(error.problems[0].found)
    is missing (given: nothing)
    """
    inputs_room.check_inputs(
        spec.inputs, inputs, thing=lambda key: Phrase("input_of_hazard", hazard=spec.name, name=key), grid=grid
    )


def target_grid(spec: HazardSpec, inputs: Inputs, grid: GeoBox | None) -> GeoBox:
    """The grid to assess on: the one asked for, else that of the first layer among the inputs.

    Layers that keep their own grid (``native``) are asked last.

    Raises
    ------
    LayerError
        When no grid is given and no input is a layer.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.hazards import HAZARDS
    >>> geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> target_grid(HAZARDS["flood"], {}, geobox).shape
    Shape2d(x=3, y=2)
    """
    if grid is not None:
        return grid
    for item in sorted(spec.inputs, key=lambda item: item.native):
        value = inputs.get(item.key)
        if has_grid(value):
            return grid_of(value, name=item.key)
    raise LayerError(
        Problem(
            f"hazard '{spec.name}'",
            "got no grid and no layer",
            "a grid to assess on",
            "Pass grid=riskzoning.grid.analysis_grid(...).",
            rule="hazard.grid",
        )
    )


def valid_values(layer: xr.DataArray, *, quantity: str) -> xr.DataArray:
    """The layer as float with one mark for missing: infinities become NaN, and negatives where they mean no data.

    Parameters
    ----------
    quantity : str
        Decides by ``negative_is_nodata`` of the vocabulary whether negative values are missing.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 300, 100), crs="EPSG:4547", resolution=100)
    >>> depth = layer_on(geobox, np.array([[-9999.0, np.inf, 1.0]]), quantity="flood_depth")
    >>> valid_values(depth, quantity="flood_depth").values.tolist()
    [[nan, nan, 1.0]]
    """
    values = layer if np.issubdtype(layer.dtype, np.floating) else layer.astype(np.float64)
    good = np.isfinite(values)
    if standards.quantity(quantity).negative_is_nodata:
        good = good & (values >= 0)
    return values.where(good)


def by_cell(kernel: Callable[..., Any], *values: Any, quantity: str | None = None, dtype: Any = np.float64) -> Any:
    """A formula of single cells on whatever holds the cells: numbers, arrays, dask arrays or layers.

    Parameters
    ----------
    kernel : callable
        Takes numpy arrays that broadcast, gives an array of ``dtype``; at best a ``partial`` that carries every number
        it needs, since a lazy block is computed later, maybe on another machine.
    values : number, array, dask array or DataArray
        Layers must share their grid; a stack goes before plain layers. Dask stays lazy; masked values become NaN.
    quantity : str, optional
        Describes the result when a layer is among the values.

    Returns
    -------
    float, ndarray, dask array or DataArray
        As the values; a float when all of them are numbers.

    Raises
    ------
    GridMismatchError
        When two layers lie on different grids.

    Examples
    --------
    >>> by_cell(lambda a, b: a * b, 2, 3.5)
    7.0
    >>> by_cell(lambda a, b: a * b, np.array([1.0, np.nan]), 2.0)
    array([ 2., nan])
    """
    values = tuple(_filled(value) if isinstance(value, np.ma.MaskedArray) else value for value in values)
    layers = [value for value in values if isinstance(value, xr.DataArray)]
    if layers:
        placed = [layer for layer in layers if layer.odc.crs is not None]
        if len(placed) > 1:
            check_same_grid(**{f"{layer.name or 'value'} ({i + 1})": layer for i, layer in enumerate(placed)})
        # The grids are one within a millionth of a cell; exact comparison of coordinates would lose such cells.
        out = xr.apply_ufunc(
            kernel, *values, dask="parallelized", output_dtypes=[dtype], join="override", keep_attrs=False
        )
        return describe(out, quantity=quantity, like=placed[0] if placed else None) if quantity else out
    if any(isinstance(value, da.Array) for value in values):
        # Indices count from the last axis, as broadcasting does; blockwise cuts plain arrays like the lazy ones.
        cut: list[Any] = [da.asarray(value) if np.ndim(value) else value for value in values]  # type: ignore[no-untyped-call]
        pairs = [part for value in cut for part in (value, tuple(range(np.ndim(value)))[::-1] or None)]
        axes = tuple(range(max(np.ndim(value) for value in cut)))[::-1]
        return da.blockwise(kernel, axes, *pairs, dtype=dtype)  # type: ignore[no-untyped-call]
    arrays = [np.asarray(value) for value in values]
    result = kernel(*arrays)
    return result.item() if all(array.ndim == 0 for array in arrays) else result


def _filled(values: np.ma.MaskedArray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(np.ma.filled(values.astype(np.float64), np.nan))
