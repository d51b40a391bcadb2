"""What a hazard declares: inputs, outputs, scalars to calibrate, how it is assessed.

A hazard is one file and one line: its file ends in ``SPECS``, ``hazards/__init__.py`` names it once, and config checks,
the command line's list, the documentation table, map titles and the contract test follow from the specification.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import geopandas as gpd
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning.errors import LayerError, Problem
from riskzoning.layers import check_layer, grid_of

__all__ = ["HazardSpec", "InputSpec", "check_inputs", "target_grid"]

Inputs = Mapping[str, Any]
Calibration = Mapping[str, Any]


@dataclass(frozen=True)
class InputSpec:
    """One input of a hazard: key, what it is, and how it moves the result.

    Parameters
    ----------
    key : str
        The name used in ``inputs``.
    form : {"layer", "stack", "points", "lines", "polygons", "stations", "table"}
        ``stack`` is a layer with ``return_period``; ``stations`` a Dataset ``station`` x ``time``.
    quantity : str, optional
        Quantity of a layer or stack.
    direction : {1, -1, 0}
        +1: more of it never lowers the hazard index; 0: no monotone effect.
    monotone_in_period : bool
        A stack whose values must not fall as the return period rises.
    alternatives : tuple of str
        Keys that may stand in for this one.

    Examples
    --------
    >>> InputSpec("depth", "stack", "flood_depth", direction=1).required
    True
    """

    key: str
    form: Literal["layer", "stack", "points", "lines", "polygons", "stations", "table"]
    quantity: str | None = None
    direction: Literal[1, -1, 0] = 0
    required: bool = True
    monotone_in_period: bool = False
    also: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class HazardSpec:
    """A hazard as data and four functions.

    ``prepare(inputs, params, grid)`` turns raw inputs into layers on the grid that need more than a cell (terrain,
    distances, interpolated surfaces) and returns the inputs with them added; it leaves alone what is already there, so
    that a run can keep them. ``calibrate(inputs, params)`` gives the scalars of the whole area. ``assess(inputs,
    params, *, grid, calibration)`` gives a Dataset with ``intensity`` and ``hazard_index`` and, where a standard fixes the
    classes, ``hazard_grade``. ``scope`` says how far a cell looks: ``cell``, ``halo:n`` or ``global``.
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


_FORMS: dict[str, tuple[type, ...]] = {
    "layer": (xr.DataArray,),
    "stack": (xr.DataArray,),
    "points": (gpd.GeoDataFrame,),
    "lines": (gpd.GeoDataFrame,),
    "polygons": (gpd.GeoDataFrame, xr.DataArray),
    "stations": (xr.Dataset,),
    "table": (pd.DataFrame,),
}


def check_inputs(spec: HazardSpec, inputs: Inputs) -> None:
    """Check the inputs of a hazard at the door: all there, right form, CRS and units; reports all problems at once.

    Raises
    ------
    LayerError
        (or a subclass when there is only one problem) naming every input that is missing or wrong.

    Examples
    --------
    >>> from riskzoning.hazards import HAZARDS
    >>> try:
    ...     check_inputs(HAZARDS["flood"], {})
    ... except LayerError as error:
    ...     print(error.problems[0].found)
    is missing
    """
    problems: list[Problem] = []
    errors: list[LayerError] = []
    for item in spec.inputs:
        value = inputs.get(item.key)
        thing = f"input '{item.key}' of hazard '{spec.name}'"
        if value is None:
            if item.required and not any(inputs.get(key) is not None for key in item.alternatives):
                needed = " or ".join(f"'{key}'" for key in (item.key, *item.alternatives))
                problems.append(
                    Problem(
                        thing,
                        "is missing",
                        f"{needed} ({item.form})",
                        "Name it under `hazards:` in study.yaml.",
                        rule="hazard.missing",
                    )
                )
            continue
        if not isinstance(value, _FORMS[item.form]):
            problems.append(
                Problem(
                    thing,
                    f"is a {type(value).__name__}",
                    f"a {_FORMS[item.form][0].__name__} ({item.form})",
                    "Pass the right input.",
                    rule="hazard.form",
                )
            )
            continue
        try:
            _check_value(value, item, thing)
        except LayerError as error:
            errors.append(error)
            problems.extend(error.problems)
    if len(problems) == 1 and errors:
        raise errors[0]
    if problems:
        raise LayerError(problems=problems)


def _check_value(value: Any, item: InputSpec, thing: str) -> None:
    if isinstance(value, xr.DataArray):
        name = f"{item.key}' ({thing.split(' of ')[-1]}) '".strip("' ")
        check_layer(value, name=name, quantity=item.quantity)
        if item.form == "stack" and "return_period" not in value.dims:
            raise LayerError(
                Problem(
                    thing,
                    "has no dimension return_period",
                    "one raster for each return period",
                    "Give each file its return_period.",
                    rule="layer.return_period",
                )
            )
    elif isinstance(value, gpd.GeoDataFrame) and value.crs is None:
        from riskzoning.errors import MissingCRSError

        raise MissingCRSError(
            Problem(
                thing,
                "has no coordinate reference system",
                "every layer needs one",
                'Declare it in study.yaml with "crs: EPSG:...".',
                rule="layer.crs",
            )
        )
    missing = [column for column in item.columns if hasattr(value, "columns") and column not in value.columns]
    if missing:
        raise LayerError(
            Problem(
                thing,
                f"lacks the columns {', '.join(missing)}",
                f"columns {', '.join(item.columns)}",
                "Map them with `columns:` in study.yaml.",
                rule="hazard.columns",
            )
        )


def target_grid(spec: HazardSpec, inputs: Inputs, grid: GeoBox | None) -> GeoBox:
    """The grid to assess on: the one asked for, else that of the first layer among the inputs.

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
    for item in spec.inputs:
        value = inputs.get(item.key)
        if isinstance(value, xr.DataArray):
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
