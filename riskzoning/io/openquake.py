"""What OpenQuake leaves: hazard curves and maps as CSV, vulnerability functions as NRML."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning.errors import LayerError, Problem
from riskzoning.files import existing
from riskzoning.limits import RECORD_BYTES
from riskzoning.vulnerability import LossCurve

Floats = tuple[float, ...]
_CURVE, _MAP = re.compile(r"^poe-(.+)$"), re.compile(r"^(.+)-(0?\.\d+|1e-\d+|\d\.?\d*e-\d+)$")
# Newer versions write one kind of quotes, older ones the other: imt='PGA', imt="PGA".
_FACT = re.compile(r"""(\w+)=(?:'([^']*)'|"([^"]*)"|([^,\s"']+))""")
# Where the first line does not name the measure the name of the file does.
_MEASURE = re.compile(r"[-_](PGA|PGV|PGD|MMI|CAV|SA\(\d*\.?\d+\))(?=[-_.])")
# Intensity measures that the vocabulary knows; curves of others are without a quantity.
_QUANTITIES = {"PGA": "pga", "MMI": "seismic_intensity"}
# OpenQuake writes chances with six or seven digits.
_ROUNDING = 1e-6
# Chances of loss ratios are written with a few digits.
_SUM_ROUNDING = 1e-3
# Far deeper than any NRML file.
_DEPTH = 30


@dataclass(frozen=True, eq=False)
class HazardCurves:
    """Hazard curves of sites: chance of exceedance in ``years`` by level of ground motion.

    Parameters
    ----------
    places : GeoDataFrame
        A point a site, EPSG:4326.
    levels : array
        Levels, rising; g for PGA and SA.
    chances : array, sites x levels
    years : float
        Investigation time.
    measure : str
        ``PGA``, ``SA(0.3)`` ...

    Examples
    --------
    >>> place = gpd.GeoDataFrame(geometry=gpd.points_from_xy([113.9], [35.3]), crs="EPSG:4326")
    >>> curves = HazardCurves(place, np.array([0.1, 0.4]), np.array([[0.4, 0.005]]), 50.0, "PGA")
    >>> curves.at([475])["T475"].round(3).tolist()
    [0.161]
    """

    places: gpd.GeoDataFrame
    levels: np.ndarray[Any, np.dtype[np.float64]]
    chances: np.ndarray[Any, np.dtype[np.float64]]
    years: float
    measure: str

    def at(self, return_periods: Sequence[float]) -> gpd.GeoDataFrame:
        """Ground motion at return periods, columns ``T475`` ...: ln(level) in a line with ln(rate).

        NaN where the curve does not reach the period.
        """
        with np.errstate(divide="ignore"):
            rates = np.log(-np.log1p(-np.clip(self.chances, 0.0, 1 - 1e-15)) / self.years)
        wanted = -np.log(np.asarray(return_periods, dtype=np.float64))
        heights, out = np.log(self.levels), np.full((len(rates), len(wanted)), np.nan)
        for i, rate in enumerate(rates):
            known = np.isfinite(rate)
            if known.sum() > 1:
                order = np.argsort(rate[known], kind="stable")
                levels = np.interp(wanted, rate[known][order], heights[known][order], left=np.nan, right=np.nan)
                out[i] = np.exp(levels)
        columns = {f"T{years:g}": out[:, i] for i, years in enumerate(return_periods)}
        return self.places.assign(**columns)


@dataclass(frozen=True)
class VulnerabilityFunction:
    """A function of an NRML file: the mean loss ratio as a curve, and how far losses spread about it.

    Examples
    --------
    >>> curve = LossCurve((0.1, 0.4), (0.0, 0.2), quantity="pga")
    >>> VulnerabilityFunction("MUR/H1", "PGA", curve, (0.5, 0.4)).curve.loss_ratio
    (0.0, 0.2)
    """

    name: str
    measure: str
    curve: LossCurve
    variation: tuple[float, ...]


def read_hazard_curves(path: str | os.PathLike[str]) -> HazardCurves:
    """Hazard curves of OpenQuake (``hazard_curve-mean-PGA_1.csv``).

    Raises
    ------
    LayerError
        The file has no columns ``lon``, ``lat``, ``poe-...``, no investigation time, no measure of ground motion in its
        first line or its name, values that are no chances, or chances that rise with the level.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "hazard_curve-mean-PGA_1.csv")
    ...     _ = path.write_text("#investigation_time=50.0\\nlon,lat,poe-0.1,poe-0.2\\n113.9,35.3,0.1,0.02\\n")
    ...     read_hazard_curves(path).levels.tolist()
    [0.1, 0.2]
    """
    thing, facts, table = _table(path)
    columns = {name: float(match[1]) for name in table if (match := _CURVE.match(str(name)))}
    if len(columns) < 2:
        raise LayerError(Problem("openquake.columns", thing, wanted="poe-...", columns=list(map(str, table.columns))))
    order = sorted(columns, key=lambda name: columns[name])
    chances = table[order].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    if np.isnan(chances).any() or (chances < 0).any() or (chances > 1).any():
        raise LayerError(Problem("openquake.chances", thing))
    rising = (np.diff(chances, axis=1) > _ROUNDING).any(axis=1)
    if rising.any():
        sites = (np.flatnonzero(rising) + 1).tolist()
        raise LayerError(Problem("openquake.rises", thing, count=len(sites), rows=sites))
    levels = np.array([columns[name] for name in order])
    named = _MEASURE.search(os.path.basename(thing))
    measure = facts.get("imt") or (named[1] if named else "")
    years = _years(facts, thing, *([] if measure else [Problem("openquake.measure", thing)]))
    return HazardCurves(_places(table, thing), levels, chances, years, measure)


def read_hazard_map(path: str | os.PathLike[str], *, measure: str = "PGA") -> gpd.GeoDataFrame:
    """A hazard map of OpenQuake (``hazard_map-mean_1.csv``): ground motion by return period, columns ``T475`` ...

    The chance of a column such as ``PGA-0.1`` becomes a return period by the investigation time.

    Raises
    ------
    LayerError
        The file has no column of the measure, no place or no investigation time; or ground motion falls as the return
        period rises.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "hazard_map-mean_1.csv")
    ...     _ = path.write_text("#investigation_time=50.0\\nlon,lat,PGA-0.1,PGA-0.02\\n113.9,35.3,0.2,0.35\\n")
    ...     read_hazard_map(path)["T475"].tolist()
    [0.2]
    """
    thing, facts, table = _table(path)
    names = {name: match for name in table if (match := _MAP.match(str(name))) and match[1] == measure}
    if not names:
        columns = list(map(str, table.columns))
        raise LayerError(Problem("openquake.columns", thing, wanted=f"{measure}-0.1", columns=columns))
    years, out = _years(facts, thing), _places(table, thing)
    for name, match in names.items():
        period = -years / np.log1p(-float(match[2]))
        out[f"T{period:.0f}"] = pd.to_numeric(table[name], errors="coerce").to_numpy()
    rarest_last = sorted(names, key=lambda name: -float(names[name][2]))
    motion = table[rarest_last].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    falling = (np.diff(motion, axis=1) < -_ROUNDING).any(axis=1)
    if falling.any():
        sites = (np.flatnonzero(falling) + 1).tolist()
        raise LayerError(Problem("openquake.falls", thing, count=len(sites), rows=sites))
    return out


def read_vulnerability(path: str | os.PathLike[str]) -> dict[str, VulnerabilityFunction]:
    """Vulnerability functions of an NRML file (0.4 or 0.5) by name, with their mean loss ratios as curves.

    Where a function gives the chances of loss ratios (``dist="PM"``) their mean and variation are taken.

    Only local files of bounded size are read; one that declares a document type or entities is refused, since that is
    how a small file grows without end.

    Raises
    ------
    LayerError
        The file is no NRML of vulnerability functions, too big, a function has lists of unlike lengths or chances that
        do not sum to 1, or two functions have one name.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> text = '<nrml><vulnerabilityFunction id="MUR"><imls imt="PGA">0.1 0.4</imls><meanLRs>0 0.2</meanLRs>'
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "vulnerability.xml")
    ...     _ = path.write_text(text + "</vulnerabilityFunction></nrml>")
    ...     read_vulnerability(path)["MUR"].curve.intensity
    (0.1, 0.4)
    """
    file = existing(path)
    thing = str(path)
    size = file.stat().st_size
    if size > RECORD_BYTES:
        raise LayerError(Problem("openquake.big", thing, size=size, most=RECORD_BYTES))
    parser = ElementTree.XMLParser(target=_Plain(thing))
    try:
        parser.feed(file.read_bytes())
        root: ElementTree.Element = parser.close()
    except ElementTree.ParseError as error:
        raise LayerError(Problem("openquake.xml", thing, reason=str(error))) from None
    except (LookupError, ValueError) as error:
        if isinstance(error, LayerError):
            raise
        raise LayerError(Problem("openquake.xml", thing, reason=str(error))) from None
    functions = list(_functions(root, thing))
    if _tag(root) != "nrml" or not functions:
        raise LayerError(Problem("openquake.nrml", thing, root=_tag(root)))
    named = {function.name: function for function in functions}
    if len(named) < len(functions):
        names = [function.name for function in functions]
        raise LayerError(
            Problem("openquake.twice", thing, names=sorted({name for name in names if names.count(name) > 1}))
        )
    return named


class _Plain(ElementTree.TreeBuilder):
    """A tree of elements without document types, entities or endless depth."""

    def __init__(self, thing: str) -> None:
        super().__init__()
        self._thing, self._open = thing, 0

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:  # noqa: ARG002 - called by the parser
        """Refuse a document type."""
        raise LayerError(Problem("openquake.doctype", self._thing))

    def start(self, tag: str, attrs: dict[str, str]) -> ElementTree.Element:
        """Begin an element, not too deep."""
        self._open += 1
        if self._open > _DEPTH:
            raise LayerError(Problem("openquake.doctype", self._thing))
        return super().start(tag, attrs)

    def end(self, tag: str) -> ElementTree.Element:
        """End an element."""
        self._open -= 1
        return super().end(tag)


def _tag(item: ElementTree.Element) -> str:
    return str(item.tag).rpartition("}")[2]


def _functions(root: ElementTree.Element, thing: str) -> Iterator[VulnerabilityFunction]:
    """Functions of NRML 0.5, each with its levels, and those of sets of NRML 0.4, which share them."""
    for item in root.iter():
        parts = {_tag(child): child for child in item}
        if _tag(item) == "vulnerabilityFunction":
            levels, mass = parts.get("imls"), [child for child in item if _tag(child) == "probabilities"]
            ratios, spread = _numbers(parts.get("meanLRs")), _numbers(parts.get("covLRs"))
            if mass:
                ratios, spread = _of_chances(mass, _called(item), thing)
            yield _function(_called(item), levels, ratios, spread, thing)
        elif _tag(item) == "discreteVulnerabilitySet":
            for one in (child for child in item if _tag(child) == "discreteVulnerability"):
                own = {_tag(child): child for child in one}
                ratios, spread = _numbers(own.get("lossRatio")), _numbers(own.get("coefficientsVariation"))
                yield _function(_called(one), parts.get("IML"), ratios, spread, thing)


def _called(item: ElementTree.Element) -> str:
    return item.get("id") or item.get("vulnerabilityFunctionID") or "?"


def _function(
    name: str, levels: ElementTree.Element | None, ratios: Floats, spread: Floats, thing: str
) -> VulnerabilityFunction:
    """A function with its measure; ratios slightly out of 0..1 by rounding are put back."""
    heights = _numbers(levels)
    count = len(heights)
    if levels is None or count < 2 or len(ratios) != count or len(spread) not in (0, count):
        lengths = [count, len(ratios), len(spread)]
        raise LayerError(Problem("openquake.lengths", thing, name=name, lengths=lengths))
    measure = str(levels.get("imt") or levels.get("IMT") or "")
    curve = LossCurve(heights, ratios, quantity=_QUANTITIES.get(measure, ""), element=name, source=f"NRML, {measure}")
    return VulnerabilityFunction(name, measure, curve, spread)


def _of_chances(mass: Sequence[ElementTree.Element], name: str, thing: str) -> tuple[Floats, Floats]:
    """Mean loss ratio and its variation at each level, from a row of chances for each loss ratio."""
    rows = [_numbers(item) for item in mass]
    stated = [_numbers_of(item.get("lr")) for item in mass]
    if len({len(row) for row in rows}) > 1 or any(len(loss) != 1 for loss in stated):
        raise LayerError(Problem("openquake.lengths", thing, name=name, lengths=[len(row) for row in rows]))
    chances, losses = np.array(rows, dtype=np.float64), np.array(stated, dtype=np.float64)
    sums = chances.sum(axis=0)
    if (chances < 0).any() or (np.abs(sums - 1) > _SUM_ROUNDING).any():
        raise LayerError(Problem("openquake.mass", thing, name=name, sums=[round(float(total), 6) for total in sums]))
    mean = (chances * losses).sum(axis=0)
    spread = np.sqrt(np.maximum((chances * losses**2).sum(axis=0) - mean**2, 0.0))
    variation = np.divide(spread, mean, out=np.zeros_like(mean), where=mean > 0)
    return tuple(mean.tolist()), tuple(variation.tolist())


def _numbers(item: ElementTree.Element | None) -> Floats:
    return () if item is None else _numbers_of(item.text)


def _numbers_of(text: str | None) -> Floats:
    try:
        return tuple(float(word) for word in (text or "").split())
    except ValueError:
        return ()


def _table(path: str | os.PathLike[str]) -> tuple[str, dict[str, str], pd.DataFrame]:
    """The table and the facts of its first line, which begins with #."""
    file = existing(path)
    thing = str(path)
    if file.stat().st_size > RECORD_BYTES:
        raise LayerError(Problem("openquake.big", thing, size=file.stat().st_size, most=RECORD_BYTES))
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise LayerError(Problem("openquake.xml", thing, reason=str(error))) from None
    about = " ".join(line for line in lines if line.startswith("#"))
    rows = [line for line in lines if line.strip() and not line.startswith("#")]
    if len(rows) < 2 or len(next(csv.reader(rows[:1]))) < 3:
        raise LayerError(Problem("openquake.columns", thing, wanted="lon, lat", columns=rows[:1]))
    table = pd.read_csv(io.StringIO("\n".join(rows)))
    return thing, {match[1]: next(filter(None, match.groups()[1:]), "") for match in _FACT.finditer(about)}, table


def _places(table: pd.DataFrame, thing: str) -> gpd.GeoDataFrame:
    if not {"lon", "lat"} <= set(table.columns):
        raise LayerError(Problem("openquake.columns", thing, wanted="lon, lat", columns=list(map(str, table.columns))))
    points = gpd.points_from_xy(table["lon"], table["lat"])
    return gpd.GeoDataFrame(geometry=points, crs="EPSG:4326")


def _years(facts: dict[str, str], thing: str, *others: Problem) -> float:
    """The investigation time; raises where there is none, and for what else is wrong in the first line."""
    try:
        years = float(facts["investigation_time"])
    except (KeyError, ValueError):
        years = np.nan
    absent = [] if 0 < years < np.inf else [Problem("openquake.years", thing)]
    if absent or others:
        raise LayerError(problems=[*absent, *others])
    return years
