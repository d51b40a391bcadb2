"""Read study.yaml, report every mistake at once with its line and, for a typo, the name that was meant."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from riskzoning.config.model import StudyConfig
from riskzoning.config.reading import Location, StudyText, read_text
from riskzoning.config.references import own_key_problem, reference_problems
from riskzoning.config.schema import schema_problem, unknown_key
from riskzoning.errors import ConfigError, Problem

# Values that the loader sets itself; as keys of a file they are unknown.
_OWN = ("base", "file", "notes")
_SHOWN = 60
_STAND_INS = {"name": "-", "code": "000000", "data_date": "2000-01-01"}


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


def load_study(path: str | Path | StudyConfig) -> StudyConfig:
    """A checked study from study.yaml; one that was read already is given back as it is.

    Keys, types, names of hazards and inputs, parameters and the existence of files are checked; the values inside the
    files are the business of ``riskzoning check`` and of the run. What is only unusual is in ``notes`` of the study.

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
    if isinstance(path, StudyConfig):
        return path
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
    >>> parsed = parse_study(sample_study())
    >>> [problem for problem in parsed.problems if problem.severity == "error"]
    []
    """
    try:
        place = Path(path)
    except TypeError:  # a mapping, nothing at all
        return ParsedStudy(None, (Problem("study.no_path", repr(path)[:_SHOWN], reason=type(path).__name__),))
    text = read_text(place)
    if not text.raw:
        return ParsedStudy(None, text.problems)
    study, problems = validated(text)
    problems = [*text.problems, *problems, *reference_problems(text)]
    problems.sort(key=lambda item: item.row or 0)
    if study is not None:
        study = study.model_copy(update={"notes": tuple(item for item in problems if item.severity != "error")})
    return ParsedStudy(study, tuple(dict.fromkeys(problems)))


def validated(text: StudyText) -> tuple[StudyConfig | None, list[Problem]]:
    """The study of a text without its faulty parts, None where nothing is left, and what is wrong with its keys."""
    data = _copied(dict(text.raw))
    problems = [unknown_key(text, (key,), StudyConfig) for key in _OWN if key in data]
    data = {key: value for key, value in data.items() if key not in _OWN}
    cut: list[Location] = []
    # What was wrong is cut out and the rest read again; each round finds what the wrong value hid.
    for _ in range(8):
        try:
            return _of_fitting_hazards(StudyConfig(**data, base=text.path.parent, file=text.path.name)), problems
        except ValidationError as error:
            rows = [(_place(row["loc"]), row) for row in error.errors()]
            # A value that was cut out is not missing, nor is the list that held it too short: that has been said.
            said = [*cut, *(place for place, _ in rows if place and isinstance(place[-1], int))]
            fresh = [(place, row) for place, row in rows if not any(_inside(at, place) for at in said)]
            problems += [schema_problem(row, place, text, StudyConfig) for place, row in fresh]
            cut += [place for place, _ in rows]
            whole = {place[:2] for place, row in rows if _defines_hazard(place, row["type"])}
            parts = [place for place, _ in rows if place[:2] not in whole]
            # From the last to the first, so that removing an item of a list leaves the places of the others.
            if not all(_pruned(data, place) or _filled(data, place) for place in (*reversed(parts), *_last(whole))):
                return None, problems
    return None, problems


def _of_fitting_hazards(study: StudyConfig) -> StudyConfig:
    """The study without hazards of its own whose key can be none: the references tell them, with their lines."""
    fit = tuple(item for item in study.hazards if item.custom is None or own_key_problem(item.hazard) is None)
    return study if fit == study.hazards else study.model_copy(update={"hazards": fit})


def _defines_hazard(place: Location, kind: str) -> bool:
    """Whether a hazard of the study's own is none without what is wrong here."""
    at = place[2:] if place[:1] == ("hazards",) else ()
    return at == ("custom",) or (at[:1] == ("custom",) and kind == "missing")


def _last(places: set[Location]) -> list[Location]:
    """The last entry of a list first."""
    return sorted(places, key=lambda place: int(place[1]), reverse=True)


def _inside(inner: Location, outer: Location) -> bool:
    deeper = len(inner) > len(outer) or not isinstance(inner[-1], int)
    return deeper and inner[: len(outer)] == outer


def _filled(data: dict[str, Any], location: Location) -> bool:
    """A stand-in for a required key that is missing or wrong, so that the files can be checked all the same."""
    if len(location) == 1 and location[0] in _STAND_INS:
        data[str(location[0])] = _STAND_INS[str(location[0])]
        return True
    return False


def _place(location: tuple[Any, ...]) -> Location:
    # pydantic adds the branch of a union and marks a wrong key of a mapping; neither is a key of the file.
    return tuple(part for part in location if not _is_branch(part))


def _is_branch(part: object) -> bool:
    return isinstance(part, str) and (
        part.endswith("Config") or part.startswith(("literal[", "constrained-")) or part in ("str", "bool", "[key]")
    )


def _copied(value: object) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _pruned(data: dict[str, Any], location: Location) -> bool:
    """Remove the faulty value so that the rest can be validated; False when a required top-level key is missing."""
    if not location:
        return False
    parents: list[Any] = [data]
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
