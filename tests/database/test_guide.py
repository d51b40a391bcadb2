"""Every command of docs/postgis.md is run, in its order, as it stands."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from riskzoning.cli import app

from . import Place, run_of, written

GUIDE = Path(__file__).parents[2] / "docs" / "postgis.md"


def commands() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


@pytest.mark.postgis
def test_the_commands_of_the_guide_do_what_it_says(
    postgres: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("PGHOST", "127.0.0.1"), ("PGPORT", str(postgres.port)), ("PGUSER", "tester")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", f"{postgres.programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    written(Place("out/database.gpkg").opened())
    later = run_of("next", "2027-06-30")
    later.unit_table["value"] += 1
    with Place("next/database.gpkg").opened() as database:
        database.write(later)
    said = {}
    for line in commands():
        if line.startswith("riskzoning "):
            result = CliRunner().invoke(app, [*shlex.split(line)[1:], "--lang", "en"])
            said[line], code = result.output, result.exit_code
        else:
            done = subprocess.run(shlex.split(line), capture_output=True, text=True, check=False, timeout=120)
            said[line], code = done.stdout + done.stderr, done.returncode
        assert code == 0, f"{line}: {said[line]}"
    assert len(said) == len(commands()) > 15
    assert "ready for a load" in said["riskzoning db check 'postgresql:///city?schema=risk'"]
    assert "0 rows came, 0 went" in said["riskzoning db compare 'postgresql:///city?schema=risk' risk_unit toy next"]
    assert postgres.run("SELECT count(*) FROM risk.frozen", database="city") != [(0,)]
    reads = "SELECT has_table_privilege('li_ming', 'risk.risk_unit', 'SELECT')"
    assert postgres.run(reads, database="city") == [(True,)]
    postgres.run("DROP DATABASE city", "DROP DATABASE city_again", "DROP ROLE li_ming, planner, editor, loader")
