"""Runs a workload: contestants in turn, each in a process of its own, results compared before any time counts."""

from __future__ import annotations

import importlib
import importlib.util
import json
import math
import pkgutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

import benchmarks
from benchmarks.contest import Case, DifferenceError, Workload

OURS = "ours"
# Misses up to this factor are noise of a shared machine.
TOLERANCE = 1.5
ROOT = Path(__file__).resolve().parents[1]
Say = Callable[[str], None]


class ContestantError(Exception):
    """A contestant stopped; says which and why."""


def declared() -> dict[str, str]:
    """Name of every workload and the module that declares it, files in alphabetical order."""
    found: dict[str, str] = {}
    for info in sorted(pkgutil.iter_modules(benchmarks.__path__), key=lambda info: info.name):
        if info.name.startswith("bench_"):
            module = f"benchmarks.{info.name}"
            found.update({item.name: module for item in importlib.import_module(module).WORKLOADS})
    return found


def chosen(names: list[str]) -> list[str]:
    """The workloads meant by names: a name, or the beginning of names up to a dash ("zonal" means every "zonal-...").

    Raises
    ------
    LookupError
        A name means none.
    """
    every = declared()
    picked = [item for item in every if not names or any(item == n or item.startswith(f"{n}-") for n in names)]
    unknown = [n for n in names if not any(item == n or item.startswith(f"{n}-") for item in every)]
    if unknown:
        raise LookupError(f"no workload is called {', '.join(unknown)}; there are {', '.join(every)}")
    return picked


def goals_of(name: str, size: str, path: Path | None = None) -> dict[str, Any]:
    """Goals of a workload from goals.toml; a table of the size replaces single entries."""
    table = tomllib.loads((path or Path(__file__).with_name("goals.toml")).read_text(encoding="utf-8"))
    entry = dict(table.get(name, {}))
    own = entry.pop(size, {})
    for other in ("s", "m", "l"):
        entry.pop(other, None)
    ratio = {**entry.get("ratio", {}), **own.pop("ratio", {})}
    return {**entry, **own, "ratio": ratio}


class Worker:
    """A contestant at work on one case."""

    def __init__(self, module: str, workload: str, contestant: str, case: Case, folder: Path) -> None:
        self.name, self.folder = contestant, folder
        command = [sys.executable, "-m", "benchmarks.worker", module, workload, contestant, json.dumps(asdict(case))]
        self._process = subprocess.Popen(
            [*command, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None, text=True, cwd=ROOT
        )
        self.facts = self._answer()

    def ask(self, order: str) -> dict[str, Any]:
        """Let it call once; ``first`` also keeps the result."""
        assert self._process.stdin is not None
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()
        return self._answer()

    def result(self) -> dict[str, Any]:
        """What the first call found."""
        with np.load(self.folder / "result.npz") as stored:
            return dict(stored)

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"failed": "the process ended without an answer"}
        if "failed" in answer:
            raise ContestantError(f"{self.name}: {answer['failed']}\n{answer.get('trace', '')}")
        return answer

    def stop(self) -> None:
        """End the process."""
        try:
            if self._process.stdin is not None:
                self._process.stdin.write("stop\n")
                self._process.stdin.close()
            self._process.wait(timeout=60)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


@contextmanager
def _working(module: str, workload: str, contestant: str, case: Case) -> Iterator[Worker]:
    with tempfile.TemporaryDirectory(prefix="riskzoning-bench-") as folder:
        worker = Worker(module, workload, contestant, case, Path(folder))
        try:
            yield worker
        finally:
            worker.stop()


def missing(workload: Workload) -> dict[str, str]:
    """Contestants that cannot take part, and the module that each lacks."""
    out = {}
    for name, contestant in workload.contestants.items():
        absent = [m for m in contestant.needs if importlib.util.find_spec(m.split(".")[0]) is None]
        if absent:
            out[name] = ", ".join(absent)
    return out


