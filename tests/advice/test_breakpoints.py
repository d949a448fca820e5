"""Breakpoints in a prompt whose parts change at different rates: the law, the best places, and the command."""

from __future__ import annotations

import csv
import io
import math
import random
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise

import pytest
from hypothesis import given, strategies as st

from cachecost.advice.breakpoints import Life, Pace, Piece, Placement, best_mix, cost_of
from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadQuantity, BadWorkload, NotSold
from cachecost.questions.reading import piece

from ..command import run
from ..oracles.breakpoints import brute_mix

NOW = datetime(2026, 11, 1, tzinfo=UTC)
READ, SHORT, LONG = Fraction(1, 10), Fraction(5, 4), Fraction(2)
MINUTES_5, HOUR = timedelta(minutes=5), timedelta(hours=1)
SONNET = "claude-sonnet-4-5"


def placed(
    catalog: Catalog, pieces: list[Piece], pace: Pace, model: str = SONNET, most: int | None = None
) -> Placement:
    return Placement(catalog.sheet(model), pieces, pace, at=NOW, most=most)


# Laws -------------------------------------------------------------------


@st.composite
def prompts(draw: st.DrawFn) -> tuple[list[int], list[Life]]:
    """Ends of up to five parts, the first ones perhaps below a minimum, and one or two TTLs."""
    tokens = draw(st.lists(st.integers(1, 5_000), min_size=1, max_size=5))
    minimum = draw(st.sampled_from([0, 1_024, 20_000]))
    ends = [0, *(end if end >= minimum else 0 for end in accumulate(tokens))]
    lives = []
    for write in draw(st.sampled_from([[SHORT], [LONG], [LONG, SHORT], [Fraction(1)]])):
        shares = draw(st.lists(st.integers(0, 20), min_size=len(tokens), max_size=len(tokens)))
        lives.append(Life(str(len(lives)), write, tuple(Fraction(share, 20) for share in sorted(shares, reverse=True))))
    return [*ends, sum(tokens)], lives


@given(prompts(), st.integers(1, 4))
def test_the_best_mix_of_places_and_ttls_is_that_of_brute_force(
    prompt: tuple[list[int], list[Life]], most: int
) -> None:
    """Dynamic program against every choice; places rise, TTLs never lengthen, more breakpoints never cost more."""
    (*ends, whole), lives = prompt
    result = best_mix(ends, whole, lives, read=READ, most=most)
    assert result.cost == brute_mix(ends, whole, lives, read=READ, most=most)
    assert result.cost == cost_of(result.stops, ends, whole, lives, read=READ)
    assert len(result.stops) <= most
    assert all(a < b and s <= t for (a, s), (b, t) in pairwise(result.stops))
    assert best_mix(ends, whole, lives, read=READ, most=most + 1).cost <= result.cost <= whole


@given(prompts())
def test_with_breakpoints_enough_a_part_is_cached_by_its_hit_share_alone(prompt: tuple[list[int], list[Life]]) -> None:
    """One TTL, no minimum: a part costs min(1, w - (w-r) H) a token, so it pays above H = (w-1)/(w-r)."""
    life = prompt[1][0]
    count = len(life.hit_shares)
    ends = [0, *range(1_000, 1_000 * count + 1, 1_000)]
    costs = [min(Fraction(1), life.write - (life.write - READ) * share) for share in life.hit_shares]
    assert best_mix(ends, ends[-1], [life], read=READ, most=count).cost == 1_000 * sum(costs)
    least = (life.write - 1) / (life.write - READ)
    assert [cost < 1 for cost in costs] == [share > least for share in life.hit_shares]


@pytest.mark.parametrize(("changes", "ttl"), [(0, MINUTES_5), (2, MINUTES_5), (2, HOUR), (30, HOUR)])
def test_the_share_that_hits_is_that_of_simulated_changes(changes: int, ttl: timedelta) -> None:
    """12 queries an hour at random, changes at random: 40,000 draws inside five standard errors."""
    drawn, hits, many = random.Random(changes), 0, 40_000
    life = ttl / HOUR
    for _ in range(many):
        pause = drawn.expovariate(12)
        changed = changes and drawn.expovariate(changes) < pause
        hits += pause <= life and not changed
    share = float(Pace(rate=Fraction(12)).hit_share(Fraction(changes), ttl))
    assert abs(hits / many - share) <= 5 * math.sqrt(share * (1 - share) / many)


