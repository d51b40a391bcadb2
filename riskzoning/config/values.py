"""The kinds of values that only study.yaml has: codes, paths, sizes, seeds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from riskzoning.codes import code_text
from riskzoning.inputs import Whole, plain_number, refused

DATABASE_URL = re.compile(r"^postgres(ql)?(\+\w+)?://|^\$\{\w+\}$")
_UNITS = {"kb": 1000, "mb": 1000**2, "gb": 1000**3, "tb": 1000**4, "kib": 1024, "mib": 1024**2, "gib": 1024**3, "b": 1}


def _code_text(value: object) -> object:
    # YAML reads an unquoted code as a number; the digits are what the user meant.
    return code_text(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else value


def _path_text(value: object) -> object:
    if isinstance(value, list | tuple):
        raise refused("study.path_list")
    if isinstance(value, str) and not value.strip():
        raise refused("study.path_empty")
    if isinstance(value, str) and "\0" in value:
        raise refused("study.path_control")
    return value


def _matrix(value: object) -> object:
    """The path of a file, or rows of comparisons by hazard; what they say is looked at with the weights."""
    if isinstance(value, Path | str):
        return Path(str(_path_text(value)))
    rows: Mapping[object, Any] = value if isinstance(value, Mapping) else {}
    if not rows or not all(isinstance(row, Mapping) for row in rows.values()):
        raise refused("study.weights_matrix")
    return {str(name): {str(other): cell for other, cell in row.items()} for name, row in rows.items()}


Code = Annotated[str, BeforeValidator(_code_text)]
AnyReal = Annotated[float, Field(allow_inf_nan=True), BeforeValidator(plain_number)]
File = Annotated[Path, BeforeValidator(_path_text)]
# Comparisons of hazards in pairs: a file, or hazard -> hazard -> how many times as important.
Matrix = Annotated[Path | dict[str, dict[str, Any]], BeforeValidator(_matrix)]
Seed = Annotated[Whole, Field(ge=0, lt=2**32)]


def size_in_bytes(value: object) -> int:
    """Bytes of a size such as "2 GB", between 64 MB and 10 PB."""
    text = str(value).strip().lower().replace(" ", "")
    unit = next((name for name in sorted(_UNITS, key=len, reverse=True) if text.endswith(name)), "")
    try:
        size = float(text.removesuffix(unit)) * _UNITS.get(unit, 1)
    except ValueError:
        size = float("nan")
    if isinstance(value, bool) or not 64e6 <= size < 1e16:
        raise refused("study.memory", given=repr(value))
    return int(size)
