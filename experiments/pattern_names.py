"""Patterns and their parts in Persian; the English stands where they are declared (`experiments.patterns`)."""

from __future__ import annotations

from experiments.languages import written
from experiments.patterns import Accept
from sim.outcome import Language

PERSIAN: dict[int, str] = {
    1: "اعضای شوراها و شهرداران محله، سهم از ساکنان",
    2: "گسترش برنامه، نخست محله‌های کم‌برخوردار",
    3: "پروژه‌های عمرانی و برنامه‌های محله تا هفته ۲۱۵",
    4: "نرخ رأی‌دهی آنجا که ساکنان رأی می‌دهند",
    5: "نابرابری مشارکت در یک سال",
    6: "زنان در میان رأی‌دهندگان، و در میان نامزدها بدون سهمیه",
    7: "نرخ رأی‌دهی ۱۸ تا ۲۵ساله‌ها نسبت به همه",
    8: "نابرابری رأی‌ها میان پروژه‌ها در رأی‌گیری‌های بزرگ",
    9: "سهم پروژه‌های پیشنهادی که بودجه می‌گیرند",
    10: "رأی‌دهندگان بدون پروژه برنده در قاعده بیشترین رأی",
    11: "سهم‌های برابر به جای بیشترین رأی: برندگان بیشتر، برابری بیشتر",
    12: "کاهش اعتماد تندتر از افزایش آن است",
    13: "اعتماد افراد دو سر طیف کمتر تغییر می‌کند",
    14: "کسانی که در آغاز می‌گویند بیشتر مردم قابل اعتمادند",
    15: "شنیده شدن رضایت را افزایش می‌دهد و پروژه‌ها چندان تغییر نمی‌کند",
    16: "مشارکت، مشارکت بعدی را افزایش می‌دهد",
    17: "کناره‌گیری داوطلبان در یک سال",
    18: "اثرها سال به سال افزایش می‌یابد و بدون پشتیبانی از میان می‌رود",
    19: "سرایت اندک است: انتقال درون خانوار",
    20: "خدمات بهتر می‌شود و حمایت مردم کاهش می‌یابد",
    21: "مشارکت به شکل S رشد می‌کند و به سقف می‌رسد",
    22: "اعتماد در فضا خوشه‌ای است",
    23: "اثر تکانه بر اعتماد به شهرداری در چند سال از میان می‌رود، نه چند هفته",
    24: "رتبه افراد در اعتماد سال‌ها حفظ می‌شود، در پاسخ به یک گویه پیمایش",
    25: "اثر خدمات بر اعتماد تا زمانی که خدمات هست می‌ماند",
    26: "مراجعه پاسخ‌گرفته تکرار می‌شود",
    27: "رأی دادن در محله، رأی دادن بعدی را افزایش می‌دهد",
    28: "مردم بدون برنامه هم مشارکت دارند، در یک سال",
}
"""Names of patterns by number."""

PARTS: dict[str, str] = {
    "share of residents": "سهم از ساکنان",
    "councils at week 84": "شوراها در هفته ۸۴",
    "councils at week 135": "شوراها در هفته ۱۳۵",
    "first week with a mayor": "نخستین هفته با شهردار محله",
    "services at the start, with less without a council at week 84": "خدمات آغازین، با شورا منهای بدون شورا در هفته ۸۴",
    "council projects finished": "پروژه‌های پایان‌یافته شوراها",
    "programmes held": "برنامه‌های برگزارشده",
    "mean turnout": "میانگین نرخ رأی‌دهی",
    "never or rarely": "هرگز یا به‌ندرت",
    "sometimes": "گاهی",
    "core": "هسته فعال",
    "of voters": "از رأی‌دهندگان",
    "of candidates": "از نامزدها",
    "ratio": "نسبت",
    "Gini": "جینی",
    "share funded": "سهم دارای بودجه",
    "share of voters": "سهم رأی‌دهندگان",
    "more voters with a winner": "افزایش رأی‌دهندگان دارای پروژه برنده",
    "fall of the Gini of money a voter": "کاهش جینی بودجه هر رأی‌دهنده",
    "direct experience": "تجربه مستقیم",
    "hearsay": "شنیده‌ها",
    "extreme move less: trust in municipality": "تغییر کمتر دو سر طیف: اعتماد به شهرداری",
    "extreme move less: trust in council": "تغییر کمتر دو سر طیف: اعتماد به شورا",
    "extreme move less: trust in people": "تغییر کمتر دو سر طیف: اعتماد به مردم",
    "rise of trust in the council": "افزایش اعتماد به شورا",
    "works of another kind": "پروژه‌های نوع دیگر",
    "rise": "افزایش",
    "exits a year": "کناره‌گیری در سال",
    "rise of the effect a year": "افزایش اثر در سال",
    "effect with assistance": "اثر با پشتیبانی",
    "effect with assistance less without": "اثر با پشتیبانی منهای بدون آن",
    "effect left without assistance": "اثر باقی‌مانده بدون پشتیبانی",
    "pass-through": "انتقال",
    "change of services": "تغییر خدمات",
    "change of trust in the municipality": "تغییر اعتماد به شهرداری",
    "growth": "رشد",
    "AIC of a line less that of a logistic": "معیار آکائیکه خطی منهای لجستیک",
    "middle of the logistic, share of the run": "میانه لجستیک، سهم از اجرا",
    "last year's change over its noise": "تغییر سال آخر نسبت به نوفه",
    "Moran's I": "شاخص موران",
    "left after a year": "باقی‌مانده پس از یک سال",
    "left after four years": "باقی‌مانده پس از چهار سال",
    "over two years": "در دو سال",
    "over four years": "در چهار سال",
    "fourth year over the largest": "سال چهارم نسبت به بیشترین",
    "more who come again": "مراجعه دوباره بیشتر",
    "share of adults": "سهم بزرگ‌سالان",
}
"""Parts of patterns."""

MARKS: dict[str, str] = {"claimed": "ادعاشده", "fitted": "برازش‌شده", "range known": "دامنه معلوم"}
"""What is said behind a pattern's name."""

VERDICTS: dict[str, tuple[str, str]] = {
    "met": ("met", "برآورده"),
    "not met": ("not met", "برآورده نشده"),
    "inconclusive": ("inconclusive", "نامعلوم"),
}

_BOUNDS = (
    ("at least ", "دست‌کم "),
    ("at most ", "حداکثر "),
    ("above ", "بالای "),
    ("under ", "زیر "),
    (" to ", " تا "),
)


def accepted_in_words(accept: Accept, language: Language) -> str:
    """An accepted range in words, its numbers as in English."""
    text = str(accept)
    for english, persian in _BOUNDS if language == "fa" else ():
        text = text.replace(english, persian)
    return text


def value_in_words(accept: Accept, value: float, language: Language) -> str:
    """A value in the unit of its range; in Persian digits in Persian."""
    if value != value and language == "fa":
        return "هیچ"
    return written(accept.show(value), language)


def pattern_in_words(number: int, english: str, language: Language) -> str:
    """A pattern's name; the English one where it has no Persian."""
    return english if language == "en" else PERSIAN.get(number, english)


def part_text(part: str) -> dict[Language, str]:
    """A part of a pattern in both languages."""
    return {"en": part, "fa": part_in_words(part, "fa")}


def part_in_words(part: str, language: Language) -> str:
    """A part of a pattern; the English one where it has no Persian."""
    return part if language == "en" else PARTS.get(part, part)
