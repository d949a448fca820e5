"""`cachecost next`: the next turn of sessions with known clocks, each figure worked by hand.

Opus 5.5, per million: input 4.00, written for 5 minutes 5.00, for an hour 8.00, read 0.20, output 20.00. Each turn adds
200 tokens of question and is answered by 2,000, which cost 0.04.
"""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ..command import run
from ..sessions import WARM, Asked, claude_code, codex, lines, responses

DAY = "2026-11-20T"


def ahead(log: Path, at: str, *more: str) -> Any:
    """The answer at a time of the day of the sessions."""
    return run("next", log, "--at", f"{DAY}{at}Z", "--json", *more).json


def way(answer: Any, name: str) -> Any:
    return next(each for each in answer["ways"] if each["way"] == name)


def likely(answer: Any, name: str = "continue", part: str = "next_turn") -> Decimal:
    return Decimal(way(answer, name)[part]["likely"])


def test_a_warm_session_reads_what_its_last_request_left(tmp_path: Path) -> None:
    """103,200 tokens are sent: 102,000 x 0.20 = 0.0204 read, 1,200 x 5.00 = 0.006 written, 0.04 answered; where nothing
    hits, 103,200 x 5.00 = 0.516 and 0.04."""
    answer = ahead(claude_code(tmp_path, WARM), "10:04:00")
    assert (answer["state"], answer["time_left"], answer["alive"]) == ("warm", "3m", 102_000)
    costs = {"low": "0.0664", "likely": "0.0664", "high": "0.556"}
    assert (way(answer, "continue")["next_turn"], answer["next_prompt"]) == (costs, 103_200)


@pytest.mark.parametrize(
    ("at", "state", "costs"),
    [("10:07:00", "warm", "0.0664"), ("10:07:01", "cold", "0.556"), ("12:00:00", "cold", "0.556")],
)
def test_a_cache_is_cold_a_second_after_its_life(at: str, state: str, costs: str, tmp_path: Path) -> None:
    """A request exactly at the end of five minutes still hits, as in a replay."""
    answer = ahead(claude_code(tmp_path, WARM), at)
    assert (answer["state"], likely(answer)) == (state, Decimal(costs))


def test_two_lives_in_one_session_end_one_after_the_other(tmp_path: Path) -> None:
    """50,000 tokens are written for an hour and 32,000 behind them for five minutes. After 28 minutes the first are
    read, 0.01, and 33,200 are written for five minutes, 0.166; with the answer 0.216. After an hour and a second all
    are written: 50,000 x 8.00 = 0.40, 33,200 x 5.00 = 0.166, 0.04."""
    asked = [Asked("10:00:00", hour=50_000, five_minutes=30_000), Asked("10:02:00", read=80_000, five_minutes=2_000)]
    log = claude_code(tmp_path, asked)
    answer = ahead(log, "10:30:00")
    assert (answer["state"], answer["time_left"], answer["alive"], answer["cached"]) == ("warm", "32m", 50_000, 82_000)
    assert likely(answer) == Decimal("0.216")
    assert likely(ahead(log, "11:02:01")) == Decimal("0.606")
    assert ahead(log, "11:02:01")["state"] == "cold"


def test_a_prefix_that_was_written_before_the_session_may_live_as_long_as_the_longest_life(tmp_path: Path) -> None:
    """60,000 tokens were read whose write is not in the log: they live five minutes or an hour. At best 62,000 are read
    after ten minutes? No: the 2,000 behind them are dead by then. 60,000 x 0.20 = 0.012 and 3,200 x 5.00 = 0.016."""
    answer = ahead(claude_code(tmp_path, [Asked("10:00:00", read=60_000, five_minutes=2_000)]), "10:10:00")
    assert (answer["state"], answer["alive"], answer["possibly_alive"]) == ("unknown", 0, 60_000)
    # 63,200 x 5.00 = 0.316 written, and 0.04 answered
    assert way(answer, "continue")["next_turn"] == {"low": "0.068", "likely": "0.356", "high": "0.356"}


