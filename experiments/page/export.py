"""The page as one file that needs no network and no server: stored answers, levers, maps, code and letters inside."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from experiments.answers.answer import answer_of
from experiments.calendars import date_in_words
from experiments.languages import LANGUAGES
from experiments.page.meta import meta_of
from experiments.page.question import Question, policy_of
from experiments.page.stored import Stored
from sim.config import Config
from sim.outcome import Language

STATIC = Path(__file__).parent / "static"
ALONE = "status_quo"
"""Baseline beside which the file leaves out details of the programme: they are compared with the programme."""

SCRIPT, STYLE, PAGE = "page.js", "page.css", "index.html"


def exported(city: Config, presets: Mapping[str, Mapping[str, Any]], stored: Stored, language: Language = "en") -> str:
    """The whole file.

    Args:
        city: the city.
        presets: by name.
        stored: what is stored of it.
        language: in which it opens.
    """
    meta = meta_of(city, presets, live=False, model=stored.manifest.model, stored=stored.manifest)
    meta["exported"] = date_in_words(datetime.now(UTC).date())
    data = {"meta": meta, **answers_in(city, presets, stored)}
    script = (STATIC / SCRIPT).read_text(encoding="utf-8").replace("</script", "<\\/script")
    style = _with_fonts((STATIC / STYLE).read_text(encoding="utf-8"))
    page = (STATIC / PAGE).read_text(encoding="utf-8")
    page = page.replace("<html ", f'<html data-lang="{language}" ', 1)
    head, rest = _split(page, "<link", STYLE, ">")
    middle, tail = _split(rest, "<script", SCRIPT, "</script>")
    content = f'<script type="application/gzip" id="mahalle-data">{packed(data)}</script>'
    return f"{head}<style>{style}</style>{middle}{content}<script>{script}</script>{tail}"


def packed(data: Mapping[str, Any]) -> str:
    """Data as the page unpacks it: each text once, four significant figures, gzip, base64.

    Texts in both languages stand in one list; where one belongs, ``~`` and its number do. A string that begins with
    ``~`` itself begins with two. Groups that lose and gain are numbers of groups; others go without their sentence.

    Args:
        data: `Exported` of the page's contract.
    """
    texts: dict[tuple[str, str], int] = {}

    def short(value: Any) -> Any:
        if isinstance(value, dict):
            if set(value) == set(LANGUAGES):
                return f"~{texts.setdefault((value['en'], value['fa']), len(texts))}"
            if "groups" in value and "losers" in value:
                value = {key: item for key, item in (value | _groups(value)).items() if key != "headline"}
            return {key: short(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [short(item) for item in value]
        if isinstance(value, float):
            return float(f"{value:.4g}")
        return f"~{value}" if isinstance(value, str) and value.startswith("~") else value

    answers = {key: short(answer) for key, answer in data["answers"].items()}
    content = {"meta": data["meta"], "cells": data["cells"], "answers": answers, "texts": list(texts)}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


def _groups(policy: Mapping[str, Any]) -> dict[str, Any]:
    """Groups of a policy's answer, and the numbers of those that lose and gain."""
    names = [(group["outcome"], group["group"]) for group in policy["groups"]]
    sides = {
        side: [names.index((one["outcome"], one["group"])) for one in policy[side]] for side in ("losers", "gainers")
    }
    told = {number for numbers in sides.values() for number in numbers}
    groups = [
        {key: item for key, item in group.items() if number in told or key != "sentence"}
        for number, group in enumerate(policy["groups"])
    ]
    return {"groups": groups, **sides}


def answers_in(city: Config, presets: Mapping[str, Mapping[str, Any]], stored: Stored) -> dict[str, Any]:
    """Stored policies by number, and the answer to each pair that is stored: `Exported` of the page's contract."""
    cells = [_whole(one, presets) for one in stored.manifest.cells]
    number_of = {one["key"]: number for number, one in enumerate(stored.manifest.cells)}
    pairs = stored.table[["base", "policy"]].drop_duplicates()
    answers = {}
    for base, policy in pairs.itertuples(index=False):
        first, second = number_of[str(base)], number_of[str(policy)]
        if stored.manifest.cells[first]["preset"] == ALONE and _is_a_detail(stored.manifest.cells[second]):
            continue
        question = Question(city, policy_of(cells[first], city), (policy_of(cells[second], city),))
        found = stored.answers(question)
        if found is not None:
            evidence = stored.evidence(question)
            answers[f"{first}-{second}"] = answer_of(found, source="stored", titles=question.titles, evidence=evidence)
    return {"cells": cells, "answers": answers}


def _whole(cell: Mapping[str, Any], presets: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A stored policy with all its parts, and with its title where it is a preset."""
    preset = presets.get(cell["preset"])
    title = {} if preset is None else {"title": preset["title"]}
    return {"set": {}, "later": [], "shocks": [], **cell["policy"], **title}


def _is_a_detail(cell: Mapping[str, Any]) -> bool:
    """Whether a policy is no preset and moves one lever only, that of power left out."""
    levers = cell["policy"].get("set", {})
    return not cell["preset"] and len(levers) == 1 and not next(iter(levers)).startswith("authority.")


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
