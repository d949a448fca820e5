"""What people read where answers have identifiers: strategies, causes of losses, reasons to leave a model out."""

from __future__ import annotations

from datetime import timedelta

from ..strategies.names import AUTOMATIC, FRESH, KEEP_ALIVE, SECOND_SIGHT, STORED, WRITTEN, parsed
from .figures import duration

SERVED = {
    FRESH: "fresh",
    AUTOMATIC: "cached automatically",
    STORED: "stored",
    WRITTEN: "cached with a TTL of {ttl}",
    KEEP_ALIVE: "cached with a TTL of {ttl} and kept alive by pings",
    SECOND_SIGHT: "cached with a TTL of {ttl} from the second query in time on",
}
"""Kind of strategy -> how queries are served, behind what they cost."""
SERVED_FOR = {AUTOMATIC: "cached automatically for {ttl}", STORED: "stored and deleted when idle for {ttl}"}
"""The same where the name has a duration that others of its kind lack."""
POLICIES = {
    FRESH: "no cache",
    AUTOMATIC: "automatic cache",
    STORED: "stored cache (rent by the hour)",
    WRITTEN: "{ttl} cache",
    KEEP_ALIVE: "{ttl} cache + pings",
    SECOND_SIGHT: "{ttl} cache from the 2nd request",
    "clairvoyant": "best possible",
}
"""Kind of strategy -> its name in tables and reports."""
KINDS = {
    "input": "plain input",
    "cache_write": "cache writes",
    "cache_read": "cache reads",
    "storage": "cache storage",
    "output": "output",
    "fees": "fees",
}
"""Class of tokens -> its name in a picture."""
LOST_TO = {
    "expiry": "caches that expired",
    "early eviction": "caches written again while still alive",
    "model switch": "switches of model",
    "changed prefix": "changed prefixes",
    "compaction": "compacted prompts",
    "writes never read": "caches never read",
    "prompts under the minimum": "prompts too short to cache",
}
"""Cause of a loss -> what people read."""
_CLAUDE = 'set cache_control: {"type": "ephemeral", "ttl": "{ttl}"} on the last block that stays the same'
SETTINGS = {
    # https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    ("anthropic", WRITTEN): _CLAUDE,
    # https://code.claude.com/docs/en/prompt-caching
    ("anthropic", f"{WRITTEN}:1h"): f"{_CLAUDE}, in Claude Code ENABLE_PROMPT_CACHING_1H=1",
    ("anthropic", FRESH): "leave out cache_control",
    # https://docs.cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/prompt-caching
    ("google-vertex", WRITTEN): _CLAUDE,
    # https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
    ("bedrock", WRITTEN): 'add {"cachePoint": {"type": "default", "ttl": "{ttl}"}} behind what stays the same',
    # https://developers.openai.com/api/docs/guides/prompt-caching: from GPT-5.6 on; prompt_cache_retention before
    ("openai", WRITTEN): 'set prompt_cache_options: {"ttl": "{ttl}"} and a prompt_cache_key for each session',
    # https://ai.google.dev/gemini-api/docs/caching
    ("google", STORED): 'store the prefix with caches.create(config={"ttl": ...}) and name it in cached_content',
}
"""Provider and strategy, or its kind -> what to set in requests."""
ALSO = {
    KEEP_ALIVE: ", and repeat an idle session's request with max_tokens: 1 before the TTL ends",
    SECOND_SIGHT: ", but only from the second request with the same prefix on",
}
"""Kind of strategy -> what else to do."""
CREATION = {
    "free": "creation is free",
    "input": "creation is billed at the input rate",
    "rate": "creation is billed at its own rate",
}
LEFT_OUT = {
    "withdrawn": "withdrawn",
    "not-in-force": "not yet sold then",
    "not-sold": "that do not sell it",
    "not-known": "whose rates for it are not known then",
    "not-yet-sold": "that do not sell it yet",
    "no-longer-sold": "that no longer sell it",
    "context": "with a smaller context",
    "input": "with a smaller context",
    "output": "with shorter answers",
    "currency": "in another currency",
    "bad-workload": "for which it cannot be worked out",
}
"""Kind of a reason -> the models that it is about, behind their number."""


def served(strategy: str, hold: timedelta | None = None) -> str:
    """`fresh`, `cached with a TTL of 5m`, `stored for 1 h` where it is held for so long."""
    kind, _, _, ttl = parsed(strategy)
    phrases = SERVED | SERVED_FOR if ttl else SERVED
    duration_held = f" for {duration(hold)}" if kind == STORED and hold and not ttl else ""
    return phrases[kind].format(ttl=ttl) + duration_held


def policy(name: str) -> str:
    """The name of a strategy for people: `5-min cache`, `no cache`, `automatic cache, 1-hour`."""
    kind, _, length, ttl = parsed(name)
    label = POLICIES.get(kind, name)
    if not length:
        return label.format(ttl=ttl)
    ttl = duration(length).replace(" h", "-hour").replace(" min", "-min")
    return label.format(ttl=ttl) if "{ttl}" in label else f"{label}, {ttl}"


def a_policy(name: str) -> str:
    """The same in a sentence: `a 1-hour cache`, `no cache`."""
    return policy(name) if parsed(name).kind == FRESH else f"{'an' if policy(name)[0] == 'a' else 'a'} {policy(name)}"


def how_to_set(model: str, name: str) -> str:
    """What to set so that requests of a model are cached under a policy; nothing where a vendor has no such setting."""
    provider, (kind, written, _, ttl) = model.partition("/")[0], parsed(name)
    settings = (SETTINGS.get((provider, each)) for each in (written, written.partition(":")[0]))
    setting = next(filter(None, settings), "")
    return setting.replace("{ttl}", ttl) + ALSO.get(kind, "") if setting else ""
