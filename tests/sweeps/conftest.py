"""A tiny experiment, and a way to start `mahalle sweep` on it as a user would."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests import forking
from tests.interrupting import HANGING, heed_ctrl_c

ROOT = Path(__file__).parents[2]

TINY = """\
title: {{en: Tiny, fa: کوچک}}
base: {base}
levers:
  policy.authority.delegated_share: [0.0, 0.7]
  policy.hub.kinds: [[mosque], [school]]
design: {{kind: grid}}
replications: {replications}
seed: 7
run: {{scale: 0.002, weeks: 8}}
outcomes:
  - trust_in_municipality
  - {{participation_rate: mean}}
  - {{"trust_in_people[cohort=youth]": {{week: [4, 8]}}}}
"""

TABLES = ("runs.parquet", "outcomes.parquet", "failures.parquet")


def tiny(folder: Path, *, replications: str | int = 6, more: str = "") -> Path:
    """Write the experiment into a folder and return its path."""
    file = folder / "tiny.yaml"
    base = ROOT / "configs/cities/rafsanjan.yaml"
    file.write_text(TINY.format(base=base, replications=replications) + more, encoding="utf-8")
    return file


MAHALLE = (sys.executable, "-m", "experiments")


def start(
    *words: str | Path, command: tuple[str, ...] | None = None, **more
) -> subprocess.Popen[str] | forking.Command:
    """Start the command in a session of its own, so that all of it can be killed at once.

    Args:
        words: after `mahalle`.
        command: how the program is called from nothing; split off from a process that has imported it if None.
        more: for a process from nothing.
    """
    if command is None and not more and forking.possible():
        return forking.Command(words, ROOT, own_session=True)
    command = MAHALLE if command is None else command
    return subprocess.Popen(
        [*command, *map(str, words)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heed_ctrl_c,
        **more,
    )


def mahalle(*words: str | Path, status: int = 0, command: tuple[str, ...] | None = None) -> str:
    """Run the command, expect an exit status, and return all it printed."""
    process = start(*words, command=command)
    out, err = process.communicate(timeout=HANGING)
    assert process.returncode == status, f"{process.returncode}\n{out}\n{err}"
    return out + err


def kill_all(process: subprocess.Popen | forking.Command) -> None:
    """kill -9 of the sweep and all its workers."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    time.sleep(0.1)


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of the final tables."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in TABLES}


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory) -> Path:
    """A finished sweep by one worker, whose bytes all others must have."""
    folder = tmp_path_factory.mktemp("undisturbed")
    mahalle("sweep", tiny(folder), "--out", folder / "sweep", "--workers", "1", "--quiet")
    return folder / "sweep"
