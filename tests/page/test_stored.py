"""Stored answers: they are of this model, all that the page offers is stored, and a file of them needs no network."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import sync_playwright

from experiments.answers.answer import answer_of
from experiments.cli import main
from experiments.page.cells import cells_of
from experiments.page.levers import content
from experiments.page.meta import meta_of
from experiments.page.policies import presets_in
from experiments.page.question import PAIRS, key_of, policy_of, question_of
from experiments.page.stored import LOST_BITS, ManifestForm, city_digest, drifted, load_stored, shortened
from experiments.provenance import model_digest
from sim.config import load_config
from tests.languages import not_persian
from tests.page.browsing import OVERLAPS, Visitor, browser_of
from tools.answers import claimed_values, drift_values

MOST_BYTES = 3_000_000


@pytest.fixture(scope="module")
def city():
    return load_config("configs/cities/rafsanjan.yaml").with_values({"run.scale": 0.1})


@pytest.fixture(scope="module")
def presets():
    return presets_in(Path("configs/policies").resolve())


@pytest.fixture(scope="module")
def stored():
    return load_stored()


def answer(city, stored, base, policy):
    question = question_of({"base": base, "policies": [policy]}, city)
    found = stored.answers(question)
    if found is None:
        return None
    return answer_of(found, source="stored", titles=question.titles, evidence=stored.evidence(question))


def test_they_are_of_this_model(stored):
    assert stored.manifest.model == model_digest(), "see whether they hold: python -m tools.answers --stamp"


def test_single_runs_have_the_values_that_were_stored(city, presets, stored):
    assert drifted(stored, drift_values(city, cells_of(city, presets))) == []


def test_what_the_model_has_beside_a_claim_holds_for_a_run_made_now(city, stored):
    (claims, again) = (stored.manifest.claimed, claimed_values(city, runs=1))
    assert [(one.outcome, one.week) for one in claims] == [(one.outcome, one.week) for one in city.city.claims]
    for one, now in zip(claims, again, strict=True):
        assert (one.outcome, one.week) == (now.outcome, now.week)
        assert one.lowest <= now.mean <= one.highest
        assert one.lowest <= one.mean <= one.highest


def test_runs_that_all_have_the_same_are_not_told_as_a_range(city, presets, stored):
    claims = meta_of(city, presets, live=True, model="", stored=stored.manifest)["claims"]
    alike = [one.lowest == one.highest for one in stored.manifest.claimed]
    assert any(alike)
    assert [" in each of 20 runs" in one["text"]["en"] for one in claims] == alike
    assert ["در هر ۲۰ اجرا" in one["text"]["fa"] for one in claims] == alike


def test_a_claim_says_what_the_model_has_and_only_of_this_model(city, presets, stored):
    with_it = meta_of(city, presets, live=True, model="", stored=stored.manifest)["claims"]
    without = meta_of(city, presets, live=True, model="", stored=None)["claims"]
    for one, bare in zip(with_it, without, strict=True):
        assert one["text"]["en"].startswith(bare["text"]["en"])
        assert "In the model" in one["text"]["en"]
        assert "در مدل" in one["text"]["fa"]
        assert "In the model" not in bare["text"]["en"]


def test_a_drift_is_named(stored):
    values = {(one["cell"], one["outcome"]): one["value"] for one in stored.manifest.drift}
    first = next(iter(values))
    assert drifted(stored, values) == []
    assert len(drifted(stored, {**values, first: values[first] + 1e-9})) == 1


def test_all_that_the_page_offers_is_stored_beside_each_baseline(city, presets, stored):
    keys = {cell["key"] for cell in stored.manifest.cells}
    assert set(cells_of(city, presets)) <= keys
    pairs = set(zip(stored.table.base, stored.table.policy, strict=True))
    for name in content().baselines:
        base = key_of(city, policy_of(presets[name]["policy"], city).timeline)
        assert {key for first, key in pairs if first == base} == keys - {base}


def test_a_stored_answer_says_what_its_table_says(city, presets, stored):
    base, policy = presets["status_quo"]["policy"], presets["full_programme"]["policy"]
    found = answer(city, stored, base, policy)
    assert found["source"] == "stored"
    assert found["pairs"] == PAIRS == stored.manifest.pairs
    rows = stored.table
    keys = [key_of(city, policy_of(one, city).timeline) for one in (base, policy)]
    rows = rows[(rows.base == keys[0]) & (rows.policy == keys[1]) & (rows.group == "") & (rows.week == city.run.weeks)]
    by_outcome = rows.set_index("outcome")
    for finding in found["policies"][0]["findings"]:
        row = by_outcome.loc[finding["outcome"]]
        assert finding["difference"] == pytest.approx(float(row.difference), rel=1e-6)
        assert finding["high"] - finding["low"] == pytest.approx(2.0 * float(row.half), rel=1e-4)
    assert len(found["policies"][0]["maps"][0]["places"]) == 50


def test_what_is_not_stored_has_no_stored_answer(city, presets, stored):
    policy = {"set": {"authority.delegated_share": 0.51}}
    assert answer(city, stored, presets["status_quo"]["policy"], policy) is None
    assert answer(city, stored, presets["school_hub"]["policy"], {}) is None  # no baseline of the store


def test_another_length_or_place_of_the_city_is_not_answered_by_them(stored, city, presets):
    assert stored.manifest.city_digest == city_digest(city)
    for other in ({"run.weeks": 200}, {"run.place_seed": 2}, {"behaviour.trust.project_weight": 0.1}):
        assert city_digest(city.with_values(other)) != stored.manifest.city_digest


def test_certainty_is_capped_while_a_pattern_fails(city, presets, stored):
    failing = [one for one in stored.manifest.patterns if one.verdict == "not met"]
    assert failing  # else this test has to go, and the cap with it
    found = answer(city, stored, presets["status_quo"]["policy"], presets["full_programme"]["policy"])
    assert found["policies"][0]["certainty"]["level"] in ("low", "very low")


def test_what_was_tried_is_told(city, presets, stored):
    found = answer(city, stored, presets["status_quo"]["policy"], presets["school_hub"]["policy"])
    assert not any("has not been tested" in text["en"] for text in found["policies"][0]["flips"])
    other = answer(city, stored, presets["status_quo"]["policy"], {"set": {"allocation.rule": "by_favour"}})
    assert any("has not been tested" in text["en"] for text in other["policies"][0]["flips"])


def test_numbers_keep_four_figures():
    values = np.random.default_rng(1).normal(size=10_000) * 10.0 ** np.arange(-5, 5).repeat(1_000)
    assert np.abs(shortened(values) / values - 1.0).max() < 2.0 ** (LOST_BITS - 24 + 1)
    assert np.isnan(shortened(np.array([np.nan]))).all()
    assert shortened(np.zeros(3)).tolist() == [0.0, 0.0, 0.0]


def test_a_manifest_of_another_form_is_refused(stored):
    with pytest.raises(ValueError, match="extra"):
        ManifestForm.model_validate({**stored.manifest.model_dump(), "more": 1})


# ---------------------------------------------------------------- one file


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "page.html"
    assert main(["dashboard", "--export", str(path)]) == 0
    return path


def test_the_file_is_small_and_names_no_other_address(file):
    assert file.stat().st_size <= MOST_BYTES
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href)=["']?(?!data:)[\w/.]""", text.partition("<script>")[0])
    found = set(re.findall(r"https?://[\w./-]+", text))
    assert all(re.match(r"http://www\.w3\.org/", one) for one in found), found


