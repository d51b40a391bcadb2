"""Maps, page and report again, from the folder of a finished run: nothing is computed, no input is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from riskzoning import io
from riskzoning.config import StudyConfig
from riskzoning.config.outputs import MapsConfig
from riskzoning.errors import ConfigError, Phrase, Problem
from riskzoning.files import same_place
from riskzoning.io.writing.ledger import Ledger, recording
from riskzoning.names import MULTI
from riskzoning.pipeline.outputs.atlas import write_atlas
from riskzoning.pipeline.outputs.maps import Drawing, drawing
from riskzoning.pipeline.outputs.output import Told, Writing, unheard
from riskzoning.pipeline.workspace.folder import check_folder
from riskzoning.pipeline.workspace.kept import kept
from riskzoning.results import StudyResult

_ELSEWHERE = ("grid", "zones")


@dataclass(frozen=True)
class _Source:
    """A finished run, and where what is made of it goes."""

    study: StudyConfig
    result: StudyResult
    begun: StudyResult


def make_maps(
    run_dir: str | Path,
    *,
    out: str | Path | None = None,
    lang: str | None = None,
    hazards: Sequence[str] = (),
    levels: Sequence[str] = (),
    told: Told = unheard,
    **sheet: Any,
) -> list[Path]:
    """Print the maps of a finished run again, and bind the atlas of those that are in the folder.

    Parameters
    ----------
    run_dir : path
        Folder of the run. The inputs of its study are not needed.
    out : path, optional
        Folder that gets ``maps/``; default that of the run, where the maps of the same names are replaced.
    lang : {"zh", "en"}, optional
        Default the language of the study.
    hazards, levels : sequence of str
        Only these; ``multi`` is all hazards together; ``grid`` and ``zones`` count as levels. Default all.
    told : callable
        Hears how far it is, 0..1, and the name of the sheet.
    **sheet
        ``size`` (``A4 A3 A1``), ``formats`` (``png pdf svg``), ``dpi`` and ``review_number``; default as in the study.

    Returns
    -------
    list of Path
        The files. Where nothing is asked otherwise they have the bytes that the run wrote.

    Raises
    ------
    ConfigError
        The folder is not that of a finished run, a part of it is missing, or there is no such hazard or level.
    LockedError
        A run works in the folder.

    Examples
    --------
    >>> try:
    ...     make_maps("no/such/run")
    ... except ConfigError as error:
    ...     print(error.problems[0].rule)
    again.no_run
    """
    with _opened(run_dir, out, lang) as source:
        study, made = source.study, source.result
        places = _chosen("levels", levels, (*made.levels, *_ELSEWHERE))
        wanted = _chosen("hazards", hazards, (*made.hazards, MULTI))
        config = (study.outputs.maps or MapsConfig()).model_dump() | {k: v for k, v in sheet.items() if v}
        outputs = study.outputs.model_copy(update={"maps": MapsConfig.model_validate(config)})
        study = study.model_copy(update={"outputs": outputs})
        begun, result = (_only(one, wanted) for one in (source.begun, made))
        with drawing(study) as crew:
            drawn = Drawing(crew, places)
            drawn.begin(Writing(study, begun, told))
            drawn.go_on(Writing(study, result, told))
            files = drawn.write(Writing(study, result, told))
        writing = Writing(study, result, told)
        write_atlas(writing)
        atlas = writing.folder / "maps" / "atlas.pdf"
        return [*files, *([atlas] if "pdf" in config["formats"] and atlas.is_file() else [])]


def make_site(run_dir: str | Path, *, out: str | Path | None = None, lang: str | None = None) -> Path:
    """Make the planners' page of a finished run again.

    Parameters
    ----------
    run_dir : path
        Folder of the run. The inputs of its study are not needed.
    out : path, optional
        Folder that gets ``site/``; default that of the run.
    lang : {"zh", "en"}, optional
        The language that the page begins with; default that of the study.

    Returns
    -------
    Path
        ``index.html``.

    Raises
    ------
    ConfigError
        The folder is not that of a finished run, or a part of it is missing.
    LockedError
        A run works in the folder.

    Examples
    --------
    >>> try:
    ...     make_site("no/such/run")
    ... except ConfigError as error:
    ...     print(error.problems[0].rule)
    again.no_run
    """
    from riskzoning.webmap import site

    with _opened(run_dir, out, lang) as source:
        chosen = source.study.outputs.site
        return site(source.result, source.result.folder / "site", basemap=chosen.basemap if chosen else ())


def make_report(run_dir: str | Path, *, out: str | Path | None = None, lang: str | None = None) -> Path:
    """Write the report of a finished run again, with the maps that it has printed.

    Parameters
    ----------
    run_dir : path
        Folder of the run. The inputs of its study are not needed.
    out : path, optional
        Folder that gets ``report.docx``; default that of the run. Maps in it are shown before those of the run.
    lang : {"zh", "en"}, optional
        Default the language of the study.

    Returns
    -------
    Path
        ``report.docx``.

    Raises
    ------
    ConfigError
        The folder is not that of a finished run, or a part of it is missing.
    LockedError
        A run works in the folder.

    Examples
    --------
    >>> try:
    ...     make_report("no/such/run")
    ... except ConfigError as error:
    ...     print(error.problems[0].rule)
    again.no_run
    """
    from riskzoning.report import report

    with _opened(run_dir, out, lang) as source:
        folder = source.result.folder
        maps = folder / "maps" if (folder / "maps").is_dir() else Path(run_dir) / "maps"
        return report(source.result, folder / "report.docx", maps=maps if any(maps.glob("*.png")) else None)


@contextmanager
def _opened(run_dir: str | Path, out: str | Path | None, lang: str | None) -> Iterator[_Source]:
    """A finished run in a language, with the folder that it goes to held and its files written down."""
    run_dir = Path(run_dir)
    folder = run_dir if out is None or same_place(Path(out), run_dir) else Path(out)
    with kept(run_dir) as (study, result, begun):
        check_folder(folder)
        spoken = lang or study.language
        study = study.model_copy(update={"language": spoken})
        result, begun = (replace(one, folder=folder, language=spoken) for one in (result, begun))
        with io.lock(folder):
            ledger = Ledger(folder)
            with recording(ledger):
                yield _Source(study, result, begun)
            ledger.settle()


def _chosen(name: str, wanted: Sequence[str], known: Sequence[str]) -> tuple[str, ...] | None:
    wrong = [one for one in wanted if one not in known]
    if wrong:
        option = Phrase("option", name=f"--{name}")
        raise ConfigError(problems=[Problem("again.choice", option, value=one, known=list(known)) for one in wrong])
    return tuple(wanted) or None


def _only(result: StudyResult, hazards: Sequence[str] | None) -> StudyResult:
    """The result with these hazards and no others; zones are of all of them together."""
    if hazards is None:
        return result
    return replace(
        result,
        hazards=tuple(hazard for hazard in result.hazards if hazard in hazards),
        indices=tuple(index for index in result.indices if index.hazard in hazards),
        zones=result.zones if MULTI in hazards else {},
    )
