"""Only what a run wrote, unchanged, is replaced or removed; a manifest from elsewhere steers nothing."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import warnings
from pathlib import Path

import pytest

from riskzoning import io
from riskzoning.errors import ConfigError, Journal, hearing
from riskzoning.io.writing.ledger import MANIFEST, Ledger, ledger_of, recording, remove_unfinished


def written(folder: Path, name: str, text: str = "result") -> Path:
    with io.atomic(folder / name) as partial:
        partial.write_text(text, encoding="utf-8")
    return folder / name


def test_what_is_written_is_entered_and_goes_when_it_is_unchanged(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    with recording(ledger):
        for name in ("tables/a.csv", "tables/b.csv"):
            written(tmp_path, name)
    written(tmp_path, "tables/c.csv")  # nobody has recorded it
    (tmp_path / "tables/b.csv").write_text("my notes", encoding="utf-8")
    assert Ledger(tmp_path).clear() == [tmp_path / "tables/a.csv"]
    assert sorted(path.name for path in tmp_path.rglob("*")) == [".work", "b.csv", "c.csv", "tables"]


def test_what_another_process_of_the_run_has_written_goes_with_it(tmp_path: Path) -> None:
    ours = Ledger(tmp_path)
    with recording(ours):
        written(tmp_path, "tables/a.csv")
    with recording(Ledger(tmp_path)):  # as a process that draws sheets ahead has it
        written(tmp_path, "maps/a.png")
    assert ours.clear() == [tmp_path / "maps/a.png", tmp_path / "tables/a.csv"]


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_lies_in_the_place_of_a_result_is_kept_and_told(kind: str, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    place, mine = tmp_path / "out" / "a.csv", tmp_path / "mine"
    mine.write_text("mine", encoding="utf-8")
    if kind == "file":
        place.write_text("mine", encoding="utf-8")
    elif kind == "folder":
        place.mkdir()
        (place / "x").write_text("mine", encoding="utf-8")
    else:
        place.symlink_to(mine)
    (tmp_path / "out" / "a.kept-1.csv").touch()
    with hearing(Journal()) as journal, recording(Ledger(tmp_path / "out")):
        written(tmp_path / "out", "a.csv")
        written(tmp_path / "out", "a.csv", "again")  # what the run itself wrote gives way
    assert place.read_text(encoding="utf-8") == "again"
    kept = tmp_path / "out" / "a.kept-2.csv"
    assert (kept / "x" if kind == "folder" else kept).read_text(encoding="utf-8") == "mine"
    assert mine.read_text(encoding="utf-8") == "mine"
    assert [(item.rule, dict(item.values)["kept"]) for item in journal.warnings] == [("output.kept", "a.kept-2.csv")]


def test_a_database_that_somebody_works_in_is_kept_with_its_log(tmp_path: Path) -> None:
    with recording(Ledger(tmp_path)):
        written(tmp_path, "a.gpkg")
        (tmp_path / "a.gpkg-wal").write_text("changes", encoding="utf-8")
        assert Ledger(tmp_path).clear() == []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            written(tmp_path, "a.gpkg", "new")
    assert (tmp_path / "a.kept-1.gpkg").read_text(encoding="utf-8") == "result"
    assert (tmp_path / "a.kept-1.gpkg-wal").read_text(encoding="utf-8") == "changes"
    assert not (tmp_path / "a.gpkg-wal").exists()


@pytest.mark.parametrize("way", ["same", "hard", "soft"])
def test_an_input_is_never_replaced_nor_removed(way: str, tmp_path: Path) -> None:
    out, given = tmp_path / "out", tmp_path / "given.csv"
    with recording(Ledger(out)):
        place = written(out, "tables/a.csv")
    given = place if way == "same" else given
    if way == "hard":
        os.link(place, given)
    if way == "soft":
        given.symlink_to(place)
    ledger = Ledger(out, [given])
    assert ledger.clear() == []
    with recording(ledger), pytest.raises(ConfigError) as caught:
        written(out, "tables/a.csv", "new")
    assert caught.value.problems[0].rule == "output.input"
    assert given.read_text(encoding="utf-8") == "result"


HOSTILE = ["../victim/a.tif", "/{root}/victim/a.tif", "link/a.tif", "x/../../victim/a.tif", "..\\victim\\a.tif", "",
           ".", "a\0b", "folder", 5, None]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_manifest_does_not_lead_out_of_its_folder(name: object, tmp_path: Path) -> None:
    out, victim = tmp_path / "out", tmp_path / "victim" / "a.tif"
    for folder in (out / "folder", victim.parent):
        folder.mkdir(parents=True)
    victim.write_text("precious", encoding="utf-8")
    (out / "link").symlink_to(victim.parent)
    name = name.replace("{root}", str(tmp_path).lstrip("/")) if isinstance(name, str) else name
    row = {"path": name, "sha256": hashlib.sha256(b"precious").hexdigest()}
    (out / MANIFEST).parent.mkdir()
    (out / MANIFEST).write_text("rubbish\n[1]\n" + "[" * 9999 + "\n" + json.dumps(row) + "\n", encoding="utf-8")
    assert Ledger(out).clear() == []
    assert victim.read_text(encoding="utf-8") == "precious"
    assert (out / "folder").is_dir()


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_a_manifest_is_a_plain_file(kind: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text("mine", encoding="utf-8")
    (tmp_path / "out" / MANIFEST).parent.mkdir(parents=True)
    if kind == "link":
        (tmp_path / "out" / MANIFEST).symlink_to(mine)
    else:
        os.mkfifo(tmp_path / "out" / MANIFEST)
    assert Ledger(tmp_path / "out").known == {}
    assert mine.read_text(encoding="utf-8") == "mine"


def test_nothing_is_written_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "tables").symlink_to(tmp_path / "mine")
    with recording(Ledger(tmp_path / "out")), pytest.raises(ConfigError) as caught:
        written(tmp_path / "out", "tables/a.csv")
    assert caught.value.problems[0].rule == "output.linked"
    assert list((tmp_path / "mine").iterdir()) == []


def test_a_folder_that_is_put_in_place_leaves_what_is_not_of_a_run(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    for name in ("mine.html", "index.html"):
        (tmp_path / "site" / name).write_text("mine", encoding="utf-8")
    with hearing(Journal()), recording(Ledger(tmp_path)), io.atomic_folder(tmp_path / "site") as partial:
        (partial / "index.html").write_text("page", encoding="utf-8")
    texts = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "site").iterdir()}
    assert texts == {"mine.html": "mine", "index.html": "page", "index.kept-1.html": "mine"}
    assert Ledger(tmp_path).clear() == [tmp_path / "site/index.html"]


def test_rows_of_other_processes_count_and_the_end_is_in_order(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    other = pickle.loads(pickle.dumps(ledger))
    with recording(ledger):
        written(tmp_path, "b.csv")
        assert ledger_of(tmp_path / "x" / "y") is ledger
        assert ledger_of(tmp_path / ".work" / "y") is None
        assert ledger_of(tmp_path.parent / "y") is None
    with recording(other):
        written(tmp_path, "a.csv")
    (tmp_path / ".a.0123abcd.csv").touch()
    (tmp_path / "b.csv").unlink()
    ledger.settle()
    rows = [json.loads(line) for line in (tmp_path / MANIFEST).read_text(encoding="utf-8").splitlines()]
    assert [row["path"] for row in rows] == ["a.csv"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".work", "a.csv"]


def test_what_a_killed_run_left_goes_with_what_lay_beside_it(tmp_path: Path) -> None:
    gone = [".a[1].0123abcd.gpkg", ".a[1].0123abcd.gpkg-journal", ".a[1].0123abcd.gpkg-wal"]
    stay = [".a[1].0123abcd.txt", ".a[1].012.gpkg", ".b.0123abcd.gpkg", "a[1].gpkg", ".a1.0123abcd.gpkg"]
    for name in (*gone, *stay):
        (tmp_path / name).touch()
    remove_unfinished(tmp_path / "a[1].gpkg")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(stay)
