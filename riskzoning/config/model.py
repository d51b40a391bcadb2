"""The keys of study.yaml, their types and defaults."""

from __future__ import annotations

import datetime
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticKnownError

from riskzoning import standards
from riskzoning.cards import card
from riskzoning.config.custom import CustomConfig
from riskzoning.config.levels import Level, LevelConfig, listed_levels
from riskzoning.config.losses import HistoryConfig
from riskzoning.config.outputs import OutputsConfig, RunConfig
from riskzoning.config.receptors import ExposureConfig
from riskzoning.config.risk import RiskConfig, WeightsConfig
from riskzoning.config.surveys import SurveysConfig
from riskzoning.config.uncertainty import UncertaintyConfig
from riskzoning.config.validation import ValidationConfig
from riskzoning.config.values import AnyReal, Code, File, Seed
from riskzoning.config.weighing import receptor_weights
from riskzoning.config.zones import LandformsConfig, PlanningConfig, PreventionConfig, RegionsConfig
from riskzoning.errors import Problem
from riskzoning.hazards import HAZARDS
from riskzoning.inputs import Real, Section, Share, Whole, Years, one_or_many, refused
from riskzoning.names import Index, indices_of
from riskzoning.results import LEVELS
from riskzoning.standards.own import remember

Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
_CODE = re.compile(r"[0-9]{6}")
# A code of any kind that can stand in the names of files.
_FREE_CODE = re.compile(r"\w[\w.-]{0,39}")


class StudyName(Section):
    """Name of the study area in both languages.

    Examples
    --------
    >>> StudyName(zh="新乡市", en="Xinxiang").in_language("en")
    'Xinxiang'
    """

    zh: str = ""
    en: str = ""

    @model_validator(mode="after")
    def _some_name(self) -> StudyName:
        if not (self.zh or self.en):
            raise refused("study.name_empty")
        return self

    def in_language(self, lang: str) -> str:
        """The name in ``zh`` or ``en``; the other one when it is not given.

        Examples
        --------
        >>> StudyName(zh="新乡市").in_language("en")
        '新乡市'
        """
        return (self.en or self.zh) if lang == "en" else (self.zh or self.en)


class ReferenceConfig(Section):
    """What the boundaries are compared with to prove or disprove a datum offset: another boundary layer, or points.

    Examples
    --------
    >>> ReferenceConfig(path="official.gpkg", layer="county").column
    'code'
    """

    path: File
    layer: str | None = None
    column: str = "code"
    x: str | None = None
    y: str | None = None
    crs: str | None = None
    encoding: str | None = None


class CodesConfig(Section):
    """The table that says which polygon is which unit, where boundaries have no attributes of their own.

    ``key`` is the column of the polygons with an id, or ``fid``, the number that a GIS shows for the feature;
    ``column`` is that of the table, by default of the same name.

    Examples
    --------
    >>> CodesConfig(path="codes.csv").key
    'fid'
    """

    path: File
    key: str = "fid"
    column: str | None = None
    sheet: str | None = None
    encoding: str | None = None


