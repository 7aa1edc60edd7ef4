"""The base of every parameter group: no number enters the model without unit, range, source and expected effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from sim.registry import Registry

Tag = Literal["claimed", "source", "range", "assumption"]
"""Evidence: a municipal claim; a published finding; a range the literature supports; ours."""

Reduction = Literal["last", "mean", "first"]
"""How an outcome's series becomes one number: its last week, its mean over weeks, its first week."""

ROLES = MappingProxyType({"city": "constant", "policy": "lever", "behaviour": "uncertainty", "run": "setting"})
"""XLRM role by part of the config (Lempert, Popper and Bankes 2003)."""


@dataclass(frozen=True)
class Effect:
    """What a parameter is for: the outcome it must move, and which way, when it goes from `low` to `high`.

    Attributes:
        outcome: a column of `city.history`, `column[group_kind=group]`, or `network.*` (see `measures.read_outcome`).
        sign: +1 if the outcome rises with the parameter, -1 if it falls.
        when: other keys to set so that the parameter matters (dotted key -> value).
        low, high: the two values compared; the ends of the range if None.
        reduce: how the series becomes one number.
        why: one clause on the mechanism, for the register.
    """

    outcome: str
    sign: Literal[-1, 1]
    when: Mapping[str, Any] = field(default_factory=dict)
    low: Any = None
    high: Any = None
    reduce: Reduction = "last"
    why: str = ""


@dataclass(frozen=True)
class Described:
    """The evidence behind one parameter, kept in its pydantic field's metadata."""

    unit: str
    source: str
    tag: Tag
    effect: Effect | None
    null: Any
    low: float | None
    high: float | None
    short: tuple[str, str] | None


class Parameters(BaseModel):
    """A frozen group of parameters; unknown keys, wrong types and values out of range are refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=False
    )

    # A group is a value, not a sequence: mesa.batch_run would otherwise sweep over its fields.
    __iter__ = None  # type: ignore[assignment]


def parameter(
    default: Any,
    meaning: str,
    *,
    unit: str,
    source: str,
    tag: Tag,
    effect: Effect | None,
    range: tuple[float, float] | None = None,
    null: Any = None,
    lax: bool = False,
    short: tuple[str, str] | None = None,
) -> Any:
    """Declare one parameter of a group.

    Args:
        default: value used where a config is silent.
        meaning: one sentence.
        unit: its unit ("share", "weeks", "logit", …); "" only for names and choices.
        source: where the value comes from.
        tag: the evidence tag.
        effect: what it must move; None only for labels, files and run settings.
        range: inclusive bounds for numbers.
        null: for behaviours, the value at which the effect is absent (used by the zero-effects test).
        lax: accept YAML sequences for tuples (strict mode would refuse lists).
        short: its name in a sentence, in English and Persian, unless `experiments.titles` has it.
    """
    low, high = range if range is not None else (None, None)
    described = Described(unit, source, tag, effect, null, low, high, short)
    bounds = {} if range is None else {"ge": low, "le": high}
    strict = {"strict": False} if lax else {}
    extra: dict[str, Any] = {"unit": unit, "source": source, "tag": tag}
    field_info = Field(default, description=meaning, json_schema_extra=extra, **bounds, **strict)  # type: ignore[call-overload]
    field_info.metadata.append(described)
    return field_info


@dataclass(frozen=True)
class Registered:
    """One row of the register of assumptions."""

    key: str
    kind: str
    default: Any
    unit: str
    low: float | None
    high: float | None
    choices: tuple[Any, ...]
    meaning: str
    source: str
    tag: Tag
    role: str
    effect: Effect | None
    null: Any
    short: tuple[str, str] | None


def register(group: type[BaseModel], prefix: str = "", defaults: BaseModel | None = None) -> Iterator[Registered]:
    """Walk a config class and yield every described parameter, depth first, in order of declaration.

    Args:
        group: the class.
        prefix: put before each key.
        defaults: an instance whose values are the defaults; a group may override those of its class.

    Raises:
        TypeError: a field that is neither a group nor described by `parameter`.
    """
    values = defaults if defaults is not None else group()
    for name, info in group.model_fields.items():
        if info.exclude:
            continue
        key = f"{prefix}{name}"
        inner = info.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from register(inner, f"{key}.", getattr(values, name))
            continue
        described = _described(info)
        if described is None:
            raise TypeError(f"{group.__name__}.{name} is not described: declare it with parameter(…)")
        yield Registered(
            key=key,
            kind="choice" if _registry(info) else _kind(inner),
            default=getattr(values, name),
            unit=described.unit,
            low=described.low,
            high=described.high,
            choices=tuple(_registry(info) or ()) or _choices(inner),
            meaning=info.description or "",
            source=described.source,
            tag=described.tag,
            role=ROLES.get(key.split(".")[0], ""),
            effect=_placed(described.effect, prefix),
            null=described.null,
            short=described.short,
        )


def _placed(effect: Effect | None, prefix: str) -> Effect | None:
    """The effect with ``{parent}`` replaced by the name of the group it stands in (a kind of hub, for instance)."""
    if effect is None or not effect.when:
        return effect
    parent = prefix.rstrip(".").rpartition(".")[2]
    put = {
        key: tuple(parent if item == "{parent}" else item for item in value) if isinstance(value, tuple) else value
        for key, value in effect.when.items()
    }
    return replace(effect, when=put)


def _described(info: FieldInfo) -> Described | None:
    return next((item for item in info.metadata if isinstance(item, Described)), None)


def _registry(info: FieldInfo) -> Registry[Any] | None:
    """The registry that a field takes its names from, if it does."""
    return next((item for item in info.metadata if isinstance(item, Registry)), None)


def _choices(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    for inner in get_args(annotation):
        if get_origin(inner) is Literal:
            return get_args(inner)
        if get_origin(inner) is Annotated:
            return tuple(name for item in inner.__metadata__ if isinstance(item, Registry) for name in item)
    return ()


def _kind(annotation: Any) -> str:
    if get_origin(annotation) is Literal:
        return "choice"
    if get_origin(annotation) is tuple:
        return "list"
    args = [inner for inner in get_args(annotation) if inner is not type(None)]
    if args and type(None) in get_args(annotation):
        return f"{_kind(args[0])} or nothing"
    return {float: "number", int: "whole number", bool: "yes or no", str: "text"}.get(annotation, str(annotation))
