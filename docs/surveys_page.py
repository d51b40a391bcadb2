"""Writes docs/surveys.md from the survey forms and their rules: ``python docs/surveys_page.py``."""

from __future__ import annotations

from pathlib import Path

from riskzoning import standards
from riskzoning.surveys import Form, form, form_names

PAGE = Path(__file__).with_name("surveys.md")
_HEAD = """# Surveys 调查表

Written by `make docs` from the forms in `riskzoning/standards/survey_forms` and the rules of quality.

```
riskzoning survey forms                               # the forms
riskzoning survey template shelter -o shelter.xlsx    # an empty form with drop-downs, units and notes
riskzoning survey check FOLDER --units admin.gpkg --directory villages.gpkg -o report/
riskzoning survey repair FOLDER -o repaired/          # copies with what can be repaired safely, and a log
```

`check` takes Excel (title rows, grouped headings, several sheets), CSV in UTF-8 or GBK, GeoPackage and shapefiles with
names cut to ten bytes; which form a table is, its headings say. Headings may be in Chinese or English, or in words
that mean the same (县(市、区)编号 for 县级代码); a unit in brackets or in a row of its own that is another one, such
as 常住人口(万人), is converted. Totals, repeated headings, numbers of columns and remarks (填表人：) are no records,
which is said. Coordinates may be degrees in any notation; a table that is in metres of CGCS2000 or Web Mercator, or
has its two columns exchanged, is read so and told once, single rows of that kind are errors.
All problems come at once, each with file, sheet,
row as Excel shows it, field, what was found, what is required and what to do; `-o` writes them as CSV, JSON, workbook
and page, and copies of the workbooks with their wrong cells marked. Exit code 0: nothing is wrong; 1: warnings, or
rules that lacked their context; 2: errors. In Python: `riskzoning.surveys.check(frame, "shelter", units=units)`.

In a study (`surveys: {files: surveys}`) a row with an error is not used: it stands in the table `qc_rejected` with its
rules, the others are in `StudyResult.surveys`; accepted and rejected rows are all that were read. `force: true` uses
rows with errors as well and says so; it does not help a form that lacks a required column, nor a second record under
one key.

An official dictionary replaces a form of ours without code, or adds one: `standards: {survey_forms/shelter:
my_form.yml}` in study.yaml, `--forms shelter.yml` (or a folder of such files) at the commands.

"""


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD + _rules(), *(_section(form(name)) for name in form_names())])


def _rules() -> str:
    rows = ["| rule | | what is checked | needs | severity |", "|---|---|---|---|---|"]
    for rule, entry in standards.table("surveys/rules").data.items():
        rows.append(f"| {rule} | {entry['zh']} | {entry['en']} | {entry['needs'] or 'the row'} | {entry['severity']} |")
    return "\n".join(rows) + "\n"


def _section(of: Form) -> str:
    lines = [
        f"## {of.titles['en']} {of.titles['zh']} (`{of.name}`)",
        "",
        f"Key: `{of.key}`. Bold fields are required.",
        "",
    ]
    lines += ["| field | heading | | type | unit | choices |", "|---|---|---|---|---|---|"]
    for item in of.fields:
        name = f"**{item.name}**" if item.required else item.name
        choices = ", ".join(item.choices)
        lines.append(f"| {name} | {item.zh} | {item.en} | {item.kind} | {item.unit} | {choices} |")
    rules = sorted({str(rule["id"]) for rule in of.rules})
    return "\n".join([*lines, "", f"Rules beyond its types: {', '.join(rules) or 'none'}.", ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
