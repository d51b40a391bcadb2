"""What a caller may say about a map: plain values with the usual defaults, that cannot change under a map."""

from __future__ import annotations

import dataclasses

import pytest

from riskzoning.maps import Legend, MapNotes, Panel, Sheet


@pytest.mark.parametrize("value", [Legend(), Panel(), Sheet(), MapNotes()])
def test_options_are_frozen(value: object) -> None:
    name = dataclasses.fields(value)[0].name  # type: ignore[arg-type]
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, None)


def test_defaults_are_a_risk_map_on_a3_without_a_review_number() -> None:
    assert (Legend().scheme, Legend().closed) == ("risk_5", "right")
    assert (Sheet().size, Sheet().crs) == ("A3", None)
    assert Sheet().notes.review_number is None
