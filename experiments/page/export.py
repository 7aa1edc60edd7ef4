"""The page as one file that needs no network and no server: stored answers, levers, maps, code and letters inside."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from experiments.answers.answer import answer_of
from experiments.calendars import date_in_words
from experiments.page.meta import meta_of
from experiments.page.question import Question, policy_of
from experiments.page.stored import Stored
from sim.config import Config

STATIC = Path(__file__).parent / "static"
SCRIPT, STYLE, PAGE = "page.js", "page.css", "index.html"


def exported(city: Config, presets: Mapping[str, Mapping[str, Any]], stored: Stored) -> str:
    """The whole file.

    Args:
        city: the city.
        presets: by name.
        stored: what is stored of it.
    """
    meta = meta_of(city, presets, live=False, model=stored.manifest.model)
    meta["exported"] = date_in_words(datetime.now(UTC).date())
    data = {"meta": meta, **answers_in(city, presets, stored)}
    script = (STATIC / SCRIPT).read_text(encoding="utf-8").replace("</script", "<\\/script")
    style = _with_fonts((STATIC / STYLE).read_text(encoding="utf-8"))
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    page = (STATIC / PAGE).read_text(encoding="utf-8")
    head, rest = _split(page, "<link", STYLE, ">")
    middle, tail = _split(rest, "<script", SCRIPT, "</script>")
    content = f'<script type="application/json" id="mahalle-data">{text}</script>'
    return f'{head}<style>{style}</style>{middle}{content}<script type="module">{script}</script>{tail}'


def answers_in(city: Config, presets: Mapping[str, Mapping[str, Any]], stored: Stored) -> dict[str, Any]:
    """Stored policies by number, and the answer to each pair that is stored: `Exported` of the page's contract."""
    cells = [_titled(one, presets) for one in stored.manifest.cells]
    number_of = {one["key"]: number for number, one in enumerate(stored.manifest.cells)}
    pairs = stored.table[["base", "policy"]].drop_duplicates()
    answers = {}
    for base, policy in pairs.itertuples(index=False):
        first, second = number_of[str(base)], number_of[str(policy)]
        question = Question(city, policy_of(cells[first], city), (policy_of(cells[second], city),))
        found = stored.answers(question)
        if found is not None:
            evidence = stored.evidence(question)
            answers[f"{first}-{second}"] = answer_of(found, source="stored", titles=question.titles, evidence=evidence)
    return {"cells": cells, "answers": answers}


def _titled(cell: Mapping[str, Any], presets: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The policy of a cell; a preset has its title, which the answers name."""
    preset = presets.get(cell.get("preset") or "")
    return {**cell["policy"], **({} if preset is None else {"title": preset["title"]})}


def _split(page: str, begin: str, name: str, end: str) -> tuple[str, str]:
    """What stands before and after the element that names a file."""
    at = page.index(name)
    start = page.rindex(begin, 0, at)
    return page[:start], page[page.index(end, at) + len(end) :]


def _with_fonts(style: str) -> str:
    """A style sheet with the fonts that it names put inside."""
    for font in sorted(STATIC.glob("*.woff2")):
        data = base64.b64encode(font.read_bytes()).decode()
        style = style.replace(f"./{font.name}", font.name).replace(font.name, f"data:font/woff2;base64,{data}")
    return style