def test_a_prompt_served_query_by_query_costs_what_the_placement_says(catalog: Catalog) -> None:
    """Two roads: entries written, touched, changed and lost one by one for 60,000 queries, inside five standard
    errors of the closed form (the spread is bounded by the dearest query: every token written)."""
    pieces = [Piece("system", 8_000), Piece("docs", 20_000, Fraction(2)), Piece("chat", 5_000, None)]
    placement = placed(catalog, pieces, Pace(rate=Fraction(12)))
    way = next(way for way in placement.ways if (way.name, way.ttl) == ("best", "5m"))
    assert [part for part, _ in way.stops] == [0, 1]
    drawn, costs, many = random.Random(7), [], 60_000
    for _ in range(many):
        pause = drawn.expovariate(12)
        alive = pause <= 1 / 12
        docs_same = drawn.expovariate(2) > pause
        read, written = (28_000, 0) if alive and docs_same else (8_000, 20_000) if alive else (0, 28_000)
        costs.append(0.1 * read + 1.25 * written + 5_000)
    mean = sum(costs) / many
    error = math.sqrt(sum((cost - mean) ** 2 for cost in costs)) / many
    assert abs(mean - float(way.cost)) <= 5 * error


def test_an_even_gap_hits_up_to_the_ttl_itself() -> None:
    """e^(-C gap) up to the TTL, included; nothing beyond; nothing behind a part that changes with every query."""
    pace = Pace(gap=MINUTES_5)
    assert pace.hit_share(Fraction(0), MINUTES_5) == 1
    assert pace.hit_share(Fraction(0), MINUTES_5 - timedelta(microseconds=1)) == 0
    assert pace.hit_share(None, HOUR) == 0
    assert round(pace.hit_share(Fraction(12), HOUR), 12) == Fraction("0.367879441171")  # 1/e


@given(
    tokens=st.lists(st.integers(1, 40_000), min_size=1, max_size=5),
    gap=st.sampled_from([MINUTES_5 / 5, MINUTES_5, MINUTES_5 * 2, HOUR, HOUR * 2]),
)
def test_parts_that_never_change_cost_what_their_sum_costs(tokens: list[int], gap: timedelta, catalog: Catalog) -> None:
    """So that a workload of several parts is one with a context of all of them."""
    parts = [Piece(f"part {place}", each) for place, each in enumerate(tokens)]
    for pace in (Pace(gap=gap), Pace(rate=Fraction(HOUR / gap))):
        whole = placed(catalog, [Piece("context", sum(tokens))], pace)
        assert placed(catalog, parts, pace).best.total == whole.best.total


# Known answers ----------------------------------------------------------


def test_what_never_changes_is_read_and_the_rest_is_sent_plain(catalog: Catalog) -> None:
    """Sonnet 4.5 at $3: a query every 5 min reads 20,000 x 0.30 and sends 1,000 x 3: 0.006 + 0.003 = 0.009 of 0.063;
    one breakpoint at the end writes all 21,000 anew each time: 21,000 x 3.75 = 0.07875."""
    placement = placed(catalog, [Piece("docs", 20_000), Piece("chat", 1_000, None)], Pace(gap=MINUTES_5))
    assert (placement.fresh.total, placement.best.total) == (Decimal("0.063"), Decimal("0.009"))
    assert (placement.best.stops, placement.best.ttl) == (((0, "5m"),), "5m")
    end = next(way for way in placement.ways if (way.name, way.ttl) == ("one", "5m"))
    assert end.total == Decimal("0.07875")
    assert [life.least for life in placement.lives] == [Fraction(5, 23), Fraction(10, 19)]


def test_a_breakpoint_below_the_minimum_is_not_placed(catalog: Catalog) -> None:
    """1,024 tokens at Sonnet 4.5, both sides of the edge; the prefix counts, not the part."""
    pace = Pace(gap=timedelta(minutes=1))
    for tokens, stops in ((1_023, ()), (1_024, ((0, "5m"),))):
        assert placed(catalog, [Piece("system", tokens), Piece("chat", 10, None)], pace).best.stops == stops
    assert placed(catalog, [Piece("system", 1_000), Piece("tools", 24)], pace).best.stops == ((1, "5m"),)


def test_a_limit_takes_the_breakpoints_that_matter(catalog: Catalog) -> None:
    """The sheet says 4; at most 1 costs more than at most 4, which cannot cost less than no limit."""
    pieces = [Piece(f"part {n}", 4_000, Fraction(n)) for n in range(7)]
    one, four = (placed(catalog, pieces, Pace(rate=Fraction(12)), most=most) for most in (1, None))
    assert (one.most, four.most) == (1, 4)
    unlimited = min(way.cost for way in four.ways if way.name == "unlimited")
    assert unlimited < four.best.cost < one.best.cost


def test_a_long_ttl_before_a_short_one_can_beat_both(catalog: Catalog) -> None:
    """12 queries an hour: the head never changes and costs 2 - 1.9 H in 1h; the tail changes 12 times an hour, so that
    it costs 1.25 - 1.15 H in 5m, where half of what is alive is unchanged."""
    placement = placed(catalog, [Piece("head", 50_000), Piece("tail", 50_000, Fraction(12))], Pace(rate=Fraction(12)))
    assert placement.best.stops == ((0, "1h"), (1, "5m"))
    head, tail = (1 - math.exp(-12)), 0.5 * (1 - math.exp(-2))
    assert float(placement.best.cost) == pytest.approx(50_000 * (2 - 1.9 * head + 1.25 - 1.15 * tail))


