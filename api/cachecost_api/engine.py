"""What routes depend on: the price sheets in force, the minute, and threads that work answers out: a few at a time,
shared fairly between clients, behind a bounded queue."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Depends, Request, Response

from cachecost.output.records import as_numbers

from . import limits
from .models import Parameters
from .problems import RefusedRequest, as_json, bad_request
from .sheets import Inquiry, SheetSet, Shelf

T = TypeVar("T")


class CSV(Response):
    """A table; its header is in the first line (https://www.rfc-editor.org/rfc/rfc4180#section-3)."""

    media_type = "text/csv"


class Workers:
    """Threads for questions whose work `limits` bounds: one that has begun runs to its end, though it may be given up,
    and keeps its thread and a share of its client until then."""

    def __init__(self) -> None:
        self.seconds: float = limits.SECONDS
        self._threads: ThreadPoolExecutor | None = None
        self._shares: dict[str, asyncio.Semaphore] = {}
        self._waiting: Counter[str] = Counter()

    async def run(self, work: Callable[[], T], client: str = "", patience: int = 1) -> T:
        """The result of the work; a refusal where too much is waiting, or where it takes too long: `patience` times the
        seconds of any other question."""
        seconds = self.seconds * patience
        with self._queued(client) as share:
            try:
                async with asyncio.timeout(seconds):
                    return await self._turn(work, share)
            except TimeoutError:
                message = f"no answer within {seconds:g} seconds; ask for less, or ask the command line"
                raise RefusedRequest(504, "timeout", message) from None

    @contextmanager
    def _queued(self, client: str) -> Iterator[asyncio.Semaphore]:
        """A place in the queue, and the client's share of the threads."""
        waiting = self._waiting.total()
        if waiting >= limits.QUEUE:
            raise RefusedRequest(503, "busy", f"{waiting:,} questions are waiting already; ask again in a moment")
        self._waiting[client] += 1
        try:
            yield self._shares.setdefault(client, asyncio.Semaphore(limits.SHARE))
        finally:
            self._waiting[client] -= 1
            if not self._waiting[client]:
                del self._waiting[client], self._shares[client]

    async def _turn(self, work: Callable[[], T], share: asyncio.Semaphore) -> T:
        """Wait for the client's share before waiting for a thread, so that a client who asks a lot waits behind its
        own questions and others do not."""
        await share.acquire()
        loop = asyncio.get_running_loop()

        def finished(job: Future[T]) -> None:
            with suppress(RuntimeError):  # the loop may have ended before the thread
                loop.call_soon_threadsafe(share.release)

        self._threads = self._threads or ThreadPoolExecutor(limits.WORKERS, thread_name_prefix="engine")
        job = self._threads.submit(work)
        job.add_done_callback(finished)
        return await asyncio.wrap_future(job)

    def close(self) -> None:
        """Let the threads end; a later question starts new ones."""
        if self._threads:
            self._threads.shutdown(wait=False, cancel_futures=True)
        self._threads = None


class PriceEngine:
    """The sheets in force when a question came, the minute, and a thread that works out what depends on them."""

    def __init__(self, request: Request) -> None:
        self._scope, self._state = request.scope, request.app.state
        self.shelf: Shelf = self._state.shelf
        # When the question came, cut to the minute, so that a minute has one answer.
        self.now: datetime = self._scope["now"].replace(second=0, microsecond=0)

    @property
    def sheets(self) -> SheetSet:
        """The set in force; the first look at it reads the folder, so it is taken inside of the thread."""
        return self._scope["sheets"] or self.shelf.current

    def inquiry(self, parameters: Parameters) -> Inquiry:
        """The question in these words."""
        return Inquiry(self.sheets, parameters, self.now)

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

    async def csv(self, work: Callable[[], str]) -> CSV:
        return CSV(await self.run(work) + "\n", headers={"Content-Type": "text/csv; charset=utf-8; header=present"})


# Dependencies are coroutines though they wait for nothing: FastAPI sends plain functions to another thread.
async def engine(request: Request) -> PriceEngine:
    return PriceEngine(request)


Answering = Annotated[PriceEngine, Depends(engine)]


async def readable(request: Request) -> None:
    """Refuse a query that is not UTF-8."""
    try:
        parse_qsl(request.scope["query_string"].decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise bad_request(f"the query cannot be read: {error}") from None
