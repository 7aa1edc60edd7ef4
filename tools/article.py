"""`python -m tools.article`: the short paper, with every number and every word for an effect read from the tables.

A place for a number is written ``[[TABLE COLUMN KEY=VALUE … | FORM]]``, spaces in a value as underscores. Forms are
`points` (hundredfold, with sign), `plain`, `whole`, `interval` (COLUMN, low and high in points), `word` (the effect in
words, by its interval and the least difference that matters), and `count` (of different values in the rows left).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from experiments.folders import write_text_atomically
from experiments.languages import number
from experiments.least import least_that_matters
from experiments.paper.command import REFERENCE
from experiments.paper.tables import read_table
from experiments.words import effect_of, in_words
from tools import ROOT

TEMPLATE, ARTICLE = ROOT / "docs/templates/article.md", ROOT / "docs/paper/article.md"
TABLES = ROOT / REFERENCE[False]

_PLACE = re.compile(r"\[\[(?P<table>\w+) (?P<column>\w+)(?P<keys>(?: [\w.]+=[^\s|]+)*) *\| *(?P<form>\w+)\]\]")


def rendered(template: str, tables: Mapping[str, pd.DataFrame]) -> str:
    """The text with every place filled.

    Args:
        template: the text with places.
        tables: by name of the figure.

    Raises:
        ValueError: a place asks for a table, a column or a form that is not there, or for no row or several.
    """
    text = _PLACE.sub(partial(_filled, tables), template)
    if "[[" in text:
        line = text[: text.index("[[")].count("\n") + 1
        raise ValueError(f"line {line}: a place is not written as [[TABLE COLUMN KEY=VALUE … | FORM]]")
    return text


def _filled(tables: Mapping[str, pd.DataFrame], place: re.Match[str]) -> str:
    if place["table"] not in tables:
        raise ValueError(f"{place[0]}: there is no table {place['table']}")
    rows = tables[place["table"]]
    for key, value in (pair.split("=", 1) for pair in place["keys"].split()):
        if key not in rows:
            raise ValueError(f"{place[0]}: the table has no column {key}")
        rows = rows[rows[key].astype(str).str.replace(" ", "_") == value]  # a value has no spaces in a place
    form, column = place["form"], place["column"]
    if form == "count":
        return number(float(rows[column].nunique()), "en", figures=6).partition(".")[0]
    if column not in rows or len(rows) != 1:
        raise ValueError(f"{place[0]}: {len(rows)} rows fit, not 1, or there is no column {column}")
    row = rows.iloc[0]
    if form == "points":
        return number(100.0 * float(row[column]), "en", sign=True)
    if form in ("plain", "whole"):
        return f"{float(row[column]):,.0f}" if form == "whole" else number(float(row[column]), "en")
    if form == "interval":
        middle, low, high = (number(100.0 * float(row[name]), "en", sign=True) for name in (column, "low", "high"))
        return f"{middle} ({low} to {high})"
    if form == "word":
        least = least_that_matters(str(row["outcome"]), float(row["base"]))
        return in_words(effect_of(float(row["low"]), float(row["high"]), least))
    raise ValueError(f"{place[0]}: no such form: {form}")


def tables_in(folder: Path) -> dict[str, pd.DataFrame]:
    """All tables of a folder by name."""
    return {path.stem: read_table(path) for path in sorted(folder.glob("*.csv"))}


def main(words: Sequence[str] | None = None) -> int:
    """Write the article from the full form's tables."""
    write_text_atomically(ARTICLE, rendered(TEMPLATE.read_text(encoding="utf-8"), tables_in(TABLES)))
    print(f"{ARTICLE.relative_to(ROOT)}: written from the tables in {REFERENCE[False]}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
