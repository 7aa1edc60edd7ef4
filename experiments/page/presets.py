"""The policies of configs/policies as the page offers them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from experiments.answers.texts import of_label
from experiments.page.levers import as_policy
from sim.policies import TimedPolicy
from sim.reading import validate
from sim.yaml_text import read_yaml


@lru_cache(maxsize=4)
def presets_in(folder: Path) -> dict[str, dict[str, Any]]:
    """Every policy file of a folder by its name: `Preset` of the page's contract, in the order of their names."""
    return {file.stem: _preset(file) for file in sorted(folder.glob("*.yaml"))}


def _preset(file: Path) -> dict[str, Any]:
    document = read_yaml(file)
    policy = validate(TimedPolicy, dict(document.data), document)
    data = policy.model_dump(mode="json", exclude={"description"}, exclude_defaults=True)
    title = of_label(policy.title)
    return {
        "name": file.stem,
        "title": title,
        "description": of_label(policy.description),
        "policy": as_policy({**data, "title": title, "shocks": policy.model_dump(mode="json")["shocks"]}),
    }
