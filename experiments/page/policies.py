"""Policies of the page: the policy files that it offers, and files that it reads and writes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from experiments.answers.texts import of_label
from experiments.contrasts.given import AS_IT_IS
from experiments.contrasts.titles import CITY_AS_IT_IS
from experiments.languages import LANGUAGES
from experiments.page.levers import as_policy
from experiments.page.question import key_of, policy_of
from experiments.reported import PROGRAMME, is_reported
from experiments.resolved import plain_yaml
from sim.config import Config
from sim.policies import Policy, TimedPolicy
from sim.policy_files import read_policy
from sim.shipped import folder_of
from sim.yaml_text import Document, read_yaml

_AS_CONFIGURED = (
    "Changes nothing: the levers are those of the city's own file.",
    "چیزی را تغییر نمی‌دهد: اهرم‌ها همان تنظیم‌های پرونده خود شهر است.",
)


@lru_cache(maxsize=4)
def presets_in(folder: Path) -> dict[str, dict[str, Any]]:
    """Every policy file of a folder by its name: `Preset` of the page's contract, in the order of their names."""
    return {file.stem: _preset(file) for file in sorted(folder.glob("*.yaml"))}


def presets_for(city: Config, presets: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The presets that the page of a city offers.

    The shipped programme is left out where it was not reported of the city. Where it is not what the city has, the city
    as configured stands first.

    Args:
        city: the city.
        presets: of `presets_in`.
    """
    shipped = presets_in(folder_of("policy").resolve())[PROGRAMME]
    reported = is_reported(city)
    offered = {name: one for name, one in presets.items() if reported or one != shipped}
    same = key_of(city, policy_of(shipped["policy"], city).timeline) == key_of(city, ())
    if reported and same and shipped in offered.values():
        return offered
    title, description = (dict(zip(LANGUAGES, pair, strict=True)) for pair in (CITY_AS_IT_IS, _AS_CONFIGURED))
    policy = {"title": title, "set": {}, "later": [], "shocks": []}
    return {AS_IT_IS: {"name": AS_IT_IS, "title": title, "description": description, "policy": policy}, **offered}


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
