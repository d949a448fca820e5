"""Reports of OpenAI and Anthropic on the usage and the costs of an organization: pages of buckets of results as the
API answers them, and the same as CSV from the dashboard.

https://platform.openai.com/docs/api-reference/usage: input includes what was read from a cache and written to one, and
today also audio and images, whose tokens stood beside those of text before. Columns of the CSV:
https://github.com/gesad-science/baes_experiment (a real `completions_usage_*.csv`, whose counts are written as `3.0`);
the full order of columns was not verified, nor is it needed.

https://platform.claude.com/docs/en/api/admin-api/usage-cost/get-messages-usage-report: each class of tokens beside the
others; how many requests they were is not said, the window that selects the tier is. The Console exports the same under
other names, and costs in dollars with models by the names that people read; the API's costs are in cents. Both headings
stand in several public repositories, such as https://github.com/axigatelabs/axigate-finops.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from ...replay.request import Doubt, Item
from ..counts import by_ttl, ttl_of, written
from ..flat import Fields, words
from ..format import Format, Rule
from ..tables import Costs, charge, charges, sums
from ..values import Record, count, first, given, inner, objects
from .anthropic import TOOLS, searches

TIMES = {"start_time": "start_time", "end_time": "end_time", "starting_at": "start_time", "ending_at": "end_time"}
EMPTY = {"start_time", "end_time", "start_time_iso", "end_time_iso"}
"""The columns of a CSV of OpenAI in whose time nothing was used."""


def results(record: Record) -> Iterator[Record]:
    """Every result of a page, a bucket, or a list of them, each with the times of its bucket."""
    data = record.get("data")
    for bucket in objects(data):
        yield from results(bucket)
    times = {TIMES[key]: record[key] for key in record if key in TIMES}
    for each in objects(record.get("results")) if not isinstance(data, list) else ():
        yield {**times, **each}


def is_page(record: Record) -> bool:
    """Whether a record has the shape of a page or a bucket."""
    data = record.get("data")
    if isinstance(data, list):
        return "has_more" in record or any(map(is_page, objects(data[:1])))
    return isinstance(record.get("results"), list) and first(record, ("start_time", "starting_at")) is not None


def rows(record: Record) -> Iterator[Record]:
    """The results of a page; a row of CSV is one alone."""
    return results(record) if is_page(record) else iter([record])


def is_report(
    is_result: Callable[[Record], bool], is_empty: Callable[[Record], bool] = lambda page: False
) -> Callable[[Record], bool]:
    """Whether a record is a result or a page of them; of a page without any, `is_empty` says whose it is."""

    def is_ours(record: Record) -> bool:
        sample = next(rows(record), None)
        return is_empty(record) if sample is None else is_result(sample)

    return is_ours


OPENAI = Fields(
    at="start_time",
    model="model",
    input="input_tokens",
    read="input_cached_tokens",
    write="input_cache_write_tokens",
    ttls="written",
    output="output_tokens",
    audio=("input_audio_tokens", "output_audio_tokens", "input_cached_audio_tokens"),
    image=("input_image_tokens", "output_image_tokens", "input_cached_image_tokens"),
    requests="num_model_requests",
    service="service_tier",
    project="project_id",
    counting="within",
)
OPENAI_OTHERS = (
    "end_time start_time_iso end_time_iso object api_source project_name user_email organization_id organization_name "
    "user_id api_key_id api_key_name batch input_uncached_tokens input_text_tokens input_cached_text_tokens "
    "input_cache_write_30m_tokens input_cache_write_12h_tokens output_text_tokens"
)
OPENAI_MONEY = Costs(
    at="start_time",
    until="end_time",
    amount="amount.value|amount_value",
    currency="amount.currency|amount_currency",
    item="line_item",
    project="project_id",
    id="start_time",
)


def _is_openai_usage(record: Record) -> bool:
    object_, has_requests = str(record.get("object")), record.keys() >= {"start_time", "num_model_requests"}
    return has_requests or object_.startswith("organization.usage") or record.keys() == EMPTY


def _openai_usage(row: Record) -> list[Item]:
    items = OPENAI_USAGE.items(_openai_row(row))
    rest = count(row, OPENAI.input) - count(row, OPENAI.read) - written(_openai_written(row))
    stated = row.get("input_uncached_tokens")
    if given(stated) and 0 <= rest != count(row, "input_uncached_tokens"):
        items.append(Doubt(f"input_uncached_tokens {stated} is not {rest:,}, the input without cached and written"))
    return items


def _openai_row(row: Record) -> Record:
    """A result whose input and output include audio and images, which include what was cached.

    Counts of audio and images are of fresh tokens in the API's words; those of the dashboard include the cached ones,
    and before they stood beside the input: the sum with the text shows which.
    """
    if not given(row.get(OPENAI.input)):
        return row
    total, cached, output = (count(row, key) for key in (OPENAI.input, OPENAI.read, OPENAI.output))
    kinds = (OPENAI.audio, OPENAI.image)
    sent, drawn, read = ([count(row, kind[place]) for kind in kinds] for place in range(3))
    cache_write, text = _openai_written(row), count(row, "input_text_tokens")
    if not cached or text + sum(sent) != total:
        rest = total - cached - written(cache_write)
        if not given(row.get("input_text_tokens")) or text + sum(sent) != rest:
            total += sum(sent)  # beside the text
        sent = [fresh + before for fresh, before in zip(sent, read, strict=True)]
    if count(row, "output_text_tokens") + sum(drawn) != output:
        output += sum(drawn)
    counts = {kind[0]: number for kind, number in zip(kinds, sent, strict=True)}
    counts |= {OPENAI.input: total, OPENAI.output: output, OPENAI.write: written(cache_write)}
    by_retention = {} if isinstance(cache_write, int) else cache_write
    service = {"service_tier": "batch"} if str(row.get("batch")).lower() == "true" else {}
    return {**row, **counts, **service, OPENAI.ttls: by_retention}


def _openai_written(row: Record) -> int | dict[str, int]:
    """Written tokens: by retention where the report splits them, of which the shortest may lack its own name."""
    start, short, long = "input_cache_write_", "input_cache_write_30m_tokens", "input_cache_write_12h_tokens"
    if count(row, long) and not given(row.get(short)):
        return {"30m": count(row, OPENAI.write), "12h": count(row, long)}
    parts = {key: row[key] for key in row if key.startswith(start) and ttl_of(key)}
    return by_ttl(parts, count(row, OPENAI.write) if OPENAI.write in row else None, where=OPENAI.write)


ANTHROPIC = Fields(
    at="start_time",
    model="model",
    input="uncached_input_tokens",
    read="cache_read_input_tokens",
    ttls="cache_creation",
    output="output_tokens",
    counting="exclusive",
    service="service_tier",
    speed="speed",
    region="inference_geo",
    project="workspace_id|workspace",
)
ANTHROPIC_OTHERS = f"end_time server_tool_use api_key_id api_key context_window account_id service_account_id {TOOLS}"
CONSOLE = {
    "usage_date_utc": "start_time",
    "model_version": "model",
    "usage_type": "service_tier",
    "usage_input_tokens_no_cache": "uncached_input_tokens",
    "usage_input_tokens_cache_read": "cache_read_input_tokens",
    "usage_output_tokens": "output_tokens",
}
"""What the Console calls the keys of a result."""
CONSOLE_WRITTEN = "usage_input_tokens_cache_write_"
_SIZE = re.compile(r"([0-9]+)\s*([kKmM]?)")
_UNITS = {"": 1, "k": 1_000, "m": 1_000_000}
LONGEST = 10_000_000
"""Tokens that no prompt has."""
CONSOLE_MONEY = Costs(
    at="usage_date_utc",
    amount="cost_usd",
    item="usage_type+token_type+speed",
    model="model",
    project="workspace",
    id="usage_date_utc",
)
ANTHROPIC_MONEY = Costs(
    at="start_time",
    until="end_time",
    amount="amount",
    unit=Decimal("0.01"),
    currency="currency",
    item="description",
    model="model",
    project="workspace_id",
    id="start_time",
)


def _from_console(row: Record) -> Record:
    """A row of the Console's CSV as a result of the API."""
    if "usage_date_utc" not in row:
        return row
    cache_write = {key: row[key] for key in row if key.startswith(CONSOLE_WRITTEN)}
    renamed = {CONSOLE.get(key, key): row[key] for key in row if key not in cache_write and key != "web_search_count"}
    created = {key.removeprefix(CONSOLE_WRITTEN): count(cache_write, key) for key in cache_write}
    return {
        **renamed,
        "cache_creation": created,
        "server_tool_use": {"web_search_requests": count(row, "web_search_count")},
    }


