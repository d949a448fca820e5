"""The command line answers what was asked: the same answer in every format, by every road, on every terminal."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from cachecost import Assumptions, Workload
from cachecost.bills.comparison import compare
from cachecost.catalog.catalog import Catalog
from cachecost.cli import main

from ..command import run, shelf
from ..conftest import ROOT, TODAY

PLAIN = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?")
"""Exact decimal text: no exponent, no zeros at the end, no sign of nothing."""

GEMINI = ("compare", "gemini-1.5-pro", "--context", "1M", "-q", "0", "-a", "0", "--as-of", "2024-05-25")
SONNET = ("compare", "claude-sonnet-4-5", "--context", "100K", "--as-of", "2026-11-01")
QUESTIONS = [
    GEMINI,
    (*GEMINI, "-n", "4", "--first-query", "creates"),
    (*SONNET, "-n", "50", "-q", "200", "-a", "500", "--over", "8h"),
    ("compare", "o3", "claude-sonnet-4-5", "-c", "150K", "-n", "7", "-q", "0", "-a", "333", "--as-of", "2026-11-01"),
    ("compare", "gemini-2.5-pro", "-c", "300K", "-n", "3", "--hit-share", "1/3", "--as-of", "2026-10-20"),
    ("compare", "deepseek-v4-flash", "-c", "40K", "-n", "30", "--over", "24h", "--as-of", "2026-10-12"),
]


SHELF = (
    "google/gemini-1.5-pro",
    "google/gemini-2.5-pro",
    "moonshot-cn/moonshot-v1-128k",
    "openai/gpt-4o",
    "xai/grok-4.3",
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of a few pages, for commands that read them all."""
    return shelf(tmp_path_factory.mktemp("pages"), *SHELF)


def totals(answer: Any) -> dict[str, str]:
    return {each["strategy"]: each["total"] for each in answer["answers"]}


# The announcement of 2024-05-14 (https://simonwillison.net/2024/May/14/): $7.00 per 1M beyond 128K, cached half,
# $4.50 per 1M and hour. Stored for 1 h: 7.00 to create + 3.50 a query + 4.50; or the first query pays 7.00 itself.
@pytest.mark.parametrize(
    ("queries", "reads", "creates"),
    [(1, "15", "11.5"), (2, "18.5", "15"), (3, "22", "18.5"), (4, "25.5", "22"), (10, "46.5", "43")],
)
def test_the_announced_gemini_costs_what_its_announcement_says(queries: int, reads: str, creates: str) -> None:
    """N queries over 1M tokens, stored for an hour, against $7.00 a query fresh."""
    fresh = str(7 * queries)
    assert totals(run(*GEMINI, "-n", str(queries), "--json").json) == {"fresh": fresh, "stored": reads}
    question = run(*GEMINI, "-n", str(queries), "--first-query", "creates", "--json")
    assert totals(question.json) == {"fresh": fresh, "stored": creates}


def test_break_evens_are_those_worked_by_hand() -> None:
    """Stored pays from 4, since 7 + 3.5 N + 4.5 <= 7 N from N = 3.29; at 4.50 / 3.50 queries per hour. A 5-minute
    entry of Sonnet pays from 2 (hit share 0.25 / 1.15 = 5/23), one of an hour from 3 (1 / 1.9 = 10/19)."""
    (stored,) = [each for each in run(*GEMINI, "--json").json["answers"] if each["strategy"] == "stored"]
    assert stored["break_even"]["first"] == stored["break_even"]["stable_from"] == 4
    assert stored["break_even"]["intervals"] == [[4, None]]
    assert round(Fraction(stored["break_even_rate_per_hour"]), 12) == round(Fraction(9, 7), 12)
    written = {each["strategy"]: each for each in run(*SONNET, "--json").json["answers"]}
    for strategy, first, share in (("written:5m", 2, Fraction(5, 23)), ("written:1h", 3, Fraction(10, 19))):
        assert written[strategy]["break_even"]["first"] == first
        assert round(Fraction(written[strategy]["break_even_hit_share"]), 12) == round(share, 12)


