"""Section of study.yaml about what the results are held against."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from riskzoning.inputs import Real, Section, Whole, Years, one_or_many


class EventsConfig(Section):
    """Something that happened, held against the zoning: units hit, points, or an observed extent.

    ``input`` is an entry of the catalogue. With ``units`` (columns of a table) the cells name the units that were hit,
    by code or by name, several in a cell divided by 、 or commas. Without it the entry is a layer: points of events, or
    polygons or a raster of the ground that was hit, which is compared with the layer of ``return_period`` above
    ``above`` (e.g. m of water), or with the classes of the hazard from the second one on. ``hazard`` is the hazard that
    it belongs to, without it all together; ``period`` says when it was.

    Examples
    --------
    >>> EventsConfig(input="events_2021", hazard="flood", units="note", period="2021-07").units
    ('note',)
    """

    input: str
    hazard: str | None = None
    units: Annotated[tuple[str, ...], BeforeValidator(one_or_many)] = ()
    period: str = ""
    return_period: Years | None = None
    above: Annotated[Real, Field(ge=0)] = 0.0


class ValidationConfig(Section):
    """What the results are held against (检验): events by a name of one's own, and a year kept out of the record.

    ``leave_out`` is a year of the history; without it the year that lost most is taken.

    Examples
    --------
    >>> ValidationConfig().leave_out is None
    True
    """

    leave_out: Whole | None = None
    events: dict[str, EventsConfig] = Field(default_factory=dict)
