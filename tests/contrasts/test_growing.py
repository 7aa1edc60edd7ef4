"""A comparison to which a policy is added, and that is interrupted: no policy gets the numbers of another."""

from __future__ import annotations

import shutil
from fnmatch import fnmatch

import pytest

import experiments
from experiments.brief.command import Request as BriefRequest
from experiments.brief.command import carry_out as brief
from experiments.cli import main
from experiments.contrasts import compare
from experiments.contrasts.command import write
from experiments.figure_files import files_of_figure
from experiments.interruption import StoppedEarlyError
from experiments.plan.command import EXPLORATORY
from experiments.plan.command import TABLE as HYPOTHESES
from experiments.plan.report import report_path
from experiments.sensitivity.store import FIGURE, LUCK, NOTE, TABLE, name_for
from experiments.sweeps.experiment import MADE_OF_RUNS
from sim.errors import ConfigError
from tests.inline import Inline

SMALL = {"replications": 2, "scale": 0.002, "weeks": 6, "stop_when_settled": False}
STUDY = {"manifest.json", "journal.jsonl", "shards", "experiment.yaml", "base.yaml", "policies"}


def compared(*policies, out, **more):
    return compare("status_quo", policies, out=out, executor=Inline(), workers=1, **SMALL, **more)


def visible(folder):
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}


def interrupt(progress):
    """As Ctrl-C after the first new runs."""
    if progress.done > progress.found:
        raise KeyboardInterrupt


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """A comparison with all that is made of it, and then cut off in the runs of a policy that was added."""
    out = tmp_path_factory.mktemp("grown") / "CG"
    write(compared("as_is", out=out), out, csv=True)
    brief(BriefRequest(out, quiet=True))
    (out / "my notes.md").write_text("mine", encoding="utf-8")
    assert {"contrasts.png", "neighbourhoods.caption.md", "brief.en.html", "results.json"} <= visible(out)
    with pytest.raises(StoppedEarlyError):
        compared("tokenism", "as_is", out=out, watch=interrupt)
    return out


def test_what_was_made_of_the_smaller_one_is_gone_and_what_is_the_users_stays(grown):
    assert visible(grown) == STUDY | {"my notes.md"}


def test_until_the_runs_are_done_nothing_is_told(grown, capsys):
    for reading in (experiments.load, lambda folder: brief(BriefRequest(folder))):
        with pytest.raises(ConfigError, match=r"^the sweep is not finished; resume it, or take what there is"):
            reading(grown)
    assert main(["brief", str(grown)]) == 2
    assert "not finished" in capsys.readouterr().err


def test_given_again_it_is_the_comparison_of_all(grown, tmp_path):
    shutil.copytree(grown, tmp_path / "CG")
    found = compared("tokenism", "as_is", out=tmp_path / "CG")
    assert found.contrasts.equals(compared("tokenism", "as_is", out=tmp_path / "other").contrasts)


ANALYSED = (
    *(name_for(file, base) for file in (TABLE, LUCK, NOTE) for base in (None, "status_quo")),
    *(file for base in (None, "as_is") for file in files_of_figure(name_for(FIGURE, base).removesuffix(".png"))),
    *(HYPOTHESES, EXPLORATORY, "boxes-hope-last-below-0.4.parquet", "boxes-hope-last-below-0.4.json"),
)


@pytest.mark.parametrize("name", ANALYSED)
def test_files_of_every_analysis_are_known(name):
    assert any(fnmatch(name, pattern) for pattern in MADE_OF_RUNS)


def test_reports_of_a_plan_are_known_in_both_languages(tmp_path):
    for language in ("en", "fa"):
        name = report_path(tmp_path, language).name
        assert any(fnmatch(name, pattern) for pattern in MADE_OF_RUNS)
