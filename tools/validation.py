"""`python -m tools.validation RESULT`: store a validation as the project's reference, and update docs/validation.md.

Every value of every replication is stored, so verdicts can be computed again without a run.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.folders import print_or_write
from experiments.manifest import MANIFEST, manifest_in
from experiments.patterns import GROUPS, PATTERNS
from experiments.results import write_json
from experiments.validation.replications import KIND, from_table, judge
from experiments.validation.tables import WORDS, counted, shown
from experiments.validation.verdicts import Judged
from sim.errors import ConfigError
from tools import ROOT
from tools.documents.markdown import table as markdown_table

VALUES = ROOT / "results/reference/validation.csv"
PROVENANCE = ROOT / "results/reference/validation.json"
PAGE = ROOT / "docs/validation.md"

KEPT = (
    "made_by", "started", "scale", "weeks", "seeds", "place_seed", "own_places", "config_digest", "version",
    "model_digest", "git", "packages",
)  # fmt: skip
"""What is kept of a manifest; the rest is of the machine."""

_BLOCK = re.compile(r"(<!-- validation: .*? -->\n)(.*?)(<!-- end of validation -->)", re.DOTALL)


def store(folder: Path) -> None:
    """Store the values and the provenance of a validation.

    Raises:
        ConfigError: the folder holds no validation.
    """
    manifest = manifest_in(folder)
    if manifest is None or manifest.get("made_by") != KIND.made_by:
        raise ConfigError("is not a result of mahalle validate", source=str(folder / MANIFEST))
    every = [pattern.number for pattern in PATTERNS]
    if manifest.get("patterns", every) != every:
        raise ConfigError("is a validation of some patterns; all are needed", source=str(folder / MANIFEST))
    table = pd.read_parquet(folder / "replications.parquet")
    print_or_write(table.to_csv(index=False, float_format="%.6g", lineterminator="\n"), VALUES)
    write_json(PROVENANCE, {name: manifest[name] for name in KEPT})


def stored() -> tuple[list[Judged], Mapping[str, Any]]:
    """The verdicts on the stored values by the current rule and ranges, and the provenance of the values."""
    table = pd.read_csv(VALUES, keep_default_na=False, na_values={"value": [""]}, dtype={"value": "float64"})
    return judge(from_table(table)), json.loads(PROVENANCE.read_text(encoding="utf-8"))


def block(judged: Sequence[Judged], provenance: Mapping[str, Any]) -> str:
    """The page's tables of patterns."""
    seeds = provenance["seeds"]
    groups = [(group, [one for one in judged if one.pattern.group == group]) for group in GROUPS]
    tally = [[f"{group} ({len(ones)})", *(counted(ones, word) for word in WORDS)] for group, ones in groups]
    rows = [
        [one.pattern.number, one.pattern.what, part.name, shown(part), str(part.accept), one.word]
        for word in WORDS[1:]
        for one in judged
        if one.word == word
        for part in one.parts
        if part.word != "met"
    ]
    rows += [
        [one.pattern.number, one.pattern.what, "", one.why, "", one.word]
        for one in judged
        if one.word != "met" and all(part.word == "met" for part in one.parts)
    ]
    head = ["no.", "pattern", "part", "simulated: mean (95 % interval)", "accepted", "verdict"]
    return (
        f"{len(judged)} patterns, over {len(seeds)} replications (seeds {seeds[0]} to {seeds[-1]}) "
        f"{_where(provenance)}, scale {provenance['scale']:g}:\n\n{markdown_table(['patterns', *WORDS], tally)}\n\n"
        f"Patterns that are not met or inconclusive:\n\n{markdown_table(head, rows)}\n"
    )


def _where(provenance: Mapping[str, Any]) -> str:
    """Whether the replications had one place, in words."""
    place = provenance["place_seed"]
    if provenance["own_places"]:
        return f"each in its own place (from seed {place})"
    return f"in one place (seed {place})"


def with_block(page: str, text: str) -> str:
    """The page with a new text in the place reserved for it.

    Raises:
        ValueError: there is no such place.
    """
    if not _BLOCK.search(page):
        raise ValueError("the page has no place for the validation")
    return _BLOCK.sub(lambda found: found[1] + text + found[3], page)


def main(arguments: Sequence[str] | None = None) -> int:
    """Store the validation in the folder, if one is given, and update the page."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words:
        store(Path(words[0]))
    print_or_write(with_block(PAGE.read_text(encoding="utf-8"), block(*stored())), PAGE)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
