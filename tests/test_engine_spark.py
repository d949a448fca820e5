"""The same sums from a cluster: Spark splits the log, and the whole tokens are those of one machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from cachecost.engines import spark
from cachecost.engines.sums import Sums
from cachecost.errors import BadLog
from cachecost.logs.ledger import Ledger
from cachecost.logs.names import Names
from cachecost.replay.tally import price

from . import engine_logs as logs

pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java, which is missing", allow_module_level=True)

pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::FutureWarning", "ignore::DeprecationWarning"
)
FEW = (("spark.sql.shuffle.partitions", "2"), ("spark.driver.memory", "512m"), ("spark.driver.host", "127.0.0.1"))


class Cluster(NamedTuple):
    """A master, its address and what it has told."""

    address: str
    told: Path


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A master and two workers of one core each, as processes of their own:
    https://spark.apache.org/docs/latest/spark-standalone.html"""
    import pyspark

    place, home = tmp_path_factory.mktemp("cluster"), Path(pyspark.__file__).parent
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    address, told = f"spark://127.0.0.1:{port}", place / "master.log"
    own = {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_WORKER_DIR": str(place)}
    own |= {"PYSPARK_PYTHON": sys.executable, "SPARK_DAEMON_MEMORY": "256m"}
    spark_class = str(home / "bin" / "spark-class")
    master = ["org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", port, "--webui-port", "0"]
    worker = ["org.apache.spark.deploy.worker.Worker", "--cores", "1", "--memory", "600m", "--webui-port", "0", address]
    with told.open("wb") as log, ExitStack() as running:
        for each in (master, worker, worker):
            process = running.enter_context(
                subprocess.Popen([spark_class, *each], env=os.environ | own, stdout=log, stderr=subprocess.STDOUT)
            )
            running.callback(process.terminate)
        yield Cluster(address, told)


ON_CLUSTER = (*FEW, ("spark.executor.memory", "512m"), ("spark.executor.cores", "1"), ("spark.cores.max", "2"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("spark")
    lines = logs.write_lines(place / "1.jsonl", logs.plain_rows(800))
    logs.write_lines(place / "2.jsonl", logs.plain_rows(800, seed=6))
    logs.write_parquet(place / "3.parquet", lines)
    drawn = Random(7)
    logs.write_lines(place / "4.jsonl", [logs.anthropic(drawn, number) for number in range(600)])
    with (place / "2.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"at": nope}\n')
    return place


def test_two_workers_find_what_one_machine_finds(folder: Path, cluster: Cluster) -> None:
    """JSON lines, Parquet and messages in one log: sums, unpriced requests and the bill are equal to the last digit."""
    paths = sorted(folder.iterdir())
    sums, ledger = Sums(Names(logs.CATALOG), ("day",)), Ledger()
    spark.tally([str(path) for path in paths], sums, ledger=ledger, master=cluster.address, settings=ON_CLUSTER)
    theirs, other = logs.by_python(paths, ("day",))
    ducks, _ = logs.by_duck(paths, ("day",))
    assert sums.tallies == theirs.tallies == ducks.tallies
    assert (sums.unpriced, sums.priced) == (theirs.unpriced, theirs.priced)
    assert price(sums.whole, sums.sheets).total == price(theirs.whole, theirs.sheets).total
    assert (ledger.total.read, ledger.total.malformed) == (other.total.read, other.total.malformed) == (3_000, 1)
    workers = re.findall(r"Launching executor \S+ on worker (\S+)", cluster.told.read_text(encoding="utf-8"))
    assert len(set(workers)) == 2


def test_an_id_that_comes_twice_is_refused_before_anything_is_added(tmp_path: Path) -> None:
    """A cluster cannot tell which record was first: it says so, and which engine can."""
    row = {"at": "2026-11-01", "model": "gemini-2.5-pro", "input": 3, "id": "a"}
    path = logs.write_lines(tmp_path / "twice.jsonl", [row, row])
    sums = Sums(Names(logs.CATALOG))
    with pytest.raises(BadLog, match=r"id a comes twice.*--engine duckdb"):
        spark.tally([str(path)], sums, ledger=Ledger(), master="local[2]", settings=FEW)
    assert sums.tallies == {}


def test_a_part_without_records_has_no_sums() -> None:
    """A worker that gets nothing answers with its zero and nothing else."""
    pyarrow = pytest.importorskip("pyarrow", reason="the extra `logs` is not installed")
    batch = pyarrow.RecordBatch.from_pylist([{"value": " "}, {"value": json.dumps([1])}])
    (answer,) = spark.Fold(Names(logs.CATALOG), (), "plain")([batch])
    assert [(row["kind"], row["number"]) for row in answer.to_pylist()] == [("wrong", "1"), ("priced", "0")]
