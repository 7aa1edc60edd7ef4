"""How uncertainties are spread: whether a distribution suits its parameter; one key for a whole group."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field

from experiments.sweeps.form import DistributionForm
from sim.errors import ConfigError
from sim.parameters import Parameters, Registered, Tag
from sim.reading import flatten, nearest, problems
from sim.wording import Place, printable, refusal, shown
from sim.yaml_text import Document

ALL = "all"
"""What stands for a whole group without conditions."""


class GroupForm(Parameters):
    """Which parameters of a group are uncertain, each over the whole of its declared range."""

    evidence: list[Tag] | None = Field(None, min_length=1, description="Only those with one of these evidence tags.")
    without: list[str] = Field(default_factory=list, description="Keys, or groups within the group, left as they are.")


def dotted(key: str, value: Any, known: Collection[str]) -> str | None:
    """The parameter that nested mappings under a key lead to, in dots; None if they lead to none."""
    for path in flatten({key: value}) if isinstance(value, dict) else ():
        names = path.split(".")
        starts = (".".join(names[:length]) for length in range(len(names), key.count(".") + 1, -1))
        if (found := next((start for start in starts if start in known), None)) is not None:
            return found
    return None


def is_group(key: str, known: Collection[str]) -> bool:
    """Whether a dotted key stands for several parameters of the register."""
    return key not in known and any(_is_in(name, key) for name in known)


def group_read(
    key: str,
    value: Any,
    register: Mapping[str, Registered],
    besides: Collection[str],
    document: Document,
    faults: list[ConfigError],
) -> dict[str, DistributionForm]:
    """The distributions that one key for a whole group stands for; nothing if there are faults.

    Args:
        key: the group, which stands under `uncertainties`.
        value: `ALL`, or a `GroupForm` as the document has it.
        register: all parameters by key.
        besides: keys that the experiment varies in a way of their own, which the group leaves alone.
        document: the experiment.
        faults: what is wrong is added to it.
    """
    place: Place = ("uncertainties", key)

    def refuse(problem: str, *within: str | int) -> None:
        path = (*place, *within)
        faults.append(refusal(problem, document.source, document.line_of(path), path))

    value = {} if value == ALL else value
    if not isinstance(value, dict):
        refuse(f"{key} is a group of parameters: write all, or conditions such as {{evidence: [assumption]}}")
        return {}
    before = len(faults)
    faults += problems(GroupForm, value, document, at=place)
    if len(faults) > before:
        return {}
    form = GroupForm.model_validate(value)
    inside = [name for name in register if _is_in(name, key)]
    for position, name in enumerate(form.without):
        if name not in inside and not (_is_in(name, key) and is_group(name, register)):
            near = nearest(name, inside) or f"; write keys such as {inside[0]}"
            refuse(f'no key within {key}: "{printable(name)}"{near}', "without", position)
    spreads = _spreads(form, [register[name] for name in inside if name not in besides])
    if not spreads:
        refuse("no parameter of this group that is not varied already meets these conditions")
    return spreads if len(faults) == before else {}


def _spreads(form: GroupForm, rows: Sequence[Registered]) -> dict[str, DistributionForm]:
    """The distribution of each parameter that has a range or choices; names, lists and files have none."""
    found: dict[str, DistributionForm] = {}
    for row in rows:
        left_out = any(row.key == name or _is_in(row.key, name) for name in form.without)
        if not left_out and (form.evidence is None or row.tag in form.evidence):
            spread = whole_range(row)
            found |= {} if spread is None else {row.key: spread}
    return found


def whole_range(row: Registered) -> DistributionForm | None:
    """Uniform over the declared range, or each choice alike likely."""
    if row.kind == "list":
        return None
    if row.choices:
        return _spread(choice=list(row.choices))
    if row.kind == "yes or no":
        return _spread(choice=[False, True])
    if row.low is None or row.high is None or row.low == row.high:
        return None
    return _spread(uniform=[row.low, row.high])


def _spread(**written: Any) -> DistributionForm:
    return DistributionForm.model_validate(written)


def _is_in(name: str, group: str) -> bool:
    return name.startswith(f"{group}.")


def misfits(row: Registered, family: str, arguments: Sequence[float]) -> Iterator[tuple[tuple[int, ...], str]]:
    """Why a distribution makes no sense or leaves the range of its parameter: position in the arguments, complaint."""
    low = -math.inf if row.low is None else row.low
    high = math.inf if row.high is None else row.high
    within = f"must lie between {row.low:g} and {row.high:g}" if row.low is not None and row.high is not None else ""
    for position, value in enumerate(arguments[:1] if family == "normal" else arguments):
        if not low <= value <= high:
            yield (position,), f"{within}, the range of the parameter, not {shown(value)}"
    if family == "normal":
        if arguments[1] <= 0:
            yield (1,), f"the standard deviation must be more than 0, not {shown(arguments[1])}"
    elif list(arguments) != sorted(arguments) or arguments[0] == arguments[-1]:
        what = "its lowest, likeliest and highest value" if family == "triangular" else "its lowest and highest value"
        yield (), f"{family} must be given {what}, in this order"
    elif family == "loguniform" and arguments[0] <= 0:
        yield (0,), "the lowest value of loguniform must be more than 0"
