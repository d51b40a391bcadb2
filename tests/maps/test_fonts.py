"""Chinese labels render; boxes are failures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from riskzoning import standards
from riskzoning.maps import fonts
from riskzoning.maps.fonts import cjk_font, fitted, has_glyphs, subset_font, text_size, with_cjk_font


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
        assert mpl.rcParams["text.parse_math"] is False
        assert chinese == (cjk_font() is not None)
    assert list(mpl.rcParams["font.family"]) == before
    assert mpl.rcParams["text.parse_math"] is True


def test_a_minus_sign_has_a_glyph() -> None:
    path = cjk_font()
    if path is None:
        pytest.skip("no Chinese font: install the extra 'fonts'")
    assert has_glyphs(path, "−≤≥–…°′")


def test_text_is_measured_as_it_is_drawn() -> None:
    from matplotlib.figure import Figure

    with with_cjk_font():
        figure = Figure(dpi=72)
        text = figure.text(0.1, 0.5, "Xinxiang 123", fontsize=20)
        figure.canvas.draw()
        assert text_size("Xinxiang 123", 20)[0] == pytest.approx(text.get_window_extent().width, rel=0.05)


@pytest.mark.parametrize("room", [20, 60, 200, 2000])
def test_fitted_text_fits(room: float) -> None:
    text, size = fitted("a long name of a unit with\n many   words", 12, room)
    assert text_size(text, size)[0] <= room
    assert "\n" not in text
    assert size >= 0.7 * 12 - 1e-9


def test_subset_holds_just_the_glyphs_and_the_same_bytes() -> None:
    from matplotlib import font_manager

    path = font_manager.findfont("DejaVu Sans")
    small = subset_font(path, "risk", flavor="woff")
    assert small is not None
    assert len(small) < 20_000
    assert small == subset_font(path, "krsi", flavor="woff")


def test_a_title_is_text_whatever_is_in_it() -> None:
    assert fitted("\x1b[31mCity\nA\u202e $x$", 10, 10_000)[0] == "\\x1b[31mCity A\\u202e $x$"


def collection(folder: Path) -> Path:
    from fontTools.ttLib import TTCollection, TTFont

    path = cjk_font()
    if path is None or Path(path).suffix == ".ttc":
        pytest.skip("no font file with Chinese glyphs; install the extra 'fonts'")
    faces = TTCollection()
    faces.fonts = [TTFont(path), TTFont(path)]
    faces.save(folder / "faces.ttc")
    return folder / "faces.ttc"


def test_a_collection_is_cut_too(tmp_path: Path) -> None:
    cut = subset_font(collection(tmp_path), "新乡", flavor="woff")
    assert cut is not None
    assert cut[:4] == b"wOFF"


def test_a_file_with_one_face_goes_before_a_collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib import font_manager

    several = collection(tmp_path)
    monkeypatch.setattr(font_manager, "findfont", lambda *_, **__: str(several))
    assert cjk_font.__wrapped__() != str(several)
    monkeypatch.setattr(fonts, "_PACKAGED", ("no_such_package", ""))
    assert cjk_font.__wrapped__() == str(several)


def test_chinese_letters_are_drawn_each_as_itself() -> None:
    """Without a Chinese font every letter is the same box."""
    if cjk_font() is None:
        pytest.skip("no font with Chinese glyphs; install the extra 'fonts'")

    def drawn(text: str) -> np.ndarray:
        figure = Figure(figsize=(1, 1), dpi=60)
        canvas = FigureCanvasAgg(figure)
        figure.text(0.5, 0.5, text, fontsize=30, ha="center", va="center")
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())

    with with_cjk_font():
        pictures = [drawn(letter).tobytes() for letter in "新乡灾险高低"]
    assert len(set(pictures)) == len(pictures)
