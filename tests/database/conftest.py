"""A PostGIS server for the tests of the database."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator

import pytest


def _binaries() -> str | None:
    binaries = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    control = glob.glob("/usr/share/postgresql/*/extension/postgis.control")
    return os.path.dirname(binaries[-1]) if binaries and control else None


@pytest.fixture(scope="session")
def postgis() -> Iterator[str]:
    """URL of a PostGIS server started for these tests, on the loopback address."""
    folder = _binaries()
    if folder is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL with PostGIS is missing")
        pytest.skip("PostgreSQL with PostGIS is not installed")
    root = os.getuid() == 0
    owner = "postgres" if root else pwd.getpwuid(os.getuid()).pw_name
    place = tempfile.mkdtemp(prefix="riskzoning-pg-", dir="/tmp")
    if root:
        shutil.chown(place, "postgres")
    prefix = ["setpriv", f"--reuid={owner}", f"--regid={owner}", "--init-groups"] if root else []
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def call(*words: str) -> None:
        subprocess.run([*prefix, *words], check=True, capture_output=True, cwd=place, timeout=120)

    call(f"{folder}/initdb", "-D", f"{place}/data", "-A", "trust", "-U", "tester", "-E", "UTF8", "--locale=C.UTF-8")
    options = f"-p {port} -k {place} -c listen_addresses=127.0.0.1 -c fsync=off"
    call(f"{folder}/pg_ctl", "-D", f"{place}/data", "-o", options, "-l", f"{place}/log", "-w", "start")
    try:
        yield f"postgresql://tester@127.0.0.1:{port}/postgres"
    finally:
        call(f"{folder}/pg_ctl", "-D", f"{place}/data", "-m", "immediate", "stop")
        shutil.rmtree(place, ignore_errors=True)
