"""A user's own people: what a file may hold, and what its faults say."""

import csv
import io
import os
import subprocess
import sys
import warnings
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.cautions import CautionWarning
from sim.errors import ConfigError
from sim.own_people import faults_of_people, files, read_people
from sim.own_people.cells import MOST_NAMED
from sim.own_people.columns import LIVED, TRAITS

NAMES = ("Mahunak", "Rostamabad", "Feyzabad")
NAMES_FA = ("مهونک", "رستم‌آباد", "فیض‌آباد")
START = 1404
HEAD = "neighbourhood,sex,birth_year"
GOOD = f"{HEAD}\nMahunak,man,1360\nRostamabad,woman,1404\nFeyzabad,woman,1284\n"


def read(folder, content, name="people.csv"):
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_people(name, folder, NAMES, START, NAMES_FA)


def faults(folder, content, name="people.csv"):
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    found = faults_of_people(name, folder, NAMES, START, NAMES_FA)
    assert all(fault.source == str(folder / name) for fault in found)
    if found:
        with pytest.raises(ConfigError) as caught:
            read_people(name, folder, NAMES, START, NAMES_FA)
        assert str(caught.value) == str(found[0])
    return found


def parquet(folder, columns, name="people.parquet"):
    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    pq.write_table(table, folder / name)
    return (folder / name).read_bytes()


# --- CSV --------------------------------------------------------------------------------------------------------------


def test_a_file_with_the_three_columns_is_a_census(tmp_path):
    own = read(tmp_path, GOOD)
    assert own.source == str(tmp_path / "people.csv")
    assert own.neighbourhood.tolist() == [0, 1, 2]
    assert own.sex.tolist() == [0, 1, 1]
    assert own.birth_year.tolist() == [1360, 1404, 1284]
    assert (own.neighbourhood.dtype, own.sex.dtype, own.birth_year.dtype) == (np.int64, np.int8, np.int16)
    assert [own.household, own.standing, own.attendance, own.education, own.weight] == [None] * 5
    assert own.traits == {}


FULL = (
    "weight,hope,belonging,trust_in_people,trust_in_council,trust_in_municipality,resources,attendance,standing,"
    "education,household,birth_year,sex,neighbourhood\n"
    "0.5,0,1,0.25,.5,5e-1,1.0,attender,citizen,12.5,b 7,1380,man,Mahunak\n"
    "1e9,,,,,, ,,,,,1381,woman,Rostamabad\n"
    '2,1,0,0.1,0.2,0.3,0.4,non_attender,without_standing,30,"b 7",1382,man,Mahunak\n'
)


def test_blank_cells_are_not_known_and_columns_come_in_any_order(tmp_path):
    own = read(tmp_path, FULL)
    assert own.weight.tolist() == [0.5, 1e9, 2.0]
    assert own.household.tolist() == [0, -1, 0]
    assert own.standing.tolist() == [0, -1, 1]
    assert own.attendance.tolist() == [0, -1, 1]
    np.testing.assert_array_equal(own.education, [12.5, np.nan, 30.0])
    expected = {
        "resources": [1.0, np.nan, 0.4],
        "trust_in_municipality": [0.5, np.nan, 0.3],
        "trust_in_council": [0.5, np.nan, 0.2],
        "trust_in_people": [0.25, np.nan, 0.1],
        "belonging": [1.0, np.nan, 0.0],
        "hope": [0.0, np.nan, 1.0],
    }
    assert tuple(own.traits) == TRAITS
    for trait, values in expected.items():
        np.testing.assert_array_equal(own.traits[trait], values)


@pytest.mark.parametrize(
    "content",
    [
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace("\n", "\r").encode(),
        b"\xef\xbb\xbf" + GOOD.encode(),
        b"\xef\xbb\xbf\r\n \r\n" + GOOD.replace("\n", "\r\n\r\n").encode(),
        GOOD.rstrip("\n").encode(),
        (GOOD + ",,\n , ,\n\n   \n").encode(),
        GOOD.replace("Mahunak", " مهونک ").replace("Feyzabad", "فیض‌آباد").encode(),
        GOOD.replace("1360", " +1360.0").replace("1404", "۱۴۰۴").encode(),
        GOOD.replace("sex", '" sex\n"').replace("man,1360", '"man\n","1360"').encode(),
    ],
    ids=["CRLF", "CR", "BOM", "blank lines", "no last newline", "empty rows", "Persian", "numbers", "quotes"],
)
def test_what_spreadsheets_write_is_read_alike(tmp_path, content):
    own = read(tmp_path, content)
    assert own.neighbourhood.tolist() == [0, 1, 2]
    assert own.sex.tolist() == [0, 1, 1]
    assert own.birth_year.tolist() == [1360, 1404, 1284]


