"""Rules that compare a row with the others: values far outside, values in another unit, field checks that are due."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning.surveys.context import Context
from riskzoning.surveys.findings import Findings
from riskzoning.surveys.records import Records

Rule = Mapping[str, Any]
Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]
# Where several persons answer with nothing, a ratio to them says nothing.
_SPREAD = 0.15


def check_outliers(records: Records, context: Context, findings: Findings) -> None:
    """Q12: values a head far from those of all others: modified z score, or Tukey's fence where most are equal."""
    limits = context.limits["outlier"]
    for rule in records.form.rules_of("Q12"):
        people = records.numbers(rule["per"]) if "per" in rule else np.ones(len(records.frame))
        for name in rule["fields"]:
            with np.errstate(invalid="ignore", divide="ignore"):
                ratio = np.where(people > 0, records.numbers(name) / people, np.nan)
            far, centre = outlying(ratio, limits)
            values = records.numbers(name)[far]
            usual = np.round(centre * people[far], 2)
            findings.add("Q12.outlier", far, field=name, severity="warning", value=values, usual=usual)


def outlying(values: Numbers, limits: Mapping[str, Any]) -> tuple[Mask, float]:
    """Which values are outliers, and the median; none when there are too few to compare.

    Where most have nothing, those that have something are compared with each other.
    """
    known = np.isfinite(values)
    centre = float(np.median(values[known])) if known.any() else float("nan")
    if centre == 0 and (values[known] >= 0).all():
        known &= values > 0
    far = np.zeros(len(values), dtype=bool)
    if known.sum() < limits["least_rows"]:
        return far, float("nan")
    chosen = values[known]
    centre = float(np.median(chosen))
    far[known] = _far(chosen, limits)
    if far.any() and (chosen > 0).all() and _skewed(chosen, limits):
        # Amounts that grow by multiples: far off only when their logarithms are as well.
        far[known] &= _far(np.log(chosen), limits)
    return far, centre


def _far(values: Numbers, limits: Mapping[str, Any]) -> Mask:
    """The modified z score; the fence of Tukey where most are equal, the mean deviation where nearly all are."""
    offsets = values - np.median(values)
    deviation = float(np.median(np.abs(offsets)))
    if deviation > 0:
        return np.abs(limits["factor"] * offsets / deviation) > limits["z"]
    low, high = np.percentile(values, [25, 75])
    if high > low:
        reach = limits["fence"] * (high - low)
        return (values < low - reach) | (values > high + reach)
    mean = float(np.mean(np.abs(offsets)))
    return np.abs(offsets) > limits["z"] * limits["mean_factor"] * mean if mean > 0 else np.zeros(len(values), bool)


def _skewed(values: Numbers, limits: Mapping[str, Any]) -> bool:
    """Whether the upper eighth lies so far from the median, beside the lower, that the values grow by multiples."""
    low, centre, high = np.percentile(values, [12.5, 50, 87.5])
    return bool(high > low and (high + low - 2 * centre) / (high - low) > limits["skewed"])


def check_units(records: Records, context: Context, findings: Findings) -> None:
    """Q14: money in yuan instead of 10 000 yuan, areas in mu instead of hectares."""
    for rule in records.form.rules_of("Q14"):
        if rule["kind"] == "money":
            _money(records, rule, context, findings)
        elif rule["kind"] == "mu":
            _mu(records, rule, context, findings)


def _money(records: Records, rule: Rule, context: Context, findings: Findings) -> None:
    """An amount a head that is unusual as it stands and usual when it is divided by 10 000."""
    people, amount = records.numbers(rule["per"]), records.numbers(rule["field"])
    with np.errstate(invalid="ignore", divide="ignore"):
        decades = np.where((people > 0) & (amount > 0), np.log10(amount / people), np.nan)
    for factor in context.limits["units"]["money"]:
        wrong = in_other_unit(decades, np.log10(factor), context.limits["unusual"])
        values = amount[wrong]
        findings.add("Q14.money", wrong, field=rule["field"], severity="warning", value=values, other=values / factor)


def in_other_unit(decades: Numbers, shift: float, limits: Mapping[str, Any]) -> Mask:
    """Which logarithms lie far from the median and are usual when a factor (as a logarithm) is taken away."""
    known = np.isfinite(decades)
    if known.sum() < limits["least_rows"]:
        return np.zeros(len(decades), dtype=bool)
    centre = float(np.median(decades[known]))
    spread = max(1.4826 * float(np.median(np.abs(decades[known] - centre))), _SPREAD)
    far = max(limits["decades"], limits["deviations"] * spread)
    back = max(limits["back_decades"], limits["back_deviations"] * spread)
    with np.errstate(invalid="ignore"):
        return (decades - centre > far) & (np.abs(decades - shift - centre) <= back)


def _mu(records: Records, rule: Rule, context: Context, findings: Findings) -> None:
    """An area in hectares that is larger than the ground it lies on, and fits when it was in mu."""
    hectares = records.numbers(rule["field"])
    if records.has("area_km2"):
        ground = records.numbers("area_km2") * 100
    elif context.units is not None and records.has("town9"):
        areas = context.units.to_crs("EPSG:6933").area / 1e4
        ground = pd.Series(records.texts("town9")).map(areas).to_numpy(dtype=np.float64)
    else:
        findings.about_all("Q14.not_checked", severity="info", field=rule["field"])
        return
    factor = context.limits["units"]["area"][0]
    with np.errstate(invalid="ignore"):
        wrong = (hectares > ground) & (hectares / factor <= ground)
    values = hectares[wrong]
    findings.add(
        "Q14.mu", wrong, field=rule["field"], severity="warning", value=values, other=np.round(values / factor, 2)
    )


def check_sampling(records: Records, findings: Findings) -> bool:
    """Q16: enough rows of each township were checked in the field, and few of their key fields were wrong."""
    rules = records.form.rules_of("Q16")
    if not rules:
        return True
    rule = rules[0]
    if not records.has(rule["checked"], rule["wrong"], "town9"):
        return False
    keys = len([field for field in records.form.fields if field.required])
    frame = pd.DataFrame(
        {
            "town": records.texts("town9"),
            "done": records.texts(rule["checked"]) == "1",
            "wrong": records.numbers(rule["wrong"]),
        }
    )
    for town, rows in frame.groupby("town"):
        need = min(len(rows), max(int(rule["least"]), int(np.ceil(rule["share"] * len(rows)))))
        done = int(rows["done"].sum())
        if done < need:
            findings.about_all(
                "Q16.few",
                severity="warning",
                field=rule["checked"],
                key=str(town),
                like=int(rows.index[0]),
                town=town,
                done=done,
                need=need,
            )
        elif rows.loc[rows["done"], "wrong"].sum() > rule["accepted"] * done * keys:
            share = float(rows.loc[rows["done"], "wrong"].sum() / (done * keys))
            findings.about_all(
                "Q16.wrong",
                severity="warning",
                field=rule["wrong"],
                key=str(town),
                like=int(rows.index[0]),
                town=town,
                share=share,
                most=rule["accepted"],
            )
    return True
