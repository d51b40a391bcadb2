"""Many maps to files: the same bytes however many processes draw them, and no more processes than are of use."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from riskzoning.errors import LayerError
from riskzoning.maps import Backdrop, Legend, Panel, PrintedMap, map_backdrop, print_maps
from riskzoning.maps.crew import Crew
from riskzoning.maps.printing import _processes
from riskzoning.maps.surroundings import canvas_for, drawn_pixels
from riskzoning.samples import toy_result

RESULT = toy_result()


@pytest.fixture(scope="module")
def backdrop() -> Backdrop:
    return map_backdrop(outlines=RESULT.units["township"], size="A4")


def maps(folder: Path) -> list[PrintedMap]:
    folder.mkdir()
    grades = RESULT.layers["flood_risk_grade"].rename("flood_risk_grade")
    people = grades.copy(data=np.full(grades.shape, 2.0))
    grid = [PrintedMap(folder / f"grid_{n}", grades, f"Grid {n}", panel=Panel(people=people)) for n in range(2)]
    units = RESULT.units["township"]
    return grid + [PrintedMap(folder / f"u_{n}", units, f"Map {n}", column="flood_risk_grade") for n in range(7)]


def test_files_do_not_depend_on_the_number_of_processes(backdrop: Backdrop, tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    alone = print_maps(maps(tmp_path / "a"), backdrop, dpi=50, crew=Crew(1))
    shared = print_maps(
        maps(tmp_path / "b"), backdrop, dpi=50, crew=Crew(2), told=lambda share, name: told.append((share, name))
    )
    assert [path.name for path in alone] == [path.name for path in shared] == [item.stem.name + ".png" for item in
                                                                             maps(tmp_path / "c")]  # fmt: skip
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(alone, shared, strict=True))
    assert told[-1] == (1.0, "u_6")


def test_a_canvas_that_has_served_gives_the_same_pixels() -> None:
    canvas = canvas_for(2.0, 1.0, 50)
    empty, full = Figure((2.0, 1.0)), Figure((2.0, 1.0), facecolor="#123456")
    drawn_pixels(full, 50, canvas)
    np.testing.assert_array_equal(drawn_pixels(empty, 50, canvas), drawn_pixels(Figure((2.0, 1.0)), 50))


def test_a_png_has_its_resolution_and_no_clock(backdrop: Backdrop, tmp_path: Path) -> None:
    (path,) = print_maps(maps(tmp_path / "a")[:1], backdrop, dpi=50)
    picture = Image.open(path)
    assert picture.mode == "RGB"
    assert picture.info["dpi"] == pytest.approx((50, 50), abs=0.1)
    assert set(picture.info) == {"dpi", "Software"}


def test_every_format_is_written_beside_the_others(backdrop: Backdrop, tmp_path: Path) -> None:
    paths = print_maps(maps(tmp_path / "a")[:1], backdrop, dpi=50, formats=("png", "pdf", "svg"))
    assert [path.suffix for path in paths] == [".png", ".pdf", ".svg"]
    assert all(path.stat().st_size > 1000 for path in paths)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_wrong_map_is_told_whoever_draws_it(backdrop: Backdrop, tmp_path: Path, workers: int) -> None:
    wrong = [*maps(tmp_path / "a"), PrintedMap(tmp_path / "x", RESULT.units["township"], "t", column="nothing")]
    with pytest.raises(LayerError) as error:
        print_maps(wrong, backdrop, dpi=50, crew=Crew(workers))
    assert error.value.problems[0].rule == "maps.column"
    strange = PrintedMap(tmp_path / "y", RESULT.layers["flood_risk_grade"], "t", legend=Legend(scheme="x"))
    with pytest.raises(LayerError) as error:
        print_maps([strange], backdrop, dpi=50)
    assert error.value.problems[0].rule == "maps.scheme"


def test_processes_are_bounded_by_cores_memory_and_work() -> None:
    plenty = 64 * 1024**3
    assert _processes(100, "A4", 150, 4, plenty) == 4
    assert _processes(3, "A4", 150, 4, plenty) == 1
    assert _processes(9, "A4", 150, 4, plenty) == 2
    assert _processes(100, "A4", 150, 8, 1200 * 1024**2) == 3
    assert _processes(100, "A4", 150, 8, 1) == 1
