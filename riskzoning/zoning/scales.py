"""Township, county, city: grades of units, totals that reconcile, and the table of units in its tidy and wide form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskzoning import standards
from riskzoning.errors import LayerError, Problem, RunError
from riskzoning.methods.classification import classify, grade_values
from riskzoning.methods.classification.grades import check_breaks
from riskzoning.results import LEVELS

__all__ = [
    "UnitGrades",
    "grade_from_shares",
    "grade_units",
    "reconciliation",
    "three_high_one_low",
    "unit_index",
    "unit_table",
    "wide",
]

Values = Mapping[str, "pd.Series[float]"]
# Column of the wide table -> quantity that gives its unit.
_COUNTS = {
    "population": "population",
    "gdp_yuan": "gdp",
    "building_area_m2": "building_area",
    "building_value_yuan": "building_value",
    "cropland_ha": "cropland",
    "road_km": "road_length",
    "valid_share": "share",
}
_INDICATORS = {
    "hazard_index": "hazard_index",
    "risk_index": "risk_index",
    "eal": "expected_annual_loss",
    "deaths": "deaths",
}
_LABELS = ("code", "name", "level", "parent", "geometry")


@dataclass(frozen=True, eq=False)
class UnitGrades:
    """Grades of the units of all levels by one set of breaks.

    Parameters
    ----------
    codes : mapping level -> Series of uint8 by unit code
        1 = lowest; 0 = no grade.
    breaks : array of float64
        Upper bounds, from the finest level or as given; empty where there are none.
    scheme, closed : str
    reasons : mapping level -> Series of str by unit code
        Why a unit has no grade, or how a single unit got its own; only units with something to say.

    Examples
    --------
    >>> values = {"county": pd.Series([0.1, 0.2, 0.9], index=["a", "b", "c"])}
    >>> grade_units(values, k=2).codes["county"].to_dict()
    {'a': 1, 'b': 1, 'c': 2}
    """

    codes: Mapping[str, pd.Series[Any]]
    breaks: NDArray[np.float64]
    scheme: str
    closed: Literal["right", "left"]
    reasons: Mapping[str, pd.Series[Any]] = field(default_factory=dict)


def unit_index(statistics: pd.DataFrame, quantities: Mapping[str, str]) -> pd.DataFrame:
    """One value per unit and layer out of the zonal statistics: the sum of a count, the mean of anything else.

    Parameters
    ----------
    statistics : DataFrame by unit code
        Columns ``(layer, statistic)`` with ``sum``, ``mean`` and ``valid_share``, as zonal statistics give them.
    quantities : mapping layer -> quantity

    Returns
    -------
    DataFrame
        One column per layer, and ``valid_share``: the smallest of the layers that are not counts. NaN where a unit has
        no valid cell.

    Raises
    ------
    LayerError
        A statistic is missing: names each.

    Examples
    --------
    >>> columns = pd.MultiIndex.from_product([["population"], ["sum", "mean"]])
    >>> unit_index(pd.DataFrame([[5.0, 1.0]], columns=columns), {"population": "population"})
       population
    0         5.0
    """
    out: dict[str, Any] = {}
    shares, problems = [], []
    for layer, quantity in quantities.items():
        wanted = "sum" if standards.quantity(quantity).kind == "count" else "mean"
        if (layer, wanted) not in statistics.columns:
            problems.append(
                Problem(
                    f"layer '{layer}'",
                    f"has no statistic '{wanted}'",
                    f"the {wanted} per unit of a quantity of its kind",
                    f"Ask zonal_statistics for '{wanted}'.",
                    rule="scales.statistic",
                )
            )
            continue
        out[layer] = statistics[(layer, wanted)]
        if wanted == "mean" and (layer, "valid_share") in statistics.columns:
            shares.append(statistics[(layer, "valid_share")])
    if problems:
        raise LayerError(problems=problems)
    table = pd.DataFrame(out, index=statistics.index)
    if shares:
        table["valid_share"] = pd.concat(shares, axis=1).min(axis=1)
    return table


def grade_units(
    values: Values,
    *,
    scheme: str = "natural_breaks",
    k: int = 5,
    breaks: ArrayLike | None = None,
    closed: Literal["right", "left"] = "right",
    parents: pd.Series[Any] | None = None,
    areas: pd.Series[float] | None = None,
    multiples: Sequence[float] = (-2, -1, 1, 2),
    ddof: int = 1,
    exclude_zero: bool = False,
) -> UnitGrades:
    """Grades of one index for the units of all levels, comparable between levels.

    Breaks come from the finest level and are applied to the coarser ones. A level with one unit takes its grade from
    the units below: the highest grade g such that units with g and more hold a fifth of the area (table
    ``grades/rules``).

    Parameters
    ----------
    values : mapping level -> Series by unit code
        The index; NaN is no value and gets 0. Levels ``city``, ``county``, ``township``, any of them.
    scheme, k, closed, multiples, ddof, exclude_zero
        As :func:`riskzoning.zoning.classify`.
    breaks : sequence of float, optional
        Fixed or frozen upper bounds, used instead of a scheme.
    parents : Series by unit code, optional
        Code of the unit above; without it all units below belong to a single unit.
    areas : Series by unit code, optional
        Areas for the rule of the single unit; equal without it.

    Returns
    -------
    UnitGrades
        Where fewer than three units have a value and no breaks are given, nobody gets a grade, and the reason.

    Raises
    ------
    ConfigError
        Scheme or breaks are wrong.

    Examples
    --------
    >>> townships = pd.Series([0.1, 0.2, 0.8, 0.9], index=["a1", "a2", "b1", "b2"])
    >>> found = grade_units({"township": townships, "city": pd.Series([0.5], index=["c"])}, k=2)
    >>> int(found.codes["city"]["c"]), found.breaks
    (2, array([0.2, 0.9]))
    """
    levels = sorted(values, key=_fineness)
    finest = values[levels[0]].astype(float) if levels else pd.Series(dtype=float)
    bounds, why = np.empty(0), ""
    if breaks is not None and len(np.atleast_1d(np.asarray(breaks, dtype=object))):
        bounds, scheme = check_breaks(breaks), "fixed"
    else:
        known = int(np.isfinite(finest).sum())
        least = int(_rules()["minimum_units"])
        if known < least:
            why = f"only {known} unit(s) with a value: no breaks from fewer than {least}"
        else:
            options: dict[str, Any] = {"multiples": multiples, "ddof": ddof, "exclude_zero": exclude_zero}
            bounds = classify(finest, scheme, k=k, closed=closed, **options).breaks
    codes: dict[str, pd.Series[Any]] = {}
    reasons: dict[str, pd.Series[Any]] = {}
    for at, level in enumerate(levels):
        series = values[level].astype(float)
        codes[level] = grade_values(series, bounds, closed=closed)
        missing = ~np.isfinite(series)
        said = pd.Series(np.where(missing, "no value", why), index=series.index, dtype=object)
        if len(series) == 1 and at > 0 and len(bounds) and not missing.any():
            grade, note = _from_children(series.index[0], codes[levels[at - 1]], levels[at - 1], parents, areas)
            codes[level] = pd.Series([grade], index=series.index, dtype=np.uint8)
            said[:] = note
        reasons[level] = said[said != ""]
    return UnitGrades(codes, bounds, scheme, closed, reasons)


def grade_from_shares(shares: pd.DataFrame, *, share: float | None = None) -> pd.Series[Any]:
    """Grade of a unit from its area per class: the highest g such that classes g and more hold at least a fifth.

    Parameters
    ----------
    shares : DataFrame, units x classes
        Areas (or shares) of the classes 1, 2, ... in ascending order; no data is left out. Columns are the classes.
    share : float, optional
        Default of the table ``grades/rules`` (0.2).

    Returns
    -------
    Series of uint8
        0 where a unit has no graded area.

    Examples
    --------
    >>> grade_from_shares(pd.DataFrame([[70.0, 15.0, 15.0]], columns=[1, 2, 3], index=["u"])).to_dict()
    {'u': 2}
    """
    least = float(_rules()["single_unit_area_share"] if share is None else share)
    columns = sorted(column for column in shares.columns if int(column) > 0)
    areas = shares[columns].fillna(0.0).to_numpy(dtype=np.float64)
    total = areas.sum(axis=1, keepdims=True)
    above = areas[:, ::-1].cumsum(axis=1)[:, ::-1] / np.where(total > 0, total, np.nan)
    enough = above >= least - 1e-12
    grades = np.where(enough, np.array([int(column) for column in columns]), 0).max(axis=1, initial=0)
    return pd.Series(grades.astype(np.uint8), index=shares.index)


def reconciliation(
    totals: Mapping[str, Mapping[str, float]] | pd.DataFrame,
    *,
    unallocated: Mapping[str, float],
    total_input: Mapping[str, float],
    beyond_grid: Mapping[str, float] | None = None,
    tolerance: float = 1e-9,
) -> pd.DataFrame:
    """Totals of exposed quantities by level against the input, the part outside all units as its own column.

    Parameters
    ----------
    totals : mapping quantity -> {level: sum over its units}, or DataFrame quantity x level
    unallocated : mapping quantity -> float
        What lies outside all units.
    total_input : mapping quantity -> float
    beyond_grid : mapping quantity -> float, optional
        The part of ``unallocated`` that lies beyond the analysis grid.
    tolerance : float
        Largest relative difference that is not an error.

    Returns
    -------
    DataFrame
        ``quantity level total_units unallocated total_input difference``; difference = (total_units + unallocated -
        total_input) / total_input. With ``beyond_grid`` also ``beyond_grid`` and ``beyond_units``, the two parts of
        ``unallocated``: what lies beyond the grid, and on the grid but in no unit. Both are large where an input covers
        the surroundings of the city as well (land cover, roads); people of a table of units have neither.

    Raises
    ------
    RunError
        People or values were lost or made on the way: every row beyond the tolerance.

    Examples
    --------
    >>> found = reconciliation({"population": {"city": 90.0}}, unallocated={"population": 10.0},
    ...                        total_input={"population": 100.0})
    >>> found.loc[0, "difference"].item()
    0.0
    """
    by_quantity = totals.to_dict(orient="index") if isinstance(totals, pd.DataFrame) else totals
    rows, problems = [], []
    for quantity, by_level in by_quantity.items():
        given = float(total_input[str(quantity)])
        outside = float(unallocated.get(str(quantity), 0.0))
        for level, units in by_level.items():
            gap = float(units) + outside - given
            difference = gap / abs(given) if given else (0.0 if gap == 0 else np.inf * np.sign(gap))
            far = 0.0 if beyond_grid is None else float(beyond_grid.get(str(quantity), 0.0))
            rows.append((str(quantity), str(level), float(units), outside, given, difference, far, outside - far))
            if not abs(difference) <= tolerance:
                problems.append(
                    Problem(
                        f"'{quantity}' at level {level}",
                        f"adds up to {units:.15g} in units and {outside:.15g} outside, {difference:+.3g} off",
                        f"the input, {given:.15g}, within {tolerance:g}",
                        "Look for units that overlap or leave gaps, and for layers changed on the way.",
                        rule="reconciliation",
                    )
                )
    if problems:
        raise RunError(problems=problems)
    columns = ["quantity", "level", "total_units", "unallocated", "total_input", "difference"]
    table = pd.DataFrame(rows, columns=[*columns, "beyond_grid", "beyond_units"])
    return table if beyond_grid is not None else table[columns]


def three_high_one_low(
    history: pd.Series[float],
    hidden_danger: pd.Series[float],
    risk_grade: pd.Series[Any],
    capacity_grade: pd.Series[Any],
) -> pd.DataFrame:
    """Units with much loss, many hidden dangers, high risk and low capacity (三高一低).

    Parameters
    ----------
    history, hidden_danger : Series by unit code
        Index of historical loss and of hidden dangers, larger is worse.
    risk_grade, capacity_grade : Series by unit code
        Grades 1..5 (capacity: larger is stronger); 0 or NaN is no data.

    Returns
    -------
    DataFrame
        ``high_loss high_danger high_risk low_capacity key_unit`` (bool); what is missing counts as false. Limits: table
        ``grades/three_high``.

    Examples
    --------
    >>> index = pd.Series([0.9, 0.1], index=["a", "b"])
    >>> grade = pd.Series([5, 1], index=["a", "b"])
    >>> three_high_one_low(index, index, grade, 6 - grade)["key_unit"].to_dict()
    {'a': True, 'b': False}
    """
    rule = standards.table("grades/three_high").data
    out = pd.DataFrame(index=risk_grade.index)
    for name, series in (("high_loss", history), ("high_danger", hidden_danger)):
        numbers = series.reindex(out.index).astype(float)
        # A quintile of equal values is none.
        limit = numbers.quantile(1 - rule["top_share"])
        out[name] = (numbers >= limit) & (numbers > numbers.min())
    out["high_risk"] = risk_grade.fillna(0) >= rule["risk_grade"]
    capacity = capacity_grade.reindex(out.index).fillna(0)
    out["low_capacity"] = (capacity > 0) & (capacity <= rule["capacity_grade"])
    several = out[["high_loss", "high_danger", "high_risk", "low_capacity"]].sum(axis=1) >= rule["flags"]
    out["key_unit"] = several | (out["high_risk"] & out["low_capacity"])
    return out


def unit_table(units: pd.DataFrame) -> pd.DataFrame:
    """The tidy table of units from the wide one: ``code level hazard receptor indicator value units grade``.

    Parameters
    ----------
    units : DataFrame by unit code (or with a column ``code``)
        Columns of ``unit_*``: ``<h>_hazard_index``, ``<h>_<r>_risk_index``, their ``_grade``, ``<h>_eal``, exposed
        counts, ``valid_share``; ``level``. Columns that are no numbers are left out.

    Returns
    -------
    DataFrame
        One row per unit and indicator, in the order of the units and columns; ``hazard`` and ``receptor`` are empty
        where they do not apply, ``grade`` is missing where an indicator has none.

    Examples
    --------
    >>> frame = pd.DataFrame({"level": "county", "flood_risk_index": [0.4], "flood_risk_grade": [2]}, index=["410702"])
    >>> unit_table(frame)[["code", "hazard", "indicator", "value", "grade"]]
         code hazard   indicator  value  grade
    0  410702  flood  risk_index    0.4      2
    """
    frame = units.set_index("code") if "code" in units.columns else units
    level = frame["level"] if "level" in frame.columns else pd.Series("", index=frame.index)
    parts = []
    for column in _value_columns(frame):
        hazard, receptor, indicator = _parsed(column)
        value = frame[column].astype(float) if column in frame.columns else pd.Series(np.nan, index=frame.index)
        grade_column = _grade_column(column)
        has_grade = grade_column != column and grade_column in frame.columns
        grade = frame[grade_column] if has_grade else pd.Series(pd.NA, index=frame.index)
        parts.append(
            pd.DataFrame(
                {
                    "code": frame.index.astype(str),
                    "level": level.to_numpy(),
                    "hazard": hazard,
                    "receptor": receptor,
                    "indicator": indicator,
                    "value": value.to_numpy(),
                    "units": _units(indicator),
                    "grade": grade.astype("Int64").to_numpy(dtype=object),
                    "row": range(len(frame)),
                }
            )
        )
    columns = ["code", "level", "hazard", "receptor", "indicator", "value", "units", "grade"]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
    table = pd.concat(parts, ignore_index=True).sort_values("row", kind="stable", ignore_index=True)
    return table[columns].astype({"grade": "Int64"})


def wide(table: pd.DataFrame) -> pd.DataFrame:
    """The wide table of units from the tidy one: index ``code``, ``level``, one column per indicator and grade.

    Examples
    --------
    >>> frame = pd.DataFrame({"level": "county", "flood_risk_index": [0.4], "flood_risk_grade": [2]}, index=["410702"])
    >>> wide(unit_table(frame)).columns.tolist()
    ['level', 'flood_risk_index', 'flood_risk_grade']
    """
    units = table.drop_duplicates("code").set_index("code")
    out: dict[str, Any] = {"level": units["level"]}
    for (hazard, receptor, indicator), part in table.groupby(["hazard", "receptor", "indicator"], sort=False):
        column = "_".join(str(word) for word in (hazard, receptor, indicator) if word)
        rows = part.set_index("code")
        out[column] = rows["value"].reindex(units.index)
        if rows["grade"].notna().any():
            out[_grade_column(column)] = rows["grade"].reindex(units.index)
    return pd.DataFrame(out, index=units.index)


def _fineness(level: str) -> int:
    return -LEVELS.index(level) if level in LEVELS else 1


def _rules() -> Any:
    return standards.table("grades/rules").data


def _from_children(
    code: Any, grades: pd.Series[Any], level: str, parents: pd.Series[Any] | None, areas: pd.Series[float] | None
) -> tuple[int, str]:
    if parents is not None:
        own = parents.reindex(grades.index)
        grades = grades[(own == code).to_numpy()] if (own == code).any() else grades
    area = areas.reindex(grades.index).fillna(0.0) if areas is not None else pd.Series(1.0, index=grades.index)
    held = area.groupby(grades).sum().rename_axis(None)
    row = pd.DataFrame([held.to_dict()], index=[code])
    grade = int(grade_from_shares(row).iloc[0])
    share = float(_rules()["single_unit_area_share"])
    basis = "area" if areas is not None else "units"
    if not grade:
        return 0, f"no {level} has a grade"
    return grade, f"highest grade that with those above it holds {share:.0%} of the {basis} of its {level} units"


def _value_columns(frame: pd.DataFrame) -> list[str]:
    """Columns that make rows; a grade without its index makes the row of that index."""
    names: list[str] = []
    for column in map(str, frame.columns):
        if column in _LABELS or not pd.api.types.is_numeric_dtype(frame[column]):
            continue
        for what in ("hazard", "risk"):
            if column.endswith(f"_{what}_grade"):
                column = f"{column.removesuffix('_grade')}_index"
        if column not in names:
            names.append(column)
    return names


def _grade_column(column: str) -> str:
    return f"{column.removesuffix('_index')}_grade" if column.endswith(("_hazard_index", "_risk_index")) else column


def _parsed(column: str) -> tuple[str, str, str]:
    """Hazard, receptor and indicator in the name of a column."""
    for indicator in _INDICATORS:
        if not column.endswith(f"_{indicator}"):
            continue
        hazard = column.removesuffix(f"_{indicator}")
        for receptor in standards.table("names/common").data["receptor"]:
            if hazard.endswith(f"_{receptor}"):
                return hazard.removesuffix(f"_{receptor}"), receptor, indicator
        return hazard, "", indicator
    return "", "", column


def _units(indicator: str) -> str:
    quantity = _INDICATORS.get(indicator) or _COUNTS.get(indicator)
    return standards.quantity(quantity).units if quantity else ""
