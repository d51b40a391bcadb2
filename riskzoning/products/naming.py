"""Names of product files: what each part says, and the name of a product of our own."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskzoning import standards
from riskzoning.errors import ConfigError, Phrase, Problem

_PARTS = 5
_CODE = re.compile(r"^\d{1,12}$")
_SEQUENCE = re.compile(r"^\d{2}$")
_NUMBER = re.compile(r"^\d{1,2}$")
# From the finest to the whole, and what a product is about.
_SCALES = ("G30S", "G100M", "TOWN", "COUNTY", "CITY")
_THEMES = ("HAZ", "EXP", "VUL", "CAP", "RISK", "ZONE", "PREV")


def rules() -> dict[str, Any]:
    """The rules of the census' file products."""
    data: dict[str, Any] = standards.table("products/census").data
    return data


@dataclass(frozen=True)
class ProductName:
    """What the name of a product file says; None where a part says nothing that can be used."""

    vector: bool
    hazard: str | None
    number: int | None
    code: str | None

    @property
    def classes(self) -> int:
        """How many classes the product has: those of a hazard or of a risk."""
        most: dict[str, int] = rules()["classes"]
        return most["hazard" if self.is_hazard else "risk"]

    @property
    def is_hazard(self) -> bool:
        """Whether the product shows a hazard; a name that cannot be read is taken for a risk, which allows more."""
        table = rules()
        wanted = table["vector_hazard"].get(self.hazard) if self.vector else table["raster_hazard"]
        return self.number is not None and self.number == wanted

    @property
    def code_range(self) -> tuple[int, int] | None:
        """Codes of townships that belong to the product's unit: 130131 is 130131000 to 130131999."""
        if self.code is None or not 0 < len(self.code) <= 9 or int(self.code) <= 0:
            return None
        return int(self.code.ljust(9, "0")), int(self.code.ljust(9, "9"))


def parsed_name(path: Path) -> tuple[ProductName, list[Problem]]:
    """What the name of a file says, and what is wrong with it; all parts are looked at."""
    table = rules()
    endings = table["extensions"]
    suffix, problems = path.suffix.lower(), []
    known = (*endings["raster"], *endings["vector"])
    if suffix not in known:
        problems.append(_problem("product.extension", path, value=path.suffix, endings=known))
    parts = path.stem.split("_")
    if len(parts) < _PARTS:
        problems.append(_problem("product.name_parts", path, count=len(parts), least=_PARTS))
    hazard, kind, number, code, sequence = (*parts, *[None] * _PARTS)[:_PARTS]
    if hazard not in table["hazards"]:
        problems.append(_problem("product.hazard", path, value=hazard, known=list(table["hazards"])))
    if kind is not None and not kind:
        problems.append(_problem("product.kind", path))
    if number is not None and not _NUMBER.match(number):
        problems.append(_problem("product.number", path, value=number))
    good_code = code is not None and _CODE.match(code) and len(code) in (6, 9) and int(code) > 0
    if code is not None and not good_code:
        problems.append(_problem("product.code", path, value=code))
    if sequence is not None and not (_SEQUENCE.match(sequence) and int(sequence) > 0):
        problems.append(_problem("product.sequence", path, value=sequence))
    name = ProductName(
        vector=suffix in endings["vector"],
        hazard=hazard if hazard in table["hazards"] else None,
        number=int(number) if number is not None and _NUMBER.match(number) else None,
        code=code if good_code else None,
    )
    return name, problems


def _problem(rule: str, path: Path, **values: object) -> Problem:
    return Problem(rule, str(path), **values)  # type: ignore[arg-type]


def product_name(
    hazard: str, code: str, *, what: str = "hazard", sequence: int = 1, vector: bool = False, kind: str = "P"
) -> str:
    """The name of a census product file (普查成果文件名).

    Parameters
    ----------
    hazard : str
        Code of the census (``BY``, ``GH`` ...), or a hazard of a study that has one (``drought``, ``multi``).
    code : str
        Six digits of a county or nine of a township.
    what : {"hazard", "gdp", "population", "all"}
        What the classes show: the hazard, or the risk to a receptor or to all of them.
    sequence : int
        1 to 99.
    vector : bool
        A shapefile; else a GeoTIFF, whose third part is 01 for a hazard.
    kind : str
        Second part (成果类型).

    Raises
    ------
    ConfigError
        The census has no such hazard, code or sequence.

    Examples
    --------
    >>> product_name("BY", "410702"), product_name("drought", "410702", what="population", vector=True)
    ('BY_P_01_410702_01.tif', 'GH_P_12_410702_01.shp')
    """
    table = rules()
    short = table["own"].get(hazard, hazard)
    hazard_number = table["vector_hazard"].get(short, 0)
    numbers = {"hazard": hazard_number if vector else table["raster_hazard"]}
    numbers |= {name: hazard_number + step for name, step in table["receptors"].items()}
    if what not in numbers:
        raise ConfigError(Problem("product.what", Phrase("product"), value=what, known=list(numbers)))
    ending = ".shp" if vector else ".tif"
    name = f"{short}_{kind}_{numbers[what]:02d}_{code}_{sequence:02d}{ending}"
    problems = parsed_name(Path(name))[1]
    if problems:
        raise ConfigError(problems=problems)
    return name


def export_name(
    code: str,
    scale: str,
    theme: str,
    *,
    hazard: str = "MULTI",
    receptor: str = "ALL",
    data_date: datetime.date | str,
    version: int = 1,
    ending: str = "tif",
) -> str:
    """The name of a file that is handed on (成果导出文件名): by place, scale, theme, hazard, receptor and month.

    Parameters
    ----------
    code : str
        Six digits.
    scale : {"G30S", "G100M", "TOWN", "COUNTY", "CITY"}
    theme : {"HAZ", "EXP", "VUL", "CAP", "RISK", "ZONE", "PREV"}
    hazard, receptor : str
        Any case.
    data_date : date or str
        Day of the data, not of the run: a resumed run keeps its names.
    version : int
    ending : str
        ``tif gpkg csv xlsx png pdf``.

    Raises
    ------
    ConfigError
        Scale or theme is unknown.

    Examples
    --------
    >>> export_name("410700", "TOWN", "PREV", data_date="2026-12-31", ending="gpkg")
    '410700_TOWN_PREV_MULTI_ALL_202612_v1.gpkg'
    """
    problems = [
        Problem("product.word", Phrase("product"), value=value, known=known)
        for value, known in ((scale, _SCALES), (theme, _THEMES))
        if value not in known
    ]
    if problems:
        raise ConfigError(problems=problems)
    month = str(data_date).replace("-", "")[:6]
    words = "_".join(word.upper().replace("_", "") for word in (hazard, receptor))
    return f"{code}_{scale}_{theme}_{words}_{month}_v{version}.{ending.lstrip('.')}"
