"""Comprehensive risk regions in tiers: landforms, clusters of units alike in their risks, units of equal grade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from riskzoning import standards
from riskzoning.errors import Phrase, Problem, note
from riskzoning.zoning.clusters import Ground, numbered, spread, ward_path
from riskzoning.zoning.contiguity import contiguity
from riskzoning.zoning.partition import Faces, zones_of
from riskzoning.zoning.patches import Merged
from riskzoning.zoning.regions import Method, best_number, ground_of, regionalise, standardised
from riskzoning.zoning.titles import Named, direction, in_reading_order, leading, marked, names_of, roman

COLUMNS = ("zone_id", "code", "name", "name_en", "tier", "parent", "grade", "leading_hazards", "area_km2", "population")
# Regions of the second tier that are tried in a part of the first, at most.
MOST_REGIONS = 12
# How much where a unit lies counts beside its risks when a large region is divided, and parts more than must be.
_PLACE, _MORE_PARTS = 2.0, 4
# Units that hold less than this of a zone are not counted in its name.
_TOLD = 0.05
# Groups of more units than this that hold more than this share of the city are named by where they lie.
_MOST_TOLD, _LARGE = 12, 0.1


@dataclass(frozen=True)
class RegionRules:
    """How the second tier is divided; ``number`` for each part of the first tier, None: what fits best."""

    method: Method = "ward"
    number: int | None = None
    most: int = MOST_REGIONS
    largest_share: float = 0.3
    min_size: float = 2
    seed: int = 0


@dataclass(frozen=True)
class Settlements:
    """Villages as points: their names in the order of the alphabet and where each lies."""

    names: NDArray[Any]
    spots: NDArray[np.float64]

    @classmethod
    def of(cls, villages: gpd.GeoDataFrame) -> Settlements:
        """From points with a ``name``."""
        names, places = villages["name"].to_numpy(), villages.geometry
        order = np.argsort(names, kind="stable")
        return cls(names[order], np.column_stack([places.x, places.y])[order])

    def nearest(self, spot: NDArray[np.float64], within: float) -> str | None:
        """The name of the nearest one in this distance; of equally near ones, to the millimetre, the first by name."""
        apart = self.spots - spot
        far = np.round(np.hypot(apart[:, 0], apart[:, 1]), 3)
        at = int(np.argmin(far))
        return str(self.names[at]) if far[at] <= within else None


@dataclass(frozen=True)
class Units:
    """What regions are made of: units of the finest level, sorted by code, and what is known of them.

    ``frame`` has ``name above area_km2 population index grade landform group`` and the geometry; ``above`` is the name
    of the unit that they lie in. ``parts`` (units x hazards) are weighted risk indices, which add up to the composite.
    ``villages`` are points with a ``name`` in the projection, which tell zones of one unit apart.
    """

    frame: gpd.GeoDataFrame
    parts: pd.DataFrame
    city: str
    metric: str
    bounds: tuple[float, ...] = ()
    closed: Literal["right", "left"] = "right"
    level_word: Mapping[str, str] = field(default_factory=lambda: {"zh": "单元", "en": "units"})
    landform_words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    villages: gpd.GeoDataFrame | None = None

    @cached_property
    def areas(self) -> NDArray[np.float64]:
        """Area of each unit, km2."""
        return self.frame["area_km2"].to_numpy(dtype=np.float64)

    @cached_property
    def population(self) -> NDArray[np.float64]:
        """People of each unit."""
        return self.frame["population"].to_numpy(dtype=np.float64)

    @cached_property
    def index(self) -> NDArray[np.float64]:
        """The composite index of each unit, NaN where it has none."""
        return self.frame["index"].to_numpy(dtype=np.float64)

    @cached_property
    def grade(self) -> NDArray[np.int64]:
        """The grade of each unit, 0 without one."""
        return self.frame["grade"].to_numpy(np.int64)

    @cached_property
    def name(self) -> list[str]:
        """The name of each unit."""
        return [str(name) for name in self.frame["name"]]

    @cached_property
    def settlements(self) -> Settlements | None:
        """The villages, ready to be asked which of them is nearest; None where none is known."""
        return None if self.villages is None or self.villages.empty else Settlements.of(self.villages)

    @cached_property
    def spots(self) -> NDArray[np.float64]:
        """The centroid of each unit in the projection."""
        centroid = self.frame.geometry.to_crs(self.metric).centroid
        return np.column_stack([centroid.x, centroid.y])

    @cached_property
    def weighted(self) -> NDArray[np.float64]:
        """The parts as numbers, nothing where they are unknown."""
        return np.asarray(np.nan_to_num(self.parts.to_numpy(dtype=np.float64)))

    @cached_property
    def hazards(self) -> list[str]:
        """The hazards that the parts are of."""
        return [str(name) for name in self.parts.columns]

    @cached_property
    def whole(self) -> dict[str, float]:
        """The parts of the whole city."""
        return dict(zip(self.hazards, (self.areas @ self.weighted).tolist(), strict=True))

    @cached_property
    def middle(self) -> tuple[float, float]:
        """The middle of the city in the projection."""
        east, north = np.average(self.spots, axis=0, weights=self.areas)
        return float(east), float(north)

    @cached_property
    def _factors(self) -> dict[str, tuple[NDArray[np.int64], list[str]]]:
        made = {}
        for name in ("group", "landform", "above"):
            numbers, names = pd.factorize(self.frame[name].fillna("").astype(str), sort=True)
            made[name] = np.asarray(numbers, dtype=np.int64), [str(one) for one in names]
        return made

    def factor(self, column: str) -> tuple[NDArray[np.int64], list[str]]:
        """A column of words as numbers, and the words in order."""
        return self._factors[column]

    def faces(self, scale: NDArray[np.float64] | None = None) -> Faces:
        """The units as faces of a partition."""
        area = self.areas if scale is None else self.areas / scale
        count = np.arange(len(self.frame))
        return Faces(self.frame.geometry.to_numpy(), count, np.zeros(len(count), np.int64), area, str(self.frame.crs))


@dataclass(frozen=True)
class Tiers:
    """The number of the region of each unit in every tier, and what was merged."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    third: NDArray[np.int64]
    merged: Merged
    fit: pd.DataFrame


