"""What a run leaves, as tables of the database."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import geopandas as gpd
import pandas as pd

from riskzoning.database.naming import form_table, run_table
from riskzoning.io.writing.sheets import plain
from riskzoning.layers import crs_name
from riskzoning.results import StudyResult

# What of the record of a run stands in its row, beside the study.
_KEPT = ("inputs", "warnings", "steps", "dropped")


def run_tables(result: StudyResult) -> dict[str, pd.DataFrame]:
    """The tables and layers of a run by their names in the database, rows sorted by code.

    ``base_admin`` and ``unit_*`` carry geometry; ``risk_unit`` is tidy; ``meta_*`` tell where the numbers come from.

    Examples
    --------
    >>> from riskzoning.samples import toy_result
    >>> sorted(run_tables(toy_result()))[:2]
    ['base_admin', 'meta_reconciliation']
    """
    run_id = str(result.record.get("run_id", ""))
    tables: dict[str, pd.DataFrame] = {"base_admin": _base_admin(result)}
    for level in result.all_levels:
        tables[f"unit_{level}"] = result.units[level].sort_index().reset_index()
    risk_unit = result.unit_table.copy()
    tables["risk_unit"] = risk_unit.assign(run_id=run_id)
    for name, frame in result.tables.items():
        tables[run_table(name)] = frame.assign(run_id=run_id)
    tables |= {form_table(name): frame.reset_index(drop=True) for name, frame in result.surveys.items()}
    tables |= {
        run_table(name): frame.reset_index(drop=frame.index.name is None) for name, frame in result.zones.items()
    }
    used = pd.DataFrame(result.record.get("tables_used", []))
    if len(used):
        tables["meta_tables_used"] = used.astype({"verified": "int64"}).fillna("")
    tables["meta_run"] = pd.DataFrame([_run_row(result, run_id)])
    return tables


def _base_admin(result: StudyResult) -> gpd.GeoDataFrame:
    parts = [result.units[level][["name", "level", "parent", "geometry"]] for level in result.all_levels]
    frame = gpd.GeoDataFrame(pd.concat(parts), geometry="geometry", crs=parts[0].crs)
    area = frame.to_crs(str(result.grid.crs)).geometry.area / 1e6
    # Levels that a study names itself have no code of GB/T 2260.
    county = ["" if result.level_names else str(code)[:6] for code in frame.index]
    frame = frame.assign(area_km2=area, stat_only=0, gb_code=county)
    return gpd.GeoDataFrame(frame.sort_index().reset_index(), geometry="geometry", crs=parts[0].crs)


def _run_row(result: StudyResult, run_id: str) -> dict[str, Any]:
    # Threads, memory and places of the outputs are no part of what the numbers are.
    study = {key: value for key, value in result.record.get("study", {}).items() if key not in ("run", "outputs")}
    text = json.dumps(study, sort_keys=True, ensure_ascii=False, default=str)
    return {
        "run_id": run_id,
        "code": result.code,
        "cfg_sha": hashlib.sha256(text.encode()).hexdigest(),
        "code_version": str(result.record.get("versions", {}).get("riskzoning", "")),
        "created": str(study.get("data_date", "")),
        "crs": crs_name(result.grid.crs),
        "record": json.dumps(
            plain({"study": study, **{key: result.record.get(key) for key in _KEPT}}),
            sort_keys=True,
            ensure_ascii=False,
            default=str,
            allow_nan=False,
        ),
    }