YEARS = "a whole number from 1284 to 1404"
LOG_ODDS = "log odds from -20 to 20, or empty where not known"
SHARE = "a number from 0 to 1, or empty where not known"


@pytest.mark.parametrize(
    ("column", "cell", "problem"),
    [
        ("neighbourhood", "", "is missing: it must be the name of one of the 3 neighbourhoods"),
        (
            "neighbourhood",
            "Mahunek",
            "must be the name of one of the 3 neighbourhoods, not 'Mahunek' (did you mean 'Mahunak'?)",
        ),
        (
            "neighbourhood",
            "Tehran 22",
            "must be the name of one of the 3 neighbourhoods, not 'Tehran 22' (such as 'Mahunak', 'Rostamabad')",
        ),
        ("sex", "", "is missing: it must be man or woman"),
        ("sex", "Woman", "must be man or woman, not 'Woman' (did you mean 'woman'?)"),
        ("sex", "1", "must be man or woman, not '1'"),
        ("birth_year", " ", f"is missing: it must be {YEARS}"),
        ("birth_year", "1283", f"must be {YEARS}, not '1283'"),
        ("birth_year", "1405", f"must be {YEARS}, not '1405'"),
        ("birth_year", "1360.5", f"must be {YEARS}, not '1360.5'"),
        ("birth_year", "1_360", f"must be {YEARS}, not '1_360'"),
        (
            "birth_year",
            "2001",
            f"must be {YEARS}, not '2001': looks like a Gregorian year; the others are Solar Hijri: 2001 is 1380",
        ),
        ("birth_year", "1e300", f"must be {YEARS}, not '1e300'"),
        ("birth_year", "nan", f"must be {YEARS}, not 'nan'"),
        ("education", "-1", "must be a number of years from 0 to 30, or empty where not known, not '-1'"),
        ("education", "30.5", "must be a number of years from 0 to 30, or empty where not known, not '30.5'"),
        ("standing", "migrant", "must be citizen or without_standing, or empty where not known, not 'migrant'"),
        (
            "attendance",
            "attends",
            "must be attender or non_attender, or empty where not known, not 'attends' (did you mean 'attender'?)",
        ),
        *[(trait, cell, f"must be {SHARE}, not '{cell}'") for trait in TRAITS for cell in ("1.01", "-0.1", "high")],
        *[
            (name, cell, f"must be log odds from -20 to 20, or empty where not known, not '{cell}'")
            for name in LIVED
            for cell in ("20.1", "much")
        ],
        *[("hope", cell, f"must be {SHARE}, not '{cell}'") for cell in ("nan", "NaN", "inf", "-inf", "1e999", "0x1")],
        ("weight", "", "is missing: it must be a number above 0 and at most 1,000,000,000"),
        ("weight", "0", "must be a number above 0 and at most 1,000,000,000, not '0'"),
        ("weight", "-3", "must be a number above 0 and at most 1,000,000,000, not '-3'"),
        ("weight", "1000000001", "must be a number above 0 and at most 1,000,000,000, not '1000000001'"),
    ],
)
def test_a_faulty_cell_is_refused_with_its_line_and_column(tmp_path, column, cell, problem):
    fine = {"neighbourhood": "Mahunak", "sex": "man", "birth_year": "1360"}
    others = {"education": "3", "standing": "citizen", "attendance": "attender", "weight": "1"}
    good = {**fine, column: {**fine, **others}.get(column, "0.5")}
    text = io.StringIO()
    writer = csv.DictWriter(text, list(good), lineterminator="\n")
    writer.writeheader()
    writer.writerows([good, {**good, column: cell}, good])
    (fault,) = faults(tmp_path, text.getvalue())
    assert (fault.line, fault.key, fault.problem) == (3, column, problem)


