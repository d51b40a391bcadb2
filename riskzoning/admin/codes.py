"""Codes of administrative units (行政区划代码): structure, old codes, blanks, the code of the unit above."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from riskzoning import standards
from riskzoning.admin.findings import Findings, unit
from riskzoning.codes import code_text, code_texts
from riskzoning.errors import Phrase

_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"


def text_of(value: object) -> str:
    """A cell as text: whole numbers without decimals, missing values as an empty text."""
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def tidy_text(text: str) -> str:
    """Text without blanks at its ends and without invisible characters."""
    return "".join(char for char in text if char not in _INVISIBLE).strip()


def tidy_code(value: object) -> str:
    """A code by the rule of all codes; an empty text where there is none."""
    return "".join((code_text(value) or "").split())


def is_code(code: str, level: str) -> bool:
    """Whether a text has the form of a code of that level."""
    # City: 6 digits that end with 00; county: 6 digits that do not (行政区划代码); township: 9 digits (统计用区划代码);
    # village: 12 digits. The first two digits are a province.
    rules = standards.table("admin/codes").data
    if not (code.isascii() and code.isdigit() and len(code) == rules["digits"][level]):
        return False
    if code[:2] not in rules["provinces"]:
        return False
    if level == "city":
        return code[4:6] == "00"
    if level == "county":
        return code[2:4] != "00" and code[4:6] != "00"
    return code[2:4] != "00" and code[6:9] != "000" and (level == "township" or code[9:12] != "000")


def level_of_code(code: str) -> str | None:
    """The level that a code belongs to by its form, or None."""
    for level in ("city", "county", "township", "village"):
        if is_code(code, level):
            return level
    return None


def is_pseudo_county(code: str) -> bool:
    """Whether a code is that of a statistical zone (高新区, 经开区 ...), which is no county of GB/T 2260."""
    # Such zones lie inside a county and must be mapped to it, or their people are counted twice.
    low, high = standards.table("admin/codes").data["pseudo_county"]
    return code[4:6].isdigit() and low <= int(code[4:6]) <= high


def current_code(code: str) -> str:
    """The code that replaced an old one, at any level; the code itself when it was not replaced."""
    change = standards.table("names/code_changes").data.get(code[:6])
    return str(change["code"]) + code[6:] if change else code


def parent_code(code: str) -> str | None:
    """The code of the unit above, by prefix; None above a city."""
    # A township of a city without counties (东莞, 中山) stands directly under the city.
    if len(code) > 6:
        return code[:9] if len(code) == 12 and code[9:] != "000" else code[:6]
    return None if code[4:6] == "00" else code[:4] + "00"


def full_length(code: str, level: str) -> str | None:
    """The code of the level's own length inside a 12-digit one filled with zeros; None when it is no such code."""
    rules = standards.table("admin/codes").data
    digits = rules["digits"][level]
    if len(code) != rules["full_digits"] or set(code[digits:]) != {"0"} or not is_code(code[:digits], level):
        return None
    return code[:digits]


def clean_level(frame: gpd.GeoDataFrame, level: str, findings: Findings) -> gpd.GeoDataFrame:
    """The frame with tidy codes and names; what was not tidy, unknown, old or doubled is reported."""
    out = frame.copy()
    names = _clean_names(out, level, findings)
    codes = []
    raw = _without_decimals([text_of(value) for value in out["code"]], level, findings)
    tidy = [tidy_code(value) for value in raw]
    # A layer that is in 12-digit codes throughout is well-formed; one long code among short ones is a defect.
    long_system = bool(tidy) and all(full_length(code, level) for code in tidy)
    if long_system:
        findings.action(level, "admin.done.shortened", count=len(tidy))
    for position, (text, code, name) in enumerate(zip(raw, tidy, names)):
        codes.append(_clean_code(text, code, name, level, findings, row=position + 1, report_length=not long_system))
    out["code"], out["name"] = codes, names
    for column in ("parent", "township", "county", "city"):
        if column in out.columns:
            tidied = [tidy_code(value) if column == "parent" else tidy_text(text_of(value)) for value in out[column]]
            out[column] = [_short_parent(value) if column == "parent" else value for value in tidied]
    _report_duplicates(out, level, findings)
    return out


