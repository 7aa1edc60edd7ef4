"""What is so by construction: differences that follow from how a policy is written into the model, not from people."""

from __future__ import annotations

from collections.abc import Callable

from experiments.answers.texts import Text, said
from experiments.timelines import weeks_of_change
from sim.config import Config
from sim.policies import Policy, in_force

_COUNCILS = (
    "Hearings, council seats and works that residents help with exist only where there are councils: part of the "
    "difference in participation, belonging, civic skill and people who burn out is so by construction.",
    "نشست‌های عمومی، کرسی‌های شورا و پروژه‌هایی که ساکنان در آن یاری می‌رسانند تنها جایی هست که شورا باشد: بخشی از "
    "تفاوت در مشارکت، تعلق به محله، مهارت مدنی و شمار افراد دچار فرسودگی از ساختار خود مدل است.",
)
_BALLOTS = (
    "A ballot is itself an occasion to take part: part of the difference in participation is so by construction.",
    "رأی‌گیری خود فرصتی برای مشارکت است: بخشی از تفاوت در مشارکت از ساختار خود مدل است.",
)
_PROGRAMMES = (
    "Programmes of councils are occasions to take part: part of the difference in participation is so by construction.",
    "برنامه‌های محله خود فرصتی برای مشارکت است: بخشی از تفاوت در مشارکت از ساختار خود مدل است.",
)
_LEAKS = (
    "How much audit, open books and written duties lower leaks is an assumption given to the model, not a result.",
    "میزان کاهش نشت وجوه با حسابرسی، انتشار حساب‌ها و وظایف مکتوب فرضی است که به مدل داده شده، نه نتیجه آن.",
)
_SHOCKS = (
    "The strength of a shock, and the number of neighbourhoods it strikes, are chosen here and are no forecast.",
    "شدت هر تکانه و شمار محله‌هایی که دچار آن می‌شوند اینجا انتخاب شده است و پیش‌بینی نیست.",
)
_BUDGET = (
    "The city's whole works budget is the same under all policies by construction; policies decide who chooses.",
    "کل بودجه عمرانی شهر بنا بر ساختار مدل در همه سیاست‌ها یکسان است؛ سیاست تنها تعیین می‌کند چه کسی درباره آن تصمیم "
    "بگیرد.",
)

type Look = Callable[[Policy], object]


def construction_of(base: Config, policy: Config) -> list[Text]:
    """What of the difference between two cities is so by construction, a sentence each, by what their levers differ in.

    Args:
        base: the city under the baseline, with its timeline.
        policy: under the policy.
    """

    def differ(look: Look) -> bool:
        return _over_time(base, look) != _over_time(policy, look)

    looks: list[tuple[tuple[str, str], Look]] = [
        (_COUNCILS, lambda levers: levers.authority.mode == "top_down"),
        (_BALLOTS, lambda levers: levers.choice.rule.startswith("ballot")),
        (_PROGRAMMES, lambda levers: levers.programmes.per_year),
        (
            _LEAKS,
            lambda levers: [getattr(levers.accountability, n) for n in ("audit", "publication", "defined_duties")],
        ),
    ]
    found = [said(sentence) for sentence, look in looks if differ(look)]
    if _shocks(base) != _shocks(policy):
        found.append(said(_SHOCKS))
    return [*found, said(_BUDGET)]


def do_the_same(base: Config, policy: Config) -> bool:
    """Whether two cities have the same levers in every week, and the same shocks."""

    def whole(levers: Policy) -> object:
        return levers.model_dump(mode="json")

    return _over_time(base, whole) == _over_time(policy, whole) and _shocks(base) == _shocks(policy)


def has_councils(config: Config) -> bool:
    """Whether a city has councils in any week."""
    return any(mode != "top_down" for _, mode in _over_time(config, lambda levers: levers.authority.mode))


def _over_time(config: Config, look: Look) -> list[tuple[int, object]]:
    """What a look sees over the weeks of a run: each value with the week from which it holds."""
    seen: list[tuple[int, object]] = []
    for week in weeks_of_change(config.timeline, config.run.weeks):
        value = look(in_force(config.policy, config.timeline, week))
        if not seen or value != seen[-1][1]:
            seen.append((week, value))
    return seen


def _shocks(config: Config) -> list[dict[str, object]]:
    return [shock.model_dump() for timed in config.timeline for shock in timed.shocks]
