"""The report of a check: tables, a workbook, a page, and copies of the workbooks with the wrong cells marked."""

from __future__ import annotations

import html
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import openpyxl
import pandas as pd
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from riskzoning import standards
from riskzoning.errors import counted
from riskzoning.io import atomic, write_csv, write_json, write_workbook
from riskzoning.surveys.checking import Checked

_FILLS = {"error": PatternFill("solid", fgColor="F4B6B6"), "warning": PatternFill("solid", fgColor="FFE7A8")}
_COLOURS = {"error": "#f4b6b6", "warning": "#ffe7a8", "info": "#e6eef7"}
JSON_KEYS = ("file", "sheet", "row", "field", "rule", "severity", "found", "required", "fix")
# A page stays readable: the rest is in the tables, and the page says so.
_PAGE_ROWS = 5000


def problem_table(checked: Iterable[Checked], lang: str) -> pd.DataFrame:
    """The problems of all forms in one table."""
    parts = [item.table(lang).assign(form=item.records.form.titles[lang]) for item in checked]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def as_json(problems: pd.DataFrame) -> list[dict[str, object]]:
    """The problems as programs read them."""
    rows = problems.loc[:, list(JSON_KEYS)].astype(object)
    rows = rows.where(rows.notna() & (rows != ""), None)
    return [{str(key): value for key, value in row.items()} for row in rows.to_dict("records")]


def titled(problems: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The problem table with headings and severities in a language."""
    words = {column: standards.names("survey", column, lang) for column in problems.columns}
    severity = {name: standards.names("survey", name, lang) for name in ("error", "warning", "info")}
    return problems.assign(severity=problems["severity"].map(severity)).rename(columns=words)


def write_report(
    folder: str | os.PathLike[str], problems: pd.DataFrame, scores: pd.DataFrame, *, lang: str
) -> list[Path]:
    """``problems.csv``, ``problems.json``, ``problems.xlsx`` and ``report.html``; the files that were written."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    shown, marks = titled(problems, lang), _scores_titled(scores, lang)
    write_csv(place / "problems.csv", shown)
    write_json(place / "problems.json", as_json(problems))
    sheets = {standards.names("survey", "scores", lang): marks, standards.names("survey", "problems", lang): shown}
    write_workbook(place / "problems.xlsx", sheets)
    with atomic(place / "report.html") as partial:
        Path(partial).write_text(_page(problems, marks, lang), encoding="utf-8")
    return [place / name for name in ("problems.csv", "problems.json", "problems.xlsx", "report.html")]


def _scores_titled(scores: pd.DataFrame, lang: str) -> pd.DataFrame:
    every = standards.names("survey", "all_units", lang)
    out = scores.assign(code=scores["code"].replace("", every))
    return out.rename(columns={name: standards.names("survey", name, lang) for name in out.columns})


def _page(problems: pd.DataFrame, scores: pd.DataFrame, lang: str) -> str:
    title = standards.names("survey", "report", lang)
    counts = problems["severity"].value_counts()
    summary = "，" if lang == "zh" else ", "
    text = summary.join(f"{standards.names('survey', kind, lang)} {int(counts.get(kind, 0))}" for kind in _COLOURS)
    shown = titled(problems.head(_PAGE_ROWS), lang)
    rows = []
    for (_, row), severity in zip(shown.iterrows(), problems["severity"].head(_PAGE_ROWS), strict=True):
        cells = "".join(f"<td>{_cell(value)}</td>" for value in row)
        rows.append(f'<tr style="background:{_COLOURS[str(severity)]}">{cells}</tr>')
    rest = len(problems) - len(shown)
    left = counted(standards.names("survey", "more_rows", lang), {"count": rest}, lang).format(count=rest)
    more = f"<p>{html.escape(left)}</p>" if rest > 0 else ""
    head = "".join(f"<th>{html.escape(str(name))}</th>" for name in shown.columns)
    marks = scores.to_html(index=False, border=0, na_rep="", escape=True)
    style = (
        "body{font:15px/1.5 system-ui,'Noto Sans CJK SC','Microsoft YaHei',sans-serif;margin:2em;color:#1c1c1c}"
        "table{border-collapse:collapse;margin:1em 0}td,th{border:1px solid #ccc;padding:.3em .6em;text-align:left;"
        "vertical-align:top}th{background:#f2f2f2;position:sticky;top:0}"
    )
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{style}</style></head><body><h1>{html.escape(title)}</h1><p>{html.escape(text)}</p>{marks}"
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>{more}</body></html>\n"
    )


def _cell(value: object) -> str:
    return "" if value is None or value is pd.NA or value != value else html.escape(str(value))


def write_marked(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    problems: pd.DataFrame,
    positions: Mapping[tuple[str, str], Mapping[str, int]],
    lang: str,
) -> None:
    """A copy of a workbook whose wrong cells are filled and carry what is wrong as a comment.

    ``problems``: those of this file; ``positions``: (file, sheet) -> title of a field -> column from 0.
    """
    book = openpyxl.load_workbook(Path(source))
    texts: dict[tuple[str, int, int], list[str]] = {}
    fills: dict[tuple[str, int, int], str] = {}
    for item in as_json(problems):
        row = {key: "" if value is None else str(value) for key, value in item.items()}
        columns = positions.get((row["file"], row["sheet"]), {})
        if not row["row"] or row["field"] not in columns or row["sheet"] not in book.sheetnames:
            continue
        place = (row["sheet"], int(row["row"]), columns[row["field"]] + 1)
        join = "{}: {}. {}" if lang == "en" else "{}：{}。{}"
        texts.setdefault(place, []).append(join.format(row["rule"], row["found"], row["fix"]))
        fills[place] = "error" if "error" in (row["severity"], fills.get(place)) else row["severity"]
    for (sheet, line, column), words in texts.items():
        cell = book[sheet].cell(line, column)
        cell.fill = _FILLS.get(fills[(sheet, line, column)], _FILLS["warning"])
        cell.comment = Comment("\n".join(words), "riskzoning", height=140, width=320)
    with atomic(target) as partial:
        book.save(partial)
