"""Any file that people have is read: packed, cut, mixed or broken; and every line of it is accounted for."""

from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from cachecost.errors import BadLog, Fault
from cachecost.logs import entries
from cachecost.logs.files import files_of
from cachecost.logs.reader import Reading, read
from cachecost.logs.repeats import Growing, Seen
from cachecost.prices.usage import Usage
from cachecost.replay.ledger import Ledger
from cachecost.replay.request import Charge, Request

from .test_formats import LOGS, OPUS, TEN


def line(number: int, **words: Any) -> bytes:
    """A plain record: so many tokens of input."""
    return json.dumps(
        {"at": "2026-11-01T10:00:00Z", "model": OPUS, "id": f"r{number}", "input": number} | words
    ).encode()


def written(folder: Path, name: str, *parts: bytes, end: bytes = b"\n") -> Path:
    path = folder / name
    path.write_bytes(b"".join(part + end for part in parts))
    return path


def asked(*paths: Path, **words: Any) -> tuple[list[int], Ledger]:
    """The inputs that were read from the files, and the account."""
    ledger = Ledger(strict=words.pop("strict", False))
    return [inputs(each) for each in read([str(path) for path in paths], ledger=ledger, **words)], ledger


def inputs(each: Request | Charge) -> int:
    assert isinstance(each, Request)
    return dict(each.usage.quantities).get("input", 0)  # type: ignore[return-value]


def counted(ledger: Ledger) -> dict[str, int]:
    """What the whole account says, without what is zero."""
    total = ledger.total
    assert all(file.entries == file.accounted for file in ledger.files)
    names = "entries blank header continued read duplicate skipped malformed requests charges".split()
    return {name: getattr(total, name) for name in names if getattr(total, name)}


def told(ledger: Ledger) -> list[tuple[int, str]]:
    return [(fault.line, fault.message) for fault in ledger.malformed]


def test_every_line_is_accounted_for(tmp_path: Path) -> None:
    """Seven lines: two read, one twice, one blank, one skipped, two malformed."""
    broken = b'{"model": "x", "input": "many"}'
    path = written(tmp_path, "a.jsonl", line(1), line(2), line(1), b"", b'{"hello": 1}', b"not JSON", broken)
    result, ledger = asked(path)
    assert result == [1, 2]
    wanted = {"entries": 7, "read": 2, "duplicate": 1, "blank": 1, "skipped": 1, "malformed": 2, "requests": 2}
    assert counted(ledger) == wanted
    assert ledger.malformed[0] == Fault(str(path), 6, "is not JSON: Expecting value: line 1 column 1 (char 0)")
    assert ledger.malformed[1] == Fault(str(path), 7, "input: 'many' is not a count of tokens")
    assert dict(ledger.skipped) == {"no known format has keys such as hello": 1}


def test_strict_fails_on_the_first_malformed_line(tmp_path: Path) -> None:
    """The message names the file and the line."""
    path = written(tmp_path, "a.jsonl", line(1), b"{", line(2))
    with pytest.raises(BadLog, match=r"a\.jsonl:2: is not JSON"):
        asked(path, strict=True)


def test_text_of_other_systems_is_read(tmp_path: Path) -> None:
    """A byte order mark, carriage returns, NaN, and numbers as text."""
    mark = b"\xef\xbb\xbf"
    path = written(tmp_path, "a.jsonl", mark + line(1), line(2, input="2", output=float("nan")), end=b"\r\n")
    assert asked(path)[0] == [1, 2]
    comma = written(tmp_path, "a.csv", mark + b"model;input;output", b"x;5;", b"", b"x;6;NaN", end=b"\r\n")
    result, ledger = asked(comma)
    assert result == [5, 6]
    assert counted(ledger) == {"entries": 4, "header": 1, "blank": 1, "read": 2, "requests": 2}


def test_bytes_that_are_no_text_are_doubted(tmp_path: Path) -> None:
    """They are part of a prompt, and the counts beside them are good."""
    path = written(tmp_path, "a.jsonl", line(1).replace(OPUS.encode(), b"claude-\xff"), b"\xff\xfe\x00")
    result, ledger = asked(path)
    assert result == [1]
    assert [fault.line for fault in ledger.doubts] == [1]
    assert told(ledger) == [(2, "is neither UTF-8 text nor JSON")]


