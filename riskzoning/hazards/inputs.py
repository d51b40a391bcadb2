"""What goes into a hazard: values and their grid, parameters, and how messages call them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias, TypeVar

from odc.geo.geobox import GeoBox
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from riskzoning.errors import ConfigError, Phrase, Problem
from riskzoning.inputs import Form, Inputs, InputSpec, InputValue, has_grid, params_problem
from riskzoning.layers import grid_of

HazardValue: TypeAlias = InputValue
HazardInputs: TypeAlias = Inputs
# Values as JSON holds them, by key.
Facts = Mapping[str, Any]
Params = TypeVar("Params", bound=BaseModel)


def settle_params(model: type[Params], params: BaseModel | Facts | None, *, hazard: str) -> Params:
    """The parameters as a checked value: the defaults for None, a mapping validated, a model as it is."""
    thing = Phrase("hazard", name=hazard)
    if isinstance(params, model):
        return params
    if params is not None and not isinstance(params, Mapping):
        raise ConfigError(Problem("hazard.params_type", thing, type=type(params).__name__, wanted=model.__name__))
    try:
        return model.model_validate(dict(params or {}))
    except ValidationError as error:
        raise ConfigError(problems=[_field_problem(row, model, thing) for row in error.errors()]) from None


def _field_problem(row: ErrorDetails, model: type[BaseModel], thing: Phrase) -> Problem:
    place = ".".join(str(part) for part in row["loc"]) or None
    if row["type"] == "extra_forbidden":
        return Problem("hazard.params_unknown", thing, field=place, known=list(model.model_fields))
    return params_problem("hazard.params", row, thing)


def input_of(hazard: str, key: str) -> Phrase:
    """How messages call an input of a hazard."""
    return Phrase("input_of_hazard", hazard=hazard, name=key)


def first_grid(specs: Iterable[InputSpec], inputs: HazardInputs) -> GeoBox | None:
    """The grid of the first layer among the inputs; layers that keep their own grid are asked last."""
    for item in sorted(specs, key=lambda item: item.native):
        value = inputs.get(item.key)
        if has_grid(value):
            return grid_of(value, name=item.key)
    return None


def optional_input(
    key: str,
    form: Form,
    quantity: str | None = None,
    *,
    direction: Literal[1, -1, 0] = 0,
    native: bool = False,
    product: str = "",
    note: str = "",
) -> InputSpec:
    """An input without which the hazard is assessed as well."""
    return InputSpec(
        key, form, quantity, direction=direction, required=False, native=native, product=product, note=note
    )
