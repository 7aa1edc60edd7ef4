"""The brief of a small comparison: one page in either language, nothing fetched, nothing unescaped, readable by all."""

import asyncio
import re
import shlex
import shutil
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

from experiments.answers.answer import answer_of
from experiments.answers.certainty import Evidence, Flip
from experiments.answers.groups import map_note
from experiments.brief.brief import brief_html, isolated
from experiments.brief.command import comparison_in
from experiments.brief.fonts import faces_for
from experiments.brief.provenance import of_comparison, of_page
from experiments.cli import main
from experiments.contrasts import compare, load_comparison
from experiments.contrasts.command import write
from experiments.contrasts.given import written_out
from experiments.page.app import Page
from experiments.page.question import key_of, question_of
from experiments.page.stored import ManifestForm, Stored, city_digest
from experiments.words import Effect
from sim.yaml_text import read_yaml
from tests.answers.made_up import comparison, question
from tests.conftest import at_night
from tests.languages import not_persian

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 27)
CHROMIUM = Path("/usr/bin/chromium")
LANGUAGES = ("en", "fa")
HOSTILE = "<script>alert('x')</script> & “more”"
TWO = """\
title: {en: "%s", fa: "سیاست <b>تازه</b>"}
set:
  authority.mode: consultation
"""


class Seen(HTMLParser):
    """What a page refers to, and its tags."""

    def __init__(self, text):
        super().__init__()
        self.addresses, self.tags, self.ids = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "srcset", "data", "action", "poster"):
                self.addresses.append(value)
            if name == "id":
                self.ids.append(value)


@pytest.fixture(scope="module", autouse=True)
def in_the_project():
    patch = pytest.MonkeyPatch()
    patch.chdir(ROOT)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("brief")
    (place / "two.yaml").write_text(TWO % HOSTILE, encoding="utf-8")
    small = {"scale": 0.02, "weeks": 30, "replications": 3, "workers": 1}
    words = ["configs/policies/status_quo.yaml", "as_is", str(place / "two.yaml"), "--quiet", "--no-figure"]
    words += [word for name, value in small.items() for word in (f"--{name}", str(value))]
    assert main(["compare", *words, "--out", str(place / "result")]) == 0
    return place / "result"


@pytest.fixture(scope="module")
def briefs(folder):
    for language in LANGUAGES:
        assert main(["brief", str(folder), "--lang", language]) == 0
    return {language: (folder / f"brief.{language}.html").read_text(encoding="utf-8") for language in LANGUAGES}


@pytest.fixture(scope="module")
def single():
    """The brief of one policy over a year, from a made-up comparison that has everything."""
    titles = {"base": {"en": "Top down", "fa": "از بالا"}, "policy 1": {"en": "Councils", "fa": "شوراها"}}
    name = {"en": "having voted once raises voting later", "fa": "یک بار رأی دادن رأی دادن بعدی را می‌افزاید"}
    known = {"": Evidence(failed=(name,), undecided=(name, name), counted=11, movers={"trust_in_municipality": (9, 7)})}
    answer = answer_of(comparison(7), source="stored", titles=titles, evidence=known)
    provenance = of_page(answer, question(), "rafsanjan", "0123456789ab" * 3, date(2026, 11, 27))
    return {language: brief_html(answer, language, provenance) for language in LANGUAGES}


def text_of(html):
    """The words of a page, with its styles and drawings left out."""
    body = re.sub(r"(?s)<(style|svg|code)\b.*?</\1>", "", html.partition("<body>")[2])
    return " ".join(re.sub(r"<[^>]+>", "", body).split())


# ---------------------------------------------------------------- the file


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_fetched_and_there_is_no_script(briefs, language):
    html = briefs[language]
    seen = Seen(html)
    assert "http" not in html
    assert all(address.startswith("#") for address in seen.addresses)
    assert not {"script", "link", "img", "iframe"} & set(seen.tags)
    assert all(found.startswith("data:") for found in re.findall(r"url\(([^#)][^)]*)\)", html))
    assert len(seen.ids) == len(set(seen.ids))
    assert len(html) < 300_000


def test_titles_are_escaped(briefs):
    assert "&lt;script&gt;alert(" in briefs["en"]
    assert "سیاست &lt;b&gt;تازه&lt;/b&gt;" in briefs["fa"]
    assert "<b>تازه" not in briefs["fa"]


