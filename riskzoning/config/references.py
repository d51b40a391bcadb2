"""Names in study.yaml that point at something: hazards, catalogue entries, quantities, parameters, tables, files."""

from __future__ import annotations

import difflib
import itertools
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from riskzoning import numerals, standards
from riskzoning.config.custom import CustomConfig
from riskzoning.config.levels import LevelConfig, listed_levels
from riskzoning.config.model import StudyConfig
from riskzoning.config.reading import Location, StudyText
from riskzoning.config.schema import near, schema_problem
from riskzoning.errors import LayerError, Phrase, Problem, StandardTableError, UnitsError
from riskzoning.exposure import RECEPTORS, ReceptorSpec
from riskzoning.files import kind_of, on_disk
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.base import HazardSpec
from riskzoning.hazards.custom import MEASURE, NoParams, custom_spec
from riskzoning.inputs import InputSpec, given
from riskzoning.names import DRAWN, MULTI, check_hazard_key, indices_of
from riskzoning.results import LEVELS
from riskzoning.standards.own import palette_of, remember
from riskzoning.standards.tables import mistaken_for


def reference_problems(text: StudyText) -> list[Problem]:
    """Problems of what the keys of a study name; values of a wrong type are passed over, the schema reports them.

    Parameters
    ----------
    text : StudyText
        Values and lines of a study file (:func:`parse_study` reads them), or the values of a study made in Python.

    Examples
    --------
    >>> text = StudyText(Path("study.yaml"), {"hazards": [{"hazard": "flod"}]})
    >>> print(reference_problems(text)[0].fix)
    Correct it (did you mean flood?).
    """
    raw = text.raw
    # Own hazards may bring quantities that the catalogue names.
    remember(_own_hazards(raw))
    problems = [*_catalogue(text)]
    for index, item in enumerate(_list(raw, "hazards")):
        if isinstance(item, dict):
            problems += _hazard(text, item, index)
    problems += [*_hazard_list(text), *_taken(text)]
    problems += _exposure(text)
    problems += [*_weights(text), *_capacity(text)]
    problems += _frozen(text)
    problems += _validation(text)
    problems += _levels(text)
    problems += _tables(text)
    problems += _files(text)
    return problems


def _reached(raw: Mapping[str, object], keys: tuple[str, ...]) -> object:
    value: object = raw
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _mapping(raw: Mapping[str, object], *keys: str) -> dict[str, Any]:
    value = _reached(raw, keys)
    return {str(key): item for key, item in value.items()} if isinstance(value, Mapping) else {}


def _list(raw: Mapping[str, object], *keys: str) -> list[Any]:
    value = _reached(raw, keys)
    return list(value) if isinstance(value, list | tuple) else [value] if isinstance(value, str) else []


def _hazard_meant(name: str) -> Phrase:
    # A name in Chinese or English words is as good a hint as a misspelt key.
    for key, title in standards.table("names/common").data["hazard"].items():
        if key in HAZARDS and any(len(name) > 1 and name in word for word in (title["zh"], title["en"].lower())):
            return Phrase("near", names=[key])
    return near(name, HAZARDS)


def _catalogue(text: StudyText) -> Iterator[Problem]:
    last = str(text.raw.get("data_date", ""))
    for name, entry in _mapping(text.raw, "inputs").items():
        if not isinstance(entry, dict):
            continue
        yield from _quantity(text, name, entry)
        year = entry.get("year")
        if isinstance(year, int) and last[:4].isdigit() and year > int(last[:4]):
            yield text.problem("study.year", ("inputs", name, "year"), year=year, data_date=last)


def _quantity(text: StudyText, name: str, entry: Mapping[str, object]) -> Iterator[Problem]:
    kind, units = entry.get("quantity"), entry.get("units")
    if not isinstance(kind, str):
        return
    try:
        standards.quantity(kind)
    except StandardTableError as error:
        values = dict(error.problems[0].values)
        at: Location = ("inputs", name, "quantity")
        yield text.problem("study.quantity", at, value=kind, count=values["count"], near=values["near"])
        return
    if isinstance(units, str):
        try:
            standards.convert_units(1.0, units, kind, thing=name)
        except UnitsError as error:
            at = ("inputs", name, "units")
            yield error.problems[0].at(text.path, row=text.line(at), field=".".join(map(str, at)))