@pytest.mark.parametrize(("said", "hourly"), [("8/d", "1/3"), ("12/h", "12"), ("3/d", "0.125"), ("100/7h", "100/7")])
def test_a_rate_of_the_question_is_answered_exactly(said: str, hourly: str) -> None:
    """8 a day are 8/24 = 1/3 an hour, whose digits never end."""
    assert run("compare", "gpt-4o", "-c", "100K", "--rate", said, "--json").json["workload"]["rate_per_hour"] == hourly


@pytest.mark.parametrize(
    ("said", "shown"), [("1/3", "1/3"), ("2/6", "1/3"), ("3/4", "0.75"), ("75%", "0.75"), ("1", "1"), ("0", "0")]
)
def test_a_hit_share_is_written_so_that_it_reads_back(said: str, shown: str) -> None:
    """A fraction where the decimal never ends: 9 later queries, of which 3 read, as 1/3 says and 0.333 does not."""
    words = "compare claude-sonnet-4-5 -c 100K -q 0 -a 0 -n 10 --strategy written:5m --as-of 2026-11-01 --json".split()
    answer = run(*words, "--hit-share", said).json
    assert answer["assumptions"]["hit_share"] == shown
    assert run(*words, "--hit-share", shown).json == answer
    if shown == "1/3":  # 7 writes of $0.375 and 3 reads of $0.03
        assert answer["answers"][0]["total"] == "2.715"


def test_the_share_that_a_step_of_eviction_loses_is_written_so_that_it_reads_back() -> None:
    """A third lost after ten minutes."""
    words = "compare claude-sonnet-4-5 -c 100K -q 0 -a 0 -n 2 --eviction 10m:1/3 --as-of 2026-11-01 --json".split()
    assert run(*words).json["assumptions"]["eviction"]["steps"] == {"10m": "1/3"}


def test_the_answer_of_compare_has_the_shape_that_was_promised() -> None:
    """Every key of the published shape, no other type than published, unknown as null."""
    answer = run(*GEMINI, "--json").json
    assert {"schema_version", "workload", "answers", "best", "sentence"} <= set(answer)
    assert answer["workload"] | {"queries": 10, "context": 1_000_000} == answer["workload"]
    keys = "model version strategy total per_query savings savings_ratio lines break_even break_even_rate_per_hour"
    for each in answer["answers"]:
        assert {*keys.split(), "break_even_hit_share", "warnings"} <= set(each)
        assert all(set(line) == {"name", "quantity", "unit", "rate", "amount"} for line in each["lines"])
        assert all(isinstance(warning, str) for warning in each["warnings"])
    stored, fresh = answer["answers"]
    assert {"first", "intervals", "stable_from"} <= set(stored["break_even"])
    assert (fresh["break_even"], fresh["break_even_rate_per_hour"], stored["break_even_hit_share"]) == (None,) * 3
    assert answer["best"] | {"strategy": "stored", "total": "46.5", "model": "google/gemini-1.5-pro"} == answer["best"]


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from leaves(each)
    else:
        yield value


