"""Codes of units in the tables of a load: units of statistics join the units, codes of elsewhere are told."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import sqlalchemy as sa

from riskzoning.database.frames import Columns, Mask
from riskzoning.database.schema import CODES, GEOMETRY

_LEVELS = {6: "county", 9: "township"}


def study_prefix(code: str) -> str:
    """What the codes of all units of a study begin with: 4107 of 410700, 410782 of a county."""
    if len(code) != 6 or not code.isdigit():
        return code
    return code[: 2 if code.endswith("0000") else 4 if code.endswith("00") else 6]


def codes_of(frame: Columns, names: Iterable[str] = CODES) -> set[str]:
    """The codes of units in a frame."""
    columns = (frame[name].dropna().unique() for name in names if name in frame.columns)
    return {str(code) for column in columns for code in column if code != ""}


def with_statistical_units(base: pd.DataFrame, used: set[str], prefix: str | None, study: str) -> pd.DataFrame:
    """The units, and those of statistics (stat_only) that tables name: inside the study by code, without ground."""
    if prefix is None:
        return base
    known = set(base["code"])
    inside = {code for code in used - known if code.startswith(prefix) and code.isdigit() and len(code) in _LEVELS}
    inside |= {code[:6] for code in inside} - known
    if not inside:
        return base
    rows = [
        {
            "code": code,
            "name": "",
            "level": _LEVELS[len(code)],
            "parent": study if len(code) == 6 else code[:6],
            "stat_only": 1,
            "gb_code": "",
            "area_km2": np.nan,
        }
        for code in sorted(inside)
    ]
    added = pd.DataFrame(rows)
    if GEOMETRY in base:
        added = gpd.GeoDataFrame(added.assign(geometry=None), geometry=GEOMETRY, crs=getattr(base, "crs", None))
    return pd.concat([base, added], ignore_index=True)


def unit_columns(table: sa.Table) -> list[str]:
    """The columns of a table that are codes of units."""
    keys = table.foreign_key_constraints
    return [name for name in CODES if any(name in key.column_keys and "run_id" in key.column_keys for key in keys)]


def lost_codes(frame: Columns, columns: Iterable[str], known: set[str]) -> dict[str, Mask]:
    """Rows by the rule that a code of theirs breaks: it is none of the units."""
    broken: dict[str, Mask] = {}
    for name in columns:
        if name in frame.columns:
            codes = frame[name]
            wrong = (codes.notna() & ~codes.isin(known)).to_numpy(dtype=bool)
            if wrong.any():
                broken[f"Q03: {name} REFERENCES base_admin"] = wrong
    return broken
