"""From depths by return period to the composite risk degree, its class and the hazard index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal

import dask.array as da
import numpy as np
import xarray as xr

from riskzoning import numerals, standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.hazards.cells import Array, Cells, by_cell, valid_values
from riskzoning.layers import LayerFacts, check_layer, check_same_grid, describe, fact_problems, scan
from riskzoning.layers.facts import scan_bands
from riskzoning.layers.plausible import is_settled, takes

Weights = Mapping[float, float] | Sequence[float]
Form = Literal["integral", "weighted"]

# A degree this close below a class limit (m) has reached it: sums of products are not exact.
_AT_LIMIT = 1e-9
WEIGHT_SUM = 1e-6
# Numbers without a place, or of one, are an example, in which depths may well be equal.
_MAP = 2


@takes("depths", depths="flood_depth")
def composite_risk(
    depths: Cells | Sequence[Cells],
    return_periods: Sequence[float] | None = None,
    *,
    form: Form = "integral",
    weights: Mapping[float, float] | Sequence[float] | None = None,
    breaks: Sequence[float] | None = None,
    tail: bool = True,
) -> xr.Dataset:
    """Composite risk degree (综合风险度) of flooding and its class.

    ``integral``: R = sum (P_i - P_i+1)(H_i + H_i+1)/2 + P_n H_n with P = 1/T, the mean depth of a year. ``weighted``:
    R = sum w_T H_T.

    Parameters
    ----------
    depths : DataArray or array
        Depth (or equivalent depth) in m: a stack with ``return_period``, an array with the return periods along its
        first axis, or a list of layers. Numpy or dask. NaN, infinite and negative are no data; no data at one return
        period makes the cell no data. 0 is dry.
    return_periods : sequence of float, optional
        Years, in the order of ``depths``, which need not ascend; default: the coordinate of the stack.
    form : {"integral", "weighted"}
    weights : mapping or sequence, optional
        For ``weighted``: weight by return period, or in the order of ``return_periods``; the sum is 1.
    breaks : sequence of float, optional
        Lower limits of the classes from the second on, m, ascending; default (0.15, 0.5, 1.0) of
        ``hazards/flood_composite``. Left-closed: a degree of 0.15 belongs to the second class.
    tail : bool
        Whether the rarest depth holds down to probability 0 (the term P_n H_n).

    Returns
    -------
    Dataset
        ``risk_degree`` (m, float64) and ``grade`` (uint8; 1 lowest ... 4, 0 no data).

    Raises
    ------
    LayerError
        For return periods, weights or breaks that do not fit.

    Examples
    --------
    >>> result = composite_risk([0.5, 1.0, 1.5, 2.0, 3.0], [5, 10, 20, 50, 100])
    >>> float(result.risk_degree.round(3)), int(result.grade)
    (0.245, 2)
    """
    stack, periods = _as_stack(depths, return_periods)
    limits = _limits(breaks)
    factors = _factors(periods, form, weights, tail)
    stack = valid_values(stack, quantity="flood_depth")
    _note_oddities(stack, periods)
    degree: Any = 0.0
    for i, factor in enumerate(factors):
        degree = degree + stack.isel(return_period=i, drop=True).astype(np.float64) * factor
    like = stack if stack.odc.crs is not None else None
    degree = describe(
        degree, quantity="composite_risk_degree", like=like, form=form, source=stack.attrs.get("source", "")
    )
    grade = by_cell(partial(_grade, limits=limits), degree, quantity="hazard_grade", dtype=np.uint8)
    return xr.Dataset({"risk_degree": degree.rename("risk_degree"), "grade": grade.rename("grade")})


def _as_stack(depths: Cells | Sequence[Cells], return_periods: Sequence[float] | None) -> tuple[xr.DataArray, Array]:
    if isinstance(depths, (list, tuple)) and depths and all(isinstance(layer, xr.DataArray) for layer in depths):
        check_same_grid(**{f"depth {i + 1}": layer for i, layer in enumerate(depths)})
        depths = xr.concat(list(depths), dim="return_period", join="override", combine_attrs="override")
    if not isinstance(depths, xr.DataArray):
        array = depths if isinstance(depths, da.Array) else np.asarray(depths, dtype=np.float64)
        rest = ("y", "x") if array.ndim == 3 else tuple(f"dim_{i}" for i in range(1, array.ndim))
        depths = xr.DataArray(array, dims=("return_period", *rest))
    if "return_period" not in depths.dims:
        raise LayerError(Problem("flood.dims", Phrase("argument", name="depths"), dims=list(map(str, depths.dims))))
    periods = _periods(depths, return_periods)
    if depths.odc.crs is not None:
        ordered = depths.assign_coords(return_period=periods).sortby("return_period")
        check_layer(ordered, name="depths", quantity="flood_depth" if "units" in depths.attrs else None)
    return depths, periods


def _note_oddities(stack: xr.DataArray, periods: Array) -> None:
    """Tell of depths in memory that no model leaves: gaps below a rarer flood, falls, equal or whole layers."""
    if is_settled() or stack.chunks is not None:
        return
    order = np.argsort(periods)
    values = stack.transpose("return_period", ...).values[order]
    thing, known = Phrase("argument", name="depths"), np.isfinite(values)
    # Dry ground is 0, not no data.
    gaps = int((known[1:] & ~known[:-1]).sum())
    if gaps:
        note(Problem("flood.gaps", thing, severity="warning", count=gaps))
    if stack.odc.crs is None or values[0].size < _MAP:
        return
    facts = scan_bands([values.reshape(len(values), 1, -1)], [float(period) for period in np.sort(periods)])
    _tell(facts, thing, ("layer.monotone", "layer.falls_repaired", "layer.identical", "layer.empty", "layer.whole"))


def _tell(facts: LayerFacts, thing: Phrase, rules: Sequence[str]) -> None:
    """Say what facts of depths show, as warnings: where most cells fall a study is refused, here it is said."""
    rows = fact_problems(facts, thing=thing, quantity="flood_depth", monotone=True, repaired=True, dry=True)
    for problem in rows:
        if problem.rule in rules:
            note(problem.at(severity="warning"))


def _periods(stack: xr.DataArray, given: Sequence[float] | None) -> Array:
    thing = Phrase("argument", name="return_periods")
    own = stack["return_period"].values.astype(float) if "return_period" in stack.coords else None
    periods = own if given is None else numerals.periods(given)
    if periods is None:
        raise LayerError(Problem("flood.no_periods", thing))
    shown = _shown(periods)
    if periods.shape != (stack.sizes["return_period"],):
        raise LayerError(Problem("flood.periods_count", thing, periods=shown, count=stack.sizes["return_period"]))
    if not np.all(np.isfinite(periods)) or np.any(periods <= 0) or len(set(periods)) < len(periods):
        raise LayerError(Problem("flood.periods", thing, periods=shown))
    numerals.check_periods(periods, thing)
    if own is not None and given is not None:
        if sorted(own) != sorted(periods):
            raise LayerError(Problem("flood.periods_other", thing, periods=shown, own=_shown(own)))
        return np.asarray(own)
    return np.asarray(periods)


def _factors(periods: Array, form: str, weights: Weights | None, tail: bool) -> Array:
    """R is linear in the depths: the factor of each, in the order of the periods."""
    if form == "weighted":
        return _weights(periods, weights)
    if form != "integral":
        raise LayerError(Problem("flood.form", Phrase("argument", name="form"), form=form))
    if weights is not None:
        raise LayerError(Problem("flood.weights_given", Phrase("argument", name="weights")))
    order = np.argsort(periods)
    rate = 1.0 / periods[order]
    step = -np.diff(rate)
    factors = np.zeros(len(periods))
    factors[:-1] += step / 2
    factors[1:] += step / 2
    factors[-1] += rate[-1] if tail else 0.0
    out = np.empty_like(factors)
    out[order] = factors
    return out


def _weights(periods: Array, weights: Weights | None) -> Array:
    thing = Phrase("argument", name="weights")
    if weights is None:
        raise LayerError(Problem("flood.no_weights", thing))
    if isinstance(weights, Mapping):
        by_period = {numerals.period(period): numerals.share(weight) for period, weight in weights.items()}
        if sorted(by_period) != sorted(periods):
            shown, wanted = _shown(sorted(by_period)), _shown(periods)
            raise LayerError(Problem("flood.weights_periods", thing, periods=shown, wanted=wanted))
        weights = [by_period[period] for period in periods]
    values = np.array([numerals.share(weight) for weight in weights], dtype=np.float64)
    if values.shape != periods.shape or not np.all(values >= 0) or abs(values.sum() - 1.0) > WEIGHT_SUM:
        shown, total = _shown(values.ravel()), float(values.sum())
        raise LayerError(Problem("flood.weights", thing, weights=shown, total=total, count=len(periods)))
    return values


def _limits(breaks: Sequence[float] | None) -> Array:
    table = standards.table("hazards/flood_composite").data["breaks"]
    limits = np.asarray(table if breaks is None else breaks, dtype=np.float64)
    if limits.ndim != 1 or limits.size == 0 or not np.all(limits > 0) or np.any(np.diff(limits) <= 0):
        raise LayerError(Problem("flood.breaks", Phrase("argument", name="breaks"), breaks=_shown(limits.ravel())))
    return limits


def _shown(numbers: Array | Sequence[float]) -> list[str]:
    return [f"{number:g}" for number in np.atleast_1d(numbers)]


def _grade(degree: Array, *, limits: Array) -> Array:
    grade = np.searchsorted(limits - _AT_LIMIT, degree, side="right") + 1
    return np.where(np.isnan(degree), 0, grade).astype(np.uint8)


@takes(degree="composite_risk_degree")
def degree_index(degree: Cells, *, breaks: Sequence[float] | None = None, full_at: float | None = None) -> Any:
    """Hazard index 0..1 of the composite risk degree, with its classes at equal steps.

    0 at R = 0, i / (n + 1) at the i-th of n class limits, linear between, 1 from ``full_at`` times the last limit on:
    with three limits the index lies below 0.25, 0.5, 0.75 exactly where the grade is 1, at most 2, at most 3.

    Parameters
    ----------
    degree : number, array or layer
        R in m; NaN stays NaN.
    breaks : sequence of float, optional
        As in :func:`composite_risk`.
    full_at : float, optional
        Default of ``hazards/flood_composite``: 2.

    Examples
    --------
    >>> degree_index(np.array([0.0, 0.075, 0.15, 0.5, 1.0, 2.0, 5.0])).round(6)
    array([0.   , 0.125, 0.25 , 0.5  , 0.75 , 1.   , 1.   ])
    """
    limits = _limits(breaks)
    top = float(standards.table("hazards/flood_composite").data["full_at"] if full_at is None else full_at)
    if not top > 1.0:
        raise LayerError(Problem("flood.full_at", Phrase("argument", name="full_at"), value=top))
    points = np.array([0.0, *limits, top * limits[-1]])
    return by_cell(partial(_index, points=points, limits=limits), degree, quantity="hazard_index")


def _index(degree: Array, *, points: Array, limits: Array) -> Array:
    steps = np.linspace(0.0, 1.0, len(points))
    index = np.interp(degree, points, steps)
    # Rounding must not carry a value over the limit of its class.
    grade = np.searchsorted(limits - _AT_LIMIT, degree, side="right")
    upper = np.append(np.nextafter(steps[1:-1], 0.0), 1.0)
    return np.asarray(np.where(np.isnan(degree), np.nan, np.clip(index, steps[grade], upper[grade])))


@takes("depth", depth="flood_depth", velocity="flood_velocity", duration="flood_duration")
def equivalent_depth(
    depth: xr.DataArray, *, velocity: xr.DataArray | None = None, duration: xr.DataArray | None = None
) -> xr.DataArray:
    """Equivalent depth (当量水深) H' = H a_v a_t: fast or long flooding counts as deeper.

    Parameters
    ----------
    depth : DataArray
        m; a stack or a layer.
    velocity : DataArray, optional
        m/s; one layer for all return periods, or a stack with those of the depths.
    duration : DataArray, optional
        Hours of flooding, likewise. Where velocity or duration is missing its factor is 1.

    Returns
    -------
    DataArray
        As ``depth``; the depth itself when neither is given.

    Raises
    ------
    GridMismatchError
        When the layers lie on different grids.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 200, 100), crs="EPSG:4547", resolution=100)
    >>> depth = layer_on(geobox, 1.0, quantity="flood_depth")
    >>> fast = layer_on(geobox, np.array([[2.0, np.nan]]), quantity="flood_velocity")
    >>> equivalent_depth(depth, velocity=fast).values.tolist()
    [[1.3, 1.0]]
    """
    factors = {"velocity": velocity, "duration": duration}
    given = {name: layer for name, layer in factors.items() if layer is not None}
    check_same_grid(depth=depth, **given)
    out = depth
    for name, layer in given.items():
        check_layer(layer, name=name, quantity=f"flood_{name}")
        _check_periods(depth, layer, name)
        pairs = np.asarray(standards.table("hazards/flood_equivalent_depth").data[name], dtype=np.float64)
        out = by_cell(partial(_deepened, pairs=pairs), out, layer)
    return describe(out.transpose(*depth.dims), quantity="flood_depth", like=depth)


def _check_periods(depth: xr.DataArray, layer: xr.DataArray, name: str) -> None:
    if "return_period" not in layer.dims:
        return
    own = [] if "return_period" not in depth.dims else sorted(depth["return_period"].values.tolist())
    if own != sorted(layer["return_period"].values.tolist()):
        shown = _shown(layer["return_period"].values)
        raise LayerError(Problem("flood.other_periods", Phrase("layer", name=name), periods=shown))


def _deepened(depth: Array, values: Array, *, pairs: Array) -> Array:
    known = np.isfinite(values) & (values >= 0)
    return np.asarray(depth * np.where(known, np.interp(np.where(known, values, 0.0), pairs[:, 0], pairs[:, 1]), 1.0))


@takes("depths", depths="flood_depth")
def rising_depths(depths: xr.DataArray) -> xr.DataArray:
    """The stack with depths that nowhere fall as the return period rises: least-squares isotonic fit, cell by cell.

    How many cells of a stack in memory were repaired, and by how much they fell, is told by a warning.

    Parameters
    ----------
    depths : DataArray
        ``(return_period, y, x)``, m. Cells that already rise keep their values to the bit; a cell with a missing
        value is left alone.

    Returns
    -------
    DataArray
        Same grid and type; lazy when the input is lazy.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 100, 100), crs="EPSG:4547", resolution=100)
    >>> stack = np.array([1.0, 1.5, 1.492]).reshape(3, 1, 1)
    >>> depths = layer_on(geobox, stack, quantity="flood_depth", return_periods=[5, 10, 20])
    >>> rising_depths(depths).values.ravel().round(3).tolist()
    [1.0, 1.496, 1.496]
    """
    check_layer(depths, name=str(depths.name or "depths"))
    data: Any = depths.data
    _note_falls(depths)
    if isinstance(data, da.Array):
        whole = data.rechunk({0: -1})
        values = da.map_blocks(_isotonic, whole, dtype=data.dtype)
        values = values.rechunk({0: data.chunks[0]})
    else:
        values = _isotonic(np.asarray(data))
    return describe(depths.copy(data=values), quantity="flood_depth", like=depths)


def _note_falls(depths: xr.DataArray) -> None:
    """Tell how many cells fall with the return period, which is repaired; a centimetre is rounding."""
    if is_settled() or depths.chunks is not None or "return_period" not in depths.dims:
        return
    _tell(
        scan(depths), Phrase("argument", name="depths"), ("layer.monotone", "layer.falls_repaired", "layer.identical")
    )


def _isotonic(stack: Array) -> Array:
    with np.errstate(invalid="ignore"):
        falls = (np.diff(stack, axis=0) < 0).any(axis=0) & np.isfinite(stack).all(axis=0)
    if not falls.any():
        return stack
    y = stack[:, falls].astype(np.float64)
    n = len(y)
    total = np.vstack([np.zeros(y.shape[1]), np.cumsum(y, axis=0)])
    fitted = np.full_like(y, -np.inf)
    # Min-max formula: the fit at i is the largest over a <= i of the smallest over b >= i of the mean of a..b.
    for a in range(n):
        smallest = np.full(y.shape[1], np.inf)
        for b in range(n - 1, a - 1, -1):
            smallest = np.minimum(smallest, (total[b + 1] - total[a]) / (b + 1 - a))
            fitted[b] = np.maximum(fitted[b], smallest)
    out = stack.copy()
    out[:, falls] = fitted
    return out


@takes("depths", depths="flood_depth", velocity="flood_velocity")
def flood_severity(
    depths: Any,
    return_periods: Sequence[float] | None = None,
    *,
    velocity: xr.DataArray | None = None,
    protection: xr.DataArray | None = None,
) -> xr.DataArray:
    """Severity of flooding, 0..1: the worst over the return periods of depth severity x frequency.

    Depth severity is that of max(h, v h): 0 when dry, 1/3 at 0.5, 2/3 at 2, 1 from 4 m (or m2/s) on. A flood of 30
    years and more frequent counts whole, of 100 years three quarters, of 300 years half, linear in the logarithm
    between; rarer floods are residual hazard, 0.25 at most.

    Parameters
    ----------
    depths : DataArray or array
        Depth in m: a stack with ``return_period``, or an array with the periods along its first axis. Numpy or dask.
        NaN, infinite and negative are no data, as is a cell that lacks one period; 0 is dry.
    return_periods : sequence of float, optional
        Years, in the order of ``depths``; default: the coordinate of the stack.
    velocity : DataArray, optional
        Largest velocity, m/s, one layer for all return periods or a stack with those of the depths; where it is
        missing the depth stands alone.
    protection : DataArray, optional
        Years up to which works keep floods away (``protection_period``), NaN without works: a flood up to it counts
        as residual hazard only, as one beyond the last return period of the table does. For depths without the works.

    Returns
    -------
    DataArray
        ``flood_severity``, float64, 0 exactly where it never floods.

    Raises
    ------
    LayerError
        For return periods that do not fit the depths.

    Examples
    --------
    >>> float(flood_severity([[0.0], [2.0]], [20, 100])[0])
    0.5
    >>> flood_severity([[1.0]], [50]).round(4).values.tolist()
    [0.3973]
    """
    stack, periods = _as_stack(depths, return_periods)
    stack = valid_values(stack, quantity="flood_depth")
    _note_oddities(stack, periods)
    if velocity is not None:
        _check_periods(stack.assign_coords(return_period=periods), velocity, "velocity")
    severity: Any = None
    for place, period in enumerate(periods):
        depth = stack.isel(return_period=place, drop=True).astype(np.float64)
        work = partial(_severity, period=float(period), table=standards.table("ladders/flood").data)
        # Without velocities the depth stands alone, without works nothing is held.
        fast: Any = 0.0 if velocity is None else _at(velocity, period).fillna(0.0)
        held: Any = 0.0 if protection is None else protection.fillna(0.0)
        one = by_cell(work, depth, fast, held, quantity="flood_severity")
        # NaN at one period makes the cell no data: the larger of two values is NaN where one is.
        severity = one if severity is None else by_cell(np.maximum, severity, one, quantity="flood_severity")
    like = stack if stack.odc.crs is not None else None
    periods_text = ", ".join(f"{period:g}" for period in np.sort(periods))
    return describe(severity, quantity="flood_severity", like=like, periods=periods_text)


def _at(velocity: xr.DataArray, period: float) -> xr.DataArray:
    """The velocity of a return period, where there is one for each."""
    return velocity.sel(return_period=period, drop=True) if "return_period" in velocity.dims else velocity


def frequency_factor(period: float, *, points: Sequence[Sequence[float]]) -> float:
    """How much a flood of this return period counts: flat to the first point, linear in ln T between them."""
    years, factors = np.array(points, dtype=float).T
    return float(np.interp(np.log(period), np.log(years), factors))


def _severity(depth: Array, velocity: Array, held: Array, *, period: float, table: dict[str, Any]) -> Array:
    """Severity at one return period; residual beyond the last period of the table and where works hold it."""
    flow = np.fmax(depth, depth * velocity)
    metres, heights = np.array(table["depth"], dtype=float).T
    severity = np.where(np.isnan(flow), np.nan, np.interp(flow, metres, heights))
    residual = np.minimum(severity * float(table["residual"]["share"]), float(table["residual"]["most"]))
    if period > float(table["frequency"][-1][0]):
        return residual
    factored = severity * frequency_factor(period, points=table["frequency"])
    return np.where(held >= period, np.minimum(residual, factored), factored)
