"""Weights of hazards and receptors: compared in pairs, fixed or equal; the check finds what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from riskzoning import io, risk, standards
from riskzoning.config import StudyConfig
from riskzoning.errors import ConfigError, Journal, Phrase, Problem, RiskZoningError, hearing, note
from riskzoning.hazards import HAZARDS
from riskzoning.methods import weights as weighting
from riskzoning.names import MULTI

_TABLE = "weights/hazards"


def study_weights(
    study: StudyConfig,
    hazards: list[str],
    indices: pd.DataFrame | None = None,
    losses: pd.Series[float] | None = None,
) -> pd.DataFrame:
    """Weights as the section ``weights`` of a study asks for them: ``hazard ahp entropy a cr weight``, sum 1.

    ``indices``, units x hazards, are the risk indices of the finest level, ``losses`` the recorded ones by hazard;
    without them the comparisons are all.
    """
    config = study.weights
    out = pd.DataFrame({"hazard": hazards, "ahp": np.nan, "entropy": np.nan, "a": np.nan, "cr": np.nan})
    if config.method == "equal":
        return out.assign(weight=1 / len(hazards))
    if config.method == "fixed":
        _tell_left_out([name for name in study.not_applicable if name in config.fixed])
        return out.assign(weight=_fixed(study, hazards))
    stated = {name: HAZARDS[name].importance for name in hazards}
    importance = {name: value for name, value in stated.items() if value is not None}
    matrix = _own_matrix(study)
    objective: str | pd.Series[float] = config.objective
    if config.objective == "history":
        objective = "entropy" if indices is None else pd.Series(dtype=float) if losses is None else losses
    with _named(study):
        made = weighting.hazard_weights(
            hazards, indices, matrix=matrix, importance=importance, a=config.a, force=config.force_inconsistent,
            objective=objective,
        )  # fmt: skip
    if matrix is None and indices is not None:
        _tell_whose(study)
    compared = standards.table(_TABLE).data["hazards"] if matrix is None else matrix.index
    _tell_left_out([str(name) for name in compared if name not in hazards])
    parts = {"ahp": made.subjective, "entropy": made.objective, "weight": made.weights}
    columns = {name: np.nan if part is None else part.to_numpy() for name, part in parts.items()}
    return out.assign(a=made.a, cr=made.comparison.cr, **columns)


def _tell_whose(study: StudyConfig) -> None:
    """The shipped comparisons are a proposal: no province has made them, and some have others."""
    table = standards.table(_TABLE)
    province = study.code[:2]
    if table.info.get("replaced_by") or study.admin.profile != "cn" or not province.isdigit():
        return
    standard = dict(table.info.get("provincial", {})).get(province)
    thing = Phrase("table", name=_TABLE)
    if standard is None:
        note(Problem("weights.of_no_province", thing, severity="info", province=province))
    else:
        note(Problem("weights.of_province", thing, severity="warning", province=province, standard=standard))


def _own_matrix(study: StudyConfig) -> pd.DataFrame | None:
    """The comparisons that the study gives, in a file or as a table; hazards by key or title."""
    given = study.weights.matrix
    if given is None:
        return None
    keys = _keys()
    with _named(study):
        if isinstance(given, Path):
            with hearing(Journal()) as heard:
                table = io.read_table(study.path(given))
            first = str(table.columns[0])
            if first.strip().lower() in keys:
                raise ConfigError(Problem("weights.matrix_corner", study.file))
            for problem in (*heard.warnings, *heard.steps):
                note(problem)
            return weighting.comparisons_of(table.set_index(first), keys)
        return weighting.comparisons_of(pd.DataFrame.from_dict(given, orient="index"), keys)


@contextmanager
def _named(study: StudyConfig) -> Iterator[None]:
    """What is wrong with the comparisons of a study is said of its file, or of the key that has them."""
    given = study.weights.matrix
    if given is None:
        yield
        return
    thing = given.as_posix() if isinstance(given, Path) else study.file
    try:
        yield
    except RiskZoningError as error:
        raise ConfigError(problems=[problem.at(thing, field="weights.matrix") for problem in error.problems]) from None


def _keys() -> dict[str, str]:
    """What people call a hazard, its key included -> key."""
    known = {key: title for key, title in standards.table("names/common").data["hazard"].items() if key != MULTI}
    titles = {**known, **{name: spec.title for name, spec in HAZARDS.items()}}
    return {word.lower(): key for key, title in titles.items() for word in (key, *title.values())}


def with_effective(weights: pd.DataFrame, indices: pd.DataFrame, method: str) -> pd.DataFrame:
    """The weights with what each really makes of the spread of the composite; only a weighted sum has such shares."""
    if method != "weighted_sum":
        return weights.assign(effective=np.nan)
    stated = dict(zip(weights["hazard"].astype(str), weights["weight"].astype(float), strict=True))
    effective = weighting.effective_weights(indices, stated)
    weighting.warn_of_far(effective, stated)
    return weights.assign(effective=effective.reindex(list(stated)).to_numpy())


def weight_problems(study: StudyConfig) -> list[Problem]:
    """Problems of the weights of hazards and receptors that need no data to be seen."""
    problems: list[Problem] = []
    # A hazard that does not exist is a problem of its own.
    hazards = [item.hazard for item in study.hazards if item.hazard in HAZARDS]
    try:
        if hazards:
            with hearing(Journal()) as journal:
                study_weights(study, hazards)
            problems += journal.warnings
    except ConfigError as error:
        problems += error.problems
    receptors = study.exposure.receptors
    try:
        if receptors:
            for stated in _each_way_of_weighing(study):
                risk.mean_receptor_index(dict.fromkeys(receptors, 0.5), weights=stated)
    except ConfigError as error:
        problems += error.problems
    return problems


def _each_way_of_weighing(study: StudyConfig) -> list[dict[str, float] | None]:
    """The weights of the receptors that hazards have, each once."""
    every = [study.receptor_weights(item.hazard) for item in study.hazards] or [study.receptor_weights("")]
    return [weights for at, weights in enumerate(every) if weights not in every[:at]]


def _tell_left_out(hazards: list[str]) -> None:
    if hazards:
        thing = Phrase("table", name=_TABLE)
        note(Problem("step.hazards_left_out", thing, severity="info", input=_TABLE, detail=hazards))


def _fixed(study: StudyConfig, hazards: list[str]) -> list[float]:
    """Weights as given; those of hazards that do not exist here are shared out among the others."""
    fixed, field = study.weights.fixed, "weights.fixed"
    missing = [hazard for hazard in hazards if hazard not in fixed]
    if missing:
        raise ConfigError(Problem("weights.fixed_missing", study.file, field=field, hazards=missing))
    negative = [hazard for hazard in hazards if fixed[hazard] < 0]
    if negative:
        raise ConfigError(Problem("weights.fixed_negative", study.file, field=field, hazards=negative))
    kept = 1 - sum(fixed.get(name, 0.0) for name in study.not_applicable)
    total = sum(fixed[hazard] for hazard in hazards)
    if not abs(total - kept) <= 1e-6 or not total > 0:
        raise ConfigError(Problem("weights.fixed_sum", study.file, field=field, total=total, wanted=kept))
    return [float(fixed[hazard]) / total if kept != 1 else float(fixed[hazard]) for hazard in hazards]
