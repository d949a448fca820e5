"""`cachecost replay` prices a log to the last digit, whatever its format, and loses none of its lines."""

from __future__ import annotations

import csv
import io
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from .. import replay_logs as logs
from ..command import run, script
from ..logs.test_formats import LOGS
from .test_terminal import COLOURS, is_address

TRACES = os.environ.get("CACHECOST_TRACES", "")


def answer(*arguments: str | Path, stdin: bytes = b"") -> Any:
    return run("replay", *arguments, "--json", stdin=stdin).json


def paid(result: Any, word: str) -> dict[str, str]:
    rows = result["classes"] if word == "class" else result["by"][word]
    return {row.get("label") or row["name"]: row["cost"] for row in rows}


def policies(result: Any, on: str) -> dict[str, str]:
    return {row["policy"]: row["total"] for row in result["what_if"] if row["on"] == on}


def test_a_log_costs_what_its_requests_cost(tmp_path: Path) -> None:
    """Four requests on two models, worked by hand in every way to tell them apart."""
    result = answer(logs.write(tmp_path), "--by", "project", "--by", "session")
    assert result["totals"] == {"USD": logs.TOTAL}
    assert paid(result, "model") == {"anthropic/claude-opus-4-8": logs.OF_OPUS, "openai/gpt-5.6-sol": logs.OF_SOL}
    assert paid(result, "project") == logs.BY_PROJECT
    assert paid(result, "day") == logs.BY_DAY
    assert paid(result, "session") == {"a": logs.OF_OPUS, "b": logs.OF_SOL}
    assert paid(result, "class") == logs.BY_CLASS


def test_a_log_is_told_apart_by_its_labels_and_times(tmp_path: Path) -> None:
    """Requests 1 and 2 at 10:00, 3 in another team at 10:30, 4 the next day, a Monday, without a user; tags in any
    order are one label, and of a key only its ends are shown."""
    who = [{"user": "ann", "team": "red", "tags": ["b", "a"], "key": "sk-abcdefghijklm"}] * 2
    who += [{"user": "bob", "team": "blue", "tags": ["a", "b"], "key": "prod"}, {"team": "red"}]
    log = logs.write(tmp_path, "log.jsonl", [row | more for row, more in zip(logs.ROWS, who, strict=True)])
    words = ("user", "team", "tag", "key", "hour", "week", "month", "session", "project")
    result = answer(log, *(f"--by={word}" for word in words))
    first = "0.6946"  # 633,550 + 61,050
    assert paid(result, "user") == {"ann": first, "bob": "0.63855", "unknown": "0.026"}
    assert paid(result, "team") == {"red": "0.7206", "blue": "0.63855"}
    assert paid(result, "tag") == {"a, b": logs.OF_OPUS, "unknown": "0.026"}
    assert paid(result, "key") == {"sk-a...jklm": first, "prod": "0.63855", "unknown": "0.026"}
    assert paid(result, "hour") == {"2026-11-01 10:00": logs.OF_OPUS, "2026-11-02 10:00": "0.026"}
    assert paid(result, "week") == {"2026-W44": logs.OF_OPUS, "2026-W45": "0.026"}
    assert paid(result, "month") == {"2026-11": logs.TOTAL}
    assert paid(result, "project") == logs.BY_PROJECT
    assert result["accounting"]["unknown_keys"] == {}
    for engine in ("duckdb", "python"):
        assert paid(answer(log, "--by=hour", "--engine", engine), "hour") == paid(result, "hour")
    refused = run("replay", log, "--by", "user", "--engine", "duckdb")
    assert (refused.code, "duckdb does not serve --by user" in refused.err) == (2, True)


def test_a_span_before_now_can_be_asked_for(tmp_path: Path) -> None:
    """The last 7 days of a fixed clock, 2026-11-22, hold none of the requests of 1 November; the last 30 hold all."""
    log = logs.write(tmp_path)
    assert answer(log, "--since", "30d")["requests"] == 4
    assert run("replay", log, "--since", "7d").code == 3


def test_another_policy_costs_what_it_would_have_cost(tmp_path: Path) -> None:
    """A session with a pause of 26 minutes: an hour's TTL reads where five minutes wrote anew."""
    result = answer(logs.write(tmp_path), *(f"--policy={name}" for name in logs.POLICIES))
    assert policies(result, "anthropic/claude-opus-4-8") == logs.POLICIES
    by_name = {row["policy"]: row for row in result["what_if"] if row["on"] == "anthropic/claude-opus-4-8"}
    assert by_name["written:1h"]["paid"] == logs.OF_OPUS
    # 100,210 and 100,610 read of 301,830
    assert by_name["written:1h"]["hit_share"].startswith("0.66534")


def test_the_sentence_says_what_was_paid_and_what_could_have_been(tmp_path: Path) -> None:
    """Fresh 1.53165 + 0.026 = 1.55765, so 0.1985 (12.7%) was saved; 1.13301 for an hour on Opus is 0.20014 below
    1.33315, 14.7% of 1.35915; 100,400 expired tokens at 6.25 - 0.50 cost 0.5773, 42.5%. A day makes no month."""
    output, setting = run("replay", logs.write(tmp_path)).out.splitlines()[:2]
    assert output == (
        "Caching saved you $0.1985 (13%) in 1 day: 4 requests cost $1.36. A 1-hour cache would save $0.2001 more "
        "(15%). 42% of the bill ($0.5773) went on caches that expired."
    )
    assert 'cache_control: {"type": "ephemeral", "ttl": "1h"}' in setting
    assert setting.endswith(": anthropic/claude-opus-4-8.")


def test_sums_do_not_say_in_how_many_requests_a_cache_was_read() -> None:
    """A day of Anthropic's usage is no request; OpenAI's counts 3 and 2 requests, and one record read."""
    day, counted = run("replay", LOGS / "anthropic_usage.json").out, run("replay", LOGS / "openai_usage.json").out
    assert "in 1 day: 1 usage record cost " in day
    assert "\nmodel                      records  input" in day
    assert "\n1 usage record read: 1 priced, 0 unpriced.\n" in day
    assert "in 1 day: 5 requests cost " in counted
    for shown in (day, counted):  # 8,000 of 9,070 tokens are 88%, 6,000 of 10,800 are 56%
        assert "% of the prompt tokens.\n" in shown
    single = run("replay", LOGS / "claude_code.jsonl").out
    assert " of the prompt tokens, in " in single