@pytest.mark.parametrize("question", QUESTIONS)
def test_money_is_exact_decimal_text_and_lines_add_up(question: tuple[str, ...]) -> None:
    """No float anywhere; each line is quantity x rate / 1M; a total is the sum of its lines, savings the difference."""
    answer = json.loads(run(*question, "--json").out, parse_float=lambda text: pytest.fail(f"{text} is a float"))
    fresh = {each["model"]: Decimal(each["total"]) for each in answer["answers"] if each["strategy"] == "fresh"}
    for each in answer["answers"]:
        for line in each["lines"]:
            per = 1 if line["unit"] == "requests" else 1_000_000
            worked = Fraction(line["quantity"]) * Fraction(line["rate"]) / per
            assert abs(worked - Fraction(line["amount"])) <= Fraction(1, 10**18)
        assert Decimal(each["total"]) == sum(Decimal(line["amount"]) for line in each["lines"])
        assert Decimal(each["savings"]) == fresh[each["model"]] - Decimal(each["total"])
        money = [each["total"], each["per_query"], each["savings"], *(line["amount"] for line in each["lines"])]
        assert all(PLAIN.fullmatch(text) for text in [*money, *(line["rate"] for line in each["lines"])])
    assert [Decimal(each["total"]) for each in answer["answers"]] == sorted(
        Decimal(each["total"]) for each in answer["answers"]
    )


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_format_gives_the_same_answer(question: tuple[str, ...]) -> None:
    """CSV has the exact figures of JSON, row for row; markdown and the table have the rows of each other."""
    answers = run(*question, "--json").json["answers"]
    rows = list(csv.DictReader(io.StringIO(run(*question, "--format", "csv").out)))
    for row, answer in zip(rows, answers, strict=True):
        for name in ("model", "version", "strategy", "currency", "total", "per_query", "savings", "savings_ratio"):
            assert row[name] == (answer[name] or "")
        even = answer["break_even"] or {"first": None, "stable_from": None}
        assert (row["first"], row["stable_from"]) == tuple(
            "" if even[name] is None else str(even[name]) for name in ("first", "stable_from")
        )
    said = run(*question, "--all-strategies", "--format", "markdown").out
    lines = [line for line in said.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in lines}) == 1
    assert re.fullmatch(r"\|( -+:? \|)+", lines[1])
    shown = run(*question, "--all-strategies").out
    block = shown.split("\n\n")[1].splitlines()
    assert len(lines) - 2 == len(block) - 1 == len(answers)
    for marked, row_shown in zip(lines[2:], block[1:], strict=True):
        assert " ".join(marked.replace("|", " ").split()) == " ".join(row_shown.split())
    sentence = run(*question, "--json").json["sentence"]
    assert shown.splitlines()[-1] == sentence
    assert said.splitlines()[-1] == f"**{sentence}**"


@pytest.mark.parametrize(
    "question",
    [
        (*GEMINI, "--lines"),
        (*GEMINI, "--json"),
        (*GEMINI, "--format", "csv"),
        (*GEMINI, "--format", "markdown"),
        ("quote", "gpt-4o", "--input", "1K", "--at", "2026-11-01"),
        ("quote", "gpt-4o", "--input", "1K", "--at", "2026-11-01", "--format", "csv"),
        ("quote", "gpt-4o", "--input", "1K", "--at", "2026-11-01", "--format", "markdown"),
        ("models", "--provider", "moonshot-cn", "--as-of", "2024-08-01"),
        ("models", "--provider", "moonshot-cn", "--as-of", "2024-08-01", "--json"),
        ("show", "gemini-1.5-pro", "--as-of", "2024-08-01"),
        ("show", "gemini-1.5-pro", "--format", "markdown"),
        ("curve", "gemini-1.5-pro", "-c", "1M", "--as-of", "2024-05-25", "--format", "csv"),
        ("curve", "gemini-1.5-pro", "-c", "1M", "--as-of", "2024-05-25", "--json"),
    ],
)
def test_a_file_holds_what_would_have_been_printed(question: tuple[str, ...], tmp_path: Path, pages: Path) -> None:
    """`-o FILE` prints nothing and writes what a pipe would carry, even when it is asked on a narrow terminal."""
    piped = run(*question, "--prices", pages)
    file = tmp_path / "answer"
    for columns in (None, 60):
        assert run(*question, "--prices", pages, "-o", file, columns=columns) == (0, "", "")
        assert file.read_text(encoding="utf-8") == piped.out
    assert "\x1b" not in piped.out
    assert not [line for line in piped.out.splitlines() if line != line.rstrip()]


@pytest.mark.parametrize("question", [GEMINI, ("show", "gpt-4o"), ("models",), ("curve", "gpt-4o", "-c", "1K")])
def test_json_is_short_for_the_format(question: tuple[str, ...], pages: Path) -> None:
    """One answer, two ways to ask for it."""
    more = ("--prices", str(pages), *(() if "--as-of" in question else ("--as-of", "2026-11-01")))
    assert run(*question, *more, "--json").code == 0
    assert run(*question, *more, "--json") == run(*question, *more, "--format", "json")