class AdminConfig(Section):
    """Administrative boundaries: one file (``path``) or a file for each level (``paths``).

    ``layers`` maps levels to layer names, ``columns`` maps ``code name parent level`` to the names in the file,
    and ``area`` (km2, as published) where the file states areas that the polygons are to be held against.
    ``profile: cn`` has the levels and codes of China; with ``free`` the study names 1 to 4 nested ``levels`` from
    coarse to fine, and codes are any text. ``source`` says whose boundaries of which edition they are, in at most 200
    characters; it stands on the maps, the page, in the report and in the records.

    Examples
    --------
    >>> AdminConfig(path="admin.gpkg", source="National Catalogue,  2023 edition").source
    'National Catalogue, 2023 edition'
    >>> AdminConfig(path="admin.gpkg", layers={"county": "county"}).datum
    'wgs84'
    >>> AdminConfig(profile="free", levels=["Island", "Parish"], path="a.gpkg", layers={"Parish": "p"}).level_keys
    ('island', 'parish')
    """

    path: File | None = None
    profile: Literal["cn", "free"] = "cn"
    levels: Annotated[tuple[LevelConfig, ...], BeforeValidator(listed_levels)] = Field(default=(), max_length=4)
    paths: dict[Level, File] = Field(default_factory=dict)
    layers: dict[Level, str] = Field(default_factory=dict)
    columns: dict[Literal["code", "name", "parent", "level", "area"], str] = Field(default_factory=dict)
    level: Level | None = None
    datum: Datum = "wgs84"
    crs: str | None = None
    encoding: str | None = None
    codes: CodesConfig | None = None
    repair: bool = False
    reference: ReferenceConfig | None = None
    pseudo_counties: dict[Code, Code] = Field(default_factory=dict)
    source: str = Field(default="", max_length=200)

    @field_validator("source")
    @classmethod
    def _one_line(cls, value: str) -> str:
        # It stands in one line of a map.
        return " ".join(value.split())

    @model_validator(mode="after")
    def _one_source(self) -> AdminConfig:
        if (self.path is None) == (not self.paths):
            raise refused("study.admin_source")
        if self.levels and self.profile == "cn":
            raise refused("study.levels_of_china", levels=LEVELS)
        if self.profile == "free" and not self.levels:
            raise refused("study.levels_missing")
        if self.profile == "free" and self.pseudo_counties:
            raise refused("study.zones_of_china")
        keys = [level.key for level in self.levels]
        if len(set(keys)) < len(keys):
            raise refused("study.levels_twice")
        return self

    @property
    def level_keys(self) -> tuple[str, ...]:
        """Keys of the levels, coarsest first.

        Examples
        --------
        >>> AdminConfig(path="admin.gpkg").level_keys
        ('city', 'county', 'township', 'village')
        """
        return tuple(level.key for level in self.levels) or LEVELS

    @property
    def level_names(self) -> dict[str, dict[str, str]]:
        """Names of the levels in both languages, coarsest first; empty with the levels of China.

        Examples
        --------
        >>> AdminConfig(profile="free", levels=[{"zh": "岛", "en": "Island"}], path="a.gpkg").level_names
        {'island': {'zh': '岛', 'en': 'Island'}}
        """
        return {level.key: {"zh": level.zh, "en": level.en} for level in self.levels}

    def level_key(self, word: str) -> str | None:
        """The level that a word means, by its key or one of its names; None for any other word.

        Examples
        --------
        >>> AdminConfig(profile="free", levels=[{"zh": "岛", "en": "Island"}], path="a.gpkg").level_key("岛")
        'island'
        """
        for level in self.levels:
            if word.strip().lower() in [known.lower() for known in level.words]:
                return level.key
        return word if word in self.level_keys else None


