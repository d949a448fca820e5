"""A few threads that answer, a bounded queue before them, and a time after which a question is given up."""

from __future__ import annotations

import asyncio
import ctypes
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from . import limits
from .problems import Refusal

AGAIN = 1
"""Seconds after which a job that still runs is stopped once more."""
T = TypeVar("T")
Job = tuple[Callable[[], Any], "Future[Any]"]


class GivenUp(BaseException):
    """Raised inside of work whose client got a 504; a BaseException, so that no handler of the engine catches it."""


class Worker:
    """One thread, one job at a time, which can be given up between two steps of the interpreter.
    https://docs.python.org/3.11/c-api/init.html#c.PyThreadState_SetAsyncExc"""

    def __init__(self, jobs: queue.SimpleQueue[Job | None]) -> None:
        self._jobs, self._lock = jobs, threading.Lock()
        self._doing: Future[Any] | None = None
        self._thread = threading.Thread(target=self._loop, name="engine", daemon=True)
        self._thread.start()

    def give_up(self, result: Future[Any]) -> bool:
        """Stop the job of this result, and tell whether it is the one that is being done."""
        with self._lock:
            found = self._doing is result
            if found:
                ident = ctypes.c_ulong(self._thread.ident or 0)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(GivenUp))
        return found

    def _loop(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                self._do(*job)
            except GivenUp:  # it came when the job had just been done
                continue

    def _do(self, work: Callable[[], Any], result: Future[Any]) -> None:
        if not result.set_running_or_notify_cancel():
            return
        try:
            with self._lock:
                self._doing = result
            found = work()
        except BaseException as error:
            self._done()
            result.set_exception(error)
        else:
            self._done()
            result.set_result(found)

    def _done(self) -> None:
        with self._lock:
            self._doing = None


class Workers:
    """The threads; `limits` bound the questions as well, so that giving up stays rare."""

    def __init__(self) -> None:
        self.seconds: float = limits.SECONDS
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._threads: list[Worker] = []
        self._waiting = 0

    async def run(self, work: Callable[[], T]) -> T:
        """The result of the work; a refusal where too much is waiting, or where it takes too long."""
        if self._waiting >= limits.QUEUE:
            raise Refusal(503, "busy", f"{self._waiting} questions are waiting already; ask again in a moment")
        if not self._threads:
            self._threads = [Worker(self._jobs) for _ in range(limits.WORKERS)]
        result: Future[T] = Future()
        self._waiting += 1
        self._jobs.put((work, result))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(result), self.seconds)
        except TimeoutError:
            message = f"no answer within {self.seconds:g} seconds; ask for less, or ask the command line"
            raise Refusal(504, "timeout", message) from None
        finally:
            self._waiting -= 1
            if not result.done():
                self._give_up(result)

    def _give_up(self, result: Future[Any]) -> None:
        """Stop this job; and again, since what stops it is lost where it comes inside of a finalizer."""
        if any(each.give_up(result) for each in self._threads):
            asyncio.get_running_loop().call_later(AGAIN, self._give_up, result)

    def close(self) -> None:
        """Let the threads end; nothing more is begun."""
        for _ in self._threads:
            self._jobs.put(None)
        self._threads = []
