"""docs/reference/drawings.md: what may stand in a figure's file, drawing by drawing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from experiments.paper.described import Described, Key, described, file_of, keys_of_a_figure, settings_of
from experiments.paper.figure import PLACEHOLDERS
from experiments.paper.sources import SOURCES
from sim.shipped import shipped
from sim.yaml_text import read_yaml
from tools import ROOT
from tools.documents.filling import Filled, fill
from tools.documents.markdown import code, heading, table

PICTURES = Path("docs/paper/figures")

HEAD = ["key", "what", "if left out", "meaning"]


def text(template: str) -> Filled:
    """The whole document."""
    drawings = described()
    blocks = {
        "keys": lambda: _table(keys_of_a_figure()),
        "placeholders": lambda: ", ".join(code(f"{{{name}}}") for name in PLACEHOLDERS),
        "overview": lambda: table(
            ["drawing", "what it draws", "data"], [[_link(one.name), one.summary, code(one.data)] for one in drawings]
        ),
        "drawings": lambda: "\n\n".join(_section(one) for one in drawings),
        "data": lambda: "\n\n".join(_data(kind) for kind in SOURCES),
    }
    return fill(template, blocks)


def _section(drawing: Described) -> str:
    parts = [heading(3, drawing.name), drawing.summary, *drawing.more]
    parts.append(f"Data: {code(drawing.data)}, {file_of(drawing.data)}. Width: {drawing.widths}.")
    parts.append(_table(drawing.options) if drawing.options else "There are no options: leave `options` out.")
    example = _example(drawing.name)
    if example is not None:
        parts.append(f"An example is the program's figure {code(example)}, `configs/figures/{example}.yaml`:")
        picture = f"{example}.en.png"
        if (ROOT / PICTURES / picture).is_file():
            command = f"<!-- figure: mahalle figures {example} -->"
            parts.append(f"{command}\n![{drawing.name}](../paper/figures/{picture})")
    return "\n\n".join(parts)


def _example(drawing: str) -> str | None:
    """The first figure of the program, by number, that is drawn in this way."""
    found = {name: read_yaml(path).data for name, path in shipped("figure").items()}
    using = [name for name, content in found.items() if content["drawing"] == drawing]
    return min(using, key=lambda name: found[name]["number"], default=None)


def _data(kind: str) -> str:
    own = settings_of(kind)
    parts = [heading(3, f"data: {kind}"), f"{_sentence(kind)} `file` is {file_of(kind)}."]
    if kind in ("sweep", "sensitivity"):
        parts.append("Any key of the experiment may be set, too: it is laid over what the experiment's file says.")
    if kind == "calibration":
        parts.append("Any key of the calibration may be set: it is laid over what the calibration's file says.")
    return "\n\n".join([*parts, *([_table(own)] if own else [])])


def _sentence(kind: str) -> str:
    return " ".join((SOURCES[kind].__doc__ or "").partition("\n\n")[0].split())


def _table(keys: Iterable[Key]) -> str:
    return table(HEAD, [[code(key.name), key.what, key.default, key.meaning] for key in keys])


def _link(name: str) -> str:
    return f"[`{name}`](#{name})"
