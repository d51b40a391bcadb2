"""Rows of a table that are no records: totals, headings that are repeated, numbers of columns, remarks at the end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning.io.tables.streams import Cells
from riskzoning.standards import unit_factor
from riskzoning.surveys.headings import Matched
from riskzoning.surveys.spelling import name_and_unit, plain

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]
_TOTALS = ("合计", "小计", "总计", "共计", "累计")
_ENGLISH = ("total", "subtotal", "grandtotal", "sum")
_REMARK = re.compile(
    r"^\s*[(（]?(填表|填报|制表|审核|复核|统计|单位|负责|调查|联系|报出|报送|说明|备注|附注|注|note|remark|filled in|"
    r"checked)[\u4e00-\u9fffA-Za-z ]{0,8}\d{0,2}\s*[:：]",
    re.IGNORECASE,
)
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_DIGITS = {"code6": 6, "code9": 9, "code12": 12}
# Words that stand in a row of units and are no unit that can be converted.
_UNIT_WORDS = frozenset(
    (
        *(
            "人",
            "户",
            "间",
            "个",
            "栋",
            "座",
            "张",
            "台",
            "处",
            "次",
            "年",
            "顶",
            "级",
            "亩",
            "元",
            "万元",
            "亿元",
            "公顷",
        ),
        *("万人", "层", "人次", "度", "°", "㎡", "无", "-", "—", "/", "\\"),
    )
)


@dataclass
class Remarks:
    """Rows of a sheet that were passed over, by kind: totals, headings, remarks."""

    rows: dict[str, list[int]] = field(default_factory=dict)

    def add(self, kind: str, numbers: Numbers) -> None:
        """Rows of the file that are of a kind."""
        if numbers.size:
            self.rows.setdefault(kind, []).extend(numbers.tolist())


def records_only(numbers: Numbers, block: pd.DataFrame, matched: Matched, remarks: Remarks) -> Mask:
    """Which rows of a block are records; the others are added to the remarks."""
    by_name = {column.field.name: column for column in matched.columns}
    key = by_name.get(matched.key)
    if key is None or block.empty:
        return np.ones(len(block), dtype=bool)
    keys = block.iloc[:, key.position].to_numpy(dtype=object)
    # A row whose key looks like one is a record, unless it says itself that it is a total.
    doubtful = np.flatnonzero(~_like_keys(keys, key.field.kind, key.heading) | _says_total(block))
    kinds: dict[str, list[int]] = {}
    for row in doubtful.tolist():
        kind = _kind_of(block.iloc[row].tolist(), matched)
        if kind:
            kinds.setdefault(kind, []).append(row)
    keep = np.ones(len(block), dtype=bool)
    for kind, rows in kinds.items():
        keep[rows] = False
        remarks.add(kind, numbers[rows])
    return keep


def _like_keys(keys: NDArray[np.object_], kind: str, heading: str) -> Mask:
    digits = _DIGITS.get(kind, 0)
    known: dict[object, bool] = {}
    out = np.empty(len(keys), dtype=bool)
    title = plain(heading)
    for at, value in enumerate(keys):
        # By far the most keys are plain.
        if (
            isinstance(value, str)
            and value.isascii()
            and (len(value) == digits and value.isdigit() if digits else _is_id(value))
        ):
            out[at] = True
            continue
        try:
            answer = known.get(value)
        except TypeError:
            answer = False
        if answer is None:
            text = "" if value is None or value != value else plain(str(value))
            answer = bool(text) and text != title and not text.endswith(_TOTALS) and text not in _ENGLISH
            answer = answer and not _REMARK.match(str(value))
            answer = answer and (not digits or len(re.sub(r"\D", "", text)) == digits)
            known[value] = answer
        out[at] = answer
    return out


def _says_total(block: pd.DataFrame) -> Mask:
    """Rows whose first two cells are the word for a total; the key of such a row may be a figure."""
    out = np.zeros(len(block), dtype=bool)
    for position in range(min(2, block.shape[1])):
        cells = block.iloc[:, position].to_numpy(dtype=object)
        out |= np.array([isinstance(v, str) and v.replace(" ", "").endswith(_TOTALS) for v in cells], dtype=bool)
    return out


def _is_id(text: str) -> bool:
    return text.isalnum() and any(letter.isdigit() for letter in text)


def _kind_of(cells: Cells, matched: Matched) -> str | None:
    """What a row without a proper key is, when it is no record."""
    texts = ["" if value is None or value != value else str(value).strip() for value in cells]
    filled = [text for text in texts if text]
    if not filled:
        return None
    same = sum(bool(texts[c.position]) and plain(texts[c.position]) in (plain(c.heading), name_and_unit(c.heading)[0])
               for c in matched.columns if c.position < len(texts))  # fmt: skip
    if same >= max(2, len(filled) // 2):
        return "headings"
    words = [plain(text) for text in filled[:6]]
    if any(word.endswith(_TOTALS) or word in _ENGLISH for word in words):
        return "totals"
    if sum(bool(_REMARK.match(text)) for text in filled) * 2 >= len(filled) or _REMARK.match(filled[0]):
        return "remarks"
    return None


def is_numbering(cells: Sequence[object]) -> bool:
    """Whether a row below the headings numbers the columns: 甲 乙 1 2 3, or 1 2 3 4."""
    texts = ["" if value is None else str(value).strip().removesuffix(".0") for value in cells]
    filled = [text for text in texts if text]
    numbers = [int(text) for text in filled if text.isascii() and text.isdigit()]
    stems = [text for text in filled if len(text) == 1 and text in _STEMS]
    if len(numbers) + len(stems) < len(filled) or len(numbers) < 3:
        return False
    return numbers == list(range(numbers[0], numbers[0] + len(numbers))) and numbers[0] in (0, 1)


def units_row(cells: Sequence[object], headings: Sequence[str]) -> list[str] | None:
    """The headings with the units of the row below them; None when that row is no row of units."""
    texts = [re.sub(r"^[(（]\s*|\s*[)）]$", "", "" if v is None else str(v).strip()) for v in cells[: len(headings)]]
    filled = [text for text in texts if text]
    if not filled or not all(text in _UNIT_WORDS or _is_unit(text) for text in filled):
        return None
    texts += [""] * (len(headings) - len(texts))
    pairs = zip(headings, texts, strict=True)
    idle = ("无", "-", "—", "/", "\\")
    return [
        f"{head}({unit})" if unit and unit not in idle and not name_and_unit(head)[1] else head for head, unit in pairs
    ]


def _is_unit(text: str) -> bool:
    if any(letter.isdigit() for letter in text) and not re.fullmatch(r"(万)?(k|c|m)?m[23²³](/[\w人]+)?", text):
        return False
    return any(
        unit_factor(text, wanted) is not None for wanted in ("m", "m2", "yuan", "person", "degree", "kg", "m3", "m3/s")
    )