@pytest.mark.parametrize("name", ["people.csv", "people.parquet"])
def test_gregorian_years_of_birth_are_read_with_a_caution(tmp_path, name):
    years = [1905, 1971, 1983, 2025]
    table = {"neighbourhood": ["Mahunak"] * 4, "sex": ["man", "woman"] * 2, "birth_year": years}
    rows = (f"Mahunak,{sex},{year}" for sex, year in zip(table["sex"], years, strict=True))
    content = parquet(tmp_path, table) if name.endswith("parquet") else "\n".join([HEAD, *rows])
    with pytest.warns(CautionWarning, match="birth_year: Gregorian years, read as the Solar Hijri years that are 621"):
        own = read(tmp_path, content, name)
    assert own.birth_year.tolist() == [1284, 1350, 1362, 1404]


def test_a_year_of_the_other_calendar_among_gregorian_ones_is_refused(tmp_path):
    rows = ["Mahunak,man,1971", "Mahunak,woman,1360", "Mahunak,man,1983", "Mahunak,man,2026", "Mahunak,man,"]
    with pytest.warns(CautionWarning, match="Gregorian"):
        found = faults(tmp_path, "\n".join([HEAD, *rows]))
    years = "a whole number from 1905 to 2025"
    assert [(fault.line, fault.problem) for fault in found] == [
        (3, f"must be {years}, not '1360': looks like a Solar Hijri year; the others are Gregorian: 1360 is 1981"),
        (5, f"must be {years}, not '2026'"),
        (6, f"is missing: it must be {years}"),
    ]


def test_the_calendar_is_that_of_most_rows_not_of_most_years(tmp_path):
    rows = ["Mahunak,man,1360"] * 5 + ["Mahunak,man,1981", "Mahunak,man,1982"]
    found = faults(tmp_path, "\n".join([HEAD, *rows]))
    assert [fault.line for fault in found] == [7, 8]
    assert all("the others are Solar Hijri" in fault.problem for fault in found)


def test_years_that_no_row_has_do_not_count(tmp_path):
    """As a category of pandas keeps them after rows were left out."""
    years = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int32()), ["1360", "1370", "1981", "1982", "1983"])
    own = read(tmp_path, parquet(tmp_path, pa.table({
        "neighbourhood": ["Mahunak"] * 2, "sex": ["man"] * 2, "birth_year": years
    })), "people.parquet")  # fmt: skip
    assert own.birth_year.tolist() == [1360, 1370]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("trailing", ["", ",,,\n"], ids=["fast", "slow"])
def test_lines_are_right_after_blank_lines_and_quoted_line_breaks(tmp_path, newline, trailing):
    content = (
        f"\n{HEAD},household\n\nMahunak,man,1360,a\n\n"  # lines 1 to 5
        'Mahunak,man,1360,"b\nc"\nMahunak,male,1360,d\n'  # 6 and 7, then 8
        f"{trailing}"
        "Mahunak,man,1360,e\nMahunak,man,999,e\nRostamabad,man,1360,e\nMahunak,m,1360,\n"
    )
    more = bool(trailing)
    found = faults(tmp_path, content.replace("\n", newline))
    assert [(fault.line, fault.key) for fault in found] == [
        (8, "sex"),
        (10 + more, "birth_year"),
        (11 + more, "household"),
        (12 + more, "sex"),
    ]
    assert found[0].problem == "must be man or woman, not 'male'"
    assert (
        found[2].problem
        == "household 'e' is in 'Rostamabad' here and in 'Mahunak' above: it must lie in one neighbourhood"
    )


def test_the_first_faulty_cells_of_each_column_are_named_with_the_number_of_further_rows(tmp_path):
    rows = [f"Mahunak,{'x' if k % 2 else 'man'},{1200 if k == 4 else 1360}" for k in range(3002)]
    found = faults(tmp_path, "\n".join([HEAD, *rows]))
    sexes = [fault for fault in found if fault.key == "sex"]
    assert [fault.line for fault in sexes] == list(range(3, 3 + 2 * MOST_NAMED, 2))
    assert [fault.line for fault in found if fault.key == "birth_year"] == [6]
    assert sexes[-1].problem == "must be man or woman, not 'x' (and 1,481 more rows)"
    assert [fault for fault in found if "more row" in fault.problem] == sexes[-1:]


