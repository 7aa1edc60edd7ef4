"""Boxes: a known one is found, none is found where there is none, and the words say what the numbers say."""

from __future__ import annotations

import json
import re
import sys
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from experiments.cli import main
from experiments.discovery import Box, Discovery, cases, discover, in_words
from experiments.discovery.boxes import Limit
from experiments.discovery.command import name_of
from sim.errors import ConfigError
from sim.outcome import CITY
from tests.sensitivity.conftest import KEYS, ROOT

pytestmark = pytest.mark.usefixtures("workbench")

LHS = "{kind: latin_hypercube, samples: 120, seed: 6}"


def sample(points: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.random((points, 4)), columns=["a", "b", "c", "d"])
    return frame.assign(rule=rng.choice(["one", "two", "three"], points))


# ---------------------------------------------------------------- boxes


def test_a_known_box_is_found_and_nothing_else():
    x = sample(400)
    found = discover(x, ((x["a"] < 0.4) & (x["b"] > 0.5)).to_numpy())
    (box,) = found.boxes
    assert set(box.limits) == {"a", "b"}
    assert box.limits["a"].low is None
    assert box.limits["a"].high == pytest.approx(0.4, abs=0.05)
    assert box.limits["b"].high is None
    assert box.limits["b"].low == pytest.approx(0.5, abs=0.05)
    assert box.coverage > 0.85
    assert box.density > 0.9
    assert box.checked_density > 0.8
    assert max(limit.quasi_p for limit in box.limits.values()) < 0.001
    inside = (x["a"] <= box.limits["a"].high) & (x["b"] >= box.limits["b"].low)
    assert box.points == inside.sum()


def test_a_known_box_among_names_is_found():
    x = sample(300)
    found = discover(x, ((x["a"] > 0.5) & (x["rule"] == "two")).to_numpy())
    limits = found.boxes[0].limits
    assert limits["rule"].among == ("two",)
    assert limits["a"].low == pytest.approx(0.5, abs=0.06)


def test_a_box_less_dense_than_all_points_together_is_none():
    """Beside one in which all points fail, a quarter is more than nothing, but less than usual."""
    x = sample(1200)
    rare = ((x["b"] > 0.5) & (np.random.default_rng(4).random(1200) < 0.25)).to_numpy()
    found = discover(x, (x["a"] < 0.5).to_numpy() | rare)
    (box,) = found.boxes
    assert set(box.limits) == {"a"}
    (alone,) = discover(x[x["a"] >= 0.5].reset_index(drop=True), rare[x["a"] >= 0.5]).boxes
    assert set(alone.limits) == {"b"}  # by itself it would be one


def test_two_boxes_are_told_apart():
    x = sample(500)
    fails = ((x["a"] < 0.25) | (x["b"] > 0.8)).to_numpy()
    found = discover(x, fails)
    assert len(found.boxes) == 2
    assert {key for box in found.boxes for key in box.limits} == {"a", "b"}
    first, second = in_words(found)
    assert (first[:5], second[:26]) == ("Fails", "Outside the above: Fails w")  # its figures are of what is left
    assert in_words(found, "fa")[1].startswith("بیرون از ناحیه‌های بالا: آنجا")
    assert sum(box.coverage for box in found.boxes) > 0.85


@pytest.mark.parametrize("seed", range(3))
def test_a_box_in_which_failing_is_only_likelier_is_found_among_many_assumptions(seed):
    rng = np.random.default_rng(seed)
    x = pd.DataFrame(rng.random((300, 30))).add_prefix("x")
    inside = ((x["x0"] < 0.4) & (x["x1"] > 0.5)).to_numpy()
    found = discover(x, rng.random(300) < np.where(inside, 0.9, 0.3))
    assert set(found.boxes[0].limits) & {"x0", "x1"}
    assert set(found.boxes[0].limits) <= {"x0", "x1"}


def test_pure_luck_gives_no_box_although_prim_finds_some():
    """Quasi-p-values do not know that forty assumptions were tried; the points left aside do."""
    x = pd.DataFrame(np.random.default_rng(1).random((240, 40))).add_prefix("x")
    reasons = []
    for seed in range(3):
        found = discover(x, np.random.default_rng(seed + 10).random(240) < 0.3)
        assert found.boxes == ()
        reasons.append(found.why)
        assert in_words(found)[0].startswith("Nothing was found")
        assert in_words(found, "fa")[0].startswith("چیزی یافت نشد")
    assert "not confirmed" in reasons


