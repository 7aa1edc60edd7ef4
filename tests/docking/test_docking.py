"""Two models written apart, the array engine and the plain one, walk the same path week by week."""

import pytest

from tests.docking.comparison import first_difference
from tests.docking.settings import SETTINGS, WEEKS


@pytest.mark.parametrize("name", SETTINGS)
def test_the_plain_model_gives_the_same_trajectory(name):
    difference = first_difference(SETTINGS[name], WEEKS)
    assert difference is None, str(difference)