def _hazard(text: StudyText, item: Mapping[str, object], index: int) -> Iterator[Problem]:
    at: Location = ("hazards", index)
    name = item.get("hazard")
    if not isinstance(name, str):
        return
    if isinstance(item.get("custom"), Mapping):
        yield from _custom(text, name, item, at)
        return
    if name not in HAZARDS:
        hint = _hazard_meant(name)
        yield text.problem("study.hazard", (*at, "hazard"), value=name, hazards=list(HAZARDS), near=hint)
        return
    spec = HAZARDS[name]
    yield from _hazard_inputs(text, spec, _mapping(item, "inputs"), at)
    params = item.get("params")
    if isinstance(params, dict):
        yield from _params(text, spec, params, (*at, "params"))


def _custom(text: StudyText, name: str, item: Mapping[str, object], at: Location) -> Iterator[Problem]:
    """A hazard of the study's own: a key of its own, and the one layer that it takes."""
    problem = own_key_problem(name)
    if problem is not None:
        place: Location = (*at, "hazard")
        yield problem.at(text.path, row=text.line(place), field=".".join(map(str, place)))
        return
    stated = _mapping(item, "custom")
    for key in ("colour", "palette"):
        if key in stated and stated[key] is None:
            yield text.problem("study.custom_no_colour", (*at, "custom", key), severity="warning")
    definition = _own_hazards({"hazards": [dict(item)]}).get(name)
    if definition is not None:
        spec, inputs = custom_spec(name, definition), _mapping(item, "inputs")
        layers = _list(inputs, MEASURE)
        if definition.get("periods") is None and len(layers) > 1:
            yield text.problem("study.custom_several", (*at, "inputs", MEASURE), count=len(layers))
        else:
            yield from _hazard_inputs(text, spec, inputs, at)
            yield from _custom_period(text, definition, layers, at)
    for other in _mapping(item, "params"):
        yield text.problem("study.custom_params", (*at, "params", other), hazard=name)


def own_key_problem(key: str) -> Problem | None:
    """Why a hazard of a study's own cannot have this key; None where it can."""
    try:
        check_hazard_key(key)
    except LayerError as error:
        return error.problems[0]
    taken = key in HAZARDS and HAZARDS[key].params is not NoParams
    return Problem("study.custom_known", Phrase("hazard", name=key), hazard=key) if taken else None


def _custom_period(
    text: StudyText, definition: Mapping[str, Any], layers: list[Any], at: Location
) -> Iterator[Problem]:
    """The one return period that a hazard of the study's own is read off at must be among its layers."""
    period = definition.get("periods")
    if not isinstance(period, int | float):
        return
    catalogue = _mapping(text.raw, "inputs")
    known = [numerals.period(_mapping(catalogue, str(name)).get("return_period")) for name in layers]
    if layers and float(period) not in known:
        shown = [value for value in known if value == value]
        yield text.problem("study.custom_period", (*at, "custom", "periods"), period=period, periods=shown)


def _own_hazards(raw: Mapping[str, object]) -> dict[str, dict[str, Any]]:
    """The hazards that a study defines itself, as far as they are right; the types of the keys say what is wrong."""
    own = {}
    for item in _list(raw, "hazards"):
        if isinstance(item, dict) and isinstance(item.get("custom"), Mapping) and isinstance(item.get("hazard"), str):
            with suppress(ValidationError, LayerError):
                check_hazard_key(item["hazard"])
                own[item["hazard"]] = CustomConfig.model_validate(item["custom"]).definition(item["hazard"])
    return own


