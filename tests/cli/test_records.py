"""One request and a file of them: worked line by line, in order, whatever stands on a line."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from ..command import run, shelf

MODELS = ("openai/gpt-4o", "openai/gpt-4o-mini", "google/gemini-2.5-pro", "anthropic/claude-sonnet-4-5")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of a few pages, since a name that nothing claims is looked for in all of them."""
    return shelf(tmp_path_factory.mktemp("pages"), *MODELS)


def test_a_quote_is_worked_line_by_line() -> None:
    """2,000 x $3 + 20,000 x $6 (1 h) + 500 x $15, per 1M: https://platform.claude.com/docs/en/about-claude/pricing."""
    question = ("quote", "claude-sonnet-4-5", "--input", "2K", "--cache-write", "60m=20K", "--output", "500")
    answer = run(*question, "--at", "2026-11-01", "--json").json
    lines = [(line["name"], line["quantity"], line["rate"], line["amount"]) for line in answer["lines"]]
    assert lines == [
        ("input", 2000, "3", "0.006"),
        ("cache_write:1h", 20000, "6", "0.12"),
        ("output", 500, "15", "0.0075"),
    ]
    assert (answer["total"], answer["currency"]) == ("0.1335", "USD")
    rows = list(csv.DictReader(io.StringIO(run(*question, "--at", "2026-11-01", "--format", "csv").out)))
    assert [tuple(row.values())[:-1] for row in rows] == [
        (*map(str, (line[0], line[1], "tokens", *line[2:])), "ok", "false") for line in lines
    ]
    assert {row["warnings"] for row in rows} == {"; ".join(answer["warnings"])}


# https://ai.google.dev/gemini-api/docs/pricing: $1.25 up to 200K, $2.50 above, for the whole request.
@pytest.mark.parametrize(("tokens", "total"), [("300K", "0.75"), ("200K", "0.25"), ("200001", "0.5000025")])
def test_the_size_of_the_prompt_prices_the_whole_request(tokens: str, total: str) -> None:
    """Both sides of the edge at 200,000 tokens."""
    assert run("quote", "gemini-2.5-pro", "--input", tokens, "--at", "2026-11-01", "--json").json["total"] == total


def line(identity: str = "1", model: str = '"gpt-4o"', usage: str = '{"input": 1000}', more: str = "") -> bytes:
    return f'{{"id": {identity}, "model": {model}, "at": "2026-11-01", "usage": {usage}{more}}}'.encode()


GOOD = line('"good"')
BAD = {
    "not JSON": (b"nope", "not a JSON record"),
    "cut off": (GOOD[:-1], "not a JSON record"),
    "empty": (b"", "not a JSON record"),
    "blank": (b" \t", "not a JSON record"),
    "array": (b"[]", "expected an object"),
    "text": (b'"x"', "expected an object"),
    "number": (b"3", "expected an object"),
    "null": (b"null", "expected an object"),
    "NaN": (line(usage='{"input": NaN}'), "NaN is not a number"),
    "Infinity": (line(usage='{"input": -Infinity}'), "-Infinity is not a number"),
    "beyond every number": (line(usage='{"input": 1e99999999999999999999}'), "beyond every number"),
    "unknown key": (line(more=', "modle": 1'), "'modle' is not a key of the record"),
    "unknown usage": (line(usage='{"inptu": 1}'), "'inptu' is not a key of usage"),
    "no model": (b'{"usage": {}}', "model: missing"),
    "no usage": (b'{"model": "gpt-4o"}', "usage: missing"),
    "model of another type": (line(model="5"), "model: missing; expected a name"),
    "unknown model": (line(model='"gpt-4o-nano"'), "did you mean"),
    "model out of this world": (line(model='"\\ud800"'), "is not a model with a price sheet"),
    "model with NUL": (line(model='"gpt\\u0000"'), "is not a model with a price sheet"),
    "model that is a path": (line(model='"../../etc/passwd"'), "is not a model with a price sheet"),
    "negative": (line(usage='{"input": -1}'), "-1 tokens cannot be"),
    "true as a count": (line(usage='{"input": true}'), "expected a whole number of tokens, not True"),
    "fraction": (line(usage='{"input": 1.5}'), "expected a whole number of tokens, not 1.5"),
    "text as a count": (line(usage='{"input": "5"}'), "expected a whole number of tokens, not '5'"),
    "absurd": (line(usage='{"input": %s}' % ("9" * 4000)), "so many tokens cannot be"),
    "digits without end": (line(usage='{"input": %s}' % ("9" * 5000)), "not a JSON record"),
    "deep": (line(usage='{"input": %s}' % ("[" * 100_000 + "]" * 100_000)), "not a JSON record"),
    "deep enough to parse": (line(usage='{"input": %s}' % ("[" * 300 + "]" * 300)), "input: expected a whole number"),
    "not UTF-8": (b'{"id": 1, "model": "\xff"}', "not a JSON record"),
    "half of UTF-16": (b'\xff\xfe{"id": 1}', "not a JSON record"),
    "TTL not sold": (line(model='"claude-sonnet-4-5"', usage='{"cache_write": {"2h": 5000}}'), "cache_write:2h"),
    "TTL twice": (line(model='"claude-sonnet-4-5"', usage='{"cache_write": {"1h": 9, "60m": 5}}'), "1h is given twice"),
    "nothing can be written": (line(usage='{"cache_write": 5000}'), "no rate for cache_write"),
    "before the first card": (b'{"model": "gpt-4o", "at": "2019-01-01", "usage": {}}', "begins 2024-05-13"),
    "instant without zone": (b'{"model": "gpt-4o", "at": "2026-11-01T10:00", "usage": {}}', "which zone"),
    "instant as a number": (b'{"model": "gpt-4o", "at": 5, "usage": {}}', "at: expected an instant"),
    "service": (line(more=', "service": "express"'), "'express' is not sold"),
    "service of another type": (line(more=', "service": 5'), "service: expected a word"),
    "no such hours": (line(usage='{"storage_token_hours": "1/0"}'), "expected a number or a fraction"),
    "hours without end": (line(usage='{"storage_token_hours": 1e999}'), "expected a number or a fraction"),
}


