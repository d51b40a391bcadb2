"""The sample city and large samples: data to try every part of the package on, made up and labelled so.

``sample_study`` names the study that ships and ``city_units`` gives its units; ``write_large`` makes a province or a
nation for benchmarks, ``toy_city`` and ``toy_result`` give values in memory. What made the sample city stands in
``data/samples/make`` of the repository.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.samples.large import large_units, write_large
from riskzoning.samples.study import city_units, sample_study
from riskzoning.samples.toy import ToyCity, toy_city
from riskzoning.samples.toy_result import toy_result

__all__ = [
    "ToyCity",
    "city_units",
    "large_units",
    "sample_study",
    "toy_city",
    "toy_result",
    "write_large",
]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
