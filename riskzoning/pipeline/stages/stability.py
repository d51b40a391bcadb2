"""Stage ``stability``: how sure the risk grades of units and cells are, and what the ranking of units hangs on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from riskzoning.errors import Journal, Phrase, Problem, hearing, note
from riskzoning.layers import describe
from riskzoning.methods.classification import natural_breaks
from riskzoning.methods.uncertainty import Combination, Draws, breaks_anew, draw, stability, stability_table
from riskzoning.names import MULTI, Index, Measure
from riskzoning.pipeline.stages.sensitive import sensitivity_table
from riskzoning.pipeline.stages.streaming import band_rows, stream
from riskzoning.pipeline.state import Assessed, Graded, Made, Run, Zoned
from riskzoning.pipeline.workspace.store import CogSink
from riskzoning.results import Breaks
from riskzoning.zoning.scales import Classing

Floats = NDArray[np.float64]
# Ways to bring hazards together in which weights may vary.
_METHODS = ("weighted_sum", "weighted_product")
# Cells by which the breaks of the grid are followed from draw to draw.
_SAMPLED = 4096
_MODAL, _PROBABILITY = Measure("modal_grade", MULTI), Measure("grade_probability", MULTI)


def stable(run: Run, made: Made) -> Zoned:
    """The tables ``stability`` and ``sensitivity``; layers of cells where the study asks for them."""
    rules = run.setting.study.uncertainty
    _tell(run, made)
    tables = {"stability": _units(run, made)} if rules.draws else {}
    if rules.draws and rules.cells:
        _cells(run, made)
    if rules.sensitivity:
        tables["sensitivity"] = sensitivity_table(run, made)
    return Zoned({}, {name: table for name, table in tables.items() if len(table)})


def _tell(run: Run, made: Made) -> None:
    """Say which tables have no rows of all hazards together, because their combination is not made anew."""
    rules, way = run.setting.study.uncertainty, run.setting.study.risk
    if Index(MULTI, "risk") not in made.of(Graded).indices:
        return
    wanted = {"stability": bool(rules.draws) and way.combine not in _METHODS,
              "sensitivity": rules.sensitivity and way.combine != way.combine_cells}  # fmt: skip
    tables = [name for name, absent in wanted.items() if absent]
    if tables:
        note(Problem("combined.not_varied", Phrase("composite"), severity="info", method=way.combine, tables=tables))


@dataclass(frozen=True)
class _Drawn:
    """An index, the indices that it is made of, how, and its weights."""

    names: dict[str, str]
    weights: pd.Series[float]
    method: Combination = "weighted_sum"


def _units(run: Run, made: Made) -> pd.DataFrame:
    graded = made.of(Graded)
    levels = [level for level in run.setting.levels if level in graded.units]
    drawn: dict[Index, Draws] = {}
    parts = []
    for level in levels:
        units, of_level = graded.units[level], {}
        for index in _indices(graded):
            given = _made_of(run, made, index, list(units.columns))
            if given is None:
                continue
            if index not in drawn:
                # Breaks come from the finest level, for all of them.
                drawn[index] = _draws(run, graded.breaks[index].units, given, _values(graded.units[levels[0]], given))
            closed = graded.breaks[index].units.closed
            of_level[index.hazard] = stability(
                _values(units, given), drawn[index], closed=closed, method=given.method, workers=1
            )
        table = stability_table(of_level)
        table.insert(1, "level", level)
        parts.append(table)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _indices(graded: Graded) -> list[Index]:
    """Risks of hazards and of all together, as far as they have breaks."""
    return [
        index
        for index in graded.indices
        if index.what == "risk" and index.receptor is None and index in graded.breaks
        and graded.breaks[index].units.bounds and not graded.breaks[index].units.by_share
    ]  # fmt: skip


def _made_of(run: Run, made: Made, index: Index, columns: list[str]) -> _Drawn | None:
    """What an index is drawn from; None where no draw can make it."""
    if index.hazard != MULTI:
        given = _Drawn({index.hazard: index.key}, pd.Series({index.hazard: 1.0}))
    else:
        combine = run.setting.study.risk.combine
        if combine not in _METHODS:
            return None
        weights = made.of(Assessed).weights.set_index("hazard")["weight"].astype(np.float64)
        names = {str(hazard): Index(str(hazard), "risk").key for hazard in weights.index}
        given = _Drawn(names, weights, "weighted_product" if combine == "weighted_product" else "weighted_sum")
    return given if set(given.names.values()) <= set(columns) else None


def _values(units: gpd.GeoDataFrame, given: _Drawn) -> pd.DataFrame:
    return pd.DataFrame({name: units[key].astype(np.float64) for name, key in given.names.items()}, index=units.index)


def _draws(run: Run, breaks: Breaks, given: _Drawn, finest: pd.DataFrame) -> Draws:
    rules = run.setting.study.uncertainty
    share = rules.input_share
    of_inputs = {name: share.get(name, 0.0) for name in given.names} if isinstance(share, dict) else share
    draws = draw(
        given.weights, breaks.bounds, n=rules.draws, concentration=rules.concentration, break_share=rules.break_share,
        input_share=of_inputs, seed=run.setting.study.seed,
    )  # fmt: skip
    if breaks.given or rules.computed_breaks == "kept":
        return draws
    with hearing(Journal()):  # Fewer classes in a draw are a result, not news.
        return breaks_anew(finest, draws, _cutter(breaks), method=given.method)


def _cutter(breaks: Breaks) -> Callable[[Floats], Floats]:
    """Values -> upper bounds of the classes by the rule of the breaks."""
    k = len(breaks.bounds)
    if breaks.rule == "natural_breaks":
        return lambda values: natural_breaks(values, k)
    rule = Classing(scheme=breaks.rule, k=k, closed=breaks.closed)
    return lambda values: rule.bounds(pd.Series(values))


def _cells(run: Run, made: Made) -> None:
    """Write the modal grade of the composite risk of every cell and its probability, band by band."""
    graded, index = made.of(Graded), Index(MULTI, "risk")
    given = _made_of(run, made, index, list(graded.layers))
    if given is None or index not in graded.breaks or not graded.breaks[index].grid.bounds:
        return
    breaks = graded.breaks[index].grid
    layers = {name: graded.layers[key] for name, key in given.names.items()}
    sample = _sampled(layers)
    draws = _draws(run, breaks, given, sample)
    if not (breaks.given or run.setting.study.uncertainty.computed_breaks == "kept"):
        draws = replace(draws, bounds=_followed(breaks, given, sample, draws))
    lazy = {name: layer.chunk() if layer.chunks is None else layer for name, layer in layers.items()}
    told = stability(lazy, draws, closed=breaks.closed, method=given.method)
    grades = describe(told["modal_grade"], quantity=index.grade_quantity, like=graded.layers[index.key])
    out = {_MODAL.key: grades, _PROBABILITY.key: told["probability"]}
    colours = {_MODAL.key: index.colours(len(breaks.bounds))}
    sink = CogSink(run.workspace.published, out, colours=colours, tags={"CLASS_ORDER": "ascending"})
    machine = run.machine
    rows = band_rows(run.setting.grid.shape[1], 2 * (len(layers) + 3), machine.memory_limit)
    stream(out, [sink], rows=rows, workers=machine.workers, client=machine.client)
    sink.close()


def _sampled(layers: dict[str, xr.DataArray]) -> pd.DataFrame:
    """Values of cells on a wide lattice over the whole grid."""
    shape = next(iter(layers.values())).shape
    step = max(1, int(np.sqrt(shape[0] * shape[1] / _SAMPLED)))
    lattice = (slice(step // 2, None, step), slice(step // 2, None, step))
    return pd.DataFrame(
        {name: layer.isel(y=lattice[0], x=lattice[1]).to_numpy().astype(np.float64).ravel()
         for name, layer in layers.items()}
    ).dropna(how="all")  # fmt: skip


def _followed(breaks: Breaks, given: _Drawn, sample: pd.DataFrame, draws: Draws) -> Floats:
    """Breaks of the grid moved as those of the sampled cells move from what they are without any variation."""
    weights = np.asarray(given.weights, dtype=np.float64)[:, None]
    certain = replace(draws, weights=weights, bounds=draws.bounds[:, :1], factors=None)
    with hearing(Journal()):
        still = breaks_anew(sample, certain, _cutter(breaks), method=given.method).bounds
    inner = np.asarray(breaks.bounds[:-1], dtype=np.float64)[:, None]
    with np.errstate(invalid="ignore"):
        moved = inner + (draws.bounds - still)
    return np.sort(np.where(np.isfinite(moved), moved, np.inf), axis=0)
