"""Modelled losses held against recorded ones, and the targets of the plan, which only a record can answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning import history, standards
from riskzoning.codes import code_texts
from riskzoning.config import HistoryConfig
from riskzoning.errors import Phrase, Problem, language, note
from riskzoning.exposure import RECEPTORS
from riskzoning.names import MULTI, Measure
from riskzoning.pipeline.state import Run
from riskzoning.pipeline.workspace.frames import Frames
from riskzoning.pipeline.workspace.resume import frames_once

# Beyond this factor between modelled and recorded losses one of them is wrong, or they mean different things.
FACTOR = 3.0
# From this chance on that nothing has happened, a record without events is no evidence against the model.
_MAY_BE_EMPTY = 0.05
_TARGETS = [
    "indicator", "target", "units", "value", "met", "basis", "first_year", "last_year", "modelled", "modelled_about",
    "mean_of_years", "trend", "slope", "p_value", "trend_text",
]  # fmt: skip
_FIRST = {"yuan/a": "eal.first_segment_share", "person/a": "deaths.first_segment_share"}


class Recorded(NamedTuple):
    """Losses by year and hazard (yuan), all hazards together, and the years' GDP (yuan) and persons where given."""

    losses: pd.DataFrame
    annual: pd.DataFrame


def recorded(run: Run) -> Recorded | None:
    """The history of the study by year, which is kept: a book of disasters takes long to read; None without one."""
    given = run.setting.study.history
    if given is None:
        return None

    def made() -> tuple[Frames, dict[str, Any]]:
        of_years = by_year(run.catalogue.table(given.table), given)
        return of_years._asdict(), {}

    kept = frames_once(run, "history", made)
    return Recorded(kept["losses"], kept["annual"])


def by_year(records: pd.DataFrame, given: HistoryConfig) -> Recorded:
    """Records of places and kinds of disaster, added up by year."""
    years = pd.to_numeric(records[given.year], errors="coerce")
    inside = (years >= (given.first or -np.inf)) & (years <= (given.last or np.inf))
    rows = _plausible(records[inside.to_numpy()], given)
    losses = pd.DataFrame(index=pd.Index([], dtype=np.int64, name="year"))
    if given.hazard is not None:
        losses = history.annual_losses(rows, hazard=given.hazard, year=given.year, loss=given.loss, units=given.units)
    when = pd.to_numeric(rows[given.year]).astype(int)

    def sums(column: str | None, factor: float = 1.0) -> pd.Series[float] | None:
        if column is None:
            return None
        return pd.to_numeric(rows[column], errors="coerce").fillna(0.0).groupby(when).sum() * factor

    def stated(column: str | None, factor: float = 1.0) -> pd.Series[float] | None:
        """GDP and residents are repeated on every row of a county and year: one of them counts."""
        if column is None:
            return None
        places = [""] * len(rows) if given.unit is None else code_texts(rows[given.unit])
        county = pd.Series(places, index=rows.index, dtype=object).fillna("")
        once = pd.to_numeric(rows[column], errors="coerce").groupby([county, when]).median()
        return once.groupby(level=1).sum() * factor

    money = float(standards.convert_units(1.0, given.units, "loss", thing=Phrase("losses_recorded")))
    dead = [part for part in (sums(given.dead), sums(given.missing)) if part is not None]
    columns = {
        "loss": sums(given.loss, money),
        "gdp": stated(given.gdp, money),
        "population": stated(given.population),
        "dead_missing": sum(dead[1:], dead[0]) if dead else None,
        "affected": sums(given.affected),
    }
    annual = pd.DataFrame({name: values for name, values in columns.items() if values is not None})
    return Recorded(losses, annual.rename_axis("year").reset_index())