def window(text: str) -> tuple[int, int] | None:
    """The least and the largest prompt of `0-200k`, `200k-1M`, `≤ 200k` or `> 200k`; None for other words."""
    sizes = [int(number) * _UNITS[unit.lower()] for number, unit in _SIZE.findall(text)]
    if len(sizes) == 1:
        sizes = [sizes[0], LONGEST] if text.startswith((">", "≥")) else [0, sizes[0]]
    return (sizes[0] + 1, sizes[1]) if len(sizes) == 2 and sizes[0] < sizes[1] else None


def _is_anthropic_costs(record: Record) -> bool:
    return "usage_date_utc" in record if "cost_usd" in record else {"amount", "currency", "start_time"} <= record.keys()


def _is_anthropic_usage(record: Record) -> bool:
    if "uncached_input_tokens" in record:
        return "start_time" in record or "cache_creation" in record
    return "usage_date_utc" in record and "usage_output_tokens" in record


def _is_anthropics(page: Record) -> bool:
    return "starting_at" in page or (page.keys() >= {"data", "has_more", "next_page"} and "object" not in page)


OPENAI_COSTS = charges(
    "openai_costs",
    "",
    OPENAI_MONEY,
    is_ours=is_report(lambda record: "amount_value" in record or "value" in inner(record, "amount")),
    parts=rows,
)
OPENAI_USAGE = sums(
    "openai_usage",
    "",
    OPENAI,
    until="end_time",
    is_ours=is_report(_is_openai_usage, lambda page: page.get("object") in ("page", "bucket")),
    parts=rows,
    reader=_openai_usage,
    providers=(Rule("", "", "openai"),),
    counts=".",
    others=f"{OPENAI_OTHERS} {OPENAI.ttls}",
)
ANTHROPIC_COSTS = Format(
    "anthropic_costs",
    is_ours=is_report(_is_anthropic_costs),
    parts=rows,
    reader=lambda record: charge(record, CONSOLE_MONEY if "cost_usd" in record else ANTHROPIC_MONEY),
)
ANTHROPIC_USAGE = sums(
    "anthropic_usage",
    "",
    ANTHROPIC,
    until="end_time",
    is_ours=is_report(_is_anthropic_usage, _is_anthropics),
    parts=lambda record: map(_from_console, rows(record)),
    more=lambda row: {
        "calls": searches(inner(row, "server_tool_use")),
        "window": window(words(row, "context_window")),
    },
    providers=(Rule("", "", "anthropic"),),
    counts=". server_tool_use",
    others=ANTHROPIC_OTHERS,
)
