"""What tests read in a document: its texts and tables as a person sees them."""

from __future__ import annotations

from pathlib import Path

from docx import Document
from docx.oxml.ns import qn

from riskzoning.report import report
from riskzoning.results import StudyResult


def read(result: StudyResult, folder: Path, **options: object) -> tuple[str, dict[str, list[list[str]]]]:
    """The text of the report of a result, and its tables by the words of their captions."""
    document = Document(str(report(result, folder / "report.docx", **options)))  # type: ignore[arg-type]
    texts, tables, caption = [], {}, ""
    grids = iter(document.tables)
    for child in document.element.body:
        if child.tag.endswith("}p"):
            text = "".join(part.text or "" for part in child.iter(qn("w:t")))
            texts.append(text)
            caption = text or caption
        elif child.tag.endswith("}tbl"):
            rows = [[cell.text for cell in row.cells] for row in next(grids).rows]
            tables[caption.partition("  ")[2]] = rows
    return "\n".join(texts), tables
