"""Ctrl-C stops cleanly, and a re-run goes on from there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sample_run import SAMPLE

CALLS = ("K0306-01", "K0311-01", "K0309-01")


@pytest.mark.model
def test_an_interrupted_run_keeps_what_it_had_and_goes_on(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    rows = (SAMPLE / "calls.csv").read_text(encoding="utf-8").splitlines()
    wanted = [rows[0], *(r for r in rows[1:] if r.split(",")[0] in CALLS)]
    (data / "calls.csv").write_text("\n".join(wanted) + "\n", encoding="utf-8")
    shutil.copytree(SAMPLE / "recordings", data / "recordings", ignore=shutil.ignore_patterns("*.json"))
    environment = {**os.environ, "HUIYIN_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "huiyin.api.cli.main", "run", "data", "--as-of", "2026-03-23", "--beam", "1"]

    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        if "1/3" in line:
            process.send_signal(signal.SIGINT)
            break
    rest = process.stderr.read()
    assert process.wait(timeout=120) == 130, "".join(seen) + rest
    assert "再次运行" in rest
    assert "Traceback" not in rest
    assert not list(tmp_path.rglob("*.part"))
    assert not (tmp_path / "out" / "leads.jsonl").exists()

    again = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    first = next(line for line in again.stderr.splitlines() if "1/3" in line)
    assert "已有" in first
    assert (tmp_path / "out" / "leads.jsonl").exists()
