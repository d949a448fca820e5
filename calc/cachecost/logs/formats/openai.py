"""Chat completions and responses of OpenAI and of all who speak its language: the prompt includes what was cached.

https://platform.openai.com/docs/api-reference/chat/object, .../responses/object and
.../realtime-server-events/response/done, whose details are `input_token_details`, in the singular. DeepSeek counts
`prompt_cache_hit_tokens`, Moonshot `cached_tokens` beside the details; xAI counts thoughts outside the completion,
which its total shows.
"""

from collections import Counter
from collections.abc import Callable

from ..envelope import opened
from ..flat import Fields
from ..format import Format, Rule
from ..values import Record, count, inner, objects, text

CACHED = ("prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens")
"""Where the cached tokens are when they are not in the details."""
OTHERS = (
    "prompt_cache_miss_tokens prompt_tokens completion_tokens prompt_tokens_details completion_tokens_details "
    "cost_details is_byok queue_time prompt_time completion_time total_time text_tokens web_search_requests "
    "accepted_prediction_tokens rejected_prediction_tokens"
)
"""What stands beside the counts that are read, and in their details."""
TOOLS = {
    "web_search_call": "web_search",
    "file_search_call": "file_search",
    "code_interpreter_call": "code_execution",
}


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


def fields_of(usage: str, prompt: str, answer: str) -> Fields:
    """The fields of an answer whose counts are in the object `usage` and have these names (`prompt`: `prompt_tokens`,
    `prompt_tokens_details`)."""

    def inside(kind: str, *names: str) -> str:
        starts = (f"{usage}.{kind}_tokens_details", f"{usage}.{kind}_token_details")
        return "|".join(f"{start}.{name}" for name in names for start in starts)

    audio, image = (
        (
            inside(prompt, f"{name}_tokens"),
            inside(answer, f"{name}_tokens"),
            inside(prompt, f"cached_tokens_details.{name}_tokens", f"cache_read_details.{name}_tokens"),
        )
        for name in ("audio", "image")
    )
    return Fields(
        input=f"{usage}.{prompt}_tokens",
        output=f"{usage}.{answer}_tokens",
        read="|".join((inside(prompt, "cached_tokens"), *(f"{usage}.{name}" for name in CACHED))),
        write=f"{inside(prompt, 'cache_write_tokens', 'cache_creation_tokens')}|{usage}.cache_creation_input_tokens",
        ttls=inside(prompt, "cache_write_tokens_details", "cache_creation_token_details"),
        total=f"{usage}.total_tokens",
        thoughts=f"{inside(answer, 'reasoning_tokens')}|{usage}.reasoning_tokens",
        audio=audio,
        image=image,
        model="model",
        provider="provider",
        service="service_tier",
        id="id",
        paid=f"{usage}.cost",
    )


def counts_of(usage: str, prompt: str, answer: str) -> str:
    """The objects in which these counts and their details are, for `Format.counts`."""
    details = (f"{usage}.{kind}_{unit}_details" for kind in (prompt, answer) for unit in ("tokens", "token"))
    return " ".join([usage, *details])


def _calls(output: object) -> tuple[tuple[str, int], ...]:
    """The calls of OpenAI's own tools among the items of an answer; opening a page that was found is no search."""
    names = (
        TOOLS.get(text(each, "type"), "")
        for each in objects(output)
        if text(inner(each, "action"), "type") in ("", "search") and text(each, "status") != "failed"
    )
    return tuple(Counter(filter(None, names)).items())


def _missed(body: Record) -> tuple[str, int] | None:
    """Why the prompt was not read from a cache: https://developers.openai.com/api/docs/guides/prompt-caching."""
    diagnostics = inner(body, "prompt_cache_diagnostics") if "prompt_cache_diagnostics" in body else {}
    tokens = count(diagnostics, "cache_missed_tokens")
    return (text(diagnostics, "reason"), tokens) if tokens else None


def _format(name: str, is_ours: Callable[[Record], bool], prompt: str, answer: str) -> Format:
    """The format of answers whose counts have these names."""
    return Format(
        name,
        fields=fields_of("usage", prompt, answer),
        is_ours=is_ours,
        is_enveloped=True,
        more=lambda body: {"calls": _calls(body.get("output")), "missed": _missed(body)},
        providers=(Rule("x_groq", "!^$", "groq"),),
        leaves=(Rule("prompt_cache_diagnostics", "!^$"), Rule("output", f'"({"|".join(TOOLS)})"')),
        counts=counts_of("usage", prompt, answer),
        others=OTHERS,
    )


COMPLETION = _format("openai_chat", _is_completion, "prompt", "completion")
RESPONSE = _format("openai_responses", _is_response, "input", "output")
