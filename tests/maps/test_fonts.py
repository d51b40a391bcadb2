"""Chinese labels render; boxes are failures."""

from __future__ import annotations

import pytest

from riskzoning import standards
from riskzoning.maps.fonts import cjk_font, has_glyphs, with_cjk_font


def test_font_has_every_character_of_names_and_schemes() -> None:
    path = cjk_font()
    if path is None:
        pytest.skip("no font with Chinese glyphs; install the extra 'fonts'")
    words = [str(standards.table(name).data) for name in ("names/maps", "names/common", "grades/schemes", "names/site")]
    words += ["郾圪垱峪鄘", "≤–°′"]
    text = "".join(letter for letter in "".join(words) if ord(letter) > 127)
    assert has_glyphs(path, text)


def test_without_glyphs_is_told() -> None:
    from matplotlib import font_manager

    assert not has_glyphs(font_manager.findfont("DejaVu Sans"), "新乡")


def test_settings_are_restored() -> None:
    import matplotlib as mpl

    before = list(mpl.rcParams["font.family"])
    with with_cjk_font() as chinese:
        assert mpl.rcParams["axes.unicode_minus"] is False
        assert chinese == (cjk_font() is not None)
    assert list(mpl.rcParams["font.family"]) == before
