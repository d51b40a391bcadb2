"""The kinds of values in study.yaml: numbers, codes, paths, sizes, and the section that all keys live in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

DATABASE_URL = re.compile(r"^postgres(ql)?(\+\w+)?://")
_UNITS = {"kb": 1000, "mb": 1000**2, "gb": 1000**3, "tb": 1000**4, "kib": 1024, "mib": 1024**2, "gib": 1024**3, "b": 1}


def _code_text(value: Any) -> Any:
    # YAML reads an unquoted code as a number; the digits are what the user meant.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def plain_number(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("a number, not true or false")
    return value


def one_or_many(value: Any) -> Any:
    return (value,) if isinstance(value, str | int) and not isinstance(value, bool) else value


def _path_text(value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        raise ValueError("the path of a file")
    if isinstance(value, str) and "\0" in value:
        raise ValueError("a path without control characters")
    return value


Code = Annotated[str, BeforeValidator(_code_text)]
Real = Annotated[float, BeforeValidator(plain_number)]
AnyReal = Annotated[float, Field(allow_inf_nan=True), BeforeValidator(plain_number)]
Whole = Annotated[int, BeforeValidator(plain_number)]
File = Annotated[Path, BeforeValidator(_path_text)]
Seed = Annotated[Whole, Field(ge=0, lt=2**32)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _nothing_given(cls, value: Any) -> Any:
        # A key with nothing after the colon is a key that was not given.
        if not isinstance(value, dict):
            return value
        return {key: item for key, item in value.items() if item is not None or key not in cls.model_fields}


def size_in_bytes(value: Any) -> int:
    text = str(value).strip().lower().replace(" ", "")
    unit = next((name for name in sorted(_UNITS, key=len, reverse=True) if text.endswith(name)), "")
    try:
        size = float(text.removesuffix(unit)) * _UNITS.get(unit, 1)
    except ValueError:
        size = float("nan")
    if isinstance(value, bool) or not 64e6 <= size < 1e16:
        raise ValueError('a size of 64 MB or more, such as "2 GB"')
    return int(size)
