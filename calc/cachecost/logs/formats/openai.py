"""Chat completions and responses of OpenAI and of all who speak its language: the prompt includes what was cached.

https://platform.openai.com/docs/api-reference/chat/object, .../responses/object and
.../realtime-server-events/response/done, whose details are `input_token_details`, in the singular. DeepSeek counts
`prompt_cache_hit_tokens`, Moonshot `cached_tokens` beside the details; xAI counts thoughts outside the completion,
which its total shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from ...replay.request import Item, Request
from ..counts import Kind, by_ttl, uncached, usage, written
from ..envelope import opened
from ..format import Format, Projection, Record, unread
from ..values import count, first, inner, money, needed, service, text

CACHED = ("prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens")
"""Where the cached tokens are when they are not in the details."""
KNOWN = frozenset(
    "prompt_tokens completion_tokens total_tokens prompt_tokens_details completion_tokens_details "
    "prompt_cache_hit_tokens prompt_cache_miss_tokens cached_tokens reasoning_tokens cost cost_details is_byok "
    "cache_read_input_tokens cache_creation_input_tokens queue_time prompt_time completion_time total_time".split()
)
OF_RESPONSES = frozenset(
    "input_tokens output_tokens total_tokens input_tokens_details output_tokens_details input_token_details "
    "output_token_details".split()
)
PROMPT = frozenset(
    "cached_tokens cached_tokens_details cache_write_tokens cache_write_tokens_details cache_creation_tokens "
    "cache_creation_token_details audio_tokens image_tokens text_tokens web_search_requests".split()
)
TOOLS = {
    "web_search_call": "web_search",
    "file_search_call": "file_search",
    "code_interpreter_call": "code_execution",
}
ANSWER = frozenset(
    "reasoning_tokens audio_tokens image_tokens text_tokens accepted_prediction_tokens "
    "rejected_prediction_tokens".split()
)


def _is_completion(record: Record) -> bool:
    body = opened(record).body
    return "prompt_tokens" in inner(body, "usage") or text(body, "object").startswith(
        ("chat.completion", "text_completion")
    )


def _is_response(record: Record) -> bool:
    body = opened(record).body
    counts = inner(body, "usage")
    if body.get("object") in ("response", "realtime.response"):
        return True
    return "input_tokens" in counts and ("input_tokens_details" in counts or "input_token_details" in counts)


def _reader(prompt_name: str, answer_name: str, known: frozenset[str]) -> Callable[[Record], list[Item]]:
    """What reads an answer whose counts have these names (`prompt`: `prompt_tokens`, `prompt_tokens_details`)."""
    prompt_tokens, answer_tokens = f"{prompt_name}_tokens", f"{answer_name}_tokens"

    def read(record: Record) -> list[Item]:
        envelope = opened(record)
        body = envelope.body
        counts = inner(body, "usage")
        if not counts:
            return [envelope.failure]
        prompt_details = inner(counts, f"{prompt_tokens}_details") or inner(counts, f"{prompt_name}_token_details")
        answered = inner(counts, f"{answer_tokens}_details") or inner(counts, f"{answer_name}_token_details")
        prompt, output = needed(counts, prompt_tokens), count(counts, answer_tokens)
        thoughts = count(answered, "reasoning_tokens") or count(counts, "reasoning_tokens")
        cached = count(prompt_details, "cached_tokens") or count(
            counts, next((key for key in CACHED if key in counts), "")
        )
        total = count(counts, "total_tokens") or None
        cache_write = writes(prompt_details, counts)
        if thoughts and total in (
            prompt + output + thoughts,
            prompt + cached + written(cache_write) + output + thoughts,
        ):
            output += thoughts
        rest, doubts = uncached(prompt, cached + written(cache_write), output, total)
        used, more_doubts = usage(
            input=rest, cache_read=cached, cache_write=cache_write, output=output, **kinds(prompt_details, answered)
        )
        request = Request(
            at=envelope.at,
            model=text(body, "model"),
            usage=used,
            provider=text(body, "provider") or ("groq" if "x_groq" in body else ""),
            service="batch" if envelope.is_batch else service(body.get("service_tier")),
            session=envelope.session,
            project=envelope.project,
            id=text(body, "id") or None,
            paid=money(counts, "cost"),
            thinking=thoughts > 0,
            calls=_calls(body.get("output")),
            missed=_missed(body),
        )
        remarks = [*doubts, *more_doubts, *unread("usage", counts, known)]
        remarks += unread(f"usage.{prompt_tokens}_details", prompt_details, PROMPT)
        return [request, *remarks, *unread(f"usage.{answer_tokens}_details", answered, ANSWER)]

    return read


def _calls(output: object) -> tuple[tuple[str, int], ...]:
    """The calls of OpenAI's own tools among the items of an answer; opening a page that was found is no search."""
    items = [each for each in output if isinstance(each, Mapping)] if isinstance(output, list) else []
    names = (
        TOOLS.get(text(each, "type"), "")
        for each in items
        if text(inner(each, "action"), "type") in ("", "search") and text(each, "status") != "failed"
    )
    return tuple(Counter(filter(None, names)).items())


