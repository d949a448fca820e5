"""A bill worked out event by event: each query, ping, creation and hour of rent at the rates and terms of its instant.

It shares nothing with the product: it reads the words of `pricing/` by itself, keeps one cache in variables
and walks through time, in microseconds after the start of the workload as exact fractions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ..frozen import price_pages
from .pages import words_of

Page = dict[str, Any]
Rates = dict[str, Fraction]
MINUTE, HOUR, DAY = (Fraction(seconds * 10**6) for seconds in (60, 3600, 86400))
UNITS = {"s": MINUTE / 60, "m": MINUTE, "h": HOUR, "d": DAY}
PER = {"second": Fraction(0), "minute": MINUTE, "hour": HOUR}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class NotPriced(Exception):
    """No row has a rate for what happens."""


@dataclass(frozen=True)
class Asked:
    """`moments`: microseconds after the start at which queries come; `stay`: for how long a stored cache is needed."""

    context: int
    question: int
    answer: int
    start: datetime
    moments: tuple[Fraction, ...]
    stay: Fraction
    hold: Fraction | None = None
    grows: bool = False
    creates: bool = False


def pages(folder: Path) -> Iterator[Page]:
    """Every price sheet, with the rate cards that were not cancelled."""
    for path in sorted(price_pages(folder)):
        page = words_of(path)
        page["cards"] = [card for card in page["rate_cards"] if card.get("status") != "cancelled"]
        for card in page["cards"]:
            card["from"] = instant(card["effective"])
        yield page


def instant(text: str) -> datetime:
    result = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return result if result.tzinfo else result.replace(tzinfo=UTC)


def length(text: str) -> Fraction:
    return sum((int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)([smhd])", text)), Fraction(0))


def whole(text: str) -> int:
    return int(text.replace("_", ""))


class Simulation:
    """One strategy for one question on one page; `total` walks through time."""

    def __init__(self, page: Page, strategy: str, question: Asked) -> None:
        self.page, self.asked = page, question
        self.kind, _, self.text = strategy.partition(":")
        self.sold = {"keep-alive": "written", "second-sight": "written"}.get(self.kind, self.kind)
        self.spent = Fraction(0)

    def total(self) -> Fraction:
        (self._stored if self.kind == "stored" else self._walk)()
        return self.spent

    def card(self, moment: Fraction) -> Page:
        at = self.asked.start + timedelta(microseconds=moment // 1)
        begun = [card for card in self.page["cards"] if card["from"] <= at and "tiers" in card]
        if not begun:  # a card without tiers withdraws the model, whose last rates stay
            raise NotPriced
        return dict(begun[-1])

    def rates(self, moment: Fraction, prompt: int, output: int) -> Rates:
        """Money for one unit of all that is sold to such a request: the windowed row before the standing one."""
        at = self.asked.start + timedelta(microseconds=moment // 1)
        rows = [
            row
            for row in self.card(moment)["tiers"]
            if row.get("service", "standard") == "standard"
            and inside(row, "prompt", prompt)
            and inside(row, "output", output)
            and row.get("thinking", "off") == "off"
            and ("window" not in row or is_open(row["window"], at))
        ]
        rows.sort(key=lambda row: "window" not in row)
        if not rows or "not_sold" in rows[0]:
            raise NotPriced
        return dict(priced(rows[0]))

    def terms(self, moment: Fraction) -> Page:
        """The terms of this kind of caching; NotPriced once they are no longer offered."""
        caching = self.card(moment).get("caching") or {}
        if self.sold not in caching:
            raise NotPriced
        return caching[self.sold] or {}

    def cacheable(self, moment: Fraction, tokens: int) -> int:
        if self.kind == "fresh":
            return 0
        terms = self.terms(moment)
        block = whole(terms.get("block", "1"))
        return tokens // block * block if tokens >= whole(terms.get("min_tokens", "0")) else 0

    def send(self, moment: Fraction, prompt: int, answer: int, read: int = 0, written: int = 0) -> None:
        rates = self.rates(moment, prompt, answer)
        reads = f"cache_read:{self.sold}" if f"cache_read:{self.sold}" in rates else "cache_read"
        sent = {"input": prompt - read - written, "output": answer, f"cache_write:{self.text}": written, reads: read}
        self.spent += sum(tokens * known(rates, name) for name, tokens in sent.items() if tokens)
        self.spent += rates.get("fee.request", 0) + (rates.get("fee.cache_hit", 0) if read else 0)

    def create(self, moment: Fraction, tokens: int) -> None:
        """Paid, unless the first query creates the cache on its way."""
        how = self.terms(moment).get("creation", "input")
        if how != "free" and not self.asked.creates:
            self.spent += tokens * self.rates(moment, tokens, 0)["creation" if how == "rate" else "input"]

    def rent(self, since: Fraction, lasts: Fraction, tokens: int) -> None:
        """Cut wherever a card begins, and at every quarter of an hour, where a window may open."""
        cuts, start = {since, since + lasts}, self.asked.start
        cuts |= {Fraction((card["from"] - start) // timedelta(microseconds=1)) for card in self.page["cards"]}
        if any("window" in row for card in self.page["cards"] for row in card.get("tiers", [])):
            hour = Fraction((start.replace(minute=0) - start) // timedelta(microseconds=1))
            cuts |= {hour + MINUTE * 15 * k for k in range(int((since + lasts - hour) // (MINUTE * 15)) + 1)}
        for begin, end in pairwise(sorted(cut for cut in cuts if since <= cut <= since + lasts)):
            self.spent += (end - begin) / HOUR * tokens * known(self.rates(begin, tokens, 0), "storage")

    def _walk(self) -> None:
        """Queries of an entry that lives for a TTL after its last use, with the pings between them."""
        workload, ttl = self.asked, self._ttl()
        entry, last, twice, prompt = 0, Fraction(0), False, workload.context + workload.question
        for k, now in enumerate(workload.moments):
            prompt += workload.question + workload.answer if workload.grows and k else 0
            if self.kind == "keep-alive" and entry:
                while last + ttl < now:
                    last += ttl
                    if self.cacheable(last, entry):
                        self.send(last, entry, 0, read=entry)
            late = not k or now - last > ttl
            cached = self.cacheable(now, prompt if workload.grows else workload.context)
            second = self.kind == "second-sight"
            read = min(entry, cached) if not late and (twice or not second) else 0
            written = cached - read if self.sold == "written" and not (second and late) else 0
            self.send(now, prompt, workload.answer, read, written)
            entry, last, twice = cached, now, not late

    def _ttl(self) -> Fraction:
        if self.text or self.kind == "fresh":
            return length(self.text)
        life = self.terms(Fraction(0)).get("lifetime")
        return length(life["least"]) if life else DAY * 10**6

    def _stored(self) -> None:
        question, idle = self.asked, length(self.text) if self.text else None
        terms, prompt = self.terms(Fraction(0)), question.context + question.question
        unit = PER[terms.get("billed_per", "second")]
        keep = (
            question.hold if question.hold is not None else max(question.stay, length(terms.get("default_ttl", "1h")))
        )
        size, begin, last = 0, Fraction(0), Fraction(0)
        if idle is None and (size := self.cacheable(Fraction(0), question.context)):
            billed = max(keep, length(terms["default_ttl"])) if terms.get("billed_for") == "ttl" else keep
            self.rent(begin, started(billed, unit), size)
            self.create(begin, size)
        for k, now in enumerate(question.moments):
            prompt += question.question + question.answer if question.grows and k else 0
            fills = idle is None and question.creates and k == 0
            if idle is not None:
                if size and now - last > idle:
                    self.rent(begin, started(last + idle - begin, unit), size)
                    size = 0
                if not size and (size := self.cacheable(now, question.context)):
                    begin, fills = now, question.creates
                    self.create(now, size)
            alive = size and not fills and (idle is not None or now <= keep)
            self.send(now, prompt, question.answer, read=size if alive else 0)
            last = now
        if idle is not None and size:
            self.rent(begin, started(last + idle - begin, unit), size)


def known(rates: Rates, name: str) -> Fraction:
    if name in rates:
        return rates[name]
    raise NotPriced


def started(lasts: Fraction, unit: Fraction) -> Fraction:
    return -(-lasts // unit) * unit if unit else lasts


def inside(row: Page, axis: str, size: int) -> bool:
    bound = {name: whole(row[f"{axis}_{name}"]) for name in "over from up_to below".split() if f"{axis}_{name}" in row}
    high = bound.get("up_to", bound.get("below", size + 1) - 1)
    return max(bound.get("over", -1) + 1, bound.get("from", 0)) <= size <= high


def is_open(window: Page, at: datetime) -> bool:
    """Whether a window that begins today or yesterday, on a day that counts, has not ended yet."""
    zone = ZoneInfo(window["zone"])
    hours = window["hours"] if isinstance(window["hours"], list) else [window["hours"]]
    first, _, end = window.get("days", "mon-sun").partition("-")
    days = range(DAYS.index(first), DAYS.index(end or first) + 1)
    today = at.astimezone(zone).date()
    for day in (today, today - timedelta(days=1)):
        if day.weekday() in days and day not in {date.fromisoformat(each) for each in window.get("closed_on", [])}:
            for opens, closes in (map(clock, each.split("-")) for each in hours):
                ends = day if closes > opens else day + timedelta(days=1)
                if shown(datetime.combine(day, opens), zone) <= at < shown(datetime.combine(ends, closes), zone):
                    return True
    return False


def shown(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first minute at which clocks show this time: of an hour that comes twice the first, of one that is skipped
    the minute after the jump."""
    at = wall.replace(tzinfo=zone).astimezone(UTC)
    while (at - timedelta(minutes=1)).astimezone(zone).replace(tzinfo=None) >= wall:
        at -= timedelta(minutes=1)
    return at


def clock(text: str) -> time:
    return time.fromisoformat(text) if text != "24:00" else time(0)


def priced(row: Page) -> Iterator[tuple[str, Fraction]]:
    for name in ("input", "cache_read", "cache_write", "creation", "output"):
        value = row.get(name)
        for key, each in value.items() if isinstance(value, dict) else [("", value)] if value else []:
            yield name + (f":{key}" if key else ""), Fraction(each) / 10**6
    for name, per in (("storage_per_hour", 1), ("storage_per_minute", 60)):
        if name in row:
            yield "storage", Fraction(row[name]) * per / 10**6
    yield from ((f"fee.{name}", Fraction(value)) for name, value in row.get("fees", {}).items())
