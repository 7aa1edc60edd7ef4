"""Cautions of numbers that a city's author may not mean."""

import pytest

from experiments.cli import main
from experiments.unlikely import amounts_in_another_unit, few_residents, hub_of_another_city, more_money_than_proposals
from sim.config import load_config
from sim.shipped import folder_of, shipped


@pytest.mark.parametrize("name", sorted(shipped("city")))
def test_no_shipped_city_is_unlikely(name):
    city = load_config(name)
    said = amounts_in_another_unit(city), hub_of_another_city(city), more_money_than_proposals(city)
    assert said == ("", "", "")


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


def test_a_city_of_ones_own_that_leaves_the_mosque_and_works_through_another_hub(tmp_path, capsys):
    rows = "name,population,deprivation,x,y\nNorth,3000,0.2,0,1\nMill,3000,0.5,0,0\n"
    (tmp_path / "table.csv").write_text(rows, encoding="utf-8")
    file = tmp_path / "city.yaml"

    def said(city="", kinds="[community_centre]"):
        places = "neighbourhoods: {data_file: table.csv}"
        file.write_text(f"city: {{{places}{city}}}\npolicy: {{hub: {{kinds: {kinds}}}}}\n", encoding="utf-8")
        assert main(["check", str(file)]) == 0
        return capsys.readouterr().err

    caution = (
        "caution: the customary hub is that of Rafsanjan, mosque, and the policy works through community_centre: set"
    )
    assert caution in said()
    assert "customary hub" not in said(city=", customary_hub: mosque")  # it is meant
    assert "customary hub" not in said(kinds="[community_centre, mosque]")
    assert "customary hub" not in said(kinds="[]")


IN_ALMOND = "residents are simulated in 'Almond'"


def test_a_neighbourhood_that_is_asked_for_counts_by_its_own_residents():
    """Almond has 450 people, Juniper 1,070; 81 % are old enough; the mean neighbourhood has 640."""
    town = load_config("town")

    def said(scale, *numbers):
        return few_residents(town.with_values({"run.scale": scale}), numbers)

    assert f"about 36 {IN_ALMOND}" in said(0.1, "0", "9")
    assert "raise run.scale to 0.28" in said(0.1, "0", "9")
    assert "about 86 residents are simulated in 'Juniper'" in said(0.1, "9")
    assert said(0.12, "9") == ""  # though the mean neighbourhood has 62
    assert f"about 73 {IN_ALMOND}" in said(0.2, "0")  # though the mean neighbourhood has 103
    assert f"about 73 {IN_ALMOND}" in said(0.2, "*", "0")
    assert "in each" in said(0.12, "*", "9")
    hamlets = {"run.scale": 1.0, "city.population.total": 2000, "city.neighbourhoods.count": 50}
    assert few_residents(load_config("rafsanjan", values=hamlets), ["0"]) == ""  # in full: there is nothing to raise


@pytest.mark.parametrize(("command", "words"), [("sweep", "neighbourhood=*"), ("calibrate", "Almond")])
def test_single_neighbourhoods_of_few_simulated_residents_are_cautioned_about(command, words, tmp_path, capsys):
    """A town of 10 neighbourhoods and 6,400 people, 5,171 of them old enough: 52 each at a tenth."""
    town = folder_of() / "cities" / "own_data" / "town.yaml"
    file = tmp_path / "study.yaml"

    def said(scale, of=words):
        run = f"run: {{scale: {scale}, weeks: 4}}\n"
        if command == "sweep":
            outcomes = f'outcomes: ["hope[{of}]"]\n'
            file.write_text(f"title: {{en: A, fa: A}}\nbase: {town}\nlevers: {{}}\nreplications: 2\n{run}{outcomes}")
        else:
            rows = f"outcome,week,neighbourhood,value,standard_error\nhope,4,{of},0.4,0.1\n"
            (tmp_path / "rows.csv").write_text(rows)
            prior = "parameters: {behaviour.trust.half_life_weeks: range}\nsurvey: [{file: rows.csv, label: survey}]\n"
            text = f"title: {{en: A, fa: A}}\nbase: {town}\n{prior}method: emulator\nruns: 50\npopulation: 10\n{run}"
            file.write_text(text)
        assert main([command, str(file), "--dry-run", "--workers", "1", "--out", str(tmp_path / "out")]) == 0
        return capsys.readouterr().err

    few = said(0.1)
    there, enough = ("52 residents are simulated in each", 0.2) if command == "sweep" else (f"36 {IN_ALMOND}", 0.28)
    assert f"caution: single neighbourhoods are asked for, and about {there}; below" in few
    assert "(the standard error of its mean trust is 0.03): raise run.scale to 0.2" in few
    assert "single neighbourhoods" not in said(enough)
    assert "single neighbourhoods" not in said(0.1, "sex=woman" if command == "sweep" else "")
