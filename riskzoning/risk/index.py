"""The risk index of hazard, exposure and vulnerability, and the mean over receptors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import xarray as xr

from riskzoning import standards
from riskzoning.errors import ConfigError, Phrase, Problem, note
from riskzoning.methods.ranges import spans
from riskzoning.methods.weights.normalisation import check_weights
from riskzoning.risk.combination import weighted_mean
from riskzoning.risk.operands import Array, Operands, Values, check_range, finite

Weights = Sequence[float] | Mapping[str, float] | None
Form = Literal["product", "geometric", "gated", "weighted_sum", "weighted_product", "half_scaled"]
_FORMS = ("product", "geometric", "gated", "weighted_sum", "weighted_product", "half_scaled")
# Forms that have no weights: what they are made of counts alike.
_WEIGHTLESS = ("geometric", "gated")


def risk_index(
    hazard: Values,
    exposure: Values | None,
    vulnerability: Values | None,
    *,
    form: Form = "product",
    weights: Weights = None,
    renormalise: bool = False,
) -> Any:
    """Risk index (风险指数) of hazard H, exposure E and vulnerability V, 0..1.

    The inputs are not rescaled to each other. Where H or E is exactly 0 (nothing acts, nothing is there), every form
    but ``weighted_sum`` and ``half_scaled`` gives exactly 0. A run uses ``gated`` of indices on fixed scales.

    Parameters
    ----------
    hazard, exposure, vulnerability : layer, Series, array or number
        0..1 on one grid; numpy or dask. NaN in any of them gives NaN, except that ``gated`` takes an unknown V as 1.
        Exposure or vulnerability may be None where a method does without.
    form : {"product", "geometric", "gated", "weighted_sum", "weighted_product", "half_scaled"}
    weights : three numbers or a mapping, optional
        Sum 1, equal by default. For ``product`` the exponents a, b, c, 1 by default, with any sum. ``geometric`` and
        ``gated`` have none.
    renormalise : bool
        Accept weights with another sum and divide by it, with a warning; else they are refused.

    Returns
    -------
    layer, Series or array
        ``risk_index``, lazy for lazy inputs.

    Raises
    ------
    GridMismatchError, MissingCRSError
        The layers lie on different grids.
    LayerError
        Values in memory lie outside 0..1.
    ConfigError
        Unknown form, weights that do not sum to 1, or weights for a form that has none.

    Notes
    -----
    product: H^a E^b V^c; geometric: (H E V)^(1/3); gated: (H E)^(1/2) V' with V' = .5 + .5 V, which halves at most;
    weighted_sum: sum w x; weighted_product: prod x^w; half_scaled: the same of .5 + .5 x, for comparison with practice
    that scales everything so.

    Examples
    --------
    >>> round(float(risk_index(0.8, 0.6, 0.5)), 6)
    0.24
    >>> round(float(risk_index(0.8, 0.6, 0.5, form="gated")), 6), float(risk_index(0, 0.6, 0.5, form="gated"))
    (0.519615, 0.0)
    >>> round(float(risk_index(0.8, 0.6, 0.5, form="weighted_product", weights=(0.5, 0.3, 0.2))), 6)
    0.668012
    """
    given = {"hazard": hazard, "exposure": exposure, "vulnerability": vulnerability}
    operands = Operands.of({name: value for name, value in given.items() if value is not None})
    w = _form_weights(form, weights, list(operands.arrays), renormalise)
    check_range(operands.arrays, 0, 1, rule="risk.range")
    out = _gated(operands.arrays) if form == "gated" else _by_weights(form, list(operands.arrays.values()), w)
    said = {} if form in _WEIGHTLESS else {"weights": _written(operands.arrays, w)}
    return operands.contain(finite(out), quantity="risk_index", form=form, **said)


def _by_weights(form: str, x: list[Any], w: list[float]) -> Any:
    if form == "weighted_sum":
        return sum(a * finite(b) for a, b in zip(w, x))
    if form == "half_scaled":
        x = [0.5 + 0.5 * finite(b) for b in x]
    out = x[0] ** w[0]
    for a, b in zip(w[1:], x[1:]):
        out = out * b**a
    for a, b in zip(w, x):
        # NaN to the power of 0 is 1, and would hide what is missing.
        out = np.where(np.isfinite(b), out, np.nan) if a == 0 else out
    return out


def _gated(arrays: Mapping[str, Any]) -> Any:
    """Geometric mean of hazard and exposure; vulnerability takes off half at most, and nothing where it is unknown."""
    out = finite(arrays["hazard"])
    if "exposure" in arrays:
        out = np.sqrt(out * finite(arrays["exposure"]))
    if "vulnerability" in arrays:
        weak = finite(arrays["vulnerability"])
        out = out * (0.5 + 0.5 * np.where(np.isfinite(weak), weak, np.asarray(1.0, dtype=weak.dtype)))
    return out


def scale_half(values: Values, *, reference: tuple[float, float] | None = None, quantity: str | None = None) -> Any:
    """Scale values to 0.5..1, 0.5 + 0.5 (x - min) / (max - min), so that no zero turns a product into 0.

    Parameters
    ----------
    values : layer, Series or array
        NaN stays NaN.
    reference : minimum, maximum
        Frozen reference (of the whole study, at the calibrate stage); values beyond it get 0.5 or 1. Without it the
        range of the values, which must then be in memory.
    quantity : str, optional
        Of the result; default that of the layer when it is an index, else ``exposure_index``.

    Raises
    ------
    ConfigError
        Lazy values without reference, or a maximum below the minimum.

    Examples
    --------
    >>> scale_half([0.0, 5.0, 20.0], reference=(0, 10))
    array([0.5 , 0.75, 1.  ])
    """
    operands = Operands.of({"values": values})
    array = operands.arrays["values"]
    array = finite(array if array.dtype.kind == "f" else array.astype(np.float64))
    if reference is None and not operands.lazy and array.size:
        reference = float(np.fmin.reduce(array, axis=None)), float(np.fmax.reduce(array, axis=None))
    low, high = (float(end) for end in reference) if reference is not None else (np.nan, np.inf)
    if high < low or np.isinf([low, high]).any():
        raise ConfigError(Problem("risk.norm_ref", Phrase("half_scale"), reference=str(reference)))
    if not spans(low, high):
        note(Problem("risk.constant", Phrase("half_scale"), severity="warning", value=low))
    share = np.clip((array - low) / (high - low if spans(low, high) else 1.0), 0.0, 1.0)
    name = str(values.attrs.get("quantity", "")) if isinstance(values, xr.DataArray) else ""
    known = standards.table("quantities").data.get(name, {}).get("kind") == "index"
    out_quantity = quantity or (name if known else "exposure_index")
    return operands.contain(0.5 + 0.5 * share, quantity=out_quantity, scaling="0.5-1", norm_ref=[low, high])


def mean_receptor_index(indices: Mapping[str, Values] | xr.Dataset, weights: Mapping[str, float] | None = None) -> Any:
    """Mean risk index of the receptors (population, economy, buildings ...) of one hazard.

    Parameters
    ----------
    indices : mapping receptor -> layer, Series or array, or Dataset
        0..1. A receptor without a weight is left out; NaN in a cell leaves the receptor out there.
    weights : mapping receptor -> weight, optional
        Sum 1; default the table ``weights/receptors``. Weights of receptors that are missing are shared out.

    Raises
    ------
    ConfigError
        No receptor has a weight, or the weights do not sum to 1.

    Examples
    --------
    >>> round(float(mean_receptor_index({"population": 0.6, "economy": 0.4, "buildings": 0.2})), 6)
    0.46
    >>> round(float(mean_receptor_index({"population": 0.6, "economy": 0.4})), 6)
    0.525
    """
    stated = standards.table("weights/receptors").data if weights is None else dict(weights)
    check_weights(stated, list(stated), thing=Phrase("receptor_weights"))
    used = {str(name): value for name, value in indices.items() if stated.get(str(name), 0) > 0}
    if not used:
        raise ConfigError(
            Problem(
                "risk.receptor_weights",
                Phrase("receptor_weights"),
                stated=list(stated),
                receptors=list(map(str, indices)),
            )
        )
    operands = Operands.of(used)
    w = np.array([stated[name] for name in used], dtype=np.float64)
    out = weighted_mean(list(operands.arrays.values()), w / w.sum())
    return operands.contain(out, quantity="risk_index", weights=_written(used, w / w.sum()))


def capacity_discount(
    risk: Values,
    capacity: Values,
    *,
    form: Literal["linear", "ratio", "partial"] = "partial",
    beta: float | None = None,
) -> Any:
    """Risk index reduced by disaster-reduction capacity C (larger is stronger); off by default in a run.

    Parameters
    ----------
    risk, capacity : layer, Series or array
        0..1; NaN in either gives NaN.
    form : {"linear", "ratio", "partial"}
        R (1 - C), R / (1 + C), R (1 - beta C).
    beta : float
        For ``partial``; default from the table ``damage/combination``.

    Raises
    ------
    ConfigError
        Unknown form.

    Examples
    --------
    >>> round(float(capacity_discount(0.5, 0.4)), 6)
    0.44
    """
    operands = Operands.of({"risk": risk, "capacity": capacity})
    check_range(operands.arrays, 0, 1, rule="risk.range")
    r, c = operands.arrays["risk"], operands.arrays["capacity"]
    share = float(standards.table("damage/combination").data["capacity_beta"] if beta is None else beta)
    if form == "linear":
        out = r * (1 - c)
    elif form == "ratio":
        out = r / (1 + c)
    elif form == "partial":
        out = r * (1 - share * c)
    else:
        raise unknown_option("form", form, ["linear", "ratio", "partial"])
    return operands.contain(finite(out), quantity="risk_index", capacity_form=form)


def _form_weights(form: str, weights: Weights, names: list[str], renormalise: bool) -> list[float]:
    if form not in _FORMS:
        raise unknown_option("form", form, _FORMS)
    if weights is not None and form in _WEIGHTLESS:
        raise ConfigError(Problem("risk.weightless", Phrase("parameter", name="weights"), form=form))
    if weights is None:
        return [1.0 if form == "product" else 1.0 / len(names)] * len(names)
    if form == "product":
        values = [weights[name] for name in names] if isinstance(weights, Mapping) else list(weights)
        if len(values) != len(names) or not np.all(np.isfinite(values)) or min(values) < 0:
            thing = Phrase("parameter", name="weights")
            raise ConfigError(Problem("risk.exponents", thing, given=str(weights), count=len(names)))
        return [float(value) for value in values]
    vector = check_weights(weights, names, renormalise=renormalise, thing=Phrase("index_weights"))
    return [float(value) for value in vector]


def unknown_option(parameter: str, given: str, known: Sequence[str]) -> ConfigError:
    """A word that is none of those known for a parameter."""
    return ConfigError(Problem("risk.option", Phrase("parameter", name=parameter), given=given, known=known))


def _written(names: Iterable[str], weights: Sequence[float] | Array) -> str:
    return ", ".join(f"{name}={weight:.6g}" for name, weight in zip(names, weights))