def test_sums_are_held_against_another_model_too() -> None:
    """OpenAI's requests on Haiku 5.5: 10,000 of prompt and 500 of answer at 0.10 and 0.50, 800 and 40 in a batch at
    half of that. With the same hits 6,000 are read at 0.01 and 1,000 written for an hour at 0.20, since 5 minutes are
    less than the log's 30. At most all is written for an hour, at 0.20 and 0.10. At least 3,334 are sent, the mean of
    three requests, the 800 of the batch among them, and 7,466 read at 0.01."""
    result = answer(LOGS / "openai_usage.json", "--model", "claude-haiku-5-5")
    rows = {(row["policy"], row["bound"]): Decimal(row["total"]) for row in result["what_if"] if "haiku" in row["on"]}
    answers = Decimal("0.00025") + Decimal("0.00001")
    assert rows == {
        ("fresh", None): Decimal("0.001") + Decimal("0.00004") + answers,
        ("same hits", None): Decimal("0.0003") + Decimal("0.00006") + Decimal("0.0002") + Decimal("0.00004") + answers,
        ("any caching", "upper"): Decimal("0.002") + Decimal("0.00008") + answers,
        ("any caching", "lower"): Decimal("0.00004") + Decimal("0.0002534") + Decimal("0.00007466") + answers,
    }
    assert {row["paid"] for row in result["what_if"]} == {result["totals"]["USD"]}
    assert any("on which rates of anthropic/claude-haiku-5-5 depend" in note for note in result["notes"])


@pytest.mark.parametrize("is_sum", [True, False])
def test_other_models_are_compared_by_text_alone(tmp_path: Path, is_sum: bool) -> None:
    """GPT Realtime mini: 6,000 of text at 0.60 and 300 answered at 2.40 are 0.00432; with 4,000 of audio at 10.00 and
    200 answered at 20.00 it is 0.04832. Haiku 5.5 takes no audio: the text is 0.0006 + 0.00015 there."""
    if is_sum:
        text = {"input_tokens": 6_000, "output_tokens": 300, "input_cached_tokens": 0, "num_model_requests": 1}
        audio = {"input_audio_tokens": 4_000, "output_audio_tokens": 200}
        result_of = {"object": "organization.usage.completions.result", "model": "gpt-realtime-mini"} | text | audio
        day = {"object": "bucket", "start_time": 1_793_491_200, "end_time": 1_793_577_600, "results": [result_of]}
        record: dict[str, Any] = {"object": "page", "data": [day], "has_more": False}
    else:
        counts: dict[str, Any] = {"prompt_tokens": 10_000, "completion_tokens": 500, "total_tokens": 10_500}
        counts["prompt_tokens_details"] = {"audio_tokens": 4_000, "cached_tokens": 0}
        counts["completion_tokens_details"] = {"audio_tokens": 200}
        record = {"id": "a", "object": "chat.completion", "created": 1_793_527_200, "model": "gpt-realtime-mini"}
        record |= {"choices": [], "usage": counts}
    result = answer(logs.write(tmp_path, "log.jsonl", [record]), "--model", "claude-haiku-5-5")
    fresh = [(row["total"], row["paid"]) for row in result["what_if"] if row["policy"] == "fresh"]
    assert fresh == [("0.04832", "0.04832"), ("0.00075", "0.00432")]
    note = "Other models are compared by text alone: tokens of audio, images and video count on neither side."
    assert note in result["notes"]


def test_the_same_hits_of_an_automatic_cache_are_written_where_another_model_needs_it(tmp_path: Path) -> None:
    """GPT-4.1 reads 8,000 tokens and sends 3,000, which its next request may read. On Haiku 5.5 they are 8,000 x 0.01 +
    3,000 x 0.125 + 200 x 0.50 millionths, on Gemini 2.5 Flash 8,000 x 0.03 + 3,000 x 0.30 + 200 x 2.50. Qwen3
    VL sells no cache."""
    row = {"at": "2026-11-01T10:00:00Z", "model": "gpt-4.1", "output": 100}
    rows = [row | {"id": "a", "input": 2_000, "cache_read": 8_000}, row | {"id": "b", "input": 1_000, "cache_read": 0}]
    log = logs.write(tmp_path, "log.jsonl", rows=rows)
    others = ("claude-haiku-5-5", "gemini-2.5-flash", "qwen3-vl-32b-instruct")
    result = answer(log, *(word for name in others for word in ("--model", name)))
    same = {each["on"]: each["total"] for each in result["what_if"] if each["policy"] == "same hits"}
    assert same == {"anthropic/claude-haiku-5-5": "0.000555", "google/gemini-2.5-flash": "0.00164"}
    notes = " ".join(result["notes"])
    assert "The same hits on alibaba/qwen3-vl-32b-instruct are not shown: it sells no cache without rent." in notes
    assert "same hits on anthropic/claude-haiku-5-5: all that was not read is written" in notes
    assert "same hits on google/gemini-2.5-flash" not in notes


def test_a_log_without_sessions_says_why_no_time_to_live_is_tried(tmp_path: Path) -> None:
    """A name that is no policy was passed over there, and one that nothing sells left out the what-if unsaid."""
    rows = [{name: row[name] for name in row if name != "session"} for row in logs.ROWS]
    shown = run("replay", log := logs.write(tmp_path, "log.jsonl", rows=rows)).out
    assert "\nWithout a session: 4 requests. Nothing says which prompts share a prefix, so " in shown
    wrong = run("replay", log, "--policy", "wrong")
    assert (wrong.code, wrong.err.partition(";")[0]) == (2, "cachecost: --policy: 'wrong' is no policy")
    seven = run("replay", logs.write(tmp_path), "--policy", "written:7m", "--policy", "written:5m").out
    assert "\nSold by no model that is compared here: written:7m.\n" in seven


def test_the_sentence_speaks_of_every_currency(tmp_path: Path) -> None:
    """Opus wrote 100,000 tokens that nothing read, for 1.25 more per million; a model in yuan cached nothing."""
    yuan = logs.ROWS[0] | {"model": "moonshot-cn/moonshot-v1-128k", "id": "y", "input": 100_000, "cache_write_5m": 0}
    log = logs.write(tmp_path, "log.jsonl", rows=[yuan, logs.ROWS[0]])
    sentence = run("replay", log, "--json").json["sentence"]
    assert sentence.startswith("Caching cost $0.125 (25%) more than no cache: 2 requests cost ")
    assert "No cache would save $0.125 (20%)" in sentence
    assert "No other caching" not in sentence


def test_requests_without_tokens_cost_nothing_and_are_no_bill(tmp_path: Path) -> None:
    """They were read and have rates: that the log holds none would not be true."""
    row = logs.ROWS[0] | dict.fromkeys(("input", "cache_write_5m", "output"), 0)
    ran = run("replay", logs.write(tmp_path, "log.jsonl", rows=[row]))
    assert (ran.code, ran.err) == (3, "cachecost: nothing could be priced: its requests used no tokens\n")
    assert ran.out.startswith("1 request used no tokens.")


