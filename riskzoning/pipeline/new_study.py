"""A new study: a commented study.yaml and the empty forms of the tables that it reads."""

from __future__ import annotations

import datetime
import os
import re
from pathlib import Path
from typing import Any

import pandas as pd

from riskzoning import io, standards
from riskzoning.errors import ConfigError, Problem

# Code of the template and form of a code, by profile.
_CODES = {"cn": ("410700", r"[0-9]{6}"), "free": ("AREA", r"\w[\w.-]{0,39}")}
# Headings of the sheet that explains a form, its name, yes and no.
_HEADINGS = {
    "zh": ("列名", "含义", "单位", "必填", "填写说明", "是", "否"),
    "en": ("column", "meaning", "units", "required", "columns", "yes", "no"),
}


def init_study(folder: str | Path, *, code: str | None = None, lang: str = "zh", profile: str = "cn") -> list[Path]:
    """Write a commented study.yaml and empty forms into a new or empty folder.

    Parameters
    ----------
    folder : path
    code : str, optional
        Six digits of the city; with ``profile="free"`` any text that can stand in names of files.
    lang : {"zh", "en"}
        Language of the study, of its comments and of the forms.
    profile : {"cn", "free"}
        Levels and codes of China, or levels that the study names.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    ConfigError
        The folder holds files already, or the code is none.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in init_study(folder)][0]
    'study.yaml'
    """
    folder = Path(folder)
    if profile not in _CODES:
        raise ConfigError(Problem("init.profile", "--profile", value=profile, known=list(_CODES)))
    usual, form = _CODES[profile]
    code = usual if code is None else code
    if not re.fullmatch(form, code):
        raise ConfigError(Problem("init.code" if profile == "cn" else "init.free_code", "--code", value=code))
    no_folder = os.path.lexists(folder) and not folder.is_dir()
    if no_folder or (folder.is_dir() and any(folder.iterdir())):
        rule = "init.file" if no_folder else "init.folder"
        raise ConfigError(Problem(rule, str(folder)))
    folder.mkdir(parents=True, exist_ok=True)
    text = str(standards.table("names/study_template").data[profile][lang])
    written = [folder / "study.yaml"]
    filled = text.replace("{code}", code).replace("{date}", datetime.date.today().isoformat())
    with io.atomic(written[0]) as partial:
        Path(partial).write_text(filled, encoding="utf-8")
    for name, form in standards.table("survey_forms/inputs").data.items():
        if form.get("profile", profile) != profile:
            continue
        written.append(folder / "forms" / f"{name}.xlsx")
        written[-1].parent.mkdir(exist_ok=True)
        io.write_workbook(written[-1], _sheets(form, lang))
    return written


def _sheets(form: dict[str, Any], lang: str) -> dict[str, pd.DataFrame]:
    columns = form["columns"]
    words = _HEADINGS["zh" if lang == "zh" else "en"]
    rows = [
        (
            item["name"],
            item[lang],
            item.get(f"units_{lang}", item.get("units", "")),
            words[-2 if item.get("required") else -1],
        )
        for item in columns
    ]
    explained = pd.DataFrame(rows, columns=words[:4])
    return {
        form["sheet"]: pd.DataFrame({item["name"]: pd.Series(dtype=object) for item in columns}),
        words[-3]: explained,
    }
