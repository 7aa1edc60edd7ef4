"""Figures of the brief: a difference over time as SVG that stands within HTML."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from matplotlib.ticker import MaxNLocator

from experiments.answers.texts import factor_of
from experiments.figures import style
from experiments.figures.sheet import BAND, WEEKS_A_YEAR, Sheet
from sim.outcome import Language

WIDE, TALL = 2.4, 1.15
"""Inches."""

_NO_DATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


def curve_svg(curve: Mapping[str, Any], least: float | None, language: Language, mark: str) -> str:
    """The difference of an outcome from the baseline over time, with its band, as the text of an ``svg`` element.

    Its title stands in HTML beside it; it holds numbers only, drawn as outlines, and the curve's sentence for those who
    do not see it.

    Args:
        curve: `Curve` of the page's contract.
        least: the least difference that matters, in the outcome's unit; None where none is known.
        language: of the numbers.
        mark: begins all names within it, which must differ between the figures of a page.
    """
    sheet, factor = Sheet(language), factor_of(curve["outcome"])
    weeks = curve["weeks"]
    shown = {name: [_number(value, factor) for value in curve[name]] for name in ("difference", "low", "high")}
    with sheet.styled():
        figure = style.new_figure(WIDE, TALL, 72)
        axes = figure.add_axes((0.15, 0.2, 0.79, 0.76))  # room for half of the last number
        axes.fill_between(weeks, shown["low"], shown["high"], color=style.BLUE, alpha=0.22, linewidth=0.0)
        mean: dict[str, Any] = {
            "color": style.BLUE,
            "marker": "o",
            "markersize": 2.0,
            "linewidth": 1.3,
            "clip_on": False,
        }
        axes.plot(weeks, shown["difference"], **mean)
        if least is not None:
            axes.axhspan(-factor * least, factor * least, color=BAND, linewidth=0.0, zorder=0)
            low, high = axes.get_ylim()
            axes.set_ylim(min(low, -1.25 * factor * least), max(high, 1.25 * factor * least))
        axes.axhline(0.0, color=style.BLACK, linewidth=0.6)
        axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        axes.tick_params(labelsize=7.0, pad=1.5)
        sheet.numbers(axes, "y", sign=True)
        _time(axes, sheet, weeks[-1])
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata=_NO_DATA)
    return _for_html(drawn.getvalue(), mark, curve["text"][language])


def in_years(last: int) -> bool:
    """Whether the axis of time counts years, and not weeks."""
    return last >= 2 * WEEKS_A_YEAR


def _time(axes: Any, sheet: Sheet, last: int) -> None:
    if in_years(last):
        sheet.years(axes, last)
        axes.set_xlabel("")
        return
    axes.set_xlim(0.0, max(last, 1))
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    sheet.numbers(axes, "x")


def _number(value: float | None, factor: float) -> float:
    return float("nan") if value is None else factor * value


def _for_html(text: str, mark: str, words: str) -> str:
    """An SVG document as an element of HTML: without namespaces, addresses and a size of its own; with words."""
    root = ElementTree.fromstring(text)
    for element in root.iter():
        element.tag = _local(element.tag)
        own = {_local(name): value for name, value in element.attrib.items()}
        if "id" in own:
            own["id"] = f"{mark}-{own['id']}"
        for name in own.keys() & {"clip-path", "href"}:
            own[name] = own[name].replace("#", f"#{mark}-")
        element.attrib.clear()
        element.attrib.update(own)
    for child in [child for child in root if child.tag == "metadata"]:
        root.remove(child)
    size = {"width", "height", "version"}
    kept = {name: value for name, value in root.attrib.items() if name not in size}
    root.attrib.clear()
    root.attrib.update(kept | {"role": "img", "aria-label": words})
    return ElementTree.tostring(root, encoding="unicode", method="html")


def _local(name: str) -> str:
    return name.rpartition("}")[2]
