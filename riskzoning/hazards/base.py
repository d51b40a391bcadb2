"""What a hazard declares: inputs, outputs, scalars to calibrate, how it is assessed.

A hazard is one file and one line: its file ends in ``SPECS``, ``hazards/__init__.py`` names it once, and config checks,
the command line's list, the documentation table, map titles and the contract test follow from the specification.

The usual ``assess`` of a hazard opens with :func:`open_inputs`, which checks the inputs, settles the parameters and the
grid and prepares what is not prepared yet; the formula follows, and ``describe`` closes every layer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeGuard, TypeVar

import dask.array as da
import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import BaseModel, ValidationError

from riskzoning import standards
from riskzoning.errors import ConfigError, LayerError, MissingCRSError, Problem, first_few
from riskzoning.layers import check_layer, check_same_grid, describe, grid_of, layer_on

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
Form = Literal["layer", "stack", "series", "points", "lines", "polygons", "stations", "table"]
Params = TypeVar("Params", bound=BaseModel)

# The first type is the one named in messages. Polygons may come rasterised, station series as gridded Datasets.
_FORMS: dict[str, tuple[type, ...]] = {
    "layer": (xr.DataArray,),
    "stack": (xr.DataArray,),
    "series": (xr.DataArray,),
    "points": (gpd.GeoDataFrame,),
    "lines": (gpd.GeoDataFrame,),
    "polygons": (gpd.GeoDataFrame, xr.DataArray),
    "stations": (xr.Dataset,),
    "table": (pd.DataFrame,),
}


@dataclass(frozen=True)
class InputSpec:
    """One input of a hazard: key, what it is, and how it moves the result.

    Parameters
    ----------
    key : str
        The name used in ``inputs``.
    form : {"layer", "stack", "series", "points", "lines", "polygons", "stations", "table"}
        ``layer`` has dims ``(y, x)``; ``stack`` is a layer with ``return_period``; ``series`` has ``time`` and either
        ``y, x`` or ``station``; ``polygons`` may also come as a class layer; ``stations`` is a Dataset ``station`` x
        ``time``.
    quantity : str, optional
        Quantity of a layer or stack; its units are checked.
    direction : {1, -1, 0}
        +1: more of it never lowers the hazard index, -1: never raises it, 0: no such promise.
    required : bool
        Without it (or one of ``alternatives``) the hazard is refused.
    monotone_in_period : bool
        A stack whose values must not fall as the return period rises.
    native : bool
        The layer keeps its own grid and the margin beyond the study area (a DEM whose rivers leave the city);
        ``prepare`` brings what it derives from it onto the grid. Every other layer must lie on the grid assessed.
    alternatives : tuple of str
        Keys that may stand in for this one.
    columns : tuple of str
        Columns (or variables of a Dataset) that must be there.
    note : str
        One sentence for the documentation.

    Examples
    --------
    >>> InputSpec("depth", "stack", "flood_depth", direction=1).required
    True
    """

    key: str
    form: Form
    quantity: str | None = None
    direction: Literal[1, -1, 0] = 0
    required: bool = True
    monotone_in_period: bool = False
    native: bool = False
    alternatives: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    note: str = ""


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
    tables: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    status: Literal["official", "literature", "project_default"] = "project_default"
    method: Mapping[str, str] = field(default_factory=dict)

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
    is missing
    """
    errors: list[LayerError] = []
    for item in spec.inputs:
        value = inputs.get(item.key)
        thing = f"input '{item.key}' of hazard '{spec.name}'"
        try:
            if value is None:
                _check_missing(item, inputs, thing)
            else:
                _check_value(value, item, thing)
                if grid is not None and _has_grid(value) and not item.native:
                    check_same_grid(grid=_reference(grid), layer=value)
        except LayerError as error:
            problems = [problem.at(thing) for problem in error.problems]
            errors.append(type(error)(problems=problems))
    if errors:
        kinds = {type(error) for error in errors}
        kind = kinds.pop() if len(kinds) == 1 else LayerError
        raise kind(problems=[problem for error in errors for problem in error.problems])


def _has_grid(value: Any) -> TypeGuard[xr.DataArray]:
    return isinstance(value, xr.DataArray) and {"y", "x"} <= set(value.dims)


def _reference(grid: GeoBox) -> xr.DataArray:
    return layer_on(grid, np.broadcast_to(np.uint8(0), tuple(grid.shape)), quantity="mask")


def _check_missing(item: InputSpec, inputs: Inputs, thing: str) -> None:
    if not item.required or any(inputs.get(key) is not None for key in item.alternatives):
        return
    needed = " or ".join(f"'{key}'" for key in (item.key, *item.alternatives))
    given = first_few(sorted(key for key, value in inputs.items() if value is not None)) or "none"
    raise LayerError(
        Problem(
            thing,
            "is missing",
            f"{needed} ({item.form}{', ' + item.quantity if item.quantity else ''}); given: {given}",
            "Name it under `hazards:` in study.yaml.",
            rule="hazard.missing",
        )
    )


def _check_value(value: Any, item: InputSpec, thing: str) -> None:
    if not isinstance(value, _FORMS[item.form]):
        raise LayerError(
            Problem(
                thing,
                f"is a {type(value).__name__}",
                f"a {_FORMS[item.form][0].__name__} ({item.form})",
                "Pass the right input.",
                rule="hazard.form",
            )
        )
    if item.form == "series":
        _check_series(value, item, thing)
    elif isinstance(value, xr.DataArray):
        check_layer(value, name=item.key, quantity=item.quantity)
        if item.form == "stack" and "return_period" not in value.dims:
            raise _no_periods(thing)
    elif isinstance(value, gpd.GeoDataFrame) and value.crs is None:
        raise MissingCRSError(
            Problem(
                thing,
                "has no coordinate reference system",
                "every layer needs one",
                'Declare it in study.yaml with "crs: EPSG:...".',
                rule="layer.crs",
            )
        )
    if not isinstance(value, xr.DataArray):
        _check_columns(value, item.columns, thing)


def _check_series(value: Any, item: InputSpec, thing: str) -> None:
    dims = set(map(str, value.dims))
    if dims not in ({"time", "y", "x"}, {"time", "station"}):
        raise LayerError(
            Problem(
                thing,
                f"has dims {tuple(value.dims)}",
                "dims (time, y, x) or (time, station)",
                "Rename the dimensions, or read the file with riskzoning.io.",
                rule="layer.dims",
            )
        )
    # One day carries the metadata of all.
    if "y" in dims:
        check_layer(value.isel(time=0, drop=True).transpose("y", "x"), name=item.key, quantity=item.quantity)


def _no_periods(thing: str) -> LayerError:
    return LayerError(
        Problem(
            thing,
            "has no dimension return_period",
            "one raster for each return period",
            "Give each file its return_period in study.yaml.",
            rule="layer.return_period",
        )
    )


def _check_columns(value: Any, columns: Iterable[str], thing: str) -> None:
    present = value.variables if isinstance(value, xr.Dataset) else value.columns
    missing = [column for column in columns if column not in present]
    if missing:
        raise LayerError(
            Problem(
                thing,
                f"lacks the columns {', '.join(missing)}; it has {first_few(present)}",
                f"columns {', '.join(columns)}",
                "Map them with `columns:` in study.yaml.",
                rule="hazard.columns",
            )
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
        if _has_grid(value):
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
