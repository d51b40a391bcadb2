"""Nothing of the user's is gone after a rerun, a killed run that goes on, or records that point elsewhere."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from riskzoning.config import load_study
from riskzoning.errors import ConfigError
from riskzoning.io.writing.ledger import MANIFEST
from riskzoning.pipeline import run_study

from .conftest import ALL_BUT_DRAWN, write_small_city

OWN = (
    "tables/my_notes.csv", "maps/320500_annotated.png", "layers/320500_my_survey.tif", "site/mine.html", "notes.docx",
    "my.gpkg", "layers/.320500_note.txt", "tables/.notes.20240101.csv", ".work/mine.txt", ".work/store/mine.doc",
)  # fmt: skip


def mine(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"mine: {path.name}", encoding="utf-8")
    return path


def untouched(path: Path, name: str | None = None) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == f"mine: {name or path.name}"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_city(tmp_path_factory.mktemp("city"), outputs=ALL_BUT_DRAWN)


def hostile_records(out: Path, victim: Path) -> None:
    """Records of a run that name files of others, with their right checksums."""
    digest = hashlib.sha256(victim.read_bytes()).hexdigest()
    rows = [{"path": name, "sha256": digest} for name in (f"../{victim.parent.name}/{victim.name}", str(victim))]
    (out / MANIFEST).parent.mkdir(parents=True, exist_ok=True)
    with (out / MANIFEST).open("a", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in rows)
    code = f"../../{victim.parent.name}/*"
    (out / "run.json").write_text(json.dumps({"study": {"code": code}, "run_id": "x"}), encoding="utf-8")
    (out / ".work" / "state.json").write_text(json.dumps({"key": "x", "code": code, "done": []}), encoding="utf-8")


def test_own_files_stay_through_first_run_rerun_and_a_run_that_goes_on(city: Path, tmp_path: Path) -> None:
    out, victim = tmp_path / "out", mine(tmp_path / "victim" / "320500_dem.tif")
    own = [mine(out / name) for name in OWN]
    in_the_way = mine(out / "tables" / "units_county.csv")
    hostile_records(out, victim)
    first = run_study(load_study(city), out=out, workers=1)
    assert untouched(out / "tables" / "units_county.kept-1.csv", "units_county.csv")
    assert any(row["rule"] == "output.kept" for row in first.record["warnings"])
    assert all(untouched(path) for path in (*own, victim))
    made = {path: path.read_bytes() for path in out.rglob("*.csv") if path not in own and "kept" not in path.name}

    in_the_way.write_text("mine: edited.csv", encoding="utf-8")
    run_study(load_study(city), out=out, workers=1, only="grade")  # a run that stops
    mine(out / "tables.xlsx")
    hostile_records(out, victim)
    run_study(load_study(city), out=out, workers=1, resume=True)
    assert all(untouched(path) for path in (*own, victim))
    assert untouched(out / "tables" / "units_county.kept-2.csv", "edited.csv")
    assert untouched(out / "tables.kept-1.xlsx", "tables.xlsx")
    assert {path: path.read_bytes() for path in made} == made


@pytest.mark.parametrize("name", ["tables", "layers", ".work", "log.jsonl"])
def test_a_run_never_writes_where_a_link_leads(name: str, city: Path, tmp_path: Path) -> None:
    out, victim = tmp_path / "out", mine(tmp_path / "victim" / "units_county.csv")
    out.mkdir()
    (out / name).symlink_to(victim if name == "log.jsonl" else victim.parent)
    with pytest.raises(ConfigError) as caught:
        run_study(load_study(city), out=out, workers=1)
    assert caught.value.problems[0].rule == "output.linked"
    assert untouched(victim)
    assert [path.name for path in (*out.iterdir(), *victim.parent.iterdir())] == [name, victim.name]


def test_an_input_in_the_place_of_a_result_is_not_replaced(city: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "tables").mkdir(parents=True)
    table = out / "tables" / "units_county.csv"
    table.write_bytes((city.parent / "pop.csv").read_bytes())
    study = load_study(city)
    entry = study.inputs["population"].model_copy(update={"path": table})
    study = study.model_copy(update={"inputs": {**study.inputs, "population": entry}})
    with pytest.raises(ConfigError) as caught:
        run_study(study, out=out, workers=1)
    assert caught.value.problems[0].rule == "output.input"
    assert table.read_bytes() == (city.parent / "pop.csv").read_bytes()