@pytest.mark.parametrize(
    ("points", "fail", "why"), [(40, 0, "none fails"), (40, 40, "all fail"), (20, 5, "too few points")]
)
def test_where_there_is_nothing_to_find_it_says_why(points, fail, why):
    found = discover(sample(points), np.arange(points) < fail)
    assert (found.boxes, found.why) == ((), why)
    assert len(in_words(found)) == len(in_words(found, "fa")) == 1


# ---------------------------------------------------------------- words


def one_box(density: float = 0.8) -> Discovery:
    limits = {
        "policy.funding.payment_reliability": Limit(high=0.6, quasi_p=0.001),
        "city.hubs.mosque.inclusiveness": Limit(low=0.1, high=0.3, quasi_p=0.01),
        "behaviour.delivery.base_duration_weeks": Limit(low=40.0, quasi_p=0.02),
        "behaviour.participation.rule": Limit(among=("logit", "threshold"), quasi_p=0.03),
    }
    return Discovery((Box(limits, 50, 40, 0.7, density, 20, 0.75, 0.001),), 200, 57)


def test_a_box_reads_as_a_sentence_in_english():
    (text,) = in_words(one_box())
    assert text.startswith(
        "Fails where payments made on time is at most 0.6 and how far facilitators of the mosque reach beyond their "
        "circle is between 0.1 and 0.3 and the base duration of a work is at least 40 weeks and the rule of taking "
        "part is “logit” or “threshold”. Of the 50 points in it 80 % fail (density); these are 70 % of all "
        "failures (coverage). Of 20 held-out"
    )
    assert in_words(one_box(0.5))[0].startswith("Fails more often where")


def test_a_box_reads_as_a_sentence_in_persian():
    (text,) = in_words(one_box(), "fa")
    assert text.startswith("آنجا ناکام می‌ماند که پرداخت‌های به‌موقع حداکثر ۰٫۶ باشد و ")
    assert "شمول تسهیلگران مسجد میان ۰٫۱ و ۰٫۳ باشد" in text
    assert "مدت پایه هر پروژه دست‌کم ۴۰ هفته باشد" in text
    assert "از ۵۰ نقطه درون آن ۸۰٪ ناکام است" in text
    assert not any(letter in "0123456789" for letter in text)


# ---------------------------------------------------------------- from a sweep


def harm(share: np.ndarray, policy: str, replication: int) -> float:
    """The programme lowers the outcome where the first assumption is low and the second high; luck is shared."""
    return (0.5 if policy == "a" else 0.6 - (0.3 if share[0] < 0.4 and share[1] > 0.5 else 0.0)) + 10.0 * replication


def test_where_a_policy_is_worse_than_its_base_is_found_through_the_store(swept, capsys):
    sweep = swept(harm, LHS, replications=2, more="policies: {a: [], b: []}")
    judged = cases(sweep, "hope", base="a")
    assert judged.sentence == "hope:last of b less that of a is below 0"
    share = sweep.experiment.design.sample
    assert (judged.fails == ((share[:, 0] < 0.4) & (share[:, 1] > 0.5))).all()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        warnings.simplefilter("always", ImportWarning)
        assert main(["discover", str(sweep.folder), "--outcome", "hope:last", "--base", "a"]) == 0
    assert [str(warning.message) for warning in caught if warning.category is not ResourceWarning] == []
    said = capsys.readouterr()
    assert said.err == ""
    assert "Fails where" in said.out
    assert "initial trust in the municipality is at most 0.4" in said.out  # 0.05 + 0.4 · 0.9 = 0.41
    name = "boxes-hope-last-of-b-less-that-of-a-is-below-0"
    table = pd.read_parquet(sweep.folder / f"{name}.parquet")
    assert set(table["key"]) == set(KEYS[:2])
    note = json.loads((sweep.folder / f"{name}.json").read_text(encoding="utf-8"))
    assert note["words"]["fa"][0].startswith("آنجا")
    for words in (["--base", "a", "--fails-below", "-0.1"], ["--base", "a", "--confidence", "0.5"]):  # other questions
        assert main(["discover", str(sweep.folder), "--outcome", "hope:last", "--quiet", *words]) == 0
    names = {path.stem.removeprefix(name) for path in sweep.folder.glob("boxes*.json")}
    assert names == {"", "-confidence-0.5", "boxes-hope-last-of-b-less-that-of-a-is-below--0.1"}


