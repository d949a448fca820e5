"""Reports of OpenAI and Anthropic on the usage and the costs of an organization: pages of buckets of results.

https://platform.openai.com/docs/api-reference/usage: cached tokens are included in the input, audio stands beside the
text. https://platform.claude.com/docs/en/api/admin-api/usage-cost/get-messages-usage-report: each class of tokens
beside the others; how many requests they were is not said, the window that selects the tier is. Costs are money by day
and item without tokens, Anthropic's in cents, written as decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from json import dumps
from typing import NamedTuple

from ...errors import BadLog
from ...money import multiply
from ...prices.usage import Usage
from ...replay.request import Charge, Doubt, Item, Request, Skipped, Unread
from ..counts import by_ttl, plain, written
from ..format import Format, Record, unread
from ..values import count, first, inner, instant, money, needed, region, service, text
from .anthropic import tier

SUMS = "sums over a time: what was paid is exact where no rate changes inside, what caching would have cost is bounded"
CENT = Decimal("0.01")
OPENAI = frozenset(
    "object input_tokens input_cached_tokens input_uncached_tokens input_cache_write_tokens "
    "input_cache_write_30m_tokens input_cache_write_12h_tokens output_tokens input_audio_tokens "
    "output_audio_tokens num_model_requests project_id user_id api_key_id model batch service_tier".split()
)
ANTHROPIC = frozenset(
    "uncached_input_tokens cache_creation cache_read_input_tokens output_tokens server_tool_use api_key_id "
    "workspace_id model service_tier context_window inference_geo speed account_id service_account_id".split()
)
WINDOWS = {"0-200k": 200_000, "200k-1M": 1_000_000}
"""The largest prompt of each window: it selects the tier of all of them."""


class Result(NamedTuple):
    """One result and the time that it covers."""

    at: datetime | None
    lasting: timedelta | None
    found: Record

    @property
    def id(self) -> str:
        """The same for a result that was saved twice, and for no other."""
        told = dumps([str(self.at), str(self.lasting), self.found], sort_keys=True, default=str)
        return blake2b(told.encode(errors="replace"), digest_size=16).hexdigest()


def results(record: Record) -> Iterator[Result]:
    """Every result of a page, a bucket, or a list of them."""
    data = record.get("data")
    if isinstance(data, list):
        for bucket in data:
            if isinstance(bucket, Mapping):
                yield from results(bucket)
        return
    begin = instant(first(record, ("start_time", "starting_at")), "start_time")
    end = instant(first(record, ("end_time", "ending_at")), "end_time")
    found = record.get("results")
    for each in found if isinstance(found, list) else ():
        if isinstance(each, Mapping):
            yield Result(begin, end - begin if begin and end else timedelta(), each)


def is_page(record: Record) -> bool:
    """Whether a record has the shape of a page or a bucket."""
    data = record.get("data")
    if isinstance(data, list):
        return "has_more" in record or any(isinstance(each, Mapping) and is_page(each) for each in data[:1])
    return isinstance(record.get("results"), list) and first(record, ("start_time", "starting_at")) is not None


def sample(record: Record) -> Record | None:
    """The first result of a page or bucket, whatever its times; None where there is none."""
    if not is_page(record):
        return None
    data = record.get("data")
    pieces = data if isinstance(data, list) else record.get("results")
    for each in pieces if isinstance(pieces, list) else ():
        if isinstance(each, Mapping) and (found := sample(each) if isinstance(data, list) else each) is not None:
            return found
    return None


def _reader(of_result: Callable[[Result], list[Item]]) -> Callable[[Record], list[Item]]:
    """What reads a whole page, by what reads one of its results."""

    def read(record: Record) -> list[Item]:
        return [item for result in results(record) for item in of_result(result)] or [Skipped("a page without results")]

    return read


def _is_openai_costs(record: Record) -> bool:
    found = sample(record)
    return found is not None and (
        text(found, "object") == "organization.costs.result" or "value" in inner(found, "amount")
    )


def _openai_costs(result: Result) -> list[Item]:
    amount = inner(result.found, "amount")
    value = money(amount, "value")
    if value is None:
        raise BadLog("amount.value: missing; expected an amount of money")
    currency, item = (text(amount, "currency") or "usd").upper(), text(result.found, "line_item")
    project = text(result.found, "project_id") or None
    return [Charge(result.at, value, currency, item, project=project, lasting=result.lasting)]


def _is_openai_usage(record: Record) -> bool:
    found = sample(record)
    if found is None:
        return is_page(record) and record.get("object") in ("page", "bucket")
    return "num_model_requests" in found or text(found, "object").startswith("organization.usage")


def _openai_usage(result: Result) -> list[Item]:
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
    remarks = unread("results", found, OPENAI)
    if first(found, ("input_uncached_tokens",)) is not None and count(found, "input_uncached_tokens") != rest:
        told = count(found, "input_uncached_tokens")
        remarks.append(Doubt(f"input_uncached_tokens {told:,} is not {rest:,}, the input without cached and written"))
    return [request, *remarks]


def _is_anthropic_costs(record: Record) -> bool:
    found = sample(record)
    return found is not None and "amount" in found and "currency" in found and "uncached_input_tokens" not in found


def _anthropic_costs(result: Result) -> list[Item]:
    found = result.found
    cents = money(found, "amount")
    if cents is None:
        raise BadLog("amount: missing; expected an amount in cents")
    currency, item, model = text(found, "currency") or "USD", text(found, "description"), text(found, "model")
    project = text(found, "workspace_id") or None
    return [Charge(result.at, multiply(cents, CENT), currency, item, model, project, result.lasting)]


def _is_anthropic_usage(record: Record) -> bool:
    found = sample(record)
    if found is None:
        return "starting_at" in record or (
            record.keys() >= {"data", "has_more", "next_page"} and "object" not in record
        )
    return "uncached_input_tokens" in found


def _anthropic_usage(result: Result) -> list[Item]:
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
    return [request, *unread("results", found, ANTHROPIC), *searched]


OPENAI_COSTS = Format("openai_costs", _is_openai_costs, _reader(_openai_costs))
OPENAI_USAGE = Format("openai_usage", _is_openai_usage, _reader(_openai_usage), note=SUMS)
ANTHROPIC_COSTS = Format("anthropic_costs", _is_anthropic_costs, _reader(_anthropic_costs))
ANTHROPIC_USAGE = Format("anthropic_usage", _is_anthropic_usage, _reader(_anthropic_usage), note=SUMS)
