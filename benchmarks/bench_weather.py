"""Thirty years of daily weather at stations, from series to index; under a minute for 150 stations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.contest import Call, Case, Contestant, Result, Workload

_BOUNDS = (430_000, 3_840_000, 610_000, 3_990_000)
_STATIONS = {"s": (5, 15), "m": (15, 150), "l": (60, 600)}


def _cases(size: str) -> list[Case]:
    few, many = (Case(f"{count} stations, 30 years", count, {"count": count}) for count in _STATIONS[size])
    return [few, replace(many, growth="stations")]


def _series(count: int) -> Any:
    import pandas as pd
    import xarray as xr

    time, rng = pd.date_range("1991-01-01", "2020-12-31"), np.random.default_rng(0)
    shape = (count, time.size)
    wave = -np.cos(2 * np.pi * (np.arange(time.size) - 15) / 365.25)
    mean = 14 + 14 * wave + rng.normal(0, 4, shape)
    data = {
        "precipitation": np.where(rng.random(shape) < 0.2 + 0.1 * wave, rng.gamma(0.5, 20, shape), 0.0),
        "tmean": mean, "tmax": mean + 5 + rng.random(shape), "tmin": mean - 5 - rng.random(shape),
        "humidity_min": np.clip(35 + 15 * wave + rng.normal(0, 12, shape), 4, 100),
        "wind_mean": rng.gamma(3, 0.9, shape), "wind_gust": rng.gamma(6, 1.6, shape),
        "sunshine": rng.uniform(0, 12, shape), "visibility": rng.gamma(3, 3000, shape),
    }  # fmt: skip
    coords = {"station": [f"{50_000 + i}" for i in range(count)], "time": time}
    places = {"lon": ("station", rng.uniform(113, 115.5, count)), "lat": ("station", rng.uniform(34.5, 36.2, count))}
    return xr.Dataset({name: (("station", "time"), values) for name, values in data.items()}, {**coords, **places})


def _assessed(case: Case) -> Call:
    from riskzoning.errors import Journal, hearing
    from riskzoning.grid import analysis_grid
    from riskzoning.hazards import HAZARDS

    stations = _series(int(case.params["count"]))
    grid = analysis_grid(_BOUNDS, crs="EPSG:4547", resolution=1000)

    def call() -> Result:
        with hearing(Journal()):
            return {
                "index": HAZARDS["meteorology"].assess({"stations": stations}, grid=grid)["hazard_index"].to_numpy()
            }

    return call


WORKLOADS = [
    Workload("weather", _cases, {"ours": Contestant(_assessed)}, lambda ours, theirs, peer: None, rounds=2),
]
