"""The benchmark suite itself: its tables, its fit, its guard. Nothing here depends on how long anything takes."""

import itertools
import json
import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import engine, guard, machine, startup, sweep_cases, sweep_table, tables
from benchmarks.__main__ import README, main, write_tables
from benchmarks.engine import PHASES, city_values, phases_timed, seconds_to_copy, state_bytes
from benchmarks.errors import BenchmarkError
from benchmarks.interleaved import is_stable, least_of, measure_ratio
from benchmarks.markdown import Table, markers, put, render, short
from benchmarks.plan import FULL, QUICK
from benchmarks.processes import ROOT, measure
from benchmarks.spread import RISK_PER_TIE
from benchmarks.tables import TABLES, bytes_per_resident, fitted_exponent
from benchmarks.workload import Workload
from tests.conftest import at_night
from tests.interrupting import HANGING

EXAMPLE = Table("example", ("size", "cost"), [("10", "1.00"), ("20", "2.00")], ("It doubles.",))


def run(*words):
    """Run the suite as a user does."""
    command = [sys.executable, "-m", "benchmarks", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=HANGING)


def cells_of(text):
    """Rows of cells of a Markdown table."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]


# --- tables and the README --------------------------------------------------------------------------------------------


def test_a_table_is_rendered_with_its_notes_below():
    assert render(EXAMPLE) == "| size | cost |\n| --- | ---: |\n| 10 | 1.00 |\n| 20 | 2.00 |\n\nIt doubles."


def test_a_table_goes_between_its_markers_and_nothing_else_changes():
    begin, end = markers("example")
    other = "\n".join(markers("other"))
    text = f"Before.\n\n{begin}\nold\n{end}\n\nAfter.\n{other}\n"
    once = put(text, "example", "new")
    assert once == f"Before.\n\n{begin}\nnew\n{end}\n\nAfter.\n{other}\n"
    assert put(once, "example", "new") == once


BEGIN, END = markers("example")


@pytest.mark.parametrize("text", ["", BEGIN, END, f"{END}\n{BEGIN}", f"{BEGIN}\n{BEGIN}\n{END}"])
def test_missing_or_doubled_markers_are_one_clear_error(text):
    with pytest.raises(BenchmarkError, match="once each, in this order") as caught:
        put(text, "example", "new")
    assert caught.value.status == 2


def test_the_readme_has_a_place_for_every_table_and_no_other():
    text = README.read_text(encoding="utf-8")
    assert re.findall(r"<!-- table: (\w+) -->", text) == list(TABLES)
    for name in TABLES:
        assert put(text, name, "new") != text


@pytest.mark.parametrize(
    ("value", "text"), [(12345.6, "12,346"), (100.0, "100"), (12.34, "12.3"), (1.234, "1.23"), (0.01234, "0.0123")]
)
def test_numbers_are_short(value, text):
    assert short(value) == text


def test_full_tables_are_written_into_the_readme_with_the_machine(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.__main__.TABLES", {"example": lambda plan: EXAMPLE if plan is FULL else None})
    readme = tmp_path / "README.md"
    readme.write_text(f"Prose.\n{BEGIN}\nold\n{END}\n", encoding="utf-8")
    assert write_tables(["example"], quick=False, readme=readme) == 0
    expected = f"Prose.\n{BEGIN}\n{render(EXAMPLE)}\n\nMeasured on {machine.describe()}.\n{END}\n"
    assert readme.read_text(encoding="utf-8") == expected


def test_ballots_are_counted_alike_by_us_and_pabutools():
    pytest.importorskip("pabutools")
    table = tables.ballots(QUICK)
    assert [row[1:3] for row in table.rows] == [("300", "12")] * 2
    assert all(int(row[-1]) > 0 for row in table.rows)
    assert "the same projects" in table.notes[0]


def test_the_ratio_of_ballots_is_that_of_the_times(monkeypatch):
    case = {"seconds": 0.1, "pabutools_seconds": 3.0, "winners": 7}
    found = {"none": case, "add1": {**case, "pabutools_seconds": 1.9}, "versions": "pabutools 0"}
    monkeypatch.setattr(tables, "measure", lambda *_words, **_more: found)
    rendered = render(tables.ballots(QUICK))
    assert [row[3] for row in cells_of(rendered)[2:]] == ["30.0", "19.0"]
    assert "**not kept**" in rendered


def test_the_machine_is_described_without_its_name_or_a_path():
    described = machine.describe()
    assert f"NumPy {np.__version__}" in described
    assert "/" not in described
    assert machine.platform.node() not in described.split()


# --- what is computed from the measurements ---------------------------------------------------------------------------


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0, 1.7])
def test_the_exponent_of_an_exact_power_is_found(exponent):
    sizes = [13_090, 39_270, 130_896, 1_308_000]
    assert fitted_exponent(sizes, [3e-7 * size**exponent for size in sizes]) == pytest.approx(exponent, abs=1e-12)


def test_the_exponent_is_the_slope_of_least_squares():
    sizes, costs = [1.0, math.e, math.e**2], [1.0, 1.0, math.e**3]
    assert fitted_exponent(sizes, costs) == pytest.approx(1.5)


def test_bytes_per_resident_leave_out_what_both_cities_hold():
    small, large = {"residents": 1_000, "peak_mb": 201.0}, {"residents": 3_000, "peak_mb": 203.0}
    assert bytes_per_resident(small, large) == 1_000.0


def test_the_full_plan_fits_over_at_least_four_sizes_from_twelve_thousand_to_a_million_and_a_quarter():
    residents = [city.times * 130_000 for city in FULL.cities]
    assert len(residents) >= 4
    assert residents == sorted(residents)
    assert residents[0] < 15_000
    assert residents[-1] > 1_250_000
    assert FULL.largest.times * 130_000 >= 1_590_000
    assert set(FULL.shown) <= set(FULL.cities)
    assert set(QUICK.shown) <= set(QUICK.cities)


def test_a_larger_city_has_as_much_money_a_head():
    assert city_values(0.1) == {"run.scale": 0.1}
    values = city_values(10.0, neighbourhoods=500)
    assert values["city.neighbourhoods.count"] == 500
    assert values["city.finance.works_budget_per_year"] / values["city.population.total"] == 300.0 / 162_000


def made_up_run(**changes):
    """A run of 10 weeks of 1 s each, half of it in one phase."""
    seconds = dict.fromkeys(PHASES, 0.5) | {"update_trust": 5.0}
    run = {"residents": 1_000, "weeks": 10, "build_seconds": 2.0, "run_seconds": 10.0, "phase_seconds": seconds}
    return {**run, "load_seconds": 0.5, "peak_mb": 300.0, "state_bytes": 4_000_000, "copy_seconds": 0.25, **changes}


def test_shares_of_the_phases_and_of_mesa_sum_to_one(monkeypatch):
    monkeypatch.setattr(tables, "city_run", lambda city, weeks: made_up_run())
    rows = cells_of(render(tables.phases(QUICK)))[2:]
    assert [row[0] for row in rows] == [*(f"`{name}`" for name in PHASES), "Mesa's clock"]
    assert rows[7][1:] == ["50.0%", "50.0%", "500,000", "500,000"]
    assert sum(float(row[1].rstrip("%")) for row in rows) == pytest.approx(100.0)


def test_a_week_is_counted_in_copies_of_the_state(monkeypatch):
    monkeypatch.setattr(tables, "city_run", lambda city, weeks: made_up_run())
    assert cells_of(render(tables.limit(QUICK)))[2] == ["1,000", "4.00", "4.00", "250", "1,000"]


@pytest.mark.parametrize(("peak", "words"), [(3_999.0, "is kept"), (4_001.0, "is **not kept**")])
def test_the_limit_of_memory_is_judged(monkeypatch, peak, words):
    sizes = iter(range(1_000, 100_000, 1_000))
    monkeypatch.setattr(tables, "city_run", lambda city, weeks: made_up_run(peak_mb=peak, residents=next(sizes)))
    monkeypatch.setattr(tables, "measure", lambda name, **arguments: {"seconds": 1.0, "peak_mb": 1.0})
    table = tables.engine(QUICK)
    assert words in table.notes[-1]
    # 10 s for 10 weeks of 1,000 residents is 1 ms each, a thousandth of what the other model takes.
    assert table.rows[len(QUICK.objects)][:3] == (f"engine, {made_up_run()['weeks']} weeks", "1,000", "1,000")


@pytest.mark.parametrize(("help_seconds", "words"), [(0.32, "is kept"), (0.34, "is **not kept**")])
def test_the_limit_of_the_command_line_is_a_third(monkeypatch, help_seconds, words):
    found = dict.fromkeys((*startup.COMMANDS, startup.RUN), 1.0) | {"mahalle --help": help_seconds}
    monkeypatch.setattr(tables, "compare_starts", lambda times: found)
    assert words in render(tables.start(QUICK))


@pytest.mark.parametrize("there", [False, True])
def test_starsim_is_compared_if_it_is_there_and_else_skipped_in_one_line(tmp_path, monkeypatch, capsys, there):
    def measured(name, *python, people=1_000, steps=5, values=None):
        assert bool(python) == name.startswith("starsim")
        case = {"people": people, "steps": steps, "seconds": 2.0 if "mesa" in name else 1.0, "peak_mb": 1.0}
        return case | ({"ever_ill": 0.5, "versions": "Starsim 3"} if "spread" in name else {})

    if there:
        (tmp_path / "ready").touch()
    monkeypatch.setattr(tables, "PEERS", tmp_path)
    monkeypatch.setattr(tables, "city_run", lambda city, weeks: made_up_run())
    monkeypatch.setattr(tables, "measure", measured)
    text = render(tables.peers(QUICK))
    assert ("Starsim: SIR" in text) == there
    assert ("SIR takes Mesa 2.00 times as long as Starsim" in text) == there
    assert (tables.STARSIM_SKIPPED in text) != there
    assert capsys.readouterr().err.count(tables.STARSIM_SKIPPED) == int(not there)


def test_peers_are_pinned_by_name_and_version_alone():
    lines = (ROOT / "benchmarks" / "peers.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][0-9a-z.]*", line) for line in pins)
    assert any(line.startswith("starsim==") for line in pins)


# --- what is measured -------------------------------------------------------------------------------------------------


def test_timing_the_phases_changes_nothing_and_is_undone(build_city, monkeypatch):
    """By a clock that ticks at each look: a real one may stand still for as long as a phase takes."""
    ticks = itertools.count()
    monkeypatch.setattr(engine.time, "perf_counter", lambda: float(next(ticks)))
    plain = build_city().run(8)
    city = build_city()
    with phases_timed(city) as seconds:
        city.run(8)
    assert list(seconds) == list(PHASES)
    assert set(seconds.values()) == {8.0}
    assert city.history.equals(plain.history)
    before = dict(seconds)
    city.run(1)
    assert seconds == before


def test_the_state_is_all_columns_and_ties(build_city):
    city = build_city()
    columns = sum(city.residents[name].nbytes for name in city.residents)
    assert state_bytes(city) == columns + city.ties.nbytes
    assert seconds_to_copy(1_000) > 0.0


def test_everybody_ends_up_near_the_same_opinion_in_mesa():
    from benchmarks.mesa_peers import Listener, Town

    town = Town(Listener, 200)
    assert sum(len(agent.ties) for agent in town.agents) == 200 * 10
    spread = np.std([agent.opinion for agent in town.agents])
    town.run_for(30)
    assert np.std([agent.opinion for agent in town.agents]) < 0.3 * spread


def test_the_illness_of_mesa_spreads_by_its_risk_and_passes():
    from benchmarks.mesa_peers import ILL, IMMUNE, Patient, Town

    town = Town(Patient, 5_000)
    ill = [agent for agent in town.agents if agent.state == ILL]
    exposures = sum(tie.state != ILL for agent in ill for tie in agent.ties)
    assert len(ill) / 5_000 == pytest.approx(0.1, abs=0.02)
    town.run_for(1)
    new = sum(agent.state == ILL for agent in town.agents) - len(ill)
    assert new == pytest.approx(exposures * RISK_PER_TIE, rel=0.35)
    town.run_for(18)
    assert all(agent.state == ILL for agent in ill)
    town.run_for(1)
    assert all(agent.state == IMMUNE for agent in ill)


@pytest.mark.parametrize("engine", [[], *at_night(["engine"])])
def test_the_quick_suite_measures_phases_limit_and_engine_and_leaves_the_readme_alone(engine):
    before = README.read_bytes()
    done = run("--quick", "--only", "phases", "limit", *engine)
    assert done.returncode == 0, done.stderr
    rows = cells_of(done.stdout)
    if engine:
        assert sum(row[0].startswith("engine, ") for row in rows) == len(QUICK.cities) + 2
        assert sum(row[0].startswith("object per agent") for row in rows) == len(QUICK.objects)
    assert {f"`{name}`" for name in PHASES} <= {row[0] for row in rows}
    assert README.read_bytes() == before


def test_a_case_that_fails_is_one_clear_line_and_status_1(capfd):
    with pytest.raises(BenchmarkError, match=r"engine\.run_city failed") as caught:
        measure("engine.run_city", values={"run.scale": 7.0}, weeks=1)
    assert caught.value.status == 1


@pytest.mark.parametrize(
    "words", [["--quack"], ["--only"], ["--only", "phase"], ["--quick", "--guard"], ["--guard", "--only", "engine"]]
)
def test_a_wrong_request_is_refused_with_status_2(words, capsys):
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert "error: " in capsys.readouterr().err.splitlines()[-1]


# --- the guard --------------------------------------------------------------------------------------------------------

STORED = dict.fromkeys(guard.CASES, 1.0)


@pytest.fixture
def reference(tmp_path):
    path = tmp_path / "reference.json"
    guard.write_reference(STORED, path)
    return path


@pytest.mark.parametrize(("factor", "status"), [(0.5, 0), (1.0, 0), (1.19, 0), (1.21, 1), (3.0, 1)])
def test_more_than_a_fifth_is_slower(reference, monkeypatch, capsys, factor, status):
    slow = next(iter(STORED))
    monkeypatch.setattr(
        guard, "ratios", lambda names=tuple(STORED): {name: {slow: factor}.get(name, 1.0) for name in names}
    )
    assert guard.check(reference) == status
    warned = [line for line in capsys.readouterr().err.splitlines() if "slower" in line]
    assert len(warned) == status
    assert all(slow in line for line in warned)


def test_a_case_that_seems_slower_is_measured_once_more_and_the_lower_ratio_counts(reference, monkeypatch, capsys):
    measured = []

    def ratios(names=tuple(STORED)):
        measured.append(list(names))
        return dict.fromkeys(names, 1.3 if len(measured) == 1 else 1.1)

    monkeypatch.setattr(guard, "ratios", ratios)
    assert guard.check(reference) == 0
    assert measured == [list(STORED), list(STORED)]
    assert "slower" not in capsys.readouterr().err


def test_every_slower_case_has_its_line():
    assert len(guard.warnings(dict.fromkeys(STORED, 1.3), STORED)) == len(STORED)


def test_what_is_stored_is_read_back(tmp_path, monkeypatch):
    path = tmp_path / "reference.json"
    monkeypatch.setattr(guard, "ratios", lambda: dict.fromkeys(STORED, 1.23456))
    assert guard.store(path) == 0
    assert guard.read_reference(path) == dict.fromkeys(STORED, 1.2346)
    assert json.loads(path.read_text(encoding="utf-8"))["measured_on"] == machine.describe()


BAD_REFERENCES = [
    None,
    b"",
    b"{",
    b"\xff",
    b"[]",
    b"{}",
    b'{"ratios": 1}',
    b'{"ratios": {}}',
    *[
        json.dumps({"ratios": {**STORED, next(iter(STORED)): value}}).encode()
        for value in (None, "1", True, 0, -1.0, math.nan, math.inf)
    ],
]


@pytest.mark.parametrize("content", BAD_REFERENCES)
def test_without_a_usable_reference_nothing_is_measured_and_the_status_is_2(tmp_path, monkeypatch, capsys, content):
    path = tmp_path / "reference.json"
    if content is not None:
        path.write_bytes(content)
    check = guard.check
    monkeypatch.setattr(guard, "check", lambda: check(path))
    monkeypatch.setattr(guard, "ratios", lambda: pytest.fail("it measured"))
    assert main(["--guard"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "reference.json" in line
    assert "make bench-store" in line


def test_the_reference_of_the_repository_is_usable():
    assert list(guard.read_reference()) == list(guard.CASES)


def test_engine_and_workload_are_measured_in_turn_at_a_tiny_size():
    found = measure_ratio(0.005, 2, most=2)
    assert found["residents"] > 100
    assert found["ratio"] > 0.0
    assert found["repeats"] == 2


def test_the_least_time_of_each_week_counts():
    assert least_of([(1.0, 5.0), (2.0, 1.0)], [(3.0, 4.0), (1.5, 2.0)]) == [(1.0, 4.0), (1.5, 1.0)]


@pytest.mark.parametrize(
    ("ratios", "stable"),
    [
        ([1.0, 1.0, 1.0], False),
        ([2.0, 1.5, 1.0, 1.0, 1.009], True),
        ([1.0, 1.0, 1.0, 1.0, 1.02], False),
        ([1.0, 1.0, 1.02, 1.0, 1.0], False),
    ],
)
def test_repeats_end_when_the_latest_agree(ratios, stable):
    assert is_stable(ratios) == stable


def test_a_pass_of_the_workload_does_the_same_work_whenever():
    workload, twin = Workload(1_000), Workload(1_000)
    assert workload.run() == twin.run()
    arrays = {id(column) for column in workload.columns}
    workload.run()
    assert {id(column) for column in workload.columns} == arrays
    assert all(np.isfinite(column).all() and column.min() >= 0.0 for column in workload.columns)


# --- sweeps -----------------------------------------------------------------------------------------------------------


def sweep_measured(seconds, peak=200.0):
    """What `measure` would return for each way, with made-up seconds by case, workers and reuse."""

    def measured(name, **arguments):
        if name == "sweep_cases.tiny_runs":
            return {"main_mb": peak + arguments["runs"], "runs": arguments["runs"]}
        key = next(way for way, (case, own) in sweep_table.WAYS.items()
                   if f"sweep_cases.{case}" == name and own.items() <= arguments.items())  # fmt: skip
        return {"seconds": seconds.get(key, 8.0), "runs": 10, "numbers": 30, "main_mb": 1.0, "all_mb": 2.0}

    return measured


@pytest.mark.parametrize(
    ("here", "two", "words"),
    [
        (4.1, 5.0, ("1.02", "is kept", "80%", "is **not kept**")),
        (4.4, 4.0, ("1.10", "is **not kept**", "100%", "is kept")),
    ],
)
def test_overhead_and_efficiency_of_sweeps_are_judged(monkeypatch, here, two, words):
    seconds = {
        "bare loop, built cities used again": 4.0,
        "Mahalle, in the same process": here,
        "Mahalle, 2 workers": two,
    }
    monkeypatch.setattr(sweep_table, "measure", sweep_measured(seconds))
    table = sweep_table.sweeps(QUICK)
    overhead, efficiency, memory = table.notes
    assert words[0] in overhead
    assert words[1] in overhead
    assert words[2] in efficiency
    assert words[3] in efficiency
    assert "grows by 10.0 MB; the limit of 100 MB is kept" in memory
    assert table.rows[1][1] == "0.50"


def test_ways_of_doing_a_design_keep_the_same_numbers():
    size = {"scale": 0.005, "weeks": 2, "replications": 1}
    loop, sweep = sweep_cases.loop(**size, reuse=True), sweep_cases.sweep(**size, executor="here", workers=1)
    other = sweep_cases.ema_workbench(**size, workers=1)
    assert loop["numbers"] == sweep["numbers"] == other["numbers"] == 5 * 3 * 3
    assert loop["runs"] == sweep["runs"] == other["runs"] == 5


def test_what_surrounds_a_run_is_its_wall_time_less_building_and_weeks(monkeypatch):
    def ran(command):
        folder = Path(command[-1])
        folder.mkdir()
        (folder / "manifest.json").write_text('{"timing": {"build_s": 0.5, "run_s": 2.0}}', encoding="utf-8")
        return 4.0

    monkeypatch.setattr(startup, "seconds", ran)
    assert startup.seconds_around_a_run() == 1.5
