"""The keys of study.yaml around losses: protection standards, and the history that they are held against."""

from __future__ import annotations

from pydantic import Field, model_validator

from riskzoning.inputs import Real, Section, Whole, Years, refused


class ProtectionConfig(Section):
    """Up to which return period works keep a hazard away: ``years`` for the whole study, or a column of areas.

    ``areas`` names an entry of the catalogue, polygons or lines; lines (levees) protect the ground ``within_m`` metres.
    Only for intensities that were worked out without the works, or they would count twice.

    Examples
    --------
    >>> ProtectionConfig(years=20).years, ProtectionConfig(areas="levees", column="years", within_m=2000).column
    (20.0, 'years')
    """

    years: Years | None = Field(default=None, gt=0)
    areas: str | None = None
    column: str | None = None
    within_m: Real | None = Field(default=None, gt=0)

    @model_validator(mode="before")
    @classmethod
    def _plain_number(cls, value: object) -> object:
        return {"years": value} if isinstance(value, int | float | str) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _one_source(self) -> ProtectionConfig:
        by_area = self.areas is not None and self.column is not None
        if by_area == (self.years is not None) or (self.areas is None) != (self.column is None):
            raise refused("study.protection")
        return self


class SectorConfig(Section):
    """What of a sector stands where, for its yearly loss in floods: ``layer`` names an entry, yuan in each cell.

    ``curve`` names a loss curve; without it that of JRC Asia with the name of the sector (residential, commercial,
    industrial, transport, infrastructure, agriculture). ``floor_height``: m that it stands above the ground.

    Examples
    --------
    >>> SectorConfig(layer="rails", curve="flood/jrc-asia/transport").floor_height
    0.0
    """

    layer: str
    curve: str | None = None
    floor_height: Real = Field(default=0.0, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _plain_name(cls, value: object) -> object:
        return {"layer": value} if isinstance(value, str) else value


class HistoryConfig(Section):
    """Recorded losses by year and hazard, against which the modelled ones are held.

    ``table`` names an entry of the catalogue with the columns ``year`` and ``loss`` (in ``units``), and ``hazard``
    where a row is of one kind of disaster; without it only the targets of the plan are answered. With ``gdp`` (same
    units) losses are taken as a share of it, so that those of poorer years compare; ``unit`` names the column of the
    county whose GDP and ``population`` are repeated on every row of a year. ``dead``, ``missing`` and ``affected``
    name columns of persons; ``first`` and ``last`` the years to take.

    Examples
    --------
    >>> HistoryConfig(table="annual", hazard="灾害种类", year="年份", loss="直接经济损失(万元)", units="万元").units
    '万元'
    """

    table: str
    hazard: str | None = None
    year: str = "year"
    loss: str = "loss"
    units: str = "yuan"
    unit: str | None = None
    gdp: str | None = None
    population: str | None = None
    dead: str | None = None
    missing: str | None = None
    affected: str | None = None
    first: Whole | None = None
    last: Whole | None = None
