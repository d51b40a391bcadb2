"""Sizes and numbers of study.yaml."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from riskzoning.config import RunConfig
from riskzoning.config.values import File, size_in_bytes


@pytest.mark.parametrize(
    ("text", "size"), [("2 GB", 2e9), ("2GiB", 2 * 1024**3), ("512 mb", 512e6), (2_000_000_000, 2e9), ("1.5gb", 1.5e9)]
)
def test_sizes_are_read(text: object, size: float) -> None:
    assert size_in_bytes(text) == size


@pytest.mark.parametrize("text", ["2 potatoes", "-1GB", "nan gb", "0", "", "GB", True, "1 kb", "1e30 gb"])
def test_what_is_no_size_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="64 MB"):
        size_in_bytes(text)


def test_memory_has_a_default_and_a_floor() -> None:
    assert RunConfig().memory_bytes == 1536 * 1024**2
    with pytest.raises(ValidationError, match="64 MB"):
        RunConfig(memory_limit="1 kb")


def test_a_list_of_paths_is_told_how_tiles_are_named() -> None:
    with pytest.raises(ValidationError) as error:
        TypeAdapter(File).validate_python(["a.tif", "b.tif"])
    assert error.value.errors()[0]["type"] == "study.path_list"