def test_each_row_of_a_wrong_shape_is_named(tmp_path):
    found = faults(tmp_path, f"{HEAD}\nMahunak,man\nMahunak,man,1360\nMahunak,man,1360,x\n" + "Mahunak\n" * 100)
    assert [fault.line for fault in found] == [2, *range(4, 3 + MOST_NAMED)]
    assert found[0].problem.startswith("has 2 cells where the header has 3")
    assert found[-1].problem.endswith(" (and 82 more rows)")


def test_the_first_fault_knows_the_others(tmp_path):
    (tmp_path / "p.csv").write_text(f"{HEAD}\nMahunak,x,1\nMahunak,man,2\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_people("p.csv", tmp_path, NAMES, START)
    assert [(fault.line, fault.key) for fault in caught.value.all] == [(2, "sex"), (2, "birth_year"), (3, "birth_year")]


def test_a_neighbourhood_that_is_unknown_does_not_split_a_household(tmp_path):
    found = faults(tmp_path, f"{HEAD},household\nMahunak,man,1360,a\nNowhere,man,1360,a\n")
    assert [fault.key for fault in found] == ["neighbourhood"]


KNOWN = "known: neighbourhood, sex, birth_year, household, education, standing, attendance, resources, "


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("neighborhood,sex,birth_year\n", [(1, "neighborhood", "unknown column (did you mean 'neighbourhood'?)")]),
        ("neighborhood,birth_year\n", [(1, "neighborhood", "unknown column"), (1, "sex", "the column is missing")]),
        (f"\n\n,{HEAD}\n", [(3, "(no name)", f"unknown column; {KNOWN}")]),
        (f"{HEAD},sex\n", [(1, "sex", "the column occurs twice")]),
        ("hope,sex\n", [(1, "neighbourhood", "the column is missing"), (1, "birth_year", "the column is missing")]),
        (GOOD.replace(",", ";"), [(1, None, "columns must be separated by commas, not by ';', and decimals must")]),
        (GOOD.replace(",", "\t"), [(1, None, "columns must be separated by commas, not by '\\t'")]),
        ("", [(None, None, "is empty")]),
        (" \n\n", [(None, None, "is empty")]),
        (f"{HEAD}\n", [(None, None, "has no residents below its header")]),
        (f"{HEAD}\n\n,,\n", [(None, None, "has no residents below its header")]),
        (f"{GOOD}Mahunak,man\n", [(5, None, "has 2 cells where the header has 3 (quote a cell that holds a comma)")]),
        (
            f"{HEAD}\nx,man,1360\nMahunak,man\n\nMahunak\nMahunak,man,1360,4\n",
            [
                (2, "neighbourhood", "must be"),
                (3, None, "has 2 cells where the header has 3 (quote a cell that holds"),
                (5, None, "has 1 cells where"),
                (6, None, "has 4 cells where"),
            ],
        ),
        (f'{GOOD}"Mahunak,man,1360\nMahunak,man,1360\n', [(5, None, "is not valid CSV: unexpected end of data")]),
        (f'{GOOD.replace(HEAD, HEAD + ",household").replace("0\nR", "0,a\nR")}Mahunak,man,1360,"a\n', None),
        ("a\0b,c\n", [(1, None, "is a binary file, not text")]),
        (GOOD.encode() + b"Mahunak,\xff,1360\n", [(5, None, "is not UTF-8 text: save it as UTF-8")]),
        (b"PAR1\xff\xfe", [(1, None, "is not UTF-8 text: save it as UTF-8")]),
        (GOOD.encode("utf-16"), [(1, None, "is not UTF-8 text: save it as UTF-8")]),
    ],
)
def test_a_faulty_file_is_refused_with_its_line(tmp_path, content, expected):
    found = faults(tmp_path, content)
    if expected is None:  # a quote that is never closed, in the last column: Arrow would swallow the rows below
        ragged = [(line, None, "has 3 cells where the header has 4") for line in (3, 4)]
        expected = [*ragged, (5, None, "is not valid CSV")]
    assert [(fault.line, fault.key) for fault in found] == [place[:2] for place in expected]
    for fault, (_, _, problem) in zip(found, expected, strict=True):
        assert fault.problem.startswith(problem)


