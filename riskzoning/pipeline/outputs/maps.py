"""Output ``maps``: printed maps of every hazard and level, from the values of a result."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import geopandas as gpd
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from riskzoning import standards
from riskzoning.codes import unit_names
from riskzoning.config import RiskConfig, StudyConfig
from riskzoning.errors import LANGUAGES, ConfigError, Journal, Phrase, Problem, RiskZoningError, hearing, note
from riskzoning.files import checksum
from riskzoning.hazards import HAZARDS
from riskzoning.maps import (
    Backdrop,
    Legend,
    MapNotes,
    Panel,
    PrintedMap,
    Sheet,
    cjk_font,
    drawing_crew,
    map_backdrop,
    zoning_map,
)
from riskzoning.maps.crew import Crew
from riskzoning.maps.furniture import words
from riskzoning.maps.printing import Printer, printer, printing, warming
from riskzoning.maps.ranks import within
from riskzoning.maps.remarks import legend_notes
from riskzoning.methods.ladders import Ladder, index_breaks
from riskzoning.names import MULTI, WORKS, Index
from riskzoning.pipeline.outputs.output import Output, Writing
from riskzoning.pipeline.outputs.zone_sheets import zone_sheets
from riskzoning.pipeline.workspace.content import UnknownContentError, content_key
from riskzoning.pipeline.workspace.program import program
from riskzoning.pipeline.workspace.sheets import Sheets
from riskzoning.results import StudyResult

# Column of the units whose grade is unsure, only for the map.
_UNSURE = "_unsure"
_STATUS = ("official", "literature", "project_default")


@dataclass
class Drawing:
    """Processes that draw, and what they have been given; ``places``: levels, ``grid`` and ``zones``, None for all."""

    crew: Crew
    places: Container[str] | None = None
    sheets: list[PrintedMap] = field(default_factory=list)
    files: Iterator[list[Path]] = field(default_factory=lambda: iter(()))
    kept: Sheets | None = None
    keys: dict[str, str | None] = field(default_factory=dict)
    read: dict[str, set[str]] = field(default_factory=dict)
    warmed: Iterator[object] = field(default_factory=lambda: iter(()))
    press: Printer | None = None

    def warm(self, writing: Writing) -> None:
        """Let the processes draw what is the same on every sheet of a city: window, lines, names and relief."""
        self.press = _press(writing)
        # With sheets of an earlier run little is left to draw: whoever needs the ground draws it then.
        self.kept = Sheets(writing.folder)
        if not self.kept.aside.is_dir():
            self.warmed = warming(self.press, self.crew)

    def begin(self, writing: Writing) -> None:
        """Hand out the sheets of the grades, but for those that wait for how sure they are."""
        (writing.folder / "maps").mkdir(exist_ok=True)
        self._hand_out(writing, _waiting(writing))

    def go_on(self, writing: Writing) -> None:
        """Hand out the sheets that were not to be had before: those of zones."""
        self._hand_out(writing)

    def _hand_out(self, writing: Writing, waiting: Container[Path] = ()) -> None:
        study, result = writing.study, writing.result
        begun = {sheet.stem for sheet in self.sheets}
        every = _sheets(result, study.risk, self.places)
        sheets = [sheet for sheet in every if sheet.stem not in begun and sheet.stem not in waiting]
        if not sheets:
            return
        self.press = self.press or _press(writing)
        kept = self.kept = self.kept or Sheets(writing.folder)
        self.keys |= _contents(writing, sheets, self.press)
        there: dict[str, list[Path]] = {}
        for sheet in sheets:
            key = self.keys[sheet.stem.name]
            files = None if key is None else kept.taken(sheet.stem.name, key, self.press.formats)
            if files is not None:
                there[sheet.stem.name] = files
        new = [sheet for sheet in sheets if sheet.stem.name not in there]
        printed = printing(new, self.press, self.crew, self.read)
        files_of = (there[sheet.stem.name] if sheet.stem.name in there else next(printed) for sheet in sheets)
        self.sheets, self.files = [*self.sheets, *sheets], chain(self.files, files_of)

    def write(self, writing: Writing) -> list[Path]:
        """Wait for the sheets, one after the other."""
        paths = []
        for _ in self.warmed:
            pass
        for number, sheet in enumerate(self.sheets, start=1):
            paths += self._written(sheet.stem.name)
            writing.told(number / len(self.sheets), sheet.stem.name)
        if self.kept is not None:
            self.kept.settle()
        return paths

    def _written(self, stem: str) -> list[Path]:
        """The files of the next sheet, with the tables that it is drawn with; one that told nothing is remembered."""
        assert self.kept is not None
        with hearing(Journal()) as heard, standards.session(standards.replaced()) as used:
            files = next(self.files)
        for name in self.kept.tables(stem) or sorted({*used.used, *self.read.get(stem, ())}):
            standards.table(name)
        told = [*heard.warnings, *heard.steps, *heard.dropped]
        for problem in told:
            note(problem)
        key = self.keys.get(stem)
        if key is not None and not told and stem not in self.kept.printed:
            tables = sorted({*used.used, *self.read.get(stem, ())})
            self.kept.printed[stem] = {"key": key, "tables": tables}
        return files


def _surroundings(result: StudyResult, *, size: str, crs: str | None, hillshade: xr.DataArray | None) -> Backdrop:
    """What all sheets of a result share: its lines and names, and what the study gives to be drawn."""
    return map_backdrop(
        outlines=pd.concat([result.units[level][["name", "level", "geometry"]] for level in result.levels]),
        rivers=result.context.get("rivers"),
        seats=result.context.get("seats"),
        province=result.context.get("province"),
        hillshade=hillshade,
        size=size,
        crs=crs,
        level_names=result.level_names,
        works={kind: result.context[kind] for kind in WORKS if kind in result.context},
    )


def _press(writing: Writing) -> Printer:
    study, result, config = writing.study, writing.result, writing.study.outputs.maps
    assert config
    shared = _surroundings(result, size=config.size, crs=study.grid.crs, hillshade=result.layers.get("hillshade"))
    folder = writing.folder / "maps"
    return printer(shared, lang=result.language, dpi=config.dpi, formats=config.formats, folder=folder)


def drawing(study: StudyConfig) -> Crew:
    """Processes that start while the stages work, so that they wait for the sheets."""
    config = study.outputs.maps
    if not config:
        return drawing_crew(0)
    count = len(study.indices) * (len(study.published_levels) + 1)
    return drawing_crew(count, size=config.size, dpi=config.dpi, workers=study.run.workers)


def write_maps(writing: Writing) -> list[Path]:
    """One risk map for each hazard and level, the hazard maps of the grid, and the comprehensive ones."""
    if not writing.study.outputs.maps:
        return []
    with drawing(writing.study) as crew:
        begun = Drawing(crew)
        begun.begin(writing)
        begun.go_on(writing)
        return begun.write(writing)


def _contents(writing: Writing, sheets: Sequence[PrintedMap], press: Printer) -> dict[str, str | None]:
    """What each sheet is drawn from, as one text; None where that cannot be told."""
    study = writing.study
    font = cjk_font()
    own = [row for row in writing.result.record.get("inputs", ()) if str(row["name"]).startswith("standards.")]
    try:
        tables = {name: json.dumps(value) for name, value in study.model_dump(mode="json")["standards"].items()}
        files = [str(row["sha256"]) for row in own] + ([] if font is None else [checksum(font)])
        around = content_key(program(study), press.backdrop, press.dpi, writing.result.language, tables, files)
    except (UnknownContentError, RiskZoningError, TypeError):
        return {sheet.stem.name: None for sheet in sheets}
    return {sheet.stem.name: _content(sheet, around) for sheet in sheets}


def _content(sheet: PrintedMap, around: str) -> str | None:
    try:
        return content_key(around, sheet)
    except UnknownContentError:
        return None


def _waiting(writing: Writing) -> set[Path]:
    """Sheets of all hazards together on which unsure grades will be hatched, while nothing is drawn yet."""
    result = writing.result
    if not writing.study.uncertainty.draws or "stability" in result.tables:
        return set()
    return {_stem(result, Index(MULTI, "risk"), level) for level in result.levels}


def _sheets(result: StudyResult, risk: RiskConfig, places: Container[str] | None = None) -> list[PrintedMap]:
    return [sheet for sheets in hazard_sheets(result, risk, places).values() for sheet in sheets]


def hazard_sheets(
    result: StudyResult, risk: RiskConfig, places: Container[str] | None = None
) -> dict[str, list[PrintedMap]]:
    """The sheets of each hazard, those of all hazards together last; of some levels, ``grid`` and ``zones``, or all."""
    every: dict[str, list[PrintedMap]] = {}
    for hazard, indices in result.indices_by_hazard().items():
        sheets = every.setdefault(hazard, [])
        # Without anything exposed there is no risk: the hazard itself is what is zoned.
        whole = sorted((index for index in indices if index.receptor is None), key=lambda index: index.what != "risk")
        for level in [level for level in reversed(result.levels) if _among(level, places)]:
            index = next((index for index in whole if index.grade_key in result.units[level].columns), None)
            if index is not None:
                sheets.append(_unit_sheet(result, risk, index, level))
        gridded = [index for index in reversed(whole) if index.grade_key in result.layers and _among("grid", places)]
        sheets += [_grid_sheet(result, risk, index) for index in gridded]
    if result.zones and _among("zones", places):
        notes = _notes(result, words("zones_method", result.language))
        every.setdefault(MULTI, []).extend(zone_sheets(result, notes))
    return every


def _among(place: str, places: Container[str] | None) -> bool:
    return places is None or place in places


def result_map(result: StudyResult, hazard: str, *, level: str | None, what: str, lang: str) -> Figure:
    """The sheet of a hazard at a level as a figure: as the run prints it, but without the relief."""
    if lang not in LANGUAGES:
        known_languages = list(LANGUAGES)
        raise ConfigError(Problem("maps.option", Phrase("argument", name="lang"), value=lang, known=known_languages))
    level = level or result.levels[-1]
    if level not in result.levels:
        thing = Phrase("argument", name="level")
        raise ConfigError(Problem("maps.option", thing, value=level, known=list(result.levels)))
    here = [index for index in result.indices if index.receptor is None and index.grade_key in result.units[level]]
    chosen = next((index for index in here if (index.hazard, index.what) == (hazard, what)), None)
    if chosen is None:
        known = [f"{index.hazard} {index.what}" for index in here]
        raise ConfigError(
            Problem("maps.option", Phrase("argument", name="hazard, what"), value=f"{hazard} {what}", known=known)
        )
    spoken = replace(result, language=lang)
    frame, legend = _hatched(spoken, chosen, level)
    people = "population" if "population" in frame.columns else None
    return zoning_map(
        frame,
        column=chosen.grade_key,
        title=_title(spoken, chosen, level),
        lang=lang,
        legend=legend,
        panel=Panel(people=people, highest=_highest(spoken, level, chosen)),
        # The relief of a large grid is read from its file; a quick look does without.
        backdrop=_surroundings(result, size="A3", crs=None, hillshade=None),
        sheet=Sheet(notes=_plain_notes(result)),
    )


def _unit_sheet(result: StudyResult, risk: RiskConfig, index: Index, level: str) -> PrintedMap:
    frame, legend = _hatched(result, index, level)
    people = "population" if "population" in frame.columns else None
    drawn = {"name", "level", "parent", "geometry", index.grade_key, people, legend.index, legend.hatched}
    return PrintedMap(
        stem=_stem(result, index, level),
        # What is not drawn is no part of a sheet: it stays the same where other columns change.
        source=frame[[column for column in frame.columns if column in drawn]],
        column=index.grade_key,
        title=_title(result, index, level),
        legend=legend,
        panel=Panel(people=people, highest=_highest(result, level, index)),
        notes=_notes(result, _method(result, risk, index), index.hazard),
    )


def _hatched(result: StudyResult, index: Index, level: str) -> tuple[gpd.GeoDataFrame, Legend]:
    """The units and the legend of their map; of all hazards together with a column of what is unsure, where any is."""
    frame = result.units[level]
    legend = _legend(result, index, "units", frame.columns)
    unsure = result.unsure_units(level) if (index.hazard, index.what, index.receptor) == (MULTI, "risk", None) else []
    if not unsure:
        return frame, legend
    return frame.assign(**{_UNSURE: frame.index.astype(str).isin(unsure)}), replace(legend, hatched=_UNSURE)


def _grid_sheet(result: StudyResult, risk: RiskConfig, index: Index) -> PrintedMap:
    highest = _highest(result, result.levels[-1], index)
    return PrintedMap(
        stem=_stem(result, index, "grid"),
        source=result.layers[index.grade_key].rename(index.grade_key),
        title=_title(result, index, "grid"),
        legend=_legend(result, index, "grid", result.layers),
        panel=Panel(people=result.layers.get("population"), highest=highest),
        notes=_notes(result, _method(result, risk, index), index.hazard),
    )


def _stem(result: StudyResult, index: Index, where: str) -> Path:
    return result.folder / "maps" / f"{result.code}_{index.stem}_{where}"


def _highest(result: StudyResult, level: str, index: Index) -> list[tuple[str, float, int]]:
    """Units of the greatest index; those of several parents with theirs, since the same name occurs in many."""
    frame = result.units[level]
    if index.key not in frame.columns or index.grade_key not in frame.columns:
        return []
    best = frame[frame[index.key].notna()].sort_values(index.key, ascending=False, kind="stable").head(5)
    names = list(unit_names(best))
    above = result.levels[: result.levels.index(level)][-1:]
    if above and len(set(frame["parent"])) > 1:
        parents = unit_names(result.units[above[0]]).reindex(best["parent"]).fillna("")
        names = [f"{parent} {name}".strip() for parent, name in zip(parents, names, strict=True)]
    values, grades = best[index.key], best[index.grade_key].fillna(0)
    return [(name, float(v), int(g)) for name, v, g in zip(names, values, grades, strict=True)]


def _title(result: StudyResult, index: Index, level: str) -> str:
    lang = result.language
    key = "title_hazard" if index.what == "hazard" else "title_multi" if index.hazard == MULTI else "title_risk"
    city, hazard = result.name.get(lang) or result.code, index.hazard_title(lang)
    hazard = within(hazard) if lang == "en" else hazard
    return words(key, lang, city=city, hazard=hazard, level=result.level_name(level, lang))


def _legend(result: StudyResult, index: Index, where: str, known: Container[object]) -> Legend:
    """Classes as they were made: on the ladder of the hazard, or by the breaks of the run; ``known`` has its values."""
    zero = index.key if where == "units" else result.layers.get(index.key)
    zero = zero if index.has_none and index.key in known else None
    notes = legend_notes(result, index, result.language)
    works = _shows_works(index.hazard)
    plain = Legend(scheme=index.scheme, palette=index.palette, index=zero, notes=notes, works=works)
    cut = result.breaks.get(index)
    breaks = None if cut is None else cut.grid if where == "grid" else cut.units
    if breaks is None or not breaks.bounds:
        return plain
    if breaks.by_share:
        return replace(plain, notes=[*plain.notes, words(breaks.rule, result.language)])
    ladder = _ladder(index) if where == "grid" else None
    # Breaks that the study fixes otherwise are those of the map.
    if ladder is not None and breaks.bounds == tuple(index_breaks(ladder.k)) and breaks.closed == ladder.closed:
        return replace(plain, ladder=ladder)
    return replace(plain, breaks=breaks.bounds, closed=breaks.closed)


def _shows_works(hazard: str) -> bool:
    """Whether works are drawn: on sheets of all hazards together, and of a hazard that takes them as inputs."""
    spec = HAZARDS.get(hazard)
    return hazard == MULTI or (spec is not None and any(one.key in WORKS for one in spec.inputs))


def _ladder(index: Index) -> Ladder | None:
    """The ladder that the grades of cells stand on."""
    if index.what != "hazard" or index.hazard not in HAZARDS:
        return None
    return HAZARDS[index.hazard].scale


def _method(result: StudyResult, risk: RiskConfig, index: Index) -> str:
    if index.what == "hazard" and index.hazard in HAZARDS:
        # The footer has one line; the run record has all sentences.
        return re.split(r"[。;；]|\. ", str(HAZARDS[index.hazard].method[result.language]))[0].rstrip(".")
    kind, key = ("combine", risk.combine) if index.hazard == MULTI else ("form", risk.form)
    return standards.names(kind, key, result.language)


def _notes(result: StudyResult, method: str, hazard: str = MULTI) -> MapNotes:
    """The footers; those of a single hazard name what it was made of, which weights of hazards are no part of."""
    together = hazard == MULTI
    tables = standards.tables_of_numbers(result.record["tables_used"])
    used = [row for row in tables if together or not str(row["name"]).startswith("weights/")]
    run = str(result.record.get("run_id", "") if together else result.record.get("stages", {}).get("single", ""))
    status: dict[str, int] = {key: sum(row["status"] == key for row in used) for key in _STATUS}
    status["unverified"] = sum(not row["verified"] for row in used)
    return replace(_plain_notes(result), method=method, status=status, run=run[:8])


def _plain_notes(result: StudyResult) -> MapNotes:
    """What the footers of every map say: the review, the day of the data, the boundaries."""
    return MapNotes(result.review_number, result.data_date, boundaries=result.boundary_source)


MAPS = Output(
    "maps",
    files=("maps/{code}_*.*",),
    rank=60,
    wanted=lambda outputs: bool(outputs.maps),
    write=write_maps,
    ahead=Drawing,
    place=lambda writing: writing.folder / "maps",
    weight=9.0,
)