def test_the_engine_and_the_command_line_agree_to_the_last_digit(catalog: Catalog) -> None:
    """The command line only reads words and writes figures."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    work = Workload(context=150_000, question=0, answer=333, queries=7, start=at)
    asks = [(catalog.sheet(name), work) for name in ("o3", "claude-sonnet-4-5")]
    comparison = compare(asks, today=TODAY, assumptions=Assumptions())
    reply = run(
        "compare", "o3", "claude-sonnet-4-5", *"-c 150K -n 7 -q 0 -a 333 --as-of 2026-11-01 --json".split()
    ).json
    assert [(each["model"], each["strategy"], Decimal(each["total"])) for each in reply["answers"]] == [
        (answer.model, answer.strategy, answer.total) for answer in comparison.answers
    ]


FLAGS = {"-n": "queries", "-c": "context", "-q": "question", "-a": "answer"}


@pytest.mark.parametrize("question", QUESTIONS)
def test_http_and_the_command_line_give_the_same_record(question: tuple[str, ...], client: TestClient) -> None:
    """Key by key; neither counted a document."""
    first = next(place for place, word in enumerate(question) if word.startswith("-"))
    flags, words = question[first::2], question[first + 1 :: 2]
    names = [FLAGS.get(flag, flag[2:].replace("-", "_")) for flag in flags]
    params = [("model", model) for model in question[1:first]] + list(zip(names, words, strict=True))
    answered = client.get("/v1/compare", params=params)
    assert answered.status_code == 200
    shown = run(*question, "--json").json
    assert shown["counted"] is None
    assert answered.json() == shown


def test_the_command_can_be_called_again_and_again_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one call loads is not left over for the next, and `main` without arguments takes the process' own."""
    before = run("--help")
    assert run("models", "--provider", "xai").code == 0
    assert run("--help") == before
    monkeypatch.setattr(sys, "argv", ["cachecost", "--version"])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 0


def test_a_shell_completes_the_flags_of_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """As bash asks after a tab: the words so far come in the environment, and none as arguments."""
    question = {"_CACHECOST_COMPLETE": "complete_bash", "COMP_WORDS": "cachecost compare --cont", "COMP_CWORD": "2"}
    for name, value in question.items():
        monkeypatch.setenv(name, value)
    assert run().out.split() == ["--context"]


def test_a_curve_is_the_comparison_at_every_number() -> None:
    """Fresh $7.00 x N, stored $11.50 + $3.50 x N, as announced on 2024-05-14."""
    question = ("curve", "gemini-1.5-pro", "-c", "1M", "-n", "1..9:2", "-q", "0", "-a", "0", "--as-of", "2024-05-25")
    rows = list(csv.DictReader(io.StringIO(run(*question, "--format", "csv").out)))
    worked = [(n, 7 * n, Decimal("11.5") + Decimal("3.5") * n) for n in (1, 3, 5, 7, 9)]
    by_hand = [("fresh", n, fresh) for n, fresh, _ in worked] + [("stored", n, stored) for n, _, stored in worked]
    assert [(row["strategy"], int(row["queries"]), Decimal(row["total"])) for row in rows] == by_hand
    drawn = run(*question, "--json").json
    assert drawn["queries"] == [1, 3, 5, 7, 9]
    assert [Decimal(total) for total in drawn["lines"][1]["totals"]] == [row[2] for row in worked]
    assert all(PLAIN.fullmatch(total) for each in drawn["lines"] for total in each["totals"])
    for n in (3, 5):
        assert totals(run(*GEMINI, "-n", str(n), "--json").json) == {
            name: each["totals"][drawn["queries"].index(n)] for each in drawn["lines"] for name in [each["strategy"]]
        }


def test_models_lists_what_was_sold_then(pages: Path) -> None:
    """Gemini 1.5 Pro was announced on 2024-05-14 and shut down on 2025-09-24; a day before neither is listed."""

    def listed(day: str) -> set[str]:
        return {each["model"] for each in run("models", "--as-of", day, "--prices", pages, "--json").json["models"]}

    assert "google/gemini-1.5-pro" not in listed("2024-05-13")
    assert "google/gemini-1.5-pro" in listed("2024-05-14")
    assert "google/gemini-1.5-pro" in listed("2025-09-23")
    assert "google/gemini-1.5-pro" not in listed("2025-09-24")


