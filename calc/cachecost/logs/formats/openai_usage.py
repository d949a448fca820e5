"""OpenAI's usage API: tokens of an organization by time, model and project, cached ones included in the input.

https://platform.openai.com/docs/api-reference/usage/completions. Audio tokens are counted beside the text.
"""

from __future__ import annotations

from ...prices.usage import Usage
from ...replay.request import Doubt, Item, Request, Skipped
from ..counts import by_ttl, plain, written
from ..format import Format, Record, unread
from ..values import count, first, service, text
from .buckets import SUMS, Result, is_page, results, sample

KNOWN = frozenset(
    "object input_tokens input_cached_tokens input_uncached_tokens input_cache_write_tokens "
    "input_cache_write_30m_tokens input_cache_write_12h_tokens output_tokens input_audio_tokens "
    "output_audio_tokens num_model_requests project_id user_id api_key_id model batch service_tier".split()
)
OTHERS = ("organization.costs",)


def detect(record: Record) -> bool:
    found = sample(record)
    if found is None:
        return is_page(record) and record.get("object") in ("page", "bucket")
    return "num_model_requests" in found or text(found, "object").startswith("organization.usage")


def read(record: Record) -> list[Item]:
    items = [item for result in results(record) for item in _result(result)]
    return items or [Skipped("a page without results")]


def _result(result: Result) -> list[Item]:
    found = result.found
    if first(found, ("input_tokens",)) is None:
        return [Skipped(f"{text(found, 'object') or 'a result'} without tokens")]
    total, cached = count(found, "input_tokens"), count(found, "input_cached_tokens")
    parts = {
        key: found[key]
        for key in found
        if key.startswith("input_cache_write_") and key.endswith(("m_tokens", "h_tokens"))
    }
    put = by_ttl(
        parts,
        count(found, "input_cache_write_tokens") if "input_cache_write_tokens" in found else None,
        where="input_cache_write_tokens",
    )
    rest = plain(total, cached, written(put))
    number = count(found, "num_model_requests") or 1
    request = Request(
        at=result.at,
        model=text(found, "model"),
        usage=Usage(
            input=rest,
            cache_read=cached,
            cache_write=put,
            output=count(found, "output_tokens"),
            audio={"input": count(found, "input_audio_tokens"), "output": count(found, "output_audio_tokens")},
        ),
        provider="openai",
        service="batch" if found.get("batch") is True else service(found.get("service_tier")),
        project=text(found, "project_id") or None,
        id=result.id,
        count=number,
        lasting=result.lasting,
        prompt=-(-total // number),
    )
    remarks = unread("results", found, KNOWN)
    if first(found, ("input_uncached_tokens",)) is not None and count(found, "input_uncached_tokens") != rest:
        told = count(found, "input_uncached_tokens")
        remarks.append(Doubt(f"input_uncached_tokens {told:,} is not {rest:,}, the input without cached and written"))
    return [request, *remarks]


FORMAT = Format("openai_usage", detect, read, note=SUMS)
