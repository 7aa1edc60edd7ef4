"""A picture of `mahalle plot`: the command that made it, as it works from here, and the picture made again."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.manifest import manifest_in
from experiments.paper.checking import how_it_differs
from sim.errors import ConfigError

RESULTS = Path("results")
"""Where sweeps are written by default."""


def command_of(picture: Path, stamp: Mapping[str, Any]) -> list[str]:
    """The command that makes a picture again, as it is typed from here.

    Args:
        picture: the picture.
        stamp: what it says of itself; `again` is the command beside the sweep.

    Raises:
        ConfigError: the folder of its sweep is nowhere near.
    """
    program, plot, name, *options = shlex.split(str(stamp["again"]))
    for place in (picture.parent, Path(), RESULTS):
        folder = place / name
        if os.path.isdir(folder) and (manifest_in(folder) or {}).get("digest") == stamp.get("asked"):
            return [program, plot, str(folder), *options, "--out", str(picture.with_suffix(""))]
    how = shlex.join([program, plot, "FOLDER", *options])
    raise ConfigError(f'was drawn of the sweep "{name}", which is neither beside it nor here: {how}', source=picture)


def differences_when_plotted_again(picture: Path, command: list[str]) -> list[str]:
    """In what a picture differs from the one that its command makes; nothing is written beside it.

    Raises:
        ConfigError: it cannot be made.
    """
    with tempfile.TemporaryDirectory() as place:
        again = Path(place) / picture.with_suffix("").name
        words = [*command[1:-1], str(again)]
        program = [sys.executable, "-m", "experiments"]
        done = subprocess.run([*program, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["the command ended without a word"]
            raise ConfigError(f"cannot be made again: {said[-1]}", source=picture)
        drawn = again.with_name(f"{again.name}{picture.suffix}")
        return how_it_differs(picture, drawn)
