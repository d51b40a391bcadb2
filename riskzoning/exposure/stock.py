"""People by age and buildings by structure and year, for units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.errors import Phrase, Problem, note
from riskzoning.exposure.buildings import structure_vulnerability
from riskzoning.inputs import check_columns, numbers_of
from riskzoning.layers.plausible import takes


@takes()
def people_by_age(forms: pd.DataFrame, unit_of: Mapping[str, str], *, unit: str = "town9") -> pd.DataFrame:
    """Residents of units by age, and the share of those who need help: children to 14 and people from 65.

    Parameters
    ----------
    forms : DataFrame
        One row a township: the code, ``pop_res``, and of ``age0_14 age15_59 age60p age65p`` (the last within the one
        before) what was surveyed; fields of the form ``exp_population``.
    unit_of : mapping
        Code of a township -> code of the unit that it is added up to.
    unit : str
        Column of the code.

    Returns
    -------
    DataFrame
        Index: code of the unit. ``residents`` and the ages (persons), ``vulnerable``, ``vulnerable_share`` (0..1 of the
        residents whose age is known); NaN where an age was not surveyed.

    Raises
    ------
    LayerError
        Columns are missing.

    Examples
    --------
    >>> rows = pd.DataFrame({"town9": ["a"], "pop_res": [1000], "age0_14": [200], "age65p": [100]})
    >>> people_by_age(rows, {"a": "u"})["vulnerable_share"].to_dict()
    {'u': 0.3}
    """
    rules = standards.table("exposure/ages").data
    check_columns(forms, [unit, "pop_res"], Phrase("buildings_surveyed"))
    ages = [name for name in (*rules["groups"], *rules["within"]) if name in forms.columns]
    numbers = forms[["pop_res", *ages]].apply(pd.to_numeric, errors="coerce").astype(np.float64)
    vulnerable = [name for name in rules["vulnerable"] if name in ages]
    whole = len(vulnerable) == len(rules["vulnerable"])
    numbers["vulnerable"] = numbers[vulnerable].sum(axis=1, skipna=False) if whole else np.nan
    numbers["_known"] = numbers["pop_res"].where(numbers["vulnerable"].notna())
    codes = forms[unit].astype("string").map(unit_of)
    out = numbers.groupby(codes.to_numpy(dtype=object)).sum(min_count=1).rename_axis("code")
    out["vulnerable_share"] = out["vulnerable"] / out["_known"].where(out["_known"] > 0)
    return out.drop(columns="_known").rename(columns={"pop_res": "residents"})


@takes()
def building_stock(buildings: pd.DataFrame, *, unit: str = "code") -> pd.DataFrame:
    """Buildings of units by structure and period: number, floor area, value; a sample by its expansion factors.

    Parameters
    ----------
    buildings : DataFrame
        One row a building: the code of its unit, ``struct`` (codes of the form), ``built_year``, ``area_m2``; of
        ``value_yuan`` and ``n_repr`` (buildings that it stands for) what is there. Without a value the replacement cost
        of its structure times the floor area counts (``exposure/replacement_cost``).
    unit : str
        Column of the code.

    Returns
    -------
    DataFrame
        ``code structure period`` (-1979, 1980-2001, 2002-, unknown) ``buildings area_m2 value_yuan`` (of the stock)
        ``vulnerability`` (sum of area times v over the area) ``sampled`` (rows) ``sample_fraction`` (rows a building of
        the stock).

    Raises
    ------
    LayerError
        Columns are missing.

    Examples
    --------
    >>> rows = {"code": "u", "struct": "2", "built_year": 2010, "area_m2": [100.0, 300.0], "n_repr": [2.0, 1.0]}
    >>> building_stock(pd.DataFrame(rows))[["period", "buildings", "area_m2", "value_yuan"]].values.tolist()
    [['2002-', 3.0, 500.0, 1100000.0]]
    """
    check_columns(buildings, [unit, "struct", "area_m2"], Phrase("buildings_surveyed"))
    struct = buildings["struct"].astype("string").fillna("9")
    area, factor = numbers_of(buildings, "area_m2"), numbers_of(buildings, "n_repr").fillna(1.0)
    year = numbers_of(buildings, "built_year")
    cost = {str(code): float(price) for code, price in standards.table("exposure/replacement_cost").data.items()}
    stated = numbers_of(buildings, "value_yuan")
    made_up = stated.isna()
    value = stated.where(~made_up, area * struct.map(cost).astype(np.float64))
    if made_up.any():
        thing = Phrase("buildings_surveyed")
        note(
            Problem("exposure.replacement_cost", thing, severity="info", count=int(made_up.sum()), rows=len(buildings))
        )
    weak = structure_vulnerability(pd.to_numeric(struct, errors="coerce").to_numpy(dtype=np.float64), year.to_numpy())
    table = pd.DataFrame({"code": buildings[unit].astype("string").to_numpy(), "structure": struct.to_numpy()})
    table["period"] = np.select([year.isna(), year < 1980, year < 2002], ["unknown", "-1979", "1980-2001"], "2002-")
    table["buildings"], table["area_m2"] = factor.to_numpy(), (area * factor).to_numpy()
    table["value_yuan"] = (value * factor).to_numpy()
    table["weak"] = table["area_m2"] * weak
    table["judged"] = table["area_m2"].where(np.isfinite(weak))
    table["sampled"] = 1
    out = table.dropna(subset=["code"]).groupby(["code", "structure", "period"]).sum().reset_index()
    return _told(out)


@takes()
def summed_stock(stock: pd.DataFrame, by: Sequence[str] = ("code",)) -> pd.DataFrame:
    """A table of :func:`building_stock` added up, for instance over structures, or to the units above.

    Parameters
    ----------
    stock : DataFrame
    by : sequence of str
        Columns to keep.

    Returns
    -------
    DataFrame
        ``by`` and ``buildings area_m2 value_yuan vulnerability sampled sample_fraction``.

    Examples
    --------
    >>> rows = {"code": "u", "struct": ["2", "5"], "built_year": [2010, 1970], "area_m2": [300.0, 100.0]}
    >>> summed_stock(building_stock(pd.DataFrame(rows)))["vulnerability"].round(3).tolist()
    [0.3]
    """
    table = stock.assign(judged=stock["area_m2"].where(stock["vulnerability"].notna()))
    table["weak"] = table["vulnerability"] * table["judged"]
    columns = ["buildings", "area_m2", "value_yuan", "weak", "judged", "sampled"]
    return _told(table.groupby(list(by))[columns].sum().reset_index())


def _told(sums: pd.DataFrame) -> pd.DataFrame:
    sums["vulnerability"] = sums["weak"] / sums["judged"].where(sums["judged"] > 0)
    sums["sample_fraction"] = sums["sampled"] / sums["buildings"].where(sums["buildings"] > 0)
    known = ["buildings", "area_m2", "value_yuan", "vulnerability", "sampled", "sample_fraction"]
    return sums[[*(name for name in sums.columns if name not in {*known, "weak", "judged"}), *known]]
