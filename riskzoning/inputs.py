"""What a hazard or a receptor declares that it takes, inputs and parameters, and the check at its door.

Hazards and receptors may not see each other; both declare their inputs with :class:`InputSpec`, and the same check
refuses what is missing or of the wrong kind before anything is computed. :class:`Section` is what a part of study.yaml
becomes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, TypeGuard

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from riskzoning import numerals, standards
from riskzoning.errors import LayerError, MissingCRSError, Phrase, Problem, SurveyError, note
from riskzoning.errors.sentences import parts_of
from riskzoning.faces import missing
from riskzoning.layers import LAYER_DIMS, LayerFacts, check_layer, check_same_grid, scan
from riskzoning.layers.plausible import is_settled

__all__ = [
    "Form",
    "InputSpec",
    "InputValue",
    "Inputs",
    "Real",
    "Section",
    "Share",
    "Whole",
    "Years",
    "check_columns",
    "check_inputs",
    "given",
    "has_grid",
    "look_over",
    "numbers_of",
    "options_of",
    "params_problem",
    "refused",
    "unusual",
    "wanted",
]

Form = Literal["layer", "stack", "series", "points", "lines", "polygons", "footprints", "stations", "table"]
InputValue: TypeAlias = xr.DataArray | xr.Dataset | pd.DataFrame
Inputs: TypeAlias = Mapping[str, InputValue | None]


# What is wanted instead, by pydantic's type of error; {limit} and the like come from its context.
_WANTED = {
    "dict_type": "wanted_mapping",
    "model_type": "wanted_mapping",
    "model_attributes_type": "wanted_mapping",
    "tuple_type": "wanted_list",
    "list_type": "wanted_list",
    "path_type": "wanted_path",
    "string_type": "wanted_text",
    "float_type": "wanted_number",
    "float_parsing": "wanted_number",
    "finite_number": "wanted_finite_number",
    "int_type": "wanted_whole_number",
    "int_parsing": "wanted_whole_number",
    "int_from_float": "wanted_whole_number",
    "int_parsing_size": "wanted_whole_number",
    "bytes_type": "wanted_text",
    "string_sub_type": "wanted_text",
    "string_unicode": "wanted_text",
    "set_type": "wanted_list",
    "frozen_set_type": "wanted_list",
    "iterable_type": "wanted_list",
    "mapping_type": "wanted_mapping",
    "dataclass_type": "wanted_mapping",
    "date_type": "wanted_date",
    "date_parsing": "wanted_date",
    "date_from_datetime_parsing": "wanted_date",
    "date_from_datetime_inexact": "wanted_date",
    "datetime_type": "wanted_date",
    "datetime_parsing": "wanted_date",
    "datetime_from_date_parsing": "wanted_date",
    "missing": "wanted_given",
    "extra_forbidden": "wanted_known_key",
    "none_required": "wanted_nothing",
    "bool_type": "wanted_truth",
    "bool_parsing": "wanted_truth",
}
_LIMITS = {
    "greater_than": ("wanted_above", "gt"),
    "greater_than_equal": ("wanted_from", "ge"),
    "less_than": ("wanted_below", "lt"),
    "less_than_equal": ("wanted_up_to", "le"),
}


def refused(rule: str, **values: Any) -> PydanticCustomError:
    """The error that a validator of a :class:`Section` raises: the name of its rule and the values of the case.

    Parameters
    ----------
    rule : str
        Key of the sentences, as of a :class:`riskzoning.errors.Problem`.
    **values
        What the sentences are filled with; ``given``, what stands in the file, is added by the reader.

    Examples
    --------
    >>> str(refused("study.memory"))
    "a size of 64 MB or more, such as '2 GB'"
    """
    words = Problem(rule, "study.yaml", **values).required
    return PydanticCustomError(rule, words, values)


def params_problem(rule: str, row: ErrorDetails, thing: Phrase | str) -> Problem:
    """An error of pydantic as a problem: under the rule that the validator named, else under ``rule``.

    Parameters
    ----------
    rule : str
        A rule with the values ``value`` (what is there) and ``reason`` (what is wanted).
    row : ErrorDetails
        One of ``ValidationError.errors()``.
    thing : Phrase or str
        What has the parameters.

    Examples
    --------
    >>> row = {"type": "greater_than", "loc": ("dpi",), "msg": "", "input": -1, "ctx": {"gt": 0}}
    >>> str(dict(params_problem("hazard.params", row, "flood").values)["reason"])
    'a number above 0'
    """
    field = ".".join(str(part) for part in row["loc"]) or None
    if parts_of(row["type"]) is not None:
        return Problem(row["type"], thing, field=field, **{"given": given(row["input"]), **row.get("ctx", {})})
    # Where a value is missing, pydantic shows all that was given beside it.
    value: Phrase | str = Phrase("given_nothing") if row["type"] == "missing" else repr(row["input"])
    return Problem(rule, thing, field=field, value=value, reason=wanted(row))


def given(value: object) -> Phrase:
    """What stands in a file, in a few words.

    Examples
    --------
    >>> [str(given(value)) for value in (None, [], {"a": 1}, "x")]
    ['empty', 'an empty list', 'a mapping', "'x'"]
    """
    if isinstance(value, Mapping | BaseModel):
        return Phrase("given_mapping" if value else "given_empty_mapping")
    if isinstance(value, list | tuple):
        return Phrase("given_list" if value else "given_empty_list")
    if value is None:
        return Phrase("given_nothing")
    text = repr(value)
    return Phrase("given_text", text=text if len(text) <= 80 else f"{text[:77]}...")


# How a colour is written.
COLOUR = "^#[0-9A-Fa-f]{6}$"


def options_of(row: ErrorDetails) -> list[str]:
    """The words that pydantic would have taken.

    Examples
    --------
    >>> options_of({"type": "literal_error", "loc": (), "msg": "", "input": 1, "ctx": {"expected": "'zh' or 'en'"}})
    ['zh', 'en']
    """
    expected = str(row.get("ctx", {}).get("expected", ""))
    return expected.replace(" or ", ", ").replace("'", "").split(", ") if expected else []


def wanted(row: ErrorDetails) -> Phrase:
    """What pydantic wants instead, by the type of its error.

    Examples
    --------
    >>> str(wanted({"type": "int_parsing", "loc": (), "msg": "", "input": "x"}))
    'a whole number'
    """
    kind, context = row["type"], row.get("ctx", {})
    if kind in _WANTED:
        return Phrase(_WANTED[kind])
    if kind in _LIMITS:
        key, name = _LIMITS[kind]
        return Phrase(key, limit=context[name])
    if kind == "literal_error":
        return Phrase("wanted_one_of", options=options_of(row))
    if kind == "string_pattern_mismatch" and context.get("pattern") == COLOUR:
        return Phrase("wanted_colour")
    if kind == "too_long":
        return Phrase("wanted_at_most", count=context["max_length"])
    if kind == "string_too_short":
        return Phrase("wanted_some_text")
    if kind == "string_too_long":
        return Phrase("wanted_short_text", count=context["max_length"])
    if kind == "too_short":
        count = context["min_length"]
        return Phrase("wanted_item") if count == 1 else Phrase("wanted_items", count=count)
    if kind == "string_pattern_mismatch":
        return Phrase("wanted_pattern", pattern=str(context.get("pattern", "")))
    # What pydantic says is English: in Chinese its kind stands for it.
    said = str(row["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    return Phrase("wanted_other", reason=Phrase("title", zh=f"另一种形式的值（{kind}）", en=said))


def plain_number(value: object) -> object:
    """A value that is no truth value: YAML's ``true`` is not the number 1."""
    if isinstance(value, bool):
        raise refused("study.truth")
    return value


