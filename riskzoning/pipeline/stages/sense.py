"""Sense checks of a run: what a planner would not believe is told, and stands in the table of skill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskzoning.errors import Phrase, Problem, note
from riskzoning.hazards import HAZARDS
from riskzoning.methods.ranges import spans
from riskzoning.names import Index, Measure
from riskzoning.pipeline.stages.classes import rule_number

# A rank correlation of fewer units says nothing.
_LEAST_UNITS = 5


@dataclass(frozen=True)
class Sense:
    """The finest units that a run publishes, with areas in km2, and the ranges of the index layers by their keys."""

    units: pd.DataFrame
    areas: pd.Series[float]
    ranges: dict[str, tuple[float, float]]
    receptors: tuple[str, ...]


def sense_checks(sense: Sense, hazards: tuple[str, ...]) -> pd.DataFrame:
    """One row per hazard and check, ``hazard measure value``; what does not make sense is rung as a warning."""
    rows = []
    for hazard in hazards:
        index = HAZARDS[hazard].index
        rows += [(hazard, measure, value) for measure, value in _checks(sense, index)]
    return pd.DataFrame(rows, columns=["hazard", "measure", "value"])


def _checks(sense: Sense, index: Index) -> Iterator[tuple[str, float]]:
    constant = _is_constant(sense, index)
    if constant is not None:
        yield "sense.constant_index", float(constant)
    known = _known_share(sense, index)
    if known is not None:
        yield "sense.known_share", known
    met = [Measure("exposed_hazard_index", index.hazard, receptor).key for receptor in sense.receptors]
    if index.risk().grade_key in sense.units and all(key in sense.units for key in met):
        yield "sense.high_risk_of_low_hazard", float(_high_of_low(sense.units, index, met))
    correlation = _rank_correlation(sense, index)
    if correlation is not None:
        yield "sense.rank_correlation_loss", correlation


def _is_constant(sense: Sense, index: Index) -> bool | None:
    low, high = sense.ranges.get(index.key, (np.nan, np.nan))
    if not np.isfinite([low, high]).all():
        return None
    constant = not spans(low, high)
    if constant:
        note(Problem("sense.constant", Phrase("hazard", name=index.hazard), severity="warning", value=low))
    return constant


def _known_share(sense: Sense, index: Index) -> float | None:
    """Share of the ground on which the hazard has a value; elsewhere the composite is made of the other hazards."""
    column = Measure("valid_share", index.hazard).key
    if column not in sense.units:
        return None
    shares = sense.units[column].astype(float).fillna(0.0).clip(0.0, 1.0)
    areas = sense.areas.reindex(shares.index)
    share, least = float((shares * areas).sum() / areas.sum()), rule_number("known_share")
    if share < least:
        bare = [str(code) for code in shares.index[shares == 0]]
        more = Phrase("gaps_of_units", count=len(bare), units=bare) if bare else ""
        thing = Phrase("hazard", name=index.hazard)
        note(Problem("sense.gaps", thing, severity="warning", share=share, least=least, more=more))
    return share


def _high_of_low(units: pd.DataFrame, index: Index, met: list[str]) -> int:
    """How many units have a high risk although what is exposed hardly meets the hazard."""
    low, high = rule_number("low_hazard"), rule_number("high")
    wrong = units.index[(units[met].max(axis=1) < low) & (units[index.risk().grade_key] >= high)]
    if len(wrong):
        thing, codes = Phrase("hazard", name=index.hazard), [str(code) for code in wrong]
        note(
            Problem("sense.high_of_low", thing, severity="warning", units=codes, count=len(codes), low=low, grade=high)
        )
    return len(wrong)


def _rank_correlation(sense: Sense, index: Index) -> float | None:
    """Of risk index and annual loss per km2; None where either does not vary or too few units have both."""
    loss, risk = Measure("eal", index.hazard).key, index.risk().key
    if loss not in sense.units or risk not in sense.units:
        return None
    pair = pd.DataFrame({"risk": sense.units[risk], "loss": sense.units[loss] / sense.areas}).astype(float).dropna()
    if len(pair) < _LEAST_UNITS or pair.nunique().min() < 2:
        return None
    correlation = float(pair["risk"].rank().corr(pair["loss"].rank()))
    least = rule_number("rank_correlation")
    if correlation < least:
        thing = Phrase("hazard", name=index.hazard)
        note(Problem("sense.loss", thing, severity="warning", correlation=correlation, least=least))
    return correlation