def _without_decimals(raw: list[str], level: str, findings: Findings) -> list[str]:
    """Codes that a spreadsheet has turned into numbers, 410702.0: the digits are all there, so they are read."""
    plain = [tidy or "" for tidy in code_texts(raw)]
    out = [tidy if text.partition(".")[0] == tidy else text for text, tidy in zip(raw, plain)]
    changed = [text for text, tidy in zip(raw, out) if text != tidy]
    if changed:
        findings.action(level, "admin.done.decimals", count=len(changed), example=changed[0])
    return out


def _short_parent(code: str) -> str:
    for level in ("township", "county", "city"):
        code = full_length(code, level) or code
    return current_code(code)


def _clean_names(frame: gpd.GeoDataFrame, level: str, findings: Findings) -> list[str]:
    names = []
    for position, (raw_code, value) in enumerate(zip(frame["code"], frame["name"])):
        raw = text_of(value)
        name = tidy_text(raw)
        code = tidy_code(raw_code)
        if name.lower() in ("", "nan", "none", "null"):
            findings.defect(level, "admin.name", row=position + 1, field="name", unit=unit(code))
            name = ""
        elif name != raw:
            findings.defect(
                level,
                "admin.blank_name",
                mended="admin.mended.blank_name",
                row=position + 1,
                field="name",
                unit=unit(code, name),
                raw=raw,
                codes=[code],
            )
        names.append(name)
    return names


def _clean_code(
    raw: str, code: str, name: str, level: str, findings: Findings, *, row: int, report_length: bool
) -> str:
    digits = standards.table("admin/codes").data["digits"][level]
    if not code:
        findings.defect(
            level,
            "admin.code_missing",
            row=row,
            field="code",
            unit=name or Phrase("unnamed"),
            digits=digits,
        )
        return ""
    if code != raw:
        what = "blank" if code == "".join(raw.split()) else "digits"
        findings.defect(
            level,
            f"admin.{what}",
            mended=f"admin.mended.{what}",
            row=row,
            field="code",
            raw=raw,
            unit=unit(code, name),
            codes=[code],
        )
    short = full_length(code, level)
    if short is not None:
        if report_length:
            findings.defect(
                level,
                "admin.code12",
                mended="admin.mended.code12",
                row=row,
                field="code",
                unit=unit(code, name),
                digits=digits,
                short=short,
                codes=[code],
            )
        code = short
    if not is_code(code, level):
        _report_form(code, name, level, findings, row)
        return code
    return _replace_old(code, name, level, findings, row)


def _report_form(code: str, name: str, level: str, findings: Findings, row: int) -> None:
    digits = standards.table("admin/codes").data["digits"][level]
    known = level_of_code(code)
    hint = Phrase("nothing")
    if known:
        hint = Phrase("code_of_level", level=known)
    elif "e+" in code.lower():
        hint = Phrase("code_of_spreadsheet")
    elif len(code) == 4 and level == "city":
        hint = Phrase("code_probably", code=f"{code}00")
    form = Phrase(f"form_of_{level}", digits=digits)
    findings.defect(level, "admin.code", row=row, field="code", unit=unit(code, name), hint=hint, form=form)


def _replace_old(code: str, name: str, level: str, findings: Findings, row: int) -> str:
    new = current_code(code)
    if new != code:
        change = standards.table("names/code_changes").data[code[:6]]
        findings.defect(
            level,
            "admin.old_code",
            mended="admin.mended.old_code",
            row=row,
            field="code",
            unit=unit(code, name),
            year=change["year"],
            change=Phrase("title", zh=change["zh"], en=change["en"]),
            new=new,
            codes=[new],
        )
    return new


def _report_duplicates(frame: gpd.GeoDataFrame, level: str, findings: Findings) -> None:
    codes = frame.loc[frame["code"] != "", "code"]
    for code in sorted(codes[codes.duplicated()].unique()):
        rows = frame.index[frame["code"] == code]
        names = frame.loc[rows, "name"]
        places = [
            Phrase("name_in_row", name=name or Phrase("unnamed"), row=frame.index.get_loc(row) + 1)
            for row, name in names.items()
        ]
        findings.defect(level, "admin.duplicate", field="code", code=code, count=len(rows), places=places)
