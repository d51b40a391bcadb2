"""Names in study.yaml that point at something: hazards, catalogue entries, quantities, parameters, tables, files."""

from __future__ import annotations

import difflib
import itertools
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from riskzoning import standards
from riskzoning.config.reading import Location, StudyText
from riskzoning.errors import Problem, StandardTableError, UnitsError, first_few
from riskzoning.exposure import RECEPTORS
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.base import HazardSpec
from riskzoning.inputs import InputSpec
from riskzoning.names import MULTI, indices_of

__all__ = ["reference_problems"]


def reference_problems(text: StudyText) -> list[Problem]:
    """Problems of what the keys of a study name; values of a wrong type are passed over, the schema reports them.

    Examples
    --------
    >>> text = StudyText(Path("study.yaml"), {"hazards": [{"hazard": "flod"}]})
    >>> reference_problems(text)[0].required
    "one of earthquake, geology, flood, meteorology, forest_fire; did you mean 'flood'?"
    """
    raw = text.raw
    problems = [*_catalogue(text)]
    for index, item in enumerate(_list(raw, "hazards")):
        if isinstance(item, dict):
            problems += _hazard(text, item, index)
    problems += _hazard_list(text)
    problems += _exposure(text)
    problems += _weights(text)
    problems += _frozen(text)
    problems += _tables(text)
    problems += _files(text)
    return problems


