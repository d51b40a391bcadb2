"""Recorded disasters of the units: what they had, return periods, targets of the plan, single events."""

from __future__ import annotations

import pandas as pd

from riskzoning.history import yearly
from riskzoning.history.holdout import worst_years
from riskzoning.pipeline.stages.assessments.given import Given, Tables
from riskzoning.pipeline.stages.recorded import Recorded, targets_table
from riskzoning.pipeline.state import Assessed, Graded


def tables(given: Given) -> Tables:
    """Tables of the history from its two forms."""
    out: Tables = {}
    annual, events = given.form("his_annual"), given.form("his_event")
    if annual is not None:
        records = yearly.yearly_records(annual, events)
        levels = {level: units for level, units in given.levels("county").items() if units}
        if len(records) and levels:
            years = yearly.YearsOf(records, levels)
            out["history"] = yearly.unit_history(records, levels, years=years)
            out["history_targets"] = yearly.unit_targets(records, levels, years)
            out["history_return_periods"] = yearly.unit_return_periods(records, levels, years)
            out["history_holdout"] = worst_years(records, levels["county"])
            out |= _targets(given, records, next(iter(levels.values())))
    if events is not None:
        out["history_events"] = yearly.event_table(events)
    return out


def _targets(given: Given, records: pd.DataFrame, unit_of: dict[str, str]) -> Tables:
    """The targets of the whole area: accepted rows of the form go before a plain table of the history."""
    if len(set(unit_of.values())) != 1:
        return {}
    annual = yearly.unit_years(records, unit_of).drop(columns="code")
    segments = given.made.of(Assessed).segments if given.made.has(Assessed) else None
    return {"targets": targets_table(given.made.of(Graded).units, Recorded(pd.DataFrame(), annual), segments)}
