"""What a run writes and where, and what it may use."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from riskzoning.config.outputs import OutputsConfig, RunConfig


def test_maps_are_a_section_or_off() -> None:
    assert OutputsConfig(maps=True).maps == OutputsConfig().maps
    assert OutputsConfig(maps=False).maps is False
    assert OutputsConfig(maps={"formats": "png"}).maps.formats == ("png",)


@pytest.mark.parametrize("target", ["database.txt", "mysql://server/db", 5])
def test_a_database_is_a_geopackage_or_a_server(target: object) -> None:
    assert OutputsConfig(database=True).database == "database.gpkg"
    with pytest.raises(ValidationError) as caught:
        OutputsConfig(database=target)
    assert caught.value.errors()[0]["type"] == "study.database_target"


def test_memory_is_a_size() -> None:
    assert RunConfig(memory_limit="1 GiB").memory_bytes == 1024**3
    with pytest.raises(ValidationError):
        RunConfig(memory_limit="a lot")