def _mapping(raw: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    found: Any = raw
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return {str(key): value for key, value in found.items()} if isinstance(found, Mapping) else {}


def _list(raw: Mapping[str, Any], *keys: str) -> list[Any]:
    found: Any = raw
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return list(found) if isinstance(found, list | tuple) else [found] if isinstance(found, str) else []


def _meant(word: object, known: Any) -> str:
    near = difflib.get_close_matches(str(word).lower(), [str(item) for item in known], n=1, cutoff=0.5)
    return f"; did you mean '{near[0]}'?" if near else ""


def _hazard_meant(name: str) -> str:
    # A name in Chinese or English words is as good a hint as a misspelt key.
    for key, title in standards.table("names/common").data["hazard"].items():
        if key in HAZARDS and any(len(name) > 1 and name in word for word in (title["zh"], title["en"].lower())):
            return f"; did you mean '{key}'?"
    return _meant(name, HAZARDS)


def _catalogue(text: StudyText) -> Iterator[Problem]:
    for name, entry in _mapping(text.raw, "inputs").items():
        kind = entry.get("quantity") if isinstance(entry, dict) else None
        if not isinstance(kind, str):
            continue
        try:
            standards.quantity(kind)
        except StandardTableError as error:
            required = error.problems[0].required
            yield text.problem(("inputs", name, "quantity"), f"is '{kind}'", required, rule="study.quantity")
            continue
        if isinstance(entry.get("units"), str):
            try:
                standards.convert_units(1.0, entry["units"], kind, thing=name)
            except UnitsError as error:
                found = error.problems[0]
                yield text.problem(
                    ("inputs", name, "units"), f"is '{entry['units']}'", found.required, rule="layer.units"
                )


def _hazard(text: StudyText, item: dict[str, Any], index: int) -> Iterator[Problem]:
    at: Location = ("hazards", index)
    name = item.get("hazard")
    if not isinstance(name, str):
        return
    if name not in HAZARDS:
        required = f"one of {', '.join(HAZARDS)}{_hazard_meant(name)}"
        yield text.problem((*at, "hazard"), f"is '{name}'", required, rule="study.hazard")
        return
    spec = HAZARDS[name]
    yield from _hazard_inputs(text, spec, _mapping(item, "inputs"), at)
    params = item.get("params")
    if isinstance(params, dict):
        yield from _params(text, spec, params, (*at, "params"))


def _hazard_inputs(text: StudyText, spec: HazardSpec, inputs: dict[str, Any], at: Location) -> Iterator[Problem]:
    keys = [known.key for known in spec.inputs]
    catalogue = _mapping(text.raw, "inputs")
    for key in inputs:
        here = (*at, "inputs", key)
        if key not in keys:
            required = f"an input of hazard '{spec.name}': {', '.join(keys)}{_meant(key, keys)}"
            yield text.problem(here, "is an unknown input", required, rule="study.hazard_input")
            continue
        names = [entry for entry in _list(inputs, key) if isinstance(entry, str)]
        lost = [entry for entry in names if entry not in catalogue]
        for entry in lost:
            yield _entry_problem(text, entry, here, catalogue)
        if names and not lost:
            yield from _several(text, spec.input(key), names, here, catalogue)
    for known in spec.inputs:
        choices = (known.key, *known.alternatives)
        if known.required and not any(inputs.get(key) for key in choices):
            either = " or ".join(f"'{key}'" for key in choices)
            required = f"hazard '{spec.name}' needs {either}"
            yield text.problem((*at, "inputs", known.key), "is missing", required, rule="study.hazard_input")


def _several(
    text: StudyText, spec: InputSpec, names: list[str], here: Location, catalogue: dict[str, Any]
) -> Iterator[Problem]:
    double = sorted({name for name in names if names.count(name) > 1})
    if double:
        yield text.problem(here, f"names {first_few(double)} twice", "each entry once", rule="study.hazard_input")
    if spec.form != "stack":
        if len(names) > 1:
            yield text.problem(here, f"names {len(names)} entries", "one entry", rule="study.hazard_input")
        return
    periods: dict[float, str] = {}
    for name in dict.fromkeys(names):
        entry = catalogue[name] if isinstance(catalogue[name], dict) else {}
        period = entry.get("return_period")
        if period is None:
            place: Location = ("inputs", name, "return_period")
            required = f"the return period in years, since '{spec.key}' takes rasters by return period"
            yield text.problem(place, "is missing", required, "Add it.", rule="study.return_period")
        elif isinstance(period, int | float) and float(period) in periods:
            found = f"is {period:g} years, as of '{periods[float(period)]}'"
            required = f"a return period of its own for each raster of '{spec.key}'"
            yield text.problem(("inputs", name, "return_period"), found, required, rule="study.return_period")
        elif isinstance(period, int | float):
            periods[float(period)] = name


def _entry_problem(text: StudyText, entry: str, here: Location, catalogue: Mapping[str, Any]) -> Problem:
    required = f"the name of an entry under `inputs:`{_meant(entry, catalogue)}"
    return text.problem(here, f"names '{entry}'", required, rule="study.catalogue")


def _params(text: StudyText, spec: HazardSpec, params: dict[str, Any], at: Location) -> Iterator[Problem]:
    known = list(getattr(spec.params, "model_fields", {}))
    try:
        spec.params.model_validate(params)
    except ValidationError as error:
        for item in error.errors():
            here = (*at, *item["loc"])
            if item["type"] == "extra_forbidden":
                word = item["loc"][0]
                required = f"a parameter of hazard '{spec.name}': {', '.join(known)}{_meant(word, known)}"
                yield text.problem(here, "is an unknown parameter", required, rule="study.params")
            else:
                message = str(item["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
                yield text.problem(here, f"is {item.get('input')!r}", message, rule="study.params")


def _hazard_list(text: StudyText) -> Iterator[Problem]:
    """What concerns all hazards together: none at all, one twice, one that is said not to exist here."""
    listed = _list(text.raw, "hazards")
    names = [item.get("hazard") for item in listed if isinstance(item, dict)]
    if not listed and "admin" in text.raw and not isinstance(text.raw.get("hazards"), dict):
        required = f"one hazard or more: {', '.join(HAZARDS)}"
        fix = "Add what is assessed; as it is, only exposure is computed."
        yield text.problem(("hazards",), "names no hazard", required, fix, rule="study.hazards", severity="warning")
    for index, name in enumerate(names):
        if isinstance(name, str) and name in names[:index]:
            found = f"is '{name}', which is there already"
            yield text.problem(("hazards", index, "hazard"), found, "each hazard once", rule="study.hazard_twice")
    absent = _mapping(standards.table("names/common").data, "hazard")
    for index, name in enumerate(_list(text.raw, "not_applicable")):
        at: Location = ("not_applicable", index)
        if name in names:
            fix = "Remove it from one of the two lists."
            found = f"names '{name}', which is also under `hazards:`"
            yield text.problem(at, found, "a hazard that is not assessed", fix, rule="study.not_applicable")
        elif name not in absent or name == MULTI:
            known = [key for key in absent if key != MULTI]
            required = f"one of {', '.join(known)}{_meant(name, known)}"
            yield text.problem(at, f"is '{name}'", required, rule="study.not_applicable")


def _exposure(text: StudyText) -> Iterator[Problem]:
    catalogue, given = _mapping(text.raw, "inputs"), _mapping(text.raw, "exposure")
    used = {name for item in _list(text.raw, "hazards") for key in _mapping(item, "inputs")
            for name in _list(item, "inputs", key)} if catalogue else set()  # fmt: skip
    for spec in RECEPTORS.values():
        item = _mapping(given, spec.name)
        for key in (known.key for known in spec.inputs):
            name = item.get(key)
            if not isinstance(name, str):
                continue
            at: Location = ("exposure", spec.name, key)
            used.add(name)
            if key == "spread_by" and name in spec.spread_by:
                if name not in given and name not in catalogue:
                    required = f"`{name}:` under `exposure:`, or another weight"
                    yield text.problem(at, f"is '{name}', which is not given", required, rule="study.catalogue")
            elif name not in catalogue:
                yield _entry_problem(text, name, at, catalogue)
        usual = getattr(spec.params.model_fields.get("spread_by"), "default", None)
        if usual and item.get("table") and "spread_by" not in item and usual not in given:
            required = f"`{usual}:` under `exposure:`, or `spread_by:` with a raster of the catalogue"
            found = f"is spread by {usual}, which is not given"
            yield text.problem(("exposure", spec.name), found, required, rule="study.catalogue")
    yield from _unused(text, catalogue, used)
    weights = _mapping(text.raw, "risk", "receptor_weights")
    for name in weights:
        if name not in RECEPTORS:
            required = f"a receptor: {', '.join(RECEPTORS)}{_meant(name, RECEPTORS)}"
            yield text.problem(("risk", "receptor_weights", name), "is unknown", required, rule="study.receptor")
    numbers = [value for value in weights.values() if isinstance(value, int | float)]
    if weights and len(numbers) == len(weights) and abs(sum(numbers) - 1) > 1e-6:
        at = ("risk", "receptor_weights")
        yield text.problem(at, f"add up to {sum(numbers):g}", "weights that add up to 1", rule="study.receptor")


# Entries that are drawn on maps by their name, read by a hazard or not.
_DRAWN = ("rivers", "seats")


def _unused(text: StudyText, catalogue: dict[str, Any], used: set[Any]) -> Iterator[Problem]:
    for name in catalogue:
        if name not in used and name not in _DRAWN:
            required = "a hazard or receptor that reads it"
            fix = "Nothing to do if that is meant; else name it where it belongs."
            yield text.problem(
                ("inputs", name), "is not used", required, fix, rule="study.unused_input", severity="info"
            )


def _weights(text: StudyText) -> Iterator[Problem]:
    fixed = _mapping(text.raw, "weights", "fixed")
    names = [item.get("hazard") for item in _list(text.raw, "hazards") if isinstance(item, dict)]
    absent = _list(text.raw, "not_applicable")
    if not fixed or not all(isinstance(value, int | float) for value in fixed.values()):
        return
    at: Location = ("weights", "fixed")
    for name in fixed:
        if name not in names and name not in absent:
            known = [name for name in names if isinstance(name, str)]
            required = f"a hazard of the study ({', '.join(known)}) or one under `not_applicable:`{_meant(name, known)}"
            yield text.problem((*at, name), "is no hazard of the study", required, rule="weights.fixed")
    missing = [name for name in names if name not in fixed]
    if missing:
        found = f"lacks {first_few(missing)}"
        yield text.problem(at, found, "a weight for each hazard of the study", "Add it.", rule="weights.fixed")
    elif abs(sum(fixed.values()) - 1) > 1e-6:
        found = f"adds up to {sum(fixed.values()):g}"
        yield text.problem(at, found, "weights that add up to 1", rule="weights.fixed")


def _frozen(text: StudyText) -> Iterator[Problem]:
    names = [str(item.get("hazard")) for item in _list(text.raw, "hazards") if isinstance(item, dict)]
    hazards = [HAZARDS[name].index for name in names if name in HAZARDS]
    receptors = [name for name in RECEPTORS if name in _mapping(text.raw, "exposure")]
    known = {index.key: index.classes for index in indices_of(hazards, receptors)}
    for name, bounds in _mapping(text.raw, "zoning", "frozen").items():
        at: Location = ("zoning", "frozen", name)
        if name not in known:
            required = f"an index of the study, such as {first_few(list(known)[-2:])}{_meant(name, known)}"
            yield text.problem(at, "is an unknown index", required, rule="study.frozen")
            continue
        if not isinstance(bounds, list | tuple) or not all(isinstance(value, int | float) for value in bounds):
            continue
        if len(bounds) != known[name]:
            required = f"{known[name]} upper bounds, lowest class first, the last one the upper end of the scale"
            yield text.problem(at, f"has {len(bounds)} numbers", required, rule="study.frozen")
        elif any(low >= high for low, high in itertools.pairwise(bounds)):
            yield text.problem(at, f"is {list(bounds)}", "bounds that rise", rule="study.frozen")


def _tables(text: StudyText) -> Iterator[Problem]:
    for name, value in _mapping(text.raw, "standards").items():
        at: Location = ("standards", name)
        if name not in standards.table_names():
            near = difflib.get_close_matches(name, standards.table_names(), n=3)
            required = f"the name of a table, near ones: {first_few(near)}" if near else "the name of a shipped table"
            yield text.problem(at, "names no table of standards", required, rule="study.table")
        elif not isinstance(value, str | Mapping):
            required = "the path of a YAML file, or the table itself as a mapping"
            yield text.problem(at, f"is a {type(value).__name__}", required, rule="study.table")


def _files(text: StudyText) -> Iterator[Problem]:
    admin = _mapping(text.raw, "admin")
    places: list[tuple[Location, Any]] = [(("admin", "path"), admin.get("path"))]
    places += [(("admin", "paths", level), value) for level, value in _mapping(admin, "paths").items()]
    places.append((("admin", "reference", "path"), _mapping(admin, "reference").get("path")))
    for name in _mapping(text.raw, "inputs"):
        places += [(("inputs", name, key), _mapping(text.raw, "inputs", name).get(key)) for key in ("path", "stations")]
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
        if target.exists():
            return None
    except OSError as error:
        return text.problem(location, f"cannot be used ({error.strerror})", "the path of a file", rule="study.file")
    near = _near_files(target)
    required = "an existing file" + (f"; near ones in its folder: {first_few(near)}" if near else "")
    unset = re.findall(r"\$\{?(\w+)\}?|%(\w+)%", os.path.expandvars(value))
    if unset:
        required = f"an existing file; the environment variable {''.join(unset[0])} is not set"
    return text.problem(location, f"names '{value}', which does not exist", required, rule="study.file")


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
            found = f"reads the same data as '{seen[key]}' ({entry['path']})"
            required = "a file, layer or band of its own for each entry"
            fix = "Correct the path, or use one entry for both."
            yield text.problem(("inputs", name), found, required, fix, rule="study.same_file", severity="warning")
        seen.setdefault(key, name)
