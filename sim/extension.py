"""An extension: phases, classes of residents, parameters, outcomes and named alternatives of the user, declared once.

What is declared here is plain: how an extension is found and read is told in `sim.loading`, and how a config takes its
parameters in `sim.config`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ValidationError, create_model

from sim.agents.resident import Resident, Youth, refuse_own_columns
from sim.hubs import HubProfile
from sim.outcome import CITY, GROUPS, NEIGHBOURHOODS, Table
from sim.parameters import Parameters, register
from sim.phase import WEEK, Phase, with_phase
from sim.policies import HUBS, ROLLOUT_ORDERS, SHOCKS
from sim.registry import Registry
from sim.rules.allocation import ALLOCATIONS
from sim.rules.choice import CHOICES
from sim.rules.selection import COUNCIL_SELECTIONS, MAYOR_SELECTIONS, MEMBER_SCORES

PARTS = ("city", "policy", "behaviour")
"""Parts of a config into which an extension may put groups of parameters."""

REGISTRIES: Mapping[str, Registry[Any]] = MappingProxyType(
    {
        "hubs": HUBS,
        "allocations": ALLOCATIONS,
        "choices": CHOICES,
        "council_selections": COUNCIL_SELECTIONS,
        "member_scores": MEMBER_SCORES,
        "mayor_selections": MAYOR_SELECTIONS,
        "rollout_orders": ROLLOUT_ORDERS,
        "shocks": SHOCKS,
    }
)
"""Registries to which an extension may add names, by the attribute of `Extension`."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Placed:
    """A phase, and its place in the week.

    Attributes:
        phase: made by the decorator `sim.phase.phase`.
        before, after: name of the phase that it comes before or after: one of the two.
    """

    phase: Phase
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, kw_only=True)
class Extension:
    """What is added to the model where a config names it.

    Attributes:
        name: lower case, digits and underscores; no two extensions of a city share it.
        meaning: one sentence.
        parameters: groups of parameters by dotted key, such as ``behaviour.relative_deprivation``; the beginning is a
            group that there is in `city`, `policy` or `behaviour`, the last name is new.
        phases: phases, each with its place in the week.
        resident_class, youth_class: classes of the agents that residents are; both or none. ``youth_class`` is for
            those born in 1380 or later.
        outcomes, neighbourhood_outcomes, group_outcomes: tables of outcomes, filled by ``@outcome(…, of=TABLE)``.
        hubs: by name, profiles of kinds of hub, which `city.hubs` has from then on (`sim.hubs.HubProfile`).
        allocations: by name, functions that divide the works budget (`sim.rules.allocation`).
        choices: by name, ways to choose projects, ballots included (`sim.rules.choice.Choice`).
        council_selections: by name, which scores fill a council's seats (`sim.rules.selection`).
        member_scores, mayor_selections: by name, functions that score candidates (`sim.rules.selection`).
        rollout_orders: by name, functions from the city to numbers of neighbourhoods, (neighbourhoods,).
        shocks: by name, functions of the city, the neighbourhoods struck and the shock.

    Raises:
        ValueError: a part makes no sense; the message says which.
    """

    name: str
    meaning: str
    parameters: Mapping[str, type[Parameters]] = field(default_factory=dict)
    phases: Sequence[Placed] = ()
    resident_class: type[Resident] | None = None
    youth_class: type[Resident] | None = None
    outcomes: Table = field(default_factory=Table)
    neighbourhood_outcomes: Table = field(default_factory=Table)
    group_outcomes: Table = field(default_factory=Table)
    hubs: Mapping[str, HubProfile] = field(default_factory=dict)
    allocations: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    choices: Mapping[str, Any] = field(default_factory=dict)
    council_selections: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    member_scores: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    mayor_selections: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    rollout_orders: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    shocks: Mapping[str, Callable[..., Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what makes no sense by itself."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"the name {self.name!r} must be lower case letters, digits and underscores")
        for key, group in self.parameters.items():
            self._check_group(key, group)
        for placed in self.phases:
            self._check_placed(placed)
        self._check_classes()
        for registry in REGISTRIES:
            for name in getattr(self, registry):
                if not _NAME.fullmatch(name):
                    raise ValueError(f"{registry}: the name {name!r} must be lower case letters, digits, underscores")

        for name, profile in self.hubs.items():
            if not issubclass(type(profile), HubProfile):
                raise ValueError(f"hubs: {name} must be a sim.hubs.HubProfile, not {type(profile).__name__}")

    def _check_placed(self, placed: Any) -> None:
        """Refuse a plain function in place of a phase, or a phase without a place."""
        if not isinstance(placed, Placed) or not isinstance(placed.phase, Phase):
            raise ValueError("phases must be a list of Placed(phase, before=… or after=…), the phase made by @phase")

    def _check_group(self, key: str, group: Any) -> None:
        """Refuse a group without a place, or with a parameter that has no evidence."""
        first, *rest = key.split(".")
        if first not in PARTS or not rest or not all(map(_NAME.fullmatch, rest)):
            raise ValueError(f"parameters: {key!r} must read {', '.join(PARTS)} or a group in them, a dot, a new name")
        if not (isinstance(group, type) and issubclass(group, Parameters)):
            raise ValueError(f"parameters: {key} must be a class that inherits from sim.parameters.Parameters")
        try:
            list(register(group, f"{key}."))
        except ValidationError as error:
            raise ValueError(f"parameters: {key} needs a default for every parameter: {_first(error)}") from None
        except TypeError as error:
            raise ValueError(f"parameters: {key}: {error}") from None

    def _check_classes(self) -> None:
        """Refuse classes of residents that would leave some residents, or their data, behind."""
        own, young = self.resident_class, self.youth_class
        if own is None and young is None:
            return
        if own is None or young is None:
            raise ValueError("resident_class and youth_class go together, or youths go without the rule")
        for kind in (own, young):
            if not issubclass(kind, Resident):
                raise ValueError(f"{kind.__name__} must inherit from sim.agents.Resident")
        if not issubclass(young, Youth):
            raise ValueError("youth_class must inherit from sim.agents.Youth, too")
        try:
            refuse_own_columns(own, young)
        except TypeError as error:
            raise ValueError(str(error)) from None

    @property
    def tables(self) -> dict[str, Table]:
        """Its outcomes by the name of the table that they are added to, as in `sim.outcome.TABLES`."""
        return {"city": self.outcomes, "neighbourhood": self.neighbourhood_outcomes, "group": self.group_outcomes}

    @property
    def groups(self) -> dict[str, Parameters]:
        """Groups of parameters by dotted key, with the values that they have where a config is silent."""
        own = {key: group() for key, group in self.parameters.items()}
        return own | {f"city.hubs.{name}": profile for name, profile in self.hubs.items()}

    def names(self) -> dict[str, Mapping[str, Any]]:
        """What it adds to registries, by the name of the attribute."""
        return {name: getattr(self, name) for name in REGISTRIES if getattr(self, name)}

    def __reduce__(self) -> Any:
        """Refuse to be sent between processes: each loads it."""
        raise TypeError(f"the extension {self.name} is loaded by every process and cannot be pickled")


ATTRIBUTES = tuple(one.name for one in fields(Extension))


def check_together(extensions: Sequence[Extension]) -> None:
    """Refuse extensions that do not go together, or whose phases or outcomes find no place.

    Raises:
        ValueError: which do not, and why.
    """
    names = [one.name for one in extensions]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two extensions are called {name}")
    classed = [one.name for one in extensions if one.resident_class is not None]
    if len(classed) > 1:
        raise ValueError(f"{' and '.join(classed)} both name a class of residents")
    phases = tuple(Phase(lambda city: None, (), (), name=name) for name in WEEK)
    for one in extensions:
        try:
            phases = with_phases(phases, [one])
            tables_of([*extensions[: extensions.index(one)], one])
        except ValueError as error:
            raise ValueError(f"{one.name}: {error}") from None


def tables_of(extensions: Sequence[Extension]) -> dict[str, Table]:
    """The weekly tables of a city with extensions, by the names in `sim.outcome.TABLES`.

    Raises:
        ValueError: two outcomes have one name.
    """
    import sim.outcomes  # noqa: F401  # declares them; here, for its modules need the compiler

    own = {"city": CITY, "neighbourhood": NEIGHBOURHOODS, "group": GROUPS}
    return {name: table.with_more([one.tables[name] for one in extensions]) for name, table in own.items()}


def with_phases(phases: tuple[Phase, ...], extensions: Sequence[Extension]) -> tuple[Phase, ...]:
    """Phases with those of extensions among them, in the order of the extensions.

    Raises:
        ValueError: a place is not there, or a name is taken.
    """
    for one in extensions:
        for placed in one.phases:
            phases = with_phase(phases, placed.phase, before=placed.before, after=placed.after)
    return phases


def extended[G: BaseModel](group: type[G], added: Mapping[str, Parameters], prefix: str = "") -> type[G]:
    """A class like `group` that holds more groups.

    Args:
        group: a class of parameters.
        added: groups by dotted key from `group` on, with their values.
        prefix: key of `group` itself, for messages.

    Raises:
        ValueError: a name is taken, or a key leads nowhere.
    """
    heads: dict[str, dict[str, Parameters]] = {}
    new: dict[str, Any] = {}
    for key, own in added.items():
        head, _, rest = key.partition(".")
        if rest:
            heads.setdefault(head, {})[rest] = own
        elif head in group.model_fields:
            raise ValueError(f"parameters: {prefix}{head} is taken")
        else:
            new[head] = (type(own), own)
    for head, inside in heads.items():
        info = group.model_fields.get(head)
        inner = None if info is None else info.annotation
        if info is None or not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            raise ValueError(f"parameters: there is no group {prefix}{head}")
        kind = extended(inner, inside, f"{prefix}{head}.")
        default = info.default.model_dump() if isinstance(info.default, BaseModel) else {}
        new[head] = (kind, kind.model_validate(default))
    whole: type[G] = create_model(group.__name__, __base__=group, __module__=group.__module__, **new)
    return whole


def _first(error: ValidationError) -> str:
    fault = error.errors()[0]
    return f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
