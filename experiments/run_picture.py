"""The picture that `mahalle run` leaves: the overview, with its caption and where it comes from."""

from __future__ import annotations

from pathlib import Path

from experiments.figure_files import FORMATS
from experiments.figures.changes import Told
from experiments.figures.overview import caption, overview
from experiments.figures.pictures import save_caption, save_pictures, stamp_of
from experiments.figures.sheet import Sheet
from experiments.resolved import digest
from experiments.results import Run
from experiments.timelines import heading
from sim.neighbourhoods import Geography
from sim.outcome import Language

NAME = "overview"

DOTS = 150
"""Of the PNG, an inch: a run should not wait for a picture; for print there are PDF and SVG."""


def write_picture(folder: Path, run: Run, geography: Geography, language: Language, *, vector: bool = False) -> None:
    """Draw a run and write `overview.png` and its caption, and with `vector` PDF and SVG."""
    told, sheet = told_of(run, geography, language), Sheet(language, dots=DOTS)
    figure = overview(told, sheet)
    stamp = stamp_of(NAME, "mahalle run", language, run.config, config=digest(run.config), n=1)
    with sheet.styled():
        save_pictures(figure, folder, NAME, stamp, FORMATS if vector else ("png",))
    save_caption(folder, NAME, caption(told, sheet))


def told_of(run: Run, geography: Geography, language: Language) -> Told:
    """What is told of a run, in a language."""
    config, sheet = run.config, Sheet(language)
    seeds = (sheet.digits(str(seed)) for seed in (config.run.place_seed, config.run.seed))
    words = sheet.say("{}: one run, place seed {}, seed {}", "{}: یک اجرا، بذر مکان {}، بذر تصادفی {}")
    return Told(
        run.city,
        run.neighbourhoods,
        run.groups,
        geography.polygons,
        geography.names if language == "en" else geography.names_fa,
        words.format(heading(config, language), *seeds),
        config.city.claims,
        config.city.start_date,
    )
