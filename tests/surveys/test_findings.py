"""Findings as a table: one row a problem, sorted by place, in both languages."""

from __future__ import annotations

import numpy as np
import pandas as pd

from riskzoning.surveys.findings import COLUMNS, Findings, Places, problems, table
from riskzoning.surveys.forms import form

PLACES = Places(("a.xlsx",), ("一",), np.zeros(3, dtype=np.int32), np.zeros(3, dtype=np.int32), np.array([4, 5, 6]))
KEYS = pd.Series(["k1", "k2", "k3"], dtype=object)


def test_rows_are_sorted_by_place_and_worst_first() -> None:
    findings = Findings()
    findings.add("Q12.outlier", [2], field="capacity", severity="warning", value=np.array([9.0]), usual=np.array([1.0]))
    findings.add("Q02.negative", np.array([True, False, True]), field="capacity", value=np.array([-1.0, -2.0]))
    out = table(findings, form("shelter"), PLACES, KEYS, "zh")
    assert tuple(out.columns) == COLUMNS
    assert out[["row", "rule", "severity", "key"]].to_numpy().tolist() == [
        [4, "Q02", "error", "k1"],
        [6, "Q02", "error", "k3"],
        [6, "Q12", "warning", "k3"],
    ]
    assert out["found"].tolist()[0] == "是 -1"
    assert out["field"].unique().tolist() == ["可容纳人数(人)"]


def test_what_stands_at_no_row_names_its_file_and_key() -> None:
    findings = Findings()
    findings.about_all("Q01.missing", field="shelter_id", key="410702001", like=1, code="410702001", name="某镇")
    row = table(findings, form("shelter"), PLACES, KEYS, "en").iloc[0]
    assert row["row"] is pd.NA
    assert (row["file"], row["sheet"], row["key"]) == ("a.xlsx", "一", "410702001")


def test_fields_in_sentences_are_titles() -> None:
    findings = Findings()
    of = form("shelter")
    findings.add(
        "Q08.at_most",
        [0],
        field="capacity",
        value=np.array([2.0]),
        other=np.array([1.0]),
        than=of.by_name["area_m2"],
        factor=1.0,
    )
    (zh,), (en,) = (list(problems(findings, of, PLACES, lang)) for lang in ("zh", "en"))
    assert "有效避难面积" in zh.text("zh")
    assert "Effective area" in en.text("en")
    assert findings.count("error") == 1