def test_an_automatic_cache_is_unknown_between_its_shortest_and_its_longest_life(tmp_path: Path) -> None:
    """GPT-4.1 keeps prompts for 5 minutes to an hour, in blocks of 128. Of 10,000 tokens 78 blocks, 9,984, may be read
    at 0.50; 10,500 + 200 are sent: 9,984 x 0.50 = 0.004992, 716 x 2.00 = 0.001432, 2,000 x 8.00 = 0.016; without hits
    10,700 x 2.00 = 0.0214. With a hit share of a half 0.029912: the middle of 0.022424 and 0.0374."""
    log = responses(tmp_path, [(1_795_168_800, 10_000, 0, 500)])  # 2026-11-20T10:00Z
    states = [ahead(log, at)["state"] for at in ("10:05:00", "10:05:01", "11:00:00", "11:00:01")]
    assert states == ["warm", "unknown", "unknown", "cold"]
    costs = {"low": "0.022424", "likely": "0.0374", "high": "0.0374"}
    assert way(ahead(log, "10:30:00"), "continue")["next_turn"] == costs
    assert likely(ahead(log, "10:30:00", "--hit-share", "50%")) == Decimal("0.029912")


def test_a_model_that_was_switched_to_knows_its_own_requests_alone(tmp_path: Path) -> None:
    """The 100,000 tokens of Sonnet's cache are nothing to Opus, which wrote 40,000 for five minutes."""
    asked = [Asked("10:00:00", hour=100_000, model="claude-sonnet-5-5"), Asked("10:01:00", five_minutes=40_000)]
    answer = ahead(claude_code(tmp_path, asked), "10:02:00")
    assert (answer["model"], answer["cached"], answer["time_left"]) == ("anthropic/claude-opus-5-5", 40_000, "4m")


def test_after_a_compaction_the_summary_alone_is_in_the_cache(tmp_path: Path) -> None:
    """The prompt of 102,000 tokens became one of 12,000, of which the first 5,000 stayed as they were."""
    asked = [*WARM, Asked("10:03:00", read=5_000, five_minutes=7_000, output=300)]
    answer = ahead(claude_code(tmp_path, asked), "10:04:00")
    assert (answer["cached"], answer["next_prompt"]) == (12_000, 12_500)
    # 12,000 x 0.20 = 0.0024 read, 500 x 5.00 = 0.0025 written, 0.04 answered
    assert likely(answer) == Decimal("0.0449")


def test_a_session_of_codex_lives_for_thirty_minutes(tmp_path: Path) -> None:
    """GPT-6 Sol, per million: written 2.50, read 0.20, output 10.00. 21,700 tokens are sent: 21,000 read, 0.0042, and
    700 written, 0.00175; all written 0.05425; the answer 0.02."""
    log = codex(tmp_path, [("10:00:00", 20_000, 0, 20_000, 500), ("10:05:00", 21_000, 20_000, 1_000, 500)])
    warm, cold = ahead(log, "10:35:00"), ahead(log, "10:35:01")
    assert (warm["state"], warm["session"], warm["cached"], cold["state"]) == ("warm", "c-1", 21_000, "cold")
    assert (likely(warm), likely(cold)) == (Decimal("0.02595"), Decimal("0.07425"))


