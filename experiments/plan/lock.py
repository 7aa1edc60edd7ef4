"""The lock of a plan: digests of plan, experiment, data and model, written before any run; and what has changed since.

A lock lies beside its plan. It bears a digest of itself, which the author publishes, for whoever can write files could
write another lock: only a digest in somebody else's hands shows that this one is the first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from experiments.answers.texts import Text, said
from experiments.folders import write_text_atomically
from experiments.plan.plan import Plan, digest_of
from experiments.provenance import circumstances, model_files, sha256
from experiments.resolved import own_files
from experiments.sweeps.experiment import Experiment, what_counts
from sim.errors import ConfigError
from sim.reading import flatten
from sim.shipped import folder_of, is_installed

SELF = "digest"
"""Key of the lock's own digest."""

POLICIES, CITY = "policies", "base"
"""What a lock holds of the experiment besides its own file: so a change in another file is told by its key."""

KEYS = frozenset({"locked", "plan", "experiment", "runs", "data", "model", "analysis", "made_by", SELF})


@dataclass(frozen=True)
class Lock:
    """A lock as its file says it.

    Attributes:
        path: the file.
        content: all of it.
        sound: whether the digest in it is that of the rest.
    """

    path: Path
    content: Mapping[str, Any]
    sound: bool

    @property
    def digest(self) -> str:
        """Its digest of itself."""
        return str(self.content[SELF])

    @property
    def moment(self) -> datetime:
        """When it was locked."""
        return datetime.fromisoformat(str(self.content["locked"]))


def analysis_files() -> dict[str, str]:
    """SHA-256 of each source file of `experiments`: statistics, words, least differences, the report itself."""
    root = Path(__file__).parent.parent
    return {file.relative_to(root).as_posix(): sha256(file) for file in sorted(root.rglob("*.py"))}


def lock_of(plan: Plan) -> Path:
    """Where the lock of a plan lies."""
    return plan.path.with_name(f"{plan.path.stem}.lock.json")


def content_of(plan: Plan) -> dict[str, Any]:
    """What a lock of the plan says, without time and digest."""
    experiment, base = plan.experiment, plan.experiment.base
    files = model_files(base.loaded)
    files.pop("")
    data = {key: sha256(path) for key, path in own_files(base).items()}
    if experiment.posterior is not None:
        data["posterior"] = experiment.posterior.sha256
    return {
        "plan": plan.content,
        "experiment": {
            "digest": experiment.digest,
            "content": _without_paths(experiment.content, plan),
            POLICIES: _levers_of(experiment),
            CITY: what_counts(base)["base"],
        },
        "runs": {"replications": repr(experiment.replications), "points": len(experiment.points)},
        "data": data,
        "model": files,
        "analysis": analysis_files(),
    }


def write_lock(plan: Plan, results: Path) -> Lock:
    """Lock a plan.

    Args:
        plan: the plan.
        results: folder of its runs, which must not be there.

    Raises:
        ConfigError: it is part of the installed package, it is locked already, or runs are there.
    """
    path = lock_of(plan)
    if is_installed(path):
        why = "is part of the installed package, and a lock lies beside its plan"
        raise ConfigError(f"{why}: copy the plan into a folder of your own, and lock the copy", source=plan.path)
    if path.exists():
        raise ConfigError("is locked already; a changed plan is another plan: give it another name", source=plan.path)
    if results.exists():
        raise ConfigError(f"{results} holds runs already: a plan is locked before them", source=plan.path)
    made_by = circumstances(plan.experiment.base.loaded)
    content = {
        "locked": datetime.now(UTC).isoformat(timespec="seconds"),
        **content_of(plan),
        "made_by": {key: made_by[key] for key in ("version", "git", "python", "packages")},
    }
    content[SELF] = digest_of(content)
    write_text_atomically(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return read_lock(plan)


def read_lock(plan: Plan) -> Lock:
    """The lock of a plan.

    Raises:
        ConfigError: there is none, or the file is no lock.
    """
    path = lock_of(plan)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"is not locked; lock it first: mahalle plan lock {plan.path}", source=plan.path) from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot be read as a lock: {error}", source=path) from None
    if not isinstance(content, dict) or not set(content) >= KEYS or not isinstance(content["plan"], dict):
        raise ConfigError("is no lock of a plan, or parts of it are missing", source=path)
    try:
        aware = datetime.fromisoformat(str(content["locked"])).tzinfo is not None
    except ValueError:
        aware = False
    if not aware:
        raise ConfigError("is no moment with its zone: the lock was altered", source=path, key="locked")
    rest = {key: value for key, value in content.items() if key != SELF}
    return Lock(path, content, sound=content[SELF] == digest_of(rest))


