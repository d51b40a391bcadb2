"""The sentences of the package in both languages: what a rule or a phrase says, filled with the values of its case.

They stand in ``standards/names/problems/*.yml``: files, so that a person can read and mend them without reading code.
"""

from __future__ import annotations

import contextlib
import contextvars
import re
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from riskzoning.errors.called import called
from riskzoning.errors.counted import counted

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
_FOLDER = Path(__file__).resolve().parents[1] / "standards" / "names" / "problems"
_SHOWN = 5
_HAN, _LATIN = re.compile("[\u4e00-\u9fff]"), re.compile("[A-Za-z]")
_spoken: contextvars.ContextVar[Language] = contextvars.ContextVar("riskzoning_language", default="en")


def language() -> Language:
    """The language in which messages are rendered now; English unless :func:`speaking` says otherwise.

    Examples
    --------
    >>> language()
    'en'
    """
    return _spoken.get()


@contextlib.contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Render messages in this language while the block runs.

    Examples
    --------
    >>> with speaking("zh"):
    ...     language()
    'zh'
    """
    token = _spoken.set("zh" if lang == "zh" else "en")
    try:
        yield
    finally:
        _spoken.reset(token)


def shipped_yaml(path: Path) -> Any:
    """A file of the package, read by libyaml where PyYAML has it: ten times as fast, the same values."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def _read(name: str) -> Mapping[str, Any]:
    content: Mapping[str, Any] = shipped_yaml(_FOLDER / name)["data"]
    return content


@cache
def phrases() -> Mapping[str, Mapping[str, str]]:
    """All phrases: key -> ``{"zh": ..., "en": ...}``."""
    return _read("phrases.yml")


@cache
def rules() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """All rules: name -> part (``found required fix``) -> language -> sentence."""
    every: dict[str, Mapping[str, Mapping[str, str]]] = {}
    for path in sorted(_FOLDER.glob("*.yml")):
        if path.name != "phrases.yml":
            every |= _read(path.name)
    return every


def parts_of(rule: str) -> Mapping[str, Mapping[str, str]] | None:
    """The three parts of a rule in both languages; None for a rule that has no sentences of its own."""
    return rules().get(rule)


# What a terminal would obey instead of showing: control codes, marks that turn the direction of text, lone surrogates.
_OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


# The password of a URL (up to the last @: it may hold any sign), and what a query or a setting calls one.
_IN_URL = re.compile(r"([A-Za-z][\w+.-]*://[^\s:/?#@\"']*):(?!\$\{\w+\}@)[^\s\"']*@")
_SECRET_NAMES = r"(?:password|passwd|passphrase|pwd|secret|token|api_?key|access_?key|credentials?)"
_IN_QUERY = re.compile(
    rf"(?i)(?<![a-z0-9])([\w.-]*{_SECRET_NAMES}[\w.-]*=)(?!\$\{{\w+\}}(?:[\s&;#\"']|$))(?:'[^']*'|[^\s&;#\"']+)"
)
# Keys of map services have names that are too short to be secret anywhere else.
_IN_TILES = re.compile(r"(?i)([?&](?:tk|ak|sk|key)=)(?!\$\{\w+\})[^\s&;#\"']+")


def without_secrets(text: str) -> str:
    """Text without passwords of URLs, queries and settings: they are stars wherever it is shown or kept.

    Examples
    --------
    >>> without_secrets("postgresql://me:s3cret@host/city?sslmode=require&password=s3cret")
    'postgresql://me:***@host/city?sslmode=require&password=***'
    >>> without_secrets("https://t0.example.org/{z}/{x}/{y}?tk=s3cret")
    'https://t0.example.org/{z}/{x}/{y}?tk=***'
    """
    if "://" in text:
        text = _IN_TILES.sub(r"\1***", _IN_URL.sub(r"\1:***@", text))
    return _IN_QUERY.sub(r"\1***", text) if "=" in text else text


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def visible(text: str) -> str:
    """Text as it may be shown: no secrets, and what a terminal would obey written out (ESC as ``\\x1b``).

    Examples
    --------
    >>> visible("\\x1b[2Jname\\u202e")
    '\\\\x1b[2Jname\\\\u202e'
    """
    return _OBEYED.sub(_escape, without_secrets(text))


def escaped_json(text: str) -> str:
    """A JSON text without secrets, in which what a terminal would obey is written as JSON writes it.

    Examples
    --------
    >>> escaped_json('["\\u202e"]')
    '["\\\\u202e"]'
    """
    return _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", without_secrets(text))


