"""Levels are drawn by their place, whatever they are called."""

from __future__ import annotations

import pytest

from riskzoning.maps.ranks import ranks_of, within


@pytest.mark.parametrize(
    ("levels", "ranks"),
    [
        (("city", "county", "township"), ["city", "county", "township"]),
        (("county",), ["county"]),
        (("island", "parish"), ["city", "county"]),
        (("parish",), ["county"]),
        (("a", "b", "c", "d"), ["city", "county", "township", "township"]),
        (("county", "ward"), ["city", "county"]),
    ],
)
def test_levels_have_the_style_of_their_place(levels: tuple[str, ...], ranks: list[str]) -> None:
    assert list(ranks_of(levels).values()) == ranks


def test_a_name_is_small_inside_a_sentence_unless_it_is_an_abbreviation() -> None:
    assert [within(name) for name in ("Parish", "LGA", "教区", "")] == ["parish", "LGA", "教区", ""]
