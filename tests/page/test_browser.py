"""The page in a real browser: both languages, two widths, levers, links, files, keyboard, and no other network."""

from __future__ import annotations

import base64
import csv
import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from experiments.contrasts.comparison import compare
from experiments.page.app import Page
from experiments.page.policies import presets_in
from experiments.page.pool import Pool
from experiments.provenance import model_digest
from sim.config import load_config, with_policy
from sim.yaml_text import read_yaml
from tests.conftest import at_night
from tests.page.browsing import OVERLAPS, Visitor, browser_of, served
from tests.page.conftest import PAIRS, SMALL

BOTH = pytest.mark.parametrize("language", ["en", "fa"])
SCREENS = pytest.mark.parametrize(
    ("language", "width"), [("en", 1440), ("fa", 390), *at_night(("en", 390), ("fa", 1440))]
)
ONE = pytest.mark.parametrize("language", ["fa", *at_night("en")])


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = browser_of(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address():
    city = load_config("configs/cities/rafsanjan.yaml").with_values(SMALL)
    presets = presets_in(Path("configs/policies").resolve())
    with served(Page(city, presets, None, model_digest(), Pool(1), PAIRS)) as address:
        yield address


@pytest.fixture
def visit(browser, address):
    visitors = []

    def open_at(query="lang=en", width=1440, hash_=""):
        visitor = Visitor(browser, width)
        visitors.append(visitor)
        visitor.tab.goto(f"{address}?{query}{hash_}")
        visitor.wait_for_answer(PAIRS)
        return visitor

    yield open_at
    for visitor in visitors:
        visitor.context.close()


def headline(visitor):
    """The words of the answer: charts are drawn a moment later, and what a screen reader is told comes and goes."""
    without_charts = """(answer) => {
        const copy = answer.cloneNode(true);
        copy.querySelectorAll(".canvas").forEach((chart) => chart.remove());
        return copy.textContent;
    }"""
    return visitor.tab.locator("main .answer").evaluate(without_charts)


def open_all(visitor):
    visitor.tab.evaluate("() => document.querySelectorAll('details').forEach((one) => (one.open = true))")
    visitor.tab.wait_for_timeout(300)


# ---------------------------------------------------------------- what is seen


@SCREENS
def test_nothing_is_cut_off_or_lies_on_something_else(visit, language, width):
    visitor = visit(f"lang={language}", width)
    assert visitor.tab.evaluate(OVERLAPS.read_text(encoding="utf-8")) == []
    open_all(visitor)
    assert visitor.tab.evaluate(OVERLAPS.read_text(encoding="utf-8")) == []
    assert visitor.faults == []


@BOTH
def test_the_buttons_of_the_languages_do_not_touch_the_text_below_them(visit, language):
    tab = visit(f"lang={language}", 390).tab
    buttons, text = (tab.locator(place).bounding_box() for place in (".languages", ".lead"))
    assert text["y"] - (buttons["y"] + buttons["height"]) >= 8


@SCREENS
def test_axe_finds_nothing_serious(visit, language, width):
    visitor = visit(f"lang={language}", width)
    open_all(visitor)
    found = Axe().run(visitor.tab).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


@BOTH
def test_that_names_are_labels_stands_above_the_neighbourhoods_that_are_named(visit, language):
    tab = visit(f"lang={language}").tab
    words = {"en": "names are labels", "fa": "نام‌ها تنها برچسب‌اند"}[language]
    note, map_ = (
        tab.locator(f"[aria-labelledby=map] {place}").bounding_box()
        for place in (f"p:has-text('{words}')", ".with-lists")
    )
    assert note["y"] + note["height"] <= map_["y"]


def test_no_request_leaves_this_machine(visit, address):
    visitor = visit()
    begin = visitor.tab.locator("button", has_text="Begin")
    if begin.count():
        begin.first.click()
        visitor.tab.wait_for_timeout(500)
    assert visitor.addresses
    assert {re.match(r"(\w+://[^/]+/|data:|blob:)", one)[1] for one in visitor.addresses} <= {address, "data:", "blob:"}


def test_persian_is_right_to_left_in_words_digits_dates_and_controls(visit):
    visitor = visit("lang=fa")
    assert visitor.tab.locator("html").get_attribute("dir") == "rtl"
    assert visitor.tab.locator("html").get_attribute("lang") == "fa"
    lines = visitor.tab.locator("main .main").inner_text().splitlines()
    text = "\n".join(line for line in lines if not line.startswith("ادعا:"))  # sources are named as they are
    plain = re.sub(r"[\u2066-\u2069\u200e\u200f]", "", text)
    without_codes = re.sub(r"\(CSV\)|\(SVG\)|CSV|SVG", "", plain)
    assert not re.search(r"[0-9]", without_codes), re.findall(r".{0,20}[0-9].{0,20}", without_codes)[:5]
    assert not re.search(r"[A-Za-z]{3,}", re.sub(r"[\w.]+\.(?:com|ir|org|net)\S*", "", without_codes)), re.findall(
        r".{0,20}[A-Za-z]{3,}.{0,20}", without_codes
    )[:5]
    assert re.search(r"[۰-۹]+ (فروردین|اردیبهشت|خرداد|تیر|مرداد|شهریور|مهر|آبان|آذر|دی|بهمن|اسفند) ۱۴۰[۰-۹]", plain)
    for chart in visitor.tab.locator("figure.chart [role=img] svg").all():
        assert chart.evaluate("(svg) => getComputedStyle(svg.closest('div')).direction") == "ltr"
    left = visitor.tab.locator("aside").bounding_box()["x"]
    right = visitor.tab.locator("main .main").bounding_box()["x"]
    assert left > right  # levers stand at the right side


def test_the_language_switches_at_once(visit):
    visitor = visit()
    visitor.tab.get_by_role("button", name="فارسی").click()
    visitor.wait_for("() => document.documentElement.dir === 'rtl'")
    assert "رفسنجان" in visitor.tab.locator("h1").inner_text()
    visitor.tab.get_by_role("button", name="English").click()
    visitor.wait_for("() => document.documentElement.dir === 'ltr'")
    assert visitor.faults == []


# ---------------------------------------------------------------- what is done


def test_a_lever_moves_and_the_answer_changes(visit):
    visitor = visit()
    drawn = visitor.tab.locator("[aria-labelledby=curves] figure.chart [role=img] svg")
    before = drawn.inner_html()
    share = visitor.tab.locator("input[id='lever-authority.delegated_share']")
    share.focus()
    for _ in range(6):
        visitor.tab.keyboard.press("ArrowRight")
    visitor.wait_for(
        "() => /80/.test(document.querySelector(\"output[for='lever-authority.delegated_share']\").textContent)"
    )
    visitor.wait_for("() => /changed/.test(document.querySelector('main .main').textContent)")
    visitor.wait_for_answer(PAIRS)
    assert drawn.inner_html() != before
    visitor.tab.keyboard.press("Escape")
    visitor.tab.get_by_role("button", name="Undo").click()
    visitor.wait_for(
        "() => /50/.test(document.querySelector(\"output[for='lever-authority.delegated_share']\").textContent)"
    )


def test_a_link_restores_everything_in_a_fresh_browser(visit, browser, address):
    visitor = visit("lang=fa")
    visitor.tab.locator("#preset").select_option("school_hub")
    visitor.tab.locator("#add").select_option("youth_led")
    visitor.tab.locator("#baseline").select_option("full_programme")
    visitor.wait_for_answer(PAIRS)
    link = visitor.tab.url
    wanted = headline(visitor)
    with Visitor(browser) as other:
        other.tab.goto(link)
        other.wait_for_answer(PAIRS)
        assert other.tab.locator("html").get_attribute("dir") == "rtl"
        assert other.tab.locator("#baseline").input_value() == "full_programme"
        assert other.tab.locator("[role=tab]").count() == 2
        assert headline(other) == wanted
        assert other.faults == []


def test_the_way_back_of_the_browser_is_a_step_back(visit):
    visitor = visit()
    preset = visitor.tab.locator("#preset")
    first = preset.input_value()
    preset.select_option("school_hub")
    preset.select_option("elders_only")
    visitor.tab.go_back()
    visitor.wait_for("() => document.querySelector('#preset').value === 'school_hub'")
    visitor.tab.go_back()
    visitor.wait_for(f"() => document.querySelector('#preset').value === '{first}'")
    visitor.tab.go_forward()
    visitor.wait_for("() => document.querySelector('#preset').value === 'school_hub'")
    assert visitor.faults == []


def test_a_link_to_another_city_is_told(visit):
    visitor = visit()
    form, packed = visitor.tab.url.split("#")[1].split(".", 1)
    linked = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    other = base64.urlsafe_b64encode(json.dumps({**linked, "c": "another"}).encode()).decode().rstrip("=")
    visitor = visit("lang=en", 1440, f"#{form}.{other}")
    assert "another city" in visitor.tab.get_by_role("alert").inner_text()


@ONE
def test_what_happens_under_a_policy_is_marked_in_the_curves(visit, language):
    visitor = visit(f"lang={language}")
    visitor.tab.locator("#event").evaluate("(one) => one.closest('details').open = true")
    visitor.tab.locator("#event").select_option(index=1)
    visitor.tab.locator("#event-week").fill("20")
    visitor.tab.locator(".add-event button").click()
    visitor.wait_for_answer(PAIRS)
    letter = {"en": "a", "fa": "الف"}[language]
    listed = visitor.tab.locator("[aria-labelledby=curves] .lettered").inner_text()
    assert re.sub(r"[\u2066-\u2069]", "", listed).startswith(f"{letter}.")
    drawn = visitor.tab.locator("[aria-labelledby=curves] figure.chart svg text").all_text_contents()
    assert letter in [re.sub(r"[\u2066-\u2069\u200e\u200f]", "", text) for text in drawn]


@ONE
def test_a_policy_that_does_what_the_baseline_does_is_told(visit, language):
    visitor = visit(f"lang={language}")
    visitor.tab.locator("#preset").select_option(visitor.tab.locator("#baseline").input_value())
    visitor.wait_for_answer(PAIRS)
    said = {"en": "sets the same as the baseline", "fa": "همان تنظیم‌های مبنا"}[language]
    assert said in visitor.tab.locator("#headline").inner_text()


def test_no_fifth_policy_can_be_added_and_the_page_says_why(visit):
    visitor = visit()
    for name in ("school_hub", "elders_only", "tokenism"):
        visitor.tab.locator("#add").select_option(name)
    assert visitor.tab.locator("#add").count() == 0
    assert "No more than 4 policies" in re.sub(r"[\u2066-\u2069]", "", visitor.tab.locator(".policies").inner_text())


DAMAGED = ["#garbage", "#1.%%%", "#1." + "a" * 5000, "#1.eyJ4IjoxfQ", "#1.W10", "#1.eyJ2IjoxLCJwIjpbXX0"]


@pytest.mark.parametrize("hash_", [DAMAGED[0], DAMAGED[-1], *at_night(*DAMAGED[1:-1])])
def test_a_damaged_link_is_told_and_the_page_starts(visit, hash_):
    visitor = visit("lang=en", 1440, hash_)
    assert "This link" in visitor.tab.get_by_role("alert").filter(has_text="link").inner_text()
    assert visitor.faults == []


def test_a_policy_saved_and_loaded_gives_the_numbers_of_compare(visit, tmp_path):
    visitor = visit()
    visitor.tab.locator("#preset").select_option("budget_cut_week_104")
    visitor.tab.locator("[id='lever-hub.kinds']").evaluate("(one) => one.closest('details').open = true")
    visitor.tab.locator("[id='lever-hub.kinds']").select_option(label="a school")
    visitor.wait_for_answer(PAIRS)
    open_all(visitor)
    with visitor.tab.expect_download() as download:
        visitor.tab.get_by_role("button", name=re.compile("Save", re.I)).filter(
            has_text=re.compile("file|policy", re.I)
        ).first.click()
    file = tmp_path / "policy.yaml"
    download.value.save_as(file)
    again = with_policy(load_config("configs/cities/rafsanjan.yaml"), read_yaml(file))
    assert again.timeline[0].set == {"hub.kinds": ["school"]}
    found = compare(
        "configs/policies/status_quo.yaml", [file], out=tmp_path / "out", replications=PAIRS, scale=SMALL["run.scale"],
        weeks=SMALL["run.weeks"], stop_when_settled=False,
    )  # fmt: skip
    visitor.tab.locator("#preset").select_option("full_programme")
    visitor.tab.locator("input[type=file]").set_input_files(file)
    visitor.wait_for("() => document.querySelector('#preset').value === ''")
    visitor.wait_for_answer(PAIRS)
    with visitor.tab.expect_download() as download:
        visitor.tab.get_by_role("button", name="All numbers").click()
    table = tmp_path / "table.csv"
    download.value.save_as(table)
    lines = list(csv.reader(table.read_text(encoding="utf-8-sig").splitlines()))
    shown = {row[2]: [float(cell) for cell in row[7:10]] for row in lines if row[1] == "city" and row[8]}
    rows = found.contrasts
    rows = rows[(rows.group == "") & (rows.week == SMALL["run.weeks"])].set_index("outcome")
    both = sorted(set(shown) & set(rows.index))
    assert len(both) > 10
    for outcome in both:
        assert shown[outcome] == [float(f"{rows.loc[outcome, name]:.7g}") for name in ("difference", "low", "high")]


def test_everything_works_by_keyboard(visit):
    visitor = visit()
    reached = set()
    for _ in range(90):
        visitor.tab.keyboard.press("Tab")
        name = visitor.tab.evaluate(
            "() => document.activeElement.id || document.activeElement.textContent.slice(0, 30)"
        )
        style = visitor.tab.evaluate(
            "() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle + s.boxShadow }"
        )
        on_page = visitor.tab.evaluate("() => document.activeElement !== document.body")
        assert style != "nonenone" or not on_page, f"{name} does not show that it has the focus"
        reached.add(name)
    assert {"baseline", "preset", "title", "lever-authority.mode", "lever-authority.delegated_share"} <= reached
    visitor.tab.locator("#preset").focus()
    visitor.tab.keyboard.type("The community")
    visitor.tab.keyboard.press("Enter")
    visitor.wait_for("() => document.querySelector('#preset').value === 'community_centre_hub'")


def test_charts_have_a_text_that_a_person_wrote_and_a_table(visit):
    visitor = visit()
    for figure in visitor.tab.locator("figure.chart").all():
        label = figure.locator("[role=img]").get_attribute("aria-label")
        assert len(label) > 30
        assert "This is a chart" not in label  # ECharts' own
        figure.get_by_role("button", name="Show as a table").click()
        assert figure.locator("table").count() == 1


@ONE
def test_the_brief_opens_without_a_fault(visit, language):
    visitor = visit(f"lang={language}")
    name = {"en": "Open the brief", "fa": re.compile("خلاصه سیاستی")}[language]
    with visitor.context.expect_page() as opened:
        visitor.tab.get_by_role("button", name=name).click()
    brief = opened.value
    faults = []
    brief.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    brief.wait_for_load_state()
    brief.evaluate("() => document.fonts.ready")
    assert brief.locator("html").get_attribute("lang") == language
    assert brief.locator("table").count() >= 1
    loaded = "() => [...document.fonts].every((font) => font.status !== 'error')"
    assert brief.evaluate(loaded)
    assert faults == []


def test_titles_are_text_and_nothing_else(visit):
    visitor = visit()
    visitor.tab.locator("#title").fill("<img src=x onerror=alert(1)><b>bold</b>")
    visitor.tab.locator("#title").press("Enter")
    visitor.tab.locator("#title").blur()
    visitor.wait_for("() => /onerror/.test(document.querySelector('main .main').textContent)")
    assert visitor.tab.locator("main img, main b").count() == 0
    assert visitor.faults == []


def test_a_city_is_watched(visit):
    visitor = visit()
    visitor.tab.get_by_role("button", name="Begin").click()
    visitor.tab.get_by_role("button", name=re.compile("13 weeks")).click()
    visitor.wait_for("() => /[Ww]eek 13/.test(document.querySelector('main .main').textContent)")
    assert visitor.faults == []