def _plausible(rows: pd.DataFrame, given: HistoryConfig) -> pd.DataFrame:
    """Rows without those whose loss is above the year's GDP of their county: a wrong unit, not a disaster."""
    if given.gdp is None:
        return rows
    loss, product = (pd.to_numeric(rows[name], errors="coerce") for name in (given.loss, given.gdp))
    wrong = ((loss > product) & (product > 0)).to_numpy()
    if wrong.any():
        thing = Phrase("losses_recorded")
        columns = [name for name in (given.unit, given.hazard, given.year) if name is not None]
        shown = [" ".join(map(str, rows[columns].iloc[at])) for at in np.flatnonzero(wrong)]
        most = float((loss / product)[wrong].max())
        note(Problem("dropped.history_amounts", thing, severity="warning", rows=shown, most=most, field=given.loss))
    return rows[~wrong]


def against_history(
    given: Recorded | None, units: Mapping[str, gpd.GeoDataFrame], segments: pd.DataFrame
) -> pd.DataFrame:
    """Rows ``hazard measure value``: modelled and recorded loss of a year, and how many times the one is the other.

    Where the GDP of the years is known, the record is taken as a share of it and brought to the GDP of the study.
    """
    rows = [
        {"hazard": str(hazard), "measure": _FIRST[str(units)], "value": float(part["share"].iloc[0])}
        for (hazard, units), part in segments.groupby(["hazard", "units"], sort=False)
    ]
    for hazard, part in segments.groupby("hazard", sort=False):
        known = part.iloc[0]
        if known["protected_share"] > 0:
            rows += [
                {"hazard": str(hazard), "measure": f"eal.{name}", "value": float(known[name])}
                for name in ("protection_years", "protected_share")
            ]
    if given is not None and units:
        coarsest = next(iter(units.values()))
        gdp = _sum(coarsest, RECEPTORS["economy"].counts[0].name)
        for hazard in map(str, given.losses):
            modelled = _sum(coarsest, Measure("eal", hazard).key)
            values = _recorded_values(given, hazard, gdp)
            rows += [{"hazard": hazard, "measure": f"eal.{name}", "value": value} for name, value in values.items()]
            if modelled is None:
                continue
            wanted = values.get("recorded_at_present_gdp", values["recorded"])
            ratio = modelled / wanted if wanted > 0 else np.inf
            rows.append({"hazard": hazard, "measure": "eal.modelled", "value": modelled})
            rows.append({"hazard": hazard, "measure": "eal.modelled_by_recorded", "value": ratio})
            reasons = _reasons(segments[segments["hazard"] == hazard], len(given.losses))
            rows += [{"hazard": hazard, "measure": f"eal.{name}", "value": value} for name, value in reasons.items()]
            _judge(hazard, modelled, wanted, reasons)
    return pd.DataFrame(rows, columns=["hazard", "measure", "value"])


def _recorded_values(given: Recorded, hazard: str, gdp: float | None) -> dict[str, float]:
    lost = given.losses[hazard]
    values = {"recorded": float(lost.mean())}
    if gdp is not None and "gdp" in given.annual:
        product = given.annual.set_index("year")["gdp"].reindex(lost.index)
        values["recorded_at_present_gdp"] = float(lost.sum() / product.sum()) * gdp
    return values


def _reasons(segments: pd.DataFrame, years: int) -> dict[str, float]:
    """What a record of so many years can say of the modelled losses.

    The share that comes from rarer events than the record is long, the segment of return periods that contributes most,
    and the chance that so short a record has no event of that segment or rarer.
    """
    money = segments[segments["units"] == "yuan/a"]
    share, begins = (money[name].to_numpy(dtype=np.float64) for name in ("share", "from_period"))
    out = {"record_years": float(years)}
    if np.any(share > 0):
        most = int(np.nanargmax(share))
        first = float(begins[most])
        out["rarer_than_record"] = float(np.nansum(share[begins >= years]))
        out["largest_segment_from"], out["largest_segment_share"] = first, float(share[most])
        out["chance_that_record_has_none"] = float(np.exp(-years / first))
    return out


