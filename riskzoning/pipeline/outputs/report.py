"""Output ``report``: the report of a study, with the printed maps that the run has made."""

from __future__ import annotations

from riskzoning.pipeline.outputs.output import Output, Writing


def write_report(writing: Writing) -> None:
    """Write ``report.docx``."""
    # Loaded when it is written: no other command pays for it.
    from riskzoning.report import report

    report(writing.result, writing.folder / "report.docx", maps=writing.folder / "maps" if _has_maps(writing) else None)


def _has_maps(writing: Writing) -> bool:
    """Whether this run prints maps that a document can show; those of an earlier run are none."""
    maps = writing.study.outputs.maps
    return maps is not False and "png" in maps.formats


# After the maps that it shows.
REPORT = Output(
    "report",
    files=("report.docx",),
    rank=64,
    wanted=lambda outputs: outputs.report,
    write=write_report,
    place=lambda writing: writing.folder / "report.docx",
    weight=1.0,
)
