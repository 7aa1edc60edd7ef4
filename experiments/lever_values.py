"""Names of the values of levers that are chosen from a list, in Persian; the page declares them (page/content.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from experiments.titles import HUBS
from sim.yaml_text import read_yaml

_PREFIX = "policy."
_CONTENT = Path(__file__).parent / "page" / "content.yaml"


def value_in_persian(key: str, value: str) -> str | None:
    """A value of a lever in words, such as ``elected`` of ``policy.council.selection``; None if it has no name.

    Args:
        key: of the lever, dotted.
        value: as files write it; of a list, one of its items.
    """
    if value in HUBS:
        return HUBS[value][1]
    return _choices().get(key.removeprefix(_PREFIX), {}).get(value)


@cache
def _choices() -> Mapping[str, Mapping[str, str]]:
    levers: list[dict[str, Any]] = read_yaml(_CONTENT).data["levers"]
    named = {lever["key"]: lever.get("choices", {}) for lever in levers}
    return {
        key: {value: words["fa"] for value, words in choices.items()}
        for key, choices in named.items()
        if isinstance(choices, dict)
    }
