"""What a result says of its study, and the layers that a folder has."""

from __future__ import annotations

from pathlib import Path

from riskzoning.config import StudyConfig
from riskzoning.pipeline.workspace.parts import about, layers_of
from riskzoning.pipeline.workspace.store import CogStore, Store


def test_names_are_there_in_both_languages() -> None:
    study = StudyConfig(
        name={"en": "X"}, code="990100", data_date="2026-06-30", admin={"path": "a.gpkg", "source": "X  2023"}
    )
    said = about(study)
    assert said["boundary_source"] == "X 2023"
    assert said["name"] == {"zh": "X", "en": "X"}
    assert said["data_date"] == "2026-06-30"


def test_a_folder_without_layers_has_none(make_grid, tmp_path: Path) -> None:
    grid = make_grid()
    assert not layers_of(CogStore(tmp_path / "a", tmp_path / "b", grid, "1"), Store(tmp_path / "c", grid)).data_vars
