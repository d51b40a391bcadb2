"""Every notebook runs from top to bottom and shows pictures."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.sample_run import SampleRun

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
# What the others show is tested in its rooms; together they would take longer than a fifth of all tests.
_ALWAYS = {"01_quick_start", "04_zoning"}
# Among the slow tests this one runs as its reader would; else all have the run that is there, or go on from it.
_WHOLE = FOLDER / "01_quick_start.ipynb"
_GIVEN = """
from pathlib import Path
import riskzoning
from riskzoning.pipeline import run_study
from riskzoning.pipeline.workspace.kept import kept

def _from_the_finished(study, *given, **options):
    with kept(Path({folder!r})) as (finished, result, _):
        if study.model_dump(exclude={{"outputs"}}) == finished.model_dump(exclude={{"outputs"}}):
            if "out" in options:
                Path(options["out"]).symlink_to({folder!r})
            return result
    return run_study(study, *given, **{{"reuse": {folder!r}, **options}})

riskzoning.run_study = _from_the_finished
"""


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory, sample_run: SampleRun) -> Callable[..., tuple[Any, Path]]:
    """executed(path, whole): the notebook after it has run, once for all tests, and its temporary folder."""

    @cache
    def execute(path: Path, whole: bool = False) -> tuple[Any, Path]:
        nbformat = pytest.importorskip("nbformat")
        nbclient = pytest.importorskip("nbclient")
        notebook = nbformat.read(path, as_version=4)
        assert not any(cell.get("outputs") for cell in notebook.cells), "outputs are not committed"
        folder = tmp_path_factory.mktemp(path.stem)
        if not whole:
            notebook.cells.insert(0, nbformat.v4.new_code_cell(_GIVEN.format(folder=str(sample_run.folder))))
        client = nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}})
        client.execute(env={**os.environ, "TMPDIR": str(folder)})
        return notebook, folder

    return execute


def test_there_are_notebooks() -> None:
    assert _WHOLE in NOTEBOOKS


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=[] if path.stem in _ALWAYS else [pytest.mark.slow]) for path in NOTEBOOKS],
    ids=lambda path: path.stem,
)
def test_notebook_runs_and_shows_pictures(path: Path, executed: Callable[..., tuple[Any, Path]]) -> None:
    assert pictures_in(executed(path)[0]) >= 2


def pictures_in(notebook: Any) -> int:
    """How many pictures a notebook shows; none where a cell has failed."""
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    if any(output.get("output_type") == "error" for output in shown):
        return 0
    return sum("image/png" in output.get("data", {}) for output in shown)


def _rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of a database in their order, but for the record of the run: it says what else was written."""
    with sqlite3.connect(path) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names if name != "meta_run"}


@pytest.mark.slow
def test_same_study_same_bytes_in_another_process_and_when_stopped_in_between(
    executed: Callable[..., tuple[Any, Path]], sample_run: SampleRun
) -> None:
    notebook, folder = executed(_WHOLE, whole=True)
    assert pictures_in(notebook) >= 2
    (out,) = folder.glob("*/sample")
    paths = [path for path in sample_run.folder.rglob("*") if path.suffix in (".tif", ".csv")]
    published = [path for path in paths if ".work" not in path.parts]
    assert {path.suffix for path in published} == {".tif", ".csv"}
    for path in published:
        other = out / path.relative_to(sample_run.folder)
        assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(other.read_bytes()).digest(), path.name
    one, two = (_rows(folder / "database.gpkg") for folder in (sample_run.folder, out))
    assert set(one) == set(two)
    assert [name for name in one if one[name] != two[name]] == []
