"""Risk capacity against the target of annual losses, and the share of the urban boundary that lies in high risk."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.layers.plausible import takes

HIGH = 4


@takes()
def risk_capacity(gdp: pd.Series[float], eal: pd.Series[float], *, target: float | None = None) -> pd.DataFrame:
    """Risk capacity of units (风险容量): the annual loss that the target allows, and how much of it is used.

    Parameters
    ----------
    gdp : Series
        GDP of a year, yuan, by code.
    eal : Series
        Expected annual loss, yuan a year.
    target : float, optional
        Share of the GDP, 0..1; default the target of the plan, 1.3 % (table ``grades/plan_targets``).

    Returns
    -------
    DataFrame
        ``gdp_yuan eal capacity used``; ``used`` above 1 means exceeded, NaN without a GDP.

    Raises
    ------
    LayerError
        The target is no share.

    Examples
    --------
    >>> risk_capacity(pd.Series({"410721": 186.3e8}), pd.Series({"410721": 3.0e8})).round(4).iloc[0].tolist()
    [18630000000.0, 300000000.0, 242190000.0, 1.2387]
    """
    share = target_share() if target is None else float(target)
    if not 0 < share < 1:
        raise LayerError(Problem("planning.target", Phrase("risk_capacity"), value=share))
    product, loss = gdp.astype(float), eal.reindex(gdp.index).astype(float)
    capacity = product * share
    used = (loss / capacity.where(capacity > 0)).astype(float)
    return pd.DataFrame({"gdp_yuan": product, "eal": loss, "capacity": capacity, "used": used})


@takes()
def population_capacity(
    people: pd.Series[float], deaths: pd.Series[float], *, target: float | None = None
) -> pd.DataFrame:
    """How many people a unit bears (人口风险容量): deaths that the target allows, by the rate of deaths expected there.

    Expected deaths rise with the people who live in the place as it is. The target is that of the plan for the
    population of the unit: 1.3 a year in a million (table ``grades/plan_targets``).

    Parameters
    ----------
    people : Series
        Residents, by code.
    deaths : Series
        Expected deaths a year.
    target : float, optional
        Deaths in a million people a year.

    Returns
    -------
    DataFrame
        ``population deaths per_million capacity used``: ``capacity`` in persons, ``used`` above 1 means exceeded.
        Without expected deaths nothing limits the number: ``used`` 0 and no ``capacity``.

    Raises
    ------
    LayerError
        The target is not above 0.

    Examples
    --------
    >>> table = population_capacity(pd.Series({"a": 100_000.0}), pd.Series({"a": 0.26}))
    >>> table[["per_million", "capacity", "used"]].round(6).iloc[0].tolist()
    [2.6, 50000.0, 2.0]
    """
    facts = standards.table("grades/plan_targets").data["deaths_per_million"]
    allowed = float(facts["target"] if target is None else target)
    if not allowed > 0:
        raise LayerError(Problem("planning.target_deaths", Phrase("population_capacity"), value=allowed))
    residents, dead = people.astype(float), deaths.reindex(people.index).astype(float)
    rate = 1e6 * dead / residents.where(residents > 0)
    used = rate / allowed
    bears = residents / used.where(used > 0)
    return pd.DataFrame({"population": residents, "deaths": dead, "per_million": rate, "capacity": bears, "used": used})


def target_share() -> float:
    """The target of the plan as a share of the GDP."""
    facts = standards.table("grades/plan_targets").data["loss_gdp"]
    return float(facts["target"]) / 100


@takes()
def conflict_index(held: pd.DataFrame, codes: Sequence[str], *, kind: str = "urban_boundary") -> pd.DataFrame:
    """Share of a planned class that lies in risk of grade 4 and more (冲突指数), by unit.

    Parameters
    ----------
    held : DataFrame
        Columns ``region class risk_grade area_km2`` and, where known, ``population``: what of a class lies in which
        grade, as in the table ``planning_conflicts``.
    codes : sequence of str
        Units; one without ground of the class has no index (NaN), not 0.
    kind : str
        The class.

    Returns
    -------
    DataFrame
        Index ``codes``: ``boundary_km2 high_km2 conflict_index high_population``.

    Examples
    --------
    >>> rows = {"region": "410702", "class": "urban_boundary", "risk_grade": [2, 4, 5], "area_km2": [14.0, 5.0, 1.0]}
    >>> float(conflict_index(pd.DataFrame(rows), ["410702"])["conflict_index"].iloc[0])
    0.3
    """
    own = held[held["class"] == kind]
    high = own[own["risk_grade"] >= HIGH]
    index = pd.Index([str(code) for code in codes], name="code")
    out = pd.DataFrame(index=index)
    out["boundary_km2"] = own.groupby("region")["area_km2"].sum().reindex(index)
    out["high_km2"] = high.groupby("region")["area_km2"].sum().reindex(index).fillna(0.0)
    out["conflict_index"] = out["high_km2"] / out["boundary_km2"].where(out["boundary_km2"] > 0)
    out["high_km2"] = out["high_km2"].where(out["boundary_km2"] > 0)
    people = high.groupby("region")["population"].sum() if "population" in high else pd.Series(dtype=float)
    known = "population" in high
    out["high_population"] = people.reindex(index).fillna(0.0).where(out["boundary_km2"] > 0) if known else np.nan
    return out
