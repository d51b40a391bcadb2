"""Several hazards into one multi-hazard index, and chains in which one hazard triggers another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.errors import ConfigError, LayerError, Phrase, Problem, UnitsError, note
from riskzoning.methods.ranges import spans
from riskzoning.methods.weights.normalisation import check_weights
from riskzoning.risk.operands import Array, Operands, Values, check_range, finite

Floats = NDArray[np.float64]
Method = Literal["weighted_sum", "weighted_product", "maximum", "graded", "union", "sum", "inform", "topsis"]


def combine_hazards(
    indices: Mapping[str, Values] | xr.Dataset,
    weights: Mapping[str, float] | None = None,
    *,
    method: Method = "weighted_sum",
    renormalise: bool = False,
) -> Any:
    """Multi-hazard index (多灾种综合) of the hazards' indices, in the container of the inputs, lazy for lazy ones.

    A hazard that is NaN in a cell is left out there and its weight is shared among the others; NaN where all are.

    Parameters
    ----------
    indices : mapping hazard -> layer, Series or array, or Dataset
        0..1 on one grid (``graded``: grades 1..5, 0 = no data; ``union``: probabilities; ``sum``: money a year).
    weights : mapping hazard -> weight, optional
        Sum 1; equal by default. Weights of hazards that are not among the indices (not applicable) are shared out, with
        a warning. ``union`` and ``sum`` ignore weights.
    method : str
        ``weighted_sum`` sum w x; ``weighted_product`` prod max(x, 0.01)^w; ``maximum`` over hazards with w >= 0.05;
        ``graded`` sum w G rounded, one level up where two hazards are high or three at least medium-high; ``union``
        1 - prod(1 - p); ``sum``, with a warning and the attribute ``cascades`` where one hazard triggers another
        (``damage/hazard_chains``), since a loss may be in both; ``inform`` scaled geometric mean that rewards high
        values; ``topsis`` closeness of a cell to the worst of all cells. Limits: table ``damage/combination``.

    renormalise : bool
        Accept weights with another sum and divide by it, with a warning; else they are refused.

    Returns
    -------
    layer, Series or array
        ``risk_index`` 0..1; for ``graded`` a ``risk_grade`` 1..5 of uint8 (0 = no data); for ``sum`` the quantity of
        the inputs.

    Raises
    ------
    GridMismatchError, MissingCRSError
        The layers lie on different grids.
    UnitsError
        Layers of different units were to be summed (persons and money).
    LayerError
        No index, or values in memory outside their range.
    ConfigError
        Unknown method, a hazard without weight, weights that do not sum to 1.

    Examples
    --------
    >>> round(float(combine_hazards({"flood": 0.2, "geology": 0.1, "drought": 0.05}, method="union")), 3)
    0.316
    >>> round(float(combine_hazards({"flood": 0.6, "geology": 0.2}, {"flood": 0.75, "geology": 0.25})), 3)
    0.5
    """
    if method not in _METHODS:
        raise ConfigError(
            Problem("risk.combination", Phrase("parameter", name="method"), method=method, known=list(_METHODS))
        )
    operands = Operands.of(indices)
    w = (
        np.full(len(operands.arrays), np.nan)
        if method in ("union", "sum")
        else _weights(list(operands.arrays), weights, renormalise)
    )
    if method == "graded":
        _check_grades(operands.arrays)
    elif method != "sum":
        check_range(operands.arrays, 0, 1, rule="risk.range")
    out = _METHODS[method](list(operands.arrays.values()), w)
    attrs: dict[str, Any] = {"method": method, "hazards": list(operands.arrays)}
    if method == "graded":
        return operands.contain(out, quantity="risk_grade", class_order="ascending", scheme="risk_5", **attrs)
    if method == "sum":
        quantity, units = _common_quantity(indices)
        attrs["note"] = "hazards that act together may count a loss twice"
        pairs = _counted_twice(list(operands.arrays))
        if pairs:
            attrs["cascades"] = [" -> ".join(pair) for pair in pairs]
            note(
                Problem(
                    "risk.cascade",
                    Phrase("hazard_losses"),
                    severity="warning",
                    pairs=[" → ".join(pair) for pair in pairs],
                )
            )
        result = operands.contain(out, quantity=quantity, **attrs)
        if units and isinstance(result, xr.DataArray):
            result.attrs["units"] = units
        return result
    return operands.contain(out, quantity="risk_index", **attrs)


def weighted_mean(x: Sequence[Array], w: Floats) -> Any:
    """Mean with weights, those of missing values shared among the others; NaN where all are missing."""
    total: Any = 0.0
    weight: Any = 0.0
    for a, b in zip(w.tolist(), x):
        valid = np.isfinite(b)
        total = total + np.where(valid, b, 0) * a
        weight = weight + valid * np.asarray(a, dtype=_float_type(b))
    return _where_any(weight, total)


def hazard_chain(
    indices: Mapping[str, Values] | xr.Dataset,
    *,
    strengths: Mapping[tuple[str, str], float] | None = None,
    rho: float | None = None,
) -> dict[str, Any]:
    """Indices raised by the hazards that trigger them (灾害链): min(1, R_j + rho sum_i phi_ij R_i).

    Parameters
    ----------
    indices : mapping hazard -> layer, Series or array
        0..1. A cause that is NaN in a cell adds nothing there.
    strengths : mapping (cause, effect) -> phi, optional
        0..1; default the table ``damage/hazard_chains``. Pairs with a hazard that is not there are left out.
    rho : float
        How much of it counts; default from the table.

    Returns
    -------
    dict hazard -> as given

    Examples
    --------
    >>> round(float(hazard_chain({"earthquake": 0.5, "geology": 0.4})["geology"]), 6)
    0.46
    """
    table = standards.table("damage/hazard_chains").data
    if strengths is None:
        strengths = {(row["cause"], row["effect"]): float(row["strength"]) for row in table["strengths"]}
    share = float(table["rho"] if rho is None else rho)
    operands = Operands.of(indices)
    check_range(operands.arrays, 0, 1, rule="risk.range")
    out = {}
    for name, array in operands.arrays.items():
        added = array
        for (cause, effect), phi in strengths.items():
            if effect == name and cause in operands.arrays:
                source = operands.arrays[cause]
                added = added + share * phi * np.where(np.isfinite(source), source, 0)
        out[name] = operands.contain(np.minimum(finite(added), 1.0), quantity="risk_index", chain_rho=share)
    return out


def _counted_twice(hazards: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of the hazards of which the first triggers the second: their losses may be the same ones."""
    table = standards.table("damage/hazard_chains").data
    homes = {str(part): str(home["hazard"]) for part, home in table.get("parts", {}).items()}
    pairs = [(homes.get(str(row["cause"]), str(row["cause"])), str(row["effect"])) for row in table["strengths"]]
    return list(dict.fromkeys(pair for pair in pairs if set(pair) <= set(hazards) and len(set(pair)) == 2))


