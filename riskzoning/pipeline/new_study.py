"""A new study: a commented study.yaml and the empty forms of the tables that it reads."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import pandas as pd

from riskzoning import io, standards
from riskzoning.errors import ConfigError, Problem


def init_study(folder: str | Path, *, code: str = "410700", lang: str = "zh") -> list[Path]:
    """Write a commented study.yaml and empty forms into a new or empty folder.

    Parameters
    ----------
    folder : path
    code : str
        Six digits of the city.
    lang : {"zh", "en"}
        Language of the forms' headings.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    ConfigError
        The folder holds files already, or the code is not six digits.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in init_study(folder)][0]
    'study.yaml'
    """
    folder = Path(folder)
    if not re.fullmatch(r"[0-9]{6}", code):
        raise ConfigError(Problem("init.code", "--code", value=code))
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        rule = "init.file" if folder.is_file() else "init.folder"
        raise ConfigError(Problem(rule, str(folder)))
    folder.mkdir(parents=True, exist_ok=True)
    text = str(standards.table("names/study_template").data["text"])
    written = [folder / "study.yaml"]
    filled = text.replace("{code}", code).replace("{date}", datetime.date.today().isoformat())
    with io.atomic(written[0]) as partial:
        Path(partial).write_text(filled, encoding="utf-8")
    for name, form in standards.table("survey_forms/inputs").data.items():
        written.append(folder / "forms" / f"{name}.xlsx")
        written[-1].parent.mkdir(exist_ok=True)
        io.write_workbook(written[-1], _sheets(form, lang))
    return written


def _sheets(form: dict[str, Any], lang: str) -> dict[str, pd.DataFrame]:
    columns = form["columns"]
    explained = pd.DataFrame(
        [
            {
                "column": item["name"],
                "meaning": item[lang],
                "units": item.get("units", ""),
                "required": "yes" if item.get("required") else "no",
            }
            for item in columns
        ]
    )
    return {
        form["sheet"]: pd.DataFrame({item["name"]: pd.Series(dtype=object) for item in columns}),
        "columns": explained,
    }