def tiers_of(units: Units, rules: RegionRules, *, least_km2: float = 0.0) -> Tiers:
    """Regions of three tiers, each inside one of the tier above."""
    if len(units.frame) == 1:
        note(Problem("zones.one_unit", Phrase("units"), severity="info", codes=list(map(str, units.frame.index))))
    first = _first(units)
    second, fit = _second(units, first, rules)
    third, merged = _third(units, second, least_km2)
    return Tiers(first, second, third, merged, fit)


def _first(units: Units) -> NDArray[np.int64]:
    """Units of a landform that hang together; small parts join the neighbour with the longest border."""
    groups, _ = pd.factorize(units.frame["group"].fillna(""), sort=True)
    least = float(standards.table("zoning/landforms").data["least_share"]) * units.areas.sum()
    return zones_of(units.faces(), np.asarray(groups, np.int64), least=least).of_face


def _second(units: Units, first: NDArray[np.int64], rules: RegionRules) -> tuple[NDArray[np.int64], pd.DataFrame]:
    out, offset, rows = np.zeros(len(first), np.int64), 0, []
    columns = [name for name in units.parts.columns if units.parts[name].notna().all()]
    for part in np.unique(first):
        members = np.flatnonzero(first == part)
        frame = gpd.GeoDataFrame(
            units.parts.iloc[members][columns], geometry=units.frame.geometry.to_numpy()[members], crs=units.frame.crs
        )
        room = rules.largest_share * units.areas.sum()
        labels, row = _divided(frame, columns, rules, units.areas[members] / room, units.spots[members])
        out[members] = labels + offset
        offset += int(labels.max()) + 1
        rows.append({"part": int(part), "units": len(members), **row})
    return out, pd.DataFrame(rows)


