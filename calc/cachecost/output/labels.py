"""What people read where answers have identifiers: strategies as phrases, reasons to leave a model out, creation."""

from __future__ import annotations

from datetime import timedelta

from ..strategies.names import AUTOMATIC, FRESH, KEEP_ALIVE, SECOND_SIGHT, STORED, WRITTEN, parsed
from .figures import duration

SERVED = {
    FRESH: "fresh",
    AUTOMATIC: "cached automatically",
    STORED: "stored",
    WRITTEN: "cached with a TTL of {ttl}",
    KEEP_ALIVE: "cached with a TTL of {ttl} and kept alive by pings",
    SECOND_SIGHT: "cached with a TTL of {ttl} from the second query in time on",
}
"""Kind of strategy -> how queries are served, behind what they cost."""
SERVED_FOR = {AUTOMATIC: "cached automatically for {ttl}", STORED: "stored and deleted when idle for {ttl}"}
"""The same where the name has a duration that others of its kind lack."""
SERVED_IN_LOG = {
    FRESH: "sent fresh",
    AUTOMATIC: "cached automatically",
    STORED: "with a stored cache",
    WRITTEN: "written with a TTL of {ttl}",
    KEEP_ALIVE: "written with a TTL of {ttl} and kept alive by pings",
    SECOND_SIGHT: "written from the second sight with a TTL of {ttl}",
}
"""Kind of strategy -> how the requests of a log would have been served."""
LOST_TO = {
    "expiry": "expired caches",
    "early eviction": "written again while still alive",
    "model switch": "switches of model",
    "changed prefix": "changed prefixes",
}
"""Cause of a loss -> what people read, where that is another word."""
CREATION = {
    "free": "creation is free",
    "input": "creation is billed at the input rate",
    "rate": "creation is billed at its own rate",
}
LEFT_OUT = {
    "withdrawn": "withdrawn",
    "not-in-force": "not yet sold then",
    "not-sold": "that do not sell it",
    "not-known": "whose rates for it are not known then",
    "not-yet-sold": "that do not sell it yet",
    "no-longer-sold": "that no longer sell it",
    "context": "with a smaller context",
    "input": "with a smaller context",
    "output": "with shorter answers",
    "currency": "in another currency",
    "bad-workload": "for which it cannot be worked out",
}
"""Kind of a reason -> the models that it is about, behind their number."""


def served(strategy: str, hold: timedelta | None = None) -> str:
    """`fresh`, `cached with a TTL of 5m`, `stored for 1 h` where it is held for so long."""
    kind, _, _, ttl = parsed(strategy)
    phrases = SERVED | SERVED_FOR if ttl else SERVED
    held = f" for {duration(hold)}" if kind == STORED and hold and not ttl else ""
    return phrases[kind].format(ttl=ttl) + held


def served_in_log(policy: str) -> str:
    """How requests are served under a policy: `written with a TTL of 5m`."""
    kind, _, _, ttl = parsed(policy)
    return SERVED_IN_LOG.get(kind, f"under {policy}").format(ttl=ttl)