def test_a_day_without_any_model_is_an_empty_list_and_a_word_about_it(pages: Path) -> None:
    """Nothing was sold in 1990; a program still gets its header or its empty list."""
    question = ("models", "--as-of", "1990-01-01", "--prices", pages)
    assert json.loads(run(*question, "--json").out)["models"] == []
    assert run(*question, "--format", "csv").out.startswith("model,caching,input")
    code, out, err = run(*question)
    assert (code, out) == (0, "")
    assert "try another --as-of" in err


def test_show_tells_the_card_in_force_its_history_and_its_sources() -> None:
    """The card of 2024-10-01 cut $7.00 to $2.50: developers.googleblog.com, 2024-09-24."""
    shown = run("show", "gemini-1.5-pro", "--as-of", "2024-12-01").out
    assert "In force: google/gemini-1.5-pro@2024-10-01" in shown
    assert "Source: https://developers.googleblog.com/en/updated-gemini-models" in shown
    history = shown.partition("History")[2]
    assert re.search(r"2024-05-14 .*over 128,000 +\$7\.00", history)
    assert re.search(r"2024-10-01 .*over 128,000 +\$2\.50", history)


@pytest.mark.parametrize(("budget", "code"), [("46.49", 1), ("46.5", 0), ("46.50", 0), ("1000", 0), ("0", 1)])
def test_a_budget_that_is_exceeded_ends_in_1_and_still_answers(budget: str, code: int) -> None:
    """The bill is $46.50: at the budget is within it. The answer is the same, the message is one line on stderr."""
    for formatted in ((), ("--json",), ("--format", "csv")):
        ran = run(*GEMINI, *formatted, "--fail-over", budget)
        assert (ran.code, ran.out) == (code, run(*GEMINI, *formatted).out)
        assert ran.err.count("\n") == code
        if code:
            assert re.search(rf"46\.5 USD, is over {re.escape(budget.rstrip('.'))}\b", ran.err)


def test_a_document_is_counted_and_the_answer_says_how_surely(tmp_path: Path) -> None:
    """Its tokens take the place of --context, the estimate stands in its own range, and the method is named."""
    file = tmp_path / "novel.txt"
    file.write_text("It is a truth universally acknowledged.\n" * 500, encoding="utf-8")
    answer = run("compare", "claude-sonnet-4-5", "--file", file, "--as-of", "2026-11-01", "--json").json
    counted = re.fullmatch(r"(.*): ([\d,]+) tokens \(([\d,]+) to ([\d,]+)\), (.*)", answer["counted"])
    assert counted
    tokens, low, high = (int(counted[group].replace(",", "")) for group in (2, 3, 4))
    assert counted[1] == str(file)
    assert "estimate" in counted[5]
    assert low < tokens == answer["workload"]["context"] < high
    assert 500 * 6 < tokens < 500 * 40  # 6 words, 40 characters a line
    for formatted in ((), ("--format", "markdown")):
        assert (
            answer["counted"]
            in run("compare", "claude-sonnet-4-5", "-f", file, "--as-of", "2026-11-01", *formatted).out
        )


@pytest.mark.parametrize(
    "question",
    [
        "compare gemini-2.5-pro",
        "compare claude-opus-4-8 --turns 5 --switch-to claude-sonnet-4-6",
        "curve gemini-2.5-pro -n 1..3",
        "curve gemini-2.5-pro gemini-2.5-flash -n 1..3",
        "sweep gemini-2.5-pro --sweep queries=1..3",
        "plan gemini-2.5-pro",
        "plan gemini-2.5-pro gemini-2.5-flash",
        "plan gemini-2.5-pro --over-history",
        "plan gemini-2.5-pro --forgotten",
    ],
)
def test_every_answer_about_a_document_says_how_it_was_counted(question: str, tmp_path: Path) -> None:
    """To people and to programs; null where nothing was counted."""
    file = tmp_path / "novel.txt"
    file.write_text("It is a truth universally acknowledged.\n" * 500, encoding="utf-8")
    command = (*question.split(), "--as-of", "2026-11-01")
    counted = run(*command, "-f", file, "--json").json["counted"]
    assert re.search(rf"^{re.escape(str(file))}: [\d,]+ tokens", counted)
    assert counted in run(*command, "-f", file, "--format", "markdown").out
    assert run(*command, "-c", "20K", "--json").json["counted"] is None


