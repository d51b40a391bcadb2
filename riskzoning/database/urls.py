"""URLs of database servers: variables of the environment in them, and what of them must not be shown."""

from __future__ import annotations

import os
import re
from urllib.parse import quote, unquote

from riskzoning.errors import ConfigError, Problem, without_secrets

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_SECRET_VALUE = re.compile(r"(?i)[?&][\w.-]*(?:password|passwd|pwd|secret|token)[\w.-]*=([^&#]*)")
_URL = re.compile(r"^postgres(ql)?(\+\w+)?://")


def driver_url(url: str) -> str:
    """The URL with its variables filled in, for the driver that is used."""
    return _URL.sub("postgresql+psycopg://", filled_url(url))


def is_server(target: str) -> bool:
    """Whether a target is a server: a URL, also one whose parts, or all of it, stand in variables of the environment.

    Examples
    --------
    >>> is_server("postgresql://me:${PW}@host/city"), is_server("${CITY_DB}"), is_server("city.gpkg")
    (True, True, False)
    """
    return bool(_URL.match(target) or _VARIABLE.fullmatch(target))


def filled_url(url: str) -> str:
    """A URL with the variables of the environment filled in: ``${NAME}`` keeps a password out of files.

    Raises
    ------
    ConfigError
        A variable is not set.

    Examples
    --------
    >>> filled_url("postgresql://me@host/city")
    'postgresql://me@host/city'
    """
    unset = sorted({name for name in _VARIABLE.findall(url) if name not in os.environ})
    if unset:
        raise ConfigError(Problem("database.variable", without_password(url), names=unset))
    # Signs that a URL takes for its own are written as codes, where a variable is only the password.
    whole = bool(_VARIABLE.fullmatch(url))
    return _VARIABLE.sub(lambda match: os.environ[match[1]] if whole else quote(os.environ[match[1]], safe=""), url)


def secrets(url: str) -> set[str]:
    """What of a URL must not be shown, as it is written and as it is meant."""
    values = re.findall(r"://[^:/?#@]*:(.*)@", url) + [match[1] for match in _SECRET_VALUE.finditer(url)]
    return {text for part in values for text in (part, unquote(part)) if text}


def hidden(text: str, kept: set[str]) -> str:
    """A text without what must not be shown."""
    for secret in sorted(kept, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def without_password(url: str) -> str:
    """A database URL as it may be shown: the password as stars, also in its query; a path as it is.

    Examples
    --------
    >>> without_password("postgresql://me:secret@host/city")
    'postgresql://me:***@host/city'
    >>> without_password("postgresql://host/city?user=me&password=secret")
    'postgresql://host/city?user=me&password=***'
    """
    if "://" not in url:
        return url
    return without_secrets(re.sub(r"(://[^:/?#@]*):(?!\$\{\w+\}@).*@", r"\1:***@", url))