def test_every_way_is_the_worked_one(tmp_path: Path) -> None:
    """The context of 103,000 tokens becomes a summary of 10,300. Compacting: the call reads 102,000 (0.0204), sends
    1,000 plain (0.004) and answers 10,300 (0.206); the next turn writes 10,500 (0.0525) and answers (0.04): 0.3229. A
    new session pays no call: 0.0925. Sonnet 5.5 writes 103,200 at 2.50 (0.258) and answers 2,000 at 10.00 (0.02)."""
    answer = ahead(claude_code(tmp_path, WARM), "10:04:00")
    costs = {each["way"]: each["next_turn"]["likely"] for each in answer["ways"]}
    assert costs == {
        "continue": "0.0664",
        "compact": "0.3229",
        "new-session": "0.0925",
        "switch": "0.278",
        "ping": "0.0664",
    }
    # Every later turn adds 2,200 tokens, which cost all ways the same. It reads 92,700 fewer after a summary, 0.01854
    # each; the call and the first turn cost 0.2565 more: from 1 + 0.2565 / 0.01854 = 14.8 turns on.
    assert way(answer, "compact")["wins"]["first"] == 15
    assert way(answer, "new-session")["wins"]["first"] == 3  # 1 + (0.0925 - 0.0664) / 0.01854 = 2.4


def test_pings_keep_a_cache_through_a_pause_as_long_as_they_cost_less(tmp_path: Path) -> None:
    """A ping reads 102,000 tokens, 0.0204. After 20 minutes the cache would be cold, 0.556; three pings, at 10:07,
    10:12 and 10:17, keep it for 0.0612, and the turn is 0.0664. They pay while they cost less than 0.4896, as 24
    of them do: the last life begins at 12:02."""
    answer = ahead(claude_code(tmp_path, WARM), "10:02:00", "--pause", "20m")
    ping = way(answer, "ping")
    assert (likely(answer), likely(answer, "ping")) == (Decimal("0.556"), Decimal("0.1276"))
    assert (ping["pings"], ping["until"]) == (3, "2026-11-20T12:07Z")


def test_a_cold_session_costs_what_compare_says_of_its_context(tmp_path: Path) -> None:
    """The same conversation begun anew: 103,000 tokens, 20 turns."""
    answer = ahead(claude_code(tmp_path, WARM), "12:00:00", "--turns-left", "20")
    question = ["--context", "103000", "--question", "200", "--answer", "2K", "--turns", "20"]
    asked = run(
        "compare", "claude-opus-5-5", *question, "--as-of", f"{DAY}12:00:00Z", "--strategy", "written:5m", "--json"
    )
    assert Decimal(asked.json["best"]["total"]) == likely(answer, part="turns")


def test_compacting_pays_after_the_turns_that_compact_names(tmp_path: Path) -> None:
    """Where a turn adds nothing: 102,000 tokens are read, and the whole context is in the cache."""
    asked = [Asked("10:00:00", five_minutes=100_000, output=0)]
    answer = ahead(claude_code(tmp_path, asked), "10:01:00", "--question", "0", "--answer", "0", "--to", "10%")
    rule = run(
        "compact", "claude-opus-5-5", "--context", "100K", "--to", "10%", "--as-of", f"{DAY}10:01Z", "--json"
    ).json
    named = next(each for each in rule["strategies"] if each["strategy"] == "written:5m" and each["call_hits"])
    assert way(answer, "compact")["wins"]["first"] == named["turns"]


@pytest.mark.parametrize(
    ("at", "usage"),
    [("10:05:00", {"read": 102_000, "five_minutes": 1_200}), ("10:09:00", {"five_minutes": 103_200})],
)
def test_what_then_happens_costs_what_was_said(at: str, usage: dict[str, int], tmp_path: Path) -> None:
    """The next turn comes as it was foreseen, and a replay prices it."""
    log = claude_code(tmp_path, WARM)
    before, said = run("replay", log, "--json").json, likely(ahead(log, at))
    after = run("replay", claude_code(tmp_path, [*WARM, Asked(at, output=2_000, **usage)]), "--json").json
    assert Decimal(after["totals"]["USD"]) - Decimal(before["totals"]["USD"]) == said