def test_a_folder_is_the_sum_of_its_texts(tmp_path: Path) -> None:
    """Two equal files make twice the tokens of one, but for the blank line between them; what is not text is left."""
    text = "What do ten queries cost?\n" * 300
    (tmp_path / "one.md").write_text(text, encoding="utf-8")
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("a.md", "b.py"):
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "c.bin").write_bytes(b"\0\1\2")

    def tokens(path: Path) -> int:
        question = ("compare", "claude-sonnet-4-5", "--file", path, "--as-of", "2026-11-01", "--json")
        return int(run(*question).json["workload"]["context"])

    assert 0 <= tokens(folder) - 2 * tokens(tmp_path / "one.md") <= 3


def test_a_document_has_other_tokens_on_another_model(tmp_path: Path) -> None:
    """Each model's count is shown, and each model is billed for its count."""
    file = tmp_path / "text.txt"
    file.write_text("naïve café, 東京タワー 333 m\n" * 400, encoding="utf-8")
    answer = run(
        "compare", "claude-sonnet-4-5", "gemini-2.5-pro", "-q", "0", "--file", file, "--as-of", "2026-11-01", "--json"
    ).json
    messages = answer["counted"].splitlines()
    counts = {int(re.search(r": ([\d,]+) tokens", each)[1].replace(",", "")) for each in messages}  # type: ignore[index]
    billed = {
        sum(line["quantity"] for line in each["lines"] if line["name"] == "input") // 10
        for each in answer["answers"]
        if each["strategy"] == "fresh"
    }
    assert billed == counts
    assert len(counts) == 2


# -- whole answers -----------------------------------------------------------------------------------------------

GOLDEN = sorted((ROOT / "tests" / "golden").glob("*.txt"))


@pytest.mark.parametrize("file", GOLDEN, ids=[file.stem for file in GOLDEN])
def test_a_whole_answer_stays_as_it_was_worked_by_hand(file: Path) -> None:
    """The command on the first line prints the rest; each of its amounts and shares is worked in the page beside it."""
    command, _, answer = file.read_text(encoding="utf-8").partition("\n")
    assert run(*shlex.split(command)[2:]) == (0, answer, "")
    worked = file.with_suffix(".md").read_text(encoding="utf-8")
    figures = re.findall(r"[$¥][0-9][0-9,]*\.?[0-9]*(?<![.,])|[0-9]+%|\b[0-9]+\+", answer)
    cells = [cell for row in csv.reader(answer.splitlines()[1:]) for cell in row] if "csv" in command else []
    plain = [cell for cell in cells if re.fullmatch(r"[0-9.]+", cell)]
    assert figures or plain
    assert [
        figure for figure in (*figures, *plain) if not re.search(rf"(?<!\d){re.escape(figure)}(?!\d)", worked)
    ] == []


def test_a_quote_without_any_usage_is_refused() -> None:
    """A forgotten flag is no bill of zero; a zero that is said is one."""
    refused = run("quote", "gpt-4o")
    assert (refused.code, refused.out) == (2, "")
    assert "usage: missing; expected at least one of input, cache_read, cache_write, creation, output" in refused.err
    assert run("quote", "gpt-4o", "--input", "0", "--json").json["total"] == "0"


def test_a_number_alone_draws_a_curve_twice_as_far() -> None:
    """As many queries as `compare -n 50` asks, with as many on either side: 1..100."""
    question = ("curve", "gpt-4o", "-c", "10K", "-q", "0", "-a", "0", "--as-of", "2026-11-01", "--format", "csv", "-n")
    assert run(*question, "50").out == run(*question, "1..100").out
    assert run(*question, "5..5").out.splitlines()[1].split(",")[4] == "5"
    assert "expected to begin at 1" in run(*question, "0").err
