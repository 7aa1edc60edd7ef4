"""Levers, their values and shocks in words; names of values and of shocks are the page's (page/content.yaml)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from experiments.languages import digits, which
from experiments.sweeps.parts import registered
from experiments.titles import HUBS, title_of, unit_of
from sim.config import Config
from sim.outcome import Language
from sim.wording import printable
from sim.yaml_text import read_yaml

_PREFIX = "policy."
_CONTENT = Path(__file__).parent / "page" / "content.yaml"


def name_of_value(key: str, value: str, language: Language) -> str | None:
    """A value of a lever in words, such as ``elected`` of ``policy.council.selection``; None if it has no name.

    Args:
        key: of the lever, dotted.
        value: as files write it; of a list, one of its items.
        language: English or Persian.
    """
    if value in HUBS:
        return which(HUBS[value], language)
    found = _choices().get(key.removeprefix(_PREFIX), {}).get(value)
    return None if found is None else found[language]


def levers_in_words(levers: Mapping[str, Any], config: Config, language: Language) -> str:
    """Names, values and units of the levers: ``The share of the budget delegated: 25 %; the size of a council: 7``.

    Args:
        levers: values by dotted key.
        config: the city's.
        language: English or Persian.
    """
    parts = [f"{title_of(key, language)}: {with_unit(key, value, config, language)}" for key, value in levers.items()]
    text = which(("; ", "؛ "), language).join(parts)
    return text if text.startswith(_PREFIX) else text[:1].upper() + text[1:]


def with_unit(key: str, value: Any, config: Config, language: Language) -> str:
    """A value of a lever in words with its unit, such as ``25 %`` or ``5 neighbourhoods``."""
    known = registered(type(config))
    bare = isinstance(value, bool | str) or key not in known
    unit = "" if bare else unit_of(known[key].unit, language)
    return f"{value_in_words(key, value, language)}{f' {unit}' if unit else ''}"


def value_in_words(key: str, value: Any, language: Language) -> str:
    """A value of a lever in words, without its unit; in per cent where the page has it so."""
    if value is None or value == []:
        return which(("none", "هیچ"), language)
    if isinstance(value, bool):
        return which(("yes", "بله") if value else ("no", "خیر"), language)
    if isinstance(value, int | float):
        if key.removeprefix(_PREFIX) in _in_per_cent():
            return digits(which((f"{100.0 * value:g} %", f"{100.0 * value:g}٪"), language), language)
        return digits(short(value), language)
    if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        return which((", ", "، "), language).join(value_in_words(key, item, language) for item in value)
    text = printable(value if isinstance(value, str) else short(value), 200)
    return name_of_value(key, text, language) or which((text.replace("_", " "), f"«{text}»"), language)


def short(value: Any) -> str:
    """A value without spaces: numbers as they are usually written, lists without brackets, all else as JSON."""
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        return ",".join(map(short, value)) or "[]"
    return value if isinstance(value, str) else as_json(value)


def as_json(value: Any) -> str:
    """A value in one line of JSON, without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def shock_in_words(kind: str, blamed: str | None, language: Language) -> str:
    """The page's name of a shock, such as ``Scandal in the councils``; its kind where the page has none."""
    for event in _content()["events"]:
        shock = event.get("shock", {})
        if shock.get("kind") == kind and ("blamed" not in shock or shock["blamed"] == blamed):
            return str(event["name"][language])
    return kind.replace("_", " ")


@cache
def _content() -> Mapping[str, Any]:
    return dict(read_yaml(_CONTENT).data)


@cache
def _in_per_cent() -> frozenset[str]:
    return frozenset(lever["key"] for lever in _content()["levers"] if lever.get("percent"))


@cache
def _choices() -> Mapping[str, Mapping[str, Mapping[Language, str]]]:
    named = {lever["key"]: lever.get("choices", {}) for lever in _content()["levers"]}
    return {key: choices for key, choices in named.items() if isinstance(choices, dict)}