def _weighted_product(x: Sequence[Array], w: Floats) -> Any:
    floor = _limits()["floor"]
    return np.exp(weighted_mean([np.log(np.maximum(finite(a), floor)) for a in x], w))


def _maximum(x: Sequence[Array], w: Floats) -> Any:
    least = _limits()["least_weight"]
    used = [finite(b) for a, b in zip(w, x) if a >= least]
    if not used:
        note(Problem("risk.light_weights", Phrase("hazard_weights"), severity="warning", least=least))
        used = [finite(b) for b in x]
    out = used[0]
    for other in used[1:]:
        out = np.fmax(out, other)
    return out


def _graded(x: Sequence[Array], w: Floats) -> Any:
    rule = _limits()["graded"]
    grades = [np.where(np.isfinite(b) & (b > 0), b, np.nan) for b in x]
    score = weighted_mean(grades, w)
    top = rule["top"]
    high = sum((b == top).astype(np.int16) for b in grades)
    upper = sum((b >= top - 1).astype(np.int16) for b in grades)
    up = (high >= rule["high"]) | (upper >= rule["high_or_medium_high"])
    level = np.minimum(np.floor(score + 0.5 + 1e-9) + up, top)
    return np.where(np.isfinite(score), level, 0).astype(np.uint8)


def _union(x: Sequence[Array], _w: Floats) -> Any:
    none: Any = 1.0
    any_valid: Any = 0.0
    for b in x:
        valid = np.isfinite(b)
        none = none * (1 - np.where(valid, b, 0))
        any_valid = any_valid + valid * np.asarray(1, dtype=_float_type(b))
    return np.where(any_valid > 0, 1 - none, np.asarray(np.nan, dtype=_float_type(any_valid)))


def _sum(x: Sequence[Array], _w: Floats) -> Any:
    return weighted_mean(x, np.ones(len(x))) * sum(np.isfinite(b) * np.asarray(1, dtype=_float_type(b)) for b in x)


