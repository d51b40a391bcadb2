"""What a notebook shows of an object: a short table, what it is and how many, in the language that is spoken."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING

from riskzoning import standards
from riskzoning.errors import language
from riskzoning.faces import missing

__all__ = ["card"]


def card(title: str, rows: Iterable[tuple[str, object]], *, lang: str | None = None) -> str:
    """A table as HTML: a word of ``names/cards`` and its value in each row; empty values are left out.

    Texts of people's files are escaped. ``lang`` is the language spoken now unless it is given.

    Examples
    --------
    >>> card("Grades <5>", [("classes", 5), ("scheme", "")], lang="en")
    "<b>Grades &lt;5&gt;</b><table><tr style='text-align:left'><th>Classes</th><td>5</td></tr></table>"
    """
    words = standards.shipped_table("names/cards").data
    lines = "".join(
        f"<tr style='text-align:left'><th>{words[key][lang or language()]}</th><td>{html.escape(str(value))}</td></tr>"
        for key, value in rows
        if value not in (None, "")
    )
    return f"<b>{html.escape(title)}</b><table>{lines}</table>"


if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
