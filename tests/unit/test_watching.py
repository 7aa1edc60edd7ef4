"""Progress: a bar on a terminal and in a notebook with widgets, lines elsewhere."""

import io
import re
import sys
from types import SimpleNamespace

import pytest
import rich.console

from experiments.calibration.command import described
from experiments.calibration.runner import NEAR
from experiments.calibration.runner import Progress as Calibrating
from experiments.single_run import Weeks
from experiments.single_run import described as of_a_run
from experiments.study import watching
from experiments.study.runner import Progress


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
    progress = Progress(planned=10, done=4, seconds=2.0)
    with watching.watching(quiet=False) as watch:
        watch(progress)
    assert "4 of 10 runs · 2 a second · 3 s left · none failed" in stream.getvalue()


def test_where_a_rule_may_end_the_runs_the_least_and_the_most_is_said():
    """The time to the next look alone is 0 again and again, while there are runs still to come."""
    progress = Progress(planned=20, at_most=28, done=20, found=10, seconds=5.0)
    said = watching.described(progress, step="screening")
    assert said == "screening: 20 of 20 to 28 runs · 2 a second · 0 s left, 4 s at most · none failed"
    progress.planned = 28
    assert "20 of 28 runs · 2 a second · 4 s left · " in watching.described(progress)
    assert watching.described(Progress(planned=3), of="replications") == "0 of 3 replications · none failed"


def test_progress_is_told_in_persian():
    progress = Progress(planned=20, at_most=28, done=20, found=10, failed=1, seconds=5.0)
    said = watching.described(progress, step="غربالگری", language="fa")
    assert said == "غربالگری: ۲۰ از ۲۰ تا ۲۸ اجرا · ۲ در ثانیه · ۰ ثانیه مانده، حداکثر ۴ ثانیه · ۱ ناموفق"
    step = Calibrating("runs that teach the emulator", 1, 2, planned=40, done=10, runs=10, seconds=5.0, left=15.0)
    near = Calibrating(f"{NEAR}3", 2, 3, planned=10, done=0, runs=30, seconds=90.0)
    weeks = Weeks(104, 52, {"trust_in_municipality": 0.4, "participation_rate": 0.02, "phase": 2}, 1.0)
    for line in (said, described(step, "fa"), described(near, "fa"), of_a_run(weeks, "fa")):
        assert not re.search("[A-Za-z0-9]", line)


def test_a_calibration_says_which_step_it_is_at_and_how_long_the_step_takes():
    step = Calibrating("runs that teach the emulator", 1, 2, planned=40, done=10, runs=10, seconds=5.0, left=15.0)
    assert (
        described(step) == "step 1 of 2, runs that teach the emulator: 10 of 40 · 5 s so far · 15 s left in this step"
    )
    near = Calibrating("runs near the figures", 2, 3, planned=10, done=0, runs=30, seconds=90.0)
    assert described(near) == "step 2 of 3, runs near the figures: 0 of 10 accepted in 30 runs · 2 min so far"
