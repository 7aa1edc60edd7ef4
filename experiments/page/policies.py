"""Policies of the page: the policy files that it offers, and files that it reads and writes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from experiments.answers.texts import of_label
from experiments.page.levers import as_policy
from experiments.resolved import plain_yaml
from sim.policies import Policy, TimedPolicy
from sim.policy_files import read_policy
from sim.yaml_text import Document, read_yaml


@lru_cache(maxsize=4)
def presets_in(folder: Path) -> dict[str, dict[str, Any]]:
    """Every policy file of a folder by its name: `Preset` of the page's contract, in the order of their names."""
    return {file.stem: _preset(file) for file in sorted(folder.glob("*.yaml"))}


def _preset(file: Path) -> dict[str, Any]:
    document = read_yaml(file)
    policy = policy_in(document, Policy())
    description = of_label(TimedPolicy.model_validate(document.data).description)
    return {"name": file.stem, "title": policy["title"], "description": description, "policy": policy}


def policy_in(document: Document, levers: Policy) -> dict[str, Any]:
    """A policy file in the page's form.

    Args:
        document: its content.
        levers: those of the city.

    Raises:
        ConfigError: something in it is not allowed, with its line.
    """
    read_policy(document, levers)
    policy = TimedPolicy.model_validate(document.data)
    whole = policy.model_dump(mode="json")
    changes = [
        change.model_dump(mode="json", exclude_defaults=True) | {"start": change.start} for change in policy.later
    ]
    return as_policy({**whole, "title": of_label(policy.title), "later": changes})


def policy_file(policy: Mapping[str, Any]) -> str:
    """A policy of the page as the file that `mahalle run`, `sweep` and `compare` take."""
    parts = {name: policy[name] for name in ("title", "set", "later", "shocks") if policy.get(name)}
    return plain_yaml(parts)
