"""The keys of study.yaml, their types and defaults."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

__all__ = [
    "AdminConfig",
    "BuildingsExposure",
    "CropsExposure",
    "EconomyExposure",
    "ExposureConfig",
    "GridConfig",
    "HazardConfig",
    "InputConfig",
    "MapsConfig",
    "OutputsConfig",
    "PopulationExposure",
    "ReferenceConfig",
    "RiskConfig",
    "RoadsExposure",
    "RunConfig",
    "StudyConfig",
    "StudyName",
    "WeightsConfig",
    "ZoningConfig",
]

Level = Literal["city", "county", "township"]
Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]


def _code_text(value: Any) -> Any:
    # YAML reads an unquoted code as a number; the digits are what the user meant.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Code = Annotated[str, BeforeValidator(_code_text)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class StudyName(_Section):
    """Name of the study area in both languages.

    Examples
    --------
    >>> StudyName(zh="新乡市", en="Xinxiang").in_language("en")
    'Xinxiang'
    """

    zh: str = ""
    en: str = ""

    def in_language(self, lang: str) -> str:
        """The name in ``zh`` or ``en``; the other one when it is not given.

        Examples
        --------
        >>> StudyName(zh="新乡市").in_language("en")
        '新乡市'
        """
        return (self.en or self.zh) if lang == "en" else (self.zh or self.en)


class ReferenceConfig(_Section):
    """What the boundaries are compared with to prove or disprove a datum offset: another boundary layer, or points.

    Examples
    --------
    >>> ReferenceConfig(path="official.gpkg", layer="county").column
    'code'
    """

    path: Path
    layer: str | None = None
    column: str = "code"
    x: str | None = None
    y: str | None = None
    crs: str | None = None
    encoding: str | None = None


class AdminConfig(_Section):
    """Administrative boundaries: one file (``path``) or a file for each level (``paths``).

    ``layers`` maps levels to layer names, ``columns`` maps ``code name parent level`` to the names in the file.

    Examples
    --------
    >>> AdminConfig(path="admin.gpkg", layers={"county": "county"}).datum
    'wgs84'
    """

    path: Path | None = None
    paths: dict[Level, Path] = Field(default_factory=dict)
    layers: dict[Level, str] = Field(default_factory=dict)
    columns: dict[Literal["code", "name", "parent", "level"], str] = Field(default_factory=dict)
    level: Level | None = None
    datum: Datum = "wgs84"
    crs: str | None = None
    encoding: str | None = None
    repair: bool = False
    reference: ReferenceConfig | None = None
    pseudo_counties: dict[Code, Code] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_source(self) -> AdminConfig:
        if (self.path is None) == (not self.paths):
            raise ValueError("give either 'path' (one file) or 'paths' (a file for each level)")
        return self


class GridConfig(_Section):
    """The analysis grid; bounds default to the study area.

    Examples
    --------
    >>> GridConfig(resolution=200).crs
    'EPSG:4547'
    """

    crs: str = "EPSG:4547"
    resolution: float = Field(default=100.0, gt=0)
    bounds: tuple[float, float, float, float] | None = None

    @field_validator("crs")
    @classmethod
    def _known_crs(cls, value: str) -> str:
        from pyproj import CRS
        from pyproj.exceptions import CRSError

        try:
            CRS.from_user_input(value)
        except CRSError:
            raise ValueError(f"'{value}' is no coordinate reference system") from None
        return value


class InputConfig(_Section):
    """One entry of the data catalogue: where a file is and what it means.

    Examples
    --------
    >>> InputConfig(path="depth_T100.tif", quantity="flood_depth", units="cm", return_period=100).units
    'cm'
    """

    path: Path
    quantity: str | None = None
    units: str | None = None
    nodata: float | None = None
    return_period: float | None = Field(default=None, gt=0)
    band: int | None = Field(default=None, ge=1)
    variable: str | None = None
    scale: float | None = None
    offset: float | None = None
    layer: str | None = None
    column: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    classes: dict[str, int] = Field(default_factory=dict)
    where: dict[str, list[str]] = Field(default_factory=dict)
    crs: str | None = None
    datum: Datum = "wgs84"
    encoding: str | None = None
    x: str | None = None
    y: str | None = None
    sheet: str | None = None
    header: int | None = Field(default=None, ge=1)
    format: Literal["cma_daily", "station_table"] | None = None
    stations: Path | None = None
    year: int | None = None
    source: str = ""

    @field_validator("classes", mode="before")
    @classmethod
    def _class_text(cls, value: Any) -> Any:
        return {str(key): code for key, code in value.items()} if isinstance(value, dict) else value

    @field_validator("where", mode="before")
    @classmethod
    def _where_lists(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: [str(v) for v in (item if isinstance(item, list) else [item])] for key, item in value.items()}


class HazardConfig(_Section):
    """One hazard of the study: which catalogue entries feed it and what differs from its defaults.

    Examples
    --------
    >>> HazardConfig(hazard="flood", inputs={"depth": ["depth_5", "depth_100"]}).inputs["depth"]
    ('depth_5', 'depth_100')
    """

    hazard: str
    inputs: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    params: dict[str, Any] = Field(default_factory=dict)

    @field_validator("inputs", mode="before")
    @classmethod
    def _lists(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: (item,) if isinstance(item, str) else item for key, item in value.items()}


class PopulationExposure(_Section):
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


class EconomyExposure(_Section):
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


class BuildingsExposure(_Section):
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
    unit_value: float | None = Field(default=None, gt=0)
    factor: str | None = None
    structure: str | None = None
    built_year: str | None = None


class CropsExposure(_Section):
    """Cropland from the classes of a land-cover raster.

    Examples
    --------
    >>> CropsExposure(landcover="landcover").classes
    (10,)
    """

    landcover: str
    classes: tuple[int, ...] = (10,)


class RoadsExposure(_Section):
    """Road lines.

    Examples
    --------
    >>> RoadsExposure(lines="roads").lines
    'roads'
    """

    lines: str


class ExposureConfig(_Section):
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


class WeightsConfig(_Section):
    """Weights of the hazards in the composite: AHP x entropy by default, or fixed ones.

    Examples
    --------
    >>> WeightsConfig().method
    'ahp_entropy'
    """

    method: Literal["ahp_entropy", "fixed", "equal"] = "ahp_entropy"
    a: float | None = Field(default=None, ge=0, le=1)
    fixed: dict[str, float] = Field(default_factory=dict)
    force_inconsistent: bool = False


class RiskConfig(_Section):
    """How hazard, exposure and vulnerability become risk.

    ``combine`` brings the hazards together, as in :func:`riskzoning.risk.combine_hazards`; of its methods those for
    indices of single cells.

    Examples
    --------
    >>> RiskConfig().form
    'weighted_product'
    """

    form: Literal["product", "weighted_sum", "weighted_product"] = "weighted_product"
    combine: Literal["weighted_sum", "weighted_product", "maximum", "inform"] = "weighted_sum"
    receptor_weights: dict[str, float] = Field(default_factory=dict)
    eal_method: Literal["trapezoid", "log-linear"] = "trapezoid"
    eal_tail: bool = True


class ZoningConfig(_Section):
    """Levels and class schemes of the zoning.

    ``frozen`` holds breaks that are applied instead of computed ones: ``{"flood_risk_index": [.2, .4, .6, .8, 1]}``.

    Examples
    --------
    >>> ZoningConfig().scheme
    'natural_breaks'
    """

    levels: tuple[Level, ...] = ("township", "county", "city")
    scheme: Literal["natural_breaks", "quantiles", "equal_interval", "std_mean"] = "natural_breaks"
    frozen: dict[str, tuple[float, ...]] = Field(default_factory=dict)


class MapsConfig(_Section):
    """Printed maps.

    Examples
    --------
    >>> MapsConfig().formats
    ('png',)
    """

    formats: tuple[Literal["png", "pdf", "svg"], ...] = ("png",)
    dpi: int = Field(default=150, ge=50, le=1200)
    size: Literal["A4", "A3", "A1"] = "A3"
    review_number: str | None = None


class OutputsConfig(_Section):
    """What a run writes and where.

    Examples
    --------
    >>> OutputsConfig().folder.name
    'out'
    """

    folder: Path = Path("out")
    maps: MapsConfig | Literal[False] = MapsConfig()
    site: bool = True
    tables: bool = True
    workbook: bool = True
    database: str | Literal[False] = "database.gpkg"


class RunConfig(_Section):
    """How much of the machine a run may use.

    Examples
    --------
    >>> RunConfig().workers
    2
    """

    memory_limit: str | None = None
    workers: int = Field(default=2, ge=1)
    scheduler: str | None = None


class StudyConfig(_Section):
    """A study: everything that study.yaml says, checked.

    Paths are relative to ``base`` (the folder of the file); :meth:`path` resolves them.

    Examples
    --------
    >>> StudyConfig(name="新乡市", code="410700", data_date="2026-06-30", admin={"path": "admin.gpkg"}).title("zh")
    '新乡市'
    """

    name: StudyName
    code: Annotated[Code, Field(pattern=r"^\d{6}$")]
    data_date: datetime.date
    language: Literal["zh", "en"] = "zh"
    seed: int = Field(default=0, ge=0)
    admin: AdminConfig
    grid: GridConfig = GridConfig()
    inputs: dict[str, InputConfig] = Field(default_factory=dict)
    hazards: tuple[HazardConfig, ...] = ()
    not_applicable: tuple[str, ...] = ()
    exposure: ExposureConfig = ExposureConfig()
    surveys: dict[str, Any] = Field(default_factory=dict)
    weights: WeightsConfig = WeightsConfig()
    risk: RiskConfig = RiskConfig()
    zoning: ZoningConfig = ZoningConfig()
    planning: dict[str, Any] = Field(default_factory=dict)
    standards: dict[str, Any] = Field(default_factory=dict)
    outputs: OutputsConfig = OutputsConfig()
    run: RunConfig = RunConfig()
    base: Path = Field(default=Path("."), exclude=True)
    file: str = Field(default="study.yaml", exclude=True)

    @field_validator("name", mode="before")
    @classmethod
    def _one_name(cls, value: Any) -> Any:
        return {"zh": value, "en": value} if isinstance(value, str) else value

    def title(self, lang: str | None = None) -> str:
        """Name of the study area in a language, by default that of the study.

        Examples
        --------
        >>> StudyConfig(name={"en": "X"}, code="410700", data_date="2026-06-30", admin={"path": "a"}).title()
        'X'
        """
        return self.name.in_language(lang or self.language)

    def path(self, path: Path | str) -> Path:
        """A path of the study, made absolute.

        Examples
        --------
        >>> study = StudyConfig(name="X", code=410700, data_date="2026-06-30", admin={"path": "a"}, base="/data")
        >>> study.path("dem.tif").as_posix()
        '/data/dem.tif'
        """
        path = Path(path).expanduser()
        return path if path.is_absolute() else (self.base / path)
