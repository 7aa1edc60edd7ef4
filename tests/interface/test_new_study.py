"""`mahalle init`: a study of one's own runs by what its README says; `mahalle plot` draws any sweep of it."""

import json
import os
import shlex
import subprocess
import sys
from dataclasses import replace

import jsonschema
import pandas as pd
import pytest
from PIL import Image
from ruamel.yaml import YAML

import experiments
from experiments import plotting
from experiments.cli import main
from experiments.faults import faults_of
from experiments.figure_files import files_of_figure
from experiments.new_study.command import carry_out
from experiments.plotting import points
from experiments.schemas import LINE
from experiments.sweeps.tables import Sweep
from sim.config import Config, load_config
from sim.errors import ConfigError
from sim.shipped import folder_of
from tests.interrupting import HANGING

TABLE = folder_of() / "cities" / "own_data" / "neighbourhoods.csv"
SMALLER = {
    "weeks: 260": "weeks: 26",
    "weeks: 156": "weeks: 8",
    "scale: 1}": "scale: 0.1}",
    "scale: 1,": "scale: 0.1,",
    "replications: 10": "replications: 2",
    "replications: 6": "replications: 2",
}
"""What a test changes in the files of a study, so that it takes seconds."""


def made_smaller(folder):
    for file in folder.rglob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        for before, after in SMALLER.items():
            text = text.replace(before, after)
        file.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study made from a table, after every command of its README."""
    folder = tmp_path_factory.mktemp("studies") / "شهر من"
    assert main(["init", str(folder), "--from", str(TABLE)]) == 0
    made_smaller(folder)
    block = (folder / "README.md").read_text(encoding="utf-8").split("```\n")[1]
    commands = [shlex.split(line)[1:] for line in block.splitlines()]
    assert [words[0] for words in commands] == ["check", "run", "compare", "sweep", "plot", "figures"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for words in commands:
            smaller = [{"10": "2", "1": "0.1"}.get(word, word) for word in words]
            quiet = [] if words[0] in ("check", "plot") else ["--quiet"]
            assert main([*smaller, *quiet]) == 0, words
    return folder


def test_a_study_finds_the_package_and_not_its_own_folder_of_that_name(tmp_path):
    """From its own folder, as notebooks do: by setuptools' usual editable install its `experiments` came first."""
    carry_out(tmp_path / "study", str(TABLE))
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    words = [sys.executable, "-c", "import experiments; experiments.load, experiments.__file__"]
    done = subprocess.run(
        words, cwd=tmp_path / "study", env=environment, capture_output=True, text=True, check=False, timeout=HANGING
    )
    assert done.returncode == 0, done.stderr


def test_the_commands_of_the_readme_leave_results(study, monkeypatch):
    monkeypatch.chdir(study)
    assert "`mahalle plan lock plan.yaml` before" in (study / "README.md").read_text(encoding="utf-8")
    assert main(["plan", "lock", "plan.yaml"]) == 0
    assert (study / "plan.lock.json").exists()
    results = study / "results"
    assert list(results.glob("city-seed1-*/overview.png"))
    assert list(results.glob("compare-*/contrasts.parquet"))
    assert (results / "paper" / "figures" / "programme.en.pdf").exists()
    assert (results / "delegated_share-trust_in_municipality_last-delegated_share.pdf").exists()


def test_the_notebook_of_a_study_runs(study, monkeypatch):
    monkeypatch.chdir(study)
    cells = json.loads((study / "study.ipynb").read_text(encoding="utf-8"))["cells"]
    names = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            exec(compile("".join(cell["source"]).replace(": 1,", ": 0.05,"), "study.ipynb", "exec"), names)
    assert names["city"].week == 104