def _hazard_inputs(text: StudyText, spec: HazardSpec, inputs: Mapping[str, object], at: Location) -> Iterator[Problem]:
    keys = [known.key for known in spec.inputs]
    catalogue = _mapping(text.raw, "inputs")
    for key in inputs:
        here = (*at, "inputs", key)
        if key not in keys:
            hint = near(key, keys)
            yield text.problem("study.hazard_inputs_unknown", here, hazard=spec.name, inputs=keys, near=hint)
            continue
        names = [entry for entry in _list(inputs, key) if isinstance(entry, str)]
        lost = [entry for entry in names if entry not in catalogue]
        for entry in lost:
            yield _entry_problem(text, entry, here, catalogue)
        if names and not lost:
            yield from _several(text, spec.input(key), names, here, catalogue)
    yield from _periods_of(text, spec, inputs, at)
    for known in spec.inputs:
        choices = (known.key, *known.alternatives)
        if known.required and not any(inputs.get(key) for key in choices):
            missing: Location = (*at, "inputs", known.key)
            yield text.problem("study.hazard_inputs_missing", missing, hazard=spec.name, choices=choices)


def _periods_of(text: StudyText, spec: HazardSpec, inputs: Mapping[str, object], at: Location) -> Iterator[Problem]:
    """Layers by return period that go with another input: they must have its return periods."""
    catalogue = _mapping(text.raw, "inputs")
    for known in spec.inputs:
        names = _list(inputs, known.key)
        others = _list(inputs, known.periods_of) if known.periods_of else []
        if len(names) < 2 or not others:
            continue
        own, wanted = (
            sorted(numerals.period(_mapping(catalogue, str(name)).get("return_period")) for name in listed)
            for listed in (names, others)
        )
        if own != wanted and all(period > 0 for period in (*own, *wanted)):
            shown: dict[str, Any] = {"periods": [f"{one:g}" for one in own], "wanted": [f"{one:g}" for one in wanted]}
            yield text.problem("study.periods_of", (*at, "inputs", known.key), key=known.periods_of, **shown)


def _several(
    text: StudyText, spec: InputSpec, names: list[str], here: Location, catalogue: Mapping[str, object]
) -> Iterator[Problem]:
    double = sorted({name for name in names if names.count(name) > 1})
    if double:
        yield text.problem("study.entries_twice", here, names=double)
    if spec.form != "stack" and not (spec.periods_of and len(names) > 1):
        if len(names) > 1:
            yield text.problem("study.entries_several", here, count=len(names))
        return
    periods: dict[float, str] = {}
    for name in dict.fromkeys(names):
        stated = _mapping(catalogue, name).get("return_period")
        period = numerals.period(stated)
        if stated is None:
            yield text.problem("study.return_period_missing", ("inputs", name, "return_period"), key=spec.key)
        elif period in periods:
            at: Location = ("inputs", name, "return_period")
            yield text.problem("study.return_period_twice", at, period=period, other=periods[period], key=spec.key)
        elif period > 0:
            periods[period] = name


def _entry_problem(text: StudyText, entry: str, here: Location, catalogue: Mapping[str, object]) -> Problem:
    return text.problem("study.entry", here, entry=entry, near=near(entry, catalogue))


def _params(text: StudyText, spec: HazardSpec, params: Mapping[str, object], at: Location) -> Iterator[Problem]:
    known = list(getattr(spec.params, "model_fields", {}))
    try:
        spec.params.model_validate(params)
    except ValidationError as error:
        for item in error.errors():
            here = (*at, *item["loc"])
            if item["type"] == "extra_forbidden":
                hint = near(item["loc"][0], known)
                yield text.problem("study.parameter", here, hazard=spec.name, parameters=known, near=hint)
            else:
                yield schema_problem(item, here, text, StudyConfig)


