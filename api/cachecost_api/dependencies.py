"""What routes depend on: the price sheets in force, the minute, and threads in which the engine answers."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Depends, Request, Response

from .models import REPEATED, Parameters
from .problems import as_json, bad_request
from .sheets import SheetSet, Shelf
from .workers import Workers

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+|/[1-9][0-9]*)?")
T = TypeVar("T")
FIGURES = frozenset(
    "first_turn turns before saved "
    "total total_low total_high total_at_least total_at_most totals totals_low totals_high per_query "
    "savings savings_ratio savings_bound rate amount quantity low high "
    "lead fresh hour day days_30 discount rate_per_hour hit_share break_even_rate_per_hour break_even_hit_share".split()
)
"""Keys whose texts are numbers; those under `rates` and `regions` are too."""


class CSV(Response):
    """A table; its header is in the first line (https://www.rfc-editor.org/rfc/rfc4180#section-3)."""

    media_type = "text/csv"


async def minute(request: Request) -> datetime:
    """When the question came, cut to the minute, so that a minute has one answer."""
    now: datetime = request.scope["now"]
    return now.replace(second=0, microsecond=0)


class Engine:
    """The sheets in force when the question came, the minute, and a thread that works out what depends on them."""

    def __init__(self, request: Request, now: datetime) -> None:
        self.now, self._scope, self._state = now, request.scope, request.app.state

    @property
    def sheets(self) -> SheetSet:
        """The set in force; the first look at it reads the folder, so it is taken inside of the thread."""
        return self._scope["sheets"] or self.shelf.current

    def sheets_for(self, question: Parameters) -> SheetSet:
        """The same under the discount and in the currency of a question, where it has them."""
        return self.sheets.as_asked(question)

    @property
    def shelf(self) -> Shelf:
        shelf: Shelf = self._state.shelf
        return shelf

    async def run(self, work: Callable[[], T]) -> T:
        """The work's result, when its turn has come."""
        workers: Workers = self._state.workers
        host, _ = self._scope.get("client") or ("", 0)
        return await workers.run(work, host)

    async def json(self, work: Callable[[], Any], number: str = "text") -> Response:
        """A record as JSON; its money as numbers where `number` is `float`."""

        def written() -> bytes:
            record = work()
            return as_json(as_numbers(record) if number == "float" else record)

        return Response(await self.run(written), media_type="application/json")

    async def csv(self, work: Callable[[], str]) -> Response:
        return CSV(await self.run(work) + "\n", headers={"Content-Type": "text/csv; charset=utf-8; header=present"})


# Dependencies are coroutines though they wait for nothing: FastAPI sends plain functions to another thread.
async def engine(request: Request, now: Annotated[datetime, Depends(minute)]) -> Engine:
    return Engine(request, now)


Answering = Annotated[Engine, Depends(engine)]


async def readable(request: Request) -> None:
    """Refuse a query that is not UTF-8, and a word that is given twice but has one value."""
    try:
        pairs = parse_qsl(request.scope["query_string"].decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise bad_request(f"the query cannot be read: {error}") from None
    for name, times in Counter(name for name, _ in pairs).items():
        if times > 1 and name not in REPEATED:
            raise bad_request(f"{name[:40]}: given {times} times; expected once", where=name[:40])


def as_numbers(record: Any, key: str = "") -> Any:
    """The same record with money, rates and shares as JSON numbers."""
    if isinstance(record, dict):
        inner = "rate" if key in ("rates", "regions") else ""
        if key == "totals":
            inner = "total"
        return {name: as_numbers(each, inner or name) for name, each in record.items()}
    if isinstance(record, list):
        return [as_numbers(each, key) for each in record]
    if isinstance(record, str) and key in FIGURES and NUMBER.fullmatch(record):
        return float(Fraction(record))
    return record
