"""The record of a city by county, year and kind of disaster, as the survey forms give it, and what units had of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.errors import Phrase, Problem, language, note
from riskzoning.history.events import event_intensity, hazard_weights
from riskzoning.history.indicators import plan_targets
from riskzoning.history.prices import constant_prices, price_levels
from riskzoning.history.return_periods import return_periods
from riskzoning.inputs import check_columns, numbers_of
from riskzoning.methods.trend import trend

ALL = "ALL"
_KEYS = ["code", "year", "hazard"]
_MEASURES = ["affected", "dead_missing", "crop_affected", "collapsed", "loss"]
_YUAN = 1e4
_THING = Phrase("losses_recorded")


def yearly_records(annual: pd.DataFrame, events: pd.DataFrame | None = None) -> pd.DataFrame:
    """The record by county, year and kind of disaster; a row that is missing is unknown, never free of losses.

    Kinds are summed on the first level of the reporting system. A table that has nearly all rows means to have a row
    for each county, year and kind: those it lacks are filled from the events of that county, year and kind, which is
    noted, or stay unknown. In a table with gaps everywhere only a year without any row of a county is unknown.

    Parameters
    ----------
    annual : DataFrame
        Fields of the survey form ``his_annual``: ``adcode6 year hazard``, of ``affected dead missing crop_aff coll_room
        loss_total`` (万元) ``events pop_end gdp_wan`` what is there.
    events : DataFrame, optional
        Fields of the form ``his_event``.

    Returns
    -------
    DataFrame
        ``code year hazard`` (codes of ``standards/history/levels``) ``affected dead_missing crop_affected`` (ha)
        ``collapsed`` (rooms) ``loss`` (yuan) ``events population gdp`` (yuan) ``source`` (annual, events, none).

    Raises
    ------
    LayerError
        Columns are missing.

    Examples
    --------
    >>> rows = pd.DataFrame({"adcode6": "410702", "year": [2019, 2020], "hazard": "洪涝", "loss_total": [3.0, 0.0]})
    >>> yearly_records(rows)[["year", "hazard", "loss"]].values.tolist()
    [[2019, 'FLOOD', 30000.0], [2020, 'FLOOD', 0.0]]
    """
    known = _tidy(annual)
    stated = known.groupby(["code", "year"])[["population", "gdp"]].median()
    own = known.groupby(_KEYS)[[*_MEASURES, "events"]].sum(min_count=1)
    wanted = _owed(own)
    own = own[own["loss"].notna()]
    whole = own.reindex(wanted).assign(source=np.where(wanted.isin(own.index), "annual", "none"))
    whole = _filled(whole, events)
    whole = whole.reset_index().join(stated, on=["code", "year"])
    _tell(whole)
    return whole


def first_levels(words: pd.Series) -> pd.Series:
    """Codes of the first level for words and codes of a record; missing where nothing is known."""
    table = standards.table("history/levels").data
    known = {word: code for code, facts in table.items() for word in (code, facts["zh"], facts["en"], *facts["words"])}
    return words.astype("string").str.strip().map(known)


def _tidy(form: pd.DataFrame) -> pd.DataFrame:
    """The fields of a form of history as columns of the record; rows of unknown kind are left out and told."""
    check_columns(form, ("adcode6", "year", "hazard", "loss_total"), _THING)

    def numbers(name: str) -> pd.Series[float]:
        return numbers_of(form, name)

    dead = pd.DataFrame({"dead": numbers("dead"), "missing": numbers("missing")}).sum(axis=1, min_count=1)
    columns = {
        "code": form["adcode6"].astype("string"),
        "year": numbers("year"),
        "hazard": first_levels(form["hazard"]),
    }
    columns |= {"affected": numbers("affected"), "dead_missing": dead, "crop_affected": numbers("crop_aff")}
    columns |= {"collapsed": numbers("coll_room"), "loss": numbers("loss_total") * _YUAN, "events": numbers("events")}
    columns |= {"population": numbers("pop_end"), "gdp": numbers("gdp_wan") * _YUAN}
    table = pd.DataFrame(columns)
    strange = list(dict.fromkeys(form["hazard"][table["hazard"].isna()].dropna().astype(str)))
    if strange:
        note(Problem("dropped.history_kinds", _THING, severity="warning", kinds=strange))
    table["loss"] = _own_prices(table["loss"], table["year"], numbers("price_year"))
    table = table.dropna(subset=_KEYS).astype({"code": str, "hazard": str, "year": int})
    wrong = (table["loss"] > table["gdp"]) & (table["gdp"] > 0)
    if wrong.any():
        shown = [" ".join(map(str, row)) for row in table.loc[wrong, _KEYS].to_numpy()]
        most = float((table["loss"] / table["gdp"])[wrong].max())
        note(Problem("dropped.history_amounts", _THING, severity="warning", rows=shown, most=most, field="loss_total"))
    return table[~wrong]


def _own_prices(loss: pd.Series[float], year: pd.Series[float], stated: pd.Series[float]) -> pd.Series[float]:
    """Losses stated at the prices of another year, at those of the year in which they were."""
    other = loss.notna() & stated.notna() & year.notna() & (stated != year)
    if not other.any():
        return loss
    levels = price_levels()
    factor = year.map(levels) / stated.map(levels)
    unknown = other & factor.isna()
    if unknown.any():
        years = sorted({int(one) for column in (year, stated) for one in column[unknown] if one not in levels.index})
        note(Problem("history.price_years", _THING, severity="warning", count=int(unknown.sum()), years=years))
    moved = int((other & ~unknown).sum())
    if moved:
        note(Problem("history.prices_moved", _THING, severity="info", count=moved))
    return loss.where(~other | unknown, loss * factor)


def _owed(own: pd.DataFrame) -> pd.MultiIndex:
    """The rows that a complete record has."""
    codes, years, hazards = (own.index.get_level_values(name) for name in _KEYS)
    if not len(own):
        return pd.MultiIndex.from_arrays([[], [], []], names=_KEYS)
    span = range(int(years.min()), int(years.max()) + 1)
    return pd.MultiIndex.from_product([sorted(set(codes)), span, sorted(set(hazards))], names=_KEYS)


def _filled(whole: pd.DataFrame, events: pd.DataFrame | None) -> pd.DataFrame:
    """Rows that lack filled from events; in a table that does not mean to be complete, kinds without a row had none."""
    lacks = whole["source"] == "none"
    if not lacks.any():
        return whole
    if lacks.mean() > 1 - standards.table("history/completeness").data["panel"]:
        seen = lacks & ~lacks.groupby(level=["code", "year"]).transform("all")
        whole.loc[seen, [*_MEASURES, "events"]] = 0.0
        whole.loc[seen, "source"] = "annual"
        lacks &= ~seen
    if events is not None and len(events):
        singles = _tidy(events).assign(events=1.0)
        unknown = singles["loss"].isna().groupby([singles[key] for key in _KEYS]).any()
        sums = singles.groupby(_KEYS)[[*_MEASURES, "events"]].sum(min_count=1)
        sums = sums[~unknown.reindex(sums.index)]
        taken = whole.index[lacks].intersection(sums.index)
        whole.loc[taken, sums.columns] = sums.loc[taken]
        whole.loc[taken, "source"] = "events"
    return whole


# Rows that a sentence names; the table of the record has all of them.
_NAMED = 5


def _tell(whole: pd.DataFrame) -> None:
    filled, unknown = whole[whole["source"] == "events"], whole[whole["source"] == "none"]
    for rule, rows, severity in (("history.filled", filled, "info"), ("history.unknown_rows", unknown, "warning")):
        if len(rows):
            first = rows[_KEYS].head(_NAMED).itertuples(index=False)
            shown = [
                Phrase("county_year", code=str(row.code), year=str(row.year), kind=str(row.hazard)) for row in first
            ]
            note(
                Problem(rule, _THING, severity="info" if severity == "info" else "warning", count=len(rows), rows=shown)
            )


class YearsOf:
    """Sums by year of the units of some levels, each made when it is first asked for."""

    def __init__(self, records: pd.DataFrame, levels: Mapping[str, Mapping[str, str]]) -> None:
        self.records, self.levels = records, levels
        self._made: dict[tuple[str, str], pd.DataFrame] = {}

    def at(self, level: str, hazard: str = ALL) -> pd.DataFrame:
        """:func:`unit_years` of a level and kind of disaster."""
        if (level, hazard) not in self._made:
            self._made[level, hazard] = unit_years(self.records, self.levels[level], hazard)
        return self._made[level, hazard]


def unit_years(records: pd.DataFrame, unit_of: Mapping[str, str], hazard: str = ALL) -> pd.DataFrame:
    """Sums of units by year: ``code year`` and measures, all columns over the same county-years.

    A county-year counts when what is known of it makes up most of an average year of the county (by loss); ``complete``
    says whether the county-years that count make up most of an average year of the unit.
    """
    least = float(standards.table("history/completeness").data["least_known"])
    rows = records if hazard == ALL else records[records["hazard"] == hazard]
    rows = rows.assign(unit=rows["code"].map(unit_of), usual=_usual(rows)).dropna(subset=["unit"])
    rows["known"] = rows["usual"].where(rows["loss"].notna(), 0.0)
    grouped = rows.groupby(["unit", "code", "year"])
    county = grouped[[*_MEASURES, "events", "usual", "known"]].sum(min_count=1)
    county[["population", "gdp"]] = grouped[["population", "gdp"]].first()
    usable = county[county["known"] >= least * county["usual"]]
    out = usable.groupby(["unit", "year"]).sum(min_count=1).reset_index().rename(columns={"unit": "code"})
    whole = rows.groupby(["unit", "year"])["usual"].sum()
    at = pd.MultiIndex.from_frame(out[["code", "year"]])
    out["complete"] = out["known"].to_numpy() >= least * whole.reindex(at).to_numpy()
    return out.drop(columns=["usual", "known"])


def _usual(rows: pd.DataFrame) -> pd.Series[float]:
    """Loss of an average year of the county by that kind; equal parts where nothing was ever lost."""
    means = rows.groupby(["code", "hazard"])["loss"].transform("mean").fillna(0.0)
    return means.where(means.groupby(rows["code"]).transform("sum") > 0, 1.0)


def unit_history(
    records: pd.DataFrame,
    levels: Mapping[str, Mapping[str, str]],
    *,
    base: int | None = None,
    years: YearsOf | None = None,
) -> pd.DataFrame:
    """What units had of each kind of disaster: sums, frequency, losses at constant prices, weights, trend.

    Parameters
    ----------
    records : DataFrame
        From :func:`yearly_records`.
    levels : mapping
        Level -> county code -> code of its unit, e.g. ``{"city": {"410702": "410700"}}``.
    base : int, optional
        Year whose prices are taken; by default the last year of the record that has a price level.
    years : YearsOf, optional
        Sums that were made already.

    Returns
    -------
    DataFrame
        ``code level hazard`` (``ALL`` for all kinds together) ``hazard_name first_year last_year years missing_years``
        (years of the span that are not known completely) ``events frequency affected dead_missing crop_affected_ha
        collapsed_rooms loss_yuan loss_constant_yuan price_year loss_share affected_share dead_missing_share weight
        trend slope p_value trend_text`` (trend of the loss in % of GDP; without GDP of the loss at constant prices).

    Examples
    --------
    >>> rows = pd.DataFrame({"adcode6": "410702", "year": [2019, 2020], "hazard": "洪涝", "loss_total": [3.0, 1.0]})
    >>> unit_history(yearly_records(rows), {"county": {"410702": "410702"}})[["hazard", "loss_yuan"]].values.tolist()
    [['ALL', 40000.0], ['FLOOD', 40000.0]]
    """
    year = _base(records) if base is None else base
    span = range(int(records["year"].min()), int(records["year"].max()) + 1)
    sums_of = years or YearsOf(records, levels)
    rows: list[dict[str, object]] = []
    for level in levels:
        for hazard in (ALL, *sorted(records["hazard"].unique())):
            sums = sums_of.at(level, hazard)
            for code, part in sums.groupby("code", sort=True):
                rows.append({"code": code, "level": level, "hazard": hazard, **_summed(part, span, year)})
    table = pd.DataFrame(rows)
    table.insert(3, "hazard_name", hazard_names(table["hazard"]))
    return table.merge(_weights(table), how="left", on=["code", "level", "hazard"])


def _base(records: pd.DataFrame) -> int:
    levels = price_levels()
    return min(int(records["year"].max()), int(levels.index.max()))


def _summed(part: pd.DataFrame, span: range, base: int) -> dict[str, object]:
    """What a unit had of one kind of disaster."""
    whole = part[part["complete"]]
    part = part.set_index("year")
    constant = constant_prices(part["loss"], base=base)
    against = 100 * part["loss"] / part["gdp"].where(part["gdp"] > 0)
    tells = trend(part.index.to_numpy(), (against if against.notna().any() else constant).to_numpy())
    totals = part[[*_MEASURES, "events"]].sum(min_count=1)
    return {
        "first_year": span[0], "last_year": span[-1], "years": len(whole), "missing_years": len(span) - len(whole),
        "events": totals["events"], "frequency": totals["events"] / len(part) if len(part) else np.nan,
        "affected": totals["affected"], "dead_missing": totals["dead_missing"],
        "crop_affected_ha": totals["crop_affected"], "collapsed_rooms": totals["collapsed"],
        "loss_yuan": totals["loss"], "loss_constant_yuan": constant.sum(min_count=1), "price_year": base,
        "trend": tells.direction, "slope": tells.slope, "p_value": tells.p,
        "trend_text": tells.phrase().text(language()),
    }  # fmt: skip


def hazard_names(codes: pd.Series) -> pd.Series:
    """Names of first-level codes in the language spoken now."""
    names = {code: facts[language()] for code, facts in standards.table("history/levels").data.items()}
    return codes.map({**names, ALL: Phrase("all_hazards").text(language())}).fillna(codes)


def _weights(table: pd.DataFrame) -> pd.DataFrame:
    """Weights of the kinds of disaster within each unit, on losses at constant prices; 1 for all together."""
    parts = []
    for (code, level), part in table.groupby(["code", "level"], sort=False):
        single = part[part["hazard"] != ALL].set_index("hazard")
        totals = single[["affected", "dead_missing"]].assign(loss=single["loss_constant_yuan"])
        if not (totals.sum() > 0).any():
            continue
        weights = hazard_weights(totals)
        weights.loc[ALL] = np.where(weights.notna().any(), 1.0, np.nan)
        parts.append(weights.rename_axis("hazard").reset_index().assign(code=str(code), level=str(level)))
    columns = ["code", "level", "hazard"]
    return pd.concat(parts) if parts else pd.DataFrame(columns=columns)


def unit_targets(
    records: pd.DataFrame, levels: Mapping[str, Mapping[str, str]], sums_of: YearsOf | None = None
) -> pd.DataFrame:
    """The targets of the plan for units, over the whole record and over its last years."""
    last = int(records["year"].max())
    parts = []
    sums_of = sums_of or YearsOf(records, levels)
    for level in levels:
        sums = sums_of.at(level)
        for code, part in sums.groupby("code", sort=True):
            for years in (0, *standards.table("history/periods").data):
                chosen = part if not years else part[part["year"] > last - years]
                if len(chosen) and (not years or years < part["year"].nunique()):
                    parts.append(plan_targets(chosen).assign(code=code, level=level, period=""))
    if not parts:
        return pd.DataFrame()
    out = pd.concat(parts, ignore_index=True)
    out["period"] = out["first_year"].astype("Int64").astype(str) + "-" + out["last_year"].astype("Int64").astype(str)
    out = out[out["value"].notna()]
    first = ["code", "level", "period"]
    return out[[*first, *(name for name in out.columns if name not in first)]].reset_index(drop=True)


def unit_return_periods(
    records: pd.DataFrame, levels: Mapping[str, Mapping[str, str]], sums_of: YearsOf | None = None
) -> pd.DataFrame:
    """Return periods of the yearly loss (constant prices), of its share of the GDP, and of the people affected.

    All kinds of disaster together for every unit, each kind for the units of the coarsest level that is named first.
    """
    base = _base(records)
    parts = []
    sums_of = sums_of or YearsOf(records, levels)
    for at, level in enumerate(levels):
        for hazard in (ALL, *(sorted(records["hazard"].unique()) if at == 0 else ())):
            sums = sums_of.at(level, hazard)
            for code, part in sums[sums["complete"]].groupby("code", sort=True):
                years = part.set_index("year")
                share = 100 * years["loss"] / years["gdp"].where(years["gdp"] > 0)
                money = constant_prices(years["loss"], base=base)
                curves = {"loss_constant_yuan": money, "loss_gdp": share, "affected": years["affected"]}
                for measure, values in curves.items():
                    if (values > 0).any():
                        told = return_periods(values)
                        parts.append(told.assign(code=code, level=level, hazard=hazard, measure=measure))
    if not parts:
        return pd.DataFrame()
    out = pd.concat(parts, ignore_index=True)
    first = ["code", "level", "hazard", "measure"]
    return out[[*first, *(name for name in out.columns if name not in first)]]


def event_table(events: pd.DataFrame) -> pd.DataFrame:
    """Events of the form ``his_event``, losses also at constant prices, with their intensity; the strongest first."""
    tidy = _tidy(events).join(events[[name for name in ("event_id", "start", "end") if name in events.columns]])
    levels = price_levels()
    base = min(int(tidy["year"].max()), int(levels.index.max())) if len(tidy) else 2020
    constant = constant_prices(tidy.set_index("year")["loss"], base=base).to_numpy()
    measured = tidy[_MEASURES].assign(loss=constant / _YUAN)
    out = pd.DataFrame({"code": tidy["code"], "level": "county", "event_id": tidy.get("event_id", "")})
    out["hazard"], out["hazard_name"], out["year"] = tidy["hazard"], hazard_names(tidy["hazard"]), tidy["year"]
    for name in ("start", "end"):
        if name in tidy:
            out[name] = tidy[name]
    renamed = {"crop_affected": "crop_affected_ha", "collapsed": "collapsed_rooms", "loss": "loss_yuan"}
    out = out.join(tidy[_MEASURES].rename(columns=renamed))
    out["loss_constant_yuan"], out["price_year"] = constant, base
    out["intensity"] = event_intensity(measured)
    return out.sort_values(["intensity", "event_id"], ascending=[False, True], kind="stable").reset_index(drop=True)
