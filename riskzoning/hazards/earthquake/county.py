"""Basic PGA of counties by the table of the design standard: by code, then by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskzoning import numerals, standards
from riskzoning.codes import code_text
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.hazards.earthquake.design import intensity_of
from riskzoning.hazards.inputs import input_of
from riskzoning.inputs import InputSpec, unusual
from riskzoning.layers import LayerFacts
from riskzoning.layers.plausible import takes

Rows: TypeAlias = Mapping[str, Mapping[str, Any]]
_TABLE = "hazards/earthquake_county_pga"
# The highest class of the map of GB 18306, g; borders drawn twice differ by slivers.
_HIGHEST_CLASS, _SLIVER = 0.4, 1e-3
_FACTS = ("pga", "intensity", "group", "period")


@takes()
def county_pga(units: pd.DataFrame, table: Rows | pd.DataFrame | None = None) -> pd.DataFrame:
    """Units with the basic PGA (g), intensity, design group and characteristic period (s) of their county.

    Parameters
    ----------
    units : DataFrame or GeoDataFrame
        Units with ``code`` (or the code as index) or ``name``: counties, or townships and villages, whose first six
        digits are the county.
    table : mapping or DataFrame, optional
        Code -> ``pga`` and what else is known, or a frame with ``code`` (or ``name``) and ``pga``; it comes before the
        table ``hazards/earthquake_county_pga`` of the standards.

    Returns
    -------
    DataFrame or GeoDataFrame
        The units with columns ``pga``, ``intensity``, ``group``, ``period``; NaN for a unit that no row matches, by
        code nor by name, which is warned about.

    Raises
    ------
    LayerError
        There is neither code nor name, no unit matches, or a PGA of the table is no number from 0 to 5 g.

    Examples
    --------
    >>> county_pga(pd.DataFrame({"code": ["410724", "410727"], "name": ["获嘉县", "封丘县"]}))["pga"].tolist()
    [0.2, 0.15]
    >>> county_pga(pd.DataFrame({"name": ["长垣县"]}))["intensity"].tolist()
    [7.0]
    """
    shipped = {str(key): row for key, row in standards.table(_TABLE).data.items()}
    own = _own_rows(table, shipped)
    tables: list[tuple[Rows, Rows]] = [(own, _by_name(own)), (shipped, _by_name(shipped))]
    labels = _column(units, "code"), _column(units, "name")
    if labels[0] is None and labels[1] is None:
        thing = Phrase("county_units")
        raise LayerError(Problem("earthquake.columns", thing, missing=["code"], columns=list(map(str, units.columns))))
    texts = list(zip(*_texts(labels, len(units))))
    matched = [_match(code, name, tables) for code, name in texts]
    lacking = [" ".join(text).strip() for text, row in zip(texts, matched) if not row]
    if len(lacking) == len(units):
        raise LayerError(
            Problem("earthquake.no_county", Phrase("county_units"), units=lacking, counties=len(own | shipped))
        )
    if lacking:
        note(Problem("earthquake.counties", Phrase("county_units"), severity="warning", units=lacking))
    facts = {name: [float(row.get(name, np.nan)) if row else np.nan for row in matched] for name in _FACTS}
    return units.assign(**facts)


def basic_pga_of(zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Polygons with the basic PGA that each brings in a column ``pga``, or that its county has by the table."""
    if "pga" not in zones:
        return cast(gpd.GeoDataFrame, county_pga(zones))
    values = pd.to_numeric(zones["pga"], errors="coerce")
    hard = standards.quantity("pga").hard
    assert hard is not None
    wrong = zones["pga"].notna() & ~values.between(*hard)
    if wrong.any() or values.isna().all():
        thing = Phrase("pga_of_counties")
        shown = [str(value) for value in zones["pga"][wrong | values.isna()]]
        raise LayerError(Problem("earthquake.county_values", thing, values=shown, most=hard[1]))
    return cast(gpd.GeoDataFrame, zones.assign(pga=values))


