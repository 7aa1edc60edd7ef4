"""Policy files: what they hold, and every fault of them with its line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.errors import ConfigError
from sim.policies import Policy, TimedPolicy
from sim.reading import flatten, merge, nest, problems
from sim.wording import Place
from sim.yaml_text import Document


def read_policy(document: Document, base: Policy) -> tuple[TimedPolicy, ...]:
    """A policy file as timed differences, checked against the levers there are.

    Raises:
        ConfigError: with the line of the first lever that is wrong.
    """
    faults = faults_of_policy(document, base)
    if faults:
        raise faults[0]
    return TimedPolicy.model_validate(document.data).parts()


def faults_of_policy(document: Document, levers: Policy) -> list[ConfigError]:
    """Every fault of a policy file, by line.

    Args:
        document: its content.
        levers: those that it differs from; an extension's own are among them.
    """
    data = dict(document.data)
    sets = {place: own for place, own in _sets(data) if isinstance(own, dict)}
    flat = {**data, **({"set": flatten(sets[("set",)])} if ("set",) in sets else {})}
    faults = problems(TimedPolicy, flat, document)
    for place, own in sets.items():
        try:
            nested = nest(flatten(own))
        except ConfigError as error:
            faults.append(_in_set(error, place, error.key or "", document))
            continue
        found = problems(type(levers), merge(levers.model_dump(), nested), document, at=place)
        faults += [_in_set(error, place, (error.key or "").removeprefix(_spelt(place)), document) for error in found]
    return sorted(faults, key=lambda fault: fault.line or 0)


def _sets(data: Mapping[str, Any]) -> list[tuple[Place, Any]]:
    """Every `set` of a policy file and its place."""
    later = data.get("later")
    changes = enumerate(later) if isinstance(later, list) else ()
    own = [(("later", number, "set"), one.get("set")) for number, one in changes if isinstance(one, dict)]
    return [(("set",), data.get("set", {})), *own]


def _spelt(place: Place) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".") + "."


def _in_set(error: ConfigError, at: Place, lever: str, document: Document) -> ConfigError:
    """The fault of a lever with its line, whether the file writes the lever as one dotted key or as nested keys."""
    place, data = at, document.data
    for step in at:
        data = data[step]
    names = lever.replace("[", ".").replace("]", "").split(".")
    while names:
        lengths = range(len(names), 0, -1) if isinstance(data, dict) else ()
        found = next((length for length in lengths if ".".join(names[:length]) in data), 0)
        own: str | int = ".".join(names[:found])
        if not found:
            if not (isinstance(data, list) and names[0].isdigit()):
                break
            found, own = 1, int(names[0])
        place, data, names = (*place, own), data[own], names[found:]
    key = _spelt(at) + lever
    return ConfigError(error.problem, source=document.source, line=document.line_of(place), key=key)
