"""`mahalle sensitivity` with cities, uncertainties by the group, and what the register says of a stored screening."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.text import Text

from experiments import run
from experiments.cli import main
from experiments.faults import faults_of
from experiments.figure_files import FORMATS
from experiments.figures.sheet import Sheet
from experiments.figures.stamps import stamp_in
from experiments.figures.style import BLACK, house_style
from experiments.register import as_csv, as_json, as_markdown
from experiments.sensitivity import Choice, analyse, chosen
from experiments.sensitivity.command import levels_of
from experiments.sensitivity.figure import Moved, sensitivity_figure, title_and_note
from experiments.sensitivity.report import described, report
from experiments.sensitivity.screened import (
    WARNING,
    WARNING_GAP,
    more_of,
    read_screening,
    warning_of,
)
from experiments.sensitivity.screening import TIMES_LUCK
from experiments.sweeps.reader import load_experiment
from experiments.sweeps.tables import load
from experiments.titles import TITLES, title_of
from sim.config import Config
from sim.errors import ConfigError
from sim.parameters import Parameters, parameter, register
from tests.paper.boxes import faults, words_of
from tests.sensitivity.conftest import KEYS, ROOT
from tools.documents import parameters
from tools.screening import REFERENCE, both, keep

REGISTER = {row.key: row for row in register(Config)}

SMALL = """\
title: {{en: Small, fa: کوچک}}
base: {base}
uncertainties: {uncertainties}
design: {design}
replications: 1
run: {{scale: 0.002, weeks: 6}}
outcomes: [{{trust_in_municipality: last}}, {{hope: last}}]
"""

THREE = """
  behaviour.trust.initial_trust_in_municipality: {uniform: [0.1, 0.9]}
  behaviour.learning.initial_hope: {uniform: [0.1, 0.9]}
  behaviour.participation.rule: {choice: [logit, threshold, conditional_cooperation]}"""


def small(folder: Path, uncertainties: str = THREE, design: str = "{kind: morris, trajectories: 2}") -> Path:
    file = folder / "small.yaml"
    base = ROOT / "configs/cities/rafsanjan.yaml"
    file.write_text(SMALL.format(base=base, uncertainties=uncertainties, design=design), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def screened(tmp_path_factory) -> Path:
    """The folder of a small screening with luck and Sobol' behind it."""
    folder = tmp_path_factory.mktemp("screened")
    words = ["sensitivity", str(small(folder)), "--out", str(folder / "out"), "--workers", "1", "--quiet", "--csv"]
    assert main([*words, "--luck", "2", "--sobol", "2"]) == 0
    return folder / "out"


# ---------------------------------------------------------------- the command


def test_it_leaves_tables_a_figure_and_their_provenance(screened):
    table, luck = (pd.read_parquet(screened / f"{name}.parquet") for name in ("sensitivity", "luck"))
    assert set(table["index"]) == {"mu", "mu_star", "sigma"}
    assert len(table) == 2 * 3 * 3  # outcomes, factors, indices
    stars = table[table["index"] == "mu_star"].set_index(["outcome", "factor"])["value"]
    assert stars["trust_in_municipality:last"].idxmax() == "behaviour.trust.initial_trust_in_municipality"
    assert stars["hope:last"].idxmax() == "behaviour.learning.initial_hope"
    assert (luck["repeated"] == 2).all()
    assert luck["luck_share"].between(0.0, 1.0).all()
    assert (screened / "sensitivity.png").stat().st_size > 10_000
    note = json.loads((screened / "sensitivity.json").read_text(encoding="utf-8"))
    assert note["design"]["trajectories"] == 2
    assert (note["scale"], note["weeks"]) == (0.002, 6)
    assert pd.read_csv(screened / "sensitivity.csv").shape == table.shape


