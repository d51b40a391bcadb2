"""The report from its cover to its annex."""

from __future__ import annotations

from pathlib import Path

from riskzoning import __version__
from riskzoning.report import annex, assessed, listed
from riskzoning.report.facts import Facts
from riskzoning.report.paper import PAGE, Paper
from riskzoning.report.pictures import Pictures
from riskzoning.results import StudyResult


def report(result: StudyResult, path: str | Path, *, maps: str | Path | None = None) -> Path:
    """The report of a study as a Word document (报告), in the language of the study.

    Cover and contents, the answers to a planner's questions, what was asked and which data, each hazard with its map
    and the grades of the units, what lies in each grade, exposed objects, capacity, hidden dangers, history and
    targets, zones, what is missing and not verified, and tables of all units. Numbers are those of the tables of the
    run; the same result gives the same bytes.

    Parameters
    ----------
    result : StudyResult
    path : path
        The document, ``.docx``.
    maps : path, optional
        Folder with the printed maps of the run; the report shows them and draws none itself.

    Returns
    -------
    Path

    Raises
    ------
    RunError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from riskzoning.samples import toy_result
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report(toy_result(), Path(folder) / "report.docx").name
    'report.docx'
    """
    facts = Facts(result, result.language)
    title = facts.say("title", city=result.name.get(facts.lang) or result.code)
    footer = facts.say("footer", date=result.data_date, run=str(result.record.get("run_id", ""))[:8], page=PAGE)
    paper = Paper(facts.lang, header=title, footer=footer)
    pictures = Pictures(None if maps is None else Path(maps), result.code, result.levels)
    _cover(paper, facts)
    assessed.summary(paper, facts)
    annex.data(paper, facts)
    assessed.hazard_chapters(paper, facts, pictures)
    assessed.exposure_by_grade(paper, facts)
    listed.chapters(paper, facts)
    annex.missing(paper, facts)
    annex.units(paper, facts)
    paper.contents(facts.say("contents"), paper.headings[0][2])
    paper.save(Path(path), title=title, date=result.data_date)
    return Path(path)


def _cover(paper: Paper, facts: Facts) -> None:
    result = facts.result
    paper.centred(result.name.get(facts.lang) or result.code, size=30, before=150, bold=True, colour="1F3864")
    paper.centred(facts.say("cover_title"), size=26, before=6, bold=True, colour="1F3864")
    names = [facts.hazard_name(hazard) for hazard in result.hazards]
    paper.centred(facts.say("cover_hazards", names=facts.listed(names)), size=12, before=30, colour="444444")
    number = result.review_number
    note = facts.say("reviewed", number=number) if number else facts.say("sketch")
    paper.centred(facts.say("cover_date", date=result.data_date), size=14, before=190)
    if result.boundary_source:
        paper.centred(facts.say("cover_boundaries", source=result.boundary_source), size=12, before=10)
    paper.centred(note, size=12, before=10, colour="222222" if number else "B00020")
    paper.centred(
        facts.say("made_by", version=__version__, run=str(result.record.get("run_id", ""))[:8]),
        size=10,
        before=10,
        colour="666666",
    )
