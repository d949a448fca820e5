"""The same replay from a cluster: Spark splits the log, and every figure is that of one machine."""

from __future__ import annotations

import json
import os
import pickle
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from cachecost.cli import replay_run
from cachecost.engines import spark
from cachecost.logs.names import Names
from cachecost.logs.reader import Reading
from cachecost.replay.account import Account
from cachecost.replay.epochs import Epochs, microseconds
from cachecost.replay.ledger import Ledger
from cachecost.replay.run import Run
from cachecost.replay.whatif import what_if

from .. import engine_logs as logs
from ..spark_here import FEW, MARKS

pytestmark = MARKS


class Cluster(NamedTuple):
    """A master, its address and what it has told."""

    address: str
    told: Path


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A master and two workers of one core each, as separate processes:
    https://spark.apache.org/docs/latest/spark-standalone.html"""
    import pyspark

    place, home = tmp_path_factory.mktemp("cluster"), Path(pyspark.__file__).parent
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    address, messages = f"spark://127.0.0.1:{port}", place / "master.log"
    own = {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_WORKER_DIR": str(place)}
    own |= {"PYSPARK_PYTHON": sys.executable, "SPARK_DAEMON_MEMORY": "256m"}
    spark_class = str(home / "bin" / "spark-class")
    master = ["org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", port, "--webui-port", "0"]
    worker = ["org.apache.spark.deploy.worker.Worker", "--cores", "1", "--memory", "600m", "--webui-port", "0", address]
    with messages.open("wb") as log, ExitStack() as running:
        for each in (master, worker, worker):
            process = running.enter_context(
                subprocess.Popen([spark_class, *each], env=os.environ | own, stdout=log, stderr=subprocess.STDOUT)
            )
            running.callback(process.terminate)
        yield Cluster(address, messages)


ON_CLUSTER = (*FEW, ("spark.executor.memory", "512m"), ("spark.executor.cores", "1"), ("spark.cores.max", "2"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lines, tables whose columns differ and a vendor's messages, which a cluster splits; a transcript with a session
    that others have too and a list, which it cannot; a trace of blocks; and a broken line."""
    place = tmp_path_factory.mktemp("spark")
    lines = logs.write_lines(place / "1.jsonl", logs.plain_rows(800))
    logs.write_lines(place / "2.jsonl", logs.plain_rows(800, seed=6))
    logs.write_parquet(place / "3.parquet", lines)
    logs.write_parquet(place / "8.parquet", lines, at="VARCHAR")
    drawn = Random(7)
    logs.write_lines(place / "4.jsonl", [logs.anthropic(drawn, number) for number in range(600)])
    with (place / "2.jsonl").open("a", encoding="utf-8") as file:
        file.write('\n{"at": nope}\n')
    logs.write_lines(place / "5.jsonl", [_turn(number) for number in range(6)])
    blocks = [{"timestamp": 1_000 * n, "input_length": 1_500, "output_length": 9, "hash_ids": [1, 2]} for n in range(4)]
    logs.write_lines(place / "6.jsonl", blocks)
    (place / "7.json").write_text(json.dumps(logs.plain_rows(3, seed=8)), encoding="utf-8")
    return place


def _turn(number: int) -> dict[str, Any]:
    used = {"input_tokens": 3, "cache_read_input_tokens": 2_000 * number, "cache_creation_input_tokens": 2_000}
    message = {"id": f"m{number}", "model": "claude-sonnet-4-5", "usage": used | {"output_tokens": 9}}
    messages = {"type": "assistant", "sessionId": "a", "requestId": f"r{number}", "message": message}
    return messages | {"timestamp": f"2026-05-01T10:0{number}:00Z"}


OTHERS = ("qwen3-max", "deepseek-chat")


def read(folder: Path, session: Any = None) -> Run:
    """The files of a folder by their own readers, or by a cluster where it can split them."""
    names = Names(logs.CATALOG, aliases={"": "claude-sonnet-4-5"})
    now = microseconds(datetime(2026, 11, 22, tzinfo=UTC))
    run = Run(Account(names.sheet, now=now, by=("session",)), Ledger(), logs.memory())
    reading, files = Reading(run.ledger), sorted(folder.iterdir())
    pour = spark.pourer(session, files, run, reading) if session else None
    replay_run.read([str(path) for path in files], run, reading, pour=pour)
    return run


def test_two_workers_tell_what_one_machine_tells(folder: Path, cluster: Cluster) -> None:
    """What was paid and lost, every policy, other models, what has no price: equal to the last digit; both worked."""
    here, others = read(folder), [Epochs(logs.CATALOG.sheet(name)) for name in OTHERS]
    first = what_if(here.account, here.traffic, others=others)
    with spark.session(cluster.address, ON_CLUSTER) as session:
        there = read(folder, session)
    other = what_if(there.account, there.traffic, others=others)
    assert there.account.parts == here.account.parts
    assert there.account.span == here.account.span
    assert other == first
    assert len(first.losses) > 1
    assert {each.on for each in first.alternatives} >= {"anthropic/claude-sonnet-4-5", "alibaba/qwen3-max"}
    messages, known = there.ledger, here.ledger
    assert {name: each.count for name, each in messages.unpriced.items()} == {
        name: each.count for name, each in known.unpriced.items()
    }
    for count in ("entries", "read", "blank", "malformed", "requests"):
        assert getattr(messages.total, count) == getattr(known.total, count), count
    assert [Path(fault.file).name for fault in messages.malformed] == ["2.jsonl"]
    workers = re.findall(r"Launching executor \S+ on worker (\S+)", cluster.told.read_text(encoding="utf-8"))
    assert len(set(workers)) == 2


def test_a_repeat_counts_once_wherever_it_stands(tmp_path: Path) -> None:
    """Within a file, across files and kinds of file, the first record of an id counts: 3 + 4 + 9 + 5 tokens."""
    row = {"at": "2026-11-01T10:00:00Z", "model": "gemini-2.5-pro", "output": 0}
    rows = [{"id": "a", "input": 3}, {"id": "a", "input": 30}, {"id": "b", "input": 4}, {"id": "c", "input": 9}]
    logs.write_lines(tmp_path / "1.jsonl", [row | each for each in rows[:3]])
    logs.write_lines(tmp_path / "2.jsonl", [row | {"id": "b", "input": 40}, row | rows[3]])
    logs.write_csv(tmp_path / "3.csv", [row | {"id": "c", "input": 90}, row | {"id": "d", "input": 5}])
    logs.write_parquet(tmp_path / "4.parquet", logs.write_lines(tmp_path / "4.jsonl", [row | {"id": "d", "input": 50}]))
    here = read(tmp_path)
    with spark.session("local[2]", FEW) as session:
        there = read(tmp_path, session)
    assert there.account.whole().total("input") == 3 + 4 + 9 + 5
    assert there.account.parts == here.account.parts
    assert there.ledger.total.duplicate == here.ledger.total.duplicate == 5


def test_a_worker_accounts_for_what_is_no_record() -> None:
    """A blank line and a list of a number come back in their order, each with why it is no request."""
    pyarrow = pytest.importorskip("pyarrow", reason="the extra `logs` is not installed")
    rows = [{"value": text, spark.FILE: "file:/x", spark.START: 0} for text in (" ", "[1]")]
    (batch,) = spark.Parser({"/x": 3})([pyarrow.RecordBatch.from_pylist(rows)])
    (chunk,) = batch.to_pylist()
    assert (chunk["file"], chunk["start"], chunk["number"]) == (3, 0, 0)
    blank, wrong = pickle.loads(chunk["state"])
    assert (blank.fault, wrong.fault) == ("", "a JSON int; expected an object")


def test_a_part_without_records_adds_nothing() -> None:
    """Workers that get no line hand nothing back."""
    assert list(spark.Parser({})([])) == []
