"""The block that a person reads first: a row a model, one recommendation, few notes."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from cachecost.output.answers.measures import WHOLE, Note, brief, full
from cachecost.output.figures import by_size, on_the_point, rough

from ..command import run

DAY = ("--as-of", "2026-11-01")
THREE = ("compare", "claude-opus-5-5", "gemini-3.6-flash", "gpt-5.6-luna", "-c", "150K", "-n", "50", *DAY)
GREEN, RED, STRIKE = r"\x1b\[(1;)?32m", r"\x1b\[(1;)?31m", r"\x1b\[9m"


@pytest.mark.parametrize("columns", [80, 60, None])
def test_three_models_take_fourteen_lines(columns: int | None) -> None:
    """On a terminal of either width and in a pipe; every line fits."""
    lines = run(*THREE, columns=columns, env={"NO_COLOR": "1"}).out.splitlines()
    assert len(lines) <= 14
    assert columns is None or max(map(len, lines)) <= columns


def test_a_row_has_the_bills_of_a_model_and_the_first_is_the_one_to_use() -> None:
    """Luna, 150,000 + 200 + 500 tokens: input 0.20, written for 30 minutes 0.25, read 0.02, output 1.20 per 1M. Fresh
    50 x (150,200 x 0.20 + 500 x 1.20) / 1M = 1.532; with it 0.0375 + 49 x 0.003 + 50 x (0.00004 + 0.0006) = 0.2165, or
    14.1% of that. Written once for 0.25 in place of 0.20 and then read: cheaper from 2 on."""
    shown = run(*THREE).out
    assert re.search(r"→ GPT-5.6 Luna +\$1.53 +\$0.22  30-min cache +86%  2 queries\n", shown)
    assert re.search(r"\n  Claude Opus 5.5 +\$30.54 +\$2.76  5-min cache +91%  2 queries\n→ Use", shown)
    assert "\n→ Use GPT-5.6 Luna with its 30-min cache: $0.22 instead of $1.53 (86% less).\n" in shown
    assert shown.startswith("50 queries over 150,000 tokens (200 in, 500 out), prices of 2026-11-01\n")


def test_programs_have_the_recommendation_too_and_nothing_less() -> None:
    """JSON keeps every digit and every strategy; markdown has the rows of the block. Of each model fresh and, as their
    pages sell, 5 minutes or an hour of Opus, two caches of Gemini, 30 minutes or 12 hours of Luna."""
    answer = run(*THREE, "--json").json
    assert answer["recommendation"] == "Use GPT-5.6 Luna with its 30-min cache: $0.22 instead of $1.53 (86% less)."
    assert (len(answer["answers"]), answer["best"]["total"]) == (9, "0.2165")
    markdown = run(*THREE, "--format", "markdown").out
    assert f"**{answer['recommendation']}**" in markdown
    assert [line.count("|") for line in markdown.splitlines() if line.startswith("|")] == [6] * 5


def test_colour_marks_the_cheapest_bill_and_a_cache_that_costs_more() -> None:
    """One query, where a cache is written for nothing: 100,000 x 5.00 in place of 4.00. NO_COLOR leaves no escapes."""
    once = ("compare", "claude-opus-5-5", "gpt-4o", "-c", "100K", "-n", "1", *DAY)
    shown = run(*once, columns=80).out
    assert re.search(rf"{GREEN}→ GPT-4o", shown)
    assert re.search(rf"{RED} +-24%", shown)
    assert re.search(rf"{RED}\$0.51  5-min cache", shown)
    assert "\x1b" not in run(*once, columns=80, env={"NO_COLOR": "1"}).out + run(*once).out


def test_models_that_would_refuse_come_last_with_what_would_fit() -> None:
    """GPT-4o takes 128,000 tokens: 127,300 of context beside 200 of question and 500 of answer. Gemini 3.6 Flash takes
    1,048,576 of input: 1,048,376 beside the question. Both are struck out."""
    words = ("compare", "gpt-4o", "gemini-3.6-flash", "-q", "200", "-a", "500", *DAY)
    shown = run(*words, "claude-opus-5-5", "-c", "900K").out.splitlines()
    assert re.fullmatch(r"  GPT-4o +refused  fits up to 127,300 tokens", shown[5])
    none = run(*words, "-c", "2M")
    assert (none.code, "fits up to 1,048,376 tokens" in none.out) == (3, True)
    assert "→ No answer: " in none.out
    assert re.search(rf"{STRIKE}  GPT-4o", run(*words, "-c", "900K", columns=80).out)
    answers = run(*words, "-c", "900K", "--json").json["answers"]
    assert [each["fits"] for each in answers] == [None, None, None, 127_300, 127_300]


def test_a_model_that_would_refuse_has_no_range_of_bills() -> None:
    """Llama 3.1 70B takes 131,072 tokens: 130,372 beside 200 of question and 500 of answer."""
    words = ("compare", "llama-3.1-70b@aws/p5.48xlarge", "gemini-2.5-pro", "-c", "200K", "-q", "200", "-a", "500")
    shown = run(*words, "--as-of", "2026-11-28").out.splitlines()
    assert re.fullmatch(r"  Llama 3.1 70B \(aws/p5.48xlarge\) +refused  fits up to 130,372 tokens", shown[4])


def test_too_short_free_and_no_cache_are_said_in_their_rows() -> None:
    """Opus 5.5 caches from 512 tokens on; GLM-4.5-Flash is free; GPT-4 has no cache."""
    shown = run("compare", "claude-opus-5-5", "-c", "100", *DAY).out
    assert "$0.11  too short to cache\n" in shown
    assert "too short to cache: 100 tokens, the minimum is 512." in shown
    shown = run("compare", "zai/glm-4.5-flash", "zai/glm-4.7", "-c", "50K", *DAY).out
    assert re.search(r"\n  GLM-4.5-Flash +free  free, with limits", shown)
    assert re.search(r"\n→ GLM-4.7 +\$", shown)
    assert shown.splitlines()[5].endswith("GLM-4.5-Flash is free, with limits that the vendor sets.")


def test_models_of_one_name_are_told_apart_by_their_providers() -> None:
    """GLM-5.2 of its maker and of a host."""
    shown = run("compare", "zai/glm-5.2", "tencent/glm-5.2", "gpt-4o", "-c", "50K", "-q", "9", "-a", "9", *DAY).out
    assert {"GLM-5.2 (zai)", "GLM-5.2 (tencent)"} <= set(re.findall(r"GLM-5.2 \(\w+\)", shown))
    assert "GPT-4o (" not in shown


def test_a_model_that_is_left_out_is_the_first_note() -> None:
    """o3 writes no entries of 5 minutes: what was asked and has no row must not go unseen."""
    shown = run("compare", "o3", "claude-opus-5-5", "-c", "100K", "--strategy", "written:5m", *DAY).out
    assert "\n! left out: openai/o3@2026-07-30 does not sell written:5m" in shown


def test_what_is_left_out_names_its_model_once() -> None:
    """GPT-6.2 Astra sells no batch, Opus 5.5 began on 2026-09-22 and takes 1,000,000 tokens: each reason says whose it
    is, in every command that compares models."""
    three = ("claude-opus-5-5", "gpt-6.2-astra", "-c", "100K", "--service", "batch", "--as-of", "2026-11-20")
    for command in ("compare", "plan", "curve"):
        assert "left out: openai/gpt-6.2-astra: service 'batch' is not sold" in run(command, *three).out
    early = run("plan", "claude-opus-5-5", "claude-sonnet-4-5", "-c", "100K", "--as-of", "2026-01-01").out
    assert "left out: anthropic/claude-opus-5-5 has no rates at 2026-01-01" in early
    long = run("plan", "claude-opus-5-5", "gemini-2.5-pro", "-c", "1010K", *DAY, "-v").out
    assert "left out: anthropic/claude-opus-5-5 takes at most 1,000,000 tokens, this request has 1,010,700" in long


def test_every_note_is_there_under_verbose() -> None:
    """The block counts those that it leaves out: as many as -v shows more."""
    few, all_of_them = run(*THREE).out, run(*THREE, "-v").out
    notes = re.findall(r"^! (.*)", few, flags=re.MULTILINE)[0].split(" · ")
    more = int(notes.pop().split()[0])
    assert len(notes) <= 3
    assert len(re.findall(r"^! ", all_of_them, flags=re.MULTILINE)) == len(notes) + more
    assert "Rates: openai/gpt-5.6-luna@" in all_of_them


NOTES = [
    Note("small", cost=Decimal(1)),
    Note("large", "big", cost=Decimal(9)),
    Note("unknown", cost=None),
    Note("nothing"),
    Note("of another strategy", cost=Decimal(99), aside=True),
]


def test_notes_come_by_what_they_could_cost() -> None:
    """A model without a bill comes first, then what raises a bill, the largest amount before the others; what no row
    shows is left for -v."""
    assert brief(NOTES) == ["big · small · unknown · 2 more notes (-v)"]
    assert brief([*NOTES, Note("left out", cost=WHOLE)]) == ["left out · big · small · 3 more notes (-v)"]
    assert brief(NOTES[-1:]) == ["1 note (-v)"]
    assert brief([]) == []
    assert full(NOTES + NOTES) == ["large", "small", "unknown", "nothing", "of another strategy"]


def test_a_price_that_rises_comes_before_a_card_of_medium_confidence() -> None:
    """Opus 5.5 pays $38.04 where each of 50 queries comes after 5 min; Luna's card is of medium confidence."""
    text = run("compare", "claude-opus-5-5", "gpt-5.6-luna", "-c", "150K", "-n", "50", "--every", "5m", *DAY, "-v").out
    assert text.index("1 s later every query would miss: $38.04") < text.index("confidence in this rate card is medium")