def test_empty_columns_of_spreadsheets_and_persian_decimals_are_read(tmp_path):
    own = read(tmp_path, f"{HEAD},hope,,\nMahunak,man,۱۳۶۰,۰٫۲,,\nFeyzabad,woman,1370,0.5,,\n")
    assert own.birth_year.tolist() == [1360, 1370]
    assert own.traits["hope"].tolist() == [0.2, 0.5]
    assert [fault.line for fault in faults(tmp_path, f"{HEAD},\nMahunak,man,1360,\nMahunak,man,1360,4\n")] == [3]


def test_a_decimal_comma_is_named(tmp_path):
    (found,) = faults(tmp_path, f'{HEAD},hope\nMahunak,man,1360,"0,2"\n')
    assert found.problem.endswith("write a decimal point, 0.2")


@pytest.mark.parametrize("written", ["رستم‌آباد", "رستمآباد", "فيض‌آباد", "فیض\u200cآباد\u200f"])
def test_neighbourhoods_that_look_the_same_are_matched_with_a_caution(tmp_path, written):
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        own = read(tmp_path, f"{HEAD}\n{written},man,1360\n")
    assert own.neighbourhood.tolist() == [1 if written.startswith("ر") else 2]
    other = {"رستمآباد": "U+0622 for U+200C", "فيض‌آباد": "U+064A for U+06CC"}.get(written)
    assert [other in str(one.message) for one in heard] == ([True] if other else [])


def test_a_quote_that_is_never_closed_does_not_swallow_the_rows_below(tmp_path):
    content = f'{HEAD},household\nMahunak,man,1360,a\nMahunak,man,1360,"b\nMahunak,man,1360,c\n'
    (fault,) = faults(tmp_path, content)
    assert (fault.line, fault.problem) == (3, "is not valid CSV: unexpected end of data")


def test_what_is_no_file_is_refused(tmp_path, monkeypatch):
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    for name, problem in [
        ("none.csv", "no such file"),
        ("none.parquet", "no such file"),
        ("folder.csv", "is a folder, not a file"),
        ("pipe.csv", "is a pipe or a device, not a file"),
        ("a\0b", "cannot be read"),
        ("x" * 5000, "cannot be read"),
    ]:
        (fault,) = faults_of_people(name, tmp_path, NAMES, START)
        assert fault.problem.startswith(problem)
    monkeypatch.setattr(files, "LARGEST_PEOPLE", len(GOOD) - 1)
    (fault,) = faults(tmp_path, GOOD)
    assert fault.problem == "is larger than 0 MB"


def test_persian_names_of_two_neighbourhoods_are_refused_and_english_ones_come_first(tmp_path):
    (tmp_path / "p.csv").write_text(f"{HEAD}\nB,man,1360\nx,man,1360\n", encoding="utf-8")
    (fault,) = faults_of_people("p.csv", tmp_path, ("A", "B", "C"), START, ("x", "x", "B"))
    assert (fault.line, fault.key) == (3, "neighbourhood")
    assert fault.problem.endswith("two neighbourhoods have this Persian name, use the English one")


@pytest.mark.parametrize("evil", ["\x1b[31m" * 20, "\u202e" * 100, "[red]" * 30, "\U000e0001" * 50, "x" * 100_000])
@pytest.mark.parametrize("place", ["cell", "header", "household"])
def test_a_message_is_one_short_line_that_is_safe_to_print(tmp_path, evil, place):
    content = {
        "cell": f"{HEAD}\nMahunak,{evil},1360\n",
        "header": f"{HEAD},{evil}\nMahunak,man,1360,1\n",
        "household": f"{HEAD},household\nMahunak,man,1360,{evil}\nFeyzabad,man,1360,{evil}\n",
    }[place]
    (fault,) = faults(tmp_path, content)
    assert len(fault.problem) <= 320
    assert fault.problem.isprintable()
    assert fault.key.isprintable()
    assert "[red]" not in fault.problem.replace("\\[red]", "")


