"""The same bill from a cluster, through the command: nothing but the report is printed."""

from __future__ import annotations

from pathlib import Path
from shutil import which

import pytest

from . import replay_logs as logs
from .command import script

pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
if which("java") is None:
    pytest.skip("Spark needs Java, which is missing", allow_module_level=True)


def test_spark_says_nothing_but_the_report(tmp_path: Path) -> None:
    """Neither a bar nor a remark of its own on stderr; what it cannot tell is said."""
    ran = script("replay", logs.write(tmp_path, "log.jsonl"), "--engine", "spark", "--master", "local[1]", "--json")
    assert ran.json["totals"] == {"USD": logs.TOTAL}
    assert any(note.startswith("Sums of the spark engine") for note in ran.json["notes"])
