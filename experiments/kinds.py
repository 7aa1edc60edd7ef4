"""What kind of file this is, by its content: city, policy, experiment, calibration, plan, figure or election."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sim.errors import ConfigError
from sim.policies import TimedPolicy
from sim.shipped import Kind, find
from sim.yaml_text import Document, read_yaml

EXPERIMENT_KEYS = frozenset({"base", "policies", "levers", "uncertainties", "design", "replications", "outcomes"})
"""Keys that neither a city nor a policy has."""


def is_experiment(data: dict[str, Any]) -> bool:
    """Whether a file's content is an experiment: it has a base and what is done with it, or several keys of its own."""
    return len(EXPERIMENT_KEYS & set(data)) > 1


CALIBRATION_KEYS = frozenset({"parameters", "patterns", "survey", "thresholds", "population", "least_acceptance"})
"""Keys that no other file has."""


def is_calibration(data: dict[str, Any]) -> bool:
    """Whether a file's content is a calibration: it has several keys of one."""
    return len(CALIBRATION_KEYS & set(data)) > 1


FIGURE_KEYS = frozenset({"drawing", "caption", "data", "number", "quick"})
"""Keys that no other file has."""


def is_figure(data: dict[str, Any]) -> bool:
    """Whether a file's content is a figure of the paper: it has several keys of one."""
    return len(FIGURE_KEYS & set(data)) > 1


PLAN_KEYS = frozenset({"hypotheses", "aims", "experiment", "correction", "known"})
"""Keys that no other file has."""


def is_plan(data: dict[str, Any]) -> bool:
    """Whether a file's content is a plan of a study: it has several keys of one."""
    return len(PLAN_KEYS & set(data)) > 1


def is_policy(data: dict[str, Any]) -> bool:
    """Whether a file's content is a policy rather than a city: it changes levers, and describes no city."""
    keys = set(data)
    if keys & {"city", "policy", "behaviour", "run", "timeline"}:
        return False
    return bool(keys & set(TimedPolicy.model_fields))


def is_election(path: Path) -> bool:
    """Whether a file is an election in the Pabulib format: it begins with the section META."""
    try:
        with open(path, "rb") as file:
            start = file.read(1_000)
    except OSError:  # the reader of the file reports why it cannot be read
        return False
    return start.removeprefix(b"\xef\xbb\xbf").split(maxsplit=1)[:1] == [b"META"]


COMMANDS = {
    "city": "a city config: mahalle run takes it, or an experiment as its base",
    "policy": "a policy: give it to mahalle run with --policy, to mahalle compare, or to an experiment",
    "experiment": "an experiment: give it to mahalle sweep",
    "calibration": "a calibration: give it to mahalle calibrate",
    "plan": "a plan of a study: give it to mahalle plan, mahalle report or mahalle audit",
    "figure": "a figure of the paper: give its name to mahalle figures",
    "election": "an election in the Pabulib format: give it to mahalle count, or name it in a city config",
}
"""What each kind of file is for."""


def kind_of(data: dict[str, Any]) -> Kind:
    """What kind of file a content is of."""
    if is_figure(data):
        return "figure"
    if is_plan(data):
        return "plan"
    if is_calibration(data):
        return "calibration"
    if is_experiment(data):
        return "experiment"
    return "policy" if is_policy(data) else "city"


def read_of_kind(kind: Kind, given: str | Path) -> Document:
    """The YAML file that a command was given, by path or by name; one that is plainly of another kind is refused.

    Only what is plain is refused here: a calibration, an experiment or a plan without most of its keys is for its own
    reader, which says what is missing.

    Returns:
        The content; `source` is the path of the file that was meant.

    Raises:
        ConfigError: what the file is, and what takes it; or it cannot be read; or the name is unknown.
    """
    path = find(kind, given)
    if is_election(path):
        raise ConfigError(f"is {COMMANDS['election']}", source=path)
    document = read_yaml(path)
    found, keys = kind_of(document.data), set(document.data)
    own = {"calibration": CALIBRATION_KEYS, "experiment": {"base"}, "plan": PLAN_KEYS}.get(kind, set())
    if keys and found != kind and (found in ("calibration", "figure", "plan") or not keys & own):
        raise ConfigError(f"is {COMMANDS[found]}", source=document.source)
    return document


def refuse_unless_election(path: Path) -> None:
    """Refuse a YAML file, or a table, where an election is asked for.

    Raises:
        ConfigError: what it is, and what takes it.
    """
    if not os.path.isfile(path) or is_election(path):
        return
    if path.suffix in (".yaml", ".yml"):
        raise ConfigError(f"is {COMMANDS[kind_of(read_yaml(path).data)]}", source=path)
    if path.suffix.lower() in (".csv", ".json"):
        problem = "is no election in the Pabulib format: mahalle import makes one of an export of Decidim or Consul"
        raise ConfigError(problem, source=path)