def test_a_message_is_short_whatever_the_neighbourhoods_are_called(tmp_path):
    names = [letter + "\U000e0001" * 100 for letter in "ab"]
    rows = [f"{name},man,1360,{names[0]}" for name in names]
    (tmp_path / "p.csv").write_text("\n".join([f"{HEAD},household", *rows]), encoding="utf-8")
    (fault,) = faults_of_people("p.csv", tmp_path, names, START)
    assert (fault.line, fault.key, len(fault.problem)) == (3, "household", 300)
    assert fault.problem.isprintable()


CELLS = st.one_of(st.sampled_from(["", "man", "woman", "Mahunak", "1360", "0.5", " ", '"', "a\nb", "x,y", "1e0", "۱"]))


@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=5).filter(lambda row: len(row) != 3), min_size=1, max_size=8),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_fast_and_slow_readers_agree(tmp_path_factory, rows, newline):
    folder = tmp_path_factory.mktemp("people")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=newline)
    writer.writerow([*HEAD.split(","), "household", "hope"])
    writer.writerows(rows)
    (folder / "p.csv").write_bytes(text.getvalue().encode())
    usual = _outcome(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "_fast_cells", lambda *_: None)
        assert _outcome(folder) == usual


def _outcome(folder):
    try:
        own = read_people("p.csv", folder, NAMES, START)
        return [own.neighbourhood.tolist(), own.household.tolist(), repr(own.traits["hope"].tolist())]
    except ConfigError:
        return [str(fault) for fault in faults_of_people("p.csv", folder, NAMES, START)]


