"""Shapes of logs that a database reads by itself: which columns hold the counts, and which rows it must not touch.

The first records of a file say where things stand. A row that is not like them (a fraction, a negative count, parts
that are not their sum) is odd: one odd row, and the whole file is left to the readers of `logs/`, which know them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..logs.envelope import PROJECTS, SESSIONS, TIMES, opened
from ..logs.format import Record
from ..logs.values import LARGEST, given
from ..logs.values import region as region_of
from ..logs.values import service as service_of
from .sql import quoted


@dataclass(frozen=True)
class Projection:
    """How records of one shape become canonical rows. `struct`: the type of an answer as DuckDB reads it.

    `counts`: canonical counts, and the expressions over `$` (the answer) that give them. `odd`: over the same.
    """

    struct: str
    counts: Mapping[str, str]
    odd: Sequence[str]
    service: str
    region: str = "''"


_DETAILS = "STRUCT(cached_tokens DOUBLE, cache_write_tokens DOUBLE, audio_tokens DOUBLE, image_tokens DOUBLE, \
cache_creation_tokens DOUBLE, cache_write_tokens_details JSON, cache_creation_token_details JSON)"
_THOUGHTS = "STRUCT(reasoning_tokens DOUBLE, audio_tokens DOUBLE, image_tokens DOUBLE)"
_NONE = "COALESCE({}, 0) <> 0"

ANTHROPIC = Projection(
    struct="STRUCT(id VARCHAR, type VARCHAR, model VARCHAR, provider VARCHAR, usage STRUCT(input_tokens DOUBLE, "
    "cache_creation_input_tokens DOUBLE, cache_read_input_tokens DOUBLE, output_tokens DOUBLE, "
    "cache_creation STRUCT(ephemeral_5m_input_tokens DOUBLE, ephemeral_1h_input_tokens DOUBLE), "
    "service_tier VARCHAR, inference_geo VARCHAR, speed VARCHAR, iterations JSON))",
    counts={
        "input": "$.usage.input_tokens",
        "cache_read": "$.usage.cache_read_input_tokens",
        "cache_write": "CASE WHEN COALESCE($.usage.cache_creation.ephemeral_5m_input_tokens, 0) + "
        "COALESCE($.usage.cache_creation.ephemeral_1h_input_tokens, 0) > 0 THEN 0 "
        "ELSE $.usage.cache_creation_input_tokens END",
        "cache_write_5m": "$.usage.cache_creation.ephemeral_5m_input_tokens",
        "cache_write_1h": "$.usage.cache_creation.ephemeral_1h_input_tokens",
        "output": "$.usage.output_tokens",
    },
    odd=(
        "$.usage.input_tokens IS NULL",
        "$.usage.iterations IS NOT NULL",
        "COALESCE($.usage.cache_creation.ephemeral_5m_input_tokens, 0) + "
        "COALESCE($.usage.cache_creation.ephemeral_1h_input_tokens, 0) NOT IN "
        "(0, COALESCE($.usage.cache_creation_input_tokens, -1))",
    ),
    service="CASE WHEN $.usage.speed = 'fast' THEN 'fast' ELSE COALESCE($.usage.service_tier, '') END",
    region="COALESCE($.usage.inference_geo, '')",
)


def _inclusive(prompt: str, answer: str, extra: Sequence[str] = ()) -> Projection:
    """OpenAI's two shapes: the prompt includes what was read and written; thoughts lie inside the answer."""
    asked, answered = f"$.usage.{prompt}_details", f"$.usage.{answer}_details"
    put = f"COALESCE({asked}.cache_write_tokens, 0)"
    beside = (f"{asked}.audio_tokens", f"{asked}.image_tokens", f"{answered}.audio_tokens", f"{answered}.image_tokens")
    more = "".join(f", {name} DOUBLE" for name in extra)
    return Projection(
        struct="STRUCT(id VARCHAR, object VARCHAR, model VARCHAR, provider VARCHAR, service_tier VARCHAR, usage STRUCT("
        f"{prompt} DOUBLE, {answer} DOUBLE, total_tokens DOUBLE, {prompt}_details {_DETAILS}, "
        f"{answer}_details {_THOUGHTS}{more}))",
        counts={
            "input": f"$.usage.{prompt} - COALESCE({asked}.cached_tokens, 0) - {put}",
            "cache_read": f"{asked}.cached_tokens",
            "cache_write": f"{asked}.cache_write_tokens",
            "output": f"$.usage.{answer}",
        },
        odd=(
            f"$.usage.{prompt} IS NULL",
            f"$.usage.total_tokens <> $.usage.{prompt} + COALESCE($.usage.{answer}, 0)",
            *(_NONE.format(each) for each in beside),
            *(_NONE.format(f"$.usage.{name}") for name in extra),
            f"{asked}.cache_creation_tokens IS NOT NULL",
            f"{asked}.cache_write_tokens_details IS NOT NULL OR {asked}.cache_creation_token_details IS NOT NULL",
        ),
        service="COALESCE($.service_tier, '')",
    )


