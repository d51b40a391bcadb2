"""What a user waits for at the start: the import, ``--help``, the first statistics, a check of known files."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.contest import Call, Case, Contestant, Result, Workload

_HELP = "import sys; sys.argv = ['riskzoning', '--help']; from riskzoning.cli import main; main()"
_ZONAL = """
import geopandas, riskzoning
folder = "data/samples/xinxiang"
riskzoning.zonal_statistics(f"{folder}/elevation.tif", geopandas.read_file(f"{folder}/admin.gpkg", layer="township"))
"""
_CHECK = """
import sys
from riskzoning.samples.study import sample_study
sys.argv = ["riskzoning", "check", str(sample_study())]
from riskzoning.cli import main
main()
"""


def _starting(code: str) -> Callable[[Case], Call]:
    def start(case: Case) -> Call:
        import subprocess
        import sys

        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}

        def call() -> Result:
            subprocess.run([sys.executable, "-c", code], check=True, **quiet)
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


WORKLOADS = [
    _workload("startup-import", "import riskzoning"),
    _workload("startup-help", _HELP),
    _workload("startup-zonal", _ZONAL),
    _workload("startup-check", _CHECK),
]