def test_names_of_files_are_short_enough_and_still_tell_questions_apart(swept):
    sweep = swept(harm, LHS, more=f"policies: {{a: [], {'b' * 300}: []}}")
    names = {name_of(cases(sweep, "hope", base="a", below=below), 0.95) for below in (0.0, 0.1)}
    assert len(names) == 2
    assert max(map(len, names)) <= 150


def test_in_persian_all_of_it_is_persian(swept, capsys):
    """But keys and the folder, which are names, and names of policies where two have one title."""
    sweep = swept(harm, LHS, more="policies: {a: [], b: []}")
    assert main(["discover", str(sweep.folder), "--outcome", "hope", "--base", "a", "--lang", "fa"]) == 0
    said = capsys.readouterr().out
    one, other = (f"«برنامه گزارش‌شده ({name})»" for name in "ba")
    begins = f"نقطه‌ای ناکام است که امید در {one} منهای همان در {other} کمتر از ۰ باشد، تنها بر پایه میانگین.\n"
    assert said.startswith(begins)
    assert "از ۱۲۰ نقطه " in said
    assert "نوفه به حساب نیامده است (تنها یک تکرار)" in said
    assert not re.search("point|fail|median|Luck|Files", said.replace(str(sweep.folder), ""))


def test_a_single_point_is_no_points():
    one = Discovery((), 40, 1, "no box", 1)
    assert in_words(one) == [
        "Nothing was found: 1 of 40 points fails, and no box stands out. "
        "For 1 point the noise is too large to say whether it fails."
    ]


def test_one_point_that_fails_is_told_in_the_singular(swept, capsys):
    lowest = {}

    def one(share: np.ndarray, *_: object) -> float:
        return 0.0 if lowest.setdefault("first", tuple(share)) == tuple(share) else 1.0

    sweep = swept(one, LHS)
    assert main(["discover", str(sweep.folder), "--outcome", "hope", "--fails-below", "0.5"]) == 0
    assert "1 of 120 points fails, 119 do not, 0 are inconclusive." in capsys.readouterr().out


def test_assumptions_that_some_points_lack_are_left_out_and_told(swept):
    points = ", ".join(f"{{{KEYS[0]}: {0.1 + 0.01 * n}{f', {KEYS[1]}: 0.0{n}' if n else ''}}}" for n in range(5))
    sweep = swept(lambda share, *_: float(share[0]), f"{{kind: list, points: [{points}]}}", without=True)
    judged = cases(sweep, "hope", below=0.5)
    assert list(judged.assumptions) == [KEYS[0]]
    assert f"left out, because some points have no value: {KEYS[1]}" in judged.notes
    assert len(judged.notes_fa) == len(judged.notes)


def test_trust_in_the_council_without_councils_is_said_to_mean_nothing(swept, monkeypatch, tmp_path):
    soon = tmp_path / "soon.yaml"  # in the few weeks of these runs
    soon.write_text("set: {rollout.milestones: [{week: 1, share: 1.0}]}", encoding="utf-8")
    sweep = swept(harm, LHS, more=f"policies: {{a: {ROOT}/configs/policies/status_quo.yaml, b: {soon}}}")
    assert not any("means nothing" in note for note in cases(sweep, "hope", base="a").notes)
    monkeypatch.setitem(CITY.outcomes, "hope", replace(CITY.outcomes["hope"], needs_councils=True))
    assert "under a there is no council to trust" in cases(sweep, "hope", base="a").notes[0]
    assert not any("means nothing" in note for note in cases(sweep, "hope", base="b").notes)


def test_the_base_itself_is_no_policy_to_judge(swept, capsys):
    sweep = swept(harm, LHS, more="policies: {a: [], b: []}")
    words = ["discover", str(sweep.folder), "--outcome", "hope", "--base", "a"]
    assert main([*words, "--policy", "a"]) == 2
    assert capsys.readouterr().err == "--policy: a is the base itself; allowed here: b\n"
    alone = swept(harm, LHS, more="policies: {a: []}", name="alone")
    assert main(["discover", str(alone.folder), *words[2:]]) == 2
    assert "--base: a is the sweep's only policy" in capsys.readouterr().err


