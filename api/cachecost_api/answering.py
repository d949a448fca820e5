"""What every route needs: the sheets in force, the minute, a thread for the engine, and the shape of an answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from typing import Any

from fastapi import Response

from cachecost import clock

from .parameters import NUMBERS, Asked
from .problems import bad_request, told
from .sheets import SheetSet, Shelf
from .workers import Workers

CSV = "text/csv; charset=utf-8; header=present"
TEXT = "text/plain; charset=utf-8"
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+|/[1-9][0-9]*)?")
FIGURES = frozenset(
    "total total_low total_high total_at_least total_at_most totals totals_low totals_high per_query "
    "savings savings_ratio savings_bound rate amount quantity low high "
    "lead fresh hour day days_30 discount rate_per_hour hit_share break_even_rate_per_hour break_even_hit_share".split()
)
"""Keys whose texts are numbers; those under `rates` and `regions` are too."""
Work = Callable[[SheetSet, datetime], Any]


class Door:
    """Runs the engine for a route; `now` is cut to the minute, so that a minute has one answer."""

    def __init__(self, shelf: Shelf, workers: Workers) -> None:
        self.shelf, self.workers = shelf, workers

    @staticmethod
    def now() -> datetime:
        return clock.now().replace(second=0, microsecond=0)

    async def run(self, work: Work) -> Any:
        now = self.now()
        return await self.workers.run(lambda: work(self.shelf.current, now))

    async def json(self, asked: Asked, work: Work) -> Response:
        """The record as JSON; its money as numbers where `number=float`."""
        number = asked.text("number") or "text"
        if number not in NUMBERS:
            raise bad_request(f"number: expected {' or '.join(NUMBERS)}, not {number[:40]!r}", where="number")

        def written(sheets: SheetSet, now: datetime) -> bytes:
            found = work(sheets, now)
            return told(as_numbers(found) if number == "float" else found)

        return Response(await self.run(written), media_type="application/json")

    async def csv(self, work: Work) -> Response:
        """The table as CSV, a line end after each row."""
        return Response(await self.run(lambda sheets, now: work(sheets, now).as_csv() + "\n"), media_type=CSV)


def as_numbers(found: Any, key: str = "") -> Any:
    """The same record with money, rates and shares as JSON numbers."""
    if isinstance(found, dict):
        inner = "rate" if key in ("rates", "regions") else ""
        if key == "totals":
            inner = "total"
        return {name: as_numbers(each, inner or name) for name, each in found.items()}
    if isinstance(found, list):
        return [as_numbers(each, key) for each in found]
    if isinstance(found, str) and key in FIGURES and NUMBER.fullmatch(found):
        return float(Fraction(found))
    return found
