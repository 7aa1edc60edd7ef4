"""Two models written apart, the array engine and the plain one, walk the same path week by week; if not, we notice."""

import pytest

from tests.conftest import at_night
from tests.docking.comparison import first_difference
from tests.docking.model import seconds_per_resident_week
from tests.docking.mutations import MUTATIONS, ROOT, is_noticed
from tests.docking.settings import SETTINGS, WEEKS

SOME = (
    "trust: what is told is of this week, not of last week",
    *at_night(
        "learning: index of the neighbourhood whose mentors teach, shifted by one",
        "memory: the evidence of the week fades at once",
    ),
)


NEEDED = {mutation.setting for mutation in MUTATIONS}
"""Settings of which each shows a fault that another may not show; the others are walked at night."""


@pytest.mark.parametrize("name", [*sorted(NEEDED), *at_night(*sorted(SETTINGS.keys() - NEEDED))])
def test_the_plain_model_gives_the_same_trajectory(name):
    difference = first_difference(SETTINGS[name], WEEKS)
    assert difference is None, str(difference)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_the_text_that_a_mutation_replaces_is_still_there(mutation):
    assert (ROOT / mutation.file).read_text(encoding="utf-8").count(mutation.old) == 1, "write the mutation anew"


@pytest.mark.parametrize("name", SOME)
def test_an_engine_broken_on_purpose_is_noticed(name):
    (mutation,) = [mutation for mutation in MUTATIONS if mutation.name == name]
    noticed, what = is_noticed(mutation, mutation.setting)
    assert noticed, what


def test_the_plain_model_can_be_timed():
    assert 1e-6 < seconds_per_resident_week(residents=400, weeks=2) < 1e-2
