"""The BurstGPT traces: seconds since the trace began, a session where the log is of conversations, lengths.

https://github.com/HPMLL/BurstGPT: a request without an answer failed.
"""

from __future__ import annotations

from ...errors import BadLog
from ...prices.usage import Usage
from ...replay.request import Item, Request, Skipped
from ..format import Format, Record
from ..values import EPOCH, after, count, decimal, needed, text


def detect(record: Record) -> bool:
    return "Request tokens" in record and "Response tokens" in record


def read(record: Record) -> list[Item]:
    output = count(record, "Response tokens")
    if not output:
        return [Skipped("a failed request: no answer")]
    seconds = decimal(record.get("Timestamp"))
    if seconds is None:
        raise BadLog("Timestamp: expected seconds since the trace began")
    request = Request(
        at=after(EPOCH, int(seconds * 10**6), "Timestamp"),
        model=text(record, "Model"),
        usage=Usage(input=needed(record, "Request tokens"), output=output),
        session=text(record, "Session ID") or None,
    )
    return [request]


FORMAT = Format("burstgpt", detect, read)
