"""Shelters and stores: what they hold, by the classes of their standards."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskzoning import standards
from riskzoning.errors import Phrase
from riskzoning.inputs import check_columns
from riskzoning.layers.plausible import takes


def shelter_supply(shelters: pd.DataFrame, residents: Mapping[str, float], *, unit: str = "town9") -> pd.DataFrame:
    """Places in shelters of each unit, over its residents; every unit gets a row, also one without a shelter.

    Parameters
    ----------
    shelters : DataFrame
        Fields of the survey form ``shelter``: ``type area_m2 capacity`` and the code of the unit.
    residents : mapping
        Code of a unit -> residents.
    unit : str
        Column of the code.

    Returns
    -------
    DataFrame
        Index: code. ``residents shelters places area_m2 places_per_resident`` (NaN without residents)
        ``m2_per_place`` (NaN without places), and the number of shelters of each class.

    Raises
    ------
    SurveyError
        Columns are missing.

    Examples
    --------
    >>> rows = pd.DataFrame({"town9": ["a"], "type": ["紧急避难场所"], "area_m2": [3000.0], "capacity": [2000]})
    >>> shelter_supply(rows, {"a": 8000, "b": 500})["places_per_resident"].to_dict()
    {'a': 0.25, 'b': 0.0}
    """
    check_columns(shelters, ("type", "area_m2", "capacity", unit), Phrase("survey_form", name="shelter"), form=True)
    people = pd.Series({str(code): float(count) for code, count in residents.items()}, name="residents")
    codes = shelters[unit].astype("string")
    grouped = shelters[["area_m2", "capacity"]].astype(np.float64).groupby(codes.to_numpy()).sum()
    out = people.rename_axis("code").to_frame()
    out["shelters"] = codes.value_counts().reindex(out.index, fill_value=0).astype(np.int64)
    out["places"] = grouped["capacity"].reindex(out.index, fill_value=0.0)
    out["area_m2"] = grouped["area_m2"].reindex(out.index, fill_value=0.0)
    out["places_per_resident"] = out["places"] / people.where(people > 0)
    out["m2_per_place"] = out["area_m2"] / out["places"].where(out["places"] > 0)
    for name, facts in standards.table("capacity/shelters").data.items():
        own = codes[shelters["type"].astype("string") == name].value_counts()
        out[str(facts["en"]).replace(" ", "_").replace("-", "_")] = own.reindex(out.index, fill_value=0).astype(
            np.int64
        )
    return out


def crowded_shelters(shelters: pd.DataFrame) -> pd.DataFrame:
    """Shelters whose effective area is too small for the people that they are said to hold.

    Parameters
    ----------
    shelters : DataFrame
        Fields ``shelter_id name type area_m2 capacity`` of the survey form ``shelter``.

    Returns
    -------
    DataFrame
        These shelters, with ``m2_person`` (what a person has), ``required`` (least area of a person of the class) and
        ``places_too_many``.

    Examples
    --------
    >>> row = {"shelter_id": "1", "name": "x", "type": "长期避难场所", "area_m2": 3000.0, "capacity": 1500}
    >>> crowded_shelters(pd.DataFrame([row]))[["m2_person", "required", "places_too_many"]].values.tolist()
    [[2.0, 3.0, 500.0]]
    """
    check_columns(
        shelters,
        ("shelter_id", "name", "type", "area_m2", "capacity"),
        Phrase("survey_form", name="shelter"),
        form=True,
    )
    least = {name: float(facts["m2_person"]) for name, facts in standards.table("capacity/shelters").data.items()}
    out = pd.DataFrame(shelters[["shelter_id", "name", "type", "area_m2", "capacity"]])
    area, places = out["area_m2"].astype(np.float64), out["capacity"].astype(np.float64)
    out["m2_person"], out["required"] = area / places.where(places > 0), out["type"].astype("string").map(least)
    out["required"] = out["required"].astype(np.float64)
    out["places_too_many"] = places - np.floor(area / out["required"] + 1e-9)
    return out[out["m2_person"] < out["required"] - 1e-9].reset_index(drop=True)


@takes()
def store_area(people: ArrayLike) -> NDArray[np.float64]:
    """Floor area (m2) that a store of relief goods needs for so many people to be relocated.

    Parameters
    ----------
    people : array
        Persons.

    Returns
    -------
    array
        m2, linear between the classes of the table ``capacity/stores``; below the smallest in proportion to it, above
        the largest as many m2 a person as there.

    Examples
    --------
    >>> store_area([720_000, 160_000, 5_000]).tolist()
    [22750.0, 6750.0, 1000.0]
    """
    classes = standards.table("capacity/stores").data["classes"]
    rows = sorted({point for c in classes for point in zip(c["people_wan"], c["area_m2"], strict=True)})
    at, area = np.array([row[0] for row in rows]) * 1e4, np.array([row[1] for row in rows], dtype=np.float64)
    count = np.asarray(people, dtype=np.float64)
    inside = np.interp(count, at, area)
    inside = np.where(count < at[0], count * area[0] / at[0], inside)
    return np.asarray(np.where(count > at[-1], count * area[-1] / at[-1], inside))


def store_classes(stores: pd.DataFrame) -> pd.DataFrame:
    """Size class of stores of relief goods by their floor area, and the area that the people they serve would need.

    Parameters
    ----------
    stores : DataFrame
        Fields ``store_id name level area_m2 serves`` of the survey form ``material_store``.

    Returns
    -------
    DataFrame
        One row a store: these fields, ``class`` (1 largest .. 6 smallest, 0 below the smallest), ``required_m2`` and
        ``short_m2`` (0 where it is large enough).

    Examples
    --------
    >>> row = {"store_id": "1", "name": "x", "level": "县级", "area_m2": 3200.0, "serves": 50_000}
    >>> store_classes(pd.DataFrame([row]))[["class", "required_m2", "short_m2"]].values.tolist()
    [[5.0, 3750.0, 550.0]]
    """
    check_columns(
        stores,
        ("store_id", "name", "level", "area_m2", "serves"),
        Phrase("survey_form", name="material_store"),
        form=True,
    )
    rows = standards.table("capacity/stores").data["classes"]
    limits = sorted((float(row["area_m2"][0]), int(row["class"])) for row in rows)
    out = pd.DataFrame(stores[["store_id", "name", "level", "area_m2", "serves"]])
    area = out["area_m2"].to_numpy(dtype=np.float64)
    classes = np.array([0, *(number for _, number in limits)])
    out["class"] = classes[np.searchsorted([limit for limit, _ in limits], area, side="right")]
    out["required_m2"] = store_area(out["serves"].to_numpy(dtype=np.float64))
    out["short_m2"] = (out["required_m2"] - area).clip(lower=0)
    return out.reset_index(drop=True)
