"""The weights of the hazards of a study: what people say in pairs, what the indices say, what a weight really makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskzoning import numerals, standards
from riskzoning.errors import ConfigError, Journal, Phrase, Problem, hearing, note
from riskzoning.layers.plausible import takes
from riskzoning.methods.weights.mixing import combine
from riskzoning.methods.weights.objective import critic, entropy
from riskzoning.methods.weights.pairwise import RECIPROCAL, PairwiseWeights, ahp

_TABLE = "weights/hazards"


@dataclass(frozen=True, eq=False)
class HazardWeights:
    """Weights of the hazards of a study with their two parts.

    Parameters
    ----------
    weights, subjective : Series by hazard
        Sum 1.
    objective : Series or None
        Weights that follow from the indices or from the record; None where there are none.
    a : float
        Share of the subjective part.
    comparison : PairwiseWeights

    Examples
    --------
    >>> hazard_weights(["earthquake", "flood"]).weights.round(4).to_dict()
    {'earthquake': 0.3333, 'flood': 0.6667}
    """

    weights: pd.Series[float]
    subjective: pd.Series[float]
    objective: pd.Series[float] | None
    a: float
    comparison: PairwiseWeights

    def table(self) -> pd.DataFrame:
        """One row per hazard: weight, subjective and objective part.

        Examples
        --------
        >>> list(hazard_weights(["earthquake", "flood"]).table())
        ['weight', 'subjective', 'objective', 'a', 'cr']
        """
        objective = self.objective if self.objective is not None else pd.Series(np.nan, index=self.weights.index)
        columns = {"weight": self.weights, "subjective": self.subjective, "objective": objective}
        return pd.DataFrame(columns).assign(a=self.a, cr=self.comparison.cr).rename_axis("hazard")


@takes()
def hazard_weights(
    hazards: Sequence[str],
    indices: pd.DataFrame | None = None,
    *,
    matrix: pd.DataFrame | None = None,
    importance: Mapping[str, float] | None = None,
    a: float | None = None,
    force: bool = False,
    objective: str | pd.Series[float] = "entropy",
) -> HazardWeights:
    """Weights of the hazards of a study: a x AHP + (1 - a) x an objective part, a = 1 by default.

    A hazard that the comparisons do not know enters as equal to every other, with a warning, or with its stated
    importance. Where a < 1, fewer than three units or only constant columns make it 1, with a warning.

    Parameters
    ----------
    hazards : sequence of str
        The hazards that were assessed; the others leave the comparison matrix.
    indices : DataFrame, units x hazards
        Risk index of each hazard for the units of the finest level, columns named by hazard; NaN is left out of its
        column. Without it the comparisons are all.
    matrix : DataFrame, hazards x hazards
        Own comparisons; default the table ``weights/hazards``.
    importance : mapping hazard -> float
        How many times as important as every known hazard one is that the comparisons do not know (1 = equal).
    a : float
        Share of the subjective part, 0..1; default from the table.
    force : bool
        Accept an inconsistent matrix, with a warning.
    objective : "entropy", "critic" or Series by hazard
        The objective part: of the indices by :func:`entropy` or :func:`critic`, or given, such as each hazard's share
        of the recorded losses; a given one is brought to the sum 1, and a hazard that it lacks has none of it.

    Raises
    ------
    ConfigError
        There is no hazard, or the matrix is inconsistent or not square.

    Examples
    --------
    >>> keys = ["earthquake", "geology", "flood", "drought", "meteorology", "forest_fire"]
    >>> hazard_weights(keys).subjective.round(6).tolist()
    [0.202316, 0.071269, 0.357589, 0.119711, 0.202316, 0.046799]
    >>> hazard_weights(["earthquake", "flood", "hail"], importance={"hail": 0.5}).weights.round(4).to_dict()
    {'earthquake': 0.3108, 'flood': 0.4934, 'hail': 0.1958}
    """
    table = standards.table(_TABLE).data
    known = _comparisons() if matrix is None else matrix
    thing = Phrase("hazard_weights")
    if not len(hazards):
        raise ConfigError(Problem("weights.no_hazard", thing))
    whole = _with_unknown(known, hazards, importance or {})
    compared = ahp(whole.loc[list(hazards), list(hazards)], random_index=str(table["random_index"]))
    if not compared.consistent:
        if not force:
            raise ConfigError(Problem("weights.inconsistent", Phrase("hazard_matrix"), cr=compared.cr))
        note(Problem("weights.forced", Phrase("hazard_matrix"), severity="warning", cr=compared.cr))
    share = float(table["a"] if a is None else a)
    # Where the entropy part is only reported beside, nobody needs to hear that there is none.
    with hearing(Journal()) as heard:
        made = _objective_part(hazards, indices, objective, thing)
    for problem in heard.warnings if share < 1 else []:
        note(problem)
    if made is None:
        return HazardWeights(compared.weights, compared.weights, None, 1.0, compared)
    mixed = combine(compared.weights, made, share)
    return HazardWeights(mixed, compared.weights, made, share, compared)


@takes()
def comparisons_of(frame: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """The whole matrix of comparisons from a table that people have filled in.

    Parameters
    ----------
    frame : DataFrame, hazards x hazards
        Numbers or text such as ``"1/3"``: how many times as important the hazard of the row is as that of the column.
        Of two hazards one comparison is enough; the other way round is its reciprocal.
    names : mapping
        What a hazard may be called, in small letters -> its key.

    Raises
    ------
    ConfigError
        With everything that is wrong: names, rows that occur twice, comparisons that are missing, no number above 0,
        or contradict each other.

    Examples
    --------
    >>> frame = pd.DataFrame({"geology": ["5", None]}, index=["flood", "geology"])
    >>> comparisons_of(frame, {"flood": "flood", "geology": "geology"}).values.tolist()
    [[1.0, 5.0], [0.2, 1.0]]
    """
    thing = Phrase("hazard_matrix")
    frame = frame[frame.index.notna()].rename(index=str, columns=str)
    words = {word: names.get(word.strip().lower(), "") for word in dict.fromkeys([*frame.index, *frame.columns])}
    problems = []
    if unknown := [word for word, key in words.items() if not key]:
        problems.append(
            Problem("weights.matrix_names", thing, names=unknown, known=list(dict.fromkeys(names.values())))
        )
    frame = frame.rename(index=words, columns=words)
    if twice := [key for axis in frame.axes for key in axis[axis.duplicated()].unique() if key]:
        problems.append(Problem("weights.matrix_twice", thing, names=list(dict.fromkeys(twice))))
    if problems:
        raise ConfigError(problems=problems)
    return _whole(frame, list(dict.fromkeys(words.values())))


def _whole(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Numbers in all cells, reciprocals and ones where none is given."""
    cells = frame.reindex(index=names, columns=names)
    given = (cells.notna() & (cells != "")).to_numpy()
    numbers = cells.map(numerals.ratio).to_numpy(dtype=np.float64)
    text = [[f"{a}/{b} = {cell}" for b, cell in row.items()] for a, row in cells.iterrows()]
    wrong = given & ~((numbers > 0) & np.isfinite(numbers))
    lacking = np.triu(~given & ~given.T, 1)
    whole = np.where(given, numbers, np.divide(1.0, numbers.T, where=given.T & ~wrong.T, out=np.ones_like(numbers)))
    apart = given & given.T & (np.abs(np.minimum(whole, whole.T) - 1 / np.maximum(whole, whole.T)) > RECIPROCAL)
    pairs = {
        "values": [text[i][j] for i, j in np.argwhere(wrong)],
        "missing": [f"{names[i]}/{names[j]}" for i, j in np.argwhere(lacking)],
        "reciprocal": [text[i][j] for i, j in np.argwhere(apart & ~wrong & ~wrong.T)],
    }
    thing = Phrase("hazard_matrix")
    problems = [Problem(f"weights.matrix_{what}", thing, pairs=some) for what, some in pairs.items() if some]
    if cells.map(numerals.is_date).to_numpy().any():
        problems.insert(0, Problem("weights.dates", thing, cells=pairs["values"]))
    if problems:
        raise ConfigError(problems=problems)
    return pd.DataFrame(whole, names, names)


