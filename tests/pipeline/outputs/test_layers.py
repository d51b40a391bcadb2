"""The layers of a run are those that begin with the code of its study area."""

from __future__ import annotations

from pathlib import Path

from riskzoning.pipeline.outputs.layers import LAYERS


def test_layers_of_other_areas_and_of_the_user_are_none_of_them(tmp_path: Path) -> None:
    (tmp_path / "layers").mkdir()
    for name in ("410700_a.tif", "410700_a.tif.aux.xml", "410800_a.tif", "dem.tif"):
        (tmp_path / "layers" / name).touch()
    assert [path.name for path in LAYERS.left(tmp_path, "410700")] == ["410700_a.tif", "410700_a.tif.aux.xml"]
    assert LAYERS.write is None