def test_batches_of_the_slow_reader_make_one_table(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_BATCH", 2)
    own = read(tmp_path, GOOD + ",,\n" + "Mahunak,man,1361\n")
    assert own.birth_year.tolist() == [1360, 1404, 1284, 1361]


# --- Parquet ----------------------------------------------------------------------------------------------------------

BASE = {"neighbourhood": ["Mahunak", "رستم‌آباد"], "sex": ["man", "woman"], "birth_year": [1360, 1380]}


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("birth_year", pa.array([1360, 1380], pa.uint16()), [1360, 1380]),
        ("birth_year", pa.array([1360.0, 1380.0]), [1360, 1380]),
        ("birth_year", pa.array(["1360", " ۱۳۸۰"]), [1360, 1380]),
        ("birth_year", pa.array([Decimal("1360.0"), Decimal("1380")], pa.decimal128(6, 1)), [1360, 1380]),
        ("sex", pa.array(["man", "woman"], pa.large_string()), [0, 1]),
        ("sex", pa.array(["man", "woman"], pa.string_view()), [0, 1]),
        ("sex", pa.array(["man", "woman"]).dictionary_encode(), [0, 1]),
        ("sex", pa.DictionaryArray.from_arrays(pa.array([2, 1], pa.int8()), ["bad", "woman", "man"]), [0, 1]),
        ("standing", pa.array([None, "without_standing"]), [-1, 1]),
        ("standing", pa.nulls(2), [-1, -1]),
        ("attendance", pa.array(["", "attender"]), [-1, 0]),
        ("household", pa.array([2**60 + 1, 2**60]), [0, 1]),
        ("household", pa.array([None, 7.0]), [-1, 0]),
        ("household", pa.array([Decimal("7.0"), None], pa.decimal128(6, 1)), [0, -1]),
        ("household", pa.array([" b ", "b2"]).dictionary_encode(), [0, 1]),
        ("household", pa.nulls(2, pa.string()), [-1, -1]),
        ("hope", pa.array([0, 1], pa.int8()), [0.0, 1.0]),
        ("hope", pa.array([None, 0.5], pa.float32()), [np.nan, 0.5]),
        ("hope", pa.array([np.float16(0.5), None], pa.float16()), [0.5, np.nan]),
        ("hope", pa.array(["0.5", ""]), [0.5, np.nan]),
        ("hope", pa.array([0.5, 0.5]).dictionary_encode(), [0.5, 0.5]),
        ("education", pa.array([Decimal("12.5"), None], pa.decimal128(6, 2)), [12.5, np.nan]),
        ("weight", pa.array([1, 10**9]), [1.0, 1e9]),
    ],
)
def test_parquet_columns_of_each_sensible_type_are_read(tmp_path, column, values, expected):
    own = read(tmp_path, parquet(tmp_path, {**BASE, column: values}), "people.parquet")
    found = getattr(own, column) if column != "hope" else own.traits["hope"]
    np.testing.assert_array_equal(found, expected)
    assert own.neighbourhood.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("column", "values", "key", "problem"),
    [
        ("sex", pa.array([0, 1]), "sex", "must hold text, not int64"),
        ("sex", pa.array([b"man", b"woman"]), "sex", "must hold text, not binary"),
        ("neighbourhood", pa.array([True, False]), "neighbourhood", "must hold text, not bool"),
        ("birth_year", pa.array([[1], [2]]), "birth_year", "must hold numbers, not list<element: int64>"),
        ("hope", pa.array([{"a": 1}, None]), "hope", "must hold numbers, not struct<a: int64>"),
        ("household", pa.array([True, False]), "household", "must hold text or whole numbers, not bool"),
        ("household", pa.array([1.0, 1.5]), "row 2, household", "must be a text or a whole number, or empty where"),
        ("household", pa.array([1.0, np.nan]), "row 2, household", "must be a text or a whole number, or empty where"),
        (
            "household",
            pa.array([5, 5]),
            "row 2, household",
            "household 5 is in 'Rostamabad' here and in 'Mahunak' abov",
        ),
        ("hope", pa.array([0.5, np.nan]), "row 2, hope", f"must be {SHARE}, not NaN"),
        ("hope", pa.array([np.inf, 0.5]), "row 1, hope", f"must be {SHARE}, not infinity"),
        ("birth_year", pa.array([1360, None]), "row 2, birth_year", f"is missing: it must be {YEARS}"),
        ("birth_year", pa.array([1360, 2**62]), "row 2, birth_year", f"must be {YEARS}, not 4611686018427387904"),
        ("birth_year", pa.array([2001.0, 1360.0]), "row 1, birth_year", f"must be {YEARS}, not 2001.0: looks like"),
        ("weight", pa.array([1.0, None]), "row 2, weight", "is missing: it must be a number above 0"),
        ("sex", pa.nulls(2), "row 1, sex", "is missing: it must be man or woman"),
        ("hopes", pa.array([1, 1]), "hopes", "unknown column (did you mean 'hope'?)"),
        ("__index_level_0__", pa.array([1, 1]), "__index_level_0__", "unknown column: an index that pandas wrote"),
    ],
)
def test_faults_of_parquet_name_the_row_and_the_column(tmp_path, column, values, key, problem):
    fault = faults(tmp_path, parquet(tmp_path, {**BASE, column: values}), "people.parquet")[0]
    assert (fault.line, fault.key) == (None, key)
    assert fault.problem.startswith(problem)


def test_parquet_files_that_are_none_or_damaged_or_too_large_are_refused(tmp_path, monkeypatch):
    content = parquet(tmp_path, {**BASE, "household": [f"{k:050}" for k in range(2)]})

    def problem(changed):
        (fault,) = faults(tmp_path, changed, "people.pq")
        return fault.problem

    no_parquet = "is not a Parquet file: save it as Parquet, or as CSV under .csv"
    assert problem(GOOD) == no_parquet
    assert problem(content[:-5]) == no_parquet
    assert problem(b"") == "is empty"
    assert problem(b"PAR1" + b"\0" * 40 + content[44:]).startswith("is a damaged Parquet file: ")
    assert problem(parquet(tmp_path, pa.table(BASE).slice(0, 0))) == "has no residents"
    bad_text = pa.StringArray.from_buffers(2, pa.py_buffer(np.array([0, 1, 2], np.int32)), pa.py_buffer(b"\xffa"))
    assert problem(parquet(tmp_path, {**BASE, "household": bad_text})).startswith("is a damaged Parquet file: ")
    twice = pa.Table.from_arrays([pa.array(["man"])] * 2, names=["sex", "sex"])
    assert faults(tmp_path, parquet(tmp_path, twice), "people.pq")[0].problem == "the column occurs twice"
    monkeypatch.setattr(files, "MOST_ROWS", 1)
    assert problem(content) == "has 2 rows; at most 1 are read"
    monkeypatch.setattr(files, "MOST_ROWS", 2)
    monkeypatch.setattr(files, "LARGEST_UNPACKED", 10)
    assert problem(content).startswith("takes 0.0 GB unpacked; at most 0 GB are read")


