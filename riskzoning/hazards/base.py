"""What a hazard declares: inputs, outputs, three pure functions, and how they are called.

A hazard is one file and one line: its file ends in ``SPECS``, ``hazards/__init__.py`` names it once, and config checks,
the command line's list, the documentation table, map titles and the contract test follow from the specification.

The three functions of a hazard (:class:`Stages`) are formulas: :class:`HazardSpec` stands at the door, checks the
inputs, settles parameters and grid, and hands on what is prepared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, NamedTuple, cast

import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import BaseModel

from riskzoning import inputs as door
from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, StandardTableError, note
from riskzoning.hazards.gridded import near
from riskzoning.hazards.inputs import Facts, HazardInputs, first_grid, input_of, settle_params
from riskzoning.hazards.products import with_products
from riskzoning.inputs import InputSpec as InputSpec
from riskzoning.inputs import InputValue, has_grid, look_over
from riskzoning.layers import check_same_grid, describe, fact_problems, scan
from riskzoning.layers.plausible import plausible
from riskzoning.layers.plausible import settled as checked_already
from riskzoning.methods.ladders import Ladder, load_ladder
from riskzoning.names import Index

Status = Literal["official", "literature", "project_default"]
# What is said of a stack in memory as well as of files; its range and fill values are looked at apart.
_OF_STACKS = ("layer.falls_repaired", "layer.identical", "layer.empty", "layer.whole", "layer.dry")


@dataclass(frozen=True)
class Prepared:
    """What a hazard needs after ``prepare``: all of it, in three parts that a run keeps on disk.

    Parameters
    ----------
    layers : mapping
        Key -> layer on the grid: those that were given and those that were made.
    facts : mapping
        What was seen on the way, as JSON holds it.
    tables : mapping
        Key -> frame without geometry: events, stations.

    Examples
    --------
    >>> Prepared(facts={"stations": 3}).facts["stations"]
    3
    """

    layers: Mapping[str, xr.DataArray] = field(default_factory=dict)
    facts: Facts = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def nothing_to_prepare(_inputs: HazardInputs, _params: BaseModel, _grid: GeoBox) -> Prepared:
    """For a hazard that takes its layers as they are."""
    return Prepared()


class Stages(NamedTuple):
    """The three functions of a hazard, each without side effects; they get what :class:`HazardSpec` has checked.

    ``prepare(inputs, params, grid)`` makes what needs more than a cell: terrain, distances, surfaces between stations,
    rasterised polygons, events; layers that are given it need not repeat. ``calibrate(prepared, params)`` gives the
    scalars of the whole area, ready for JSON; ``validation`` among them goes to the table of skill. ``assess(prepared,
    params, grid, calibration)`` gives the layers of the Dataset, lazy where an input is lazy: the measure under its
    name, or a ``hazard_index`` that stands on the ladder already. ``rehearse``, with the arguments of ``prepare``,
    refuses what only the values of the inputs show, before a run begins; without it ``prepare`` is tried on a few
    cells.

    Examples
    --------
    >>> stages = Stages(calibrate=lambda prepared, params: {}, assess=lambda *given: xr.Dataset())
    >>> stages.rehearse is None, list(stages.prepare({"depth": 1.0}, None, None).layers)
    (True, [])
    """

    calibrate: Callable[[Prepared, Any], dict[str, Any]]
    assess: Callable[[Prepared, Any, GeoBox, Facts], xr.Dataset]
    prepare: Callable[[HazardInputs, Any, GeoBox], Prepared] = nothing_to_prepare
    rehearse: Callable[[HazardInputs, Any, GeoBox], object] | None = None


@dataclass(frozen=True)
class HazardSpec:
    """A hazard as data and three functions.

    Parameters
    ----------
    name : str
        Key of the hazard.
    params : type
        A frozen pydantic model with ``extra="forbid"``; every field has a default.
    stages : Stages
        The functions.
    title, method : mapping
        ``{"zh": ..., "en": ...}``: the name, and one or two sentences on how it is computed.
    inputs : tuple of InputSpec
    outputs : mapping
        Variable of the Dataset -> quantity.
    group : str
        Group of the census that it belongs to; default: its own.
    scope : str
        How far a cell looks: ``cell``, ``halo:n`` or ``global``.
    monotone : bool
        Whether the directions of the inputs are kept.
    nan_halo : int
        Cells around a missing value that may be missing as well.
    ladder : str or Ladder
        What its measure is read off on: the name of a ladder of the standards (``flood``, ``geology/landslide``) or
        the ladder itself; default: the table ``ladders/<name>``. The classes of the index and their names are those
        of the ladder.
    measure : str
        The output that is read off on the ladder; without it the hazard gives ``hazard_index`` itself.
    acts : {"ground", "places"}
        Whether it acts on the whole ground, so that a unit is graded by its mean, or in places, so that a unit is
        graded by the shares of its classes.
    importance : float, optional
        How many times as important as every other hazard it is, for the weights, where the comparisons of
        ``weights/hazards`` do not know it; without it it counts as equal to each, with a warning.
    tables : tuple of str
        Tables of standards that the hazard reads.
    published : tuple of str
        Keys of its prepared tables that a run gives as ``<hazard>_<key>``.
    references : tuple of str
    status : {"official", "literature", "project_default"}
        The weakest status of what the index rests on.

    Examples
    --------
    >>> from riskzoning.hazards import HAZARDS
    >>> HAZARDS["earthquake"].title["zh"]
    '地震灾害'
    """

    name: str
    params: type[BaseModel]
    stages: Stages
    title: Mapping[str, str]
    method: Mapping[str, str]
    inputs: tuple[InputSpec, ...]
    outputs: Mapping[str, str]
    group: str = ""
    scope: str = "cell"
    monotone: bool = True
    nan_halo: int = 0
    ladder: str | Ladder = ""
    measure: str = ""
    acts: Literal["ground", "places"] = "ground"
    importance: float | None = None
    tables: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    status: Status = "project_default"

    @property
    def scale(self) -> Ladder:
        """The ladder of its measure; one that the study gives as ``ladders/<name>`` comes first.

        Raises
        ------
        StandardTableError
            The hazard names no ladder, and neither the package nor the study has one of its name.

        Examples
        --------
        >>> from riskzoning.hazards import HAZARDS
        >>> HAZARDS["earthquake"].scale.limits
        (0.09, 0.19, 0.38)
        """
        own = f"ladders/{self.name}"
        if own not in standards.replaced() and isinstance(self.ladder, Ladder):
            return self.ladder
        if isinstance(self.ladder, str) and self.ladder:
            return load_ladder(self.ladder)
        if own not in standards.replaced() and own not in standards.table_names():
            raise StandardTableError(Problem("hazard.ladder", Phrase("hazard", name=self.name), name=self.name))
        return load_ladder(self.name)

    @property
    def grades(self) -> int:
        """Number of the classes of its index.

        Examples
        --------
        >>> from riskzoning.hazards import HAZARDS
        >>> HAZARDS["flood"].grades
        4
        """
        return self.scale.k

    @property
    def grade_scheme(self) -> str:
        """The scheme in ``grades/schemes`` that names the classes of its index.

        Raises
        ------
        StandardTableError
            As :attr:`scale`, or no scheme has so many classes.

        Examples
        --------
        >>> from riskzoning.hazards import HAZARDS
        >>> HAZARDS["geology"].grade_scheme
        'geology_4'
        """
        ladder = self.scale
        if not ladder.scheme:
            known = list(standards.table("grades/schemes").data)
            thing = Phrase("ladder", name=ladder.name)
            raise StandardTableError(Problem("ladder.scheme", thing, classes=ladder.k, known=known))
        return ladder.scheme

    @property
    def index(self) -> Index:
        """The name of its hazard index, with its title and classes.

        Examples
        --------
        >>> from riskzoning.hazards import HAZARDS
        >>> HAZARDS["flood"].index.key, HAZARDS["flood"].index.scheme
        ('flood_hazard_index', 'flood_4')
        """
        try:
            scheme = self.grade_scheme
        except StandardTableError:
            # The study's own ladder is not read yet, or there is none: the hazard is refused when it is assessed.
            scheme = ""
        return Index(self.name, "hazard", scheme=scheme, titles=self.title)

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
        known = [spec.key for spec in self.inputs]
        raise LayerError(Problem("hazard.input", Phrase("hazard", name=self.name), key=key, known=known))

    def prepare(
        self, inputs: HazardInputs, params: BaseModel | Facts | None = None, grid: GeoBox | None = None
    ) -> Prepared:
        """Check the inputs and make of them what the hazard needs on the grid.

        Parameters
        ----------
        inputs : mapping
            Key -> layer, Dataset or frame; see ``inputs`` of the specification for keys, quantities and units.
        params : mapping or parameter model, optional
        grid : GeoBox, optional
            Default: that of the first layer.

        Raises
        ------
        LayerError
            (UnitsError, MissingCRSError, GridMismatchError) naming every input that is missing or wrong.
        ConfigError
            Naming every parameter that is unknown or wrong.

        Examples
        --------
        >>> from riskzoning.hazards import HAZARDS
        >>> from riskzoning.samples import toy_city
        >>> list(HAZARDS["flood"].prepare({"depth": toy_city().layers["flood_depth"]}).layers)
        ['depth']
        """
        settled = settle_params(self.params, params, hazard=self.name)
        check_inputs(self, inputs)
        inputs = self._plausible(inputs)
        inputs = self.around(inputs, grid)
        chosen = first_grid(self.inputs, inputs) if grid is None else grid
        if chosen is None:
            # Without any layer nothing is brought to a grid.
            return self.stages.prepare(inputs, settled, cast(GeoBox, None))
        check_inputs(self, inputs, grid=chosen)
        inputs = with_products(self.inputs, inputs, chosen)
        with checked_already():
            made = self.stages.prepare(inputs, settled, chosen)
        if made.layers:
            check_same_grid(grid=chosen, **made.layers)
        given = {item.key: inputs.get(item.key) for item in self.inputs if not item.native}
        layers = {key: value for key, value in given.items() if has_grid(value)}
        return Prepared({**layers, **made.layers}, made.facts, made.tables)

    def calibrate(
        self, inputs: HazardInputs | Prepared, params: BaseModel | Facts | None = None, *, grid: GeoBox | None = None
    ) -> dict[str, Any]:
        """The scalars of the whole area: fitted models, ranges, statistics; what a reader must know is told by notes.

        Parameters
        ----------
        inputs : mapping or Prepared
            As for :meth:`prepare`, or what it gave.
        params : mapping or parameter model, optional
        grid : GeoBox, optional

        Returns
        -------
        dict
            Ready for JSON.

        Examples
        --------
        >>> from riskzoning.hazards import HAZARDS
        >>> HAZARDS["flood"].calibrate(Prepared())
        {'breaks': [0.15, 0.5, 1.0]}
        """
        settled = settle_params(self.params, params, hazard=self.name)
        prepared = inputs if isinstance(inputs, Prepared) else self.prepare(inputs, settled, grid)
        with checked_already():
            return self.stages.calibrate(prepared, settled)

    def around(self, inputs: HazardInputs, grid: GeoBox | None) -> dict[str, InputValue | None]:
        """The inputs, of gridded series of weather the cells in and around the grid, each a station in its middle."""
        forms = {item.key: item.form for item in self.inputs}
        out: dict[str, InputValue | None] = dict(inputs)
        for key, value in inputs.items():
            if isinstance(value, xr.Dataset | xr.DataArray) and forms.get(key) in ("stations", "series"):
                out[key] = near(value, grid, thing=input_of(self.name, key))
        return out

    def _plausible(self, inputs: HazardInputs) -> HazardInputs:
        """Layers in memory through the checks of values that files pass when a study is checked."""
        quantities = {item.key: item.quantity for item in self.inputs if item.quantity}
        out = {
            key: plausible(value, quantities[key], name=input_of(self.name, key))
            if isinstance(value, xr.DataArray) and key in quantities
            else value
            for key, value in inputs.items()
        }
        for item in self.inputs:
            layer = out.get(item.key)
            if not isinstance(layer, xr.DataArray):
                continue
            if item.form == "stack" and item.quantity and layer.chunks is None:
                _look_at(layer, item, input_of(self.name, item.key))
            look_over(layer, item, input_of(self.name, item.key))
        return out

    def assess(
        self,
        inputs: HazardInputs | Prepared,
        params: BaseModel | Facts | None = None,
        *,
        grid: GeoBox | None = None,
        calibration: Facts | None = None,
    ) -> xr.Dataset:
        """Intensity and hazard index on the grid.

        Parameters
        ----------
        inputs : mapping or Prepared
            As for :meth:`prepare`, or what it gave.
        params : mapping or parameter model, optional
        grid : GeoBox, optional
            Default: that of the first layer.
        calibration : mapping, optional
            From :meth:`calibrate`: the same scales for other years or areas.

        Returns
        -------
        Dataset
            The outputs of the specification, at last ``hazard_index`` (0..1, float64) and ``hazard_grade``: measure
            and class on the ladder; NaN (grade 0) where a required input is missing. Lazy when an input is lazy.

        Raises
        ------
        LayerError, ConfigError
            As :meth:`prepare`; LayerError also when there is no grid to assess on.
        StandardTableError
            The hazard has no ladder (see :attr:`scale`).

        Examples
        --------
        >>> from riskzoning.hazards import HAZARDS
        >>> from riskzoning.samples import toy_city
        >>> result = HAZARDS["flood"].assess({"depth": toy_city().layers["flood_depth"]})
        >>> list(result), round(float(result["hazard_index"].max()), 3)
        (['intensity', 'risk_degree', 'risk_degree_grade', 'severity', 'hazard_index', 'hazard_grade'], 0.55)
        """
        settled = settle_params(self.params, params, hazard=self.name)
        if isinstance(inputs, Prepared):
            prepared, chosen = inputs, first_grid(self.inputs, inputs.layers) if grid is None else grid
            if chosen is not None and prepared.layers:
                check_same_grid(grid=chosen, **prepared.layers)
        else:
            check_inputs(self, inputs)
            chosen = first_grid(self.inputs, inputs) if grid is None else grid
            prepared = Prepared() if chosen is None else self.prepare(inputs, settled, chosen)
        if chosen is None:
            raise LayerError(Problem("hazard.grid", Phrase("hazard", name=self.name)))
        with checked_already():
            scale = self.stages.calibrate(prepared, settled) if calibration is None else calibration
            made = self.stages.assess(prepared, settled, chosen, scale)
        return on_ladder(made, self.scale, self.measure).assign_attrs(hazard=self.name)


def _look_at(stack: xr.DataArray, item: InputSpec, thing: Phrase) -> None:
    """Tell of a stack in memory what a study is told of its files; exchanged return periods are refused there too."""
    facts = scan(stack)
    rows = fact_problems(
        facts, thing=thing, quantity=str(item.quantity), monotone=item.monotone_in_period, repaired=item.repaired,
        dry=None if facts.gaps else True,
    )  # fmt: skip
    # One place alone is an example, in which all may be equal and a fall is most of the cells.
    many = stack.sizes.get("y", 1) * stack.sizes.get("x", 1) > 1
    exchanged = [problem for problem in rows if problem.rule == "layer.monotone"]
    if exchanged and (many or not item.repaired):
        raise LayerError(problems=exchanged)
    for problem in rows:
        if problem.rule in _OF_STACKS and many:
            note(problem.at(severity="warning"))


def on_ladder(made: xr.Dataset, ladder: Ladder, measure: str = "") -> xr.Dataset:
    """What a hazard found with index and grade at the end: those of its measure, or the grade of the index it gives."""
    layers = {str(name): made[name] for name in made if name not in ("hazard_index", "hazard_grade")}
    index, grade = made.get("hazard_index"), made.get("hazard_grade")
    if index is None:
        index, grade = ladder.index(made[measure]), ladder.grade(made[measure])
    elif grade is None:
        grade = ladder.grade_of_index(index)
    index = describe(index.astype(np.float64), quantity="hazard_index", like=index, ladder=ladder.name)
    grade = describe(grade, quantity="hazard_grade", like=index, scheme=ladder.scheme, closed=ladder.closed)
    return as_dataset({**layers, "hazard_index": index, "hazard_grade": grade}, **made.attrs)


def rehearse(spec: HazardSpec, inputs: HazardInputs, params: BaseModel, grid: GeoBox) -> None:
    """Refuse what the preparation of a hazard would refuse; inputs may be a part of them, the grid a coarse one."""
    work = spec.stages.prepare if spec.stages.rehearse is None else spec.stages.rehearse
    work(spec.around(inputs, grid), params, grid)


def check_inputs(spec: HazardSpec, inputs: HazardInputs, *, grid: GeoBox | None = None) -> None:
    """Check the inputs of a hazard by their metadata, all problems at once; keys it does not know are left alone."""
    door.check_inputs(spec.inputs, inputs, thing=partial(input_of, spec.name), grid=grid)


def as_dataset(layers: Mapping[str, xr.DataArray], **attrs: str) -> xr.Dataset:
    """The layers of a hazard under their names, with attributes that say how they were made."""
    return xr.Dataset({name: layer.rename(name) for name, layer in layers.items()}).assign_attrs(**attrs)
