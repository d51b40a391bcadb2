"""The maps of a run: one for each hazard and level, the same bytes every time, with what the tables say."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import matplotlib.text
import pandas as pd
import pytest
import shapely

from riskzoning.config import RiskConfig
from riskzoning.maps.crew import Crew
from riskzoning.names import Index
from riskzoning.pipeline.conductor import _drawn
from riskzoning.pipeline.outputs import maps as room
from riskzoning.pipeline.outputs.maps import write_maps
from riskzoning.pipeline.outputs.output import Writing
from riskzoning.results import StudyResult
from riskzoning.samples import toy_result

from . import toy_study
from .test_zone_sheets import with_zones


def few(folder: Path) -> StudyResult:
    """A result with few sheets: of all hazards together, at one level and on the grid."""
    result = toy_result()
    units = {"county": result.units["county"]}
    return dataclasses.replace(result, units=units, folder=folder, hazards=())


def made(folder: Path, result: StudyResult, **options: Any) -> list[Path]:
    folder.mkdir(exist_ok=True)
    return write_maps(Writing(toy_study(maps={"dpi": 50, "size": "A4", **options}), result))


def test_one_map_for_each_hazard_and_level(tmp_path: Path) -> None:
    every = dataclasses.replace(toy_result(), folder=tmp_path, hazards=("flood",))
    names = {path.stem.removeprefix("990100_") for path in made(tmp_path, every, formats=("png",))}
    levels = ("city", "county", "township", "grid")
    assert {f"{h}_risk_{level}" for h in ("flood", "multi") for level in levels} == names


def test_a_study_without_exposure_zones_the_hazard_at_every_level(tmp_path: Path) -> None:
    result = toy_result()
    units = {level: frame[[c for c in frame.columns if "risk" not in c]] for level, frame in result.units.items()}
    layers = result.layers.drop_vars([name for name in result.layers if "risk" in str(name)])
    bare = dataclasses.replace(result, units=units, layers=layers, folder=tmp_path, hazards=("flood",))
    made = write_maps(Writing(toy_study(maps={"dpi": 50, "size": "A4", "formats": ("png",)}), bare))
    levels = ("township", "county", "city")
    assert [path.stem for path in made] == [
        f"990100_{h}_hazard_{level}" for h in ("flood", "multi") for level in levels
    ]


def test_same_result_same_bytes(tmp_path: Path) -> None:
    formats = ("png", "pdf", "svg")
    first, second = (made(folder, few(folder), formats=formats) for folder in (tmp_path / "a", tmp_path / "b"))
    assert [path.name for path in first] == [path.name for path in second]
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(first, second, strict=True))


def test_sheets_of_what_later_stages_make_are_drawn_with_those_of_the_grades(tmp_path: Path) -> None:
    study = toy_study(maps={"dpi": 50, "size": "A4", "formats": ("png",)})
    zoned = dataclasses.replace(with_zones(tmp_path), hazards=("flood",))
    with room.drawing(study) as crew:
        begun = room.Drawing(crew)
        begun.warm(Writing(study, dataclasses.replace(zoned, zones={})))
        begun.begin(Writing(study, dataclasses.replace(zoned, zones={})))
        early = len(begun.sheets)
        begun.go_on(Writing(study, zoned))
        files = begun.write(Writing(study, zoned))
    # The three of all hazards together wait for what is unsure.
    assert early == 5
    assert [path.stem for path in files[early:]] == [
        *(f"990100_multi_risk_{level}" for level in ("township", "county", "city")),
        *(f"990100_zones_{what}" for what in ("regions", "prevention", "conflicts")),
    ]
    assert all(path.stat().st_size for path in files)


@pytest.mark.slow
def test_sheets_are_the_same_whether_their_ground_was_drawn_before_or_not(tmp_path: Path) -> None:
    alone = made(tmp_path / "alone", few(tmp_path / "alone"))
    study = toy_study(maps={"dpi": 50, "size": "A4"})
    warmed = few(tmp_path / "warmed")
    warmed.folder.mkdir()
    # Only the names and shapes of the units are there before anything is assessed.
    bare = {level: frame[["name", "level", "parent", "geometry"]] for level, frame in warmed.units.items()}
    with Crew(2) as crew:
        begun = room.Drawing(crew)
        begun.warm(Writing(study, dataclasses.replace(warmed, units=bare)))
        begun.begin(Writing(study, warmed))
        begun.go_on(Writing(study, warmed))
        files = {path.name: path.read_bytes() for path in begun.write(Writing(study, warmed))}
    assert files == {path.name: path.read_bytes() for path in alone}


def test_highest_townships_name_their_county_and_lead_the_index() -> None:
    result = toy_result()
    rows = room._highest(result, "township", Index("flood", "risk"))
    frame = result.units["township"]
    assert rows[0][1] == frame["flood_risk_index"].max()
    assert rows[0][0].split()[0] in set(result.units["county"]["name"])
    assert [value for _, value, _ in rows] == sorted((value for _, value, _ in rows), reverse=True)
    assert room._highest(result, "township", Index("drought", "risk")) == []


@pytest.mark.parametrize(
    ("inputs", "used", "expected"),
    [
        (("rivers", "streams", "seats"), ("streams",), {"rivers": "rivers", "seats": "seats"}),
        (("streams",), ("streams",), {"rivers": "streams"}),
        (("seats",), (), {"seats": "seats"}),
        ((), (), {}),
    ],
)
def test_maps_draw_the_rivers_of_the_base_map_before_those_of_a_hazard(
    inputs: tuple[str, ...], used: tuple[str, ...], expected: dict[str, str]
) -> None:
    hazards = [SimpleNamespace(inputs={"elevation": ("dem",)}), SimpleNamespace(inputs={"rivers": used})]
    study: Any = SimpleNamespace(inputs=dict.fromkeys(inputs), hazards=hazards)
    assert _drawn(study) == expected


@pytest.mark.parametrize("language", ["zh", "en"])
def test_footers_name_the_method_in_words(language: str) -> None:
    result = toy_result(language=language)
    for hazard, what in (("multi", "risk"), ("flood", "risk"), ("flood", "hazard")):
        text = room._method(result, RiskConfig(), Index(hazard, what))
        assert "_" not in text
        assert any(ord(letter) > 0x3000 for letter in text) == (language == "zh")


def unsure(*codes: str, folder: Path) -> Any:
    result = dataclasses.replace(toy_result(), folder=folder, hazards=("flood",))
    known = result.units["county"].index
    rows = {"code": known, "level": "county", "hazard": "multi", "probability": 0.9}
    table = pd.DataFrame(rows).assign(probability=lambda t: t["probability"].where(~t["code"].isin(codes), 0.5))
    return dataclasses.replace(result, tables={**result.tables, "stability": table})


def test_unsure_grades_are_hatched_on_the_composite_map_only(tmp_path: Path) -> None:
    code = str(toy_result().units["county"].index[0])
    result = unsure(code, folder=tmp_path)
    sheets = {sheet.stem.name: sheet for sheet in room._sheets(result, RiskConfig())}
    hatched = {name for name, sheet in sheets.items() if sheet.legend.hatched}
    assert hatched == {"990100_multi_risk_county"}
    frame: Any = sheets["990100_multi_risk_county"].source
    assert frame.index[frame[room._UNSURE]].astype(str).tolist() == [code]
    assert not any(sheet.legend.hatched for sheet in room._sheets(unsure(folder=tmp_path), RiskConfig()))


def test_composite_maps_wait_for_what_is_unsure(tmp_path: Path) -> None:
    before = dataclasses.replace(toy_result(), folder=tmp_path, hazards=("flood",))
    study = toy_study(maps={"dpi": 50, "size": "A4", "formats": ("png",)})
    with room.drawing(study) as crew:
        begun = room.Drawing(crew)
        begun.begin(Writing(study, before))
        first = {sheet.stem.name for sheet in begun.sheets}
        begun.go_on(Writing(study, unsure(str(before.units["county"].index[0]), folder=tmp_path)))
        every = [sheet.stem.name for sheet in begun.sheets]
        assert {name for name in every if name not in first} == {
            f"990100_multi_risk_{level}" for level in ("city", "county", "township")
        }
        assert len(every) == len(set(every)) == len(begun.write(Writing(study, before)))


def test_a_figure_of_a_result_draws_what_its_sheets_draw() -> None:
    result = toy_result()
    west, south, east, north = result.units["city"].total_bounds
    line = shapely.LineString([(west, south), (east, north)])
    levees = gpd.GeoDataFrame({"name": ["堤"]}, geometry=[line], crs=result.units["city"].crs)
    full = dataclasses.replace(result, context={"levees": levees, "rivers": levees})

    def key(hazard: str) -> set[str]:
        figure = full.plot(hazard, lang="en")
        return {text.get_text() for text in figure.findobj(matplotlib.text.Text)}

    assert {"levee", "river"} <= {text.lower() for text in key("flood")}
    assert "levee" not in {text.lower() for text in key("earthquake")}


def test_a_hazard_within_an_english_title_begins_with_a_small_letter() -> None:
    result = dataclasses.replace(toy_result(), language="en")
    assert room._title(result, Index("flood", "risk"), "township") == "Toy city: flood risk zoning (township)"
    zh = room._title(toy_result(), Index("flood", "risk"), "township")
    assert zh == "示例市洪水灾害风险区划图（乡镇级）"


def test_footers_of_every_map_name_the_edition_of_the_boundaries() -> None:
    result = dataclasses.replace(toy_result(), boundary_source="省厅 2023 版")
    for notes in (room._plain_notes(result), room._notes(result, "m"), room._notes(result, "m", "flood")):
        assert (notes.boundaries, notes.data_date) == ("省厅 2023 版", "2026-06-30")