def written_share(value: object) -> object:
    """A weight as a number: 0.7, "70%" or "7/10"."""
    known = numerals.share(value) if isinstance(value, str) else float("nan")
    return plain_number(value) if known != known else known


def written_years(value: object) -> object:
    """A return period in years: 100, "100年一遇", "T100" or "1 %"; a frequency is none."""
    known = numerals.period(value) if isinstance(value, str) else float("nan")
    years = plain_number(value) if known != known else known
    if isinstance(years, int | float) and 0 < years < 1:
        raise refused("study.frequency", years=f"{1 / years:.6g}")
    return years


def one_or_many(value: object) -> object:
    """A single text or number as a tuple of one."""
    return (value,) if isinstance(value, str | int) and not isinstance(value, bool) else value


Real = Annotated[float, BeforeValidator(plain_number)]
Whole = Annotated[int, BeforeValidator(plain_number)]
# As people write them: 70%, 7/10; 100年一遇, T100, 1 %.
Share = Annotated[float, BeforeValidator(written_share)]
Years = Annotated[float, BeforeValidator(written_years)]


class Section(BaseModel):
    """A part of study.yaml as a checked, frozen value: unknown keys are refused, a key without a value is not given.

    Examples
    --------
    >>> class Roads(Section):
    ...     lines: str
    ...     lanes: Whole = 2
    >>> Roads.model_validate({"lines": "roads", "lanes": None})
    Roads(lines='roads', lanes=2)
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _nothing_given(cls, value: object) -> object:
        # A key with nothing after the colon is a key that was not given.
        if not isinstance(value, dict):
            return value
        return {key: item for key, item in value.items() if item is not None or key not in cls.model_fields}


# The first type is the one named in messages. Polygons may come rasterised, station series as gridded Datasets.
_FORMS: dict[str, tuple[type, ...]] = {
    "layer": (xr.DataArray,),
    "stack": (xr.DataArray,),
    "series": (xr.DataArray,),
    "points": (gpd.GeoDataFrame,),
    "lines": (gpd.GeoDataFrame,),
    "polygons": (gpd.GeoDataFrame, xr.DataArray),
    "footprints": (gpd.GeoDataFrame,),
    "stations": (xr.Dataset,),
    "table": (pd.DataFrame,),
}


@dataclass(frozen=True)
class InputSpec:
    """One input of a hazard or a receptor: its key, what it is, and how it moves the result.

    Parameters
    ----------
    key : str
        The name used in ``inputs``; for a receptor also the field of its parameters that names the entry.
    form : {"layer", "stack", "series", "points", "lines", "polygons", "footprints", "stations", "table"}
        ``layer`` has dims ``(y, x)``; ``stack`` is a layer with ``return_period``; ``series`` has ``time`` and either
        ``y, x`` or ``station``; ``polygons`` may also come as a class layer; ``footprints`` are points or polygons;
        ``stations`` is a Dataset ``station`` x ``time``.
    quantity : str, optional
        Quantity of a layer or stack; its units are checked.
    direction : {1, -1, 0}
        +1: more of it never lowers the hazard index, -1: never raises it, 0: no such promise.
    required : bool
        Without it (or one of ``alternatives``) the hazard or receptor is refused.
    monotone_in_period : bool
        A stack whose values must not fall as the return period rises.
    repaired : bool
        Falls are repaired and told; only where most cells fall it is an error.
    native : bool
        The layer keeps its own grid and the margin beyond the study area (a DEM whose rivers leave the city);
        ``prepare`` brings what it derives from it onto the grid. Every other layer must lie on the grid assessed.
    alternatives : tuple of str
        Keys that may stand in for this one.
    columns : tuple of str
        Columns (or variables of a Dataset) that must be there.
    lowest, highest : two floats, optional
        Between which the lowest and the highest value of the whole layer usually lie: another one is told, for its unit
        or its sign is probably wrong.
    product : str
        What makes the layer where it is not given, an entry of ``hazards.products``; those that name the same one share
        it.
    periods_of : str
        A layer that may also come once for each return period of this other input.
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
    repaired: bool = False
    native: bool = False
    alternatives: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    lowest: tuple[float, float] | None = None
    highest: tuple[float, float] | None = None
    product: str = ""
    periods_of: str = ""
    note: str = ""


