"""When a window of hours may open or close: no minute of a year changes unseen, clocks that jump included."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from cachecost.window import Window

M = timedelta(minutes=1)
DAYS = frozenset(range(7))


@pytest.mark.parametrize(
    ("zone", "begin"),
    [
        ("Europe/Berlin", datetime(2026, 3, 28, tzinfo=UTC)),  # 02:00 becomes 03:00 on 2026-03-29
        ("Europe/Berlin", datetime(2026, 10, 24, tzinfo=UTC)),  # 03:00 becomes 02:00 on 2026-10-25
        ("America/New_York", datetime(2026, 3, 7, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 10, 31, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, tzinfo=UTC)),  # half an hour
        ("Asia/Shanghai", datetime(2026, 3, 28, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize(
    "hours",
    [
        ((time(2, 30), time(10)),),
        ((time(1), time(2, 15)), (time(2, 45), time(3, 30))),
        ((time(22), time(2, 30)),),
    ],
)
def test_between_two_edges_a_window_is_open_or_closed_throughout(
    zone: str, begin: datetime, hours: tuple[tuple[time, time], ...]
) -> None:
    """Every minute of three days round a change of the clocks is asked: one that differs from the last is an edge."""
    window, end = Window(hours, DAYS, zone), begin + timedelta(days=3)
    edges = window.edges(begin, end)
    assert edges == sorted(set(edges))
    minutes = [begin + M * k for k in range(3 * 24 * 60)]
    turns = [after for after in minutes[1:] if window.is_open(after) != window.is_open(after - M)]
    assert set(turns) <= set(edges)
    assert len(turns) >= 5
