"""Transcripts of Claude Code: a line for each block of an answer, each with the usage so far; the last is complete.

Lines of one message share `message.id` and `requestId`, also where a resumed session or a subagent repeats them in
another file; adding them up would count two or three times: https://github.com/anthropics/claude-code/issues/91775.
"""

from __future__ import annotations

from ...replay.request import Item, Request, Skipped
from ..envelope import Envelope
from ..format import Format, Record
from ..values import count, inner, instant, money, region, text
from .anthropic_message import remarks, tier, usages

ASIDE = frozenset(("summary", "file-history-snapshot", "queue-operation", "custom-title", "ai-title", "tag"))


def detect(record: Record) -> bool:
    kind = record.get("type")
    if not isinstance(kind, str):
        return False
    return kind in ASIDE or ("sessionId" in record and ("message" in record or "uuid" in record))


def read(record: Record) -> list[Item]:
    message = inner(record, "message")
    counts = inner(message, "usage")
    if record.get("type") != "assistant":
        return [Skipped(f"not an answer ({text(record, 'type')[:30] or 'no type'})")]
    if message.get("model") == "<synthetic>":
        return [Skipped("written by the program, not by a model")]
    if not counts:
        return [Envelope(record, ()).failure]
    identity = f"{text(message, 'id')}:{text(record, 'requestId')}"
    at = instant(record.get("timestamp"), "timestamp")
    items: list[Item] = []
    for number, (model, used) in enumerate(usages(counts, text(message, "model"))):
        items.append(
            Request(
                at=at,
                model=model,
                usage=used,
                service=tier(counts),
                region=region(counts.get("inference_geo")),
                session=text(record, "sessionId") or None,
                project=text(record, "cwd") or None,
                id=(f"{identity}#{number}" if number else identity)
                if identity != ":"
                else text(record, "uuid") or None,
                paid=money(record, "costUSD"),
                thinking=count(inner(counts, "output_tokens_details"), "thinking_tokens") > 0,
            )
        )
    return items + remarks(counts)


FORMAT = Format("claude_code", detect, read, repeats=True)
