"""URLs of database servers: what they say, variables of the environment in them, what of them must not be shown."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode

from riskzoning.errors import ConfigError, Problem, TargetError, without_secrets

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_SECRET_VALUE = re.compile(r"(?i)[?&][\w.-]*(?:password|passwd|pwd|secret|token)[\w.-]*=([^&#]*)")
_URL = re.compile(r"^postgres(ql)?(\+\w+)?://")
_PASSWORD = re.compile(r"^(postgresql://[^:/?#@]*:)(.*)@([^@]*)$")
# Signs with which a URL would end the password too early.
_UNSAFE = re.compile(r"[@/?#:\[\]]|%(?![0-9A-Fa-f]{2})")
_OWN = "schema"


@dataclass(frozen=True)
class Server:
    """A server as a URL names it: what the driver takes, the schema asked for, what may be shown, what may not."""

    shown: str
    settings: Mapping[str, str] = field(repr=False)
    schema: str | None = None
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    password_written: bool = False

    def without_secrets(self, text: str) -> str:
        """A text of the driver or the server as it may be shown."""
        return without_secrets(hidden(text, self.secrets))


def server(url: str) -> Server:
    """What a URL says; raises TargetError with what is wrong in it."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    shown, filled = without_password(url), filled_url(url)
    kept = frozenset(secrets(filled))
    if not _URL.match(filled):
        raise TargetError(Problem("database.url", shown, reason=_no_url(url)))
    text, schema = _without_schema(_with_codes(_URL.sub("postgresql://", filled)))
    try:
        settings = {key: str(value) for key, value in conninfo_to_dict(text).items()}
    except psycopg.Error as error:
        reason = hidden(first_line(error), kept)
        # A misspelt `password=` is not known for one: what stands behind the question mark is not shown.
        raise TargetError(Problem("database.url", shown.partition("?")[0], reason=reason)) from None
    ports = [port for port in settings.get("port", "").split(",") if port]
    wrong = [port for port in ports if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536)]
    if wrong:
        reason = hidden(f"port {', '.join(wrong)}", kept)
        raise TargetError(Problem("database.url", shown, reason=reason))
    return Server(shown, settings, schema, kept, "password" in settings and not _VARIABLE.search(url))


def _no_url(url: str) -> str:
    """What to call a text that is no URL of a server; the contents of a variable are not shown."""
    return f"{url} is not set to a URL postgresql://" if _VARIABLE.fullmatch(url) else "postgresql://"


def _with_codes(url: str) -> str:
    """A URL whose password holds signs that a URL takes for its own, with these as codes: people paste passwords."""
    match = _PASSWORD.match(url)
    if match is None or not _UNSAFE.search(match[2]):
        return url
    return f"{match[1]}{quote(match[2], safe='')}@{match[3]}"


def _without_schema(url: str) -> tuple[str, str | None]:
    """The URL without the setting that the driver does not know, and its value."""
    place, mark, query = url.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    own = [value for key, value in pairs if key == _OWN]
    if not mark or not own:
        return url, None
    rest = urlencode([(key, value) for key, value in pairs if key != _OWN], quote_via=quote)
    return place + (f"?{rest}" if rest else ""), own[-1] or None


def first_line(error: BaseException) -> str:
    """The first line of what a driver says."""
    return next(iter(str(getattr(error, "orig", None) or error).strip().splitlines()), type(error).__name__)


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


def hidden(text: str, kept: frozenset[str] | set[str]) -> str:
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