def test_names_of_city_and_files_are_escaped():
    titles = {"base": {"en": "A", "fa": "آ"}, "policy 1": {"en": "B", "fa": "ب"}}
    answer = answer_of(comparison(7), source="live", titles=titles)
    provenance = of_page(answer, question(), "rafsanjan", "0" * 64, date(2026, 11, 27))
    hostile = replace(provenance, city={"en": HOSTILE, "fa": HOSTILE}, command=f"mahalle compare '{HOSTILE}.yaml'")
    for language in LANGUAGES:
        html = brief_html(answer, language, hostile)
        assert "<script" not in html
        assert html.count("&lt;script&gt;") >= 4


def test_only_the_persian_brief_has_letters_of_its_own(briefs):
    assert "@font-face" not in briefs["en"]
    assert briefs["fa"].count("@font-face") == 2
    assert len(faces_for("سلام ۱۲۳")) < 30_000, "other letters stay out"
    assert '<html lang="fa" dir="rtl">' in briefs["fa"]
    assert '<html lang="en" dir="ltr">' in briefs["en"]


def test_what_stands_on_a_page_and_in_which_order(briefs):
    text = text_of(briefs["en"])
    first = briefs["en"].partition("</article>")[0]
    assert re.findall("<h2[^>]*>(.*?)</h2>", first) == [
        "Findings", "Who loses", "Who gains", "What would change the answer", "How sure one may be, and why",
        "So by construction of the model", "Money", "Differences from the baseline over time",
        "What this may be used for", "What it may not be used for", "Where the numbers come from",
    ]  # fmt: skip
    assert 0 < text.find("what changes with") < text.find("Compared after") < text.find("How sure one may be: ")
    assert "23 Sep 2021 to 21 Apr 2022" in text
    assert "3 pairs with the same luck (root seed 0), one place (seed 1), 2 % of the residents" in text
    assert "Claimed" not in text, "nothing is claimed of the first thirty weeks"


def test_persian_has_persian_digits_and_dates(briefs):
    text = text_of(briefs["fa"])
    model = model_in(briefs["fa"])
    plain = text.replace("0.1.0", "").replace(model, "")
    assert not re.findall("[0-9]", plain)
    assert "از ۱ مهر ۱۴۰۰ تا ۱ اردیبهشت ۱۴۰۱" in text
    assert "{" not in text


def model_in(html):
    return re.search(r"<bdi>([0-9a-f]{12})</bdi>", html)[1]


def test_signs_stay_before_numbers():
    assert str(isolated("تفاوت \u200e−۰٫۵ (a<b)")) == "تفاوت <bdi>\u200e−۰٫۵</bdi> (a&lt;b)"
    assert str(isolated("model 7db0637c9be3, 5.0 %")) == "model <bdi>7db0637c9be3</bdi>, <bdi>5.0</bdi> %"


