"""Villages (行政村) below the townships: whether they lie in them and cover them; no township is redrawn."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskzoning import standards
from riskzoning.admin.findings import Findings, ordered
from riskzoning.admin.geometry import areas
from riskzoning.errors import Phrase
from riskzoning.results import VILLAGE


def check_villages(frames: Mapping[str, gpd.GeoDataFrame], findings: Findings) -> None:
    """Say which townships have no villages, or villages that cover less or more, and which villages lie elsewhere."""
    if VILLAGE not in frames or "township" not in frames:
        return
    villages, towns = frames[VILLAGE], frames["township"].set_index("code")
    held = pd.Series(areas(villages.geometry.to_numpy()), index=villages["parent"]).groupby(level=0).sum()
    own = pd.Series(areas(towns.geometry.to_numpy()), index=towns.index)
    bare = ordered([str(code) for code in own.index.difference(held.index)])
    if bare:
        findings.add(VILLAGE, "admin.villages_none", "info", count=len(bare), codes=bare)
    apart = (held / own - 1).dropna()
    apart = apart[apart.abs() > standards.table("admin/checks").data["nesting_share"]].sort_index()
    if len(apart):
        units = [Phrase("village_apart", code=str(code), share=float(share)) for code, share in apart.items()]
        findings.add(VILLAGE, "admin.villages_apart", count=len(units), units=units)
    outside = _outside(villages, towns)
    if outside:
        findings.add(VILLAGE, "admin.villages_outside", count=len(outside), codes=outside)


def _outside(villages: gpd.GeoDataFrame, towns: gpd.GeoDataFrame) -> list[str]:
    """Villages with less than half of their ground in their township."""
    at = towns.index.get_indexer(pd.Index(villages["parent"]))
    own, shapes = villages.geometry.to_numpy(), towns.geometry.to_numpy()
    known = np.flatnonzero(at >= 0)
    # A village whose inner point lies in its township need not be cut with it.
    shapely.prepare(shapes)
    inner = shapely.point_on_surface(own[known])
    doubtful = known[~shapely.intersects(shapes[at[known]], inner)]
    inside = shapely.area(shapely.intersection(own[doubtful], shapes[at[doubtful]]))
    far = doubtful[inside < 0.5 * shapely.area(own[doubtful])]
    return ordered([str(code) for code in villages["code"].iloc[far]])