PROJECTIONS: Mapping[str, Projection] = {
    "anthropic_message": ANTHROPIC,
    "openai_chat": _inclusive(
        "prompt_tokens",
        "completion_tokens",
        ("prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"),
    ),
    "openai_responses": _inclusive("input_tokens", "output_tokens"),
}


class Asking(NamedTuple):
    """Who asks, as the readers tell it."""

    model: str
    provider: str
    service: str
    region: str | None


def asking(shape: str, told: Mapping[str, str]) -> Asking:
    """What the names of a request of this shape mean: only our own table has regions in the words of the sheets."""
    region = told.get("region", "")
    where = region_of(region) if shape in PROJECTIONS else region if given(region) else None
    return Asking(told.get("model", ""), told.get("provider", ""), service_of(told.get("service", "")), where)


@dataclass(frozen=True)
class Place:
    """Where a record keeps what is asked: the key of its answer (none: it is the answer), of its time, its session
    and its project, each with whether it stands inside the answer; and whether the time is a number."""

    body: str | None
    at: tuple[bool, str] | None
    number: bool
    session: tuple[bool, str] | None
    project: tuple[bool, str] | None


def place_of(record: Record) -> Place | None:
    """Where things stand in a record; None where they stand too deep, or it belongs to a batch."""
    envelope = opened(record)
    if len(envelope.around) > 1 or envelope.is_batch:
        return None
    body = next((key for key, value in record.items() if value is envelope.body), None)
    if envelope.around and body is None:
        return None
    at = _where(envelope.body, envelope.around, TIMES)
    time = envelope.first(TIMES)
    number = isinstance(time, int) and not isinstance(time, bool)
    if at and not number and not isinstance(time, str):
        return None
    found = [_where(envelope.body, envelope.around, keys) for keys in (SESSIONS, PROJECTS)]
    return Place(body, at, number, *found)


def _where(body: Record, around: Sequence[Record], keys: Sequence[str]) -> tuple[bool, str] | None:
    for record, inside in ((body, True), *((outer, False) for outer in around)):
        for key in keys:
            if given(record.get(key)):
                return inside, key
    return None


def instant_of(column: str, *, number: bool) -> tuple[str, str]:
    """The expression of an instant written as text or as seconds since 1970, and when it is odd."""
    if number:
        seconds = f"TRY_CAST({column} AS DOUBLE)"
        value = f"make_timestamptz(CAST(TRY_CAST({column} AS BIGINT) * 1000000 AS BIGINT))"
        return value, f"{column} IS NOT NULL AND ({seconds} IS NULL OR {not_whole(seconds)} OR {seconds} >= 1e11)"
    value = f"TRY_CAST({column} AS TIMESTAMPTZ)"
    strange = f"strlen({column}) > 35 OR contains({column}, '/') OR NOT ({column} >= '1' AND {column} < '3')"
    return value, f"{column} IS NOT NULL AND ({value} IS NULL OR {strange})"


