"""A changed weight: the changed study beside the first run, and the same from the beginning; grades are equal."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.bench_study import STUDY
from benchmarks.contest import PART, Call, Case, Contestant, DifferenceError, Result, Workload

_MORE = 1.5
# Without what is written for people: what is left is to compute.
_NOTHING = dict.fromkeys(("maps", "site", "report", "tables", "workbook", "database"), False)


def _cases(size: str) -> list[Case]:
    path = os.environ.get(STUDY, "")
    return [Case(path or "sample city", 1, {"study": path})]


def _start(case: Case, *, reuse: bool, only: str | None, printed: bool) -> Call:
    import tempfile

    from riskzoning.config import load_study
    from riskzoning.pipeline import run_study
    from riskzoning.samples import sample_study

    study = load_study(case.params["study"] or sample_study())
    study = study if printed else study.with_(outputs=_NOTHING)
    kept = tempfile.TemporaryDirectory(prefix="riskzoning-bench-")
    first = Path(kept.name) / "first"
    names = [item.hazard for item in study.hazards]
    weights = {name: 1.0 if number else _MORE for number, name in enumerate(names)}
    total = sum(weights.values())
    changed = study.with_(weights={"fixed": {name: weight / total for name, weight in weights.items()}})
    # Both have run once before: what a process does a single time is no part of the comparison.
    run_study(study, out=first)

    def call() -> Result:
        with tempfile.TemporaryDirectory(prefix="riskzoning-bench-", dir=kept.name) as folder:
            result = run_study(changed, out=Path(folder) / "out", reuse=first if reuse else None, only=only)
            finest = result.units[result.levels[-1]]
            seconds = {f"{PART}{stage}": np.float64(spent) for stage, spent in result.record["timings"].items()}
            return {"grades": finest["multi_risk_grade"].to_numpy(), **seconds}

    return call


def _agree(ours: Result, theirs: Result, peer: str) -> None:
    if not np.array_equal(ours["grades"], theirs["grades"]):
        raise DifferenceError("the grades of the changed study differ")


def _workload(name: str, only: str | None, *, printed: bool) -> Workload:
    """Both do the same work, to the same stage and with the same outputs; one of them has an earlier run beside it."""
    needs = ("riskzoning.pipeline",)
    contestants = {
        called: Contestant(partial(_start, reuse=reuse, only=only, printed=printed), needs)
        for called, reuse in (("ours", True), ("the whole run", False))
    }
    return Workload(name, _cases, contestants, _agree, rounds=1, warm=False)


WORKLOADS = [
    _workload("what-if", None, printed=True),
    _workload("what-if-computed", None, printed=False),
    _workload("what-if-grades", "grade", printed=False),
]