def _inform(x: Sequence[Array], w: Floats) -> Any:
    # Index 0..1 = INFORM score / 10; 10 - score is brought to 1..10 before the geometric mean.
    index = (10 - np.exp(weighted_mean([np.log((1 - b) * 9 + 1) for b in x], w))) / 9
    return np.clip(index, 0.0, 1.0)  # rounding leaves the ends otherwise


def _topsis(x: Sequence[Array], w: Floats) -> Any:
    plus: Any = 0.0
    minus: Any = 0.0
    any_valid: Any = False
    for a, b in zip(w.tolist(), x):
        value = finite(b)
        norm = np.sqrt(np.nansum(value.astype(np.float64) ** 2))
        scale = a / np.where(norm > 0, norm, 1.0)
        valid = np.isfinite(value)
        high = np.where(valid, value, -np.inf).max()
        low = np.where(valid, value, np.inf).min()
        # A hazard that is the same everywhere tells no two places apart.
        scale = scale * spans(low, high)
        plus = plus + np.where(valid, (high - value) * scale, 0) ** 2
        minus = minus + np.where(valid, (value - low) * scale, 0) ** 2
        any_valid = any_valid | valid
    plus, minus = np.sqrt(plus), np.sqrt(minus)
    both = plus + minus
    if isinstance(both, np.ndarray) and np.any(any_valid & (both == 0)):
        note(Problem("risk.topsis_equal", Phrase("risk_indices"), severity="warning"))
    return np.where(any_valid & (both > 0), minus / np.where(both > 0, both, 1.0), np.nan)


_METHODS: dict[str, Callable[[Sequence[Array], Floats], Any]] = {
    "weighted_sum": weighted_mean,
    "weighted_product": _weighted_product,
    "maximum": _maximum,
    "graded": _graded,
    "union": _union,
    "sum": _sum,
    "inform": _inform,
    "topsis": _topsis,
}


def _where_any(weight: Array, total: Array) -> Any:
    nan = np.asarray(np.nan, dtype=_float_type(total))
    return np.where(weight > 0, total / np.where(weight > 0, weight, np.asarray(1, dtype=_float_type(weight))), nan)


def _float_type(values: Array) -> Any:
    return values.dtype if values.dtype.kind == "f" else np.dtype(np.float64)


def _limits() -> Any:
    return standards.table("damage/combination").data


def _weights(names: list[str], weights: Mapping[str, float] | None, renormalise: bool) -> Floats:
    if weights is None:
        return np.full(len(names), 1.0 / len(names))
    if not isinstance(weights, (Mapping, pd.Series)):
        return check_weights(weights, names, renormalise=renormalise, thing=Phrase("hazard_weights"))
    extra = [name for name in weights.keys() if name not in names]  # noqa: SIM118 (a Series iterates its values)
    every = check_weights(weights, [*names, *extra], renormalise=renormalise, thing=Phrase("hazard_weights"))
    if not extra:
        return every
    kept = every[: len(names)]
    if kept.sum() <= 0:
        raise ConfigError(Problem("risk.weights", Phrase("hazard_weights"), hazards=names))
    note(Problem("risk.weights_shared", Phrase("hazard_weights"), severity="warning", hazards=extra))
    return np.asarray(kept / kept.sum())


def _check_grades(arrays: Mapping[str, Array]) -> None:
    top = _limits()["graded"]["top"]
    check_range(arrays, 0, top, rule="risk.grades_range")
    broken = [
        name
        for name, array in arrays.items()
        if isinstance(array, np.ndarray) and np.any(np.isfinite(array) & (array != np.rint(array)))
    ]
    if broken:
        raise LayerError(Problem("risk.grades", Phrase("operands", names=broken), top=top))


def _common_quantity(indices: Mapping[str, Values] | xr.Dataset) -> tuple[str, str]:
    layers = {str(name): layer for name, layer in indices.items() if isinstance(layer, xr.DataArray)}
    layers.pop("spatial_ref", None)
    kinds = {(str(a.get("quantity", "")), str(a.get("units", ""))) for a in (layer.attrs for layer in layers.values())}
    if len({units for _, units in kinds}) > 1:
        raise UnitsError(
            Problem("risk.sum", Phrase("operands", names=list(layers)), units=sorted(units for _, units in kinds))
        )
    quantity, units = kinds.pop() if len(kinds) == 1 else ("", "")
    known = quantity in standards.table("quantities").data
    return (quantity, units) if known else ("expected_annual_loss", "")