def whole(expression: str) -> str:
    """A count that was read as a floating number, since DuckDB reads 1.5 as the whole number 2 and says nothing."""
    return f"TRY_CAST(NULLIF({expression}, 'NaN'::DOUBLE) AS BIGINT)"


def not_whole(expression: str) -> str:
    """Whether a floating number is no count within reason; NaN is a count that was not given."""
    return (
        f"({expression} <> floor({expression}) OR NOT isnan({expression}) AND {expression} NOT BETWEEN 0 AND {LARGEST})"
    )


def json_source(file: str, shape: str, place: Place) -> tuple[str, str, list[str]]:
    """A file of JSON lines as canonical rows: what to read from, what is odd, and the counts that it has."""
    found = PROJECTIONS[shape]
    body = quoted_name(place.body) if place.body else "line"
    told = {name: where for name in ("at", "session", "project") if (where := getattr(place, name))}
    struct = _with(found.struct, [key for inside, key in told.values() if inside])
    fields = {key: "VARCHAR" for inside, key in told.values() if not inside}
    columns = {place.body: struct, **fields} if place.body else _fields(struct)
    # counts as text first: DuckDB would read `true` as the number 1
    reading = ", ".join(
        f"{quoted(name)}: {quoted(kind.replace('DOUBLE', 'VARCHAR'))}" for name, kind in columns.items()
    )
    kept = [_counted(name, kind) for name, kind in columns.items()]
    # a line above DuckDB's 16 MB is left to the readers: room for more would keep all but one thread waiting
    table = f"read_json({quoted(file)}, format='newline_delimited', columns={{{reading}}})"
    start = f"{body}." if place.body else ""
    over: Callable[[str], str] = lambda text: text.replace("$.", start)  # noqa: E731
    times = _of(told.get("at"), start)
    at, odd_at = instant_of(times, number=place.number) if times else ("CAST(NULL AS TIMESTAMPTZ)", "FALSE")
    counts = {name: over(expression) for name, expression in found.counts.items()}
    wrong = [not_whole(expression) for expression in counts.values()]
    odd = " OR ".join(f"COALESCE({each}, FALSE)" for each in (odd_at, *map(over, found.odd), *wrong))
    lines = [
        f'{at} AS "at"',
        f"COALESCE({start}provider, '') AS provider",
        f"COALESCE({start}model, '') AS model",
        f"{over(found.service)} AS service",
        f"{over(found.region)} AS region",
        f"{start}id AS id",
        *(f"{_of(told.get(name), start) or 'NULL::VARCHAR'} AS {name}" for name in ("session", "project")),
        *(f'{whole(expression)} AS "{name}"' for name, expression in counts.items()),
        f"{odd} AS odd",
    ]
    return f"(SELECT {', '.join(lines)} FROM (SELECT {', '.join(kept)} FROM {table}))", "odd", list(counts)


def _counted(name: str | None, kind: str) -> str:
    return f"CAST({quoted_name(name)} AS {kind}) AS {quoted_name(name)}" if "DOUBLE" in kind else quoted_name(name)


def _of(where: tuple[bool, str] | None, start: str) -> str:
    return "" if where is None else (start if where[0] else "") + quoted_name(where[1])


def _with(struct: str, keys: Sequence[str]) -> str:
    fresh = [f"{quoted_name(key)} VARCHAR" for key in dict.fromkeys(keys)]
    return f"STRUCT({', '.join([*fresh, struct.removeprefix('STRUCT(')])}" if fresh else struct


def _fields(struct: str) -> dict[str, str]:
    """The outer fields of a STRUCT and their types."""
    found, depth, start = {}, 0, 0
    inside = struct.removeprefix("STRUCT(").removesuffix(")") + ","
    for end, letter in enumerate(inside):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            name, _, kind = inside[start:end].strip().partition(" ")
            found[name.strip('"')] = kind
            start = end + 1
    return found


def quoted_name(name: str | None) -> str:
    return '"' + str(name).replace('"', '""') + '"'
