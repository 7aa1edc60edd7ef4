"""Paths in these tests are those of the project."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module", autouse=True)
def in_the_project(pytestconfig):
    patch = pytest.MonkeyPatch()
    patch.chdir(pytestconfig.rootpath)
    yield
    patch.undo()
