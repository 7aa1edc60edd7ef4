"""Where a run changed most: maps of changes since week 0, and names of the neighbourhoods whose trust moved most."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from experiments.figures import style
from experiments.figures.changes import SHOWN_ON_MAPS, Told, changes_by_place, fell_and_rose
from experiments.figures.maps import colours_of, draw_map, draw_marks, round_down
from experiments.figures.sheet import Sheet
from experiments.least import SURVEY
from sim.outcome import HIGHEST

LEAST = 100.0 * SURVEY
"""The least change that matters, points."""

MAP, MAPS_HEAD, SCALE, NAMES, LINE = 1.60, 0.42, 0.36, 1.95, 0.145
"""Inches: of the maps, above and below them, of the list of names beside them and of a line of it."""

MARKS = {"fell": "ABC", "rose": "123"}
HEADS = {
    "fell": (("trust fell most", "بیشترین کاهش اعتماد"), ("trust fell nowhere", "اعتماد هیچ‌جا کم نشد")),
    "rose": (("trust rose most", "بیشترین افزایش اعتماد"), ("trust rose nowhere", "اعتماد هیچ‌جا زیاد نشد")),
}
"""Above lists of neighbourhoods, and where there is none to list."""


def draw_places(figure: Figure, run: Told, sheet: Sheet, top: float) -> None:
    """Changes by neighbourhood on one scale, and names of those whose trust fell and rose most."""
    places = changes_by_place(run.neighbourhoods)
    named = fell_and_rose(places[SHOWN_ON_MAPS[0]])
    marked = [
        (number, sheet.mark(mark)) for key, own in named.items() for number, mark in zip(own, MARKS[key], strict=False)
    ]
    reach = max(2.0 * LEAST, 100.0 * float(np.nanmax(np.abs(places[list(SHOWN_ON_MAPS)].to_numpy()))))
    scale = Normalize(-reach, reach)
    wide = (sheet.inches - NAMES - 0.1 - 2 * 0.1) / 3
    for column, outcome in enumerate(SHOWN_ON_MAPS):
        axes = sheet.panel(figure, 0, column, 3, 1.0, top + MAPS_HEAD, MAP, left=0.1, between=0.1, right=NAMES)
        values = 100.0 * places[outcome].to_numpy(dtype=float)
        drawn = draw_map(axes, run.polygons, values, colours_of(HIGHEST), scale)
        draw_marks(axes, run.polygons, marked, (wide, MAP))
        fell, of = (sheet.digits(str(count)) for count in (int((values < 0.0).sum()), len(values)))
        note = sheet.say(f"fell in {fell} of {of}", f"کاهش در {fell} از {of} محله")
        sheet.heading(axes, sheet.outcome(outcome), note)
    bar = sheet.panel(figure, 0, 1, 3, 1.0, top + MAPS_HEAD + MAP + 0.05, 0.07, left=0.1, between=0.1, right=NAMES)
    colours = figure.colorbar(drawn, cax=bar, orientation="horizontal")
    colours.outline.set_visible(False)
    size = round_down(reach)
    ticks = (-size, 0.0, size)
    colours.set_ticks(list(ticks), labels=[sheet.number(value, 1, sign=True) for value in ticks])
    bar.tick_params(labelsize=6.5, length=0.0, pad=1.5)
    bar.set_xlabel(sheet.say("points since week 0", "تغییر نسبت به هفته ۰ (از ۱۰۰)"), fontsize=7.0, labelpad=1.0)
    _list_of_names(figure, run, sheet, places[SHOWN_ON_MAPS[0]], named, top)


def _list_of_names(
    figure: Figure, run: Told, sheet: Sheet, trust: pd.Series, named: dict[str, list[int]], top: float
) -> None:
    """Names beside the maps, in points since week 0."""
    height, down = float(figure.get_figheight()), sheet.head.height + top + MAPS_HEAD
    start, end = sheet.inches - NAMES + 0.12, sheet.inches - 0.08
    first, last, near, far = (start, end, "left", "right")
    if sheet.language == "fa":
        first, last, near, far = end, start, "right", "left"
    inward = 0.14 if sheet.language == "en" else -0.2
    for key, (most, nowhere) in HEADS.items():
        text = sheet.say(*(most if named[key] else nowhere))
        figure.text(first / sheet.inches, 1.0 - down / height, text, fontsize=7.5, fontweight="bold", ha=near, va="top")
        down += 0.17
        for number, mark in zip(named[key], MARKS[key], strict=False):
            row: dict[str, Any] = {"y": 1.0 - down / height, "fontsize": 7.0, "va": "top"}
            figure.text(first / sheet.inches, s=sheet.mark(mark), fontweight="bold", ha=near, **row)
            name = sheet.shortened(run.names[number], NAMES - 0.75, 7.0)
            figure.text((first + inward) / sheet.inches, s=name, ha=near, **row)
            figure.text(last / sheet.inches, s=sheet.number(100.0 * trust[number], sign=True), ha=far, **row)
            down += LINE
        down += 0.1
    marks = sheet.marks(*(MARKS[key][: len(named[key])] for key in HEADS))
    if not marks:
        return
    note = sheet.say(f"{marks}: on the maps; in points", f"روی نقشه‌ها: {marks}؛ اعداد از ۱۰۰")
    figure.text(first / sheet.inches, 1.0 - down / height, note, fontsize=6.5, color=style.GREY, ha=near, va="top")