def test_what_changes_the_answer_and_what_does_not_stand_apart():
    """In one list, "changes" and "does not change" would seem to speak of the same outcome."""
    titles = {"base": {"en": "Top down", "fa": "از بالا"}, "policy 1": {"en": "Councils", "fa": "شوراها"}}
    flips = tuple(Flip("service_level", "behaviour.capture.council_leak", 0.1 * n, Effect.FALLS) for n in range(1, 6))
    known = {"": Evidence(counted=11, examined=("behaviour.capture.council_leak",), flips=flips, pairs=5)}
    answer = answer_of(comparison(7), source="stored", titles=titles, evidence=known)
    html = brief_html(answer, "en", of_page(answer, question(), "rafsanjan", "0123456789ab" * 3, date(2026, 11, 27)))
    flips_told, why = html.partition("What would change the answer")[2].split("How sure one may be, and why")
    told = text_of(f"<body>{flips_told}")
    assert told.count("services: falls") == 3
    assert "And 2 more." in told
    assert "Tried with 5 pairs of runs each" in told
    assert "None of the other values" not in told
    assert "None of the other values" in text_of(f"<body>{why.partition('</section>')[0]}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_printed_is_in_the_language_asked_for(folder, tmp_path, capsys, language):
    out = tmp_path / "brief.html"
    assert main(["brief", str(folder), "--lang", language, "--out", str(out)]) == 0
    said = capsys.readouterr().out.replace(str(out), "")
    assert bool(not_persian(said.replace("A4", ""))) == (language == "en")
    assert {"en": "opens in a browser", "fa": "در مرورگر باز می‌شود"}[language] in said


def test_it_is_written_where_one_wishes_and_spoils_no_results(folder, tmp_path):
    out = tmp_path / "new" / "mine.html"
    assert main(["brief", str(folder), "--out", str(out), "--quiet"]) == 0
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert main(["verify", str(folder)]) == 0


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize("name", ["brief.fa.html", *at_night("contrasts.png")])
def test_what_a_reviewer_reads_is_verified(name, folder, tmp_path, capsys):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    assert main(["brief", str(copy), "--lang", "fa", "--quiet"]) == 0
    write(load_comparison(copy), copy)  # the folder of these tests has no figures
    assert main(["verify", str(copy), "--sample", "1"]) == 0
    (copy / name).write_bytes((copy / name).read_bytes() + b" ")
    capsys.readouterr()
    assert main(["verify", str(copy), "--sample", "1"]) == 1
    assert name in capsys.readouterr().err


def refused(capsys, *words):
    assert main(["brief", *map(str, words)]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_a_wrong_folder_is_refused_in_one_line(capsys, folder, tmp_path):
    assert "no such folder" in refused(capsys, tmp_path / "nothing")
    assert "not a folder that a command of mahalle made" in refused(capsys, tmp_path)
    assert main(["run", "configs/cities/rafsanjan.yaml", "--scale", "0.01", "--set", "run.weeks=4", "--quiet",
                 "--out", str(tmp_path / "run")]) == 0  # fmt: skip
    assert "mahalle run, not of mahalle compare" in refused(capsys, tmp_path / "run")
    assert "is a folder; name a file" in refused(capsys, folder, "--out", tmp_path)


def test_a_spoiled_result_is_refused_in_one_line(capsys, folder, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "outcomes.parquet").write_bytes(b"nothing")
    assert "copy" in refused(capsys, copy)


# ---------------------------------------------------------------- the same numbers again


def test_the_command_in_the_brief_makes_the_numbers_again(briefs, folder, monkeypatch):
    command = of_comparison(load_comparison(folder)).command
    shown = re.search(r'(?s)<code dir="ltr">(.*?)</code>', briefs["en"])[1]
    assert re.sub(r"<[^>]+>|\s+", " ", shown).split() == command.split()
    words = shlex.split(command)
    monkeypatch.chdir(folder)
    assert main([*words[1:], "--quiet", "--no-figure", "--workers", "1"]) == 0
    first, again = (load_comparison(place).contrasts for place in (folder, folder / "again"))
    shutil.rmtree(folder / "again")
    columns = ["outcome", "week", "group", "difference", "low", "high"]
    assert first[columns].equals(again[columns])


def test_compare_keeps_quarters_of_the_city_and_titles_in_both_languages(folder):
    found = comparison_in(folder)
    rows = found.contrasts[found.contrasts.group == ""]
    assert sorted(rows.week.unique()) == [13, 26, 30]
    assert sorted(found.contrasts[found.contrasts.group == "sex=man"].week.unique()) == [30]
    assert found.titles["two"] == HOSTILE
    assert found.titles_in("fa")["two"] == "سیاست <b>تازه</b>"
    assert found.titles_in("fa")["as_is"] == "برنامه گزارش‌شده"


def test_what_ranks_is_read_again_where_nothing_stopped_the_runs(tmp_path):
    settings = {"scale": 0.02, "weeks": 4, "replications": 2, "workers": 1, "ranked_by": "hope"}
    compare("configs/policies/status_quo.yaml", ["as_is"], out=tmp_path / "ranked", **settings)
    assert load_comparison(tmp_path / "ranked").ranked_by == "hope"


# ---------------------------------------------------------------- what is stored of the model


def stored(found, **changed):
    base = found.sweep.experiment.base
    keys = {name: key_of(base, timeline) for name, timeline in found.sweep.experiment.policies.items()}
    tried = {f"{keys[found.base]}-{keys['two']}": {"pairs": 5, "tried": ["behaviour.trust.rule"], "flips": []}}
    form = {
        "made": "2026-11-27", "version": "0.1.0", "model": str(found.sweep.runs.model.iloc[0]) + "0" * 52,
        "city": "x", "city_digest": city_digest(base), "scale": 0.02, "pairs": 20, "seed": 0, "cells": [],
        "patterns": [{"en": "a pattern", "fa": "یک الگو", "verdict": "not met"}], "drift": [], "examined": tried,
        "movers": {"trust_in_municipality": (4, 1)},
    }  # fmt: skip
    return Stored(ManifestForm.model_validate(form | changed), None, None)


def test_patterns_that_fail_count_whatever_is_compared(folder):
    found = load_comparison(folder)
    for known in (stored(found), stored(found, model="other"), stored(found, city_digest="other")):
        evidence = known.evidence_of(found)
        if known.manifest.model != "other":
            assert evidence[""].failed == ({"en": "a pattern", "fa": "یک الگو"},)
        titles = {name: {"en": "A", "fa": "آ"} for name in found.titles}
        policies = answer_of(found, source="run", titles=titles, evidence=evidence)["policies"]
        assert {one["certainty"]["level"] for one in policies} <= {"low", "very low"}


def test_what_was_tried_counts_only_for_the_same_model_city_and_policies(folder):
    found = load_comparison(folder)
    same = stored(found).evidence_of(found)
    assert same["two"].examined == ("behaviour.trust.rule",)
    assert same["as_is"].examined is None
    assert same["two"].movers
    for other in (stored(found, model="other"), stored(found, city_digest="other")):
        evidence = other.evidence_of(found)
        assert evidence.get("two", evidence.get("", Evidence())).examined is None
    assert stored(found, model="other").evidence_of(found) == {}  # nothing that is known of another model
    assert not stored(found, city_digest="other").evidence_of(found)[""].movers


def test_the_brief_of_the_page_says_how_its_numbers_are_made_again(single):
    assert "The same numbers again, by this command:" in single["en"]
    command = " ".join(re.sub("<[^>]+>", "", single["en"].partition("<code")[2].partition(">")[2]).split())
    assert command.startswith("mahalle compare status_quo as_is --city rafsanjan --scale ")
    assert "27 Nov 2026" in text_of(single["en"])
    assert "having voted once" in text_of(single["en"])


def test_a_policy_of_the_page_is_named_by_its_levers_or_else_has_to_be_saved():
    levers = {"hub.kinds": ["mosque", "school"], "authority.delegated_share": 0.25, "council.selection": "elected"}
    late = [{"start": 7, "end": None, "set": {"funding.level": 0.5}}]
    asked = {"base": {"set": {}}, "policies": [{"set": levers}, {"set": levers, "later": late}, {"set": {}}]}
    provenance = of_page({"week": 40, "pairs": 4}, question_of(asked, question().city), "town.yaml", "0" * 64, TODAY)
    _, _, *policies = shlex.split(provenance.command.partition(" --city town.yaml")[0])
    base, own, saved, alike = policies
    assert (base, saved, alike) == ("as_is", "policy-2.yaml", "as_is")
    with written_out([own], "rafsanjan") as (file,):
        assert read_yaml(Path(file)).data["set"] == levers
    assert provenance.saved


def test_what_a_policy_changes_stands_under_its_title(briefs, single):
    for found in (briefs["en"], single["en"]):
        assert "Changed: " in text_of(found).partition("Findings")[0]
    assert "تغییرها: " in text_of(single["fa"]).partition("یافته‌ها")[0]


def test_claims_of_the_time_are_marked_as_claims(folder):
    found = load_comparison(folder)
    provenance = replace(of_comparison(found), claims=((20, {"en": "councils: 30", "fa": "شورا: ۳۰"}),))
    titles = {name: {"en": "A", "fa": "آ"} for name in found.titles}
    html = brief_html(answer_of(found, source="run", titles=titles), "en", provenance)
    said = "Claimed about the city, checked by nobody independent, and no result of the model: councils: 30."
    assert said in text_of(html)
    assert of_comparison(found).claims[0][0] == 84


@pytest.mark.parametrize(("language", "said"), [("en", "their names are labels"), ("fa", "نام‌ها تنها برچسب‌اند")])
def test_that_names_are_labels_stands_behind_the_neighbourhoods_named(single, language, said):
    named = {"en": "of 50 neighbourhoods:", "fa": "از ۵۰ محله:"}[language]
    assert 0 < text_of(single[language]).partition(named)[2].index(said) < 600
    own = SimpleNamespace(city=SimpleNamespace(neighbourhoods=SimpleNamespace(data_file="own.csv")))
    assert map_note(own)[language] != map_note(question().city)[language]


def test_before_three_pairs_nobody_is_said_to_gain_or_lose():
    titles = {"base": {"en": "A", "fa": "آ"}, "policy 1": {"en": "B", "fa": "ب"}}
    answer = answer_of(comparison(7, pairs=2), source="live", titles=titles)
    html = brief_html(answer, "en", of_page(answer, question(), "rafsanjan", "0" * 64, date(2026, 11, 27)))
    assert "Too few pairs of runs so far to say anything." in html
    assert "Too few pairs of runs to tell groups apart." in html
    assert "No group is shown" not in html


def test_the_page_answers_with_the_brief_in_the_language_asked_for(monkeypatch):
    titles = {"base": {"en": "A", "fa": "آ"}, "policy 1": {"en": "B", "fa": "ب"}}
    answer = answer_of(comparison(7), source="live", titles=titles)

    async def newest(*_):
        return question(), answer

    monkeypatch.setattr(Page, "_newest", newest)
    page = Page(question().city, {}, None, "0123456789ab" * 3, None, 20)
    for language in LANGUAGES:
        response = asyncio.run(page.brief(SimpleNamespace(query_params={"lang": language})))
        assert response.media_type.startswith("text/html")
        assert f'<html lang="{language}"' in response.body.decode()


def test_several_places_and_a_posterior_are_said(folder):
    found = load_comparison(folder)
    titles = {name: {"en": "A", "fa": "آ"} for name in found.titles}
    provenance = replace(of_comparison(found), places=5, posterior=True)
    html = brief_html(answer_of(found, source="run", titles=titles), "en", provenance)
    assert "5 places" in text_of(html)
    assert "posterior fitted to claimed figures" in text_of(html)


# ---------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def opened(browser, tmp_path):
    """A function that opens a brief without network, and fails if the browser complains."""
    contexts, complaints = [], []

    def open_it(html, width=1440):
        file = tmp_path / "brief.html"
        file.write_text(html, encoding="utf-8")
        context = browser.new_context(offline=True, viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(request.url))
        page.goto(file.as_uri())
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []


def pages_in(pdf):
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_policy_prints_on_exactly_one_page(opened, briefs, single, language):
    assert pages_in(opened(single[language]).pdf(prefer_css_page_size=True)) == 1
    assert pages_in(opened(briefs[language]).pdf(prefer_css_page_size=True)) == 2, "there are two policies"


@pytest.mark.parametrize("language", LANGUAGES)
def test_much_to_say_prints_on_one_page_in_smaller_letters(opened, language):
    name = {"en": "having voted raises voting later", "fa": "رأی دادن در محله بر رأی دادن بعدی می‌افزاید"}
    flip = Flip("trust_in_municipality", "behaviour.trust.service_evidence_per_week", "0.01", Effect.FALLS)
    movers = {"trust_in_municipality": (14, 9)}
    known = {"": Evidence((name,) * 3, (name,) * 2, 11, movers, ("behaviour.trust.rule",) * 14, (flip,) * 7)}
    long = {"en": "Consulted councils, with earlier and widely announced dates, and an audit of all that they spend",
            "fa": "شوراهای مشورتی با وعده‌های زودتر و پرتبلیغ، همراه با حسابرسی همه آنچه هزینه می‌کنند"}  # fmt: skip
    titles = {"base": long, "policy 1": long}
    answer = answer_of(comparison(7), source="live", titles=titles, evidence=known)
    provenance = of_page(answer, question(), "rafsanjan", "0123456789ab" * 3, date(2026, 11, 27))
    html = brief_html(answer, language, provenance)
    assert re.search("page size-[23]", html)
    assert pages_in(opened(html).pdf(prefer_css_page_size=True)) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_serious(opened, single, language):
    from axe_playwright_python.sync_playwright import Axe

    for width in (1440, 390):
        found = Axe().run(opened(single[language], width)).response["violations"]
        serious = [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]
        assert not serious


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_a_phone_nothing_is_wider_than_the_screen(opened, briefs, language):
    page = opened(briefs[language], 390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("getComputedStyle(document.querySelector('p')).direction") == (
        "rtl" if language == "fa" else "ltr"
    )


def test_persian_is_written_in_its_own_letters(opened, single):
    page = opened(single["fa"])
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px Vazirmatn', 'سلام'))")
    assert page.evaluate("[...document.fonts].every((face) => face.status === 'loaded')")
    left, right = page.evaluate(
        """() => {
          const own = [...document.querySelectorAll('td bdi')].find((one) => one.textContent.includes('−'))
          const text = own.firstChild, at = text.data.indexOf('−'), range = document.createRange()
          const left = (from) => {
            range.setStart(text, from)
            range.setEnd(text, from + 1)
            return range.getBoundingClientRect().left
          }
          return [left(at), left(text.data.length - 1)]
        }"""
    )
    assert left < right, "the sign stands at the left of its number"
