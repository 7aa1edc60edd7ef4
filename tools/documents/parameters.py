"""docs/parameters.md: the register of assumptions, group by group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pandas as pd
from pydantic import BaseModel

from experiments import register as texts
from experiments.sensitivity.screened import Screening, moves_a_lot, read_screening
from sim.config import Claim, Config
from sim.parameters import Registered
from sim.policies import Milestone, Shock, TimedPolicy
from tools.documents.filling import Filled, fill
from tools.documents.markdown import code, contents, heading, table
from tools.documents.source import docstring_of
from tools.screening import REFERENCE

TAGS = ("claimed", "source", "range", "assumption")
ITEMS = (Milestone, TimedPolicy, Shock, Claim)
"""What the lists of a config hold; these are not single parameters, so the register does not walk into them."""

_PARTS = tuple(name for name, info in Config.model_fields.items() if isinstance(info.annotation, type))

Row = tuple[Registered, Any]


@dataclass(frozen=True)
class Group:
    """Parameters that stand together.

    Attributes:
        key: the dotted key of the group.
        kind: its class.
        rows: its parameters with their defaults.
    """

    key: str
    kind: type[BaseModel]
    rows: tuple[Row, ...]

    @property
    def part(self) -> str:
        """The part of the config: city, policy, behaviour, run or timeline."""
        return self.key.partition(".")[0]


def text(template: str) -> Filled:
    """The whole document."""
    everything = texts.rows()
    groups = grouped(everything)
    body = "\n\n".join(_part(part, list(members)) for part, members in groupby(groups, lambda group: group.part))
    blocks = {
        "number": lambda: str(len(everything)),
        "assumptions": lambda: str(sum(row.tag == "assumption" for row, _ in everything)),
        "with_effect": lambda: str(sum(row.effect is not None for row, _ in everything)),
        "without_effect": lambda: str(sum(row.effect is None for row, _ in everything)),
        "with_null": lambda: str(sum(row.null is not None for row, _ in everything)),
        "by_tag": lambda: _by_tag(everything),
        "outside_range": lambda: str(sum(_outside(row) for row, _ in everything)),
        "sensitivity": _sensitivity,
        "contents": lambda: contents(body, (2, 3)),
        "register": lambda: body,
        "items": lambda: "\n\n".join(_item(kind) for kind in ITEMS),
    }
    return fill(template, blocks)


def grouped(everything: Iterable[Row]) -> list[Group]:
    """The register cut into groups, in the order in which they first appear; every part's own parameters come first."""
    found: dict[str, list[Row]] = {}
    for row, value in everything:
        found.setdefault(row.key.rpartition(".")[0] or row.key, []).append((row, value))
    order = sorted(found, key=lambda key: (list(Config.model_fields).index(key.partition(".")[0]), "." in key))
    return [Group(key, _class_at(key), tuple(found[key])) for key in order]


def _class_at(key: str) -> type[BaseModel]:
    kind: type[BaseModel] = Config
    for name in key.split("."):
        inner = kind.model_fields[name].annotation
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return kind
        kind = inner
    return kind


def _outside(row: Registered) -> bool:
    return row.null is not None and row.low is not None and row.high is not None and not row.low <= row.null <= row.high


def _by_tag(everything: list[Row]) -> str:
    """How many parameters carry which tag, by part of the config."""
    parts = list(dict.fromkeys(row.key.partition(".")[0] for row, _ in everything))
    counts: Counter[tuple[str, str]] = Counter((row.key.partition(".")[0], row.tag) for row, _ in everything)
    roles = {row.key.partition(".")[0]: row.role for row, _ in everything}
    lines: list[list[object]] = []
    for part in parts:
        own = [counts[part, tag] for tag in TAGS]
        lines.append([code(part), roles[part] or "scenario", *own, sum(own)])
    totals = [sum(counts[part, tag] for part in parts) for tag in TAGS]
    return table(["part", "XLRM role", *TAGS, "all"], [*lines, ["all", "", *totals, sum(totals)]])


def _sensitivity() -> str:
    """What each assumption moved in the stored screening, as shares of the largest effect on each outcome."""
    if not REFERENCE.is_file():
        return "No screening is stored."
    found = read_screening(REFERENCE)
    parts = [_made(found), heading(3, "What moves the programme's effect"), _gaps(found.gaps)]
    return "\n\n".join([*parts, heading(3, "What moves the outcomes themselves"), _shares_of(found.levels)])


def _made(found: Screening) -> str:
    note = found.provenance
    design = note["design"]
    return (
        f"Made on {note['date']} from {code('configs/experiments/' + note['experiment'])}: {design['trajectories']} "
        f"trajectories, scale {note['scale']:g}, {note['weeks']} weeks, model {', '.join(map(code, note['model']))}."
    )


def _gaps(own: pd.DataFrame) -> str:
    if own.empty:
        return "No screening of the gap is stored yet."
    first = own.iloc[0]
    about = (
        f"The policy gap: the outcome under {code(first['policy'])} less that under {code(first['against'])}, with the "
        "same assumptions and the same luck. An assumption marked here may turn the comparison."
    )
    return f"{about}\n\n{_shares_of(own)}"


