"""Every prompt and answer size, mode, service and minute is priced by exactly one row of a card."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from ..hours import Window
from ..prices.card import STANDARD, Band, Row
from ..prices.sheet import Path
from .build import band
from .page import RowWords

Found = Iterator[tuple[Path, str]]


def band_fault(row: RowWords, axis: str) -> tuple[Path, str] | None:
    limits = band(row, axis)
    if limits == Band():
        return None
    lows = [f"{axis}_{word}" for word in ("over", "from") if getattr(row, f"{axis}_{word}") is not None]
    highs = [f"{axis}_{word}" for word in ("up_to", "below") if getattr(row, f"{axis}_{word}") is not None]
    for words in (lows, highs):
        if len(words) > 1:
            return (words[1],), f"given beside {words[0]}; expected one of the two"
    if limits.high is not None and limits.high < limits.low:
        ends = " and ".join(f"{word} {getattr(row, word):,}" for word in lows + highs)
        expected = "the smaller number first" if lows else "at least 1"
        return (highs[0],), f"no {axis} fits {ends}; expected {expected}"
    return None


def coverage(rows: Sequence[Row]) -> Found:
    """Every prompt and answer size, mode, service and minute is priced by exactly one row of a card."""
    services = dict.fromkeys(row.service for row in rows)
    if STANDARD not in services:
        yield ("tiers",), "no row of the standard service; expected rows without `service`"
    for service in services:
        mine = {index: row for index, row in enumerate(rows) if row.service == service}
        thinking = (True, False) if any(row.thinking is not None for row in mine.values()) else (None,)
        prompts, outputs = (_edges([getattr(row, axis) for row in mine.values()]) for axis in ("prompt", "output"))
        for prompt, output, mode in product(prompts, outputs, thinking):
            fitting = {
                index: row
                for index, row in mine.items()
                if prompt in row.prompt and output in row.output and (mode is None or row.thinking in (None, mode))
            }
            case = f"service {service}, a prompt of {prompt:,} tokens" + (
                f", an answer of {output:,}" if output else ""
            )
            case += "" if mode is None else f", thinking {'on' if mode else 'off'}"
            if fault := _fault_of(case, fitting):
                yield fault
                break


def _fault_of(case: str, rows: Mapping[int, Row]) -> tuple[Path, str] | None:
    """What is wrong with the rows that price a case: one without a window is due, and windows that never meet."""
    standing = [index for index, row in rows.items() if row.window is None]
    if not standing and rows:
        message = f"only rows with a window price {case}; expected one without, for the hours outside"
        return ("tiers", min(rows), "window"), message
    if not standing:
        return ("tiers",), f"no row prices {case}; expected one row for every prompt size"
    if len(standing) > 1:
        return ("tiers", standing[1]), f"two rows price {case}; expected one"
    if clash := _clash({index: row.window for index, row in rows.items() if row.window}):
        return ("tiers", clash[0], "window"), f"two rows price {case} {clash[1]}; expected one"
    return None


def _edges(bands: Sequence[Band]) -> list[int]:
    """One size from every stretch of sizes in which no row begins or ends."""
    return sorted({0} | {band.low for band in bands} | {band.high + 1 for band in bands if band.high is not None})


def _clash(windows: Mapping[int, Window]) -> tuple[int, str] | None:
    """The second of two windowed rows that are open in the same minute of a week, and that minute."""
    zones = {window.zone for window in windows.values()}
    if len(zones) > 1:
        return list(windows)[1], f"in windows of different zones ({', '.join(sorted(zones))})"
    taken: set[int] = set()
    for index, window in windows.items():
        minutes = _minutes(window)
        if both := taken & minutes:
            day, minute = divmod(min(both), 1440)
            return index, f"on {'Mon Tue Wed Thu Fri Sat Sun'.split()[day]} at {minute // 60:02}:{minute % 60:02}"
        taken |= minutes
    return None


def _minutes(window: Window) -> set[int]:
    minutes: set[int] = set()
    for day, (begin, end) in product(window.days, window.hours):
        first, last = begin.hour * 60 + begin.minute, end.hour * 60 + end.minute
        span = range(first, last if last > first else last + 1440)
        minutes |= {(day * 1440 + minute) % 10080 for minute in span}
    return minutes
