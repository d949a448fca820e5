"""Hours of a day: written one way, and open the same for a price window and for an office, also when clocks change."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import takewhile

import pytest

from cachecost.errors import BadQuantity, NotInForce
from cachecost.hours import Window, hours_of_day, opening, spans, weekdays

from .conftest import ROOT

M, D = timedelta(minutes=1), timedelta(days=1)
ALL = frozenset(range(7))


def on_the_day(text: str, day: str) -> tuple[Window, datetime, datetime]:
    """These hours on the weekday of `day` alone, and two days round it in UTC."""
    noon = datetime.fromisoformat(f"{day}T12:00Z")
    return replace(opening(text), days=frozenset({noon.weekday()})), noon - 1.5 * D, noon + 1.5 * D


def test_hours_of_utc_need_no_time_zone_data_and_those_of_another_zone_name_the_package() -> None:
    """As in an image that has neither the system's data nor the package."""
    code = (
        "import sys; sys.modules['tzdata'] = None\n"
        "from datetime import date\n"
        "from cachecost.hours import opening\n"
        "print(opening('09:00-17:00 UTC').on(date(2026, 11, 2))[0][0])\n"
        "opening('09:00-17:00 Europe/Berlin')"
    )
    env = {**os.environ, "PYTHONTZPATH": "/nonexistent", "PYTHONPATH": str(ROOT / "calc")}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert ran.stdout == "2026-11-02 09:00:00+00:00\n"
    assert "time zone data is missing, which Europe/Berlin needs: pip install tzdata" in ran.stderr


CLOCKS_CHANGE = [
    # Berlin, 2026-10-25: at 03:00 summer time (01:00 UTC) back to 02:00, so 02:30 is 00:30 and 01:30 UTC.
    ("02:30-10:00 Europe/Berlin", "2026-10-25", ["00:30-09:00"]),  # opens once, at the first 02:30
    ("01:00-02:30 Europe/Berlin", "2026-10-25", ["23:00-00:30"]),  # closes at the first 02:30 and stays closed
    ("02:15-02:45 Europe/Berlin", "2026-10-25", ["00:15-00:45"]),
    ("02:00-03:00 Europe/Berlin", "2026-10-25", ["00:00-02:00"]),  # both hours between two and three
    ("22:00-02:30 Europe/Berlin", "2026-10-24", ["20:00-00:30"]),  # from the evening before
    # Berlin, 2026-03-29: at 02:00 winter time (01:00 UTC) forward to 03:00, so no clock shows 02:30.
    ("02:30-10:00 Europe/Berlin", "2026-03-29", ["01:00-08:00"]),  # the first minute after 02:30 is 03:00
    ("01:00-02:30 Europe/Berlin", "2026-03-29", ["00:00-01:00"]),
    ("02:15-02:45 Europe/Berlin", "2026-03-29", []),
    ("01:00-02:15,02:45-04:00 Europe/Berlin", "2026-03-29", ["00:00-02:00"]),  # the pause is in the missing hour
    # Lord Howe, 2026-04-05: at 02:00 summer time (UTC+11, 15:00 UTC on the 4th) back by half an hour to 01:30.
    ("01:45-06:00 Australia/Lord_Howe", "2026-04-05", ["14:45-19:30"]),
    # Havana, 2026-03-08: midnight (05:00 UTC) becomes 01:00.
    ("00:00-08:00 America/Havana", "2026-03-08", ["05:00-12:00"]),
    # Apia had no 2011-12-30: the clock went from the 29th (UTC-10) to the 31st (UTC+14).
    ("09:00-17:00 Pacific/Apia", "2011-12-30", []),
]


@pytest.mark.parametrize(("text", "day", "expected"), CLOCKS_CHANGE)
def test_a_price_window_is_one_stretch_when_clocks_change(text: str, day: str, expected: list[str]) -> None:
    """Each minute is asked whether it is open; opening and closing are worked by hand in UTC."""
    window, begin, end = on_the_day(text, day)
    minutes = [begin + M * k for k in range((end - begin) // M)]
    turns = [f"{at:%H:%M}" for at in minutes if window.is_open(at) != window.is_open(at - M)]
    assert [f"{one}-{two}" for one, two in zip(turns[::2], turns[1::2], strict=True)] == expected


@pytest.mark.parametrize(("text", "day", "expected"), CLOCKS_CHANGE)
def test_an_office_is_open_when_a_price_window_of_the_same_hours_is(text: str, day: str, expected: list[str]) -> None:
    """The same stretches as instants between which queries come."""
    window, begin, end = on_the_day(text, day)
    assert [f"{one:%H:%M}-{two:%H:%M}" for one, two in takewhile(lambda span: span[0] < end, spans(window, begin))] == (
        expected
    )


@pytest.mark.parametrize(
    ("zone", "begin"),
    [
        ("Europe/Berlin", datetime(2026, 3, 28, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 10, 24, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 7, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 10, 31, tzinfo=UTC)),
        ("America/St_Johns", datetime(2010, 11, 6, tzinfo=UTC)),  # 00:01 becomes 23:01 of the 6th
        ("Australia/Lord_Howe", datetime(2026, 4, 4, tzinfo=UTC)),
        ("Asia/Shanghai", datetime(2026, 3, 28, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize(
    "hours",
    [
        ((time(2, 30), time(10)),),
        ((time(1), time(2, 15)), (time(2, 45), time(3, 30))),
        ((time(22), time(2, 30)),),
        ((time(0), time(0)),),
    ],
)
def test_between_two_edges_a_window_is_open_or_closed_throughout(
    zone: str, begin: datetime, hours: tuple[tuple[time, time], ...]
) -> None:
    """Every minute of three days round a change of the clocks: a turn is an edge, and open minutes lie in a span."""
    window, end = Window(hours, ALL, zone), begin + 3 * D
    edges = window.edges(begin, end)
    assert edges == sorted(set(edges))
    minutes = [begin + M * k for k in range(3 * 24 * 60)]
    assert {after for after in minutes[1:] if window.is_open(after) != window.is_open(after - M)} <= set(edges)
    open_spans = list(takewhile(lambda span: span[0] < end, spans(window, begin)))
    assert [at for at in minutes if window.is_open(at)] == [
        at for at in minutes if any(one <= at < two for one, two in open_spans)
    ]


def test_an_instant_that_is_no_day_in_a_zone_is_refused() -> None:
    """The last day of the calendar ends on a day that Python does not have."""
    with pytest.raises(NotInForce, match="no day in Asia/Shanghai"):
        opening("09:00-17:00 Asia/Shanghai").is_open(datetime.max.replace(tzinfo=UTC))


def test_weekdays_may_run_over_the_weekend() -> None:
    """From Friday to Monday are four days; a list may have blanks."""
    assert weekdays("fri-mon") == {4, 5, 6, 0}
    assert weekdays("mon-tue, sat") == {0, 1, 5}


@pytest.mark.parametrize("text", ["mon-", "-fri", "mon-tue-wed", "", "mon,", "monday"])
def test_words_that_are_no_weekdays_are_refused(text: str) -> None:
    """Half a range, three ends, nothing, a long name."""
    with pytest.raises(BadQuantity, match="expected weekdays such as mon-fri"):
        weekdays(text)


def test_the_whole_day_is_written_one_way() -> None:
    """From midnight to 24:00; hours that end in the minute in which they begin are a slip."""
    assert hours_of_day("00:00-24:00") == (time(0), time(0))
    for text in ("00:00-00:00", "09:00-09:00"):
        with pytest.raises(BadQuantity, match="cannot begin and end at the same minute"):
            hours_of_day(text)