def changes_since(lock: Lock, plan: Plan) -> list[Text]:
    """What has changed since a plan was locked, in words; nothing if all is as it was."""
    now, then = content_of(plan), lock.content
    said_of = [] if lock.sound else [said(_ALTERED)]
    packages = circumstances(plan.experiment.base.loaded)["packages"]
    said_of += _changed("plan", then["plan"], now["plan"])
    said_of += _changed_experiment(then, now)
    said_of += _changed("runs", then["runs"], now["runs"])
    said_of += _changed("packages", then["made_by"].get("packages", {}), packages)
    for what in ("data", "model", "analysis"):
        said_of += _changed_files(what, then[what], now[what])
    return said_of


_DIGEST = re.compile("[0-9a-f]{64}")

_ALTERED = (
    "the lock itself was altered: its digest is not that of its content",
    "خود قفل تغییر داده شده است: چکیده‌اش چکیده محتوای آن نیست",
)
_PARTS: dict[str, tuple[str, str]] = {
    "plan": ("the plan", "برنامه پژوهش"),
    "experiment": ("the experiment", "آزمایش"),
    "runs": ("the runs asked for", "اجراهای خواسته‌شده"),
    "packages": ("the packages", "بسته‌های نرم‌افزاری"),
    "data": ("data", "داده‌ها"),
    "model": ("model", "مدل"),
    "analysis": ("analysis", "تحلیل"),
}
_WAS = ("{what}: {key} was {was}, is {now}", "{what}: `{key}` پیش‌تر {was} بود و اکنون {now} است")
_NOTHING = ("nothing", "بدون مقدار")
_FILES: dict[str, tuple[str, str]] = {
    "changed": ("{what}: {name} was changed", "{what}: `{name}` تغییر کرده است"),
    "gone": ("{what}: {name} is gone", "{what}: `{name}` دیگر نیست"),
    "new": ("{what}: {name} is new", "{what}: `{name}` تازه است"),
}


def _changed(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Text]:
    before, after = flatten(old), flatten(new)
    found = []
    for key in dict.fromkeys([*before, *after]):
        if before.get(key) != after.get(key):
            was, now = (_short(values[key]) if key in values else said(_NOTHING) for values in (before, after))
            found.append(said(_WAS, what=said(_PARTS[what]), key=key, was=was, now=now))
    return found


def _changed_experiment(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[Text]:
    """What has changed of an experiment, its policies and its city, by key; its digest where nothing else tells why."""
    before = dict(then["experiment"])
    after = {part: value for part, value in now["experiment"].items() if part in before}  # older locks hold less
    digests = {"digest": before.pop("digest")}, {"digest": after.pop("digest")}
    own = _changed("experiment", {"content": before["content"]}, {"content": after["content"]})
    told = _keys_changed(before["content"], after["content"])
    rest = [{part: flatten(held[part]) for part in (POLICIES, CITY) if part in held} for held in (before, after)]
    for held in rest:  # what the experiment's own file lays over the city has been told
        held[CITY] = {key: value for key, value in held.get(CITY, {}).items() if key not in told}
    found = own + _changed("experiment", *rest)
    named = (found and POLICIES in before) or then["data"] != now["data"]
    return found if named else found + _changed("experiment", *digests)


def _keys_changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    before, after = flatten(old), flatten(new)
    return {key for key in {*before, *after} if before.get(key) != after.get(key)}


def _levers_of(experiment: Experiment) -> dict[str, Any]:
    """What each policy of an experiment sets, by name; of several files of one, each under its number."""
    found = {}
    for name, own in experiment.policies.items():
        parts = [one.model_dump(mode="json", exclude={"title", "description"}) for one in own]
        found[name] = parts[0] if len(parts) == 1 else {str(number): part for number, part in enumerate(parts, 1)}
    return found


def _changed_files(what: str, old: Mapping[str, str], new: Mapping[str, str]) -> list[Text]:
    names = {
        "changed": [name for name in sorted(old) if name in new and old[name] != new[name]],
        "gone": sorted(set(old) - set(new)),
        "new": sorted(set(new) - set(old)),
    }
    return [said(_FILES[how], what=said(_PARTS[what]), name=name) for how, own in names.items() for name in own]


def _short(value: Any, most: int = 60) -> Text:
    if isinstance(value, str) and _DIGEST.fullmatch(value):
        value = f"{value[:12]}…"
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = text if len(text) <= most else f"{text[: most - 1]}…"
    return {"en": text, "fa": f"`{text}`"}


def _without_paths(content: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """The experiment's content with its files relative to the plan or to the shipped configs, so that both may move."""
    text = json.dumps(content, ensure_ascii=False, default=str)
    for root in (plan.path.resolve().parent.parent, folder_of().resolve()):
        text = text.replace(f"{root}/", "")
    plain: dict[str, Any] = json.loads(text)
    return plain