def test_a_long_log_has_a_month(tmp_path: Path) -> None:
    """The third request 10 days after the first: 30 days at that rate are three times as much. Sent fresh for 1.53165,
    1.33315 paid: the pause of 10 days outlives an hour too, so no policy gains but what a 400-token write costs."""
    rows = [*logs.ROWS[:2], logs.ROWS[2] | {"at": "2026-11-11T10:00:00Z"}]
    log = logs.write(tmp_path, rows=rows)
    result = answer(log)
    assert result["per_month"] == {"USD": "3.99945"}
    table = run("replay", log).out
    assert "per month" in table
    assert "$4.00" in table
    assert "Per month: 30 days at the rate of these 10 days." in table


def test_a_breakdown_ends_with_its_total_and_what_has_no_price(tmp_path: Path) -> None:
    """Four requests for 1.35915, and one of a model without a sheet."""
    lines = run("replay", logs.write(tmp_path, "log.jsonl", [*logs.ROWS, logs.UNKNOWN])).out.splitlines()
    total = next(number for number, line in enumerate(lines) if line.startswith("total"))
    assert lines[total].split() == ["total", "4", "5,630", "100,000", "201,200", "1,200", "33%", "$1.3592", "100%"]
    assert lines[total + 1].split() == ["without", "a", "price", "1"]


@pytest.mark.parametrize("name", ["log.csv", "log.jsonl", "log.jsonl.gz", "log.parquet"])
def test_the_format_of_a_file_changes_nothing(tmp_path: Path, name: str) -> None:
    """CSV, JSONL, packed and Parquet: one bill, one what-if."""
    result = answer(logs.write(tmp_path, name))
    first = answer(logs.write(tmp_path, "first.csv"))
    for part in ("sentence", "totals", "classes", "by", "lost", "what_if", "rates"):
        assert result[part] == first[part], part


def test_the_vendors_own_answers_cost_the_same(tmp_path: Path) -> None:
    """The three requests on Opus as Anthropic answers them, in an envelope with time and session."""
    path = tmp_path / "messages.jsonl"
    path.write_text(logs.as_messages(logs.ROWS[:3]))
    result = answer(path, *(f"--policy={name}" for name in logs.POLICIES))
    assert result["totals"] == {"USD": logs.OF_OPUS}
    assert policies(result, "anthropic/claude-opus-4-8") == logs.POLICIES


def test_a_log_from_stdin_is_a_log(tmp_path: Path) -> None:
    """`-` reads what a pipe brings."""
    assert answer("-", stdin=logs.as_lines(logs.ROWS).encode())["totals"] == {"USD": logs.TOTAL}


@pytest.mark.parametrize("engine", ["duckdb", "python"])
def test_engines_give_one_bill(tmp_path: Path, engine: str) -> None:
    """To the last digit, in every way to tell it apart."""
    result = answer(logs.write(tmp_path, "log.parquet"), "--engine", engine, "--by", "project", "--by", "session")
    assert result["totals"] == {"USD": logs.TOTAL}
    assert paid(result, "project") == logs.BY_PROJECT
    assert paid(result, "day") == logs.BY_DAY
    assert paid(result, "class") == logs.BY_CLASS
    assert result["requests"] == result["accounting"]["priced"] == 4


def test_an_engine_that_cannot_serve_a_flag_says_so(tmp_path: Path) -> None:
    """Nothing that was asked for is silently left out."""
    refused = run("replay", "-", "--engine", "duckdb")
    assert (refused.code, "duckdb does not serve -;" in refused.err) == (2, True)
    refused = run("replay", logs.write(tmp_path), "--paid-only", "--model", "claude-opus-4-8")
    assert (refused.code, "--paid-only: leaves nothing for --model to say" in refused.err) == (2, True)


@pytest.mark.parametrize("engine", ["duckdb", "python"])
def test_only_what_was_paid_is_told_where_that_is_asked(tmp_path: Path, engine: str) -> None:
    """The bill and its parts, no policy, and a word that there is none."""
    result = answer(logs.write(tmp_path, "log.parquet"), "--engine", engine, "--paid-only")
    assert result["totals"] == {"USD": logs.TOTAL}
    assert paid(result, "class") == logs.BY_CLASS
    assert result["what_if"] == result["lost"] == []
    assert "Only what was paid, as asked: no other policy, no losses." in result["notes"]


@pytest.mark.parametrize("name", ["log.parquet", "log.csv", "log.jsonl"])
@pytest.mark.parametrize("flags", [("python",), ("duckdb",), ("python", "--paid-only"), ("duckdb", "--paid-only")])
def test_the_time_of_a_log_is_from_its_first_request_to_its_last(
    tmp_path: Path, name: str, flags: tuple[str, ...]
) -> None:
    """From 2026-11-01 10:00 to 2026-11-02 10:30 it is 24.5 hours, one day, though on two days of the calendar; what has
    no price does not lengthen it."""
    rows = [
        *logs.ROWS,
        logs.UNKNOWN | {"at": "2026-11-09T10:30:00Z", "cache_read": 0, "cache_write_5m": 0, "output": 1},
    ]
    result = answer(logs.write(tmp_path, name, rows), "--engine", *flags)
    assert (result["first"], result["last"]) == ("2026-11-01T10:00Z", "2026-11-02T10:30Z")
    assert " in 1 day" in result["sentence"]


def test_a_day_over_a_change_of_rates_uses_both(tmp_path: Path) -> None:
    """deepseek-chat on 2026-04-26: a read cost 0.028 per 1M before 12:15Z and 0.0028 from then on."""
    base = {"model": "deepseek/deepseek-chat", "input": 0, "cache_read": 1_000_000, "cache_write_5m": 0, "output": 0}
    rows = [base | {"at": "2026-04-26T12:14:59.999999Z"}, base | {"at": "2026-04-26T12:15:00Z"}]
    result = answer(logs.write(tmp_path, rows=rows))
    assert result["totals"] == {"USD": "0.0308"}
    assert [each["version"] for each in result["rates"]] == [
        "deepseek/deepseek-chat@2026-04-24",
        "deepseek/deepseek-chat@2026-04-26T12:15Z",
    ]


