"""Recorded disasters of the units: what they had, return periods, targets of the plan, single events."""

from __future__ import annotations

from riskzoning.history import yearly
from riskzoning.pipeline.stages.assessments.given import Given, Tables


def tables(given: Given) -> Tables:
    """Tables of the history from its two forms."""
    out: Tables = {}
    annual, events = given.form("his_annual"), given.form("his_event")
    if annual is not None:
        records = yearly.yearly_records(annual, events)
        levels = {level: units for level, units in given.levels("county").items() if units}
        if len(records) and levels:
            out["history"] = yearly.unit_history(records, levels)
            out["history_targets"] = yearly.unit_targets(records, levels)
            out["history_return_periods"] = yearly.unit_return_periods(records, levels)
    if events is not None:
        out["history_events"] = yearly.event_table(events)
    return out
