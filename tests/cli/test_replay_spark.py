"""The same bill from a cluster, through the command: nothing but the report is printed."""

from __future__ import annotations

from pathlib import Path

from .. import replay_logs as logs
from ..command import script
from ..spark_here import MARKS

pytestmark = MARKS


def test_spark_tells_the_whole_report_and_nothing_else(tmp_path: Path) -> None:
    """Neither a bar nor a remark of Spark on stderr; policies, another model and losses as without it."""
    log, more = logs.write(tmp_path, "log.jsonl"), ("--model", "gpt-5.6-luna", "--by", "session", "--json")
    ran = script("replay", log, "--engine", "spark", "--master", "local[1]", *more)
    first = script("replay", log, *more).json
    assert ran.json["totals"] == {"USD": logs.TOTAL}
    assert {part: message for part, message in ran.json.items() if part != "accounting"} == {
        part: message for part, message in first.items() if part != "accounting"
    }
    assert ran.json["accounting"]["total"] == first["accounting"]["total"]


def test_a_cluster_that_does_not_answer_is_told(tmp_path: Path) -> None:
    """One line, exit 2, and what it needs."""
    refused = script("replay", logs.write(tmp_path, "log.jsonl"), "--engine", "spark", "--master", "nonsense")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("cachecost: spark does not start: ")
    assert refused.err.rstrip().endswith("it needs Java 17 or later and a --master that answers")


def test_a_check_on_a_cluster_does_not_pass_on_a_part_of_the_log(tmp_path: Path) -> None:
    """One of five requests has no price: exit 3, within the budget or not."""
    log = logs.write(tmp_path, "log.jsonl", rows=[*logs.ROWS, logs.UNKNOWN])
    ran = script("replay", log, "--engine", "spark", "--master", "local[1]", "--fail-over", "1000")
    assert (ran.code, ran.err) == (3, "cachecost: 1 of 5 requests could not be priced\n")
