"""Sections of study.yaml about regions, prevention zones and plans."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from riskzoning.inputs import Real, Section, Share, Whole

SPACES = ("urban", "agricultural", "ecological")


class LandformWords(Section):
    """What a landform of the place is called in both languages.

    Examples
    --------
    >>> LandformWords(zh="太行山地", en="Taihang mountains").zh
    '太行山地'
    """

    zh: str
    en: str


class LandformsConfig(Section):
    """Landforms of the place: polygons with a column of names, instead of those from the elevation model.

    ``names`` says what classes are called, those of the polygons or ``plain hills mountains`` of the model, e.g.
    ``{mountains: {zh: 太行山地, en: Taihang mountains}}``.

    Examples
    --------
    >>> LandformsConfig(input="landforms", column="地貌").names
    {}
    """

    input: str | None = None
    column: str | None = None
    names: dict[str, LandformWords] = Field(default_factory=dict)


class RegionsConfig(Section):
    """How the second tier of the comprehensive risk regions is divided.

    ``n_regions`` in each landform, by default the number that explains most (at most ``most``), no region with fewer
    than ``min_size`` units. ``method`` as in :func:`riskzoning.zoning.regionalise`.

    Examples
    --------
    >>> RegionsConfig().method
    'ward'
    """

    method: Literal["ward", "skater", "azp", "max_p"] = "ward"
    n_regions: Whole | None = Field(default=None, ge=1)
    most: Whole = Field(default=12, ge=1, le=100)
    min_size: Real = Field(default=2, ge=1)


class PreventionConfig(Section):
    """Comprehensive prevention zones: of whole units (``units``), or of cells by the need of their unit (``cells``).

    Borders of zones made of cells move onto a border of a unit that is nearer than ``snap_m`` metres; 0 leaves them.

    Examples
    --------
    >>> PreventionConfig().basis
    'units'
    """

    basis: Literal["units", "cells"] = "units"
    snap_m: Real = Field(default=300, ge=0, le=5000)


class PlanConfig(Section):
    """A plan of polygons: an entry of the catalogue and what its classes mean.

    ``column`` holds the class of each polygon; without it all polygons are of the class ``kind``, or of that which the
    plan is named after (``urban_boundary``, ``farmland``, ``red_line`` ...). ``spaces`` says for classes that the table
    ``zoning/planning`` does not know whether they are urban, agricultural or ecological space. ``rules`` is a table
    (CSV, Excel, an entry of the catalogue) with the columns ``class risk_grade conflict text``.

    Examples
    --------
    >>> PlanConfig(input="plots", column="用地", spaces={"工业用地": "urban"}).spaces
    {'工业用地': 'urban'}
    """

    input: str
    column: str | None = None
    kind: str | None = None
    spaces: dict[str, Literal["urban", "agricultural", "ecological"]] = Field(default_factory=dict)
    rules: str | None = None


class PlanningConfig(Section):
    """Plans that the risk is held against (与国土空间规划衔接), and the target of annual losses.

    ``grade`` says what plans are held against: ``worst``, the highest risk index of the hazards by the fixed limits of
    one hazard; ``hazard``, the highest hazard by its ladder, whoever lives there; ``composite``, the risk of all
    together, which ranks places within the city. ``target_loss_share`` of the GDP a year; by default that of the plan
    (table ``grades/plan_targets``).

    Examples
    --------
    >>> bool(PlanningConfig()), bool(PlanningConfig(plans={"red_line": {"input": "red_line"}}))
    (False, True)
    """

    plans: dict[str, PlanConfig] = Field(default_factory=dict)
    grade: Literal["worst", "hazard", "composite"] = "worst"
    target_loss_share: Share | None = Field(default=None, gt=0)

    def __bool__(self) -> bool:
        return bool(self.plans)
