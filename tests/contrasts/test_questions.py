"""Questions a researcher asks: crossed groups, bases named as users think of them, and contrasts of contrasts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import experiments
import sim
from experiments.contrasts import contrast_of_contrasts
from experiments.sweeps.outcomes import crossed_groups, parse, read
from sim.errors import ConfigError
from sim.measures import read_outcome

EXPERIMENT = """\
title: {en: Questions}
base: small.yaml
run: {weeks: 6, scale: 0.02}
policies:
  programme: []
  nothing: [nothing.yaml]
levers:
  policy.hub.kinds: [[mosque], [school]]
design: {kind: grid}
replications: 5
outcomes:
  - {"participation_rate[sex=woman, cohort=*]": last}
  - {hope: last}
  - {trust_in_people: last}
"""
NOTHING = "title: {en: Nothing at all, fa: هیچ}\nset:\n  authority.mode: top_down\n"
SMALL = "city:\n  neighbourhoods: {count: 8}\n  population: {total: 40000}\n"


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    folder = tmp_path_factory.mktemp("questions")
    for name, text in {"small.yaml": SMALL, "nothing.yaml": NOTHING, "questions.yaml": EXPERIMENT}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return experiments.run(folder / "questions.yaml", out=folder / "out", workers=1)


# ---------------------------------------------------------------- crossed groups


def test_crossed_groups_partition_the_groups_they_are_made_of():
    groups = crossed_groups([parse({"hope[sex=*, cohort=*]": "last"}, 4)])
    assert len(groups) == 8
    city = sim.City(rng=3, crossed_groups=groups, **{"run.scale": 0.02, "run.weeks": 4}).run()
    rows = city.group_history.query("week == 4").set_index(["group_kind", "group"])
    crossed = rows.loc["sex, cohort"]
    for sex in ("woman", "man"):
        own = crossed[crossed.index.str.startswith(f"{sex},")]
        whole = rows.loc["sex", sex]
        assert own.residents.sum() == pytest.approx(whole.residents)
        assert (own.hope * own.residents).sum() / own.residents.sum() == pytest.approx(whole.hope)
    who = city.residents
    youths = (who.sex == sim.agents.resident.SEXES.index("woman")) & (who.cohort == 0)
    assert read_outcome(city, "hope[cohort=youth, sex=woman]") == pytest.approx(who.hope[youths].mean())


def test_a_city_measures_the_same_beside_crossed_groups():
    plain, more = (
        sim.City(rng=3, crossed_groups=groups, **{"run.scale": 0.02, "run.weeks": 4}).run()
        for groups in ((), ("sex=woman, cohort=youth",))
    )
    assert plain.history.equals(more.history)
    usual = more.group_history[more.group_history.group_kind != "sex, cohort"].reset_index(drop=True)
    assert plain.group_history.equals(usual)


def test_a_crossed_group_has_one_name_in_whatever_order_it_is_asked_for():
    one, other = (parse(f"hope[{text}]", 4) for text in ("cohort=youth,sex=woman", "sex=woman, cohort=youth"))
    assert one == other
    assert one.label == "hope[sex=woman, cohort=youth]"
    assert one.is_number
    assert not parse("hope[sex=woman, cohort=*]", 4).is_number


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hope[sex=woman, cohort=baby]", 'no such group of cohort: "baby"; allowed here: youth'),
        ("hope[sex=woman, deprivation=most]", 'groups are crossed by sex, cohort, attendance, standing, not by "depri'),
        ("hope[sex=woman, sex=man]", "names each kind once"),
        ("hope[sex=*, sex=man]", "names each kind once"),
        ("hope[sex=woman, cohort]", "must read name or name"),
        ("service_gini[sex=woman, cohort=youth]", "no such outcome of groups"),
    ],
)
def test_what_cannot_be_crossed_is_refused_in_a_line(text, said):
    with pytest.raises(ValueError, match=r".") as caught:
        parse(text, 4)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_sweep_keeps_crossed_groups(sweep):
    labels = sorted(label for label in sweep.outcomes.outcome.unique() if "[" in label)
    assert labels == sorted(
        f"participation_rate[sex=woman, cohort={cohort}]:last" for cohort in ("youth", "young_adult", "adult", "elder")
    )
    table = sweep.differences({"policy": "nothing", "policy.hub.kinds": ["mosque"]})
    assert "sex=woman, cohort=youth" in set(table.group)
    # The same run by hand.
    config = sweep.experiment.config_of(sweep.experiment.points[0], 0)
    outcome = parse({"participation_rate[sex=woman, cohort=youth]": "last"}, 6)
    city = sim.City(config, crossed_groups=crossed_groups([outcome])).run()
    kept = sweep.outcomes[(sweep.outcomes.outcome == outcome.label) & (sweep.outcomes.run_id == 0)]
    assert kept.value.item() == read(city, [outcome])["value"][0]


# ---------------------------------------------------------------- bases by what they are


def test_a_base_is_named_by_its_name_its_title_or_what_is_set_there(sweep):
    name = 'nothing policy.hub.kinds=["school"]'
    by_name = sweep.differences(name)
    assert by_name.base.unique().tolist() == [name]
    for asked in (
        {"policy": "nothing", "policy.hub.kinds": ["school"]},
        {"policy": "nothing", "policy.hub.kinds": ("school",)},
        {"policy": "Nothing at all", "policy.hub.kinds": ["school"]},
        {"policy": "هیچ", "policy.hub.kinds": ["school"]},
    ):
        assert sweep.differences(asked).equals(by_name)
    with pytest.raises(ConfigError, match=r'kinds is never \["cinema"\] there; allowed here: \["mosque"\]; '):
        sweep.differences({"policy.hub.kinds": ["cinema"]})


def test_a_base_at_several_levels_is_compared_at_each_of_them(sweep):
    crossed = sweep.differences("nothing")
    assert "policy.hub.kinds" in crossed
    for asked in ({"policy": "nothing"}, "Nothing at all", "هیچ"):
        assert sweep.differences(asked).equals(crossed)
    for hub in ("school", "mosque"):
        own = crossed[crossed["policy.hub.kinds"] == f'["{hub}"]']
        assert own.base.unique().tolist() == [f'nothing policy.hub.kinds=["{hub}"]']
        alone = sweep.differences({"policy": "nothing", "policy.hub.kinds": [hub]})
        alone = alone[alone.policy.isin(own.policy)]
        assert own.reset_index(drop=True).equals(alone.reset_index(drop=True))
    assert set(crossed.policy) == {f'programme policy.hub.kinds=["{hub}"]' for hub in ("school", "mosque")}
    of_levers = sweep.differences({"policy.hub.kinds": ["school"]})
    assert dict(zip(of_levers.policy, of_levers.base, strict=True)) == {
        f'{policy} policy.hub.kinds=["mosque"]': f'{policy} policy.hub.kinds=["school"]'
        for policy in ("programme", "nothing")
    }


# ---------------------------------------------------------------- contrasts of contrasts


def test_a_contrast_of_contrasts_is_paired_by_replication(sweep):
    arms = [{"policy": policy, "policy.hub.kinds": [hub]} for hub in ("school", "mosque") for policy in POLICIES]
    table = contrast_of_contrasts(sweep, (arms[0], arms[1]), (arms[2], arms[3]))
    merged = sweep.outcomes.merge(sweep.runs[["run_id", "point"]], on="run_id")
    points = {(point.policy, point.values["policy.hub.kinds"][0]): point.number for point in sweep.experiment.points}
    for label in ("hope", "trust_in_people"):
        wide = merged[merged.outcome == f"{label}:last"].pivot(index="replication", columns="point", values="value")
        school, mosque = (wide[points["programme", hub]] - wide[points["nothing", hub]] for hub in ("school", "mosque"))
        apart = (school - mosque).to_numpy()
        row = table[table.outcome == f"{label}:last"].iloc[0]
        assert row["first"] == pytest.approx(school.mean(), abs=1e-12)
        assert row["second"] == pytest.approx(mosque.mean(), abs=1e-12)
        assert row.difference == pytest.approx(apart.mean(), abs=1e-12)
        half = stats.t.ppf(0.975, 4) * apart.std(ddof=1) / np.sqrt(5)
        assert (row.low, row.high) == pytest.approx((apart.mean() - half, apart.mean() + half), abs=1e-12)
        assert row.replications == 5
    turned = contrast_of_contrasts(sweep, (arms[2], arms[3]), (arms[0], arms[1]))
    assert turned.difference.to_numpy() == pytest.approx(-table.difference.to_numpy(), abs=1e-15)
    nothing = contrast_of_contrasts(sweep, (arms[0], arms[1]), (arms[0], arms[1]))
    assert not nothing.difference.any()


POLICIES = ("programme", "nothing")