def test_sobol_follows_with_the_factors_that_matter(screened):
    second = screened.with_name("out-sobol")
    chosen = {factor.key for factor in load_experiment(second / "experiment.yaml").design.factors}
    assert {"behaviour.trust.initial_trust_in_municipality", "behaviour.learning.initial_hope"} <= chosen
    table = pd.read_parquet(second / "sensitivity.parquet")
    assert set(table["index"]) == {"S1", "ST"}
    assert set(table["factor"]) == chosen
    of_total = table[table["index"] == "ST"].set_index(["outcome", "factor"])["floor"]
    luck = pd.read_parquet(second / "luck.parquet").set_index("outcome")
    assert (luck["repeated"] == 2).all()  # luck is measured anew, where only these factors vary
    assert second.with_name("out-sobol-luck").is_dir()
    hope = luck.loc["hope:last", "floor"]
    assert 0.0 < hope == of_total["hope:last", "behaviour.learning.initial_hope"]
    assert table.loc[table["index"] == "S1", "floor"].isna().all()


def test_what_is_there_is_not_done_again_and_a_folder_will_do(screened, capsys):
    shards = {path.name: path.stat().st_mtime_ns for path in (screened / "shards").iterdir()}
    file = screened.parent / "small.yaml"
    assert main(["sensitivity", str(file), "--out", str(screened), "--workers", "1"]) == 0
    assert main(["sensitivity", str(screened)]) == 0
    assert shards == {path.name: path.stat().st_mtime_ns for path in (screened / "shards").iterdir()}
    printed = capsys.readouterr().out
    assert "2 of 2 trajectories" in printed
    assert "behaviour.learning.initial_hope" in printed


def test_luck_that_was_measured_is_found_again(screened, tmp_path, capsys):
    """Without --luck, from the folder and from Python: the same floors, and by them the same factors."""
    once = analyse(load(screened))
    assert main(["sensitivity", str(screened)]) == 0
    said = capsys.readouterr().out
    assert "noise not measured" not in said
    assert "from 2 repeated points" in said
    luck = pd.read_parquet(screened / "luck.parquet")
    pd.testing.assert_frame_equal(luck, once.luck)
    assert (luck["repeated"] == 2).all()
    alone = tmp_path / "out"
    shutil.copytree(screened, alone)
    assert analyse(load(alone)).table["floor"].isna().all()
    assert "above 0, noise not measured" in chosen(analyse(load(alone))).rule
    assert "2 times the noise floor" in chosen(once).rule


def test_luck_of_another_version_of_the_model_is_told(screened):
    sweep, again = load(screened), load(screened.with_name("out-luck"))
    assert not any("version" in note for note in analyse(sweep).notes)
    older = replace(again, runs=again.runs.assign(model="older"))
    assert f"another version of the model than these runs: {again.folder}" in analyse(sweep, repeated=older).notes[-1]


def test_luck_is_found_from_within_the_folder_too(screened, monkeypatch):
    monkeypatch.chdir(screened)
    assert set(analyse(load(".")).luck["repeated"]) == {2}


def test_luck_of_another_experiment_is_not_taken(screened, tmp_path):
    other = tmp_path / "other"
    file = small(tmp_path, THREE.replace("0.9", "0.8"))
    assert main(["sensitivity", str(file), "--out", str(other), "--workers", "1", "--quiet"]) == 0
    shutil.copytree(screened.with_name("out-luck"), tmp_path / "other-luck")
    assert analyse(load(other)).table["floor"].isna().all()


