"""The register of assumptions as Markdown, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from sim.config import Config
from sim.parameters import Effect, Registered, register

COLUMNS = ("key", "meaning", "unit", "value", "allowed", "role", "tag", "source", "expected effect")

NO_EVIDENCE = frozenset({"assumption", "claimed"})
"""Tags of values without evidence: they rest only on our judgement or on claims."""


@dataclass(frozen=True)
class More:
    """Columns added to the register, such as what each parameter was found to move.

    Attributes:
        columns: their names.
        cells: by key; empty cells where a key has none.
    """

    columns: tuple[str, ...] = ()
    cells: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def of(self, key: str) -> list[str]:
        """The cells of one parameter."""
        return list(self.cells.get(key, [""] * len(self.columns)))


NOTHING_MORE = More()
"""The register as it is."""


@dataclass(frozen=True)
class Wanted:
    """Which parameters are wanted: those that have all that is given.

    Attributes:
        tag: evidence tag.
        group: dotted key of a group, or the name of one, such as ``trust``.
        text: part of the key, meaning, unit, source or expected effect, in capitals or not. A text with a dot that some
            key holds, such as hub.kinds, is looked for in keys alone.
    """

    tag: str | None = None
    group: str | None = None
    text: str | None = None

    def has(self, row: Registered) -> bool:
        """Whether a parameter is wanted."""
        group = self.group is None or f".{self.group}." in f".{row.key}."
        words = (row.key, row.meaning, row.unit, row.source, _effect(row.effect))
        return group and self.tag in (None, row.tag) and (self.text or "").casefold() in "\n".join(words).casefold()


EVERYTHING = Wanted()
"""All parameters."""


def groups_of(kind: type[Config]) -> list[str]:
    """Names that `Wanted.group` may have, in alphabetical order."""
    keys = [row.key.split(".")[:-1] or [row.key] for row in register(kind)]
    whole = {".".join(key[: length + 1]) for key in keys for length in range(len(key))}
    return sorted(whole | {name for key in keys for name in key})


def rows(kind: type[Config] | None = None, only: Wanted = EVERYTHING) -> list[tuple[Registered, Any]]:
    """Every parameter with the value it has where a config is silent.

    Args:
        kind: class of the config; one with extensions has their parameters, too. None for `Config`.
        only: which parameters are wanted.
    """
    kind = Config if kind is None else kind
    defaults, found = kind(), [row for row in register(kind) if only.has(row)]
    part = (only.text or "").casefold()
    if "." in part:  # it is of a key, and others only speak of that one, such as what an effect depends on
        found = [row for row in found if part in row.key.casefold()] or found
    return [(row, value_at(defaults, row.key)) for row in found]


def value_at(group: Any, key: str) -> Any:
    """The value at a dotted key of nested groups."""
    for name in key.split("."):
        group = getattr(group, name)
    return group


def as_markdown(more: More = NOTHING_MORE, kind: type[Config] | None = None, only: Wanted = EVERYTHING) -> str:
    """One table a part of the config."""
    columns = (*COLUMNS, *more.columns)
    parts: dict[str, list[list[str]]] = {}
    for row, value in rows(kind, only):
        parts.setdefault(row.key.partition(".")[0], []).append(_cells(row, value) + more.of(row.key))
    out = ["# Parameters\n"]
    for part, cells in parts.items():
        out += [f"\n## {part}\n", _line(columns), _line(["---"] * len(columns)), *map(_line, cells)]
    return "\n".join(out) + "\n"


def as_csv(more: More = NOTHING_MORE, kind: type[Config] | None = None, only: Wanted = EVERYTHING) -> str:
    """One line a parameter, the columns of the Markdown table."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(name.replace(" ", "_") for name in (*COLUMNS, *more.columns))
    writer.writerows(_cells(row, value) + more.of(row.key) for row, value in rows(kind, only))
    return stream.getvalue()


def as_json(more: More = NOTHING_MORE, kind: type[Config] | None = None, only: Wanted = EVERYTHING) -> str:
    """A list of objects, with bounds and effects as numbers."""
    entries = [
        _entry(row, value) | dict(zip(more.columns, more.of(row.key), strict=True)) for row, value in rows(kind, only)
    ]
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


def as_text(
    more: More = NOTHING_MORE,
    kind: type[Config] | None = None,
    only: Wanted = EVERYTHING,
    width: int = 80,
) -> str:
    """A paragraph a parameter, for a terminal: key, value, unit, range and tag, then meaning, source and effect.

    Args:
        more: further columns.
        kind: class of the config.
        only: which parameters are wanted.
        width: columns of the terminal.
    """
    fold = partial(textwrap.wrap, width=width, break_on_hyphens=False)
    found, lines = rows(kind, only), []
    for row, value in found:
        allowed = _allowed(row)
        lines += [
            row.key,
            *fold(f"= {_shown(value)} {row.unit}".rstrip(), initial_indent="  ", subsequent_indent="    "),
        ]
        told = [f"allowed: {allowed}"] if allowed else []
        told += [row.meaning, f"{row.tag}: {row.source}", _effect(row.effect)]
        told += [f"{name}: {cell}" for name, cell in zip(more.columns, more.of(row.key), strict=True) if cell]
        for text in filter(None, told):
            lines += fold(text, initial_indent="  ", subsequent_indent="    ")
        lines.append("")
    count = len(found)
    return "\n".join([*lines, f"{count} parameter{'' if count == 1 else 's'}"]) + "\n"


FORMATS: Mapping[str, Callable[..., str]] = MappingProxyType(
    {"md": as_markdown, "csv": as_csv, "json": as_json, "text": as_text}
)


def _entry(row: Registered, value: Any) -> dict[str, Any]:
    return {
        "key": row.key,
        "meaning": row.meaning,
        "kind": row.kind,
        "unit": row.unit,
        "value": _plain(value),
        "low": row.low,
        "high": row.high,
        "choices": list(row.choices),
        "role": row.role,
        "tag": row.tag,
        "source": row.source,
        "null": _plain(row.null),
        "effect": None if row.effect is None else _plain(asdict(row.effect)),
    }


def _plain(value: Any) -> Any:
    """The same value in what JSON knows."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _cells(row: Registered, value: Any) -> list[str]:
    source, effect = row.source, _effect(row.effect)
    return [row.key, row.meaning, row.unit, _shown(value), _allowed(row), row.role, row.tag, source, effect]


def _allowed(row: Registered) -> str:
    if row.low is not None:
        return f"{_shown(row.low)} to {_shown(row.high)}"
    return ", ".join(map(_shown, row.choices)) or ("true, false" if row.kind == "yes or no" else "")


def _effect(effect: Effect | None) -> str:
    if effect is None:
        return ""
    values = "" if effect.low is None else f" from {_shown(effect.low)} to {_shown(effect.high)}"
    where = ", ".join(f"{key} = {_shown(value)}" for key, value in effect.when.items())
    text = f"{effect.outcome} {'rises' if effect.sign > 0 else 'falls'}{values}"
    return text + (f", where {where}" if where else "") + (f": {effect.why}" if effect.why else "")


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, str | int):
        return str(value)
    return json.dumps(_plain(value), ensure_ascii=False)


def _line(cells: Any) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
