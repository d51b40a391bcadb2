"""Whether high risk stands beside high risk, and where (tables ``spatial_statistics`` and ``hot_spots``)."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning.methods.ranges import spans
from riskzoning.methods.spatial import Neighbours, false_discovery, local_g, morans_i
from riskzoning.methods.spatial.autocorrelation import SOUND
from riskzoning.pipeline.state import Graded, Made, Run

COLUMNS = [
    "level", "hazard", "units", "islands", "moran_i", "expected", "z", "p_value", "hot_spots", "cold_spots", "remark",
]  # fmt: skip
SPOTS = ["code", "level", "hazard", "z", "p_value", "spot"]
_RATE = 0.05
_FEW, _SAME, _HOT, _COLD = "too few units", "the same everywhere", 1, -1


def cluster_tables(run: Run, made: Made) -> dict[str, pd.DataFrame]:
    """A row for each level and risk index; units that are hot or cold spots after correction for false discoveries."""
    graded, rows, spots = made.of(Graded), [], []
    keys = {index.hazard: index.key for index in graded.indices if index.what == "risk" and index.receptor is None}
    for level in run.setting.levels:
        units = graded.units.get(level)
        if units is None or len(units) < 2:
            continue
        shown = {hazard: key for hazard, key in keys.items() if key in units.columns}
        if len(units) < SOUND:
            rows += [{"level": level, "hazard": hazard, "units": len(units), "remark": _FEW} for hazard in shown]
            continue
        near = Neighbours.of_units(units)
        for row, local in _of_level(units, near, shown):
            rows.append({**row, "level": level})
            spots.append(local.assign(level=level, hazard=str(row["hazard"])))
    tables = {"spatial_statistics": pd.DataFrame(rows, columns=COLUMNS).fillna({"remark": "", "islands": ""})}
    places = pd.concat(spots, ignore_index=True)[SPOTS] if spots else pd.DataFrame(columns=SPOTS)
    return {**tables, "hot_spots": places}


def _of_level(
    units: gpd.GeoDataFrame, near: Neighbours, keys: dict[str, str]
) -> Iterator[tuple[dict[str, object], pd.DataFrame]]:
    codes = units.index.astype(str)
    islands = ";".join(codes[near.islands])
    for hazard, key in keys.items():
        values = units[key].to_numpy(dtype=np.float64)
        about: dict[str, object] = {"hazard": hazard, "units": int(np.isfinite(values).sum()), "islands": islands}
        if not np.isfinite(values).any() or not spans(float(np.nanmin(values)), float(np.nanmax(values))):
            yield {**about, "remark": _SAME}, pd.DataFrame(columns=SPOTS)
            continue
        moran, local = morans_i(values, near), local_g(values, near, self_included=True)
        stands = false_discovery(local["p_value"].to_numpy(), rate=_RATE)
        spot = np.where(stands, np.where(local["z"] > 0, _HOT, _COLD), 0)
        yield (
            {
                **about, "moran_i": moran.value, "expected": moran.expected, "z": moran.z_random,
                "p_value": moran.p_value, "hot_spots": int((spot == _HOT).sum()),
                "cold_spots": int((spot == _COLD).sum()),
            },
            local.assign(code=codes, spot=spot),
        )  # fmt: skip
