"""Traces of Mooncake and of those who write like it: lengths, and chained ids of the prompt's blocks of 512 tokens.

https://github.com/kvcache-ai/Mooncake/tree/main/FAST25-release; `input_tokens`, `output_tokens` and `created_time` are
other names for the same. Times are milliseconds since the trace began; no model is named.
"""

from __future__ import annotations

from ...errors import BadLog
from ...prices.usage import Usage
from ...replay.request import Doubt, Item, Request
from ..format import Format, Record
from ..prefixes import BLOCK, blocks, fits
from ..values import EPOCH, after, count, decimal, first, text

INPUT, OUTPUT = ("input_length", "input_tokens"), ("output_length", "output_tokens")


def detect(record: Record) -> bool:
    return "hash_ids" in record or ("input_length" in record and "output_length" in record)


def read(record: Record) -> list[Item]:
    asked, answered = (next((key for key in keys if key in record), keys[0]) for keys in (INPUT, OUTPUT))
    if first(record, (asked,)) is None:
        raise BadLog(f"{asked}: missing; expected a count of tokens")
    prompt, path = count(record, asked), blocks(record.get("hash_ids"))
    milliseconds = first(record, ("timestamp", "created_time"))
    number = decimal(milliseconds) if milliseconds is not None else None
    if milliseconds is not None and number is None:
        raise BadLog("timestamp: expected milliseconds since the trace began")
    request = Request(
        at=after(EPOCH, int(number * 1000), "timestamp") if number is not None else None,
        model=text(record, "model"),
        usage=Usage(input=prompt, output=count(record, answered)),
        session=text(record, "session_id") or text(record, "chat_id") or None,
        id=text(record, "request_id") or None,
        blocks=path,
    )
    if path and not fits(path, prompt):
        return [request, Doubt(f"{len(path)} blocks are not a prompt of {prompt:,} tokens in blocks of {BLOCK}")]
    return [request]


FORMAT = Format("mooncake", detect, read)
