"""Sweeps survive: kills, full disks, damaged files, bad runs; and give the same bytes whoever does the runs."""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from pathlib import Path

import pandas as pd
import psutil
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import experiments
from experiments.interruption import StoppedEarlyError
from experiments.study.executors import Processes
from experiments.study.shards import read_shard
from experiments.study.store import Part
from experiments.study.watching import some
from experiments.sweeps import tables
from experiments.sweeps.command import plan
from experiments.sweeps.experiment import Fixed
from experiments.sweeps.report import report, rows_shown
from experiments.sweeps.runner import run
from experiments.sweeps.tables import load
from experiments.sweeps.worker import city_run
from sim.errors import ConfigError
from tests.bad_days.killing import faults, killed_again_and_again
from tests.conftest import at_night
from tests.interrupting import HANGING
from tests.sweeps.conftest import ROOT, digests, kill_all, mahalle, start, tiny
from tests.sweeps.deadly import deadly_work


def wait_for(condition) -> None:
    end = time.monotonic() + HANGING
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def shards(folder: Path) -> list[Path]:
    return sorted((folder / "shards").glob("*.parquet"))


# ---------------------------------------------------------------- what comes out


def test_tables_hold_every_run(undisturbed):
    sweep = experiments.load(undisturbed)
    assert len(sweep.runs) == 4 * 6
    assert (sweep.runs.status == "done").all()
    assert sweep.runs.groupby("replication").seed.nunique().eq(1).all()  # common random numbers
    assert sweep.runs.seed.nunique() == 6
    rows = sweep.outcomes.groupby("run_id").size()
    assert (rows == 9 + 1 + 2).all()  # weeks 0 to 8, one mean, two weeks
    assert not len(sweep.failures)
    summary = sweep.summary()
    assert (summary.runs == 6).all()
    assert ((summary.low <= summary["mean"]) & (summary["mean"] <= summary.high)).all()


def test_a_run_in_the_table_is_the_run_of_its_config(undisturbed, tmp_path):
    mahalle("run", "--from", undisturbed, "--run-id", "13", "--out", tmp_path / "one", "--quiet", "--no-figure")
    alone = pd.read_parquet(tmp_path / "one/city.parquet").trust_in_municipality
    outcomes = experiments.load(undisturbed).outcomes
    series = outcomes[(outcomes.run_id == 13) & (outcomes.outcome == "trust_in_municipality")]
    assert series.value.to_list() == alone.to_list()


def test_two_workers_give_the_same_bytes(undisturbed, tmp_path):
    mahalle("sweep", tiny(tmp_path), "--out", tmp_path / "sweep", "--workers", "2", "--quiet")
    assert digests(tmp_path / "sweep") == digests(undisturbed)


def test_three_shards_merged_give_the_same_bytes(undisturbed, tmp_path):
    file = tiny(tmp_path)
    for k in (2, 3, 1):
        mahalle("sweep", file, "--out", tmp_path / "sweep", "--shard", f"{k}/3", "--workers", "1", "--quiet")
    assert digests(tmp_path / "sweep") == digests(undisturbed)
    for table in ("runs", "outcomes", "failures"):
        (tmp_path / f"sweep/{table}.parquet").unlink()
    mahalle("merge", tmp_path / "sweep")
    assert digests(tmp_path / "sweep") == digests(undisturbed)


def test_parts_that_are_missing_are_said_to_be_missing(tmp_path):
    mahalle("sweep", tiny(tmp_path), "--out", tmp_path / "sweep", "--shard", "1/2", "--workers", "1", "--quiet")
    assert "12 missing" in mahalle("merge", tmp_path / "sweep", status=1)
    assert not experiments.load(tmp_path / "sweep").complete


def test_dask_with_a_killed_worker_gives_the_same_bytes(undisturbed, tmp_path):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        process = start(
            "sweep", tiny(tmp_path), "--out", tmp_path / "sweep", "--quiet",
            "--executor", "dask", "--scheduler", cluster.scheduler_address,
        )  # fmt: skip
        wait_for(lambda: shards(tmp_path / "sweep"))
        os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
        out, err = process.communicate(timeout=HANGING)
        assert process.returncode == 0, out + err
    assert digests(tmp_path / "sweep") == digests(undisturbed)


# ---------------------------------------------------------------- nothing is lost


