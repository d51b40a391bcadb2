"""Names of layers and columns as values: ``Index``, ``Intensity``, ``Measure``. Nothing else spells or reads a name.

A layer, its file, a column of ``unit_*`` and a row of the tidy table of units are one thing with one value. Whoever
looks for a name compares it with the keys of the values that there can be (:func:`indices_of`); a name is never taken
apart. What a new column needs is one line in ``_INDICES`` (with grades) or ``_MEASURES`` (without).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.faces import missing

__all__ = [
    "DRAWN",
    "LEADING",
    "MULTI",
    "WORKS",
    "Column",
    "Index",
    "Intensity",
    "Measure",
    "check_hazard_key",
    "column_of",
    "indices_of",
    "object_grades",
    "part_index",
]

# Stands for all hazards together wherever a hazard may stand.
MULTI = "multi"
# Works against floods that maps draw, and all entries of a study that maps draw by their name.
WORKS = ("levees", "reservoirs", "sluices", "detention_areas")
DRAWN = ("rivers", "seats", "province", *WORKS)
# What an index says -> its scheme where the hazard states none, and whether it is also said of each receptor.
_INDICES: Mapping[str, tuple[str, bool]] = {"hazard": ("hazard_4", False), "risk": ("risk_5", True)}
# Column of the hazards that lead in a unit, joined by ";"; the only column of words.
LEADING = f"{MULTI}_leading"
_UNIT, _HAZARD, _RECEPTOR = frozenset[str](), frozenset({"hazard"}), frozenset({"receptor"})
# What is said without grades -> of what it can be said (a hazard, a receptor, both, the unit itself), and its quantity.
_MEASURES: Mapping[str, tuple[tuple[frozenset[str], ...], str]] = {
    "eal": ((_HAZARD | _RECEPTOR, _HAZARD), "expected_annual_loss"),
    "eal_se": ((_HAZARD,), "expected_annual_loss"),
    "deaths": ((_HAZARD,), "expected_annual_deaths"),
    "collapsed_area": ((_HAZARD,), "expected_annual_collapse"),
    "vulnerability_index": ((_RECEPTOR,), "vulnerability_index"),
    "exposure_index": ((_RECEPTOR,), "exposure_index"),
    "exposed_hazard_index": ((_HAZARD | _RECEPTOR,), "hazard_index"),
    "exposed_hazard_grade": ((_HAZARD,), "hazard_grade"),
    "risk_chain_index": ((_HAZARD | _RECEPTOR, _HAZARD), "risk_index"),
    "none_share": ((_HAZARD,), "share"),
    "valid_share": ((_UNIT, _HAZARD), "share"),
    "max_grade": ((_HAZARD,), "risk_grade"),
    "high_count": ((_HAZARD,), "hazard_count"),
    "modal_grade": ((_HAZARD,), "risk_grade"),
    "grade_probability": ((_HAZARD,), "grade_probability"),
}
_WORD = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@dataclass(frozen=True)
class Index:
    """An index 0..1 with grades: of a hazard, or of the risk of a hazard for all receptors or for one.

    Parameters
    ----------
    hazard : str
        Key of the hazard, or ``multi``.
    what : {"hazard", "risk"}
    receptor : str, optional
        Only of a risk.
    scheme : str
        Scheme of its classes (``grades/schemes``); default ``hazard_4`` and ``risk_5``. No part of what the index is:
        two that differ only in it are equal.
    titles : mapping language -> str
        What people call the hazard, for one that ``names/common`` does not know.

    Raises
    ------
    LayerError
        A part cannot be part of a name, or there is no such index.

    Examples
    --------
    >>> index = Index("flood", "risk", "population")
    >>> index.key, index.grade_key
    ('flood_population_risk_index', 'flood_population_risk_grade')
    >>> Index(MULTI, "risk").title("zh"), Index("flood", "hazard").palette
    ('风险指数', 'flood')
    """

    hazard: str
    what: str
    receptor: str | None = None
    scheme: str = field(default="", compare=False)
    titles: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        check_hazard_key(self.hazard, multi=True)
        if self.what not in _INDICES:
            raise LayerError(
                Problem("names.what", Phrase("hazard", name=self.hazard), what=self.what, known=tuple(_INDICES))
            )
        standard, by_receptor = _INDICES[self.what]
        if self.receptor is not None and not by_receptor:
            raise LayerError(Problem("names.no_receptor", Phrase("hazard", name=self.hazard), receptor=self.receptor))
        if self.receptor is not None:
            _check_word(self.receptor, Phrase("receptor", name=self.receptor))
        object.__setattr__(self, "scheme", self.scheme or standard)

    @property
    def stem(self) -> str:
        """The name without what it ends in: names of maps and of the indicators of the page.

        Examples
        --------
        >>> Index("flood", "risk", "roads").stem
        'flood_roads_risk'
        """
        return _joined(self.hazard, self.receptor, self.what)

    @property
    def key(self) -> str:
        """Name of the layer and of the column.

        Examples
        --------
        >>> Index("flood", "hazard").key
        'flood_hazard_index'
        """
        return f"{self.stem}_index"

    @property
    def grade_key(self) -> str:
        """Name of the layer and of the column of its grades.

        Examples
        --------
        >>> Index(MULTI, "risk").grade_key
        'multi_risk_grade'
        """
        return f"{self.stem}_grade"

    @property
    def indicator(self) -> str:
        """Its word in the column ``indicator`` of the tidy table, with hazard and receptor in columns of their own.

        Examples
        --------
        >>> Index("flood", "risk", "roads").indicator
        'risk_index'
        """
        return f"{self.what}_index"

    @property
    def quantity(self) -> str:
        """Quantity of the index.

        Examples
        --------
        >>> Index("flood", "hazard").quantity
        'hazard_index'
        """
        return self.indicator

    @property
    def units(self) -> str:
        """Units of the index.

        Examples
        --------
        >>> Index("flood", "hazard").units
        '1'
        """
        return standards.quantity(self.quantity).units

    @property
    def grade_quantity(self) -> str:
        """Quantity of its grades.

        Examples
        --------
        >>> Index("flood", "hazard").grade_quantity
        'hazard_grade'
        """
        return f"{self.what}_grade"

    @property
    def classes(self) -> int:
        """Number of its classes.

        Examples
        --------
        >>> Index("flood", "hazard").classes, Index("flood", "risk").classes
        (4, 5)
        """
        return int(standards.table("grades/schemes").data[self.scheme]["k"])

    @property
    def palette(self) -> str:
        """Palette of its grades: a risk has that of all risks, a hazard its own hue where it has one.

        Examples
        --------
        >>> Index("flood", "risk").palette, Index(MULTI, "hazard").palette
        ('risk_5', 'risk_5')
        """
        own = self.what == "hazard" and self.hazard in standards.table("palettes/grades").data
        return self.hazard if own else standards.RISK_PALETTE

    def colours(self, classes: int) -> list[str]:
        """Colours of so many classes, lowest first, on maps, page and layers; at most those of its palette.

        Examples
        --------
        >>> Index("flood", "risk").colours(2)
        ['#2B83BA', '#D7191C']
        """
        most = len(standards.table("palettes/grades").data[self.palette])
        return standards.palette_colours(self.palette, min(classes, most), zero=self.has_none)

    @property
    def has_none(self) -> bool:
        """Whether it is exactly 0 where nothing threatens; all hazards together have no such place.

        Examples
        --------
        >>> Index("flood", "risk").has_none, Index(MULTI, "risk").has_none
        (True, False)
        """
        return self.hazard != MULTI

    def hazard_title(self, lang: str) -> str:
        """What people call the hazard.

        Examples
        --------
        >>> Index("flood", "hazard").hazard_title("zh"), Index("hail", "risk", titles={"zh": "冰雹"}).hazard_title("zh")
        ('洪水灾害', '冰雹')
        """
        known = standards.names("hazard", self.hazard, lang)
        return self.titles.get(lang, known) if known == self.hazard else known

    def title(self, lang: str) -> str:
        """What people call the index of a hazard.

        Examples
        --------
        >>> Index("flood", "risk", "population").title("en")
        'population risk index'
        """
        return self._titled(self.indicator, lang)

    def grade_title(self, lang: str) -> str:
        """What people call its grades.

        Examples
        --------
        >>> Index("flood", "risk", "population").grade_title("zh")
        '人口风险等级'
        """
        return self._titled(self.grade_quantity, lang)

    def _titled(self, word: str, lang: str) -> str:
        parts = [standards.names("receptor", self.receptor, lang)] if self.receptor else []
        return (" " if lang == "en" else "").join([*parts, standards.names("what", word, lang)])

    def risk(self, receptor: str | None = None) -> Index:
        """The risk of the same hazard: the stated mean of the receptors, or that of one of them.

        Examples
        --------
        >>> Index("flood", "hazard", scheme="flood_4").risk("crops").key
        'flood_crops_risk_index'
        """
        return replace(self, what="risk", receptor=receptor, scheme="")


@dataclass(frozen=True)
class Intensity:
    """What a hazard gives beside its index: how strong it is, by return period where it has them, or a part of it.

    Parameters
    ----------
    hazard : str
    quantity : str
        Quantity of the intensity, or the name of another output of the hazard.
    period : float, optional
        Return period, years.

    Raises
    ------
    LayerError
        A part cannot be part of a name, or the name would be that of an index.

    Examples
    --------
    >>> Intensity("flood", "flood_depth", 100).key, Intensity("earthquake", "seismic_intensity").key
    ('flood_depth_T100', 'earthquake_seismic_intensity')
    """

    hazard: str
    quantity: str
    period: float | None = None

    def __post_init__(self) -> None:
        check_hazard_key(self.hazard)
        taken = [f"{what}_{kind}" for what in _INDICES for kind in ("index", "grade")]
        if not _WORD.fullmatch(self.quantity) or f"_{self.quantity}".endswith(
            tuple(f"_{w}" for w in (*taken, *_MEASURES))
        ):
            raise LayerError(Problem("names.output", Phrase("hazard", name=self.hazard), output=self.quantity))
        if self.period is not None and not (self.period > 0 and math.isfinite(self.period)):
            thing = Phrase("output_of_hazard", name=self.quantity, hazard=self.hazard)
            raise LayerError(Problem("names.period", thing, period=self.period))

    @property
    def is_index(self) -> bool:
        """Whether it is the index of a part of the hazard (:func:`part_index`).

        Examples
        --------
        >>> Intensity("meteorology", part_index("gale")).is_index, Intensity("flood", "risk_degree").is_index
        (True, False)
        """
        return self.quantity.endswith("_index")

    @property
    def key(self) -> str:
        """Name of the layer: hazard and quantity, the hazard not twice.

        Examples
        --------
        >>> Intensity("flood", "risk_degree").key
        'flood_risk_degree'
        """
        name = f"{self.hazard}_{self.quantity.removeprefix(f'{self.hazard}_')}"
        return name if self.period is None else f"{name}_T{float(self.period):g}"


@dataclass(frozen=True)
class Measure:
    """A number of a unit or cell that no breaks cut: what is exposed, annual loss, parts of a risk or hazard, shares.

    Parameters
    ----------
    indicator : str
        One of ``eal vulnerability_index exposure_index exposed_hazard_index exposed_hazard_grade risk_chain_index
        none_share valid_share max_grade high_count``, or an exposed count (``population``, ``gdp_yuan`` ...).
    hazard, receptor : str, optional
        What it is said of.
    quantity : str
        Of an exposed count; the others have theirs.

    Raises
    ------
    LayerError
        It is said of something else than it can be said of.

    Examples
    --------
    >>> Measure("eal", "flood").key, Measure("vulnerability_index", receptor="buildings").key
    ('flood_eal', 'buildings_vulnerability_index')
    >>> Measure("gdp_yuan", quantity="gdp").units, Measure("exposed_hazard_index", "flood", "roads").key
    ('yuan', 'flood_roads_exposed_hazard_index')
    """

    indicator: str
    hazard: str | None = None
    receptor: str | None = None
    quantity: str = ""

    def __post_init__(self) -> None:
        _check_word(self.indicator, Phrase("column", name=self.indicator))
        of, quantity = _MEASURES.get(self.indicator, ((_UNIT,), self.quantity))
        if self.hazard is not None and self.indicator not in _MEASURES and self.indicator.endswith("_index"):
            of, quantity = (_HAZARD,), "hazard_index"
        given = {name for name in ("hazard", "receptor") if getattr(self, name) is not None}
        if given not in of:
            thing = Phrase("column", name=self.indicator)
            unit = Phrase("unit_itself")
            wanted = sorted(of[-1]) or unit
            raise LayerError(Problem("names.measure", thing, given=sorted(given) or unit, wanted=wanted))
        if self.hazard is not None:
            check_hazard_key(self.hazard, multi=True)
        if self.receptor is not None:
            _check_word(self.receptor, Phrase("receptor", name=self.receptor))
        object.__setattr__(self, "quantity", quantity)

    @property
    def key(self) -> str:
        """Name of the layer and of the column.

        Examples
        --------
        >>> Measure("population", quantity="population").key
        'population'
        """
        return _joined(self.hazard, self.receptor, self.indicator)

    @property
    def units(self) -> str:
        """Units of its quantity.

        Examples
        --------
        >>> Measure("eal", MULTI).units
        'yuan/a'
        """
        return standards.quantity(self.quantity).units if self.quantity else ""


Column = Index | Measure


def indices_of(hazards: Iterable[Index], receptors: Iterable[str] = ()) -> tuple[Index, ...]:
    """Every index that a run of these hazards and receptors can have, ``multi`` last.

    Parameters
    ----------
    hazards : iterable of Index
        The hazard index of each, as ``HAZARDS[name].index`` gives it.
    receptors : iterable of str

    Examples
    --------
    >>> [index.key for index in indices_of([Index("flood", "hazard")], ["roads"])][:3]
    ['flood_hazard_index', 'flood_risk_index', 'flood_roads_risk_index']
    """
    wanted = list(receptors)
    every = [*hazards, Index(MULTI, "hazard")]
    return tuple(one for index in every for one in (index, index.risk(), *(index.risk(name) for name in wanted)))


def part_index(part: str) -> str:
    """The output of a hazard that is the index of one of its parts.

    Examples
    --------
    >>> part_index("gale")
    'gale_index'
    """
    return f"{part}_index"


def object_grades(hazard: str) -> tuple[str, str]:
    """The columns of an object: the grade of a hazard that it lies in, and the highest that it touches.

    Examples
    --------
    >>> object_grades("flood")
    ('flood_grade', 'flood_max_grade')
    """
    return _joined(hazard, "grade"), _joined(hazard, "max_grade")


def column_of(hazard: str, receptor: str, indicator: str) -> Column:
    """The column of a row of the tidy table of units; empty text for what it is not said of.

    Examples
    --------
    >>> column_of("flood", "roads", "risk_index").key, column_of("", "", "population").key
    ('flood_roads_risk_index', 'population')
    """
    what = next((what for what in _INDICES if indicator == f"{what}_index"), None)
    if what is not None and hazard:
        return Index(hazard, what, receptor or None)
    return Measure(indicator, hazard or None, receptor or None)


def check_hazard_key(key: str, *, multi: bool = False) -> None:
    """Refuse a key of a hazard that would make the name of a layer mean two things.

    Parameters
    ----------
    key : str
        Lower-case letters, digits and underscores; no word of its own meaning (a level, a receptor, ``multi``,
        ``exposure``), and it does not end in a receptor.
    multi : bool
        Whether ``multi``, all hazards together, may stand here.

    Raises
    ------
    LayerError

    Examples
    --------
    >>> try:
    ...     check_hazard_key("roads")
    ... except LayerError as error:
    ...     print(error.problems[0].rule)
    hazard.reserved
    """
    if multi and key == MULTI:
        return
    thing = Phrase("hazard", name=key)
    _check_word(key, thing)
    receptors, others = _reserved()
    if key in receptors or key in others:
        raise LayerError(Problem("hazard.reserved", thing, reserved=sorted((*others, *receptors))))
    for receptor in receptors:
        if key.endswith(f"_{receptor}"):
            rest = key.removesuffix(f"_{receptor}")
            raise LayerError(Problem("hazard.ends_in_receptor", thing, receptor=receptor, rest=rest))


def _reserved() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Receptors, and the other words that mean something else in the name of a layer."""
    known = standards.shipped_table("names/common").data
    return tuple(known["receptor"]), (MULTI, "exposure", *known["level"])


def _check_word(word: str, thing: Phrase) -> None:
    if not _WORD.fullmatch(word):
        raise LayerError(Problem("names.word", thing, word=word))


def _joined(*parts: str | None) -> str:
    return "_".join(part for part in parts if part)


if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
