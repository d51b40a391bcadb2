"""What the papers say is what the program does."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "data" / "samples" / "README.md"])


def test_the_page_of_hazards_is_what_they_declare() -> None:
    spec = importlib.util.spec_from_file_location("hazards_page", ROOT / "docs" / "hazards_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text(encoding="utf-8") == module.page(), "run: make docs"


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_of_papers_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def _blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)


def _commands(name: str) -> list[str]:
    lines = "".join(_blocks(name, "")).splitlines()
    return [re.sub(r"\s+#.*| --lang zh", "", line).strip() for line in lines if line.strip()]


def test_both_readmes_give_the_same_commands_and_the_same_first_cell() -> None:
    assert _commands("README.md")[:2] == ["make demo", "make test"]
    assert _commands("README.md") == _commands("README.zh.md")
    code = [re.sub(r"\s+#.*", "", _blocks(name, "python")[0]) for name in ("README.md", "README.zh.md")]
    assert code[0] == code[1]


def test_commands_and_options_of_the_readme_exist() -> None:
    for command in _commands("README.md"):
        words = command.split()
        if words[0] != "riskzoning":
            continue
        done = subprocess.run(
            [sys.executable, "-m", "riskzoning", words[1], "--help"],
            capture_output=True, encoding="utf-8", env={**os.environ, "COLUMNS": "200"}, check=False,
        )  # fmt: skip
        assert done.returncode == 0, command
        assert [word for word in words if word.startswith("-") and word not in done.stdout] == [], command


def test_the_study_of_a_whole_city_has_the_form_that_is_checked(tmp_path: Path) -> None:
    from riskzoning.config import parse_study

    text = (ROOT / "docs" / "studies" / "xinxiang.yaml").read_text(encoding="utf-8")
    assert {item["hazard"] for item in yaml.safe_load(text)["hazards"]} >= {"earthquake", "flood", "geology"}
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    # The placeholder folder is not there; nothing else may be wrong.
    wrong = [row for row in parse_study(tmp_path / "study.yaml").problems if "does not exist" not in row.found]
    assert wrong == []


@pytest.mark.city
def test_the_study_of_a_whole_city_passes_the_check_with_its_data(city_data: Path, tmp_path: Path) -> None:
    from riskzoning.config import parse_study

    text = (ROOT / "docs" / "studies" / "xinxiang.yaml").read_text(encoding="utf-8")
    (tmp_path / "study.yaml").write_text(text.replace("/path/to/data", city_data.as_posix()), encoding="utf-8")
    assert parse_study(tmp_path / "study.yaml").problems == ()
