"""Command line of the benchmarks; exit code 1 when a goal is missed by more than half or results differ."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from benchmarks import harness, report
from benchmarks.contest import SIZES, DifferenceError


def _arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="workloads, or the beginning of their names; default: all"
    )
    parser.add_argument("--size", choices=SIZES, default="s", help="s: 1e6 cells, m: 2.5e7, l: 1e8")
    parser.add_argument("--rounds", type=int, help="how often each contestant is timed (default 3 and more)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured")
    parser.add_argument(
        "--document",
        type=Path,
        metavar="FILE",
        help="write the tables, e.g. docs/performance.md; with NAMEs, renew theirs there",
    )
    parser.add_argument(
        "--from",
        dest="earlier",
        type=Path,
        nargs="+",
        metavar="JSON",
        help="measure nothing; document these",
    )
    parser.add_argument("--study", type=Path, metavar="YAML", help="another study for the workload study")
    parser.add_argument("--list", action="store_true", help="only name the workloads")
    return parser.parse_args(given)


def _measured(options: argparse.Namespace, names: list[str]) -> tuple[dict[str, Any], int]:
    around, records, failures = report.surroundings(), [], 0
    for name in names:
        try:
            record = harness.measure(name, options.size, rounds=options.rounds, say=_say)
        except (DifferenceError, harness.ContestantError) as error:
            _say(f"{name}: FAILED. {error}")
            failures += 1
            continue
        _say(report.line(record))
        failures += sum(verdict["failed"] for verdict in record["verdicts"])
        records.append(record)
    return {"size": options.size, "surroundings": around, "workloads": records}, failures


def _say(text: str) -> None:
    print(text, flush=True)


def main(given: list[str] | None = None) -> int:
    """Run, print, write; the exit code."""
    options = _arguments(given)
    try:
        names = harness.chosen(options.names)
    except LookupError as error:
        print(error.args[0], file=sys.stderr)
        return 2
    if options.list:
        _say("\n".join(names))
        return 0
    if options.study is not None:
        os.environ["RISKZONING_BENCH_STUDY"] = str(options.study.resolve())
    if options.earlier:
        reports, failures = [json.loads(path.read_text(encoding="utf-8")) for path in options.earlier], 0
    else:
        found, failures = _measured(options, names)
        reports = [found]
        if options.json is not None:
            options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    if options.document is not None:
        whole = len(reports) > 1 or not options.names or not options.document.exists()
        text = report.document(reports) if whole else report.renewed(options.document.read_text("utf-8"), reports[0])
        options.document.write_text(text, encoding="utf-8")
    if failures:
        print(f"{failures} goals missed by more than {harness.TOLERANCE} times, or failures", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
