"""The check of survey tables: every rule over every row, all problems at once."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd

from riskzoning.errors import Phrase, Problem, SurveyError, language
from riskzoning.surveys.context import Context
from riskzoning.surveys.findings import Findings, table
from riskzoning.surveys.forms import Form, form
from riskzoning.surveys.reading import Table, frame_table
from riskzoning.surveys.records import Records, gathered
from riskzoning.surveys.rules import across, cells, codes, logic, outliers, patterns, positions, series, shapes

# The table of totals by county that is no form.
YEARBOOK = "yearbook"


@dataclass(frozen=True)
class Checked:
    """What a check of one form has shown: the records as read, and the findings."""

    records: Records
    findings: Findings

    def table(self, lang: str | None = None) -> pd.DataFrame:
        """The problem table."""
        records = self.records
        return table(self.findings, records.form, records.places, records.keys, lang or language())


def check(
    frame: pd.DataFrame,
    form: str | Form,
    *,
    units: gpd.GeoDataFrame | None = None,
    directory: pd.DataFrame | None = None,
    related: Mapping[str, pd.DataFrame] | None = None,
    today: datetime.date | str | None = None,
) -> pd.DataFrame:
    """Check a survey table (调查表质检) against its form and the rules of quality Q01 to Q17, all problems at once.

    Parameters
    ----------
    frame : DataFrame
        Rows as they were filled in; headings in Chinese or English, with or without units, or names of fields. An
        index called ``row`` holds row numbers of the file; else the first row is row 2, below its heading.
    form : str or Form
        Name of the form (:func:`form_names`), or a form of your own.
    units : GeoDataFrame, optional
        Administrative units (index ``code``; ``name level parent geometry``) for codes and places.
    directory : DataFrame, optional
        What must be there (清查名录), a column with the codes; by default the townships or counties of ``units``.
    related : mapping, optional
        Other forms by name, for rules across tables; ``yearbook`` is a table of totals by county (``adcode6``).
    today : date, optional
        Day of the check; dates after it are wrong.

    Returns
    -------
    DataFrame
        One row a problem: ``file sheet row field rule severity found required fix key also_at``, sorted by place;
        ``rule`` is an id Q01..Q17, ``severity`` error, warning or info. A rule that lacks what it needs is one row
        ``info``. Empty when nothing is wrong.

    Raises
    ------
    SurveyError
        The form is unknown, or the frame has none of its columns.

    Examples
    --------
    >>> rows = pd.DataFrame({"县级代码": ["410702"], "县名": ["红旗区"], "年份": [2020], "地区生产总值(万元)": [-5]})
    >>> problems = check(rows, "exp_gdp")
    >>> problems.loc[problems.severity == "error", ["row", "rule"]].to_dict("records")
    [{'row': 2, 'rule': 'Q02'}]
    """
    of = as_form(form)
    given = dict(related or {})
    yearbook = given.pop(YEARBOOK, None)
    others = {name: gathered([frame_table(other, as_form(name))]) for name, other in given.items()}
    day = pd.Timestamp(today) if today is not None else Context().today
    context = Context(units, directory, others, yearbook, day)
    taken = frame_table(frame, of)
    if not taken.matched.columns:
        raise SurveyError(
            Problem("survey.no_columns", Phrase("survey_form", name=of.name), columns=list(frame.columns))
        )
    return check_records(gathered([taken]), context).table()


def as_form(given: str | Form) -> Form:
    """A form, or the form of a name."""
    return given if isinstance(given, Form) else form(given)


def check_records(records: Records, context: Context) -> Checked:
    """All rules over the records of one form."""
    findings = replace(records.findings, items=list(records.findings.items))
    cells.check_numbers(records, context, findings)
    cells.check_days(records, context, findings)
    codes.check_codes(records, context, findings)
    codes.check_keys(records, findings)
    patterns.check_patterns(records, findings)
    placed = positions.check_positions(records, context, findings)
    positions.check_near(records, context, findings)
    shapes.check_shapes(records, context, findings)
    logic.check_logic(records, context, findings)
    outliers.check_outliers(records, context, findings)
    outliers.check_units(records, context, findings)
    series.check_series(records, context, findings)
    cells.check_privacy(records, context, findings)
    lacking: list[tuple[str, str]] = []
    if not codes.check_directory(records, context, findings):
        lacking.append(("Q01.not_checked", ""))
    if context.units is None and records.form.of_kind("code6", "code9"):
        lacking.append(("Q03.not_checked", ""))
    if not placed:
        lacking.append(("Q05.not_checked", ""))
    lacking += [("Q10.not_checked", name) for name in sorted(across.check_children(records, context, findings))]
    lacking += [("Q11.not_checked", name) for name in sorted(across.check_yearbook(records, context, findings))]
    lacking += [("Q17.not_checked", name) for name in sorted(across.check_events(records, context, findings))]
    if not outliers.check_sampling(records, findings):
        lacking.append(("Q16.not_checked", ""))
    for rule, name in lacking:
        findings.about_all(rule, severity="info", needs=name)
    return Checked(records, findings)


def check_files(tables: Mapping[str, Sequence[Table]], context: Context) -> dict[str, Checked]:
    """Tables by form, checked together: each form sees the others."""
    records = {name: gathered(items) for name, items in tables.items()}
    return {name: check_records(item, replace(context, related=records)) for name, item in records.items()}