def check_inputs(
    specs: Sequence[InputSpec],
    inputs: Inputs,
    *,
    thing: Callable[[str], Phrase],
    grid: GeoBox | None = None,
    features: bool = True,
) -> None:
    """Refuse inputs that are missing, of the wrong form, CRS, units or grid; all problems at once.

    Only metadata are looked at. Keys that no specification knows are left alone.

    Parameters
    ----------
    specs : sequence of InputSpec
    inputs : mapping
        Key -> layer, frame, Dataset, or None where it is not given.
    thing : callable
        The words for an input by its key, e.g. ``input 'depth' of hazard 'flood'``.
    grid : GeoBox, optional
        The grid that every layer but the native ones must lie on.
    features : bool
        Whether it is looked at what stands in frames, points or lines; not where that was told when they were opened.

    Raises
    ------
    LayerError
        With a problem for every input that is missing or wrong; its subclass (``UnitsError`` ...) where all problems
        are of one kind.

    Examples
    --------
    >>> depth = InputSpec("depth", "stack", "flood_depth")
    >>> try:
    ...     check_inputs([depth], {}, thing=lambda key: Phrase("input", name=key))
    ... except LayerError as error:
    ...     print(error)
    input 'depth' is missing (given: nothing); expected rasters by return period. Name it in study.yaml.
    """
    errors: list[LayerError] = []
    for spec in specs:
        value = inputs.get(spec.key)
        place = thing(spec.key)
        try:
            if value is None:
                _check_missing(spec, inputs, place)
            else:
                _check_value(value, spec, place)
                if features and points_for_lines(value, spec):
                    types = sorted(set(map(str, value.geometry.geom_type.dropna())))
                    raise LayerError(Problem("vector.type", place, types=types, wanted=Phrase("form_lines")))
                if grid is not None and has_grid(value) and not spec.native:
                    check_same_grid(grid=grid, layer=value)
        except LayerError as error:
            errors.append(type(error)(problems=[problem.at(place) for problem in error.problems]))
    if errors:
        kinds = {type(error) for error in errors}
        kind = kinds.pop() if len(kinds) == 1 else LayerError
        raise kind(problems=[problem for error in errors for problem in error.problems])


