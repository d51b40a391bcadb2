"""Protection standards: up to which return period works keep a hazard away, for a study or by protected area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import grid, numerals, standards
from riskzoning.errors import ConfigError, Phrase, Problem, note
from riskzoning.pipeline.state import Run


@dataclass(frozen=True)
class Protection:
    """Return period (years) up to which nothing is lost, everywhere or by cell (NaN: unprotected), and in words."""

    years: float | xr.DataArray
    text: str

    @property
    def typical(self) -> float:
        """The return period, or the median of the protected cells; NaN where nothing is protected."""
        if isinstance(self.years, float):
            return self.years
        known = self.years.values[np.isfinite(self.years.values)]
        return float(np.median(known)) if known.size else float("nan")

    @property
    def share(self) -> float:
        """Share of the cells that are protected."""
        return 1.0 if isinstance(self.years, float) else float(self.years.notnull().mean())  # noqa: PD004


def protection_of(run: Run, hazard: str) -> Protection | None:
    """The protection that the study states for a hazard, or the usual one of the table ``exposure/protection``."""
    given = run.setting.study.risk.protection.get(hazard)
    if given is None:
        usual = standards.table("exposure/protection").data["default"].get(hazard)
        return None if usual is None else Protection(float(usual), f"{usual:g} a (default)")
    if given.years is not None:
        return Protection(float(given.years), f"{given.years:g} a")
    assert given.areas is not None
    assert given.column is not None
    frame = run.catalogue.vector(given.areas)
    layer = protected(frame, given.column, run.setting.grid, within=given.within_m, name=given.areas)
    return Protection(layer, f"by area: {given.areas}, column {given.column}")


def protected(frame: gpd.GeoDataFrame, column: str, geobox: GeoBox, *, within: float | None, name: str) -> xr.DataArray:
    """Design period of every cell, the highest where areas overlap; lines protect the ground ``within`` metres."""
    thing = Phrase("input", name=name)
    if column not in frame.columns:
        columns = [str(one) for one in frame.columns]
        raise ConfigError(Problem("study.class_column", thing, column=column, columns=columns))
    years = numerals.periods(frame[column].astype(object))
    unread = [str(cell) for cell, year in zip(frame[column], years) if np.isnan(year) and not pd.isna(cell)]
    if unread:
        facts: dict[str, Any] = {"count": len(unread), "cells": unread}
        note(Problem("loss.protection_unread", thing, severity="warning", field=column, **facts))
    flat = frame.geometry.geom_type.str.contains("Polygon").all()
    if not flat and within is None:
        raise ConfigError(Problem("loss.protection_lines", thing, field="within_m"))
    shapes = frame.geometry.to_crs(str(geobox.crs))
    shapes = shapes.buffer(within) if within is not None else shapes
    known = np.isfinite(years) & (years > 0)
    rows = gpd.GeoDataFrame({"years": years[known]}, geometry=shapes.array[known], crs=str(geobox.crs))
    return grid.rasterise(rows.sort_values("years"), geobox, column="years", quantity="protection_period")