def test_the_rates_of_one_instant_can_be_asked_for(tmp_path: Path) -> None:
    """Both at 0.028, if all is priced as of that morning."""
    base = {"model": "deepseek/deepseek-chat", "input": 0, "cache_read": 1_000_000, "cache_write_5m": 0, "output": 0}
    rows = [base | {"at": "2026-04-26T12:14:00Z"}, base | {"at": "2026-04-26T12:15:00Z"}]
    result = answer(logs.write(tmp_path, rows=rows), "--as-of", "2026-04-26T06:00Z")
    assert result["totals"] == {"USD": "0.056"}


def test_an_unknown_model_is_unpriced_and_never_free(tmp_path: Path) -> None:
    """It is listed with its reason, and the total is what the others cost."""
    result = answer(logs.write(tmp_path, "log.jsonl", rows=[*logs.ROWS, logs.UNKNOWN]))
    assert result["totals"] == {"USD": logs.TOTAL}
    (unpriced,) = result["accounting"]["unpriced"]
    assert (unpriced["model"], unpriced["requests"]) == ("nope-1", 1)
    assert "is not a model with a price sheet" in unpriced["reason"]


def test_an_alias_names_the_model(tmp_path: Path) -> None:
    """5,000 tokens at 4.00 per 1M more."""
    log = logs.write(tmp_path, "log.jsonl", rows=[*logs.ROWS, logs.UNKNOWN])
    assert answer(log, "--alias", "nope-1=gpt-5.6-sol")["totals"] == {"USD": "1.37915"}
    refused = run("replay", log, "--alias", "nope-1=nope-2")
    assert (refused.code, "nope-2" in refused.err) == (2, True)


def test_every_line_is_accounted_for(tmp_path: Path) -> None:
    """Read, duplicate, malformed, blank: the counts add up to the lines, and the bad ones are listed by number."""
    text = logs.as_lines([*logs.ROWS, logs.ROWS[0]]) + "{broken\n\n" + '{"model": "x", "input": "many"}\n'
    (tmp_path / "log.jsonl").write_text(text)
    result = answer(tmp_path / "log.jsonl")["accounting"]
    total = result["total"]
    counts = ("read", "duplicate", "skipped", "malformed", "blank", "header", "continued")
    assert total["entries"] == sum(total[name] for name in counts) == 8
    assert (total["read"], total["duplicate"], total["malformed"], total["blank"]) == (4, 1, 2, 1)
    assert [each["line"] for each in result["malformed"]] == [6, 8]
    reply = run("replay", tmp_path / "log.jsonl").out
    assert "8 lines of 1 file: 4 read, 1 duplicate, 2 malformed, 1 blank." in reply
    assert f"malformed: {tmp_path / 'log.jsonl'}:6:" in reply


def test_strict_refuses_at_the_first_malformed_line(tmp_path: Path) -> None:
    """Exit 2, the file and the line."""
    (tmp_path / "log.jsonl").write_text(logs.as_lines(logs.ROWS) + "{broken\n")
    refused = run("replay", tmp_path / "log.jsonl", "--strict")
    assert (refused.code, refused.out) == (2, "")
    assert "log.jsonl:5:" in refused.err


def test_a_budget_that_is_exceeded_is_exit_one(tmp_path: Path) -> None:
    """1.35915 is over 1.35914 and not over 1.35915; the report is printed all the same."""
    log = logs.write(tmp_path)
    assert run("replay", log, "--fail-over", logs.TOTAL).code == 0
    over = run("replay", log, "--fail-over", "1.35914")
    assert over.code == 1
    assert "in 1 day: 4 requests cost $1.36." in over.out


def test_a_time_can_be_asked_for(tmp_path: Path) -> None:
    """From the second request on, before the third: 61,050 millionths; the others are counted as outside."""
    question = ("--since", "2026-11-01T10:04Z", "--until", "2026-11-01T10:30Z")
    result = answer(logs.write(tmp_path), *question)
    assert result["totals"] == {"USD": "0.06105"}
    assert result["accounting"]["outside"] == 3


def test_what_the_log_says_it_cost_stands_beside(tmp_path: Path) -> None:
    """0.6341 logged for 0.63355: one row differs by 0.00055; 0.0611 is 0.06105 to its last digit, half to even."""
    rows = [logs.ROWS[0] | {"paid": "0.6341"}, logs.ROWS[1] | {"paid": "0.061"}]
    (messages,) = answer(logs.write(tmp_path, rows=rows))["logged"]
    assert (messages["requests"], messages["differing"]) == (2, 1)
    assert (messages["logged"], messages["recomputed"], messages["difference"]) == ("0.6951", "0.6946", "0.0005")


def test_another_model_is_asked_for_all_requests(tmp_path: Path) -> None:
    """Sonnet 4.5 fresh: 306,830 x 3 + 1,200 x 15 = 938,490 millionths, against all that was paid."""
    result = answer(logs.write(tmp_path), "--model", "claude-sonnet-4-5", "--policy", "fresh")
    (row,) = [row for row in result["what_if"] if not row["same_model"]]
    assert (row["on"], row["total"], row["paid"]) == ("anthropic/claude-sonnet-4-5", "0.93849", logs.TOTAL)


def test_a_log_without_sessions_is_bounded(tmp_path: Path) -> None:
    """What its prompts share is not known: fresh, and two bounds around it, and no policy that claims more."""
    rows = [{name: value for name, value in row.items() if name != "session"} for row in logs.ROWS[:3]]
    result = answer(logs.write(tmp_path, rows=rows))
    messages = {(row["policy"], row["bound"]): Decimal(row["total"]) for row in result["what_if"]}
    assert set(messages) == {("fresh", None), ("any caching", "lower"), ("any caching", "upper")}
    assert messages["any caching", "lower"] < messages["fresh", None] == Decimal(logs.POLICIES["fresh"])
    assert messages["fresh", None] < messages["any caching", "upper"]


def test_plain_numbers_as_csv(tmp_path: Path) -> None:
    """A row a label, every digit, and the quantities of classes with their units."""
    out = run("replay", logs.write(tmp_path), "--format", "csv", "--by", "project", "--by", "class").out
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row["label"]: row["cost"] for row in rows if row["by"] == "project"} == logs.BY_PROJECT
    assert {row["label"]: row["cost"] for row in rows if row["by"] == "class"} == logs.BY_CLASS
    assert next(row for row in rows if row["label"] == "cache_read")["quantity"] == "100000"


