"""What routes depend on: the price sheets in force, the minute, and threads in which the engine answers."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse

from cachecost.output.records import as_numbers

from .models import Parameters
from .problems import as_json, bad_request
from .sheets import QuestionSheets, SheetSet, Shelf
from .workers import Workers

T = TypeVar("T")


class CSV(Response):
    """A table; its header is in the first line (https://www.rfc-editor.org/rfc/rfc4180#section-3)."""

    media_type = "text/csv"


class Svg(Response):
    """A picture."""

    media_type = "image/svg+xml"


class JSONText(JSONResponse):
    """JSON that is written already. FastAPI describes no other class than this one's base by a model."""

    def render(self, content: Any) -> bytes:
        return Response.render(self, content)  # type: ignore[return-value]


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

    def sheets_for(self, question: Parameters) -> QuestionSheets:
        """The same as a question sees them."""
        return QuestionSheets(self.sheets, question, self.now)

    @property
    def shelf(self) -> Shelf:
        shelf: Shelf = self._state.shelf
        return shelf

    async def run(self, work: Callable[[], T], patience: int = 1) -> T:
        """The work's result, when its turn has come."""
        workers: Workers = self._state.workers
        host, _ = self._scope.get("client") or ("", 0)
        return await workers.run(work, host, patience)

    async def json(self, work: Callable[[], Any], number: str = "text") -> Response:
        """A record as JSON; its money as numbers where `number` is `float`."""
        return Response(await self.written(work, number), media_type="application/json")

    async def written(self, work: Callable[[], Any], number: str, patience: int = 1) -> bytes:
        """The text of that answer; see `Workers.run`."""

        def written() -> bytes:
            with as_numbers() if number == "float" else nullcontext():
                return as_json(work())

        return await self.run(written, patience)

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
