"""Archives that would fill memory."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from riskzoning import limits
from riskzoning.errors import LayerError
from riskzoning.io import unpacking
from riskzoning.io.unpacking import check_unpacked


def packed(path: Path, *members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(members):
            archive.writestr(f"{number}.txt", content)
    return path


def test_a_member_far_larger_than_packed_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(packed(tmp_path / "a.zip", b"0" * 20_000_000)) as archive, pytest.raises(LayerError) as caught:
        check_unpacked(tmp_path / "a.zip", archive)
    (problem,) = caught.value.problems
    assert problem.rule == "archive.bomb"
    assert "'0.txt' of 20 MB" in problem.found


def test_small_members_and_a_sound_sum_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(packed(tmp_path / "a.zip", b"0" * 1_000_000, b"1 2 3\n")) as archive:
        check_unpacked(tmp_path / "a.zip", archive)
        monkeypatch.setattr(unpacking, "UNPACKED_BYTES", 500_000)
        with pytest.raises(LayerError, match="unpacked"):
            check_unpacked(tmp_path / "a.zip", archive)
    assert limits.UNPACKED_BYTES > 500_000
