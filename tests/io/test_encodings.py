"""Text is never garbled."""

from __future__ import annotations

import pytest

from riskzoning.errors import LayerError
from riskzoning.io.encodings import decoded


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_chinese_in_any_encoding(encoding: str) -> None:
    assert decoded("新乡市郾城".encode(encoding), thing="a") == "新乡市郾城"


def test_declared_encoding_is_kept_to() -> None:
    with pytest.raises(LayerError, match="a has bytes that are no such text; text in ascii"):
        decoded("新".encode(), thing="a", encoding="ascii")
