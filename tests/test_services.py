"""What a machine lacks is said by name, counted, and with CI=true a failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]


def _pytest(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *words]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", **variables}
    return subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, encoding="utf-8", timeout=300, check=False
    )


@pytest.mark.parametrize("ci", [pytest.param(False, id="desk", marks=pytest.mark.slow), pytest.param(True, id="ci")])
def test_a_missing_browser_is_named_on_a_desk_and_fails_in_ci(ci: bool, tmp_path: Path) -> None:
    done = _pytest("tests/webmap/test_page.py", "-m", "chromium", PATH=str(tmp_path), CI="true" if ci else "")
    if ci:
        assert done.returncode == 1, done.stdout
        assert "Chromium and chromedriver are missing" in done.stdout
    else:
        assert done.returncode == 0, done.stdout
        assert "NOT RUN without Chromium with chromedriver: " in done.stdout
        assert "\n  tests/webmap/test_page.py::test_" in done.stdout