class GridConfig(Section):
    """The analysis grid; bounds default to the study area.

    ``crs`` is projected, in metres; ``auto`` takes the CGCS2000 three-degree belt of the study area.

    Examples
    --------
    >>> GridConfig(resolution=200).crs, GridConfig(crs=4549).crs
    ('auto', 'EPSG:4549')
    """

    crs: str = "auto"
    resolution: Real = Field(default=100.0, gt=0)
    bounds: tuple[Real, Real, Real, Real] | None = None

    @field_validator("crs", mode="before")
    @classmethod
    def _known_crs(cls, value: object) -> object:
        from pyproj import CRS
        from pyproj.exceptions import CRSError

        if value == "auto":
            return value
        try:
            system = CRS.from_user_input(value)
        except CRSError:
            raise refused("study.crs") from None
        if not system.is_projected or any(axis.unit_name != "metre" for axis in system.axis_info[:2]):
            raise refused("study.crs_metres")
        return f"EPSG:{value}" if isinstance(value, int) else value

    @field_validator("bounds")
    @classmethod
    def _ordered(cls, value: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if value is not None and not (value[0] < value[2] and value[1] < value[3]):
            raise refused("study.bounds")
        return value


class InputConfig(Section):
    """One entry of the data catalogue: where a file is and what it means.

    ``terrain`` names the entry of the DEM over which the depths of a plan of HEC-RAS are taken, cell by cell.
    ``year`` is the year that the data stand for, up to that of the study's data date; ``source`` says who gave them.
    Both stand in the run record, and ``source`` in the attributes of the layer.

    Examples
    --------
    >>> InputConfig(path="depth_T100.tif", quantity="flood_depth", units="cm", return_period=100).units
    'cm'
    """

    path: File
    quantity: str | None = None
    units: str | None = None
    nodata: AnyReal | None = None
    return_period: Years | None = Field(default=None, gt=0)
    band: Whole | None = Field(default=None, ge=1)
    variable: str | None = None
    scale: Real | None = None
    offset: Real | None = None
    dry_is_nodata: bool | None = None
    terrain: str | None = None
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
    header: Whole | None = Field(default=None, ge=1)
    format: Literal["cma_daily", "station_table", "ghcn_daily", "isd_lite", "gridded"] | None = None
    stations: File | None = None
    element_units: dict[str, str] = Field(default_factory=dict)
    accumulated: bool = False
    year: Whole | None = None
    source: str = ""

    @field_validator("classes", mode="before")
    @classmethod
    def _class_text(cls, value: object) -> object:
        return {str(key): code for key, code in value.items()} if isinstance(value, dict) else value

    @field_validator("where", mode="before")
    @classmethod
    def _where_lists(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {key: [str(v) for v in (item if isinstance(item, list) else [item])] for key, item in value.items()}


class HazardConfig(Section):
    """One hazard of the study: which catalogue entries feed it and what differs from its defaults.

    ``receptors`` are the weights of the receptors in the risk of this hazard, in place of ``risk: receptor_weights``.

    Examples
    --------
    >>> HazardConfig(hazard="flood", inputs={"depth": ["depth_5", "depth_100"]}).inputs["depth"]
    ('depth_5', 'depth_100')
    """

    hazard: str
    inputs: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    params: dict[str, Any] = Field(default_factory=dict)
    receptors: dict[str, Annotated[Share, Field(ge=0)]] = Field(default_factory=dict)
    custom: CustomConfig | None = None

    @model_validator(mode="after")
    def _own(self) -> HazardConfig:
        if self.custom is not None:
            remember({self.hazard: self.custom.definition(self.hazard)})
        return self

    @field_validator("inputs", mode="before")
    @classmethod
    def _lists(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {key: (item,) if isinstance(item, str) else item for key, item in value.items()}


class GradesConfig(Section):
    """How the risk of one hazard is graded.

    ``risk_scheme``: by ``fixed`` limits in five classes; with the four classes of its ``sector`` for geology, flood and
    forest fire; or ``ranked``, by ``zoning: scheme`` within the city. The table ``grades/risk_index`` has the limits.

    Examples
    --------
    >>> GradesConfig().risk_scheme
    'fixed'
    """

    risk_scheme: Literal["fixed", "sector", "ranked"] = "fixed"


class ZoningConfig(Section):
    """Levels and class schemes of the zoning; without ``levels`` every level of the boundaries is published.

    ``frozen`` holds breaks that are applied instead of computed ones: ``{"flood_risk_index": [.2, .4, .6, .8, 1]}``.
    ``zones: false`` leaves out the risk regions and prevention zones; the other sections say how they are made.

    Examples
    --------
    >>> ZoningConfig().scheme
    'natural_breaks'
    """

    levels: Annotated[tuple[str, ...], BeforeValidator(one_or_many)] | None = Field(default=None, min_length=1)
    scheme: Literal["natural_breaks", "quantiles", "equal_interval", "std_mean"] = "natural_breaks"
    frozen: dict[str, tuple[Real, ...]] = Field(default_factory=dict)
    zones: bool = True
    landforms: LandformsConfig = LandformsConfig()
    regions: RegionsConfig = RegionsConfig()
    prevention: PreventionConfig = PreventionConfig()

    @field_validator("levels")
    @classmethod
    def _each_once(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and len(set(value)) < len(value):
            raise refused("study.levels_twice")
        return value


class StudyConfig(Section):
    """A study: everything that study.yaml says, checked.

    Paths are relative to ``base`` (the folder of the file); :meth:`path` resolves them.

    Examples
    --------
    >>> StudyConfig(name="新乡市", code="410700", data_date="2026-06-30", admin={"path": "admin.gpkg"}).title("zh")
    '新乡市'
    """

    name: StudyName
    # Before the code: it says how a code looks.
    admin: AdminConfig
    code: Code
    data_date: datetime.date
    language: Literal["zh", "en"] = "zh"
    seed: Seed = 0
    grid: GridConfig = GridConfig()
    inputs: dict[str, InputConfig] = Field(default_factory=dict)
    hazards: tuple[HazardConfig, ...] = ()
    not_applicable: Annotated[tuple[str, ...], BeforeValidator(one_or_many)] = ()
    exposure: ExposureConfig = ExposureConfig()
    surveys: SurveysConfig = SurveysConfig()
    history: HistoryConfig | None = None
    weights: WeightsConfig = WeightsConfig()
    risk: RiskConfig = RiskConfig()
    grades: GradesConfig = GradesConfig()
    zoning: ZoningConfig = ZoningConfig()
    planning: PlanningConfig = PlanningConfig()
    uncertainty: UncertaintyConfig = UncertaintyConfig()
    validation: ValidationConfig = ValidationConfig()
    standards: dict[str, Any] = Field(default_factory=dict)
    outputs: OutputsConfig = OutputsConfig()
    run: RunConfig = RunConfig()
    base: Path = Field(default=Path("."), exclude=True)
    file: str = Field(default="study.yaml", exclude=True)
    notes: tuple[Problem, ...] = Field(default=(), exclude=True)

    @field_validator("name", mode="before")
    @classmethod
    def _one_name(cls, value: object) -> object:
        return {"zh": value, "en": value} if isinstance(value, str) and value.strip() else value

    @field_validator("code")
    @classmethod
    def _form_of_code(cls, value: str, info: ValidationInfo) -> str:
        admin = info.data.get("admin")
        if admin is not None and admin.profile == "free":
            if not _FREE_CODE.fullmatch(value):
                raise refused("study.free_code")
        elif not _CODE.fullmatch(value):
            raise PydanticKnownError("string_pattern_mismatch", {"pattern": _CODE.pattern})
        return value

    @property
    def published_levels(self) -> tuple[str, ...]:
        """Keys of the levels that the study publishes, as it names them; all of them when it names none.

        Examples
        --------
        >>> StudyConfig(name="X", code=410700, data_date="2026-06-30", admin={"path": "a"}).published_levels
        ('city', 'county', 'township', 'village')
        """
        if self.zoning.levels is None:
            return self.admin.level_keys
        return tuple(self.admin.level_key(word) or word for word in self.zoning.levels)

    def title(self, lang: str | None = None) -> str:
        """Name of the study area in a language, by default that of the study.

        Examples
        --------
        >>> StudyConfig(name={"en": "X"}, code="410700", data_date="2026-06-30", admin={"path": "a"}).title()
        'X'
        """
        return self.name.in_language(lang or self.language)

    @property
    def indices(self) -> tuple[Index, ...]:
        """Every index that a run of the study can have, that of all hazards together last.

        Examples
        --------
        >>> study = {"name": "X", "code": "410700", "data_date": "2026-06-30", "admin": {"path": "a"}}
        >>> [index.key for index in StudyConfig(**study, hazards=[{"hazard": "flood"}]).indices]
        ['flood_hazard_index', 'flood_risk_index', 'multi_hazard_index', 'multi_risk_index']
        """
        every = indices_of([HAZARDS[item.hazard].index for item in self.hazards], self.exposure.receptors)
        if self.grades.risk_scheme != "sector":
            return every
        named = standards.table("grades/risk_index").data["sector"]["hazards"]
        schemes = {name: HAZARDS[name].index.scheme for name in named if name in HAZARDS}
        own = [index.what == "risk" and index.hazard in schemes for index in every]
        return tuple(
            replace(index, scheme=schemes[index.hazard]) if sector else index
            for index, sector in zip(every, own, strict=True)
        )

    def receptor_weights(self, hazard: str) -> dict[str, float] | None:
        """Weights of the receptors in the risk of a hazard; None: those of ``weights/receptors``.

        Examples
        --------
        >>> given = {"name": "X", "code": 410700, "data_date": "2026-06-30", "admin": {"path": "a"}}
        >>> study = StudyConfig(**given, hazards=[{"hazard": "flood", "receptors": {"roads": 1}}])
        >>> study.receptor_weights("flood"), study.receptor_weights("geology")
        ({'roads': 1.0}, None)
        """
        stated, receptors = self.risk.receptor_weights, self.exposure.receptors
        return receptor_weights(hazard, hazards=self.hazards, stated=stated, receptors=receptors)

    @property
    def replaced_tables(self) -> dict[str, Any]:
        """Tables of standards that the study replaces, e.g. ``weights/hazards``: absolute paths, or the mapping itself.

        Examples
        --------
        >>> own = {"weights/hazards": "own.yml"}
        >>> given = {"name": "X", "code": 410700, "data_date": "2026-06-30", "admin": {"path": "a"}, "base": "/d"}
        >>> study = StudyConfig(**given, standards=own)
        >>> study.replaced_tables["weights/hazards"].as_posix()
        '/d/own.yml'
        """
        given = {name: self.path(value) if isinstance(value, str) else value for name, value in self.standards.items()}
        custom = {item.hazard: item.custom.definition(item.hazard) for item in self.hazards if item.custom is not None}
        if not custom:
            return given
        title = {"title": "Hazards that the study defines", "source": self.file}
        return {**given, standards.OWN_TABLE: {**title, "data": custom}}

    def path(self, path: Path | str) -> Path:
        """A path of the study, relative to its file; ``~`` and environment variables are filled in.

        Examples
        --------
        >>> study = StudyConfig(name="X", code=410700, data_date="2026-06-30", admin={"path": "a"}, base="/data")
        >>> study.path("dem.tif").as_posix()
        '/data/dem.tif'
        """
        path = Path(os.path.expandvars(path)).expanduser()
        return path if path.is_absolute() else (self.base / path)

    def _repr_html_(self) -> str:
        """What a notebook shows: what the study is of and how much is in it."""
        hazards = ", ".join(standards.names("hazard", item.hazard, self.language) for item in self.hazards)
        rows = (
            ("date", self.data_date), ("hazards", hazards), ("inputs", len(self.inputs)),
            ("receptors", ", ".join(sorted(self.exposure.model_fields_set))),
            ("grid", f"{self.grid.crs}, {self.grid.resolution:g} m"), ("file", self.base / self.file),
        )  # fmt: skip
        return card(f"StudyConfig {self.title(self.language)} {self.code}", rows, lang=self.language)

    def with_(self, **changes: Any) -> StudyConfig:
        """The same study with some keys changed, checked like study.yaml: for a what-if beside the first run.

        Parameters
        ----------
        **changes
            Top-level keys of study.yaml. A mapping changes the keys that it names and keeps the others, at any depth; a
            list or a value takes the place of the old one; ``None`` is the default. ``weights`` with another method,
            other numbers or another matrix replaces the way of weighing before it.

        Raises
        ------
        ConfigError
            With every problem that the same keys would have in study.yaml.

        Examples
        --------
        >>> study = StudyConfig(name="X", code=410700, data_date="2026-06-30", admin={"path": "."})
        >>> study.with_(risk={"combine": "maximum"}).risk.combine, study.risk.combine
        ('maximum', 'weighted_sum')
        """
        from riskzoning.config.changing import changed_study

        return changed_study(self, changes)