def test_focus_rows_add_up_to_the_bill(tmp_path: Path) -> None:
    """Every row's price times quantity is its cost, all costs are the total, and each says that it is an estimate."""
    out = run("replay", logs.write(tmp_path), "--format", "focus").out
    rows = list(csv.DictReader(io.StringIO(out)))
    assert sum(Decimal(row["BilledCost"]) for row in rows) == Decimal(logs.TOTAL)
    for row in rows:
        assert Decimal(row["ListUnitPrice"]) * Decimal(row["PricingQuantity"]) == Decimal(row["ListCost"])
        assert row["x_Estimate"] == "true"
        assert "not an invoice" in row["ChargeDescription"]
        assert row["ChargeCategory"] == "Usage"
        assert json.loads(row["SkuPriceDetails"])["rate_card"].startswith(row["ProviderName"])
    caching = {row["SkuMeter"]: json.loads(row["SkuPriceDetails"]) for row in rows}
    messages = {name: (each["CacheAction"], each["TokenDirection"]) for name, each in caching.items()}
    assert messages["cache_read"] == ("Read", "Input")
    assert messages["cache_write:5m"] == ("Write", "Input")
    assert (messages["input"], messages["output"]) == (("None", "Input"), ("None", "Output"))
    assert {row["ChargePeriodStart"] for row in rows} == {"2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"}
    assert {row["BillingPeriodEnd"] for row in rows} == {"2026-12-01T00:00:00Z"}


def test_priced_rows_as_parquet(tmp_path: Path) -> None:
    """A row a request, null where it has no price, and the costs are the total."""
    import pyarrow.parquet as parquet

    log = logs.write(tmp_path, "log.jsonl", rows=[*logs.ROWS, logs.UNKNOWN])
    messages = run("replay", log, "--format", "parquet", "-o", tmp_path / "priced.parquet")
    rows = parquet.read_table(tmp_path / "priced.parquet").to_pylist()
    assert [row["cost"] for row in rows] == ["0.63355", "0.06105", "0.63855", "0.026", None]
    assert [row["cache_read"] for row in rows] == [0, 100_000, 0, 0, 0]
    assert "in 1 day: 4 requests cost" in messages.out
    assert run("replay", log, "--format", "parquet").code == 2


def test_the_page_needs_nothing_else(tmp_path: Path) -> None:
    """No script, no address that is fetched; the sentence, the sums, the tables and the bars are inside: two days, and
    the policies of two models."""
    page = run("replay", logs.write(tmp_path), "--format", "html").out
    assert "<script" not in page
    assert not [word for word in ("<link", "@import", 'src="', 'href="http') if word in page]
    assert "<h1>Caching saved you $0.1985 (13%) in 1 day" in page
    assert page.count("<figure>") == 3
    assert "<dd>$1.36</dd>" in page
    assert "Read from " in page
    assert "<th" in page


def test_markdown_is_the_same_report(tmp_path: Path) -> None:
    """The sentence in bold, tables with their figures to the right."""
    output = run("replay", logs.write(tmp_path), "--format", "markdown").out
    assert output.startswith("**Caching saved you $0.1985 (13%) in 1 day")
    assert "| anthropic/claude-opus-4-8 | 3 | 630 | 100,000 | 201,200 | 900 | 33% | $1.3332 | 98% |" in output


