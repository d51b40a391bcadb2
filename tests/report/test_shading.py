"""Letters on the colours of classes can be read."""

from __future__ import annotations

import pytest

from riskzoning.report.shading import is_dark


@pytest.mark.parametrize(("colour", "dark"), [("d7191c", True), ("FFFFBF", False), ("08306B", True), ("", False)])
def test_white_letters_on_dark_colours(colour: str, dark: bool) -> None:
    assert is_dark(colour) is dark
