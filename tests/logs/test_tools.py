"""Logs that agents and frameworks write are read to the counts that were billed, worked by hand beside each case."""

from __future__ import annotations

import gzip
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest

from cachecost.logs import formats
from cachecost.logs.entries import json_values, kind, rows
from cachecost.logs.files import Stream, on_this_machine
from cachecost.logs.format import Format
from cachecost.logs.formats import FORMATS, sniff
from cachecost.logs.reader import Reading, read
from cachecost.prices.usage import Usage
from cachecost.replay.ledger import Ledger
from cachecost.replay.request import Request, Skipped

from .test_formats import LOGS, OPUS, TEN, asked

SECOND = timedelta(seconds=1)
CASES: dict[str, list[dict[str, Any]]] = {
    "codex.jsonl": [
        {  # the first two counts are the parent's; 6,000 - 4,000 - 1,500
            "usage": Usage(input=500, cache_read=4000, cache_write=1500, output=40),
            "at": TEN + 9 * SECOND,
            "model": "gpt-6-sol",
            "session": "child",
            "project": "/home/u/p",
            "provider": "openai",
            "service": "standard",
            "thinking": True,
        },
        {  # the sums alone: 22,000 - 15,000 = 7,000, of which 12,000 - 7,000 read and 6,500 - 5,500 written
            "usage": Usage(input=1000, cache_read=5000, cache_write=1000, output=50),
            "model": "gpt-6-luna",
            "service": "priority",
        },
        {"usage": Usage(input=1000, cache_read=7000, output=300), "id": "resp_7"},  # compaction: 8,000 - 7,000
    ],
    "codex_exec.jsonl": [
        {"usage": Usage(input=898, cache_read=2048, output=7), "session": "th-1", "at": None, "model": ""},
        # counted since the thread began: 9,000 - 2,946 = 6,054, less 7,168 - 2,048 = 5,120 read; 40 - 7
        {"usage": Usage(input=934, cache_read=5120, output=33), "is_single": False},
    ],
    "opencode.jsonl": [
        {
            "usage": Usage(input=30, cache_read=9000, cache_write=500, output=100),
            "at": TEN,
            "provider": "anthropic",
            "project": "/home/u/p",
            "paid": None,  # 0: a subscription
        },
        {"usage": Usage(input=3, output=4), "thinking": True},  # 3 + 1 + 3 = 7: thoughts beside the output
        # 100 + 900 + 150 = 1,150: the 120 thoughts are inside
        {"usage": Usage(input=100, cache_read=900, output=150), "paid": Decimal("0.25"), "session": "ses_1"},
        {
            "usage": Usage(input=1, cache_read=3, cache_write=4, output=2),
            "model": OPUS,
            "at": TEN + 3 * SECOND,
            "session": "ses_2",
        },
    ],
    "gemini_cli.jsonl": [
        {  # written twice, listed once more: 5,000 + 100 for tools - 4,000; 25 + 30 thoughts; 5,155 = 5,100 + 55
            "usage": Usage(input=1100, cache_read=4000, output=55),
            "at": TEN + 2 * SECOND,
            "session": "g-1",
            "project": "abc",
            "thinking": True,
        },
        {"usage": Usage(input=600, cache_read=1000, output=5)},  # 600 + 1,000 + 5 = 1,605: beside each other
    ],
    "gemini_cli.json": [{"usage": Usage(input=70, output=7), "session": "g-2"}],  # 5 + 2 thoughts
    "copilot.jsonl": [
        {  # 40,000 - 30,000 - 6,000; prompts of 10,000 each
            "usage": Usage(input=4000, cache_read=30_000, cache_write=6000, output=700),
            "model": "claude-opus-4.8",
            "provider": "github-copilot",
            "count": 4,
            "prompt": 10_000,
            "at": TEN,
            "lasting": 50 * SECOND,
            "session": "c-1",
            "project": "/home/u/p",
        },
        {"usage": Usage(input=900, output=10), "model": "gpt-5-mini", "count": 1, "thinking": True},
    ],
    "cline.json": [
        {  # Cline: side by side
            "usage": Usage(input=30, cache_read=9000, cache_write=500, output=100),
            "model": OPUS,
            "provider": "anthropic",
            "paid": Decimal("0.0125"),
            "session": "logs",  # its folder
            "at": TEN,
        },
        # LiteLLM's own count: 9,530 - 9,000 - 500
        {"usage": Usage(input=30, cache_read=9000, cache_write=500, output=100)},
        # Roo since November 2025: the whole prompt
        {"usage": Usage(input=30, cache_read=9000, cache_write=500, output=100), "model": ""},
        # Roo on 20 October 2025: what was not cached
        {
            "usage": Usage(input=9530, cache_read=9000, cache_write=500, output=100),
            "at": datetime(2025, 10, 20, 22, 40, tzinfo=UTC),
        },
    ],
    "langchain.jsonl": [
        {  # 9,530 - 9,000 - 500; thoughts are inside the 100
            "usage": Usage(input=30, cache_read=9000, cache_write={"1h": 500}, output=100),
            "model": OPUS,
            "provider": "anthropic",
            "at": TEN,
            "session": "th",
            "thinking": True,
        },
        {"usage": Usage(input=100, cache_read=900, output=30), "id": "chatcmpl-1", "service": "standard"},
    ],
    "langsmith.jsonl": [
        {
            "usage": Usage(input=30, cache_read=9000, cache_write=500, output=100),
            "at": TEN,
            "session": "th",
            "project": "shop",
            "paid": Decimal("0.0125"),
            "provider": "anthropic",
        },
        {"usage": Usage(input=30, cache_read=40, output=5), "id": "r2"},
    ],
    "vercel.jsonl": [
        {  # two steps, of which `usage` is the last and `totalUsage` the sum
            "usage": Usage(input=30, cache_read=9000, cache_write=500, output=100),
            "at": TEN + SECOND,
            "model": OPUS,
            "session": "s1",
            "id": "msg_1",
        },
        {"usage": Usage(input=100, cache_read=500, output=6), "id": "msg_2"},
        # version 5 with Anthropic: side by side
        {"usage": Usage(input=30, cache_read=9000, cache_write=500, output=100), "at": TEN + 3 * SECOND},
        {"usage": Usage(input=100, cache_read=900, output=30), "thinking": True},
    ],
    "agent_events.jsonl": [
        {
            "usage": Usage(input=30, cache_read=9000, cache_write=500, output=100),
            "at": TEN + SECOND,
            "service": "fast",
            "session": "s1",
            "project": "claude-code",
            "paid": Decimal("0.0125"),
        },
        # 5,000 + 100 for tools - 4,000; 25 + 30 thoughts
        {"usage": Usage(input=1100, cache_read=4000, output=55), "model": "gemini-2.5-pro", "session": "g1"},
        {"usage": Usage(input=100, cache_read=900, output=30), "session": "c1", "at": TEN + 3 * SECOND},
    ],
    "inspect_ai.json": [
        {  # 30 + 100 + 9,000 + 500 = 9,630: side by side
            "usage": Usage(input=30, cache_read=9000, cache_write=500, output=100),
            "at": TEN + 5 * SECOND,
            "session": "R:1:1",
            "project": "gsm8k",
            "is_single": True,
        },
        # 1,000 + 30 = 1,030: the 900 are inside; a sample without events has sums
        {"usage": Usage(input=100, cache_read=900, output=30), "session": "U2", "is_single": False, "at": TEN},
    ],
    "aider.jsonl": [{"usage": Usage(input=1000, output=30), "at": TEN, "paid": Decimal("0.0125")}],
    "posthog.jsonl": [
        {
            "usage": Usage(input=30, cache_read=9000, cache_write=500, output=100),
            "at": TEN,
            "session": "t1",
            "paid": Decimal("0.0125"),
        },
        {"usage": Usage(input=100, cache_read=900, output=30), "session": "s1"},
        {"usage": Usage(input=30, cache_read=9000, cache_write=500, output=100)},  # said to be inside
    ],
    "cloudflare.jsonl": [{"usage": Usage(input=1000, output=30), "at": TEN, "paid": Decimal("0.0125")}],
    "portkey.jsonl": [{"usage": Usage(input=1000, output=30), "provider": "openai", "session": "t", "paid": None}],
    "cursor_agent.jsonl": [
        {
            "usage": Usage(input=30, cache_read=9000, cache_write=500, output=100),
            "model": OPUS,
            "session": "s1",
            "project": "/home/u/p",
            "id": "q1",
            "is_single": False,
        }
    ],
}


