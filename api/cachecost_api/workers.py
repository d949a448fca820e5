"""The threads that work answers out: a few at a time, shared fairly between clients, behind a bounded queue."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TypeVar

from . import limits
from .problems import Refusal

T = TypeVar("T")


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
                raise Refusal(504, "timeout", message) from None

    @contextmanager
    def _queued(self, client: str) -> Iterator[asyncio.Semaphore]:
        """A place in the queue, and the client's share of the threads."""
        waiting = self._waiting.total()
        if waiting >= limits.QUEUE:
            raise Refusal(503, "busy", f"{waiting:,} questions are waiting already; ask again in a moment")
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
