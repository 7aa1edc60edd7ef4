"""What the runs of a plan were, in a paragraph that an author can paste: city, length, place, luck, model, repeats."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.answers.texts import Text, of_label, said
from experiments.answers.texts import shown as number
from experiments.languages import digits
from experiments.manifest import manifest_in
from experiments.provenance import version_of
from experiments.sweeps.tables import Sweep

IN_WORDS = 12
"""Letters of a model's digest that are shown, as `mahalle --version` shows them."""

_CITY = (
    "City: {city}. Each run simulates {weeks} weeks with {share} % of the residents (scale {scale}).",
    "شهر: {city}. هر اجرا {weeks} هفته را با {share}٪ از ساکنان (مقیاس {scale}) شبیه‌سازی می‌کند.",
)
_ONE_PLACE = ("Place: one, drawn with seed {seed}.", "مکان: یکی، با بذر مکان {seed}.")
_PLACES = ("Places: {places}, the first drawn with seed {seed}.", "مکان‌ها: {places}، نخستین با بذر مکان {seed}.")
_RUNS = (
    "Runs: {runs}; {replications} replications of each of {arms} policies or points, paired by the same random numbers "
    "(root seed {seed}).",
    "شمار اجراها: {runs}؛ {replications} تکرار برای هر یک از {arms} سیاست یا نقطه، جفت‌شده با رخدادهای تصادفی یکسان "
    "(بذر تصادفی {seed}).",
)
_POSTERIOR = (
    "Each replication draws its behaviour from a posterior.",
    "هر تکرار رفتار خود را از توزیع پسین می‌گیرد.",
)
_MODEL = (
    "Made with Mahalle {version}, model {models}.",
    "ساخته‌شده با نرم‌افزار `Mahalle`، نسخه `{version}`، مدل با شناسه `{models}`.",
)
_REPEATED = (
    "After the runs, {count} of them were done again and gave the same numbers.",
    "پس از اجراها، {count} اجرا دوباره انجام شد و همان ارقام را داد.",
)
_DIFFERED = (
    "After the runs, {count} of them were done again; what differed stands at the head.",
    "پس از اجراها، {count} اجرا دوباره انجام شد؛ آنچه تفاوت داشت در آغاز گزارش آمده است.",
)


@dataclass(frozen=True)
class Repeated:
    """Runs that were done again.

    Attributes:
        count: how many.
        same: whether nothing at all was found that is not as it was.
    """

    count: int
    same: bool


def of_runs(sweep: Sweep, repeated: Repeated | None) -> list[Text]:
    """Sentences on the runs of a sweep.

    Args:
        sweep: the runs.
        repeated: what was done again; None if nothing was.
    """
    experiment, manifest = sweep.experiment, manifest_in(sweep.folder) or {}
    base, run = experiment.base.city, experiment.base.run
    done = sweep.runs[sweep.runs.status == "done"]
    models = sorted({str(model)[:IN_WORDS] for model in done.model} - {""})
    found = [
        said(
            _CITY, city=of_label(base.title), weeks=_number(run.weeks),
            share=_number(100.0 * run.scale), scale=_number(run.scale),
        ),
        _place(experiment.places, run.place_seed),
        said(
            _RUNS, runs=_number(len(done)), replications=_least_and_most(done.groupby("point").size().tolist()),
            arms=_number(len(experiment.points)), seed=_number(experiment.seed),
        ),
    ]  # fmt: skip
    if experiment.posterior is not None:
        found.append(said(_POSTERIOR))
    version = str(manifest.get("version") or version_of("mahalle"))
    found.append(said(_MODEL, version=version, models=", ".join(models)))
    if repeated is not None and repeated.count:
        found.append(said(_REPEATED if repeated.same else _DIFFERED, count=number(repeated.count, 0)))
    return found


def _place(places: int, seed: int) -> Text:
    if places == 1:
        return said(_ONE_PLACE, seed=_number(seed))
    return said(_PLACES, places=_number(places), seed=_number(seed))


def _least_and_most(counts: list[int]) -> Text:
    """How many replications a point has: one number, or the least and the most."""
    if not counts:
        return _number(0)
    if min(counts) == max(counts):
        return _number(counts[0])
    return said(("{least} to {most}", "{least} تا {most}"), least=_number(min(counts)), most=_number(max(counts)))


def _number(value: float) -> Text:
    """A number as it was written, not rounded."""
    text = f"{value:,.10g}"
    return {"en": text, "fa": digits(text, "fa")}
