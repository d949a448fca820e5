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

from cachecost.engines import spark, worker
from cachecost.errors import BadLog
from cachecost.logs.formats import FORMATS
from cachecost.logs.names import Names
from cachecost.logs.reader import read
from cachecost.logs.repeats import Noted
from cachecost.replay.account import Account
from cachecost.replay.answer import answer, what_if
from cachecost.replay.epochs import Epochs, microseconds
from cachecost.replay.ledger import Ledger
from cachecost.replay.run import Run
from cachecost.replay.whatif import WhatIf, surveyed

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


def asked() -> tuple[Run, list[Epochs]]:
    names = Names(logs.CATALOG, aliases={"": "claude-sonnet-4-5"})
    now = microseconds(datetime(2026, 11, 22, tzinfo=UTC))
    return Run(Account(names.sheet, now=now, by=("session",)), Ledger(), logs.memory()), [
        Epochs(logs.CATALOG.sheet(name)) for name in OTHERS
    ]


def test_two_workers_tell_what_one_machine_tells(folder: Path, cluster: Cluster) -> None:
    """What was paid and lost, every policy, other models, what has no price: equal to the last digit; both worked."""
    paths = [str(path) for path in sorted(folder.iterdir())]
    here, others = asked()
    for item in read(paths, ledger=here.ledger):
        here.take(item)
    here.settle()
    first = what_if(here.account, here.traffic, others=others)
    there, others = asked()
    with spark.session(cluster.address, ON_CLUSTER) as session:
        names = Names(logs.CATALOG, aliases={"": "claude-sonnet-4-5"})
        replay = spark.Replay(session, names, there, others)
        replay.read(paths)
        other = replay.what_if()
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
    paths = [str(path) for path in sorted(tmp_path.iterdir())]
    here, _ = asked()
    for item in read(paths, ledger=here.ledger):
        here.take(item)
    here.settle()
    there, _ = asked()
    with spark.session("local[2]", FEW) as session:
        spark.Replay(session, Names(logs.CATALOG), there).read(paths)
    assert there.account.whole().total("input") == 3 + 4 + 9 + 5
    assert there.account.parts == here.account.parts
    assert there.ledger.total.duplicate == here.ledger.total.duplicate == 5


def test_too_many_repeats_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every worker gets all ids that come twice; where they are too many, the message names an engine that can."""
    row = {"at": "2026-11-01", "model": "gemini-2.5-pro", "input": 3, "id": "a"}
    path = logs.write_lines(tmp_path / "twice.jsonl", [row, row])
    run, _ = asked()
    monkeypatch.setattr(spark, "MOST", 0)
    with spark.session("local[2]", FEW) as session, pytest.raises(BadLog, match=r"come twice.*--engine duckdb"):
        spark.Replay(session, Names(logs.CATALOG), run).read([str(path)])
    assert run.account.parts == {}


@pytest.mark.parametrize("many", [100, 1 << 16])
def test_requests_are_weighed_in_whole_sessions(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few requests a worker weighs together, what all come to is what one machine says."""
    pytest.importorskip("pyarrow", reason="the extra `logs` is not installed")
    drawn, (run, _) = Random(3), asked()
    rows = [row | {"session": drawn.choice(("", "a", "b"))} for row in logs.plain_rows(400)]
    for item in plain_requests(rows):
        run.take(item)
    run.settle()
    monkeypatch.setattr(worker, "MANY", many)
    question = worker.Question(Names(logs.CATALOG), run.account.rating, ("session",), run.span, (), {})
    noted = Noted({}, in_order=True)
    answers = [row for each in question.answers(asked()[0], noted, _placed(rows, noted)) for row in each.to_pylist()]
    requests = sorted((row for row in answers if row["kind"] == "row"), key=lambda row: (row["scope"], row["number"]))
    what = WhatIf(run.account, run.traffic.known, surveyed(run.traffic, run.account.rating))
    weights = pickle.loads(next(iter(worker.Weigher(question, what)(_batches(requests)))).to_pylist()[-1]["state"])
    assert answer(what, weights, run.account, run.traffic) == what_if(run.account, run.traffic)


def _placed(rows: list[dict[str, Any]], noted: Noted) -> Iterator[Any]:
    for number, request in enumerate(plain_requests(rows)):
        noted.place = (0, 0, number)
        yield request


def _batches(rows: list[dict[str, Any]]) -> Iterator[Any]:
    import pyarrow

    yield pyarrow.RecordBatch.from_pylist(rows)


def plain_requests(rows: list[dict[str, Any]]) -> Iterator[Any]:
    """Rows of our own table as requests."""
    for row in rows:
        yield from FORMATS["plain"].read(row)


def test_a_part_without_records_adds_nothing() -> None:
    """A worker that gets a blank line and one that is no record accounts for both, and has no request."""
    pyarrow = pytest.importorskip("pyarrow", reason="the extra `logs` is not installed")
    rows = [{"value": text, "cachecost file": "file:/x", "cachecost start": 0} for text in (" ", "[1]")]
    run, _ = asked()
    part = worker.Reader(worker.Question(Names(logs.CATALOG), run.account.rating, (), run.span, (), {}), {})
    answers = [row for batch in part([pyarrow.RecordBatch.from_pylist(rows)]) for row in batch.to_pylist()]
    assert [row["kind"] for row in answers] == ["sum"]
    messages = pickle.loads(answers[0]["state"]).ledger.total
    assert (messages.entries, messages.blank, messages.malformed, messages.requests) == (2, 1, 1, 0)
