"""Layers of objects in the section ``exposure:``."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from riskzoning.config import ExposureConfig, ObjectsConfig


def test_one_layer_or_many_by_name_or_with_columns() -> None:
    assert ExposureConfig().objects == ()
    assert ExposureConfig(objects="villages").objects == (ObjectsConfig(layer="villages"),)
    one = ExposureConfig(objects={"layer": "schools", "kind_column": "type", "id": "no"}).objects
    assert one[0].columns == ("type", "no")
    many = ExposureConfig(objects=["villages", {"layer": "railways", "kind": "铁路"}]).objects
    assert [item.kind for item in many] == [None, "铁路"]


def test_unknown_keys_and_a_missing_layer_are_refused() -> None:
    with pytest.raises(ValidationError):
        ExposureConfig(objects={"layer": "schools", "typ": "type"})
    with pytest.raises(ValidationError):
        ExposureConfig(objects={"kind": "school"})
