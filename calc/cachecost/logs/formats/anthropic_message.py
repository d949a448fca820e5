"""Messages of Anthropic: input, what was written and what was read stand side by side, thoughts in the output.

https://platform.claude.com/docs/en/api/messages; where a request was compacted on its way, `iterations` lists each
sampling, and only their sum was paid: https://platform.claude.com/docs/en/build-with-claude/compaction.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...prices.usage import Usage
from ...replay.request import Item, Request, Unread
from ..counts import by_ttl
from ..envelope import opened
from ..format import Format, Record, unread
from ..values import count, inner, needed, region, service, text

KNOWN = frozenset(
    "input_tokens cache_creation_input_tokens cache_read_input_tokens cache_creation output_tokens "
    "output_tokens_details server_tool_use service_tier inference_geo speed iterations type model".split()
)


def detect(record: Record) -> bool:
    envelope = opened(record)
    counts = inner(envelope.body, "usage")
    if "input_tokens" in counts:
        return "input_tokens_details" not in counts and (
            envelope.body.get("type") == "message" or "cache_read_input_tokens" in counts or "content" in envelope.body
        )
    return any(text(outer, "type") in ("errored", "canceled", "expired") for outer in (envelope.body, *envelope.around))


def read(record: Record) -> list[Item]:
    envelope = opened(record)
    body = envelope.body
    counts = inner(body, "usage")
    if not counts:
        return [envelope.failure]
    at, session, project = envelope.at, envelope.session, envelope.project
    batch, identity = envelope.is_batch, text(body, "id") or None
    items: list[Item] = []
    for number, (model, used) in enumerate(usages(counts, text(body, "model"))):
        items.append(
            Request(
                at=at,
                model=model,
                usage=used,
                provider=text(body, "provider"),
                service="batch" if batch else tier(counts),
                region=region(counts.get("inference_geo")),
                session=session,
                project=project,
                id=f"{identity}#{number}" if identity and number else identity,
                thinking=count(inner(counts, "output_tokens_details"), "thinking_tokens") > 0,
            )
        )
    return items + remarks(counts)


def usages(counts: Record, model: str) -> list[tuple[str, Usage]]:
    """The model and the tokens of each sampling that was paid: one, or those listed in `iterations`."""
    listed = counts.get("iterations")
    if not isinstance(listed, list) or not listed:
        return [(model, one(counts))]
    return [(text(each, "model") or model, one(each)) for each in listed if isinstance(each, Mapping)]


def one(counts: Record) -> Usage:
    """The tokens of one sampling; written ones without a TTL have the default."""
    total = count(counts, "cache_creation_input_tokens")
    put: int | dict[str, int] = total
    parts = counts.get("cache_creation")
    if parts and isinstance(parts, Mapping):
        put = by_ttl(parts, total if "cache_creation_input_tokens" in counts else None, where="cache_creation")
    return Usage(
        input=needed(counts, "input_tokens"),
        cache_read=count(counts, "cache_read_input_tokens"),
        cache_write=put,
        output=count(counts, "output_tokens"),
    )


def tier(counts: Record) -> str:
    """The service: fast mode before the tier, since both are said."""
    return "fast" if counts.get("speed") == "fast" else service(counts.get("service_tier"))


def remarks(counts: Record) -> list[Item]:
    """What is paid beside tokens, and what nobody knows."""
    found = unread("usage", counts, KNOWN)
    tools = counts.get("server_tool_use")
    if isinstance(tools, Mapping):
        found += [Unread(f"usage.server_tool_use.{key}") for key in tools if key.endswith("_requests") and tools[key]]
    return found


FORMAT = Format("anthropic_message", detect, read)
