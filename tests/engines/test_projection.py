"""Declared formats in SQL: DuckDB and the readers understand every record alike, however dirty it is."""

from __future__ import annotations

import csv
import json
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from cachecost.engines import sources
from cachecost.errors import CachecostError
from cachecost.logs.format import Format
from cachecost.logs.formats import FORMATS, sniff
from cachecost.logs.values import DECODER
from cachecost.replay.request import Unread

from .. import engine_logs as logs
from ..logs.test_formats import LOGS
from .test_intake import BY, the_same

DIRT = st.sampled_from(
    [
        *(None, True, False, 0, 1, -1, 7, 1.5, 3.0, 10**13, 10**30, 5e-5, 1793527200, 1793527200.5, 179352720012345678),
        *("", "nan", "n/a", "12", " 12", "12.000", "3.0", "1e3", "x", "true", "\x00", "é", "fast", "OPENAI", "batch"),
        *("2026-11-01", "2026-11-01T10:00:00+02:00", "2026/11/01", "20261101", "1793527200", "1793527200000"),
        *(1793527200123, "1793527200123", 1793120171000, "1793120171000", "2026110111000"),  # some may be minutes
        *("9999-12-31T23:59:59Z", "2026-11-01T24:00:00Z", "failure", "anthropic", '{"a": 1}', "{broken"),
        *({}, [], {"a": 1}, {"input": 5}, [1]),
    ]
)


def examples() -> dict[str, list[dict[str, Any]]]:
    """The records of the samples, by declared format."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(each for each in LOGS.iterdir() if each.suffix in (".csv", ".json", ".jsonl")):
        text = path.read_text(encoding="utf-8")
        lines = [text] if path.suffix == ".json" else text.splitlines()
        records: list[Any] = list(csv.DictReader(lines)) if path.suffix == ".csv" else list(map(json.loads, lines))
        if "litellm" in path.name and path.suffix == ".jsonl":  # ids of blocks are for the reader alone
            meta = records[0]["metadata"]
            meta = json.loads(meta) if isinstance(meta, str) else meta
            plain = {key: each for key, each in meta.items() if key != "prefix_block_hashes"}
            records.append(records[0] | {"metadata": json.dumps(plain)})
        for record in records:
            read = DECODER.decode(json.dumps(record))
            shape = sniff(read) if isinstance(record, dict) else None
            if shape and (shape.is_declared or shape.name == "plain") and _is_known(shape, read):
                found.setdefault(shape.name, []).append(record)
    return found


def _is_known(shape: Format, record: dict[str, Any]) -> bool:
    """Whether all keys are known: others are looked for in some records only."""
    try:
        return not any(isinstance(item, Unread) for item in shape.read(record))
    except CachecostError:
        return True


EXAMPLES = examples()
MIXED = (
    *("litellm_payload", "anthropic_message", "openai_chat", "openai_responses", "plain", "bedrock", "otel"),
    "openrouter_activity",
)
"""Whose samples are of several kinds, have no times or lists of TTLs; logs of one kind are in `test_intake.py`."""


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a record."""
    pairs = value.items() if isinstance(value, dict) else ()
    return [each for key, below in pairs for each in ((*path, key), *places(below, (*path, key)))]


@st.composite
def dirty(draw: st.DrawFn, name: str) -> list[dict[str, Any]]:
    """Clean records of one format, of which some have anything in one or two places, or in a new one."""
    records = []
    for number in range(draw(st.integers(5, 30))):
        record = deepcopy(logs.numbered(EXAMPLES[name][number % len(EXAMPLES[name])], number))
        for _ in range(draw(st.sampled_from((0, 0, 1, 2)))):
            path = draw(st.sampled_from(places(record)))
            below = record
            for key in path[:-1]:
                below = below[key]
            if draw(st.booleans()):
                below[path[-1]] = draw(DIRT)
            else:
                below.pop(path[-1])
            if not record:
                break
        records.append(record)
    return [record for record in records if record]


def both(path: Path, engine: str = "duckdb") -> bool:
    """Whether both read the same: sums, what is skipped, refused, doubted and unknown, and what was paid."""
    ours, theirs = logs.added(engine, path, by=BY), logs.added("python", path, by=BY)
    for name in ("skipped", "malformed", "doubts", "unknown"):
        assert getattr(ours.ledger, name) == getattr(theirs.ledger, name), name
    assert ours.account.stated == theirs.account.stated
    return the_same(ours, theirs)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_clean_log_of_a_declared_format_is_read_by_the_database(name: str, tmp_path: Path) -> None:
    """The samples of the tests, many times over: some of them have unknown keys, which only the readers count."""
    one = [record for record in EXAMPLES[name] if logs.is_plain(record)]
    records = [logs.numbered(each, 9 * number + at) for number in range(40) for at, each in enumerate(one)]
    path = logs.write_lines(tmp_path / "log.jsonl", records)
    assert both(path, "duckdb" if not one or name in MIXED else "columns")


@pytest.mark.parametrize("name", EXAMPLES)
@settings(max_examples=4, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_dirty_records_mean_the_same_by_both_ways(name: str, data: st.DataObject) -> None:
    """Every line of a log is under the same heading, with the same message, and every sum is the same."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.jsonl"
        path.write_text("".join(f"{json.dumps(record)}\n" for record in data.draw(dirty(name))), encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            for looked in ("FIRST", "SPREAD") if data.draw(st.booleans()) else ():
                patch.setattr(sources, looked, 3)  # most keys then come up after the records that are looked at
            assert both(path)


def test_every_declared_format_has_a_sample() -> None:
    """So that all of them are tried here."""
    assert {name for name, shape in FORMATS.items() if shape.is_declared} <= EXAMPLES.keys()
