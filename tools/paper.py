"""`python -m tools.paper`: keep the tables of the figures as the reference, and pictures for the documents."""

from __future__ import annotations

import argparse
import csv
import io
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from experiments.paper.building import Paper
from experiments.paper.command import OUT, REFERENCE
from experiments.paper.figure import figures_in
from tools import ROOT

PICTURES = ROOT / "docs/paper/figures"


BENCHMARKS = ROOT / "benchmarks/README.md"
COST = ROOT / "configs/figures/cost.csv"


def cost_table(text: str) -> str:
    """Times and memory by size as CSV, from the table of sizes in benchmarks/README.md.

    Args:
        text: of that file.
    """
    rows = []
    for line in text.partition("<!-- table: engine -->")[2].partition("<!-- end: engine -->")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] in USUAL:
            residents, milliseconds, megabytes = (re.sub(r"[^0-9.]", "", cells[place]) for place in (1, 5, 6))
            rows.append((USUAL[cells[0]], residents, milliseconds, megabytes))
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(("model", "residents", "ms_per_week", "peak_mb"))
    table.writerows(rows)
    return written.getvalue()


USUAL = {"engine, 260 weeks": "engine", "object per agent, 52 weeks": "object per agent"}
"""Rows of the table that have the usual number of neighbourhoods, and what the figure calls them."""


def _shrink(picture: Path, target: Path) -> None:
    """Half the size and 256 colours: for the documents, not for print."""
    with Image.open(picture) as image:
        half = image.convert("RGB").resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS)
    half.quantize(256).save(target, optimize=True)


def keep(folder: Path, reference: Path, *, quick: bool, pictures: Path | None) -> int:
    """Copy what was built.

    Args:
        folder: of the paper's results.
        reference: folder for the tables; those of figures that are no more go.
        quick: which form.
        pictures: folder for small English and Persian PNGs; None to leave them.

    Returns:
        how many figures.
    """
    figures, paper = figures_in(quick=quick), Paper(folder)
    reference.mkdir(parents=True, exist_ok=True)
    names = {f"{figure.name}.csv" for figure in figures}
    for file in reference.glob("*.csv"):
        if file.name not in names:
            file.unlink()
    for figure in figures:
        shutil.copyfile(paper.table(figure), reference / f"{figure.name}.csv")
        if pictures is not None:
            pictures.mkdir(parents=True, exist_ok=True)
            for language in ("en", "fa"):
                picture = paper.picture(figure, language, "png")
                _shrink(picture, pictures / picture.name)
    return len(figures)


def main(words: Sequence[str] | None = None) -> int:
    """Keep the full form, or with --quick the quick one."""
    parser = argparse.ArgumentParser(prog="python -m tools.paper", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="keep the quick form")
    quick = parser.parse_args(words).quick
    COST.write_text(cost_table(BENCHMARKS.read_text(encoding="utf-8")), encoding="utf-8")
    count = keep(ROOT / OUT[quick], ROOT / REFERENCE[quick], quick=quick, pictures=None if quick else PICTURES)
    print(f"{count} tables kept in {REFERENCE[quick]}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