@pytest.mark.parametrize("seed", [2, *at_night(1, 3)])
def test_killed_and_resumed_is_as_if_undisturbed(undisturbed, tmp_path, seed):
    words = ["sweep", str(tiny(tmp_path)), "--out", str(tmp_path / "sweep"), "--workers", "2", "--quiet"]
    killed_again_and_again(words, times=1, seed=seed)
    assert faults(tmp_path / "sweep") == []
    assert digests(tmp_path / "sweep") == digests(undisturbed)


def test_a_finished_sweep_is_not_done_again(undisturbed, tmp_path):
    shutil.copytree(undisturbed, tmp_path / "sweep")
    before = {path.name: path.stat().st_mtime_ns for path in shards(tmp_path / "sweep")}
    mahalle("sweep", tiny(tmp_path), "--out", tmp_path / "sweep", "--quiet")
    assert {path.name: path.stat().st_mtime_ns for path in shards(tmp_path / "sweep")} == before


def test_more_replications_keep_those_there_are(undisturbed, tmp_path):
    shutil.copytree(undisturbed, tmp_path / "sweep")
    before = {path.name for path in shards(tmp_path / "sweep")}
    mahalle("sweep", tiny(tmp_path, replications=7), "--out", tmp_path / "sweep", "--quiet", "--workers", "1")
    sweep = experiments.load(tmp_path / "sweep")
    assert len(sweep.runs) == 28
    assert before < {path.name for path in shards(tmp_path / "sweep")}


def test_a_killed_worker_costs_no_run(undisturbed, tmp_path):
    process = start("sweep", tiny(tmp_path), "--out", tmp_path / "sweep", "--quiet", "--workers", "2")
    wait_for(lambda: shards(tmp_path / "sweep"))
    workers = [child for child in psutil.Process(process.pid).children(recursive=True) if child.memory_info().rss > 9e7]
    workers[-1].kill()
    out, err = process.communicate(timeout=HANGING)
    assert process.returncode == 0, out + err
    assert digests(tmp_path / "sweep") == digests(undisturbed)


def test_workers_do_not_outlive_a_killed_sweep(tmp_path):
    process = start("sweep", tiny(tmp_path, replications=200), "--out", tmp_path / "sweep", "--quiet")
    wait_for(lambda: shards(tmp_path / "sweep"))
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(children, timeout=HANGING)
    for child in alive:
        child.kill()
    assert not alive


def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(undisturbed, tmp_path):
    file = tiny(tmp_path)
    process = start("sweep", file, "--out", tmp_path / "sweep", "--workers", "1", "--quiet")
    wait_for(lambda: len(shards(tmp_path / "sweep")) >= 2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=HANGING)
    if process.returncode == 0:
        pytest.skip("the sweep was done before the signal came")
    assert process.returncode == 130, out + err
    assert "; resume with: mahalle sweep " in err
    assert "Traceback" not in err
    kept = len(shards(tmp_path / "sweep"))
    mahalle("sweep", file, "--out", tmp_path / "sweep", "--workers", "1", "--quiet")
    assert kept >= 2
    assert digests(tmp_path / "sweep") == digests(undisturbed)