@pytest.mark.parametrize("columns", [80, 60])
def test_a_report_fits_its_terminal(tmp_path: Path, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is longer than the terminal, but for an address or path alone."""
    logs.write(tmp_path, "log.jsonl", rows=[*logs.ROWS, logs.UNKNOWN])
    question = ("replay", "log.jsonl", "--by", "model", "--by", "day", "--model", "gemini-2.5-pro")
    shown = COLOURS.sub("", run(*question, columns=columns, cwd=tmp_path).out)
    for line in shown.splitlines():
        assert len(line) <= columns or is_address(line), line


def machine(home: Path, **more: str) -> dict[str, str]:
    """Variables of a machine whose tools keep their logs below a folder."""
    ours = "CLAUDE_CONFIG_DIR CODEX_HOME XDG_DATA_HOME GEMINI_CLI_HOME COPILOT_HOME APPDATA".split()
    return {**dict.fromkeys(ours, ""), "HOME": str(home), "USERPROFILE": str(home), **more}


def test_without_logs_those_of_this_machine_are_read(tmp_path: Path) -> None:
    """Files below the home folder and below the folders that variables name, each said on stderr."""
    lines = (LOGS / "codex.jsonl").read_bytes()
    elsewhere = tmp_path / "elsewhere" / "sessions" / "2026" / "11" / "01" / "rollout-1.jsonl"
    transcript = tmp_path / ".claude" / "projects" / "p" / "s.jsonl"
    for path, content in ((elsewhere, lines), (transcript, (LOGS / "claude_code.jsonl").read_bytes())):
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    own = machine(tmp_path, CODEX_HOME=str(tmp_path / "elsewhere"))
    ran = run("replay", "--json", "--paid-only", env=own)
    assert json.loads(ran.out)["requests_read"] == 5  # 3 of Codex CLI, 2 of Claude Code
    assert "reading 1 file of Codex CLI, ${CODEX_HOME:-~/.codex}/sessions/**/rollout-*.jsonl" in ran.err
    assert "reading 1 file of Claude Code" in ran.err
    later = run("replay", "--json", "--paid-only", "--since", "2026-11-01T10:00:20Z", "--by", "project", env=own).out
    assert [(each["label"], each["requests"]) for each in json.loads(later)["by"]["project"]] == [("/home/u/p", 2)]
    listed = run("logs", "--json", env=own).json["formats"]
    sizes = {each["name"]: sum(place["bytes"] for place in each["places"]) for each in listed}
    assert (sizes["codex"], sizes["gemini_cli"]) == (len(lines), 0)
    assert "cachecost replay prices 2 files of Claude Code, Codex CLI." in run("logs", env=own).out


def test_a_machine_without_logs_is_told_where_they_were_looked_for(tmp_path: Path) -> None:
    """Exit 3: nothing could be priced."""
    own = machine(tmp_path)
    ran = run("replay", env=own)
    assert (ran.code, ran.out) == (3, "")
    assert "name files: cachecost replay logs/*.jsonl" in ran.err
    assert "  opencode: ${XDG_DATA_HOME:-~/.local/share}/opencode/opencode*.db" in ran.err
    assert "No logs of these tools on this machine." in run("logs", env=own).out


def test_the_columns_of_a_table_are_listed_with_their_other_names() -> None:
    """In a table for people some of the names, in JSON and CSV all."""
    columns = {each["name"]: each for each in run("logs", "plain", "--json").json["columns"]}
    assert "completion_tokens" in columns["output"]["other_names"]
    assert "How many requests the row sums up" in run("logs", "plain").out
    assert "num_model_requests" in run("logs", "plain", "--format", "csv").out
    refused = run("logs", "codex")
    assert (refused.code, refused.out) == (2, "")
    assert "'codex' has no columns to list; expected plain" in refused.err


def test_a_table_with_a_wrong_heading_is_told_the_right_one(tmp_path: Path) -> None:
    """Column by column, and nothing is priced."""
    path = tmp_path / "usage.csv"
    path.write_text("date,modle,imput_tokens,ouput_tokens\n2026-11-01,gpt-5-mini,10,20\n")
    ran = run("replay", str(path), "--paid-only")
    assert ran.code == 3
    assert (
        "did you mean model instead of modle, input_tokens instead of imput_tokens, output_tokens instead of" in ran.out
    )


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--by", "colour"], "'colour' is not a way to group sums"),
        (["--engine", "abacus"], "'abacus' is no engine"),
        (["--alias", "x"], "'x' is no alias"),
        (["--policy", "sometimes"], "'sometimes' is no policy"),
        (["--since", "yesterday"], "since"),
        (["--format-of", "runes"], "'runes' is not a format of logs"),
        (["--checkpoint", "-", "-"], "stdin cannot be taken up again"),
        (["--threads", "0"], "--threads: 0 do no work; expected 1 or more"),
        (["--memory", "lots"], "--memory: 'lots' is no size; expected one such as 500MB or 2GB"),
        (["--engine", "duckdb", "--spill", "nowhere"], "--spill: nowhere: No such file or directory"),
    ],
)
def test_a_wrong_flag_is_refused_with_what_was_expected(tmp_path: Path, flags: list[str], message: str) -> None:
    """One line, exit 2, no traceback."""
    refused = run("replay", logs.write(tmp_path), *flags, cwd=tmp_path)
    assert (refused.code, refused.out) == (2, "")
    assert message in refused.err


def test_the_sums_can_be_asked_of_a_warehouse() -> None:
    """SQL for a table, and a refusal where the models in it are not given."""
    messages = run("replay", "logs.requests", "--emit-sql", "postgres", "--model", "claude-opus-4-8", "--by", "project")
    assert messages.code == 0
    assert "logs.requests" in messages.out
    assert '"project"' in messages.out
    refused = run("replay", "--emit-sql", "postgres")
    assert (refused.code, "--model" in refused.err) == (2, True)


def test_the_installed_command_knows_replay(tmp_path: Path) -> None:
    """In a separate process, from a file."""
    ran = script("replay", logs.write(tmp_path), "--json")
    assert ran.json["totals"] == {"USD": logs.TOTAL}


@pytest.mark.skipif(not TRACES, reason="CACHECOST_TRACES names no folder with the published Mooncake traces")
@pytest.mark.parametrize(
    ("trace", "totals"),
    [
        # Given with the rules of the replay: $3 / $3.75 (5m) / $6 (1h) / $0.30 / $15, min 1,024 tokens.
        (
            "mooncake_synthetic.jsonl",
            {
                "fresh": "192.515364",
                "written:5m": "112.265892",
                "written:1h": "146.5838952",
                "clairvoyant": "99.4609512",
            },
        ),
        ("mooncake_conversation.jsonl", {"fresh": "496.212189"}),
    ],
)
def test_the_published_traces_cost_what_is_known(trace: str, totals: dict[str, str]) -> None:
    """On Claude Sonnet 4.5, which has these rates and this minimum."""
    names = [f"--policy={name}" for name in totals]
    result = answer(Path(TRACES) / trace, "--model", "claude-sonnet-4-5", *names)
    assert policies(result, "anthropic/claude-sonnet-4-5") == totals


@pytest.mark.parametrize("first", [1, 2**127])
def test_ids_of_blocks_may_be_digests(tmp_path: Path, first: int) -> None:
    """2,048 tokens written, then three full blocks of the same 1,600 read: 2,048 x 3.75 + 1,536 x 0.30 + 64 x 3 =
    8,332.8 millionths on Claude Sonnet 4.5."""
    ids = [first + place for place in range(4)]
    rows = [{"timestamp": at, "input_length": length, "output_length": 0, "hash_ids": ids}
            for at, length in ((0, 2_048), (60_000, 1_600))]  # fmt: skip
    result = answer(logs.write(tmp_path, "log.jsonl", rows), "--model", "claude-sonnet-4-5", "--policy=written:5m")
    assert policies(result, "anthropic/claude-sonnet-4-5") == {"written:5m": "0.0083328"}


EIGHT = [
    # minute, model, read, written: a pause of 20 minutes, another model, and other tools, behind 16,000 that are read
    *((0, "claude-sonnet-4-5", 0, 80_000), (2, "claude-sonnet-4-5", 80_000, 6_000)),
    *((4, "claude-sonnet-4-5", 86_000, 8_000), (24, "claude-sonnet-4-5", 0, 98_000)),
    *((26, "claude-opus-5-5", 0, 108_000), (28, "claude-opus-5-5", 108_000, 4_000)),
    *((30, "claude-opus-5-5", 16_000, 100_000), (32, "claude-opus-5-5", 116_000, 2_000)),
]


def test_losses_of_a_session_stand_by_cause_in_every_format(tmp_path: Path) -> None:
    """94,000 expired tokens of Sonnet 4.5 at 3.75 - 0.30, 0.3243; of Opus 5.5 at 5.00 - 0.20 the 98,000 in Sonnet's
    cache, 0.4704, and 96,000 behind the changed tools, 0.4608; 4,000 x 0.75 + 2,000 x 1.00 never read, 0.005;
    1.2605 in all. Apart: first writes, 94,000 x 0.75 + 18,000 x 1.00 = 0.0885. 1h would have kept 94,000."""
    log = logs.write(tmp_path, "log.jsonl", [
        {"at": f"2026-11-01T10:{at:02}:00Z", "model": model, "session": "s", "input": 10, "output": 100}
        | {"cache_read": read, "cache_write_5m": put} for at, model, read, put in EIGHT])  # fmt: skip
    result = answer(log)
    causes = {
        "model switch": (98_000, "0.4704"),
        "changed prefix": (96_000, "0.4608"),
        "expiry": (94_000, "0.3243"),
        "writes never read": (6_000, "0.005"),
    }
    assert {each["what"]: (each["tokens"], each["amount"]) for each in result["lost"]} == causes
    assert {each["basis"] for each in result["lost"]} == {"inferred"}
    assert [each["outlived"] for each in result["lost"]] == ["0", "0", "0.3243", "0"]
    assert result["lost_totals"] == {"USD": "1.2605"}
    assert [(each["tokens"], each["amount"]) for each in result["cold_start"]] == [(112_000, "0.0885")]
    rows = list(csv.DictReader(run("replay", str(log), "--format", "csv").out.splitlines()))
    assert {row["label"]: (int(row["quantity"]), row["cost"]) for row in rows if row["by"] == "loss"} == causes
    for shape in ("markdown", "html", "table"):
        warning = run("replay", str(log), "--format", shape).out if shape != "table" else run("replay", str(log)).out
        for label in (
            "switches of model or speed",
            "changed prefixes",
            "caches that expired",
            "caches never read",
            "in all",
        ):
            assert label in warning, (shape, label)
        assert all(each in warning for each in ("$0.4704", "$0.4608", "$0.3243", "$0.005", "$1.2605", "$0.0885")), shape


def _session(model: str, *requests: tuple[str, int, int]) -> list[dict[str, object]]:
    """Requests of one session, a minute apart, by service, tokens read and tokens written."""
    return [
        {"at": f"2026-11-20T10:0{minute}:00Z", "model": model, "session": "s", "id": str(minute), "service": service}
        | {"input": 0, "cache_read": read, "cache_write_5m": written, "output": 0}
        for minute, (service, read, written) in enumerate(requests)
    ]


def test_requests_at_another_speed_have_other_caches(tmp_path: Path) -> None:
    """Opus 5.5 writes 30,000 tokens, goes on at fast speed, which reads none of them, and comes back: 30,000 x 5 +
    31,000 x 10 + 31,000 x 0.4 + 1,000 x 10 + 30,000 x 0.2 + 3,000 x 5, which no 5-minute cache makes less. The switch
    wrote 30,000 at 10.00 that it could have read at 0.40
    (https://platform.claude.com/docs/en/build-with-claude/fast-mode)."""
    fast = [("fast", 0, 31_000), ("fast", 31_000, 1_000)]
    rows = _session("claude-opus-5-5", ("standard", 0, 30_000), *fast, ("standard", 30_000, 3_000))
    result = answer(logs.write(tmp_path, "log.jsonl", rows=rows))
    assert result["totals"] == {"USD": "0.5034"}
    assert policies(result, "anthropic/claude-opus-5-5")["written:5m"] == "0.5034"
    causes = {each["what"]: (each["tokens"], each["amount"]) for each in result["lost"]}
    assert causes["model switch"] == (30_000, "0.288")


def test_requests_at_a_speed_that_another_model_lacks_are_priced_at_its_standard_service(tmp_path: Path) -> None:
    """The same session on Haiku 5.5, which sells no fast speed: all 126,000 tokens sent at 0.10 are 0.0126; with a
    5-minute cache 33,000 are written at 0.125 and 93,000 read at 0.01: 0.005055. Two requests were left out."""
    fast = [("fast", 0, 31_000), ("fast", 31_000, 1_000)]
    rows = _session("claude-opus-5-5", ("standard", 0, 30_000), *fast, ("standard", 30_000, 3_000))
    result = answer(logs.write(tmp_path, "log.jsonl", rows=rows), "--model", "claude-haiku-5-5")
    on_haiku = [each for each in result["what_if"] if each["on"] == "anthropic/claude-haiku-5-5"]
    totals = {each["policy"]: (each["requests"], each["total"], each["paid"]) for each in on_haiku}
    assert totals["fresh"] == (4, "0.0126", "0.5034")
    assert totals["written:5m"] == (4, "0.005055", "0.5034")
    why = "service 'fast' is not sold; this card sells standard, batch"
    assert f"At standard service on anthropic/claude-haiku-5-5: 2 requests: {why}" in result["notes"]


def test_requests_in_a_region_stay_there_on_another_model_that_sells_it(tmp_path: Path) -> None:
    """100,000 tokens in the US: 0.10 x 1.1 on Haiku 5.5. Haiku 4.5 has no rates of regions: 1.00
    (https://platform.claude.com/docs/en/build-with-claude/data-residency)."""
    row = {"at": "2026-11-20T10:00:00Z", "model": "claude-opus-5-5", "id": "a", "input": 100_000, "output": 0}
    log = logs.write(tmp_path, "log.jsonl", [row | {"region": "us"}])
    result = answer(log, "--model", "claude-haiku-5-5", "--model", "claude-haiku-4-5")
    fresh = {each["on"]: each["total"] for each in result["what_if"] if each["policy"] == "fresh"}
    assert fresh == {
        "anthropic/claude-opus-5-5": "0.44",  # 4.00 x 1.1
        "anthropic/claude-haiku-5-5": "0.011",
        "anthropic/claude-haiku-4-5": "0.1",
    }
    why = "region 'us' has no rates on this card"
    notes = [note for note in result["notes"] if "no region on" in note]
    assert notes == [f"At the rates of no region on anthropic/claude-haiku-4-5: 1 request: {why}"]


def test_a_session_that_grows_into_another_tier_began_with_its_own_write(tmp_path: Path) -> None:
    """Haiku 5.5 has other rates above 100,000 tokens: its first request there reads what the session wrote below."""
    rows = _session(
        "claude-haiku-5-5", ("standard", 0, 95_000), ("standard", 95_000, 4_000), ("standard", 99_000, 4_000)
    )
    assert "Begun with a read" not in run("replay", logs.write(tmp_path, "log.jsonl", rows=rows)).out
    assert "Begun with a read" in run("replay", logs.write(tmp_path, "log.jsonl", rows=rows[1:])).out


def test_a_vendors_own_reason_comes_before_what_counts_tell(tmp_path: Path) -> None:
    """The same session as Anthropic answers it. It says of the last model's third request that tools changed, with
    60,000 tokens missed, so 60,000 x 4.80 millionths are stated and the other 36,000 inferred; and of the first after
    the pause that it did not find the message before, which tells nothing. All causes together stay 1.2605."""
    messages = {
        6: {"type": "tools_changed", "cache_missed_input_tokens": 60_000},
        3: {"type": "previous_message_not_found"},
    }
    lines = []
    for number, (at, model, read, put) in enumerate(EIGHT):
        usage = {"input_tokens": 10, "cache_read_input_tokens": read, "cache_creation_input_tokens": put}
        message = {"id": f"msg_{number}", "type": "message", "model": model, "usage": usage | {"output_tokens": 100}}
        message["diagnostics"] = {"cache_miss_reason": messages[number]} if number in messages else None
        lines.append({"timestamp": f"2026-11-01T10:{at:02}:00Z", "session_id": "s", "response": message})
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    for engine in ("python", "duckdb"):
        result = answer(log, "--engine", engine)
        prefix = {each["reason"]: each for each in result["lost"] if each["what"] == "changed prefix"}
        assert {reason: (each["basis"], each["tokens"], each["amount"]) for reason, each in prefix.items()} == {
            "tools_changed": ("stated", 60_000, "0.288"),
            None: ("inferred", 36_000, "0.1728"),
        }
        assert result["lost_totals"] == {"USD": "1.2605"}
    assert "changed prefixes (stated: tools changed)" in run("replay", log).out


def test_the_sessions_that_lost_most_are_named(tmp_path: Path) -> None:
    """The session above whole, and up to its pause: then only the last 8,000 tokens are never read, 8,000 x 0.75."""
    rows = [
        {"at": f"2026-11-01T10:{at:02}:00Z", "model": model, "session": session, "input": 10, "output": 100}
        | {"cache_read": read, "cache_write_5m": put}
        for session, many in (("short", 3), ("whole", 8))
        for at, model, read, put in EIGHT[:many]
    ]
    log = logs.write(tmp_path, "log.jsonl", rows)
    result = answer(log)
    assert [(each["session"], each["amount"]) for each in result["worst_sessions"]] == [
        ("whole", "1.2605"),
        ("short", "0.006"),
    ]
    assert [each["what"] for each in result["worst_sessions"][1]["lost"]] == ["writes never read"]
    output = run("replay", log).out
    assert "Sessions that lost most" in output
    assert "caches never read $0.006" in output


SHARED = [
    {"at": f"2026-11-01T10:{minute:02}:00Z", "model": logs.OPUS, "session": f"s{minute}", "id": str(minute)}
    | {"input": 100, "cache_read": 60_000 if minute else 0, "cache_write_5m": 0 if minute else 60_000, "output": 100}
    for minute in range(20)
]


@pytest.mark.parametrize("engine", ["python", "duckdb"])
def test_no_bound_is_printed_above_what_was_paid(tmp_path: Path, engine: str) -> None:
    """Twenty sessions over one prefix that only the first wrote: 20 x 100 x 5 + 19 x 60,000 x 0.5 + 60,000 x 6.25 +
    20 x 100 x 25 = 10,000 + 570,000 + 375,000 + 50,000 millionths. Whatever is shared, one prompt is sent for the first
    time: 60,100 x 5 + 19 x 60,100 x 0.5 + 50,000 = 921,450 at least. If each wrote its own, 5m would cost 20 x 60,100 x
    6.25 + 50,000 = 7,562,500 at most, and fresh costs 20 x 60,100 x 5 + 50,000 in any case."""
    log = logs.write(tmp_path, rows=SHARED)
    result = answer(log, "--engine", engine)
    messages = {(each["policy"], each["bound"]): each["total"] for each in result["what_if"]}
    assert result["totals"] == {"USD": "1.005"}
    assert set(messages) == {
        *(("fresh", None), ("any caching", "lower"), ("written:5m", "upper"), ("written:1h", "upper")),
    }
    assert (messages["fresh", None], messages["any caching", "lower"]) == ("6.06", "0.92145")
    assert messages["written:5m", "upper"] == "7.5625"
    assert "so other caches cost at most what is shown" in result["sentence"]
    assert any("60000 for shared takes them as one for all" in note for note in result["notes"])
    assert "clairvoyant" not in run("replay", log, "--engine", engine, "--format", "csv").out


@pytest.mark.parametrize("engine", ["python", "duckdb"])
def test_a_prefix_of_known_length_is_shared_by_all_sessions(tmp_path: Path, engine: str) -> None:
    """The first writes 60,100 for 5 minutes, 375,625; 19 others read 60,000 and write 100, 30,000 + 625 each; answers
    50,000: 1,007,500 millionths. A session 6 minutes later writes all anew for 375,625 and answers for 2,500 more."""
    log = logs.write(tmp_path, rows=SHARED)
    question = ("--shared", "60K", "--policy", "written:5m", "--engine", engine)
    assert policies(answer(log, *question), "anthropic/claude-opus-4-8")["written:5m"] == "1.0075"
    late = SHARED[0] | {"at": "2026-11-01T10:25:00Z", "session": "late", "id": "late"}
    result = answer(logs.write(tmp_path, rows=[*SHARED, late]), *question)
    assert policies(result, "anthropic/claude-opus-4-8")["written:5m"] == "1.385625"
    assert all(
        Decimal(each["total"]) <= Decimal(each["paid"]) for each in result["what_if"] if each["bound"] == "lower"
    )


@pytest.mark.parametrize("many", [1, pytest.param(5_500, marks=pytest.mark.external)])
@pytest.mark.parametrize("engine", ["python", "duckdb"])
def test_a_shared_prefix_is_seen_where_no_bound_is_shown(tmp_path: Path, engine: str, many: int) -> None:
    """With one policy by name, and for 110,000 requests, of whose bound only a sample is worked out. The 60,000 tokens
    that the first session wrote were read by the others, so nothing was written in vain; and on another model only
    `fresh` can be told: on GPT-5.6 Sol at 4.00 and 20.00, 20 x 60,100 x 4 + 20 x 100 x 20 = 4.848."""
    log = logs.write(tmp_path, "log.jsonl", [row | {"session": f"{row['session']}-{n}", "id": f"{row['id']}-{n}"}
                     for n in range(many) for row in SHARED])  # fmt: skip
    policy = ["--policy=written:5m", "--policy=fresh"] if many == 1 else []
    result = answer(log, "--engine", engine, "--model", "gpt-5.6-sol", *policy)
    assert "so other caches cost at most what is shown" in result["sentence"]
    warning = [(each["policy"], each["total"]) for each in result["what_if"] if each["on"] == "openai/gpt-5.6-sol"]
    assert warning == [("fresh", str(Decimal("4.848") * many).rstrip("0").rstrip("."))]
    for each in result["what_if"]:
        assert each["policy"] == "fresh" or each["bound"], each
    assert result["lost"] == []


def test_a_log_that_begins_inside_a_session_shares_no_prefix(tmp_path: Path) -> None:
    """Its first request reads 60,000 tokens whose write is not shown, which spares it at most 60,000 x (6.25 - 0.50) =
    345,000 millionths. Then it writes twice for 1h what is never read, each for 60,000 x (10 - 5) = 300,000 more than
    plain: dearer than the best policy, as no log that shares a prefix shows it."""
    late = [SHARED[0] | {"cache_write_5m": 0, "cache_write_1h": 60_000, "at": f"2026-11-01T{at}:00:00Z", "id": at}
            for at in ("13", "16")]  # fmt: skip
    rows = [row | {"session": "s", "cache_write_1h": row.get("cache_write_1h", 0)} for row in (SHARED[1], *late)]
    result = answer(logs.write(tmp_path, rows=rows), "--policy=written:5m")
    assert "so other caches cost at most what is shown" not in result["sentence"]
    assert [each["policy"] for each in result["what_if"]] == ["written:5m"]