def test_the_file_answers_without_network_and_server(file, presets):
    with sync_playwright() as playwright:
        browser = browser_of(playwright)
        for language in ("en", "fa"):
            with Visitor(browser, offline=True) as visitor:
                visitor.tab.goto(f"{file.as_uri()}?lang={language}")
                visitor.wait_for_answer(PAIRS)
                before = visitor.tab.locator("main .main").inner_text()
                visitor.tab.locator("#preset").select_option("school_hub")
                visitor.wait_for("() => location.hash.length > 10")
                title = presets["school_hub"]["title"][language]
                visitor.tab.wait_for_function(
                    "(title) => document.querySelector('.state strong') && document.body.innerText.includes(title)",
                    arg=title,
                )
                visitor.wait_for_answer(PAIRS)
                assert visitor.tab.locator("main .main").inner_text() != before
                assert visitor.tab.evaluate(OVERLAPS.read_text(encoding="utf-8")) == []
                assert title in visitor.tab.locator("main .main").inner_text()
                link = visitor.tab.url
                assert visitor.faults == []
            with Visitor(browser, offline=True) as other:
                other.tab.goto(link)
                other.wait_for_answer(PAIRS)
                assert other.tab.locator("#preset").input_value() == "school_hub"
        browser.close()


@pytest.mark.parametrize("language", ["en", "fa"])
def test_what_an_export_prints_is_in_the_language_asked_for(tmp_path, capsys, monkeypatch, language):
    monkeypatch.setattr("experiments.page.command.exported", lambda *_: "a page")
    path = tmp_path / "page.html"
    assert main(["dashboard", "--export", str(path), "--lang", language]) == 0
    printed = capsys.readouterr()
    for said in (printed.out.replace(str(path), ""), printed.err):
        assert said.strip()
        assert bool(not_persian(said)) == (language == "en"), said


def test_a_city_without_stored_answers_has_no_file(tmp_path, capsys):
    assert main(["dashboard", "--city", "lakeside", "--export", str(tmp_path / "x.html")]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1
    assert "no answers are stored for this city" in said[0]
