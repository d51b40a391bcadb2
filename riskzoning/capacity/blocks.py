"""Blocks of capacity by county: facts from the forms, indicators by formulas, indices of blocks and groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypedDict

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.capacity.index import capacity_index
from riskzoning.capacity.indicators import answered_yes
from riskzoning.errors import ConfigError, LayerError, Phrase, Problem, note
from riskzoning.names import part_index

BLOCKS = ("government", "enterprise", "social", "family")
_THING = Phrase("capacity_index")


class Part(TypedDict, total=False):
    """A part of a formula: the sum of ``of``, over ``over``, times ``times``."""

    of: list[str]
    over: str
    times: float


class Source(TypedDict, total=False):
    """Where a fact comes from."""

    form: str
    sum: str
    answered: str
    count: bool
    less: list[str]
    where: dict[str, list[str]]
    times: float


class BlockIndicators(NamedTuple):
    """Indicators of a block, units x indicators; and where a base was zero, so that 0 stands for no value.

    Examples
    --------
    >>> facts = pd.DataFrame({"firm_people": [10.0], "payout_wan": [500.0], "population": [20000.0]}, index=["410702"])
    >>> float(block_indicators(facts, "enterprise").values.loc["410702", "firms"])
    5.0
    """

    values: pd.DataFrame
    zero_base: pd.DataFrame


def county_facts(forms: Mapping[str, pd.DataFrame], counties: Sequence[str]) -> pd.DataFrame:
    """What the blocks of capacity take from the survey forms, by county (数表 ``capacity/facts``).

    Parameters
    ----------
    forms : mapping
        Name of a form -> its records, columns named as the fields.
    counties : sequence of str
        Codes of all counties, in the order of the result.

    Returns
    -------
    DataFrame
        Index: code. A column for each fact whose form is there; 0 where a list of objects has none in the county, NaN
        where a form has one row a county and that of this one is missing. Add ``population area_km2 gdp_wan``.

    Examples
    --------
    >>> teams = pd.DataFrame({"adcode6": ["410702"], "type": ["矿山救护队"], "people": [40], "vehicles": [3]})
    >>> county_facts({"rescue_team": teams}, ["410702", "410703"])["mine_people"].to_dict()
    {'410702': 40.0, '410703': 0.0}
    """
    index = pd.Index([str(code) for code in counties], name="code")
    out = pd.DataFrame(index=index)
    for fact, sources in standards.table("capacity/facts").data.items():
        for source in sources:
            values = _fact(forms, source)
            if values is not None:
                one_row = standards.table(f"survey_forms/{source['form']}").data.get("row") == "county"
                out[fact] = values.reindex(index) if one_row else values.reindex(index, fill_value=0.0)
                break
    return out


def _fact(forms: Mapping[str, pd.DataFrame], source: Source) -> pd.Series[float] | None:
    """A fact by county from one form; None where the form or one of its fields is missing."""
    form = forms.get(source["form"])
    field = source.get("sum") or source.get("answered")
    wanted = {*source.get("where", {}), *source.get("less", []), *([field] if field else []), "adcode6"}
    if form is None or not wanted <= set(form.columns):
        return None
    chosen = np.ones(len(form), dtype=bool)
    for column, values in source.get("where", {}).items():
        chosen &= form[column].astype("string").isin(values).fillna(False).to_numpy(dtype=bool)
    rows = form[chosen]
    if source.get("count"):
        amount = pd.Series(1.0, index=rows.index)
    elif "answered" in source:
        amount = answered_yes(rows[source["answered"]])
    else:
        amount = pd.to_numeric(rows[source["sum"]], errors="coerce").astype(np.float64)
    for column in source.get("less", []):
        amount = amount - pd.to_numeric(rows[column], errors="coerce").fillna(0)
    # The old and the disabled of a household may be the same people.
    amount = amount.clip(lower=0) * float(source.get("times", 1.0))
    return amount.groupby(rows["adcode6"].astype(str)).sum(min_count=1)


def block_indicators(facts: pd.DataFrame, block: str) -> BlockIndicators:
    """Indicators of a block of capacity from facts of units, by the formulas of its table of standards.

    Parameters
    ----------
    facts : DataFrame
        Index: unit. Columns as the formulas name them (:func:`county_facts`), and ``population``: the official number
        of residents of the county, not the sum of its townships.
    block : {"government", "enterprise", "social", "family"}

    Returns
    -------
    BlockIndicators
        ``values``: units x indicators that can be told; a part of a formula that no unit has is left out of its mean.
        Division by zero gives 0, and True in ``zero_base``.

    Raises
    ------
    ConfigError
        The block is unknown.
    LayerError
        Not one indicator can be told.

    Warns
    -----
    RiskZoningWarning
        Indicators were not surveyed; a base is zero.

    Examples
    --------
    >>> facts = pd.DataFrame({"firm_people": [50.0, 10], "payout_wan": [90.0, 10]}, index=["a", "b"])
    >>> values, zero_base = block_indicators(facts.assign(population=[10000.0, 20000]), "enterprise")
    >>> values["firms"].to_dict()
    {'a': 50.0, 'b': 5.0}
    """
    values, zero, lacking = {}, {}, []
    for name, parts in _formulas(block).items():
        told = [one for one in (_part(facts, part) for part in parts) if one is not None]
        if not told:
            lacking.append(name)
            continue
        values[name] = pd.concat([part for part, _ in told], axis=1).mean(axis=1, skipna=False)
        zero[name] = pd.concat([flag for _, flag in told], axis=1).any(axis=1)
    if not values:
        raise LayerError(
            Problem("capacity.block_empty", _THING, block=Phrase(f"block_{block}"), facts=list(facts.columns))
        )
    if lacking:
        note(
            Problem("capacity.not_surveyed", _THING, severity="warning", block=Phrase(f"block_{block}"), names=lacking)
        )
    zeros = pd.DataFrame(zero, index=facts.index)
    if zeros.to_numpy().any():
        codes = [str(code) for code in zeros.index[zeros.any(axis=1)]]
        names = [str(name) for name in zeros.columns[zeros.any()]]
        note(Problem("capacity.zero_base", _THING, severity="warning", names=names, codes=codes))
    return BlockIndicators(pd.DataFrame(values, index=facts.index), zeros)


def _named(block: str) -> Phrase:
    return Phrase(f"block_{block}")


def _formulas(block: str) -> dict[str, list[Part]]:
    """The formulas of a block that have a weight."""
    if block not in BLOCKS:
        raise ConfigError(Problem("capacity.block", _THING, name=block, known=BLOCKS))
    groups = standards.table(f"capacity/{block}").data.values()
    pairs = [pair for group in groups for pair in group["indicators"].items()]
    return {name: facts["parts"] for name, facts in pairs if facts["weight"] > 0}


def _part(facts: pd.DataFrame, part: Part) -> tuple[pd.Series[float], pd.Series[bool]] | None:
    """A part of a formula and where its base is zero; None where a fact is unknown for all units."""
    names = [*part["of"], *([part["over"]] if "over" in part else [])]
    if not all(name in facts.columns and facts[name].notna().any() for name in names):
        return None
    amount = facts[part["of"]].astype(np.float64).sum(axis=1, skipna=False) * float(part.get("times", 1.0))
    if "over" not in part:
        return amount, pd.Series(False, index=facts.index)
    base = facts[part["over"]].astype(np.float64)
    return (amount / base.where(base != 0)).where(base != 0, 0.0), base == 0


def block_weights(block: str, present: Sequence[str] | None = None) -> dict[str, float]:
    """Weights of the indicators of a block, products of both steps, made to sum 1 over those that are present.

    Parameters
    ----------
    block : {"government", "enterprise", "social", "family"}
    present : sequence of str, optional
        Indicators that were surveyed; by default all with a weight. A group without any hands its weight to the others.

    Warns
    -----
    RiskZoningWarning
        Weights inside a group do not sum to 1 (those of the rescue teams are published with 1.10); they are divided by
        their sum.

    Examples
    --------
    >>> weights = block_weights("enterprise")
    >>> round(weights["firms"], 2), round(weights["insurance"], 2)
    (0.54, 0.46)
    """
    known = _formulas(block)
    chosen = set(known if present is None else present)
    out: dict[str, float] = {}
    for group, facts in standards.table(f"capacity/{block}").data.items():
        inside = {name: float(one["weight"]) for name, one in facts["indicators"].items() if name in known}
        total = sum(inside.values())
        if inside and abs(total - 1) > 1e-9:
            note(Problem("capacity.weights", _THING, severity="warning", group=group, total=total))
        here = {name: weight for name, weight in inside.items() if name in chosen}
        part = sum(here.values())
        out |= {name: float(facts["weight"]) * weight / part for name, weight in here.items()}
    whole = sum(out.values())
    return {name: weight / whole for name, weight in out.items()}


def block_index(indicators: pd.DataFrame, block: str) -> pd.DataFrame:
    """Capacity index of units in a block, and in each group of it (by the weights inside the group).

    Parameters
    ----------
    indicators : DataFrame
        Units x indicators, from :func:`block_indicators`.
    block : {"government", "enterprise", "social", "family"}

    Returns
    -------
    DataFrame
        Index: unit; ``index grade grade_name d_plus d_minus`` of the block (:func:`capacity_index`), and a column
        ``<group>_index`` for each group that has an indicator.

    Raises
    ------
    LayerError
        Fewer than three units.

    Examples
    --------
    >>> values = pd.DataFrame({"firms": [1.0, 2, 3], "insurance": [3.0, 2, 1]}, index=["a", "b", "c"])
    >>> block_index(values, "enterprise")[["index", "insurance_index"]].round(3).values.tolist()
    [[0.46, 1.0], [0.5, 0.5], [0.54, 0.0]]
    """
    weights = block_weights(block, list(indicators.columns))
    out = capacity_index(indicators[list(weights)], weights)
    for group, facts in standards.table(f"capacity/{block}").data.items():
        inside = {name: weights[name] for name in facts["indicators"] if name in weights}
        # A group that is the same in all units tells none apart.
        if inside and (indicators[list(inside)].max() > indicators[list(inside)].min()).any():
            total = sum(inside.values())
            part = capacity_index(indicators[list(inside)], {name: weight / total for name, weight in inside.items()})
            out[part_index(group)] = part["index"]
    return out
