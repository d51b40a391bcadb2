"""Expected annual losses of a hazard: money of each receptor by curve and class of building, and deaths apart."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial, reduce
from operator import add
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from riskzoning import risk, standards, vulnerability
from riskzoning.errors import Phrase, Problem, note
from riskzoning.exposure import RECEPTORS, BuildingMix
from riskzoning.layers import describe
from riskzoning.names import Measure
from riskzoning.pipeline.stages.protection import Protection, protection_of
from riskzoning.pipeline.stages.streaming import Passes
from riskzoning.pipeline.stages.together import together
from riskzoning.vulnerability import CurveMix, LossCurve

_DEATHS = "earthquake/pager-china"
# Deaths are losses of people.
PEOPLE = "population"
# Floor area that collapses.
FLOOR = "floor_area"
_FLOOR_AREA = "building_area_m2"


@dataclass(frozen=True)
class OneCurve:
    """One curve for all of a receptor."""

    name: str
    curve: LossCurve

    def __call__(self, intensity: xr.DataArray) -> xr.DataArray:
        """The curve at the intensity."""
        lost: xr.DataArray = vulnerability.loss_ratio(intensity, self.curve)
        return lost


@dataclass(frozen=True)
class ByStock:
    """The curves of the classes of buildings, mixed by floor area in every unit."""

    name: str
    mix: CurveMix
    stock: xr.DataArray

    def __call__(self, intensity: xr.DataArray) -> xr.DataArray:
        """The mixed curve of each cell's stock at the intensity."""
        out: xr.DataArray = xr.apply_ufunc(
            self.mix.loss_ratio, intensity, self.stock, dask="parallelized", output_dtypes=["f8"], join="override"
        )
        return out


@dataclass(frozen=True)
class ByDamage:
    """Deaths a person by the share of floor area that is severely damaged or collapses, times a factor of density."""

    name: str
    damaged: ByStock
    factor: xr.DataArray

    def __call__(self, intensity: xr.DataArray) -> xr.DataArray:
        """The ratio of each cell's stock at the intensity."""
        out: xr.DataArray = xr.apply_ufunc(
            _dying, self.damaged(intensity), self.factor, dask="parallelized", output_dtypes=["f8"], join="override"
        )
        return out


