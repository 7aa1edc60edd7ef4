"""A config written out in full: every key with its value, unit and evidence tag, runnable as it stands."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.register import value_at
from sim.config import UNIT_OF_MONEY, Config
from sim.parameters import Registered, register

OWN_FILES = (
    "city.neighbourhoods.data_file",
    "city.neighbourhoods.polygons_file",
    "city.population.data_file",
    "city.network.file",
)
"""Keys that name a user's data file; besides, each of `city.elections` has a key `file`."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*(?<!\.)")
_RESERVED = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_UNPRINTABLE = re.compile("[\x7f-\xa0\u2028\u2029\ufeff]")
_WIDTH = 44


def names_of_own_files(config: Config) -> dict[str, str]:
    """The user's data files that a config names, by key, as it names them."""
    named = {key: value_at(config, key) for key in OWN_FILES}
    named |= {f"city.elections[{place}].file": own.file for place, own in enumerate(config.city.elections)}
    return {key: name for key, name in named.items() if name is not None}


def own_files(config: Config) -> dict[str, Path]:
    """The user's data files that a config names, by key, as absolute paths."""
    return {key: (Path(config.base_folder) / name).resolve() for key, name in names_of_own_files(config).items()}


def with_absolute_files(config: Config) -> Config:
    """The config with the paths of data files made absolute, so that it can be moved."""
    files = own_files(config)
    values: dict[str, Any] = {key: str(files[key]) for key in OWN_FILES if key in files}
    if config.city.elections:
        values["city.elections"] = tuple(
            {**own.model_dump(), "file": str(files[f"city.elections[{place}].file"])}
            for place, own in enumerate(config.city.elections)
        )
    if config.loaded:
        values["extensions"] = config.extensions_by_location
    return config.with_values(values)


def digest(config: Config) -> str:
    """SHA-256 of all values; equal configs have equal digests, wherever they were written."""
    text = json.dumps(config.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def as_yaml(config: Config, heading: str = "") -> str:
    """The whole config as YAML with units and evidence tags in comments; reading it gives the same config."""
    money = config.city.finance.unit.en or UNIT_OF_MONEY
    comments = {
        row.key: _comment(row, value_at(config, row.key) == row.default).replace(UNIT_OF_MONEY, money, 1)
        for row in register(type(config))
    }
    lines = [f"# {line}" for line in heading.splitlines()]
    for part, values in config.model_dump(mode="python").items():
        lines += ["", *_mapping({part: values}, 0, "", comments)]
    return "\n".join(lines).lstrip("\n") + "\n"


def plain_yaml(values: Mapping[str, Any]) -> str:
    """Plain data as YAML without comments; reading it gives the same data."""
    return "\n".join(_mapping(values, 0, "", {})) + "\n"


def _comment(row: Registered, is_default: bool) -> str:
    """Unit and bounds, and the evidence tag where the value is the default: the tag speaks of no other value."""
    if not row.unit and row.tag == "assumption" and row.role != "uncertainty":
        return ""
    bounds = "" if row.low is None or row.high is None else f" {row.low:g} to {row.high:g}"
    tag = f" [{row.tag}]" if is_default else ""
    return f"{row.unit}{',' if row.unit and bounds else ''}{bounds}{tag}".strip()


def _mapping(values: Mapping[str, Any], depth: int, prefix: str, comments: Mapping[str, str]) -> list[str]:
    indent, lines = "  " * depth, []
    for name, value in values.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping) and value:
            lines += [f"{indent}{_text(str(name))}:", *_mapping(value, depth + 1, f"{key}.", comments)]
        elif isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
            lines.append(f"{indent}{_text(str(name))}:")
            lines += [line for item in value for line in _item(item, depth + 1)]
        else:
            line = f"{indent}{_text(str(name))}: {_flow(value)}"
            comment = comments.get(key)
            lines.append(f"{line:<{_WIDTH}}  # {comment}" if comment else line)
    return lines


def _item(item: Any, depth: int) -> list[str]:
    """One item of a list of mappings: a dash, and its keys below each other."""
    indent = "  " * depth
    if not isinstance(item, Mapping) or not item:
        return [f"{indent}- {_flow(item)}"]
    inner = _mapping(item, depth + 1, "-.", {})
    return [f"{indent}- {inner[0].lstrip()}", *inner[1:]]


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(str(name))}: {_flow(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(text: str) -> str:
    """A text as YAML: bare where it cannot be taken for anything else, in quotes as JSON writes them otherwise."""
    if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    return _UNPRINTABLE.sub(lambda letter: f"\\u{ord(letter.group()):04x}", json.dumps(text, ensure_ascii=False))
