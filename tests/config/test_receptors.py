"""What is exposed: each receptor says what it is read from."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from riskzoning.config import CropsExposure, ExposureConfig, PopulationExposure


def test_receptors_keep_their_order_and_need_a_source() -> None:
    given = ExposureConfig(roads={"lines": "roads"}, population={"table": "people"})  # type: ignore[arg-type]
    assert given.receptors == ("population", "roads")
    with pytest.raises(ValidationError, match="give 'raster'"):
        PopulationExposure()


def test_one_class_of_crops_may_be_written_without_a_list() -> None:
    assert CropsExposure(landcover="cover", classes=10).classes == (10,)  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        CropsExposure(landcover="cover", classes=())
