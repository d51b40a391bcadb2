"""Natural breaks: against jenkspy where it can finish, against ``np.sort`` of the same values above.

The parts that a harness needs are plain functions: :func:`make` (seeded data), :data:`CONTESTANTS` (name -> call),
:func:`agree` (results compared before the clock counts), :data:`CASES` (what is compared with what, and the goal).
Run alone with ``python -m benchmarks.bench_breaks [--size s|m|l]``: one process, contestants in turn, three rounds.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskzoning.methods.classification import goodness_of_variance_fit, natural_breaks

K = 5
Values = NDArray[np.float32]
Draw = Callable[[np.random.Generator, int], NDArray[np.float64]]
SHAPES: dict[str, Draw] = {
    "uniform": lambda rng, n: rng.random(n),
    "lognormal": lambda rng, n: rng.lognormal(size=n),
    "lognormal sigma 2": lambda rng, n: rng.lognormal(0, 2, n),
    "pareto": lambda rng, n: 1 + rng.pareto(1, n),
    "zero-inflated": lambda rng, n: np.where(rng.random(n) < 0.9, 0, rng.lognormal(size=n)),
}


class Case(NamedTuple):
    """One line of the result: shape and number of values, the peer, the goal as a ratio of the times."""

    shape: str
    count: int
    peer: str
    goal: float


CASES: dict[str, list[Case]] = {
    "s": [Case("lognormal", 20_000, "jenkspy", 0.02), Case("lognormal", 10**6, "sort", 1.0)],
    "m": [Case("lognormal", 20_000, "jenkspy", 0.02), *(Case(shape, 10**7, "sort", 1.0) for shape in SHAPES)],
    "l": [*(Case(shape, 10**8, "sort", 2.0) for shape in SHAPES)],
}


def make(shape: str, count: int, seed: int = 1) -> Values:
    """Seeded float32 values, drawn in blocks so that nothing but the result takes memory."""
    rng = np.random.default_rng(seed)
    values = np.empty(count, dtype=np.float32)
    for first in range(0, count, 10**6):
        last = min(first + 10**6, count)
        values[first:last] = SHAPES[shape](rng, last - first)
    return values


def _jenkspy(values: Values) -> Any:
    import jenkspy

    return jenkspy.jenks_breaks(values, K)[1:]


CONTESTANTS: dict[str, Callable[[Values], Any]] = {
    "ours": lambda values: natural_breaks(values, K),
    "jenkspy": _jenkspy,
    "sort": np.sort,
}


def agree(values: Values, ours: Any, theirs: Any) -> bool:
    """Whether our classes explain as much of the variance as the peer's, to one part in a million of the rest."""
    mine, other = (goodness_of_variance_fit(values, breaks) for breaks in (ours, theirs))
    return (1 - mine) <= (1 - other) * (1 + 1e-6)


def run(case: Case, rounds: int = 3) -> dict[str, Any]:
    """Best times of both contestants, in turn; a difference of the results is an error."""
    if case.peer != "sort" and importlib.util.find_spec(case.peer) is None:
        return {**case._asdict(), "skipped": f"{case.peer} is not installed"}
    values = make(case.shape, case.count)
    ours = CONTESTANTS["ours"](values)
    if case.peer != "sort" and not agree(values, ours, CONTESTANTS[case.peer](values)):
        raise AssertionError(f"{case}: our classes explain less than those of {case.peer}")
    times: dict[str, list[float]] = {"ours": [], case.peer: []}
    for _ in range(rounds):
        for name, taken in times.items():
            start = time.perf_counter()
            CONTESTANTS[name](values)
            taken.append(time.perf_counter() - start)
    best = {name: min(taken) for name, taken in times.items()}
    spread = max(max(taken) / min(taken) for taken in times.values())
    ratio = best["ours"] / best[case.peer]
    return {**case._asdict(), "ours_s": best["ours"], "peer_s": best[case.peer], "ratio": ratio, "spread": spread}


def main() -> None:
    """Print one line per case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=sorted(CASES), default="s")
    for case in CASES[parser.parse_args().size]:
        row = run(case)
        if "skipped" in row:
            print(f"breaks {case.shape} {case.count:.0e}: skipped, {row['skipped']}")
            continue
        verdict = "ok" if row["ratio"] <= case.goal else "missed"
        print(
            f"breaks {case.shape} {case.count:.0e}: ours {row['ours_s']:.4f} s, {case.peer} {row['peer_s']:.4f} s, "
            f"ratio {row['ratio']:.4f} (goal {case.goal:g}), spread {row['spread']:.2f}, {verdict}"
        )


if __name__ == "__main__":
    main()
