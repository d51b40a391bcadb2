"""The sections ``outputs:`` and ``run:`` of study.yaml: what a run writes and where, and what it may use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator

from riskzoning.config.basemap import SiteConfig
from riskzoning.config.values import DATABASE_URL, File, size_in_bytes
from riskzoning.inputs import Section, Whole, one_or_many, refused


class MapsConfig(Section):
    """Printed maps.

    Examples
    --------
    >>> MapsConfig().formats
    ('png', 'pdf')
    """

    formats: Annotated[tuple[Literal["png", "pdf", "svg"], ...], BeforeValidator(one_or_many)] = Field(
        default=("png", "pdf"), min_length=1
    )
    dpi: Whole = Field(default=300, ge=50, le=1200)
    size: Literal["A4", "A3", "A1"] = "A3"
    review_number: str | None = None


class OutputsConfig(Section):
    """What a run writes and where.

    Examples
    --------
    >>> OutputsConfig().folder.name
    'out'
    """

    folder: File = Path("out")
    maps: Annotated[
        Annotated[MapsConfig, Tag("MapsConfig")] | Annotated[Literal[False], Tag("OffConfig")],
        Discriminator(lambda value: "OffConfig" if value is False else "MapsConfig"),
        BeforeValidator(lambda value: {} if value is True else value),
    ] = MapsConfig()
    site: Annotated[
        Annotated[SiteConfig, Tag("SiteConfig")] | Annotated[Literal[False], Tag("OffConfig")],
        Discriminator(lambda value: "OffConfig" if value is False else "SiteConfig"),
        BeforeValidator(lambda value: {} if value is True else value),
    ] = SiteConfig()
    report: bool = True
    tables: bool = True
    workbook: bool = True
    database: str | Literal[False] = "database.gpkg"

    @field_validator("database", mode="before")
    @classmethod
    def _target(cls, value: object) -> str | Literal[False]:
        if value is False:
            return False
        text = "database.gpkg" if value is True else value
        if isinstance(text, str) and (DATABASE_URL.match(text) or text.lower().endswith(".gpkg")):
            return text
        raise refused("study.database_target")


class RunConfig(Section):
    """How much of the machine a run may use.

    Examples
    --------
    >>> RunConfig().workers
    2
    """

    memory_limit: str | None = None
    workers: Whole = Field(default=2, ge=1, le=1024)
    scheduler: str | None = Field(default=None, pattern=r"^(tcp|tls|ucx|ws|wss|inproc)://.+")

    @field_validator("memory_limit", mode="before")
    @classmethod
    def _size(cls, value: object) -> object:
        if value is not None:
            size_in_bytes(value)
        return None if value is None else str(value)

    @property
    def memory_bytes(self) -> int:
        """Bytes that the arrays of a run may take: the limit, or 1.5 GiB.

        Examples
        --------
        >>> RunConfig(memory_limit="2 GB").memory_bytes
        2000000000
        """
        return 1536 * 1024**2 if self.memory_limit is None else size_in_bytes(self.memory_limit)