def _comparisons() -> pd.DataFrame:
    """The comparisons of the table."""
    table = standards.table(_TABLE).data
    names, rows = list(table["hazards"]), list(table["matrix"])
    if {len(rows), *(len(row) for row in rows)} != {len(names)}:
        sizes = [len(row) for row in rows]
        raise ConfigError(Problem("weights.not_square", Phrase("table", name=_TABLE), hazards=len(names), rows=sizes))
    return pd.DataFrame(rows, index=names, columns=names)


def _with_unknown(known: pd.DataFrame, hazards: Sequence[str], importance: Mapping[str, float]) -> pd.DataFrame:
    """The comparisons with a row and a column more for each hazard that they lack: its importance, 1 without one."""
    lacking = [hazard for hazard in hazards if hazard not in known.index]
    unsaid = [hazard for hazard in lacking if hazard not in importance]
    if unsaid and len(hazards) > 1:
        note(Problem("weights.unknown_hazard", Phrase("hazard_weights"), severity="warning", hazards=unsaid))
    worth = pd.Series({**dict.fromkeys(known.index, 1.0), **{name: importance.get(name, 1.0) for name in lacking}})
    whole = pd.DataFrame(np.divide.outer(worth.to_numpy(), worth.to_numpy()), worth.index, worth.index).astype(object)
    whole.loc[known.index, known.columns] = known
    return whole


