"""People by age and the building stock of units, and what the forms count against the layers."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning import exposure, standards
from riskzoning.errors import Phrase, Problem, note
from riskzoning.pipeline.stages.assessments.given import Given, Tables

# Forms whose residents are held against the layer: the column of the residents and that of the code.
_RESIDENTS = {
    "exp_population": ("pop_res", "town9"),
    "cap_township": ("pop", "town9"),
    "cap_community": ("pop", "town9"),
}
# Beyond this difference a unit is told.
_LIMIT = 0.05


def tables(given: Given) -> Tables:
    """Tables of exposure from the forms of population and buildings."""
    return _ages(given) | _stock(given) | _against_layers(given)


def _ages(given: Given) -> Tables:
    form = given.form("exp_population")
    if form is None:
        return {}
    parts = [
        exposure.people_by_age(form, unit_of).reset_index().assign(level=level)
        for level, unit_of in given.levels("township").items()
        if unit_of
    ]
    if not parts:
        return {}
    table = pd.concat(parts, ignore_index=True)
    return {"exposure_by_age": table[["code", "level", *(c for c in table.columns if c not in ("code", "level"))]]}


def _stock(given: Given) -> Tables:
    buildings = _buildings(given)
    if buildings is None:
        return {}
    finest = exposure.building_stock(buildings)
    stock, weak = [], []
    for level, unit_of in given.levels(given.run.setting.finest).items():
        moved = finest.assign(code=finest["code"].map(unit_of)).dropna(subset=["code"])
        stock.append(exposure.summed_stock(moved, ("code", "structure", "period")).assign(level=level))
        weak.append(exposure.summed_stock(moved).assign(level=level))
    first = ["code", "level"]
    tables = {
        "building_stock": pd.concat(stock, ignore_index=True),
        "buildings_by_unit": pd.concat(weak, ignore_index=True),
    }
    return {name: t[[*first, *(c for c in t.columns if c not in first)]] for name, t in tables.items()}


def _buildings(given: Given) -> pd.DataFrame | None:
    """Buildings with the code of their finest unit: those of the study's layer, else those of the form."""
    params = given.run.setting.study.exposure.buildings
    if params is not None and params.structure is not None:
        frame = given.run.catalogue.vector(params.points)
        factor = float(standards.convert_units(1.0, params.value_units, "loss", thing=Phrase("buildings_surveyed")))
        columns = {
            "struct": params.structure,
            "built_year": params.built_year,
            "area_m2": params.area,
            "n_repr": params.factor,
        }
        named = {name: frame[column] for name, column in columns.items() if column is not None and column in frame}
        if params.value is not None:
            named["value_yuan"] = pd.to_numeric(frame[params.value], errors="coerce") * factor
        elif params.unit_value is not None:
            named["value_yuan"] = pd.to_numeric(frame[params.area], errors="coerce") * float(params.unit_value)
        table = pd.DataFrame(named)
        table["code"] = _unit_at(given, frame)
        return table
    form = given.form("exp_building")
    if form is None or "town9" not in form or given.run.setting.finest != "township":
        return None
    return form.rename(columns={"town9": "code"})


def _unit_at(given: Given, frame: gpd.GeoDataFrame) -> pd.Series:
    """The finest unit that each feature lies in."""
    units = given.units[given.units["level"] == given.run.setting.finest][["geometry"]]
    points = gpd.GeoDataFrame(geometry=frame.geometry.representative_point(), crs=frame.crs).to_crs(units.crs)
    joined = gpd.sjoin(points, units, predicate="intersects")
    return joined[~joined.index.duplicated()].iloc[:, -1].astype("string").reindex(frame.index)


def _against_layers(given: Given) -> Tables:
    """Residents of the forms against those of the layer, unit by unit."""
    people = given.count("population", "township")
    if people is None:
        return {}
    parts = []
    for name, (field, unit) in _RESIDENTS.items():
        form = given.form(name)
        if form is None or not {field, unit} <= set(form.columns):
            continue
        values = pd.to_numeric(form[field], errors="coerce").astype(np.float64)
        sums = values.groupby(form[unit].astype(str)).sum(min_count=1).reindex(people.index)
        table = pd.DataFrame({"form": name, "form_total": sums, "unit_total": people})
        table["difference"] = table["form_total"] / people.where(people > 0) - 1
        parts.append(table.rename_axis("code").reset_index().assign(level="township", quantity="population"))
        _tell(name, table)
    if not parts:
        return {}
    columns = ["code", "level", "quantity", "form", "form_total", "unit_total", "difference"]
    return {"form_reconciliation": pd.concat(parts, ignore_index=True)[columns]}


def _tell(name: str, table: pd.DataFrame) -> None:
    known = table.dropna(subset=["difference"])
    if not len(known):
        return
    off = known["difference"].abs()
    worst, beyond = str(off.index[int(np.argmax(off.to_numpy()))]), int((off > _LIMIT).sum())
    note(
        Problem(
            "exposure.form_totals",
            Phrase("form_population", name=name),
            severity="warning" if beyond else "info",
            count=len(known),
            off=beyond,
            worst=worst,
            most=float(known["difference"].loc[worst]),
            form_total=float(known["form_total"].sum()),
            unit_total=float(known["unit_total"].sum()),
            limit=_LIMIT,
        )
    )
