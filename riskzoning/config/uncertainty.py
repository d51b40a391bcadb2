"""Section of study.yaml about uncertainty."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from riskzoning import numerals
from riskzoning.inputs import Real, Section, Share, Whole, refused


class UncertaintyConfig(Section):
    """How often grades of units are drawn anew, and how far what they rest on varies.

    ``draws`` of 0 leave it out. Weights come from a Dirichlet distribution of ``concentration``; every break that is
    stated varies by ``break_share``, every index as a whole by ``input_share`` (one share, or one by hazard).
    ``computed_breaks`` that rank the units within the study are made ``anew`` in each draw, as they would be with those
    weights; ``kept`` holds them and varies them too. ``scenarios`` multiply the indices of hazards, by a name of one's
    own. ``cells`` draws for every cell as well; ``sensitivity: false`` leaves out the table of one thing at a time,
    ``scale_check: false`` that of the same assessment on cells of a kilometre.

    Examples
    --------
    >>> UncertaintyConfig().draws, UncertaintyConfig(input_share={"flood": "20%"}).input_share
    (1000, {'flood': 0.2})
    """

    draws: Annotated[Whole, Field(ge=0, le=100_000)] = 1000
    concentration: Annotated[Real, Field(gt=0)] = 50.0
    break_share: Annotated[Share, Field(ge=0, lt=1)] = 0.1
    input_share: float | dict[str, float] = 0.0
    computed_breaks: Literal["anew", "kept"] = "anew"
    scenarios: dict[str, dict[str, Annotated[Real, Field(ge=0)]]] = Field(default_factory=dict)
    sensitivity: bool = True
    cells: bool = False
    scale_check: bool = True

    @field_validator("input_share", mode="before")
    @classmethod
    def _shares(cls, value: Any) -> Any:
        made = {key: numerals.share(one) for key, one in value.items()} if isinstance(value, dict) else None
        one = numerals.share(value) if made is None else 0.0
        if not all(0 <= share <= 1 for share in ([one] if made is None else made.values())):
            raise refused("study.input_share", value=str(value))
        return one if made is None else made