@pytest.mark.parametrize(("bad", "message"), BAD.values(), ids=BAD)
def test_a_bad_line_is_answered_and_never_stops_the_rest(bad: bytes, message: str, pages: Path) -> None:
    """One line out for each line in, in order; the refusal has a stable type and one short line for people."""
    question = ("quote", "--from", "-", "--prices", pages)
    first, refused, last = run(*question, stdin=b"\n".join((GOOD, bad, GOOD))).records
    assert first == last
    assert (first["id"], first["total"]) == ("good", "0.0025")
    assert set(refused) == {"id", "error"}
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", refused["error"]["type"])
    assert message in refused["error"]["message"]
    assert len(refused["error"]["message"]) < 400


@pytest.mark.parametrize(
    "identity",
    [
        *'0 -1 1.5 -0.25 null true false "a" "" [] [1,[2.5]]'.split(),
        "9" * 40,
        '{"a": {"b": null}}',
        '"\\u0000\\ud83d\\ude00"',
    ],
)
def test_an_id_comes_back_as_it_went_in(identity: str) -> None:
    """Of every JSON type, in answers and in refusals."""
    answered, refused = run("quote", "--from", "-", stdin=line(identity) + b"\n" + line(identity, "3")).records
    assert json.dumps(answered["id"]) == json.dumps(refused["id"]) == json.dumps(json.loads(identity))
    assert "total" in answered
    assert "error" in refused


def test_an_id_that_no_float_holds_and_half_a_character_are_kept() -> None:
    """A long decimal comes back as text with all its digits; a lone surrogate as the escape that it was."""
    long = "0.12345678901234567890123"
    ran = run("quote", "--from", "-", stdin=b"\n".join((line(long), line('"\\ud800"'))))
    assert [record["id"] for record in ran.records] == [long, "\ud800"]


@pytest.mark.parametrize(
    "file",
    [b"%b\n%b", b"%b\n%b\n", b"%b\r\n%b\r\n", b"\xef\xbb\xbf%b\n%b"],
    ids=["no newline at the end", "newline", "CRLF", "byte order mark"],
)
def test_files_of_every_habit_are_read(file: bytes, tmp_path: Path) -> None:
    """The same two answers, from a file, from stdin, and into a file."""
    path, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    path.write_bytes(file % (GOOD, GOOD))
    ran = run("quote", "--from", path)
    assert [record["total"] for record in ran.records] == ["0.0025", "0.0025"]
    assert run("quote", "--from", "-", stdin=file % (GOOD, GOOD)) == ran
    assert run("quote", "--from", path, "-o", out) == (0, "", "")
    assert out.read_text(encoding="utf-8") == ran.out


def test_nothing_in_is_nothing_out() -> None:
    """An empty file is no mistake."""
    assert run("quote", "--from", "-") == (0, "", "")


# $4.50 per 1M token-hours (https://ai.google.dev/gemini-api/docs/pricing): 25,000 / 3 hours are $0.0375 exactly.
@pytest.mark.parametrize(
    ("hours", "total"),
    [("1000000", "4.5"), ("1.5", "0.00000675"), ('"25000/3"', "0.0375"), ('"1.5"', "0.00000675"), ("1e3", "0.0045")],
)
def test_token_hours_are_a_number_or_a_fraction(hours: str, total: str) -> None:
    """Exact, also where no decimal is."""
    (answer,) = run(
        "quote", "--from", "-", stdin=line(model='"gemini-2.5-pro"', usage=f'{{"storage_token_hours": {hours}}}')
    ).records
    assert answer["total"] == total


# https://platform.claude.com/docs/en/about-claude/pricing: 5 minutes $3.75, 1 hour $6.00 per 1M.
@pytest.mark.parametrize(
    ("written", "total"),
    [
        ("20000", "0.075"),
        ('{"5m": 20000}', "0.075"),
        ('{"60m": 20000}', "0.12"),
        ('{"1h": 1000, "300s": 19000}', "0.07725"),
    ],
)
def test_written_tokens_are_a_number_or_by_ttl(written: str, total: str) -> None:
    """A bare number means the default TTL; 60m is 1h. 1,000 x $6.00 + 19,000 x $3.75 = $0.07725."""
    (answer,) = run(
        "quote", "--from", "-", stdin=line(model='"claude-sonnet-4-5"', usage=f'{{"cache_write": {written}}}')
    ).records
    assert answer["total"] == total


def test_flags_beside_a_file_hold_for_records_that_do_not_say() -> None:
    """Batch is half: https://platform.claude.com/docs/en/about-claude/pricing, $3.00 and $1.50 for input."""
    silent, loud, null = (
        b'{"model": "claude-sonnet-4-5", "usage": {"input": 1000000}}',
        b'{"model": "claude-sonnet-4-5", "service": "standard", "usage": {"input": 1000000}}',
        b'{"model": "claude-sonnet-4-5", "service": null, "usage": {"input": 1000000}}',
    )
    ran = run(
        "quote", "--from", "-", "--service", "batch", "--at", "2026-11-01", stdin=b"\n".join((silent, loud, null))
    )
    assert [record["total"] for record in ran.records] == ["1.5", "3", "1.5"]
