"""The administrative levels of a study: those of China, or those that it names itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationInfo, model_validator
from pydantic_core import PydanticKnownError

from riskzoning.inputs import Section, refused
from riskzoning.results import LEVELS

_KEY = re.compile(r"[a-z][a-z0-9_]*")
# Words that mean something else where levels are named: the file of a map of cells.
_TAKEN = ("grid",)


class LevelConfig(Section):
    """One level of a study with ``profile: free``: its names, and the key that stands in names of files and layers.

    The key is made from the English name when it is not given.

    Examples
    --------
    >>> LevelConfig(zh="教区", en="Parish").key
    'parish'
    """

    key: str = ""
    zh: str = ""
    en: str = ""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        if isinstance(value, str):
            value = {"en": value, "zh": value}
        if not isinstance(value, Mapping):
            return value
        named = {key: str(value[key]).strip() for key in ("key", "zh", "en") if isinstance(value.get(key), str)}
        texts = [named[key] for key in ("en", "zh", "key") if named.get(key)]
        key = named.get("key") or next((made for made in map(slug, texts) if made), "")
        return {**value, "key": key, "en": named.get("en") or (texts or [""])[0],
                "zh": named.get("zh") or (texts or [""])[0]}  # fmt: skip

    @model_validator(mode="after")
    def _usable(self) -> LevelConfig:
        if not _KEY.fullmatch(self.key) or self.key in _TAKEN:
            raise refused("study.level_key", key=self.key or self.zh, taken=_TAKEN)
        return self

    @property
    def words(self) -> tuple[str, ...]:
        """What may stand for the level.

        Examples
        --------
        >>> LevelConfig(zh="教区", en="Parish").words
        ('parish', 'Parish', '教区')
        """
        return tuple(dict.fromkeys((self.key, self.en, self.zh)))


def slug(text: str) -> str:
    """A name as a key: lower-case letters, digits and underscores; empty where nothing is left."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def listed_levels(value: object) -> object:
    """``levels:`` as a list of sections: names, mappings of names, or a mapping from keys to names."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, Mapping) and not set(value) <= {"key", "zh", "en"}:
        pairs: list[dict[str, Any]] = []
        for key, names in value.items():
            names = {"zh": names, "en": names} if isinstance(names, str) else names or {"zh": str(key), "en": str(key)}
            pairs.append({"key": slug(str(key)) or str(key), **(names if isinstance(names, Mapping) else {})})
        return pairs
    if isinstance(value, Mapping):
        return [value]
    if not isinstance(value, Sequence):
        return value
    # A name without Latin letters has no key of its own.
    return [
        {"key": f"level_{place}", "zh": item, "en": item} if isinstance(item, str) and not slug(item) else item
        for place, item in enumerate(value, start=1)
    ]


def _known_level(value: object, info: ValidationInfo) -> object:
    """A level by its key or one of its names; those that were read before it in the section are known."""
    own: Sequence[LevelConfig] = info.data.get("levels") or ()
    keys = [level.key for level in own] or list(LEVELS)
    for level in own:
        if isinstance(value, str) and value.strip().lower() in [word.lower() for word in level.words]:
            return level.key
    if value not in keys:
        raise PydanticKnownError("literal_error", {"expected": " or ".join(f"'{key}'" for key in keys)})
    return value


# A level of the section that stands below ``levels:``.
Level = Annotated[str, BeforeValidator(_known_level)]
