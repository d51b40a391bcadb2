"""The keys of study.yaml that say how parts become risk: forms, combination, chains, capacity, weights."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from riskzoning.config.losses import ProtectionConfig, SectorConfig
from riskzoning.config.values import Matrix
from riskzoning.inputs import Section, Share, one_or_many, refused

Combination = Literal["weighted_sum", "weighted_product", "maximum", "graded", "union", "sum", "inform", "topsis"]
CellCombination = Literal["weighted_sum", "weighted_product", "maximum", "union", "inform"]


def _switched(value: object) -> object:
    """A section that may be turned on and off: ``true`` has its defaults, ``false`` is none."""
    return {} if value is True else None if value is False else value


class ChainsConfig(Section):
    """Hazards that trigger others: ``rho`` is how much of it counts, default from the table ``damage/hazard_chains``.

    Examples
    --------
    >>> ChainsConfig(rho=0.1).rho
    0.1
    """

    rho: Annotated[Share, Field(ge=0, le=1)] | None = None


class CapacityConfig(Section):
    """How the capacity of a unit takes something off its risk, as in :func:`riskzoning.risk.capacity_discount`.

    ``hazards`` are those whose risk it takes something off; without them all, and their composite.

    Examples
    --------
    >>> CapacityConfig().form, CapacityConfig(hazards="forest_fire").hazards
    ('partial', ('forest_fire',))
    """

    form: Literal["partial", "linear", "ratio"] = "partial"
    beta: Annotated[Share, Field(ge=0, le=1)] | None = None
    hazards: Annotated[tuple[str, ...], BeforeValidator(one_or_many)] = ()


class WeightsConfig(Section):
    """Weights of the hazards in the composite: comparisons in pairs (AHP) by default, or fixed ones.

    ``matrix`` gives own comparisons instead of the table ``weights/hazards``: a file (CSV, Excel) with a row and a
    column for each hazard, or ``{flood: {geology: 5, meteorology: 2}, geology: {meteorology: 1/3}}``; of two hazards
    one comparison is enough. ``a`` below 1 mixes in an ``objective`` part: the ``entropy`` or the ``critic`` weights of
    the units' risk indices, or each hazard's share of the recorded losses (``history``).

    Examples
    --------
    >>> WeightsConfig().method, WeightsConfig(matrix={"flood": {"geology": "5"}}).matrix
    ('ahp_entropy', {'flood': {'geology': '5'}})
    """

    method: Literal["ahp_entropy", "fixed", "equal"] = "ahp_entropy"
    a: Share | None = Field(default=None, ge=0, le=1)
    objective: Literal["entropy", "critic", "history"] = "entropy"
    matrix: Matrix | None = None
    fixed: dict[str, Annotated[Share, Field(ge=0)]] = Field(default_factory=dict)
    force_inconsistent: bool = False

    @model_validator(mode="before")
    @classmethod
    def _fixed_are_used(cls, value: object) -> object:
        if isinstance(value, dict) and value.get("fixed") and value.get("method") is None:
            return {**value, "method": "fixed"}
        return value

    @model_validator(mode="after")
    def _one_method(self) -> WeightsConfig:
        if self.method == "fixed" and not self.fixed:
            raise refused("study.weights_missing")
        if self.method != "fixed" and self.fixed:
            raise refused("study.weights_unwanted", method=self.method)
        if self.method != "ahp_entropy" and self.matrix is not None:
            raise refused("study.weights_matrix_unused", method=self.method)
        return self


class RiskConfig(Section):
    """How hazard, exposure and vulnerability become risk.

    ``form`` as in :func:`riskzoning.risk.risk_index`; ``half_scaled`` scales every part to .5-1 over the study first;
    ``matrix`` looks the risk up by the grades of hazard and consequence in a matrix of ``damage/risk_matrix``, which
    the key ``matrix`` names, or that for the hazard's number of classes. ``unit_rule``: the index of a unit is composed
    from its parts (``composed``, the default), or the mean of its cells by area (``area_mean``, the default of
    ``half_scaled``) or by what is exposed (``exposed_mean``). ``combine`` brings the hazards together, as in
    :func:`riskzoning.risk.combine_hazards`; ``graded``, ``sum`` and ``topsis`` do so for units, and the cells then have
    the weighted sum. ``chains`` raises hazards that others trigger before they are combined; ``capacity`` gives the
    risk of units beside what is left of it with their capacity. ``collapsed_area`` adds the floor area that collapses
    in earthquakes, where the classes of buildings are known; ``deaths`` says by what people die in them: collapse by
    type of building (``pager``), or the share of floor area that is severely damaged or collapses, and the density of
    people (``damaged_area``, unverified). ``sectors`` gives values by sector for their
    yearly losses in floods, beside those of the receptors.

    Examples
    --------
    >>> RiskConfig().form, RiskConfig().rule_of_units, RiskConfig(form="half_scaled").rule_of_units
    ('gated', 'composed', 'area_mean')
    >>> RiskConfig(chains=True).chains.rho is None, RiskConfig(combine="sum").combine_cells
    (True, 'weighted_sum')
    """

    form: Literal["gated", "geometric", "product", "weighted_sum", "weighted_product", "half_scaled", "matrix"] = (
        "gated"
    )
    matrix: str | None = None
    unit_rule: Literal["composed", "area_mean", "exposed_mean"] | None = None
    combine: Combination = "weighted_sum"
    chains: Annotated[ChainsConfig | None, BeforeValidator(_switched)] = None
    capacity: Annotated[CapacityConfig | None, BeforeValidator(_switched)] = None
    receptor_weights: dict[str, Annotated[Share, Field(ge=0)]] = Field(default_factory=dict)
    eal_method: Literal["trapezoid", "log-linear"] = "trapezoid"
    eal_tail: bool = True
    collapsed_area: bool = False
    deaths: Literal["pager", "damaged_area"] = "pager"
    protection: dict[str, ProtectionConfig] = Field(default_factory=dict)
    sectors: dict[str, SectorConfig] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _matrix_of_its_form(self) -> RiskConfig:
        if self.matrix is not None and self.form != "matrix":
            raise refused("study.matrix_unused", form=self.form)
        if self.chains is not None and self.form == "half_scaled":
            raise refused("study.chains_half_scaled")
        return self

    @property
    def rule_of_units(self) -> Literal["composed", "area_mean", "exposed_mean"]:
        """The rule of units as stated, or the usual one of the form.

        Examples
        --------
        >>> RiskConfig(unit_rule="exposed_mean").rule_of_units
        'exposed_mean'
        """
        return self.unit_rule or ("area_mean" if self.form == "half_scaled" else "composed")

    @property
    def combine_cells(self) -> CellCombination:
        """How the hazards are brought together in a cell: as stated, or added where that is defined for units only.

        Examples
        --------
        >>> RiskConfig(combine="graded").combine_cells, RiskConfig(combine="union").combine_cells
        ('weighted_sum', 'union')
        """
        if self.combine == "graded" or self.combine == "sum" or self.combine == "topsis":
            return "weighted_sum"
        return self.combine
