"""The commands that resume, each with little work, and what their results are."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.calibration.conftest import SHORT
from tests.calibration.conftest import tiny as tiny_calibration
from tests.sweeps.conftest import ROOT, tiny

SCREENING = """\
title: {{en: Small, fa: کوچک}}
base: {base}
uncertainties:
  behaviour.trust.initial_trust_in_municipality: {{uniform: [0.1, 0.9]}}
  behaviour.learning.initial_hope: {{uniform: [0.1, 0.9]}}
design: {{kind: morris, trajectories: {trajectories}}}
replications: 1
run: {{scale: 0.002, weeks: {weeks}}}
outcomes: [{{trust_in_municipality: last}}, {{hope: last}}]
"""

VALIDATED = """\
city: {{title: {{en: Six quarters, fa: شش محله}}, neighbourhoods: {{count: 6}}}}
policy: {{rollout: {{order: at_once, milestones: [{{week: 4, share: 1.0}}]}}}}
run: {{weeks: {weeks}, seed: 5}}
"""

RESULTS = {
    "sweep": ("runs.parquet", "outcomes.parquet", "failures.parquet"),
    "grow": ("runs.parquet", "outcomes.parquet", "failures.parquet"),
    "compare": ("contrasts.parquet", "neighbourhood_shares.parquet", "outcomes.parquet"),
    "sensitivity": ("sensitivity.parquet", "luck.parquet", "outcomes.parquet"),
    "calibrate": ("posterior.parquet", "simulated.parquet", "learned.csv"),
    "validate": ("patterns.parquet", "replications.parquet", "patterns.md"),
}
"""Files whose bytes are the same, however often the work was cut off."""


BEGUN = 4
"""Runs of a study that is to grow, in its small form: two replications at each of two points."""


def words_of(command: str, folder: Path, *, small: bool = False) -> list[str]:
    """A command that keeps what is finished; "grow" is a sweep of more points than `begin` did.

    Args:
        command: which.
        folder: for its files; results go to `out` there.
        small: work of a second or two; else of several, so that there is time to be interrupted.
    """
    out = ["--out", str(folder / "out"), "--workers", "2", "--quiet"]
    if command in ("sweep", "grow"):
        return ["sweep", str(tiny(folder, replications=2 if small else 12)), *out]
    if command == "compare":
        policies = ["configs/policies/status_quo.yaml", "as_is"]
        size = ("2", "0.002", "8") if small else ("30", "0.005", "30")
        size = ("--replications", size[0], "--all-replications", "--scale", size[1], "--weeks", size[2])
        return ["compare", *policies, *size, "--no-figure", *out]
    if command == "sensitivity":
        file, size = folder / "small.yaml", {"trajectories": 2 if small else 4, "weeks": 8 if small else 40}
        file.write_text(SCREENING.format(base=ROOT / "configs/cities/rafsanjan.yaml", **size), encoding="utf-8")
        return ["sensitivity", str(file), *out]
    if command == "validate":
        file = folder / "city.yaml"
        file.write_text(VALIDATED.format(weeks=10 if small else 30), encoding="utf-8")
        size = ("--scale", "0.002", "--replications", "2", "--pattern=13", "--pattern=20")
        size = size if small else ("--scale", "0.01", "--replications", "5", "--pattern=23")  # the longest
        return ["validate", str(file), *size, *out]
    few = {"population": "10", "thresholds": "[4, 3.9]", "run": "{scale: 0.002, weeks: 20}"} if small else {}
    return ["calibrate", str(tiny_calibration(folder, **{**SHORT, "population": "12", **few})), *out]


def begin(command: str, folder: Path, carry_out: Callable[[list[str]], Any], *, small: bool = False) -> None:
    """Carry out what has to be there before the command: of a study that grows, one of two values of a lever.

    So its runs get other numbers when the other value is added, and their shards are written anew.
    """
    if command == "grow":
        words = words_of(command, folder, small=small)
        file = folder / "tiny.yaml"
        whole = file.read_text(encoding="utf-8")
        file.write_text(whole.replace("[0.0, 0.7]", "[0.7]"), encoding="utf-8")
        assert file.read_text(encoding="utf-8") != whole
        carry_out(words)
        file.write_text(whole, encoding="utf-8")


def has_kept(said: str) -> bool:
    """Whether a study that grew says that it found at least as many runs as `begin` did, in its small form."""
    found = re.search(r"^([\d,]+) runs are there already", said, re.MULTILINE)
    return found is not None and int(found[1].replace(",", "")) >= BEGUN


def digests(command: str, folder: Path) -> dict[str, str]:
    """SHA-256 of the results of a command, by file."""
    return {name: hashlib.sha256((folder / "out" / name).read_bytes()).hexdigest() for name in RESULTS[command]}
