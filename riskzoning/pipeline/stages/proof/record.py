"""Indices of units held against the record of losses: ranks, a year kept out, grades."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.stats import kendalltau, spearmanr

from riskzoning import standards
from riskzoning.history.holdout import Foresight, places_hit
from riskzoning.history.yearly import first_levels, unit_years
from riskzoning.methods.classification import grade_values, natural_breaks
from riskzoning.methods.ranges import spans
from riskzoning.methods.validation import grade_agreement
from riskzoning.names import MULTI, Index
from riskzoning.pipeline.stages.proof.rows import Row, Sample

# A rank correlation of fewer units says nothing.
_LEAST_UNITS = 5
_HIT_SHARE = 1 / 3


@dataclass(frozen=True)
class UnitRecord:
    """The record by unit, year and kind (as ``yearly_records`` gives it) and the level of its units."""

    records: pd.DataFrame
    level: str
    _years: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    @property
    def period(self) -> str:
        """First and last year."""
        return f"{self.records['year'].min()}-{self.records['year'].max()}"

    def years(self, hazard: str) -> pd.DataFrame:
        """Sums by unit and year of the kinds of disaster that a hazard answers for."""
        if hazard not in self._years:
            self._years[hazard] = self._summed(hazard)
        return self._years[hazard]

    def _summed(self, hazard: str) -> pd.DataFrame:
        rows = self.records
        if hazard != MULTI:
            words = standards.table("history/hazards").data.get(hazard, [])
            kinds = set(first_levels(pd.Series(words, dtype=object)).dropna())
            rows = rows[rows["hazard"].isin(kinds)]
        return unit_years(rows, {code: code for code in rows["code"].unique()}) if len(rows) else pd.DataFrame()


def rates(years: pd.DataFrame) -> pd.DataFrame:
    """Loss as a share of the GDP, dead and missing per million, affected per 100,000, by unit.

    Units without GDP or residents have the loss of a year itself, the dead and the affected of a year.
    """
    sums = years.groupby("code")
    gdp, people = sums["gdp"].sum(min_count=1), sums["population"].mean()
    by_money = bool((gdp > 0).any())
    return pd.DataFrame(
        {
            "loss": sums["loss"].sum() / gdp.where(gdp > 0) if by_money else sums["loss"].mean(),
            "dead_missing": sums["dead_missing"].mean() / (people.where(people > 0) / 1e6 if by_money else 1.0),
            "affected": sums["affected"].mean() / (people.where(people > 0) / 1e5 if by_money else 1.0),
        }
    )


def record_rows(record: UnitRecord, units: pd.DataFrame, hazards: tuple[str, ...], year: int | None) -> list[Row]:
    """What the record says of the risk indices of its units, by hazard; nothing where there are too few of them."""
    rows: list[Row] = []
    for hazard in hazards:
        years = record.years(hazard)
        index = Index(hazard, "risk")
        if not len(years) or index.key not in units.columns:
            continue
        scores = pd.Series(units[index.key].to_numpy(dtype=np.float64), index=units.index.astype(str))
        rows += _rank_rows(hazard, scores, rates(years), record.period)
        rows += _left_out(hazard, scores, years, _year(record, year), record.period)
        grades = units[index.grade_key] if index.grade_key in units.columns else pd.Series(dtype=int)
        rows += _grade_rows(hazard, grades, rates(years)["loss"], record.period)
    return rows


def _rank_rows(hazard: str, scores: pd.Series[float], recorded: pd.DataFrame, period: str) -> Iterator[Row]:
    for name in recorded.columns:
        both = pd.DataFrame({"score": scores, "record": recorded[name]}).dropna()
        if len(both) < _LEAST_UNITS or not all(spans(both[c].min(), both[c].max()) for c in both):
            continue
        about: tuple[float, str, str, Sample] = (float(len(both)), period, "", "independent")
        spearman, kendall = spearmanr(both["score"], both["record"]), kendalltau(both["score"], both["record"])
        yield Row(hazard, f"record.spearman_{name}", float(spearman.statistic), *about)
        yield Row(hazard, f"record.spearman_{name}_p", float(spearman.pvalue), *about)
        yield Row(hazard, f"record.kendall_{name}", float(kendall.statistic), *about)


def _year(record: UnitRecord, wanted: int | None) -> int | None:
    """The year to leave out: the one that is asked for, else the one that lost most of its GDP."""
    if wanted is not None:
        return wanted
    years = record.years(MULTI)
    sums = years[years["complete"]].groupby("year")[["loss", "gdp"]].sum()
    money = sums["loss"] / sums["gdp"].where(sums["gdp"] > 0)
    worst = money.fillna(0.0) if money.notna().any() else sums["loss"]
    return int(str(worst.idxmax())) if len(worst) and worst.max() > 0 else None


def _left_out(
    hazard: str, scores: pd.Series[float], years: pd.DataFrame, year: int | None, period: str
) -> Iterator[Row]:
    """Whether the units that a year hit stand high by the index, and by the record of all other years."""
    then, others = years[years["year"] == year], years[years["year"] != year]
    if year is None or not len(then) or not len(others):
        return
    lost = rates(then)["loss"].dropna()
    hit = lost[lost > 0].nlargest(max(1, round(len(lost) * _HIT_SHARE))).index
    before = rates(others)["loss"]
    known = scores.reindex(lost.index).dropna()
    if not len(known) >= _LEAST_UNITS or not 0 < len(hit) < len(known):
        return
    by_record = f"record {period} without {year}"
    yield from foresight_rows(hazard, f"leave_out_{year}.auc_risk_index", places_hit(known, hit), str(year), "")
    if before.reindex(lost.index).notna().all():
        told = places_hit(before.reindex(lost.index), hit)
        yield from foresight_rows(hazard, f"leave_out_{year}.auc_record", told, str(year), by_record)


def foresight_rows(hazard: str, measure: str, told: Foresight, period: str, calibrated_on: str) -> Iterator[Row]:
    """The chance that a unit that was hit stands above one that was not, how many were hit, and the chance of luck."""
    seen: Sample = "hold-out" if calibrated_on else "independent"
    about: tuple[float, str, str, Sample] = (float(told.units), period, calibrated_on, seen)
    yield Row(hazard, measure, told.auc, *about)
    yield Row(hazard, f"{measure}.p", told.p_value, *about)
    yield Row(hazard, f"{measure}.hit", float(told.hit), *about)


def _grade_rows(hazard: str, grades: pd.Series[int], lost: pd.Series[float], period: str) -> Iterator[Row]:
    """Agreement of the grades of the index and those of the recorded loss, both within the city."""
    if hazard != MULTI:
        return  # The grades of one hazard have fixed limits; those of all together rank the units, as the record does.
    both = pd.DataFrame({"grade": pd.Series(grades.to_numpy(), index=grades.index.astype(str)), "loss": lost}).dropna()
    both = both[both["grade"] > 0]
    classes = int(standards.table("grades/schemes").data[Index(MULTI, "risk").scheme]["k"])
    if len(both) < _LEAST_UNITS or both["loss"].nunique() < classes:
        return
    recorded = grade_values(both["loss"], natural_breaks(both["loss"].to_numpy(), classes))
    value = grade_agreement(both["grade"].to_numpy(), np.asarray(recorded))
    yield Row(hazard, "record.kappa_grade", value, float(len(both)), period, "", "independent")


def as_forms(table: pd.DataFrame, columns: Mapping[str, str | None], money: float) -> pd.DataFrame:
    """A plain table of the history as the survey form has it; ``money`` makes 万元 of its amounts."""
    of_form = {
        "adcode6": "unit", "year": "year", "hazard": "hazard", "loss_total": "loss", "gdp_wan": "gdp",
        "pop_end": "population", "dead": "dead", "missing": "missing", "affected": "affected",
    }  # fmt: skip
    made = {name: table[column] for name, key in of_form.items() if (column := columns.get(key)) is not None}
    for name in {"loss_total", "gdp_wan"} & set(made):
        made[name] = pd.to_numeric(made[name], errors="coerce") * money
    return pd.DataFrame(made)
