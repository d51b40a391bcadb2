"""The section of the surveys."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from riskzoning.config.surveys import SurveysConfig


def test_one_file_or_many_and_none() -> None:
    assert SurveysConfig(files="a").files == (Path("a"),)
    assert SurveysConfig(files=["a", "b"]).files == (Path("a"), Path("b"))
    assert not SurveysConfig()
    assert SurveysConfig(files="a")


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError):
        SurveysConfig(folder="a")  # type: ignore[call-arg]
