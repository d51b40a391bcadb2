"""Empty survey forms as Excel workbooks: drop-downs, units, notes, and a sheet that explains every column."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from riskzoning import standards
from riskzoning.errors import language
from riskzoning.io import atomic
from riskzoning.surveys.forms import CODES, Field, Form, form

_ROWS = 5000
_LIST_ROOM = 255
_LATIN = 255
# Letters across a sheet of A3 that can be read; height of a line of text in points.
_PAGE_LETTERS, _LINE = 240, 15
_BOUNDS_WIDTH, _CHOICES_WIDTH = 32, 80
_REQUIRED, _OPTIONAL = PatternFill("solid", fgColor="D9E7F5"), PatternFill("solid", fgColor="F2F2F2")
_EDGE = Border(*(Side(style="thin", color="BFBFBF"),) * 4)
# Units with a name of their own in each language; the others are signs.
_SPOKEN_UNITS = ("degree", "person", "ha", "yuan", "万元", "户", "间")
_DIGITS = {"code6": 6, "code9": 9, "code12": 12}


def write_template(name: str | Form, path: str | os.PathLike[str], *, lang: str | None = None) -> None:
    """Write the empty Excel form (空白调查表) of a survey form: drop-downs, ranges, notes, and a sheet of the columns.

    Parameters
    ----------
    name : str or Form
        Name of the form (:func:`form_names`), or a form of your own.
    path : path
        ``.xlsx``; written beside its place and renamed.
    lang : {"zh", "en"}, optional
        Language of headings and notes; by default the one spoken now.

    Raises
    ------
    SurveyError
        The form is unknown.

    Examples
    --------
    >>> import tempfile, pathlib, openpyxl
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "shelter.xlsx"
    ...     write_template("shelter", file, lang="zh")
    ...     openpyxl.load_workbook(file).active["A2"].value
    '场所编码*'
    """
    of = name if isinstance(name, Form) else form(name)
    spoken = lang or language()
    book = Workbook()
    sheet = book.active
    sheet.title = _sheet_name(of.titles[spoken])
    _headings(sheet, of, spoken)
    explained = book.create_sheet(_words("sheet_columns", spoken))
    _columns(explained, of, spoken)
    ranges = _codes(book.create_sheet(_words("sheet_choices", spoken)), of, spoken)
    for index, field in enumerate(of.fields, start=1):
        _validation(sheet, field, index, ranges, spoken)
    with atomic(path) as partial:
        book.save(partial)


def _sheet_name(title: str) -> str:
    return "".join(letter for letter in title if letter not in "[]:*?/\\")[:31]


def _headings(sheet: Worksheet, of: Form, lang: str) -> None:
    sheet["A1"] = of.titles[lang]
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=min(len(of.fields), 12))
    for index, field in enumerate(of.fields, start=1):
        title = _heading(field, lang)
        cell = sheet.cell(2, index, title + ("*" if field.required else ""))
        cell.font, cell.border = Font(bold=True), _EDGE
        cell.fill = _REQUIRED if field.required else _OPTIONAL
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        cell.comment = Comment(_explained(field, lang), "riskzoning", height=110, width=260)
        letter = get_column_letter(index)
        sheet.column_dimensions[letter].width = _width(title, field)
        if field.kind in CODES or field.kind in ("text", "name"):
            for row in range(3, 503):
                sheet.cell(row, index).number_format = "@"
        elif field.kind == "date":
            for row in range(3, 503):
                sheet.cell(row, index).number_format = "yyyy-mm-dd"
    sheet.row_dimensions[2].height = 48
    # The key stays in sight while a wide form is filled.
    sheet.freeze_panes = sheet.cell(3, [field.name for field in of.fields].index(of.key) + 2)
    _on_paper(sheet, heading_rows="1:2")


def _heading(field: Field, lang: str) -> str:
    """The title of a column with its unit, where the title does not say it."""
    title = field.title(lang)
    told = not field.unit or field.kind in ("lon", "lat") or "(" in title or _unit(field, lang) in title
    return title if told else f"{title} ({_unit(field, lang)})"


def _width(title: str, field: Field) -> int:
    """Width of a column: its title on two lines, longest word whole, and room for what is written in it."""
    letters = _letters(title)
    word = max((len(part) for part in title.split()), default=0) if title.isascii() else 0
    need = 24 if field.pattern else 14 if field.kind in (*CODES, "name", "date") else 12
    return max(need, min(24, letters // 2 + 4), word + 4)


def _letters(text: str) -> int:
    """How many Latin letters a text is wide."""
    return sum(2 if ord(letter) > _LATIN else 1 for letter in text)


def _on_paper(sheet: Worksheet, *, heading_rows: str) -> None:
    """Printed across the page, as many pages wide as can be read, headings on every one."""
    letters = sum(sheet.column_dimensions[get_column_letter(at)].width for at in range(1, sheet.max_column + 1))
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A3
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = math.ceil(letters / _PAGE_LETTERS), 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = heading_rows


def _words(key: str, lang: str) -> str:
    return standards.names("survey", key, lang)


def _explained(field: Field, lang: str) -> str:
    parts = [_words(f"type_{field.kind}", lang)]
    if field.pattern:
        parts.append(field.pattern.written(lang))
    if field.unit:
        parts.append(f"{_words('unit', lang)}: {_unit(field, lang)}")
    bounds = _bounds(field)
    if bounds:
        parts.append(f"{_words('range', lang)}: {bounds}")
    if field.choices:
        parts.append(f"{_words('choices', lang)}: {', '.join(field.choices)}")
    if field.note:
        parts.append(field.note)
    parts.append(_words("required" if field.required else "optional", lang))
    return "\n".join(parts)


def _bounds(field: Field) -> str:
    if field.minimum is not None and field.maximum is not None:
        return f"{field.minimum:g} - {field.maximum:g}"
    if field.minimum is not None:
        return f">= {field.minimum:g}"
    return "" if field.maximum is None else f"<= {field.maximum:g}"


def _columns(sheet: Worksheet, of: Form, lang: str) -> None:
    keys = ("column", "name", "type", "unit", "required", "range", "choices")
    sheet.append([_words(key, lang) for key in keys])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for field in of.fields:
        labels = _meanings(field, lang)
        choices = "; ".join(f"{code} {labels[code]}" if code in labels else code for code in field.choices)
        required = _words("required" if field.required else "optional", lang)
        kind = _words(f"type_{field.kind}", lang)
        bounds = field.pattern.written(lang) if field.pattern else _bounds(field)
        sheet.append([field.title(lang), field.name, kind, _unit(field, lang), required, bounds, choices])
        for cell in sheet[sheet.max_row]:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        lines = max(math.ceil(_letters(bounds) / _BOUNDS_WIDTH), math.ceil(_letters(choices) / _CHOICES_WIDTH), 1)
        sheet.row_dimensions[sheet.max_row].height = _LINE * lines
    for letter, width in zip("ABCDEFG", (32, 14, 26, 14, 10, _BOUNDS_WIDTH, _CHOICES_WIDTH), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    _on_paper(sheet, heading_rows="1:1")


def _codes(sheet: Worksheet, of: Form, lang: str) -> dict[str, str]:
    """The sheet of codes: each choice of each column with its meaning; where the choices of a field stand in it."""
    sheet.append([_words(key, lang) for key in ("column", "choice", "meaning")])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    ranges = {}
    for field in of.fields:
        meanings = _meanings(field, lang)
        first = sheet.max_row + 1
        for choice in field.choices:
            sheet.append([field.title(lang), choice, meanings.get(choice, choice)])
            sheet.cell(sheet.max_row, 2).number_format = "@"
        if field.choices:
            ranges[field.name] = f"'{sheet.title}'!$B${first}:$B${sheet.max_row}"
    for letter, width in zip("ABC", (30, 24, 40), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    _on_paper(sheet, heading_rows="1:1")
    return ranges


def _meanings(field: Field, lang: str) -> dict[str, str]:
    """Code -> its label in a language."""
    return {code: text for text, code in field.labels.items() if (ord(text[0]) > 255) == (lang == "zh")}


def _unit(field: Field, lang: str) -> str:
    """The unit as people of a language write it."""
    return _words(f"unit_{field.unit}", lang) if field.unit in _SPOKEN_UNITS else field.unit


def _validation(sheet: Worksheet, field: Field, index: int, ranges: Mapping[str, str], lang: str) -> None:
    """The rule of Excel that a column of cells obeys, with the message that a wrong cell gives."""
    rule = _rule_of(field, ranges)
    if rule is None:
        return
    rule.allow_blank = True
    rule.errorTitle, rule.error = field.title(lang)[:32], _explained(field, lang)[:_LIST_ROOM]
    sheet.add_data_validation(rule)
    letter = get_column_letter(index)
    rule.add(f"{letter}3:{letter}{_ROWS + 2}")


def _rule_of(field: Field, ranges: Mapping[str, str]) -> DataValidation | None:
    if field.choices:
        text = ",".join(field.choices)
        short = len(text) < _LIST_ROOM and not any("," in choice for choice in field.choices)
        return DataValidation(type="list", formula1=f'"{text}"' if short else ranges[field.name])
    if field.kind in _DIGITS:
        return DataValidation(type="textLength", operator="equal", formula1=str(_DIGITS[field.kind]))
    if field.kind == "date":
        return DataValidation(type="date", operator="greaterThan", formula1="1900-01-01")
    low = {"lon": -180, "lat": -90, "year": 1900}.get(field.kind, field.minimum)
    high = {"lon": 180, "lat": 90, "year": 2100}.get(field.kind, field.maximum)
    if field.kind in ("lon", "lat", "year", "integer", "number") and low is not None:
        kind = "whole" if field.kind in ("integer", "year") else "decimal"
        most = 1e12 if high is None else high
        return DataValidation(type=kind, operator="between", formula1=f"{low:g}", formula2=f"{most:g}")
    return None
