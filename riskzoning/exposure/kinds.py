"""What kinds of objects are called in both languages."""

from __future__ import annotations

from riskzoning import standards
from riskzoning.errors import LANGUAGES


def kind_names(kind: str) -> dict[str, str]:
    """A kind in both languages; one that the table does not know stays as it is."""
    known = standards.table("exposure/objects").data["kinds"]
    own = next((names for names in known if kind in (names["zh"], names["en"])), None)
    return {lang: str(own[lang]) if own else kind for lang in LANGUAGES}
