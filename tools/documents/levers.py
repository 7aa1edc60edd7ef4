"""docs/fa/levers.md: the levers of the page by the keys that commands take, in Persian."""

from __future__ import annotations

from typing import Any

from experiments.lever_values import as_json, with_unit
from experiments.page.levers import levers_of
from sim.config import Config, load_config
from tools.documents.filling import Filled

_HEAD = """# اهرم‌ها در دستور

<!-- made by `python -m tools.documents` from experiments/page/content.yaml and the register of parameters -->

اهرم را پس از `as_is` یا نام یک سیاست و `+` می‌نویسند و چند اهرم را با `+` به هم می‌پیوندند:

<!-- not run here: it takes a minute at full length; the tutorial runs one like it -->
```sh
mahalle compare as_is as_is+policy.authority.delegated_share=0.25+policy.council.selection=elected --lang fa
```

در دستور، سهم عددی از ۰ تا ۱ است و ممیز آن نقطه؛ برای ۲۵٪ عدد `0.25` را بنویسید. اگر مقدار کروشه دارد، همه سیاست را در
گیومه انگلیسی (`'…'`) بگذارید.
شرح هر اهرم و دلیل مقدار آن در صفحه (`mahalle dashboard --lang fa`) هست.

| اهرم | در دستور | مقدارها | در رفسنجان |
| --- | --- | --- | --- |
"""


def text() -> Filled:
    """The page."""
    city = load_config("rafsanjan")
    rows = []
    for lever in levers_of(city, stored=False):
        own = _shown(lever, lever["default"], city)
        cells = (lever["name"]["fa"], f"`policy.{lever['key']}`", _values(lever, city), own)
        rows.append(f"| {' | '.join(cells)} |\n")
    return Filled(_HEAD + "".join(rows), ())


def _values(lever: dict[str, Any], city: Config) -> str:
    if lever["kind"] == "flag":
        return "بله (`true`)، خیر (`false`)"
    if lever["kind"] == "choice":
        return "، ".join(f"{one['name']['fa']} (`{_typed(one['value'])}`)" for one in lever["choices"])
    low, high = (_shown(lever, lever[end], city) for end in ("minimum", "maximum"))
    return f"{low} تا {high}"


def _shown(lever: dict[str, Any], value: Any, city: Config) -> str:
    for one in lever.get("choices", ()):
        if one["value"] == value:
            return str(one["name"]["fa"])
    return with_unit(f"policy.{lever['key']}", value, city, "fa")


def _typed(value: Any) -> str:
    return value if isinstance(value, str) else as_json(value).replace('"', "")