def test_a_switch_names_its_tokens_and_its_turns(tmp_path: Path) -> None:
    """With 1.5 tokens for one, 103,200 are 154,800: 154,800 x 2.50 = 0.387 and 3,000 x 10.00 = 0.03 on Sonnet 5.5."""
    more = ("--switch-to", "claude-sonnet-5-5", "--token-ratio", "1.5")
    answer = ahead(claude_code(tmp_path, WARM), "10:04:00", *more)
    assert (likely(answer, "switch"), way(answer, "switch")["model"]) == (
        Decimal("0.417"),
        "anthropic/claude-sonnet-5-5",
    )


def test_a_switch_from_fast_speed_to_a_model_without_it_is_priced_at_standard_service(tmp_path: Path) -> None:
    """Sonnet 5.5 sells no fast speed: 103,200 tokens written at 2.50 and 2,000 answered at 10.00, as at any speed."""
    log = claude_code(tmp_path, WARM, speed="fast")
    answer = ahead(log, "10:04:00", "--switch-to", "claude-sonnet-5-5")
    # 102,000 read at 0.40, 1,200 written at 10.00, 2,000 answered at 40.00
    assert (likely(answer), likely(answer, "switch")) == (Decimal("0.1328"), Decimal("0.278"))
    note = "anthropic/claude-sonnet-5-5 is priced at standard service: service 'fast' is not sold"
    assert way(answer, "switch")["note"].startswith(note)
    assert (answer["left_out"], way(answer, "continue")["note"]) == ([], None)
    assert note in run("next", log, "--at", f"{DAY}10:04:00Z").out.replace("\n", " ")


@pytest.mark.parametrize(
    ("model", "cost", "note"),
    [
        # (103,200 x 2.50 + 2,000 x 10.00) x 1.1
        ("claude-sonnet-5-5", "0.3058", None),
        # 103,200 x 1.25 + 2,000 x 5.00: it has no rates of regions
        ("claude-haiku-4-5", "0.139", "the rates of no region: region 'us' has no rates on this card"),
    ],
)
def test_a_switch_stays_in_the_region_where_the_other_model_sells_it(
    tmp_path: Path, model: str, cost: str, note: str | None
) -> None:
    log = claude_code(tmp_path, WARM, inference_geo="us")
    answer = ahead(log, "10:04:00", "--switch-to", model, "--token-ratio", "1")
    assert (likely(answer, "switch"), answer["left_out"]) == (Decimal(cost), [])
    assert way(answer, "switch")["note"] == (note and f"anthropic/{model} is priced at {note}")


def test_a_full_context_leaves_a_summary(tmp_path: Path) -> None:
    """Opus 5.5 takes a million tokens: 999,000 and an answer of 2,000 are too many, a summary is not."""
    answer = ahead(claude_code(tmp_path, [Asked("10:00:00", five_minutes=998_000)]), "10:01:00")
    assert {each["way"] for each in answer["ways"]} == {"new-session"}
    assert {"continue", "compact"} <= {each["way"] for each in answer["left_out"]}
    assert "1,000,000" in answer["left_out"][0]["why"]
    none = ahead(claude_code(tmp_path, WARM), "10:04:00", "--to", "0")
    assert none["left_out"][0]["why"] == "expected a summary of 1 to 102,999 tokens, less than the context"


def test_a_log_of_megabytes_is_read_from_its_end(tmp_path: Path) -> None:
    """The answer is that of the last requests, whatever stands before and behind them."""
    log = claude_code(tmp_path, WARM)
    line = json.dumps(
        {"type": "user", "message": {"role": "user", "content": "x" * 100_000}, "sessionId": "s-1", "uuid": "u"}
    )
    log.write_text(f"{line}\n" * 30 + log.read_text() + f"{line}\n" * 15)
    ran = run("next", log, "--at", f"{DAY}10:04:00Z", "--statusline")
    assert (ran.code, ran.out, ran.err) == (0, "warm, 3 min left · next turn $0.0664, cold $0.56\n", "")


