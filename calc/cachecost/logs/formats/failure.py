"""Records of requests that failed: nobody pays for them, and no vendor's shape is left to tell them by."""

from __future__ import annotations

from ...replay.request import Item
from ..envelope import opened
from ..format import Format, Record
from ..values import given


def detect(record: Record) -> bool:
    envelope = opened(record)
    return any(given(each.get("error")) or each.get("type") == "error" for each in (envelope.body, *envelope.around))


def read(record: Record) -> list[Item]:
    return [opened(record).failure]


FORMAT = Format("failure", detect, read)
