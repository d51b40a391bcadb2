"""What a check knows beside the rows: units, the directory of what must be there, other forms, the day of the check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.surveys.records import Records


@dataclass(frozen=True)
class Context:
    """The surroundings of a check; what is None makes the rules that need it say "not checked"."""

    units: gpd.GeoDataFrame | None = None
    directory: pd.DataFrame | None = None
    related: Mapping[str, Records] = field(default_factory=dict)
    yearbook: pd.DataFrame | None = None
    today: pd.Timestamp = field(default_factory=lambda: pd.Timestamp.now().normalize())

    @cached_property
    def limits(self) -> Mapping[str, Any]:
        """The limits of the rules."""
        data: Mapping[str, Any] = standards.table("surveys/quality").data
        return data

    @cached_property
    def counties(self) -> dict[str, str]:
        """Code -> name of the counties."""
        return self._level("county")

    @cached_property
    def townships(self) -> dict[str, str]:
        """Code -> name of the townships."""
        return self._level("township")

    @cached_property
    def county_of(self) -> dict[str, str]:
        """Code of a township -> code of its county; also the codes of statistics of folded zones."""
        if self.units is None:
            return {}
        towns = self.units[self.units["level"] == "township"]
        return dict(zip(towns.index, towns["parent"], strict=True))

    @cached_property
    def box(self) -> tuple[float, float, float, float] | None:
        """The box of the city in degrees, as far as its units are known."""
        if self.units is None or self.units.empty:
            return None
        west, south, east, north = self.units.to_crs("EPSG:4490").total_bounds
        return float(west), float(south), float(east), float(north)

    def _level(self, level: str) -> dict[str, str]:
        if self.units is None:
            return {}
        chosen = self.units[self.units["level"] == level]
        return dict(zip(chosen.index, chosen["name"], strict=True))

    def county(self, records: Records) -> np.ndarray[Any, np.dtype[np.object_]]:
        """The county of each row: that of its township where that is known, else the one written; empty otherwise."""
        towns, names = records.unique("town9")
        if records.has("vill12") and not records.has("town9"):
            towns, names = records.unique("vill12")
            names = [name[:9] for name in names]
        above = np.array([self.county_of.get(name, "") for name in names], dtype=object)[towns]
        return np.where(above != "", above, records.texts("adcode6"))
