"""Maps, page and report again: the bytes of the run without its inputs; other paper and language; what is missing."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
import yaml

from riskzoning import load_study, run_study, standards
from riskzoning.errors import ConfigError, LockedError
from riskzoning.io import lock
from riskzoning.pipeline import make_maps, make_report, make_site
from tests.pipeline.conftest import small_study, write_small_city


def hashes(folder: Path) -> dict[str, str]:
    made = [path for path in folder.rglob("*") if path.is_file() and ".work" not in path.parts]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in made}


def finished_run(folder: Path, maps: object) -> Path:
    """The folder of a run; the inputs of its study are gone."""
    city = folder / "city"
    study = write_small_city(city)
    content = {**small_study(), "exposure": {}, "standards": {"palettes/grades": "own.yml"}}
    content["outputs"] = {"maps": maps, "database": False, "workbook": False}
    # Keys of the palettes are texts, those of the classes numbers.
    own = (Path(standards.__file__).parent / "palettes" / "grades.yml").read_text(encoding="utf-8")
    (city / "own.yml").write_text(own.replace("#D7191C", "#C00000"), encoding="utf-8")
    study.write_text(yaml.safe_dump(content), encoding="utf-8")
    run_study(load_study(study), out=folder / "out")
    shutil.rmtree(city)
    return folder / "out"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finished_run(tmp_path_factory.mktemp("run"), False)


def test_without_inputs_page_and_report_have_the_bytes_of_the_run(finished: Path, tmp_path: Path) -> None:
    run = hashes(finished)
    assert make_site(finished, out=tmp_path).name == "index.html"
    assert make_report(finished, out=tmp_path).name == "report.docx"
    again = hashes(tmp_path)
    assert again == {name: run[name] for name in run if name.startswith(("site/", "report"))}
    assert "#C00000" in (tmp_path / "site" / "assets" / "data.js").read_text(encoding="utf-8")
    # In the folder of the run itself nothing else changes.
    make_site(finished)
    assert hashes(finished) == run


@pytest.mark.slow
def test_maps_have_the_bytes_of_the_run_and_other_paper_language_and_choice(tmp_path: Path) -> None:
    finished = finished_run(tmp_path / "run", {"dpi": 50, "size": "A4"})
    run, out = hashes(finished), tmp_path / "again"
    made = make_maps(finished, out=out)
    assert hashes(out) == {name: run[name] for name in run if name.startswith("maps/")}
    assert {path.relative_to(out).as_posix() for path in made} == set(hashes(out))
    chosen = {"hazards": ["flood"], "levels": ["county"], "formats": ("png",)}
    made = make_maps(finished, out=tmp_path / "other", lang="zh", size="A3", dpi=60, **chosen)
    assert [path.name for path in made] == ["320500_flood_hazard_county.png"]
    assert hashes(tmp_path / "other")["maps/320500_flood_hazard_county.png"] not in run.values()


def test_the_page_begins_in_another_language(finished: Path, tmp_path: Path) -> None:
    page = make_site(finished, out=tmp_path, lang="zh").parent / "assets" / "data.js"
    assert '"language":"zh"' in page.read_text(encoding="utf-8")


def test_what_cannot_be_made_is_told(finished: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as told:
        make_maps(finished, out=tmp_path, levels=["village", "town"])
    assert [item.rule for item in told.value.problems] == ["again.choice", "again.choice"]
    assert "village" in told.value.problems[0].found
    with lock(finished), pytest.raises(LockedError):
        make_site(finished)


@pytest.mark.parametrize(
    ("lost", "rule"),
    [(".work/result/result.json", "again.nothing_kept"), ("layers/320500_flood_hazard_index.tif", "again.gone"),
     (".work/result/000.arrow", "again.gone")],
)  # fmt: skip
def test_a_folder_that_has_lost_something_says_what(finished: Path, tmp_path: Path, lost: str, rule: str) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    (run / lost).unlink()
    with pytest.raises(ConfigError) as told:
        make_report(run)
    (problem,) = told.value.problems
    assert problem.rule == rule
    assert rule != "again.nothing_kept" or "depth_20.tif" in problem.fix


def test_a_run_copied_without_its_hidden_folder_says_how_to_copy_it(finished: Path, tmp_path: Path) -> None:
    for item in finished.glob("[!.]*"):
        (shutil.copytree if item.is_dir() else shutil.copyfile)(item, tmp_path / item.name)
    with pytest.raises(ConfigError) as told:
        make_report(tmp_path)
    (problem,) = told.value.problems
    assert problem.rule == "again.copied"
    assert ".work" in problem.found
    assert "/." in problem.fix
    assert "depth_20.tif" in problem.fix


def test_results_of_another_program_are_not_read(finished: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    kept = run / ".work" / "result" / "result.json"
    kept.write_text(json.dumps({**json.loads(kept.read_text(encoding="utf-8")), "format": 0}), encoding="utf-8")
    with pytest.raises(ConfigError) as told:
        make_site(run)
    assert told.value.problems[0].rule == "again.other_program"
    with pytest.raises(ConfigError) as told:
        make_site(tmp_path / "none")
    assert told.value.problems[0].rule == "again.no_run"
