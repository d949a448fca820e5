"""What routes depend on: the price sheets in force, the minute, and threads in which the engine answers."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Annotated, Any, TypeVar, get_args, get_origin
from urllib.parse import parse_qsl

from fastapi import Depends, Request, Response

from cachecost.output.records import Fields, fields

from .models import Parameters
from .problems import as_json, bad_request
from .sheets import SheetSet, Shelf
from .workers import Workers

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+|/[1-9][0-9]*)?")
T = TypeVar("T")


class CSV(Response):
    """A table; its header is in the first line (https://www.rfc-editor.org/rfc/rfc4180#section-3)."""

    media_type = "text/csv"


class Svg(Response):
    """A picture."""

    media_type = "image/svg+xml"


class JSONText(Response):
    """JSON that is written already."""

    media_type = "application/json"


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
    """Refuse a query that is not UTF-8."""
    try:
        parse_qsl(request.scope["query_string"].decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise bad_request(f"the query cannot be read: {error}") from None


def as_numbers(record: Any) -> Any:
    """The same record with money, rates and shares as JSON numbers. A key that means a text in any answer stays one."""
    kinds = [pair for each in _declared(Fields) for pair in _kinds(each)]  # type: ignore[arg-type]
    figures = {key for key, kind in kinds if kind in (Decimal, Fraction)} - {key for key, kind in kinds if kind is str}
    return _as_numbers(record, "", figures)


def _as_numbers(record: Any, key: str, figures: set[str]) -> Any:
    if isinstance(record, dict):
        return {name: _as_numbers(each, key if key in figures else name, figures) for name, each in record.items()}
    if isinstance(record, list):
        return [_as_numbers(each, key, figures) for each in record]
    if isinstance(record, str) and key in figures and NUMBER.fullmatch(record):
        return float(Fraction(record))
    return record


def _declared(base: type[Fields]) -> Iterator[type[Fields]]:
    """Every declaration that is loaded."""
    for each in base.__subclasses__():
        yield each
        yield from _declared(each)


@cache
def _kinds(declared: type[Fields]) -> list[tuple[str, Any]]:
    """The keys of a declaration, each with the types that its values may have."""
    return [(key, kind) for key, hint in fields(declared).items() for kind in _values(hint)]


def _values(hint: Any) -> Iterator[Any]:
    """The types of the values in a type: those of a list, and of a mapping's values."""
    parts = get_args(hint)[1:] if get_origin(hint) is dict else get_args(hint)
    yield hint
    for each in parts:
        yield from _values(each)
