"""`mahalle discover`, step by step: read a sweep, judge its points, look for boxes, write and print."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from experiments.contrasts.titles import titles_of
from experiments.discovery.boxes import Discovery, discover
from experiments.discovery.cases import Cases, cases
from experiments.discovery.words import in_words, persian_number
from experiments.escaping import say
from experiments.figure_files import files_of_figure
from experiments.languages import LANGUAGES
from experiments.narrow import frame_in_text
from experiments.results import write_json_atomically, write_table_atomically
from experiments.sensitivity.store import provenance
from experiments.study.store import note_results
from experiments.sweeps.tables import Sweep, load
from sim.outcome import Language

LONGEST = 150
"""Letters of a file's name, so that file systems take it; a longer one ends in a digest."""


@dataclass(frozen=True)
class Request:
    """The arguments of `mahalle discover`."""

    folder: Path
    outcome: str
    below: float | None = None
    above: float | None = None
    policy: str | None = None
    base: str | None = None
    confidence: float = 0.95
    boxes: int = 3
    language: Language = "en"
    quiet: bool = False


def carry_out(request: Request) -> None:
    """Carry out the request.

    Raises:
        ConfigError: the request does not fit the sweep, or ema-workbench is not installed.
    """
    sweep = load(request.folder)
    judged = cases(
        sweep,
        request.outcome,
        below=request.below,
        above=request.above,
        policy=request.policy,
        base=request.base,
        confidence=request.confidence,
    )
    found = discover(
        judged.assumptions, judged.fails, unclear=judged.unclear, by_luck=judged.by_luck, most=request.boxes
    )
    money = sweep.experiment.base.city.finance.unit
    words = {"en": in_words(found, "en", money), "fa": in_words(found, "fa", money)}
    name = name_of(judged, request.confidence)
    write_table_atomically(found.table, sweep.folder / f"{name}.parquet")
    note = {
        "criterion": judged.sentence,
        "confidence": request.confidence,
        "points": found.points,
        "failures": found.failures,
        "unclear": found.unclear,
        "words": words,
    }
    write_json_atomically(sweep.folder / f"{name}.json", {**provenance(sweep), **note, "notes": list(judged.notes)})
    note_results(sweep.folder, (f"{name}.parquet", f"{name}.json"))
    pictures = draw(sweep, judged, found, name)
    if request.quiet:
        return
    heading = _heading if request.language == "en" else _heading_fa
    say("\n".join(heading(judged, found, request.confidence)), end="\n\n")
    say("\n\n".join(words[request.language]))
    if found.boxes:
        columns = ["box", "key", "low", "high", "among", "quasi_p"]
        text = frame_in_text(found.table[columns], ".3g", missing="")
        say(f"\n{text}")
    for note_line in judged.notes if request.language == "en" else judged.notes_fa:
        say(note_line)
    files = "Files" if request.language == "en" else "پرونده‌ها"
    say(f"{files}: {sweep.folder} ({', '.join([f'{name}.parquet', f'{name}.json', *pictures])})")


def draw(sweep: Sweep, judged: Cases, found: Discovery, name: str) -> list[str]:
    """Write the figure of the boxes in both languages; where there is no box, none is left of an earlier search.

    Returns:
        The pictures.
    """
    names = {language: f"{name}.{language}" for language in LANGUAGES}
    if not found.boxes:
        for own in names.values():
            for file in files_of_figure(own):
                (sweep.folder / file).unlink(missing_ok=True)
        return []
    from experiments.discovery import figure  # Matplotlib only now: most requests that are refused need none
    from experiments.figures.pictures import stamp_of, write_figure
    from experiments.figures.sheet import Sheet

    experiment, drawn = sweep.experiment, figure.Found(found, judged.assumptions, judged.fails)
    for language, own in names.items():
        titles = titles_of(experiment, language)
        policy, base = (titles.get(one, one) for one in (judged.policy, judged.base))
        title = experiment.title.en if language == "en" else experiment.title.fa or experiment.title.en
        sheet = Sheet(language, money=experiment.base.city.finance.unit)
        said = figure.title_of_figure(judged.outcome, policy, base, judged.threshold, below=judged.below, sheet=sheet)
        sheet = replace(sheet, title=said, note=figure.note_of_figure(found, title, sheet))
        stamp = stamp_of(own, "mahalle discover", language, experiment.base, asked=experiment.digest, n=found.points)
        stamp["seed"] = experiment.seed
        sentence = judged.sentence if language == "en" else judged.sentence_fa
        caption = figure.caption(sentence, in_words(found, language, sheet.money), sheet)
        write_figure(lambda on: figure.boxes_figure(drawn, on), sheet, sweep.folder, own, stamp, caption)
    return [f"{own}.png" for own in names.values()]


def name_of(judged: Cases, confidence: float) -> str:
    """Name of the files, derived from the request, so that another request does not overwrite them."""
    sure = "" if confidence == 0.95 else f" confidence {confidence:g}"
    name = re.sub(r"[^\w.+-]+", "-", f"boxes {judged.sentence}{sure}").strip("-")
    if len(name.encode()) <= LONGEST:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name.encode()[: LONGEST - 9].decode(errors='ignore')}-{digest}"


def _heading(judged: Cases, found: Discovery, confidence: float) -> list[str]:
    """What fails, how often, and how large the outcome is: a significant difference may be too small to matter."""
    how = f"by a one-sided confidence bound of {confidence:.0%}" if judged.by_luck else "by the mean alone"
    fails, rest, unclear = found.failures, found.points - found.failures - found.unclear, found.unclear
    counts = [
        f"{fails:,} of {found.points:,} points {'fails' if fails == 1 else 'fail'}",
        f"{rest:,} {'does' if rest == 1 else 'do'} not",
        f"{unclear:,} {'is' if unclear == 1 else 'are'} inconclusive",
    ]
    sizes = f"Its median is {np.median(judged.values):.3g} over all points"
    if judged.fails.any():
        sizes += f", and {np.median(judged.values[judged.fails]):.3g} over those that fail"
    return [f"A point fails where {judged.sentence}, {how}.", f"{', '.join(counts)}.", f"{sizes}."]


def _heading_fa(judged: Cases, found: Discovery, confidence: float) -> list[str]:
    """The same in Persian."""
    number = persian_number
    bound = f"فراتر از نوفه (کران یک‌سویه {number(100.0 * confidence)}٪)"
    how = bound if judged.by_luck else "تنها بر پایه میانگین"
    rest = found.points - found.failures - found.unclear
    counts = (
        f"از {number(found.points)} نقطه {number(found.failures)} نقطه ناکام است، {number(rest)} نقطه نیست و "
        f"{number(found.unclear)} نقطه نامعلوم است"
    )
    sizes = f"میانه آن در همه نقطه‌ها {number(float(np.median(judged.values)))} است"
    if judged.fails.any():
        sizes += f" و در نقطه‌های ناکام {number(float(np.median(judged.values[judged.fails])))}"
    return [f"نقطه‌ای ناکام است که {judged.sentence_fa}، {how}.", f"{counts}.", f"{sizes}."]
