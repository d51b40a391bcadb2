"""Output ``atlas``: the printed sheets of a run in one PDF, with what lies in each grade and the objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskzoning.exposure.kinds import kind_names
from riskzoning.maps import cjk_font
from riskzoning.maps.atlas import Leaf, bind
from riskzoning.maps.atlas_pages import (
    Bars,
    ByGrade,
    Contents,
    Cover,
    ObjectMap,
    Page,
    contents_pages,
    draw_pages,
    no_data,
    unit_order,
)
from riskzoning.maps.crew import Crew
from riskzoning.names import MULTI
from riskzoning.pipeline.outputs.county_pages import county_pages
from riskzoning.pipeline.outputs.maps import hazard_sheets
from riskzoning.pipeline.outputs.output import Output, Writing
from riskzoning.report.facts import Class, Facts
from riskzoning.report.numbers import cell, scaled
from riskzoning.standards import table

# What a page shows of the exposed counts: these first, six at most.
_FIRST = ("population", "gdp_yuan", "building_area_m2", "cropland_ha", "road_km", "area_km2")
_LISTED, _DRAWN = 16, 6000


@dataclass(frozen=True)
class _Book:
    """An atlas before it is bound: its leaves in their order, and the pages that are drawn for it."""

    leaves: Sequence[Leaf]
    pages: Sequence[Page]
    size: str
    lang: str
    footer: str

    @property
    def is_complete(self) -> bool:
        """Whether all of its sheets are there."""
        return all(leaf.source.is_file() for leaf in self.leaves if isinstance(leaf.source, Path))

    def drawn(self) -> bytes:
        """The pages that are drawn, as one PDF."""
        return draw_pages(self.pages, size=self.size, lang=self.lang, footer=self.footer)

    def write(self, drawn: bytes, folder: Path) -> None:
        """Bind sheets and pages."""
        bind(self.leaves, drawn, folder / "maps" / "atlas.pdf", title=self.leaves[0].title, lang=self.lang)


@dataclass
class Binding:
    """The pages that only the atlas has, drawn beside the other outputs; bound when the sheets are printed."""

    crew: Crew
    book: _Book | None = None
    drawn: Iterator[bytes] = field(default_factory=lambda: iter(()))

    def warm(self, _writing: Writing) -> None:
        """Nothing of an atlas is there before the grades."""

    def begin(self, _writing: Writing) -> None:
        """Its chapters show what the later stages make."""

    def go_on(self, writing: Writing) -> None:
        """Hand out the pages, before the sheets that wait: they take longer than one."""
        self.book = book = _book(writing, lambda _: True)
        self.drawn = self.crew.shared_out(_Book.drawn, [lambda: book], first=True)

    def write(self, writing: Writing) -> None:
        """Wait for the pages and bind them with the sheets."""
        pages = list(self.drawn)
        if self.book is None or not all(
            leaf.source.is_file() for leaf in self.book.leaves if isinstance(leaf.source, Path)
        ):
            write_atlas(writing)
        else:
            self.book.write(pages[0], writing.folder)


def write_atlas(writing: Writing) -> None:
    """Bind ``maps/atlas.pdf`` from the PDF sheets that the run has printed."""
    config = writing.study.outputs.maps
    if config and "pdf" in config.formats:
        book = _book(writing, Path.is_file)
        book.write(book.drawn(), writing.folder)


def _book(writing: Writing, printed: Callable[[Path], bool]) -> _Book:
    config, result = writing.study.outputs.maps, writing.result
    assert config
    facts = Facts(result, result.language if cjk_font() else "en")
    chapters = list(_chapters(writing, facts, printed, config.size))
    entries = sum(len(parts) + 1 for _, parts in chapters)
    start, leaves, pages = 1 + contents_pages(entries), [], list[Page]()
    for chapter, parts in chapters:
        for title, part in parts:
            source: Path | int = part if isinstance(part, Path) else start + len(pages)
            if not isinstance(part, Path):
                pages.append(part)
            leaves.append(Leaf(title, chapter, source))
    front = _front(facts, leaves, start)
    opening = [Leaf(page.title, "", number) for number, page in enumerate(front)]
    footer = facts.say("atlas_footer", city=_city(facts), date=result.data_date)
    return _Book([*opening, *leaves], [*front, *pages], config.size, facts.lang, footer)


def _city(facts: Facts) -> str:
    return facts.result.name.get(facts.lang) or facts.result.code


def _front(facts: Facts, leaves: Sequence[Leaf], start: int) -> list[Cover | Contents]:
    """Cover and contents; ``start`` pages stand before the first leaf."""
    result = facts.result
    number = result.review_number
    lines = [
        facts.say("cover_hazards", names=facts.listed([facts.hazard_name(hazard) for hazard in result.hazards])),
        facts.say("cover_date", date=result.data_date),
        *([facts.say("cover_boundaries", source=result.boundary_source)] if result.boundary_source else []),
        facts.say("reviewed", number=number) if number else facts.say("sketch"),
    ]
    entries: list[tuple[str, int | None]] = []
    for page, leaf in enumerate(leaves, start=start + 1):
        if (leaf.chapter, None) not in entries:
            entries.append((leaf.chapter, None))
        entries.append((leaf.title, page))
    size = -(-len(entries) // (start - 1))
    parts = [entries[at : at + size] for at in range(0, len(entries), size)] or [[]]
    contents = [Contents(facts.say("contents"), part) for part in parts]
    return [Cover(_city(facts), facts.say("atlas_title"), lines), *contents]


def _chapters(
    writing: Writing, facts: Facts, printed: Callable[[Path], bool], size: str
) -> Iterator[tuple[str, list[tuple[str, Path | Page]]]]:
    """Chapters with their pages: printed sheets that are there, and pages to draw."""
    for hazard, sheets in hazard_sheets(writing.result, writing.study.risk).items():
        # The ground first, then the units from the whole to its parts.
        grids = [sheet for sheet in sheets if sheet.stem.name.endswith("_grid")]
        ordered = [*grids, *reversed([sheet for sheet in sheets if sheet not in grids])]
        parts: list[tuple[str, Path | Page]] = []
        for sheet in ordered:
            path = sheet.stem.with_name(f"{sheet.stem.name}.pdf")
            if printed(path):
                parts.append((sheet.title, path))
        exposed = _exposed(facts, hazard)
        if exposed is not None:
            parts.append((exposed.title, exposed))
        if parts:
            yield facts.say("section_multi") if hazard == MULTI else facts.hazard_name(hazard), parts
    counties = list(county_pages(facts, size))
    if counties:
        yield (
            facts.say("atlas_counties", level=facts.level_name(facts.middle)),
            [(page.title, page) for page in counties],
        )
    objects = _objects(facts)
    if objects is not None:
        yield facts.say("objects"), [(objects.title, objects)]


def _exposed(facts: Facts, hazard: str) -> ByGrade | None:
    """What lies in each class of a hazard, by unit of the level between the whole and its smallest parts."""
    index = facts.hazard_index(hazard)
    exposed = facts.table("exposure_by_grade", "code", "level", "hazard", "quantity", "grade", "value")
    own = exposed[(exposed["hazard"] == hazard) & (exposed["level"] == facts.middle)]
    if index is None or own.empty:
        return None
    classes = list(reversed(facts.classes(index)))
    present = set(own["quantity"])
    chosen = [name for name in _FIRST if name in present] or sorted(present)[: len(_FIRST)]
    amounts = {name: _amounts(own[own["quantity"] == name], len(classes)) for name in chosen}
    amounts = {name: frame for name, frame in amounts.items() if float(frame.to_numpy().sum()) > 0}
    if not amounts:
        return None
    first = next(iter(amounts.values()))
    codes = [str(first.index[at]) for at in unit_order(first.to_numpy(dtype=np.float64))]
    city, level = _city(facts), facts.level_name(facts.middle)
    cut = "" if len(codes) == len(first) else facts.say("atlas_cut", shown=len(codes), count=len(first))
    return ByGrade(
        title=facts.say("atlas_exposed", city=city, hazard=facts.hazard_name(hazard), level=level),
        units=[facts.names.get(code, code) for code in codes],
        classes=[*((item.name, item.colour) for item in classes), (no_data(facts.lang), _gap_colour())],
        panels=[_bars(facts, name, frame.reindex(codes).fillna(0.0)) for name, frame in amounts.items()],
        note=facts.say("atlas_bars") + cut,
    )


def _amounts(rows: pd.DataFrame, classes: int) -> pd.DataFrame:
    """Units by class, lowest class first and what has none at the end."""
    wide = rows.assign(code=rows["code"].astype(str)).pivot_table(
        index="code", columns="grade", values="value", aggfunc="sum"
    )
    return wide.reindex(columns=[*range(1, classes + 1), 0]).fillna(0.0)


def _bars(facts: Facts, quantity: str, frame: pd.DataFrame) -> Bars:
    factor, heading = scaled(quantity, facts.lang)
    values = frame.to_numpy(dtype=np.float64)
    return Bars(heading, values, [cell(round(float(total), 4)) for total in values.sum(axis=1) / factor])


def _gap_colour() -> str:
    return str(table("palettes/grades").data["no_data"])


def _objects(facts: Facts) -> ObjectMap | None:
    """The objects that are exposed on the outlines of the units, their kinds and the highest of them."""
    layer = facts.result.zones.get("objects")
    if layer is None or layer.empty:
        return None
    crs = str(facts.result.grid.crs)
    high = layer[layer["max_grade"] >= facts.exposed_from()]
    drawn = high.head(_DRAWN).to_crs(crs)
    colours = {item.grade: item.colour for item in facts.five}
    shapes, grades = drawn.geometry.to_numpy(), drawn["max_grade"].to_numpy()
    dimension = shapely.get_dimensions(shapes)
    spots = shapely.get_coordinates(shapely.centroid(shapes[dimension == 0]))
    # Areas are drawn by their edges.
    long = np.array(
        [
            shapely.boundary(shape) if d == 2 else shape
            for shape, d in zip(shapes[dimension > 0], dimension[dimension > 0])
        ],
        dtype=object,
    )
    shown = [item for item in facts.five if item.grade >= facts.exposed_from()]
    return ObjectMap(
        title=facts.say("atlas_objects", city=_city(facts), grade=shown[-1].name),
        outlines=facts.frame(facts.middle).to_crs(crs).geometry.to_numpy(),
        points=spots,
        lines=list(long),
        colours=[colours[int(grade)] for grade in grades[dimension == 0]],
        line_colours=[colours[int(grade)] for grade in grades[dimension > 0]],
        legend=[(item.name, item.colour) for item in shown],
        tables=[_kinds(facts, layer, shown), _highest(facts, high)],
        note=facts.say("atlas_objects_note", shown=cell(len(drawn)), count=cell(len(high)), all=cell(len(layer))),
    )


Table = tuple[str, list[str], list[list[str]]]


def _kinds(facts: Facts, layer: gpd.GeoDataFrame, shown: Sequence[Class]) -> Table:
    """How many of each kind lie in the classes that are drawn, and how many there are."""
    counts = pd.crosstab(layer["kind"], layer["max_grade"]).reindex(columns=range(6), fill_value=0)
    grades = [item.grade for item in shown]
    counts = counts.iloc[np.argsort(-counts[grades].sum(axis=1).to_numpy(), kind="stable")]
    rows = [
        [
            kind_names(str(kind))[facts.lang],
            *(cell(int(counts.loc[kind, grade])) for grade in grades),
            cell(int(counts.loc[kind].sum())),
        ]
        for kind in counts.index
    ]
    return facts.say("atlas_kinds"), [facts.say("kind"), *(item.name for item in shown), facts.say("total")], rows[:18]


def _highest(facts: Facts, high: gpd.GeoDataFrame) -> Table:
    """The first of the highest objects, where they lie, and which hazard it is."""
    rows = []
    for row in high.drop(columns="geometry").head(_LISTED).to_dict("records"):
        town = str(row["town9"] or row["adcode6"])
        hazard = facts.hazard_name(str(row["main_hazard"])) if row["main_hazard"] else ""
        name = str(row["name"]) or str(row["object_id"])
        rows.append(
            [name, kind_names(str(row["kind"]))[facts.lang], facts.names.get(town, town), hazard, cell(row["people"])]
        )
    heads = [facts.say(key) for key in ("name", "kind", "place", "main_hazard", "people_here")]
    return facts.say("objects_listed", shown=len(rows), count=cell(len(high))), heads, rows


# Bound after the sheets are printed.
ATLAS = Output(
    "atlas",
    files=("maps/atlas.pdf",),
    rank=62,
    wanted=lambda outputs: outputs.maps is not False and "pdf" in outputs.maps.formats,
    write=write_atlas,
    ahead=Binding,
    place=lambda writing: writing.folder / "maps" / "atlas.pdf",
    weight=1.0,
)
