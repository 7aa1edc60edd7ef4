"""The register of assumptions as Markdown, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
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


def rows(kind: type[Config] | None = None) -> list[tuple[Registered, Any]]:
    """Every parameter with the value it has where a config is silent.

    Args:
        kind: class of the config; one with extensions has their parameters, too. None for `Config`.
    """
    kind = Config if kind is None else kind
    defaults = kind()
    return [(row, value_at(defaults, row.key)) for row in register(kind)]


def value_at(group: Any, key: str) -> Any:
    """The value at a dotted key of nested groups."""
    for name in key.split("."):
        group = getattr(group, name)
    return group


def as_markdown(more: More = NOTHING_MORE, kind: type[Config] | None = None) -> str:
    """One table a part of the config."""
    columns = (*COLUMNS, *more.columns)
    parts: dict[str, list[list[str]]] = {}
    for row, value in rows(kind):
        parts.setdefault(row.key.partition(".")[0], []).append(_cells(row, value) + more.of(row.key))
    out = ["# Parameters\n"]
    for part, cells in parts.items():
        out += [f"\n## {part}\n", _line(columns), _line(["---"] * len(columns)), *map(_line, cells)]
    return "\n".join(out) + "\n"


def as_csv(more: More = NOTHING_MORE, kind: type[Config] | None = None) -> str:
    """One line a parameter, the columns of the Markdown table."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(name.replace(" ", "_") for name in (*COLUMNS, *more.columns))
    writer.writerows(_cells(row, value) + more.of(row.key) for row, value in rows(kind))
    return stream.getvalue()


def as_json(more: More = NOTHING_MORE, kind: type[Config] | None = None) -> str:
    """A list of objects, with bounds and effects as numbers."""
    entries = [_entry(row, value) | dict(zip(more.columns, more.of(row.key), strict=True)) for row, value in rows(kind)]
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


FORMATS: Mapping[str, Callable[..., str]] = MappingProxyType({"md": as_markdown, "csv": as_csv, "json": as_json})


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
