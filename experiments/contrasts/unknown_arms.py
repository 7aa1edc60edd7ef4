"""What is wrong with an arm that is asked for and that a sweep has not: which part of it, and what there is instead."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Any

from sim.reading import nearest
from sim.wording import printable

MOST_LETTERS = 150
"""Of a list of names: those that fit are said, and the others counted, for a message has no room for more."""


def as_written(asked: str | Mapping[str, Any]) -> str:
    """An arm as a file has it: a name in quotes, or ``{policy: programme, policy.hub.kinds: ["school"]}``."""
    if isinstance(asked, str):
        return f'"{printable(asked)}"'
    return f"{{{', '.join(f'{printable(str(key))}: {_value(value)}' for key, value in asked.items())}}}"


def what_is_unknown(
    asked: str | Mapping[str, Any],
    arms: Mapping[str, tuple[str, Mapping[str, Any]]],
    titles: Mapping[str, Iterable[str]],
    policy_key: str,
) -> str:
    """Why no arm is the one that is asked for, as the end of a sentence.

    Args:
        asked: its name, or what is set there.
        arms: policy and values of each arm, by its name.
        titles: of each policy.
        policy_key: key of the policy's name in `asked`.
    """
    if isinstance(asked, str):
        names = [*arms, *(title for own in titles.values() for title in own)]
        return nearest(asked, names) or allowed(arms)
    policy = asked.get(policy_key)
    policies = list(dict.fromkeys(own for own, _ in arms.values()))
    if policy is not None and not any(policy in (own, *titles[own]) for own in policies):
        hint = nearest(policy, [*policies, *(title for own in policies for title in titles[own])])
        return f": no policy is called {_value(policy)}{hint or allowed(policies)}"
    values: dict[str, list[str]] = {}
    for _, own in arms.values():
        for key, value in own.items():
            values.setdefault(key, []).append(_value(value))
    for key, value in asked.items():
        if key == policy_key:
            continue
        if key not in values:
            near = next((f'; did you mean "{known}"?' for known in values if known.endswith(f".{key}")), "")
            return f": it does not vary {printable(str(key))}{near or nearest(str(key), values) or allowed(values)}"
        if _value(value) not in values[key]:
            return f": {key} is never {_value(value)} there{allowed(dict.fromkeys(values[key]))}"
    wanted = {key: _value(value) for key, value in asked.items() if key != policy_key}
    agreeing = {
        name: sum(_value(own.get(key)) == value for key, value in wanted.items()) + (policy in (None, of))
        for name, (of, own) in arms.items()
    }
    closest = sorted(arms, key=lambda name: -agreeing[name])
    return f": nothing has all of this{allowed(closest)}"


def listed(names: Iterable[str]) -> str:
    """The first of some names, and how many more there are."""
    known = list(names)
    ends = list(accumulate(len(name) + 2 for name in known))
    count = max(1, sum(end <= MOST_LETTERS for end in ends))
    return "; ".join(known[:count]) + (f" and {len(known) - count} more" if len(known) > count else "")


def allowed(names: Iterable[str]) -> str:
    """What is allowed, as the end of a sentence."""
    return f"; allowed here: {listed(names)}"


def _value(value: Any) -> str:
    """A value as files write it."""
    return printable(value if isinstance(value, str) else json.dumps(value, default=list, ensure_ascii=False))