@pytest.mark.parametrize("name", CASES)
def test_a_tools_log_is_read_to_what_is_billed(name: str) -> None:
    """Counts are disjoint, replays are counted once, state of earlier lines is known."""
    result, ledger = asked(name)
    wanted = CASES[name]
    assert [{key: getattr(each, key) for key in want} for each, want in zip(result, wanted, strict=False)] == wanted
    assert len(result) == len(wanted)
    assert not ledger.malformed
    assert [file.format for file in ledger.files] == [(LOGS / name).stem]


def test_counts_that_no_field_names_are_remarked() -> None:
    """They may be tokens that are billed."""
    unknown = {name: dict(asked(name)[1].unknown) for name in CASES if asked(name)[1].unknown}
    assert unknown == {
        "opencode.jsonl": {"opencode: tokens.video": 1},
        "langchain.jsonl": {"langchain: usage_metadata.novel_tokens": 1},
        "vercel.jsonl": {"vercel: usage.novelTokens": 1},
    }


def test_what_claude_code_prints_counts_once(tmp_path: Path) -> None:
    """The result repeats the messages before it; alone it has sums by model: 9,000 read, 500 written beside 30."""
    counts = {
        "input_tokens": 30,
        "cache_read_input_tokens": 9000,
        "cache_creation_input_tokens": 500,
        "output_tokens": 100,
    }
    message = {"type": "message", "id": "msg_1", "model": OPUS, "content": [], "usage": counts}
    names = ("inputTokens", "cacheReadInputTokens", "cacheCreationInputTokens", "outputTokens")
    sums = {OPUS: dict(zip(names, counts.values(), strict=True)) | {"costUSD": 0.0125}}
    first = {"type": "assistant", "message": message, "session_id": "s1", "uuid": "u1"}
    result = {"type": "result", "session_id": "s1", "uuid": "u2", "usage": counts, "modelUsage": sums}
    for name, lines in (("stream.jsonl", [first, first, result]), ("result.json", [result])):
        (tmp_path / name).write_text("".join(json.dumps(line) + "\n" for line in lines))
        (request,) = list(read([str(tmp_path / name)], ledger=Ledger()))
        assert isinstance(request, Request)
        assert request.usage == Usage(input=30, cache_read=9000, cache_write=500, output=100)
        assert (request.model, request.session, request.is_single) == (OPUS, "s1", name == "stream.jsonl")