def _dying(damaged: NDArray[Any], factor: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(vulnerability.death_ratio(damaged) * factor)


Ratio: TypeAlias = OneCurve | ByStock | ByDamage


@dataclass(frozen=True)
class HazardLosses:
    """What a hazard costs by return period, and how that becomes a yearly loss.

    ``values`` maps a receptor to its value (yuan), ``ratios`` to its loss ratio; ``by_period`` holds the intensities,
    those between the return periods that the study gives (``given``) among them, ``classes`` the curve of each class of
    building where the classes are known. ``deaths`` has the residents and the ratio by which they die, ``collapse`` the
    floor area and the share that collapses, ``workers`` how many threads work at it.
    """

    hazard: str
    by_period: Mapping[float, xr.DataArray]
    values: Mapping[str, xr.DataArray]
    ratios: Mapping[str, Ratio]
    classes: Mapping[str, LossCurve]
    protection: Protection | None
    given: tuple[float, ...] = ()
    method: Any = "trapezoid"
    tail: bool = True
    deaths: tuple[xr.DataArray, Ratio] | None = None
    collapse: tuple[xr.DataArray, Ratio] | None = None
    workers: int = 1

    @cached_property
    def counted(self) -> dict[str, tuple[xr.DataArray, Ratio]]:
        """What is lost, with its ratio: the value of each receptor, people, and floor area where it is asked for."""
        money = {name: (value, self.ratios[name]) for name, value in self.values.items()}
        others = {PEOPLE: self.deaths, FLOOR: self.collapse}
        return money | {name: pair for name, pair in others.items() if pair is not None}

    @cached_property
    def events(self) -> dict[str, list[xr.DataArray]]:
        """What one event of each return period costs; worked out once for yearly losses, segments and curves."""
        jobs = [partial(self._event, *pair, period) for pair in self.counted.values() for period in self.by_period]
        made = iter(together(jobs, self.workers))
        return {name: [next(made) for _ in self.by_period] for name in self.counted}

    def yearly(self, name: str) -> xr.DataArray:
        """Expected annual loss of a receptor or of people, in the unit of the count per year."""
        return self._yearly(self.stacked(name))

    def yearly_by(self, name: str, ratio: Ratio) -> xr.DataArray:
        """The same by another ratio."""
        layer, _ = self.counted[name]
        return self._yearly(self._stacked(layer, [self._event(layer, ratio, period) for period in self.by_period]))

    def stacked(self, name: str) -> xr.DataArray:
        """What an event costs as one layer of all return periods."""
        return self._stacked(self.counted[name][0], self.events[name])

    def _yearly(self, losses: xr.DataArray) -> xr.DataArray:
        years = None if self.protection is None else self.protection.years
        yearly: xr.DataArray = risk.expected_annual_loss(
            losses, list(self.by_period), method=self.method, tail=self.tail, protection=years
        )
        return yearly

    def _event(self, layer: xr.DataArray, ratio: Ratio, period: float) -> xr.DataArray:
        return layer.copy(data=ratio(self.by_period[period]).data * layer.data)

    def _stacked(self, layer: xr.DataArray, each: Sequence[xr.DataArray]) -> xr.DataArray:
        periods = pd.Index(list(self.by_period), name="return_period")
        stacked = xr.concat(each, dim=periods, coords="minimal", compat="override")
        return stacked.assign_attrs(layer.attrs)

    def money(self) -> dict[str, xr.DataArray]:
        """Expected annual loss of each receptor, yuan a year."""
        _ = self.events  # once, before several threads ask for it
        made = together([partial(self.yearly, name) for name in self.values], self.workers)
        return dict(zip(self.values, made, strict=True))

    def attributes(self, receptors: Mapping[str, object]) -> dict[str, str]:
        """What the attributes of a layer of losses say."""
        about = {
            "eal_method": str(self.method),
            "eal_tail": "constant" if self.tail else "none",
            "curve": "; ".join(f"{name}: {self.ratios[name].name}" for name in receptors),
        }
        return about if self.protection is None else about | {"protection": self.protection.text}


def hazard_losses(passes: Passes, hazard: str, mix: BuildingMix | None = None) -> HazardLosses | None:
    """The losses of a hazard, for every receptor that has a value and a curve; None without any."""
    chosen = standards.table("loss_curves/receptors").data.get(hazard, {})
    published, setting = passes.published, passes.run.setting
    counts = {name: spec.loss_count for name, spec in RECEPTORS.items() if name in chosen}
    values = {name: published.get(count) for name, count in counts.items() if count and published.has(count)}
    by_period = intensities(passes, hazard, str(chosen.get("quantity", "")))
    if not values or len(by_period) < 2:
        return None
    given, by_period = tuple(by_period), _with_levels_between(by_period, int(chosen.get("between", 0)))
    classes = _class_curves(hazard) if mix is not None and hazard in mix.floor_area else {}
    ratios: dict[str, Ratio] = {}
    for name in values:
        if name == "buildings" and classes and mix is not None:
            ratios[name] = _by_stock(mix, hazard, classes)
        else:
            height = float(chosen.get("floor_height", 0.0)) if name == "buildings" else 0.0
            ratios[name] = OneCurve(chosen[name], vulnerability.load_curve(chosen[name]).raised(height))
    if "buildings" in values and not classes:
        thing = Phrase("hazard", name=hazard)
        note(Problem("loss.one_curve", thing, severity="warning", curve=chosen["buildings"], hazard=hazard))
    return HazardLosses(
        hazard, by_period, values, ratios, classes, protection_of(passes.run, hazard), given,
        setting.study.risk.eal_method, setting.study.risk.eal_tail, _deaths(passes, hazard, mix if classes else None),
        _collapse(passes, hazard, mix if classes else None),
        passes.run.machine.workers,
    )  # fmt: skip


def loss_layers(losses: HazardLosses) -> dict[str, xr.DataArray]:
    """What is published: money of all receptors together, of each where there are several, and deaths apart."""
    money = losses.money()
    like = next(iter(losses.values.values()))
    whole = describe(
        like.copy(data=reduce(add, (layer.data for layer in money.values()))), quantity="expected_annual_loss",
        like=like, **losses.attributes(money),
    )  # fmt: skip
    layers = {Measure("eal", losses.hazard).key: whole}
    for name, layer in money.items() if len(money) > 1 else ():
        about = losses.attributes({name: layer})
        own = describe(layer, quantity="expected_annual_loss", like=losses.values[name], **about)
        layers[Measure("eal", losses.hazard, name).key] = own
    if losses.deaths is not None:
        people, ratio = losses.deaths
        curve = ratio.name if isinstance(ratio, ByDamage) else f"{_DEATHS}, {ratio.name}"
        about = {"curve": curve, "eal_method": str(losses.method)}
        yearly = describe(losses.yearly(PEOPLE), quantity="expected_annual_deaths", like=people, **about)
        layers[Measure("deaths", losses.hazard).key] = yearly
    if losses.collapse is not None:
        floor, ratio = losses.collapse
        about = {"curve": ratio.name, "eal_method": str(losses.method)}
        yearly = describe(losses.yearly(FLOOR), quantity="expected_annual_collapse", like=floor, **about)
        layers[Measure("collapsed_area", losses.hazard).key] = yearly
    return layers


def loss_measures(hazards: Sequence[str]) -> list[Measure]:
    """What the units may have of losses beside the sum of a hazard: receptors, sampling error, deaths, collapse."""
    receptors = [name for name, spec in RECEPTORS.items() if spec.loss_count is not None]
    return [
        measure
        for hazard in hazards
        for measure in (
            *(Measure("eal", hazard, receptor) for receptor in receptors),
            Measure("eal_se", hazard),
            Measure("deaths", hazard),
            Measure("collapsed_area", hazard),
        )
    ]


def intensities(passes: Passes, hazard: str, quantity: str) -> dict[float, xr.DataArray]:
    """The layers of an intensity by return period, ascending."""
    given = [one for one in passes.intensities if (one.hazard, one.quantity) == (hazard, quantity)]
    periods = {one.period: one.key for one in given if one.period is not None}
    return {period: passes.published.get(periods[period]) for period in sorted(periods)}


def _with_levels_between(by_period: Mapping[float, xr.DataArray], count: int) -> dict[float, xr.DataArray]:
    """The intensities with some more between two return periods, linear in the logarithm of the period."""
    out: dict[float, xr.DataArray] = {}
    for (first, low), (second, high) in itertools.pairwise(by_period.items()):
        out[first] = low
        for step in range(1, count + 1):
            share = step / (count + 1)
            level = low.copy(data=low.data * (1 - share) + high.data * share)
            out[float(first * (second / first) ** share)] = level
    last = list(by_period)[-1]
    return {**out, last: by_period[last]}


def _class_curves(hazard: str) -> dict[str, LossCurve]:
    """Curve of each class of building, its floor raised and its share of the value applied."""
    chosen = standards.table("loss_curves/receptors").data[hazard]
    usual = float(chosen.get("floor_height", 0.0))
    return {
        str(name): vulnerability.load_curve(facts["curve"]).raised(
            float(facts.get("floor_height", usual)), float(facts.get("scale", 1.0))
        )
        for name, facts in chosen["classes"].items()
    }


def _by_stock(mix: BuildingMix, hazard: str, curves: Mapping[str, LossCurve]) -> ByStock:
    name = f"by class of building ({', '.join(map(str, mix.floor_area[hazard].columns))})"
    return ByStock(name, CurveMix.of(curves, mix.floor_area[hazard]), mix.stock)


def death_curves(reference: str) -> dict[str, LossCurve]:
    """Deaths per person by building type: collapse x deaths in a collapse, no more than past earthquakes bear out.

    The types keep their proportion; together, in the stock of ``reference``, they kill at no intensity more than the
    empirical rate of the country.
    """
    pager = standards.table("damage/pager_china").data
    types = standards.table(f"loss_curves/{_DEATHS}").data
    collapse = {
        kind: vulnerability.load_curve(f"{_DEATHS}/{kind}").raised(0.0, float(facts["deaths"]))
        for kind, facts in types.items()
    }
    first, last = (end(curve.intensity[at] for curve in collapse.values()) for end, at in ((min, 0), (max, -1)))
    at = np.round(np.arange(first, last + 0.05, 0.1), 1)
    stock = vulnerability.loss_ratio(at, vulnerability.mixed_curve(collapse, pager["stock"][reference]))
    seen = vulnerability.empirical_rate(at, **pager["fatality"])
    share = np.minimum(1.0, np.divide(seen, stock, out=np.zeros_like(seen), where=stock > 0))
    return {
        kind: LossCurve(
            tuple(at), tuple(vulnerability.loss_ratio(at, curve) * share), quantity=curve.quantity,
            element=curve.element, source=curve.source,
        )
        for kind, curve in collapse.items()
    }  # fmt: skip


def _deaths(passes: Passes, hazard: str, mix: BuildingMix | None) -> tuple[xr.DataArray, Ratio] | None:
    """Residents, and how they die: collapse of the buildings that they live in x death in a collapse."""
    chosen = standards.table("loss_curves/receptors").data[hazard]
    if "deaths" not in chosen or not passes.published.has("population"):
        return None
    people = passes.published.get("population")
    counted = describe(people.astype("f8"), quantity="deaths", like=people)
    if passes.run.setting.study.risk.deaths == "damaged_area":
        if mix is not None:
            return counted, _by_damage(passes, hazard, mix, people)
        note(Problem("loss.deaths_by_damage", Phrase("hazard", name=hazard), severity="warning"))
    killing = death_curves(chosen["deaths"])
    ratio: Ratio
    if mix is not None:
        by_class = {name: killing[facts["deaths"]] for name, facts in chosen["classes"].items()}
        ratio = _by_stock(mix, hazard, by_class)
    else:
        stock = standards.table("damage/pager_china").data["stock"][chosen["deaths"]]
        ratio = OneCurve(f"stock {chosen['deaths']}", vulnerability.mixed_curve(killing, stock))
    return counted, ratio


def _by_damage(passes: Passes, hazard: str, mix: BuildingMix, people: xr.DataArray) -> ByDamage:
    """By the damaged share of the stock that people live in; the density is that of their cell."""
    classes = standards.table("loss_curves/receptors").data[hazard]["classes"]
    curves = {str(name): vulnerability.collapse_curve(facts["curve"], severe=True) for name, facts in classes.items()}
    affine = passes.run.setting.grid.affine
    kernel = partial(_by_density, km2=abs(affine.a * affine.e) / 1e6)
    factor = xr.apply_ufunc(kernel, people, dask="parallelized", output_dtypes=["f8"])
    return ByDamage("share of damaged floor area (damage/earthquake_deaths)", _by_stock(mix, hazard, curves), factor)


def _by_density(people: NDArray[Any], *, km2: float) -> NDArray[Any]:
    return np.asarray(vulnerability.density_factor(people / km2))


def _collapse(passes: Passes, hazard: str, mix: BuildingMix | None) -> tuple[xr.DataArray, Ratio] | None:
    """Floor area, and the share of it that collapses by class; None where nobody asked or the classes are not known."""
    chosen = standards.table("loss_curves/receptors").data[hazard]
    if "deaths" not in chosen or mix is None or not passes.run.setting.study.risk.collapsed_area:
        return None
    curves = {str(name): vulnerability.collapse_curve(facts["curve"]) for name, facts in chosen["classes"].items()}
    return passes.published.get(_FLOOR_AREA), _by_stock(mix, hazard, curves)
