"""The page of a run is a folder called ``site``; what else lies in it is the user's."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from riskzoning.pipeline.outputs.output import Writing
from riskzoning.pipeline.outputs.site import SITE, write_site
from riskzoning.samples import toy_result

from . import toy_study


def test_what_else_lies_in_the_folder_of_the_page_stays(tmp_path: Path) -> None:
    (tmp_path / "site" / "assets").mkdir(parents=True)
    for name in ("mine.html", "assets/mine.png"):
        (tmp_path / "site" / name).write_text("mine", encoding="utf-8")
    result = dataclasses.replace(toy_result(), folder=tmp_path)
    write_site(Writing(toy_study(), result))
    assert list(SITE.left(tmp_path, "990100")) == [tmp_path / "site"]
    assert (tmp_path / "site" / "index.html").is_file()
    for name in ("mine.html", "assets/mine.png"):
        assert (tmp_path / "site" / name).read_text(encoding="utf-8") == "mine"
