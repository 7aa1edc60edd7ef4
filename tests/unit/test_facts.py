"""What objects say of themselves: a line of bounded length by `repr`, a small table in notebooks."""

import numpy as np
import pytest

import sim
from experiments.calibration.posterior import Posterior
from sim.facts import LONGEST, Told, as_html, in_a_line


def test_a_city_and_a_config_say_in_a_line_what_they_are():
    config = sim.load_config("rafsanjan", values={"run.scale": 0.01, "run.weeks": 4})
    assert repr(config) == str(config)
    assert repr(config).startswith("Config(city: Rafsanjan, weeks: 4, scale: 0.01, seeds: place 1, luck 1, ")
    city = sim.City(config, rng=3)
    assert repr(city).startswith("City(city: Rafsanjan, week: 0 of 4, ")
    assert "neighbourhoods: 50, seeds: place 1, luck 3" in repr(city)
    assert "<th>residents</th>" in city._repr_html_()


def test_a_posterior_says_what_its_particles_are_worth(tmp_path):
    posterior = Posterior(tmp_path / "p", "", ("a.b",), {"a.b": [1, 2]}, np.array([0.5, 0.5]), {})
    assert repr(posterior) == f"Posterior(particles: 2, worth: 2 of equal weight, parameters: a.b, file: {tmp_path}/p)"


def test_a_line_is_bounded_and_safe_and_a_table_is_escaped():
    assert len(in_a_line("City", {"title": "x" * 1000})) <= LONGEST + len("City()")
    assert in_a_line("City", {"title": "a\u202eb"}) == "City(title: a\\u202eb)"
    assert as_html("A", {"<b>": "</td>"}) == (
        '<table><caption>A</caption><tr><th>&lt;b&gt;</th><td dir="auto">&lt;/td&gt;</td></tr></table>'
    )


def test_a_class_without_facts_is_unfinished():
    with pytest.raises(NotImplementedError):
        repr(Told())