def _hazard_list(text: StudyText) -> Iterator[Problem]:
    """What concerns all hazards together: none at all, one twice, one that is said not to exist here."""
    listed = _list(text.raw, "hazards")
    names = [item.get("hazard") for item in listed if isinstance(item, dict)]
    if not listed and "admin" in text.raw and not isinstance(text.raw.get("hazards"), dict):
        yield text.problem("study.hazards", ("hazards",), severity="warning", hazards=list(HAZARDS))
    for index, name in enumerate(names):
        if isinstance(name, str) and name in names[:index]:
            yield text.problem("study.hazard_twice", ("hazards", index, "hazard"), hazard=name)
    # A hazard of the census without a method here may be absent as well as a registered one.
    named = _mapping(standards.table("names/common").data, "hazard")
    known = [key for key in dict.fromkeys([*named, *HAZARDS]) if key != MULTI]
    for index, name in enumerate(_list(text.raw, "not_applicable")):
        at: Location = ("not_applicable", index)
        if name in names:
            yield text.problem("study.not_applicable", at, hazard=name)
        elif name not in known:
            yield text.problem("study.not_applicable_unknown", at, hazard=name, hazards=known, near=near(name, known))


def _taken(text: StudyText) -> Iterator[Problem]:
    """Hazards of the study's own that people could take for another hazard of it: by name, or by colour."""
    own, listed = _own_hazards(text.raw), _list(text.raw, "hazards")
    keys = [item.get("hazard") if isinstance(item, dict) else None for item in listed]
    shipped = standards.shipped_table("names/common").data["hazard"]
    here = dict.fromkeys(key for key in (*keys, *_list(text.raw, "not_applicable")) if isinstance(key, str))
    titles = {key: own[key]["name"] if key in own else shipped.get(key, {}) for key in here}
    for key, definition in own.items():
        at: Location = ("hazards", keys.index(key), "custom")
        others = [other for other in here if other != key and (other not in own or keys.index(other) < keys.index(key))]
        for other in others:
            name = next((word for lang, word in titles[key].items() if word == titles[other].get(lang)), None)
            if name is not None:
                yield text.problem("study.custom_name_taken", (*at, "name"), severity="warning", name=name, other=other)
            palettes = [palette_of(each) for each in (definition, own.get(other, {})) if _coloured(each)]
            if len(palettes) == 2 and palettes[0] == palettes[1]:
                where: Location = (*at, "palette" if definition.get("palette") else "colour")
                yield text.problem(
                    "study.custom_colour_taken", where, severity="info", other=other, colour=palettes[0][3]
                )


def _coloured(definition: Mapping[str, Any]) -> bool:
    return bool(definition.get("colour") or definition.get("palette"))


def _capacity(text: StudyText) -> Iterator[Problem]:
    """Hazards whose risk capacity is to take something off: those of the study, or all together."""
    listed = [item.get("hazard") for item in _list(text.raw, "hazards") if isinstance(item, Mapping)]
    known = [*(name for name in listed if isinstance(name, str)), MULTI]
    for name in _list(text.raw, "risk", "capacity", "hazards"):
        if name not in known:
            at: Location = ("risk", "capacity", "hazards")
            yield text.problem("study.capacity_hazard", at, hazard=name, hazards=known, near=near(name, known))


def _exposure(text: StudyText) -> Iterator[Problem]:
    catalogue, exposed = _mapping(text.raw, "inputs"), _mapping(text.raw, "exposure")
    used: set[object] = set()
    if catalogue:
        for item in _list(text.raw, "hazards"):
            used |= {name for key in _mapping(item, "inputs") for name in _list(item, "inputs", key)}
    for spec in RECEPTORS.values():
        item = _mapping(exposed, spec.name)
        for key in (known.key for known in spec.inputs):
            name = item.get(key)
            if isinstance(name, str):
                used.add(name)
                yield from _exposed_entry(text, spec, key, name)
        usual = getattr(spec.params.model_fields.get("spread_by"), "default", None)
        if usual and item.get("table") and "spread_by" not in item and usual not in exposed:
            yield text.problem("study.spread_missing", ("exposure", spec.name), weight=usual)
    for at, name in (
        *_of_ground(catalogue),
        *_of_losses(text),
        *_of_objects(exposed),
        *_of_zones(text),
        *_of_validation(text),
    ):
        used.add(name)
        if name not in catalogue:
            yield _entry_problem(text, name, at, catalogue)
    yield from _unused(text, catalogue, used)
    yield from _receptor_weights(text)


