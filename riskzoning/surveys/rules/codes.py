"""Rules of codes: their form, their place in the list of units, each key once, every unit with a record."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning.admin.codes import is_pseudo_county
from riskzoning.surveys.context import Context
from riskzoning.surveys.findings import Findings
from riskzoning.surveys.forms import Field
from riskzoning.surveys.records import Records
from riskzoning.surveys.spelling import plain

Mask = NDArray[np.bool_]
_DIGITS = {"code6": 6, "code9": 9, "code12": 12}


def check_codes(records: Records, context: Context, findings: Findings) -> None:
    """Q03: digits, codes that are in the list, township inside its county, village inside its township."""
    shaped = {}
    for field in records.form.of_kind("code6", "code9", "code12"):
        if records.has(field.name):
            shaped[field.name] = _shape(records, field, findings)
    if records.has("adcode6"):
        _counties(records, shaped["adcode6"], context, findings)
    if records.has("town9") and context.townships:
        unknown = shaped["town9"] & ~records.each("town9", context.townships.__contains__)
        findings.add("Q03.town", unknown, field="town9", value=records.texts("town9")[unknown])
    if records.has("adcode6", "town9"):
        _county_of_town(records, shaped, context, findings)
    if records.has("town9", "vill12"):
        _village_of_town(records, shaped, context, findings)


def _county_of_town(records: Records, shaped: Mapping[str, Mask], context: Context, findings: Findings) -> None:
    county, town = records.texts("adcode6"), records.texts("town9")
    codes, towns = records.unique("town9")
    above = np.array([_county_of(code, context) for code in towns], dtype=object)[codes]
    listed = records.each("adcode6", lambda code: not context.counties or code in context.counties)
    wrong = shaped["adcode6"] & shaped["town9"] & listed & (above != "") & (above != county)
    values = {"value": county[wrong], "town": town[wrong], "wanted": above[wrong]}
    findings.add("Q03.county_of_town", wrong, field="adcode6", **values)


def _village_of_town(records: Records, shaped: Mapping[str, Mask], context: Context, findings: Findings) -> None:
    """A village code begins with its township's, unless its zone was folded; asked once for each different pair."""
    parts = [records.unique(name) for name in ("vill12", "town9", "adcode6")]
    key = parts[0][0].astype(np.int64)
    for codes, texts in parts[1:]:
        key = key * max(len(texts), 1) + codes
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    folded = _folded(context)
    answers = []
    for row in first:
        village, town, county = (texts[codes[row]] for codes, texts in parts)
        answers.append(village[:9] != town and not _is_folded(village, town, county, folded))
    wrong = shaped["town9"] & shaped["vill12"] & np.array(answers, dtype=bool)[inverse]
    values = {"value": records.texts("vill12")[wrong], "town": records.texts("town9")[wrong]}
    findings.add("Q03.village", wrong, field="vill12", **values)


def _folded(context: Context) -> dict[str, str] | None:
    """Village -> township as the directory has it; None without a directory of villages."""
    frame = context.directory
    if frame is None:
        return None
    names = {plain(str(column)): column for column in frame.columns}
    if not {"vill12", "town9"} <= set(names):
        return None
    return dict(zip(frame[names["vill12"]].astype(str), frame[names["town9"]].astype(str), strict=True))


def _is_folded(village: str, town: str, county: str, directory: Mapping[str, str] | None) -> bool:
    """Whether a village belongs to a township whose code it does not carry: as the directory says, or because it lies
    in a unit that is like a township (codes 400 to 599: parks, farms) and was folded into its neighbour."""
    if directory is not None and village in directory:
        return directory[village] == town
    return village[:6] in (county, town[:6]) and "400" <= village[6:9] <= "599"


def _shape(records: Records, field: Field, findings: Findings) -> Mask:
    digits = _DIGITS[field.kind]
    good = records.each(field.name, lambda text: len(text) == digits and text.isascii() and text.isdigit())
    wrong = ~good & records.each(field.name, bool)
    findings.add("Q03.form", wrong, field=field.name, value=records.texts(field.name)[wrong], digits=digits)
    return good


def _county_of(town: str, context: Context) -> str:
    """The county that a township's code says it lies in; unknown (empty) for zones of statistics without a list."""
    known = context.county_of.get(town)
    if known:
        return known
    return "" if context.county_of or is_pseudo_county(town[:6]) else town[:6]


