"""One contestant in a process of its own: imports, start, then the call as often as it is asked for.

Lines of JSON come in on stdin and go out on the first stdout; whatever the libraries print goes to stderr.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.contest import AMOUNT, PART, Case, Contestant, Result

MIB = 1024.0**2


def resident() -> dict[str, float]:
    """Memory of this process now and at its peak, in MiB; NaN where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return {"now": float("nan"), "peak": _peak_elsewhere()}
    facts = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith(("VmRSS", "VmHWM"))}
    return {"now": float(facts["VmRSS"]) / 1024, "peak": float(facts["VmHWM"]) / 1024}


def _peak_elsewhere() -> float:
    try:
        import resource
    except ImportError:
        return float("nan")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (MIB if sys.platform == "darwin" else 1024.0)


def forget_peak() -> None:
    """Let the peak begin anew, so that it is that of the call (Linux; elsewhere it is that of the process)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def serve(contestant: Contestant, case: Case, folder: Path, say: Any, hear: Any) -> None:
    """Answer ``first`` (call once, keep the result), ``time`` (call once) and ``stop``."""
    begun = time.perf_counter()
    for name in contestant.needs:
        importlib.import_module(name)
    imports = {"imports_s": time.perf_counter() - begun, "imports_mb": resident()["now"]}
    call = contestant.start(case)
    say({**imports, "ready_mb": resident()["now"]})
    for line in hear:
        order = line.strip()
        if order == "stop":
            return
        forget_peak()
        begun = time.perf_counter()
        result = call()
        seconds = time.perf_counter() - begun
        parts, amounts = (_named(result, prefix) for prefix in (PART, AMOUNT))
        answer: dict[str, Any] = {"seconds": seconds, "peak_mb": resident()["peak"], "parts": parts, "amounts": amounts}
        if order == "first":
            compared = {key: value for key, value in result.items() if not key.startswith((PART, AMOUNT))}
            np.savez(folder / "result.npz", **compared)
        say(answer)


def _named(result: Result, prefix: str) -> dict[str, float]:
    return {key[len(prefix) :]: float(value) for key, value in result.items() if key.startswith(prefix)}


def main() -> None:
    """Arguments: module of the benchmark, workload, contestant, case as JSON, folder for the result."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(answer: dict[str, Any]) -> None:
        channel.write(json.dumps(answer) + "\n")
        channel.flush()

    module, workload, contestant, case, folder = sys.argv[1:6]
    try:
        declared = {item.name: item for item in importlib.import_module(module).WORKLOADS}
        chosen = declared[workload].contestants[contestant]
        serve(chosen, Case(**json.loads(case)), Path(folder), say, sys.stdin)
    except Exception as error:  # noqa: BLE001 - the parent reports it with the name of the contestant
        say({"failed": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()})


if __name__ == "__main__":
    main()