def unusual(facts: LayerFacts, spec: InputSpec, thing: Phrase | str) -> list[Problem]:
    """What is odd in the values of a whole layer, as warnings: an end where it hardly can be, codes with fractions.

    Parameters
    ----------
    facts : LayerFacts
        Of :func:`riskzoning.layers.scan`.
    spec : InputSpec
    thing : Phrase or str
        How people know the layer.

    Examples
    --------
    >>> facts = LayerFacts(cells=9, valid=9, minimum=0.8, maximum=3.1, total=18, whole=False)
    >>> pga = InputSpec("pga", "layer", "pga", lowest=(0, 0.4), highest=(0.04, 1.5))
    >>> [(problem.rule, dict(problem.values)["value"]) for problem in unusual(facts, pga, "pga.tif")]
    [('input.lowest', 0.8), ('input.highest', 3.1)]
    """
    ends = {"input.lowest": (spec.lowest, facts.minimum), "input.highest": (spec.highest, facts.maximum)}
    quantity = standards.quantity(spec.quantity) if spec.quantity else None
    units = quantity.units if quantity else ""
    if quantity and quantity.kind == "class" and facts.valid and not facts.whole:
        return [Problem("input.codes", thing, severity="warning", value=facts.minimum, most=facts.maximum)]
    return [
        Problem(rule, thing, severity="warning", value=value, low=limits[0], high=limits[1], units=units)
        for rule, (limits, value) in ends.items()
        if limits is not None and facts.valid and not limits[0] <= value <= limits[1]
    ]


def look_over(layer: xr.DataArray, spec: InputSpec, thing: Phrase) -> None:
    """Tell what a study's check would tell of the values of a layer in memory: none at all, a level without, odd ends.

    Parameters
    ----------
    layer : DataArray
        A lazy one is left alone: a study has looked at its file.
    spec : InputSpec
    thing : Phrase

    Examples
    --------
    >>> import numpy as np
    >>> from riskzoning.errors import Journal, hearing
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 200, 100), crs="EPSG:4547", resolution=100)
    >>> slope = layer_on(geobox, np.array([[0.1, 0.9]]), quantity="slope")
    >>> with hearing(Journal()) as journal:
    ...     look_over(slope, InputSpec("slope", "layer", "slope", highest=(2, 90)), Phrase("input", name="slope"))
    >>> [problem.rule for problem in journal.warnings]
    ['input.highest']
    """
    if layer.chunks is not None or is_settled() or not has_grid(layer) or tuple(layer.dims) not in LAYER_DIMS:
        return
    facts = scan(layer, name=spec.key)
    problems = unusual(facts, spec, thing)
    if not facts.valid:
        problems.append(Problem("layer.empty", thing, severity="warning"))
    if facts.empty:
        problems.append(
            Problem("layer.empty_levels", thing, severity="warning", periods=[f"{years:g}" for years in facts.empty])
        )
    for problem in problems:
        note(problem)


def has_grid(value: object) -> TypeGuard[xr.DataArray]:
    """Whether a value is a layer, so that it lies on a grid.

    Examples
    --------
    >>> import numpy as np
    >>> has_grid(xr.DataArray(np.ones((2, 2)), dims=("y", "x"))), has_grid(pd.DataFrame())
    (True, False)
    """
    return isinstance(value, xr.DataArray) and {"y", "x"} <= set(value.dims)


