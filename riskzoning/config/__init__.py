"""study.yaml becomes checked values: the only place where a user's text is read as settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.config.basemap import BasemapConfig, SiteConfig
from riskzoning.config.levels import LevelConfig
from riskzoning.config.loading import ParsedStudy, load_study, parse_study
from riskzoning.config.losses import HistoryConfig, ProtectionConfig, SectorConfig
from riskzoning.config.model import (
    AdminConfig,
    CodesConfig,
    GradesConfig,
    GridConfig,
    HazardConfig,
    InputConfig,
    ReferenceConfig,
    StudyConfig,
    StudyName,
    ZoningConfig,
)
from riskzoning.config.objects import ObjectsConfig
from riskzoning.config.outputs import MapsConfig, OutputsConfig, RunConfig
from riskzoning.config.receptors import ExposureConfig
from riskzoning.config.references import reference_problems
from riskzoning.config.risk import CapacityConfig, ChainsConfig, RiskConfig, WeightsConfig
from riskzoning.config.validation import EventsConfig, ValidationConfig
from riskzoning.config.zones import (
    LandformsConfig,
    LandformWords,
    PlanConfig,
    PlanningConfig,
    PreventionConfig,
    RegionsConfig,
)
from riskzoning.faces import missing

__all__ = [
    "AdminConfig",
    "BasemapConfig",
    "CapacityConfig",
    "ChainsConfig",
    "CodesConfig",
    "EventsConfig",
    "ExposureConfig",
    "GradesConfig",
    "GridConfig",
    "HazardConfig",
    "HistoryConfig",
    "InputConfig",
    "LandformWords",
    "LandformsConfig",
    "LevelConfig",
    "MapsConfig",
    "ObjectsConfig",
    "OutputsConfig",
    "ParsedStudy",
    "PlanConfig",
    "PlanningConfig",
    "PreventionConfig",
    "ProtectionConfig",
    "ReferenceConfig",
    "RegionsConfig",
    "RiskConfig",
    "RunConfig",
    "SectorConfig",
    "SiteConfig",
    "StudyConfig",
    "StudyName",
    "ValidationConfig",
    "WeightsConfig",
    "ZoningConfig",
    "load_study",
    "parse_study",
    "reference_problems",
]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