def test_utf_16_is_refused_by_name(tmp_path: Path) -> None:
    """Spreadsheets write it."""
    path = tmp_path / "a.csv"
    path.write_text("model,input\nx,1\n", encoding="utf-16")
    assert told(asked(path)[1]) == [(0, "is UTF-16 text; expected UTF-8")]


def test_a_cut_last_line_is_told(tmp_path: Path) -> None:
    """A log that is still being written, or was copied while it was."""
    path = written(tmp_path, "a.jsonl", line(1))
    path.write_bytes(path.read_bytes() + line(2)[:40])
    result, ledger = asked(path)
    assert result == [1]
    assert told(ledger) == [(2, "is cut off; expected a whole JSON object")]


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_packed_files_are_told_by_their_bytes(tmp_path: Path, packing: str) -> None:
    """Whatever their names; members that follow each other are one file."""
    pack = packer(packing)
    path = tmp_path / "a.log"
    path.write_bytes(pack(line(1) + b"\n") + pack(line(2) + b"\n" + line(3)))
    assert asked(path)[0] == [1, 2, 3]


def packer(packing: str) -> Any:
    return gzip.compress if packing == "gzip" else pytest.importorskip("zstandard").ZstdCompressor().compress


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_what_came_before_a_cut_is_kept(tmp_path: Path, packing: str) -> None:
    """The file says that it is cut, and no line is lost that was whole."""
    text = b"".join(line(number, note=f"{number * 7919:x}" * 9) + b"\n" for number in range(40_000))
    whole = packer(packing)(text)
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 2])
    result, ledger = asked(path)
    assert result == list(range(len(result)))
    assert 10_000 < len(result) < 40_000
    assert told(ledger)[-1] == (0, "the file ends in the middle of what was packed; what came before was read")
    assert ledger.total.malformed <= 1


