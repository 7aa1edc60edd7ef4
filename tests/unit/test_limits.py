"""Tests have one limit of time, against hanging."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
LIMIT = re.compile(r"timeout=\s*[\d.]|monotonic\(\) (\+|- \w+ <) *[\d.]|perf_counter\(\) - \w+ <")


@pytest.mark.parametrize("file", sorted(TESTS.rglob("*.py")), ids=lambda file: file.relative_to(TESTS).as_posix())
def test_no_test_has_a_limit_of_time_of_its_own(file):
    if file == Path(__file__):
        return
    found = LIMIT.search(file.read_text(encoding="utf-8"))
    assert found is None, f"{found.group()}: take tests.interrupting.HANGING, and do not measure speed"
