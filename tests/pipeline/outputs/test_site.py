"""The page of a run is a folder called ``site`` with an index; another folder of that name is the user's."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from riskzoning.pipeline.outputs.output import Writing
from riskzoning.pipeline.outputs.site import SITE, write_site
from riskzoning.samples import toy_result

from . import toy_study


def test_a_folder_without_an_index_is_left_alone_and_the_page_is_known_again(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    assert list(SITE.left(tmp_path, "990100")) == []
    (tmp_path / "site").rmdir()
    result = dataclasses.replace(toy_result(), folder=tmp_path)
    write_site(Writing(toy_study(), result))
    assert list(SITE.left(tmp_path, "990100")) == [tmp_path / "site"]