def test_packed_bytes_that_rot_are_told(tmp_path: Path) -> None:
    """A flipped bit ends the file, with its reason."""
    packed = bytearray(gzip.compress(b"".join(line(number) + b"\n" for number in range(9_000))))
    packed[len(packed) // 2] ^= 0xFF
    path = tmp_path / "a.gz"
    path.write_bytes(packed)
    _, ledger = asked(path)
    assert "cannot be unpacked from here on" in told(ledger)[-1][1]


def test_a_giant_line_is_stepped_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused with its number, and reading goes on after it."""
    path = written(tmp_path, "a.jsonl", line(1), b'{"x": "' + b"y" * 5_000 + b'"}', line(3))
    monkeypatch.setattr(entries, "LONGEST", 1_000)
    monkeypatch.setattr(entries, "CHUNK", 500)
    result, ledger = asked(path)
    assert result == [1, 3]
    assert told(ledger) == [(2, "is longer than 64 MiB; expected one record")]


def test_a_line_of_a_gigabyte_takes_no_gigabyte(monkeypatch: pytest.MonkeyPatch) -> None:
    """200 MB stand in for it: at most the longest line and a buffer are held at once."""
    import tracemalloc

    class Endless(io.RawIOBase):
        left = 200 * 2**20

        def readable(self) -> bool:
            return True

        def readinto(self, target: Any) -> int:
            size = min(len(target), self.left)
            target[:size] = b"x" * size
            self.left -= size
            return size

    monkeypatch.setattr(entries, "LONGEST", 2**20)
    tracemalloc.start()
    assert list(entries.lines(io.BufferedReader(Endless(), 1 << 20))) == [None]
    (entry,) = entries.json_values(io.BufferedReader(Endless(), 1 << 20))
    assert entry.fault == entries.TOO_LONG
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * 2**20


def test_a_document_is_read_value_by_value(tmp_path: Path) -> None:
    """A list, objects that follow each other on many lines, and a page of an API."""
    records = [json.loads(line(number)) for number in range(1, 4)]
    (tmp_path / "list.json").write_text(json.dumps(records, indent=2))
    (tmp_path / "many.json").write_text("\n".join(json.dumps(record, indent=2) for record in records))
    (tmp_path / "page.json").write_text(json.dumps({"meta": {"page": 1}, "data": records}, indent=2))
    (tmp_path / "line.json").write_text(json.dumps(records))
    for name in ("list.json", "many.json", "page.json", "line.json"):
        result, ledger = asked(tmp_path / name)
        assert result == [1, 2, 3], name
        assert counted(ledger) == {"entries": 3, "read": 3, "requests": 3}, name


RECORDS = [json.loads(line(number)) for number in range(1, 4)]
LINES = [json.dumps(record) for record in RECORDS]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"data": RECORDS, "meta": {"page": 1}}),
        json.dumps({"data": RECORDS[:2]}) + "\n" + json.dumps({"data": RECORDS[2:]}, indent=2),
        json.dumps({"success": True, "result": RECORDS}) + "\n",
        json.dumps({"data": {"observations": {"items": RECORDS}}}),
        json.dumps({"data": [], "runs": RECORDS}, indent=4),
        '{"data":[\n' + ",\n".join(LINES) + "\n]}\n",
        "[\n" + ",\n".join(LINES) + "\n]\n",
        f"[{LINES[0]}, {LINES[1]},\r\n{LINES[2]}]",
        "\n,".join(LINES),
        " ".join(LINES),
    ],
)
def test_json_is_read_however_it_is_laid_out(tmp_path: Path, text: str) -> None:
    """Pages of services and lists, on one line or on many, are the records that they hold."""
    (tmp_path / "a.json").write_text(text)
    result, ledger = asked(tmp_path / "a.json")
    assert result == [1, 2, 3]
    assert (ledger.total.read, ledger.malformed, dict(ledger.skipped)) == (3, [], {})


@pytest.mark.parametrize("name", ["langfuse.jsonl", "helicone.jsonl", "litellm_spend.jsonl", "openai_chat.jsonl"])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_page_costs_what_its_records_cost(tmp_path: Path, name: str, indent: int | None) -> None:
    """Whatever its format, and whether `curl` or `json.tool` wrote it."""
    lines = (LOGS / name).read_text().splitlines()
    (tmp_path / "page.json").write_text(json.dumps({"data": list(map(json.loads, lines)), "next": None}, indent=indent))
    pages, records = Ledger(), Ledger()
    assert list(read([str(tmp_path / "page.json")], ledger=pages)) == list(read([str(LOGS / name)], ledger=records))
    assert counted(pages) == counted(records)


@pytest.mark.parametrize("bad", ['{"at":', '{"at": "2026', '{"a": [', '{"a": [1,', "{", '"a": 1},', "7", "{'a': 1}"])
def test_a_broken_line_costs_no_other(tmp_path: Path, bad: str) -> None:
    """Even where it could go on in the next line: that shows that it does not."""
    path = written(tmp_path, "a.jsonl", line(1), bad.encode(), line(2), b"", line(3))
    result, ledger = asked(path)
    assert result == [1, 2, 3]
    assert counted(ledger) == {"entries": 5, "blank": 1, "read": 3, "malformed": 1, "requests": 3}
    assert ledger.malformed[0].line == 2


def test_a_page_that_is_cut_keeps_its_whole_records(tmp_path: Path) -> None:
    """It is one fault, at the line where the page begins."""
    text = json.dumps({"meta": {"page": 1}, "data": RECORDS}, indent=2)
    (tmp_path / "a.json").write_text(text[: text.index('"id": "r3"')])
    result, ledger = asked(tmp_path / "a.json")
    assert result == [1, 2]
    assert told(ledger) == [(1, "is cut off; expected a whole JSON object")]


def test_a_page_of_no_known_records_is_named(tmp_path: Path) -> None:
    """Its items are no requests, and a page that counts tokens is refused."""
    path = written(tmp_path, "a.jsonl", b'{"data": [{"colour": "red"}]}', b'{"data": [{"my_tokens": 5}]}')
    _, ledger = asked(path)
    assert dict(ledger.skipped) == {"no known format has keys such as data": 1}
    assert told(ledger) == [(2, "no known format has keys such as data, and it counts tokens")]


def test_a_broken_document_keeps_what_came_before(tmp_path: Path) -> None:
    """The line is that of the value that does not end."""
    path = tmp_path / "a.json"
    path.write_bytes(b"[\n" + line(1) + b",\n" + line(2) + b",\n" + line(3)[:30])
    result, ledger = asked(path)
    assert result == [1, 2]
    assert [fault.line for fault in ledger.malformed] == [4]


def test_a_row_of_csv_may_have_many_lines_or_too_few_columns(tmp_path: Path) -> None:
    """The lines of a quoted field are its row's; a short row is refused with its line."""
    path = written(tmp_path, "a.csv", b"model,input,note", b'x,1,"two', b'lines"', b"x,2", b"x,3,")
    result, ledger = asked(path)
    assert result == [1, 3]
    assert counted(ledger) == {"entries": 5, "header": 1, "continued": 1, "read": 2, "malformed": 1, "requests": 2}
    assert told(ledger) == [(4, "has 2 columns; expected 3")]


def test_parquet_is_read_like_csv(tmp_path: Path) -> None:
    """Instants and whole numbers have their types there."""
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    rows = [{"at": TEN, "model": OPUS, "input": 4, "cache_write_5m": None, "paid": 0.1, "id": "a"}]
    parquet.write_table(arrow.Table.from_pylist(rows), tmp_path / "a.parquet")
    (request,) = read([str(tmp_path / "a.parquet")], ledger=(ledger := Ledger()))
    assert isinstance(request, Request)
    assert (request.at, request.usage, str(request.paid)) == (TEN, Usage(input=4), "0.1")
    assert counted(ledger) == {"entries": 1, "read": 1, "requests": 1}


def test_broken_parquet_is_told(tmp_path: Path) -> None:
    """Not with a trace of calls."""
    pytest.importorskip("pyarrow")
    path = written(tmp_path, "a.parquet", b"PAR1 and nothing else")
    assert "is broken Parquet after row 0" in told(asked(path)[1])[0][1]


def test_stdin_is_a_log(tmp_path: Path) -> None:
    """Packed or not; Parquet is read from its end and needs a name."""
    for data in (line(1), gzip.compress(line(1))):
        ledger = Ledger()
        assert [inputs(each) for each in read(["-"], ledger=ledger, stdin=Pipe(data))] == [1]
        assert ledger.files[0].name == "-"
    pytest.importorskip("pyarrow")
    ledger = Ledger()
    assert list(read(["-"], ledger=ledger, stdin=Pipe(b"PAR1"))) == []
    assert "give the file by its name" in ledger.malformed[0].message


class Pipe(io.BytesIO):
    """A stream that cannot go back."""

    def seekable(self) -> bool:
        return False


def test_folders_and_patterns_mean_their_files(tmp_path: Path) -> None:
    """Each once, however often it is meant; hidden files and pictures are no logs."""
    (tmp_path / "deep").mkdir()
    for name in ("b.jsonl", "deep/a.csv", "c.jsonl.gz", ".hidden.jsonl", "picture.png"):
        (tmp_path / name).write_bytes(b"")
    assert [path.name for path in files_of([str(tmp_path)])] == ["b.jsonl", "c.jsonl.gz", "a.csv"]
    assert [path.name for path in files_of([str(tmp_path / "**/*.csv")])] == ["a.csv"]
    assert len(files_of([str(tmp_path), str(tmp_path / "b.jsonl")])) == 3
    with pytest.raises(BadLog, match="no such file"):
        files_of([str(tmp_path / "none.jsonl")])
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadLog, match="no logs in this folder"):
        files_of([str(tmp_path / "empty")])


