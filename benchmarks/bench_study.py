"""A whole study from its files to its maps, by stage: the sample city, or the study named with ``--study``."""

from __future__ import annotations

import os

from benchmarks.contest import PART, Call, Case, Contestant, Result, Workload

# The command line hands the path of another study on through this variable.
STUDY = "RISKZONING_BENCH_STUDY"


def _cases(size: str) -> list[Case]:
    path = os.environ.get(STUDY, "")
    return [Case(path or "sample city", 1, {"study": path})]


def _start(case: Case) -> Call:
    import json
    import tempfile
    from pathlib import Path

    from riskzoning.config import load_study
    from riskzoning.pipeline import run_study
    from riskzoning.samples import sample_study

    study = load_study(case.params["study"] or sample_study())

    def call() -> Result:
        with tempfile.TemporaryDirectory(prefix="riskzoning-bench-") as folder:
            run_study(study, out=Path(folder) / "out")
            record = json.loads((Path(folder) / "out" / "run.json").read_text(encoding="utf-8"))
        return {f"{PART}{stage}": seconds for stage, seconds in record["timings"].items()}

    return call


WORKLOADS = [
    Workload(
        "study",
        _cases,
        {"ours": Contestant(_start, ("riskzoning.pipeline",))},
        lambda ours, theirs, peer: None,
        rounds=1,
        warm=False,
    )
]
