"""Scores of a check: share of rows that pass each rule, and the quality score of each form and unit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.surveys.accepting import left_out
from riskzoning.surveys.checking import Checked
from riskzoning.surveys.context import Context

_ALL = ""


def scores(checked: Sequence[Checked], context: Context, *, force: bool = False) -> pd.DataFrame:
    """Quality scores (质检得分): one row a form and unit (county; empty for all), 100 is without a fault.

    Columns ``form code rows accepted rejected errors warnings score`` and the share of rows that pass each rule;
    accepted and rejected rows are together all rows, with ``force`` as they are when errors are forced. The score is
    100 minus the share of rows that break a rule, times 100 for errors and 20 for warnings, summed over the rules; 0 at
    least.
    """
    weights = standards.table("surveys/quality").data["score"]
    rows = []
    for item in checked:
        county = context.county(item.records) if len(item.records.frame) else np.array([], dtype=object)
        out = left_out(item, force=force)
        for code in (_ALL, *sorted({str(name) for name in county} - {_ALL})):
            mask = np.ones(len(county), dtype=bool) if code == _ALL else county == code
            rejected = int((out & mask).sum())
            counts = {"rows": int(mask.sum()), "accepted": int(mask.sum()) - rejected, "rejected": rejected}
            values = _of(item, mask, county, code, weights)
            rows.append({"form": item.records.form.name, "code": code, **counts, **values})
    return pd.DataFrame(rows)


def _of(item: Checked, mask: np.ndarray, county: np.ndarray, code: str, weights: dict[str, float]) -> dict[str, float]:
    size = int(mask.sum())
    failing: dict[tuple[str, str], set[int]] = {}
    absent = {"error": 0, "warning": 0}
    for finding in item.findings.items:
        rule = finding.rule.split(".", 1)[0]
        if finding.severity == "info":
            continue
        if finding.rows[0] >= 0:
            failing.setdefault((rule, finding.severity), set()).update(finding.rows[mask[finding.rows]].tolist())
        elif code == _ALL or (finding.like >= 0 and county[finding.like] == code):
            absent[finding.severity] += 1
            # A record that is missing weighs like a row that is wrong.
            failing.setdefault((rule, finding.severity), set()).add(-1 - len(failing))
    lost = sum(weights[severity] * len(bad) / max(size, 1) for (_, severity), bad in failing.items())
    out: dict[str, float] = {}
    for severity in ("error", "warning"):
        wrong = {row for (_, kind), bad in failing.items() if kind == severity for row in bad if row >= 0}
        out[f"{severity}s"] = len(wrong) + absent[severity]
    out["score"] = round(max(0.0, 100.0 - lost), 2)
    for rule in sorted({rule for rule, _ in failing}):
        bad_rows = {row for (name, _), bad in failing.items() if name == rule for row in bad}
        out[rule] = round(1 - len(bad_rows) / max(size, 1), 4)
    return out