def _of_ground(catalogue: Mapping[str, object]) -> Iterator[tuple[Location, str]]:
    """Entries over which other entries take their depths."""
    for name, entry in catalogue.items():
        ground = entry.get("terrain") if isinstance(entry, Mapping) else None
        if isinstance(ground, str):
            yield ("inputs", name, "terrain"), ground


def _of_losses(text: StudyText) -> Iterator[tuple[Location, str]]:
    """Entries that the losses read: protected areas by hazard, values by sector, the history."""
    for sector, stated in _mapping(text.raw, "risk", "sectors").items():
        name = stated.get("layer") if isinstance(stated, Mapping) else stated
        if isinstance(name, str):
            yield ("risk", "sectors", sector), name
    for hazard, stated in _mapping(text.raw, "risk", "protection").items():
        name = stated.get("areas") if isinstance(stated, Mapping) else None
        if isinstance(name, str):
            yield ("risk", "protection", hazard, "areas"), name
    name = _mapping(text.raw, "history").get("table")
    if isinstance(name, str):
        yield ("history", "table"), name


def _of_objects(exposed: Mapping[str, object]) -> Iterator[tuple[Location, str]]:
    """Entries whose features are objects."""
    listed = exposed.get("objects")
    for index, item in enumerate(listed if isinstance(listed, list | tuple) else [listed]):
        name = item.get("layer") if isinstance(item, Mapping) else item
        if isinstance(name, str):
            yield ("exposure", "objects", index, "layer"), name


def _of_zones(text: StudyText) -> Iterator[tuple[Location, str]]:
    """Entries that zones and plans read: landforms, the polygons of plans, their rules."""
    name = _mapping(text.raw, "zoning", "landforms").get("input")
    if isinstance(name, str):
        yield ("zoning", "landforms", "input"), name
    for plan, given_plan in _mapping(text.raw, "planning", "plans").items():
        for key in ("input", "rules"):
            name = given_plan.get(key) if isinstance(given_plan, Mapping) else None
            if isinstance(name, str):
                yield ("planning", "plans", plan, key), name


def _of_validation(text: StudyText) -> Iterator[tuple[Location, str]]:
    """Entries of events that the results are held against."""
    for event, stated in _mapping(text.raw, "validation", "events").items():
        name = stated.get("input") if isinstance(stated, Mapping) else None
        if isinstance(name, str):
            yield ("validation", "events", event, "input"), name


def _validation(text: StudyText) -> Iterator[Problem]:
    """Events that belong to a hazard that the study does not have."""
    names = [str(item.get("hazard")) for item in _list(text.raw, "hazards") if isinstance(item, dict)]
    for event, stated in _mapping(text.raw, "validation", "events").items():
        hazard = stated.get("hazard") if isinstance(stated, Mapping) else None
        if isinstance(hazard, str) and hazard not in (*names, MULTI):
            at: Location = ("validation", "events", event, "hazard")
            yield text.problem("study.events_hazard", at, hazards=names, near=near(hazard, names))


def _exposed_entry(text: StudyText, spec: ReceptorSpec[Any], key: str, name: str) -> Iterator[Problem]:
    catalogue, exposed = _mapping(text.raw, "inputs"), _mapping(text.raw, "exposure")
    at: Location = ("exposure", spec.name, key)
    if name in catalogue or (key == "spread_by" and name in spec.spread_by and name in exposed):
        return
    if key == "spread_by" and name in spec.spread_by:
        yield text.problem("study.spread_by", at, weight=name)
    else:
        yield _entry_problem(text, name, at, catalogue)


