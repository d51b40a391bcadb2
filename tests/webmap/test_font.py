"""The font of the page has the glyphs that it shows and no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskzoning.webmap.font import write_font


def test_font_is_a_small_part(tmp_path: Path) -> None:
    if not write_font("新乡市", tmp_path / "font.woff2"):
        pytest.skip("the extra 'fonts' is not installed")
    assert (tmp_path / "font.woff2").stat().st_size < 100_000


def test_without_a_font_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskzoning.webmap.font.cjk_font", lambda: None)
    assert not write_font("新乡市", tmp_path / "font.woff2")
    assert not (tmp_path / "font.woff2").exists()
