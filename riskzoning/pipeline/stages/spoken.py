"""Indices as sentences have them: names of hazards and receptors, not names of columns."""

from __future__ import annotations

from riskzoning import standards
from riskzoning.errors import Phrase
from riskzoning.names import MULTI, Index


def index_phrase(index: Index) -> Phrase:
    """What people call an index: flood risk, flood risk of the population, comprehensive risk.

    Examples
    --------
    >>> index_phrase(Index("flood", "risk", "population")).text("en"), index_phrase(Index("flood", "hazard")).text("zh")
    ('flood risk (population)', '洪水危险性')
    """
    if index.hazard == MULTI:
        whole = Phrase(f"index_comprehensive_{index.what}")
    else:
        zh, en = index.hazard_title("zh").removesuffix("灾害"), index.hazard_title("en").lower()
        whole = Phrase(f"index_{index.what}", title=Phrase("title", zh=zh, en=en))
    if not index.receptor:
        return whole
    zh, en = (standards.names("receptor", index.receptor, lang) for lang in ("zh", "en"))
    return Phrase("index_for_receptor", index=whole, whose=Phrase("title", zh=zh, en=en.lower()))
