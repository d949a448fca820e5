"""The plain table: one row a request or a sum of requests, with the columns that `cachecost logs plain` lists.

Names are compared without regard to case and punctuation, so that `inputTokens` and `Input Tokens` are `input_tokens`.
Records such as `cachecost quote --from` prices, with their counts under `usage`, are read too.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from ...errors import BadLog
from ...prices.usage import USAGE_KEYS, Usage, short_ttl, usage_of
from ...replay.request import Doubt, FormatNote, Item, Request, Unread
from ..counts import Counting
from ..envelope import LABELS
from ..flat import Fields, number, requests, words
from ..format import Format, Rule
from ..tables import DAY
from ..values import Record, count, given, service


class Column(NamedTuple):
    """A column of the table: its name, what it holds, and other names for it."""

    name: str
    meaning: str
    others: str = ""


COLUMNS = (
    Column(
        "at",
        "When it was asked: ISO 8601, in UTC where no zone is named, or seconds since 1970. "
        "A date alone is a day's sum of requests.",
        "timestamp datetime ts start_time started_at request_time created_at created event_time time date day "
        "usage_date @timestamp",
    ),
    Column(
        "model",
        "The model as its vendor calls it.",
        "model_name model_id model_version deployment deployment_name",
    ),
    Column(
        "provider", "Who serves it, where not its maker.", "provider_name model_provider custom_llm_provider vendor"
    ),
    Column("service", "standard, batch, flex, priority or fast.", "service_tier processing_tier"),
    Column("region", "Where it was asked to run, as the price sheets call it."),
    Column(
        "input",
        "Prompt tokens that were neither read from a cache nor written to one.",
        "uncached_input_tokens input_uncached_tokens uncached_tokens uncached_prompt_tokens fresh_input_tokens "
        "prompt_cache_miss_tokens cache_miss_tokens",
    ),
    Column(
        "prompt_tokens",
        "All tokens of the prompt, those read from a cache and written to one included; instead of input.",
        "total_input_tokens total_prompt_tokens prompt_token_count tokens_prompt",
    ),
    Column(
        "cache_read",
        "Prompt tokens read from a cache.",
        "cache_read_tokens cache_read_input_tokens cache_read_input_token_count cache_hit_tokens "
        "prompt_cache_hit_tokens tokens_cache_read cached cached_tokens cached_input_tokens input_cached_tokens "
        "cached_prompt_tokens prompt_cached_tokens cached_content_token_count tokens_cached",
    ),
    Column(
        "cache_write",
        "Prompt tokens written to a cache; by time to live in columns such as cache_write_5m and cache_write_1h.",
        "cache_write_tokens cache_write_input_tokens cache_creation cache_creation_tokens cache_creation_input_tokens "
        "tokens_cache_write",
    ),
    Column("creation", "Tokens put into a stored cache (Gemini's explicit one)."),
    Column(
        "output",
        "Answer tokens, thoughts included.",
        "output_tokens completion_tokens answer_tokens generated_tokens output_token_count completion_token_count "
        "tokens_out tokens_output tokens_completion",
    ),
    Column(
        "total",
        "All tokens of the row. Where cached ones may lie inside the input or beside it, this decides.",
        "total_tokens tokens_total total_token_count",
    ),
    Column(
        "requests",
        "How many requests the row sums up (one).",
        "request_count requests_count num_requests num_model_requests api_requests calls num_calls call_count",
    ),
    Column("session", "What requests of one conversation share.", "session_id conversation_id thread_id chat_id"),
    Column("project", "Whom the cost belongs to.", "project_id project_name workspace workspace_id app"),
    Column("id", "What makes a row a duplicate of another.", "request_id message_id response_id generation_id"),
    Column("paid", "What the log says it cost.", "cost cost_usd total_cost total_cost_usd spend spend_usd usd"),
    Column("currency", "Of what was paid (USD)."),
    Column("batch", "true where it was asked in a batch.", "is_batch"),
    Column("thinking", "true where the model thought before it answered.", "is_thinking"),
)
AMBIGUOUS = "input_tokens tokens_in tokens_input input_token_count input_tokens_count"
"""Anthropic's name for tokens beside the cached ones, OpenAI's for tokens that include them."""
INSIDE = "cached cached_tokens cached_input_tokens input_cached_tokens cached_prompt_tokens cached_content_token_count"
"""Names of cached tokens that are used where the input includes them."""
COUNTS = ("input", "prompt_tokens", "cache_read", "cache_write", "creation", "output")
UNCOUNTED = {each.name for each in COLUMNS}.difference(COUNTS, ("model",))
BESIDE = {"usage", "blocks", *(key for path in LABELS.values() for key in path.split("|"))}
"""Keys that are read elsewhere: labels where they are asked for."""
_WRITTEN = re.compile(r"(?:cache_?(?:write|creation)_?)?(?:ephemeral_?)?([0-9]{1,4}[smhd])(?:_?input)?(?:_?tokens)?")
_PARTS = re.compile(r"cache.?(?:write|creation)|ephemeral", re.IGNORECASE)
_DAY = re.compile(r"[0-9]{4}([-/]?)[0-9]{2}\1[0-9]{2}")
_A_DAY = "[0-9]{4}-?[0-9]{2}-?[0-9]{2}"
_NUMBER = re.compile(r"\s*[-+.]?[0-9]")
TRUE = ("true", "1", "yes", "t")
BY_TTL = "cache_write by TTL"
"""Where the written tokens of all columns with a TTL are put."""


class TableColumns(NamedTuple):
    """The columns of one table: all names; those with a meaning; written tokens by TTL; columns without a meaning here;
    those that hold counts; how its input is counted; and what is to be said where vendors use its name in two ways."""

    names: tuple[str, ...]
    of: Mapping[str, str]
    ttls: Mapping[str, str]
    unknown: Sequence[str]
    counts: Sequence[str]
    counting: Counting
    ambiguous: Sequence[Item]


@lru_cache(maxsize=1_000)
def columns_of(names: tuple[str, ...]) -> TableColumns:
    """What the columns of these names mean: the first name of each meaning counts, in the order of COLUMNS."""
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(_folded(name), name)
    ttls = {name: ttl for name in names if (ttl := _ttl(name))}
    of = {
        each.name: folded[name]
        for each in COLUMNS
        if (name := next((name for name in _names(each.name, each.others) if name in folded), ""))
    }
    ambiguous: list[Item] = []
    counting: Counting = "total" if "input" in of else "inclusive"
    name = next((folded[each] for each in _names(AMBIGUOUS) if each in folded), "")
    if name and not of.keys() & {"input", "prompt_tokens"}:
        is_inside = _folded(of.get("cache_read", "")) in _names(INSIDE)
        meant, how = ("prompt_tokens", "including") if is_inside else ("input", "not including")
        of[meant], counting = name, "inclusive" if is_inside else "total"
        if "total" not in of and (ttls or of.keys() & {"cache_read", "cache_write"}):
            said = f"{name} is read as {how} what was read from a cache or written to one; call it {meant} to say so"
            ambiguous.append(FormatNote(f"plain: {said}"))
    known = {*of.values(), *ttls, *BESIDE}
    counts = [*ttls, *(of[each] for each in COUNTS if each in of)]
    return TableColumns(names, of, ttls, [name for name in names if name not in known], counts, counting, ambiguous)


@lru_cache(maxsize=10_000)
def _folded(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lower())


@lru_cache(maxsize=100)
def _names(*texts: str) -> tuple[str, ...]:
    return tuple(_folded(name) for text in texts for name in text.split())


def _columns(record: Record) -> TableColumns:
    """The columns of a row: texts of a question or an answer do not stand for their tokens where others do."""
    columns = columns_of(tuple(record))
    if not any(type(record[name]) is str and _is_text(record[name]) for name in columns.counts):
        return columns
    others = columns_of(tuple(name for name in record if name not in columns.counts or not _is_text(record[name])))
    return others if others.of.keys() & {*COUNTS} >= columns.of.keys() & {*COUNTS} else columns


def _is_text(value: object) -> bool:
    return isinstance(value, str) and given(value) and not _NUMBER.match(value)


def detect(record: Record) -> bool:
    counts = record.get("usage")
    if isinstance(counts, dict):
        return not counts.keys() - USAGE_KEYS and bool(counts)
    columns = _columns(record)
    is_ours = "model" in columns.of or "at" in columns.of or any(name in record for name in COUNTS)
    return (
        is_ours and bool(columns.counts) and not any(isinstance(record[name], dict | list) for name in columns.counts)
    )


def read(record: Record) -> list[Item]:
    columns = _columns(record)
    used, of = record.get("usage"), columns.of

    def said(name: str) -> str:
        return words(record, of[name]) if name in of else ""

    more: dict[str, Any] = {
        "service": "batch" if said("batch").lower() in TRUE else service(said("service")),
        "region": said("region") or None,
        "currency": said("currency") or "USD",
        "thinking": str(record.get(of.get("thinking", ""))).lower() in TRUE,
    }
    if isinstance(used, dict):
        more["usage"] = usage_of(used)
        columns = columns_of(tuple(name for name in columns.names if name not in (*columns.counts, of.get("total"))))
    elif not columns.ttls and not any(given(record[name]) for name in columns.counts):
        raise BadLog(f"no tokens; expected one of {', '.join(COUNTS)}")
    shape = declared(columns.names)
    fields, by_ttl = shape.fields, {ttl: number(record, names) for ttl, names in shape.ttls.items()}
    request, *remarks = requests({**record, BY_TTL: by_ttl} if by_ttl else record, fields, **more)
    assert isinstance(request, Request)
    if {"input", "prompt_tokens"} <= columns.of.keys():
        prompt, fresh = number(record, columns.of["prompt_tokens"]), number(record, fields.input)
        cached = number(record, fields.read) + (number(record, fields.write) or sum(by_ttl.values()))
        if prompt and prompt != fresh + cached:
            remarks.append(Doubt(f"prompt_tokens {prompt:,} is not {fresh:,} + {cached:,} cached; the input is taken"))
    if many := _summed(record, of, request.usage):
        request = request._replace(**many)
    unread = (Unread(unknown(name)) for name in columns.unknown if given(record[name]))
    return [request, *columns.ambiguous, *remarks, *unread]


@lru_cache(maxsize=1_000)
def declared(names: tuple[str, ...]) -> Format:
    """The table with these columns as a declaration. Sums of requests and rarer columns are left to the reader."""
    columns = columns_of(names)
    of = columns.of
    rare = {"usage": "!^$", "currency": "!^(USD)?$", "requests": "!^1?$"}
    rare |= dict.fromkeys(("creation", "batch", "thinking"), "!^$")
    if "input" in of:
        rare["prompt_tokens"] = "!^$"
    late = {each.name for each in COLUMNS}.difference(of, of.values())
    leaves = {of.get(name, name): pattern for name, pattern in dict.fromkeys(late, "!^$").items() | rare.items()}
    by_ttl: dict[str, list[str]] = {}
    for name, ttl in columns.ttls.items():
        by_ttl.setdefault(ttl, []).append(name)
    labels = "at creation output total model provider service region session project id paid".split()
    alike: dict[str, Any] = {name: of.get(name, "") for name in labels}
    fields = Fields(
        input=of.get("input") or of.get("prompt_tokens", ""),
        read=of.get("cache_read", ""),
        write=of.get("cache_write", ""),
        counting=columns.counting,
        ttls=BY_TTL if columns.ttls else "",
        may_lack_input=True,
        **alike,
    )
    return FORMAT._replace(
        fields=fields,
        keys="|".join(columns.counts),
        leaves=[Rule(of.get("at", ""), f"^{_A_DAY}$"), *(Rule(*leave) for leave in leaves.items())],
        ttls={ttl: "+".join(names) for ttl, names in by_ttl.items()},
    )


def _summed(record: Record, of: Mapping[str, str], used: Usage) -> dict[str, Any]:
    """How many requests a row sums up, over how long, and the size of their prompts in the mean."""
    when = record.get(of.get("at", ""))
    if isinstance(when, str):
        is_day = len(when) < 13 and bool(_DAY.fullmatch(when.strip()))
    else:
        is_day = isinstance(when, date) and not isinstance(when, datetime)
    if "requests" not in of or not given(record[of["requests"]]):
        return {"lasting": DAY} if is_day else {}
    many = count(record, of["requests"])
    if many == 0:
        raise BadLog(f"{of['requests']}: 0 requests have no tokens; expected how many the row sums up")
    lasting = {"lasting": DAY if is_day else timedelta()}
    return {} if many == 1 else {"count": many, "prompt": -(-used.prompt // many), **lasting}


@lru_cache(maxsize=1_000)
def _ttl(key: str) -> str | None:
    """The TTL of a column of written tokens: `5m` of `cache_write_5m`; None for another column."""
    match = _WRITTEN.fullmatch(key.lower()) if _PARTS.match(key) else None
    return short_ttl(match[1]) if match else None


@lru_cache(maxsize=1_000)
def unknown(name: str) -> str:
    """A column without a meaning, with the one that may have been meant."""
    return f"{name} (did you mean {near}?)" if (near := nearest(name)) else name


def nearest(name: str) -> str:
    """The name of a column that looks like another one; empty where none does."""
    from difflib import get_close_matches  # a table with known columns need not wait for it

    known = {_folded(other): other for each in COLUMNS for other in (each.name, *each.others.split())}
    known |= {_folded(other): other for other in AMBIGUOUS.split()}
    close = get_close_matches(_folded(name)[:40], known, 1, 4 / 5)
    return known[close[0]] if close else ""


def suggestion(record: Record) -> str:
    """What the columns of a table that no format knows may have been meant to be called; empty where none is near."""
    if any(isinstance(value, dict | list) for value in record.values()):
        return ""
    of = columns_of(tuple(record)).of
    near = {name: likely for name in record if name not in of.values() and (likely := nearest(name))}
    if not near.keys() - {name for name, likely in near.items() if columns_of((likely,)).of.keys() & UNCOUNTED}:
        return ""
    said = ", ".join(f"{likely} instead of {name}" for name, likely in list(near.items())[:5])
    return f"; did you mean {said}? `cachecost logs plain` lists the columns of a table"


FORMAT = Format("plain", is_ours=detect, reader=read)
