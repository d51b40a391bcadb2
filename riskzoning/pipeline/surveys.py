"""The check of survey files together: all workbooks of a city, its units and directory, the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd

from riskzoning import io
from riskzoning.errors import LayerError, Phrase, Problem, SurveyError
from riskzoning.files import existing
from riskzoning.pipeline.survey_units import TOPOLOGY, survey_units
from riskzoning.results import StudyResult
from riskzoning.surveys.checking import Checked, check_files
from riskzoning.surveys.context import Context
from riskzoning.surveys.reading import Table, survey_tables
from riskzoning.surveys.repairs import log_of, repairs, write_repaired
from riskzoning.surveys.report import problem_table, write_marked, write_report
from riskzoning.surveys.scores import scores

_ENDINGS = (".xlsx", ".xlsm", ".xls", ".csv", ".tsv", ".txt", ".gpkg", ".geojson", ".shp")
_WORKBOOKS = (".xlsx", ".xlsm")
# How the names of tables begin that come from accepted records.
_OF_SURVEYS = ("capacity", "teams", "hidden_dangers", "history", "objects", "access", "coverage", "exposure_by_age",
               "building")  # fmt: skip


@dataclass(frozen=True)
class Surroundings:
    """Files that the rules look at beside the surveys; each may be absent."""

    units: Path | gpd.GeoDataFrame | None = None
    directory: Path | None = None
    yearbook: Path | None = None
    form: str | None = None
    # Rows with errors are counted as used.
    force: bool = False
    today: pd.Timestamp | None = None


@dataclass(frozen=True)
class SurveyCheck:
    """What a check of survey files has shown."""

    checked: tuple[Checked, ...]
    files: dict[str, Path]
    context: Context
    problems: pd.DataFrame
    scores: pd.DataFrame = field(default_factory=pd.DataFrame)


def check_surveys(paths: Sequence[Path], around: Surroundings, *, lang: str) -> SurveyCheck:
    """Check survey files and folders of them together: every form sees the others."""
    files = _files(paths)
    units, problems = survey_units(around.units) if isinstance(around.units, Path) else (around.units, [])
    context = Context(
        units=units,
        directory=None if around.directory is None else _table(around.directory),
        yearbook=None if around.yearbook is None else _table(around.yearbook),
        today=around.today or Context().today,
    )
    tables: dict[str, list[Table]] = {}
    unreadable: list[Problem] = []
    for label, path in files.items():
        try:
            for table in survey_tables(path, name=around.form, shown=label):
                tables.setdefault(table.form.name, []).append(table)
        except (SurveyError, LayerError) as error:
            unreadable += error.problems
    if unreadable and not tables:
        raise SurveyError(problems=unreadable)
    checked = tuple(check_files(tables, context).values())
    listed = problem_table(checked, lang)
    others = [*unreadable, *problems]
    if others:
        listed = pd.concat([_listed(others, lang)[list(listed.columns)], listed], ignore_index=True)
    return SurveyCheck(checked, files, context, listed, scores(checked, context, force=around.force))


def quality_score(scores: pd.DataFrame) -> float:
    """The score of all forms together: the mean of theirs, each by its rows; 100 is without a fault."""
    whole = scores[scores["code"] == ""]
    return float((whole["score"] * whole["rows"]).sum() / max(int(whole["rows"].sum()), 1))


@dataclass(frozen=True)
class SurveysInShort:
    """What the surveys of a run gave, in numbers, and the tables that come of them."""

    forms: int
    rows: int
    score: float
    problems: int
    rejected: int
    tables: tuple[str, ...]


def surveys_in_short(result: StudyResult) -> SurveysInShort | None:
    """What the surveys of a run gave; None without any."""
    scores = result.tables.get("survey_quality")
    if scores is None:
        return None
    problems, rejected = result.tables.get("survey_problems"), result.tables.get("qc_rejected")
    whole = scores[scores["code"] == ""]
    return SurveysInShort(
        forms=len(whole),
        rows=int(whole["rows"].sum()),
        score=quality_score(scores),
        problems=0 if problems is None else int((problems["severity"] != "info").sum()),
        rejected=0 if rejected is None else len(rejected),
        tables=tuple(name for name in result.tables if name.startswith(_OF_SURVEYS)),
    )


def _files(paths: Iterable[Path]) -> dict[str, Path]:
    """The files of a list of files and folders, under the names that messages use."""
    out: dict[str, Path] = {}
    for given in paths:
        path = existing(given, what=Phrase("file_or_folder"), folder=True)
        if path.is_dir():
            inside = sorted(item for item in path.rglob("*") if item.suffix.lower() in _ENDINGS)
            # Excel leaves such files beside a workbook that is open.
            out |= {str(item.relative_to(path)): item for item in inside if not item.name.startswith("~$")}
        else:
            out[path.name if path.name not in out else str(path)] = path
    if not out:
        raise SurveyError(Problem("survey.no_files", ", ".join(map(str, paths)), endings=_ENDINGS))
    return out


def _listed(problems: Sequence[Problem], lang: str) -> pd.DataFrame:
    """Problems that are at no row of a form, as rows of the problem table."""
    rows = [{**problem.as_row(lang), "key": "", "also_at": "", "form": ""} for problem in problems]
    frame = pd.DataFrame(rows)
    rules = frame["rule"]
    rules = rules.where(~rules.str.match(r"Q\d\d\."), rules.str[:3])
    return frame.assign(rule=rules.where(~rules.str.startswith(TOPOLOGY), "Q07"))


def _table(path: Path) -> pd.DataFrame:
    if path.suffix.lower() in (".gpkg", ".geojson", ".shp"):
        frame = io.read_vector(path)
        return pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return io.read_table(path)


def write_survey_report(check: SurveyCheck, folder: Path, *, lang: str) -> list[Path]:
    """The report of a check, and copies of the workbooks with their wrong cells marked."""
    made = write_report(folder, check.problems, check.scores, lang=lang)
    positions: dict[tuple[str, str], dict[str, int]] = {}
    for item in check.checked:
        titles = {f.name: f.title(lang) for f in item.records.form.fields}
        for place, columns in item.records.positions.items():
            positions[place] = {titles[name]: column for name, column in columns.items()}
    for label, path in check.files.items():
        rows = check.problems[check.problems["file"] == label]
        if path.suffix.lower() in _WORKBOOKS and len(rows):
            target = folder / "marked" / label
            target.parent.mkdir(parents=True, exist_ok=True)
            write_marked(path, target, rows, positions, lang)
            made.append(target)
    return made


def write_repairs(check: SurveyCheck, folder: Path) -> list[Path]:
    """Copies of the workbooks with what can be repaired safely, and ``repairs.csv`` with every change."""
    changes = repairs(check.checked)
    made = []
    for label, path in check.files.items():
        own = [change for change in changes if change.file == label]
        if own and path.suffix.lower() in _WORKBOOKS:
            target = folder / label
            target.parent.mkdir(parents=True, exist_ok=True)
            write_repaired(path, own, target)
            made.append(target)
    folder.mkdir(parents=True, exist_ok=True)
    io.write_csv(folder / "repairs.csv", log_of(changes))
    return [*made, folder / "repairs.csv"]
