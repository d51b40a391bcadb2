"""A hazard of the study's own: its names, its ladder, how it counts and what it looks like."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from riskzoning import standards
from riskzoning.inputs import COLOUR, Real, Section, Years, refused


class Title(Section):
    """What people call something, in one language or both.

    Examples
    --------
    >>> Title(zh="风暴潮").both()
    {'zh': '风暴潮', 'en': '风暴潮'}
    """

    zh: str = ""
    en: str = ""

    @model_validator(mode="after")
    def _some_name(self) -> Title:
        if not (self.zh or self.en):
            raise refused("study.name_empty")
        return self

    def both(self) -> dict[str, str]:
        """The words by language; one language stands in for the other.

        Examples
        --------
        >>> Title(en="Storm surge").both()["zh"]
        'Storm surge'
        """
        return {"zh": self.zh or self.en, "en": self.en or self.zh}


class LadderConfig(Section):
    """The ladder of a hazard of the study's own.

    Examples
    --------
    >>> LadderConfig(none=0, limits=[0.5, 1, 2], full=3).direction
    1
    """

    none: Real
    limits: tuple[Real, ...] = Field(min_length=1, max_length=4)
    full: Real
    closed: Literal["left", "right"] = "left"
    direction: Literal[1, -1] = 1

    @model_validator(mode="after")
    def _steps(self) -> LadderConfig:
        steps = [self.direction * step for step in (self.none, *self.limits, self.full)]
        if any(low >= high for low, high in pairwise(steps)):
            raise refused("study.ladder_steps", direction=self.direction)
        return self


class CustomConfig(Section):
    """A hazard that a study defines by a layer and a ladder, without code.

    With ``periods`` the layer is a stack by return period: ``severity`` takes the worst of them, each by how often it
    comes, as floods are; a number of years takes the layer of that period.

    Examples
    --------
    >>> ladder = {"none": 0, "limits": [0.5, 1, 2], "full": 3}
    >>> CustomConfig(name={"zh": "风暴潮", "en": "Storm surge"}, units="m", ladder=ladder).acts
    'ground'
    """

    name: Title
    ladder: LadderConfig
    units: str = Field(default="1", min_length=1)
    quantity: str | None = None
    measure: Title | None = None
    range: tuple[Real, Real] | None = None
    periods: Literal["severity"] | Annotated[Years, Field(gt=0)] | None = None
    acts: Literal["ground", "places"] = "ground"
    importance: Real | None = Field(default=None, gt=0)
    colour: str | None = Field(default=None, pattern=COLOUR)
    palette: tuple[Annotated[str, Field(pattern=COLOUR)], ...] | None = Field(default=None, min_length=5)
    source: str | None = None
    status: Literal["official", "literature", "project_default"] = "project_default"

    @field_validator("name", "measure", mode="before")
    @classmethod
    def _one_name(cls, value: object) -> object:
        return {"zh": value, "en": value} if isinstance(value, str) and value.strip() else value

    def definition(self, key: str) -> dict[str, Any]:
        """What the tables of standards hold of it.

        Examples
        --------
        >>> ladder = {"none": 0, "limits": [1], "full": 2}
        >>> CustomConfig(name="雾霾", ladder=ladder).definition("haze")["quantity"]
        'haze_measure'
        """
        given = self.model_dump(mode="json", exclude_none=True)
        known = self.quantity is not None and self.quantity in standards.shipped_table("quantities").data
        quantity = self.quantity or f"{key}_measure"
        units = standards.shipped_table("quantities").data[quantity]["units"] if known else self.units
        parts = {"name": self.name.both(), "measure": (self.measure or self.name).both(), "units": units}
        return {**given, **parts, "quantity": quantity, "own_quantity": not known}
