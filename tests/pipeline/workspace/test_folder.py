"""What is removed from a run folder is what runs made, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

from riskzoning.pipeline.workspace.folder import clear, is_run_folder, remove_partial


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x", encoding="utf-8")


def test_a_folder_in_which_no_run_worked_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, "layers/410700_dem.tif", "maps/410700_a.png", "tables/a.csv", "tables.xlsx")
    before = sorted(tmp_path.rglob("*"))
    assert not is_run_folder(tmp_path)
    assert clear(tmp_path) == []
    assert sorted(tmp_path.rglob("*")) == before


def test_results_go_and_own_files_and_inputs_stay(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"study": {"code": "410700"}}), encoding="utf-8")
    own = ("layers/410700_a.tif", "maps/410700_a.png", "tables/units_city.csv", "site/index.html", "log.jsonl")
    others = ("layers/dem.tif", "notes.docx", "maps/mine.png", "admin.gpkg", "layers/410700_input.tif")
    write(tmp_path, *own, *others, ".work/state.json")
    clear(tmp_path, keep=[tmp_path / "layers/410700_input.tif"])
    assert not any((tmp_path / name).exists() for name in (*own, "run.json", ".work", "tables", "site"))
    assert all((tmp_path / name).is_file() for name in others)


def test_half_written_files_of_a_killed_run_go(tmp_path: Path) -> None:
    half = ("layers/.410700_a.0123abcd.tif", "layers/.410700_a.0123abcd.spool.tif", ".run.0123abcd.json")
    stay = ("layers/410700_a.tif", ".env", ".notes.0123abcd.txt", "layers/.keep")
    write(tmp_path, *half, *stay, ".work/store/.slope.77.tif", ".work/store/slope.tif")
    remove_partial(tmp_path, "410700")
    assert not any((tmp_path / name).exists() for name in (*half, ".work/store/.slope.77.tif"))
    assert all((tmp_path / name).is_file() for name in (*stay, ".work/store/slope.tif"))
