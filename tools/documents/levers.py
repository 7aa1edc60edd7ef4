"""docs/fa/levers.md: the levers of the page by the keys that commands take, in Persian."""

from __future__ import annotations

from typing import Any

from experiments.lever_values import as_json, with_unit
from experiments.page.levers import levers_of
from sim.config import Config, load_config
from tools.documents.filling import Filled

_HEAD = """# اهرم‌ها در دستور

<!-- made by `python -m tools.documents` from experiments/page/content.yaml and the register of parameters -->

اهرم را پس از `as_is` یا نام یک سیاست و `+` می‌نویسند؛ چند اهرم با `+` به هم می‌پیوندند:
`as_is+policy.authority.delegated_share=0.25+policy.council.selection=elected`. در دستور، سهم را به صورت عددی از ۰ تا ۱ و با نقطه بنویسید: ۲۵٪ یعنی `0.25`. اگر مقدار کروشه دارد، سیاست را میان دو `'` بگذارید: `'as_is+policy.hub.kinds=[school]'`.
شرح هر اهرم و دلیل مقدار آن در صفحه (`mahalle dashboard --lang fa`) هست.

| اهرم | در دستور | مقدارها | در رفسنجان |
| --- | --- | --- | --- |
"""


def text() -> Filled:
    """The page."""
    city = load_config("rafsanjan")
    rows = [
        f"| {lever['name']['fa']} | `policy.{lever['key']}` | {_values(lever, city)} | {_shown(lever, lever['default'], city)} |"
        for lever in levers_of(city, stored=False)
    ]
    return Filled(_HEAD + "\n".join(rows) + "\n", ())


def _values(lever: dict[str, Any], city: Config) -> str:
    if lever["kind"] == "flag":
        return "`true`: بله، `false`: خیر"
    if lever["kind"] == "choice":
        return "، ".join(f"`{_typed(one['value'])}`: {one['name']['fa']}" for one in lever["choices"])
    low, high = (_shown(lever, lever[end], city) for end in ("minimum", "maximum"))
    return f"{low} تا {high}"


def _shown(lever: dict[str, Any], value: Any, city: Config) -> str:
    for one in lever.get("choices", ()):
        if one["value"] == value:
            return str(one["name"]["fa"])
    return with_unit(f"policy.{lever['key']}", value, city, "fa")


def _typed(value: Any) -> str:
    return value if isinstance(value, str) else as_json(value).replace('"', "")