def _shares_of(own: pd.DataFrame) -> str:
    """Legend and table of what moves some outcomes: one line a parameter that moves any, those that move most first."""
    if own.empty:
        return "No screening of them is stored."
    tags = {row.key: row.tag for row, _ in texts.rows()}
    letters = {str(label): f"{number}" for number, label in enumerate(own["outcome"].unique(), 1)}
    seen = own[own["beyond_luck"] & (own["share"] >= WORTH_A_LINE)]
    lines, marked = [], 0
    for key in seen.groupby("factor")["share"].max().sort_values(ascending=False, kind="stable").index:
        rows, tag = own[own["factor"] == key].set_index("outcome"), tags.get(str(key), "gone")
        warning = "**!**" if tag in texts.NO_EVIDENCE and moves_a_lot(rows) else ""
        marked += bool(warning)
        lines.append([code(str(key)), tag, warning, *(_share(rows.loc[label]) for label in letters)])
    left = own["factor"].nunique() - len(lines)
    summary = (
        f"{marked} parameters are marked **!**: they move something by a third of its largest effect or more, and "
        f"they rest only on our judgement or on a claim. {left} others have no effect above the noise floor and are "
        "left out."
    )
    legend = "\n".join(_largest(letters[str(label)], rows) for label, rows in own.groupby("outcome", sort=False))
    return "\n\n".join([summary, legend, table(["parameter", "evidence", "", *letters.values()], lines)])


WORTH_A_LINE = 0.01
"""Share of the largest effect on some outcome from which a parameter has a line, and a number."""


def _largest(letter: str, rows: pd.DataFrame) -> str:
    """An entry of the legend: the outcome, its largest effect, and its mean over the sample."""
    first = rows.iloc[0]
    mean = f"; mean {first['mean']:.3g}" if pd.notna(first["mean"]) else ""
    return f"{letter}. {code(first['outcome'])}: largest effect {rows['mu_star'].max():.3g}{mean}"


def _share(row: Any) -> str:
    """A share of the largest effect; a dash below a hundredth, or where luck alone would show as much."""
    if not row["beyond_luck"] or row["share"] < WORTH_A_LINE:
        return "–"
    return f"{row['share']:.2f}" + ("" if row["low"] > 0.0 else "?")


def _part(part: str, groups: list[Group]) -> str:
    """A part of the config; groups of one class that stand side by side, such as kinds of hub, share a section."""
    out = [heading(2, f"Part {part}"), docstring_of(_class_at(part)).summary if part in _PARTS else ""]
    for _, alike in groupby(groups, lambda group: (group.key.rpartition(".")[0], group.kind)):
        members = list(alike)
        if len(members) > 1:
            out.append(_profiles(members))
        else:
            out.append(_group(members[0]))
    return "\n\n".join(filter(None, out))


def _group(group: Group) -> str:
    rows = [
        [code(_name(row)), _default(value), row.unit, texts._allowed(row), row.tag, _null(row)]
        for row, value in group.rows
    ]
    head = ["parameter", "default", "unit", "range or levels", "evidence", "null"]
    about = docstring_of(group.kind).summary if "." in group.key else ""
    return "\n\n".join(filter(None, [heading(3, group.key), about, table(head, rows), *_texts(group)]))


def _profiles(groups: list[Group]) -> str:
    """Groups of one class in one table, with a column of defaults for each."""
    first = groups[0]
    parent = first.key.rpartition(".")[0]
    names = [group.key.rpartition(".")[2] for group in groups]
    rows = []
    for place, (row, _) in enumerate(first.rows):
        defaults = [_default(group.rows[place][1]) for group in groups]
        rows.append([code(_name(row)), *defaults, row.unit, texts._allowed(row), row.tag, _null(row)])
    head = ["parameter", *map(code, names), "unit", "range or levels", "evidence", "null"]
    about = f"{docstring_of(first.kind).summary} One group each for {', '.join(map(code, names))}."
    shared = f"Below, `{names[0]}` stands for each of them."
    return "\n\n".join([heading(3, parent), about, table(head, rows), shared, *_texts(first)])


def _texts(group: Group) -> Iterator[str]:
    """What the table has no room for: meaning, source and expected effect, one entry a parameter."""
    for row, _ in group.rows:
        effect = texts._effect(row.effect)
        expected = f"Expected: {_in_code(effect, row)}" if effect else "No expected effect."
        yield f"**{code(_name(row))}**: {row.meaning} *Source:* {_sentence(row.source)} *{_sentence(expected)}*"


def _in_code(effect: str, row: Registered) -> str:
    assert row.effect is not None
    return effect.replace(row.effect.outcome, code(row.effect.outcome), 1)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _name(row: Registered) -> str:
    return row.key.rpartition(".")[2]


def _default(value: Any) -> str:
    return texts._shown(value) if value != "" else "(empty)"


def _null(row: Registered) -> str:
    return "" if row.null is None else texts._shown(row.null)


def _item(kind: type[BaseModel]) -> str:
    """The fields of what a list holds."""
    rows = []
    for name, info in kind.model_fields.items():
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        default = info.get_default(call_default_factory=True)
        meaning = info.description or docstring_of(info.annotation).summary
        rows.append([code(name), _default(default), extra.get("unit", ""), meaning])
    table_of = table(["field", "default", "unit", "meaning"], rows)
    return "\n\n".join([heading(3, kind.__name__), docstring_of(kind).summary, table_of])
