"""What was measured, for people: lines while it runs, and the tables of docs/performance.md."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import re
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.harness import OURS, ROOT

_PACKAGES = (
    "numpy", "numba", "rasterio", "shapely", "xarray", "dask", "odc-geo",
    "exactextract", "jenkspy",
)  # fmt: skip


def surroundings() -> dict[str, Any]:
    """Machine, versions, day and the state of the code."""
    versions = {}
    for name in ("riskzoning", *_PACKAGES):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "absent"
    import rasterio

    return {
        "date": datetime.date.today().isoformat(),
        "machine": f"{_processor()}, {_cores()} cores, {_memory_gb():.0f} GB",
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"GDAL {rasterio.__gdal_version__}",
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "commit": _commit(),
        "versions": versions,
    }


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory_gb() -> float:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    except (AttributeError, ValueError, OSError):
        return float("nan")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown processor")


def _commit() -> str:
    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    try:
        # The document itself and what is not tracked do not change what was measured.
        changed = git("status", "--porcelain", "--untracked-files=no", "--", "riskzoning", "benchmarks")
        return git("rev-parse", "--short=10", "HEAD") + (" with changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def seconds(value: float) -> str:
    """A time with three digits that mean something."""
    return f"{value * 1000:.3g} ms" if value < 0.1 else f"{value:.3g} s"


def line(record: dict[str, Any]) -> str:
    """One line a workload: times, ratios with their goals, memory, growth."""
    main = next((row for row in record["cases"] if not row["case"]["growth"]), None)
    if main is None:
        return f"{record['name']}: nothing was measured"
    entries = main["contestants"]
    texts = [f"{name} {seconds(min(entry['seconds']))}" for name, entry in entries.items()]
    texts += [_verdict(verdict) for verdict in record["verdicts"] if not verdict["what"].endswith("_mb")]
    peaks = [f"{entry['peak_mb']:.0f}" for entry in entries.values()]
    texts.append(f"peak {' of '.join(peaks[:2])} MB" + "".join(_memory(v) for v in record["verdicts"]))
    parts = entries[OURS].get("parts") or {}
    texts += [f"{name} {seconds(value)}" for name, value in parts.items()]
    return f"{record['name']}, {main['case']['title']}: " + ", ".join(texts)


def _memory(verdict: dict[str, Any]) -> str:
    if not verdict["what"].endswith("_mb"):
        return ""
    word = "" if verdict["what"] == "peak_mb" else f"{verdict['value']:.0f} MB over the imports, "
    return f" ({word}goal {verdict['goal']:g}{_mark(verdict)})"


def _verdict(verdict: dict[str, Any]) -> str:
    value = f"{verdict['what']} {verdict['value']:.2g}"
    return value if verdict["goal"] is None else f"{value} (goal {verdict['goal']:g}{_mark(verdict)})"


def _mark(verdict: dict[str, Any]) -> str:
    word = "failed" if verdict["failed"] else "missed" if verdict["missed"] else ""
    return "".join(f", {text}" for text in (word, "noisy" if verdict["noisy"] else "") if text)


def document(reports: list[dict[str, Any]]) -> str:
    """docs/performance.md: one section a report (a run at one size)."""
    text = [
        "# Performance",
        "",
        "Written by `python -m benchmarks --document`; do not edit. Every contestant works in a process of its own, in "
        "turn (ours, peer, ours, peer); results are compared before any time counts; times are the best of the rounds, "
        "without imports and the first call. A ratio is our time over the peer's: below 1 is faster. `noisy`: the "
        "rounds lie on both sides of the goal. Peak: largest resident memory of the whole process during the call. "
        "Goals: `benchmarks/goals.toml`.",
    ]
    for report in sorted(reports, key=lambda item: ("s", "m", "l").index(item["size"])):
        text += ["", *_section(report)]
    return "\n".join(text) + "\n"


def renewed(document: str, report: dict[str, Any]) -> str:
    """A document with the workloads of a report measured anew, in a section of their own; the rest stays as it was."""
    names = [record["name"] for record in report["workloads"]]
    kept: list[str] = []
    for section in re.split(r"(?m)^(?=## )", document):
        lines = section.rstrip().split("\n")
        if lines[0].split(":")[0] == f"## Size {report['size']}":
            text = "\n".join(_without(lines, names)).rstrip()
            # A section of which nothing is left goes as a whole.
            if not re.search(r"(?m)^\| (?!workload|part|-)", text):
                continue
            lines = text.split("\n")
        kept.append("\n".join(lines))
    title, *rest = _section(report)
    return "\n\n".join([*kept, "\n".join([f"{title}: {', '.join(names)}", *rest])]) + "\n"


def _without(lines: list[str], names: list[str]) -> list[str]:
    """Lines of a section without the rows of some workloads and the tables of their parts."""
    out, dropping = [], False
    for line in lines:
        if line.endswith(", by part:"):
            dropping = line.split(",")[0] in names
        own = re.match(r"\| ([\w-]+)(?::| \|)", line)
        if not dropping and not (own and own.group(1) in names):
            out.append(line)
    return out


def _section(report: dict[str, Any]) -> list[str]:
    around = report["surroundings"]
    used = ", ".join(f"{name} {version}" for name, version in around["versions"].items())
    head = [
        f"## Size {report['size']}",
        "",
        f"{around['date']}, code {around['commit']}; {around['machine']} (load {around['load']} at the start"
        f"{_busy(around)}); "
        f"{around['system']}; {used}.",
        "",
        "| workload | contestant | best | all rounds | first call | imports | peak |",
        "|---|---|---|---|---|---|---|",
    ]
    rows, goals = [], ["", "| workload | measured | value | rounds | goal | |", "|---|---|---|---|---|---|"]
    for record in report["workloads"]:
        rows += _rows(record)
        for v in record["verdicts"]:
            goal = "" if v["goal"] is None else f"{v['goal']:g}"
            mark = _mark(v).removeprefix(", ") or ("" if v["goal"] is None else "met")
            spread = "" if v["low"] == v["high"] else f"{v['low']:.3g} .. {v['high']:.3g}"
            goals.append(f"| {record['name']} | {v['what']} | {v['value']:.3g} | {spread} | {goal} | {mark} |")
    return head + rows + goals + _stages(report)


def _busy(around: dict[str, Any]) -> str:
    """What a load above the cores of the machine means for times."""
    cores = re.search(r"(\d+) cores", around["machine"])
    if not cores or (around["load"] or 0) <= int(cores.group(1)):
        return ""
    return ": others worked on the machine, times are several times those of a quiet one"


def _rows(record: dict[str, Any]) -> list[str]:
    out = []
    for row in record["cases"]:
        for name, entry in row["contestants"].items():
            every = " ".join(f"{value:.3g}" for value in entry["seconds"])
            out.append(
                f"| {record['name']}: {row['case']['title']} | {name} | {seconds(min(entry['seconds']))} | {every} s "
                f"| {seconds(entry['first_s'])} | {seconds(entry['imports_s'])}, {entry['imports_mb']:.0f} MB "
                f"| {entry['peak_mb']:.0f} MB |"
            )
    out += [
        f"| {record['name']} | {name} | skipped: {lacks} absent | | | | |" for name, lacks in record["skipped"].items()
    ]
    return out


def _stages(report: dict[str, Any]) -> list[str]:
    out = []
    for record in report["workloads"]:
        for row in record["cases"]:
            parts = row["contestants"][OURS].get("parts") or {}
            if parts:
                out += ["", f"{record['name']}, {row['case']['title']}, by part:", "", "| part | time |", "|---|---|"]
                out += [f"| {name} | {seconds(value)} |" for name, value in parts.items()]
    return out