def _check_missing(spec: InputSpec, inputs: Inputs, thing: Phrase) -> None:
    keys = (spec.key, *spec.alternatives)
    if not spec.required or any(inputs.get(key) is not None for key in keys):
        return
    given: list[str] | Phrase = sorted(key for key, value in inputs.items() if value is not None)
    given = given or Phrase("none_given")
    form = Phrase(f"form_{spec.form}")
    if spec.alternatives:
        raise LayerError(Problem("input.missing_any", thing, keys=keys, form=form, given=given))
    raise LayerError(Problem("input.missing", thing, form=form, given=given))


def _check_value(value: InputValue, spec: InputSpec, thing: Phrase) -> None:
    if not isinstance(value, _FORMS[spec.form]):
        wanted = _FORMS[spec.form][0].__name__
        raise LayerError(
            Problem("input.form", thing, type=type(value).__name__, wanted=wanted, form=Phrase(f"form_{spec.form}"))
        )
    if spec.form == "series" and isinstance(value, xr.DataArray):
        _check_series(value, spec, thing)
    elif isinstance(value, xr.DataArray):
        check_layer(value, name=spec.key, quantity=spec.quantity)
        if spec.form == "stack" and "return_period" not in value.dims:
            raise LayerError(Problem("input.return_period", thing))
    elif isinstance(value, gpd.GeoDataFrame) and value.crs is None:
        raise MissingCRSError(Problem("input.crs", thing))
    if not isinstance(value, xr.DataArray):
        check_columns(value, spec.columns, thing)


def points_for_lines(value: InputValue | None, spec: InputSpec) -> TypeGuard[gpd.GeoDataFrame]:
    """Whether points stand where lines are wanted; areas may (a wide river)."""
    if not isinstance(value, gpd.GeoDataFrame) or spec.form != "lines":
        return False
    return bool({"Point", "MultiPoint"} & set(value.geometry.geom_type.dropna()))


def _check_series(value: xr.DataArray, spec: InputSpec, thing: Phrase) -> None:
    dims = set(map(str, value.dims))
    if dims not in ({"time", "y", "x"}, {"time", "station"}):
        raise LayerError(Problem("input.series", thing, dims=[str(dim) for dim in value.dims]))
    # One day carries the metadata of all.
    if "y" in dims:
        check_layer(value.isel(time=0, drop=True).transpose("y", "x"), name=spec.key, quantity=spec.quantity)


def check_columns(
    value: xr.Dataset | pd.DataFrame, columns: Iterable[str], thing: Phrase, *, form: bool = False
) -> None:
    """Refuse a table that lacks columns.

    Parameters
    ----------
    value : DataFrame or Dataset
    columns : iterable of str
        What is needed.
    thing : Phrase
        How people know the table.
    form : bool
        The table is a filled survey form: its template says what it needs.

    Raises
    ------
    LayerError, for a survey form SurveyError
        Columns are missing; all of them are named.

    Examples
    --------
    >>> check_columns(pd.DataFrame({"code": [], "year": []}), ["code"], Phrase("losses_recorded"))
    >>> try:
    ...     check_columns(pd.DataFrame({"code": []}), ["code", "loss"], Phrase("losses_recorded"))
    ... except LayerError as error:
    ...     dict(error.problems[0].values)["missing"]
    ('loss',)
    """
    wanted = list(columns)
    present = [str(name) for name in (value.variables if isinstance(value, xr.Dataset) else value.columns)]
    missing = [column for column in wanted if column not in present]
    if missing and form:
        raise SurveyError(Problem("form.columns", thing, missing=missing, wanted=wanted))
    if missing:
        raise LayerError(Problem("input.columns", thing, missing=missing, present=present))


def numbers_of(table: pd.DataFrame, name: str) -> pd.Series[float]:
    """A column as numbers: NaN for what is none, and everywhere where the table lacks the column.

    Parameters
    ----------
    table : DataFrame
    name : str

    Examples
    --------
    >>> table = pd.DataFrame({"area_m2": ["12.5", "?"]})
    >>> numbers_of(table, "area_m2").tolist(), numbers_of(table, "value_yuan").tolist()
    ([12.5, nan], [nan, nan])
    """
    given = table[name] if name in table.columns else pd.Series(np.nan, index=table.index)
    return pd.to_numeric(given.astype(object), errors="coerce").astype(np.float64)


if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
