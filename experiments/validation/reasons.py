"""Why a pattern is not testable, or not refuted: the reasons that measurements give, in both languages."""

from __future__ import annotations

import re

from experiments.answers.texts import Text
from experiments.languages import written
from experiments.units import in_words

PERSIAN: dict[str, str] = {
    "nothing is reported about (.+) at week ([0-9]+) in this city": "در این شهر درباره «{0}» در هفته {1} گزارشی نیست",
    "nothing is reported about (.+) in this city": "در این شهر درباره «{0}» گزارشی نیست",
    "the run ends before week ([0-9]+)": "اجرا پیش از هفته {0} پایان می‌یابد",
    "there is no council at the end of this run": "در پایان این اجرا شورایی نیست",
    "no project is proposed in this run": "در این اجرا پروژه‌ای پیشنهاد نمی‌شود",
    "ballots are not counted by the greedy rule in this run": "در این اجرا رأی‌ها با قاعده بیشترین رأی شمرده نمی‌شود",
    "nobody volunteers in this run": "در این اجرا کسی داوطلب نمی‌شود",
    "the run is shorter than three years": "اجرا کوتاه‌تر از سه سال است",
    "residents do not vote in this run": "در این اجرا ساکنان رأی نمی‌دهند",
    "ballots of 20 projects and more are needed": "رأی‌گیری‌هایی با ۲۰ پروژه و بیشتر لازم است",
    "ballots are needed, counted by both rules": "رأی‌گیری‌هایی لازم است که با هر دو قاعده شمرده شود",
    "runs with good and with bad news are needed": "اجراهایی با خبرهای خوب و با خبرهای بد لازم است",
    "residents must be followed one by one": "ساکنان باید یک‌به‌یک دنبال شوند",
    "two runs are needed, with and without voice": "دو اجرا لازم است، با شنیده شدن و بدون آن",
    "two runs are needed, with and without a first act": "دو اجرا لازم است، با نخستین مشارکت و بدون آن",
    "three runs are needed: no programme, with teams, without": "سه اجرا لازم است: بدون برنامه، با تیم‌ها، بدون تیم‌ها",
    "two runs are needed, with and without asking some residents": "دو اجرا لازم است، با دعوت برخی ساکنان و بدون آن",
    "two runs are needed, with and without a shock": "دو اجرا لازم است، با تکانه و بدون آن",
    "residents must be asked more than once": "از ساکنان باید بیش از یک بار پرسید",
    "two runs are needed, with and without better services": "دو اجرا لازم است، با خدمات بهتر و بدون آن",
    "two runs are needed, with and without answers": "دو اجرا لازم است، با پاسخ‌ها و بدون آن‌ها",
    "two runs are needed, with and without a first vote": "دو اجرا لازم است، با نخستین رأی و بدون آن",
    "a run without councils is needed": "اجرایی بدون شورا لازم است",
    "nobody is left who never took part": "کسی نمانده است که هرگز مشارکت نکرده باشد",
    "no household has two residents": "هیچ خانواری دو ساکن ندارد",
    "the config has no councils, or no assistance that could be taken away": (
        "پیکربندی شورا ندارد، یا پشتیبانی‌ای ندارد که بتوان برداشت"
    ),
    "nobody speaks at hearings in this city": "در این شهر کسی در نشست‌های عمومی سخن نمی‌گوید",
    "nobody spoke at a council's hearing in the last half-year of this run": (
        "در نیم‌سال آخر این اجرا کسی در نشست شورا سخن نگفت"
    ),
    "no ballot on projects is held in this run": "در این اجرا رأی‌گیری درباره پروژه‌ها برگزار نمی‌شود",
    "nobody turns to the municipality": "کسی به شهرداری مراجعه نمی‌کند",
    "it need only be possible, which one run without it does not refute": (
        "این تنها باید ممکن باشد؛ یک اجرا که آن را ندارد ردش نمی‌کند"
    ),
}
"""Reasons by what they match in English: names of outcomes and numbers stand in brackets there."""


def reason_of(english: str) -> Text:
    """A reason in both languages; in English alone where it has no Persian, as of an extension's own pattern."""
    for pattern, persian in PERSIAN.items():
        if found := re.fullmatch(pattern, english):
            parts = (written(part, "fa") if part.isdigit() else in_words(part, "fa") for part in found.groups())
            return {"en": english, "fa": persian.format(*parts)}
    return {"en": english, "fa": english}
