"""What a user waits for before anything happens: ``import riskzoning`` and ``riskzoning --help``."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.contest import Call, Case, Contestant, Result, Workload

_HELP = "import sys; sys.argv = ['riskzoning', '--help']; from riskzoning.cli import main; main()"


def _starting(code: str) -> Callable[[Case], Call]:
    def start(case: Case) -> Call:
        import subprocess
        import sys

        def call() -> Result:
            subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
            return {}

        return call

    return start


def _workload(name: str, code: str) -> Workload:
    contestants = {
        "ours": Contestant(_starting(code)),
        "python alone": Contestant(_starting("pass")),
        "import geopandas": Contestant(_starting("import geopandas")),
    }
    return Workload(name, lambda size: [Case(name, 1)], contestants, lambda ours, theirs, peer: None, rounds=5)


WORKLOADS = [_workload("startup-import", "import riskzoning"), _workload("startup-help", _HELP)]
