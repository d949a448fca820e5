"""Every bill is what its events cost one after another, and every command gives the same bill.

Half of the questions begin shortly before a rate card does, since what is wrong is wrong where time meets a change of
rates, tiers or terms. By hand, any number of them: `python -m tests.test_events FIRST HOW_MANY`.
"""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from cachecost.bill import Bill, plans
from cachecost.catalog import Catalog
from cachecost.errors import NotInForce, NotSold
from cachecost.offer import kept_alive
from cachecost.schedule import bursts
from cachecost.sheet import PriceSheet
from cachecost.strategy import Assumptions, Plan
from cachecost.workload import Workload

from .oracles.events import Asked, NotPriced, Page, Simulation, pages

PRICING = Path(__file__).parents[1] / "pricing"
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
    sheets = {sheet.id: sheet for sheet in Catalog(PRICING, today=date(2027, 1, 1)).sheets()}
    found = [(sheets[f"{page['provider']}/{page['model']}"], page) for page in pages(PRICING)]
    return found, [each for each in found for _ in each[0].cards[1:]]


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
    asked = Assumptions(hold=hold, first_query=dice.choice(["reads", "creates"]))
    try:
        offer = [plan.strategy for plan in plans(sheet, workload, asked)]
    except (NotSold, NotInForce):
        offer = ["fresh"]
    card = sheet.card(start)
    alive = [] if workload.grows else [name.replace("keep-alive", "second-sight") for name in kept_alive(card, offer)]
    idle = ["stored:15m", "stored:2h"] if "stored" in offer and not workload.grows else []
    names = [*offer[1:], *kept_alive(card, offer), *alive, *idle]
    strategy = dice.choice(names) if names and dice.random() < 0.9 else "fresh"
    return Question(sheet, page, strategy, workload, asked)


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
    work, asked = question.workload, question.assumptions
    at = at or moments(work)
    stay = work.queries * 3_600_000_000 / work.rate if work.rate else at[-1]
    hold = None if asked.hold is None else Fraction(asked.hold // MICROSECOND)
    creates = asked.first_query == "creates"
    said = Asked(work.context, work.question, work.answer, work.start, at, stay, hold, work.grows, creates)
    try:
        return Simulation(question.page, question.strategy, said).total()
    except NotPriced:
        return None


def billed(question: Question) -> Fraction | None:
    sheet, _, strategy, work, asked = question
    try:
        return Bill(Plan(strategy, work, sheet, asked)).exact_total(work.queries)
    except NotSold:
        return None


def differs(question: Question) -> str | None:
    mine, theirs = billed(question), simulated(question)
    if mine == theirs:
        return None
    shown = [None if each is None else float(each) for each in (mine, theirs)]
    said = f"{question.strategy} on {question.sheet.id}: {shown[0]}, by events {shown[1]}"
    return f"{said}; {question.workload}, {question.assumptions}"


@pytest.mark.parametrize("first", range(0, 400, 50))
def test_a_bill_is_what_its_events_cost_one_after_another(first: int) -> None:
    """To the last digit, on any sheet."""
    wrong = [said for seed in range(first, first + 50) if (said := differs(drawn(random.Random(seed))))]
    assert not wrong


if __name__ == "__main__":
    begin, many = int(sys.argv[1]), int(sys.argv[2])
    for number in range(begin, begin + many):
        if told := differs(drawn(random.Random(number))):
            print(number, told)
