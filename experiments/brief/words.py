"""Sentences of the brief itself, in English and Persian; those of the answer come from `experiments.answers`."""

from __future__ import annotations

from experiments.answers.texts import Text, said

_WORDS: dict[str, tuple[str, str]] = {
    "brief": ("Policy brief", "خلاصه سیاستی"),
    "page": ("{city}: policy brief", "{city}: خلاصه سیاستی"),
    "question": (
        "In {city}: what changes with “{policy}” instead of “{base}”?",
        "{city}: اگر «{policy}» جای «{base}» را بگیرد، چه چیزی تغییر می‌کند؟",
    ),
    "horizon": (
        "Compared after {weeks} weeks in a model of the city: {start} to {end}.",
        "مقایسه پس از {weeks} هفته در مدلی از شهر: از {start} تا {end}.",
    ),
    "findings": ("Findings", "یافته‌ها"),
    "outcome": ("Outcome", "پیامد"),
    "baseline": ("Baseline", "مبنا"),
    "policy": ("With the policy", "با این سیاست"),
    "difference": ("Difference ({level} interval)", "تفاوت (بازه اطمینان {level})"),
    "effect": ("Effect in the model", "اثر در مدل"),
    "certainty": ("Certainty", "میزان اطمینان"),
    "better": ("(better)", "(بهتر)"),
    "worse": ("(worse)", "(بدتر)"),
    "rounded": (
        "Columns and differences are each rounded on their own, so that a difference may be off by one in the last "
        "place.",
        "ستون‌ها و تفاوت‌ها هر یک جداگانه گرد شده‌اند؛ پس شاید تفاوت در رقم آخر یک واحد با تفاضل ستون‌ها فرق داشته باشد.",
    ),
    "how_sure": ("How sure one may be: {level}", "میزان اطمینان: {level}"),
    "losers": ("Who loses", "چه کسانی زیان می‌بینند"),
    "gainers": ("Who gains", "چه کسانی سود می‌برند"),
    "no_gainers": (
        "No group is shown to gain by as much as matters.",
        "دیده نشد که گروهی به اندازه‌ای که مهم باشد سود ببرد.",
    ),
    "no_groups": ("Groups were not compared.", "گروه‌ها مقایسه نشده‌اند."),
    "flips": ("What would change the answer", "چه چیزی پاسخ را تغییر می‌دهد"),
    "reasons": ("How sure one may be, and why", "میزان اطمینان و دلیل آن"),
    "construction": ("So by construction of the model", "آنچه از ساختار مدل برمی‌آید"),
    "money": ("Money", "هزینه"),
    "no_money": ("Money was not compared.", "هزینه‌ها مقایسه نشده است."),
    "curves": ("Differences from the baseline over time", "تفاوت با مبنا در طول زمان"),
    "key": (
        "Line: mean difference; blue band: {level} interval; grey band: less than the least difference that matters "
        "at the end. Horizontal axis: {unit} since the start.",
        "خط: میانگین تفاوت؛ نوار آبی: بازه اطمینان {level}؛ نوار خاکستری: کوچک‌تر از کمترین تفاوت مهم در پایان. محور "
        "افقی: {unit} از آغاز.",
    ),
    "years": ("years", "سال"),
    "weeks": ("weeks", "هفته"),
    "use": ("What this may be used for", "کاربرد این خلاصه"),
    "no_use": ("What it may not be used for", "آنچه این خلاصه برای آن نیست"),
    "claims": (
        "Claimed about the city, checked by nobody independent, and no result of the model: {claims}.",
        "ادعاشده درباره شهر؛ نهادی مستقل آن را راستی‌آزمایی نکرده و نتیجه مدل هم نیست: {claims}.",
    ),
    "provenance": ("Where the numbers come from", "منبع ارقام"),
    "runs": (
        "Runs: {pairs} pairs with the same luck (root seed {seed}), {places} (seed {place_seed}), {scale} % of the "
        "residents simulated, finished on {made}.",
        "اجراها: {pairs} جفت با تصادف یکسان (بذر تصادفی {seed})، {places} (بذر مکان {place_seed})، شبیه‌سازی "
        "{scale}٪ از ساکنان، پایان‌یافته در {made}.",
    ),
    "one_place": ("one place", "یک مکان"),
    "places": ("{number} places", "{number} مکان"),
    "model": ("Mahalle {version}, model {models}.", "نرم‌افزار Mahalle، نسخه {version}، مدل با شناسه {models}."),
    "posterior": (
        "Behaviour is drawn from a posterior fitted to claimed figures.",
        "رفتار از توزیع پسینی گرفته شده که بر ارقام ادعاشده برازش شده است.",
    ),
    "again": (
        "The same numbers again, by this command in the folder of the runs:",
        "تولید دوباره همین ارقام با این دستور در پوشه اجراها:",
    ),
    "again_page": (
        "The same numbers again, by this command:",
        "تولید دوباره همین ارقام با این دستور:",
    ),
    "again_saved": (
        "The same numbers again, by this command with the policies saved from the page under these names:",
        "تولید دوباره همین ارقام با این دستور، پس از ذخیره کردن سیاست‌ها از صفحه با همین نام‌ها:",
    ),
}

USES: tuple[tuple[str, str], ...] = (
    (
        "To see who may lose and who may gain before a decision, and to ask them.",
        "برای دیدن اینکه پیش از تصمیم چه کسانی شاید زیان ببینند و چه کسانی سود، و برای پرسیدن از خود آنان.",
    ),
    (
        "To decide what to try first on a small scale, and what to measure there.",
        "برای انتخاب آنچه نخست در مقیاس کوچک آزموده و سنجیده شود.",
    ),
    (
        "To compare policies with each other under the same stated assumptions.",
        "برای مقایسه سیاست‌ها با یکدیگر با فرض‌های یکسان و اعلام‌شده.",
    ),
)

NO_USES: tuple[tuple[str, str], ...] = (
    (
        "Not as a forecast: no number here is a measurement of {city}, and most rules of behaviour are assumptions.",
        "پیش‌بینی نیست: هیچ رقمی در اینجا اندازه‌گیری {city} نیست و بیشتر قاعده‌های رفتار فرض است.",
    ),
    (
        "Not to set an amount, a target or a deadline: other assumptions give other sizes.",
        "مبنای تعیین مبلغ، هدف یا مهلت نیست: با فرض‌های دیگر، اندازه‌ها نیز دیگر می‌شود.",
    ),
    (
        "Not to judge persons, councils or neighbourhoods, and not as proof that a real programme worked or failed.",
        "مبنای داوری درباره افراد، شوراها یا محله‌ها نیست و ثابت نمی‌کند که برنامه‌ای واقعی موفق یا ناموفق بوده است.",
    ),
)


def word(key: str, **values: Text | str) -> Text:
    """A sentence of the brief in both languages, with values in its places."""
    return said(_WORDS[key], **values)