def _objective_part(
    hazards: Sequence[str], indices: pd.DataFrame | None, objective: str | pd.Series[float], thing: Phrase
) -> pd.Series[float] | None:
    """The objective part of the weights; None, with a warning, where there is none."""
    if isinstance(objective, str):
        return None if indices is None else _of_indices(indices[list(hazards)], thing, objective)
    known = objective.reindex(list(hazards)).fillna(0.0).astype(float)
    if not known.sum() > 0:
        note(Problem("weights.no_history", thing, severity="warning", hazards=list(hazards)))
        return None
    return known / known.sum()


def _of_indices(indices: pd.DataFrame, thing: Phrase, method: str) -> pd.Series[float] | None:
    """Entropy or CRITIC weights of the indices; None, with a warning, where they make no sense."""
    present = indices.dropna(how="all")
    least = int(standards.table("grades/rules").data["minimum_units"])
    if len(present) < least:
        note(Problem("weights.few_units", thing, severity="warning", units=len(present), least=least))
        return None
    empty = [str(name) for name in present if present[name].isna().all()]
    if empty:
        note(Problem("weights.empty_index", thing, severity="warning", hazards=empty))
        return None
    if (present.max() <= present.min()).all():
        note(Problem("weights.constant", thing, severity="warning"))
        return None
    return critic(present).weights if method == "critic" else entropy(present, normalise="half").weights


# An effective weight this many times smaller or larger than the stated one is worth a warning.
_FAR = 4.0
# A share that is written as 0.00 works against nothing.
_NOTHING = -0.005


@takes()
def effective_weights(parts: pd.DataFrame, weights: Mapping[str, float]) -> pd.Series[float]:
    """Effective weights (有效权重) of a weighted sum: cov(w x, sum w x) / var(sum w x) of each part.

    A part that hardly varies over the units moves nothing, whatever its weight says; one that varies much carries the
    order of the units. A share below a quarter or above four times the stated weight is a warning.

    Parameters
    ----------
    parts : DataFrame, units x parts
        The indices that are summed; units with a missing part are left out.
    weights : mapping part -> stated weight

    Returns
    -------
    Series by part
        Sum 1; NaN where the sum does not vary at all. A negative share works against the order of the sum.

    Examples
    --------
    >>> parts = pd.DataFrame({"flood": [0.0, 0.5, 1.0], "heat": [0.2, 0.2, 0.2]})
    >>> effective_weights(parts, {"flood": 0.7, "heat": 0.3}).round(3).to_dict()
    {'flood': 1.0, 'heat': 0.0}
    """
    names = list(parts.columns)
    weighted = parts.dropna() * [float(weights[name]) for name in names]
    total = weighted.sum(axis=1)
    spread = float(total.var(ddof=0)) if len(total) else 0.0
    if not spread > (1e-9 * float(total.abs().max() if len(total) else 0.0)) ** 2:
        return pd.Series(np.nan, index=names)
    shares = {name: float(((weighted[name] - weighted[name].mean()) * (total - total.mean())).mean()) for name in names}
    return pd.Series(shares) / spread


@takes()
def warn_of_far(effective: pd.Series[float], weights: Mapping[str, float]) -> None:
    """Note every part whose effective share is below a quarter or above four times its stated weight.

    Parameters
    ----------
    effective : Series by part
        From :func:`effective_weights`.
    weights : mapping part -> stated weight

    Examples
    --------
    >>> from riskzoning.errors import Journal, hearing
    >>> with hearing(Journal()) as heard:
    ...     warn_of_far(pd.Series({"flood": 0.98, "heat": 0.02}), {"flood": 0.7, "heat": 0.3})
    >>> [problem.rule for problem in heard.warnings]
    ['weights.effective']
    """
    for name, share in effective.dropna().items():
        stated = float(weights[str(name)])
        if stated > 0 and not stated / _FAR <= share <= stated * _FAR:
            thing = Phrase("hazard", name=name)
            rule = "weights.effective" if share > _NOTHING else "weights.effective_against"
            note(Problem(rule, thing, severity="warning", stated=stated, share=float(share)))
