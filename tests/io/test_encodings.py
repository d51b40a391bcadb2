"""Text is never garbled."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskzoning.errors import LayerError
from riskzoning.io.encodings import decoded, text_of_file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_chinese_in_any_encoding(encoding: str) -> None:
    assert decoded("新乡市郾城".encode(encoding), thing="a") == "新乡市郾城"


def test_declared_encoding_is_kept_to() -> None:
    with pytest.raises(LayerError) as caught:
        decoded("新".encode(), thing="a", encoding="ascii")
    assert (caught.value.problems[0].rule, caught.value.problems[0].required) == (
        "file.encoding_declared",
        "text in ascii",
    )
    with pytest.raises(LayerError) as caught:
        decoded(b"\xff\xff\xff", thing="a")
    assert caught.value.problems[0].rule == "file.encoding"


def test_the_mark_of_a_file_is_no_part_of_its_text(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("代码".encode("utf-8-sig"))
    assert text_of_file(tmp_path / "a.csv") == "代码"