@pytest.mark.parametrize(
    "source", ["rafsanjan", "lakeside", "town", str(TABLE)], ids=["rafsanjan", "lakeside", "town", "csv"]
)
def test_every_file_of_a_study_is_sound_and_names_a_schema_that_is_there(source, tmp_path):
    folder = tmp_path / "study"
    files = carry_out(folder, source)
    assert {"README.md", "Makefile", "CITATION.cff", "city.yaml", "plan.yaml", "study.ipynb"} < set(files)
    readme = (folder / "README.md").read_text(encoding="utf-8")
    for place in (files, readme, (folder / "Makefile").read_text(encoding="utf-8")):
        assert "calibration.yaml" in place
        assert ("calibration_claims.yaml" in place) == (source == "rafsanjan")  # nothing is claimed of the others
    assert "survey_made_up.csv" in readme
    for file in folder.rglob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        place = text.splitlines()[0].removeprefix(LINE.format(place=""))
        schema = json.loads((file.parent / place).read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator(schema).validate(YAML(typ="safe").load(text))
        assert faults_of(file)[1] == []


@pytest.mark.parametrize(
    ("source", "says", "unsaid", "scale"),
    [
        ("rafsanjan", "people, neighbourhoods, money; how it is governed now (`policy`)", "", "0.1"),
        ("lakeside", "people, neighbourhoods, money; how it is governed now (`policy`)", "", "0.27"),
        (
            "town",
            "neighbourhoods, money; how it is governed now (`policy`)",
            ": the ages of its people, households,",
            "1",
        ),
        (
            str(TABLE),
            "neighbourhoods, money; how it is governed now (`policy`, Rafsanjan's until you change it)",
            ": the ages of its people, households, migrants",
            "1",
        ),
    ],
    ids=["rafsanjan", "lakeside", "town", "csv"],
)
def test_the_readme_says_what_the_city_says_and_what_is_rafsanjans(source, says, unsaid, scale, tmp_path):
    files = carry_out(tmp_path / "study", source)
    readme = (tmp_path / "study" / "README.md").read_text(encoding="utf-8")
    city = (tmp_path / "study" / "city.yaml").read_text(encoding="utf-8")
    assert f"| `city.yaml` | the city: {says} |" in readme
    assert f"is as in the shipped city of Rafsanjan{unsaid}" in readme
    assert ("governed now (`policy`" in readme) == ("policy" in YAML(typ="safe").load(city))
    assert ("Values marked [assumption]" in readme) == ("[assumption]" in city)
    assert ("`neighbourhoods.csv`" in readme) == ("neighbourhoods.csv" in files)
    assert f"mahalle run city.yaml --scale {scale}\n" in readme  # some 16,000 people, or all of a smaller town


def test_what_a_table_takes_from_rafsanjan_stands_in_its_city_as_assumptions(tmp_path):
    """Its hub, its dates and its government are lines of the user's own file, and change nothing as they stand."""
    carry_out(tmp_path / "study", str(TABLE))
    file = tmp_path / "study" / "city.yaml"
    lines = [line.partition("#") for line in file.read_text(encoding="utf-8").splitlines() if "# [assumption]" in line]
    keys = {before.strip().partition(":")[0] for before, _, _ in lines}
    assert {"start_date", "start_year_solar_hijri", "customary_hub", "works_budget_per_year"} < keys
    assert {"authority", "hub", "council", "mayor", "allocation", "choice"} < keys
    own, usual = load_config(file), Config()
    assert own.policy == usual.policy
    for key in ("start_date", "start_year_solar_hijri", "customary_hub"):
        assert getattr(own.city, key) == getattr(usual.city, key)


@pytest.mark.parametrize(
    ("residents", "proposals"), [(640, None), (3_240, None), (7_500, 12), (12_000, 19), (19_000, 29), (25_000, 30)]
)
def test_a_table_of_large_neighbourhoods_makes_a_study_without_cautions(residents, proposals, tmp_path, capsys):
    """Else most of its money would stay unspent: councils put up Rafsanjan's five projects, whatever their size."""
    rows = "".join(f"Quarter {at},{residents},0.{at},{at},0\n" for at in range(1, 9))
    (tmp_path / "table.csv").write_text(f"name,population,deprivation,x,y\n{rows}", encoding="utf-8")
    carry_out(tmp_path / "study", str(tmp_path / "table.csv"))
    file = tmp_path / "study" / "city.yaml"
    assert main(["check", str(file)]) == 0
    assert "caution" not in capsys.readouterr().err
    written = YAML(typ="safe").load(file.read_text(encoding="utf-8")).get("behaviour")
    assert written == (proposals and {"choice": {"proposals_per_round": proposals}})


@pytest.fixture
def calibration(tmp_path):
    """The calibration of a study made from a table, with few runs."""
    carry_out(tmp_path / "study", str(TABLE))
    file = tmp_path / "study" / "calibration.yaml"
    text = file.read_text(encoding="utf-8")
    for before, after in (
        ("runs: 200", "runs: 50"),
        ("population: 50", "population: 10"),
        ("scale: 1,", "scale: 0.2,"),
    ):
        assert before in text
        text = text.replace(before, after)
    file.write_text(text, encoding="utf-8")
    return file


def test_the_calibration_of_a_study_runs_and_says_that_its_survey_is_made_up(calibration, tmp_path, capsys):
    assert "MADE UP: nobody was asked" in calibration.read_text(encoding="utf-8")
    words = ["calibrate", str(calibration), "--out", str(tmp_path / "out"), "--workers", "1", "--coverage", "10"]
    assert main(words) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "The figures fitted are synthetic" in said
    assert "somebody made them up" in said
    assert "Missing in the files: 1 figure." in said
    assert "Coverage in 10 trials" in said
    learned = pd.read_csv(tmp_path / "out" / "learned.csv").set_index("key").learned
    assert learned["behaviour.trust.initial_trust_in_municipality"]


def test_a_calibration_without_the_extra_says_what_to_install(calibration, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("experiments.calibration.runner.find_spec", lambda name: None)
    assert main(["calibrate", str(calibration), "--out", str(tmp_path / "out")]) == 2
    assert "needs scikit-learn: pip install 'mahalle[calibrate]'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("source", ["rafsanjan", "lakeside", str(TABLE)], ids=["rafsanjan", "lakeside", "csv"])
def test_a_policy_of_a_study_changes_something(source, tmp_path):
    carry_out(tmp_path / "study", source)
    as_it_is = load_config(tmp_path / "study" / "city.yaml").policy.authority
    text = (tmp_path / "study" / "policies" / "own_policy.yaml").read_text(encoding="utf-8")
    assert YAML(typ="safe").load(text)["set"]["authority.delegated_share"] != as_it_is.delegated_share


@pytest.mark.parametrize("title", ["شهر «من»", 'a "quoted": {title} #1', "two\nlines", "`code` \u202e"])
def test_a_title_of_any_letters_is_kept_safe(title, tmp_path):
    folder = tmp_path / "study"
    carry_out(folder, str(TABLE), title)
    yaml = YAML(typ="safe")
    written = yaml.load((folder / "city.yaml").read_text(encoding="utf-8"))["city"]["title"]["fa"]
    assert yaml.load((folder / "CITATION.cff").read_text(encoding="utf-8"))["title"] == written
    assert written.isprintable() or "\u200c" in written
    assert written.split()[0] == title.split()[0]


def test_what_cannot_be_a_study_is_refused_and_nothing_is_left(tmp_path, capsys):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    rows = "name,population,deprivation,x,y\nOne,10,2,0,0\nTwo,10,1,1,1\n"
    (tmp_path / "faulty.csv").write_text(rows, encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    for words, problem in (
        ([str(tmp_path / "full")], f"{tmp_path}/full: is not empty; name a new folder\n"),
        ([str(tmp_path / "faulty.csv")], f"{tmp_path}/faulty.csv: is a file; name a new folder\n"),
        ([str(tmp_path / "new"), "--from", "rafsanjn"], 'did you mean "rafsanjan"?'),
        ([str(tmp_path / "new"), "--from", str(tmp_path / "faulty.csv")], "faulty.csv:2: deprivation: "),
        ([str(tmp_path / "new"), "--from", str(tmp_path / "none.csv")], "none.csv"),
    ):
        assert main(["init", *words]) == 2
        assert problem in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before


def test_an_empty_folder_is_taken(tmp_path):
    carry_out(tmp_path / "study", str(TABLE))
    (tmp_path / "empty").mkdir()
    carry_out(tmp_path / "empty", str(TABLE))
    assert (tmp_path / "empty" / "Makefile").exists()


# ---------------------------------------------------------------- plots


@pytest.fixture(scope="module")
def crossed(study):
    """A sweep of two levers."""
    text = (study / "experiments" / "delegated_share.yaml").read_text(encoding="utf-8")
    file = study / "experiments" / "crossed.yaml"
    levers = "  policy.hub.kinds: [[mosque], [school]]\nreplications"
    file.write_text(text.replace("replications", levers, 1), encoding="utf-8")
    return experiments.run(file, out=study / "results" / "crossed", workers=1)


def test_a_plot_shows_means_over_replications(crossed):
    plot = plotting.plot_of(crossed, "delegated_share", "service_gini", "kinds")
    assert (plot.x, plot.by) == ("policy.authority.delegated_share", "policy.hub.kinds")
    assert plot.outcome == "service_gini:last"
    assert sorted(set(plot.table.by)) == ["mosque", "school"]
    assert plot.replications == (2, 2)
    summary = crossed.summary()
    for _, row in plot.table.iterrows():
        there = summary[
            (summary.outcome == plot.outcome)
            & (summary["policy.authority.delegated_share"] == row.x)
            & (summary["policy.hub.kinds"] == f'["{row.by}"]')
        ]
        assert there[["mean", "low", "high"]].iloc[0].tolist() == pytest.approx(row[["mean", "low", "high"]].tolist())


def test_a_factor_that_is_not_shown_is_averaged_over_and_the_caption_says_so(crossed):
    plot = plotting.plot_of(crossed, "kinds", "service_gini")
    assert plot.averaged == ("policy.authority.delegated_share",)
    last = (
        crossed.last_values()
        .query("outcome == 'service_gini:last'")
        .merge(crossed.runs[["run_id", "policy.hub.kinds"]])
    )
    means = last.groupby("policy.hub.kinds")["value"].mean()
    assert plot.table["mean"].tolist() == pytest.approx(means.tolist())
    assert plotting.caption_of(plot).startswith("Means over n = 2 replications; bars: 95 % intervals of the mean")
    assert plotting.caption_of(plot).endswith("Averaged over: the share of the budget delegated.")
    assert plotting.caption_of(plot, "fa").endswith("میانگین روی: سهم بودجه تفویض‌شده.")
    assert "میانگین ۲ تکرار" in plotting.caption_of(plot, "fa")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--x", "delegated_shar", "--y", "service_gini"], '--x: "delegated_shar" was not varied'),
        (["--x", "kinds", "--y", "service_gin"], 'did you mean "service_gini"?'),
        (["--x", "kinds", "--y", "service_gini", "--by", "kinds"], '--by: "kinds" was not varied'),
        (
            ["--x", "kinds", "--y", "service_gini", "--out", "taken"],
            "taken.png: exists and was not made by mahalle plot",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(words, problem, crossed, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken.png").write_text("a picture", encoding="utf-8")
    assert main(["plot", str(crossed.folder), *words]) == 2
    assert problem in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["taken.png"]


@pytest.mark.parametrize("language", ["en", "fa"])
def test_a_plot_is_written_in_three_formats_and_again(language, crossed, tmp_path, capsys):
    words = ["plot", str(crossed.folder), "--x", "delegated_share", "--y", "participation_rate", "--by", "kinds"]
    for _ in range(2):
        assert main([*words, "--out", str(tmp_path / "shown.png"), "--lang", language, "--narrow"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {*files_of_figure("shown"), "shown.csv"}
    with Image.open(tmp_path / "shown.png") as picture:
        assert picture.width == 1003  # 8.5 cm
    assert str(tmp_path / "shown.svg") in capsys.readouterr().out


def test_a_single_replication_has_no_interval(crossed):
    plot = plotting.plot_of(crossed, "kinds", "service_gini")
    one = replace(plot, table=plot.table.assign(n=1))
    said = "n = 1: one replication, so there is no interval (of random variation in one place (seed 1))."
    assert plotting.caption_of(one).startswith(said)


def test_a_replication_without_a_value_at_all_points_averaged_over_does_not_count(crossed, monkeypatch):
    last = crossed.last_values()
    monkeypatch.setattr(Sweep, "last_values", lambda _: last[last.run_id != 0])
    plot = plotting.plot_of(crossed, "kinds", "service_gini")
    assert plot.table.n.tolist() == [1, 2]
    assert "n = 1–2 replications; bars: 95 % intervals of the mean (none where n = 1)" in plotting.caption_of(plot)


def test_more_lines_than_can_be_told_apart_are_refused(crossed, monkeypatch):
    monkeypatch.setattr(points, "MOST_LINES", 1)
    with pytest.raises(ConfigError, match="would be 2 lines"):
        plotting.plot_of(crossed, "delegated_share", "service_gini", "kinds")
