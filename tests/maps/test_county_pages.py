"""What is written on colours can be read, whatever they are."""

from __future__ import annotations

import pytest
from matplotlib.colors import to_rgb

from riskzoning import standards
from riskzoning.maps.county_pages import _readable


def luminance(colour: str) -> float:
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize(
    "palette", ["risk_5", "flood", "earthquake", "geology", "meteorology", "forest_fire", "drought"]
)
def test_letters_stand_out_from_the_colour_below_them(palette: str) -> None:
    for colour in standards.table("palettes/grades").data[palette]:
        one, other = sorted([luminance(colour), luminance(_readable(colour))])
        # WCAG 2.1, 1.4.3: large text and figures.
        assert (other + 0.05) / (one + 0.05) >= 3.0, colour
