"""A sheet is taken over when its content is the same and nobody has changed its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskzoning import io
from riskzoning.io.writing.ledger import Ledger, recording
from riskzoning.pipeline.workspace.sheets import Sheets, lay_aside


def printed(folder: Path) -> Ledger:
    """A run that has printed two sheets."""
    ledger = Ledger(folder)
    sheets = Sheets(folder)
    with recording(ledger):
        for stem in ("flood", "multi"):
            for suffix in ("png", "pdf"):
                with io.atomic(folder / "maps" / f"{stem}.{suffix}") as partial:
                    Path(partial).write_text(f"{stem} {suffix}", encoding="utf-8")
            sheets.printed[stem] = {"key": f"key of {stem}", "tables": ["palettes/grades"]}
    (folder / ".work").mkdir(exist_ok=True)
    sheets.settle()
    return ledger


@pytest.mark.parametrize("move", [True, False])
def test_a_sheet_of_the_same_content_is_put_in_its_place(tmp_path: Path, *, move: bool) -> None:
    old = printed(tmp_path / "old")
    new = old if move else Ledger(tmp_path / "new")
    lay_aside(new, tmp_path / "old", move=move)
    sheets = Sheets(new.folder)
    with recording(new):
        assert sheets.taken("multi", "another key", ("png",)) is None
        files = sheets.taken("flood", "key of flood", ("png", "pdf"))
    assert files is not None
    assert [path.read_text(encoding="utf-8") for path in files] == ["flood png", "flood pdf"]
    assert all(new.is_own(path) for path in files)
    assert sheets.tables("flood") == ["palettes/grades"]
    sheets.settle()
    assert not sheets.aside.exists()
    assert (tmp_path / "old" / "maps" / "multi.png").exists() is not move


def test_a_sheet_that_somebody_has_changed_or_that_lacks_a_format_is_drawn(tmp_path: Path) -> None:
    printed(tmp_path / "old")
    (tmp_path / "old" / "maps" / "flood.png").write_text("mine", encoding="utf-8")
    (tmp_path / "old" / "maps" / "multi.pdf").unlink()
    lay_aside(Ledger(tmp_path / "new"), tmp_path / "old", move=False)
    sheets = Sheets(tmp_path / "new")
    assert sheets.taken("flood", "key of flood", ("png",)) is None
    assert sheets.taken("multi", "key of multi", ("png", "pdf")) is None
