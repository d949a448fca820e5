"""`cachecost next LOG --statusline` in the time that a status bar has: read by the words of `next` alone.

Typer takes longer to load than the answer to work out. So a plain question, with the flags of `NEXT` and no settings,
is answered here; everything else, every refusal too, is left to the command itself, which answers the same.
"""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from .. import clock
from ..catalog.catalog import Catalog
from ..errors import CachecostError
from ..files.reading import is_there
from ..logs.names import Names
from ..logs.tail import last_session, newest
from ..output.answers.statusline import statusline
from ..questions.ahead import NEXT, looked_ahead
from . import snapshot
from .settings import files

FLAGS = {flag: word for word in NEXT for flag in word.flags}
OF_THE_CATALOG = {"CACHECOST_CACHE", "CACHECOST_PRICES"}
"""Variables of the environment that are read by the catalogue itself."""


def answered(arguments: Sequence[str]) -> bool:
    """Whether the line has been printed."""
    with suppress(CachecostError, OSError, UnicodeError):  # of a stream that does not take the line
        if sys.stdout and (said := words(arguments)) and not _has_settings():
            begun, log, catalog = clock.nanoseconds(), said.pop("log"), Catalog()
            session = last_session(newest([log]))
            sheet = session.sheet(Names(catalog.with_pages()))
            ahead = looked_ahead(said, session.requests, sheet, clock.now())
            print(statusline(ahead), flush=True)
            if log.endswith(".jsonl") and not said["at"]:
                files_read = (log, *files(), *catalog.folders, *catalog.pages)
                snapshot.keep(arguments, ahead, map(str, files_read), begun)
            return True
    return False


def words(arguments: Sequence[str]) -> dict[str, Any] | None:
    """The words of a plain question, and its `log`; None where it needs more than that."""
    said: dict[str, Any] = {}
    rest = iter(arguments)
    if next(rest, "") != "next":
        return None
    for argument in rest:
        name, equals, value = argument.partition("=")
        if argument == "--statusline":
            continue
        if not argument.startswith("-"):
            name, value = "log", argument
        elif (word := FLAGS.get(name)) and word.default != ():
            name, value = word.field, value if equals else next(rest, "")
        else:
            return None
        if name in said or not value or value.startswith("-"):
            return None
        said[name] = value
    return {word.field: word.default for word in NEXT} | said if "log" in said else None


def _has_settings() -> bool:
    named = (name for name in os.environ if name.startswith("CACHECOST_"))
    return any(name not in OF_THE_CATALOG for name in named) or any(map(is_there, files()))
