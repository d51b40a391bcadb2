"""Values of small layers stay in memory by their file, and no longer than that is what it was."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from riskzoning.pipeline.workspace import values


def band(value: float, cells: int = 4) -> np.ndarray:
    return np.full((1, cells), value, np.float32)


def written(path: Path, value: float) -> Path:
    path.write_bytes(np.float32(value).tobytes())
    return path


def test_what_was_written_or_read_is_held_by_its_file_and_by_copies_of_it(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tif", 1)
    assert values.recall(path) is None
    held = band(1)
    values.remember(path, [held])
    assert values.recall(path)[0] is held
    os.link(path, tmp_path / "link.tif")
    assert values.recall(tmp_path / "link.tif")[0] is held
    copy = tmp_path / "copy.tif"
    shutil.copyfile(path, copy)
    assert values.recall(copy) is None
    values.copied(path, copy)
    assert values.recall(copy)[0] is held


def test_a_file_that_was_put_anew_or_written_into_is_read_again(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tif", 1)
    values.remember(path, [band(1)])
    os.replace(written(tmp_path / "b.tif", 2), path)
    assert values.recall(path) is None
    values.remember(path, [band(2)])
    later = path.stat().st_mtime_ns + 1
    written(path, 3)
    os.utime(path, ns=(later, later))
    assert values.recall(path) is None
    path.unlink()
    assert values.recall(path) is None
    values.copied(path, tmp_path / "b.tif")
    assert values.recall(tmp_path / "b.tif") is None


def test_values_that_somebody_has_changed_are_read_again(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tif", 1)
    held = band(1)
    values.remember(path, [held])
    held[0, 2] = 7
    assert values.recall(path) is None


def test_the_oldest_is_let_go_and_shared_values_count_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "_MOST", 4 * 4 * 2)
    for name, empty in (("_held", type(values._held)()), ("_users", type(values._users)()), ("_bytes", 0)):
        monkeypatch.setattr(values, name, empty)
    one, two, three = (written(tmp_path / f"{number}.tif", number) for number in range(3))
    values.remember(one, [band(0)])
    shutil.copyfile(one, tmp_path / "same.tif")
    values.copied(one, tmp_path / "same.tif")
    values.remember(two, [band(1)])
    assert values.recall(one) is not None
    assert values.recall(tmp_path / "same.tif") is not None
    values.remember(three, [band(2)])
    assert values.recall(two) is None
    assert values.recall(three) is not None
    # What is let go makes room for the next.
    values.remember(two, [band(1)])
    assert values.recall(one) is None
    assert values.recall(two) is not None
    assert values.recall(three) is not None