@pytest.mark.parametrize(
    ("pieces", "pace", "said"),
    [
        ([], Pace(rate=Fraction(1)), "expected 1 to 64 parts"),
        ([Piece("a", 0)], Pace(rate=Fraction(1)), "a: expected 1 to"),
        ([Piece("a", 9), Piece("a", 9)], Pace(rate=Fraction(1)), "a is given twice"),
        ([Piece("a", 9, Fraction(-1))], Pace(rate=Fraction(1)), "a: expected 0 changes"),
        ([Piece("a", 9)], Pace(), "say how queries come"),
        ([Piece("a", 9)], Pace(rate=Fraction(1), gap=HOUR), "say how queries come"),
        ([Piece("a", 9)], Pace(rate=Fraction(0)), "more than 0 queries per hour"),
    ],
)
def test_prompts_that_cannot_be_are_refused(pieces: list[Piece], pace: Pace, said: str, catalog: Catalog) -> None:
    """By the engine itself, for every caller."""
    with pytest.raises(BadWorkload, match=said):
        placed(catalog, pieces, pace)


def test_without_a_written_cache_there_are_no_breakpoints(catalog: Catalog) -> None:
    """Gemini finds prefixes by itself; a TTL that is not sold is refused with those that are."""
    with pytest.raises(NotSold, match="no breakpoints to place"):
        placed(catalog, [Piece("a", 9_000)], Pace(rate=Fraction(1)), "gemini-2.5-pro")
    with pytest.raises(NotSold, match="does not sell a TTL of 30m; it sells 5m, 1h"):
        Placement(catalog.sheet(SONNET), [Piece("a", 9_000)], Pace(rate=Fraction(1)), at=NOW, ttls=["30m"])


# The command ------------------------------------------------------------

ASKED = (
    "breakpoints",
    SONNET,
    "--part",
    "docs=20K",
    "--part",
    "chat=1K@each",
    "--every",
    "5m",
    "--as-of",
    "2026-11-01",
)
SENTENCE = "Put a breakpoint after docs with a TTL of 5m: a query's prompt costs $0.009 instead of $0.063 (86% less)."


def test_the_command_answers_in_every_format() -> None:
    """The same worked sums as above; the sentence comes last, every digit in JSON and CSV."""
    assert run(*ASKED).out.rstrip().endswith(SENTENCE)
    assert run(*ASKED, "--format", "markdown").out.rstrip().endswith(f"**{SENTENCE}**")
    answer = run(*ASKED, "--json").json
    assert (answer["best"]["total"], answer["best"]["savings"], answer["at_most"]) == ("0.009", "0.054", 4)
    assert answer["best"]["after"] == [{"part": "docs", "ttl": "5m"}]
    assert [part["hit_shares"]["5m"] for part in answer["parts"]] == ["1", "0"]
    rows = list(csv.DictReader(io.StringIO(run(*ASKED, "--format", "csv").out)))
    assert [row["total"] for row in rows if row["breakpoints"] in ("none", "one") and row["ttl"] != "1h"] == [
        "0.063",
        "0.07875",
    ]
    assert [row["best"] for row in rows].count("true") == 1


@pytest.mark.parametrize("columns", [60, 80])
def test_the_answer_fits_a_terminal(columns: int) -> None:
    """No line is longer than the terminal is wide."""
    ran = run(*ASKED, "--part", "a-rather-long-name=3K@1/d", columns=columns)
    assert ran.code == 0
    assert max(map(len, re.sub(r"\x1b\[[0-9;]*m", "", ran.out).splitlines())) <= columns


def test_a_part_is_written_as_a_name_tokens_and_how_often_it_changes() -> None:
    """A rate, each, never, or nothing, which is never."""
    assert piece("docs=80K@2/h") == Piece("docs", 80_000, Fraction(2))
    assert piece("chat=5K@each") == Piece("chat", 5_000, None)
    assert piece("system=8K") == piece("system=8K@never") == Piece("system", 8_000, Fraction(0))
    for text in ("docs", "docs=", "=8K", "docs=8K@"):
        with pytest.raises(BadQuantity, match="is not a part; expected NAME=TOKENS"):
            piece(text)
    with pytest.raises(BadQuantity, match="or never, or each where it changes with every query"):
        piece("docs=8K@often")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--part: say what the prompt is made of"),
        (("--part", "docs=8m", "--rate", "1/h"), "--part: docs: '8m' is not a count"),
        (("--part", "docs=8K"), "--rate: say how queries come"),
        (("--part", "docs=8K", "--rate", "12"), "--rate: '12' is not a rate"),
        (("--part", "docs=8K", "--rate", "1/h", "--at-most", "0"), "--at-most: expected at least one"),
    ],
)
def test_wrong_usage_is_one_line(arguments: tuple[str, ...], said: str) -> None:
    """Exit 2, the flag that is wrong first, nothing on stdout."""
    ran = run("breakpoints", SONNET, *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"cachecost: {said}")
