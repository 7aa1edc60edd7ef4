"""Where the words of a figure lie: cut by the page, over each other, or in the wrong order."""

from itertools import combinations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from experiments.figures.heads import from_the_right, is_persian

SLACK = 1.5
"""Pixels of 100 an inch by which boxes may reach over each other: letters do not fill their boxes."""


def words_of(figure: Figure) -> list[tuple[str, Bbox]]:
    """Every text that is drawn, with its box in pixels, 100 an inch."""
    figure.set_dpi(100)
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    beyond = _ticks_out_of_view(figure)
    found = []
    for text in figure.findobj(Text):
        words = text.get_text().strip()
        if words and text.get_visible() and text not in beyond:
            found.append((words, text.get_window_extent(renderer)))
    return found


def _ticks_out_of_view(figure: Figure) -> set[Text]:
    """Labels of ticks beyond the ends of their axis, which are not drawn."""
    found: set[Text] = set()
    for axes in figure.findobj(Axes):
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            slack = 1e-9 * (high - low)
            for tick in axis.get_major_ticks():
                if not low - slack <= tick.get_loc() <= high + slack:
                    found |= {tick.label1, tick.label2}
    return found


def faults(figure: Figure) -> list[str]:
    """Texts that the page cuts, pairs that overlap, and Persian lines drawn from the left, in words."""
    words = words_of(figure)
    width, height = figure.get_size_inches() * 100
    said = [
        f"{text!r} is cut by the page"
        for text, box in words
        if box.x0 < -SLACK or box.y0 < -SLACK or box.x1 > width + SLACK or box.y1 > height + SLACK
    ]
    lines = [line for text, _ in words for line in text.splitlines() if any(map(is_persian, line))]
    said += [f"{line!r} runs from the left" for line in lines if not from_the_right(line)]
    for (one, first), (other, second) in combinations(words, 2):
        wide = min(first.x1, second.x1) - max(first.x0, second.x0)
        tall = min(first.y1, second.y1) - max(first.y0, second.y0)
        if wide > SLACK and tall > SLACK and not (one == other and abs(first.x0 - second.x0) < 1):
            said.append(f"{one!r} lies over {other!r}")
    return said
