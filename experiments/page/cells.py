"""Policies of which an answer is stored: presets, each lever alone at some levels, events, and some levers together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments.page.levers import content, policy_with
from experiments.page.question import key_of, policy_of
from experiments.register import value_at
from sim.config import Config


@dataclass(frozen=True)
class Cell:
    """A policy of which an answer is stored.

    Attributes:
        key: what decides its runs (`experiments.page.question.key_of`).
        policy: in the shape of a policy file.
        preset: name of the first preset that it is; empty where it is none.
    """

    key: str
    policy: dict[str, Any]
    preset: str = ""


def cells_of(city: Config, presets: Mapping[str, Mapping[str, Any]]) -> dict[str, Cell]:
    """All cells by their keys; policies that come to the same are one.

    Args:
        city: the city with its length of run.
        presets: by name, as `experiments.page.presets` has them.
    """
    asked: list[tuple[str, Mapping[str, Any]]] = [(name, preset["policy"]) for name, preset in presets.items()]
    form = content()
    for lever in form.levers:
        usual = value_at(city, f"policy.{lever.key}")
        usual = list(usual) if isinstance(usual, tuple) else usual
        asked += [("", {"set": {lever.key: level}}) for level in lever.levels if level != usual]
    asked += [("", policy_with(event, form.week)) for event in form.events]
    asked += [("", {"set": levers}) for levers in form.pairs]
    found: dict[str, Cell] = {}
    for name, policy in asked:
        plain = {key: value for key, value in policy.items() if key != "title"}
        key = key_of(city, policy_of(plain, city).timeline)
        found.setdefault(key, Cell(key, plain, name))
    return found
