"""Every bill is what its events cost one after another, and every command gives the same bill.

Half of the questions begin shortly before a rate card does, since what is wrong is wrong where time meets a change of
rates, tiers or terms. By hand, any number of them: `python -m tests.test_events FIRST HOW_MANY`.
"""

from __future__ import annotations

import random
import statistics
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cachecost.bills.bill import Bill
from cachecost.bills.candidates import contenders, plans, priced
from cachecost.bills.comparison import compare
from cachecost.catalog.catalog import Catalog
from cachecost.errors import NotInForce, NotSold
from cachecost.hours import Window
from cachecost.prices.sheet import PriceSheet
from cachecost.questions.words import Question as Question_
from cachecost.strategies.assumptions import Assumptions
from cachecost.strategies.batches import basis
from cachecost.strategies.names import KEEP_ALIVE, SECOND_SIGHT, refreshed
from cachecost.strategies.plan import Plan
from cachecost.sweep.curve import curve
from cachecost.sweep.grid import Grid
from cachecost.sweep.lines import Axis
from cachecost.workload.arrivals import bursts
from cachecost.workload.workload import Workload

from .events import Asked, NotPriced, Page, Simulation, is_open, pages

PRICING = Path(__file__).parents[2] / "pricing"
MICROSECOND, M, H, D = timedelta(microseconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GAPS = [timedelta(0), M, 4 * M, 5 * M, 5 * M + MICROSECOND, 7 * M, 29 * M, 30 * M, 40 * M, H, 90 * M, 3 * H, 12 * H, D]
RATES = [Fraction(rate) for rate in (1, 3, 7, 11, 12, 13, "1/24", "40/3")]
LAST = datetime(2027, 3, 1, tzinfo=UTC)


class Question(NamedTuple):
    sheet: PriceSheet
    page: Page
    strategy: str
    workload: Workload
    assumptions: Assumptions


@cache
def known() -> tuple[list[tuple[PriceSheet, Page]], list[tuple[PriceSheet, Page]]]:
    """Every sheet beside its page as the simulator reads it; and once for each change that it has."""
    sheets = {sheet.id: sheet for sheet in Catalog(PRICING).sheets()}
    result = [(sheets[f"{page['provider']}/{page['model']}"], page) for page in pages(PRICING)]
    return result, [each for each in result for _ in each[0].cards[1:]]


def drawn(dice: random.Random) -> Question:
    """A question that any of the sheets could be asked."""
    every, changing = known()
    near = dice.random() < 0.5
    sheet, page = dice.choice(changing if near else every)
    cards = [card for card in sheet.cards if card.status != "cancelled"]
    if near and len(cards) > 1:
        start = dice.choice(cards[1:]).effective - dice.choice(GAPS) * dice.randrange(8) - dice.choice(GAPS)
    else:
        start = dice.choice(cards).effective + D * dice.randrange(60) + M * dice.randrange(1440)
    start = max(start, cards[0].effective)
    workload = shaped(dice, replace(WORK, start=start, context=size(dice), question=dice.choice([0, 1, 200, 3_000])))
    hold = dice.choice([None, None, timedelta(0), 10 * M, H, 7 * H + MICROSECOND])
    assumptions = Assumptions(hold=hold, first_query=dice.choice(["reads", "creates"]))
    try:
        offer = [plan.strategy for plan in plans(sheet, workload, assumptions)]
    except (NotSold, NotInForce):
        offer = ["fresh"]
    card = sheet.card(start)
    alive = [] if workload.grows else refreshed(SECOND_SIGHT, card, offer)
    idle = ["stored:15m", "stored:2h"] if "stored" in offer and not workload.grows else []
    names = [*offer[1:], *refreshed(KEEP_ALIVE, card, offer), *alive, *idle]
    strategy = dice.choice(names) if names and dice.random() < 0.9 else "fresh"
    return Question(sheet, page, strategy, workload, assumptions)


WORK = Workload(1_000, 0, 0, 1, LAST)


def size(dice: random.Random) -> int:
    """Round sizes, those about a minimum and those about a tier."""
    edge = dice.choice([256, 1_024, 2_048, 4_096, 32_000, 128_000, 200_000, 272_000])
    return dice.choice([edge, edge + 1, edge - 1, dice.randrange(1, 5_000), dice.randrange(1, 400_000)])


def shaped(dice: random.Random, work: Workload) -> Workload:
    queries, gap = dice.randrange(1, 30), dice.choice(GAPS)
    work = replace(work, queries=queries, answer=dice.choice([0, 7, 500]))
    match dice.choice(["every", "over", "rate", "burst", "times", "conversation"]):
        case "every":
            return replace(work, every=gap)
        case "over":
            return replace(work, over=gap * dice.randrange(9))
        case "rate":
            return replace(work, rate=dice.choice(RATES))
        case "burst":
            return replace(work, times=bursts(queries, dice.randrange(1, 5), gap))
        case "times":
            pauses = [dice.choice(GAPS) * dice.randrange(3) // 2 for _ in range(queries)]
            return replace(work, times=tuple(sum(pauses[:k], timedelta(0)) for k in range(1, queries + 1)))
        case _:
            return replace(work, grows=True, every=gap, tools=0)


def moments(work: Workload) -> tuple[Fraction, ...]:
    """By the words of the question alone, in microseconds."""
    n = work.queries
    if work.times:
        return tuple(Fraction(at // MICROSECOND) for at in work.times)
    if work.rate:
        return tuple(Fraction(k * 3_600_000_000) / work.rate for k in range(n))
    if work.over:
        return tuple(Fraction(k * (work.over // MICROSECOND), max(1, n - 1)) for k in range(n))
    return tuple(Fraction(k * ((work.every or timedelta(0)) // MICROSECOND)) for k in range(n))


def simulated(question: Question, at: tuple[Fraction, ...] = ()) -> Fraction | None:
    """What the events cost, at these moments instead of the workload's own; None where one of them has no price."""
    work, words = question.workload, question.assumptions
    at = at or moments(work)
    stay = work.queries * 3_600_000_000 / work.rate if work.rate else at[-1]
    hold = None if words.hold is None else Fraction(words.hold // MICROSECOND)
    creates = words.first_query == "creates"
    said = Asked(work.context, work.question, work.answer, work.start, at, stay, hold, work.grows, creates)
    try:
        return Simulation(question.page, question.strategy, said).total()
    except NotPriced:
        return None


def billed(question: Question) -> Fraction | None:
    sheet, _, strategy, work, words = question
    try:
        return Bill(Plan(strategy, work, sheet, words)).exact_total(work.queries)
    except NotSold:
        return None


def differs(question: Question) -> str | None:
    mine, theirs = billed(question), simulated(question)
    if mine == theirs:
        return None
    shown = [None if each is None else float(each) for each in (mine, theirs)]
    said = f"{question.strategy} on {question.sheet.id}: {shown[0]}, by events {shown[1]}"
    return f"{said}; {question.workload}, {question.assumptions}"


@pytest.mark.parametrize("first", range(0, 100, 50))
def test_a_bill_is_what_its_events_cost_one_after_another(first: int) -> None:
    """To the last digit, on any sheet."""
    wrong = [said for seed in range(first, first + 50) if (said := differs(drawn(random.Random(seed))))]
    assert not wrong


# Queries that come by a law -------------------------------------------------------------------------------------------

CUT = datetime(2026, 8, 21, tzinfo=UTC)
LAWS: dict[str, dict[str, Any]] = {
    "poisson": {"rate": Fraction(4), "arrivals": "poisson"},
    "random": {"over": 5 * H, "arrivals": "random"},
}
BY_LAW = [
    ("openai/gpt-5.6-sol", "keep-alive:30m", 60_000, CUT - 2 * H, {}),
    ("openai/gpt-5.6-sol", "second-sight:30m", 60_000, CUT - 2 * H, {}),
    ("google/gemini-1.5-pro", "stored:15m", 60_000, datetime(2024, 9, 30, 22, tzinfo=UTC), {}),
    ("google/gemini-1.5-pro", "stored:2h", 60_000, datetime(2024, 9, 30, 22, tzinfo=UTC), {}),
    ("google/gemini-1.5-pro", "stored", 60_000, datetime(2024, 9, 30, 22, tzinfo=UTC), {"hold": 3 * H}),
    ("google/gemini-2.5-pro", "automatic", 3_000, datetime(2025, 11, 30, 22, tzinfo=UTC), {}),
]


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize(("model", "strategy", "context", "start", "words"), BY_LAW)
def test_a_law_over_a_change_costs_what_its_events_cost_on_average(
    model: str, strategy: str, context: int, start: datetime, words: dict[str, Any], law: str
) -> None:
    """100 runs of 12 queries whose rates, or minimum, change two hours after the first: inside five standard errors."""
    sheet, page = next(each for each in known()[0] if each[0].id == model)
    work = Workload(context, 100, 200, 12, start, **LAWS[law])
    question = Question(sheet, page, strategy, work, Assumptions(**words))
    dice = random.Random(5)
    totals = [float(simulated(question, arrivals(dice, work)) or 0) for _ in range(100)]
    error = statistics.stdev(totals) / len(totals) ** 0.5
    plan = Plan(strategy, work, sheet, question.assumptions)
    assert abs(float(Bill(plan).total(12)) - statistics.mean(totals)) < 5 * error
    assert basis(plan) is not None


def arrivals(dice: random.Random, work: Workload) -> tuple[Fraction, ...]:
    if work.rate:
        hours = accumulate((dice.expovariate(float(work.rate)) for _ in range(work.queries - 1)), initial=0.0)
    else:
        hours = iter(sorted(dice.random() * 5 for _ in range(work.queries)))
    return tuple(Fraction(int(hour * 3.6e9)) for hour in hours)


# One bill, whichever command is asked ---------------------------------------------------------------------------------


def asked_of_all(seed: int) -> Question:
    """A question that can be asked for any number of queries."""
    dice = random.Random(seed)
    while True:
        result = drawn(dice)
        if not result.workload.times and billed(result) is not None:
            return result


@pytest.mark.parametrize("seed", range(12))
def test_a_curve_is_what_compare_says_at_every_number_of_queries(seed: int) -> None:
    """With every strategy that compare has an answer for, and so are the cells of a sweep. A free model bills 0.00."""
    sheet, _, _, work, question = asked_of_all(seed)
    points = range(1, work.queries + 1)
    try:
        drawn_up = curve(sheet, work, points, assumptions=question)
    except NotSold:
        return
    grid = Grid(sheet, work, question, [Axis("queries", tuple(points))])
    for n, cell in zip(points, grid.cells, strict=True):
        answers = compare([(sheet, replace(work, queries=n))], today=LAST.date(), assumptions=question).answers
        totals = {answer.strategy: answer.total for answer in answers}
        assert {line.strategy: line.totals[n - 1] for line in drawn_up.lines} == totals
        priced = zip(grid.strategies, cell.totals, strict=True)
        assert {name: total for name, total in priced if total is not None} == totals


@pytest.mark.parametrize("seed", range(30, 45))
def test_a_plan_takes_the_smallest_of_all_bills(seed: int) -> None:
    """Among those that it weighs, pings included."""
    sheet, _, _, work, question = asked_of_all(seed)
    try:
        bills = [Bill(plan).total(work.queries) for plan in contenders(sheet, work, question)]
    except NotSold:
        return
    assert priced(sheet, work, question, offer=contenders).best[1] == min(bills)


# Worked by hand -------------------------------------------------------------------------------------------------------


def total(catalog: Catalog, model: str, strategy: str, work: Workload, **workload: Any) -> Decimal:
    return Bill(Plan(strategy, work, catalog.sheet(model), Assumptions(**workload))).total(work.queries)


def test_a_stored_cache_at_a_rate_is_paid_for_as_long_as_its_queries_take(catalog: Catalog) -> None:
    """13 queries at 12 an hour take 65 minutes, 5 more than the default: 2.50 created, 13 x 0.25 read, and
    65/60 x 4.50 = 4.875 of rent make 10.625, in a curve as well."""
    work = Workload(10**6, 0, 0, 13, datetime(2026, 11, 1, tzinfo=UTC), rate=Fraction(12))
    sheet = catalog.sheet("gemini-2.5-pro")
    assert total(catalog, sheet.id, "stored", work) == Decimal("10.625")
    drawn_up = curve(sheet, work, range(11, 16), assumptions=Assumptions(), strategies=["stored"])
    assert drawn_up.lines[-1].totals[2] == Decimal("10.625")


def test_creations_are_whole_and_paid_at_their_own_instants(catalog: Catalog) -> None:
    """Under an hour's time-out, queries at 20:00, 23:30, 23:31 and 00:01 on the day of a cut: two creations at 7.00,
    3 reads at 1.75 and one at 0.625, and 1 h + 1 h 31 min of 1M tokens at 4.50, 11.325: 31.20."""
    times = (timedelta(0), 210 * M, 211 * M, 241 * M)
    work = Workload(10**6, 0, 0, 4, datetime(2024, 9, 30, 20, tzinfo=UTC), times=times)
    assert total(catalog, "gemini-1.5-pro", "stored:1h", work) == Decimal("31.20")


def test_the_eighth_query_at_seven_an_hour_comes_on_the_hour(catalog: Catalog) -> None:
    """01:00 UTC is 09:00 in Shanghai, when dear hours begin: 7 x 150,000 x 0.15 and 150,000 x 0.30 = 0.1575 + 0.045."""
    work = Workload(150_000, 0, 0, 8, datetime(2026, 11, 30, tzinfo=UTC), rate=Fraction(7))
    assert total(catalog, "deepseek-v4-flash", "fresh", work) == Decimal("0.2025")


def test_a_minimum_that_rises_ends_what_was_cached(catalog: Catalog) -> None:
    """3,000 tokens every hour from a day before the minimum of Gemini 2.5 Pro became 4,096: one sent, 23 read at 0.125,
    25 sent at 1.25: 26 x 0.00375 + 23 x 0.000375 = 0.106125."""
    work = Workload(3_000, 0, 0, 49, datetime(2025, 11, 30, tzinfo=UTC), every=H)
    assert total(catalog, "gemini-2.5-pro", "automatic", work) == Decimal("0.106125")
    best = compare([(catalog.sheet("gemini-2.5-pro"), work)], today=date(2025, 11, 30)).best.warnings
    assert any(said.startswith("caching terms change on 2025-12-01, inside this workload") for said in best)


def test_a_minimum_that_falls_lets_the_next_query_write(catalog: Catalog) -> None:
    """1,500 tokens, a minute before and a minute after the minimum of Sonnet 4.6 became 1,024, and a minute later: sent
    at 3.00, written at 3.75, read at 0.30: 0.0045 + 0.005625 + 0.00045 = 0.010575."""
    work = Workload(1_500, 0, 0, 3, datetime(2026, 5, 15, tzinfo=UTC) - M, times=(timedelta(0), 2 * M, 3 * M))
    assert total(catalog, "claude-sonnet-4-6", "written:5m", work) == Decimal("0.010575")


def test_one_read_rate_becomes_two(catalog: Catalog) -> None:
    """Qwen3 Max, 100,000 tokens, the hour before and after its two kinds of reads were split: 0.24 sent, and a read at
    0.48 per 1M, then one at 0.48 under its own name: 0.24 + 0.048 = 0.288 for two."""
    work = Workload(100_000, 0, 0, 2, datetime(2026, 1, 28, 23, tzinfo=UTC), every=H)
    sheet = catalog.sheet("qwen3-max")
    assert sheet.card(work.start).rows != sheet.card(work.start + H).rows
    assert total(catalog, "qwen3-max", "automatic:2h", work) == Decimal("0.288")


def test_pings_cost_what_they_cost_when_they_are_sent(catalog: Catalog) -> None:
    """From 20:00 to 02:00 on the day of a cut, every half hour: 7 pings up to 23:30 at 0.50 per 1M, 4 from midnight at
    0.40, the write at 6.25, the last read at 0.40: 0.625 + 0.35 + 0.16 + 0.04 = 1.175."""
    work = Workload(100_000, 0, 0, 2, CUT - 4 * H, every=6 * H)
    assert total(catalog, "openai/gpt-5.6-sol", "keep-alive:30m", work) == Decimal("1.175")
    times = replace(work, every=None, times=(timedelta(0), 6 * H))
    assert total(catalog, "openai/gpt-5.6-sol", "keep-alive:30m", times) == Decimal("1.175")


def test_a_ping_has_the_tier_of_what_it_reads(catalog: Catalog) -> None:
    """271,500 tokens are under 272,000, with a question of 1,000 they are over.

    2.715 written at 10.00, 3 pings of 0.1086 at 0.40 and not 0.80, 0.2172 read at 0.80, and two questions of 0.008.
    """
    work = Workload(271_500, 1_000, 0, 2, datetime(2026, 11, 1, tzinfo=UTC), every=2 * H)
    assert total(catalog, "openai/gpt-5.6-sol", "keep-alive:30m", work) == Decimal("3.274")


@pytest.mark.parametrize(
    ("hours", "at", "opened"),
    [
        ("00:30-02:30", "2026-10-25T00:29:59Z", True),
        ("00:30-02:30", "2026-10-25T00:30:00Z", False),
        ("00:30-02:30", "2026-10-25T01:15:00Z", False),
        ("02:30-04:00", "2026-10-25T00:30:00Z", True),
        ("02:30-04:00", "2026-10-25T01:15:00Z", True),
        ("02:30-04:00", "2026-10-25T03:00:00Z", False),
        ("02:30-04:00", "2026-03-29T00:59:59Z", False),
        ("02:30-04:00", "2026-03-29T01:00:00Z", True),
    ],
)
def test_a_window_over_an_hour_that_comes_twice_or_never_is_read_by_instants(hours: str, at: str, opened: bool) -> None:
    """Berlin shows 02:00 to 03:00 twice on 2026-10-25: 02:30 is 00:30Z first, and 01:15Z shows 02:15 again. On
    2026-03-29 it jumps from 02:00 to 03:00 at 01:00Z. https://eur-lex.europa.eu/eli/dir/2000/84/oj"""
    moment = datetime.fromisoformat(at)
    assert is_open({"zone": "Europe/Berlin", "hours": hours}, moment) is opened
    opening, closing = (time.fromisoformat(each) for each in hours.split("-"))
    assert Window(((opening, closing),), frozenset(range(7)), "Europe/Berlin").is_open(moment) is opened


def test_a_hit_share_is_the_fraction_that_it_says(catalog: Catalog) -> None:
    """10 queries of 128,000 tokens of which a third of nine later ones read: 7 x 0.16 + 3 x 0.016 = 1.168."""
    words = Question_(hit_share="1/3")
    work = Workload(128_000, 0, 0, 10, datetime(2026, 11, 1, tzinfo=UTC))
    bill = Bill(Plan("automatic", work, catalog.sheet("gpt-5"), words.assumptions()))
    assert bill.exact_total(10) == Fraction("1.168")


if __name__ == "__main__":
    begin, many = int(sys.argv[1]), int(sys.argv[2])
    for number in range(begin, begin + many):
        if told := differs(drawn(random.Random(number))):
            print(number, told)
