"""Logs of Inspect (`inspect_ai`), written as JSON: the calls of a model among a sample's events, or a sample's sums.

https://inspect.aisi.org.uk/reference/inspect_ai.log.html. Whether the input includes cached tokens depends on the
version and the vendor: the total says so. Logs in `.eval` files are turned into JSON by `inspect log dump`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ...replay.request import Item, Skipped
from ..flat import Fields, object_at, requests, value, words
from ..format import Format
from ..tables import by_model
from ..values import Record, inner, instant, objects

COUNTS = Fields(
    input="input_tokens",
    read="input_tokens_cache_read",
    write="input_tokens_cache_write",
    output="output_tokens",
    thoughts="reasoning_tokens",
    total="total_tokens",
    counting="total",
)


def _read(record: Record) -> list[Item]:
    log = {"project": words(record, "eval.task") or None}
    at = instant(value(record, "eval.created"), "eval.created")
    samples = objects(record.get("samples"))
    items = [item for each in samples for item in _sample(each, at, words(record, "eval.run_id"), log)]
    return items or _sums(object_at(record, "stats.model_usage"), at, log, words(record, "eval.run_id|eval.eval_id"))


def _sample(sample: Record, at: datetime | None, run: str, log: Record) -> list[Item]:
    named = words(sample, "uuid") or f"{run}:{words(sample, 'id')}:{words(sample, 'epoch')}"
    known = {**log, "session": named}
    calls = [each for each in objects(sample.get("events")) if each.get("event") == "model"]
    items = [item for number, call in enumerate(calls) for item in _call(call, f"{named}:{number}", known)]
    return items or _sums(inner(sample, "model_usage"), at, known, named)


def _call(call: Record, named: str, known: Mapping[str, Any]) -> list[Item]:
    counts = object_at(call, "output.usage")
    if call.get("cache") == "read":
        return [Skipped("answered from Inspect's own cache: nothing was bought")]
    if not counts:
        return [Skipped("an answer without usage")]
    at = instant(value(call, "timestamp"), "timestamp")
    return requests(counts, COUNTS, at=at, model=words(call, "model"), id=words(call, "uuid") or named, **known)


def _sums(usage: Record, at: datetime | None, known: Mapping[str, Any], named: str) -> list[Item]:
    """The sums by model, as far as no single calls are there."""
    return by_model(usage, COUNTS, named, at=at, **known) or [Skipped("a sample without usage")]


FORMAT = Format("inspect_ai", is_ours=lambda record: record.keys() >= {"eval", "status", "version"}, reader=_read)
