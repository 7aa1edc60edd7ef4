"""What others could reach or plant: open ports, files that unpack to more than the memory; workers left alone."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments.calibration.posterior import read_posterior
from experiments.cli import main
from experiments.parquet import checked, read_limited
from experiments.study.executors import executor_named
from experiments.study.shards import MOST_ROWS, SCHEMA, read_shard
from sim.errors import ConfigError
from tests.interrupting import HANGING
from tests.sweeps.conftest import ROOT


def test_a_cluster_of_our_own_listens_on_loopback_only():
    with executor_named("dask", workers=1, scheduler=None):
        own = psutil.Process()
        processes = [own, *own.children(recursive=True)]
        sockets = [socket for process in processes for socket in process.net_connections(kind="inet")]
        listening = {socket.laddr.ip for socket in sockets if socket.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


def test_a_posterior_that_unpacks_to_too_much_is_refused_by_its_footer(tmp_path, monkeypatch):
    table = pa.table({"weight": np.zeros(2_000_000)})
    pq.write_table(table, tmp_path / "bomb.parquet", compression="zstd")
    assert (tmp_path / "bomb.parquet").stat().st_size < 10_000
    monkeypatch.setattr(pq, "ParquetFile", None)  # nothing is unpacked
    with pytest.raises(ValueError, match="has 2,000,000 rows; at most 1,000,000 are read"):
        read_posterior(tmp_path / "bomb.parquet")


def test_a_table_of_few_rows_and_many_bytes_is_refused_by_its_footer(tmp_path, monkeypatch):
    numbers = np.random.default_rng(1).random(1_000)
    table = pa.table({f"column {number}": numbers for number in range(20)})
    pq.write_table(table, tmp_path / "wide.parquet")
    assert read_limited(tmp_path / "wide.parquet", most_rows=1_000, most_bytes=1_000_000).equals(table)
    monkeypatch.setattr(pq, "ParquetFile", None)
    with pytest.raises(ValueError, match="MB unpacked; at most 0 MB are read"):
        read_limited(tmp_path / "wide.parquet", most_rows=1_000, most_bytes=100_000)


def test_a_long_text_that_all_rows_repeat_counts_for_each(tmp_path):
    table = pa.table({"text": pa.array(["x" * 10_000] * 1_000)})
    pq.write_table(table, tmp_path / "text.parquet", compression="zstd")
    assert (tmp_path / "text.parquet").stat().st_size < 10_000
    assert read_limited(tmp_path / "text.parquet", most_rows=1_000, most_bytes=10_000_000).equals(table)
    with pytest.raises(ValueError, match="takes 10 MB unpacked; at most 9 MB are read"):
        read_limited(tmp_path / "text.parquet", most_rows=1_000, most_bytes=9_000_000)


READS_ON_PURPOSE = ("parquet.py", "page/stored.py", "study/shards.py")
"""Modules with a reader that sets limits itself, or reads what comes with the program or was written just now."""


def test_every_reader_of_results_looks_at_the_size_first():
    unchecked = []
    for path in sorted((ROOT / "experiments").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found = re.findall(r"(?:pd\.read_parquet|pq\.read_table|pq\.ParquetFile)\((.{0,8})", text)
        name = path.relative_to(ROOT / "experiments").as_posix()
        unchecked += [name for start in found if not start.startswith(("checked(", "source"))]
    assert {name for name in unchecked if name not in READS_ON_PURPOSE} == set()


@pytest.mark.parametrize("what", ["rows", "bytes", "texts"])
def test_a_table_of_results_that_unpacks_to_too_much_is_refused(what, tmp_path):
    path = tmp_path / "runs.parquet"
    pq.write_table(pa.table({"text": pa.array(["x" * 100] * 1_000), "value": np.zeros(1_000)}), path)
    limits = {"most_rows": 1_000, "most_bytes": 200_000}
    assert checked(path, **limits) == path
    if what == "rows":
        limits["most_rows"], said = 999, "has 1,000 rows; at most 999 are read"
    elif what == "bytes":
        limits["most_bytes"], said = 100, "takes 0 MB unpacked; at most 0 MB are read"
    else:
        limits["most_bytes"], said = 99_000, "takes 0 MB unpacked; at most 0 MB are read"
    with pytest.raises(ConfigError, match=said):
        checked(path, **limits)


def test_a_bomb_among_the_tables_of_a_sweep_is_one_line(undisturbed, tmp_path, capsys):
    shutil.copytree(undisturbed, tmp_path / "sweep")
    text = pa.DictionaryArray.from_arrays(np.zeros(200_000, dtype=np.int32), ["x" * 100_000])
    pq.write_table(pa.table({"text": text}), tmp_path / "sweep/runs.parquet", compression="zstd", store_schema=False)
    assert (tmp_path / "sweep/runs.parquet").stat().st_size < 100_000
    assert main(["discover", str(tmp_path / "sweep"), "--outcome", "trust_in_municipality"]) == 2
    said = capsys.readouterr().err
    assert "takes 20,000 MB unpacked; at most 8,590 MB are read" in said
    assert said.count("\n") == 1


def test_a_shard_that_unpacks_to_too_much_is_no_shard(tmp_path):
    rows = MOST_ROWS + 1
    columns = {entry.name: pa.nulls(rows, entry.type) for entry in SCHEMA}
    pq.write_table(pa.table(columns, SCHEMA), tmp_path / "bomb.parquet", compression="zstd")
    with pytest.raises(ValueError, match="has 10,000,001 rows; at most 10,000,000 are read"):
        read_shard(tmp_path / "bomb.parquet")


BUSY = """
import sys
from experiments.study.executors import Processes
if __name__ == "__main__":
    with Processes(1) as workers:
        workers.submit(abs, -1).result()
        print(*workers._pool._processes, flush=True)
        workers.submit(sum, range(10**12)).result()  # holds the interpreter's lock: no other thread has a turn
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux's kernel tells children")
def test_a_worker_ends_with_the_command_though_it_computes(tmp_path):
    script = tmp_path / "busy.py"
    script.write_text(BUSY, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment) as command:
        worker = psutil.Process(int(command.stdout.readline()))
        while worker.cpu_times().user + worker.cpu_times().system < 0.2:  # it has begun
            pass
        command.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs([worker], timeout=HANGING)
    for process in alive:
        process.kill()
    assert not alive
