"""The line of a status bar, kept from one turn of a session to the next and printed without loading the engine.

An entry is text in the cache folder, of which nothing is run. It says of which arguments, folder and variables it
is the answer, from which instant until when it holds, and what it was made from: the log, settings, price pages, their
folders and the code. Whatever differs, the question is answered in full.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta

from .. import clock
from ..files import private

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..advice.ahead import Ahead

PLACES = 64
"""Most entries; a question with the number of another takes its place."""
SECONDS = 300
"""For how long an entry holds at most."""
SETTLED = 10**9
"""Nanoseconds since the last change of a file after which another change has another time in every file system."""


def printed(arguments: Sequence[str]) -> bool:
    """Whether the line was kept, still holds, and has been printed."""
    try:
        where, name, key = _place(arguments)
        with open(f"{where}/{name}", encoding="utf-8") as file:  # noqa: PTH123
            own, begin, until, end, lines, *files = file.read().split("\0")
        now = _microseconds(clock.now())
        holds = own == key and private.is_private(where) and int(begin) <= now <= int(until)
        if not (sys.stdout and holds and all(_state(each.split(" ", 5)[5]) == each for each in files)):
            return False
        # of a cache that lives until `end`, a line for each second that is left when the line is asked for
        passed = (int(end) - int(begin)) // 10**6 - (int(end) - now) // 10**6 if end else 0
        print(lines.split("\n")[passed], flush=True)
    except Exception:  # a damaged entry is as good as none, in whatever way it is damaged
        return False
    return True


def keep(arguments: Sequence[str], ahead: Ahead, files: Iterable[str], begun: int) -> None:
    """Keep the line, with what it was made from: these files and the code that is loaded, none of which has changed
    since shortly before it was `begun`."""
    from ..output.answers.statusline import state, statusline

    code = (getattr(module, "__file__", "") for name, module in sys.modules.items() if name.startswith("cachecost"))
    states = [_state(path) for path in (*files, *filter(None, code))]
    if ahead.ways[0].name != "continue" or any(_changed(each) > begun - SETTLED for each in states):
        return
    try:
        where, name, key = _place(arguments)
        now, left, until = ahead.now, ahead.cache.time_left(ahead.now), min(_last_instants(ahead))
        end = _microseconds(now + left) if left is not None else 0
        costs = statusline(ahead).removeprefix(state(ahead))
        seconds = range((end - _microseconds(now)) // 10**6 - (end - _microseconds(until)) // 10**6 + 1)
        instants = [min(now + timedelta(seconds=each), until) for each in seconds] if end else [now]
        lines = "\n".join(state(ahead._replace(now=each)) + costs for each in instants)
        parts = (key, _microseconds(now), _microseconds(until), end or "", lines, *states)
        private.keep(where, name, "\0".join(map(str, parts)))
    except (OSError, OverflowError):  # nowhere to write, or an instant that no calendar has
        return


def _last_instants(ahead: Ahead) -> Iterator[datetime]:
    """The last instants at which no life has ended, no rates have changed and no hours have begun, for the request of
    now and for the next one."""
    longest, tick = timedelta(seconds=SECONDS), timedelta(microseconds=1)
    yield ahead.now + longest
    for start in (ahead.now, ahead.workload.start):
        ends = [each.at + life for each in ahead.cache.entries for life in (each.least, each.most) if life is not None]
        later = ahead.sheet.changes(start, start + longest)
        windows = {row.window for card in (ahead.sheet.card(start), *later) for row in card.rows if row.window}
        edges = {edge for window in windows for edge in window.edges(start, start + longest)}
        lasts = [edge - tick for edge in (*edges, *(card.effective for card in later))]
        yield from (last - (start - ahead.now) for last in (*ends, *lasts) if last >= start)


def _place(arguments: Sequence[str]) -> tuple[str, str, str]:
    """The folder and the name of an entry, and of what it is the answer. OSError where nothing is kept."""
    if (where := private.folder("lines")) is None:
        raise FileNotFoundError
    named = ("CACHECOST_", "HOME", "XDG_", "LOCALAPPDATA")
    variables = {name: value for name, value in os.environ.items() if name.startswith(named)}
    key = repr((sys.version, list(arguments), os.getcwd(), sorted(variables.items())))  # noqa: PTH109
    return where, str(sum(key.encode()) % PLACES), key


def _state(path: str) -> str:
    """What changes with a file: its place, size and times, zeros where there is none; and its path."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return f"0 0 0 0 0 {path}"
    return f"{status.st_dev} {status.st_ino} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {path}"


def _changed(state: str) -> int:
    return max(map(int, state.split(" ", 5)[3:5]))


def _microseconds(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
