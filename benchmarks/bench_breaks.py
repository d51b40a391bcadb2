"""Natural breaks: against jenkspy where it can finish, against ``np.sort`` of the same values above."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.contest import Call, Case, Contestant, DifferenceError, Result, Workload

K = 5
Values = NDArray[np.float32]
Draw = Callable[[np.random.Generator, int], NDArray[np.float64]]
SHAPES: dict[str, Draw] = {
    "lognormal": lambda rng, n: rng.lognormal(size=n),
    "uniform": lambda rng, n: rng.random(n),
    "lognormal sigma 2": lambda rng, n: rng.lognormal(0, 2, n),
    "pareto": lambda rng, n: 1 + rng.pareto(1, n),
    "zero-inflated": lambda rng, n: np.where(rng.random(n) < 0.9, 0, rng.lognormal(size=n)),
}
EXACT = 20_000
MANY = {"s": 10**7, "m": 10**7, "l": 10**8}
_NEEDS = ("numba", "xarray", "dask.array", "riskzoning.methods.classification")


def make(shape: str, count: int, seed: int = 1) -> Values:
    """Seeded float32 values, drawn in blocks so that nothing but the result takes memory."""
    rng = np.random.default_rng(seed)
    values = np.empty(count, dtype=np.float32)
    for first in range(0, count, 10**6):
        last = min(first + 10**6, count)
        values[first:last] = SHAPES[shape](rng, last - first)
    return values


def _drawn(case: Case) -> Values:
    return make(case.params["shape"], int(case.params["count"]))


def _case(shape: str, count: int, growth: str = "") -> Case:
    return Case(f"{shape} {count:.0e}", count, {"shape": shape, "count": count}, growth)


def _start_ours(case: Case) -> Call:
    from riskzoning.methods.classification import goodness_of_variance_fit, natural_breaks

    values = _drawn(case)

    def call() -> Result:
        breaks = natural_breaks(values, K)
        return {"breaks": breaks}

    # The fit that the comparison needs costs a pass: it is taken once, outside the time.
    fit = goodness_of_variance_fit(values, call()["breaks"])
    return lambda: {**call(), "fit": np.array(fit)}


def _start_jenkspy(case: Case) -> Call:
    import jenkspy

    from riskzoning.methods.classification import goodness_of_variance_fit

    values = _drawn(case)
    fit = goodness_of_variance_fit(values, jenkspy.jenks_breaks(values, K)[1:])

    def call() -> Result:
        return {"breaks": np.array(jenkspy.jenks_breaks(values, K)[1:]), "fit": np.array(fit)}

    return call


def _start_sort(case: Case) -> Call:
    values = _drawn(case)

    def call() -> Result:
        np.sort(values)
        return {}

    return call


def agree(ours: Result, theirs: Result, peer: str) -> None:
    """Our classes explain as much of the variance as the peer's, to one part in a million of the rest."""
    if peer == "jenkspy" and not 1 - ours["fit"] <= (1 - theirs["fit"]) * (1 + 1e-6):
        raise DifferenceError(
            f"our classes explain {ours['fit']:.9f} of the variance, those of {peer} {theirs['fit']:.9f}"
        )


def _against_sort(shape: str) -> Workload:
    def cases(size: str) -> list[Case]:
        most = MANY[size]
        return [_case(shape, most), _case(shape, most // 10, "values")]

    contestants = {"ours": Contestant(_start_ours, _NEEDS), "np.sort": Contestant(_start_sort)}
    return Workload(f"breaks-many-{shape.replace(' ', '-')}", cases, contestants, agree)


WORKLOADS = [
    Workload(
        "breaks-exact",
        lambda size: [_case("lognormal", EXACT), _case("lognormal", EXACT * 5, "values")],
        {"ours": Contestant(_start_ours, _NEEDS), "jenkspy": Contestant(_start_jenkspy, ("jenkspy",))},
        agree,
        rounds=5,
    ),
    *(_against_sort(shape) for shape in SHAPES),
]