ROW = "2026-11-01T10:00:00Z,gpt-5-mini,10,5"
HEADING = "at,model,input,output"


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADING}\n{ROW}\n{ROW}\n",
        f"\ufeff{HEADING}\r\n{ROW}\r\n{ROW}",
        f"\n\n{HEADING}\n{ROW}\n{ROW}\n",
        f"sep=,\r\n{HEADING}\r\n{ROW}\r\n{ROW}\r\n",
        f"{HEADING}\n{ROW}\n{HEADING}\n{ROW}\n",  # two exports in one stream
        f"{HEADING}\n{ROW}\n{ROW}\n".replace(",", ";"),
        f"{HEADING}\n{ROW}\n{ROW}\n".replace(",", "\t"),
        f"{HEADING}\n{ROW}\n{ROW}\n".replace(",", "|"),
        f",{HEADING}\n0,{ROW}\n1,{ROW}\n",  # with an index
    ],
)
def test_tables_are_read_however_their_columns_are_parted(text: str, tmp_path: Path) -> None:
    """Two requests, and every line under one heading."""
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode())
    ledger = Ledger()
    assert [(each.model, each.usage.output) for each in requests(path, ledger)] == [("gpt-5-mini", 5)] * 2
    total = ledger.total
    assert total.entries == total.accounted == len(text.splitlines())
    assert not ledger.malformed


