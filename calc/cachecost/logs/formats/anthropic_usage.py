"""Anthropic's usage report: tokens of an organization by time, model and workspace, each class beside the others.

https://platform.claude.com/docs/en/api/admin-api/usage-cost/get-messages-usage-report. How many requests they were is
not said; the window that selects the tier is.
"""

from __future__ import annotations

from ...prices.usage import Usage
from ...replay.request import Item, Request, Skipped, Unread
from ..counts import by_ttl
from ..format import Format, Record, unread
from ..values import count, first, inner, needed, region, text
from .anthropic_message import tier
from .buckets import SUMS, Result, results, sample

KNOWN = frozenset(
    "uncached_input_tokens cache_creation cache_read_input_tokens output_tokens server_tool_use api_key_id "
    "workspace_id model service_tier context_window inference_geo speed account_id service_account_id".split()
)
WINDOWS = {"0-200k": 200_000, "200k-1M": 1_000_000}
"""The largest prompt of each window: it selects the tier of all of them."""


def detect(record: Record) -> bool:
    found = sample(record)
    if found is None:
        return "starting_at" in record or (
            record.keys() >= {"data", "has_more", "next_page"} and "object" not in record
        )
    return "uncached_input_tokens" in found


def read(record: Record) -> list[Item]:
    items = [item for result in results(record) for item in _result(result)]
    return items or [Skipped("a page without results")]


def _result(result: Result) -> list[Item]:
    found = result.found
    request = Request(
        at=result.at,
        model=text(found, "model"),
        usage=Usage(
            input=needed(found, "uncached_input_tokens"),
            cache_read=count(found, "cache_read_input_tokens"),
            cache_write=by_ttl(inner(found, "cache_creation"), None, where="cache_creation"),
            output=count(found, "output_tokens"),
        ),
        provider="anthropic",
        service=tier(found),
        region=region(found.get("inference_geo")),
        project=text(found, "workspace_id") or None,
        id=result.id,
        lasting=result.lasting,
        prompt=WINDOWS.get(str(first(found, ("context_window",)))),
    )
    tools = inner(found, "server_tool_use")
    searched: list[Item] = [Unread(f"results.server_tool_use.{key}") for key in tools if tools[key]]
    return [request, *unread("results", found, KNOWN), *searched]


FORMAT = Format("anthropic_usage", detect, read, note=SUMS)
