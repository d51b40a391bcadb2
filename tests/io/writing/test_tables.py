"""Tables and records: no formula, no NaN, the same bytes."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskzoning import io


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-x", "@sum", "\t=1"])
def test_cells_never_run_as_formulas(tmp_path: Path, text: str) -> None:
    frame = pd.DataFrame({"name": [text]})
    io.write_csv(tmp_path / "a.csv", frame)
    io.write_workbook(tmp_path / "a.xlsx", {"a": frame})
    for found in (pd.read_csv(tmp_path / "a.csv")["name"][0], pd.read_excel(tmp_path / "a.xlsx")["name"][0]):
        assert found.startswith("'")


def test_json_has_no_nan(tmp_path: Path) -> None:
    io.write_json(tmp_path / "a.json", {"b": np.nan, "a": [np.int64(1), np.float32(0.5), Path("x")], "乡": True})
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"a": [1, 0.5, "x"], "b": None, "乡": True}


def test_workbooks_have_the_same_bytes_later(tmp_path: Path) -> None:
    for name in ("a", "b"):
        io.write_workbook(tmp_path / f"{name}.xlsx", {"t": pd.DataFrame({"x": [1.5]})}, date="2026-06-30")
        time.sleep(1.1)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
