"""The atlas of a run: every sheet that was printed, what lies in each grade, the objects."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from matplotlib.figure import Figure

from riskzoning.config import OutputsConfig
from riskzoning.maps.crew import Crew
from riskzoning.maps.stamp import pdf_bytes
from riskzoning.pipeline.outputs.atlas import ATLAS, Binding, Leaf, _front, write_atlas
from riskzoning.pipeline.outputs.maps import hazard_sheets
from riskzoning.pipeline.outputs.output import Writing
from riskzoning.report.facts import Facts
from riskzoning.results import StudyResult
from riskzoning.samples import toy_result
from tests.full_result import full_result

from . import toy_study


def printed(result: StudyResult, folder: Path) -> StudyResult:
    """The result in a folder, with a small file for each of its sheets."""
    result = dataclasses.replace(result, folder=folder)
    (folder / "maps").mkdir(parents=True)
    drawn = Figure(figsize=(3, 2))
    drawn.figimage(np.zeros((2, 2)))
    for sheets in hazard_sheets(result, toy_study().risk).values():
        for sheet in sheets:
            sheet.stem.with_name(f"{sheet.stem.name}.pdf").write_bytes(pdf_bytes(drawn))
    return result


def outline(path: Path) -> list[tuple[str, list[str]]]:
    with pikepdf.open(path) as book, book.open_outline() as tree:
        return [(item.title, [child.title for child in item.children]) for item in tree.root]


def test_chapters_hold_the_sheets_the_bars_and_the_objects(tmp_path: Path) -> None:
    result = printed(full_result(), tmp_path)
    write_atlas(Writing(toy_study(maps={"size": "A4"}), result))
    tree = outline(tmp_path / "maps" / "atlas.pdf")
    assert [title for title, _ in tree] == [
        "示例市",
        "目录",
        "洪水灾害",
        "地震灾害",
        "各灾种综合",
        "各县级单元",
        "承灾对象",
    ]
    assert tree[2][1] == [
        "示例市洪水灾害风险区划图（格网）", "示例市洪水灾害风险区划图（市级）", "示例市洪水灾害风险区划图（县级）",
        "示例市洪水灾害风险区划图（乡镇级）", "示例市洪水灾害各危险性等级内的承灾体（县级）",
    ]  # fmt: skip
    assert tree[-1][1] == ["示例市位于致灾危险性中高及以上的承灾对象"]
    assert list(ATLAS.left(tmp_path, "990100")) == [tmp_path / "maps" / "atlas.pdf"]
    with pikepdf.open(tmp_path / "maps" / "atlas.pdf") as book:
        assert len(book.pages) == 2 + sum(len(pages) for _, pages in tree[2:])


def test_the_cover_says_whose_boundaries_of_which_edition_they_are() -> None:
    source = "市民政局 2025 版界线"
    for lang in ("zh", "en"):
        lines = {
            stated: _front(
                Facts(dataclasses.replace(full_result(), boundary_source=stated), lang), [Leaf("图", "章", 2)], 2
            )[0].lines
            for stated in ("", source)
        }
        (said,) = set(lines[source]) - set(lines[""])
        assert source in said


def test_twice_the_same_bytes_and_english(tmp_path: Path) -> None:
    for name in ("a", "b"):
        result = printed(full_result(language="en"), tmp_path / name)
        write_atlas(Writing(toy_study(maps={"size": "A4"}), result))
    paths = [tmp_path / name / "maps" / "atlas.pdf" for name in ("a", "b")]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert outline(paths[0])[1][0] == "Contents"


def test_a_plain_result_has_an_atlas_of_its_sheets(tmp_path: Path) -> None:
    write_atlas(Writing(toy_study(), printed(toy_result(), tmp_path)))
    assert [title for title, _ in outline(tmp_path / "maps" / "atlas.pdf")][2:] == [
        "洪水灾害",
        "地震灾害",
        "各灾种综合",
        "各县级单元",
    ]


@pytest.mark.parametrize("processes", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_pages_drawn_ahead_make_the_same_atlas(tmp_path: Path, processes: int) -> None:
    study = toy_study(maps={"size": "A4"})
    alone = printed(full_result(), tmp_path / "alone")
    write_atlas(Writing(study, alone))
    ahead = dataclasses.replace(alone, folder=tmp_path / "ahead")
    with Crew(processes) as crew:
        begun = Binding(crew)
        begun.warm(Writing(study, ahead))
        begun.begin(Writing(study, ahead))
        # Before the sheets are printed.
        begun.go_on(Writing(study, ahead))
        printed(ahead, tmp_path / "ahead")
        begun.write(Writing(study, ahead))
        assert begun.book is not None
        assert begun.book.is_complete
    assert (tmp_path / "ahead/maps/atlas.pdf").read_bytes() == (tmp_path / "alone/maps/atlas.pdf").read_bytes()


def test_a_sheet_that_is_lacking_is_left_out_of_an_atlas_drawn_ahead(tmp_path: Path) -> None:
    study = toy_study(maps={"size": "A4"})
    with Crew(1) as crew:
        begun = Binding(crew)
        begun.go_on(Writing(study, dataclasses.replace(toy_result(), folder=tmp_path)))
        result = printed(toy_result(), tmp_path)
        next(iter(sorted((tmp_path / "maps").iterdir()))).unlink()
        begun.write(Writing(study, result))
    with pikepdf.open(tmp_path / "maps" / "atlas.pdf") as book:
        count = len(book.pages)
    write_atlas(Writing(study, result))
    with pikepdf.open(tmp_path / "maps" / "atlas.pdf") as book:
        assert len(book.pages) == count


@pytest.mark.parametrize("maps", [False, {"formats": ["png"]}])
def test_without_sheets_as_pdf_there_is_none(tmp_path: Path, maps: object) -> None:
    study = toy_study(maps=maps)
    assert not ATLAS.asked(study.outputs)
    write_atlas(Writing(study, printed(toy_result(), tmp_path)))
    assert not (tmp_path / "maps" / "atlas.pdf").exists()
    assert ATLAS.asked(OutputsConfig())