def _receptor_weights(text: StudyText) -> Iterator[Problem]:
    """Weights of receptors, for all hazards and for single ones, which must be receptors of the study."""
    yield from _weights_at(text, ("risk", "receptor_weights"), _mapping(text.raw, "risk", "receptor_weights"))
    exposed = [name for name in RECEPTORS if name in _mapping(text.raw, "exposure")]
    for index, item in enumerate(_list(text.raw, "hazards")):
        weights = _mapping(item, "receptors") if isinstance(item, Mapping) else {}
        at: Location = ("hazards", index, "receptors")
        yield from _weights_at(text, at, weights)
        absent = [name for name in weights if name in RECEPTORS and name not in exposed]
        if absent:
            yield text.problem("study.receptors_absent", at, receptors=absent, exposed=exposed)


def _weights_at(text: StudyText, at: Location, weights: Mapping[str, Any]) -> Iterator[Problem]:
    for name in weights:
        if name not in RECEPTORS:
            yield text.problem("study.receptor", (*at, name), receptors=list(RECEPTORS), near=near(name, RECEPTORS))
    numbers = [share for value in weights.values() if (share := numerals.share(value)) == share]
    if weights and len(numbers) == len(weights) and abs(sum(numbers) - 1) > 1e-6:
        yield text.problem("study.receptor_weights", at, total=sum(numbers))


# Entries that are read by their name, by a hazard or not: drawn on maps, or told in the names of zones.
_BY_NAME = (*DRAWN, "villages")


def _unused(text: StudyText, catalogue: Mapping[str, object], used: set[object]) -> Iterator[Problem]:
    for name in catalogue:
        if name not in used and name not in _BY_NAME:
            yield text.problem("study.unused_input", ("inputs", name), severity="info")


def _weights(text: StudyText) -> Iterator[Problem]:
    fixed = _mapping(text.raw, "weights", "fixed")
    names = [item.get("hazard") for item in _list(text.raw, "hazards") if isinstance(item, dict)]
    absent = _list(text.raw, "not_applicable")
    shares = {name: numerals.share(value) for name, value in fixed.items()}
    if not fixed or any(share != share for share in shares.values()):
        return
    at: Location = ("weights", "fixed")
    for name in fixed:
        if name not in names and name not in absent:
            known = [name for name in names if isinstance(name, str)]
            yield text.problem("study.weight_of_hazard", (*at, name), hazards=known, near=near(name, known))
    missing = [name for name in names if name not in fixed]
    if missing:
        yield text.problem("study.weights_lacking", at, hazards=missing)
    elif abs(sum(shares.values()) - 1) > 1e-6:
        yield text.problem("study.weights_sum", at, total=sum(shares.values()))


def _frozen(text: StudyText) -> Iterator[Problem]:
    names = [str(item.get("hazard")) for item in _list(text.raw, "hazards") if isinstance(item, dict)]
    own = _own_hazards(text.raw)
    hazards = [HAZARDS[name].index for name in names if name in HAZARDS or name in own]
    receptors = [name for name in RECEPTORS if name in _mapping(text.raw, "exposure")]
    known = {index.key: index.classes for index in indices_of(hazards, receptors)}
    for name, bounds in _mapping(text.raw, "zoning", "frozen").items():
        at: Location = ("zoning", "frozen", name)
        if name not in known:
            yield text.problem("study.frozen", at, indices=list(known)[-2:], near=near(name, known))
            continue
        if not isinstance(bounds, list | tuple) or not all(isinstance(value, int | float) for value in bounds):
            continue
        if len(bounds) != known[name]:
            yield text.problem("study.frozen_count", at, count=len(bounds), wanted=known[name])
        elif any(low >= high for low, high in itertools.pairwise(bounds)):
            yield text.problem("study.frozen_order", at, bounds=bounds)


def _levels(text: StudyText) -> Iterator[Problem]:
    """Levels that the zoning names and the boundaries of the study do not have."""
    given_levels = listed_levels(_mapping(text.raw, "admin").get("levels") or [])
    own: list[LevelConfig] = []
    for item in given_levels if isinstance(given_levels, list) else []:
        with suppress(ValidationError):
            own.append(LevelConfig.model_validate(item))
    words = {word.lower(): level.key for level in own for word in level.words}
    known = [level.key for level in own] or list(LEVELS)
    if _mapping(text.raw, "admin").get("profile") == "free" and _mapping(text.raw, "surveys").get("files"):
        yield text.problem("study.surveys_of_china", ("surveys",))
    for index, level in enumerate(_list(text.raw, "zoning", "levels")):
        if isinstance(level, str) and level not in known and level.strip().lower() not in words:
            options = Phrase("wanted_one_of", options=known)
            at: Location = ("zoning", "levels", index)
            yield text.problem("study.value", at, given=given(level), wanted=options, near=near(level, known))


