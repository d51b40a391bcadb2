"""The entries of ``outputs: site: basemap:`` in study.yaml: tiles from a network below the units of the page."""

from __future__ import annotations

import os
import re
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import BeforeValidator, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from riskzoning.errors import ConfigError, Phrase, Problem
from riskzoning.inputs import Section, Whole, one_or_many, params_problem, refused

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_PLACE = re.compile(r"\{([^{}]*)\}")
_PLACES = ("s", "z", "x", "y", "-y", "r")
_HOST = re.compile(r"^(https?)://([\w.{}-]+(?::\d+)?)/")
# What providers call the key in their addresses; its value stays in the environment.
_KEYS = r"tk|ak|sk|key|[\w.-]*(?:token|api_?key|access_?key|subscription-key|secret|password)"
_KEY = re.compile(rf"(?i)[?&]({_KEYS})=([^&#]*)")


def _signs(value: object) -> object:
    """Subdomains as people write them: a text of single signs, or a list."""
    if isinstance(value, str):
        return tuple(value.replace(",", "").replace(" ", ""))
    if isinstance(value, list | tuple):
        return tuple(str(item) if isinstance(item, int) and not isinstance(item, bool) else item for item in value)
    # 01234567 without quotes is a number of another value.
    raise refused("study.basemap_subdomains")


_Sign = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,20}$")]


def _told(row: ErrorDetails) -> Problem:
    """What is wrong with an argument, without the address that may hold a key."""
    thing, field = "BasemapConfig", str(row["loc"][0]) if row["loc"] else None
    if row["type"] == "missing":
        return Problem("study.missing_key", thing, field=field)
    if row["type"] == "extra_forbidden":
        return Problem(
            "study.unknown_key", thing, field=field, keys=[*BasemapConfig.model_fields], near=Phrase("nothing")
        )
    if row["type"] == "study.basemap_key":
        return Problem(row["type"], thing, field=field, **row["ctx"])
    return params_problem("study.basemap", row, thing)


class BasemapConfig(Section):
    """Tiles (XYZ, Web Mercator) below the units of the planners' page; asked for by the browser, never by a run.

    Parameters
    ----------
    url : str
        ``http(s)://host/{z}/{x}/{y}.png``; also ``{s}`` for the subdomains, ``{-y}`` for rows from below, ``{r}`` for
        the ending of fine screens. A key stands in a variable of the environment: ``tk=${TIANDITU_KEY}``.
    attribution : str
        Whose tiles they are, with their 审图号; shown on the map.
    subdomains : tuple of str
        What ``{s}`` stands for.
    max_zoom : int
        The finest zoom that has tiles, 1..24; beyond it they are enlarged.

    Raises
    ------
    ConfigError
        No template of tiles, or a key that is written out; all that is wrong at once.

    Examples
    --------
    >>> tiles = BasemapConfig(url="https://t{s}.example.org/{z}/{x}/{y}.png", attribution="me", subdomains="01")
    >>> tiles.hosts()
    ('https://t0.example.org', 'https://t1.example.org')
    """

    url: str
    attribution: str = Field(min_length=1, max_length=300)
    subdomains: Annotated[tuple[_Sign, ...], BeforeValidator(_signs)] = Field(
        default=("a", "b", "c"), min_length=1, max_length=20
    )
    max_zoom: Whole = Field(default=18, ge=1, le=24)

    def __init__(self, **data: Any) -> None:
        try:
            super().__init__(**data)
        except ValidationError as error:
            # Without its chain: pydantic shows the address with the key.
            raise ConfigError(problems=[_told(row) for row in error.errors()]) from None

    # A study is read without this: there the reader gives each problem its line.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @field_validator("url")
    @classmethod
    def _template(cls, value: str) -> str:
        plain = _VARIABLE.sub("", value)
        places = _PLACE.findall(plain)
        host = _HOST.match(plain)
        whole = {"z", "x"} <= set(places) and bool({"y", "-y"} & set(places)) and set(places) <= set(_PLACES)
        # What would end a directive of the policy of the page, or a text of a script, stands in no address.
        strange = re.search(r"[\s\"'<>\\;]", value)
        if host is None or not whole or strange or set(_PLACE.findall(host[2])) - {"s"}:
            raise refused("study.basemap_url")
        written = [key for key, text in _KEY.findall(value) if not _VARIABLE.fullmatch(text)]
        if written:
            raise refused("study.basemap_key", parameter=written[0])
        return value

    def hosts(self) -> tuple[str, ...]:
        """The addresses that the page may ask, each as scheme and host.

        Examples
        --------
        >>> BasemapConfig(url="https://example.org/{z}/{x}/{y}.png", attribution="me").hosts()
        ('https://example.org',)
        """
        match = _HOST.match(_VARIABLE.sub("", self.url))
        origin = f"{match[1]}://{match[2]}" if match is not None else ""
        return tuple(dict.fromkeys(origin.replace("{s}", sign) for sign in self.subdomains))

    def unset(self) -> tuple[str, ...]:
        """Variables of the environment that the URL names and that have no value.

        Examples
        --------
        >>> BasemapConfig(url="https://e.org/{z}/{x}/{y}?tk=${NO_KEY_OF_MINE}", attribution="me").unset()
        ('NO_KEY_OF_MINE',)
        """
        return tuple(sorted({name for name in _VARIABLE.findall(self.url) if not os.environ.get(name)}))

    def filled(self) -> str:
        """The template with the variables of the environment filled in: what the page asks with.

        Raises
        ------
        ConfigError
            A variable is not set.

        Examples
        --------
        >>> BasemapConfig(url="https://example.org/{z}/{x}/{y}.png", attribution="me").filled()
        'https://example.org/{z}/{x}/{y}.png'
        """
        if self.unset():
            raise ConfigError(Problem("study.basemap_variable", "outputs.site.basemap", names=list(self.unset())))
        return _VARIABLE.sub(lambda match: quote(os.environ[match[1]], safe=""), self.url)


class SiteConfig(Section):
    """The planners' page.

    Examples
    --------
    >>> SiteConfig().basemap
    ()
    """

    basemap: Annotated[
        tuple[BasemapConfig, ...],
        BeforeValidator(lambda value: (value,) if isinstance(value, dict | BasemapConfig) else one_or_many(value)),
    ] = Field(default=(), max_length=5)