@pytest.mark.parametrize("harm", ["cut off", "altered", "emptied"])
def test_a_damaged_shard_is_named_and_done_again(undisturbed, tmp_path, harm):
    shutil.copytree(undisturbed, tmp_path / "sweep")
    victim = shards(tmp_path / "sweep")[1]
    content = bytearray(victim.read_bytes())
    if harm == "altered":
        content[len(content) // 3] ^= 1
    victim.write_bytes(bytes(content[: {"cut off": len(content) // 2, "emptied": 0}.get(harm, len(content))]))
    for table in ("runs", "outcomes"):
        (tmp_path / f"sweep/{table}.parquet").unlink()
    printed = mahalle("sweep", tiny(tmp_path), "--out", tmp_path / "sweep", "--quiet")
    assert victim.name in printed
    assert (tmp_path / "sweep/damaged" / victim.name).exists()
    assert digests(tmp_path / "sweep") == digests(undisturbed)


def harmed(path: Path, harm: str) -> None:
    """Cut a shard off, or put other numbers into it so that it still can be read."""
    if harm == "cut off":
        path.write_bytes(path.read_bytes()[:300])
        return
    table = pq.read_table(path)
    place = table.schema.get_field_index("value")
    pq.write_table(table.set_column(place, "value", pc.add(table["value"], 0.1)), path)


@pytest.mark.parametrize("harm", ["cut off", "altered"])
def test_merge_leaves_a_damaged_shard_out_and_says_so(undisturbed, tmp_path, harm):
    shutil.copytree(undisturbed, tmp_path / "sweep")
    bad = shards(tmp_path / "sweep")[0]
    harmed(bad, harm)
    said = mahalle("merge", tmp_path / "sweep", status=1)
    assert f"shards/{bad.name} was altered or cut off and is left out: give the sweep's command again" in said
    assert "Traceback" not in said
    kept = experiments.load(tmp_path / "sweep")
    assert not kept.complete
    whole = pd.read_parquet(undisturbed / "outcomes.parquet").set_index(["run_id", "outcome", "week"]).value
    left = kept.outcomes.set_index(["run_id", "outcome", "week"]).value
    assert left.equals(whole.loc[left.index])
    mahalle("sweep", undisturbed.parent / "tiny.yaml", "--out", tmp_path / "sweep", "--quiet")
    assert digests(tmp_path / "sweep") == digests(undisturbed)


def test_a_part_leaves_what_another_part_must_do_again(tmp_path):
    experiment, out = tiny(tmp_path, replications=2), tmp_path / "sweep"
    mahalle("sweep", experiment, "--out", out, "--shard", "1/2", "--quiet")
    bad = shards(out)[0]
    harmed(bad, "altered")
    said = mahalle("sweep", experiment, "--out", out, "--shard", "2/2", "--quiet")
    assert f"{bad.name} was altered or cut off; its runs are another part's to do again" in said
    assert bad.exists()
    said = mahalle("sweep", experiment, "--out", out, "--shard", "1/2", "--quiet")
    assert f"{bad.name} was altered or cut off; it is moved to damaged/ and its runs are repeated" in said
    assert experiments.load(out).complete


def test_points_are_summed_up_over_the_same_replications_while_runs_are_missing(undisturbed, tmp_path):
    experiment, out = tiny(tmp_path), tmp_path / "sweep"
    mahalle("sweep", experiment, "--out", out, "--shard", "1/3", "--quiet")  # every third run: no replication is whole
    part = experiments.load(out)
    assert part.whole_replications == []
    assert len(part.summary()) == 0
    assert "only the 0 of 6 replications complete at every point are used" in mahalle("merge", out, status=1)
    whole = experiments.load(undisturbed)
    assert whole.whole_replications == [0, 1, 2, 3, 4, 5]
    assert (whole.summary().runs == 6).all()


def summed_up(policies, outcomes, points_each=1):
    """A summary as `Sweep.summary` gives it, point by point."""
    rows = [
        (place * points_each + number, policy, outcome, 3, 0.1, 0.0, 0.2)
        for place, policy in enumerate(policies)
        for number in range(points_each)
        for outcome in sorted(outcomes)
    ]
    return pd.DataFrame(rows, columns=["point", "policy", "outcome", "runs", "mean", "low", "high"])


@pytest.mark.parametrize(
    ("policies", "outcomes", "points_each", "kept", "left_out"),
    [
        (2, 12, 1, 24, ""),
        (2, 24, 1, 24, "12 other outcomes (24 of 48 rows)"),
        (16, 3, 1, 16, "2 other outcomes (32 of 48 rows)"),
        (2, 2, 100, 24, "176 of 200 points and 1 other outcome (376 of 400 rows)"),
        (30, 1, 2, 30, "30 of 60 points (30 of 60 rows)"),
    ],
)
def test_of_every_policy_something_is_printed_and_what_is_left_out_is_said(
    policies, outcomes, points_each, kept, left_out
):
    names = [f"outcome_{number:02d}" for number in range(outcomes)]
    table = summed_up([f"policy_{number}" for number in range(policies)], names, points_each)
    rows, words = rows_shown(table, [names[-1], "not kept"])
    assert words == left_out
    assert len(rows) == kept
    assert rows.policy.nunique() == policies
    if left_out:
        assert rows.outcome.iloc[0] == names[-1]  # what the runs are ranked by
        assert rows.groupby("outcome").policy.nunique().eq(policies).all()


def test_a_long_table_is_printed_with_every_policy_and_the_file_that_has_the_rest(undisturbed, monkeypatch):
    sweep = load(undisturbed)
    table = summed_up(["one", "two"], [f"outcome_{number:02d}" for number in range(24)])
    monkeypatch.setattr(type(sweep), "summary", lambda self: table)
    said = report(sweep)
    assert said.count(" one outcome") == said.count(" two outcome") == 12
    assert f"… left out: 12 other outcomes (24 of 48 rows). All values: {undisturbed}/outcomes.parquet" in said


def test_differences_of_points_are_paired(undisturbed):
    sweep = experiments.load(undisturbed)
    names = [f'base policy.authority.delegated_share={share}, policy.hub.kinds=["{hub}"]'
             for share in (0.0, 0.7) for hub in ("mosque", "school")]  # fmt: skip
    table = sweep.differences(names[0])
    assert table.policy.unique().tolist() == names[1:]
    by = sweep.outcomes[sweep.outcomes.outcome == "participation_rate:mean"]
    by = by.merge(sweep.runs[["run_id", "point"]], on="run_id")
    wide = by.pivot(index="replication", columns="point", values="value")
    found = table[(table.outcome == "participation_rate:mean") & (table.policy == names[2])]
    assert found.difference.item() == pytest.approx((wide[2] - wide[0]).mean())


def test_a_table_that_was_cut_off_is_one_line(undisturbed, tmp_path):
    shutil.copytree(undisturbed, tmp_path / "sweep")
    (tmp_path / "sweep/runs.parquet").write_bytes(b"PAR1")
    with pytest.raises(ConfigError, match="put them together again: mahalle merge"):
        experiments.load(tmp_path / "sweep")


def test_a_shard_that_the_journal_does_not_know_is_adopted(undisturbed, tmp_path):
    shutil.copytree(undisturbed, tmp_path / "sweep")
    journal = tmp_path / "sweep/journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-2]) + lines[-2][:20])  # killed while it wrote the last line but one
    before = {path.name: path.stat().st_mtime_ns for path in shards(tmp_path / "sweep")}
    mahalle("sweep", tiny(tmp_path), "--out", tmp_path / "sweep", "--quiet")
    assert {path.name: path.stat().st_mtime_ns for path in shards(tmp_path / "sweep")} == before
    assert mahalle("verify", tmp_path / "sweep", "--sample", "0").strip().endswith("no faults")


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=120k", "tmpfs", place], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk_is_said_and_the_sweep_goes_on_after_space_is_made(undisturbed, tmp_path, small_disk):
    file = tiny(tmp_path)
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * 90_000)
    (small_disk / "sweep").mkdir()
    printed = mahalle("sweep", file, "--out", small_disk / "sweep", "--quiet", "--workers", "1", status=1)
    assert "No space left on device" in printed
    assert "Traceback" not in printed
    ballast.unlink()
    subprocess.run(["mount", "-o", "remount,size=4m", small_disk], check=True)
    mahalle("sweep", file, "--out", small_disk / "sweep", "--quiet", "--workers", "1")
    assert digests(small_disk / "sweep") == digests(undisturbed)


class Deadly(Processes):
    """Processes of which one dies whenever it gets run 5."""

    def submit(self, work, *arguments):
        return super().submit(deadly_work, work, *arguments)


def test_a_run_that_kills_its_worker_fails_alone(tmp_path):
    deadly = Deadly(2)
    try:
        sweep = run(tiny(tmp_path), out=tmp_path / "sweep", executor=deadly, workers=2, say=lambda line: None)
    finally:
        deadly.shutdown()
    assert sweep.failures.run_id.to_list() == [5]
    assert sweep.failures.error.to_list() == ["WorkerDied"]
    assert (sweep.runs.status == "done").sum() == 23


def test_a_worker_collects_garbage_though_its_server_did_not():
    with Processes(1) as processes:
        assert processes.submit(gc.isenabled).result()
        assert processes.submit(gc.get_freeze_count).result() > 10_000


# ---------------------------------------------------------------- bad runs, other hands


def without_memory(experiment, point, replication):
    if replication == 1:
        raise MemoryError("too little")
    return city_run(experiment, point, replication)


class WithoutMemory:
    """Work done in this process, where the second replication fails at every point."""

    def submit(self, work, *arguments):
        future: Future = Future()
        future.set_result(work(*arguments, without_memory))
        return future


def runs_in(folder: Path) -> list[int]:
    return sorted(run for path in shards(folder) for run in read_shard(path).runs)


def test_failed_runs_are_named_at_the_end_and_when_resumed_and_done_again_when_asked(undisturbed, tmp_path):
    file, out = tiny(tmp_path), tmp_path / "sweep"
    failed = run(file, out=out, executor=WithoutMemory(), say=lambda line: None)
    assert failed.failures.run_id.to_list() == [4, 5, 6, 7]
    assert any(0 < len(read_shard(path).failures) < len(read_shard(path).runs) for path in shards(out))
    said = mahalle("sweep", file, "--out", out, "--quiet", status=1)
    assert said.splitlines() == [
        "24 runs are there already, 4 of them failed: --retry-failed repeats them",
        f"mahalle sweep: 4 runs failed; the reasons are in {out}/failures.parquet; to repeat them: the sweep's command "
        "with --retry-failed",
    ]
    assert "4 runs failed; the reasons are in" in mahalle("merge", out, status=1)
    said = mahalle("sweep", file, "--out", out, "--retry-failed")
    assert "failed runs that are repeated: 4\n20 runs are there already\n" in said
    assert mahalle("sweep", file, "--out", out, "--quiet") == ""
    assert digests(out) == digests(undisturbed)
    assert runs_in(out) == list(range(24))
    assert mahalle("verify", out, "--sample", "0").strip().endswith("no faults")


def test_a_sweep_killed_while_it_forgets_failures_loses_nothing(undisturbed, tmp_path, monkeypatch):
    file, out = tiny(tmp_path), tmp_path / "sweep"
    run(file, out=out, executor=WithoutMemory(), say=lambda line: None)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", no_more)
        with pytest.raises(KeyboardInterrupt):
            run(file, out=out, executor=WithoutMemory(), retry_failed=True, say=lambda line: None)
    mahalle("sweep", file, "--out", out, "--quiet", "--retry-failed")
    assert digests(out) == digests(undisturbed)


def no_more(*_, **__):
    raise KeyboardInterrupt


def test_parts_do_not_do_failed_runs_again(tmp_path):
    words = ("--out", tmp_path / "x", "--quiet", "--shard", "1/2", "--retry-failed")
    said = mahalle("sweep", tiny(tmp_path), *words, status=2)
    assert said == "--retry-failed: not with --shard: other parts may be at work; give it alone, after them\n"


def bad_experiment(folder: Path) -> Path:
    text = tiny(folder, replications=2).read_text(encoding="utf-8")
    file = folder / "bad.yaml"
    points = "design:\n  kind: list\n  points:\n"
    points += "    - {policy.authority.delegated_share: 0.5}\n"
    points += "    - {city.neighbourhoods.count: 2000, city.population.total: 500}\n"
    levers = text.index("levers:")
    file.write_text(text[:levers] + points + text[text.index("replications") :], encoding="utf-8")
    return file


def test_one_bad_run_does_not_end_the_sweep(tmp_path):
    printed = mahalle("sweep", bad_experiment(tmp_path), "--out", tmp_path / "sweep", "--workers", "1", status=1)
    sweep = experiments.load(tmp_path / "sweep")
    assert sweep.runs.status.to_list() == ["done", "failed", "done", "failed"]
    failure = sweep.failures.iloc[0]
    assert (failure.run_id, failure.error) == (1, "ConfigError")
    assert "2000 neighbourhoods need at least as many people" in failure.message
    assert "Traceback" in failure.traceback
    assert json.loads(failure.parameters) == {"city.neighbourhoods.count": 2000, "city.population.total": 500}
    assert "2 failed" in printed
    assert "2000 neighbourhoods need" in mahalle("run", "--from", tmp_path / "sweep", "--run-id", "1", status=2)


def test_a_second_sweep_in_the_same_folder_is_refused(tmp_path):
    file = tiny(tmp_path, replications=200)
    first = start("sweep", file, "--out", tmp_path / "sweep", "--quiet")
    try:
        wait_for(lambda: shards(tmp_path / "sweep"))
        printed = mahalle("sweep", file, "--out", tmp_path / "sweep", "--quiet", status=2)
    finally:
        kill_all(first)
    assert "another sweep is at work in this folder" in printed
    assert len(printed.strip().splitlines()) == 1


def test_a_changed_model_is_refused_and_named_or_labelled(undisturbed, tmp_path):
    shutil.copytree(undisturbed, tmp_path / "sweep")
    manifest = json.loads((tmp_path / "sweep/manifest.json").read_text())
    [(_, files)] = manifest["models"].items()
    manifest["models"] = {"0" * 64: {**files, "rules/trust.py": "0" * 64}}
    (tmp_path / "sweep/manifest.json").write_text(json.dumps(manifest))
    file = tiny(tmp_path, replications=7)
    printed = mahalle("sweep", file, "--out", tmp_path / "sweep", "--quiet", status=2)
    assert "(rules/trust.py)" in printed
    mahalle("sweep", file, "--out", tmp_path / "sweep", "--quiet", "--workers", "1", "--accept-code-change")
    assert len(json.loads((tmp_path / "sweep/manifest.json").read_text())["models"]) == 2


def test_another_experiment_in_the_folder_is_refused_and_fresh_begins_anew(undisturbed, tmp_path):
    shutil.copytree(undisturbed, tmp_path / "sweep")
    file = tiny(tmp_path)
    file.write_text(file.read_text(encoding="utf-8").replace("weeks: 8", "weeks: 9"), encoding="utf-8")
    said = mahalle("sweep", file, "--out", tmp_path / "sweep", status=2)
    assert "another experiment, which differs in base.yaml: run.weeks, experiment.yaml: run.weeks (" in said
    assert "but the base city is another); choose another folder, or --fresh" in said
    mahalle("sweep", file, "--out", tmp_path / "sweep", "--fresh", "--quiet", "--workers", "1")
    assert experiments.load(tmp_path / "sweep").outcomes.week.max() == 9


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/chapter1.txt").write_text("years of work")
    assert "was not made by mahalle sweep" in mahalle(
        "sweep", tiny(tmp_path), "--out", tmp_path / "thesis", "--fresh", status=2
    )
    assert (tmp_path / "thesis/chapter1.txt").read_text() == "years of work"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--shard", "4/3"], "k from 1 to n"),
        (["--shard", "1"], "k from 1 to n"),
        (["--executor", "cloud"], "processes, dask or mpi"),
        (["--scheduler", "tcp://127.0.0.1:1"], "only with --executor dask"),
        (["--shard", "1/2", "--fresh"], "not with --shard"),
        (["--workers", "0"], "--workers"),
    ],
)
def test_wrong_requests_are_refused_in_a_line(tmp_path, words, said):
    printed = mahalle("sweep", tiny(tmp_path), "--out", tmp_path / "sweep", *words, status=2)
    assert said in printed
    assert len(printed.strip().splitlines()) <= 2
    assert not (tmp_path / "sweep").exists()


# ---------------------------------------------------------------- before, after


def test_a_dry_run_forecasts_and_writes_nothing(tmp_path):
    printed = mahalle("sweep", tiny(tmp_path), "--out", tmp_path / "sweep", "--dry-run")
    assert "24 runs" in printed
    assert "MB of disk" in printed
    assert not (tmp_path / "sweep").exists()


@pytest.mark.parametrize(
    ("replications", "words"),
    [
        ("1", "Tiny: 4 points, 1 replication, 4 runs"),
        ("1200", "Tiny: 4 points, 1,200 replications, 4,800 runs"),
        ("{at_least: 2, at_most: 30, until: half_width, of: trust_in_municipality, below: 0.005}",
         "Tiny: 4 points, 2 to 30 replications, 8 to 120 runs"),
    ],
)  # fmt: skip
def test_what_is_planned_in_words(tmp_path, replications, words):
    assert plan(experiments.load_experiment(tiny(tmp_path, replications=replications))) == words
    assert some(1, "worker") == "1 worker"


def test_verify_finds_what_was_changed(undisturbed, tmp_path):
    assert "no faults" in mahalle("verify", undisturbed, "--sample", "2")
    shutil.copytree(undisturbed, tmp_path / "sweep")
    table = pq.read_table(undisturbed / "outcomes.parquet").to_pandas()
    table.loc[5, "value"] += 1e-9
    table.to_parquet(tmp_path / "sweep/outcomes.parquet", index=False)
    printed = mahalle("verify", tmp_path / "sweep", "--sample", "24", status=1)
    assert "outcomes.parquet has changed" in printed
    assert "run 0: trust_in_municipality in week 5" in printed


def test_it_runs_from_python_with_any_executor(undisturbed, tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    seen = []
    with ThreadPoolExecutor(1) as pool:
        sweep = run(
            tiny(tmp_path), out=tmp_path / "sweep", executor=pool, watch=lambda progress: seen.append(progress.done)
        )
    assert sweep.complete
    assert seen[-1] == 24
    assert digests(tmp_path / "sweep") == digests(undisturbed)


def test_a_stopping_rule_stops_at_the_same_replication_anywhere(tmp_path):
    rule = "{until: half_width, of: 'participation_rate:mean', below: 0.02, at_least: 3, at_most: 12}"
    counts = []
    for workers in ("1", "2"):
        folder = tmp_path / workers
        folder.mkdir()
        mahalle("sweep", tiny(folder, replications=rule), "--out", folder / "sweep", "--workers", workers, "--quiet")
        counts.append(experiments.load(folder / "sweep").runs.replication.max() + 1)
    assert counts[0] == counts[1]
    assert digests(tmp_path / "1/sweep") == digests(tmp_path / "2/sweep")


MEMORY = """
import sys, resource
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import pyarrow as pa
import experiments.sweeps.runner as runner
from experiments.sweeps.report import report
from experiments.study.shards import SCHEMA, Shard, name_of, write_shard
from experiments.sweeps.worker import Receipt

def pretend(folder, digest, runs):
    rows = [(run, run // 4, "trust_in_municipality", week, 0.5) for run in runs for week in range(40)]
    table = pa.Table.from_pylist([dict(zip(SCHEMA.names, row)) for row in rows], SCHEMA)
    note = write_shard(Path(folder), Shard(name_of(runs), "m", tuple(runs), {}), table)
    return Receipt(tuple(runs), 0, {}, note, 0.01 * len(runs))

runner.work = pretend
with ThreadPoolExecutor(1) as pool:
    sweep = runner.run(sys.argv[1], out=sys.argv[2], executor=pool)
    assert "10,000 runs done" in report(sweep) or "100 runs done" in report(sweep)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def test_memory_of_the_parent_stays_flat(tmp_path):
    peaks = []
    for replications in (25, 2500):
        file = tiny(tmp_path, replications=replications)
        done = subprocess.run(
            [sys.executable, "-c", MEMORY, file, tmp_path / f"sweep{replications}"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        peaks.append(float(done.stdout))
    assert peaks[1] - peaks[0] < 100.0, peaks


RULE = "{until: half_width, of: %s, below: %s, at_least: 3, at_most: 6}"


def test_another_rule_in_the_same_folder_stops_where_it_would_in_an_empty_one(tmp_path):
    rules = [RULE % ('"participation_rate:mean"', 0.5), RULE % ("trust_in_municipality", 1e-9), 3]
    counts = []
    for rule in (*rules, rules[0]):
        mahalle("sweep", tiny(tmp_path, replications=rule), "--out", tmp_path / "sweep", "--quiet")
        counts.append(experiments.load(tmp_path / "sweep").runs.replication.nunique())
    assert counts[:3] == [3, 6, 3]
    assert len(experiments.load(tmp_path / "sweep").outcomes.run_id.unique()) == counts[3] * 4


def test_with_fewer_replications_all_tables_hold_the_same_runs(undisturbed, tmp_path):
    shutil.copytree(undisturbed, tmp_path / "sweep")
    mahalle("sweep", tiny(tmp_path, replications=3), "--out", tmp_path / "sweep", "--quiet")
    fewer = experiments.load(tmp_path / "sweep")
    assert len(fewer.runs) == 12
    assert set(fewer.outcomes.run_id) == set(range(12))


WITHOUT_GUARD = """
import sys
import experiments
experiments.run(sys.argv[1], out=sys.argv[2], workers=1)
"""


def test_a_script_whose_workers_cannot_start_fails_no_run(undisturbed, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(WITHOUT_GUARD, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script, tiny(tmp_path), tmp_path / "sweep"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "no worker could start; a script that calls experiments.run must do so under if __name__" in done.stderr
    mahalle("sweep", tiny(tmp_path), "--out", tmp_path / "sweep", "--quiet")
    assert digests(tmp_path / "sweep") == digests(undisturbed)


def test_a_whole_sweep_a_fresh_one_and_other_parts_are_refused_beside_a_part(tmp_path):
    experiment, out = tiny(tmp_path, replications=4000), tmp_path / "sweep"
    part = start("sweep", experiment, "--out", out, "--shard", "1/2", "--quiet")
    try:
        wait_for(lambda: shards(out))
        for words in ([], ["--fresh"]):
            said = mahalle("sweep", experiment, "--out", out, *words, status=2)
            assert "another sweep is at work in this folder" in said
        said = mahalle("sweep", experiment, "--out", out, "--shard", "2/3", status=2)
        assert "--shard 2/3: parts of 2 are at work in this folder; do part k/2" in said
        assert part.poll() is None
        other = start("sweep", experiment, "--out", out, "--shard", "2/2", "--quiet")
        wait_for((out / "journal-2-of-2.jsonl").exists)
        kill_all(other)
    finally:
        kill_all(part)


def test_the_folder_is_all_a_colleague_needs(tmp_path):
    base = tmp_path / "base.yaml"
    shutil.copy(ROOT / "configs/cities/rafsanjan.yaml", base)
    policy = tmp_path / "policy.yaml"
    shutil.copy(ROOT / "configs/policies/status_quo.yaml", policy)
    experiment = tiny(tmp_path, replications=1, more="policies: [policy.yaml]\n")
    text = experiment.read_text(encoding="utf-8").replace(str(ROOT / "configs/cities/rafsanjan.yaml"), "base.yaml")
    experiment.write_text(text, encoding="utf-8")
    mahalle("sweep", experiment, "--out", tmp_path / "sweep", "--quiet")
    base.write_text("city: {population: {total: 20000}}\n", encoding="utf-8")
    policy.unlink()
    shutil.move(tmp_path / "sweep", tmp_path / "elsewhere")
    sweep = experiments.load(tmp_path / "elsewhere")
    assert sweep.experiment.base.city.population.total == 162_000
    mahalle("verify", tmp_path / "elsewhere", "--sample", "2")
    mahalle("merge", tmp_path / "elsewhere")
    kept = tmp_path / "elsewhere/base.yaml"
    kept.write_text(kept.read_text(encoding="utf-8").replace("total: 162000", "total: 162001"), encoding="utf-8")
    for words in (["merge", tmp_path / "elsewhere"], ["run", "--from", tmp_path / "elsewhere", "--run-id", "0"]):
        assert "is not what was run" in mahalle(*words, status=2)


def test_parts_that_end_together_leave_whole_tables(undisturbed, tmp_path, monkeypatch):
    shutil.copytree(undisturbed, tmp_path / "sweep")
    away = shards(tmp_path / "sweep")[-1]
    away.rename(tmp_path / away.name)
    begun = threading.Event()
    runs_of = tables._runs

    def slow(*arguments):
        if not begun.is_set():
            begun.set()
            (tmp_path / away.name).rename(away)  # the other part's last shard, after this one has listed them
            time.sleep(0.5)
        return runs_of(*arguments)

    monkeypatch.setattr(tables, "_runs", slow)
    first = threading.Thread(target=tables.merge, args=(tmp_path / "sweep",))
    first.start()
    begun.wait()
    tables.merge(tmp_path / "sweep")
    first.join()
    assert digests(tmp_path / "sweep") == digests(undisturbed)


def test_verify_is_content_after_a_repair(undisturbed, tmp_path):
    shutil.copytree(undisturbed, tmp_path / "sweep")
    for shard in shards(tmp_path / "sweep"):
        harmed(shard, "cut off")
    mahalle("sweep", tiny(tmp_path), "--out", tmp_path / "sweep", "--quiet", "--workers", "2")
    assert digests(tmp_path / "sweep") == digests(undisturbed)
    assert "no faults" in mahalle("verify", tmp_path / "sweep", "--sample", "0")


def test_a_manifest_that_was_lost_does_not_lock_the_folder_for_ever(undisturbed, tmp_path):
    shutil.copytree(undisturbed, tmp_path / "sweep")
    (tmp_path / "sweep/manifest.json").write_bytes(b"")
    said = mahalle("sweep", tiny(tmp_path), "--out", tmp_path / "sweep", status=2)
    assert "has no readable manifest.json; --fresh starts again" in said
    mahalle("sweep", tiny(tmp_path), "--out", tmp_path / "sweep", "--fresh", "--quiet")
    assert digests(tmp_path / "sweep") == digests(undisturbed)


def test_a_scheduler_that_is_gone_stops_the_sweep(tmp_path):
    class Gone:
        lost = False

        def submit(self, work, *arguments):
            self.lost = True
            return Future()

    with pytest.raises(StoppedEarlyError, match="scheduler is gone"):
        run(tiny(tmp_path), out=tmp_path / "sweep", executor=Gone())


def test_the_job_script_names_an_experiment_that_can_be_divided():
    text = (ROOT / "docs/cluster/slurm_array.sh").read_text(encoding="utf-8")
    (name,) = {word for word in text.split() if word.startswith("configs/experiments/")}
    assert isinstance(experiments.load_experiment(ROOT / name).replications, Fixed)


def test_a_dry_run_goes_on_where_some_points_fail(tmp_path):
    said = mahalle("sweep", bad_experiment(tmp_path), "--dry-run")
    assert "fails: " in said
    assert "of disk" in said


def test_parts_share_the_runs_between_them():
    parts = [Part(k, 3) for k in (1, 2, 3)]
    assert all(sum(part.has(number) for part in parts) == 1 for number in range(50))