def _tables(text: StudyText) -> Iterator[Problem]:
    for name, value in _mapping(text.raw, "standards").items():
        at: Location = ("standards", name)
        # A hazard of one's own brings a ladder that the package does not have.
        if name not in (
            known := (*standards.table_names(), *(f"ladders/{hazard}" for hazard in HAZARDS))
        ) and not name.startswith("survey_forms/"):
            yield text.problem("study.table", at, near=near(name, known))
            continue
        if meant := mistaken_for(name):
            yield text.problem("study.table_near", at, severity="warning", meant=meant)
        if not isinstance(value, str | Mapping):
            yield text.problem("study.table_value", at, given=given(value))


def _files(text: StudyText) -> Iterator[Problem]:
    admin = _mapping(text.raw, "admin")
    places: list[tuple[Location, Any]] = [(("admin", "path"), admin.get("path"))]
    places += [(("admin", "paths", level), value) for level, value in _mapping(admin, "paths").items()]
    places += [(("admin", key, "path"), _mapping(admin, key).get("path")) for key in ("reference", "codes")]
    for name in _mapping(text.raw, "inputs"):
        places += [(("inputs", name, key), _mapping(text.raw, "inputs", name).get(key)) for key in ("path", "stations")]
    places.append((("weights", "matrix"), _mapping(text.raw, "weights").get("matrix")))
    places += [(("standards", name), value) for name, value in _mapping(text.raw, "standards").items()]
    for location, value in places:
        if isinstance(value, str | Path) and str(value).strip() and "\0" not in str(value):
            problem = _file(text, location, str(value))
            if problem is not None:
                yield problem
    yield from _same_file(text)


def _file(text: StudyText, location: Location, value: str) -> Problem | None:
    target = Path(os.path.expandvars(value)).expanduser()
    target = target if target.is_absolute() else text.path.parent / target
    try:
        kind = kind_of(target)
        if kind is not None:
            return text.problem("study.file_special", location, path=value, kind=kind)
        # A pattern of tiles or a member of an archive is there when what it leads to is.
        if target.exists() or on_disk(target):
            return None
    except (OSError, ValueError) as error:
        return text.problem("study.file_unusable", location, reason=getattr(error, "strerror", None) or error)
    unset = re.findall(r"\$\{?(\w+)\}?|%(\w+)%", os.path.expandvars(value))
    if unset:
        return text.problem("study.file_variable", location, path=value, variable="".join(unset[0]))
    close = _near_files(target)
    hint = Phrase("near", names=close) if close else Phrase("nothing")
    return text.problem("study.file", location, path=value, near=hint)


def _near_files(target: Path) -> list[str]:
    try:
        return difflib.get_close_matches(target.name, [item.name for item in target.parent.iterdir()], n=3, cutoff=0.7)
    except OSError:
        return []


def _same_file(text: StudyText) -> Iterator[Problem]:
    """Two entries of the catalogue that read the same thing: mostly a line copied and half changed."""
    seen: dict[tuple[str, ...], str] = {}
    for name, entry in _mapping(text.raw, "inputs").items():
        if not isinstance(entry, dict) or not isinstance(entry.get("path"), str) or entry.get("return_period"):
            continue  # rasters by return period are compared by their values
        parts = ("path", "layer", "band", "variable", "column", "where", "sheet")
        key = tuple(str(entry.get(part)) for part in parts)
        if key in seen:
            at: Location = ("inputs", name)
            other, path = seen[key], entry["path"]
            yield text.problem("study.same_file", at, severity="warning", other=other, path=path)
        seen.setdefault(key, name)
