"""Cautions of numbers that a city's author may not mean."""

import pytest

from experiments.cli import main
from experiments.unlikely import amounts_in_another_unit, more_money_than_proposals
from sim.config import load_config
from sim.shipped import shipped


@pytest.mark.parametrize("name", sorted(shipped("city")))
def test_no_shipped_city_is_unlikely(name):
    city = load_config(name)
    assert (amounts_in_another_unit(city), more_money_than_proposals(city)) == ("", "")


def test_few_large_neighbourhoods_have_more_money_than_proposals(tmp_path, capsys):
    large = {"city.neighbourhoods.count": 12}
    said = more_money_than_proposals(load_config("rafsanjan", values=large))
    assert said.startswith(
        "a neighbourhood's part of the works budget pays for 16 projects a round, and its council puts up 5:"
    )
    assert (
        more_money_than_proposals(load_config("rafsanjan", values={**large, "policy.authority.mode": "top_down"})) == ""
    )
    assert (
        more_money_than_proposals(
            load_config("rafsanjan", values={**large, "behaviour.choice.proposals_per_round": 16})
        )
        == ""
    )
    (tmp_path / "city.yaml").write_text("city: {neighbourhoods: {count: 12}}\n", encoding="utf-8")
    assert main(["check", str(tmp_path / "city.yaml")]) == 0
    assert "caution: a neighbourhood's part" in capsys.readouterr().err


def test_a_named_unit_and_amounts_of_the_default_city():
    unit = {"city.finance.unit": {"en": "million reais", "fa": "میلیون رئال"}}
    said = amounts_in_another_unit(load_config("rafsanjan", values=unit))
    assert said.startswith(
        "money is in million reais, but these amounts are still those of Rafsanjan in bn toman: city.finance."
    )
    assert "city.finance.project_cost_mean" in said
    mine = {**unit, "city.finance.project_cost_mean": 0.3}
    assert "city.finance.project_cost_mean" not in amounts_in_another_unit(load_config("rafsanjan", values=mine))
