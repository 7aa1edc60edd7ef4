"""The article's numbers and words come from tables, and from nowhere else."""

import re

import pandas as pd
import pytest

from tests.paper.conftest import figures, table_of
from tools.article import ARTICLE, TABLES, TEMPLATE, rendered, tables_in

TABLE = pd.DataFrame({
    "outcome": ["trust_in_municipality:last", "service_gini"], "arm": [0, 0], "difference": [-0.0253, 0.002],
    "low": [-0.03, -0.001], "high": [-0.0206, 0.004], "base": [0.4, 0.1],
})  # fmt: skip


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("[[t difference outcome=trust_in_municipality:last arm=0 | points]]", "−2.5"),
        ("[[t difference outcome=trust_in_municipality:last | interval]]", "−2.5 (−3.0 to −2.1)"),
        ("[[t difference outcome=trust_in_municipality:last | word]]", "falls"),
        ("[[t difference outcome=service_gini | word]]", "little or no difference"),
        ("[[t base outcome=service_gini | plain]]", "0.10"),
        ("[[t outcome arm=0 | count]]", "2"),
    ],
)
def test_a_place_is_filled_from_its_row(place, words):
    assert rendered(f"a {place} b", {"t": TABLE}) == f"a {words} b"


@pytest.mark.parametrize(
    "place",
    [
        "[[other base | plain]]",
        "[[t base | plain]]",
        "[[t none outcome=service_gini | plain]]",
        "[[t base arms=0 | plain]]",
        "[[t base outcome=service_gini | prose]]",
        "[[t base outcome=service_gini]]",
    ],
)
def test_a_place_without_its_number_is_refused(place):
    with pytest.raises(ValueError, match=r"place|table|form|rows"):
        rendered(place, {"t": TABLE})


def test_the_template_can_be_filled_from_the_figures_and_types_no_result(paper_folder):
    tables = {figure.name: table_of(figure, paper_folder) for figure in figures()}
    template = TEMPLATE.read_text(encoding="utf-8")
    text = rendered(template, tables)
    assert "[[" not in text
    typed = re.sub(r"\[\[.*?\]\]|\(.*?\.md\)", "", template)
    assert not re.findall(r"\d\.\d|[+−]\d", typed)


def test_the_article_that_is_kept_is_that_of_the_tables():
    if not TABLES.is_dir():
        assert not ARTICLE.exists()
        return
    assert ARTICLE.read_text(encoding="utf-8") == rendered(TEMPLATE.read_text(encoding="utf-8"), tables_in(TABLES))