def _divided(
    frame: gpd.GeoDataFrame,
    columns: list[str],
    rules: RegionRules,
    size: NDArray[np.float64],
    spots: NDArray[np.float64],
) -> tuple[NDArray[np.int64], dict[str, Any]]:
    """Regions of a part of the first tier, and how much of the differences they explain.

    ``size`` of the units, as shares of the most that a region should have; ``spots`` where they lie.
    """
    nothing = {"regions": 1, "within_share": 1.0, "by_place": 0}
    if len(frame) < 3 or not columns:
        return np.zeros(len(frame), np.int64), nothing
    near = contiguity(frame.geometry.to_numpy(), degrees=bool(frame.crs and frame.crs.is_geographic))
    ground = ground_of(frame, columns, near)
    parts = len(np.unique(near.components()))
    most = max(int(len(frame) // max(rules.min_size, 1)), parts)
    wanted = rules.number or best_number(ground, min(rules.most, most), rules.min_size, size)[0]
    wanted = min(max(wanted, parts), most)
    if wanted == 1:
        return np.zeros(len(frame), np.int64), nothing
    labels = regionalise(
        frame, columns, n_regions=wanted, method=rules.method, min_size=rules.min_size, seed=rules.seed
    ).to_numpy()
    before = len(set(labels))
    if rules.number is None:
        labels = _divided_by_place(ground, labels, spots, size, rules)
    within, total = spread(ground.values, labels), float((ground.values**2).sum())
    share = within / total if total > 0 else 1.0
    return labels - 1, {"regions": len(set(labels)), "within_share": share, "by_place": len(set(labels)) - before}


def _divided_by_place(
    ground: Ground, labels: NDArray[np.int64], spots: NDArray[np.float64], size: NDArray[np.float64], rules: RegionRules
) -> NDArray[np.int64]:
    """Regions larger than 1 divided where they lie: what is alike in its risks has no other border inside."""
    labels = labels.copy()
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        total = float(size[members].sum())
        if total <= 1:
            continue
        place = {int(unit): at for at, unit in enumerate(members)}
        near = [[place[other] for other in ground.near[unit] if other in place] for unit in members]
        # Both axes by one measure, so that parts come out compact.
        centred = spots[members] - spots[members].mean(axis=0)
        values = np.column_stack([standardised(ground.values[members]), centred / max(centred.std(), 1e-9) * _PLACE])
        own = Ground(values, near, ground.size[members])
        most = min(int(np.ceil(total)) + _MORE_PARTS, len(members) // max(int(rules.min_size), 1))
        wanted = list(range(int(np.ceil(total)), most + 1))
        path = ward_path(own, wanted, rules.min_size) if wanted else {}
        largest = {k: float(np.bincount(made, size[members]).max()) for k, made in path.items()}
        if largest:
            k = min(largest, key=lambda at: (largest[at] > 1, round(largest[at], 9) if largest[at] > 1 else 0, at))
            labels[members] = np.where(path[k] == 0, label, labels.max() + path[k])
    return numbered(labels) + 1


def _third(units: Units, second: NDArray[np.int64], least_km2: float) -> tuple[NDArray[np.int64], Merged]:
    """Units of equal grade that hang together; those too small to be read or to matter join a neighbour."""
    rules = standards.table("zoning/patches").data
    parents = np.bincount(second, units.areas)
    least = np.maximum(max(least_km2, float(rules["parent_km2"])), float(rules["parent_share"]) * parents)[second]
    zones = zones_of(units.faces(least), units.grade, least=1.0, within=second)
    return zones.of_face, zones.merged


def region_table(units: Units, tiers: Tiers) -> gpd.GeoDataFrame:
    """The regions of all tiers with names, codes, grade, leading hazards, area and population."""
    first = _numbered(units, tiers.first, None)
    second = _numbered(units, tiers.second, first)
    third = _numbered(units, tiers.third, second)
    codes1 = {at: f"{units.city}-{roman(number)}" for at, number in first.number.items()}
    codes2 = {at: f"{codes1[second.parent[at]]}-{number}" for at, number in second.number.items()}
    codes3 = {at: f"{codes2[third.parent[at]]}-{number:02d}" for at, number in third.number.items()}
    parts = [
        _rows(units, tiers.first, 1, codes1, dict.fromkeys(codes1, "")),
        _rows(units, tiers.second, 2, codes2, {at: codes1[second.parent[at]] for at in codes2}),
        _rows(units, tiers.third, 3, codes3, {at: codes2[third.parent[at]] for at in codes3}),
    ]
    table = pd.concat(parts, ignore_index=True)
    table["zone_id"] = [f"region_{at:04d}" for at in range(1, len(table) + 1)]
    return gpd.GeoDataFrame(table[[*COLUMNS, "geometry"]], geometry="geometry", crs=units.frame.crs)


@dataclass(frozen=True)
class _Numbers:
    """The number of each region inside its parent, and that parent; ``label`` holds the units' own labels."""

    number: dict[int, int]
    parent: dict[int, int]
    label: NDArray[np.int64]


def _numbered(units: Units, labels: NDArray[np.int64], above: _Numbers | None) -> _Numbers:
    """Regions numbered from north to south inside their parents."""
    weight, every = units.areas, np.unique(labels)
    held = np.bincount(labels, weight)
    x, y = (np.bincount(labels, weight * axis)[every] / held[every] for axis in units.spots.T)
    parents = (
        np.zeros(len(every), np.int64) if above is None else above.label[[np.argmax(labels == at) for at in every]]
    )
    number, counts = {}, dict.fromkeys(map(int, parents), 0)
    for place in in_reading_order(x, y):
        counts[int(parents[place])] += 1
        number[int(every[place])] = counts[int(parents[place])]
    order = sorted(number, key=lambda at: (int(parents[np.searchsorted(every, at)]), number[at]))
    return _Numbers(
        {at: number[at] for at in order}, dict(zip(map(int, every), map(int, parents), strict=True)), labels
    )


def _rows(
    units: Units, labels: NDArray[np.int64], tier: int, codes: Mapping[int, str], parents: Mapping[int, str]
) -> pd.DataFrame:
    order = sorted(codes, key=lambda at: _code_key(codes[at]))
    items = [described(units, np.flatnonzero(labels == at), tier=tier) for at in order]
    rows = {
        "code": [codes[at] for at in order],
        "name": names_of(f"tier{tier}", items, "zh"),
        "name_en": names_of(f"tier{tier}", items, "en"),
        "tier": tier,
        "parent": [parents[at] for at in order],
        "grade": [item.grade for item in items],
        "leading_hazards": [";".join(item.hazards) for item in items],
        "area_km2": [float(units.areas[labels == at].sum()) for at in order],
        "population": [float(units.population[labels == at].sum()) for at in order],
        "geometry": [shapely.coverage_union_all(units.frame.geometry.to_numpy()[labels == at]) for at in order],
    }
    return pd.DataFrame(rows)


def _code_key(code: str) -> tuple[Any, ...]:
    """Codes in the order of their numbers; the Roman ones by their value."""
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}

    def value(part: str) -> int:
        if part.isdigit():
            return int(part)
        digits = [values.get(letter, 0) for letter in part]
        return sum(-d if later > d else d for d, later in zip(digits, [*digits[1:], 0], strict=True))

    return tuple(value(part) for part in code.split("-")[1:])


def described(
    units: Units, members: NDArray[np.int64], areas: NDArray[np.float64] | None = None, *, tier: int = 3
) -> Named:
    """What a name says of a group of units: where, which landform, which hazards lead, what grade.

    ``areas`` is what the group has of each unit (km2), by default all of it.
    """
    held = units.areas[members] if areas is None else areas
    shares = dict(zip(units.hazards, held @ units.weighted[members], strict=True))
    spot = np.average(units.spots[members], axis=0, weights=held)
    largest = _largest(units, members, held)
    where = direction((float(spot[0]), float(spot[1])), units.middle, float(units.areas.sum()) * 1e6)
    return Named(
        hazards=leading(shares) if tier > 1 else (),
        marked=marked(shares, units.whole) if tier > 1 else (),
        grade=_grade(units, members, held),
        landform=_landform(units, members, held, tier),
        direction=where,
        place=place_of(units, members, held, where),
        seat={"zh": largest, "en": largest},
    )


def largest_of(units: Units, members: NDArray[np.int64], areas: NDArray[np.float64]) -> int:
    """Which member of a group has most of its people, or of its ground where nobody is counted."""
    people = units.population[members] * areas / units.areas[members]
    return int(np.argmax(people if people.sum() > 0 else areas))


def _largest(units: Units, members: NDArray[np.int64], areas: NDArray[np.float64]) -> str:
    return units.name[int(members[largest_of(units, members, areas)])]


def _grade(units: Units, members: NDArray[np.int64], areas: NDArray[np.float64]) -> int:
    """The grade of the mean index by area; where no limits exist, that which most of the ground has."""
    index = units.index[members]
    known = np.isfinite(index)
    if units.bounds and known.any():
        mean = float(np.average(index[known], weights=areas[known]))
        # The mean of equal values may miss them by a last digit.
        mean = float(np.clip(mean, index[known].min(), index[known].max()))
        side: Literal["left", "right"] = "left" if units.closed == "right" else "right"
        return min(int(np.searchsorted(units.bounds, mean, side=side)) + 1, len(units.bounds))
    grades = units.grade[members]
    held = np.bincount(grades, areas)
    return int(len(held) - 1 - np.argmax(held[::-1]))


def _landform(units: Units, members: NDArray[np.int64], areas: NDArray[np.float64], tier: int) -> dict[str, str]:
    """The landform of most of the ground: the group in the first tier, the own name below it."""
    numbers, names = units.factor("group" if tier == 1 else "landform")
    held = np.bincount(numbers[members], areas, minlength=len(names))
    key = names[int(np.argmax(np.round(held, 9)))]
    words = units.landform_words.get(key)
    return {lang: str(words[lang]) if words else key for lang in ("zh", "en")}


def place_of(
    units: Units, members: NDArray[np.int64], areas: NDArray[np.float64], where: Mapping[str, str]
) -> dict[str, str]:
    """Where a group of units lies: its largest one with what that lies in, and how many more there are.

    A group of many units is named by its direction in the city.
    """
    told = (areas >= _TOLD * areas.sum()) | (areas >= 0.5 * units.areas[members])
    if told.sum() > _MOST_TOLD and areas.sum() > _LARGE * units.areas.sum():
        return dict(where)
    county, own = _county(units, members, areas)
    first, count = _largest(units, members[own], areas[own]), max(int(told.sum()), 1)
    forms = standards.table("zoning/names").data["templates"]["several"]
    text = {}
    for lang in ("zh", "en"):
        whole = f"{county}{first}" if lang == "zh" else f"{county} {first}".strip()
        level = _together(units.level_word.get(lang, ""), [units.name[at] for at in members[told]])
        values = {"first": whole, "count": count, "more": count - 1, "level": level}
        text[lang] = str(forms[lang]).format(**values) if count > 1 else whole
    return text


def _together(level: str, names: Sequence[str]) -> str:
    """What units are called together: 街道 where all of them are such, 乡镇（街道） where some are."""
    for ending, words in standards.table("zoning/names").data["endings"].get(level, {}).items():
        own = [name.endswith(ending) for name in names]
        if any(own):
            return str(words["all" if all(own) else "some"])
    return level


def county_of(units: Units, members: NDArray[np.int64], areas: NDArray[np.float64]) -> dict[str, str]:
    """The unit above that most of a group lies in, or its largest unit where nothing is above; one name everywhere."""
    name = _county(units, members, areas)[0] or _largest(units, members, areas)
    return dict.fromkeys(("zh", "en"), name)


def _county(units: Units, members: NDArray[np.int64], areas: NDArray[np.float64]) -> tuple[str, NDArray[np.bool_]]:
    numbers, names = units.factor("above")
    held = np.bincount(numbers[members], areas, minlength=len(names))
    at = int(np.argmax(np.round(held, 9)))
    return names[at], numbers[members] == at
