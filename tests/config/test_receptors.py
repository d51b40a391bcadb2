"""What is exposed: the keys follow from the registry of receptors, each says what it is read from."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from riskzoning.config import ExposureConfig
from riskzoning.exposure import RECEPTORS


def test_every_receptor_of_the_registry_is_a_key() -> None:
    assert list(ExposureConfig.model_fields) == [*RECEPTORS, "objects"]
    with pytest.raises(ValidationError, match="harbours"):
        ExposureConfig(harbours={"points": "a"})


def test_receptors_keep_their_order_and_need_a_source() -> None:
    given = ExposureConfig(roads={"lines": "roads"}, population={"table": "people"})
    assert given.receptors == ("population", "roads")
    assert given.params("population").column == "pop"
    with pytest.raises(KeyError):
        given.params("crops")
    with pytest.raises(ValidationError, match=r"'raster' .counts. or 'table'"):
        ExposureConfig(population={})


def test_one_class_of_crops_may_be_written_without_a_list() -> None:
    assert ExposureConfig(crops={"landcover": "cover", "classes": 10}).params("crops").classes == (10,)
    with pytest.raises(ValidationError):
        ExposureConfig(crops={"landcover": "cover", "classes": ()})