@pytest.mark.parametrize("name", ["people.csv", "people.parquet"])
def test_a_damaged_file_gives_people_or_one_clear_fault(tmp_path, name):
    """Bytes changed, lost or added anywhere: never another exception."""
    rng = np.random.default_rng(1)
    content = parquet(tmp_path, {**{key: values * 20 for key, values in BASE.items()}, "household": list(range(40))})
    if name == "people.csv":
        content = f'{HEAD},household\nMahunak,man,1360,a\nFeyzabad,man,1360,"b,c"\nMahunak,man,1360,a\n'.encode()
    refused = 0
    for _ in range(400):
        damaged, place = bytearray(content), int(rng.integers(len(content)))
        damaged[place : place + rng.integers(0, 3)] = rng.choice(
            list(b'",\n\r;\0\xff\x07 9'), rng.integers(0, 3)
        ).tolist()
        refused += bool(faults(tmp_path, bytes(damaged), name))
    assert 100 < refused < 400


READS = """
import sys
from pathlib import Path
import numpy as np
import pyarrow as pa
from sim.own_people import read_people
own = read_people("people.parquet", Path(sys.argv[1]), sys.argv[3:], int(sys.argv[2]))
print(np.unique(own.household).tolist(), pa.default_memory_pool().max_memory())
"""


def test_a_text_repeated_in_parquet_is_held_once(tmp_path):
    one_text = pa.DictionaryArray.from_arrays(pa.array(np.zeros(20_000, np.int32)), ["x" * 100_000])
    table = pa.table({**{key: [values[0]] * 20_000 for key, values in BASE.items()}, "household": one_text})
    pq.write_table(table, tmp_path / "people.parquet", store_schema=False)  # a plain text: 2 GB if it were repeated
    # In a process of its own: the most that pyarrow's pool has held is that of a whole process.
    done = subprocess.run(
        [sys.executable, "-c", READS, str(tmp_path), str(START), *NAMES], capture_output=True, text=True, check=True
    )
    households, most = done.stdout.split()
    assert households == "[0]"
    assert 0 < int(most) < 100_000_000


@settings(max_examples=60, deadline=None)
@given(data=st.data(), n=st.integers(1, 30))
def test_a_round_trip_through_csv_and_parquet_gives_the_same_people(tmp_path_factory, data, n):
    folder = tmp_path_factory.mktemp("people")

    def column(values):
        return data.draw(st.lists(values, min_size=n, max_size=n))

    share = st.one_of(st.none(), st.floats(0.0, 1.0))
    place = column(st.integers(0, 2))
    columns = {
        "neighbourhood": [NAMES[k] for k in place],
        "sex": column(st.sampled_from(["man", "woman"])),
        "birth_year": column(st.integers(START - 120, START)),
        "household": [
            label and f"{k} {label}" for k, label in zip(place, column(st.sampled_from(["", "x", "ی"])), strict=True)
        ],
        "standing": column(st.sampled_from([None, "citizen", "without_standing"])),
        "education": column(st.one_of(st.none(), st.floats(0.0, 30.0))),
        "trust_in_council": column(share),
        "weight": column(st.floats(1e-300, 1e9)),
    }
    parquet(folder, columns, "p.parquet")
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    (folder / "p.csv").write_bytes(text.getvalue().encode())
    one, other = (read_people(name, folder, NAMES, START) for name in ("p.csv", "p.parquet"))
    assert one.neighbourhood.tolist() == place
    assert one.birth_year.tolist() == columns["birth_year"]
    assert one.weight.tolist() == columns["weight"]
    np.testing.assert_array_equal(one.traits["trust_in_council"], np.array(columns["trust_in_council"], float))
    for name in ("neighbourhood", "sex", "birth_year", "household", "standing", "education", "weight"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    labels = {}
    numbers = [labels.setdefault(label, len(labels)) if label else -1 for label in columns["household"]]
    assert one.household.tolist() == numbers