# Figures by their size --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0", "$0.00"),
        ("0.00123", "$0.0012"),
        ("0.0375", "$0.038"),  # half to even from 0.0375
        ("0.0949", "$0.095"),
        ("0.2165", "$0.22"),
        ("30.54", "$30.54"),
        ("999.994", "$999.99"),
        ("1532", "$1,532"),
        ("1234567.89", "$1,234,568"),
        ("-7.5", "-$7.50"),
    ],
)
def test_money_is_rounded_by_its_size(value: str, shown: str) -> None:
    """To the cent; two digits below ten cents; none behind the point from a thousand on."""
    assert by_size([Decimal(value)])[Decimal(value)] == shown


@given(st.lists(st.decimals(-(10**6), 10**6, places=6), min_size=1, max_size=6))
def test_amounts_that_differ_do_not_look_the_same(values: list[Decimal]) -> None:
    """And each is within half of a cent, or of its last digit."""
    shown = by_size(values)
    assert len(set(shown.values())) == len(set(values))
    for value, text in shown.items():
        off = abs(Fraction(text.replace("$", "").replace(",", "")) - Fraction(value))
        assert off <= (Fraction(1, 2) if abs(value) >= 1000 else Fraction(1, 200))


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [("6.03", "10.05", "$6.0 to $10.0"), ("0.2311", "0.3095", "$0.23 to $0.31"), ("150.2", "99999", "$150 to $99,999")],
)
def test_the_range_of_an_estimate_has_a_digit_less(low: str, high: str, shown: str) -> None:
    """As $8.04 ($6.0 to $10.0)."""
    assert rough([Decimal(low), Decimal(high)]) == shown


def test_figures_of_a_column_have_their_points_in_line() -> None:
    """Words stay as they are."""
    cells = [f"{text:>11}" for text in on_the_point(["$0.0012", "$30.54", "$1,532", "free"])]
    assert cells == ["    $0.0012", "   $30.54  ", "$1,532     ", "       free"]
