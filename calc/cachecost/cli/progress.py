"""What a person reads on stderr: messages, and how far long work is; and a Ctrl-C that loses nothing of it."""

from __future__ import annotations

import io
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ..output.escapes import in_message

PATIENCE = 1
"""Seconds before something is shown."""


def message(*lines: str) -> None:
    """Write to the person, not to the program, as far as stderr takes it."""
    with suppress(OSError):
        print("cachecost:", "\n".join(map(in_message, lines)), file=sys.stderr, flush=True)


class CountingFile(io.FileIO):
    """A file that says how many of its bytes were read."""

    done = 0

    def readinto(self, target: Any) -> int:
        count = super().readinto(target) or 0
        self.done += count
        return count


@contextmanager
def unbroken(stop: threading.Event, *, waiting: bool) -> Iterator[None]:
    """A Ctrl-C stops between two requests, so that none is counted by half; at once while `waiting` for a pipe, or the
    second time."""
    if waiting or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def ask(number: int, frame: Any) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def working(what: str) -> Iterator[None]:
    """A line on stderr that moves while something takes longer than a second; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with _late(Console(stderr=True).status(what)):
        yield


@contextmanager
def bar(size: int, what: str = "reading") -> Iterator[Callable[[int], None]]:
    """A bar on stderr with rate and time left for what takes longer than a second; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    text = TextColumn("{task.description}")
    columns = (text, BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    shown = Progress(*columns, console=Console(stderr=True), transient=True)
    task = shown.add_task(what, total=size or None)
    with _late(shown):
        yield lambda done: shown.update(task, completed=done)


@contextmanager
def _late(shown: Any) -> Iterator[None]:
    """Start what is shown after a second, and stop it at the end."""
    waited = threading.Timer(PATIENCE, shown.start)
    waited.daemon = True
    waited.start()
    try:
        yield
    finally:
        waited.cancel()
        waited.join()
        shown.stop()