def test_the_newest_log_of_a_folder_is_read(tmp_path: Path) -> None:
    """A folder of sessions, as tools keep it."""
    for name in ("newer", "older"):
        (tmp_path / name).mkdir()
        log = claude_code(tmp_path / name, WARM, name)
    os.utime(log, (1, 1))
    assert ahead(tmp_path, "10:04:00")["session"] == "newer"


@pytest.mark.parametrize("form", [["--json"], ["--format", "csv"]])
def test_a_status_bar_takes_no_other_format(form: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line was printed as if nothing had been said of a format; one of a settings file is for other answers."""
    ask = ["next", str(claude_code(tmp_path, WARM)), "--at", f"{DAY}10:04:00Z", "--statusline"]
    refused = run(*ask, *form)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("cachecost: --statusline: a status bar takes one line of text; ")
    monkeypatch.setenv("CACHECOST_FORMAT", "json")
    assert run(*ask).out.startswith("warm, 3 min left")
    assert run(*ask, "--out", str(tmp_path / "line.txt")).out == ""
    assert (tmp_path / "line.txt").read_text().startswith("warm, 3 min left")


def test_a_hook_stops_at_a_budget(tmp_path: Path) -> None:
    """Exit 1 above it, and a word that says what is over what; nothing at it."""
    log = claude_code(tmp_path, WARM)
    for limit, code in (("0.06", 1), ("0.0664", 0)):
        ran = run("next", log, "--at", f"{DAY}10:04:00Z", "--statusline", "--fail-over", limit)
        assert (ran.code, "over" in ran.err) == (code, bool(code))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--turns-left", "0"], 2, "--turns-left: expected 1 to 10,000, not 0"),
        (["--answer", "1B"], 3, "takes at most 1,000,000 tokens, this request has 1,000,103,200"),
        (["--at", "9999-12-31"], 2, "--at: expected a year up to 8000, not 9999"),
        (["--at", "0001-01-01"], 2, "--at: 0001-01-01 is before the last request"),
        (["--switch-to", "no-such-model"], 2, "'no-such-model' is not a model"),
    ],
)
def test_words_that_cannot_be_are_refused_by_their_names(
    words: list[str], code: int, said: str, tmp_path: Path
) -> None:
    """Never by those of a workload."""
    ran = run("next", claude_code(tmp_path, WARM), "--at", f"{DAY}10:04:00Z", *words)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err


@pytest.mark.parametrize(
    ("text", "at", "code", "said"),
    [
        ("", "10:04", 2, "no request of a model in it"),
        ('{"sessionId": "s-1", "type": "assistant", "mess', "10:04", 2, "cut off"),
        (None, "10:01", 2, "--at: 2026-11-20T10:01Z is before the last request, at 2026-11-20T10:02Z"),
        ("unknown", "10:04", 2, "'claude-nova-7' is not a model with a price sheet"),
        ("withdrawn", "10:04", 3, "was withdrawn"),
        ("no session", "10:04", 2, "names no session"),
        ("no time", "10:04", 2, "have no times"),
    ],
)
def test_what_has_no_answer_is_refused_in_words(
    text: str | None, at: str, code: int, said: str, tmp_path: Path
) -> None:
    """Never a traceback, and never a number."""
    log = claude_code(tmp_path, WARM)
    whole = log.read_text()
    if text in ("unknown", "withdrawn"):
        model = "claude-nova-7" if text == "unknown" else "claude-3-opus"
        log.write_text(whole.replace("claude-opus-5-5", model))
    elif text == "no session":
        message = {
            "model": "claude-opus-5-5",
            "id": "m",
            "type": "message",
            "usage": {"input_tokens": 5, "output_tokens": 5},
        }
        lines(log, [message | {"timestamp": f"{DAY}10:00:00Z"}])
    elif text == "no time":
        log.write_text(whole.replace("timestamp", "moment"))
    elif text is not None:
        log.write_text(whole + text if text else "")
    ran = run("next", log, "--at", f"{DAY}{at}Z")
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