def tell_zones(zones: gpd.GeoDataFrame) -> None:
    """Tell of zones that overlap with different values, and of values that are hardly those of a basic level in g."""
    thing, values = input_of("earthquake", "pga_zones"), zones["pga"].to_numpy(dtype=np.float64)
    if not len(values):
        return
    low, high, count = float(values.min()), float(values.max()), len(values)
    facts = LayerFacts(count, count, minimum=low, maximum=high, total=float(values.sum()), whole=False)
    basic = InputSpec("pga_zones", "polygons", "pga", lowest=(0.0, _HIGHEST_CLASS), highest=(0.04, 1.5))
    for problem in unusual(facts, basic, thing):
        note(problem)
    broken = ~shapely.is_valid(zones.geometry.to_numpy())
    if broken.any():
        shown = [f"{label} ({reason})" for label, reason in zones.geometry[broken].is_valid_reason().items()]
        note(Problem("earthquake.zones_rings", thing, severity="warning", count=int(broken.sum()), rows=shown))
    shapes = zones.geometry.make_valid().to_numpy()
    one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = (one < two) & (values[one] != values[two])
    one, two = one[pairs], two[pairs]
    shared = shapely.area(shapely.intersection(shapes[one], shapes[two]))
    wide = shared > _SLIVER * np.minimum(shapely.area(shapes[one]), shapely.area(shapes[two]))
    if wide.any():
        labels = [zones.index[at] for at in (one[wide][0], two[wide][0])]
        rows = [str(label + 1) if isinstance(label, int | np.integer) else str(label) for label in labels]
        note(Problem("earthquake.zones_overlap", thing, severity="warning", count=int(wide.sum()), rows=rows))


def _by_name(rows: Rows) -> Rows:
    """The rows by name; counties that became cities or districts also by their old one: 长垣县 is 长垣市 now."""
    names = {str(row["name"]).strip(): row for row in rows.values() if row.get("name")}
    return {f"{name[:-1]}县": row for name, row in names.items() if name[-1] in "市区"} | names


def _own_rows(table: Rows | pd.DataFrame | None, shipped: Rows) -> dict[str, dict[str, Any]]:
    """The rows of a table of one's own; what it does not say of a county of the standards is as there."""
    if table is None:
        return {}
    if isinstance(table, pd.DataFrame):
        lacking = [] if "pga" in table else ["pga"]
        lacking += [] if {"code", "name"} & set(table.columns) else ["code"]
        if lacking:
            thing = Phrase("pga_of_counties")
            columns = list(map(str, table.columns))
            raise LayerError(Problem("earthquake.columns", thing, missing=lacking, columns=columns))
        keys = table["code"] if "code" in table else table["name"]
        records = [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
        rows = {str(code_text(key) or key): row for key, row in zip(keys, records)}
    else:
        rows = {str(key): dict(row) for key, row in table.items()}
    hard = standards.quantity("pga").hard
    assert hard is not None
    wrong = []
    for key, row in rows.items():
        row["pga"] = numerals.number(row.get("pga"))
        if not hard[0] <= row["pga"] <= hard[1]:
            wrong.append(f"{key}: {row['pga']:g}")
        row.setdefault("intensity", intensity_of(row["pga"]))
    if wrong:
        raise LayerError(Problem("earthquake.county_values", Phrase("pga_of_counties"), values=wrong, most=hard[1]))
    return {key: {**shipped.get(key, {}), **row} for key, row in rows.items()}


def _column(units: pd.DataFrame, name: str) -> pd.Series[Any] | None:
    if name in units:
        return units[name]
    return pd.Series(units.index, index=units.index) if units.index.name == name else None


def _texts(labels: tuple[pd.Series[Any] | None, pd.Series[Any] | None], count: int) -> tuple[list[str], list[str]]:
    code, name = labels
    codes = [""] * count if code is None else [code_text(value) or "" for value in code]
    return codes, [""] * count if name is None else ["" if pd.isna(value) else str(value) for value in name]


def _match(code: str, name: str, tables: list[tuple[Rows, Rows]]) -> Mapping[str, Any] | None:
    """The row of a unit: in the first table that has its code, its county's code, or its name."""
    for rows, names in tables:
        row = rows.get(code) or rows.get(code[:6]) or names.get(name.strip()) if code or name else None
        if row:
            return row
    return None