def test_what_a_session_says_holds_for_its_file_only(tmp_path: Path) -> None:
    """The second rollout names no model and no session: it has none of the first's."""
    lines = (LOGS / "codex.jsonl").read_text().splitlines()
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    (tmp_path / "b.jsonl").write_text(lines[6])
    result = list(read([str(tmp_path)], ledger=Ledger()))
    assert [(each.model, each.session) for each in result if isinstance(each, Request)][-1] == ("", None)


def test_a_compaction_that_codex_counts_is_counted_once(tmp_path: Path) -> None:
    """A `token_count` after the record of a compaction is the same request, whether or not `compacted` names it."""
    counts = {"input_tokens": 8000, "cached_input_tokens": 7000, "output_tokens": 300, "total_tokens": 8300}
    info = {"total_token_usage": counts, "last_token_usage": counts}
    lines = [
        {"type": "session_meta", "payload": {"id": "s", "model_provider": "openai"}},
        {"type": "token_usage_record", "payload": {"response_id": "r", "usage": counts}},
        {"type": "event_msg", "payload": {"type": "token_count", "info": info}},
        {"type": "compacted", "payload": {"compaction_response_id": "r"}},
    ]
    path = tmp_path / "rollout.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    (request,) = read([str(path)], ledger=Ledger())
    assert isinstance(request, Request)
    assert request.usage == Usage(input=1000, cache_read=7000, output=300)


@pytest.mark.parametrize("unknown", ["0", 0, None])
def test_a_log_record_without_a_time_has_that_of_its_observation(unknown: Any) -> None:
    """A timeUnixNano of 0 is not 1970: https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-timestamp."""
    answered = {"event.name": "gemini_cli.api_response", "model": "gemini-2.5-pro", "input_token_count": 5000}
    times = {"timeUnixNano": unknown, "observedTimeUnixNano": "1793527202000000000"}
    [request] = FORMATS["agent_events"].read({**times, "attributes": answered | {"output_token_count": 10}})
    assert isinstance(request, Request)
    assert request.at == datetime(2026, 11, 1, 10, 0, 2, tzinfo=UTC)  # 1793527202 s after 1970


