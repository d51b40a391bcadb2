"""What survey forms are called."""

from __future__ import annotations

from riskzoning import standards


def form_title(name: str, lang: str) -> str:
    """The title of a form by its key; a form that the standards do not have is called by its key."""
    try:
        titles = standards.table(f"survey_forms/{name}").data["names"]
    except LookupError:
        return name
    return str(titles[lang]).removesuffix("调查表")
