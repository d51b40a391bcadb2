"""What the page knows of flash floods: villages in a danger zone, and those of which nothing could be told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.results import StudyResult

# So many villages a page holds; of more, those in the most dangerous zones.
MOST_VILLAGES = 20_000
_DECIMALS = 5
# Of a village that was not assessed; zones are 3 (most dangerous) to 1, 0 is none of them.
_NOT_ASSESSED = 9


def flash_data(result: StudyResult) -> dict[str, Any]:
    """Villages of the table ``flood_villages`` by column, the most dangerous first; empty without any with a place."""
    table = result.tables.get("flood_villages")
    if table is None or not {"lon", "lat", "zone", "status"} <= set(table.columns):
        return {}
    placed = table[np.isfinite(table["lon"].astype(float)) & np.isfinite(table["lat"].astype(float))]
    if placed.empty:
        return {}
    zones = placed["zone"].astype(int).where(placed["status"] == "assessed", _NOT_ASSESSED)
    # Villages in no zone are counted and not drawn: the layer shows where to warn, and where nobody knows.
    drawn = placed.assign(zone=zones)[zones != 0]
    drawn = drawn.assign(last=drawn["zone"] % _NOT_ASSESSED).sort_values(["last", "code"], ascending=[False, True])
    kept = drawn.head(MOST_VILLAGES)
    return {
        "counts": {str(zone): int((zones == zone).sum()) for zone in (3, 2, 1, 0, _NOT_ASSESSED)},
        "zones": {
            str(zone): dict(entry) for zone, entry in standards.table("hazards/flood_flash").data["zones"].items()
        },
        "all": len(drawn),
        "zone": "".join(kept["zone"].astype(str)),
        "names": [str(name) for name in kept["name"]],
        "codes": [str(code) for code in kept["code"]],
        "x": kept["lon"].astype(float).round(_DECIMALS).tolist(),
        "y": kept["lat"].astype(float).round(_DECIMALS).tolist(),
        "first": [_number(value) for value in kept["first_period"]],
        "people": [_number(value) for value in kept["people"]],
    }


def _number(value: object) -> float | None:
    """A number as JSON has it; an empty cell is null."""
    number = pd.to_numeric(pd.Series([value]), errors="coerce").iloc[0]
    return float(f"{number:.6g}") if np.isfinite(number) else None