def test_metrics_beside_events_are_not_counted() -> None:
    """A collector writes all signals into one file; the requests are in its log records."""
    point = {"asInt": "9000", "attributes": [{"key": "type", "value": {"stringValue": "cacheRead"}}]}
    metrics = [{"name": "claude_code.token.usage", "sum": {"dataPoints": [point]}}]
    record = {"resourceMetrics": [{"scopeMetrics": [{"metrics": metrics}]}]}
    assert sniff(record) is FORMATS["agent_events"]
    assert [type(each) for each in FORMATS["agent_events"].read(record)] == [Skipped]


def test_a_reading_taken_up_in_the_middle_knows_the_session() -> None:
    """After the nine first lines of a rollout, its model, its session and its sums are known."""
    ledger = Ledger()
    reading = Reading(ledger)
    account = ledger.open("codex.jsonl")
    account.entries, account.format = 9, "codex"
    with (LOGS / "codex.jsonl").open("rb") as file:
        result = list(reading.stream(Stream(file), "codex.jsonl", after=9))
    assert result == asked("codex.jsonl")[0][1:]


def database(path: Path, table: str, rows: list[tuple[str, str, int, str]]) -> Path:
    with closing(sqlite3.connect(path)) as made, made:
        made.execute(f"CREATE TABLE {table} (id TEXT, session_id TEXT, time_created INTEGER, data TEXT)")
        made.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?)", rows)
    return path


def test_a_database_is_read_and_not_written(tmp_path: Path) -> None:
    """Rows of `message` are the messages that files of JSON hold; a message in both counts once."""
    message = {"role": "assistant", "modelID": OPUS, "tokens": {"input": 3, "output": 1, "cache": {"read": 9}}}
    path = database(tmp_path / "opencode.db", "message", [("m1", "s1", 1793527200000, json.dumps(message))])
    (tmp_path / "m1.json").write_text(json.dumps({"id": "m1", "sessionID": "s1", **message}))
    before = path.read_bytes()
    ledger = Ledger()
    (request,) = list(read([str(path), str(tmp_path / "m1.json")], ledger=ledger))
    assert isinstance(request, Request)
    assert (request.usage, request.at, request.session) == (Usage(input=3, cache_read=9, output=1), TEN, "s1")
    assert (ledger.total.duplicate, path.read_bytes()) == (1, before)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["m1.json", "opencode.db"]


def test_a_database_that_is_read_while_it_is_written(tmp_path: Path) -> None:
    """A log of changes beside the file is read too."""
    path = database(tmp_path / "opencode.db", "message", [])
    message = {"role": "assistant", "modelID": OPUS, "tokens": {"input": 3, "output": 1}}
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("INSERT INTO message VALUES ('m1', 's1', 1793527200000, ?)", (json.dumps(message),))
        writer.commit()
        assert len(list(read([str(path)], ledger=Ledger()))) == 1


@pytest.mark.parametrize("packed", [False, True])
def test_a_database_that_cannot_be_read_is_told(tmp_path: Path, packed: bool) -> None:
    """Other tables, broken pages, a packed file: each is one fault that names what to do."""
    path = database(tmp_path / "other.db", "part", [])
    data = path.read_bytes()
    if packed:
        path.write_bytes(gzip.compress(data))
    ledger = Ledger()
    assert not list(read([str(path)], ledger=ledger))
    said = "give the file by its name" if packed else "without a known table; expected message or session_message"
    assert said in ledger.malformed[0].message
    path.write_bytes(data[:100])
    assert not list(read([str(path)], ledger=(cut := Ledger())))
    assert "SQLite" in cut.malformed[0].message


