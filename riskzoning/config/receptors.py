"""The keys of study.yaml under ``exposure:``: what is exposed, and where it is read from."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from riskzoning.config.values import Real, Section, Whole, one_or_many

__all__ = [
    "BuildingsExposure",
    "CropsExposure",
    "EconomyExposure",
    "ExposureConfig",
    "PopulationExposure",
    "RoadsExposure",
]


class PopulationExposure(Section):
    """Residents: a count raster, a table by unit, or both (the raster is then rescaled to the table).

    ``spread_by`` names what a table without a raster is spread by: ``buildings`` or a catalogue raster.

    Examples
    --------
    >>> PopulationExposure(raster="population").column
    'pop'
    """

    raster: str | None = None
    table: str | None = None
    column: str = "pop"
    code: str = "code"
    spread_by: str | None = None

    @model_validator(mode="after")
    def _some_source(self) -> PopulationExposure:
        if self.raster is None and self.table is None:
            raise ValueError("give 'raster' (count layer) or 'table' (by unit), or both")
        return self


class EconomyExposure(Section):
    """Gross domestic product by unit, spread by population or by a catalogue raster.

    Examples
    --------
    >>> EconomyExposure(table="gdp_county", column="gdp_wan", units="万元").spread_by
    'population'
    """

    table: str | None = None
    raster: str | None = None
    column: str = "gdp"
    code: str = "code"
    units: str = "yuan"
    spread_by: str = "population"

    @model_validator(mode="after")
    def _some_source(self) -> EconomyExposure:
        if (self.raster is None) == (self.table is None):
            raise ValueError("give either 'raster' (count layer) or 'table' (by unit)")
        return self


class BuildingsExposure(Section):
    """Surveyed buildings as points or footprints; ``factor`` expands a sample to all buildings.

    Examples
    --------
    >>> BuildingsExposure(points="buildings").area
    'area_m2'
    """

    points: str
    area: str = "area_m2"
    value: str | None = None
    value_units: str = "yuan"
    unit_value: Real | None = Field(default=None, gt=0)
    factor: str | None = None
    structure: str | None = None
    built_year: str | None = None


class CropsExposure(Section):
    """Cropland from the classes of a land-cover raster.

    Examples
    --------
    >>> CropsExposure(landcover="landcover").classes
    (10,)
    """

    landcover: str
    classes: Annotated[tuple[Whole, ...], BeforeValidator(one_or_many)] = Field(default=(10,), min_length=1)


class RoadsExposure(Section):
    """Road lines.

    Examples
    --------
    >>> RoadsExposure(lines="roads").lines
    'roads'
    """

    lines: str


class ExposureConfig(Section):
    """What is exposed: receptors of the study; those left out are not assessed.

    Examples
    --------
    >>> ExposureConfig(population={"raster": "population"}).receptors
    ('population',)
    """

    population: PopulationExposure | None = None
    economy: EconomyExposure | None = None
    buildings: BuildingsExposure | None = None
    crops: CropsExposure | None = None
    roads: RoadsExposure | None = None

    @property
    def receptors(self) -> tuple[str, ...]:
        """Receptors that are given, in their fixed order.

        Examples
        --------
        >>> ExposureConfig().receptors
        ()
        """
        order = ("population", "economy", "buildings", "crops", "roads")
        return tuple(name for name in order if getattr(self, name) is not None)
