"""A comparison leaves a table that reads back, the summary in both languages and a map; what is the user's stays."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from riskzoning.comparison import compare, write_comparison
from riskzoning.errors import Journal, hearing
from riskzoning.samples import toy_result


def test_the_table_reads_back_and_a_second_time_gives_the_same_bytes(tmp_path: Path) -> None:
    both = compare(toy_result(), toy_result(seed=2))
    written = write_comparison(both, tmp_path, lang="en")
    assert [path.name for path in written] == ["changes.csv", "summary_zh.txt", "summary_en.txt", "change.png"]
    table = pd.read_csv(written[0], encoding="utf-8-sig", dtype={"code": str})
    assert table["after"].tolist() == both.changes["after"].tolist()
    first = [path.read_bytes() for path in written]
    with hearing(Journal()) as journal:
        write_comparison(both, tmp_path, lang="en")
    assert [path.read_bytes() for path in written] == first
    assert not journal.warnings
    assert "等级" in written[1].read_text(encoding="utf-8")


def test_a_file_of_the_user_is_kept(tmp_path: Path) -> None:
    (tmp_path / "changes.csv").write_text("mine", encoding="utf-8")
    with hearing(Journal()) as journal:
        write_comparison(compare(toy_result(), toy_result()), tmp_path)
    assert [problem.rule for problem in journal.warnings] == ["output.kept"]
    assert (tmp_path / "changes.kept-1.csv").read_text(encoding="utf-8") == "mine"