@pytest.mark.parametrize(
    ("cell", "column"),
    [("1.600", "input"), ("12.000", "input"), ("1,600", "output"), ("0,25", "cost"), ("$1 000", "cost")],
)
def test_numbers_in_the_writing_of_a_country_are_refused(cell: str, column: str, tmp_path: Path) -> None:
    """A comma may stand before decimals or between thousands: neither is guessed."""
    path = tmp_path / "a.csv"
    row = {"model": "m", "input": "1", "output": "2", "cost": "3"} | {column: cell}
    path.write_text(f"{';'.join(row)}\n{';'.join(row.values())}\n")
    ledger = Ledger()
    assert not requests(path, ledger)
    assert "expected a point before decimals and nothing between thousands" in str(ledger.malformed[0])
    assert str(ledger.malformed[0]).startswith(f"{path}:2: {column}: ")


def requests(path: Path, ledger: Ledger) -> list[Request]:
    return [each for each in read([str(path)], ledger=ledger) if isinstance(each, Request)]


def test_a_folder_may_mix_formats() -> None:
    """All fixtures at once: every line of every file accounted for, nothing malformed."""
    ledger = Ledger()
    apart = sum(len(list(read([str(path)], ledger=Ledger()))) for path in files_of([str(LOGS)]))
    assert len(list(read([str(LOGS)], ledger=ledger))) == apart
    assert not ledger.malformed
    assert len(ledger.files) == len(list(files_of([str(LOGS)])))
    assert all(file.entries == file.accounted for file in ledger.files)


def test_a_file_may_mix_formats(tmp_path: Path) -> None:
    """The format of each record is detected by its keys."""
    names = ("anthropic_message.jsonl", "openai_chat.jsonl", "bedrock.jsonl", "anthropic_message.jsonl")
    path = written(tmp_path, "a.jsonl", *((LOGS / name).read_bytes().rstrip(b"\n") for name in names))
    result, ledger = asked(path)
    assert len(result) == 5 + 5 + 1  # the second time, all five messages are duplicates
    assert ledger.files[0].format == "mixed"


def test_an_answer_after_a_failure_of_the_same_shape_is_read(tmp_path: Path) -> None:
    """Lines of a batch all have an `error`, mostly null."""
    good = b'{"custom_id": "a", "response": {"body": {"usage": {"prompt_tokens": 5}}}, "error": null}'
    bad = b'{"custom_id": "b", "response": null, "error": {"code": "expired"}}'
    assert asked(written(tmp_path, "a.jsonl", bad, good, bad))[0] == [5]


def test_duplicates_are_dropped_across_files(tmp_path: Path) -> None:
    """The same id in another file is the same request; without an id nothing is."""
    anonymous = line(9, id=None)
    first = written(tmp_path, "a.jsonl", line(1), anonymous)
    second = written(tmp_path, "b.jsonl", line(1), line(2), anonymous)
    result, ledger = asked(first, second)
    assert result == [1, 9, 2, 9]
    assert counted(ledger) == {"entries": 5, "read": 4, "duplicate": 1, "requests": 4}