def _on_one_line(text: str) -> str:
    """A value inside a sentence: visible, and without line breaks that could pass for further messages."""
    return visible(" ".join(text.splitlines()) if "\n" in text or "\r" in text else text)


class _Filler(string.Formatter):
    """``str.format`` that renders phrases and lists in a language and never fails for want of a value."""

    def __init__(self, lang: Language) -> None:
        self._lang = lang

    def get_value(self, key: int | str, _args: Sequence[Any], kwargs: Mapping[str, object]) -> Any:
        return kwargs.get(str(key), f"{{{key}}}")

    def format_field(self, value: object, format_spec: str) -> str:
        render = getattr(value, "text", None)
        if callable(render):
            return str(render(self._lang))
        if format_spec.startswith("called "):
            return _called(value, format_spec, self._lang)
        if isinstance(value, tuple | list | set | frozenset):
            return listed(value, int(format_spec) if format_spec else _SHOWN, self._lang)
        if value is None:
            return ""
        if format_spec == "words" and isinstance(value, int | float):
            return in_words(value, self._lang)
        try:
            return _on_one_line(format(value, format_spec))
        except (TypeError, ValueError):
            return _on_one_line(str(value))


def _called(value: object, spec: str, lang: Language) -> str:
    """Codes by the names that people have for them: ``called GROUP`` and, of a list, how many are shown."""
    _, group, *shown = spec.split()
    if not isinstance(value, tuple | list | set | frozenset):
        return "" if value is None else _on_one_line(called(group, str(value), lang))
    names = [item if hasattr(item, "text") else called(group, str(item), lang) for item in value]
    return listed(names, int(shown[0]) if shown else _SHOWN, lang)


_LARGE: Mapping[str, tuple[tuple[float, str], ...]] = {
    "zh": ((1e8, "亿"), (1e4, "万")),
    "en": ((1e9, " billion"), (1e6, " million")),
}


def in_words(value: float, lang: str) -> str:
    """A number as a sentence has it, with three digits or four.

    Parameters
    ----------
    value : float
        Finite, of any unit.
    lang : "zh" or "en"

    Returns
    -------
    str
        From 10,000 on in 万 and 亿, or from a million on in million and billion.

    Examples
    --------
    >>> in_words(648_222_020, "zh"), in_words(1_346_737, "en"), in_words(481.33, "en")
    ('6.48亿', '1.35 million', '481')
    """
    for factor, word in _LARGE[lang]:
        if abs(value) >= factor:
            scaled = value / factor
            return f"{scaled:,.{1 if abs(scaled) >= 100 else 2}f}{word}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def listed(items: Iterable[Any], shown: int, lang: Language) -> str:
    """The first items as text in a language, with the number of those not shown."""
    texts = [item.text(lang) if hasattr(item, "text") else _on_one_line(str(item)) for item in items]
    rest = len(texts) - shown
    first = ("、" if lang == "zh" else ", ").join(texts[:shown])
    more = {"zh": f" 等 {len(texts)} 项", "en": f" (and {rest} more)"}
    return first + (more[lang] if rest > 0 else "")


def filled(template: str, values: Mapping[str, object], lang: Language) -> str:
    """A sentence with its values: phrases in the language, lists cut short, a missing value shown as its name."""
    filler, text = _Filler(lang), counted(template, values, lang)
    return filler.vformat(text, (), values) if lang != "zh" else _joined(list(_pieces(filler, text, values)))


def _pieces(filler: _Filler, template: str, values: Mapping[str, object]) -> Iterator[tuple[bool, str]]:
    """What stands in a sentence, word for word, and whether it is a value."""
    for literal, field, spec, _ in filler.parse(template):
        if literal:
            yield False, literal
        if field is not None:
            value, _ = filler.get_field(field, (), values)
            yield True, filler.format_field(value, spec or "")


def _joined(pieces: Sequence[tuple[bool, str]]) -> str:
    """A Chinese sentence: no space between Chinese letters, one beside a Latin word. Values stay as they are."""
    out = ""
    for is_value, text in pieces:
        if not text:
            continue
        if is_value and out.endswith(" ") and _HAN.match(out[-2:-1]) and _HAN.match(text):
            out = out[:-1]
        elif not is_value and text.startswith(" ") and _HAN.match(out[-1:]) and _HAN.match(text[1:2]):
            text = text[1:]
        elif (_HAN.match(out[-1:]) and _LATIN.match(text)) or (_LATIN.match(out[-1:]) and _HAN.match(text)):
            out += " "
        out += text
    return out