def test_other_numbers_take_a_folder_of_their_own_and_nothing_is_thrown_away(screened, tmp_path, capsys):
    for name in ("out", "out-luck", "out-sobol", "out-sobol-luck"):
        shutil.copytree(screened.with_name(name), tmp_path / name)
    made = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/shards/*")}
    words = ["sensitivity", str(screened.parent / "small.yaml"), "--out", str(tmp_path / "out"), "--workers", "1"]
    for _ in range(2):  # the second time all is there
        assert main([*words, "--luck", "3", "--sobol", "4", "--quiet"]) == 0
        names = {path.name for path in tmp_path.iterdir()}
        assert names == {
            "out",
            "out-luck",
            "out-luck-2",
            "out-sobol",
            "out-sobol-2",
            "out-sobol-luck",
            "out-sobol-2-luck",
        }
    assert made == {path: path.stat().st_mtime_ns for path in made}
    assert load(tmp_path / "out-sobol-2").experiment.design.options["samples"] == 4
    assert set(analyse(load(tmp_path / "out")).luck["repeated"]) == {3}  # of two, that of more points
    shutil.rmtree(tmp_path / "out-luck-2")
    assert set(analyse(load(tmp_path / "out")).luck["repeated"]) == {2}


def test_fresh_with_a_folder_begins_only_what_is_beside_it_anew(screened, tmp_path):
    for name in ("out", "out-luck"):
        shutil.copytree(screened.with_name(name), tmp_path / name)
    made = {path.parent.parent.name: path.stat().st_mtime_ns for path in tmp_path.glob("*/shards/*")}
    assert main(["sensitivity", str(tmp_path / "out"), "--luck", "2", "--fresh", "--workers", "1", "--quiet"]) == 0
    now = {path.parent.parent.name: path.stat().st_mtime_ns for path in tmp_path.glob("*/shards/*")}
    assert now["out"] == made["out"]
    assert now["out-luck"] != made["out-luck"]


def test_an_analysis_of_differences_stays_beside_that_of_levels(tmp_path, capsys):
    file = tmp_path / "two.yaml"
    policies = f"policies: {{a: [], b: [{ROOT / 'configs/policies/status_quo.yaml'}]}}\nuncertainties:"
    text = small(tmp_path).read_text(encoding="utf-8").replace("uncertainties:", policies, 1)
    file.write_text(text, encoding="utf-8")
    assert main(["sensitivity", str(file), "--out", str(tmp_path / "out"), "--workers", "1", "--quiet"]) == 0
    levels = {path.name: path.read_bytes() for path in (tmp_path / "out").glob("*.parquet")}
    assert main(["sensitivity", str(tmp_path / "out"), "--base", "b"]) == 0
    assert "(sensitivity-less-b.parquet, luck-less-b.parquet, sensitivity-less-b.png)" in capsys.readouterr().out
    assert {
        path.name: path.read_bytes() for path in (tmp_path / "out").glob("*.parquet") if path.name in levels
    } == levels
    assert set(pd.read_parquet(tmp_path / "out/sensitivity.parquet")["against"]) == {""}
    assert set(pd.read_parquet(tmp_path / "out/sensitivity-less-b.parquet")["against"]) == {"b"}
    assert main(["verify", str(tmp_path / "out"), "--sample", "0"]) == 0
    found = read_screening(tmp_path / "out")
    assert set(found.levels["against"]) == {""}
    assert set(found.gaps["against"]) == {"b"}


def test_csv_of_an_earlier_analysis_does_not_stay_beside_newer_tables(screened, tmp_path):
    shutil.copytree(screened, tmp_path / "out")
    assert main(["sensitivity", str(tmp_path / "out"), "--csv", "--quiet"]) == 0
    assert {path.name for path in (tmp_path / "out").glob("*.csv")} == {"sensitivity.csv", "luck.csv"}
    assert main(["sensitivity", str(tmp_path / "out"), "--quiet"]) == 0
    assert not list((tmp_path / "out").glob("*.csv"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sobol", "3"], "--sobol: must be a power of two"),
        (["--base", "nonsense"], '--base: "nonsense" is no policy'),
        (["--pairs"], "--pairs: needs --sobol"),
        (["--at-least", "0.1"], "--at-least: needs --sobol"),
        (["--at-most", "10"], "--at-most: needs --sobol"),
        (["--failed", "drop"], "--failed drop: applies to Sobol' indices"),
        (["--luck", "1"], "--luck: must be 0 or at least 2"),
    ],
)
def test_what_cannot_be_met_or_would_be_ignored_is_refused_before_anything_runs(tmp_path, capsys, words, said):
    assert main(["sensitivity", str(small(tmp_path)), "--out", str(tmp_path / "out"), *words]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_second_sobol_and_a_second_measure_of_luck_are_refused_before_anything_runs(tmp_path, capsys):
    file = small(tmp_path, design="{kind: sobol, samples: 2}")
    words = ["sensitivity", str(file), "--out", str(tmp_path / "out")]
    assert main([*words, "--sobol", "2"]) == 2
    assert "--sobol: follows a Morris screening" in capsys.readouterr().err
    file.write_text(file.read_text(encoding="utf-8").replace("replications: 1", "replications: 2"), encoding="utf-8")
    assert main([*words, "--luck", "2"]) == 2
    assert "--luck: is for one replication only" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "words", [["--out", "x"], ["--fresh"], ["--accept-code-change"], ["--retry-failed"], ["--sobol", "3"]]
)
def test_a_folder_refuses_what_it_would_ignore(screened, capsys, words):
    assert main(["sensitivity", str(screened), *words]) == 2
    assert capsys.readouterr().err.startswith(f"{words[0]}: ")


LEVELS = {"trust_in_municipality:last": 0.4, "hope:last": 0.4}


def drawn(findings, language="en"):
    """The figure of some findings."""
    found = Moved(findings, frozenset(), LEVELS)
    title, note = title_and_note(found, "An experiment", {}, Sheet(language))
    return sensitivity_figure(found, Sheet(language, title=title, note=note))


def test_the_level_of_a_series_of_counts_is_its_last_week_under_the_policy_drawn(tmp_path):
    text = small(tmp_path, THREE.rpartition("\n")[0]).read_text(encoding="utf-8")
    text = re.sub("outcomes: .*", "outcomes: [money_spent, {money_spent: mean}]", text).replace("weeks: 6", "weeks: 40")
    policies = f"policies:\n  as_is: []\n  status_quo: {ROOT / 'configs/policies/status_quo.yaml'}\nuncertainties"
    levers = "levers:\n  policy.funding.payment_reliability: [0.1, 1.0]\n"
    (tmp_path / "counts.yaml").write_text(text.replace("uncertainties", levers + policies, 1), encoding="utf-8")
    sweep = run(tmp_path / "counts.yaml", out=tmp_path / "out", workers=1)
    last = sweep.last_values().merge(sweep.runs)
    by_lever = last.groupby("policy.funding.payment_reliability")["value"].mean()
    assert by_lever[0.1] != by_lever[1.0]
    last = last[last["policy.funding.payment_reliability"] == 0.1]
    for base in (None, "status_quo"):
        own = last[last.policy == (base or "as_is")].groupby("outcome")["value"].mean()
        assert levels_of(sweep, analyse(sweep, base=base)) == pytest.approx(own.to_dict())


def texts_of(figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text)]


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize("folder", ["out", "out-sobol"])
def test_no_words_of_the_figure_are_cut_or_lie_over_each_other(screened, language, folder):
    findings = analyse(load(screened.with_name(folder)))
    long = {"hope:last": "participation_rate[standing=without_standing]:mean(164-215)"}
    tables = [frame.replace({"outcome": long}) for frame in (findings.table, findings.luck)]
    with house_style(language):
        for one in (findings, replace(findings, **dict(zip(("table", "luck"), tables, strict=True)))):
            figure = drawn(one, language)
            assert faults(figure) == []
            assert len(words_of(figure)) > 12


def test_names_are_words_and_not_keys(screened):
    figure = drawn(analyse(load(screened)))
    said = " ".join(texts_of(figure))
    assert title_of("behaviour.trust.initial_trust_in_municipality", "en") in said
    assert "initial_trust_in_municipality" not in said


def test_the_legend_has_the_mark_of_luck_only_where_it_is_drawn(screened):
    findings = analyse(load(screened))
    words = "twice the noise floor: less does not count"
    assert words in texts_of(drawn(findings))
    without = replace(findings, table=findings.table.assign(floor=float("nan")))
    assert words not in texts_of(drawn(without))


def with_one_large_value(findings):
    """Findings in which one factor moves trust a thousand times as much as the others."""
    table = findings.table.copy()
    trust = (table["outcome"] == "trust_in_municipality:last") & (table["index"] == "mu_star")
    factors = table.loc[trust, "factor"].tolist()
    values = dict(zip(factors, (1.0, 0.002, 0.001), strict=True))
    for column, times in (("value", 1.0), ("low", 0.5), ("high", 1.5)):
        table.loc[trust, column] = table.loc[trust, "factor"].map(values) * times
    table.loc[trust & (table["factor"] == factors[2]), "low"] = 0.0
    table.loc[trust, "floor"] = 0.004
    return replace(findings, table=table), values


def test_effects_are_drawn_in_multiples_of_the_least_difference_on_one_scale(screened):
    findings, values = with_one_large_value(analyse(load(screened)))
    panels = drawn(findings).axes
    axes = panels[0]
    marks = [line for line in axes.lines if line.get_marker() == "o"]
    at = dict(zip([text.get_text() for text in axes.get_yticklabels()], axes.get_yticks(), strict=True))
    found = {float(line.get_ydata()[0]): float(line.get_xdata()[0]) for line in marks}
    titles = {name: Sheet().shortened(title_of(name, "en"), 1.98, 6.5) for name in values}
    assert found == {at[titles[name]]: pytest.approx(value / 0.02) for name, value in values.items()}
    assert len({panel.get_xlim() for panel in panels}) == 1  # however much larger one value is
    (band,) = axes.patches
    assert band.get_x() + band.get_width() == 1.0
    arrows = [line for line in axes.lines if line.get_marker() == "<"]
    assert len(arrows) == 1  # of the interval that reaches 0, which no log scale has
    assert "1 is 2.0 points" in texts_of(axes)


def test_the_mark_of_luck_stands_at_what_is_not_beyond_it(screened):
    findings, _ = with_one_large_value(analyse(load(screened)))
    axes = drawn(findings).axes[0]
    marks = [line.get_xdata()[0] for line in axes.lines if line.get_color() == BLACK]
    assert marks == pytest.approx([TIMES_LUCK * 0.004 / 0.02] * 3)


def test_the_figure_says_how_many_assumptions_it_leaves_out(screened, monkeypatch):
    findings = analyse(load(screened))
    assert "each panel" not in " ".join(texts_of(drawn(findings)))
    monkeypatch.setattr("experiments.sensitivity.figure.SHOWN", 2)
    said = " ".join(texts_of(drawn(findings)))
    assert "3 assumptions; each panel: the 2 with the largest effects" in said


def test_an_outcome_whose_level_is_0_has_no_scale_and_says_so(screened):
    findings = analyse(load(screened))
    counts = {"hope:last": "programmes_held:last"}
    tables = [frame.replace({"outcome": counts}) for frame in (findings.table, findings.luck)]
    figure = drawn(replace(findings, **dict(zip(("table", "luck"), tables, strict=True))))
    assert "no least difference: its level is 0" in texts_of(figure)


def test_the_figure_has_three_formats_a_caption_and_its_origin(screened):
    stamps = [stamp_in(screened / f"sensitivity.{kind}") for kind in FORMATS]
    assert stamps[0] == stamps[1] == stamps[2]
    assert stamps[0]["made_by"] == "mahalle sensitivity"
    assert "95 % interval" in (screened / "sensitivity.caption.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("design", ["{kind: morris, trajectories: 2}", "{kind: sobol, samples: 4}"])
@pytest.mark.parametrize("replications", [1, 3])
def test_what_does_not_vary_is_said_not_to_vary(swept, design, replications, tmp_path, monkeypatch):
    sweep = swept(lambda *_: 0.1, design, replications=replications)
    findings = analyse(sweep)
    said = report(sweep, findings, None)
    assert "it does not vary: no assumption affects it" in said
    assert not re.search(r"\bnan\b|NaN", said)
    assert "does not vary: no assumption affects it" in texts_of(drawn(findings))


def test_one_factor_is_one_factor():
    assert "\n1 factor meets it; the Sobol' analysis takes 1: a.\n" in described(Choice(("a",), 1, "a rule"))
    assert "\n3 factors meet it; the Sobol' analysis takes 2: a, b.\n" in described(Choice(("a", "b"), 3, "a rule"))


def test_a_design_without_indices_is_refused_before_anything_runs(tmp_path, capsys):
    file = small(tmp_path, design="{kind: latin_hypercube, samples: 3}")
    assert main(["sensitivity", str(file), "--out", str(tmp_path / "out")]) == 2
    assert "design.kind: sensitivity needs the design morris or sobol" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


# ---------------------------------------------------------------- uncertainties by the group


def keys_of(tmp_path: Path, uncertainties: str) -> set[str]:
    return set(load_experiment(small(tmp_path, uncertainties)).design.problem["names"])


def test_all_behaviour_is_one_key(tmp_path):
    behaviour = {key for key in REGISTER if key.startswith("behaviour.")}
    assert keys_of(tmp_path, "{behaviour: all}") == behaviour
    experiment = load_experiment(small(tmp_path, "{behaviour: all}"))
    by_key = {factor.key: factor for factor in experiment.design.factors}
    assert by_key["behaviour.participation.rule"].arguments == REGISTER["behaviour.participation.rule"].choices
    row = REGISTER["behaviour.trust.voice_weight"]
    assert by_key["behaviour.trust.voice_weight"].arguments == (row.low, row.high)


def test_evidence_and_exceptions_narrow_a_group(tmp_path):
    found = keys_of(tmp_path, "{behaviour: {evidence: [assumption], without: [behaviour.trust, behaviour.capture]}}")
    assert found == {
        key
        for key, row in REGISTER.items()
        if key.startswith("behaviour.")
        and row.tag == "assumption"
        and not key.startswith(("behaviour.trust.", "behaviour.capture."))
    }


def test_a_key_of_its_own_keeps_its_distribution(tmp_path):
    text = "{behaviour.influence: all, behaviour.influence.convergence: {uniform: [0.1, 0.2]}}"
    factors = {factor.key: factor for factor in load_experiment(small(tmp_path, text)).design.factors}
    assert factors["behaviour.influence.convergence"].arguments == (0.1, 0.2)
    assert len(factors) == sum(key.startswith("behaviour.influence.") for key in REGISTER)


@pytest.mark.parametrize(
    ("uncertainties", "said"),
    [
        ("{behaviour: everything}", "uncertainties.behaviour: behaviour is a group of parameters: write all"),
        ("{behaviour: {evidnce: [range]}}", 'behaviour.evidnce: unknown key; did you mean "evidence"?'),
        ("{behaviour: {evidence: [rumour]}}", "must be one of: claimed, source, range, assumption"),
        ("{behaviour: {without: [behaviour.trust.voice]}}", 'without[0]: no key within behaviour: "behaviour.trust.'),
        ("{behaviour.burnout: {evidence: [claimed]}}", "no parameter of this group"),
        ("{behavior: all}", 'unknown key; did you mean "behaviour"?'),
        ("{run: all}", "an uncertainty is a key of behaviour or city or policy"),
        ("{behaviour.trust.voice_weight: all}", "must be a mapping of keys to values"),
    ],
)
def test_what_is_wrong_with_a_group_is_said_with_its_line(tmp_path, uncertainties, said):
    _, faults = faults_of(small(tmp_path, uncertainties))
    assert len(faults) == 1
    assert faults[0].line == 3
    assert said in str(faults[0])


# ---------------------------------------------------------------- the register


def test_the_register_says_what_each_assumption_moves(screened, tmp_path):
    found = read_screening(screened)
    more = more_of(found)
    hope = "behaviour.learning.initial_hope"
    assert more.cells[hope][0] == ""  # no gap was screened
    assert "hope:last" in more.cells[hope][1]
    assert more.cells[hope][2] == WARNING
    trust = "behaviour.trust.initial_trust_in_municipality"
    assert REGISTER[trust].tag == "range"
    assert more.cells[trust][2] == ""  # it moves a lot, but on evidence
    for text in (as_markdown(more), as_csv(more)):
        (line,) = [line for line in text.splitlines() if hope in line.split("hope rises")[0] and WARNING in line]
        assert "hope:last" in line
    entries = {entry["key"]: entry for entry in json.loads(as_json(more))}
    assert entries[hope]["warning"] == WARNING
    assert entries["run.weeks"]["moves"] == ""
    keep(screened, screened.parent / "small.yaml", tmp_path / "kept.csv")
    assert more_of(read_screening(tmp_path / "kept.csv")).cells == more.cells
    with pytest.raises(ConfigError, match="another experiment"):
        keep(screened, small(tmp_path, design="{kind: morris, trajectories: 3}"), tmp_path / "other.csv")


LIFTS, TURNS = KEYS[:2]
"""An assumption that lifts the outcome under every policy alike, and one that moves only the difference."""


def gap(share, policy: str, _: int) -> float:
    return 10.0 * float(share[0]) + (float(share[1]) if policy == "programme" else 0.0)


@pytest.fixture
def kept(swept, tmp_path) -> Path:
    """A screening of levels and gap, as it is stored; the base's name comes first in the alphabet, not in the file."""
    policies = "policies: {programme: [], a_base: []}"
    sweep = swept(gap, "{kind: morris, trajectories: 4}", more=policies, name="gap")
    assert main(["sensitivity", str(sweep.folder), "--base", "a_base", "--quiet"]) == 0
    keep(sweep.folder, tmp_path / "gap.yaml", tmp_path / "kept.csv")
    return tmp_path / "kept.csv"


def test_a_stored_screening_holds_levels_and_the_gap(kept):
    found = read_screening(kept)
    assert set(found.levels["policy"]) == set(found.gaps["policy"]) == {"programme"}
    assert set(found.gaps["against"]) == {"a_base"}
    of_level, of_gap = (table.set_index("factor") for table in (found.levels, found.gaps))
    assert of_level.loc[[LIFTS, TURNS], "mu_star"].tolist() == pytest.approx([10.0, 1.0])
    assert of_gap.loc[[LIFTS, TURNS], "mu_star"].tolist() == pytest.approx([0.0, 1.0], abs=1e-9)
    assert of_gap.loc[TURNS, "mean"] == pytest.approx(0.5, abs=0.2)


@pytest.mark.parametrize(("base", "meant"), [("status_quo", False), ("councils_without_money", True)])
def test_a_gap_of_trust_in_the_council_needs_councils_under_the_base(tmp_path, capsys, base, meant):
    """Without a council only hearsay affects trust in it: tables, figure and register leave it out."""
    file = small(tmp_path)
    text = file.read_text(encoding="utf-8").replace("hope: last", "trust_in_council: last")
    soon = tmp_path / "soon.yaml"  # in the few weeks of these runs
    soon.write_text("set: {rollout.milestones: [{week: 1, share: 1.0}]}", encoding="utf-8")
    policies = f"policies: {{programme: {soon}, {base}: [{soon}, {ROOT}/configs/policies/{base}.yaml]}}"
    file.write_text(f"{text}{policies}\n", encoding="utf-8")
    assert main(["sensitivity", str(file), "--out", str(tmp_path / "out"), "--workers", "1", "--base", base]) == 0
    table = pd.read_parquet(tmp_path / f"out/sensitivity-less-{base}.parquet")
    trust = {"trust_in_municipality:last", "trust_in_council:last"}
    assert set(table["outcome"]) == (trust if meant else trust - {"trust_in_council:last"})
    said = f"left out, for under {base} there is no council to compare with: trust_in_council:last"
    assert (said in capsys.readouterr().out) != meant
    kept = both(tmp_path / "out", base)
    assert set(kept.loc[kept["against"] == "", "outcome"]) == trust
    assert ("trust_in_council:last" in set(kept.loc[kept["against"] != "", "outcome"])) == meant


def test_what_moves_the_gap_is_warned_of_before_what_moves_a_level(kept, monkeypatch):
    """Judged by levels, the assumption that could turn the comparison would not be marked: a tenth of the other."""
    monkeypatch.setattr("experiments.sensitivity.screened.rows", lambda *_: [(_Tagged(key), None) for key in KEYS])
    cells = more_of(read_screening(kept)).cells
    assert cells[TURNS][2] == WARNING_GAP
    assert cells[LIFTS][2] == WARNING
    assert (cells[LIFTS][0], cells[KEYS[2]][2]) == ("little", "")


class _Tagged:
    tag = "assumption"

    def __init__(self, key: str) -> None:
        self.key = key


@pytest.mark.parametrize(
    ("tag", "warned"), [("assumption", True), ("claimed", True), ("range", False), ("source", False), ("", False)]
)
def test_a_claim_is_no_evidence(tag, warned):
    lot = pd.DataFrame({"share": [0.5, 0.0], "beyond_luck": [True, True]})
    little, luck = lot.assign(share=0.1), lot.assign(beyond_luck=False)
    assert warning_of(lot, lot, tag) == (WARNING_GAP if warned else "")
    assert warning_of(little, lot, tag) == (WARNING if warned else "")
    assert warning_of(luck, luck, tag) == warning_of(little, little, tag) == ""


def test_the_register_marks_claims_as_no_evidence(kept, tmp_path, monkeypatch):
    monkeypatch.setattr("tools.documents.parameters.REFERENCE", kept)
    monkeypatch.setattr("tools.documents.parameters.texts.rows", lambda: [(_Claimed(TURNS), None)])
    text = parameters._sensitivity()
    of_gap, of_level = text.split("### What moves the outcomes themselves")
    assert f"| `{TURNS}` | claimed | **!** | 1.00 |" in of_gap
    assert LIFTS not in of_gap  # no line: it moves no gap
    assert f"| `{TURNS}` | claimed |  | 0.10 |" in of_level
    assert "under `programme` less that under `a_base`" in of_gap
    assert re.search(r"`hope:last`: largest effect 1; mean 0\.[3-7]", of_gap)


class _Claimed(_Tagged):
    tag = "claimed"


def test_the_command_shows_it_and_says_when_it_is_out_of_date(screened, tmp_path, capsys):
    keep(screened, screened.parent / "small.yaml", tmp_path / "kept.csv")
    assert main(["parameters", "--format", "csv", "--sensitivity", str(tmp_path / "kept.csv")]) == 0
    said = capsys.readouterr()
    assert WARNING in said.out
    assert said.err == ""
    note = tmp_path / "kept.json"
    text = note.read_text(encoding="utf-8")
    note.write_text(text.replace('"model": [\n    "', '"model": [\n    "old'), encoding="utf-8")
    assert main(["parameters", "--format", "csv", "--sensitivity", str(tmp_path / "kept.csv")]) == 0
    assert "the model has changed since these runs" in capsys.readouterr().err
    assert main(["parameters", "--sensitivity", str(tmp_path / "nothing.csv")]) == 2
    assert "holds no screening" in capsys.readouterr().err


def test_the_committed_screening_knows_its_experiment_and_its_keys():
    found = read_screening(REFERENCE)
    assert (ROOT / "configs/experiments" / found.provenance["experiment"]).is_file()
    assert found.levels["outcome"].nunique() >= 8
    assert set(found.table["factor"]) <= set(REGISTER), "make the screening anew: parameters are gone or renamed"
    assert any(WARNING in cells for cells in more_of(found).cells.values())


def test_the_committed_screening_holds_the_gap():
    found = read_screening(REFERENCE)
    assert set(found.gaps["against"]) == {"status_quo"}
    assert set(found.gaps["outcome"]) == set(found.levels["outcome"]) - {"trust_in_council:last"}
    assert any(WARNING_GAP in cells for cells in more_of(found).cells.values())


# ---------------------------------------------------------------- names


def test_every_behaviour_has_a_name_in_both_languages():
    assert {key for key in REGISTER if key.startswith("behaviour.")} <= set(TITLES)
    assert set(TITLES) <= set(REGISTER)
    for key in TITLES:
        assert title_of(key, "en").isascii()
        assert any("\u0600" <= letter <= "\u06ff" for letter in title_of(key, "fa"))
    for language in (0, 1):
        names = [names[language] for names in TITLES.values()]
        assert len(set(names)) == len(names)


def test_a_parameter_may_be_named_where_it_is_declared():
    class Own(Parameters):
        rate: float = parameter(
            0.1, "A rate.", unit="share", source="", tag="assumption", effect=None, short=("the rate", "آهنگ")
        )

    assert [row.short for row in register(Own)] == [("the rate", "آهنگ")]