def test_a_message_of_claude_code_counts_once_across_files(tmp_path: Path) -> None:
    """A subagent's file repeats it with a larger answer: that one is paid, once."""
    text = (LOGS / "claude_code.jsonl").read_text()
    (tmp_path / "main.jsonl").write_text(text)
    (tmp_path / "agent.jsonl").write_text(text.replace('"output_tokens": 90', '"output_tokens": 95'))
    ledger = Ledger()
    result = list(read([str(tmp_path / "main.jsonl"), str(tmp_path / "agent.jsonl")], ledger=ledger))
    assert sorted(each.usage.output for each in result if isinstance(each, Request)) == [8, 95]
    # of 12 lines: 2 read, 2 + 4 repeats, 2 + 2 no answers
    assert counted(ledger) == {"entries": 12, "read": 2, "duplicate": 6, "skipped": 4, "requests": 2}


def test_a_message_is_one_answer_under_whatever_request_id(tmp_path: Path) -> None:
    """A forked session and a question aside repeat it as their own."""
    text = (LOGS / "claude_code.jsonl").read_text()
    (tmp_path / "main.jsonl").write_text(text)
    (tmp_path / "fork.jsonl").write_text(text.replace('"requestId": "', '"requestId": "fork-'))
    ledger = Ledger()
    assert len(list(read([str(tmp_path)], ledger=ledger))) == 2
    assert ledger.total.duplicate == 6


def test_ids_are_remembered_for_two_generations() -> None:
    """Beyond them the oldest are forgotten, and it is said."""
    seen = Seen(generation=2)
    assert [seen.before("x", name) for name in "aabcb"] == [False, True, False, False, True]
    assert not seen.forgot
    assert [seen.before("x", name) for name in "deafc"] == [False, False, False, False, False]
    assert seen.forgot
    assert not seen.before("y", "c")  # another format's ids are others


def test_an_id_costs_what_is_said() -> None:
    """About 120 bytes, as `REMEMBERED` is explained."""
    import tracemalloc

    tracemalloc.start()
    seen = Seen()
    for number in range(50_000):
        seen.before("x", str(number))
    size = tracemalloc.get_traced_memory()[0] / 50_000
    tracemalloc.stop()
    assert 80 < size < 150


def test_too_many_held_requests_are_let_go() -> None:
    """The oldest first, as large as it was by then."""
    growing = Growing(most=1)
    first = Request(TEN, "m", Usage(output=1), id="a")
    assert growing.hold("x", first) is None
    assert growing.repeats("x", first._replace(usage=Usage(output=5)))
    held = growing.hold("x", first._replace(id="b"))
    assert held == first._replace(usage=Usage(output=5))


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    """It was there when the folder was listed; the others are read."""
    ledger = Ledger()
    reading = Reading(ledger)
    assert list(reading.file(tmp_path / "gone.jsonl")) == []
    assert [inputs(each) for each in reading.file(written(tmp_path, "a.jsonl", line(1)))] == [1]
    assert told(ledger) == [(0, "cannot be read: No such file or directory")]


@pytest.mark.parametrize(
    ("library", "head"), [("zstandard", b"\x28\xb5\x2f\xfd"), ("pyarrow", b"PAR1"), ("pyarrow.parquet", b"PAR1")]
)
def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, head: bytes) -> None:
    """And the extra that brings it."""
    monkeypatch.setitem(sys.modules, library, None)
    _, ledger = asked(written(tmp_path, "a", head))
    assert '[logs]"' in told(ledger)[0][1]


def test_an_unpriced_model_is_counted_with_its_reason() -> None:
    """What was read and has no price is never zero: it is listed."""
    ledger = Ledger()
    for place in (3, 1):
        ledger.leave_unpriced("ChatGPT", "no sheet", first=place)
    assert (ledger.unpriced["ChatGPT"].count, ledger.unpriced["ChatGPT"].reason) == (2, "no sheet")
