"""In what a study differs from the one whose runs a folder holds: the keys of its YAML files, in a few words."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sim.errors import ConfigError
from sim.reading import flatten
from sim.wording import printable
from sim.yaml_text import read_yaml

MOST_NAMED = 5
"""Keys that are named."""

_DECIDES_NOTHING = ("title", "description", "replications")
"""Keys that may differ between studies with the same runs."""


def what_differs(keep_in: Callable[[Path], object], folder: Path) -> str:
    """Files and keys in which a study differs from that of a folder; data files or options where no YAML file differs.

    Args:
        keep_in: writes the study, as its folder holds it, into another folder.
        folder: with the runs.
    """
    with tempfile.TemporaryDirectory() as place:
        keep_in(Path(place))
        kept, now = _contents(folder), _contents(Path(place))
    found = []
    for name in sorted({*kept, *now}):
        old, new = kept.get(name, {}), now.get(name, {})
        keys = [key for key in dict.fromkeys([*new, *old]) if key not in old or key not in new or old[key] != new[key]]
        keys = [key for key in keys if key.partition(".")[0] not in _DECIDES_NOTHING]
        found += [f"{name}: {printable(key)}" for key in keys]
    if not found:
        return "its data files or options"
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return ", ".join(found[:MOST_NAMED]) + more


def _contents(folder: Path) -> dict[str, Mapping[str, Any]]:
    """Dotted keys and values of each YAML file of a folder that can be read."""
    found: dict[str, Mapping[str, Any]] = {}
    for file in [*folder.glob("*.yaml"), *folder.glob("policies/*.yaml")]:
        try:
            found[file.relative_to(folder).as_posix()] = flatten(read_yaml(file).data)
        except ConfigError:
            continue
    return found