SAMPLES = sorted(path for path in LOGS.iterdir() if path.suffix in (".jsonl", ".json", ".csv"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_sample_is_told_as_its_own_format_and_as_no_other(path: Path) -> None:
    """Each record by itself; a failed request has no shape that tells its vendor."""
    with path.open("rb") as file:
        stream = Stream(file).bytes
        how = rows if kind(stream) == "csv" else json_values
        result = [each.record for each in how(stream) if each.record is not None]
    pages = [each for record in result if not sniff(record) for each in record.values() if isinstance(each, list)]
    result = [*filter(sniff, result), *(record for page in pages for record in page)]
    assert result
    assert all(sniff(record) for record in result)
    last = {"failure", "plain"}  # asked where no other is found
    assert {name for record in result for name in FORMATS if FORMATS[name].detect(record)} <= {path.stem, *last}


def test_every_format_has_a_sample() -> None:
    """Without one, no test would read the format."""
    assert {path.stem for path in SAMPLES} == set(FORMATS) - {"failure"}


def test_every_format_of_the_folder_is_listed() -> None:
    """A format that is declared and not listed would be read by no one."""
    modules = [import_module(f"{formats.__name__}.{each.name}") for each in iter_modules(formats.__path__)]
    declared = {each.name for module in modules for each in vars(module).values() if isinstance(each, Format)}
    assert declared == set(FORMATS) - {"failure"}


def test_a_variable_may_name_several_folders(tmp_path: Path) -> None:
    """As `CLAUDE_CONFIG_DIR` does, with commas between them; a variable without a value is as none."""
    for name in ("a", "b"):
        (tmp_path / name / "projects" / "p").mkdir(parents=True)
        (tmp_path / name / "projects" / "p" / "s.jsonl").touch()
    environ = {"CLAUDE_CONFIG_DIR": f"{tmp_path / 'a'}, {tmp_path / 'b'}", "CODEX_HOME": ""}
    places = on_this_machine(environ)
    assert [len(each.files) for each in places if "CLAUDE_CONFIG_DIR" in each.pattern] == [2]
    assert {each.tool for each in places} == {each.tool for each in FORMATS.values() if each.places}


def test_a_user_without_a_home_folder_has_no_logs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is looked for in a folder that happens to be called `~`."""
    (tmp_path / "~" / ".codex" / "sessions").mkdir(parents=True)
    (tmp_path / "~" / ".codex" / "sessions" / "rollout-1.jsonl").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    assert not any(each.files for each in on_this_machine({}))


@pytest.mark.parametrize("shape", [each for each in FORMATS.values() if each.places], ids=lambda shape: shape.name)
def test_a_format_with_places_names_its_tool(shape: Format) -> None:
    """A place is a pattern below the home folder or below a variable that has a default there."""
    assert shape.tool
    assert all(place.startswith(("~/", "${")) for place in shape.places)


OTHER_SPANS: list[tuple[dict[str, Any], Usage]] = [
    (  # OpenInference, flat: 2,255 + 5 = 2,260, so that 512 read and 1,733 written are inside: 10 are left
        {
            "llm.model_name": OPUS,
            "llm.token_count.prompt": 2255,
            "llm.token_count.completion": 5,
            "llm.token_count.total": 2260,
            "llm.token_count.prompt_details.cache_read": 512,
            "llm.token_count.prompt_details.cache_write": 1733,
        },
        Usage(input=10, cache_read=512, cache_write=1733, output=5),
    ),
    (  # the same in objects, as Phoenix exports it, from Bedrock: 10 + 5 + 512 + 1,733 = 2,260 stand side by side
        {
            "llm": {
                "model_name": OPUS,
                "token_count": {
                    "prompt": 10,
                    "completion": 5,
                    "total": 2260,
                    "prompt_details": {"cache_read": 512, "cache_write": 1733},
                },
            }
        },
        Usage(input=10, cache_read=512, cache_write=1733, output=5),
    ),
    (  # Vercel AI SDK 6: 9,530 - 9,000 - 500
        {
            "ai.operationId": "ai.generateText.doGenerate",
            "ai.model.id": OPUS,
            "ai.usage.inputTokens": 9530,
            "ai.usage.inputTokenDetails.noCacheTokens": 30,
            "ai.usage.inputTokenDetails.cacheReadTokens": 9000,
            "ai.usage.inputTokenDetails.cacheWriteTokens": 500,
            "ai.usage.outputTokens": 100,
        },
        Usage(input=30, cache_read=9000, cache_write=500, output=100),
    ),
    (  # version 5 with Anthropic: what was read stands beside the input, though the total is that of the two alone
        {
            "ai.model.id": OPUS,
            "ai.model.provider": "anthropic.messages",
            "ai.usage.inputTokens": 9530,
            "ai.usage.cachedInputTokens": 9000,
            "ai.usage.outputTokens": 100,
            "ai.usage.totalTokens": 9630,
        },
        Usage(input=9530, cache_read=9000, output=100),
    ),
    (  # version 5 with OpenAI: inside
        {
            "ai.model.id": "gpt-6-sol",
            "ai.usage.inputTokens": 9530,
            "ai.usage.cachedInputTokens": 9000,
            "ai.usage.outputTokens": 100,
        },
        Usage(input=530, cache_read=9000, output=100),
    ),
]


@pytest.mark.parametrize(("attributes", "usage"), OTHER_SPANS)
def test_spans_of_openinference_and_vercel_are_spans(attributes: dict[str, Any], usage: Usage) -> None:
    """Their names mean the same; whether cached tokens are inside the input follows from the span."""
    span = {
        "context": {"trace_id": "t", "span_id": "s"},
        "start_time": "2026-11-01T10:00:00Z",
        "attributes": attributes,
    }
    (request,) = FORMATS["otel"].read(span)
    assert isinstance(request, Request)
    assert (request.usage, request.at, request.id) == (usage, TEN, "t:s")
    assert request.model in (OPUS, "gpt-6-sol")


def test_spans_of_a_trace_of_mlflow_are_spans() -> None:
    """Their attributes are JSON as text; 10,000 - 9,000 read."""
    counts = {"input_tokens": 10_000, "output_tokens": 30, "total_tokens": 10_030, "cache_read_input_tokens": 9000}
    texts = {
        "mlflow.chat.tokenUsage": json.dumps(counts),
        "mlflow.llm.model": '"gpt-6-sol"',
        "mlflow.spanType": '"LLM"',
    }
    span = {"trace_id": "t", "span_id": "s", "start_time_unix_nano": 1793527200000000000, "attributes": texts}
    trace = {"info": {"trace_id": "t"}, "data": {"spans": [span, {"span_id": "p", "attributes": {}}]}}
    assert sniff(trace) is FORMATS["otel"]
    request, skipped = FORMATS["otel"].read(trace)
    assert isinstance(request, Request)
    assert (request.usage, request.model, request.at) == (
        Usage(input=1000, cache_read=9000, output=30),
        "gpt-6-sol",
        TEN,
    )
    assert isinstance(skipped, Skipped)


def test_rows_of_a_table_of_spans_are_spans() -> None:
    """Columns of Phoenix begin with `attributes.`; what encloses calls of the Vercel AI SDK repeats their tokens."""
    flat = {f"attributes.{key}": str(each) for key, each in OTHER_SPANS[0][0].items()}
    row = {"name": "x", "start_time": "2026-11-01T10:00:00Z", "context.span_id": "s", "context.trace_id": "t", **flat}
    assert sniff(row) is FORMATS["otel"]
    (request,) = FORMATS["otel"].read(row)
    assert isinstance(request, Request)
    assert (request.usage, request.id) == (OTHER_SPANS[0][1], "t:s")
    whole = {"spanId": "s", "attributes": OTHER_SPANS[2][0] | {"ai.operationId": "ai.generateText"}}
    assert [type(each) for each in FORMATS["otel"].read(whole)] == [Skipped]


ANSWERS: dict[str, dict[str, Any]] = {
    "openai_chat": {
        "object": "chat.completion",
        "model": "gpt-4o",
        "usage": {"prompt_tokens": 9, "completion_tokens": 2},
    },
    "anthropic_message": {"type": "message", "role": "assistant", "model": OPUS, "usage": {"input_tokens": 3}},
    "gemini": {"usageMetadata": {"promptTokenCount": 5}, "modelVersion": "gemini-2.5-pro"},
}
AROUND: list[dict[str, Any]] = [
    {"session_id": "s", "data": ...},
    {"timestamp": "2026-11-01T10:00:00Z", "type": "llm", "response": ...},
    {"timestamp": "2026-11-01T10:00:00Z", "id": "1", "type": "user", "content": "x", "response": ...},
    {"type": "llm.call", "timestamp": "2026-11-01T10:00:00Z", "id": "1", "data": ...},
    {"event": "llm", "time": 1793527200, "properties": {"a": 1}, "response": ...},
    {"ts": 1793527200000, "type": "x", "response": ...},
    {"eval": "x", "status": "ok", "response": ...},
]


@pytest.mark.parametrize("around", AROUND, ids=lambda record: " ".join(record))
@pytest.mark.parametrize("name", ANSWERS)
def test_no_tool_takes_a_vendors_answer_in_a_log_of_other_making(name: str, around: dict[str, Any]) -> None:
    """Keys that many logs have, such as `type` and `data`, make no session of an agent."""
    record = {key: ANSWERS[name] if each is ... else each for key, each in around.items()}
    assert sniff(record) is FORMATS[name]
