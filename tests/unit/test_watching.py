"""Progress: a bar on a terminal and in a notebook with widgets, lines elsewhere."""

import io
import sys
from types import SimpleNamespace

import pytest
import rich.console

from experiments.study import watching


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stream", "notebook", "widgets", "shown"),
    [
        (Terminal(), False, False, True),
        (io.StringIO(), False, True, False),
        (io.StringIO(), True, True, True),
        (io.StringIO(), True, False, False),  # rich would warn that it cannot
    ],
)
def test_bars_are_shown_where_they_can_be(stream, notebook, widgets, shown, monkeypatch):
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setitem(sys.modules, "ipykernel", SimpleNamespace())
    if not notebook:
        monkeypatch.delitem(sys.modules, "ipykernel")
    monkeypatch.setattr(watching, "find_spec", lambda name: object() if widgets else None)
    monkeypatch.setattr(rich.console, "_is_jupyter", lambda: notebook)
    assert watching.shows_bars() is shown


def test_a_bar_says_how_long_it_will_still_take(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    progress = SimpleNamespace(planned=10, done=4, failed=0, rate=2.0, left=3.0)
    with watching.watching(quiet=False) as watch:
        watch(progress)
    assert "4 of 10 runs · 2 a second · 3 s left · none failed" in stream.getvalue()
