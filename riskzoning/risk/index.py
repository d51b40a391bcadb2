"""The risk index of hazard, exposure and vulnerability, its matrix form, and the mean over receptors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import dask.array as da
import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from riskzoning import standards
from riskzoning.errors import ConfigError, LayerError, Phrase, Problem, note
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
        raise _unknown("form", form, ["linear", "ratio", "partial"])
    return operands.contain(finite(out), quantity="risk_index", capacity_form=form)


def risk_matrix(hazard_grade: Values, consequence_grade: Values, matrix: ArrayLike | str) -> Any:
    """Risk grade by matrix (风险矩阵): ``matrix[h-1][c-1]``, grades ascending.

    Parameters
    ----------
    hazard_grade, consequence_grade : class layer, Series or array
        1 = lowest; 0 or NaN (no data) in either gives 0.
    matrix : rows of grades, or a name
        Rows: hazard grades ascending; columns: consequence grades ascending. Names of the table ``damage/risk_matrix``:
        ``risk_5x5``, ``risk_4x5``.

    Returns
    -------
    layer, Series or array of uint8
        ``risk_grade``, lazy for lazy inputs.

    Raises
    ------
    LayerError
        A grade lies beyond the matrix (named with it), or is no whole number.
    ConfigError
        The matrix is not rectangular with grades of 1 and more.

    Examples
    --------
    >>> risk_matrix(np.array([4, 3, 0]), np.array([2, 5, 1]), "risk_5x5")
    array([3, 4, 0], dtype=uint8)
    """
    table = _matrix(matrix)
    operands = Operands.of({"hazard grade": hazard_grade, "consequence grade": consequence_grade})
    hazard, consequence = operands.arrays.values()
    if operands.lazy:
        # Chunks of the two may differ; blockwise makes them equal.
        axes = tuple(range(hazard.ndim))
        pairs = [part for a in (hazard, consequence) for part in (da.asarray(a), axes)]
        out: Any = da.blockwise(_look_up, axes, *pairs, table=table, dtype=np.uint8)
    else:
        out = _look_up(hazard, consequence, table)
    return operands.contain(out, quantity="risk_grade", class_order="ascending", matrix=table[1:, 1:].tolist())


def _look_up(hazard: Array, consequence: Array, table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    codes = []
    problems = []
    for name, grade, most in zip(("hazard", "consequence"), (hazard, consequence), np.subtract(table.shape, 1)):
        whole = np.nan_to_num(grade, nan=0.0, posinf=0.0, neginf=0.0)
        code = whole.astype(np.int64)
        if np.any(code != whole) or code.min(initial=0) < 0 or code.max(initial=0) > most:
            problems.append(
                Problem(
                    "risk.matrix",
                    Phrase(f"grade_{name}"),
                    least=float(whole.min()),
                    most=float(whole.max()),
                    top=int(most),
                    rows=table.shape[0] - 1,
                    columns=table.shape[1] - 1,
                )
            )
        codes.append(code)
    if problems:
        raise LayerError(problems=problems)
    return np.asarray(table[codes[0], codes[1]])


def _matrix(matrix: ArrayLike | str) -> NDArray[np.uint8]:
    """The matrix with a row and a column of zeros for no data."""
    if isinstance(matrix, str):
        shipped = standards.table("damage/risk_matrix").data
        if matrix not in shipped:
            raise _unknown("matrix", matrix, list(shipped))
        matrix = shipped[matrix]
    try:
        rows = np.array(matrix, dtype=np.float64)
    except (TypeError, ValueError):
        rows = np.empty(0)
    if rows.ndim != 2 or not rows.size or np.any(rows != np.rint(rows)) or rows.min() < 1 or rows.max() > 255:
        raise ConfigError(Problem("risk.matrix_shape", Phrase("risk_matrix"), matrix=repr(matrix)[:120]))
    if np.any(np.diff(rows, axis=0) < 0) or np.any(np.diff(rows, axis=1) < 0):
        note(Problem("risk.matrix_falls", Phrase("risk_matrix"), severity="warning"))
    return np.pad(rows.astype(np.uint8), ((1, 0), (1, 0)))


def _form_weights(form: str, weights: Weights, names: list[str], renormalise: bool) -> list[float]:
    if form not in _FORMS:
        raise _unknown("form", form, _FORMS)
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


def _unknown(parameter: str, given: str, known: Sequence[str]) -> ConfigError:
    return ConfigError(Problem("risk.option", Phrase("parameter", name=parameter), given=given, known=known))


def _written(names: Iterable[str], weights: Sequence[float] | Array) -> str:
    return ", ".join(f"{name}={weight:.6g}" for name, weight in zip(names, weights))
