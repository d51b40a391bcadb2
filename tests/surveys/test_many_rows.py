"""A million buildings: bounded time and memory (slow)."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROWS = 1_000_000
_CHECK = """
    import sys, time
    from riskzoning.surveys.checking import check_files
    from riskzoning.surveys.context import Context
    from riskzoning.surveys.reading import survey_tables
    begin = time.process_time()
    checked = check_files({"exp_building": list(survey_tables(sys.argv[1]))}, Context())["exp_building"]
    wrong = {item.rule: item.rows.size for item in checked.findings.items if item.severity != "info"}
    # The most that this program has held; getrusage tells also what its parent held when it began it.
    (memory,) = [row.split()[1] for row in open("/proc/self/status") if row.startswith("VmHWM")]
    print(len(checked.records.frame), wrong, time.process_time() - begin, memory)
"""


def buildings(count: int) -> pd.DataFrame:
    random = np.random.default_rng(7)
    towns = np.array([f"41070200{n}" for n in range(1, 9)])[random.integers(0, 8, count)]
    storeys = random.integers(1, 7, count)
    return pd.DataFrame(
        {
            "房屋编码": [f"B{n:08d}" for n in range(count)],
            "县级代码": "410702",
            "乡镇代码": towns,
            "村(社区)代码": np.char.add(towns.astype(str), "201"),
            "经度": random.uniform(113.8, 114.2, count).round(6),
            "纬度": random.uniform(35.0, 35.2, count).round(6),
            "房屋类别": np.array(["城镇住宅", "农村独立住宅"])[random.integers(0, 2, count)],
            "结构类型": random.integers(1, 4, count),
            "建筑面积(m2)": random.uniform(40, 900, count).round(1),
            "地上层数": storeys,
            "建筑高度(m)": (3.1 * storeys).round(1),
            "建成年份": random.integers(1950, 2021, count),
            "调查日期": "2021-05-11",
        }
    )


@pytest.mark.slow
def test_a_million_rows_are_streamed(tmp_path: Path) -> None:
    rows = buildings(ROWS).astype({"建筑面积(m2)": object})
    rows.loc[[5, 500_000], "建筑面积(m2)"] = ["约200", -3]
    rows.to_csv(tmp_path / "buildings.csv", index=False)
    script = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(_CHECK), str(tmp_path / "buildings.csv")]
    out = subprocess.run(script, check=True, capture_output=True, text=True).stdout
    count, rest = out.split(" ", 1)
    wrong, seconds, kilobytes = rest.rsplit(" ", 2)
    assert int(count) == ROWS
    assert "'Q02.number': 1" in wrong
    assert "'Q02.negative': 1" in wrong
    assert float(seconds) < 60
    assert int(kilobytes) < 1.5e6