def _counties(records: Records, good: Mask, context: Context, findings: Findings) -> None:
    listed = records.each("adcode6", context.counties.__contains__)
    zone = good & ~listed & records.each("adcode6", lambda code: len(code) == 6 and is_pseudo_county(code))
    codes = records.texts("adcode6")
    if context.counties:
        unknown = good & ~zone & ~listed
        findings.add("Q03.county", unknown, field="adcode6", value=codes[unknown])
    findings.add("Q03.zone", zone, field="adcode6", value=codes[zone])


def check_keys(records: Records, findings: Findings) -> None:
    """Q04: a key is there once."""
    keys = records.keys
    doubled = (keys.duplicated(keep=False) & (keys != "")).to_numpy(dtype=bool)
    if not doubled.any():
        return
    rows = np.flatnonzero(doubled)
    others = {str(key): list(group) for key, group in pd.Series(rows).groupby(keys[rows].to_numpy())}
    also = ["|".join(records.places.text(at) for at in others[keys[row]] if at != row) for row in rows]
    also_rows = np.array([int(records.places.row[next(at for at in others[keys[row]] if at != row)]) for row in rows])
    findings.add("Q04.key", rows, field=records.form.key, also=also, value=keys[rows].to_numpy(), other=also_rows)


def check_directory(records: Records, context: Context, findings: Findings) -> bool:
    """Q01 and Q03: every unit of the directory has a record, every record is in the directory; False without one."""
    covers = records.form.covers
    if not covers or not records.has(covers["field"]):
        return True
    listed = _listed(records, context)
    if listed is None:
        return False
    field = covers["field"]
    have = records.texts(field)
    # A village of a zone that was folded into its neighbour keeps its former code beside the new one.
    former = records.texts(covers.get("former", ""))
    county = context.county(records)
    surveyed = set(county)
    first_of = {code: at for at, code in reversed(list(enumerate(county)))}
    whole_counties = []
    for code, row in listed.groupby("county", sort=True):
        if code not in surveyed:
            whole_counties.append(str(code))
            continue
        absent = ~row["code"].isin(have) & ~row["code"].isin(former)
        for gone, name in row.loc[absent, ["code", "name"]].itertuples(index=False):
            findings.about_all("Q01.missing", field=field, key=gone, like=first_of[code], code=gone, name=name)
    if whole_counties:
        findings.about_all("Q01.county_missing", severity="warning", field=field, codes=tuple(whole_counties))
    if field == "vill12":
        known = set(listed["code"])
        pairs = zip(have, former, strict=True)
        odd = np.array([len(code) == 12 and not {code, old} & known for code, old in pairs], dtype=bool)
        findings.add("Q03.not_listed", odd, field=field, severity="warning", value=have[odd])
    return True


def _listed(records: Records, context: Context) -> pd.DataFrame | None:
    """What must be there: columns code, name, county."""
    covers = records.form.covers or {}
    field, level = covers["field"], covers["level"]
    frame = context.directory
    if frame is not None:
        names = {plain(str(column)): column for column in frame.columns}
        wanted = records.form.by_name[field]
        spelled = [names[key] for key in map(plain, (field, wanted.zh, "code", *wanted.aliases)) if key in names]
        if spelled:
            codes = frame[spelled[0]].astype(str)
            if codes.str.len().mode().tolist() == records.frame[field].dropna().astype(str).str.len().mode().tolist():
                title = names.get("name") or names.get(plain("名称"))
                given = frame[title].astype(str) if title else pd.Series("", index=frame.index)
                county = [_county_of(code[:9], context) or code[:6] for code in codes]
                return pd.DataFrame({"code": codes.to_numpy(), "name": given.to_numpy(), "county": county})
    if level == "township" and context.townships:
        rows = [(code, name, context.county_of[code]) for code, name in context.townships.items()]
        return pd.DataFrame(rows, columns=["code", "name", "county"])
    if level == "county" and context.counties:
        # A county form has no county that could be left out of it: all of them are owed.
        rows = [(code, name, next(iter(records.texts(field)), code)) for code, name in context.counties.items()]
        return pd.DataFrame(rows, columns=["code", "name", "county"])
    return None
