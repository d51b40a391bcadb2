"""Read study.yaml, report every mistake at once with its line and, for a typo, the name that was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from riskzoning import standards
from riskzoning.config.model import StudyConfig
from riskzoning.errors import ConfigError, Problem, StandardTableError, first_few
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.base import HazardSpec

__all__ = ["ParsedStudy", "load_study", "parse_study"]

Location = tuple[str | int, ...]


@dataclass(frozen=True)
class ParsedStudy:
    """What could be read from a study file: the study without its faulty parts (or None) and every problem.

    Examples
    --------
    >>> parsed = parse_study("no/such/study.yaml")
    >>> parsed.study is None, parsed.problems[0].rule
    (True, 'study.missing')
    """

    study: StudyConfig | None
    problems: tuple[Problem, ...]


def load_study(path: str | Path) -> StudyConfig:
    """A checked study from study.yaml.

    Keys, types, names of hazards and inputs, parameters and the existence of files are checked; the values inside the
    files are the business of ``riskzoning check`` and of the run.

    Raises
    ------
    ConfigError
        With every problem that was found.

    Examples
    --------
    >>> from riskzoning.samples import sample_study
    >>> load_study(sample_study()).code
    '410700'
    """
    parsed = parse_study(path)
    errors = [problem for problem in parsed.problems if problem.severity == "error"]
    if errors or parsed.study is None:
        raise ConfigError(problems=errors)
    return parsed.study


def parse_study(path: str | Path) -> ParsedStudy:
    """Read a study file as far as possible and gather its problems; never raises for a wrong file.

    A wrong key or value is reported and left out, so that the rest can still be checked.

    Examples
    --------
    >>> from riskzoning.samples import sample_study
    >>> parse_study(sample_study()).problems
    ()
    """
    path = Path(path)
    raw, lines, problem = _read(path)
    if problem is not None:
        return ParsedStudy(None, (problem,))
    study, problems = _validate(raw, path, lines)
    problems += _reference_problems(raw, path, lines)
    problems += _file_problems(raw, path, lines)
    problems.sort(key=lambda item: item.row or 0)
    return ParsedStudy(study, tuple(problems))


def _read(path: Path) -> tuple[dict[str, Any], Mapping[Location, int], Problem | None]:
    fix_example = "See the example in the documentation, or make one with `riskzoning init DIR`."

    def failed(found: str, required: str, rule: str, row: int | None = None) -> tuple[Any, Any, Problem]:
        return {}, {}, Problem(str(path), found, required, fix_example, rule=f"study.{rule}", row=row)

    if path.is_dir():
        return failed("is a folder", "the path of a study.yaml", "folder")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return failed("does not exist", "the path of a study.yaml", "missing")
    except UnicodeDecodeError:
        return failed("is not UTF-8 text", "a study.yaml saved as UTF-8", "encoding")
    except OSError as error:
        return failed(f"cannot be read ({error.strerror})", "a readable study.yaml", "unreadable")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = str(getattr(error, "problem", "") or error).splitlines()[0]
        return failed(f"is no valid YAML ({reason})", "YAML text", "yaml", row=None if mark is None else mark.line + 1)
    if not isinstance(raw, dict) or node is None:
        return failed(
            "is empty" if raw is None else "holds no mapping", "keys such as name, code, admin, inputs", "form"
        )
    return raw, dict(_line_numbers(node)), _duplicate_key(node, path)


def _line_numbers(node: yaml.Node, at: Location = ()) -> Iterator[tuple[Location, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*at, _plain(key))
            yield here, key.start_mark.line + 1
            yield from _line_numbers(value, here)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*at, index), value.start_mark.line + 1
            yield from _line_numbers(value, (*at, index))


def _plain(key: yaml.Node) -> str | int:
    return int(key.value) if key.tag.endswith(":int") and str(key.value).isdigit() else str(key.value)


def _duplicate_key(node: yaml.Node, path: Path) -> Problem | None:
    # YAML keeps the last of two equal keys without a word; an input catalogue cannot afford that.
    for found in _mappings(node):
        seen: dict[Any, int] = {}
        for key, _ in found.value:
            if key.value in seen:
                line = key.start_mark.line + 1
                return Problem(
                    str(path),
                    f"has the key '{key.value}' twice (lines {seen[key.value]} and {line})",
                    "each key once",
                    "Rename or remove one of them.",
                    rule="study.duplicate_key",
                    row=line,
                    field=str(key.value),
                )
            seen[key.value] = key.start_mark.line + 1
    return None


def _mappings(node: yaml.Node) -> Iterator[yaml.MappingNode]:
    if isinstance(node, yaml.MappingNode):
        yield node
        for _, value in node.value:
            yield from _mappings(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _mappings(value)


def _validate(
    raw: dict[str, Any], path: Path, lines: Mapping[Location, int]
) -> tuple[StudyConfig | None, list[Problem]]:
    problems: list[Problem] = []
    data = _copied(raw)
    own = {key: data.pop(key) for key in ("base", "file") if key in data}
    problems += [_schema_problem(_unknown(key), raw, path, lines) for key in own]
    for _ in range(8):
        try:
            study = StudyConfig(**data, base=path.parent, file=path.name)
        except (ValidationError, TypeError) as error:
            if isinstance(error, TypeError):
                return None, [*problems, _keys_problem(path)]
            problems += [_schema_problem(item, raw, path, lines) for item in error.errors()]
            # From the last to the first, so that removing an item of a list leaves the places of the others.
            if not all(_pruned(data, tuple(item["loc"])) for item in reversed(error.errors())):
                return None, problems
        else:
            return study, problems
    return None, problems


def _keys_problem(path: Path) -> Problem:
    return Problem(
        str(path), "has a key that is not text", "keys such as name, code, admin", "Correct the key.", rule="study.key"
    )


def _unknown(key: str) -> dict[str, Any]:
    return {"type": "extra_forbidden", "loc": (key,), "msg": ""}


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _pruned(data: Any, location: Location) -> bool:
    """Remove the faulty value so that the rest can be validated; False when a required top-level key is missing."""
    if not location:
        return False
    parents = [data]
    for key in location[:-1]:
        inner = parents[-1]
        known = key in inner if isinstance(inner, dict) else isinstance(inner, list) and key in range(len(inner))
        if not known:
            break
        parents.append(inner[key])
    depth = len(parents) - 1
    parent, key = parents[depth], location[depth]
    if isinstance(parent, dict) and key in parent:
        del parent[key]
        return True
    if isinstance(parent, list) and isinstance(key, int) and key < len(parent):
        del parent[key]
        return True
    # The key is missing: drop the whole entry (an input, a hazard); at the top there is nothing left to drop.
    return _pruned(data, location[:depth]) if depth else False


def _schema_problem(item: Any, raw: dict[str, Any], path: Path, lines: Mapping[Location, int]) -> Problem:
    location = tuple(part for part in item["loc"] if not _is_branch(part))
    field = ".".join(str(part) for part in location) or None
    line = next((lines[location[:n]] for n in range(len(location), 0, -1) if location[:n] in lines), None)
    kind = item["type"]
    given = item.get("input")
    if kind == "extra_forbidden":
        known = _known_keys(location[:-1])
        near = difflib.get_close_matches(str(location[-1]), known, n=1, cutoff=0.5)
        meant = f"Did you mean '{near[0]}'? " if near else ""
        return Problem(
            str(path),
            "is an unknown key",
            f"one of {', '.join(known)}" if known else "a known key",
            f"{meant}Correct or remove it.",
            rule="study.unknown_key",
            row=line,
            field=field,
        )
    if kind == "missing":
        return Problem(str(path), "is missing", "a value", "Add it.", rule="study.missing_key", row=line, field=field)
    message = str(item["msg"]).removeprefix("Value error, ")
    shown = repr(given) if not isinstance(given, dict | list | BaseModel) else f"a {type(given).__name__}"
    return Problem(
        str(path),
        f"is {shown}",
        message[:1].lower() + message[1:],
        "Correct the value.",
        rule="study.value",
        row=line,
        field=field,
    )


def _is_branch(part: object) -> bool:
    # pydantic adds the name of the union branch to the location; it is no key of the file.
    return isinstance(part, str) and (part.endswith("Config") or part.startswith("literal[") or part in ("str", "bool"))


def _known_keys(location: Location) -> list[str]:
    model: Any = StudyConfig
    for part in location:
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return []
        if isinstance(part, str) and part in model.model_fields:
            model = _inner_model(model.model_fields[part].annotation)
    fields = model.model_fields if isinstance(model, type) and issubclass(model, BaseModel) else {}
    return [name for name in fields if name not in ("base", "file")]


def _inner_model(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        found = _inner_model(argument)
        if found is not None:
            return found
    return None


def _reference_problems(raw: dict[str, Any], path: Path, lines: Mapping[Location, int]) -> list[Problem]:
    """Names that point at something: hazards, catalogue entries, quantities, parameters, tables of standards."""
    catalogue = raw.get("inputs") if isinstance(raw.get("inputs"), dict) else {}
    assert isinstance(catalogue, dict)
    problems: list[Problem] = []
    for name, entry in catalogue.items():
        if isinstance(entry, dict) and isinstance(entry.get("quantity"), str):
            try:
                standards.quantity(entry["quantity"])
            except StandardTableError as error:
                found = error.problems[0]
                location: Location = ("inputs", name, "quantity")
                problems.append(
                    _at(path, lines, location, f"is '{entry['quantity']}'", found.required, "study.quantity")
                )
    for index, item in enumerate(raw.get("hazards") or []):
        if isinstance(item, dict):
            problems += _hazard_problems(item, index, catalogue, path, lines)
    problems += _exposure_problems(raw, catalogue, path, lines)
    for name in raw.get("standards") or {}:
        if name not in standards.table_names():
            near = difflib.get_close_matches(str(name), standards.table_names(), n=3)
            required = f"the name of a table, near ones: {first_few(near)}" if near else "the name of a shipped table"
            problems.append(
                _at(path, lines, ("standards", name), "names no table of standards", required, "study.table")
            )
    return problems


def _at(path: Path, lines: Mapping[Location, int], location: Location, found: str, required: str, rule: str) -> Problem:
    line = next((lines[location[:n]] for n in range(len(location), 0, -1) if location[:n] in lines), None)
    field = ".".join(str(part) for part in location)
    return Problem(str(path), found, required, "Correct it.", rule=rule, row=line, field=field)


def _hazard_problems(
    item: dict[str, Any], index: int, catalogue: dict[str, Any], path: Path, lines: Mapping[Location, int]
) -> list[Problem]:
    at: Location = ("hazards", index)
    name = item.get("hazard")
    if not isinstance(name, str):
        return []
    if name not in HAZARDS:
        near = difflib.get_close_matches(name, list(HAZARDS), n=1)
        required = f"one of {', '.join(HAZARDS)}" + (f"; did you mean '{near[0]}'?" if near else "")
        return [_at(path, lines, (*at, "hazard"), f"is '{name}'", required, "study.hazard")]
    spec = HAZARDS[name]
    inputs = item.get("inputs") if isinstance(item.get("inputs"), dict) else {}
    assert isinstance(inputs, dict)
    problems = _hazard_input_problems(spec, inputs, at, catalogue, path, lines)
    params = item.get("params")
    if isinstance(params, dict):
        problems += _params_problems(spec, params, (*at, "params"), path, lines)
    return problems


def _hazard_input_problems(
    spec: HazardSpec, inputs: dict[str, Any], at: Location, catalogue: dict[str, Any], path: Path, lines: Any
) -> list[Problem]:
    problems: list[Problem] = []
    keys = [known.key for known in spec.inputs]
    for key, value in inputs.items():
        here = (*at, "inputs", key)
        if key not in keys:
            near = difflib.get_close_matches(str(key), keys, n=1)
            required = f"an input of hazard '{spec.name}': {', '.join(keys)}"
            required += f"; did you mean '{near[0]}'?" if near else ""
            problems.append(_at(path, lines, here, "is an unknown input", required, "study.hazard_input"))
            continue
        for entry in [value] if isinstance(value, str) else value if isinstance(value, list) else []:
            problems += _catalogue_problem(entry, here, catalogue, path, lines)
    for known in spec.inputs:
        given = [key for key in (known.key, *known.alternatives) if inputs.get(key)]
        if known.required and not given:
            either = " or ".join(f"'{key}'" for key in (known.key, *known.alternatives))
            required = f"hazard '{spec.name}' needs {either}"
            problems.append(_at(path, lines, (*at, "inputs", known.key), "is missing", required, "study.hazard_input"))
    return problems


def _catalogue_problem(entry: Any, here: Location, catalogue: dict[str, Any], path: Path, lines: Any) -> list[Problem]:
    if not isinstance(entry, str) or entry in catalogue:
        return []
    near = difflib.get_close_matches(entry, list(map(str, catalogue)), n=1)
    required = "the name of an entry under `inputs:`" + (f"; did you mean '{near[0]}'?" if near else "")
    return [_at(path, lines, here, f"names '{entry}'", required, "study.catalogue")]


def _params_problems(spec: HazardSpec, params: dict[str, Any], at: Location, path: Path, lines: Any) -> list[Problem]:
    try:
        spec.params(**params)
    except ValidationError as error:
        problems = []
        known = list(getattr(spec.params, "model_fields", {}))
        for item in error.errors():
            here = (*at, *item["loc"])
            if item["type"] == "extra_forbidden":
                near = difflib.get_close_matches(str(item["loc"][0]), known, n=1)
                required = f"a parameter of hazard '{spec.name}': {', '.join(known)}"
                required += f"; did you mean '{near[0]}'?" if near else ""
                problems.append(_at(path, lines, here, "is an unknown parameter", required, "study.params"))
            else:
                message = str(item["msg"]).removeprefix("Value error, ")
                problems.append(_at(path, lines, here, f"is {item.get('input')!r}", message, "study.params"))
        return problems
    return []


_EXPOSURE_NAMES = {
    "population": ("raster", "table", "spread_by"),
    "economy": ("raster", "table", "spread_by"),
    "buildings": ("points",),
    "crops": ("landcover",),
    "roads": ("lines",),
}


def _exposure_problems(raw: dict[str, Any], catalogue: dict[str, Any], path: Path, lines: Any) -> list[Problem]:
    problems: list[Problem] = []
    exposure = raw.get("exposure")
    for receptor, keys in _EXPOSURE_NAMES.items():
        item = exposure.get(receptor) if isinstance(exposure, dict) else None
        if not isinstance(item, dict):
            continue
        for key in keys:
            if key == "spread_by" and item.get(key) in ("population", "buildings"):
                continue
            if isinstance(item.get(key), str):
                problems += _catalogue_problem(item[key], ("exposure", receptor, key), catalogue, path, lines)
    return problems


def _file_problems(raw: dict[str, Any], path: Path, lines: Mapping[Location, int]) -> list[Problem]:
    places: list[tuple[Location, Any]] = []
    admin = raw.get("admin") if isinstance(raw.get("admin"), dict) else {}
    assert isinstance(admin, dict)
    places.append((("admin", "path"), admin.get("path")))
    if isinstance(admin.get("paths"), dict):
        places += [(("admin", "paths", level), value) for level, value in admin["paths"].items()]
    if isinstance(admin.get("reference"), dict):
        places.append((("admin", "reference", "path"), admin["reference"].get("path")))
    catalogue = raw.get("inputs")
    for name, entry in catalogue.items() if isinstance(catalogue, dict) else ():
        if isinstance(entry, dict):
            places += [(("inputs", name, key), entry.get(key)) for key in ("path", "stations")]
    problems = []
    for location, value in places:
        if isinstance(value, str) and value.strip():
            target = Path(value).expanduser()
            target = target if target.is_absolute() else path.parent / target
            if not target.exists():
                near = _near_files(target)
                required = "an existing file" + (f"; near ones in its folder: {first_few(near)}" if near else "")
                problems.append(
                    _at(path, lines, location, f"names '{value}', which does not exist", required, "study.file")
                )
    return problems


def _near_files(target: Path) -> list[str]:
    try:
        return difflib.get_close_matches(target.name, [item.name for item in target.parent.iterdir()], n=3, cutoff=0.7)
    except OSError:
        return []
