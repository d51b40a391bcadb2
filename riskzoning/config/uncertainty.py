"""Section of study.yaml about uncertainty."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from riskzoning.inputs import Real, Section, Share, Whole


class UncertaintyConfig(Section):
    """How often grades of units are drawn anew, and how far what they rest on varies.

    ``draws`` of 0 leave it out. Weights come from a Dirichlet distribution of ``concentration``; every break varies by
    ``break_share``, every index as a whole by ``input_share``.

    Examples
    --------
    >>> UncertaintyConfig().draws
    1000
    """

    draws: Annotated[Whole, Field(ge=0, le=100_000)] = 1000
    concentration: Annotated[Real, Field(gt=0)] = 50.0
    break_share: Annotated[Share, Field(ge=0, lt=1)] = 0.1
    input_share: Annotated[Share, Field(ge=0, le=1)] = 0.0
