"""Experiments that vary the place: how they are laid out, and that every interval covers what it says it speaks of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.cli import main
from experiments.contrasts import contrasts, tables
from experiments.contrasts.arms import Arms, arms_of
from experiments.contrasts.cautions import cautions
from experiments.contrasts.spreads import LUCK, PLACES, PLACES_AND_ASSUMPTIONS, speaks_of, spread_over
from experiments.statistics import crossed_interval, t_interval
from experiments.sweeps.experiment import PLACE_SEED, Experiment, place_seeds
from experiments.sweeps.pairs import positions
from experiments.sweeps.reader import load_experiment
from experiments.sweeps.runner import run
from experiments.sweeps.tables import Sweep
from sim import ConfigError
from tests.conftest import at_night

ROOT = Path(__file__).parents[2]
POLICIES = ROOT / "configs" / "policies"

TEXT = f"""\
title: {{en: Places, fa: مکان‌ها}}
base: {ROOT}/configs/cities/rafsanjan.yaml
policies: {{status_quo: {POLICIES}/status_quo.yaml, as_is: []}}
replications: 2
seed: 3
run: {{scale: 0.004, weeks: 6}}
outcomes:
  - {{trust_in_municipality: last}}
  - {{"service_level[neighbourhood=*]": last}}
"""


def read(folder: Path, *lines: str, without: str = "") -> Experiment:
    file = folder / "places.yaml"
    kept = [line for line in TEXT.splitlines() if not without or not line.startswith(without)]
    file.write_text("\n".join([*kept, *lines]) + "\n", encoding="utf-8")
    return load_experiment(file)


# ------------------------------------------------------------------------------------------------------ the layout


def test_every_policy_is_run_in_every_place_under_every_luck(tmp_path):
    experiment = read(tmp_path, "places: 3")
    seeds = place_seeds(experiment.base.run.place_seed, 3)
    assert seeds[0] == experiment.base.run.place_seed
    assert len(set(seeds)) == 3
    assert [point.values[PLACE_SEED] for point in experiment.points] == [seed for seed in seeds for _ in range(2)]
    assert [own.row for own in positions(experiment)] == [0, 0, 1, 1, 2, 2]
    for point in experiment.points:
        configs = [experiment.config_of(point, replication).run for replication in (0, 1)]
        assert [config.place_seed for config in configs] == [point.values[PLACE_SEED]] * 2
        assert configs[0].seed != configs[1].seed
    lucks = {experiment.config_of(point, 1).run.seed for point in experiment.points}
    assert len(lucks) == 1


def test_fewer_places_are_the_first_of_more():
    assert place_seeds(7, 5)[:3] == place_seeds(7, 3)
    assert place_seeds(7, 1) == [7]
    assert not set(place_seeds(7, 50)[1:]) & set(place_seeds(8, 50)[1:])
    assert max(place_seeds(7, 50)) < 2**31


@pytest.mark.parametrize(
    ("lines", "without", "key", "problem"),
    [
        (
            ("places: 3", "uncertainties: {behaviour.trust.project_weight: {uniform: [0.0, 1.0]}}",
             "design: {kind: latin_hypercube, samples: 4}"),
            "",
            "places",
            "do not go with uncertainties",
        ),
        (
            ("places: 3", "replications: {until: half_width, of: trust_in_municipality, below: 0.1, at_most: 20}"),
            "replications",
            "replications",
            "a stopping rule considers seeds only",
        ),
        (("places: 0",), "", "places", "between 1 and 1000"),
        (("places: 2",), "", "places", "give 3 or more"),
    ],
)  # fmt: skip
def test_what_does_not_go_with_places_is_refused_with_its_line(tmp_path, lines, without, key, problem):
    with pytest.raises(ConfigError, match=problem) as caught:
        read(tmp_path, *lines, without=without)
    assert (caught.value.key, caught.value.source) == (key, str(tmp_path / "places.yaml"))
    assert caught.value.line is not None


def test_two_places_are_refused_before_the_city_is_read_in_one_line(tmp_path, capsys):
    city = ROOT / "configs/cities/own_data/village.yaml"
    words = ["compare", "as_is", str(POLICIES / "status_quo.yaml"), "--city", str(city), "--places", "2"]
    assert main([*words, "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "--places: two places are too few to represent others: give 3 or more, or 1\n"


def test_one_place_is_what_an_experiment_without_the_key_has(tmp_path):
    (tmp_path / "one").mkdir()
    one, plain = read(tmp_path / "one", "places: 1"), read(tmp_path)
    assert one.digest == plain.digest
    assert read(tmp_path, "places: 3").digest != plain.digest


def test_a_sweep_over_places_runs_and_its_numbers_are_those_of_the_cities(tmp_path):
    experiment = read(tmp_path, "places: 3")
    sweep = run(experiment, out=tmp_path / "sweep", workers=1, say=lambda _: None)
    assert len(sweep.runs) == 12
    assert sweep.runs[PLACE_SEED].tolist() == [point.values[PLACE_SEED] for point in experiment.points] * 2
    found = contrasts(sweep, "status_quo")
    assert set(found.spread_over) == {PLACES}
    assert set(found.group) == {""}, "number 17 is another neighbourhood in each place"
    (row,) = found.itertuples()
    arms = arms_of(sweep)
    values = arms.of("trust_in_municipality:last", -1)
    differences = values[..., arms.names.index("as_is")] - values[..., arms.names.index("status_quo")]
    assert differences.shape == (3, 2)
    assert (row.difference, row.low, row.high) == pytest.approx(crossed_interval(differences))
    assert (row.sample_rows, row.replications) == (3, 2)


# ------------------------------------------------------------------------------------------------------ coverage


def swept(experiment: Experiment, differences: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """The contrasts of a sweep with these differences, (places, replications), between its two arms."""
    base = np.random.default_rng(0).normal(size=differences.shape)
    values = np.stack([base, base + differences], axis=-1)[None]
    made = Arms(("status_quo", "as_is"), (("hope:last", -1),), values, experiment.places > 1, ())
    monkeypatch.setattr(tables, "arms_of", lambda _: made)
    nothing = pd.DataFrame()
    return contrasts(Sweep(Path(), experiment, nothing, nothing), "status_quo")


TRUTH = 0.3


@pytest.mark.parametrize(
    ("places", "between_places", "between_lucks", "rest"),
    [
        (3, 1.0, 0.3, 1.0),
        *at_night(
            (1, 0.0, 1.0, 0.5),
            (10, 1.0, 0.3, 1.0),
            (10, 0.0, 1.0, 0.5),
            (10, 1.0, 0.0, 0.2),
            (10, 0.4, 0.4, 1.0),
            (5, 1.0, 0.3, 1.0),
        ),
    ],
)
def test_an_interval_covers_the_truth_that_it_speaks_of(
    tmp_path, monkeypatch, places, between_places, between_lucks, rest
):
    """In 93 to 97 % of 1,000 simulated sweeps of 20 replications: the mean over luck in one place, or over both."""
    experiment = read(tmp_path, f"places: {places}", "replications: 20", without="replications")
    draw, covered = np.random.default_rng(11), 0
    for _ in range(1_000):
        lucks = between_lucks * draw.normal(size=(1, 20)) + rest * draw.normal(size=(places, 20))
        (row,) = swept(
            experiment, TRUTH + between_places * draw.normal(size=(places, 1)) + lucks, monkeypatch
        ).itertuples()
        covered += row.low <= TRUTH <= row.high
    assert 930 <= covered <= 970


def test_luck_alone_would_not_cover_what_places_do(tmp_path):
    """Taken as so many independent differences, an interval over places and luck would be far too narrow."""
    draw, naive, crossed = np.random.default_rng(12), 0, 0
    for _ in range(300):
        values = TRUTH + draw.normal(size=(10, 1)) + 0.3 * draw.normal(size=(10, 20))
        _, low, high = t_interval(values.reshape(-1))
        naive += low <= TRUTH <= high
        _, low, high = crossed_interval(values)
        crossed += low <= TRUTH <= high
    assert naive < 200 < 270 < crossed


# ------------------------------------------------------------------------------------------------------ words


def test_every_interval_says_which_of_the_two_it_speaks_of(tmp_path):
    one, several = read(tmp_path), read(tmp_path, "places: 4")
    assert spread_over(one) == LUCK
    assert spread_over(several) == PLACES
    assert spread_over(replace(several, posterior=object())) == PLACES_AND_ASSUMPTIONS
    assert "replications in one place (place seed 1)" in speaks_of(one)
    assert "4 places and the replications in them" in speaks_of(several)
    assert "they do not cover what happens in other places" in cautions(one)[0]
    assert "another place" not in " ".join(cautions(several))
    assert "single places" in cautions(several)[-1]
    assert "single places" in cautions(replace(several, posterior=object()))[-1]
    assert not any("single" in line for line in cautions(one))
    assert "Assumptions differ" in cautions(replace(one, posterior=object()))[-2]


def test_compare_asks_several_places_and_says_so(tmp_path, capsys):
    words = ["compare", str(POLICIES / "status_quo.yaml"), "as_is", "--scale", "0.004", "--weeks", "6"]
    words += ["--replications", "3", "--places", "3", "--out", str(tmp_path / "out")]
    assert main(words) == 0
    printed = capsys.readouterr()
    assert "each place has other neighbourhoods, so differences leave single ones out" in printed.err
    said = " ".join(printed.out.split())
    assert "3 replications of each policy in each of 3 places" in said
    assert "over 3 places and the replications in them (a two-way layout)" in said
    assert "Neighbourhoods that" not in said
    assert not (tmp_path / "out" / "neighbourhoods.png").exists()
    table = pd.read_parquet(tmp_path / "out" / "contrasts.parquet")
    assert set(table.spread_over) == {PLACES}
    assert (table.sample_rows[table.difference.notna()] == 3).all()


def test_neighbourhoods_that_a_file_gives_are_named_over_places_too(tmp_path, capsys):
    words = ["compare", str(POLICIES / "status_quo.yaml"), "as_is", "--scale", "0.3", "--weeks", "4", "--quiet"]
    words += ["--city", str(ROOT / "configs/cities/own_data/town.yaml"), "--replications", "2", "--places", "3"]
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    table = pd.read_parquet(tmp_path / "out" / "contrasts.parquet")
    assert {"Almond", "Juniper"} <= set(table.name)


def test_compare_takes_another_place(tmp_path, capsys):
    words = ["compare", str(POLICIES / "status_quo.yaml"), "as_is", "--scale", "0.004", "--weeks", "4"]
    for seed in ("1", "5"):
        out = ["--replications", "2", "--place-seed", seed, "--out", str(tmp_path / seed), "--no-figure"]
        assert main([*words, *out]) == 0
        assert f"in one place (seed {seed})" in capsys.readouterr().out
    first, other = (pd.read_parquet(tmp_path / seed / "outcomes.parquet") for seed in ("1", "5"))
    assert not first.value.equals(other.value)


def test_mechanisms_speak_of_one_place(tmp_path, capsys):
    words = ["compare", str(POLICIES / "status_quo.yaml"), "as_is", "--mechanisms", "--places", "3"]
    assert main([*words, "--out", str(tmp_path / "out")]) == 2
    assert "--places: cannot be combined with --mechanisms" in capsys.readouterr().err
