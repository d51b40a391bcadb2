"""The harness itself: order, comparison before the clock, skipped peers, verdicts. Nothing here depends on a time."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import harness, report
from benchmarks.contest import Case, Contestant, DifferenceError, Workload, cached_file, same

TOY = """
from pathlib import Path
import numpy as np
from benchmarks.contest import Contestant, Workload, same, PART

def contestant(name, value, needs=()):
    def start(case):
        print("a library talks on stdout")
        def call():
            with Path(case.params["log"]).open("a") as log:
                log.write(name + " ")
            if value is None:
                raise ValueError("out of luck")
            return {"sum": np.array([value]), PART + "thinking": np.array(0.5)}
        return call
    return Contestant(start, needs)

def agree(ours, theirs, peer):
    same(ours, theirs, relative=1e-6)

def workload(**others):
    every = {"ours": contestant("ours", 3.0), **{n: contestant(n, *v) for n, v in others.items()}}
    return Workload("toy", lambda size: [], every, agree)

WORKLOADS = [workload(peer=(3.0,), liar=(4.0,), broken=(None,), absent=(3.0, ("no_such_module",)))]
"""


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Workload, Case, Path]:
    """A workload in a module that worker processes can import, a case, and the log of its calls."""
    (tmp_path / "toy_bench.py").write_text(TOY, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}")
    monkeypatch.delitem(__import__("sys").modules, "toy_bench", raising=False)
    import toy_bench

    log = tmp_path / "log.txt"
    return toy_bench.WORKLOADS[0], Case("toy", 10, {"log": str(log)}), log


def test_contestants_take_turns_after_one_call_each(toy: tuple[Workload, Case, Path]) -> None:
    workload, case, log = toy
    found = harness.compete("toy_bench", workload, case, ["ours", "peer"], rounds=3)
    assert log.read_text().split() == ["ours", "peer"] * 4
    assert [len(entry["seconds"]) for entry in found.values()] == [3, 3]
    assert found["ours"]["parts"] == {"thinking": 0.5}
    assert all(entry["peak_mb"] > 0 and entry["imports_mb"] > 0 for entry in found.values())


def test_a_difference_stops_before_any_time_is_taken(toy: tuple[Workload, Case, Path]) -> None:
    workload, case, log = toy
    with pytest.raises(DifferenceError, match="liar"):
        harness.compete("toy_bench", workload, case, ["ours", "liar"], rounds=3)
    assert log.read_text().split() == ["ours", "liar"]


def test_a_contestant_that_stops_is_named(toy: tuple[Workload, Case, Path]) -> None:
    workload, case, _ = toy
    with pytest.raises(harness.ContestantError, match="broken: ValueError: out of luck"):
        harness.compete("toy_bench", workload, case, ["ours", "broken"], rounds=1)


def test_absent_peers_are_skipped_by_name(toy: tuple[Workload, Case, Path]) -> None:
    assert harness.missing(toy[0]) == {"absent": "no_such_module"}


def entry(*seconds: float, peak: float = 300.0) -> dict[str, Any]:
    return {
        "seconds": list(seconds), "peak_mb": peak, "imports_mb": 200.0, "imports_s": 1.0, "first_s": 2.0,
        "ready_mb": 210.0, "parts": {},
    }  # fmt: skip


def record(ours: list[float], peer: list[float], *growth: dict[str, Any]) -> dict[str, Any]:
    main = {
        "case": {"title": "1e6", "n": 100.0, "growth": ""},
        "contestants": {"ours": entry(*ours), "peer": entry(*peer)},
    }
    return {"name": "toy", "size": "s", "cases": [main, *growth], "skipped": {"other": "other_module"}}


@pytest.mark.parametrize(
    ("ours", "goal", "expected"),
    [
        ([1.0, 1.1, 1.2], 0.5, "met"),
        ([1.0, 1.1, 1.2], 0.11, "noisy"),
        ([1.3, 1.4, 1.5], 0.1, "missed"),
        ([1.6, 1.7, 1.8], 0.1, "failed"),
    ],
)
def test_a_ratio_beside_its_goal(ours: list[float], goal: float, expected: str) -> None:
    (verdict,) = harness.verdicts(record(ours, [10.0, 10.0, 10.0]), {"ratio": {"peer": goal}})
    assert verdict["value"] == pytest.approx(ours[0] / 10)
    assert (verdict["low"], verdict["high"]) == pytest.approx((ours[0] / 10, ours[-1] / 10))
    assert verdict["noisy"] == (expected == "noisy")
    assert verdict["missed"] == (expected in ("missed", "failed"))
    assert verdict["failed"] == (expected == "failed")


def test_growth_and_memory_beside_their_goals() -> None:
    small = {"case": {"title": "", "n": 25.0, "growth": "cells"}, "contestants": {"ours": entry(0.25, 0.25)}}
    goals = {"ratio": {}, "cells_exponent": 1.1, "over_imports_mb": 90, "peak_mb": 400}
    found = {v["what"]: v for v in harness.verdicts(record([1.0, 2.0], [4.0, 4.0], small), goals)}
    assert found["exponent in cells"]["value"] == pytest.approx(1.0)
    assert found["exponent in cells"]["high"] == pytest.approx(1.5)
    assert found["over_imports_mb"]["value"] == pytest.approx(100)
    assert found["over_imports_mb"]["missed"]
    assert not found["peak_mb"]["missed"]


def test_parts_and_amounts_have_a_limit_where_they_were_measured() -> None:
    made = record([1.0], [4.0])
    made["cases"][0]["contestants"]["ours"] |= {"parts": {"first draw": 1.5}, "amounts": {"MB": 6.0}}
    verdicts = harness.verdicts(made, {"ratio": {}, "most": {"first draw": 2.0, "MB": 5.0, "absent": 1.0}})
    assert [(row["what"], row["missed"]) for row in verdicts[1:]] == [("first draw", False), ("MB", True)]


def test_goals_of_a_size_replace_single_entries(tmp_path: Path) -> None:
    path = tmp_path / "goals.toml"
    path.write_text("[a]\nratio = { p = 1, q = 2 }\npeak_mb = 5\n[a.s]\nratio = { p = 3 }\n", encoding="utf-8")
    assert harness.goals_of("a", "s", path) == {"ratio": {"p": 3, "q": 2}, "peak_mb": 5}
    assert harness.goals_of("a", "m", path) == {"ratio": {"p": 1, "q": 2}, "peak_mb": 5}
    assert harness.goals_of("b", "m", path) == {"ratio": {}}


def test_every_goal_belongs_to_something_that_is_measured() -> None:
    modules = harness.declared()
    goals = tomllib.loads(Path(harness.__file__).with_name("goals.toml").read_text(encoding="utf-8"))
    # Without a database server that load is not measured.
    assert set(goals) - set(modules) <= {"database-load"}
    assert set(modules) <= set(goals)
    for name, module in modules.items():
        workload = next(w for w in __import__(module, fromlist=["x"]).WORKLOADS if w.name == name)
        for size in ("s", "m", "l"):
            found = harness.goals_of(name, size)
            assert set(found["ratio"]) <= set(workload.contestants) - {"ours"}
            growths = {case.growth for case in workload.cases(size)} - {""}
            assert {key.removesuffix("_exponent") for key in found if key.endswith("_exponent")} <= growths
            assert [case.growth for case in workload.cases(size)].count("") == 1


def test_names_choose_workloads() -> None:
    assert harness.chosen(["zonal-file"]) == ["zonal-file"]
    assert len(harness.chosen(["zonal"])) > 2
    with pytest.raises(LookupError, match="nothing-like-it"):
        harness.chosen(["nothing-like-it"])


def test_exit_codes_and_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any) -> None:
    made = record([1.6], [10.0])
    made["verdicts"] = harness.verdicts(made, {"ratio": {"peer": 0.1}})
    monkeypatch.setattr(harness, "measure", lambda *_, **__: made)
    document, data = tmp_path / "performance.md", tmp_path / "m.json"
    assert command.main(["zonal-file", "--document", str(document), "--json", str(data)]) == 1
    assert "ratio to peer 0.16 (goal 0.1, failed)" in capsys.readouterr().out
    assert json.loads(data.read_text())["surroundings"]["versions"]["numpy"] == np.__version__
    text = document.read_text()
    assert "| toy: 1e6 | peer | 10 s |" in text
    assert "| toy | ratio to peer | 0.16 |" in text
    assert "other_module absent" in text
    # The same document comes from the stored numbers alone.
    again = tmp_path / "again.md"
    assert command.main(["--from", str(data), "--document", str(again)]) == 0
    assert again.read_text() == text
    assert command.main(["no-such-workload"]) == 2


def test_failures_are_counted(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def measure(*_: Any, **__: Any) -> Any:
        raise DifferenceError("other results")

    monkeypatch.setattr(harness, "measure", measure)
    assert command.main(["zonal-file"]) == 1
    assert "FAILED. other results" in capsys.readouterr().out


def test_lines_show_parts() -> None:
    made = record([1.0], [10.0])
    made["cases"][0]["contestants"]["ours"]["parts"] = {"prepare": 2.5}
    made["verdicts"] = []
    assert report.line(made).endswith("peak 300 of 300 MB, prepare 2.5 s")


def test_results_are_compared_by_value_and_place() -> None:
    same({"a": np.array([1.0, np.nan])}, {"a": np.array([1.0 + 1e-9, np.nan])}, relative=1e-6)
    with pytest.raises(DifferenceError, match="differs"):
        same({"a": np.array([1.0])}, {"a": np.array([1.1])}, relative=1e-6)
    with pytest.raises(DifferenceError, match="missing"):
        same({"a": np.array([np.nan])}, {"a": np.array([1.0])}, relative=1e-6)
    with pytest.raises(DifferenceError, match="shape"):
        same({"a": np.zeros(2)}, {"a": np.zeros(3)}, relative=1e-6)


def test_cached_files_are_whole_or_absent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    calls = []

    def write(path: Path) -> None:
        calls.append(path)
        path.write_text("half", encoding="utf-8")
        if len(calls) == 1:
            raise RuntimeError("disk full")

    with pytest.raises(RuntimeError):
        cached_file("toy", ".txt", write, seed=1)
    assert not list((tmp_path / "riskzoning" / "benchmarks").iterdir())
    path = cached_file("toy", ".txt", write, seed=1)
    assert cached_file("toy", ".txt", write, seed=1) == path
    assert cached_file("toy", ".txt", write, seed=2) != path
    assert len(calls) == 3


def test_contestants_declare_what_they_need() -> None:
    assert Contestant(lambda case: lambda: {}).needs == ()


def test_some_workloads_are_renewed_in_a_document_and_the_rest_stays() -> None:
    def entry(seconds: float) -> dict[str, Any]:
        return {"seconds": [seconds], "first_s": 1.0, "imports_s": 1.0, "imports_mb": 1.0, "peak_mb": 1.0,
                "parts": {"check": seconds}}  # fmt: skip

    def measured(commit: str, seconds: float, *names: str) -> dict[str, Any]:
        rows = [{"case": {"title": "t", "growth": ""}, "contestants": {"ours": entry(seconds)}}]
        verdict = {"what": "ratio to x", "value": 1.0, "low": 1.0, "high": 1.0, "goal": None, "missed": False}
        one = {"skipped": {}, "verdicts": [{**verdict, "noisy": False, "failed": False}], "cases": rows}
        around = {"date": "d", "commit": commit, "machine": "m", "load": 1, "system": "s", "versions": {}}
        return {"size": "m", "surroundings": around, "workloads": [{"name": name, **one} for name in names]}

    old = report.document([measured("first", 2.0, "study", "zonal-layer")])
    new = report.renewed(old, measured("second", 3.0, "study"))
    assert new.startswith(old.split("## ")[0])
    kept, renewed = new.split("## Size m")[1:]
    assert "zonal-layer: t" in kept
    assert "zonal-layer, t, by part:" in kept
    assert "study" not in kept
    assert renewed.startswith(": study\n\nd, code second;")
    assert "| study: t | ours | 3 s |" in renewed
    again = report.renewed(new, measured("third", 4.0, "study"))
    assert again.count("## Size m") == 2
    assert "second" not in again