def at_the_threshold(share: np.ndarray, policy: str, replication: int) -> float:
    """Clear harm where the first assumption is low; elsewhere no effect, but luck of a pair's own."""
    if policy == "a":
        return 0.5
    seed = [int(1e6 * value) for value in share]
    by_luck = float(np.random.default_rng([*seed, replication]).normal(0.0, 0.05))
    return 0.5 + by_luck - (0.5 if share[0] < 0.3 else 0.0)


def test_what_luck_explains_counts_as_no_failure(swept):
    """By the mean alone, half of the points without any effect would fail."""
    sweep = swept(at_the_threshold, "{kind: latin_hypercube, samples: 400, seed: 6}", replications=5,
                  more="policies: {a: [], b: []}")  # fmt: skip
    harmed = sweep.experiment.design.sample[:, 0] < 0.3
    by_mean = cases(sweep, "hope", base="a", confidence=0.5)
    assert by_mean.fails[~harmed].mean() == pytest.approx(0.5, abs=0.1)
    assert not by_mean.unclear.any()
    judged = cases(sweep, "hope", base="a")
    assert judged.fails[harmed].all()
    assert judged.fails[~harmed].mean() == pytest.approx(0.05, abs=0.03)  # one-sided, 95 %
    assert judged.unclear[~harmed].mean() == pytest.approx(0.9, abs=0.05)
    assert not (judged.fails & judged.unclear).any()
    assert (judged.by_luck, by_mean.by_luck) == (pytest.approx(0.05), 0.0)
    assert cases(sweep, "hope", base="a", confidence=0.999).fails[~harmed].mean() < 0.01


def test_the_margin_is_students_bound_of_each_point(swept):
    values = {0: (0.40, 0.44, 0.42), 1: (0.40, 0.44, 0.50), 2: (0.5, 0.5, 0.5), 3: (0.55, 0.56, 0.54)}

    def listed(share: np.ndarray, _: str, replication: int) -> float:
        return values[round(3 * share[0])][replication]

    points = ", ".join(f"{{{KEYS[0]}: {0.05 + 0.3 * place}}}" for place in range(4))
    sweep = swept(listed, f"{{kind: list, points: [{points}]}}", replications=3, without=True)
    judged = cases(sweep, "hope", below=0.5)
    margins = [2.919986 * np.std(of, ddof=1) / np.sqrt(3.0) for of in values.values()]  # t of 0.95 at 2 degrees
    assert judged.fails.tolist() == [mean < 0.5 - m for mean, m in zip(judged.values, margins, strict=True)]
    assert judged.fails.tolist() == [True, False, False, False]
    assert judged.unclear.tolist() == [False, True, False, False]  # the third is at the threshold: it does not fail
    above = cases(sweep, "hope", above=0.5)
    assert above.fails.tolist() == [False, False, False, True]
    assert above.unclear.tolist() == [False, True, False, False]


def test_a_region_where_all_is_luck_is_not_taken_for_a_failing_one():
    """Without an effect where a is high, and clearly none of harm elsewhere: by the mean alone half of it fails."""
    x = sample(2000)
    lucky, draw = (x["a"] > 0.5).to_numpy(), np.random.default_rng(3).random(2000)
    by_mean = discover(x, lucky & (draw < 0.5))
    assert by_mean.boxes[0].limits["a"].low == pytest.approx(0.5, abs=0.05)
    clearly, unclear = lucky & (draw < 0.05), lucky & (draw >= 0.05) & (draw < 0.95)
    naive = discover(x, clearly, unclear=unclear)
    assert naive.boxes[0].limits["a"].low == pytest.approx(0.5, abs=0.05)  # a twentieth fails there, nothing elsewhere
    found = discover(x, clearly, unclear=unclear, by_luck=0.05)
    assert (found.boxes, found.why) == ((), "not confirmed")
    assert found.unclear == unclear.sum()


def test_a_failing_region_beside_one_of_luck_is_found():
    x = sample(600)
    lucky, draw = (x["a"] > 0.5).to_numpy(), np.random.default_rng(3).random(600)
    harmed = (x["a"] < 0.2).to_numpy()
    unclear = lucky & (draw >= 0.05) & (draw < 0.95)
    (box,) = discover(x, harmed | (lucky & (draw < 0.05)), unclear=unclear, by_luck=0.05).boxes
    assert box.limits["a"].high == pytest.approx(0.2, abs=0.03)
    assert box.unclear == 0


