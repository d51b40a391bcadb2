"""Capacity of townships and counties: grass roots, the four blocks of the county, their synthesis, teams."""

from __future__ import annotations

import numpy as np
import pandas as pd

from riskzoning import capacity
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.pipeline.stages.assessments.given import Given, Tables

_COLUMNS = ["code", "level", "block", "index", "grade", "grade_name", "d_plus", "d_minus"]
# Share of the units without a base from which an indicator is left out.
_MOST_ZERO = 0.5
# A block is assessed when its own form is there: what other forms know of it is not enough.
_OWN_FORM = {
    "government": "cap_government", "enterprise": "cap_enterprise", "social": "cap_social", "family": "cap_household",
}  # fmt: skip
_FORMS = {
    "township": ("cap_township", capacity.township_indicators),
    "community": ("cap_community", capacity.community_indicators),
}


def tables(given: Given) -> Tables:
    """Tables of capacity from the forms of its blocks."""
    out: Tables = {}
    parts, indicators = _grassroots(given)
    county, more = _counties(given, parts)
    parts, indicators = [*parts, *county], [*indicators, *more]
    if parts:
        out["capacity"] = pd.concat(parts, ignore_index=True).reindex(columns=_COLUMNS)
    if indicators:
        out["capacity_indicators"] = pd.concat(indicators, ignore_index=True)
    teams = given.form("rescue_team")
    if teams is not None:
        short = capacity.short_teams(teams)
        out["teams_too_small"] = short[["team_id", "name", "level", "people", "required", "missing"]]
    return out


def _grassroots(given: Given) -> tuple[list[pd.DataFrame], list[pd.DataFrame]]:
    """Index and indicators of townships, and of their communities."""
    parts, indicators = [], []
    for block, (name, made) in _FORMS.items():
        form = given.form(name)
        if form is not None:
            values = made(form)
            index = capacity.capacity_index(values, capacity.grassroots_weights(block))
            parts.append(_named(index, "township", block))
            indicators.append(_tidy(values, "township", block))
    return parts, indicators


def _counties(given: Given, townships: list[pd.DataFrame]) -> tuple[list[pd.DataFrame], list[pd.DataFrame]]:
    """The grass-roots index of counties, their four blocks, and the synthesis of all six."""
    county_of = given.over("county", "township")
    means = {
        str(part["block"].iloc[0]): part.set_index("code")["index"].groupby(lambda code: county_of.get(code)).mean()
        for part in townships
    }
    parts: list[pd.DataFrame] = []
    indicators: list[pd.DataFrame] = []
    if len(means) == 2:
        blocks = {str(part["block"].iloc[0]): part.set_index("code")["index"] for part in townships}
        index = capacity.grassroots_index(blocks["township"], blocks["community"], county_of)
        graded = capacity.combined_blocks(index.rename("grassroots").to_frame(), {"grassroots": 1.0})
        parts.append(_named(graded, "county", "both"))
    facts = _facts(given)
    if facts is None:
        return parts, indicators
    for block in capacity.BLOCKS:
        told = _block(facts, block) if given.form(_OWN_FORM[block]) is not None else None
        if told is not None:
            table, values, zero = told
            means[block] = table["index"]
            parts.append(_named(table, "county", block))
            indicators.append(_tidy(values, "county", block, zero))
    if set(means) - set(_FORMS):
        every = capacity.combined_blocks(pd.DataFrame(means).reindex(given.codes("county")))
        parts.append(_named(every.dropna(subset=["index"]), "county", "all"))
    return parts, indicators


def _block(facts: pd.DataFrame, block: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame] | None:
    """Index, indicators and zero bases of a block of counties; None where it cannot be told, which is said."""
    try:
        told = capacity.block_indicators(facts, block)
        values = told.values.drop(columns=_mostly_without_base(told.zero_base))
        return capacity.block_index(values, block), told.values, told.zero_base
    except LayerError as error:
        for problem in error.problems:
            note(problem.at(severity="warning"))
        return None


def _mostly_without_base(zero: pd.DataFrame) -> list[str]:
    """Indicators without a base in most counties: they tell where a hazard is, not what is done against it."""
    share = zero.mean()
    names = [str(name) for name in share.index[share > _MOST_ZERO]]
    if names:
        note(Problem("dropped.capacity_indicators", Phrase("capacity_index"), severity="warning", names=names))
    return names


def _facts(given: Given) -> pd.DataFrame | None:
    """Facts of counties with their residents, area and product; None where the study has no counties."""
    codes = given.codes("county")
    if not codes:
        return None
    facts = capacity.county_facts({name: pd.DataFrame(form) for name, form in given.forms.items()}, codes)
    facts["area_km2"] = given.areas.reindex(codes).to_numpy()
    people, product = given.count("population", "county"), given.count("gdp_yuan", "county")
    official = _last(given, "pop_end")
    counted = people if official is None else official.combine_first(people) if people is not None else official
    if counted is not None:
        facts["population"] = counted.reindex(codes).to_numpy()
    roads = given.count("road_km", "county")
    if "road_km" not in facts and roads is not None:
        facts["road_km"] = roads.reindex(codes).to_numpy()
    if "gdp_wan" not in facts and product is not None:
        facts["gdp_wan"] = product.reindex(codes).to_numpy() / 1e4
    return facts


def _last(given: Given, field: str) -> pd.Series | None:
    """A figure of the last year of the annual record by county: the official number of residents."""
    annual = given.form("his_annual")
    if annual is None or not {"adcode6", "year", field} <= set(annual.columns):
        return None
    rows = annual[annual[field].notna() & (annual["year"] == annual["year"].max())]
    figures = rows[field].astype(np.float64).groupby(rows["adcode6"].astype(str)).median()
    return figures if len(figures) else None


def _named(index: pd.DataFrame, level: str, block: str) -> pd.DataFrame:
    return index.rename_axis("code").reset_index().assign(level=level, block=block)


def _tidy(values: pd.DataFrame, level: str, block: str, zero: pd.DataFrame | None = None) -> pd.DataFrame:
    """Indicators as rows, with the place of the unit among all (1 strongest)."""
    long = values.rename_axis("code").reset_index().melt("code", var_name="indicator", value_name="value")
    long["place"] = long.groupby("indicator")["value"].rank(ascending=False, method="min")
    long["zero_base"] = False if zero is None else zero.reset_index(drop=True).melt()["value"].to_numpy()
    out = long.assign(level=level, block=block)
    return out[["code", "level", "block", "indicator", "value", "place", "zero_base"]]
