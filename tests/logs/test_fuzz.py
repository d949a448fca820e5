"""Whatever stands in a file, it is read or refused, and the account adds up."""

from __future__ import annotations

import gzip
import json
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import given, strategies as st

from cachecost.errors import CachecostError
from cachecost.logs.formats import FORMATS
from cachecost.logs.reader import AUTO, read
from cachecost.logs.values import DECODER
from cachecost.replay.ledger import Ledger

from .test_formats import LOGS

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.sampled_from(
        ["", "NaN", "-1", "1e99", "12", "2026-11-01T10:00:00Z", "0001-01-01T00:00:00+23:00", "\ud800", "[]", "{}"]
    )
    | st.text(max_size=5)
)
VALUES = st.recursive(
    SCALARS, lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=4), below), max_leaves=6
)


def _examples() -> list[dict[str, Any]]:
    """Every JSON record of the fixtures."""
    results = []
    for path in sorted(LOGS.glob("*.json*")):
        text = path.read_text()
        whole = path.suffix == ".json"
        results += [json.loads(text)] if whole else [json.loads(line) for line in text.splitlines()]
    return results


EXAMPLES = _examples()


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a record, its own first."""
    result = [path]
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in pairs:
        result += _places(below, (*path, key))
    return result


@st.composite
def bent(draw: st.DrawFn) -> Any:
    """A good record with up to three values replaced by anything."""
    record = deepcopy(draw(st.sampled_from(EXAMPLES)))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(_places(record)[1:] or [("x",)]))
        below = record
        for step in path[:-1]:
            below = below[step]
        below[path[-1]] = draw(VALUES)
    return record


def _accounted(data: bytes, format_of: str = AUTO) -> None:
    ledger = Ledger()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.log"
        path.write_bytes(data)
        result = list(read([str(path)], ledger=ledger, format_of=format_of))
    total = ledger.total
    assert total.entries == total.accounted
    assert total.requests + total.charges == len(result)
    assert (total.read == 0) == (not result)


@given(
    st.binary(max_size=200)
    | st.lists(
        st.sampled_from(
            [
                b'{"a":1}',
                b"{",
                b"[",
                b"]",
                b",",
                b"\n",
                b"\r\n",
                b'"',
                b"1",
                b"PAR1",
                b"\x1f\x8b",
                b"\x28\xb5\x2f\xfd",
                b"input,model",
                b"\xef\xbb\xbf",
                b"\0",
            ]
        ),
        max_size=12,
    ).map(b"".join)
)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Nothing but an account comes out, and it adds up; packed just so."""
    _accounted(data)
    _accounted(gzip.compress(data)[: len(data) + 20])


@given(bent(), st.sampled_from([AUTO, *FORMATS]))
def test_any_record_is_read_or_refused(record: Any, format_of: str) -> None:
    """A good record with something bent in it, read as itself or as any other format."""
    _accounted(json.dumps(record).encode() + b"\n", format_of)


@given(bent())
def test_no_reader_raises_what_is_not_ours(record: Any) -> None:
    """Every reader by itself, on every record: a list of remarks or a refusal of one line."""
    parsed = DECODER.decode(json.dumps(record))
    for shape in FORMATS.values():
        if isinstance(parsed, dict):
            shape.detect(parsed)
            try:
                shape.read(parsed)
            except CachecostError as error:
                said = str(error)
            else:
                continue
            assert said
            assert "\n" not in said


@given(st.lists(st.sampled_from([json.dumps(each) for each in EXAMPLES] + ["", "{", "7", '{"a": 1}']), max_size=15))
def test_lines_in_any_order_are_accounted_for(texts: list[str]) -> None:
    """Entries are the lines, whatever they hold."""
    ledger = Ledger()
    data = "".join(f"{text}\n" for text in texts).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        path.write_bytes(b'{"a": 1}\n' + data)
        list(read([str(path)], ledger=ledger))
    assert ledger.total.entries == len(texts) + 1 == ledger.total.accounted
