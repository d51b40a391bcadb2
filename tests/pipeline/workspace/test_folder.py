"""What is removed from a run folder is what runs wrote and nobody has changed; links are never followed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from riskzoning.errors import ConfigError
from riskzoning.io.writing.ledger import Ledger
from riskzoning.pipeline.workspace.folder import check_folder, clear, is_log, remove_partial

EVENT = '{"time": "2026-06-30", "event": "step"}\n'


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x", encoding="utf-8")


def ledger_with(folder: Path, *names: str, inputs: tuple[Path, ...] = ()) -> Ledger:
    """A folder in which a run has written these files."""
    write(folder, *names)
    ledger = Ledger(folder)
    for name in names:
        ledger.enter(folder / name, folder / name)
    return Ledger(folder, inputs)


def test_a_folder_in_which_no_run_worked_is_left_alone(tmp_path: Path) -> None:
    names = ("layers/410700_dem.tif", "maps/410700_a.png", "tables/a.csv", "tables.xlsx", "site/index.html", "a.gpkg")
    write(tmp_path, *names, "log.jsonl", ".work/notes.txt", ".work/store/mine.doc")
    (tmp_path / "run.json").write_text(json.dumps({"study": {"code": "410700"}}), encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    assert clear(Ledger(tmp_path)) == []
    assert sorted(tmp_path.rglob("*")) == before


def test_results_go_and_own_files_and_inputs_stay(tmp_path: Path) -> None:
    own = ("layers/410700_a.tif", "maps/410700_a.png", "tables/units_city.csv", "site/index.html", "site/assets/a.js")
    ledger = ledger_with(tmp_path, *own, "layers/410700_i.tif", inputs=(tmp_path / "layers/410700_i.tif",))
    (tmp_path / "log.jsonl").write_text(EVENT, encoding="utf-8")
    others = ("layers/410700_mine.tif", "notes.docx", "maps/410700_annotated.png", "tables/notes.csv", "b.gpkg")
    write(tmp_path, *others, ".work/state.json", ".work/store/slope.tif", ".work/store/mine.doc")
    clear(ledger)
    assert not any((tmp_path / name).exists() for name in (*own, "log.jsonl", ".work/state.json", "site"))
    stay = (*others, "layers/410700_i.tif", ".work/store/mine.doc")
    assert all((tmp_path / name).is_file() for name in stay)


def test_a_log_is_one_when_each_line_is_an_event(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    for text, own in ((EVENT * 2, True), (EVENT + '{"time": "20', True), ("", True), ("mine\n", False),
                      (EVENT + "mine\n" + EVENT, False), ('{"event": "x"}\n', False), ("[" * 9999, False)):  # fmt: skip
        log.write_text(text, encoding="utf-8")
        assert is_log(log) is own, text[:40]


def test_half_written_files_of_a_killed_run_go(tmp_path: Path) -> None:
    half = (
        "layers/.410700_a.0123abcd.tif", "layers/.410700_a.0123abcd.spool.tif", ".run.0123abcd.json",
        ".database.0123abcd.gpkg", ".database.0123abcd.gpkg-journal", "tables/.units_city.0123abcd.csv",
        ".site.0123abcd/index.html",
    )  # fmt: skip
    stay = (".env", ".notes.0123abcd.txt", "layers/.keep", "tables/.notes.20240101.csv", ".mine.20240101.gpkg")
    ledger = ledger_with(tmp_path, "layers/410700_a.tif", "database.gpkg", "tables/units_city.csv")
    write(tmp_path, *half, *stay, ".work/store/.slope.77.tif", ".work/store/slope.tif")
    remove_partial(ledger, "410700")
    assert not any((tmp_path / name).exists() for name in (*half, ".work/store/.slope.77.tif"))
    assert all((tmp_path / name).is_file() for name in (*stay, ".work/store/slope.tif", "database.gpkg"))


@pytest.mark.parametrize(
    "name", ["tables", "site", ".work", ".work/store", "log.jsonl", ".lock", ".work/written.jsonl"]
)
def test_a_run_never_works_behind_a_link(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).symlink_to(tmp_path)
    with pytest.raises(ConfigError) as caught:
        check_folder(folder)
    assert caught.value.problems[0].rule == "output.linked"
    assert caught.value.problems[0].file == str(folder / name)


@pytest.mark.parametrize("name", ["tables", "site", ".work", ".work/store"])
def test_folders_of_a_run_are_folders(name: str, tmp_path: Path) -> None:
    check_folder(tmp_path / "new")
    check_folder(tmp_path)
    write(tmp_path, name)
    with pytest.raises(ConfigError) as caught:
        check_folder(tmp_path)
    assert caught.value.problems[0].rule == "output.not_folder"
