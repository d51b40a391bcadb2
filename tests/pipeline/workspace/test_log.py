"""The log has one JSON object a line, also when a run fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from riskzoning.errors import LayerError, Problem
from riskzoning.pipeline.workspace.log import RunLog
from riskzoning.pipeline.workspace.progress import Silent


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_failure_is_the_last_line_with_its_problems(tmp_path: Path) -> None:
    log = RunLog(tmp_path / "log.jsonl", Silent())

    def fail() -> None:
        with log.run(run_id="a"):
            log.step("grade", 0.5, "乡镇")
            raise LayerError(Problem("example.empty", "dem.tif"))

    with pytest.raises(LayerError):
        fail()
    found = lines(log.path)
    assert [row["event"] for row in found] == ["run_started", "step", "run_failed"]
    assert found[1]["text"] == "乡镇"
    assert found[2]["problems"][0]["file"] == "dem.tif"  # type: ignore[index]
    assert all(str(row["time"]).endswith("+00:00") for row in found)


def test_a_resumed_run_goes_on_in_the_log_and_a_new_one_starts_it(tmp_path: Path) -> None:
    for append, count in ((False, 1), (True, 2), (False, 1)):
        RunLog(tmp_path / "log.jsonl", Silent(), append=append).say("x")
        assert len(lines(tmp_path / "log.jsonl")) == count


def test_every_line_is_json_for_every_reader(tmp_path: Path) -> None:
    log = RunLog(tmp_path / "log.jsonl", Silent())
    log.event("said", share=float("nan"), values=[1.5, float("inf")], path=tmp_path / "a.tif")
    line = json.loads((tmp_path / "log.jsonl").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert line["share"] is None
    assert line["values"] == [1.5, None]
    assert line["path"].endswith("a.tif")
