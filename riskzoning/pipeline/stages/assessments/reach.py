"""Shelters and stores: who lives within reach, what they hold, which are too small."""

from __future__ import annotations

import pandas as pd

from riskzoning import capacity, standards
from riskzoning.pipeline.stages.assessments.given import Given, Tables


def tables(given: Given) -> Tables:
    """Tables of shelters and stores from their forms."""
    return _shelters(given) | _stores(given)


def _shelters(given: Given) -> Tables:
    form = given.form("shelter")
    if form is None:
        return {}
    out: Tables = {"shelters_crowded": capacity.crowded_shelters(form)}
    supply = []
    for level, unit in (("township", "town9"), ("county", "adcode6")):
        people = given.count("population", level)
        if people is not None and unit in form:
            codes = people.index.astype(str)
            supply.append(
                capacity.shelter_supply(form, dict(zip(codes, people, strict=True)), unit=unit)
                .reset_index()
                .assign(level=level)
            )
    if supply:
        table = pd.concat(supply, ignore_index=True)
        out["shelter_supply"] = table[["code", "level", *(c for c in table.columns if c not in ("code", "level"))]]
    radii = {name: float(facts["radius_m"]) for name, facts in standards.table("capacity/shelters").data.items()}
    return out | {"shelter_coverage": _covered(given, "shelter", radii, "type")}


def _stores(given: Given) -> Tables:
    form = given.form("material_store")
    if form is None:
        return {}
    radii = {str(name): float(metres) for name, metres in standards.table("capacity/stores").data["radius_m"].items()}
    return {"stores": capacity.store_classes(form), "store_coverage": _covered(given, "material_store", radii, "level")}


def _covered(given: Given, form: str, radii: dict[str, float], kind: str) -> pd.DataFrame:
    """Shares of people within reach by unit of every level."""
    places, people = given.places(form), given.people
    if places is None or people is None:
        return pd.DataFrame()
    finest = capacity.distance_coverage(people, places, radii, kind=kind)
    finest["weighted"] = finest["mean_distance_m"] * finest["people"]
    keys = finest[["code", "kind", "radius_m", "places", "people", "covered", "weighted"]]
    parts = []
    for level, sums in given.by_level(keys, ["people", "covered", "weighted"]).items():
        living = sums["people"].where(sums["people"] > 0)
        told = sums.assign(level=level, share=sums["covered"] / living, mean_distance_m=sums["weighted"] / living)
        parts.append(told)
    columns = ["code", "level", "kind", "radius_m", "places", "people", "covered", "share", "mean_distance_m"]
    return pd.concat(parts, ignore_index=True)[columns]