def kinds(prompt_details: Record, answered: Record) -> dict[str, Kind]:
    """Audio and images in the details of a prompt and of an answer; the prompt's include those read from a cache."""
    read = first(prompt_details, ("cached_tokens_details", "cache_read_details"))
    return {
        name: Kind(
            count(prompt_details, f"{name}_tokens"),
            count(answered, f"{name}_tokens"),
            count(read, f"{name}_tokens") if isinstance(read, Mapping) else None,
        )
        for name in ("audio", "image")
    }


def _missed(body: Record) -> tuple[str, int] | None:
    """Why the prompt was not read from a cache: https://developers.openai.com/api/docs/guides/prompt-caching."""
    diagnostics = inner(body, "prompt_cache_diagnostics") if "prompt_cache_diagnostics" in body else {}
    tokens = count(diagnostics, "cache_missed_tokens")
    return (text(diagnostics, "reason"), tokens) if tokens else None


def writes(details: Record, counts: Record) -> int | dict[str, int]:
    """Tokens written to a cache, by TTL where told: OpenAI's own names, and LiteLLM's for Anthropic."""
    keys = ("cache_write_tokens", "cache_creation_tokens")
    total = next((count(details, key) for key in keys if first(details, (key,)) is not None), None)
    if total is None:
        total = count(counts, "cache_creation_input_tokens")
    parts = inner(details, "cache_write_tokens_details") or inner(details, "cache_creation_token_details")
    return by_ttl(parts, total, where="cache_write_tokens")


def _projection(prompt: str, answer: str, others: Sequence[str] = ()) -> Projection:
    """OpenAI's two shapes: the prompt includes what was read and written; thoughts lie inside the answer. `others`:
    further counts, of which the readers know what they mean."""
    details = f"usage.{prompt}_details"
    elsewhere = [f"{part}_details.{name}_tokens" for part in (prompt, answer) for name in ("audio", "image")]
    none = {f"none {number}": f"usage.{path}" for number, path in enumerate([*elsewhere, *others])}
    unknown = ("cache_creation_tokens", "cache_write_tokens_details", "cache_creation_token_details")
    texts = {f"unknown {number}": f"{details}.{name}" for number, name in enumerate(unknown)} | {"groq": "x_groq"}
    return Projection(
        numbers={
            "prompt": f"usage.{prompt}",
            "answer": f"usage.{answer}",
            "total": "usage.total_tokens",
            "got": f"{details}.cached_tokens",
            "wrote": f"{details}.cache_write_tokens",
            **none,
        },
        texts={"tier": "service_tier", "items": "output", **texts},
        counts={
            "input": "prompt - COALESCE(got, 0) - COALESCE(wrote, 0)",
            "cache_read": "got",
            "cache_write": "wrote",
            "output": "answer",
        },
        odd=(
            "prompt IS NULL",
            "total <> prompt + COALESCE(answer, 0)",
            *(f'COALESCE("{name}", 0) <> 0' for name in none),
            *(f'"{name}" IS NOT NULL' for name in texts),
            *(f"contains(items, '\"{call}\"')" for call in TOOLS),
        ),
        service="tier",
    )


BESIDE = ("prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
COMPLETION = Format(
    "openai_chat",
    _is_completion,
    _reader("prompt", "completion", KNOWN),
    projection=_projection("prompt_tokens", "completion_tokens", BESIDE),
)
RESPONSE = Format(
    "openai_responses",
    _is_response,
    _reader("input", "output", KNOWN | OF_RESPONSES),
    projection=_projection("input_tokens", "output_tokens"),
)