def test_unclear_points_are_counted_in_the_box_and_in_words():
    x = sample(400)
    inside, few = (x["a"] < 0.4).to_numpy(), np.random.default_rng(3).random(400) < 0.2
    found = discover(x, inside & ~few, unclear=few)
    (box,) = found.boxes
    assert box.unclear == (few & (x["a"] <= box.limits["a"].high)).sum()
    assert f"For {box.unclear} points the noise is too large to say whether they fail." in in_words(found)[0]
    assert "جای داوری" in in_words(found, "fa")[0]
    nothing = discover(x, np.zeros(400, dtype=bool), unclear=few)
    assert in_words(nothing)[0].endswith(f"For {few.sum()} points the noise is too large to say whether they fail.")


def test_the_command_says_what_is_unclear_and_when_luck_is_not_allowed_for(swept, capsys):
    more = "policies: {a: [], b: []}"
    sweep = swept(at_the_threshold, LHS, replications=3, more=more)
    assert main(["discover", str(sweep.folder), "--outcome", "hope", "--base", "a"]) == 0
    judged = cases(sweep, "hope", base="a")
    fails, unclear = int(judged.fails.sum()), int(judged.unclear.sum())
    said = capsys.readouterr().out
    assert "less that of a is below 0, by a one-sided confidence bound of 95%" in said
    assert re.search(r"Its median is -?0\.0\d+ over all points, and -0\.\d+ over those that fail\.", said)
    assert f"{fails} of 120 points fail, {120 - fails - unclear} do not, {unclear} are inconclusive." in said
    assert "Noise is not accounted for" not in said
    (file,) = sweep.folder.glob("boxes-*.json")
    note = json.loads(file.read_text(encoding="utf-8"))
    assert (note["unclear"], note["confidence"]) == (unclear, 0.95)
    assert main(["discover", str(sweep.folder), "--outcome", "hope", "--base", "a", "--confidence", "0.3"]) == 2
    assert "--confidence" in capsys.readouterr().err
    once = swept(at_the_threshold, LHS, more=more, name="once")
    assert main(["discover", str(once.folder), "--outcome", "hope", "--base", "a"]) == 0
    said = capsys.readouterr().out
    assert "Noise is not accounted for (one replication)" in said
    assert "less that of a is below 0, by the mean alone" in said


def test_points_without_a_value_are_left_out_and_told(swept):
    def sometimes(share: np.ndarray, _: str, replication: int) -> float:
        if share[2] < 0.1 or (replication == 1 and share[2] < 0.2):
            raise FloatingPointError("on purpose")
        return float(share[0])

    judged = cases(swept(sometimes, "{kind: latin_hypercube, samples: 40}", replications=2), "hope:last", below=0.5)
    assert len(judged.fails) == 36
    assert judged.notes[0].startswith("4 of 40 points have no value")
    assert judged.notes[1].startswith("4 points are judged by fewer")
    assert judged.fails.sum() + judged.unclear.sum() == pytest.approx(18, abs=4)
    assert judged.unclear.sum() == 4  # one value is left of two, which says nothing of luck


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--outcome", "hope"], "give one of --fails-below and --fails-above"),
        (["--outcome", "hop", "--fails-below", "1"], 'did you mean "hope:last"|the sweep has hope:last'),
        (["--outcome", "hope", "--fails-below", "1", "--policy", "bse"], 'did you mean "base"|allowed here: base'),
        (["--outcome", "hope", "--base", "status_quo"], "allowed here: base"),
    ],
)
def test_wrong_requests_are_one_line(swept, capsys, words, said):
    sweep = swept(lambda share, *_: float(share[0]), "{kind: latin_hypercube, samples: 4}")
    assert main(["discover", str(sweep.folder), *words]) == 2
    err = capsys.readouterr().err
    assert re.search(said, err)
    assert err.count("\n") == 1


def test_without_the_workbench_one_line_says_what_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("ema_workbench")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ema_workbench", None)
    x = sample(60)
    with pytest.raises(ConfigError, match=r"pip install 'mahalle\[discover\]'"):
        discover(x, (x["a"] < 0.5).to_numpy())