def _judge(hazard: str, modelled: float, wanted: float, reasons: Mapping[str, float]) -> None:
    ratio = modelled / wanted if wanted > 0 else np.inf
    if 1 / FACTOR <= ratio <= FACTOR:
        return
    thing = Phrase("losses_of_hazard", hazard=hazard)
    years = int(reasons["record_years"])
    about: dict[str, Any] = {"modelled": modelled, "recorded": wanted, "ratio": ratio, "years": years}
    if "largest_segment_from" not in reasons:
        note(Problem("history.factor", thing, severity="warning", **about, rarer=0.0))
        return
    first, chance = reasons["largest_segment_from"], reasons["chance_that_record_has_none"]
    about |= {"rarer": reasons["rarer_than_record"], "share": reasons["largest_segment_share"], "first": first}
    # A record that may well be empty says nothing against many events; against few it says a lot.
    short = ratio > 1 and chance >= _MAY_BE_EMPTY
    rule = "history.factor_short_record" if short else "history.factor_segments"
    note(Problem(rule, thing, severity="warning", **about, chance=chance))


def targets_table(
    units: Mapping[str, gpd.GeoDataFrame], given: Recorded | None = None, segments: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The plan's targets: met or not by what was recorded; what is modelled stands beside it and answers nothing.

    ``segments`` of the modelled losses say why the two differ.
    """
    modelled = _modelled(units)
    annual = pd.DataFrame({"year": pd.Series(dtype=np.int64)}) if given is None else given.annual
    if given is not None:
        history.loss_indicators(annual)  # tells the years that lack
    table = history.plan_targets(annual)
    known = table["value"].notna()
    first, last = annual["year"].min(), annual["year"].max()
    table["first_year"], table["last_year"] = (pd.Series(year, table.index).where(known) for year in (first, last))
    table["basis"] = Phrase("target_unrecorded").text(language())
    if known.any():
        table.loc[known, "basis"] = Phrase("target_recorded", first=int(first), last=int(last)).text(language())
    table["modelled"] = table["indicator"].map(modelled)
    table["modelled_about"] = [
        _why(str(row["indicator"]), segments, len(annual)) if pd.notna(row["modelled"]) else ""
        for row in table.to_dict("records")
    ]
    table["met"] = table["met"].astype(object)
    return table[_TARGETS]


def _why(indicator: str, segments: pd.DataFrame | None, years: int) -> str:
    """Why a modelled value is another than the recorded one, in a sentence."""
    known = pd.DataFrame(columns=["hazard", "units", "from_period", "loss"]) if segments is None else segments
    money = indicator == "loss_gdp"
    own = known[known["units"] == ("yuan/a" if money else "person/a")]
    total = float(own["loss"].sum())
    # Rarer than that, and a record of so many years is more likely to have none than one.
    rare = own[own["from_period"] >= max(years, 1) / np.log(2)]
    share = float(rare["loss"].sum()) / total if total > 0 else float("nan")
    hazards = [standards.names("hazard", name, language()) for name in dict.fromkeys(own["hazard"].astype(str))]
    if not hazards:
        return ""
    about: dict[str, Any] = {"hazards": hazards, "share": share, "years": years}
    if len(rare):
        about["first"] = float(rare["from_period"].min())
    kind = "loss" if money else "deaths"
    return Phrase(f"modelled_{kind}" if years and len(rare) else f"modelled_{kind}_only", **about).text(language())


def _modelled(units: Mapping[str, gpd.GeoDataFrame]) -> dict[str, float]:
    """Indicators from modelled losses of the hazards and receptors that have a curve: no observation of anything."""
    if not units:
        return {}
    coarsest = next(iter(units.values()))
    loss, gdp = _sum(coarsest, Measure("eal", MULTI).key), _sum(coarsest, RECEPTORS["economy"].counts[0].name)
    dead, people = _sum(coarsest, Measure("deaths", "earthquake").key), _sum(coarsest, "population")
    out = {}
    if loss is not None and gdp:
        out["loss_gdp"] = 100 * loss / gdp
    if dead is not None and people:
        out["deaths_per_million"] = 1e6 * dead / people
    return out


def _sum(frame: gpd.GeoDataFrame, column: str) -> float | None:
    return float(frame[column].sum()) if column in frame.columns else None