def compete(module: str, workload: Workload, case: Case, names: list[str], rounds: int) -> dict[str, dict[str, Any]]:
    """Times and memory of contestants on one case: first call apart, then ``rounds`` times ours, peer, ours, peer.

    Raises
    ------
    DifferenceError
        A peer found something else; nothing was timed.
    ContestantError
        A contestant stopped.
    """
    workload.files(case)
    with ExitStack() as stack:
        workers = {name: stack.enter_context(_working(module, workload.name, name, case)) for name in names}
        found: dict[str, dict[str, Any]] = {}
        for name, worker in workers.items():
            first = worker.ask("first")
            found[name] = {**worker.facts, "first_s": first["seconds"], "seconds": [], "peak_mb": 0.0}
            if not workload.warm:
                found[name].update(
                    seconds=[first["seconds"]], peak_mb=first["peak_mb"], parts=first["parts"], amounts=first["amounts"]
                )
        for name in names[1:]:
            try:
                workload.agree(workers[OURS].result(), workers[name].result(), name)
            except DifferenceError as difference:
                raise DifferenceError(f"{workload.name}, {case.title}: ours and {name}: {difference}") from None
        for _ in range(rounds if workload.warm else rounds - 1):
            for name, worker in workers.items():
                answer = worker.ask("time")
                entry = found[name]
                entry["seconds"].append(answer["seconds"])
                entry["peak_mb"] = max(entry["peak_mb"], answer["peak_mb"])
                entry["parts"], entry["amounts"] = answer["parts"], answer["amounts"]
    return found


def measure(name: str, size: str, *, rounds: int | None = None, say: Say = print) -> dict[str, Any]:
    """One workload at one size: every case, ratios, growth and what the goals say; JSON-able."""
    module = declared()[name]
    workload = next(item for item in importlib.import_module(module).WORKLOADS if item.name == name)
    skipped = missing(workload)
    for peer, absent in skipped.items():
        say(f"{name}: {peer} is skipped, {absent} is not installed")
    if OURS in skipped:
        return {"name": name, "size": size, "cases": [], "skipped": skipped, "verdicts": []}
    times = max(rounds or workload.rounds, 1)
    rows = []
    for case in workload.cases(size):
        names = [n for n in workload.contestants if n not in skipped] if not case.growth else [OURS]
        found = compete(module, workload, case, names, times)
        rows.append({"case": asdict(case), "contestants": found})
    record = {"name": name, "size": size, "cases": rows, "skipped": skipped}
    return {**record, "verdicts": verdicts(record, goals_of(name, size))}


def verdicts(record: dict[str, Any], goals: dict[str, Any]) -> list[dict[str, Any]]:
    """What was measured beside each goal: value, goal, lowest and highest of the rounds, noisy, missed, failed."""
    out = []
    main = next((row for row in record["cases"] if not row["case"]["growth"]), None)
    if main is None:
        return []
    ours = main["contestants"][OURS]
    for peer, entry in main["contestants"].items():
        if peer != OURS:
            each = [a / b for a, b in zip(ours["seconds"], entry["seconds"], strict=True)]
            value = min(ours["seconds"]) / min(entry["seconds"])
            out.append(_verdict(f"ratio to {peer}", value, goals["ratio"].get(peer), min(each), max(each)))
    beyond = ours["peak_mb"] - ours["imports_mb"]
    for what, value in (("peak_mb", ours["peak_mb"]), ("over_imports_mb", beyond)):
        if what in goals:
            out.append(_verdict(what, value, goals[what], value, value))
    if "seconds" in goals:
        seconds = ours["seconds"]
        out.append(_verdict("seconds", min(seconds), goals["seconds"], min(seconds), max(seconds)))
    parts = {**(ours.get("parts") or {}), **(ours.get("amounts") or {})}
    for what in [what for what in goals.get("most", {}) if what in parts]:
        most = goals["most"][what]
        out.append(_verdict(what, parts[what], most, parts[what], parts[what]))
    for row in record["cases"]:
        growth = row["case"]["growth"]
        if growth:
            best, low, high = _exponent(row, main)
            out.append(_verdict(f"exponent in {growth}", best, goals.get(f"{growth}_exponent"), low, high))
    return out


def _exponent(one: dict[str, Any], two: dict[str, Any]) -> tuple[float, float, float]:
    """log(t2/t1) / log(n2/n1) of our best times, and the least and greatest that the rounds allow."""
    small, large = sorted((one, two), key=lambda row: row["case"]["n"])
    a, b = (row["contestants"][OURS]["seconds"] for row in (small, large))
    step = math.log(large["case"]["n"] / small["case"]["n"])
    return tuple(math.log(x / y) / step for x, y in ((min(b), min(a)), (min(b), max(a)), (max(b), min(a))))  # type: ignore[return-value]


def _verdict(what: str, value: float, goal: float | None, low: float, high: float) -> dict[str, Any]:
    noisy = goal is not None and low <= goal < high
    missed = goal is not None and value > goal
    failed = goal is not None and value > TOLERANCE * goal
    return {
        "what": what, "value": value, "goal": goal, "low": low, "high": high,
        "noisy": noisy, "missed": missed, "failed": failed,
    }  # fmt: skip
