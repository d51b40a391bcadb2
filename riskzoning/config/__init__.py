"""study.yaml becomes checked values: the only place where a user's text is read as settings."""

from __future__ import annotations

from riskzoning.config.loading import ParsedStudy, load_study, parse_study
from riskzoning.config.model import (
    AdminConfig,
    BuildingsExposure,
    CropsExposure,
    EconomyExposure,
    ExposureConfig,
    GridConfig,
    HazardConfig,
    InputConfig,
    MapsConfig,
    OutputsConfig,
    PopulationExposure,
    ReferenceConfig,
    RiskConfig,
    RoadsExposure,
    RunConfig,
    StudyConfig,
    StudyName,
    WeightsConfig,
    ZoningConfig,
)

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
    "ParsedStudy",
    "PopulationExposure",
    "ReferenceConfig",
    "RiskConfig",
    "RoadsExposure",
    "RunConfig",
    "StudyConfig",
    "StudyName",
    "WeightsConfig",
    "ZoningConfig",
    "load_study",
    "parse_study",
]
