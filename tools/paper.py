"""`python -m tools.paper`: keep the tables of the figures as the reference, and pictures for the documents."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from experiments.paper.building import Paper
from experiments.paper.command import OUT, REFERENCE
from experiments.paper.figure import FOLDER, figures_in
from tools import ROOT

PICTURES = ROOT / "docs/paper/figures"


def keep(folder: Path, reference: Path, *, quick: bool, pictures: Path | None) -> int:
    """Copy what was built.

    Args:
        folder: of the paper's results.
        reference: folder for the tables; those of figures that are no more go.
        quick: which form.
        pictures: folder for English and Persian SVGs; None to leave them.

    Returns:
        how many figures.
    """
    figures, paper = figures_in(ROOT / FOLDER, quick=quick), Paper(folder)
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
                shutil.copyfile(picture, pictures / picture.name)
    return len(figures)


def main(words: Sequence[str] | None = None) -> int:
    """Keep the full form, or with --quick the quick one."""
    parser = argparse.ArgumentParser(prog="python -m tools.paper", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="keep the quick form")
    quick = parser.parse_args(words).quick
    count = keep(ROOT / OUT[quick], ROOT / REFERENCE[quick], quick=quick, pictures=None if quick else PICTURES)
    print(f"{count} tables kept in {REFERENCE[quick]}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
