"""Office hours: queries come in working hours, by the clock of the office, also when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from cachecost.errors import BadQuantity, BadWorkload
from cachecost.hours import opening, spans
from cachecost.questions.words import Question
from cachecost.workload.office import instants
from cachecost.workload.workload import Workload

from ..command import run

M, H = timedelta(minutes=1), timedelta(hours=1)
BERLIN = "mon-fri 09:00-17:00 Europe/Berlin"


def workload(office: str, start: str, queries: int = 5, **words: str) -> Workload:
    question = Question(question="0", answer="0", queries=str(queries), office=office, **words)  # type: ignore[arg-type]
    return question.workload(1_000, now=datetime.fromisoformat(start).replace(tzinfo=UTC))


def moments(work: Workload) -> list[str]:
    return [f"{work.start + after:%m-%d %H:%M}" for after in work.times]


def test_a_query_after_closing_comes_at_the_next_opening() -> None:
    """Every 3 h of open time from Friday 15:00 in Berlin (14:00 UTC in winter): the third falls on Monday."""
    work = workload(BERLIN, "2026-11-06T14:00", every="3h")
    assert moments(work) == ["11-06 14:00", "11-09 09:00", "11-09 12:00", "11-09 15:00", "11-10 10:00"]


def test_a_query_on_the_minute_of_closing_comes_at_the_next_opening() -> None:
    """Hours are half-open: at 17:00 the office is closed. Eight open hours a day, every four."""
    work = workload("09:00-17:00", "2026-11-02T00:00", every="4h")
    assert moments(work) == ["11-02 09:00", "11-02 13:00", "11-03 09:00", "11-03 13:00", "11-04 09:00"]


def test_openings_follow_the_clock_of_their_zone_when_it_changes() -> None:
    """Berlin left summer time on 2026-10-25 and New York on 2026-11-01; 09:00 there is 07:00 and then 08:00 UTC, 13:00
    and then 14:00."""
    begins = [
        begin for begin, _ in islice(spans(opening("09:00-17:00 Europe/Berlin"), datetime(2026, 10, 24, tzinfo=UTC)), 3)
    ]
    assert [f"{begin:%d %H}" for begin in begins] == ["24 07", "25 08", "26 08"]
    begins = [
        begin
        for begin, _ in islice(spans(opening("09:00-17:00 America/New_York"), datetime(2026, 10, 31, tzinfo=UTC)), 2)
    ]
    assert [f"{begin:%d %H}" for begin in begins] == ["31 13", "01 14"]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 7), ("2026-10-25", 9), ("2026-06-01", 8)])
def test_a_night_in_which_clocks_change_is_an_hour_shorter_or_longer(day: str, hours: int) -> None:
    """From 22:00 to 06:00 in Berlin: 7 hours into the last Sunday of March, 9 into that of October, otherwise 8."""
    begin = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Europe/Berlin")) - 3 * H
    start, end = next(spans(opening("22:00-06:00 Europe/Berlin"), begin.astimezone(UTC)))
    assert end - start == hours * H


def test_hours_that_touch_are_one_opening() -> None:
    """Until noon and from noon on; and an office that never closes is open for ever."""
    begin, end = next(spans(opening("09:00-12:00,12:00-17:00"), datetime(2026, 11, 2, tzinfo=UTC)))
    assert (begin.hour, end.hour) == (9, 17)
    start = datetime(2026, 11, 2, tzinfo=UTC)
    assert instants(opening("00:00-24:00"), start, [hours * 3_600_000_000 for hours in (0, 1000, 20_000)]) == [
        start,
        start + 1000 * H,
        start + 20_000 * H,
    ]


def test_in_an_office_that_never_closes_poisson_pauses_are_those_of_the_street() -> None:
    """Two roads to one law: the sum over openings, and e^(-rate x t)."""
    work = workload("00:00-24:00", "2026-11-02T00:00", queries=30, rate="4/h", arrivals="poisson")
    street = Workload(1_000, 0, 0, 30, start=work.start, rate=Fraction(4), arrivals="poisson")
    for than in (5 * M, 30 * M, 3 * H):
        assert abs(work.law(30).share_longer(than) - street.law(30).share_longer(than)) <= Fraction(2, 10**24)


def test_over_a_time_queries_are_even_in_open_time() -> None:
    """Five over 16 open hours, every four of them."""
    work = workload("09:00-17:00", "2026-11-02T00:00", over="16h")
    assert moments(work) == ["11-02 09:00", "11-02 13:00", "11-03 09:00", "11-03 13:00", "11-04 09:00"]


@pytest.mark.parametrize("office", ["09:00-17:00", "sun 03:00-03:01"])
@pytest.mark.parametrize("arrivals", ["even", "poisson"])
def test_queries_over_more_than_a_thousand_years_are_too_many(office: str, arrivals: str) -> None:
    """One in 1,000 days of open time: 10,000 of them are some 27,000 years, and the hours are open in each of them."""
    with pytest.raises(BadWorkload, match=r"queries: .*365,250 days.* ask for fewer or closer ones"):
        workload(office, "2026-11-02T00:00", 10_000, rate="1/1000d", arrivals=arrivals)


def test_queries_whose_rare_hours_reach_over_a_thousand_years_are_too_many() -> None:
    """One a minute in hours of a minute a week: 100,000 of them come in 100,000 weeks, 1,900 years."""
    with pytest.raises(BadWorkload, match=r"queries: .*365,250 days.* ask for fewer or closer ones"):
        workload("sun 03:00-03:01", "2026-11-02T00:00", 100_000, every="1m")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mon 9-17", "no hours of a day"),
        ("mon-fri", "no office hours"),
        ("mo-fr 09:00-17:00", "no days of the week"),
        ("09:00-17:00 Berlin", "no zone"),
        ("09:00-17:00 ../etc/passwd", "no zone"),
        ("mon 09:00-17:00 UTC now", "no office hours"),
    ],
)
def test_hours_that_are_none_are_refused(text: str, message: str) -> None:
    """With the word first and what was expected."""
    with pytest.raises(BadQuantity, match=rf"office: .*{message}"):
        workload(text, "2026-11-02T00:00", every="5m")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({}, "say how queries come in open hours"),
        ({"every": "5m", "rate": "4/h"}, "say how queries come in open hours"),
        ({"over": "8h", "arrivals": "random"}, "say how queries come in open hours"),
        ({"burst": "2@5m"}, "office: times, bursts and turns"),
        ({"turns": "4", "every": "5m"}, "office: times, bursts and turns"),
    ],
)
def test_queries_that_cannot_come_so_in_an_office_are_refused(words: dict[str, str], message: str) -> None:
    """One way to come, and no other."""
    with pytest.raises(BadWorkload, match=message):
        workload(BERLIN, "2026-11-02T00:00", **words)


def test_a_day_of_two_queries_saves_nothing_over_night() -> None:
    """At 09:00 and 13:00 every day with a life of an hour: ten writes of 2 prefixes of $0.30."""
    answer = run(
        *"compare claude-sonnet-4-5 -c 100K -q 0 -a 0 -n 10 --every 4h".split(),
        *"--strategy written:1h --office 09:00-17:00".split(),
    )
    assert "one every 4 h, open 09:00-17:00" in answer.out
    assert "$6.00" in answer.out
